"""Files that somebody made to hurt whoever verifies them: each gives findings or one of our errors, and soon.

Never another exception, never an endless loop, never a byte written; and never silence where something is wrong.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import timebank
from tests.audit.books import Ledger, build
from tests.audit.tamper import loosened, raw, tampering, writable_schema
from timebank.checking import verify_file
from timebank.errors import CannotOpen, FileMissing, NotALedger, TimebankError
from timebank.storage import sqlite_evidence, sqlite_untrusted
from timebank.storage.sqlite_file import APPLICATION_ID

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_SECONDS = 20
LIMITS = (
    (sqlite3.SQLITE_LIMIT_LENGTH, 400_000),
    (sqlite3.SQLITE_LIMIT_SQL_LENGTH, 100_000),
    (sqlite3.SQLITE_LIMIT_COLUMN, 200),
    (sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 100),
    (sqlite3.SQLITE_LIMIT_VDBE_OP, 250_000),
    (sqlite3.SQLITE_LIMIT_ATTACHED, 0),
    (sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH, 1),
)
LONG_AGO = 1_600_000_000
YET_TO_COME = 4_000_000_000
PAGE = 4096
ENDLESS = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
VERIFY = """
import sys, timebank
try:
    print(*sorted({each.code for each in timebank.verify_file(sys.argv[1]).findings}))
except timebank.TimebankError as error:
    print(error.code)
