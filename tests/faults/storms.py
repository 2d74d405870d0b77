"""SQLITE_BUSY storms: strangers hold the lock at random, fold the log, read for long, rewrite the file.

Clerks in two processes, two threads each, send commands meanwhile. Each is answered, or told FileLocked within
the time that it was willing to wait; what was answered is there, once. At the beginning somebody holds the lock
until a clerk was told so. When the strangers are gone, the write-ahead log does not grow any more.

To hold a lock, or a look, for so long is the fault itself: only strangers sleep, and nobody who judges.

    python -m tests.faults.storms --count 20     (so many storms of 1,200 commands)
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import tempfile
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Final

import timebank
from tests.faults.acts import LEDGER, found, patrol
from tests.faults.injection import forks, nobody_left
from tests.faults.table import row
from timebank.errors import FileLocked, TimebankError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerProcess

LONG: Final = 120.0
BUSY_SECONDS: Final = 0.25
MARGIN_SECONDS: Final = 5.0
"""What a loaded machine may add: a command that gave up is late only if it stayed for this much longer."""

_LOG_BYTES: Final = 5 << 20
"""Folded after every 1,000 pages of 4,096 bytes; more is there only while somebody reads, or if nobody folds."""


def _hold(connection: sqlite3.Connection, chance: Random) -> None:
    """Take the lock, and keep it for a while: sometimes for longer than anybody waits."""
    connection.execute(chance.choice(["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"]))
    time.sleep(chance.choice([0.001, 0.02, 0.1, 1.5 * BUSY_SECONDS]))
    connection.execute("ROLLBACK")


def _fold(connection: sqlite3.Connection, chance: Random) -> None:
    connection.execute(f"PRAGMA wal_checkpoint({chance.choice(['TRUNCATE', 'RESTART', 'FULL'])})").fetchone()


def _read(connection: sqlite3.Connection, chance: Random) -> None:
    """Read for long: what was written meanwhile cannot be folded."""
    connection.execute("BEGIN")
    connection.execute("SELECT count(*) FROM entry").fetchone()
    time.sleep(chance.choice([0.05, 0.3, 1.0]))
    connection.execute("ROLLBACK")


def _rewrite(connection: sqlite3.Connection, _: Random) -> None:
    connection.execute("VACUUM")


STRANGERS: Final[dict[str, Callable[[sqlite3.Connection, Random], None]]] = {
    "hold": _hold,
    "fold": _fold,
    "read": _read,
    "rewrite": _rewrite,
}
"""What others do to the file with SQLite and nothing of timebank, by name."""


def stranger(name: str, path: str, seed: int, over: Any) -> None:
    """Do it again and again, with pauses, until *over*."""
    chance = Random(seed)
    with closing(sqlite3.connect(path, isolation_level=None, timeout=0.05)) as connection:
        while not over.wait(chance.uniform(0, 0.1 if name != "rewrite" else 1.0)):
            with suppress(sqlite3.OperationalError):
                STRANGERS[name](connection, chance)
            connection.rollback()


def clerk(path: str, name: str, commands: int, pipe: Connection) -> None:
    """Two threads with *commands* each; says every answer, and how long each refusal took."""
    lock = threading.Lock()

    def work(bank: timebank.Bank, window: int) -> None:
        member = bank.members.by_card("0001")
        for number in range(commands):
            key = f"{name}-{window}-{number}"
            begun = time.monotonic()
            said: tuple[str, Any]
            try:
                posted = patrol(bank, member, key=key)
                said = "answered", (key, posted.seq, posted.leaf)
            except FileLocked:
                said = "locked", None
            except TimebankError as error:
                said = "wrong", f"{error.code}: {error}"
            except BaseException as error:
                said = "wrong", repr(error)
            with lock:
                pipe.send((*said, time.monotonic() - begun))

    with timebank.open(path, busy_seconds=BUSY_SECONDS) as bank:
        threads = [threading.Thread(target=work, args=(bank, window)) for window in range(2)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    pipe.close()


def _start(everybody: Iterable[ForkServerProcess | threading.Thread]) -> None:
    for each in everybody:
        each.start()


class Storm:
    """One storm over a new book; *wrong* says what was not as it should be."""

    def __init__(self, room: Path, *, commands: int, seed: int) -> None:
        self.path = room / LEDGER
        found(self.path)
        self.counts: Counter[str] = Counter()
        self.longest_refusal_seconds = 0.0
        self.most_log_bytes = 0
        self.wrong: list[str] = []
        self._answered: dict[str, tuple[int, bytes]] = {}
        self._told_locked = threading.Event()
        self._rage(commands, seed)
        self._calm()

    def _rage(self, commands: int, seed: int) -> None:
        over = forks.Event()
        strangers = [
            forks.Process(target=stranger, args=(name, str(self.path), seed + place, over))
            for place, name in enumerate(STRANGERS)
        ]
        clerks, listeners, pipes = [], [], []
        for place in range(2):
            here, there = forks.Pipe()
            clerks.append(forks.Process(target=clerk, args=(str(self.path), f"c{place}", commands, there)))
            listeners.append(threading.Thread(target=self._listen, args=(here,)))
            pipes.append(there)
        with nobody_left([*strangers, *clerks]):
            with closing(sqlite3.connect(self.path, isolation_level=None)) as first:
                first.execute("BEGIN IMMEDIATE")
                _start([*clerks, *listeners])
                for there in pipes:
                    there.close()
                if not self._told_locked.wait(LONG):
                    self.wrong.append("nobody was told of the lock that was held")
            _start(strangers)
            for each in listeners:
                each.join(LONG)
            over.set()
            self._end([*strangers, *clerks])

    def _end(self, processes: Iterable[ForkServerProcess]) -> None:
        for each in processes:
            each.join(LONG)
            if each.exitcode != 0:
                self.wrong.append(f"a process ended with {each.exitcode}")

    def _listen(self, pipe: Connection) -> None:
        with suppress(EOFError):
            while True:
                kind, what, seconds = pipe.recv()
                self.counts[kind] += 1
                with suppress(FileNotFoundError):
                    self.most_log_bytes = max(self.most_log_bytes, os.stat(f"{self.path}-wal").st_size)
                if kind == "answered":
                    self._answered[what[0]] = what[1:]
                elif kind == "locked":
                    self._told_locked.set()
                    self.longest_refusal_seconds = max(self.longest_refusal_seconds, seconds)
                else:
                    self.wrong.append(what)

    def _calm(self) -> None:
        """All that was answered is there, once; the log is short again; the book is whole."""
        if self.longest_refusal_seconds > BUSY_SECONDS + MARGIN_SECONDS:
            self.wrong.append(f"refused after {self.longest_refusal_seconds:.1f} s")
        with timebank.open(self.path) as bank:
            entries = list(bank.journal.entries())
            kept = {entry.key: entry.seq for entry in entries if entry.key}
            with bank.journal.reading() as books:
                for key, (seq, leaf) in self._answered.items():
                    if kept.get(key) != seq or books.leaf(seq) != leaf:
                        self.wrong.append(f"{key} was answered and is gone")
            if len(kept) != len(self._answered) or sum(entry.key is not None for entry in entries) != len(kept):
                self.wrong.append(f"{len(kept)} kept, {len(self._answered)} answered")
            member = bank.members.by_card("0001")
            for _ in range(300):
                patrol(bank, member)
            if os.stat(f"{self.path}-wal").st_size > _LOG_BYTES:
                self.wrong.append("the log grows on")
            bank.checkpoint()
        if Path(f"{self.path}-wal").exists():
            self.wrong.append("the log stays")
        self.wrong += [each.message() for each in timebank.verify_file(self.path).findings]


def storms(count: int, *, commands: int = 300) -> list[Storm]:
    """*count* storms of four times *commands* each."""
    made = []
    for seed in range(count):
        room = Path(tempfile.mkdtemp(prefix="timebank-storm-"))
        try:
            made.append(Storm(room, commands=commands, seed=seed))
        finally:
            shutil.rmtree(room)
    return made


def main() -> None:
    """Storm, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=20)
    made = storms(parser.parse_args().count)
    for each in made:
        print(*each.wrong, sep="\n", end="\n" * bool(each.wrong))
    counts = sum((each.counts for each in made), Counter())
    longest = max(each.longest_refusal_seconds for each in made)
    log = max(each.most_log_bytes for each in made)
    print(
        row("storms", "answered", "`file-locked`", "longest refusal", "longest log", "storms with anything wrong")
    )
    print(row(*["---"] * 6))
    wrong = sum(bool(each.wrong) for each in made)
    print(row(len(made), counts["answered"], counts["locked"], f"{longest:.2f} s", f"{log / 1e6:.1f} MB", wrong))


if __name__ == "__main__":
    main()
