"""A connection to a SQLite file that somebody may have prepared: it reads, and does a bounded amount of work.

What is bounded, and by what: the length of a value, of a statement and of a program by SQLite's own limits; the
steps of all queries together by the size of the file; what may be done at all by an authorizer.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Final

from timebank.errors import CannotOpen

SIDES: Final = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a file that somebody has open, or that was not closed."""
BUSY_SECONDS: Final = 5.0
MOST_VALUE_BYTES: Final = 400_000
"""No value of ours is longer, a note of 65,535 letters included; SQLite hands no longer one out."""

_ALLOWED: Final = frozenset(
    (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_TRANSACTION, sqlite3.SQLITE_RECURSIVE)
)
_FUNCTIONS: Final = frozenset(("count", "length", "sum", "total", "typeof"))
_READING_PRAGMAS: Final = frozenset(("integrity_check", "foreign_key_check", "user_version"))
_LIMITS: Final = (
    (sqlite3.SQLITE_LIMIT_LENGTH, MOST_VALUE_BYTES),
    (sqlite3.SQLITE_LIMIT_SQL_LENGTH, 100_000),
    (sqlite3.SQLITE_LIMIT_COLUMN, 200),
    (sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 100),
    (sqlite3.SQLITE_LIMIT_COMPOUND_SELECT, 10),
    (sqlite3.SQLITE_LIMIT_VDBE_OP, 250_000),
    (sqlite3.SQLITE_LIMIT_FUNCTION_ARG, 10),
    (sqlite3.SQLITE_LIMIT_ATTACHED, 0),
    (sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100),
    (sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 10),
    (sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH, 1),
    (sqlite3.SQLITE_LIMIT_WORKER_THREADS, 0),
)
"""Many times what our schema and our queries need. They hold before the first byte of a schema is read."""
_SETTINGS: Final = (
    "PRAGMA query_only = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA mmap_size = 0",  # a file that is cut while it is mapped would end the process
    "PRAGMA cache_size = -32000",
)
_STEPS_AT_ONCE: Final = 100_000
_STEPS_PER_BYTE: Final = 10
"""All that is read takes half a step a byte; pages that lead to each other in circles take for ever."""


def connect(path: Path, *, is_quiet: bool) -> sqlite3.Connection:
    """A connection that can only read, in a read transaction; bounded before it has read anything.

    Of a file that *is_quiet* SQLite takes no locks and makes no side files: nobody may write to it meanwhile.
    Raises CannotOpen where what lies beside the file under the name of a log is no file.
    """
    file = path.resolve()  # SQLite keeps its side files where the file itself is, whatever leads there
    for side in SIDES:
        beside = Path(f"{file}{side}")
        if beside.exists() and not beside.is_file():  # to open a pipe is to wait for somebody who writes to it
            raise CannotOpen(str(path), f"{beside.name} is no file")
    alone = is_quiet or (not os.access(file.parent, os.W_OK) and not Path(f"{file}-wal").exists())
    uri = f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if alone else ''}"
    connection = sqlite3.connect(
        uri, uri=True, isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS
    )
    try:
        for limit, most in _LIMITS:
            connection.setlimit(limit, most)
        _bound_steps(connection, file)
        for setting in _SETTINGS:
            connection.execute(setting)
        connection.text_factory = _text
        connection.set_authorizer(_authorize)
        connection.execute("BEGIN")
    except BaseException:
        connection.close()
        raise
    return connection


def _bound_steps(connection: sqlite3.Connection, path: Path) -> None:
    """Let SQLite give up when it has done many times the work that a file of this size can need."""
    files = (path, Path(f"{path}-wal"))
    most = 100 * _STEPS_AT_ONCE + _STEPS_PER_BYTE * sum(_size_bytes(file) for file in files if file.exists())
    done = 0

    def give_up() -> bool:
        nonlocal done
        done += _STEPS_AT_ONCE
        return done > most

    connection.set_progress_handler(give_up, _STEPS_AT_ONCE)


def _size_bytes(path: Path) -> int:
    """What the file takes on the disk: one that is mostly holes may call itself larger than any disk."""
    status = path.stat()
    blocks: int | None = getattr(status, "st_blocks", None)  # in 512 bytes, where the system says it
    return status.st_size if blocks is None else min(status.st_size, 512 * blocks)


def _authorize(action: int, first: str | None, second: str | None, *_: object) -> int:
    if (
        action in _ALLOWED
        or (action == sqlite3.SQLITE_FUNCTION and second in _FUNCTIONS)
        or (action == sqlite3.SQLITE_PRAGMA and first in _READING_PRAGMAS)
    ):
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _text(value: bytes) -> str:
    """Text as it lies there: what is no UTF-8 becomes a lone surrogate, and so equals nothing of ours."""
    return value.decode(errors="surrogateescape")