"""
SPARING = "import resource; resource.setrlimit(resource.RLIMIT_DATA, (260_000_000, 260_000_000))"
rounds = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def folder_of(path: Path) -> dict[str, bytes | None]:
    """What lies beside *path*, itself included: names and bytes."""
    return {each.name: each.read_bytes() if each.is_file() else None for each in path.parent.iterdir()}


def seen(path: Path) -> set[str]:
    """Codes of findings, or the code of the error; after that everything lies there as before."""
    os.utime(path, (LONG_AGO, LONG_AGO))
    before, began = folder_of(path), time.monotonic()
    try:
        codes = {finding.code for finding in verify_file(path).findings}
    except TimebankError as error:
        codes = {error.code}
    assert time.monotonic() - began < MOST_SECONDS
    after = folder_of(path)
    assert {name: after.get(name) for name in before} == before
    assert after.keys() - before.keys() <= ({f"{path.name}-shm"} if f"{path.name}-wal" in before else set())
    return codes


def seen_elsewhere(path: Path, first: str = "") -> set[str]:
    """The same from another process, which may be ended."""
    command = [sys.executable, "-c", f"{first}\n{VERIFY}", str(path)]
    ran = subprocess.run(command, check=True, capture_output=True, text=True, timeout=3 * MOST_SECONDS)
    return set(ran.stdout.split())


def execute(path: Path, *statements: str) -> None:
    with raw(path) as connection:
        for statement in statements:
            connection.execute(statement)


def one_file(path: Path) -> None:
    """Make SQLite write everything into the file itself."""
    execute(path, "PRAGMA journal_mode = DELETE")


# --- What is no ledger at all ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content", [b"", b"SQLite format 3", b"SQLite format 3\0", b"a text\n" * 100, bytes(5000)]
)
def test_what_is_no_ledger_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.timebank").write_bytes(content)
    assert seen(tmp_path / "a.timebank") == {"not-a-ledger"}


def test_the_file_of_another_program_is_no_ledger(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE entry (seq, hash, key, kind, leaf)")
    assert seen(tmp_path / "other.db") == {"not-a-ledger"}


def no_file(path: Path, kind: str) -> None:
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "circle":
        path.symlink_to(path)


@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "circle", "nothing"])
def test_what_is_no_file_is_an_error_and_is_not_waited_for(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.timebank"
    no_file(path, kind)
    for opened in (verify_file, timebank.open):
        with pytest.raises((NotALedger, FileMissing, CannotOpen)):
            opened(path)


@pytest.mark.parametrize("side", ["-wal", "-shm", "-journal"])
@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "circle"])
def test_what_is_no_file_beside_it_is_not_waited_for(path: Path, side: str, kind: str) -> None:
    no_file(Path(f"{path}{side}"), kind)
    os.utime(path, (YET_TO_COME, YET_TO_COME))  # just written, however long the other process takes to begin
    assert seen_elsewhere(path) == (set() if (side, kind) == ("-journal", "circle") else {"cannot-open"})


def test_a_file_that_only_says_that_it_is_a_ledger_lacks_everything(tmp_path: Path) -> None:
    execute(tmp_path / "a.timebank", f"PRAGMA application_id = {APPLICATION_ID}")
    assert seen(tmp_path / "a.timebank") == {"schema-missing"}


def test_a_header_without_anything_behind_it_is_damage(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])
    assert seen(path) == {"file-damaged"}


# --- Schemas that want to be run ---------------------------------------------------------------------------


def test_every_table_replaced_by_a_view_without_end_is_reported_and_none_is_read(path: Path) -> None:
    with raw(path) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            if not table.startswith("sqlite"):
                connection.execute(f"DROP TABLE {table}")
                connection.execute(f"CREATE VIEW {table} AS {ENDLESS}")
    assert seen(path) == {"schema-missing", "schema-extra"}


def test_a_view_in_the_place_of_the_journal_with_its_very_rows_is_not_believed(path: Path) -> None:
    execute(
        path,
        "ALTER TABLE entry RENAME TO real_entry",
        "CREATE VIEW entry AS SELECT seq, hash, key, kind, leaf FROM real_entry",
    )
    assert {"schema-missing", "schema-extra"} <= seen(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("leaf BLOB", "more BLOB AS (zeroblob(1000000000)) STORED, leaf BLOB"),
        ("leaf BLOB", "more INTEGER AS (length(hex(zeroblob(300000000)))) VIRTUAL, leaf BLOB"),
        ("BETWEEN 2 AND 65535)", "BETWEEN 2 AND 65535 AND length(hex(zeroblob(300000000))) > 0)"),
        ("BETWEEN 2 AND 65535)", f"BETWEEN 2 AND 65535 OR {'(' * 500}1{')' * 500})"),
        (" STRICT", " STRICT, WITHOUT ROWID"),
        (" STRICT", ""),
        ("seq  INTEGER PRIMARY KEY", "seq INTEGER PRIMARY KEY DESC"),
        ("key  TEXT", "key  TEXT COLLATE NOCASE"),
        ("key  TEXT", "key  TEXT COLLATE nobody_knows_it"),
        ("leaf BLOB NOT NULL", "leaf BLOB DEFAULT (randomblob(1000000000))"),
    ],
)
def test_a_journal_declared_in_another_way_is_reported_and_not_read(path: Path, old: str, new: str) -> None:
    with writable_schema(path) as connection:
        connection.execute("UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE name = 'entry'", (old, new))
        (sql,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'entry'").fetchone()
        assert new in sql
    assert seen(path) & {"schema-changed", "file-damaged"}


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER more BEFORE INSERT ON entry BEGIN SELECT RAISE(IGNORE); END",
        f"CREATE TRIGGER more AFTER INSERT ON entry BEGIN INSERT INTO tally SELECT x, x FROM ({ENDLESS}); END",
        "CREATE INDEX more ON entry (length(leaf) + seq)",
        "CREATE INDEX more ON entry (json_extract(leaf, '$.kind'))",
        "CREATE INDEX more ON entry (kind) WHERE abs(seq) > 5",
        "CREATE TABLE more (a, b AS (zeroblob(1000000)) VIRTUAL)",
        f"CREATE VIEW more AS {ENDLESS}",
        f"CREATE TABLE more ({', '.join(f'c{number}' for number in range(1999))})",
    ],
)
def test_a_part_that_is_not_ours_is_reported_and_not_run(path: Path, statement: str) -> None:
    execute(path, statement)
    assert seen(path) & {"schema-extra", "file-damaged"}


@pytest.mark.parametrize("module", ["fts5(a)", "rtree(a, b, c)", "nothing_known(a)", "dbstat"])
def test_a_virtual_table_in_the_place_of_a_table_is_not_read(path: Path, module: str) -> None:
    with writable_schema(path) as connection:
        connection.execute("DELETE FROM sqlite_master WHERE name = 'transfer' OR tbl_name = 'transfer'")
        row = ("table", "transfer", "transfer", 0, f"CREATE VIRTUAL TABLE transfer USING {module}")
        connection.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", row)
    assert seen(path) & {"schema-changed", "schema-missing", "file-damaged"}


def test_two_thousand_tables_too_many_are_reported_up_to_the_limit(path: Path) -> None:
    execute(path, "BEGIN", *(f"CREATE TABLE more_{number} (a)" for number in range(2_000)), "COMMIT")
    assert seen(path) == {"schema-extra"}
    assert len(verify_file(path).findings) == 1_000


def test_a_statement_of_a_megabyte_in_the_schema_is_not_parsed(path: Path) -> None:
    with writable_schema(path) as connection:
        sql = f"CREATE VIEW more AS SELECT {'1 + ' * 250_000} 1"
        connection.execute("INSERT INTO sqlite_master VALUES ('view', 'more', 'more', 0, ?)", (sql,))
    assert seen(path) == {"file-damaged"}


def test_every_limit_holds_before_anything_is_read(path: Path) -> None:
    connection = sqlite_untrusted.connect(path, is_quiet=True)
    assert {limit: connection.getlimit(limit) for limit, _ in LIMITS} == dict(LIMITS)
    connection.close()


# --- Values that nobody would write ------------------------------------------------------------------------


@pytest.mark.parametrize("seq", [-1, -(2**63), 2**53, 2**62, 2**63 - 1, 640])
def test_a_number_that_no_entry_can_have_is_a_gap(path: Path, seq: int) -> None:
    with tampering(path) as connection:
        connection.execute("UPDATE entry SET seq = ? WHERE seq = 639", (seq,))
    assert "sequence-gap" in seen(path)


@pytest.mark.parametrize("value", ["NULL", "12", "1.5", "'text'", "x'00'", "zeroblob(300000)", "9e999"])
@pytest.mark.parametrize(
    ("table", "column"),
    [
        *(("entry", name) for name in ("hash", "key", "kind", "leaf")),
        *(("transfer", name) for name in ("debit", "amount", "day", "debit_after")),
        *(("account", name) for name in ("code", "unit", "sign", "balance")),
        *(("subtree", name) for name in ("level", "position", "hash")),
        *(("checkpoint", "note"), ("day_total", "day"), ("tally", "entries"), ("resolution", "resolver")),
    ],
)
def test_a_value_of_another_type_is_found(path: Path, table: str, column: str, value: str) -> None:
    with loosened(path, table) as connection:
        keys = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[5]]
        row = connection.execute(f"SELECT {', '.join(keys)} FROM {table} ORDER BY {keys[0]} DESC").fetchone()
        where = " AND ".join(f"{key} = ?" for key in keys)
        put = "zeroblob(0)" if column in keys and value == "NULL" else value  # a key is never NULL
        connection.execute(f"UPDATE {table} SET {column} = {put} WHERE {where}", row)
    assert seen(path)


@pytest.mark.parametrize("column", ["key", "kind", "hash", "leaf"])
def test_a_huge_value_in_the_journal_is_not_taken_into_memory(path: Path, column: str) -> None:
    """Three hundred million bytes, in a process that may have no more than 260 million."""
    with loosened(path, "entry") as connection:
        connection.execute(f"UPDATE entry SET {column} = zeroblob(100000000 + seq) WHERE seq IN (3, 4, 5)")
    one_file(path)
    codes = seen_elsewhere(path, SPARING)
    assert codes & {"leaf-edited", "leaf-bad", "integrity", "column-differs", "file-damaged"}


def test_a_file_that_is_mostly_a_hole_is_no_reason_to_go_on_for_ever(path: Path) -> None:
    """Its header counts a thousand million pages; the disk has a few hundred."""
    one_file(path)
    pages = 10**9
    with path.open("r+b") as file:
        file.seek(28)
        file.write(pages.to_bytes(4, "big"))
        with suppress(OSError):  # a disk that keeps no file of 4 TB, not even an empty one
            file.truncate(pages * PAGE)
    assert sqlite_untrusted._size_bytes(path) < 10**8  # what work is measured by
    began = time.monotonic()
    with suppress(TimebankError):
        assert verify_file(path).findings
    assert time.monotonic() - began < MOST_SECONDS


# --- Another encoding, other pages, another journal --------------------------------------------------------


@pytest.mark.parametrize("encoding", ["UTF-16le", "UTF-16be"])
def test_a_ledger_in_another_encoding_is_read_as_what_it_says(path: Path, tmp_path: Path, encoding: str) -> None:
    other = tmp_path / "other" / "utf16.timebank"
    other.parent.mkdir()
    with closing(sqlite3.connect(path)) as source, raw(other) as target:
        target.execute(f"PRAGMA encoding = '{encoding}'")
        for line in source.iterdump():
            if not line.startswith(('INSERT INTO "sqlite_', "ANALYZE", 'DELETE FROM "sqlite_')):
                target.execute(line)
        target.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        target.execute(f"PRAGMA user_version = {source.execute('PRAGMA user_version').fetchone()[0]}")
    assert seen(other) == set()


@pytest.mark.parametrize("size", [512, 1024, 8192, 65536])
def test_another_page_size_is_no_finding(path: Path, size: int) -> None:
    one_file(path)
    execute(path, f"PRAGMA page_size = {size}", "VACUUM")
    assert seen(path) == set()


@pytest.mark.parametrize(
    ("start", "width"), [(16, 2), (18, 1), (19, 1), (20, 1), (21, 1), (28, 4), (36, 4), (44, 4), (52, 4), (56, 4)]
)
@pytest.mark.parametrize("value", [0, 1, 3, 255])
def test_a_header_that_says_something_else_is_answered(path: Path, start: int, width: int, value: int) -> None:
    """Page size, versions, reserved bytes, fractions, pages, freelist, schema format, vacuum mode, encoding."""
    one_file(path)
    content = bytearray(path.read_bytes())
    content[start : start + width] = value.to_bytes(width, "big")
    path.write_bytes(content)
    seen(path)


def test_the_log_of_another_file_put_beside_it_is_answered(
    path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = build(tmp_path_factory.mktemp("other"), seed=3, entries=300)
    with raw(other.path) as connection:
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("UPDATE tally SET entries = entries + 1")
        shutil.copy(f"{other.path}-wal", f"{path}-wal")
    assert seen(path)


@pytest.mark.parametrize("noise", [b"", b"\0" * 32, b"\x37\x7f\x06\x82" + b"\xff" * 5000, b"x" * 100_000])
def test_a_log_of_noise_beside_it_is_no_log(path: Path, noise: bytes) -> None:
    Path(f"{path}-wal").write_bytes(noise)
    assert seen(path) == set()


def test_a_journal_of_noise_beside_it_is_answered(path: Path) -> None:
    one_file(path)
    Path(f"{path}-journal").write_bytes(bytes.fromhex("d9d505f920a163d7") + b"\xff" * 5000)
    assert seen(path) <= {"integrity", "file-damaged", "cannot-open", "cannot-write"}


@pytest.mark.parametrize("answer", ["findings", "damage"])
def test_a_file_that_changes_while_it_is_read_is_read_again(
    path: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    """Whatever was seen of the half-written file counts for nothing."""
    one_file(path)
    os.utime(path, (LONG_AGO, LONG_AGO))
    whole, quiet = path.read_bytes(), []
    opened = sqlite_untrusted.connect
    half = len(whole) // 2 if answer == "findings" else 100

    def changing(file: Path, *, is_quiet: bool) -> sqlite3.Connection:
        path.write_bytes(whole[:half] + b"\xff" * len(whole[half:]) if is_quiet else whole)
        quiet.append(is_quiet)
        return opened(file, is_quiet=is_quiet)

    monkeypatch.setattr(sqlite_evidence, "connect", changing)
    assert verify_file(path).findings == ()
    assert quiet == [True, False]


# --- Nothing is written ------------------------------------------------------------------------------------


def test_a_file_that_nobody_has_open_is_verified_without_a_trace(path: Path) -> None:
    assert seen(path) == set()
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_file_behind_a_link_is_verified_with_the_log_that_lies_where_it_is(ledger: Ledger, path: Path) -> None:
    link = path.parent / "links" / "a.timebank"
    link.parent.mkdir()
    link.symlink_to(path)
    with timebank.open(path) as bank:
        bank.goods.add("tea", name="茶", name_en="tea", by="admin")
        os.utime(path, (LONG_AGO, LONG_AGO))
        assert verify_file(link).entries == len(ledger.leaves) + 1


def test_a_log_beside_the_file_is_read_and_left(ledger: Ledger, path: Path) -> None:
    live = path.with_name("live.timebank")
    shutil.copy(path, live)
    with timebank.open(live) as bank:
        bank.goods.add("tea", name="茶", name_en="tea", by="admin")
        shutil.copy(f"{live}-wal", f"{path}-wal")
    assert seen(path) == set()
    assert verify_file(path).entries == len(ledger.leaves) + 1


def test_a_file_that_may_only_be_read_in_a_folder_that_may_only_be_read(path: Path) -> None:
    """In a process of nobody's, where this one may do everything."""
    folder = Path(tempfile.mkdtemp())
    try:
        copy = Path(shutil.copy(path, folder / "a.timebank"))
        verify_file(path)  # whatever is imported late is imported now: the other process may not read it
        copy.chmod(0o444)
        folder.chmod(0o555)
        before = folder_of(copy)
        child = os.fork()
        if not child:
            code = 1
            try:
                if os.geteuid() == 0:
                    os.setuid(65_534)
                code = 0 if verify_file(copy).is_clean and not os.access(folder, os.W_OK) else 2
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert folder_of(copy) == before
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


