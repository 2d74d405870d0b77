"""A file as evidence: what lies there is read, what is not ours is reported and never run."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.audit.tamper import loosened
from tests.storage.books import village
from timebank.errors import CannotOpen, DiskFailed, FileDamaged, TimebankError
from timebank.storage import sqlite_untrusted
from timebank.storage.sqlite import SqliteStore
from timebank.storage.sqlite_evidence import SqliteEvidence, examined
from timebank.storage.sqlite_untrusted import SIDES

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "a.timebank"
    village(path).close()
    return path


@pytest.fixture
def path(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(template, tmp_path / "b.timebank"))


def change(path: Path, *queries: str) -> None:
    """As somebody does who takes the schema itself in hand."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        for query in queries:
            connection.execute(query)


def findings(path: Path) -> list[tuple[str, str]]:
    with SqliteEvidence.open(path) as evidence:
        return list(evidence.structure())


def codes(path: Path) -> set[str]:
    return {code for code, _ in findings(path)}


@pytest.mark.parametrize(("code", "fails"), [(10, True), (10 | 33 << 8, True), (11, False), (1, False)])
def test_a_page_that_the_disk_does_not_give_is_no_finding(
    path: Path, monkeypatch: pytest.MonkeyPatch, code: int, fails: bool
) -> None:
    """SQLite's own check goes on and lists the page among what is damaged."""
    said = f"*** in database main ***\nPage 8: unable to get the page. error code={code}"
    with SqliteEvidence.open(path) as evidence:
        monkeypatch.setattr(SqliteEvidence, "_read", lambda *_: iter([(said,)]))
        found = evidence._problems("PRAGMA integrity_check(100)", "{0}")
        if fails:
            with pytest.raises(DiskFailed) as caught:
                list(found)
            detail = f"unable to get the page. error code={code}"
            assert caught.value.facts() == {"path": str(path), "detail": detail}
        else:
            assert list(found) == [("integrity", said)]


def everything(evidence: SqliteEvidence) -> Iterator[Any]:
    yield from evidence.entries()
    yield from evidence.transfers()
    yield from evidence.same_keys()
    for table, columns in [
        ("account", ("code", "unit", "balance")),
        ("checkpoint", ("size", "note")),
        ("card", ("number",)),
    ]:
        yield from evidence.rows(table, columns)


def test_a_sound_file_has_nothing_to_report_and_all_its_rows(path: Path) -> None:
    with SqliteEvidence.open(path) as evidence:
        assert list(evidence.structure()) == []
        entries = list(evidence.entries())
        assert [entry[0] for entry in entries] == list(range(len(entries)))
        assert all(evidence.leaf(entry[0]) == entry[4] for entry in entries)
        assert evidence.leaf(len(entries)) is None
        assert list(evidence.same_keys()) == []
        assert evidence.is_sound("entry") and not evidence.is_sound("sqlite_master")
        assert len(list(everything(evidence))) > 30


def test_nothing_is_read_before_the_schema_was(path: Path) -> None:
    with SqliteEvidence.open(path) as evidence:
        assert list(everything(evidence)) == []


@pytest.mark.parametrize(
    ("query", "code", "detail"),
    [
        ("CREATE TABLE extra (a)", "schema-extra", "table extra"),
        ("CREATE VIEW extra AS SELECT 1", "schema-extra", "view extra"),
        ("CREATE INDEX extra ON card (state)", "schema-extra", "index extra"),
        ("CREATE TRIGGER extra AFTER INSERT ON entry BEGIN SELECT 1; END", "schema-extra", "trigger extra"),
        ("DROP TRIGGER entry_is_not_updated", "schema-missing", "trigger entry_is_not_updated"),
        ("DROP INDEX transfer_debit", "schema-missing", "index transfer_debit"),
        ("PRAGMA user_version = 99", "schema-too-new", "99"),
    ],
)
def test_what_is_surplus_missing_or_newer_is_reported(path: Path, query: str, code: str, detail: str) -> None:
    change(path, query)
    assert findings(path) == [(code, detail)]


def test_a_trigger_of_another_text_is_reported(path: Path) -> None:
    change(
        path,
        "DROP TRIGGER entry_is_not_deleted",
        "CREATE TRIGGER entry_is_not_deleted BEFORE DELETE ON entry BEGIN SELECT 1; END",
    )
    assert findings(path) == [("schema-changed", "trigger entry_is_not_deleted")]


def test_statistics_are_no_finding(path: Path) -> None:
    change(path, "ANALYZE")
    assert findings(path) == []


