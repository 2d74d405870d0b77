"""What a writer goes on knowing from one transaction to the next, and when it has to look again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

import timebank
from tests.storage.books import DAY, posted, read, village
from timebank.errors import TimebankError
from timebank.ledger.store import Posting
from timebank.ledger.transfers import Transfer
from timebank.programme.goods import UNITS, Unit
from timebank.programme.roles import OPERATORS, Operator
from timebank.storage import sqlite_known, sqlite_totals, sqlite_turns, sqlite_writer
from timebank.storage.memory import MemoryStore
from timebank.storage.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from timebank import Bank
    from timebank.ledger.store import Table, Value
    from timebank.storage.sqlite_writer import SqliteWriter

WANG = "L:M:WANG"
GIVE = Transfer("X:AWARDED:A", WANG, "PTS", 5)


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[tuple[SqliteStore, SqliteStore]]:
    """The same file, opened twice, as by two processes."""
    first = SqliteStore.create(tmp_path / "a.timebank")
    second = SqliteStore(tmp_path / "a.timebank")
    yield first, second
    first.close()
    second.close()


def act(store: SqliteStore, do: Callable[[SqliteWriter], Any]) -> Any:
    with store.writing() as books:
        return do(books)


def afresh(store: SqliteStore) -> tuple[Any, ...]:
    """What a writer says that knows nothing yet."""
    with closing(SqliteStore(store.path)) as new:
        told: tuple[Any, ...] = act(new, known)
        return told


def change(books: SqliteWriter) -> None:
    """One of everything that a writer keeps in mind."""
    seq = posted(books, GIVE)
    books.put(OPERATORS, Operator("wu", None, "clerk" if seq == 0 else "auditor", seq))
    books.put(UNITS, Unit(f"U{seq}", "新", "new", seq))


def known(books: SqliteWriter) -> tuple[Any, ...]:
    """Everything that a writer keeps in mind, as it tells it."""
    size = books.size()
    return (
        size,
        books.leaf(size - 1) if size else b"",
        books.balance(WANG, "PTS"),
        books.balance("L:M:LI", "PTS"),
        books.get(OPERATORS, "wu"),
        books.latest(UNITS, upto="Z"),
        list(books.rows(UNITS)),
        books.balance_on(WANG, "PTS", DAY),
    )


def test_what_another_process_wrote_is_seen_by_a_writer_that_knew_otherwise(
    stores: tuple[SqliteStore, SqliteStore],
) -> None:
    for _ in range(3):
        for store, other in (stores, stores[::-1]):
            act(store, known)
            act(other, change)
            assert act(store, known) == act(other, known) == afresh(store)


def test_what_a_stranger_wrote_with_sql_is_seen(stores: tuple[SqliteStore, SqliteStore]) -> None:
    store, _ = stores
    act(store, change)
    before = act(store, known)
    with closing(sqlite3.connect(store.path)) as stranger, stranger:
        stranger.execute("UPDATE operator SET role = 'registrar'")
        stranger.execute("UPDATE account SET balance = 7 WHERE code = ?", (WANG,))
    after = act(store, known)
    assert after != before
    assert (after[2], after[4].role) == (7, "registrar")


def test_nothing_is_known_of_what_was_taken_back(stores: tuple[SqliteStore, SqliteStore]) -> None:
    store, _ = stores
    act(store, change)
    before = act(store, known)
    with pytest.raises(ZeroDivisionError), store.writing() as books:
        change(books)
        raise ZeroDivisionError
    assert act(store, known) == before
    act(store, change)
    assert act(store, known) == afresh(store)


def test_a_writer_whom_nobody_disturbs_does_not_ask_twice(stores: tuple[SqliteStore, SqliteStore]) -> None:
    store, other = stores
    act(store, change)
    act(store, known)
    asked: list[str] = []
    store._writing.set_trace_callback(asked.append)  # type: ignore[union-attr]
    act(store, lambda books: (books.size(), books.leaf(0), books.balance(WANG, "PTS"), books.get(OPERATORS, "wu")))
    assert asked == ["BEGIN IMMEDIATE", "PRAGMA data_version", "COMMIT"]
    act(other, change)
    asked.clear()
    act(store, lambda books: books.get(OPERATORS, "wu"))
    assert len(asked) == 5  # also how long the journal is, and the operator


ALONE = ["BEGIN IMMEDIATE", "PRAGMA data_version", "COMMIT"]


def test_what_was_asked_or_written_is_not_asked_again(
    stores: tuple[SqliteStore, SqliteStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_writer, "_MOST_ACCOUNTS", 3)
    store, other = stores
    asked: list[str] = []
    for each in stores:
        each._writing.set_trace_callback(asked.append)  # type: ignore[union-attr]

    def look(books: SqliteWriter) -> tuple[Any, ...]:
        balances = [books.balance(account, "PTS") for account in ("X:AWARDED:A", WANG, "L:M:LI")]
        return balances, books.leaf(0), books.latest(UNITS, upto="Z"), list(books.rows(UNITS))

    def last(books: SqliteWriter) -> bytes:
        return books.leaf(books.size() - 1)

    act(store, lambda books: books.balance(WANG, "PTS"))
    act(store, change)
    act(store, lambda books: [posted(books, GIVE) for _ in range(3)])
    asked.clear()
    assert (act(store, last), asked) == (b'{"n":3}', ALONE)
    for each in stores:
        before = act(each, look)
        asked.clear()
        assert (act(each, look), asked) == (before, ALONE)
    act(other, lambda books: books.balance("L:M:ZHAO", "PTS"))  # now there are more than three
    act(other, look)
    assert len(asked) > 2 * len(ALONE)


@pytest.mark.parametrize(
    ("place", "bound"), [(sqlite_totals, "_MOST_DAY_TOTALS"), (sqlite_writer, "_MOST_ACCOUNTS")]
)
@pytest.mark.parametrize(("most", "written"), [(1, 2), (2, 0)])
def test_the_totals_of_a_run_wait_for_the_commit_unless_they_are_many(
    stores: tuple[SqliteStore, SqliteStore],
    monkeypatch: pytest.MonkeyPatch,
    place: Any,
    bound: str,
    most: int,
    written: int,
) -> None:
    monkeypatch.setattr(place, bound, most)
    with stores[0].writing() as books:
        for _ in range(256):
            posted(books, GIVE)
        assert books.connection.execute("SELECT count(*) FROM day_total").fetchone() == (written,)


@pytest.mark.parametrize("bound", ["_MOST_ACCOUNTS", "_MOST_RECORDS", "_MOST_LEAVES", "_FEW_ROWS"])
def test_what_is_known_is_bounded_and_right_at_every_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    told = []
    for most in (0, 1, 2, 10_000):
        monkeypatch.setattr(sqlite_writer if bound == "_MOST_ACCOUNTS" else sqlite_known, bound, most)
        store = SqliteStore.create(tmp_path / f"{most}.timebank")
        for _ in range(4):
            act(store, change)
        told.append([act(store, known), act(store, lambda books: [books.leaf(seq) for seq in range(4)])])
        writer = store._turns._writer  # type: ignore[union-attr]
        act(store, lambda books: None)
        if most < 3:
            kept = {
                "_MOST_ACCOUNTS": len(writer._accounts),
                "_MOST_RECORDS": max(map(len, writer._known._tables.values())),
                "_MOST_LEAVES": len(writer._known._leaves),
            }
            assert kept.get(bound, 0) <= max(most, 1)
        store.close()
    assert all(each == told[0] for each in told)


class Counting:
    """A reader in which every table has rows 0, 1, 2…, as many as it is asked for; it notes what is read."""

    def __init__(self) -> None:
        self.read: list[object] = []

    def get(self, table: Table[Unit], *key: Value) -> object:
        self.read.append(key)
        return key

    def rows(self, table: Table[Unit], *prefix: Value) -> Iterator[object]:
        for number in range(int(str(prefix[0]))):
            self.read.append(number)
            yield number


@pytest.mark.parametrize(("rows", "kept"), [(0, True), (63, True), (64, True), (65, False), (200, False)])
def test_few_rows_are_read_once_and_of_many_no_more_than_tells_that_they_are_many(rows: int, kept: bool) -> None:
    reader = Counting()
    books = sqlite_known.Known(reader)  # type: ignore[arg-type]
    for _ in range(2):
        assert books.few_rows(UNITS, (rows,)) == (tuple(range(rows)) if kept else None)
    assert reader.read == list(range(min(rows, 65)))


def test_what_is_known_is_forgotten_when_there_is_as_much_as_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_known, "_MOST_RECORDS", 3)
    monkeypatch.setattr(sqlite_known, "_MOST_LEAVES", 3)
    reader = Counting()
    books = sqlite_known.Known(reader)  # type: ignore[arg-type]
    assert [books.get(UNITS, (key,)) for key in "abba"] == [("a",), ("b",), ("b",), ("a",)]
    assert reader.read == [("a",), ("b",)]
    for key in "cbab":
        books.get(UNITS, (key,))
    assert reader.read == [("a",), ("b",), ("c",), ("b",), ("a",)]
    for seq in range(5):
        assert books.keep_leaf(seq, b"%d" % seq) == b"%d" % seq
    assert [books.leaf(seq) for seq in range(5)] == [None, None, None, b"3", b"4"]


@pytest.mark.parametrize("before", [1, 10, 255, 256, 257])
def test_a_writer_that_comes_in_the_midst_of_a_run_totals_all_of_it(tmp_path: Path, before: int) -> None:
    plain, sizes = MemoryStore(), (before, 600)
    for size in sizes:
        for store in (plain, SqliteStore(tmp_path / "a.timebank") if size > before else _new(tmp_path)):
            with closing(store), store.writing() as books:
                while (seq := books.size()) < size:
                    posted(books, Transfer("X:AWARDED:A", WANG, "PTS", seq % 7 + 1), day=DAY - timedelta(seq % 2))
    assert read_file(tmp_path / "a.timebank") == read(plain)


def _new(folder: Path) -> SqliteStore:
    return SqliteStore.create(folder / "a.timebank")


def test_a_rebuild_in_small_pieces_is_the_same_as_in_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Totals and balances are written early where there are many, and read again where they are wanted."""
    path = tmp_path / "a.timebank"
    with village(path) as bank, bank.batch():
        for number in range(600):
            day = DAY - timedelta(number % 40)
            bank.services.record(wang_of(bank), "honour", occasions=1, day=day, by="clerk-3", approved_by="admin")
    before = read_file(path)
    monkeypatch.setattr(sqlite_writer, "_MOST_ACCOUNTS", 1)
    monkeypatch.setattr(sqlite_totals, "_MOST_DAY_TOTALS", 1)
    with timebank.open(path) as bank:
        bank.rebuild()
        assert bank.verify().is_clean
    assert read_file(path) == before


