"""Attacks on the schema: what is not ours is reported, never believed and never run."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from tests.audit.tamper import facts, found, raw, run, tampering, writable_schema

EVIL = "instr(hex(zeroblob(500000)), hex(zeroblob(250000 + entries)) || '1')"
"""Compares half a million bytes half a million times, for every row; entries is tally's column."""


def details(path: Path) -> list[tuple[str, object]]:
    return [(code, known.get("detail")) for code, known in facts(path)]


def execute(path: Path, *statements: str) -> None:
    with raw(path) as connection:
        for statement in statements:
            connection.execute(statement)


def test_triggers_dropped_are_each_named(path: Path) -> None:
    execute(path, "DROP TRIGGER entry_is_not_updated", "DROP TRIGGER price_is_new")
    assert details(path) == [
        ("schema-missing", "trigger entry_is_not_updated"),
        ("schema-missing", "trigger price_is_new"),
    ]


def test_triggers_dropped_and_put_back_after_an_edit_hide_nothing(path: Path) -> None:
    run(path, "UPDATE price SET points = 1 WHERE good = 'soap'")
    assert found(path) == {("record-differs", None)}


def test_silent_triggers_dropped_and_put_back_without_an_edit(path: Path) -> None:
    with tampering(path):
        pass
    assert found(path) == set()


def test_a_trigger_that_does_something_else_is_found(path: Path) -> None:
    execute(
        path,
        "DROP TRIGGER entry_is_not_deleted",
        "CREATE TRIGGER entry_is_not_deleted BEFORE DELETE ON entry BEGIN SELECT 1; END",
    )
    assert details(path) == [("schema-changed", "trigger entry_is_not_deleted")]


def test_a_trigger_in_other_words_is_found(path: Path) -> None:
    with writable_schema(path) as connection:
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'is used once', 'is used') WHERE type = 'trigger'"
        )
    assert details(path) == [("schema-changed", "trigger entry_key_is_new")]


@pytest.mark.parametrize(
    ("statement", "part"),
    [
        ("CREATE TRIGGER more AFTER INSERT ON entry BEGIN DELETE FROM tally; END", "trigger more"),
        ("CREATE TABLE more (a)", "table more"),
        ("CREATE VIEW more AS SELECT * FROM entry", "view more"),
        ("CREATE INDEX more ON tally (entries)", "index more"),
        ("CREATE INDEX more ON entry (seq, leaf)", "index more"),
        ("CREATE TABLE sqlitestat1 (tbl, idx, stat)", "table sqlitestat1"),
    ],
)
def test_a_part_too_many_is_found(path: Path, statement: str, part: str) -> None:
    execute(path, statement)
    assert details(path) == [("schema-extra", part)]


def test_what_analyze_writes_is_no_finding(path: Path) -> None:
    execute(path, "ANALYZE")
    assert found(path) == set()


def test_a_view_that_calls_itself_statistics_is_found(path: Path) -> None:
    with writable_schema(path) as connection:
        connection.execute("CREATE VIEW more AS SELECT 1 AS tbl")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'more', 'sqlite_stat1'), name = 'sqlite_stat1',"
            " tbl_name = 'sqlite_stat1' WHERE name = 'more'"
        )
    assert details(path) == [("schema-extra", "view sqlite_stat1")]


def test_an_index_that_is_gone_is_found(path: Path) -> None:
    execute(path, "DROP INDEX transfer_debit")
    assert details(path) == [("schema-missing", "index transfer_debit")]


def test_a_view_in_place_of_a_table_is_found_and_not_read(path: Path) -> None:
    execute(
        path,
        "ALTER TABLE tally RENAME TO real_tally",
        "CREATE VIEW tally AS SELECT kind, entries FROM real_tally",
    )
    assert details(path) == [
        ("schema-missing", "table tally"),
        ("schema-extra", "table real_tally"),
        ("schema-extra", "view tally"),
    ]


def test_a_view_without_end_in_place_of_a_table_does_not_hang(path: Path) -> None:
    endless = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
    for table in ("tally", "card", "day_total"):
        execute(path, f"DROP TABLE {table}", f"CREATE VIEW {table} AS {endless} SELECT x AS kind FROM n")
    began = time.process_time()
    codes = {code for code, _ in details(path)}
    assert codes == {"schema-missing", "schema-extra"}
    assert time.process_time() - began < 5


