"""Bad files and disks, locks, migrations, half-made ledgers: each ends in one named error, and harms nothing."""

from __future__ import annotations

import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import timebank
from tests.small_disks import NO_DISK, small_disk
from tests.storage.books import DAY, NOW, ORIGIN, add, dump, posted, read, village
from timebank.bank import Bank
from timebank.checking import verify_file
from timebank.errors import (
    CannotOpen,
    CannotWrite,
    DiskFailed,
    DiskFull,
    FileDamaged,
    FileExists,
    FileLocked,
    FileMissing,
    FileTooNew,
    FileTooOld,
    NotALedger,
    TimebankError,
)
from timebank.ledger.transfers import Transfer
from timebank.storage import sqlite_file
from timebank.storage.sqlite import SqliteStore
from timebank.storage.sqlite_file import APPLICATION_ID, new_file, schema_files, statements

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = os.geteuid() == 0
GIFT = Transfer("X:A", "L:M", "PTS", 1)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "a.timebank"
    village(path).close()
    return path


@pytest.fixture
def path(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(template, tmp_path / "b.timebank"))


OPENERS: dict[str, Callable[[Path], object]] = {
    "store": lambda path: SqliteStore(path, busy_seconds=0).close(),
    "store, reading only": lambda path: SqliteStore(path, readonly=True).close(),
    "bank": lambda path: timebank.open(path).close(),
    "verify": timebank.verify_file,
}
openers = pytest.mark.parametrize("opened", OPENERS.values(), ids=OPENERS)


def other_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE entry (seq INTEGER)")


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {schema_files()[-1][0] + 1}")


STRANGE: dict[str, tuple[Callable[[Path], object], type[TimebankError]]] = {
    "nothing": (lambda path: None, FileMissing),
    "a directory": (lambda path: path.mkdir(), NotALedger),
    "an empty file": (lambda path: path.touch(), NotALedger),
    "a text": (lambda path: path.write_text("card,points\n0001,50\n" * 9), NotALedger),
    "another database": (other_database, NotALedger),
    "a header and no more": (lambda path: path.write_bytes(b"SQLite format 3\x00"), NotALedger),
    "a file in a file": (lambda path: path.write_text(""), NotALedger),
}


@openers
@pytest.mark.parametrize(("make", "error"), STRANGE.values(), ids=STRANGE)
def test_what_is_no_ledger_is_not_opened_and_not_touched(
    tmp_path: Path, make: Callable[[Path], object], error: type[TimebankError], opened: Callable[[Path], object]
) -> None:
    path = tmp_path / "x.timebank"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(error) as caught:
        opened(path)
    assert caught.value.facts()["path"] == str(path)
    assert (path.read_bytes() if path.is_file() else None) == before
    assert [item for item in tmp_path.iterdir() if item != path] == []


def test_a_path_through_a_file_is_not_opened(path: Path) -> None:
    with pytest.raises(CannotOpen):
        SqliteStore(path / "x.timebank")
    with pytest.raises(CannotOpen):
        timebank.create(path / "x.timebank", origin=ORIGIN)


@pytest.mark.parametrize("readonly", [False, True])
def test_a_file_of_a_newer_timebank_is_left_alone(tmp_path: Path, readonly: bool) -> None:
    path = tmp_path / "x.timebank"
    newer(path)
    before = path.read_bytes()
    with pytest.raises(FileTooNew) as caught:
        SqliteStore(path, readonly=readonly)
    known = schema_files()[-1][0]
    assert caught.value.args == (str(path), known + 1, known)
    assert path.read_bytes() == before
    assert "schema-too-new" in {finding.code for finding in timebank.verify_file(path).findings}


def test_a_file_that_goes_away_between_two_looks_cannot_be_opened(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "check_file", Path.unlink)
    with pytest.raises(CannotOpen):
        SqliteStore(path)
    assert list(path.parent.iterdir()) == []