def wang_of(bank: Bank) -> str:
    return bank.cards.get("0001").member


def read_file(path: Path) -> dict[str, Any]:
    with closing(SqliteStore(path)) as store:
        return read(store)


class Clock:
    """A millisecond for each look; naps are noted, not slept."""

    def __init__(self) -> None:
        self.now, self.naps = 100.0, list[float]()

    def monotonic(self) -> float:
        self.now += 0.001
        return self.now

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds


def test_a_process_gives_way_now_and_then_while_others_write_and_never_alone(
    stores: tuple[SqliteStore, SqliteStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, other = stores
    clock = Clock()
    monkeypatch.setattr(sqlite_turns, "time", clock)

    def write(times: int) -> None:
        for _ in range(times):
            act(store, lambda books: posted(books, GIVE))

    write(60)
    assert clock.naps == []
    act(other, change)
    clock.now += 0.001
    write(60)
    longest = sqlite_turns._LONGEST_NAP_SECONDS
    assert clock.naps
    assert set(clock.naps) == {longest}
    assert len(clock.naps) <= 60 * 5 * 0.001 / sqlite_turns._LONGEST_STAY_SECONDS + 1
    clock.now += sqlite_turns._LATELY_SECONDS
    clock.naps.clear()
    write(60)
    assert clock.naps == []
    act(other, change)
    for _ in range(60):  # whoever writes now and then leaves time enough
        write(1)
        clock.now += longest
    assert clock.naps == []
    clock.now += sqlite_turns._LATELY_SECONDS
    with pytest.raises(ZeroDivisionError), store.writing() as books:
        posted(books, GIVE)
        raise ZeroDivisionError
    write(60)  # what was taken back was nobody else's
    assert clock.naps == []


def test_a_writer_that_cannot_look_leaves_no_transaction_open(
    stores: tuple[SqliteStore, SqliteStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, other = stores

    def fail() -> bool:
        raise sqlite3.OperationalError

    monkeypatch.setattr(store._turns._writer, "begin", fail)  # type: ignore[union-attr]
    with pytest.raises(TimebankError):
        act(store, change)
    act(other, change)
    monkeypatch.undo()
    act(store, change)
    assert act(store, known) == afresh(store)


INDEXES = ["transfer_credit", "transfer_debit"]


def indexes(books: SqliteWriter) -> list[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '% ON transfer %' ORDER BY name"
    return [name for (name,) in books.connection.execute(query)]


@pytest.mark.parametrize(
    "ask",
    [
        lambda books: None,
        lambda books: books.postings(WANG, "PTS", limit=1) == postings_of(books, 1),
        lambda books: books.balance_at(WANG, "PTS", 3) == 20,
        lambda books: books.balance_on(WANG, "PTS", DAY) == 1_500,
    ],
)
@pytest.mark.parametrize("ends", [True, False])
def test_indexes_of_transfers_are_made_when_all_are_there_or_one_is_needed(
    stores: tuple[SqliteStore, SqliteStore], ask: Callable[[SqliteWriter], object], *, ends: bool
) -> None:
    store, other = stores
    act(store, lambda books: [posted(books, GIVE) for _ in range(300)])
    before = read(store)
    with pytest.raises(ZeroDivisionError), store.writing(alone=True) as books:
        books.drop_projections()
        for seq in range(300):
            books.project(seq, DAY, (GIVE,), None)
        assert indexes(books) == []
        assert ask(books) in (None, True)
        assert indexes(books) == ([] if ask(books) is None else INDEXES)
        if ends:
            books.finish()
            assert indexes(books) == INDEXES
        1 / 0  # noqa: B018 - so that all is taken back, and what is left to do with it
    assert act(store, indexes) == act(other, indexes) == INDEXES
    with store.writing(alone=True) as books:
        books.drop_projections()
        for seq in range(300):
            books.project(seq, DAY, (GIVE,), None)
    assert act(store, indexes) == act(other, indexes) == INDEXES
    assert read(store) == read(other) == before


def postings_of(books: SqliteWriter, limit: int) -> list[Posting]:
    return [Posting(299 - back, 0, DAY, 5, 1_500 - 5 * back, GIVE.debit) for back in range(limit)]