# --- Torn and flipped --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """Where damaged copies lie, and a short journal in one file."""
    made = build(tmp_path_factory.mktemp("small"), entries=280)
    one_file(made.path)
    return tmp_path_factory.mktemp("damaged") / "a.timebank", made.path.read_bytes()


def answered(small: tuple[Path, bytes], content: bytes) -> set[str]:
    small[0].write_bytes(content)
    return seen(small[0])


@rounds
@given(part=st.floats(0, 1, exclude_max=True))
@example(part=0.0)
@example(part=0.5)
def test_a_file_cut_anywhere_is_never_clean(small: tuple[Path, bytes], part: float) -> None:
    assert answered(small, small[1][: int(len(small[1]) * part)])


@rounds
@given(offset=st.integers(1, 64), page=st.integers(1, 200))
def test_a_file_cut_near_a_page_s_edge_is_never_clean(small: tuple[Path, bytes], offset: int, page: int) -> None:
    assert answered(small, small[1][: min(page * PAGE, len(small[1])) - offset])


@rounds
@given(data=st.data(), flips=st.integers(1, 8))
def test_bytes_flipped_anywhere_are_answered(small: tuple[Path, bytes], data: st.DataObject, flips: int) -> None:
    content = bytearray(small[1])
    for _ in range(flips):
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    answered(small, bytes(content))