def use(path: Path) -> None:
    """Open, read all, write, rebuild."""
    with timebank.open(path, clock=lambda: NOW) as bank:
        read(bank.journal.store)
        bank.rebuild()
        bank.organisations.add("new", name="新", level="street", by="admin")


def outcome(path: Path) -> str:
    """What use and verify say of a damaged file: only errors of ours, or findings."""
    try:
        verification = timebank.verify_file(path)
        said = "clean" if verification.is_clean else "found"
    except TimebankError as error:
        said = error.code
    try:
        use(path)
    except TimebankError as error:
        return f"{said}, {error.code}"
    return said


@pytest.mark.parametrize("keep", [0, 1, 15, 16, 71, 72, 99, 100, 512, 4095, 4096, 8192, 0.3, 0.6, 0.9, -4096, -1])
def test_a_file_cut_short_is_noticed(path: Path, keep: float) -> None:
    whole = path.stat().st_size
    length = int(whole * keep) if isinstance(keep, float) else keep % whole
    with path.open("r+b") as file:
        file.truncate(length)
    said = outcome(path)
    assert "clean" not in said
    assert ("not-a-ledger" in said) == (length < 72)


def test_garbage_in_any_page_is_noticed(template: Path, tmp_path: Path) -> None:
    pages = template.stat().st_size // 4096
    noise = random.Random(7)
    for page in range(pages):
        path = Path(shutil.copy(template, tmp_path / f"{page}.timebank"))
        with path.open("r+b") as file:
            file.seek(4096 * page + (100 if page == 0 else 0))
            file.write(noise.randbytes(3996))
        assert "clean" not in outcome(path), page


def test_a_wrong_magic_or_application_is_no_ledger(path: Path) -> None:
    whole = path.read_bytes()
    for place in (0, 15, 68, 71):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(NotALedger):
            SqliteStore(path)


def test_a_schema_that_is_no_text_is_damage_and_no_crash(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"CREATE TABLE entry", b"CREATE \xff\xfeBLE entry"))
    assert "clean" not in outcome(path)


# --- Permissions -------------------------------------------------------------------------------------------


@pytest.fixture
def shared(template: Path) -> Iterator[Path]:
    """A ledger in a directory that everybody can reach."""
    with tempfile.TemporaryDirectory(prefix="timebank-test-", dir="/tmp") as name:
        Path(name).chmod(0o755)
        path = Path(shutil.copy(template, Path(name) / "a.timebank"))
        path.chmod(0o644)
        yield path


def as_nobody(act: Callable[[], object]) -> str:
    """Run *act* in a child that has given up all rights; answers the error's code, or what it returned."""
    schema = schema_files()  # The child may not be let into the folder where timebank itself lies.
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            sqlite_file.schema_files = lambda: schema
            if ROOT:
                os.setgroups([])
                os.setgid(65_534)
                os.setuid(65_534)
            said = str(act())
        except TimebankError as error:
            said = error.code
        except BaseException as error:
            said = repr(error)
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as file:
        said = file.read()
    os.waitpid(child, 0)
    return said


@openers
def test_a_file_that_may_not_be_read_cannot_be_opened(shared: Path, opened: Callable[[Path], object]) -> None:
    shared.chmod(0)
    assert as_nobody(lambda: opened(shared)) == "cannot-open"


def test_a_file_that_may_only_be_read_is_read_and_verified_and_not_written(shared: Path) -> None:
    before = shared.read_bytes()
    shared.chmod(0o444)
    shared.parent.chmod(0o555)

    def look() -> int:
        with timebank.open(shared, readonly=True) as bank:
            assert timebank.verify_file(shared).is_clean
            return len(list(bank.journal.entries()))

    def write() -> None:
        with timebank.open(shared, clock=lambda: NOW) as bank:
            bank.organisations.add("new", name="新", level="street", by="admin")

    assert int(as_nobody(look)) > 10
    assert as_nobody(write) in ("cannot-write", "cannot-open")
    assert shared.read_bytes() == before
    assert list(shared.parent.iterdir()) == [shared]


