"""Which parts of a file are looked at: those that are ours, each itself, and how much of it is checked."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.audit.tamper import loosened, tampering
from tests.storage.books import add
from tests.storage.test_evidence import change, findings, path, template, whole
from timebank.errors import FileDamaged
from timebank.storage import sqlite_evidence, sqlite_untrusted
from timebank.storage.sqlite import SqliteStore
from timebank.storage.sqlite_evidence import SqliteEvidence, _compared, _wanted_schema, examined
from timebank.storage.sqlite_moved import MOVED_NEEDS

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


@pytest.mark.parametrize(("changed", "levels"), [("entry", [1]), ("subtree", [0])])
def test_hashes_are_read_from_the_one_table_that_has_them_if_it_is_ours(
    tmp_path: Path, changed: str, levels: list[int]
) -> None:
    new = tmp_path / "new.timebank"
    with closing(SqliteStore.create(new)) as store, store.writing() as books:
        add(books, 257)
    change(new, f"UPDATE sqlite_master SET sql = replace(sql, 'length(hash) = 32', '1') WHERE name = '{changed}'")
    with SqliteEvidence.open(new) as evidence:
        list(evidence.schema())
        assert [level for level in (0, 1) if evidence.hashes(level, 0, 1)] == levels


@pytest.mark.parametrize("stored", ["x" * 32, b"x" * 31, b"x" * 33, 5, None])
def test_a_stored_hash_that_is_none_is_left_out(path: Path, stored: object) -> None:
    with loosened(path, "entry") as connection:
        connection.execute("UPDATE entry SET hash = ? WHERE seq = 1", (stored,))
    with SqliteEvidence.open(path) as evidence:
        list(evidence.schema())
        assert evidence.is_sound("entry")
        assert len(evidence.hashes(0, 0, 3)) == 2


def test_no_more_has_to_be_sound_than_what_is_read(path: Path) -> None:
    with SqliteEvidence.open(path) as evidence:
        list(evidence.schema())
        last, everything = evidence.last_place(), evidence._sound
        moved = [row for first in range(last) for row in evidence.moved_from(first)]
        accounts = [(row[0], first) for first in range(last) for row in evidence.moved_from(first)]
        before = [row[-1] for row in moved]

        def held(*sound: str) -> list[int]:
            evidence._sound = frozenset(sound)
            return [evidence.balance_before(number, first) for number, first in accounts]

        evidence._sound = MOVED_NEEDS
        assert [row for first in range(last) for row in evidence.moved_from(first)] == moved
        assert held("transfer", "transfer_debit", "transfer_credit") == before
        sides = held("transfer", "transfer_debit"), held("transfer", "transfer_credit")
        assert all(map(any, sides)) and before not in sides
        assert not any(held(*everything - {"transfer"}))
        assert list(evidence.moved_from(0)) == []


def test_of_a_transfer_to_itself_what_it_says_of_the_debit_counts(path: Path) -> None:
    """No entry makes one; whoever writes it with SQL is told the same by both ways of asking."""
    with tampering(path) as connection:
        seq, pos, debit = connection.execute(
            "SELECT seq, pos, debit FROM transfer ORDER BY seq DESC, pos DESC LIMIT 1"
        ).fetchone()
        connection.execute(
            "UPDATE transfer SET credit = debit, debit_after = 1, credit_after = 9 WHERE (seq, pos) = (?, ?)",
            (seq, pos),
        )
    with SqliteEvidence.open(path) as evidence:
        list(evidence.schema())
        assert evidence.balance_before(debit, seq + 1) == 1


def test_surplus_parts_are_told_in_one_order_whatever_their_names_are() -> None:
    found = {("table", name, "", "") for name in ("x", None, b"y", 5)}
    assert list(_compared(found, frozenset())) == [
        ("schema-extra", "table x"),
        ("schema-extra", "table 5"),
        ("schema-extra", "table None"),
        ("schema-extra", "table b'y'"),
    ]


def test_the_schema_that_should_be_is_made_in_memory_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _wanted_schema.cache_clear()
    assert _wanted_schema(1) == _wanted_schema(99)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("age", "quiet"), [(3 * 10**9, [False]), (3 * 10**9 + 1, [True]), (-1, [False])])
def test_a_file_that_was_changed_more_than_three_seconds_ago_is_read_without_a_trace(
    path: Path, monkeypatch: pytest.MonkeyPatch, age: int, quiet: list[bool]
) -> None:
    whole(path)
    asked: list[bool] = []
    connect = sqlite_untrusted.connect

    def noted(name: Path, *, is_quiet: bool) -> sqlite3.Connection:
        asked.append(is_quiet)
        return connect(name, is_quiet=is_quiet)

    monkeypatch.setattr(sqlite_evidence, "connect", noted)
    changed = path.stat().st_mtime_ns
    monkeypatch.setattr(sqlite_evidence.time, "time_ns", lambda: changed + age)  # type: ignore[attr-defined]
    assert examined(path, lambda evidence: evidence.path) == str(path)
    assert asked == quiet
