"""A SQLite file as evidence: read-only, not trusted, its rows as they lie there.

Nothing here relies on the file's schema: a table is read only if it is, letter for letter, the table that the
schema files make. Extra triggers, views and indexes are reported and never run.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Final

from timebank.errors import FileTooNew
from timebank.storage import sqlite_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ALLOWED: Final = frozenset(
    (
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_TRANSACTION,
        sqlite3.SQLITE_RECURSIVE,
    )
)
_READING_PRAGMAS: Final = frozenset(("integrity_check", "foreign_key_check", "user_version"))
_MOST_PROBLEMS: Final = 100
_STATISTICS: Final = frozenset(("sqlite_stat1", "sqlite_stat4"))

_SCHEMA: Final = "SELECT type, name, sql FROM sqlite_master"
_ENTRIES: Final = "SELECT seq, hash, key, kind, leaf FROM entry ORDER BY seq"
_TRANSFERS: Final = """
SELECT t.seq, t.pos, d.code, c.code, d.unit, c.unit, t.amount, t.day, t.debit_after, t.credit_after
FROM transfer AS t LEFT JOIN account AS d ON d.id = t.debit LEFT JOIN account AS c ON c.id = t.credit
ORDER BY t.seq, t.pos
"""
_ACCOUNTS: Final = "SELECT code, unit, balance FROM account ORDER BY id"
_ACCOUNTS_BY_INDEX: Final = "SELECT code, unit FROM account ORDER BY code, unit"
_DAY_TOTALS: Final = """
SELECT code, unit, day, amount FROM day_total LEFT JOIN account ON account.id = day_total.account
"""
_SAME_KEYS: Final = "SELECT key FROM entry NOT INDEXED WHERE key IS NOT NULL GROUP BY key HAVING count(*) > 1"
_INDEXED: Final = (
    ("transfer", "transfer_debit", "debit, seq, pos"),
    ("transfer", "transfer_credit", "credit, seq, pos"),
)


class SqliteEvidence:
    """The rows of one file in one read transaction. Use `open`."""

    def __init__(self, connection: sqlite3.Connection, path: str) -> None:
        self._connection = connection
        self.path = path
        self._sound: frozenset[str] = frozenset()

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[SqliteEvidence]:
        """The evidence in the file at *path*. Raises FileMissing, NotALedger, CannotOpen."""
        sqlite_file.check_file(path)
        with (
            sqlite_file.translated(str(path)),
            closing(sqlite_file.connect(path, readonly=True, busy_seconds=5.0)) as connection,
        ):
            connection.text_factory = _text
            connection.set_authorizer(_authorize)
            connection.execute("BEGIN")
            yield cls(connection, str(path))

    def structure(self) -> Iterator[tuple[str, str]]:
        """What is wrong with the file as a file and with its schema: finding codes and what they are about.

        Must be read first: it decides which tables can be read at all.
        """
        try:
            sqlite_file.check_version(self._connection, self.path)
        except FileTooNew as error:
            yield "schema-too-new", str(error.found_version)
        for (problem,) in self._connection.execute(f"PRAGMA integrity_check({_MOST_PROBLEMS})"):
            if problem != "ok":
                yield "integrity", str(problem)
        found = {(kind, name): sql for kind, name, sql in self._connection.execute(_SCHEMA)}
        wanted = _wanted_schema()
        for place in sorted(wanted.keys() - found.keys()):
            yield "schema-missing", " ".join(place)
        for place in sorted(found.keys() - wanted.keys()):
            if place[1] not in _STATISTICS:
                yield "schema-extra", " ".join(map(str, place))
        for place in sorted(wanted.keys() & found.keys()):
            if wanted[place] != found[place]:
                yield "schema-changed", " ".join(place)
        self._sound = frozenset(
            name for kind, name in wanted if kind == "table" and found.get((kind, name)) == wanted[kind, name]
        )
        if not any(kind in ("trigger", "view") for kind, _ in found.keys() - wanted.keys()):
            for table, rowid, parent, _ in self._connection.execute("PRAGMA foreign_key_check"):
                yield "foreign-key", f"{table} {rowid} {parent}"
        for table, index, columns in _INDEXED:
            if table in self._sound and found.get(("index", index)) == wanted["index", index]:
                yield from self._index_differs(table, index, columns)

    def _index_differs(self, table: str, index: str, columns: str) -> Iterator[tuple[str, str]]:
        """Whether an index leads to other rows than its table: SQLite's own check, said a second way."""
        sums = ", ".join(f"total({name})" for name in columns.split(", "))
        answers = [
            self._connection.execute(f"SELECT count(*), {sums} FROM {table} {hint}").fetchone()  # noqa: S608
            for hint in (f"INDEXED BY {index}", "NOT INDEXED")
        ]
        if answers[0] != answers[1]:
            yield "index-differs", index

    def is_sound(self, table: str) -> bool:
        """Whether *table* is the table that it should be, and not a view or another table of its name."""
        return table in self._sound

    def entries(self) -> Iterator[tuple[Any, ...]]:
        """Place, hash, key, kind and leaf of every entry, by place."""
        return self._rows("entry", query=_ENTRIES)

    def leaf(self, seq: int) -> bytes | None:
        """The leaf at *seq*."""
        row = self._connection.execute("SELECT leaf FROM entry WHERE seq = ?", (seq,)).fetchone()
        return None if row is None else bytes(row[0])

    def same_keys(self) -> Iterator[tuple[Any]]:
        """Idempotency keys that stand at more than one entry."""
        return self._rows("entry", query=_SAME_KEYS)

    def transfers(self) -> Iterator[tuple[Any, ...]]:
        """Place, number, debit and credit code, their units, amount, day, and both balances after, by place."""
        return self._rows("transfer", "account", query=_TRANSFERS)

    def accounts(self) -> Iterator[tuple[Any, ...]]:
        """Code, unit and stored balance."""
        return self._rows("account", query=_ACCOUNTS)

    def day_totals(self) -> Iterator[tuple[Any, ...]]:
        """Code, unit, day (yyyymmdd) and amount."""
        return self._rows("day_total", "account", query=_DAY_TOTALS)

    def rows(self, table: str, columns: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
        """The named columns of a table of ours."""
        return self._rows(table, query=f"SELECT {', '.join(columns)} FROM {table}")  # noqa: S608 - ours

    def _rows(self, *tables: str, query: str) -> Iterator[tuple[Any, ...]]:
        if all(table in self._sound for table in tables):
            yield from self._connection.execute(query)


def _text(value: bytes) -> str:
    """Text as it lies there: what is no UTF-8 becomes a lone surrogate, and so equals nothing of ours."""
    return value.decode("utf-8", errors="surrogateescape")


def _authorize(action: int, first: str | None, *_: object) -> int:
    if action in _ALLOWED or (action == sqlite3.SQLITE_PRAGMA and first in _READING_PRAGMAS):
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _wanted_schema() -> dict[tuple[str, str], str | None]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        sqlite_file.migrate(connection, ":memory:")
        return {(kind, name): sql for kind, name, sql in connection.execute(_SCHEMA)}
