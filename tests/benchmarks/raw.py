"""What everything is measured against: the least that sqlite3 can do for the same guarantee on paper.

One table of transfers with two indexes, two balance rows updated for each transfer, WAL, synchronous=FULL, and
one commit for each command (in bulk: one for all). No log, no hash, no rules, no keys; accounts are whole numbers
that the caller knows already, and a day is a whole number.

For each command raw does BEGIN IMMEDIATE, then for each transfer one INSERT and two UPDATEs, then COMMIT, all
with statements that the connection has prepared before. It makes the same transfers as timebank makes: one for
an award by occasions (points), two for an award by the hour (points and minutes), two for a redemption of one
good. `Raw.bulk` does the same statements one by one in one transaction; `Raw.bulk_many` gives them to SQLite in
three calls of executemany, which is the fastest that Python can do.

It begins with the same members and shelves as timebank (`Town.raw`). The pragmas are those of timebank's
writer (the smoke test compares them); the file lies in the same directory.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from pathlib import Path

Move = tuple[int, int, int, int]
"""Day, debit account, credit account, amount."""
Command = Sequence[Move]

PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA cache_size = -32000",
)
_SCHEMA: Final = (
    "CREATE TABLE balance (account INTEGER PRIMARY KEY, amount INTEGER NOT NULL)",
    """
    CREATE TABLE transfer (
        id INTEGER PRIMARY KEY, day INTEGER NOT NULL, debit INTEGER NOT NULL, credit INTEGER NOT NULL,
        amount INTEGER NOT NULL
    )
    """,
    "CREATE INDEX transfer_debit ON transfer (debit)",
    "CREATE INDEX transfer_credit ON transfer (credit)",
)
_INSERT: Final = "INSERT INTO transfer (day, debit, credit, amount) VALUES (?, ?, ?, ?)"
_DEBIT: Final = "UPDATE balance SET amount = amount + ? WHERE account = ?"
_CREDIT: Final = "UPDATE balance SET amount = amount - ? WHERE account = ?"


class Raw:
    """A new file at *path* with *accounts* balance rows, all zero."""

    def __init__(self, path: Path, accounts: int) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        for statement in PRAGMAS + _SCHEMA:
            self.connection.execute(statement)
        self.connection.execute("BEGIN")
        self.connection.executemany("INSERT INTO balance VALUES (?, 0)", ((number,) for number in range(accounts)))
        self.connection.execute("COMMIT")

    @classmethod
    def joined(cls, path: Path, busy_seconds: float) -> Self:
        """One connection more to the file at *path*, waiting for others with SQLite's own busy handler."""
        raw = cls.__new__(cls)
        raw.connection = sqlite3.connect(path, isolation_level=None, timeout=busy_seconds)
        for statement in PRAGMAS:
            raw.connection.execute(statement)
        return raw

    def command(self, moves: Command) -> None:
        """One durable command."""
        execute = self.connection.execute
        execute("BEGIN IMMEDIATE")
        for move in moves:
            _, debit, credit, amount = move
            execute(_INSERT, move)
            execute(_DEBIT, (amount, debit))
            execute(_CREDIT, (amount, credit))
        execute("COMMIT")

    def commands(self, commands: Sequence[Command]) -> None:
        """Durable commands, one after the other."""
        for moves in commands:
            self.command(moves)

    def bulk(self, commands: Sequence[Command]) -> None:
        """All *commands* in one transaction, statement by statement."""
        execute = self.connection.execute
        execute("BEGIN IMMEDIATE")
        for moves in commands:
            for move in moves:
                _, debit, credit, amount = move
                execute(_INSERT, move)
                execute(_DEBIT, (amount, debit))
                execute(_CREDIT, (amount, credit))
        execute("COMMIT")

    def bulk_many(self, commands: Sequence[Command]) -> None:
        """All *commands* in one transaction and three calls."""
        many = self.connection.executemany
        self.connection.execute("BEGIN IMMEDIATE")
        many(_INSERT, (move for moves in commands for move in moves))
        many(_DEBIT, ((amount, debit) for moves in commands for _, debit, _, amount in moves))
        many(_CREDIT, ((amount, credit) for moves in commands for _, _, credit, amount in moves))
        self.connection.execute("COMMIT")

    def balance(self, account: int) -> int:
        """One balance."""
        query = "SELECT amount FROM balance WHERE account = ?"
        return int(self.connection.execute(query, (account,)).fetchone()[0])

    def size_bytes(self) -> int:
        """Bytes of the file, the write-ahead log folded in."""
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        pages, page_bytes = (
            int(self.connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "page_size")
        )
        return pages * page_bytes

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()
