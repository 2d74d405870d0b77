"""Power cuts: a run is recorded, the disk is rebuilt as it could be after a cut at every point, and reopened.

A kill -9 cannot show durability: what the system has taken it keeps. Here the power goes. After each cut the file
is opened as its owner would, and must hold every entry that was acknowledged before the cut, nothing but entries
of the run, in their order, and pass `timebank verify`.

    python -m tests.faults.power_cuts --cuts 10000
    python -m tests.faults.power_cuts --cuts 2000 --synchronous NORMAL     (must lose some: else it proves nothing)
    python -m tests.faults.power_cuts --cuts 2000 --fail-every 20          (each twentieth flush fails, too)
"""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import tempfile
from collections import Counter
from contextlib import closing
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from attrs import frozen

import timebank
from tests.faults.acts import LEDGER, found
from tests.faults.disk import CLASSES, Disk, File
from tests.faults.judging import quick_directory
from tests.faults.tape import Ack, Event, FailedSync, record
from timebank.errors import TimebankError

if TYPE_CHECKING:
    from collections.abc import Iterator


@frozen
class Tape:
    """A recorded run: the files before it, what it did, and the hash of every entry, in order."""

    before: dict[str, bytes]
    events: tuple[Event, ...]
    hashes: tuple[bytes, ...]

    @property
    def founded(self) -> int:
        """How many entries there were before the run."""
        return next((event.seq for event in self.events if isinstance(event, Ack)), len(self.hashes))


@frozen
class Cut:
    """A cut after *event* events, with what is *left* of the unflushed writes; *wrong* is empty or says what was.

    *acknowledged* and *kept* are entries.
    """

    event: int
    left: str
    acknowledged: int
    kept: int
    wrong: str

    @property
    def lost(self) -> int:
        """Acknowledged entries that are gone."""
        return max(0, self.acknowledged - self.kept)


def recorded(directory: Path, *, commands: int, synchronous: str = "shipped", fail_every: int = 0) -> Tape:
    """A run of *commands* in *directory*, on a new ledger that was closed in peace; see tape.record."""
    ledger = directory / LEDGER
    found(ledger)
    before = {LEDGER: ledger.read_bytes()}
    events = record(ledger, commands=commands, synchronous=synchronous, fail_every=fail_every)
    return Tape(before, events, tuple(_hashes(ledger)))


def _hashes(ledger: Path) -> list[bytes]:
    """The entries' hashes as the file holds them; opening it is what recovers it."""
    with closing(sqlite3.connect(ledger)) as connection:
        return [row[0] for row in connection.execute("SELECT hash FROM entry ORDER BY seq")]


def cuts(tape: Tape, *, count: int, seed: int, verify_every: int = 10) -> Iterator[Cut]:
    """*count* cuts, spread over every point of *tape* and every class of what is left in turn."""
    chance = Random(seed)
    points = sorted(chance.choices(range(len(tape.events) + 1), k=count))
    disk = Disk({name: File(bytearray(data)) for name, data in tape.before.items()})
    acknowledged = tape.founded
    at = 0
    room = Path(tempfile.mkdtemp(dir=quick_directory()))
    try:
        for number, point in enumerate(points):
            while at < point:
                event = tape.events[at]
                disk.take(event)
                if isinstance(event, FailedSync):
                    disk.fail_to_flush(event.name, chance.choice(CLASSES), chance)
                if isinstance(event, Ack):
                    acknowledged = event.seq + 1
                at += 1
            choose = CLASSES[number % len(CLASSES)]
            left = disk.after_a_cut(choose, chance)
            kept, wrong = _reopened(room, left, tape, acknowledged, verify=number % verify_every == 0)
            yield Cut(point, choose.__name__, acknowledged, kept, wrong)
    finally:
        shutil.rmtree(room)


def _reopened(
    room: Path, left: dict[str, bytes], tape: Tape, acknowledged: int, *, verify: bool
) -> tuple[int, str]:
    """How many entries are there after the power is back, and what is wrong with the file."""
    for old in room.iterdir():
        old.unlink()
    for name, data in left.items():
        if not name.endswith("-shm"):  # the index of the log is memory, and is made again
            (room / name).write_bytes(data)
    ledger = room / LEDGER
    try:
        hashes = _hashes(ledger)
        findings = [each.code for each in timebank.verify_file(ledger).findings] if verify else []
        if verify:
            _go_on(ledger)
    except (sqlite3.Error, TimebankError) as error:
        return 0, f"{type(error).__name__}: {error}"
    wrong = "" if _is_of(tape, hashes, acknowledged) else "other entries than those of the run"
    return len(hashes), ", ".join(findings) or wrong


def _is_of(tape: Tape, hashes: list[bytes], acknowledged: int) -> bool:
    """Whether *hashes* are the run's first entries.

    Where a flush failed, the last may be of a command that was answered with an error, and then sent again: its
    first try reached the disk whole.
    """
    tries = int(len(hashes) > acknowledged and any(isinstance(event, FailedSync) for event in tape.events))
    sure = len(hashes) - tries
    return tuple(hashes[:sure]) == tape.hashes[:sure]


def _go_on(ledger: Path) -> None:
    """The next morning's first command is done as ever."""
    with timebank.open(ledger) as bank:
        bank.goods.add("towel", name="毛巾", name_en="Towel", by="admin")


def main() -> None:
    """Make the cuts, and print what came of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cuts", type=int, default=10_000)
    parser.add_argument("--commands", type=int, default=400)
    parser.add_argument("--synchronous", default="shipped", help="shipped (FULL), or OFF, NORMAL, FULL, EXTRA")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fail-every", type=int, default=0, help="which flush of so many fails")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        tape = recorded(
            Path(name), commands=chosen.commands, synchronous=chosen.synchronous, fail_every=chosen.fail_every
        )
    kinds = Counter(type(event).__name__ for event in tape.events)
    print(f"synchronous {chosen.synchronous}; {chosen.commands} commands; on the tape: {dict(kinds)}")
    made = list(cuts(tape, count=chosen.cuts, seed=chosen.seed))
    print("left of what was not flushed      cuts  with a loss  entries lost  damaged")
    for left in sorted({each.left for each in made}):
        of = [each for each in made if each.left == left]
        print(
            f"{left.replace('_', ' '):30} {len(of):7} {sum(each.lost > 0 for each in of):12} "
            f"{sum(each.lost for each in of):13} {sum(bool(each.wrong) for each in of):8}"
        )
    lost, damaged = sum(each.lost for each in made), [each for each in made if each.wrong]
    print(f"cuts {len(made)}, acknowledged entries lost {lost}, damaged files {len(damaged)}")
    for each in damaged[:5]:
        print(each)


if __name__ == "__main__":
    main()
