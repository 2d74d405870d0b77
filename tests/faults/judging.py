"""What must hold of a book after any fault: judged by what was answered, and by the same errand without the fault.

Before anything is written to it, the file passes `timebank verify` and holds every entry that was answered, and
of the command in flight all or nothing. Then the whole errand is done again, each command with its key: what was
there is answered as it was, the rest is posted, every command once; the balances are those of the errand without
a fault, a checkpoint can be signed, and verify finds nothing.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

import timebank
from tests.faults.errands import ERRANDS
from tests.faults.injection import LEDGER, Injection, Told, counted, run
from timebank.errors import TimebankError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


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
    with tempfile.TemporaryDirectory(dir=memory()) as room:
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


def memory() -> str | None:
    """A directory that is quick."""
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
    if ERRANDS[errand.name].is_whole:
        yield from (each.message() for each in timebank.verify_file(path).findings)
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        leaves = [row[0] for row in connection.execute("SELECT leaf FROM entry ORDER BY seq")]
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


def cases(
    errand: Plain, what: str, calls: str, *, every: int = 1, first: int = 0, onward: bool = False, also: str = ""
) -> Iterator[Case]:
    """*what* at every place of every call of *calls* (each *every*-th from the *first* on).

    *onward*: from there on until it is told, and not once; *also* is another fault that is there throughout. By
    turns the process goes on, or is switched off when it has told the first error.
    """
    with tempfile.TemporaryDirectory(dir=memory()) as name:
        room = Path(name) / "room"
        found = counted(errand.name, errand.lay_out(room), calls)
        places = [(call, place) for call in calls.split(",") for place in range(1, found.get(call, 0) + 1)]
        for number, (call, place) in enumerate(places[first::every]):
            injection = Injection(call, what, f"{place}+" if onward else str(place), also)
            path = errand.lay_out(room)
            told = run(errand.name, path, injection, again=number % 2 == 0)
            yield Case(errand.name, " ".join(injection.faults), told, (*told.left, *wrongs(errand, path, told)))


def sampled(
    what: str,
    calls: str,
    count: int,
    *,
    onward: bool = False,
    also: str = "",
    names: Iterable[str] = ERRANDS,
) -> Iterator[Case]:
    """About *count* cases of every errand of *names*, spread over its places; 0 is all of them."""
    for name in names:
        errand = plain(name)
        with tempfile.TemporaryDirectory(dir=memory()) as room:
            found = counted(name, errand.lay_out(Path(room) / "room"), calls)
        every = max(1, sum(found.values()) // count) if count else 1
        first = every // 2
        yield from cases(errand, what, calls, every=every, first=first, onward=onward, also=also)
