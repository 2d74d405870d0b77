"""A SQLite file as evidence: read-only, not trusted, its rows as they lie there.

Nothing here relies on the file's schema: a table is read only if it is, letter for letter, the table that the
schema files make. Extra triggers, views and indexes are reported and never run.
"""

from __future__ import annotations

import re
import sqlite3
import time
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from timebank.errors import DiskFailed, FileDamaged, FileTooNew
from timebank.storage import sqlite_file
from timebank.storage.sqlite_moved import MOVED, MOVED_NEEDS, UNIT_SUMS
from timebank.storage.sqlite_untrusted import BUSY_SECONDS, MOST_VALUE_BYTES, SIDES, connect
from timebank.tlog.merkle import HASH_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Seen = TypeVar("Seen")

_MOST_PROBLEMS: Final = 100
_NOT_GIVEN: Final = re.compile(r"unable to get the page\. error code=(\d+)$", re.MULTILINE)
_ROWS_AT_ONCE: Final = 64
_QUIET_SECONDS: Final = 3.0
"""A file that was changed later than this ago may change again without its time of change telling (FAT: 2 s)."""
_STATISTICS: Final = (
    ("table", "sqlite_stat1", "sqlite_stat1", "CREATE TABLE sqlite_stat1(tbl,idx,stat)"),
    ("table", "sqlite_stat4", "sqlite_stat4", "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)"),
)

