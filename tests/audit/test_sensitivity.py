"""Every column of every table: one value is edited, and some finding names it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.audit.forging import Forger
from tests.audit.tamper import found, raw, tampering
from timebank.storage import sqlite_file

LAST_MEMBER = "id = (SELECT max(id) FROM member)"
EDITS = {
    "entry": {
        "seq": ("seq = 700", "seq = 639", "sequence-gap"),
        "hash": ("hash = zeroblob(32)", "seq = 630", "leaf-edited"),
        "key": ("key = 'other'", "seq = (SELECT max(seq) FROM entry WHERE key IS NOT NULL)", "column-differs"),
        "kind": ("kind = 'shop'", "seq = 630", "column-differs"),
        "leaf": ("leaf = substr(leaf, 2)", "seq = 630", "leaf-edited"),
    },
    "subtree": {
        "level": ("level = 2", "position = 1", "subtree-differs"),
        "position": ("position = 7", "position = 1", "subtree-differs"),
        "hash": ("hash = zeroblob(32)", "position = 1", "subtree-differs"),
    },
    "checkpoint": {
        "size": ("size = 521", "size = 520", "note-bad"),
        "note": ("note = replace(note, 'yungu', 'yunhu')", "size = 520", "origin-differs"),
    },
    "account": {
        "id": ("id = 9999", "id = 1", "transfer-differs"),
        "code": ("code = 'L:M:OTHER'", "id = 1", "balance-differs"),
        "unit": ("unit = 'GOLD'", "id = 1", "balance-differs"),
        "sign": ("sign = -sign", "id = 1", "record-differs"),
        "balance": ("balance = balance + 1", "id = 1", "balance-differs"),
    },
    "transfer": {
        "seq": ("seq = 638, pos = 9", "seq = 639 AND pos = 0", "transfer-missing"),
        "pos": ("pos = 5", "seq = 639 AND pos = 0", "transfer-missing"),
        "debit": ("debit = 1 + (debit = 1)", "seq = 639 AND pos = 0", "transfer-differs"),
        "credit": ("credit = 1 + (credit = 1)", "seq = 639 AND pos = 0", "transfer-differs"),
        "amount": ("amount = amount + 1", "seq = 639 AND pos = 0", "transfer-differs"),
        "day": ("day = day - 1", "seq = 639 AND pos = 0", "transfer-differs"),
        "debit_after": ("debit_after = debit_after + 1", "seq = 639 AND pos = 0", "transfer-differs"),
        "credit_after": ("credit_after = credit_after + 1", "seq = 639 AND pos = 0", "transfer-differs"),
    },
    "day_total": {
        "account": ("account = 9999", "account = 3 AND amount <> 0", "day-total-differs"),
        "day": ("day = day - 10000", "account = 3 AND amount <> 0", "day-total-differs"),
        "amount": ("amount = amount + 1", "account = 3", "day-total-differs"),
    },
    "tally": {
        "kind": ("kind = 'gift'", "kind = 'award'", "tally-differs"),
        "entries": ("entries = entries + 1", "kind = 'award'", "tally-differs"),
    },
    "resolution": {
        "seq": ("seq = seq + 1", "seq = (SELECT max(seq) FROM resolution)", "resolution-differs"),
        "resolver": ("resolver = 600", "seq = (SELECT max(seq) FROM resolution)", "resolution-differs"),
    },
    "unit": {
        "code": ("code = 'GOLD'", "code = 'MIN'", "record-differs"),
        "zh": ("zh = zh || '一'", "code = 'MIN'", "record-differs"),
        "en": ("en = upper(en)", "code = 'MIN'", "record-differs"),
        "seq": ("seq = seq + 1", "code = 'MIN'", "record-differs"),
    },
    "organisation": {
        "id": ("id = 'grid-8'", "id = 'grid-7'", "record-differs"),
        "name": ("name = '八网格'", "id = 'grid-7'", "record-differs"),
        "level": ("level = 'building'", "id = 'grid-7'", "record-differs"),
        "parent": ("parent = 'jianyang'", "id = 'grid-7'", "record-differs"),
        "seq": ("seq = seq + 1", "id = 'grid-7'", "record-differs"),
    },
    "operator": {
        "id": ("id = 'clerk-9'", "id = 'clerk-1'", "record-differs"),
        "org": ("org = 'grid-7'", "id = 'clerk-1'", "record-differs"),
        "role": ("role = 'admin'", "id = 'clerk-1'", "record-differs"),
        "seq": ("seq = seq + 1", "id = 'clerk-1'", "record-differs"),
    },
    "rulebook": {
        "from_day": ("from_day = '2026-01-08'", "from_day = '2026-01-09'", "record-differs"),
        "seq": ("seq = seq + 1", "from_day = '2026-01-09'", "record-differs"),
        "name": ("name = 'other'", "from_day = '2026-01-09'", "record-differs"),
    },
    "member": {
        "id": ("id = 'ZZZZZZZZZZ'", LAST_MEMBER, "record-differs"),
        "org": ("org = 'yungu'", LAST_MEMBER, "record-differs"),
        "kind": ("kind = 'team'", LAST_MEMBER, "record-differs"),
        "seq": ("seq = seq + 1", LAST_MEMBER, "record-differs"),
    },
    "card": {
        "number": ("number = 'C-999'", "number = 'C-005'", "record-differs"),
        "member": ("member = (SELECT max(id) FROM member)", "number = 'C-005'", "record-differs"),
        "state": ("state = 'blocked'", "number = 'C-005'", "record-differs"),
        "seq": ("seq = seq + 1", "number = 'C-005'", "record-differs"),
    },
    "shop": {
        "id": ("id = 'hui-dai'", "id = 'hui-cai'", "record-differs"),
        "org": ("org = 'grid-7'", "id = 'hui-cai'", "record-differs"),
        "name": ("name = '别店'", "id = 'hui-cai'", "record-differs"),
        "seq": ("seq = seq + 1", "id = 'hui-cai'", "record-differs"),
    },
    "good": {
        "id": ("id = 'soup'", "id = 'soap'", "record-differs"),
        "unit": ("unit = 'MIN'", "id = 'soap'", "record-differs"),
        "seq": ("seq = seq + 1", "id = 'soap'", "record-differs"),
    },
    "price": {
        "shop": ("shop = 'hui-cai'", "good = 'soap' AND points = 5", "record-differs"),
        "good": ("good = 'oil-1l', seq = seq - 1", "good = 'soap' AND points = 5", "record-differs"),
        "from_day": ("from_day = '2026-01-02'", "good = 'soap' AND points = 5", "record-differs"),
        "seq": ("seq = seq + 1", "good = 'soap' AND points = 5", "record-differs"),
        "points": ("points = 4", "good = 'soap' AND points = 5", "record-differs"),
    },
}
"""For each column: what is changed, in which row, and the code of the finding that names it."""

OF_EVERYTHING = (
    *("closing", "placement", "household", "household_of", "team_member", "rating", "venue", "visit"),
    *("claim", "evidence", "appeal", "budget", "request"),
    *(
        "shop_detail",
        "goods_limit",
        "best_before",
        "returned",
        "reservation",
        "settlement",
        "signing_key",
        "epoch",
        "erasure",
    ),
)
"""Tables that only a programme that uses everything fills: each column of their first row is edited in one way."""

EXCEPTIONS = {"_sqlite_migrations": "which schema files ran, and when: nothing reads it, user_version decides"}


def columns_of_the_schema() -> set[tuple[str, str]]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        sqlite_file.migrate(connection, ":memory:")
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            (table, column[1])
            for (table,) in tables
            if table not in EXCEPTIONS and not table.startswith("sqlite_")
            for column in connection.execute(f"PRAGMA table_info({table})")
        }


CASES = [
    pytest.param(table, change, where, code, id=f"{table}.{column}")
    for table, columns in EDITS.items()
    for column, (change, where, code) in columns.items()
]


OTHER_CASES = sorted(one for one in columns_of_the_schema() if one[0] not in EDITS)


def test_every_column_of_the_schema_is_edited_here() -> None:
    edited = {(table, column) for table, columns in EDITS.items() for column in columns}
    assert edited | set(OTHER_CASES) == columns_of_the_schema()
    assert {table for table, _ in OTHER_CASES} == set(OF_EVERYTHING)


@pytest.mark.parametrize(("table", "column"), OTHER_CASES)
def test_an_edit_of_any_other_column_is_found(forger: Forger, table: str, column: str) -> None:
    with tampering(forger.path) as connection:
        columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
        keys = [one[1] for one in columns if one[5]]
        is_number = (column, "INTEGER") in {one[1:3] for one in columns}
        first = connection.execute(f"SELECT {', '.join(keys)} FROM {table} LIMIT 1").fetchone()
        changed = f"coalesce({column}, 0) + 1000" if is_number else f"coalesce({column}, '') || 'x'"
        where = " AND ".join(f"{key} = ?" for key in keys)
        edit = f"UPDATE {table} SET {column} = {changed} WHERE {where}"
        assert connection.execute(edit, first).rowcount == 1
    assert "record-differs" in {code for code, _ in found(forger.path)}


@pytest.mark.parametrize("table", OF_EVERYTHING)
def test_a_row_removed_from_any_other_table_is_found(forger: Forger, table: str) -> None:
    with tampering(forger.path) as connection:
        connection.execute(f"DELETE FROM {table}")
    assert "record-differs" in {code for code, _ in found(forger.path)}


@pytest.mark.parametrize(("table", "change", "where", "code"), CASES)
def test_an_edit_of_any_column_is_found(path: Path, table: str, change: str, where: str, code: str) -> None:
    with tampering(path) as connection:
        assert connection.execute(f"UPDATE {table} SET {change} WHERE {where}").rowcount
    assert code in {each for each, _ in found(path)}


@pytest.mark.parametrize("table", sorted(EDITS))
def test_a_row_removed_from_any_table_is_found(path: Path, table: str) -> None:
    with raw(path) as connection:
        rows = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    assert rows > 1
    with tampering(path) as connection:
        connection.execute(f"DELETE FROM {table}")
    codes = {code for code, _ in found(path)}
    assert bool(codes) is (table != "checkpoint")  # a note that was only in the file is known to nobody else