def test_a_ledger_is_not_made_where_nothing_may_be_made(shared: Path) -> None:
    shared.parent.chmod(0o555)
    assert as_nobody(lambda: timebank.create(shared.parent / "n.timebank", origin=ORIGIN)) == "cannot-open"
    assert list(shared.parent.iterdir()) == [shared]


def test_on_a_disk_that_takes_no_side_files_a_ledger_is_read_as_it_is(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with timebank.open(path, readonly=True) as bank:
        assert len(list(bank.journal.entries())) > 10
        assert [item.name for item in path.parent.iterdir()] == [path.name]


def test_a_reader_refuses_to_write(path: Path) -> None:
    store = SqliteStore(path, readonly=True)
    assert store.needs_rebuild is False
    with pytest.raises(CannotWrite) as caught, store.writing():
        raise AssertionError
    assert caught.value.args == (str(path),)
    with store.reading() as outer, store.reading() as inner:
        assert outer is inner
    store.close()


def test_every_connection_of_a_reader_is_one_that_only_reads(path: Path) -> None:
    store = SqliteStore(path, readonly=True)

    def write_all_the_same() -> None:
        with pytest.raises(CannotWrite) as caught, store.reading() as books:
            books.connection.execute("PRAGMA query_only = OFF")
            books.connection.execute("DELETE FROM day_total")
        assert caught.value.args == (str(path),)
        done.append(True)

    done: list[bool] = []
    with store.reading():
        for run in (write_all_the_same, write_all_the_same):
            thread = threading.Thread(target=run)
            thread.start()
            thread.join()
    assert len(done) == 2
    store.close()


def test_a_writer_that_says_nothing_waits_for_five_seconds(path: Path, tmp_path: Path) -> None:
    for store in (SqliteStore(path), SqliteStore.create(tmp_path / "new.timebank")):
        assert store._turns._busy_seconds == store._busy_seconds == 5.0  # type: ignore[union-attr]
        store.close()


def test_readers_cannot_write_even_by_raw_sql(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        with pytest.raises(CannotWrite), store.reading() as books:
            books.connection.execute("DELETE FROM day_total")
        assert read(store)["size"] > 10


def test_a_closed_ledger_says_so_and_may_be_closed_again(path: Path) -> None:
    store = SqliteStore(path)
    with store.reading() as books:
        store.close()
        assert books.size() > 10
    store.close()
    for context in (store.reading, store.writing):
        with pytest.raises(CannotOpen) as caught, context():
            raise AssertionError
        assert caught.value.args == (str(path), "this ledger was closed")
    assert not Path(f"{path}-wal").exists()


# --- Full disks --------------------------------------------------------------------------------------------


def fill(store: SqliteStore, entries: int = 2000) -> None:
    for _ in range(entries):
        with store.writing() as books:
            for _ in range(20):
                posted(books, GIFT)


def test_a_full_file_says_so_and_keeps_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "a.timebank"
    store = SqliteStore.create(path)
    connection: Any = store._writing
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages + 10}")
    with pytest.raises(DiskFull) as caught:
        fill(store)
    assert caught.value.path == str(path)
    before = read(store)
    assert before["size"] % 20 == 0 < before["size"]
    with pytest.raises(DiskFull):
        fill(store)
    connection.execute("PRAGMA max_page_count = 1000000")
    kept = read(store)["size"]
    assert kept % 20 == 0
    fill(store, 10)
    assert read(store)["size"] == kept + 200
    store.close()
    with closing(sqlite3.connect(path)) as reader:
        assert reader.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_batch_on_a_full_file_is_taken_back_though_its_error_was_caught(tmp_path: Path) -> None:
    path = tmp_path / "a.timebank"
    bank = timebank.create(path, origin=ORIGIN, clock=lambda: NOW)
    connection: Any = bank.journal.store._writing  # type: ignore[attr-defined]
    before = dump(path)
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages + 3}")
    caught = 0
    with pytest.raises(TimebankError), bank.batch():
        for number in range(600):
            try:
                bank.organisations.add(f"o-{number}", name="名" * 80, level="street", by="admin")
            except (sqlite3.Error, TimebankError):
                caught += 1
    assert caught
    bank.close()
    assert dump(path) == before
    assert timebank.verify_file(path).is_clean


