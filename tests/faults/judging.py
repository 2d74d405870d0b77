"""What must hold of a book after any fault: judged by what was answered, and by the same errand without the fault.

Before anything is written to it, the file passes `timebank verify` and holds every entry that was answered, and
of the command in flight all or nothing. Then the whole errand is done again, each command with its key: what was
there is answered as it was, the rest is posted, every command once; the balances are those of the errand without
a fault, a checkpoint can be signed, and verify finds nothing.
"""

from __future__ import annotations

import shutil
import signal
import sqlite3
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

import timebank
from tests.faults.acts import LEDGER
from tests.faults.errands import ERRANDS
from tests.faults.injection import Injection, Told, run
from tests.faults.strace_log import counted, log_of, times_before, was_made
from timebank.errors import TimebankError
from timebank.storage.sqlite_file import schema_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

TRIES: Final = 5


@frozen
class Plain:
    """An errand *name* without a fault: the files *before* it, the sizes at which it may stop, its balances."""

    name: str
    before: dict[str, bytes]
    sizes: frozenset[int]
    size: int
    balances: Any = field(eq=False)

    def lay_out(self, room: Path) -> Path:
        """The ledger as it was before, in the empty *room*."""
        shutil.rmtree(room, ignore_errors=True)
        room.mkdir()
        for name, data in self.before.items():
            (room / name).write_bytes(data)
            if name.endswith(".key"):
                (room / name).chmod(0o600)
        return room / LEDGER


@cache
def plain(name: str) -> Plain:
    """Do the errand *name* in peace."""
    errand = ERRANDS[name]
    with tempfile.TemporaryDirectory(dir=quick_directory()) as room:
        path = Path(room) / LEDGER
        errand.before(path)
        before = {each.name: each.read_bytes() for each in path.parent.iterdir()}
        bank = errand.opened(path)
        with bank:
            sizes = {0, bank.report().entries}

            def said(posted: tuple[Any, ...]) -> None:
                sizes.update(each.seq + 1 for each in posted[-1:])

            for step in errand.steps:
                step(bank, said)
            return Plain(name, before, frozenset(sizes), bank.report().entries, bank.trial_balance())


def quick_directory() -> str | None:
    """Where files are quick: in memory, if the system has such a place."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def wrongs(errand: Plain, path: Path, told: Told) -> list[str]:
    """What is wrong with the book at *path* after the errand broke off, or was done; empty if nothing is."""
    found: list[str] = []
    try:
        found.extend(_left(errand, path, told))
        found.extend(_done_again(errand, path, told))
    except TimebankError as error:
        found.append(f"{error.code}: {error}")
    return found


def _left(errand: Plain, path: Path, told: Told) -> Iterator[str]:
    """As it lies there."""
    if not path.exists() or not path.stat().st_size:
        if told.answered or told.finished or errand.before:
            yield "the book is gone"
        return
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        is_old = connection.execute("PRAGMA user_version").fetchone()[0] < schema_files()[-1][0]
        leaves = [row[0] for row in connection.execute("SELECT leaf FROM entry ORDER BY seq")]
    if not (is_old and ERRANDS[errand.name].is_upgrade):
        yield from (each.message() for each in timebank.verify_file(path).findings)
    if len(leaves) not in errand.sizes or (told.finished and len(leaves) != errand.size):
        yield f"{len(leaves)} entries: half of a command"
    for seq, leaf in told.answered:
        if seq >= len(leaves) or leaves[seq] != leaf:
            yield f"entry {seq} was answered and is gone"


def _done_again(errand: Plain, path: Path, told: Told) -> Iterator[str]:
    """After the same commands were sent again."""
    seen: list[Any] = []
    with ERRANDS[errand.name].opened(path) as bank:
        for step in ERRANDS[errand.name].steps:
            step(bank, seen.extend)
        if bank.report().entries != errand.size:
            yield f"{bank.report().entries} entries in place of {errand.size}: not each command once"
        if bank.trial_balance() != errand.balances:
            yield "other balances than without the fault"
        again = {each.seq: each for each in seen}
        for seq, leaf in told.answered:
            if seq in again and (again[seq].leaf != leaf or not again[seq].repeated):
                yield f"entry {seq} was posted again"
        bank.checkpoint()
    yield from (each.message() for each in timebank.verify_file(path).findings)


@frozen
class Case:
    """One fault in one errand, at the place *where*; what was *told*, and what was *wrong* with the book."""

    errand: str
    where: str
    told: Told
    wrong: tuple[str, ...]


def judged(errand: Plain, where: str, path: Path, told: Told, *, killed: bool) -> Case:
    """What came of a fault; *killed*: the process was killed on purpose, else it must have come to its end."""
    meant = -signal.SIGKILL if killed else 0
    fallen = [] if told.code == meant else [f"the process ended with {told.code}, not {meant}"]
    return Case(errand.name, where, told, (*told.left, *fallen, *wrongs(errand, path, told)))


def watched(errand: Plain, room: Path, calls: str) -> list[str]:
    """strace's lines of *errand* in peace, for *calls*."""
    path = errand.lay_out(room)
    run(errand.name, path, calls=calls)
    return log_of(path)


def places(log: Iterable[str], calls: str, count: int) -> list[tuple[str, int]]:
    """About *count* of the places in *log* at which a thread asks for one of *calls*; 0 is all of them."""
    found = counted(log)
    every_one = [(call, place) for call in calls.split(",") for place in range(1, found.get(call, 0) + 1)]
    step = max(1, len(every_one) // count) if count else 1
    return every_one[step // 2 :: step]


def faulted(
    errand: Plain,
    room: Path,
    injection: Injection,
    *,
    again: bool = True,
    stopped: Callable[[int], object] | None = None,
) -> Told | None:
    """What came of *injection*; None where it was never made, as no thread came so far in any of some tries."""
    for _ in range(TRIES):
        path = errand.lay_out(room)
        told = run(errand.name, path, injection, again=again, stopped=stopped)
        if was_made(injection, log_of(path)):
            return told
    return None


def sampled(
    what: str,
    calls: str,
    count: int,
    *,
    onward: bool = False,
    also: str = "",
    names: Iterable[str] = ERRANDS,
) -> Iterator[Case]:
    """*what* at about *count* places of every errand of *names*, spread over its *calls*; 0 is all of them.

    *onward*: from there on until it is told, and not once; then *also*, another call, fails with EIO, too. By
    turns the process goes on, or is switched off when it has told the first error.
    """
    for errand in map(plain, names):
        with tempfile.TemporaryDirectory(dir=quick_directory()) as name:
            room = Path(name) / "room"
            log = watched(errand, room, f"{calls},{also}".rstrip(","))
            for number, (call, place) in enumerate(places(log, calls, count)):
                then = f"{also}:error=EIO:when={times_before(log, also, call, place) + 1}+" if also else ""
                injection = Injection(call, what, f"{place}+" if onward else str(place), then)
                again = number % 2 == 0
                told = faulted(errand, room, injection, again=again)
                if told is not None:
                    killed = what == "signal=KILL" or (not again and told.errors != ())
                    yield judged(errand, " ".join(injection.faults), room / LEDGER, told, killed=killed)
