"""What an error names: the file, how long was waited, and what SQLite or the system said."""

from __future__ import annotations

import os
import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.storage.books import add
from timebank.errors import (
    CannotOpen,
    DiskFailed,
    FileDamaged,
    FileExists,
    FileLocked,
    FileTooNew,
    OutOfMemory,
    TimebankError,
)
from timebank.storage import sqlite_file, sqlite_untrusted
from timebank.storage.sqlite import SqliteStore
from timebank.storage.sqlite_file import connect, error_for, new_file, translated

if TYPE_CHECKING:
    from collections.abc import Callable

BROKEN_UTF_8 = UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")


def of_sqlite(name: str = "") -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("as SQLite says")
    if name:
        error.sqlite_errorname = name
    return error


@pytest.mark.parametrize(
    ("error", "wanted"),
    [
        (MemoryError(), OutOfMemory("a.timebank")),
        (BROKEN_UTF_8, FileDamaged("a.timebank", "the schema holds text that is no UTF-8")),
        (of_sqlite("SQLITE_LOCKED"), FileLocked("a.timebank", 1.5)),
        (of_sqlite("SQLITE_IOERR_READ"), DiskFailed("a.timebank", "SQLITE_IOERR_READ: as SQLite says")),
        (of_sqlite("SQLITE_CANTOPEN"), CannotOpen("a.timebank", "as SQLite says")),
        (of_sqlite("SQLITE_CORRUPT_INDEX"), FileDamaged("a.timebank", "SQLITE_CORRUPT_INDEX: as SQLite says")),
        (of_sqlite(), FileDamaged("a.timebank", "OperationalError: as SQLite says")),
    ],
    ids=str,
)
def test_an_error_names_the_file_and_what_was_said(error: BaseException, wanted: TimebankError) -> None:
    said = error_for(error, "a.timebank", 1.5)
    assert (type(said), said.facts()) == (type(wanted), wanted.facts())


def test_where_nobody_waits_a_lock_was_waited_for_for_no_time() -> None:
    with pytest.raises(FileLocked) as caught, translated("a.timebank"):
        raise of_sqlite("SQLITE_BUSY")
    assert caught.value.facts() == {"path": "a.timebank", "waited_seconds": 0.0}


OPENED: tuple[Callable[[Path], object], ...] = (
    lambda path: connect(path, readonly=False, busy_seconds=5.5),
    lambda path: sqlite_untrusted.connect(path, is_quiet=False),
)


@pytest.mark.parametrize("opened", OPENED)
def test_sqlite_is_told_that_the_name_it_gets_is_a_uri(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, opened: Callable[[Path], object]
) -> None:
    """Some builds of SQLite take every name for one, others only if they are told."""

    def told(_: str, **options: Any) -> None:
        assert options["uri"] is True
        assert options["isolation_level"] is None  # or Python would begin transactions of its own
        assert options["check_same_thread"] is False  # a reader serves whichever thread comes
        assert options["timeout"] == (5.5 if opened is OPENED[0] else 5.0)
        raise of_sqlite()

    monkeypatch.setattr(sqlite3, "connect", told)
    with pytest.raises(sqlite3.OperationalError, match="as SQLite says"):
        opened(tmp_path / "a.timebank")


# --- Opening -------------------------------------------------------------------------------------------------


def test_a_file_that_the_system_does_not_give_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(5, os.strerror(5))

    monkeypatch.setattr(Path, "open", fail)
    with pytest.raises(DiskFailed) as caught:
        SqliteStore(tmp_path / "a.timebank")
    assert caught.value.facts() == {"path": str(tmp_path / "a.timebank"), "detail": os.strerror(5)}


