"""A ledger's SQLite file: what it is, how it is made, opened, brought up to date, and what its errors mean."""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing, contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from timebank.errors import (
    CannotOpen,
    CannotWrite,
    DiskFailed,
    DiskFull,
    FileDamaged,
    FileExists,
    FileLocked,
    FileMissing,
    FileTooNew,
    NotALedger,
    OutOfMemory,
    TimebankError,
)
from timebank.storage.system_files import can_be_read, error_of_system, named, sync_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlite_utils import Database

APPLICATION_ID: Final = 0x544D4231
"""`TMB1`, in the header of every timebank file."""

_SIDES: Final = ("-wal", "-shm", "-journal")
"""What SQLite writes beside a file, and reads with whatever file comes to lie there."""

_FOLD_SECONDS: Final = 5.0
_FOLD_LOG: Final = "PRAGMA wal_checkpoint(TRUNCATE)"
_MAGIC: Final = b"SQLite format 3\x00"
_NUMBERED: Final = re.compile(r"(\d{4})_([a-z_]+)\.sql")
_ON_EVERY_CONNECTION: Final = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA cache_size = -32000",
)
# The table in which sqlite-utils notes what ran. It is made here, letter for letter the same with every version
# of that package: verify compares a file's schema by its text.
_RECORD_OF_MIGRATIONS: Final = (
    """CREATE TABLE IF NOT EXISTS _sqlite_migrations (
    id INTEGER PRIMARY KEY, migration_set TEXT, name TEXT, applied_at TEXT)""",
    """CREATE UNIQUE INDEX IF NOT EXISTS migration_runs_once ON _sqlite_migrations (migration_set, name)""",
)
_LOCKED: Final = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL")
"""The last when another stands still while it makes the index of the log; SQLite tries for ten seconds."""

_NAMED_BY_PATH: Final = {
    "SQLITE_FULL": DiskFull,
    "SQLITE_READONLY": CannotWrite,
    "SQLITE_PERM": CannotWrite,
}


_INDEX_OF_TRANSFERS: Final = re.compile(r"\s*CREATE INDEX transfer_")


def schema_files() -> list[tuple[int, str, str]]:
    """The schema's numbered files: number, name, text."""
    found = []
    for item in files("timebank.storage").joinpath("sql/sqlite").iterdir():
        match = _NUMBERED.fullmatch(item.name)
        if match:
            found.append((int(match[1]), match[2], item.read_text(encoding="utf-8")))
    return sorted(found)