_SCHEMA: Final = "SELECT type, name, tbl_name, sql FROM sqlite_master"
_ENTRIES: Final = f"""
SELECT seq, hash, key, kind, CASE WHEN length(leaf) < {MOST_VALUE_BYTES} THEN leaf END FROM entry NOT INDEXED
{{where}} ORDER BY seq
"""  # noqa: S608 - a number of ours
_LEAF: Final = f"""
SELECT CASE WHEN length(leaf) < {MOST_VALUE_BYTES} THEN leaf END FROM entry NOT INDEXED WHERE seq = ?
"""  # noqa: S608 - a number of ours
_TRANSFERS: Final = """
SELECT seq, pos, debit, credit, amount, day, debit_after, credit_after FROM transfer {hint} {where}
ORDER BY seq, pos
"""
_FROM: Final = "WHERE seq >= ?"
_SAME_KEYS: Final = "SELECT key FROM entry NOT INDEXED WHERE key IS NOT NULL GROUP BY key HAVING count(*) > 1"
_LAST_PLACE: Final = "SELECT seq FROM entry NOT INDEXED ORDER BY seq DESC LIMIT 1"
_LEAF_HASHES: Final = "SELECT hash FROM entry NOT INDEXED WHERE seq >= ? AND seq < ? ORDER BY seq"
_RUNS: Final = "SELECT hash FROM subtree WHERE level = ? AND position >= ? AND position < ? ORDER BY position"
_PLACES_OF: Final = "SELECT seq FROM entry INDEXED BY entry_key WHERE key = ?"
_LAST_TRANSFER: Final = """
SELECT seq, pos, {side}_after FROM transfer INDEXED BY transfer_{side} WHERE {side} = ? AND seq < ?
ORDER BY seq DESC, pos DESC LIMIT 1
"""
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
    def open(cls, path: Path, *, is_quiet: bool = False) -> Iterator[SqliteEvidence]:
        """The evidence in the file at *path*. Raises FileMissing, NotALedger, CannotOpen, FileDamaged.

        A file that *is_quiet* is read without a trace; nobody may write to it meanwhile, see `examined`.
        """
        sqlite_file.check_file(path)
        with (
            sqlite_file.translated(str(path), BUSY_SECONDS),
            closing(connect(path, is_quiet=is_quiet)) as connection,
        ):
            yield cls(connection, str(path))

    def structure(self) -> Iterator[tuple[str, str]]:
        """What is wrong with the file as a file and with its schema: finding codes and what they are about.

        Must be read first: it decides which tables can be read at all. Raises FileDamaged if the schema cannot.
        """
        yield from self.schema()
        found, wanted = self._schema()
        yield from self._damage(found, wanted)
        for table, index, columns, where in _BY_INDEX:
            if table in self._sound and any(part[:2] == ("index", index) for part in found & wanted):
                yield from self._index_differs(table, index, columns, where)

    def schema(self) -> Iterator[tuple[str, str]]:
        """What is wrong with the schema alone; as `structure`, and read in its place where not all is read."""
        try:
            sqlite_file.check_version(self._connection, self.path)
        except FileTooNew as error:
            yield "schema-too-new", str(error.found_version)
        found, wanted = self._schema()
        yield from _compared(found - set(_STATISTICS), wanted)
        self._sound = frozenset(name for kind, name, _, _ in found & wanted if kind in ("table", "index"))

    def _schema(self) -> tuple[set[Part], frozenset[Part]]:
        """The parts that are there, and those that should be."""
        return set(self._read(_SCHEMA)), _wanted_schema(sqlite_file.version_of(self._connection))

    def _damage(self, found: set[Part], wanted: frozenset[Part]) -> Iterator[tuple[str, str]]:
        """What SQLite's own checks say. They run what generated columns and indexes on expressions say, so a
        schema with parts that are not ours is looked at table by table, and only where the table is ours. They
        leave CHECK constraints out on a connection that only reads: whoever replays has to say the same.
        """
        foreign = {table for kind, _, table, _ in found - wanted - set(_STATISTICS) if kind != "trigger"}
        names = {name for kind, name, _, _ in found & wanted if kind == "table"}
        tables = sorted(names - foreign) if foreign else [str(_MOST_PROBLEMS)]
        for table in tables:
            yield from self._problems(f"PRAGMA integrity_check({table})", "{0}")
        if self._sound.issuperset(name for kind, name, _, _ in wanted if kind == "table"):
            for table in sorted(names):
                yield from self._problems(f"PRAGMA foreign_key_check({table})", "{0} {1} {2}", "foreign-key")

    def _problems(self, query: str, form: str, code: str = "integrity") -> Iterator[tuple[str, str]]:
        """What *query* says of the file. Raises DiskFailed for a page that the disk does not give: no finding."""
        try:
            for row in self._read(query):
                not_given = _NOT_GIVEN.search(str(row[0]))
                if not_given and int(not_given[1]) & 0xFF == sqlite3.SQLITE_IOERR:
                    raise DiskFailed(self.path, not_given[0])
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
        """Whether *table*, or an index, is what it should be, and not a view or another table of its name."""
        return table in self._sound

    def entries(self) -> Iterator[tuple[Any, ...]]:
        """Place, hash, key, kind and leaf of every entry, by place; None for a leaf that no entry can have."""
        return self._read(_ENTRIES.format(where="")) if "entry" in self._sound else iter(())

    def leaf(self, seq: int) -> bytes | None:
        """The leaf at *seq*."""
        leaf = next((row[0] for row in self._read(_LEAF, seq)), None)
        return leaf if isinstance(leaf, bytes) else None

    def same_keys(self) -> Iterator[tuple[Any, ...]]:
        """Idempotency keys that stand at more than one entry."""
        return self._read(_SAME_KEYS) if "entry" in self._sound else iter(())

    def transfers(self) -> Iterator[tuple[Any, ...]]:
        """Place, number, ids of debit and credit account, amount, day, and both balances after, by place."""
        query = _TRANSFERS.format(hint=_itself("transfer"), where="")
        return self._read(query) if "transfer" in self._sound else iter(())

    def rows(self, table: str, columns: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
        """The named columns of a table of ours."""
        query = f"SELECT {', '.join(columns)} FROM {table} {_itself(table)}"  # noqa: S608 - names are ours
        return self._read(query) if table in self._sound else iter(())

    def last_place(self) -> int:
        """The place of the last entry; -1 if there is none."""
        return next((seq for (seq,) in self._read(_LAST_PLACE)), -1) if "entry" in self._sound else -1

    def entries_from(self, first: int) -> Iterator[tuple[Any, ...]]:
        """As `entries`, from place *first* on."""
        return self._read(_ENTRIES.format(where=_FROM), first) if "entry" in self._sound else iter(())

    def transfers_from(self, first: int) -> Iterator[tuple[Any, ...]]:
        """As `transfers`, from place *first* on."""
        query = _TRANSFERS.format(hint=_itself("transfer"), where=_FROM)
        return self._read(query, first) if "transfer" in self._sound else iter(())

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        """Stored hashes of leaves (level 0) or of runs of 256**level leaves; fewer where some are not there."""
        query, names = (_RUNS, (level, first, first + count)) if level else (_LEAF_HASHES, (first, first + count))
        found = (
            [row[0] for row in self._read(query, *names)]
            if ("subtree" if level else "entry") in self._sound
            else []
        )
        return [each for each in found if isinstance(each, bytes) and len(each) == HASH_BYTES]

    def places_of(self, key: str) -> list[Any]:
        """Where an idempotency key stands, by its index; nowhere if that is not ours."""
        return [seq for (seq,) in self._read(_PLACES_OF, key)] if "entry_key" in self._sound else []

    def balance_before(self, account: int, first: int) -> Any:
        """What an account held after its last transfer before place *first*, as that transfer says; 0 if none."""
        found = [
            row
            for side in ("debit", "credit")
            if {"transfer", f"transfer_{side}"} <= self._sound
            for row in self._read(_LAST_TRANSFER.format(side=side), account, first)
        ]
        return max(found, key=lambda row: row[:2])[2] if found else 0

    def moved_from(self, first: int) -> Iterator[tuple[Any, ...]]:
        """Number, code, unit and balance of each account that transfers from place *first* on name, and what it
        held before, as `balance_before`; without those of which the file has none, or two.
        """
        return self._read(MOVED, first=first) if self._sound >= MOVED_NEEDS else iter(())

    def unit_sums(self) -> dict[Any, int]:
        """Debits less credits of each unit over all accounts; what is no whole number does not count."""
        sums: dict[Any, int] = {}
        for unit, sign, amount in self._read(UNIT_SUMS) if "account" in self._sound else ():
            sums[unit] = sums.get(unit, 0) + sign * amount
        return sums

    def _read(self, query: str, *values: object, **named: object) -> Iterator[tuple[Any, ...]]:
        """The rows of *query*, whose values are either in order or named.

        Raises FileDamaged where SQLite, or Python with its message, stumbles.
        """
        with sqlite_file.translated(self.path):
            cursor = self._connection.execute(query, named or values)
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


def examined(path: Path, look: Callable[[SqliteEvidence], Seen]) -> Seen:
    """What *look* sees in the file at *path*; raises what `SqliteEvidence.open` and *look* raise.

    Where nobody seems to have the file open it is read without a trace; if somebody has begun to write
    meanwhile, *look* looks again, beside the writer, as SQLite has it.
    """
    before = _stamp(path)
    if before is not None and time.time_ns() - before[2] > _QUIET_SECONDS * 1e9:
        try:
            with SqliteEvidence.open(path, is_quiet=True) as evidence:
                seen = look(evidence)
        except FileDamaged:
            if _stamp(path) == before:
                raise
        else:
            if _stamp(path) == before:
                return seen
    with SqliteEvidence.open(path) as evidence:
        return look(evidence)


def _stamp(path: Path) -> tuple[int, ...] | None:
    """What changes when the file does; None where it cannot be said that nobody is writing to it."""
    try:
        file = path.resolve()
        if any(Path(f"{file}{side}").exists() for side in SIDES):
            return None
        status = file.stat()
    except (OSError, RuntimeError):  # the latter of links that lead in circles; to open it will say what is wrong
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


@cache
def _wanted_schema(version: int) -> frozenset[Part]:
    """What the schema files up to *version* make; a version that never was is held to the newest."""
    numbers = [number for number, _, _ in sqlite_file.schema_files()]
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        sqlite_file.migrate(connection, ":memory:", upto=version if version in numbers[1:] else numbers[-1])
        return frozenset(connection.execute(_SCHEMA))
