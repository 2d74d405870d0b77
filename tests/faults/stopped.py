"""A process that is stopped (SIGSTOP) while it holds the lock, at every call of its write; then let go, or killed.

While it stands, another process is told FileLocked in the time that it gave, or finds the lock free. If it goes on
(SIGCONT), it is answered, or told an error of ours; if it is killed, the others go on without it. Then the book is
judged as after any fault.

    python -m tests.faults.stopped                (at every write, flush and truncation of every errand)
    python -m tests.faults.stopped --count 10     (about ten of each)
"""

from __future__ import annotations

import os
import signal
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import evolve

from tests.faults.acts import LEDGER
from tests.faults.injection import Injection
from tests.faults.judging import Case, Plain, faulted, judged, places, plain, quick_directory, watched
from tests.faults.table import commanded, print_cases
from timebank.errors import FileLocked, TimebankError
from timebank.storage.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Iterator

CALLS: Final = "pwrite64,fdatasync,ftruncate"
BUSY_SECONDS: Final = 0.05
MARGIN_SECONDS: Final = 15.0
"""Where the other stands while it makes the index of the log, SQLite itself tries for ten seconds."""


def stopped(errand: Plain, *, count: int = 0) -> Iterator[Case]:
    """Stop *errand* at about *count* of its calls; 0 is every one. By turns it goes on, or is killed."""
    with tempfile.TemporaryDirectory(dir=quick_directory()) as name:
        room = Path(name) / "room"
        for number, (call, place) in enumerate(places(watched(errand, room, CALLS), CALLS, count)):
            seen: list[str] = []

            def meanwhile(pid: int, number: int = number, seen: list[str] = seen) -> None:
                seen.extend(_tried(room / LEDGER))
                os.kill(pid, signal.SIGCONT if number % 2 else signal.SIGKILL)

            injection = Injection(call, "signal=STOP", str(place))
            told = faulted(errand, room, injection, stopped=meanwhile)
            if told is not None:
                late = [each for each in seen if each.startswith("late")]
                told = evolve(
                    told, errors=(*told.errors, *sorted(set(seen) - set(late))), left=(*told.left, *late)
                )
                where = " ".join(injection.faults)
                yield judged(errand, where, room / LEDGER, told, killed=number % 2 == 0)


def _tried(path: Path) -> Iterator[str]:
    """What somebody else is told who wants to write."""
    begun = time.monotonic()
    try:
        store = SqliteStore(path, busy_seconds=BUSY_SECONDS)
        try:
            with store.writing():
                pass
        finally:
            store.close()
    except FileLocked as error:
        yield error.code
        if time.monotonic() - begun > 2 * BUSY_SECONDS + MARGIN_SECONDS:
            yield f"late: {time.monotonic() - begun:.1f} s"
    except TimebankError as error:  # a book that is only being made is none yet
        yield error.code


def main() -> None:
    """Stop processes, and print what came of it."""
    chosen = commanded(__doc__).parse_args()
    made = (case for name in chosen.errands for case in stopped(plain(name), count=chosen.count))
    print_cases("stopped at a call", made)


if __name__ == "__main__":
    main()
