"""Memory that runs out: SQLite's heap, or the addresses of the process, end a little later in each case.

Every other time the process goes on when there is memory again, else it is switched off.

    python -m tests.faults.memory                 (SQLite's heap)
    python -m tests.faults.memory --addresses     (RLIMIT_AS)
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.faults.injection import Limit, run
from tests.faults.judging import Case, Plain, judged, plain, quick_directory
from tests.faults.table import commanded, print_cases

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_BYTES: Final = {"heap": 4 << 20, "addresses": 48 << 20}
_SMALLEST_BYTES: Final = 4 << 10


def short(errand: Plain, kind: str, *, count: int) -> Iterator[Case]:
    """*errand* with *count* limits of *kind*, from next to nothing to enough, the small ones close together."""
    most = MOST_BYTES[kind]
    with tempfile.TemporaryDirectory(dir=quick_directory()) as name:
        for number in range(count):
            more = int(_SMALLEST_BYTES * (most / _SMALLEST_BYTES) ** (number / max(1, count - 1)))
            path = errand.lay_out(Path(name) / "room")
            again = number % 2 == 0
            told = run(errand.name, path, again=again, limit=Limit(kind, more))
            killed = not again and told.errors != ()
            yield judged(errand, f"{more} bytes of {kind}", path, told, killed=killed)


def main() -> None:
    """Leave little memory, and print what came of it."""
    parser = commanded(__doc__, count=100, counted="limits")
    parser.add_argument("--addresses", action="store_true")
    chosen = parser.parse_args()
    kind = "addresses" if chosen.addresses else "heap"
    made = (case for name in chosen.errands for case in short(plain(name), kind, count=chosen.count))
    print_cases("limits of memory", made)


if __name__ == "__main__":
    main()
