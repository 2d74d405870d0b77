"""What a file's schema is made by: the settings of a connection, the record of what ran, and no plugins."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from sqlite_utils import hookimpl
from sqlite_utils.plugins import pm

from timebank.storage import sqlite_file
from timebank.storage.sqlite import SqliteStore

if TYPE_CHECKING:
    from pathlib import Path

ON_EVERY_CONNECTION = [
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA cache_size = -32000",
]


@pytest.mark.parametrize(("readonly", "more"), [(False, ["PRAGMA synchronous = FULL"]), (True, [])])
def test_a_connection_has_its_settings_before_anything_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, readonly: bool, more: list[str]
) -> None:
    """How SQLite was built does not decide whether a commit waits for the disk."""
    path, told, connected = tmp_path / "a.timebank", list[str](), sqlite3.connect
    SqliteStore.create(path).close()

    class Told(sqlite3.Connection):
        def execute(self, query: str, *values: Any) -> sqlite3.Cursor:
            told.append(query)
            return super().execute(query, *values)

    monkeypatch.setattr(sqlite3, "connect", lambda name, **options: connected(name, factory=Told, **options))
    sqlite_file.connect(path, readonly=readonly, busy_seconds=1.0).close()
    assert told == [*ON_EVERY_CONNECTION, *more]


def test_what_ran_is_recorded_under_names_that_do_not_change(tmp_path: Path) -> None:
    """A step that is recorded under another name would run again on every older file."""
    SqliteStore.create(tmp_path / "a.timebank").close()
    with closing(sqlite3.connect(tmp_path / "a.timebank")) as connection:
        recorded = connection.execute("SELECT migration_set, name FROM _sqlite_migrations ORDER BY id").fetchall()
    steps = [f"{number:04}_{name}" for number, name, _ in sqlite_file.schema_files()]
    assert steps[:2] == ["0001_journal", "0002_projections"]
    assert recorded == [("timebank", step) for step in steps]


def test_a_ledger_is_made_without_the_plugins_that_somebody_has_installed(tmp_path: Path) -> None:
    class Plugin:
        @hookimpl
        def prepare_connection(self, conn: sqlite3.Connection) -> None:
            raise AssertionError(conn)

    plugin = Plugin()
    pm.register(plugin)
    try:
        SqliteStore.create(tmp_path / "a.timebank").close()
    finally:
        pm.unregister(plugin)


def test_only_projections_that_a_file_has_not_had_keep_its_version_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [
        (1, "journal", "CREATE TABLE one (a INTEGER) STRICT;\n"),
        (2, "projections", "CREATE TABLE two (a INTEGER) STRICT;\n"),
        (3, "notes", "CREATE TABLE three (a INTEGER) STRICT;\n"),
        (4, "projections_more", "CREATE TABLE four (a INTEGER) STRICT;\n"),
    ]
    versions = []
    for upto in (2, 3, 4):
        monkeypatch.setattr(sqlite_file, "schema_files", lambda upto=upto: made[:upto])
        opened = SqliteStore.create if upto == 2 else SqliteStore
        with closing(opened(tmp_path / "a.timebank")) as store:
            versions.append((sqlite_file.version_of(store._writing), store.needs_rebuild))  # type: ignore[arg-type]
    assert versions == [(2, False), (3, False), (3, True)]


def test_the_schema_files_are_ascii() -> None:
    """They are read alike wherever they are read: verify compares a file's schema letter for letter."""
    assert all(script.isascii() for _, _, script in sqlite_file.schema_files())
