"""Turns: one writer at a time, and one fsync for all commands that were waiting meanwhile.

Threads take turns on the store's one writing connection. A command that ends while others wait leaves the
transaction open for the next of them and waits for the commit that holds its entry; whoever finds nobody
waiting, or the group full or old, commits for all. No command answers before that commit is durable.

A refused command has written nothing and harms nobody. It is answered after the commit too, for what refused it
may be an entry of its group; if that is taken back, nothing refused it, and the command is to be sent again.
Should a command fail after it wrote (a full disk, a damaged file), the group is taken back whole, and every caller
in it is told.
"""

from __future__ import annotations

import copy
import random
import sqlite3
import threading
import time
from collections import deque
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from attrs import define, field

from timebank.errors import FileLocked, TakenBack, TimebankError
from timebank.storage.sqlite_file import SQLITE_ERRORS, error_for
from timebank.storage.sqlite_writer import SqliteWriter

if TYPE_CHECKING:
    from collections.abc import Iterator

_LEAST_NAP_SECONDS: Final = 0.0005
_FIRST_NAP_SECONDS: Final = 0.001
_LONGEST_NAP_SECONDS: Final = 0.02
_LONGEST_STAY_SECONDS: Final = 0.05
_LATELY_SECONDS: Final = 1.0
_MOST_IN_GROUP: Final = 64
_LONGEST_GROUP_SECONDS: Final = 0.02
_LOOK_AGAIN_SECONDS: Final = 0.01


@define(eq=False)
class _Group:
    """One database transaction, and what became of it."""

    begun: float = field(factory=time.monotonic)
    members: int = 0
    ended: bool = False
    done: threading.Event | None = None
    """Set when it has ended; made by the first member that leaves it open, and so has to wait."""
    error: TimebankError | None = None


class Turns:
    """The turns of one process's threads on the writing *connection* of the file at *path*."""

    def __init__(self, connection: sqlite3.Connection, path: str, busy_seconds: float) -> None:
        self._connection = connection
        self._path = path
        self._busy_seconds = busy_seconds
        self._turn = threading.Lock()
        self._waiting: deque[None] = deque()
        self._group: _Group | None = None
        self._writer = SqliteWriter(connection, path)
        self._came = self._left = self._met = -_LATELY_SECONDS
        """When this process came to write one commit after the other, made the last, and saw that others wrote."""

    @contextmanager
    def take(self, *, alone: bool) -> Iterator[SqliteWriter]:
        """The writer for one command; *alone*: in a transaction of its own. Ends after the durable commit.

        Raises FileLocked if the turn does not come in time, TakenBack if another command's failure took this
        one back, DiskFull, FileDamaged.
        """
        deadline = time.monotonic() + self._busy_seconds
        if not self._turn.acquire(blocking=False):
            self._wait_for_turn()
        group: _Group | None = None
        is_refused = False
        try:
            group = self._join(deadline, alone=alone)
            changes = self._writer.changes
            try:
                yield self._writer
            except BaseException as error:
                if self._writer.changes != changes:
                    self._take_back(group, error)
                raise
            group.members += 1
        except SQLITE_ERRORS as error:
            raise error_for(error, self._path, self._busy_seconds) from error
        except TimebankError:
            is_refused = True
            raise
        finally:
            try:
                self._leave(group, alone=alone)
            finally:
                self._turn.release()
            if is_refused and group is not None and group.members:
                # What refuses it may be another's entry of the group: that must stay before anybody is told of it.
                self._await(group)
        self._await(group)

    def _wait_for_turn(self) -> None:
        self._waiting.append(None)
        has_turn = self._turn.acquire(timeout=self._busy_seconds)
        self._waiting.pop()
        if not has_turn:
            raise FileLocked(self._path, self._busy_seconds)

    def _leave(self, group: _Group | None, *, alone: bool) -> None:
        """Commit for all, if it is time; else whoever leaves *group* open can be told of its end."""
        if self._group is not None and (alone or self._is_time(self._group)):
            self._commit(self._group)
        if group is not None and not group.ended and group.done is None:
            group.done = threading.Event()

    def _join(self, deadline: float, *, alone: bool) -> _Group:
        if alone and self._group is not None:
            self._commit(self._group)
        if self._group is None:
            self._begin(deadline)
            self._group = _Group()
        return self._group

    def _begin(self, deadline: float) -> None:
        """Wait in short naps of random length: SQLite's own waiting starves one process while others write."""
        if self._connection.in_transaction:  # for lack of memory, or on a failing disk, it could not be taken back
            self._connection.rollback()
        self._give_way()
        longest = _FIRST_NAP_SECONDS
        while True:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                if time.monotonic() >= deadline:
                    raise FileLocked(self._path, self._busy_seconds) from error
                time.sleep(random.uniform(_LEAST_NAP_SECONDS, longest))  # noqa: S311 - no secret
                longest = min(2 * longest, _LONGEST_NAP_SECONDS)
            else:
                break
        try:
            if self._writer.begin():
                self._met = time.monotonic()
        except BaseException:
            with suppress(*SQLITE_ERRORS):
                self._connection.rollback()
            raise

    def _give_way(self) -> None:
        """Nap once if this process has had the file to itself for a while, and others have written lately.

        Whoever commits is the first to know that the file is free: without this it would take it again and again.
        """
        now = time.monotonic()
        if now - self._left > _LONGEST_NAP_SECONDS:  # there was time for others
            self._came = now
        elif now - self._came > _LONGEST_STAY_SECONDS and now - self._met < _LATELY_SECONDS:
            time.sleep(_LONGEST_NAP_SECONDS)
            self._came = time.monotonic()

    def _is_time(self, group: _Group) -> bool:
        return (
            not self._waiting
            or group.members >= _MOST_IN_GROUP
            or time.monotonic() - group.begun >= _LONGEST_GROUP_SECONDS
        )

    def _commit(self, group: _Group) -> None:
        """Commit *group*, or take it back; its callers learn which from `error`."""
        try:
            self._writer.finish()
            self._connection.execute("COMMIT")
        except (*SQLITE_ERRORS, TimebankError) as error:
            self._take_back(group, error)
        except BaseException as error:
            if self._connection.in_transaction:
                self._take_back(group, error)
            else:  # COMMIT has returned: what is kept is not taken back
                self._end(group, None)
            raise
        else:
            self._end(group, None)

    def _take_back(self, group: _Group, error: BaseException) -> None:
        with suppress(*SQLITE_ERRORS):  # what cannot be taken back now is, before the next BEGIN
            self._connection.rollback()
        self._writer.forget()
        self._end(group, self._told(error))

    def _told(self, error: BaseException) -> TimebankError:
        """What the callers of a group are told that *error* took back."""
        if isinstance(error, SQLITE_ERRORS):
            return error_for(error, self._path, self._busy_seconds)
        return error if isinstance(error, TimebankError) else TakenBack(self._path)

    def _end(self, group: _Group, error: TimebankError | None) -> None:
        self._group = None
        self._left = time.monotonic()
        group.error, group.ended = error, True
        if group.done is not None:
            group.done.set()

    def _await(self, group: _Group) -> None:
        """Wait for the commit; if the one who was to make it went away without, make it."""
        while group.done is not None and not group.done.wait(_LOOK_AGAIN_SECONDS):
            if self._turn.acquire(blocking=False):
                try:
                    if self._group is group:
                        self._commit(group)
                finally:
                    self._turn.release()
        if group.error is not None:
            raise copy.copy(group.error)
