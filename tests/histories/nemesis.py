"""What goes wrong meanwhile: chosen from a seed, begun and ended by how many answers clients have had.

Nothing here waits for time, but for SQLite's own five seconds where the lock is wanted for a fault. A fault that
holds everybody up ends when clients were given so many answers, of whatever kind.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

    from tests.histories.crew import Crew, Member
    from tests.histories.written import Written

_BLOCK: Final = 65_536


class Nemesis:
    """Makes faults for *crew* on *book*; *history* and copies go to *directory*, which no fault touches."""

    def __init__(self, crew: Crew, book: Path, directory: Path, history: Written, rng: Random) -> None:
        self._crew, self._book, self._directory = crew, book, directory
        self._history, self._rng = history, rng
        self._copies = self._every = 0

    def run(self, *, every: int, kinds: tuple[str, ...]) -> None:
        """Make a fault after about *every* answers, each of *kinds* in turn, until all is done."""
        self._every = every
        waiting: list[str] = []
        while True:
            self._crew.answers(self._rng.randint(max(1, every // 2), every + every // 2))
            if not self._crew.running:
                return
            if not waiting:
                waiting = self._rng.sample(kinds, len(kinds))
            getattr(self, f"_{waiting.pop()}")()

    def _some(self) -> list[Member]:
        """One of those who are running, or two."""
        running = self._crew.running
        return self._rng.sample(running, min(len(running), self._rng.choice((1, 1, 2))))

    def _kill(self) -> None:
        killed = self._killed()
        self._crew.answers(self._rng.randint(0, 20))
        for each in killed:
            each.start()

    def _killed(self) -> list[Member]:
        killed = self._some()
        for each in killed:
            each.kill()
            self._history.line("kill", client=each.config.stem)
        return killed

    def _stop(self) -> None:
        stopped = self._some()
        for each in stopped:
            each.stop()
            self._history.line("stop", client=each.config.stem)
        self._crew.answers(self._rng.randint(3, 25))
        for each in stopped:
            if self._rng.random() < 0.25:
                each.kill()
                self._history.line("kill", client=each.config.stem)
                each.start()
            else:
                each.go_on()

    def _lock(self) -> None:
        """Hold the write lock as a foreign program would, until so many answers were given."""
        with closing(self._connect(patient=True)) as foreign:
            if _took(foreign):
                self._history.line("lock")
                self._crew.answers(self._rng.randint(4, 20))
                if self._rng.random() < 0.3:
                    self._kill()
                foreign.execute("ROLLBACK")

    def _storm(self) -> None:
        """Take the write lock and let it go again at every answer."""
        self._history.line("storm")
        with closing(self._connect()) as foreign:
            for _ in range(self._rng.randint(self._every // 4, self._every // 2)):
                if _took(foreign):
                    self._crew.answers(1)
                    foreign.execute("ROLLBACK")
                self._crew.answers(1)

    def _truncate(self) -> None:
        """Copy the write-ahead log back into the file, and cut it to nothing."""
        with closing(self._connect(patient=True)) as foreign:
            try:
                busy = foreign.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            except sqlite3.OperationalError:
                busy = 1
        self._history.line("truncated" if not busy else "not-truncated")

    def _copy(self) -> None:
        """Take a copy as docs/how-to/back-up.md says."""
        name = f"copy-{self._copies}.timebank"
        self._copies += 1
        begun = time.monotonic_ns()
        with (
            closing(sqlite3.connect(f"file:{self._book}?mode=ro", uri=True)) as book,
            closing(sqlite3.connect(self._directory / name)) as copy,
        ):
            book.backup(copy)
        self._history.line("copy", begun=begun, file=name)

    def _fill(self) -> None:
        """Fill the book's disk to the last byte, until so many answers were given; perhaps kill somebody."""
        ballast = self._book.with_name("ballast")
        with ballast.open("wb", buffering=0) as file:
            for size in (_BLOCK, 4096, 1):
                try:
                    while file.write(b"\0" * size) == size:
                        pass
                except OSError:
                    continue
        self._history.line("fill")
        self._crew.answers(self._rng.randint(4, 20))
        killed = self._killed() if self._rng.random() < 0.3 else []
        ballast.unlink()
        for each in killed:
            each.start()

    def _connect(self, *, patient: bool = False) -> sqlite3.Connection:
        return sqlite3.connect(self._book, isolation_level=None, timeout=5.0 if patient else 0.0)


def _took(foreign: sqlite3.Connection) -> bool:
    try:
        foreign.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return False
    return True
