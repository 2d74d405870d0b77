"""A connection to a file that somebody may have prepared: how it is opened, what it may do, and how much."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from timebank.errors import CannotOpen
from timebank.storage import sqlite_untrusted
from timebank.storage.sqlite import SqliteStore
from timebank.storage.sqlite_untrusted import _authorize, _bound_steps, _size_bytes, connect

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def path(tmp_path: Path) -> Path:
    SqliteStore.create(tmp_path / "a.timebank").close()
    return tmp_path / "a.timebank"


@pytest.mark.parametrize("is_quiet", [True, False])
@pytest.mark.parametrize("can_write_beside", [True, False])
@pytest.mark.parametrize("has_log", [True, False])
def test_a_file_is_taken_for_immutable_if_it_is_quiet_or_has_no_log_and_can_get_none(
    path: Path, monkeypatch: pytest.MonkeyPatch, is_quiet: bool, can_write_beside: bool, has_log: bool
) -> None:
    said: list[str] = []

    def may(folder: Path, mode: int) -> bool:
        assert (folder, mode) == (path.parent, os.W_OK)
        return can_write_beside

    def told(uri: str, /, **options: Any) -> None:
        assert options == {"uri": True, "isolation_level": None, "check_same_thread": False, "timeout": 5.0}
        said.append(uri)
        raise sqlite3.OperationalError

    if has_log:
        Path(f"{path}-wal").write_bytes(b"")
    monkeypatch.setattr(os, "access", may)
    monkeypatch.setattr(sqlite3, "connect", told)
    with pytest.raises(sqlite3.OperationalError):
        connect(path, is_quiet=is_quiet)
    is_immutable = is_quiet or not (can_write_beside or has_log)
    assert said == [f"{path.as_uri()}?mode=ro{'&immutable=1' * is_immutable}"]


@pytest.mark.parametrize("side", ["-wal", "-shm", "-journal"])
def test_what_is_no_file_and_lies_in_the_place_of_one_is_named(path: Path, side: str) -> None:
    Path(f"{path}{side}").mkdir()
    with pytest.raises(CannotOpen) as caught:
        connect(path, is_quiet=False)
    assert caught.value.facts() == {"path": str(path), "reason": f"a.timebank{side} is no file"}


def test_a_connection_is_bounded_and_set_before_it_reads_anything(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, connected = list[str](), sqlite3.connect

    class Told(sqlite3.Connection):
        def execute(self, query: str, *values: Any) -> sqlite3.Cursor:
            assert self.getlimit(sqlite3.SQLITE_LIMIT_LENGTH) == sqlite_untrusted.MOST_VALUE_BYTES
            told.append(query)
            return super().execute(query, *values)

    monkeypatch.setattr(sqlite3, "connect", lambda name, **options: connected(name, factory=Told, **options))
    with closing(connect(path, is_quiet=False)) as connection:
        assert told == [
            "PRAGMA query_only = ON",
            "PRAGMA trusted_schema = OFF",
            "PRAGMA cell_size_check = ON",
            "PRAGMA mmap_size = 0",
            "PRAGMA cache_size = -32000",
            "BEGIN",
        ]
        assert connection.in_transaction
        assert {limit: connection.getlimit(limit) for limit, _ in sqlite_untrusted._LIMITS} == dict(
            sqlite_untrusted._LIMITS
        )


@pytest.mark.parametrize(("log", "most"), [(None, 100 + 10 * 300), (b"x" * 70, 100 + 10 * 370), (b"", 3_100)])
def test_ten_steps_a_byte_of_file_and_log_and_a_hundred_times_as_many_as_are_looked_at_at_once_are_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: bytes | None, most: int
) -> None:
    monkeypatch.setattr(sqlite_untrusted, "_STEPS_AT_ONCE", 1)
    file = tmp_path / "a"
    file.write_bytes(b"x" * 300)
    if log is not None:
        Path(f"{file}-wal").write_bytes(log)
    given: list[tuple[Callable[[], bool], int]] = []
    connection: Any = SimpleNamespace(set_progress_handler=lambda *said: given.append(said))
    _bound_steps(connection, file)
    ((gives_up, at_once),) = given
    assert at_once == 1
    assert [gives_up() for _ in range(most + 1)] == [False] * most + [True]


@pytest.mark.parametrize(
    ("status", "size"),
    [
        ({"st_size": 1000}, 1000),
        ({"st_size": 1000, "st_blocks": 0}, 0),
        ({"st_size": 1000, "st_blocks": 1}, 512),
        ({"st_size": 1000, "st_blocks": 2}, 1000),
    ],
)
def test_a_file_is_as_large_as_what_it_takes_on_the_disk(status: dict[str, int], size: int) -> None:
    file: Any = SimpleNamespace(stat=lambda: SimpleNamespace(**status))
    assert _size_bytes(file) == size


@pytest.mark.parametrize(
    ("action", "first", "second", "may"),
    [
        (sqlite3.SQLITE_SELECT, None, None, True),
        (sqlite3.SQLITE_READ, "entry", "leaf", True),
        (sqlite3.SQLITE_FUNCTION, None, "sum", True),
        (sqlite3.SQLITE_FUNCTION, "sum", "load_extension", False),
        (sqlite3.SQLITE_FUNCTION, "user_version", None, False),
        (sqlite3.SQLITE_PRAGMA, "user_version", None, True),
        (sqlite3.SQLITE_PRAGMA, "writable_schema", "user_version", False),
        (sqlite3.SQLITE_PRAGMA, "sum", "sum", False),
        (sqlite3.SQLITE_INSERT, "sum", "sum", False),
        (sqlite3.SQLITE_ATTACH, "user_version", None, False),
    ],
)
def test_what_a_statement_may_do(action: int, first: str | None, second: str | None, may: bool) -> None:
    wanted = sqlite3.SQLITE_OK if may else sqlite3.SQLITE_DENY
    assert _authorize(action, first, second, "main", None) == wanted
