"""The schema attacked with raw SQL by a stranger with SQLite's own settings, and read back by another."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from attrs import fields

import timebank
from tests.storage.books import dump, village
from timebank.ledger.journal import Journal
from timebank.programme.kinds import TABLES
from timebank.storage.sqlite import SqliteStore

COLUMNS = {
    "entry": "seq", "subtree": "level", "checkpoint": "size", "transfer": "seq", "account": "id",
    "resolution": "seq",
    "unit": "code", "organisation": "id", "rulebook": "from_day", "member": "id", "shop": "id", "good": "id",
    "price": "shop", "card": "number", "operator": "id",
}  # fmt: skip
"""Tables that lose no row and keep their names, with a column of the key; the last two may change otherwise."""

ONCE = [table for table in COLUMNS if table not in ("account", "card", "operator")]
"""Tables whose rows never change at all."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "a.timebank"
    with village(path) as bank:
        while len(list(bank.journal.entries())) < 256:  # for a row in subtree
            bank.organisations.appoint("clerk-3", org="yungu", role="clerk", by="admin")
        assert bank.verify().is_clean
    return path


@pytest.fixture
def path(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(template, tmp_path / "b.timebank"))


def attack(path: Path, sql: str, values: tuple[Any, ...] = ()) -> Exception | None:
    """Run *sql* as a stranger, and commit whatever came of it; answers the error."""
    with closing(sqlite3.connect(path)) as connection:
        try:
            connection.execute(sql, values)
        except sqlite3.Error as error:
            return error
        finally:
            connection.commit()
    return None


def refused(path: Path, sql: str, values: tuple[Any, ...] = ()) -> None:
    """Whatever SQLite answers, not a byte of any row is another afterwards."""
    before = image(path)
    error = attack(path, sql, values)
    assert image(path) == before, sql
    ignored = "OR IGNORE" in sql or "DO NOTHING" in sql
    assert error is not None or ignored, sql


