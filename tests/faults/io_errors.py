"""A disk that fails: EIO from every call by which the store reads, writes, flushes, opens or removes.

Once from that call alone, as of a disk that finds its sector at the second try, and, of reads, from that call on,
as of a disk whose sector is gone. A flush that failed may have lost what it was to keep: power_cuts.py has flushes
fail, and cuts the power afterwards.

    python -m tests.faults.io_errors               (once, at every call)
    python -m tests.faults.io_errors --onward      (reads, from every call on)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.faults.errands import ERRANDS
from tests.faults.judging import Case, sampled
from tests.faults.table import commanded, print_cases

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CALLS: Final = "pread64,read,pwrite64,write,fsync,fdatasync,ftruncate,rename,openat,unlink"
_AND_WHEN_READ_AGAIN: Final = "read"
"""Python reads with another call than SQLite."""


def failed(count: int, names: Iterable[str] = ERRANDS) -> Iterator[Case]:
    """EIO once, at about *count* places of each errand; 0 is every one."""
    return sampled("error=EIO", CALLS, count, names=names)


def unreadable(count: int, names: Iterable[str] = ERRANDS) -> Iterator[Case]:
    """EIO from about *count* reads of each errand on; 0 is every one."""
    return sampled("error=EIO", "pread64", count, onward=True, also=_AND_WHEN_READ_AGAIN, names=names)


def main() -> None:
    """Fail, and print what came of it."""
    parser = commanded(__doc__)
    parser.add_argument("--onward", action="store_true")
    chosen = parser.parse_args()
    if chosen.onward:
        print_cases("unreadable from a call on", unreadable(chosen.count, chosen.errands))
    else:
        print_cases("EIO from a call", failed(chosen.count, chosen.errands))


if __name__ == "__main__":
    main()