@rounds
@given(data=st.data())
def test_pages_that_point_anywhere_are_answered(small: tuple[Path, bytes], data: st.DataObject) -> None:
    """Heads of pages: their kind, free blocks, number of cells, right-most child, and places of cells."""
    content = bytearray(small[1])
    for _ in range(data.draw(st.integers(1, 4))):
        start = PAGE * data.draw(st.integers(0, len(content) // PAGE - 1)) or 100
        noise = data.draw(st.binary(min_size=1, max_size=24))
        content[start : start + len(noise)] = noise
    answered(small, bytes(content))


CIRCLES: dict[str, Callable[[int], int]] = {
    "itself": lambda page: page,
    "the first": lambda page: 1,
    "the next": lambda page: page + 1,
    "nowhere": lambda page: 2**31 - 1,
}


@pytest.mark.parametrize("to", CIRCLES)
def test_a_freelist_that_leads_in_a_circle_is_found(small: tuple[Path, bytes], to: str) -> None:
    content = bytearray(small[1])
    pages = len(content) // PAGE
    for page in range(pages - 3, pages + 1):
        content[(page - 1) * PAGE : (page - 1) * PAGE + 4] = CIRCLES[to](page).to_bytes(4, "big")
    content[32:36] = pages.to_bytes(4, "big")
    content[36:40] = (2**31 - 1).to_bytes(4, "big")
    assert answered(small, bytes(content))
