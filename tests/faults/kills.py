"""kill -9 at every step of a write: before each call by which the store changes its files, the process is gone.

This is about crashes of a process only. What the system has taken it keeps, so that nothing is said here about
power; see power_cuts.py for that.

    python -m tests.faults.kills                (every step of every errand)
    python -m tests.faults.kills --count 20     (about twenty steps of each)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.faults.errands import ERRANDS
from tests.faults.judging import Case, sampled
from tests.faults.table import commanded, print_cases

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CALLS: Final = "pwrite64,write,fsync,fdatasync,ftruncate,unlink,rename,openat"


def killed(count: int, names: Iterable[str] = ERRANDS) -> Iterator[Case]:
    """Each errand, killed before about *count* of its steps; 0 is every one."""
    return sampled("signal=KILL", CALLS, count, names=names)


def main() -> None:
    """Kill, and print what came of it."""
    chosen = commanded(__doc__).parse_args()
    print_cases("killed before a call, process crash only", killed(chosen.count, chosen.errands))


if __name__ == "__main__":
    main()
