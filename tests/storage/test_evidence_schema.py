"""Which parts of a file are looked at: those that are ours, each itself, and how much of it is checked."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.storage.books import add
from tests.storage.test_evidence import change, findings, path, template
from timebank.errors import FileDamaged
from timebank.storage.sqlite import SqliteStore
from timebank.storage.sqlite_evidence import SqliteEvidence

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["path", "template"]

CHANGED = "UPDATE sqlite_master SET sql = replace(sql, 'length(hash) = 32', '1') WHERE name = 'entry'"


def tables(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        return [name for (name,) in connection.execute(query)]


@pytest.mark.parametrize(
    ("query", "without", "are_all_ours"),
    [
        ("SELECT 1", None, True),
        ("ANALYZE", None, True),
        ("CREATE TRIGGER extra AFTER INSERT ON entry BEGIN SELECT 1; END", None, True),
        ("CREATE TABLE extra (a)", "extra", True),
        ("CREATE INDEX extra ON card (state)", "card", True),
        (CHANGED, "entry", False),
    ],
)
def test_a_schema_with_parts_that_are_not_ours_is_checked_table_by_table_where_it_is_ours(
    path: Path, monkeypatch: pytest.MonkeyPatch, query: str, without: str | None, are_all_ours: bool
) -> None:
    ours = tables(path)
    change(path, query)
    asked: list[tuple[str, ...]] = []

    def said(_: SqliteEvidence, *values: str) -> Iterator[tuple[str, str]]:
        asked.append(values)
        return iter(())

    monkeypatch.setattr(SqliteEvidence, "_problems", said)
    findings(path)
    checked = ["100"] if without is None else [name for name in ours if name != without]
    assert asked == [
        *((f"PRAGMA integrity_check({name})", "{0}") for name in checked),
        *((f"PRAGMA foreign_key_check({name})", "{0} {1} {2}", "foreign-key") for name in ours if are_all_ours),
    ]


def test_where_sqlite_cannot_go_on_checking_that_is_what_is_found(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise FileDamaged(str(path), "torn")

    with SqliteEvidence.open(path) as evidence:
        monkeypatch.setattr(SqliteEvidence, "_read", fail)
        assert list(evidence._problems("PRAGMA foreign_key_check(entry)", "{0}", "foreign-key")) == [
            ("integrity", "torn")
        ]


def test_a_file_of_an_older_version_is_held_to_the_schema_of_that_version(path: Path) -> None:
    change(path, "PRAGMA user_version = 2")
    found = findings(path)
    assert {code for code, _ in found} == {"schema-extra"}
    assert ("schema-extra", "table claim") in found
    assert ("schema-extra", "table entry") not in found


def test_a_ledger_without_entries_has_no_last_place(tmp_path: Path) -> None:
    SqliteStore.create(tmp_path / "new.timebank").close()
    with SqliteEvidence.open(tmp_path / "new.timebank") as evidence:
        assert list(evidence.structure()) == []
        assert evidence.last_place() == -1
        assert list(evidence.entries()) == list(evidence.transfers()) == []
        assert evidence.leaf(0) is None


def test_the_reads_of_a_table_name_the_table_itself_and_no_index(path: Path) -> None:
    """An index may lead elsewhere, and a stranger may have made one."""
    said: list[str] = []
    with SqliteEvidence.open(path) as evidence:
        list(evidence.structure())
        evidence._connection.set_trace_callback(said.append)
        for rows in (
            evidence.transfers(),
            evidence.transfers_from(0),
            evidence.rows("transfer", ("seq",)),
            evidence.rows("account", ("code",)),
        ):
            list(rows)
    of_tables = ["INDEXED BY sqlite_autoindex_transfer_1"] * 3 + ["NOT INDEXED"]
    assert len(said) == len(of_tables)
    assert all(wanted in query for wanted, query in zip(of_tables, said, strict=True))


@pytest.mark.parametrize("is_ours", [True, False])
def test_a_key_that_stands_twice_is_found_in_a_table_of_ours(path: Path, is_ours: bool) -> None:
    change(
        path,
        "DROP TRIGGER entry_is_not_updated",
        "DROP INDEX entry_key",
        "UPDATE entry SET key = 'till-9/1' WHERE seq IN (1, 2)",
        "UPDATE entry SET key = 'till-9/2' WHERE seq IN (3)",
        *([] if is_ours else [CHANGED]),
    )
    with SqliteEvidence.open(path) as evidence:
        list(evidence.structure())
        assert list(evidence.same_keys()) == ([("till-9/1",)] if is_ours else [])


@pytest.mark.parametrize("leaf", ["'text'", "5", "NULL"])
def test_a_leaf_that_is_no_bytes_is_none(path: Path, leaf: str) -> None:
    change(
        path,
        "DROP TRIGGER entry_is_not_updated",
        "PRAGMA ignore_check_constraints = ON",
        "UPDATE sqlite_master SET sql = replace(replace(sql, 'STRICT', ''), 'NOT NULL', '') WHERE name = 'entry'",
    )
    change(path, "PRAGMA ignore_check_constraints = ON", f"UPDATE entry SET leaf = {leaf} WHERE seq = 1")
    with SqliteEvidence.open(path) as evidence:
        assert evidence.leaf(0) is not None
        assert evidence.leaf(1) is None


def test_stored_hashes_are_32_bytes_of_the_level_and_the_places_that_were_asked_for(tmp_path: Path) -> None:
    with closing(SqliteStore.create(tmp_path / "new.timebank")) as store:
        with store.writing() as books:
            add(books, 3 * 256 + 1)
        with store.reading() as books:
            leaves, runs = books.hashes(0, 0, 769), books.hashes(1, 0, 3)
    with SqliteEvidence.open(tmp_path / "new.timebank") as evidence:
        list(evidence.schema())
        assert evidence.hashes(0, 0, 769) == leaves
        assert evidence.hashes(1, 0, 3) == evidence.hashes(1, 0, 9) == runs
        assert evidence.hashes(1, 1, 1) == runs[1:2]
        assert evidence.hashes(0, 5, 2) == leaves[5:7]