def test_a_newer_timebank_that_came_right_after_is_named_with_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, newest = tmp_path / "a.timebank", sqlite_file.newest_version()
    SqliteStore.create(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {newest - 1}")

    def migrated(connection: sqlite3.Connection, _: str) -> None:
        connection.execute(f"PRAGMA user_version = {newest + 1}")

    monkeypatch.setattr(sqlite_file, "migrate", migrated)
    with pytest.raises(FileTooNew) as caught:
        SqliteStore(path)
    assert caught.value.args == (str(path), newest + 1, newest)


@pytest.mark.parametrize("readonly", [False, True])
def test_a_hash_that_is_none_is_damage_of_the_file_that_is_named(tmp_path: Path, *, readonly: bool) -> None:
    path = tmp_path / "a.timebank"
    with closing(SqliteStore.create(path)) as store, store.writing() as books:
        add(books, 3)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("DROP TRIGGER entry_is_not_updated")
        connection.execute("UPDATE entry SET hash = x'00' WHERE seq = 1")
    with closing(SqliteStore(path, readonly=readonly)) as store:
        for _ in range(2):  # once with the reader that was there from the beginning
            with pytest.raises(FileDamaged) as caught, store.reading() as books:
                books.hashes(0, 0, 3)
            assert caught.value.facts() == {"path": str(path), "detail": "a hash of level 0 is none"}
            if not readonly:
                with pytest.raises(FileDamaged) as caught, store.writing() as writer:
                    writer.hashes(0, 0, 3)
                assert caught.value.facts() == {"path": str(path), "detail": "a hash of level 0 is none"}


def test_who_only_reads_sees_what_stands_in_the_log(tmp_path: Path) -> None:
    path = tmp_path / "a.timebank"
    with closing(SqliteStore.create(path)) as store, store.writing() as books:
        add(books, 1)
    with closing(SqliteStore(path, readonly=True)) as early, closing(SqliteStore(path)) as store:
        with store.writing() as books:
            add(books, 1)
        with closing(SqliteStore(path, readonly=True)) as late:
            for readers in (early, late):
                with readers.reading() as seen:
                    assert seen.size() == 2


# --- A new file ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "fails", "named"),
    [("open", 9, "a"), ("unlink", 1, "a.new"), ("unlink", 9, "a"), ("replace", 9, "a")],
)
def test_which_file_the_system_refused_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, fails: int, named: str
) -> None:
    """An unfinished one that an earlier crash left stands in the way (`unlink`, once), or the new file itself."""
    owner: Any = os if call == "open" else Path
    real, left = getattr(owner, call), [None] * fails

    def fail(*values: Any, **words: Any) -> Any:
        if left:
            left.pop()
            raise OSError(13, os.strerror(13))
        return real(*values, **words)

    with monkeypatch.context() as patched, pytest.raises(CannotOpen) as caught:
        patched.setattr(owner, call, fail)
        with new_file(tmp_path / "a") as unfinished:
            unfinished.write_bytes(b"whole")
    assert caught.value.facts() == {"path": str(tmp_path / named), "reason": os.strerror(13)}


@pytest.mark.skipif(os.name != "posix", reason="elsewhere a file has no such modes")
def test_a_name_is_reserved_by_a_file_that_its_owner_writes_and_others_read(tmp_path: Path) -> None:
    mask = os.umask(0)
    try:
        with new_file(tmp_path / "a") as unfinished:
            assert (tmp_path / "a").stat().st_mode & 0o777 == 0o644
            unfinished.write_bytes(b"whole")
    finally:
        os.umask(mask)


def test_what_an_earlier_crash_left_unfinished_is_gone_before_a_file_is_made(tmp_path: Path) -> None:
    for side in ("", "-wal", "-shm", "-journal"):
        (tmp_path / f"a.new{side}").write_bytes(b"left")
    with new_file(tmp_path / "a") as unfinished:
        assert [each.name for each in tmp_path.iterdir()] == ["a"]
        unfinished.write_bytes(b"whole")


def test_a_file_without_a_log_of_its_own_is_put_in_place_whatever_lies_beside_it(tmp_path: Path) -> None:
    with new_file(tmp_path / "a") as unfinished:
        with closing(sqlite3.connect(unfinished)) as connection, connection:
            connection.execute("CREATE TABLE one (a)")
        Path(f"{unfinished}-wal").write_bytes(b"")
    with closing(sqlite3.connect(tmp_path / "a")) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("one",)]


def test_a_log_that_cannot_be_folded_is_named_with_the_time_that_was_waited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "_FOLD_SECONDS", 0.01)
    with ExitStack() as later, pytest.raises(FileLocked) as caught, new_file(tmp_path / "a") as unfinished:
        SqliteStore.create(unfinished).close()
        reader = later.enter_context(closing(sqlite3.connect(unfinished, isolation_level=None)))
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM entry").fetchone()
        with closing(SqliteStore(unfinished)) as store, store.writing() as books:
            add(books, 1)
    assert caught.value.facts() == {"path": str(tmp_path / "a.new"), "waited_seconds": 0.01}


def test_a_log_that_sqlite_cannot_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileDamaged) as caught, new_file(tmp_path / "a") as unfinished:
        unfinished.write_bytes(b"no database, and long enough to be none" * 99)
        Path(f"{unfinished}-wal").write_bytes(b"log")
    assert caught.value.facts()["path"] == str(tmp_path / "a.new")


def test_a_ledger_is_not_made_over_another_file_nor_where_there_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"mine")
    with pytest.raises(FileExists) as caught:
        sqlite_file.create(tmp_path / "a")
    assert caught.value.path == str(tmp_path / "a")
    with pytest.raises(CannotOpen) as refused:
        sqlite_file.create(tmp_path / "none" / "a")
    assert refused.value.path == str(tmp_path / "none" / "a")
