"""A SQLite file as evidence: read-only, not trusted, its rows as they lie there.

Nothing here relies on the file's schema: a table is read only if it is, letter for letter, the table that the
schema files make. Extra triggers, views and indexes are reported and never run.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from timebank.errors import FileDamaged, FileTooNew
from timebank.storage import sqlite_file

if TYPE_CHECKING:
    from collections.abc import Iterator

_ALLOWED: Final = frozenset(
    (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_TRANSACTION, sqlite3.SQLITE_RECURSIVE)
)
_FUNCTIONS: Final = frozenset(("count", "length", "total"))
_READING_PRAGMAS: Final = frozenset(("integrity_check", "foreign_key_check", "user_version"))
_MOST_PROBLEMS: Final = 100
_MOST_VALUE_BYTES: Final = 1 << 20
"""No value of ours is longer; SQLite refuses to hand a longer one out, so that memory stays bounded."""
_STEPS_AT_ONCE: Final = 100_000
_STEPS_PER_BYTE: Final = 10
"""All that is read here takes half a step a byte; pages that lead to each other in circles take for ever."""
_ROWS_AT_ONCE: Final = 256
_STATISTICS: Final = (
    ("table", "sqlite_stat1", "sqlite_stat1", "CREATE TABLE sqlite_stat1(tbl,idx,stat)"),
    ("table", "sqlite_stat4", "sqlite_stat4", "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)"),
)

_SCHEMA: Final = "SELECT type, name, tbl_name, sql FROM sqlite_master"
_ENTRIES: Final = f"""
SELECT seq, hash, key, kind, CASE WHEN length(leaf) < {_MOST_VALUE_BYTES} THEN leaf END FROM entry NOT INDEXED
ORDER BY seq
"""  # noqa: S608 - a number of ours
_LEAF: Final = f"""
SELECT CASE WHEN length(leaf) < {_MOST_VALUE_BYTES} THEN leaf END FROM entry NOT INDEXED WHERE seq = ?
"""  # noqa: S608 - a number of ours
_TRANSFERS: Final = """
SELECT seq, pos, debit, credit, amount, day, debit_after, credit_after FROM transfer {hint} ORDER BY seq, pos
"""
_SAME_KEYS: Final = "SELECT key FROM entry NOT INDEXED WHERE key IS NOT NULL GROUP BY key HAVING count(*) > 1"
_BY_INDEX: Final = (
    ("entry", "entry_key", ("seq",), "WHERE key IS NOT NULL"),
    ("account", "sqlite_autoindex_account_1", ("id",), ""),
    ("transfer", "transfer_debit", ("debit", "seq", "pos"), ""),
    ("transfer", "transfer_credit", ("credit", "seq", "pos"), ""),
)

Part = tuple[Any, Any, Any, Any]
"""A row of the schema: type, name, the table it belongs to, and the statement that made it."""


class SqliteEvidence:
    """The rows of one file in one read transaction. Use `open`.

    Where SQLite cannot read on, the reads raise FileDamaged.
    """

    def __init__(self, connection: sqlite3.Connection, path: str) -> None:
        self._connection = connection
        self.path = path
        self._sound: frozenset[str] = frozenset()

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[SqliteEvidence]:
        """The evidence in the file at *path*. Raises FileMissing, NotALedger, CannotOpen, FileDamaged."""
        sqlite_file.check_file(path)
        with (
            sqlite_file.translated(str(path)),
            closing(sqlite_file.connect(path, readonly=True, busy_seconds=5.0)) as connection,
        ):
            connection.text_factory = _text
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MOST_VALUE_BYTES)
            connection.set_authorizer(_authorize)
            _bound_steps(connection, path)
            connection.execute("BEGIN")
            yield cls(connection, str(path))

    def structure(self) -> Iterator[tuple[str, str]]:
        """What is wrong with the file as a file and with its schema: finding codes and what they are about.

        Must be read first: it decides which tables can be read at all. Raises FileDamaged if the schema cannot.
        """
        try:
            sqlite_file.check_version(self._connection, self.path)
        except FileTooNew as error:
            yield "schema-too-new", str(error.found_version)
        found = set(self._read(_SCHEMA))
        wanted = _wanted_schema(sqlite_file.version_of(self._connection))
        yield from _compared(found - set(_STATISTICS), wanted)
        self._sound = frozenset(name for kind, name, _, _ in found & wanted if kind == "table")
        yield from self._damage(found, wanted)
        for table, index, columns, where in _BY_INDEX:
            if table in self._sound and any(part[:2] == ("index", index) for part in found & wanted):
                yield from self._index_differs(table, index, columns, where)

    def _damage(self, found: set[Part], wanted: frozenset[Part]) -> Iterator[tuple[str, str]]:
        """What SQLite's own checks say. They run what generated columns and indexes on expressions say, so a
        schema with parts that are not ours is looked at table by table, and only where the table is ours. They
        leave CHECK constraints out on a connection that only reads: whoever replays has to say the same.
        """
        foreign = {table for kind, _, table, _ in found - wanted - set(_STATISTICS) if kind != "trigger"}
        tables = sorted(self._sound - foreign) if foreign else [str(_MOST_PROBLEMS)]
        for table in tables:
            yield from self._problems(f"PRAGMA integrity_check({table})", "{0}")
        if self._sound.issuperset(name for kind, name, _, _ in wanted if kind == "table"):
            for table in sorted(self._sound):
                yield from self._problems(f"PRAGMA foreign_key_check({table})", "{0} {1} {2}", "foreign-key")

    def _problems(self, query: str, form: str, code: str = "integrity") -> Iterator[tuple[str, str]]:
        try:
            for row in self._read(query):
                if row != ("ok",):
                    yield code, form.format(*row)
        except FileDamaged as error:
            yield "integrity", error.detail

    def _index_differs(
        self, table: str, index: str, columns: tuple[str, ...], where: str
    ) -> Iterator[tuple[str, str]]:
        """Whether an index leads to other rows than its table: SQLite's own check, said a second way."""
        sums = ", ".join(f"total({name})" for name in columns)
        queries = [
            f"SELECT count(*), {sums} FROM {table} {hint} {where}"  # noqa: S608 - names are ours
            for hint in (f"INDEXED BY {index}", _itself(table))
        ]
        try:
            through_index, through_table = (list(self._read(query)) for query in queries)
        except FileDamaged as error:
            yield "integrity", f"{index}: {error.detail}"
            return
        if through_index != through_table:
            yield "index-differs", index

    def is_sound(self, table: str) -> bool:
        """Whether *table* is the table that it should be, and not a view or another table of its name."""
        return table in self._sound

    def entries(self) -> Iterator[tuple[Any, ...]]:
        """Place, hash, key, kind and leaf of every entry, by place; None for a leaf that no entry can have."""
        return self._read(_ENTRIES) if "entry" in self._sound else iter(())

    def leaf(self, seq: int) -> bytes | None:
        """The leaf at *seq*."""
        leaf = next((row[0] for row in self._read(_LEAF, seq)), None)
        return leaf if isinstance(leaf, bytes) else None

    def same_keys(self) -> Iterator[tuple[Any, ...]]:
        """Idempotency keys that stand at more than one entry."""
        return self._read(_SAME_KEYS) if "entry" in self._sound else iter(())

    def transfers(self) -> Iterator[tuple[Any, ...]]:
        """Place, number, ids of debit and credit account, amount, day, and both balances after, by place."""
        return self._read(_TRANSFERS.format(hint=_itself("transfer"))) if "transfer" in self._sound else iter(())

    def rows(self, table: str, columns: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
        """The named columns of a table of ours."""
        query = f"SELECT {', '.join(columns)} FROM {table} {_itself(table)}"  # noqa: S608 - names are ours
        return self._read(query) if table in self._sound else iter(())

    def _read(self, query: str, *values: object) -> Iterator[tuple[Any, ...]]:
        """The rows of *query*. Raises FileDamaged where SQLite, or Python with its message, stumbles."""
        with sqlite_file.translated(self.path):
            cursor = self._connection.execute(query, values)
            while rows := cursor.fetchmany(_ROWS_AT_ONCE):
                yield from rows


def _compared(found: set[Part], wanted: frozenset[Part]) -> Iterator[tuple[str, str]]:
    """How a schema differs from ours, part by part."""
    found_names = {part[:2] for part in found}
    wanted_names = {part[:2] for part in wanted}
    for name in sorted(wanted_names - found_names):
        yield "schema-missing", " ".join(name)
    for name in sorted(found_names - wanted_names, key=str):
        yield "schema-extra", " ".join(map(str, name))
    for name in sorted({part[:2] for part in found - wanted} & wanted_names):
        yield "schema-changed", " ".join(name)


def _itself(table: str) -> str:
    """What makes SQLite read *table* and no index of it; without rowids, NOT INDEXED does not say so."""
    statement = next(sql for kind, name, _, sql in _wanted_schema(0) if (kind, name) == ("table", table))
    return f"INDEXED BY sqlite_autoindex_{table}_1" if statement.endswith("WITHOUT ROWID") else "NOT INDEXED"


def _text(value: bytes) -> str:
    """Text as it lies there: what is no UTF-8 becomes a lone surrogate, and so equals nothing of ours."""
    return value.decode("utf-8", errors="surrogateescape")


def _authorize(action: int, first: str | None, second: str | None, *_: object) -> int:
    if (
        action in _ALLOWED
        or (action == sqlite3.SQLITE_FUNCTION and second in _FUNCTIONS)
        or (action == sqlite3.SQLITE_PRAGMA and first in _READING_PRAGMAS)
    ):
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _bound_steps(connection: sqlite3.Connection, path: Path) -> None:
    """Let SQLite give up when it has done many times the work that a file of this size can need."""
    files = (path, Path(f"{path}-wal"))
    size = sum(file.stat().st_size for file in files if file.exists())
    most = 100 * _STEPS_AT_ONCE + _STEPS_PER_BYTE * size
    done = 0

    def give_up() -> bool:
        nonlocal done
        done += _STEPS_AT_ONCE
        return done > most

    connection.set_progress_handler(give_up, _STEPS_AT_ONCE)


@cache
def _wanted_schema(version: int) -> frozenset[Part]:
    """What the schema files up to *version* make; a version that never was is held to the newest."""
    numbers = [number for number, _, _ in sqlite_file.schema_files()]
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        sqlite_file.migrate(connection, ":memory:", upto=version if version in numbers[1:] else numbers[-1])
        return frozenset(connection.execute(_SCHEMA))