def test_a_full_disk_says_so_and_keeps_every_acknowledged_entry(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1 << 20) as disk:
        if disk is None:
            pytest.skip(NO_DISK)
        path = disk / "a.timebank"
        store = SqliteStore.create(path)
        with pytest.raises(DiskFull):
            fill(store)
        kept = read(store)
        assert kept["size"] % 20 == 0 < kept["size"]
        store.close()
        assert timebank.verify_file(path).entries == kept["size"]


def test_a_ledger_that_does_not_fit_on_the_disk_leaves_nothing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1 << 20) as disk:
        if disk is None:
            pytest.skip(NO_DISK)
        (disk / "film").write_bytes(b"x" * 900_000)
        with pytest.raises(DiskFull):
            timebank.create(disk / "a.timebank", origin=ORIGIN)
        assert [item.name for item in disk.iterdir()] == ["film"]


# --- Locks -------------------------------------------------------------------------------------------------

HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute(sys.argv[2])
print("held", flush=True)
sys.stdin.readline()
connection.rollback()
"""


@contextmanager
def held(path: Path, how: str = "BEGIN IMMEDIATE") -> Iterator[None]:
    """Another process holds *path* for as long as this lasts."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path), how], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None and child.stdout is not None
        assert child.stdout.readline() == "held\n"
        yield
        child.stdin.write("\n")


def test_a_file_that_another_process_writes_is_locked_after_the_time_that_was_given(path: Path) -> None:
    with timebank.open(path, busy_seconds=0.15, clock=lambda: NOW) as bank:
        size = len(list(bank.journal.entries()))
        with held(path):
            begun = time.monotonic()
            with pytest.raises(FileLocked) as caught:
                bank.organisations.add("new", name="新", level="street", by="admin")
            assert time.monotonic() - begun >= 0.15
            assert (caught.value.path, caught.value.waited_seconds) == (str(path), 0.15)
            assert len(list(bank.journal.entries())) == size
            assert bank.verify().is_clean
        bank.organisations.add("new", name="新", level="street", by="admin")
        assert len(list(bank.journal.entries())) == size + 1


def test_a_patient_writer_gets_its_turn(path: Path) -> None:
    with timebank.open(path, busy_seconds=60, clock=lambda: NOW) as bank, closing(sqlite3.connect(path)) as other:
        other.isolation_level = None
        store: Any = bank.journal.store
        turns = store._turns
        tried: list[str] = []

        class Watched:
            """The writing connection; lets the other go once it was refused."""

            def execute(self, query: str, *values: object) -> object:
                try:
                    return store._writing.execute(query, *values)
                except sqlite3.OperationalError:
                    tried.append(query)
                    other.rollback()
                    raise

            def __getattr__(self, name: str) -> object:
                return getattr(store._writing, name)

        other.execute("BEGIN IMMEDIATE")
        turns._connection = Watched()
        bank.organisations.add("new", name="新", level="street", by="admin")
        turns._connection = store._writing
        assert tried == ["BEGIN IMMEDIATE"]


def test_a_file_locked_against_readers_is_locked_on_opening_and_on_reading(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")  # as a stranger's tool might leave it
    store = SqliteStore(path, busy_seconds=0.05)
    with held(path, "BEGIN EXCLUSIVE"):
        for opened in (lambda: SqliteStore(path, busy_seconds=0.05), lambda: read(store)):
            with pytest.raises(FileLocked) as caught:
                opened()
            assert caught.value.args == (str(path), 0.05)
    store.close()


# --- Older files and newer schemas -------------------------------------------------------------------------

FIRST = [(1, "first", "CREATE TABLE one (a INTEGER) STRICT;\nINSERT INTO one VALUES (1);\n")]
SECOND = [*FIRST, (2, "second", "CREATE TABLE two (a INTEGER) STRICT;\nINSERT INTO two SELECT a FROM one;\n")]
BROKEN = [*SECOND, (3, "broken", "CREATE TABLE three (a INTEGER) STRICT;\nINSERT INTO nowhere VALUES (1);\n")]


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sqlite_file, "schema_files", lambda: FIRST)
    SqliteStore.create(tmp_path / "old.timebank").close()
    return tmp_path / "old.timebank"


