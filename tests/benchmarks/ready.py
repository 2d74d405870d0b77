"""Rows of the work, ready-made and given to SQLite as they are: what no code above the schema can pass.

Nothing is made, hashed or looked up. The schema's checks, triggers and foreign keys do their part, or are gone.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

import timebank
from timebank.storage.sqlite_file import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tests.benchmarks.work import Town
    from timebank import Bank

Row = tuple[Any, ...]

_ACCOUNTS: Final = "SELECT id, code, unit, sign FROM account"
_ENTRIES: Final = "SELECT seq, hash, key, kind, leaf FROM entry WHERE seq >= ? ORDER BY seq"
_TRANSFERS: Final = "SELECT * FROM transfer WHERE seq >= ? ORDER BY seq, pos"
_ADD_ACCOUNT: Final = "INSERT INTO account VALUES (?, ?, ?, ?, 0)"
_ADD_ENTRY: Final = "INSERT INTO entry VALUES (?, ?, ?, ?, ?)"
_ADD_TRANSFER: Final = "INSERT INTO transfer VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


@frozen
class Ready:
    """The rows that some work adds to a town's file."""

    accounts: Sequence[Row]
    entries: Sequence[Row]
    transfers: Sequence[Row]

    @classmethod
    def made_by(cls, do: Callable[[Bank], object], town: Town) -> Ready:
        """What *do* adds to the file of *town*."""
        with timebank.open(town.path) as bank:
            size = bank.report().entries
            do(bank)
        with closing(sqlite3.connect(town.path)) as made:
            return cls(
                made.execute(_ACCOUNTS).fetchall(),
                made.execute(_ENTRIES, (size,)).fetchall(),
                made.execute(_TRANSFERS, (size,)).fetchall(),
            )

    @contextmanager
    def opened(self, path: Path, *, guards: bool = True) -> Iterator[sqlite3.Connection]:
        """A writer's connection to the file at *path* that is as this work found it, its accounts opened."""
        with closing(connect(path, readonly=False, busy_seconds=1)) as connection:
            if not guards:
                connection.execute("PRAGMA foreign_keys = OFF")
                triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
                for (name,) in triggers:
                    connection.execute(f"DROP TRIGGER {name}")
            known = {number for (number,) in connection.execute("SELECT id FROM account")}
            connection.executemany(_ADD_ACCOUNT, [each for each in self.accounts if each[0] not in known])
            yield connection

    def write(self, connection: sqlite3.Connection) -> None:
        """All of it in one transaction."""
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(_ADD_ENTRY, self.entries)
        connection.executemany(_ADD_TRANSFER, self.transfers)
        connection.execute("COMMIT")

    def commands(self) -> list[tuple[Row, list[Row]]]:
        """Entry by entry: its row and its transfers."""
        moves = {seq: list(rows) for seq, rows in groupby(self.transfers, key=itemgetter(0))}
        return [(entry, moves.get(entry[0], [])) for entry in self.entries]


def write_one(connection: sqlite3.Connection, command: tuple[Row, list[Row]]) -> None:
    """One entry with its transfers, durable."""
    entry, transfers = command
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(_ADD_ENTRY, entry)
    connection.executemany(_ADD_TRANSFER, transfers)
    connection.execute("COMMIT")