def statements(script: str) -> Iterator[str]:
    """The statements of *script*, one by one; a trigger's body does not end its statement."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


SQLITE_ERRORS: Final = (sqlite3.Error, MemoryError, UnicodeDecodeError)
"""What Python raises where SQLite has failed; the last where its message quotes a schema that is no UTF-8."""


def error_for(error: BaseException, path: str, waited_seconds: float) -> TimebankError:
    """What *error*, of SQLITE_ERRORS, means for who must act; *waited_seconds* were waited for a lock."""
    if isinstance(error, MemoryError):  # Python's own, and what it makes of SQLite's
        return OutOfMemory(path)
    if isinstance(error, UnicodeDecodeError):
        return FileDamaged(path, "the schema holds text that is no UTF-8")
    name = getattr(error, "sqlite_errorname", "")
    primary = "_".join(name.split("_")[:2])
    if primary in _LOCKED:
        return FileLocked(path, waited_seconds)
    if primary in _NAMED_BY_PATH:
        return _NAMED_BY_PATH[primary](path)
    if name == "SQLITE_IOERR_SHMSIZE":  # the index of the log could not grow: there is no room for it
        return DiskFull(path)
    if primary == "SQLITE_IOERR" or (primary == "SQLITE_CORRUPT" and not can_be_read(Path(path))):
        # Of a page that the disk does not give SQLite says that the file is malformed.
        return DiskFailed(path, f"{name}: {error}")
    if primary == "SQLITE_CANTOPEN":
        return CannotOpen(path, str(error))
    return FileDamaged(path, f"{name or type(error).__name__}: {error}")


@contextmanager
def translated(path: str, waited_seconds: float = 0.0) -> Iterator[None]:
    """Turn SQLite's errors inside the context into ours."""
    try:
        yield
    except SQLITE_ERRORS as error:
        raise error_for(error, path, waited_seconds) from error


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Reserve *path* and answer where to build the file; put it in place, whole, when the context ends well.

    Raises FileExists, CannotOpen, DiskFull, DiskFailed. An exception inside, or a crash, leaves no half-made one.
    """
    for side in _SIDES:
        # SQLite would take a log that an older file of this name has left behind for the new file's own.
        if Path(f"{path}{side}").exists():
            raise FileExists(f"{path}{side}")
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
    except FileExistsError as error:
        raise FileExists(str(path)) from error
    except OSError as error:
        raise error_of_system(error, path) from error
    unfinished = path.with_name(f"{path.name}.new")
    try:
        with named(unfinished):
            _remove(unfinished)
        yield unfinished
        _fold(unfinished)
        with named(path):
            unfinished.replace(path)
            sync_directory(path.absolute().parent)
    except BaseException:
        with named(path):
            _remove(unfinished)
            path.unlink()
        raise


def _fold(path: Path) -> None:
    """Bring what is still in the log of the database at *path* into it, for the log does not move with the file.

    Closing it does so as a rule; where that fails, for want of room or because somebody reads, SQLite is silent.
    """
    if not Path(f"{path}-wal").exists():
        return
    with translated(str(path)), closing(sqlite3.connect(path, timeout=_FOLD_SECONDS)) as connection:
        is_held = connection.execute(_FOLD_LOG).fetchone()[0]
        if is_held:
            raise FileLocked(str(path), _FOLD_SECONDS)


def _remove(path: Path) -> None:
    for side in ("", *_SIDES):
        Path(f"{path}{side}").unlink(missing_ok=True)


def create(path: Path) -> None:
    """Make an empty ledger file at *path*, where there is none. Raises FileExists, CannotOpen, DiskFull."""
    if path.exists():
        raise FileExists(str(path))
    with translated(str(path)), closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA journal_mode = WAL")
        migrate(connection, str(path))
        connection.execute(_FOLD_LOG)


def check_file(path: Path) -> None:
    """Raise FileMissing, CannotOpen or NotALedger unless *path* begins like a timebank file."""
    try:
        if path.exists() and not path.is_file():  # nobody may ever write to a pipe
            raise NotALedger(str(path))
        with path.open("rb") as file:
            header = file.read(72)
    except FileNotFoundError as error:
        raise FileMissing(str(path)) from error
    except OSError as error:
        raise error_of_system(error, path) from error
    if header[:16] != _MAGIC or int.from_bytes(header[68:72], "big") != APPLICATION_ID:
        raise NotALedger(str(path))


def connect(path: Path, *, readonly: bool, busy_seconds: float) -> sqlite3.Connection:
    """A connection to an existing file, with every setting that a ledger needs.

    A read-only file that lies on a disk where SQLite cannot make its side files is opened as immutable.
    """
    uri = path.absolute().as_uri() + ("?mode=ro" if readonly else "?mode=rw")
    if readonly and not os.access(path.absolute().parent, os.W_OK) and not Path(f"{path}-wal").exists():
        uri += "&immutable=1"
    connection = sqlite3.connect(
        uri, uri=True, isolation_level=None, check_same_thread=False, timeout=busy_seconds
    )
    try:
        for setting in _ON_EVERY_CONNECTION:
            connection.execute(setting)
        if not readonly:
            connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def newest_version() -> int:
    """The version of the schema that this timebank writes: the number of its last schema file."""
    return schema_files()[-1][0]


def version_of(connection: sqlite3.Connection) -> int:
    """The version of the schema that a file was brought up to, projections and all."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def check_version(connection: sqlite3.Connection, path: str) -> bool:
    """Whether the file's schema is ours; False when it is older. Raises FileTooNew."""
    found, known = version_of(connection), newest_version()
    if found > known:
        raise FileTooNew(path, found, known)
    return found == known


def migrate(connection: sqlite3.Connection, path: str, *, upto: int | None = None) -> None:
    """Run the schema files that the file has not had (*upto* that number), all in one transaction or none.

    A file that gets new projections keeps its old version until all are made again: see drop_projections.
    """
    from sqlite_utils import Database
    from sqlite_utils.migrations import Migrations

    migrations = Migrations("timebank")
    for number, name, script in schema_files():
        if upto is None or number <= upto:
            migrations(name=f"{number:04}_{name}")(_step(number, script))
    connection.execute("BEGIN IMMEDIATE")
    try:
        check_version(connection, path)
        before = version_of(connection)
        for statement in _RECORD_OF_MIGRATIONS:
            connection.execute(statement)
        migrations.apply(Database(connection, execute_plugins=False))
        if before and any(number > before and _is_projections(name) for number, name, _ in schema_files()):
            connection.execute(f"PRAGMA user_version = {before}")
    except BaseException:
        connection.rollback()
        raise
    connection.execute("COMMIT")


def _step(number: int, script: str) -> Callable[[Database], None]:
    def step(database: Database) -> None:
        for statement in statements(script):
            database.conn.execute(statement)
        database.conn.execute(f"PRAGMA user_version = {number}")

    step.__name__ = f"step_{number:04}"
    return step


def _is_projections(name: str) -> bool:
    """Whether the schema file *name* makes only what can be made again from the journal."""
    return name.startswith("projections")


def drop_projections(connection: sqlite3.Connection) -> list[str]:
    """Drop every table that the projections' schema files make, and make them again, empty.

    Whoever asks for it fills them in the same transaction: then the file is of the newest version. Answers the
    statements that are left to run then: indexes of transfers, which are written faster in order than row by row.
    """
    left: list[str] = []
    for _, name, script in reversed(schema_files()):
        if _is_projections(name):
            for table in reversed(re.findall(r"^CREATE TABLE (\w+)", script, re.MULTILINE)):
                connection.execute(f"DROP TABLE IF EXISTS {table}")
    for _, name, script in schema_files():
        if _is_projections(name):
            for statement in statements(script):
                if _INDEX_OF_TRANSFERS.match(statement):
                    left.append(statement)
                else:
                    connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {newest_version()}")
    return left