def tables(path: Path) -> tuple[int, list[str]]:
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%sqlite%' ORDER BY 1"
        )
        return connection.execute("PRAGMA user_version").fetchone()[0], [row[0] for row in found]


def test_an_older_file_is_brought_up_to_date_once(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert tables(old) == (1, ["one"])
    monkeypatch.setattr(sqlite_file, "schema_files", lambda: SECOND)
    SqliteStore(old).close()
    after = dump(old)
    assert tables(old) == (2, ["one", "two"])
    SqliteStore(old).close()
    assert dump(old) == after


def test_an_older_file_opened_for_reading_stays_as_it_is(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_file, "schema_files", lambda: SECOND)
    before = old.read_bytes()
    with pytest.raises(FileTooOld) as caught:
        SqliteStore(old, readonly=True)
    assert caught.value.args == (str(old), 1, 2)
    assert old.read_bytes() == before


def test_a_ledger_of_an_older_version_is_brought_up_to_date_with_its_entries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a year ago: two schema files. Whoever opens it first makes the newer projections from the journal."""
    path = tmp_path / "old.timebank"
    files = schema_files()
    with timebank.create(path, origin=ORIGIN) as bank:
        bank.organisations.add("yungu", name="云谷", level="community", by="admin")
    newest = rows_of(path)
    as_of_version_two(path, files)
    assert verify_file(path).findings == ()
    with pytest.raises(FileTooOld):
        timebank.open(path, readonly=True)
    killed = SqliteStore(path)  # It made the tables, and came no further.
    assert killed.needs_rebuild
    killed.close()
    assert tables(path)[0] == 2
    with timebank.open(path) as bank:
        assert bank.verify().findings == ()
        assert [each.id for each in bank.organisations.all()] == ["yungu"]
    assert tables(path)[0] == files[-1][0]
    assert rows_of(path) == newest


def rows_of(path: Path) -> list[str]:
    """What dump says, without when which schema file ran."""
    return sorted(line for line in dump(path) if not line.startswith("_sqlite") and "sqlite_" not in line)


def as_of_version_two(path: Path, files: list[tuple[int, str, str]]) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for number, name, script in reversed(files[2:]):
            for table in reversed(re.findall(r"^CREATE TABLE (\w+)", script, re.MULTILINE)):
                connection.execute(f"DROP TABLE {table}")
            connection.execute("DELETE FROM _sqlite_migrations WHERE name = ?", (f"{number:04}_{name}",))
        connection.execute("PRAGMA user_version = 2")


@pytest.mark.parametrize(
    "script",
    [
        "INSERT INTO nowhere VALUES (1);\n",
        "CREATE TABEL x (a);\n",
        "SELECT RAISE(ABORT, 'x');\n",
        "ROLLBACK;\nINSERT INTO nowhere VALUES (1);\n",
    ],
)
def test_a_migration_that_fails_leaves_no_trace(old: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    monkeypatch.setattr(sqlite_file, "schema_files", lambda: [*SECOND, (3, "broken", BROKEN[2][2] + script)])
    before, image = dump(old), old.read_bytes()
    for _ in range(2):
        with pytest.raises(FileDamaged):
            SqliteStore(old)
    assert dump(old) == before
    assert old.read_bytes() == image
    monkeypatch.setattr(sqlite_file, "schema_files", lambda: SECOND)
    SqliteStore(old).close()
    assert tables(old) == (2, ["one", "two"])


def test_a_migration_waits_for_other_writers_and_then_gives_up(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_file, "schema_files", lambda: SECOND)
    with held(old):
        with pytest.raises(FileLocked) as caught:
            SqliteStore(old, busy_seconds=0.05)
        assert caught.value.waited_seconds == 0.05
    assert tables(old) == (1, ["one"])


def test_a_migration_that_another_made_while_this_one_waited_is_not_made_again(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "schema_files", lambda: SECOND)
    asked = sqlite_file.check_version

    def late(connection: sqlite3.Connection, path: str) -> bool:
        found = asked(connection, path)
        monkeypatch.setattr(sqlite_file, "check_version", asked)
        SqliteStore(old).close()
        return found

    monkeypatch.setattr(sqlite_file, "check_version", late)
    SqliteStore(old).close()
    assert tables(old) == (2, ["one", "two"])


def test_a_newer_timebank_that_came_first_is_respected(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_file, "schema_files", lambda: SECOND)
    asked = sqlite_file.check_version

    def late(connection: sqlite3.Connection, path: str) -> bool:
        found = asked(connection, path)
        monkeypatch.setattr(sqlite_file, "check_version", asked)
        with closing(sqlite3.connect(old)) as other:
            other.execute("PRAGMA user_version = 9")
        return found

    monkeypatch.setattr(sqlite_file, "check_version", late)
    with pytest.raises(FileTooNew) as caught:
        SqliteStore(old)
    assert caught.value.args == (str(old), 9, 2)
    assert tables(old) == (9, ["one"])


MIGRATE = """
import sys
from timebank.storage import sqlite_file
from timebank.storage.sqlite import SqliteStore
sqlite_file.schema_files = lambda files=eval(sys.argv[2]): files
for path in sys.stdin:
    SqliteStore(path.strip(), busy_seconds=30).close()
    print("done", flush=True)
"""


def test_two_processes_that_open_an_older_file_at_once_migrate_it_once(tmp_path: Path, old: Path) -> None:
    paths = [Path(shutil.copy(old, tmp_path / f"{number}.timebank")) for number in range(10)]
    command = [sys.executable, "-c", MIGRATE, str(tmp_path), repr(SECOND)]
    workers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for path in paths:
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write(f"{path}\n")
            worker.stdin.flush()
        for worker in workers:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "done\n"
        assert tables(path) == (2, ["one", "two"])
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("SELECT count(*) FROM two").fetchone() == (1,)
    for worker in workers:
        worker.communicate("")
        assert worker.returncode == 0


def test_the_schema_files_are_numbered_without_gaps_and_split_into_whole_statements() -> None:
    files = schema_files()
    assert [number for number, _, _ in files] == list(range(1, len(files) + 1))
    for _, _, script in files:
        parts = list(statements(script))
        assert "".join(parts).strip() == script.strip()
        assert all(sqlite3.complete_statement(part) for part in parts)


def test_only_numbered_files_are_schema_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "sql" / "sqlite"
    folder.mkdir(parents=True)
    for name in ("0002_b.sql", "0001_a.sql", "0003_c.sql~", "3_d.sql", "README.md"):
        (folder / name).write_text(name)
    monkeypatch.setattr(sqlite_file, "files", lambda _: tmp_path)
    assert schema_files() == [(1, "a", "0001_a.sql"), (2, "b", "0002_b.sql")]


# --- Making a ledger ---------------------------------------------------------------------------------------


def listing(directory: Path) -> dict[str, bytes | None]:
    return {item.name: item.read_bytes() if item.is_file() else None for item in directory.iterdir()}


@pytest.mark.parametrize(
    "name",
    [
        "a.timebank",
        "a.timebank.key",
        "a.timebank.signed",
        "a.timebank-wal",
        "a.timebank-shm",
        "a.timebank-journal",
    ],
)
def test_a_ledger_is_not_made_over_anything_that_lies_there(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"mine")
    with pytest.raises(FileExists) as caught:
        timebank.create(tmp_path / "a.timebank", origin=ORIGIN)
    assert caught.value.path == str(tmp_path / name)
    assert listing(tmp_path) == {name: b"mine"}


def test_a_ledger_is_not_made_over_a_directory(tmp_path: Path) -> None:
    (tmp_path / "a.timebank").mkdir()
    with pytest.raises(FileExists):
        timebank.create(tmp_path / "a.timebank", origin=ORIGIN)
    assert listing(tmp_path) == {"a.timebank": None}


def test_a_store_is_not_made_in_another_database(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    other_database(path)
    before = path.read_bytes()
    with pytest.raises(FileExists):
        SqliteStore.create(path)
    assert path.read_bytes() == before


def test_the_log_of_an_older_ledger_does_not_come_back_in_a_new_one(tmp_path: Path) -> None:
    """Its main file was deleted, its write-ahead log was not: SQLite would read the old as the new."""
    path = tmp_path / "a.timebank"
    with timebank.create(path, origin="old.example/t", clock=lambda: NOW) as bank:
        bank.organisations.add("old", name="旧", level="street", by="admin")
        log = Path(f"{path}-wal").read_bytes()
    for item in tmp_path.iterdir():
        item.unlink()
    Path(f"{path}-wal").write_bytes(log)
    with pytest.raises(FileExists):
        timebank.create(path, origin=ORIGIN)
    Path(f"{path}-wal").rename(f"{path}.new-wal")
    with timebank.create(path, origin=ORIGIN, clock=lambda: NOW) as bank:
        assert bank.origin == ORIGIN
        assert bank.organisations.all() == ()
        assert bank.verify().is_clean
    assert sorted(listing(tmp_path)) == ["a.timebank", "a.timebank.key"]


@pytest.mark.parametrize("where", ["found", "store", "replace"])
def test_what_goes_wrong_while_a_ledger_is_made_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    target: tuple[Any, str] = {
        "found": (Bank, "found"),
        "store": (SqliteStore, "create"),
        "replace": (Path, "replace"),
    }[where]  # type: ignore[assignment]
    monkeypatch.setattr(*target, fail)
    with pytest.raises(KeyboardInterrupt):
        timebank.create(tmp_path / "a.timebank", origin=ORIGIN)
    left = set(listing(tmp_path))
    assert left <= ({"a.timebank.key"} if where == "replace" else set())


CRASH = """
import os, sys, timebank
from timebank.bank import Bank
from timebank.checking import verify_file
found = Bank.found
def crash(self, **words):
    found(self, **words)
    os._exit(1)
Bank.found = crash
timebank.create(sys.argv[1], origin="a.example/b")
"""


def test_a_crash_while_a_ledger_is_made_leaves_no_half_made_one(tmp_path: Path) -> None:
    path = tmp_path / "a.timebank"
    assert subprocess.run([sys.executable, "-c", CRASH, str(path)], check=False).returncode == 1
    assert path.read_bytes() == b""
    with pytest.raises(NotALedger):
        timebank.open(path)
    path.unlink()
    Path(f"{path}.key").unlink()
    with timebank.create(path, origin=ORIGIN, clock=lambda: NOW) as bank:
        assert (bank.origin, bank.verify().is_clean) == (ORIGIN, True)
    assert sorted(listing(tmp_path)) == ["a.timebank", "a.timebank.key"]


def test_a_new_file_is_put_in_place_whole(tmp_path: Path) -> None:
    with new_file(tmp_path / "a") as unfinished:
        assert (tmp_path / "a").read_bytes() == b""
        unfinished.write_bytes(b"all of it")
    assert listing(tmp_path) == {"a": b"all of it"}


def looking(unfinished: Path) -> sqlite3.Connection:
    """Somebody who only reads: while they do, closing the store does not fold its log into the file."""
    reader = sqlite3.connect(f"{unfinished.as_uri()}?mode=ro", uri=True, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return reader


def test_a_new_file_takes_along_what_closing_left_in_its_log(tmp_path: Path) -> None:
    """On a full disk, or under a reader's eyes, SQLite closes and says nothing; the log does not move along."""
    path = tmp_path / "a.timebank"
    with new_file(path) as unfinished:
        SqliteStore.create(unfinished).close()
        reader = looking(unfinished)
        with closing(SqliteStore(unfinished)) as store, store.writing() as books:
            add(books, 300)
        reader.close()
        assert Path(f"{unfinished}-wal").stat().st_size
    assert [item.name for item in tmp_path.iterdir()] == ["a.timebank"]
    with closing(SqliteStore(path)) as store:
        assert read(store)["size"] == 300


def test_a_new_file_whose_log_cannot_be_folded_is_not_put_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "_FOLD_SECONDS", 0.01)
    with ExitStack() as later, pytest.raises(FileLocked), new_file(tmp_path / "a.timebank") as unfinished:
        SqliteStore.create(unfinished).close()
        later.enter_context(closing(looking(unfinished)))
        with closing(SqliteStore(unfinished)) as store, store.writing() as books:
            add(books, 300)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("number", "kind"), [(28, DiskFull), (5, DiskFailed), (13, CannotOpen)])
