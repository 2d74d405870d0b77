"""A ledger in one SQLite file: one writer, readers that never wait, and the way between them."""

from __future__ import annotations

import threading
from collections import deque
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from timebank.errors import CannotOpen, CannotWrite, FileTooOld
from timebank.storage import sqlite_file
from timebank.storage.sqlite_reader import SqliteReader
from timebank.storage.sqlite_turns import Turns

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from timebank.storage.sqlite_writer import SqliteWriter


class SqliteStore:
    """A store on the file *path*; *busy_seconds* is how long a writer waits for its turn.

    Raises FileMissing, NotALedger, FileTooNew, CannotOpen, CannotWrite, FileDamaged. An older file is
    brought up to date, unless *readonly*: then FileTooOld.
    """

    def __init__(self, path: str | Path, *, readonly: bool = False, busy_seconds: float = 5.0) -> None:
        self._file = Path(path)
        self._readonly = readonly
        self._busy_seconds = busy_seconds
        self._idle: deque[SqliteReader] = deque()
        self._local = threading.local()
        self._writing: sqlite3.Connection | None = None
        self._turns: Turns | None = None
        self._closed = False
        self.needs_rebuild = False
        """Whether the file is of an older version: its projections have to be made again before anything else."""
        sqlite_file.check_file(self._file)
        with sqlite_file.translated(self.path, busy_seconds):
            self._open()

    @classmethod
    def create(cls, path: str | Path, *, busy_seconds: float = 5.0) -> SqliteStore:
        """A store on a new file at *path*, where there must be none. Raises FileExists, CannotOpen, DiskFull."""
        sqlite_file.create(Path(path))
        return cls(path, busy_seconds=busy_seconds)

    def _open(self) -> None:
        connection = self._connect(readonly=self._readonly)
        try:
            if not sqlite_file.check_version(connection, self.path):
                if self._readonly:
                    found = sqlite_file.version_of(connection)
                    raise FileTooOld(self.path, found, sqlite_file.newest_version())
                sqlite_file.migrate(connection, self.path)
                self.needs_rebuild = not sqlite_file.check_version(connection, self.path)
        except BaseException:
            connection.close()
            raise
        if self._readonly:
            self._idle.append(SqliteReader(connection, self.path))
        else:
            connection.execute("PRAGMA busy_timeout = 0")  # From here on Turns does the waiting.
            self._writing = connection
            self._turns = Turns(connection, self.path, self._busy_seconds)

    def _connect(self, *, readonly: bool) -> sqlite3.Connection:
        return sqlite_file.connect(self._file, readonly=readonly, busy_seconds=self._busy_seconds)

    @property
    def path(self) -> str:
        """The file, as errors name it."""
        return str(self._file)

    @contextmanager
    def reading(self) -> Iterator[SqliteReader]:
        """A consistent view, on a connection of its own; a view inside a view is the same view."""
        current: SqliteReader | None = getattr(self._local, "reader", None)
        if current is not None:
            yield current
            return
        self._check_open()
        with sqlite_file.translated(self.path, self._busy_seconds):
            reader = self._take_reader()
            self._local.reader = reader
            try:
                reader.connection.execute("BEGIN")
                yield reader
            finally:
                self._local.reader = None
                reader.connection.rollback()
                self._idle.append(reader)
                if self._closed:
                    self.close()

    def _check_open(self) -> None:
        if self._closed:
            raise CannotOpen(self.path, "this ledger was closed")

    def _take_reader(self) -> SqliteReader:
        try:
            return self._idle.pop()
        except IndexError:
            connection = self._connect(readonly=self._readonly)
            connection.execute("PRAGMA query_only = ON")
            return SqliteReader(connection, self.path)

    def writing(self, *, alone: bool = False) -> AbstractContextManager[SqliteWriter]:
        """The one writer, to the COMMIT whose fsync has returned; see sqlite_turns."""
        self._check_open()
        if self._turns is None:
            raise CannotWrite(self.path)
        return self._turns.take(alone=alone)

    def close(self) -> None:
        """Close every connection; the last one to close folds the write-ahead log into the file."""
        self._closed = True
        while self._idle:
            self._idle.pop().connection.close()
        if self._writing is not None:
            self._writing.close()
            self._writing = self._turns = None
