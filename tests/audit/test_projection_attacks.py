"""Attacks on what is made from the journal: each table edited behind its triggers, its indexes on the disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.audit.books import ENTRIES, Ledger
from tests.audit.tamper import Found, facts, found, loosened, raw, run, tampering, writable_schema

BALANCE: Found = {("balance-differs", None)}
UNBALANCED: Found = {("balance-differs", None), ("unit-unbalanced", None)}


def balance_of(path: Path, code: str) -> int:
    with raw(path) as connection:
        query = "SELECT balance FROM account WHERE code = ? AND unit = 'PTS'"
        return int(connection.execute(query, (code,)).fetchone()[0])


# --- Transfers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        "amount = amount + 1",
        "amount = -amount",
        "day = 20260106",
        "debit_after = debit_after + 1",
        "credit_after = -1",
        "debit = 1",
        "credit = 99999",
    ],
)
def test_a_transfer_edited_is_found(path: Path, change: str) -> None:
    run(path, f"UPDATE transfer SET {change} WHERE seq = 500 AND pos = 0")
    dangling = {("foreign-key", None)} if "99999" in change else set()
    assert found(path) == {("transfer-differs", 500), *dangling}


def test_a_transfer_removed_is_found(path: Path) -> None:
    run(path, "DELETE FROM transfer WHERE seq = 500 AND pos = 1")
    assert facts(path) == [("transfer-missing", {"pos": 1})]


def test_a_transfer_added_to_an_entry_is_found(path: Path) -> None:
    run(path, "INSERT INTO transfer VALUES (500, 7, 1, 2, 5, 20260110, 1, 1)")
    assert found(path) == {("transfer-extra", 500)}


@pytest.mark.parametrize("seq", [-1, ENTRIES])
def test_a_transfer_of_no_entry_is_found(path: Path, seq: int) -> None:
    run(path, f"INSERT INTO transfer VALUES ({seq}, 0, 1, 2, 5, 20260110, 1, 1)")
    assert found(path) == {("transfer-extra", seq), ("foreign-key", None)}


def test_transfers_given_to_another_entry_are_found(path: Path) -> None:
    run(path, "UPDATE transfer SET pos = pos + 10, seq = 501 WHERE seq = 500")
    assert found(path) == {("transfer-missing", 500), ("transfer-extra", 501)}


# --- Balances ----------------------------------------------------------------------------------------------


def test_a_balance_edited_is_found_and_breaks_the_zero(path: Path) -> None:
    code = _a_member(path)
    before = balance_of(path, code)
    run(path, f"UPDATE account SET balance = balance + 100 WHERE code = '{code}' AND unit = 'PTS'")
    assert facts(path) == [
        ("balance-differs", {"account": code, "unit": "PTS", "stored": before + 100, "replayed": before}),
        ("unit-unbalanced", {"unit": "PTS", "sum": -100}),
    ]


def _a_member(path: Path) -> str:
    with raw(path) as connection:
        return str(connection.execute("SELECT min(code) FROM account WHERE code LIKE 'L:M:%'").fetchone()[0])


def test_two_balances_edited_against_each_other_are_found(path: Path) -> None:
    run(
        path,
        "UPDATE account SET balance = balance + 7 WHERE code = 'L:S:YUNGU-SHOP'",
        "UPDATE account SET balance = balance + 7 WHERE code = 'X:AWARDED:GRID-7'",
    )
    assert found(path) == BALANCE


def test_a_balance_that_is_no_number_is_found(path: Path) -> None:
    with loosened(path, "account") as connection:
        connection.execute("UPDATE account SET balance = 'much' WHERE id = 1")
        connection.execute("UPDATE account SET balance = x'00ff' WHERE id = 2")
    assert found(path) == {("integrity", None), *UNBALANCED}


def test_an_account_that_never_moved_is_found(path: Path) -> None:
    run(path, "INSERT INTO account (code, unit, sign) VALUES ('L:M:NOBODY', 'PTS', -1)")
    assert found(path) == BALANCE


def test_an_account_that_is_gone_is_found(path: Path) -> None:
    run(path, "DELETE FROM account WHERE code = 'I:DONATED:HUICAI' AND unit = 'SOAP'")
    stock = {seq for seq, leaf in enumerate_leaves(path) if b'"I:DONATED:HUICAI","SOAP"' in leaf}
    wanted = {("transfer-differs", seq) for seq in stock}
    assert found(path) == {("foreign-key", None), ("day-total-differs", None), *UNBALANCED, *wanted}


def enumerate_leaves(path: Path) -> list[tuple[int, bytes]]:
    with raw(path) as connection:
        return connection.execute("SELECT seq, leaf FROM entry").fetchall()


def test_an_account_with_another_code_is_found(path: Path) -> None:
    code = _a_member(path)
    run(path, f"UPDATE account SET code = 'L:M:SOMEBODY' WHERE code = '{code}' AND unit = 'MIN'")
    named = f'"{code}","MIN"'.encode()
    moved = {("transfer-differs", seq) for seq, leaf in enumerate_leaves(path) if named in leaf}
    assert found(path) == {("day-total-differs", None), *BALANCE, *moved}


def test_an_account_with_another_sign_is_found(path: Path) -> None:
    run(path, "UPDATE account SET sign = -sign WHERE id = 3")
    assert found(path) == {("record-differs", None)}


# --- Day totals, tallies, resolutions ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "change", ["amount = amount + 1", "amount = -amount", "day = 20251231", "account = 99999"]
)
def test_a_day_total_edited_is_found(path: Path, change: str) -> None:
    run(path, f"UPDATE day_total SET {change} WHERE account = 1 AND day = (SELECT max(day) FROM day_total)")
    dangling = {("foreign-key", None)} if "99999" in change else set()
    assert found(path) == {("day-total-differs", None), *dangling}


def test_day_totals_moved_from_a_day_to_another_are_found(path: Path) -> None:
    with tampering(path) as connection:
        days = connection.execute("SELECT day FROM day_total WHERE account = 1 ORDER BY day").fetchall()
        for (day,), change in zip(days[:2], (5, -5), strict=True):
            query = "UPDATE day_total SET amount = amount + ? WHERE account = 1 AND day = ?"
            connection.execute(query, (change, day))
    assert found(path) == {("day-total-differs", None)}


def test_a_day_total_removed_is_found(path: Path) -> None:
    run(path, "DELETE FROM day_total WHERE account = 1 AND day = (SELECT max(day) FROM day_total)")
    assert found(path) == {("day-total-differs", None)}


def test_silent_a_day_total_of_zero_added(path: Path) -> None:
    run(path, "INSERT INTO day_total VALUES (1, 20251231, 0)")
    assert found(path) == set()


def test_a_tally_edited_is_found(path: Path) -> None:
    run(path, "UPDATE tally SET entries = entries + 1 WHERE kind = 'award'")
    assert found(path) == {("tally-differs", None)}


def test_a_tally_of_nothing_is_found(path: Path) -> None:
    run(path, "INSERT INTO tally VALUES ('gift', 1)")
    assert facts(path) == [("tally-differs", {"kind": "gift", "stored": 1, "replayed": 0})]


def test_a_tally_removed_is_found(path: Path) -> None:
    run(path, "DELETE FROM tally WHERE kind = 'award'")
    assert found(path) == {("tally-differs", None)}


def test_a_resolution_removed_is_found(ledger: Ledger, path: Path) -> None:
    resolver = ledger.find("reversal")
    run(path, f"DELETE FROM resolution WHERE resolver = {resolver}")
    assert found(path) == {("resolution-differs", resolver)}


def test_a_resolution_added_is_found(path: Path) -> None:
    run(path, "INSERT INTO resolution VALUES (500, 501)")
    assert facts(path) == [("resolution-differs", {"ref": 500})]
    assert found(path) == {("resolution-differs", 501)}


def test_a_resolution_by_another_entry_is_found_twice(ledger: Ledger, path: Path) -> None:
    resolver = ledger.find("reversal")
    run(path, f"UPDATE resolution SET resolver = 600 WHERE resolver = {resolver}")
    assert found(path) == {("resolution-differs", resolver), ("resolution-differs", 600)}


# --- The programme's tables --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE price SET points = 1 WHERE good = 'soap'",
        "UPDATE price SET from_day = '2026-01-02' WHERE good = 'soap' AND points = 5",
        "DELETE FROM price WHERE good = 'soap'",
        "INSERT INTO price VALUES ('hui-cai', 'soap', '2026-01-01', 30, 1)",
        "UPDATE card SET state = 'active' WHERE state = 'blocked'",
        "UPDATE card SET state = 'active' WHERE state = 'replaced'",
        "UPDATE card SET member = (SELECT max(id) FROM member) WHERE number = 'C-001'",
        "UPDATE operator SET role = 'admin' WHERE id = 'clerk-1'",
        "INSERT INTO operator VALUES ('mallory', 'yungu', 'admin', 9)",
        "UPDATE member SET kind = 'team' WHERE id = (SELECT min(id) FROM member)",
        "UPDATE rulebook SET from_day = '2026-01-08' WHERE from_day = '2026-01-09'",
        "DELETE FROM rulebook WHERE from_day = '2026-01-09'",
        "UPDATE organisation SET name = '别的' WHERE id = 'yungu'",
        "UPDATE organisation SET parent = NULL WHERE id = 'yungu'",
        "UPDATE unit SET zh = '元' WHERE code = 'PTS'",
        "UPDATE shop SET org = 'grid-7' WHERE id = 'hui-cai'",
        "UPDATE good SET seq = seq + 1 WHERE id = 'soap'",
    ],
)
def test_a_record_of_the_programme_edited_is_found(path: Path, statement: str) -> None:
    run(path, statement)
    assert found(path) == {("record-differs", None)}


def test_a_member_removed_is_found_and_leaves_its_cards_dangling(path: Path) -> None:
    run(path, "DELETE FROM member WHERE id = (SELECT member FROM card WHERE number = 'C-001')")
    assert found(path) == {("record-differs", None), ("foreign-key", None)}


def test_a_text_that_is_no_utf8_is_found_and_can_be_shown(path: Path) -> None:
    run(path, "UPDATE card SET number = CAST(x'432d30ff1b5b324a' AS TEXT) WHERE number = 'C-001'")
    shown = [known["key"] for _, known in facts(path)]
    assert shown == ["C-001", "C-0\\udcff\\x1b[2J"]


def test_a_huge_text_is_found_and_not_read(path: Path) -> None:
    run(path, "UPDATE organisation SET name = printf('%.*c', 3000000, 'x') WHERE id = 'yungu'")
    assert facts(path) == [("integrity", {"detail": "SQLITE_TOOBIG: string or blob too big"})]


@pytest.mark.parametrize("value", ["NULL", "'text'", "x'ff'", "1.5", "1e300"])
@pytest.mark.parametrize(
    ("table", "column", "code"),
    [
        ("subtree", "level", "subtree-differs"),
        ("subtree", "hash", "subtree-differs"),
        ("checkpoint", "note", "note-bad"),
        ("account", "code", "balance-differs"),
        ("account", "unit", "balance-differs"),
        ("account", "sign", "record-differs"),
        ("transfer", "seq", "transfer-missing"),
        ("transfer", "pos", "transfer-missing"),
        ("transfer", "debit", "transfer-differs"),
        ("transfer", "amount", "transfer-differs"),
        ("day_total", "day", "day-total-differs"),
        ("day_total", "amount", "day-total-differs"),
        ("tally", "kind", "tally-differs"),
        ("tally", "entries", "tally-differs"),
        ("resolution", "resolver", "resolution-differs"),
        ("card", "number", "record-differs"),
        ("price", "points", "record-differs"),
    ],
)
def test_a_value_of_another_type_is_found_and_nothing_raises(
    path: Path, table: str, column: str, code: str, value: str
) -> None:
    with loosened(path, table) as connection:
        keys = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[5]]
        row = connection.execute(f"SELECT {', '.join(keys)} FROM {table} ORDER BY {keys[0]} DESC").fetchone()
        where = " AND ".join(f"{key} = ?" for key in keys)
        if column in keys and value == "NULL":
            value = "zeroblob(0)"  # a key without rowid is never NULL, whatever the schema says
        connection.execute(f"UPDATE {table} SET {column} = {value} WHERE {where}", row)
    assert code in {each for each, _ in found(path)}


# --- Indexes -----------------------------------------------------------------------------------------------


def test_an_index_that_is_another_index_is_found(path: Path) -> None:
    with writable_schema(path) as connection:
        names = ("transfer_debit", "transfer_credit")
        roots = [
            connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()[0]
            for name in names
        ]
        for name, root in zip(names, reversed(roots), strict=True):
            connection.execute("UPDATE sqlite_master SET rootpage = ? WHERE name = ?", (root, name))
    assert found(path) == {("integrity", None), ("index-differs", None)}
    named = [known["detail"] for code, known in facts(path) if code == "index-differs"]
    assert named == ["transfer_debit", "transfer_credit"]


@pytest.mark.parametrize("index", ["transfer_debit", "transfer_credit", "entry_key", "card_member"])
def test_an_index_damaged_on_the_disk_is_found(path: Path, index: str) -> None:
    with raw(path) as connection:
        page_size = connection.execute("PRAGMA page_size").fetchone()[0]
        query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        page = connection.execute(query, (index,)).fetchone()[0]
    content = bytearray(path.read_bytes())
    start = (page - 1) * page_size
    while content[start] == 2:  # an inner page of an index: go to its last child
        start = (int.from_bytes(content[start + 8 : start + 12], "big") - 1) * page_size
    assert content[start] == 10
    first_cell = int.from_bytes(content[start + 8 : start + 10], "big")
    content[start + first_cell + 3] ^= 1  # the first value's type, or the first value
    path.write_bytes(content)
    assert ("integrity", None) in found(path)
    assert found(path) <= {("integrity", None), ("index-differs", None)}