@pytest.mark.parametrize("call", ["open", "unlink", "replace"])
def test_a_new_file_that_the_system_refuses_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[TimebankError], call: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os if call == "open" else Path, call, fail)
    with pytest.raises(kind), new_file(tmp_path / "a.timebank") as unfinished:
        unfinished.write_bytes(b"whole")


def test_what_the_disk_does_not_give_is_a_failed_disk_and_no_damage(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(5, os.strerror(5))

    monkeypatch.setattr(Path, "open", fail)
    for opened in (lambda: SqliteStore(path), lambda: timebank.verify_file(path)):
        with pytest.raises(DiskFailed):
            opened()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("SQLITE_IOERR_FSYNC", DiskFailed),
        ("SQLITE_IOERR", DiskFailed),
        ("SQLITE_IOERR_SHMSIZE", DiskFull),
        ("SQLITE_FULL", DiskFull),
        ("SQLITE_BUSY_SNAPSHOT", FileLocked),
        ("SQLITE_PROTOCOL", FileLocked),
        ("SQLITE_READONLY_DBMOVED", CannotWrite),
        ("SQLITE_CORRUPT_INDEX", FileDamaged),
        ("", FileDamaged),
    ],
)
def test_what_an_error_of_sqlite_means(name: str, kind: type[TimebankError]) -> None:
    error = sqlite3.OperationalError("what SQLite says")
    if name:
        error.sqlite_errorname = name
    said = sqlite_file.error_for(error, "a.timebank", 1.0)
    assert type(said) is kind
    assert said.facts()["path"] == "a.timebank"


@pytest.mark.parametrize(("number", "kind"), [(5, DiskFailed), (13, FileDamaged), (None, FileDamaged)])
def test_a_page_that_the_disk_does_not_give_is_no_damage(
    path: Path, monkeypatch: pytest.MonkeyPatch, number: int | None, kind: type[TimebankError]
) -> None:
    """SQLite says of it that the file is malformed; so the file is read once more, to the end."""

    def fail(*_: object, **__: object) -> None:
        raise OSError(number, "what the system says")

    error = sqlite3.DatabaseError("database disk image is malformed")
    error.sqlite_errorname = "SQLITE_CORRUPT"
    if number is not None:
        monkeypatch.setattr(Path, "open", fail)
    assert type(sqlite_file.error_for(error, str(path), 1.0)) is kind


def test_a_store_keeps_what_it_has_when_it_is_opened_again(tmp_path: Path) -> None:
    store = SqliteStore.create(tmp_path / "a.timebank")
    with store.writing() as books:
        for _ in range(300):
            posted(books, GIFT, day=DAY)
        add(books, 1)
    before = read(store)
    store.close()
    again = SqliteStore(tmp_path / "a.timebank")
    assert read(again) == before
    again.close()