def test_a_table_made_again_without_strict_is_found_and_not_read(path: Path) -> None:
    with raw(path) as connection:
        sql = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'tally'").fetchone()[0]
        connection.execute("DROP TABLE tally")
        connection.execute(sql.replace("STRICT, ", ""))
    assert details(path) == [("schema-changed", "table tally")]


def test_a_journal_whose_table_is_changed_is_not_read_at_all(path: Path) -> None:
    with writable_schema(path) as connection:
        connection.execute("UPDATE sqlite_master SET sql = replace(sql, ' STRICT', '') WHERE name = 'entry'")
    assert details(path) == [("schema-changed", "table entry")]


def test_a_column_added_is_found(path: Path) -> None:
    execute(path, "ALTER TABLE price ADD COLUMN discount INTEGER")
    assert details(path) == [("schema-changed", "table price")]


def test_a_table_that_is_gone_is_found(path: Path) -> None:
    execute(path, "DROP TABLE tally")
    assert details(path) == [("schema-missing", "table tally")]


def test_every_projection_dropped_leaves_the_journal_checked(path: Path) -> None:
    with raw(path) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in tables:
            if name not in ("entry", "subtree", "checkpoint") and not name.startswith(("_", "sqlite")):
                connection.execute(f"DROP TABLE {name}")
    assert {code for code, _ in details(path)} == {"schema-missing"}


def test_a_file_of_a_newer_timebank_is_named(path: Path) -> None:
    execute(path, "PRAGMA user_version = 99")
    assert details(path) == [("schema-too-new", "99")]


# --- Schemas that want to be run ---------------------------------------------------------------------------


def slow(path: Path) -> float:
    began = time.process_time()
    assert {"schema-changed", "schema-extra"} & {code for code, _ in details(path)}
    return time.process_time() - began


def test_a_check_that_never_ends_is_not_run(path: Path) -> None:
    _replace(path, "CHECK (entries > 0)", f"CHECK ({EVIL} = 0)")
    assert slow(path) < 5


def test_a_generated_column_that_never_ends_is_not_run(path: Path) -> None:
    _replace(path, "CHECK (entries > 0)", f"CHECK (entries > 0), more INTEGER NOT NULL AS ({EVIL})")
    assert slow(path) < 5


def _replace(path: Path, old: str, new: str) -> None:
    with writable_schema(path) as connection:
        query = "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE name = 'tally'"
        connection.execute(query, (old, new))


def test_an_index_on_an_expression_that_never_ends_is_not_run(path: Path) -> None:
    with writable_schema(path) as connection:
        connection.execute("CREATE INDEX more ON tally (entries)")
        sql = f"CREATE INDEX more ON tally (entries + {EVIL})"
        connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = 'more'", (sql,))
    assert slow(path) < 5


@pytest.mark.parametrize("module", ["fts5(a)", "fts4(a)", "rtree(a, b, c)", "dbstat"])
def test_a_virtual_table_is_found_and_its_code_is_not_run(path: Path, module: str) -> None:
    try:
        execute(path, f"CREATE VIRTUAL TABLE more USING {module}")
    except sqlite3.OperationalError:
        pytest.skip(f"this SQLite has no {module}")
    assert {code for code, _ in details(path)} == {"schema-extra"}


def test_a_virtual_table_of_an_unknown_module_is_found(path: Path) -> None:
    with writable_schema(path) as connection:
        row = ("table", "more", "more", 0, "CREATE VIRTUAL TABLE more USING nothing_known(a)")
        connection.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", row)
    assert details(path) == [("schema-extra", "table more")]


def test_a_virtual_table_in_place_of_a_table_is_not_read(path: Path) -> None:
    execute(path, "DROP TABLE tally")
    with writable_schema(path) as connection:
        row = ("table", "tally", "tally", 0, "CREATE VIRTUAL TABLE tally USING nothing_known(a)")
        connection.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", row)
    assert details(path) == [("schema-changed", "table tally")]