def image(path: Path) -> bytes:
    """Every byte of the database, as another connection sees it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        return connection.serialize()


def first(path: Path, table: str) -> dict[str, Any]:
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return dict(connection.execute(f"SELECT * FROM {table} LIMIT 1").fetchone())


def size(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM entry").fetchone()[0])


# --- Rows that stay as they are ----------------------------------------------------------------------------

POLICIES = ["", "OR ABORT", "OR FAIL", "OR IGNORE", "OR REPLACE", "OR ROLLBACK"]


@pytest.mark.parametrize("table", COLUMNS)
def test_every_attacked_table_has_rows(path: Path, table: str) -> None:
    assert first(path, table)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("table", COLUMNS)
def test_no_row_is_deleted_or_gets_another_name(path: Path, table: str, policy: str) -> None:
    key = COLUMNS[table]
    refused(path, f"DELETE FROM {table}")
    refused(path, f"DELETE FROM {table} WHERE {key} = (SELECT min({key}) FROM {table})")
    refused(path, f"UPDATE {policy} {table} SET {key} = {key} || 'X'")
    refused(path, f"UPDATE {policy} {table} SET {key} = (SELECT max({key}) FROM {table}) || ''")


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("table", ONCE)
def test_no_column_of_a_row_written_once_is_updated(path: Path, table: str, policy: str) -> None:
    for column, value in first(path, table).items():
        other = value + 1 if isinstance(value, int) else b"x" * len(value) if isinstance(value, bytes) else "x"
        refused(path, f"UPDATE {policy} {table} SET {column} = ?", (other,))
        refused(path, f"UPDATE {policy} {table} SET {column} = {column}")


@pytest.mark.parametrize("table", ONCE)
def test_a_row_written_once_is_not_replaced(path: Path, table: str) -> None:
    row = first(path, table)
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    for column, value in row.items():
        other = (
            value + 1 if isinstance(value, int) else b"x" * len(value) if isinstance(value, bytes) else f"{value}x"
        )
        for changed in (row, row | {column: other}):
            if changed is not row and column in keys_of(path, table):
                continue  # another row, not another version of this one
            values = tuple(changed.values())
            for policy in POLICIES:
                refused(path, f"INSERT {policy} INTO {table} ({names}) VALUES ({marks})", values)
            refused(path, f"REPLACE INTO {table} ({names}) VALUES ({marks})", values)
            refused(
                path,
                f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT DO UPDATE SET {column} = 1",
                values,
            )
            refused(path, f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING", values)


def keys_of(path: Path, table: str) -> set[str]:
    with closing(sqlite3.connect(path)) as connection:
        return {row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[5]}


@pytest.mark.parametrize("alias", ["rowid", "oid", "_rowid_", "id"])
def test_an_account_is_not_renamed_by_another_name_of_its_id(path: Path, alias: str) -> None:
    for policy in POLICIES:
        refused(path, f"UPDATE {policy} account SET {alias} = {alias} + 1000")
    refused(path, "UPDATE account SET code = 'L:M:THIEF' WHERE code LIKE 'L:M:%'")
    refused(path, "UPDATE account SET unit = 'GOLD'")
    refused(path, "UPDATE account SET sign = -sign")
    refused(path, "UPDATE account SET balance = -1 WHERE code LIKE 'L:%'")
    refused(path, "UPDATE account SET balance = 1.5")
    refused(path, "UPDATE account SET balance = NULL")


def test_an_account_is_not_replaced(path: Path) -> None:
    row = first(path, "account")
    for values in [
        (row["id"], "L:M:THIEF", "PTS", -1),
        (None, row["code"], row["unit"], row["sign"]),
        (9999, row["code"], row["unit"], row["sign"]),
        (row["id"], row["code"], row["unit"], row["sign"]),
    ]:
        for verb in ("INSERT", "REPLACE", *(f"INSERT {policy}" for policy in POLICIES[1:])):
            refused(path, f"{verb} INTO account (id, code, unit, sign) VALUES (?, ?, ?, ?)", values)
        refused(
            path,
            "INSERT INTO account (id, code, unit, sign) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET balance = 9",
            values,
        )


# --- Rows that are not let in ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "values",
    [
        ("L:M:NEW", "PTS", -1, 1), ("L:M:NEW", "PTS", -1, -1), ("L:M:NEW", "PTS", 1, 0), ("A:NEW", "PTS", -1, 0),
        ("L:M:NEW", "PTS", 0, 0), ("Q:NEW", "PTS", -1, 0), ("L", "PTS", -1, 0), ("L:", "PTS", -1, 0),
        ("", "PTS", -1, 0),
        ("L:M:", "PTS", -1, 0), ("L::M", "PTS", -1, 0), ("L:-M", "PTS", -1, 0), ("L:M:-", "PTS", -1, 0),
        ("L:m", "PTS", -1, 0),
        ("L:中", "PTS", -1, 0), ("L:M N", "PTS", -1, 0), ("L:" + "M" * 199, "PTS", -1, 0), (None, "PTS", -1, 0),
        ("L:NEW", "", -1, 0), ("L:NEW", "pts", -1, 0), ("L:NEW", "1", -1, 0), ("L:NEW", "P-", -1, 0),
        ("L:NEW", "P" * 24, -1, 0),
        ("L:NEW", None, -1, 0), ("L:NEW", "PTS", None, 0), (b"L:NEW", "PTS", -1, 0),
    ],
    ids=repr,
)  # fmt: skip
def test_an_account_opens_empty_and_with_the_names_that_accounts_have(path: Path, values: tuple[Any, ...]) -> None:
    for policy in POLICIES:
        refused(path, f"INSERT {policy} INTO account (code, unit, sign, balance) VALUES (?, ?, ?, ?)", values)


@pytest.mark.parametrize("offset", [-300, -257, -256, -2, -1, 1, 2, 1000])
def test_an_entry_comes_at_the_end_and_nowhere_else(path: Path, offset: int) -> None:
    values = (size(path) + offset, b"x" * 32, "award", b"{}")
    for policy in POLICIES:
        refused(path, f"INSERT {policy} INTO entry (seq, hash, kind, leaf) VALUES (?, ?, ?, ?)", values)


@pytest.mark.parametrize("seq", [None, -1, -(2**63), 2**63 - 1, "x", 1.5, b"1"], ids=repr)
def test_an_entry_has_a_number(path: Path, seq: object) -> None:
    refused(
        path, "INSERT INTO entry (seq, hash, kind, leaf) VALUES (?, ?, ?, ?)", (seq, b"x" * 32, "award", b"{}")
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"hash": b"x" * 31}, {"hash": b"x" * 33}, {"hash": "x" * 32}, {"hash": None}, {"leaf": b""},
        {"leaf": b"x"},
        {"leaf": b"x" * 65_536}, {"leaf": "{}"}, {"leaf": None}, {"key": ""}, {"key": "k" * 65}, {"key": b"k"},
        {"key": "till-1/1"}, {"key": "till-1/2"}, {"kind": ""}, {"kind": "k" * 33}, {"kind": None},
    ],
    ids=str,
)  # fmt: skip
def test_an_entry_is_a_hash_a_leaf_and_a_new_key(path: Path, changed: dict[str, Any]) -> None:
    row = {"seq": size(path), "hash": b"x" * 32, "key": None, "kind": "award", "leaf": b"{}"} | changed
    for policy in POLICIES:
        refused(
            path,
            f"INSERT {policy} INTO entry (seq, hash, key, kind, leaf) VALUES (?, ?, ?, ?, ?)",
            tuple(row.values()),
        )


@pytest.mark.parametrize(
    "values",
    [
        (1, 0),
        (1, 1),
        (1, 2),
        (1, -1),
        (2, 0),
        (0, 0),
        (8, 0),
        (-1, 0),
        (None, 1),
        (1, None),
        (1, "x"),
        (1, 1.5),
        (7, 0),
    ],
    ids=repr,
)
def test_a_subtree_comes_when_its_entries_are_there_and_once(path: Path, values: tuple[Any, ...]) -> None:
    for policy in POLICIES:
        refused(
            path, f"INSERT {policy} INTO subtree (level, position, hash) VALUES (?, ?, ?)", (*values, b"x" * 32)
        )


@pytest.mark.parametrize(
    ("covers", "note"),
    [(-1, "n"), (0, "n"), (5, "n"), (257, "n"), (None, "n"), ("x", "n"), (256, ""), (256, None)],
)
def test_a_checkpoint_covers_more_than_the_last_and_no_more_than_there_is(
    path: Path, covers: object, note: str | None
) -> None:
    for policy in POLICIES:
        refused(path, f"INSERT {policy} INTO checkpoint (size, note) VALUES (?, ?)", (covers, note))


@pytest.mark.parametrize(
    "values", [("seq", 255), (250, "resolver"), (250, 250), (250, 249), (250, None), (250, 1.5)], ids=repr
)
def test_a_resolution_is_of_another_earlier_entry_and_once(path: Path, values: tuple[Any, ...]) -> None:
    known = first(path, "resolution")
    given = tuple(known.get(value, value) if isinstance(value, str) else value for value in values)
    for policy in POLICIES:
        refused(path, f"INSERT {policy} INTO resolution (seq, resolver) VALUES (?, ?)", given)


# --- Transfers ---------------------------------------------------------------------------------------------


class Transfers:
    """Raw transfers at the end of the book, told truly unless the test says otherwise."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with closing(sqlite3.connect(path)) as connection:
            self.accounts = {
                (code, unit): (number, sign, balance)
                for number, code, unit, sign, balance in connection.execute(
                    "SELECT id, code, unit, sign, balance FROM account"
                )
            }
            self.seq = connection.execute("SELECT max(seq) FROM entry").fetchone()[0]

    def find(self, beginning: str, unit: str) -> tuple[str, str]:
        return next(place for place in self.accounts if place[0].startswith(beginning) and place[1] == unit)

    def row(
        self, debit: tuple[str, str], credit: tuple[str, str], amount: Any = 1, **changed: Any
    ) -> dict[str, Any]:
        (d, d_sign, d_balance), (c, c_sign, c_balance) = self.accounts[debit], self.accounts[credit]
        whole = amount if isinstance(amount, int) else 1
        return {
            "seq": self.seq, "pos": 0, "debit": d, "credit": c, "amount": amount, "day": 20260301,
            "debit_after": d_balance + d_sign * whole, "credit_after": c_balance - c_sign * whole,
        } | changed  # fmt: skip

    def refused(self, row: dict[str, Any]) -> None:
        marks = ", ".join("?" * len(row))
        for verb in ("REPLACE", *(f"INSERT {policy}" for policy in POLICIES)):
            refused(self.path, f"{verb} INTO transfer ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))


@pytest.fixture
def transfers(path: Path) -> Transfers:
    return Transfers(path)


WANG, SHOP, STOCK, GIVEN, GRANT = "L:M:", "L:S:", "A:S:", "X:GIVEN:", "X:AWARDED:"


def test_a_transfer_that_is_told_truly_is_let_in_and_the_verifier_finds_it(transfers: Transfers) -> None:
    """So the attacks below fail for their own reason; and no schema can know what no leaf says."""
    row = transfers.row(transfers.find(WANG, "PTS"), transfers.find(SHOP, "PTS"))
    marks = ", ".join("?" * len(row))
    assert (
        attack(transfers.path, f"INSERT INTO transfer ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))
        is None
    )
    assert "transfer-extra" in {finding.code for finding in timebank.verify_file(transfers.path).findings}


@pytest.mark.parametrize("amount", [0, -1, -(10**12), 10**12 + 1, 2**63 - 1, 1.5, "x", None, b"1"], ids=repr)
def test_an_amount_is_whole_and_within_bounds(transfers: Transfers, amount: object) -> None:
    transfers.refused(
        transfers.row(transfers.find(GRANT, "PTS"), transfers.find(WANG, "PTS")) | {"amount": amount}
    )


@pytest.mark.parametrize("amount", ["7", 7.0, "7.0"], ids=repr)
def test_an_amount_written_another_way_is_stored_as_the_whole_number(transfers: Transfers, amount: object) -> None:
    """STRICT takes a text that is a number; what it stores is the number, and it must fit like any."""
    place = transfers.find(GRANT, "PTS"), transfers.find(WANG, "PTS")
    transfers.refused(transfers.row(*place, amount))
    row = transfers.row(*place, 7) | {"amount": amount}
    marks = ", ".join("?" * len(row))
    assert (
        attack(transfers.path, f"INSERT INTO transfer ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))
        is None
    )
    with closing(sqlite3.connect(transfers.path)) as connection:
        assert connection.execute("SELECT amount, typeof(amount) FROM transfer ORDER BY seq DESC").fetchone() == (
            7,
            "integer",
        )


def test_a_transfer_does_not_change_its_unit_on_the_way(transfers: Transfers) -> None:
    transfers.refused(transfers.row(transfers.find(GIVEN, "RICE-5KG"), transfers.find(SHOP, "PTS")))
    transfers.refused(transfers.row(transfers.find(WANG, "PTS"), transfers.find(WANG, "MIN")))


def test_a_transfer_has_two_accounts_and_both_exist(transfers: Transfers) -> None:
    wang, shop = transfers.find(WANG, "PTS"), transfers.find(SHOP, "PTS")
    transfers.refused(transfers.row(wang, wang))
    transfers.refused(transfers.row(wang, wang, debit_after=transfers.accounts[wang][2]))
    for side in ("debit", "credit"):
        for account in (9999, -1, 0, None):
            transfers.refused(transfers.row(wang, shop) | {side: account})


@pytest.mark.parametrize("lie", [-10, -1, 1, 10**6])
def test_what_a_transfer_says_is_held_after_it_is_true(transfers: Transfers, lie: int) -> None:
    row = transfers.row(transfers.find(GRANT, "PTS"), transfers.find(WANG, "PTS"), 5)
    transfers.refused(row | {"debit_after": row["debit_after"] + lie})
    transfers.refused(row | {"credit_after": row["credit_after"] + lie})
    transfers.refused(row | {"debit_after": row["debit_after"] + lie, "credit_after": row["credit_after"] + lie})
    transfers.refused(row | {"debit_after": row["debit_after"] + lie, "credit_after": row["credit_after"] - lie})


@pytest.mark.parametrize(
    ("debit", "credit", "unit"),
    [(WANG, SHOP, "PTS"), (SHOP, WANG, "PTS"), (WANG, GRANT, "PTS"), (GIVEN, STOCK, "RICE-5KG")],
)
def test_no_asset_or_liability_is_overdrawn_by_any_telling(
    transfers: Transfers, debit: str, credit: str, unit: str
) -> None:
    """Told truly, told as if nothing had moved on the side that fails, or half and half: under every policy."""
    places = transfers.find(debit, unit), transfers.find(credit, unit)
    balances = [transfers.accounts[place][2] for place in places]
    for amount in {transfers.accounts[place][2] + 1 for place in places} | {10**12}:
        row = transfers.row(*places, amount)
        if row["debit_after"] >= 0 <= row["credit_after"] or min(row["amount"], 10**12) < row["amount"]:
            continue
        transfers.refused(row)
        transfers.refused(row | {"debit_after": balances[0]})
        transfers.refused(row | {"credit_after": balances[1]})
        transfers.refused(row | {"debit_after": balances[0], "credit_after": balances[1]})


def test_the_last_point_can_be_spent_and_not_one_more(transfers: Transfers) -> None:
    wang, shop = transfers.find(WANG, "PTS"), transfers.find(SHOP, "PTS")
    held = transfers.accounts[wang][2]
    transfers.refused(transfers.row(wang, shop, held + 1))
    row = transfers.row(wang, shop, held)
    marks = ", ".join("?" * len(row))
    assert (
        attack(transfers.path, f"INSERT INTO transfer ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))
        is None
    )


@pytest.mark.parametrize("seq", [0, 1, 5, -1, -(2**63), 256, 2**62, None, 1.5, "x"], ids=repr)
def test_a_transfer_belongs_to_an_entry_that_is_there_and_follows_the_last_transfer(
    transfers: Transfers, seq: object
) -> None:
    row = transfers.row(transfers.find(WANG, "PTS"), transfers.find(SHOP, "PTS"), seq=seq)
    for pos in (0, 1, 2):
        transfers.refused(row | {"pos": pos})


@pytest.mark.parametrize("pos", [1, 2, -1, None, 1.5, "x"], ids=repr)
def test_the_transfers_of_an_entry_are_numbered_from_nought(transfers: Transfers, pos: object) -> None:
    transfers.refused(transfers.row(transfers.find(WANG, "PTS"), transfers.find(SHOP, "PTS"), pos=pos))


@pytest.mark.parametrize("day", [0, 10100, 99991232, None, "x", 1.5], ids=repr)
def test_a_transfer_has_a_day(transfers: Transfers, day: object) -> None:
    transfers.refused(transfers.row(transfers.find(WANG, "PTS"), transfers.find(SHOP, "PTS"), day=day))


def test_a_transfer_is_not_slipped_in_before_the_first(tmp_path: Path) -> None:
    path = tmp_path / "c.timebank"
    store = SqliteStore.create(path)
    store.close()
    for account in ("E:A", "E:B"):
        assert attack(path, "INSERT INTO account (code, unit, sign) VALUES (?, 'PTS', -1)", (account,)) is None
    for seq in (-5, -1, 0, 1):
        refused(path, "INSERT INTO transfer VALUES (?, 0, 1, 2, 5, 20260301, -5, 5)", (seq,))


# --- The schema itself -------------------------------------------------------------------------------------


def schema(path: Path) -> dict[str, str]:
    with closing(sqlite3.connect(path)) as connection:
        return dict(
            connection.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
            )
        )


def test_every_table_of_ours_is_strict(path: Path) -> None:
    ours = {name: sql for name, sql in schema(path).items() if not name.startswith("_sqlite")}
    assert set(COLUMNS) | {"day_total", "tally"} | {table.name for table in TABLES} == set(ours)
    assert [name for name, sql in ours.items() if not re.search(r"\)\s*STRICT(, WITHOUT ROWID)?$", sql)] == []


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_declared_table_is_the_one_in_the_schema(path: Path, table: Any) -> None:
    with closing(sqlite3.connect(path)) as connection:
        columns = list(connection.execute(f"PRAGMA table_info({table.name})"))
    assert tuple(column[1] for column in columns) == table.columns
    assert tuple(column[1] for column in sorted(columns, key=lambda c: c[5]) if column[5]) == table.key
    optional = {field.name for field in fields(table.record) if "None" in str(field.type)}
    assert {column[1] for column in columns if not (column[3] or column[5])} == optional
    types = {"str": "TEXT", "int": "INTEGER"}
    assert [column[2] for column in columns] == [
        types[str(f.type).removesuffix(" | None")] for f in fields(table.record)
    ]


def test_every_declared_table_is_dropped_and_made_again_by_a_rebuild(path: Path) -> None:
    before = dump(path)
    with timebank.open(path) as bank:
        assert bank.rebuild() == 256
    assert sorted(dump(path)) == sorted(before)
    assert timebank.verify_file(path).is_clean
    assert isinstance(bank.journal, Journal)


def test_rows_that_refer_to_nothing_are_refused_on_our_own_connection(path: Path) -> None:
    """A stranger's connection does not look at foreign keys; ours does."""
    from timebank.programme.members import CARDS, Card

    store = SqliteStore(path)
    before = dump(path)
    with pytest.raises(timebank.errors.FileDamaged), store.writing() as books:
        books.put(CARDS, Card("9", "NOBODY", "active", 0))
    store.close()
    assert dump(path) == before