def test_a_table_that_is_not_the_one_it_should_be_is_not_read(path: Path) -> None:
    change(path, "UPDATE sqlite_master SET sql = replace(sql, 'length(hash) = 32', '1') WHERE name = 'entry'")
    with SqliteEvidence.open(path) as evidence:
        assert ("schema-changed", "table entry") in list(evidence.structure())
        assert not evidence.is_sound("entry")
        assert list(evidence.entries()) == list(evidence.same_keys()) == []
        assert list(evidence.transfers())


def test_rows_that_refer_to_nothing_are_reported(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO resolution (seq, resolver) VALUES (7000, 7001)")
    assert findings(path) == [("foreign-key", "resolution 7000 entry")] * 2


@pytest.mark.parametrize("index", ["transfer_debit", "transfer_credit", "entry_key"])
def test_an_index_that_leads_elsewhere_is_reported(path: Path, index: str) -> None:
    """Its pages are emptied: its table has rows that it does not lead to."""
    with closing(sqlite3.connect(path)) as connection:
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (index,)).fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(bytes([10, 0, 0, 0, 0]) + (size % 65_536).to_bytes(2, "big") + b"\0" + bytes(size - 8))
    assert {"integrity", "index-differs"} <= codes(path)


def test_an_index_that_cannot_be_read_is_reported(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'transfer_debit'").fetchone()[0]
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    assert any(code == "integrity" and detail.startswith("transfer_debit") for code, detail in findings(path))


def test_reading_is_all_that_is_allowed(path: Path) -> None:
    with SqliteEvidence.open(path) as evidence:
        for query in (
            "DELETE FROM card",
            "ATTACH ':memory:' AS other",
            "PRAGMA writable_schema = ON",
            "SELECT load_extension('x')",
        ):
            with pytest.raises(FileDamaged):
                list(evidence._read(query))


def test_what_takes_for_ever_is_given_up(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_untrusted, "_STEPS_AT_ONCE", 1000)
    monkeypatch.setattr(sqlite_untrusted, "_STEPS_PER_BYTE", 0)
    endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT count(*) FROM n"
    with SqliteEvidence.open(path) as evidence, pytest.raises(FileDamaged):
        list(evidence._read(endless))


def test_a_schema_whose_damage_cannot_even_be_told_is_damage(path: Path) -> None:
    """SQLite quotes the name in its message, and Python cannot read the message."""
    bad = "CAST(x'ff' AS TEXT)"
    change(
        path,
        f"UPDATE sqlite_master SET name = {bad}, sql = 'CREATE TRIGGER ' || {bad} WHERE name = 'entry_key_is_new'",
    )
    with pytest.raises(FileDamaged):
        findings(path)
    with pytest.raises(FileDamaged):
        SqliteStore(path)


def test_texts_that_are_no_text_are_read_as_something_else(path: Path) -> None:
    whole = path.read_bytes()
    place = re.search("云谷店".encode(), whole)
    assert place is not None
    path.write_bytes(whole.replace("云谷店".encode(), b"\xff" * 9))
    with SqliteEvidence.open(path) as evidence:
        list(evidence.structure())
        assert [name for (name,) in evidence.rows("shop", ("name",))] == ["\udcff" * 9]


@contextmanager
def looked_over(path: Path) -> Iterator[SqliteEvidence]:
    """The file open, its schema looked at: only what is ours is read."""
    with SqliteEvidence.open(path) as evidence:
        list(evidence.structure())
        yield evidence


def test_a_part_of_the_journal_is_read_from_a_place_on(path: Path) -> None:
    with looked_over(path) as evidence:
        entries, transfers = list(evidence.entries()), list(evidence.transfers())
        assert evidence.last_place() == entries[-1][0] > 3
        assert list(evidence.entries_from(3)) == entries[3:]
        middle = transfers[len(transfers) // 2][0]
        assert list(evidence.transfers_from(middle)) == [row for row in transfers if row[0] >= middle] != transfers
        assert evidence.hashes(0, 2, 3) == [row[1] for row in entries[2:5]]
        assert evidence.hashes(0, len(entries) - 1, 9) == [entries[-1][1]]
        assert evidence.hashes(1, 0, 1) == []  # no run of 256 is complete


def test_a_key_leads_to_its_places(path: Path) -> None:
    with looked_over(path) as evidence:
        seq, key = next((row[0], row[2]) for row in evidence.entries() if row[2] is not None)
        assert evidence.places_of(key) == [seq]
        assert evidence.places_of("nobody") == []


def test_what_an_account_held_is_what_its_last_transfer_before_a_place_says(path: Path) -> None:
    with looked_over(path) as evidence:
        held: dict[int, dict[int, int]] = {}
        for seq, _, debit, credit, _, _, debit_after, credit_after in evidence.transfers():
            held.setdefault(debit, {0: 0})[seq + 1] = debit_after
            held.setdefault(credit, {0: 0})[seq + 1] = credit_after
        assert held
        for account, by_place in held.items():
            for place in range(evidence.last_place() + 2):
                assert (
                    evidence.balance_before(account, place) == by_place[max(at for at in by_place if at <= place)]
                )


def test_the_accounts_that_moved_from_a_place_on_are_asked_for_at_once(path: Path) -> None:
    with looked_over(path) as evidence:
        accounts = {row[0]: row for row in evidence.rows("account", ("id", "code", "unit", "balance"))}
        transfers = list(evidence.transfers())
        for first in range(evidence.last_place() + 2):
            moved = {number for row in transfers if row[0] >= first for number in row[2:4]}
            wanted = {(*accounts[number], evidence.balance_before(number, first)) for number in moved}
            found = list(evidence.moved_from(first))
            assert len(found) == len(moved)
            assert set(found) == wanted
            assert first or {row[4] for row in found} == {0}


BALANCES = [2**63 - 1, -(2**63), 2**31, 2**31 - 1, -(2**31), -(2**31) - 1, 5.5, "5", "five", b"5", None, -7, 0]


@pytest.mark.parametrize("account", ["A:S:B", "X:B", "L:M:B", "E:B", "I:B", "B:B", "", 5, None, b"A:B"])
def test_the_sums_of_units_are_exact_and_of_whole_numbers_alone(path: Path, account: object) -> None:
    with loosened(path, "account") as connection:
        for number, balance in enumerate(BALANCES * 3):
            code = f"{account}{number}" if account and isinstance(account, str) else account
            row = (code, f"U{number % 4}" if number % 5 else number % 2, balance)
            connection.execute(
                "INSERT OR IGNORE INTO account (code, unit, sign, balance) VALUES (?, ?, 1, ?)", row
            )
    with looked_over(path) as evidence:
        sums: dict[object, int] = {}
        for code, unit, balance in evidence.rows("account", ("code", "unit", "balance")):
            if type(balance) is int:
                is_debit = isinstance(code, str) and code[:1] in ("A", "X")
                sums[unit] = sums.get(unit, 0) + (balance if is_debit else -balance)
        assert evidence.unit_sums() == sums
        assert len(sums) > 4


def test_of_a_file_that_is_not_ours_no_part_is_read(path: Path) -> None:
    with SqliteEvidence.open(path) as evidence:  # nobody has looked at its schema
        assert evidence.last_place() == -1
        assert list(evidence.entries_from(0)) == list(evidence.transfers_from(0)) == []
        assert evidence.hashes(0, 0, 5) == evidence.hashes(1, 0, 5) == []
        assert evidence.places_of("till-1/2") == []
        assert evidence.balance_before(1, 99) == 0
        assert list(evidence.moved_from(0)) == []
        assert evidence.unit_sums() == {}


def aged(path: Path) -> None:
    """As if the file had lain there since yesterday."""
    yesterday = time.time() - 86_400
    os.utime(path, (yesterday, yesterday))


def whole(path: Path) -> None:
    """The file as one that a program closed: no side files beside it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    for side in SIDES:
        assert not Path(f"{path}{side}").exists()


def test_a_file_that_lies_still_is_looked_at_once_and_without_a_trace(path: Path) -> None:
    whole(path)
    aged(path)
    before = sorted(each.name for each in path.parent.iterdir())
    looks: list[SqliteEvidence] = []
    assert examined(path, lambda evidence: looks.append(evidence) or "seen") == "seen"
    assert len(looks) == 1
    assert sorted(each.name for each in path.parent.iterdir()) == before


def test_a_file_that_changes_under_the_look_is_looked_at_again(path: Path) -> None:
    whole(path)
    aged(path)
    looks: list[int] = []

    def look(_: SqliteEvidence) -> int:
        path.touch()
        looks.append(len(looks))
        return len(looks)

    assert examined(path, look) == 2


def test_damage_seen_while_somebody_writes_is_looked_at_again(path: Path) -> None:
    whole(path)
    aged(path)
    looks: list[int] = []

    def look(_: SqliteEvidence) -> str:
        looks.append(len(looks))
        if len(looks) == 1:
            path.touch()
            raise FileDamaged(str(path), "torn")
        return "well"

    assert examined(path, look) == "well"


def test_damage_in_a_file_that_lies_still_is_damage(path: Path) -> None:
    whole(path)
    aged(path)

    def look(_: SqliteEvidence) -> str:
        raise FileDamaged(str(path), "torn")

    with pytest.raises(FileDamaged):
        examined(path, look)


def test_a_link_that_leads_in_circles_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    with pytest.raises(TimebankError):
        examined(tmp_path / "one", lambda _: None)


def test_a_log_that_is_no_file_is_not_opened(path: Path) -> None:
    whole(path)
    Path(f"{path}-wal").mkdir()
    with pytest.raises(CannotOpen, match="is no file"):
        examined(path, lambda _: None)
