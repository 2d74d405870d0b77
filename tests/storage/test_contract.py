"""What every store promises, on every store: the reference in memory, and SQLite."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from tests import strategies
from tests.conftest import fewer
from tests.storage.books import DAY, add, everything, posted, read
from timebank.errors import BatchBroken, Damaged, FileDamaged, FileLocked, UnknownEntry
from timebank.ledger.store import AccountBalance, Posting, SignedNote, Table
from timebank.ledger.transfers import Transfer
from timebank.programme.goods import GOODS, PRICES, UNITS, Good, Price, Unit
from timebank.programme.members import CARDS, MEMBERS, Card, Member
from timebank.programme.organisations import ORGANISATIONS, Organisation
from timebank.programme.shops import SHOPS, Shop
from timebank.storage import memory, sqlite_known, sqlite_reader, sqlite_writer
from timebank.storage.memory import MemoryStore
from timebank.storage.sqlite import SqliteStore
from timebank.tlog.merkle import Frontier, consistency_proof, inclusion_proof, leaf_hash, root, root_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hypothesis.strategies import SearchStrategy

    from timebank.ledger.store import Reader, Store, Writer

STORES: dict[str, Callable[[Path], Store]] = {
    "memory": lambda _: MemoryStore(),
    "sqlite": lambda path: SqliteStore.create(path / "a.timebank", busy_seconds=0.05),
}
WANG, LI, SHOP, GRANT = "L:M:WANG", "L:M:LI", "L:S:SHOP", "X:AWARDED:O"


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made = STORES[request.param](tmp_path)
    yield made
    made.close()


def give(account: str, amount: int, unit: str = "PTS") -> Transfer:
    return Transfer(GRANT, account, unit, amount)


def write(store: Store, act: Callable[[Writer], object], *, alone: bool = False) -> None:
    with store.writing(alone=alone) as books:
        act(books)


# --- The journal -------------------------------------------------------------------------------------------


def test_an_empty_store_has_nothing(store: Store) -> None:
    with store.reading() as books:
        assert (books.size(), list(books.leaves()), books.hashes(0, 0, 9), books.hashes(1, 0, 9)) == (
            0,
            [],
            [],
            [],
        )
        assert (books.seq_of_key("k"), books.resolver_of(0), books.last_note()) == (None, None, None)
        assert (
            books.balance(WANG, "PTS"),
            books.balance_at(WANG, "PTS", 5),
            books.balance_on(WANG, "PTS", DAY),
        ) == (0, 0, 0)
        assert (list(books.balances()), list(books.balances(DAY)), books.postings(WANG, "PTS", limit=5)) == (
            [],
            [],
            [],
        )
        assert (books.tally("award"), books.resolved("award"), books.count(CARDS), list(books.rows(CARDS))) == (
            0,
            0,
            0,
            [],
        )
        assert (books.get(CARDS, "1"), books.latest(PRICES, "s", "g", upto="9999")) == (None, None)
        with pytest.raises(UnknownEntry):
            books.leaf(0)


def test_leaves_are_read_by_place_and_in_runs(store: Store) -> None:
    write(store, lambda books: add(books, 5))
    with store.reading() as books:
        assert books.size() == 5
        assert [books.leaf(seq) for seq in (0, 4)] == [b'{"n":0}', b'{"n":4}']
        for first, end, expected in [
            (0, None, [0, 1, 2, 3, 4]), (3, None, [3, 4]), (1, 3, [1, 2]), (0, 99, [0, 1, 2, 3, 4]), (5, None, []),
            (3, 3, []), (4, 2, []), (-1, 2, [0, 1]), (-9, None, [0, 1, 2, 3, 4]), (0, -1, []), (2**70, None, []),
            (0, 2**70, [0, 1, 2, 3, 4]),
        ]:  # fmt: skip
            assert [(seq, b'{"n":%d}' % seq) for seq in expected] == list(books.leaves(first, end)), (first, end)
        for seq in (-1, 5, 2**63, -(2**70)):
            with pytest.raises(UnknownEntry) as caught:
                books.leaf(seq)
            assert caught.value.args == (str(seq),)


def test_the_writer_sees_its_own_writes_and_others_see_them_after_the_end(tmp_path: Path) -> None:
    store = STORES["sqlite"](tmp_path)
    with store.writing() as books:
        posted(books, give(WANG, 5))
        with store.reading() as outside:
            assert (outside.size(), outside.balance(WANG, "PTS")) == (0, 0)
        assert (books.size(), books.leaf(0), books.balance(WANG, "PTS")) == (1, b'{"n":0}', 5)
    assert read(store)["size"] == 1
    store.close()


def test_every_read_of_the_writer_is_what_a_reader_says_afterwards(store: Store) -> None:
    with store.writing() as books:
        for number in range(300):
            posted(books, give(WANG, number + 1), give(LI, 1, "MIN"), day=DAY - timedelta(number % 3))
            if number % 50 == 7:
                posted(books, Transfer(WANG, GRANT, "PTS", number + 1), kind="reversal", resolves=books.size() - 1)
            if number % 100 == 0:
                inside = everything(books)
        add(books, 1, key="k")
        assert (books.seq_of_key("k"), books.seq_of_key("l")) == (books.size() - 1, None)
        inside = everything(books)
    assert read(store) == inside


@pytest.mark.parametrize("seq", [0, 2, 3, 6, -1, 2**40])
def test_a_gap_in_the_journal_is_refused(store: Store, seq: int) -> None:
    write(store, lambda books: add(books, 2) or add(books, 1) if seq in (0, 2) else add(books, 2))
    before = read(store)
    wrong = seq if seq != 2 else 4
    with pytest.raises(FileDamaged):
        write(store, lambda books: books.add_leaf(wrong, b"{}", leaf_hash(b"{}"), kind="award", key=None))
    assert read(store) == before


def test_a_key_is_used_once(store: Store) -> None:
    write(store, lambda books: add(books, 1, key="k"))
    before = read(store)
    with pytest.raises(FileDamaged):
        write(store, lambda books: add(books, 1, key="k"))
    with pytest.raises(FileDamaged):
        write(store, lambda books: add(books, 1, key="l") or add(books, 1, key="l"))
    assert read(store) == before
    with store.reading() as books:
        assert (books.seq_of_key("k"), books.seq_of_key("l"), books.seq_of_key("K")) == (0, None, None)


def test_entries_without_a_key_are_many(store: Store) -> None:
    write(store, lambda books: add(books, 3, key=None))
    assert read(store)["size"] == 3


# --- Taking back -------------------------------------------------------------------------------------------

WRITES: dict[str, Callable[[Writer], object]] = {
    "leaf": lambda books: add(books, 3, key=None),
    "key": lambda books: add(books, 1, key="k"),
    "a run of 256": lambda books: add(books, 300),
    "a transfer": lambda books: posted(books, give(WANG, 5), give("L:NEW", 5, "NEW")),
    "a resolution": lambda books: posted(books, kind="reversal", resolves=0),
    "a record": lambda books: books.put(UNITS, Unit("NEW", "新", "new", 0)),
    "a record again": lambda books: books.put(CARDS, Card("1", "M" * 10, "blocked", 1)),
    "a note": lambda books: books.add_note(SignedNote(2, "second")),
    "a drop": lambda books: books.drop_projections(),
    "a drop, and more": lambda books: books.drop_projections() or posted(books, give(LI, 1)),
}


def some_of_all(books: Writer) -> None:
    posted(books, give(WANG, 5))
    posted(books, give(LI, 7))
    books.put(ORGANISATIONS, Organisation("o", "云", "street", None, 0))
    books.put(MEMBERS, Member("M" * 10, "o", "person", 0))
    books.put(CARDS, Card("1", "M" * 10, "active", 0))
    books.add_note(SignedNote(1, "first"))


@pytest.mark.parametrize("alone", [False, True])
@pytest.mark.parametrize("act", WRITES.values(), ids=WRITES)
def test_what_was_written_before_an_exception_is_gone(
    store: Store, act: Callable[[Writer], object], alone: bool
) -> None:
    write(store, some_of_all)
    before = read(store)
    with pytest.raises(ZeroDivisionError), store.writing(alone=alone) as books:
        act(books)
        raise ZeroDivisionError
    assert read(store) == before
    with pytest.raises(ZeroDivisionError), store.writing(alone=alone) as books:
        act(books)
        everything(books)
        raise ZeroDivisionError
    assert read(store) == before
    write(store, some_more)
    assert read(store)["size"] == 3


def some_more(books: Writer) -> None:
    posted(books, give(WANG, 5))


def test_a_projection_without_its_leaf_is_taken_back_too(store: Store) -> None:
    write(store, some_of_all)
    write(store, lambda books: add(books, 1))
    before = read(store)
    with pytest.raises(ZeroDivisionError), store.writing() as books:
        books.project(2, DAY, (give("L:NEW", 5, "NEW"),), None)
        raise ZeroDivisionError
    assert read(store) == before


REFUSED: dict[str, Callable[[Writer], object]] = {
    "entry 7 does not follow entry 2": lambda books: books.add_leaf(7, b"{}", bytes(32), kind="award", key=None),
    "key k is used twice": lambda books: add(books, 1, key="k"),
    "L:M:WANG would go below zero in MIN": lambda books: posted(books, Transfer(WANG, SHOP, "MIN", 1)),
    "entry 1 is resolved twice": lambda books: posted(books, kind="void", resolves=1),
    "a checkpoint covers more than there is": lambda books: books.add_note(SignedNote(4, "more")),
}


@pytest.mark.parametrize(("words", "act"), REFUSED.items(), ids=REFUSED)
def test_the_reference_in_memory_says_what_it_refuses(words: str, act: Callable[[Writer], object]) -> None:
    store = MemoryStore()
    write(store, some_of_all)
    write(store, lambda books: add(books, 1, key="k") or books.project(2, DAY, (), 1))
    with pytest.raises(FileDamaged) as caught:
        write(store, act)
    assert caught.value.args == (":memory:", words)


def test_a_refusal_that_wrote_nothing_harms_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.writing() as books:
        assert books.size() == 0
        raise ZeroDivisionError
    write(store, some_of_all)
    assert read(store)["size"] == 2


def test_there_is_one_writer_in_a_thread(store: Store) -> None:
    with store.writing() as books:
        posted(books, give(WANG, 5))
        with pytest.raises(FileLocked) as caught, store.writing():
            raise AssertionError
    assert caught.value.args == (store.path, {MemoryStore: 0.0, SqliteStore: 0.05}[type(store)])
    assert read(store)["size"] == 1


# --- Balances ----------------------------------------------------------------------------------------------


def test_balances_have_the_sign_of_their_account(store: Store) -> None:
    moves = [
        Transfer("A:S", "I:D", "RICE", 5),
        Transfer("X:G", "A:S", "RICE", 2),
        Transfer("E:S", "L:M", "RICE", 3),
    ]
    write(store, lambda books: posted(books, *moves))
    with store.reading() as books:
        assert list(books.balances()) == [
            AccountBalance("A:S", "RICE", 3), AccountBalance("E:S", "RICE", -3), AccountBalance("I:D", "RICE", 5),
            AccountBalance("L:M", "RICE", 3), AccountBalance("X:G", "RICE", 2),
        ]  # fmt: skip
        assert (books.balance("A:S", "RICE"), books.balance("A:S", "PTS"), books.balance("A:T", "RICE")) == (
            3,
            0,
            0,
        )


@pytest.mark.parametrize(
    ("moves", "fits"),
    [
        ([Transfer(WANG, SHOP, "PTS", 5)], True),
        ([Transfer(WANG, SHOP, "PTS", 6)], False),
        ([Transfer(WANG, SHOP, "MIN", 1)], False),
        ([Transfer(WANG, SHOP, "PTS", 5), Transfer(WANG, SHOP, "PTS", 1)], False),
        ([Transfer(WANG, SHOP, "PTS", 6), give(WANG, 9)], False),
        ([give(WANG, 1), Transfer(WANG, SHOP, "PTS", 6)], True),
        ([Transfer("X:G", "A:S", "RICE", 4)], True),
        ([Transfer("X:G", "A:S", "RICE", 5)], False),
        ([Transfer("A:OTHER", "A:S", "RICE", 5)], False),
        ([Transfer("E:S", "I:D", "RICE", 10**12)], True),
    ],
)
def test_assets_and_liabilities_do_not_go_below_zero(store: Store, moves: list[Transfer], fits: bool) -> None:
    write(store, lambda books: posted(books, give(WANG, 5), Transfer("A:S", "I:D", "RICE", 4)))
    before = read(store)
    if fits:
        write(store, lambda books: posted(books, *moves))
        assert read(store)["size"] == 2
    else:
        with pytest.raises(FileDamaged):
            write(store, lambda books: posted(books, *moves))
        assert read(store) == before


def test_balances_are_known_as_of_each_entry(store: Store) -> None:
    def act(books: Writer) -> None:
        add(books, 2)
        posted(books, give(WANG, 5), give(WANG, 2))
        add(books, 1)
        posted(books, Transfer(WANG, SHOP, "PTS", 3))

    write(store, act)
    with store.reading() as books:
        asked = [-(2**70), -1, 0, 1, 2, 3, 4, 5, 2**63, 2**70]
        assert [books.balance_at(WANG, "PTS", seq) for seq in asked] == [0, 0, 0, 0, 7, 7, 4, 4, 4, 4]
        assert [books.balance_at(SHOP, "PTS", seq) for seq in asked] == [0] * 6 + [3] * 4


@pytest.mark.parametrize("quiet", [0, 250, 600])
def test_balances_are_known_as_of_the_end_of_each_day_however_late_they_were_recorded(
    store: Store, quiet: int
) -> None:
    """*quiet* entries between: what is summed for complete runs of 256 and what is not must meet."""

    def act(books: Writer) -> None:
        for day, amount in [(20, 5), (10, 7), (20, 1), (15, 2)]:
            posted(books, give(WANG, amount), day=date(2026, 2, day))
            for _ in range(quiet):
                posted(books, kind="price")

    write(store, act)
    days = [date.min, *(date(2026, 2, day) for day in (9, 10, 14, 15, 19, 20, 21)), date.max]
    with store.reading() as books:
        assert [books.balance_on(WANG, "PTS", day) for day in days] == [0, 0, 7, 7, 9, 9, 15, 15, 15]
        assert [books.balance_on(GRANT, "PTS", day) for day in days] == [0, 0, 7, 7, 9, 9, 15, 15, 15]
        for day in days:
            assert list(books.balances(day)) == [
                AccountBalance(WANG, "PTS", books.balance_on(WANG, "PTS", day)),
                AccountBalance(GRANT, "PTS", books.balance_on(GRANT, "PTS", day)),
            ]
        assert (books.tally("award"), books.tally("price")) == (4, 4 * quiet)


def test_days_at_both_ends_of_the_calendar_are_days(store: Store) -> None:
    write(
        store,
        lambda books: posted(books, give(WANG, 1), day=date.min) and posted(books, give(WANG, 2), day=date.max),
    )
    write(store, lambda books: posted(books, give(WANG, 2), day=date.max))
    with store.reading() as books:
        assert books.balance_on(WANG, "PTS", date.min) == 1
        assert books.balance_on(WANG, "PTS", date.max) == books.balance(WANG, "PTS")


def test_accounts_of_one_beginning_are_summed_up(store: Store) -> None:
    def act(books: Writer) -> None:
        posted(books, give(WANG, 5), give(LI, 7), Transfer("X:SERVICE:O", WANG, "MIN", 60), day=date(2026, 2, 1))
        posted(books, give("L:M:LI:SON", 1), Transfer(LI, SHOP, "PTS", 7), day=date(2026, 2, 3))
        assert books.sums() == books.sums(date(2026, 2, 3))
        assert books.sums()["L:M:", "PTS"] == 5

    write(store, act)
    with store.reading() as books:
        assert books.sums() == {
            ("L:M:", "PTS"): 5, ("L:M:", "MIN"): 60, ("L:M:LI:", "PTS"): 1, ("L:S:", "PTS"): 7,
            ("X:AWARDED:", "PTS"): 13, ("X:SERVICE:", "MIN"): 60,
        }  # fmt: skip
        before = books.sums(date(2026, 2, 2))
        assert (before["L:M:", "PTS"], before["L:S:", "PTS"], before["L:H:", "PTS"]) == (12, 0, 0)
        assert not any(books.sums(date(2026, 1, 31)).values())


FAMILIES = ("X:AWARDED:O", "X:AWARDED:P", "L:M:WANG", "L:M:LI", "L:M:LI:SON", "A:S:SHOP", "I:D:O", "E:S:O")


def entries_of_days() -> SearchStrategy[list[tuple[int, list[Transfer]]]]:
    """Entries by how many days back they belong: what is owed and owned is only added to, the rest is free."""
    sides = st.tuples(st.sampled_from(FAMILIES[:2]), st.sampled_from(FAMILIES[2:5])) | st.tuples(
        st.sampled_from(FAMILIES[5:6]), st.sampled_from(FAMILIES[6:])
    )
    moves = st.builds(
        lambda pair, unit, amount: Transfer(*pair, unit, amount),
        sides,
        st.sampled_from(("PTS", "MIN")),
        strategies.amounts(),
    )
    return st.lists(st.tuples(st.integers(0, 4), st.lists(moves, min_size=1, max_size=4)), max_size=6)


@pytest.mark.parametrize("kind", STORES)
@given(made=entries_of_days(), quiet=st.sampled_from((0, 130)))
@fewer(5)
def test_sums_are_those_of_the_transfers_one_by_one(
    kind: str, made: list[tuple[int, list[Transfer]]], quiet: int
) -> None:
    """*quiet* entries between: two times 130 make a complete run of 256, and one that is not."""
    days = [DAY - timedelta(back) for back in range(-1, 6)]
    wanted = {day: Counter[tuple[str, str]]() for day in days}
    for back, moves in made:
        for move in moves:
            for code, debited in ((move.debit, move.amount), (move.credit, -move.amount)):
                for day in days[: back + 2]:
                    place = (code[: code.rindex(":") + 1], move.unit)
                    wanted[day][place] += debited if code[0] in "AX" else -debited
    with TemporaryDirectory() as folder:
        store = STORES[kind](Path(folder))
        with store.writing() as books:
            for back, moves in made:
                posted(books, *moves, day=DAY - timedelta(back))
                for _ in range(quiet):
                    posted(books, kind="price")
            assert {day: books.sums(day) for day in days} == wanted
        with store.reading() as books:
            assert {day: books.sums(day) for day in days} == wanted
            assert books.sums() == wanted[days[0]]
        store.close()


def test_postings_are_read_newest_first_page_by_page(store: Store) -> None:
    def act(books: Writer) -> None:
        for number in range(6):
            posted(books, give(WANG, number + 1), give(LI, 1), Transfer(WANG, SHOP, "PTS", 1))

    write(store, act)
    with store.reading() as books:
        every = books.postings(WANG, "PTS", limit=99)
        assert every[:3] == [
            Posting(5, 2, DAY, -1, 15, SHOP),
            Posting(5, 0, DAY, 6, 16, GRANT),
            Posting(4, 2, DAY, -1, 10, SHOP),
        ]
        assert len(every) == 12
        for limit in range(1, 14):
            assert books.postings(WANG, "PTS", limit=limit) == every[:limit]
            assert books.postings(WANG, "PTS", before=3, limit=limit) == every[6:][:limit]
        assert (
            books.postings(WANG, "PTS", before=0, limit=9)
            == books.postings(WANG, "PTS", before=-(2**70), limit=9)
            == []
        )
        assert books.postings(WANG, "PTS", before=2**70, limit=99) == every
        assert books.postings(GRANT, "PTS", limit=1) == [Posting(5, 1, DAY, 1, 27, LI)]
        assert books.postings(WANG, "MIN", limit=9) == []


def test_an_entry_is_resolved_once_by_a_later_one(store: Store) -> None:
    write(store, lambda books: [posted(books, give(WANG, 5)) for _ in range(3)])
    write(store, lambda books: posted(books, kind="reversal", resolves=1))
    before = read(store)
    with store.reading() as books:
        assert [books.resolver_of(seq) for seq in (0, 1, 2, 3, 4, -1, 2**70, -(2**70))] == [None, 3] + [None] * 6
        assert (books.resolved("award"), books.resolved("reversal"), books.tally("award")) == (1, 0, 3)
    with pytest.raises(FileDamaged):
        write(store, lambda books: posted(books, kind="void", resolves=1))
    with pytest.raises(FileDamaged):
        write(store, lambda books: [posted(books, kind="void", resolves=0) for _ in range(2)])
    assert read(store) == before


# --- Records -----------------------------------------------------------------------------------------------


def records(books: Writer) -> None:
    add(books, 9)
    books.put(ORGANISATIONS, Organisation("o", "云", "street", None, 0))
    books.put(SHOPS, Shop("s", "o", "店", 0))
    books.put(SHOPS, Shop("t", "o", "店", 0))
    for number, good in enumerate(("rice", "oil")):
        books.put(UNITS, Unit(good.upper(), good, good, number))
        books.put(GOODS, Good(good, good.upper(), number))
    for shop, good, day, seq, points in [
        ("s", "rice", "2026-01-01", 1, 5), ("s", "rice", "2026-03-01", 2, 6), ("s", "rice", "2026-03-01", 3, 7),
        ("s", "oil", "2026-02-01", 4, 8), ("t", "rice", "2026-02-01", 5, 9),
    ]:  # fmt: skip
        books.put(PRICES, Price(shop, good, day, seq, points))


def test_records_are_found_by_their_whole_key_and_listed_by_its_beginning(store: Store) -> None:
    write(store, records)
    with store.reading() as books:
        assert books.get(PRICES, "s", "rice", "2026-03-01", 2) == Price("s", "rice", "2026-03-01", 2, 6)
        assert books.get(PRICES, "s", "rice", "2026-03-01", 9) is None
        assert books.get(ORGANISATIONS, "o") == Organisation("o", "云", "street", None, 0)
        assert [price.points for price in books.rows(PRICES)] == [8, 5, 6, 7, 9]
        assert [price.points for price in books.rows(PRICES, "s")] == [8, 5, 6, 7]
        assert [price.points for price in books.rows(PRICES, "s", "rice")] == [5, 6, 7]
        assert [price.points for price in books.rows(PRICES, "s", "rice", "2026-03-01")] == [6, 7]
        assert list(books.rows(PRICES, "u")) == []
        assert [books.count(table) for table in (PRICES, SHOPS, CARDS)] == [5, 2, 0]


@pytest.mark.parametrize("seq", [2**63 - 1, 2**63, -(2**63) - 1, 10**45])
def test_no_record_has_a_number_that_no_entry_can_have(store: Store, seq: int) -> None:
    def asked(books: Reader) -> tuple[object, ...]:
        place = "s", "rice", "2026-03-01", seq
        return books.get(PRICES, *place), list(books.rows(PRICES, *place)), list(books.rows(PRICES, "s", seq))

    write(store, records)
    with store.reading() as books:
        assert asked(books) == (None, [], [])
    with store.writing() as books:
        assert asked(books) == (None, [], [])


@pytest.mark.parametrize(
    ("upto", "points"),
    [("2025-12-31", None), ("2026-01-01", 5), ("2026-02-28", 5), ("2026-03-01", 7), ("9999-12-31", 7)],
)
def test_the_latest_record_is_the_last_that_is_not_past(store: Store, upto: str, points: int | None) -> None:
    write(store, records)
    with store.reading() as books:
        found = books.latest(PRICES, "s", "rice", upto=upto)
        assert (None if found is None else found.points) == points
        assert books.latest(PRICES, "s", "tea", upto=upto) is None


def test_the_same_question_is_put_into_sql_once() -> None:
    for tail in ("", "latest"):
        assert sqlite_reader._select(PRICES, 2, tail) is sqlite_reader._select(PRICES, 2, tail)
    assert sqlite_writer._put(PRICES) is sqlite_writer._put(PRICES)


def test_the_latest_record_may_be_asked_of_a_shorter_beginning(store: Store) -> None:
    write(store, records)
    with store.reading() as books:
        assert books.latest(PRICES, upto="s") == Price("s", "rice", "2026-03-01", 3, 7)
        assert books.latest(PRICES, "s", upto="oil") == Price("s", "oil", "2026-02-01", 4, 8)
        assert books.latest(PRICES, "s", "rice", "2026-03-01", upto=2) == Price("s", "rice", "2026-03-01", 2, 6)


ASKED: list[Callable[[Reader], object]] = [
    lambda books: list(books.leaves(1, 3)),
    lambda books: list(books.leaves(10)),
    lambda books: books.hashes(0, 1, 2),
    lambda books: books.postings(WANG, "PTS", before=11, limit=1),
    lambda books: [books.latest(PRICES, "s", "rice", upto=f"2026-0{month}-01") for month in range(1, 5)],
    lambda books: books.latest(PRICES, "s", "tea", upto="2026-01-01"),
    lambda books: [list(books.rows(PRICES, *beginning)) for beginning in ((), ("s",), ("s", "rice"), ("u",))],
]


@pytest.mark.parametrize("few", [0, 64])
def test_the_writer_answers_as_a_reader_does(store: Store, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(sqlite_known, "_FEW_ROWS", few)
    write(store, records)
    write(store, lambda books: [posted(books, give(WANG, 5)) for _ in range(3)])
    with store.writing() as books:
        said = [ask(books) for ask in ASKED]
    with store.reading() as books:
        assert said == [ask(books) for ask in ASKED]


def test_a_record_takes_the_place_of_the_one_with_its_key(store: Store) -> None:
    write(store, some_of_all)
    write(store, lambda books: books.put(CARDS, Card("1", "M" * 10, "blocked", 1)))
    with store.reading() as books:
        assert list(books.rows(CARDS)) == [Card("1", "M" * 10, "blocked", 1)]


def test_the_writer_sees_a_record_change_that_it_has_read_before(store: Store) -> None:
    write(store, records)
    with store.writing() as books:
        assert books.get(SHOPS, "u") is None
        assert books.latest(PRICES, "t", "rice", upto="2026-12-31") == Price("t", "rice", "2026-02-01", 5, 9)
        books.put(SHOPS, Shop("u", "o", "店", 1))
        books.put(PRICES, Price("t", "rice", "2026-05-01", 6, 4))
        assert books.get(SHOPS, "u") == Shop("u", "o", "店", 1)
        assert books.latest(PRICES, "t", "rice", upto="2026-12-31") == Price("t", "rice", "2026-05-01", 6, 4)
        assert [price.points for price in books.rows(PRICES, "t")] == [9, 4]
        books.drop_projections()
        assert (books.get(SHOPS, "u"), books.latest(PRICES, "t", "rice", upto="2026-12-31")) == (None, None)
        assert (list(books.rows(PRICES)), books.count(SHOPS)) == ([], 0)


def test_texts_come_back_as_they_were(store: Store) -> None:
    names = ["云谷社区", "a'b\"c", "；DROP TABLE entry；--", "\U0001f33e", "e\u0301"]
    write(
        store,
        lambda books: add(books, 1) or [books.put(UNITS, Unit(f"U{i}", n, n, 0)) for i, n in enumerate(names)],
    )
    with store.reading() as books:
        assert [unit.zh for unit in books.rows(UNITS)] == names


def test_a_table_says_its_columns_and_the_key_of_a_record() -> None:
    @frozen
    class Pair:
        left: str
        right: int
        note: str | None = None

    table = Table("pair", Pair, ("right", "left"))
    assert table.columns == ("left", "right", "note")
    assert table.key_of(Pair("a", 1)) == (1, "a")


# --- Checkpoints and the tree ------------------------------------------------------------------------------


def test_the_last_note_is_the_one_that_covers_most(store: Store) -> None:
    write(store, lambda books: books.add_note(SignedNote(0, "of nothing")))
    write(store, lambda books: add(books, 3))
    for size, note, last in [(2, "a", (2, "a")), (2, "b", (2, "a")), (1, "c", (2, "a")), (3, "d", (3, "d"))]:
        write(store, lambda books, size=size, note=note: books.add_note(SignedNote(size, note)))  # type: ignore[misc]
        with store.reading() as books:
            assert books.last_note() == SignedNote(*last)


def test_a_note_covers_no_more_than_there_is(store: Store) -> None:
    write(store, lambda books: add(books, 3))
    with pytest.raises(Damaged):
        write(store, lambda books: books.add_note(SignedNote(4, "too far")))
    assert read(store)["note"] is None


EDGES = (0, 1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537)


@pytest.fixture(scope="module", params=STORES)
def large(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Store, list[bytes]]]:
    """65,537 leaves, and their hashes in a plain list."""
    store = STORES[request.param](tmp_path_factory.mktemp("large"))
    write(store, lambda books: add(books, 65_537))
    yield store, [leaf_hash(b'{"n":%d}' % seq) for seq in range(65_537)]
    store.close()


def test_the_hashes_of_complete_runs_are_kept(large: tuple[Store, list[bytes]]) -> None:
    store, hashes = large
    runs = [root_of(hashes[first : first + 256]) for first in range(0, 65_536, 256)]
    with store.reading() as books:
        assert books.hashes(0, 0, 70_000) == hashes
        assert books.hashes(1, 0, 300) == runs
        assert books.hashes(2, 0, 300) == [root_of(hashes[:65_536])]
        assert books.hashes(3, 0, 300) == []
        assert books.hashes(0, 255, 3) == hashes[255:258]
        assert books.hashes(1, 254, 1) == runs[254:255]
        assert books.hashes(1, 256, 1) == []


@pytest.mark.parametrize("size", EDGES)
def test_roots_and_proofs_at_the_edges_are_those_of_the_plain_list(
    large: tuple[Store, list[bytes]], size: int
) -> None:
    store, hashes = large
    with store.reading() as books:
        assert root(books, size) == root_of(hashes[:size])
        for index in {0, size // 2, size - 1} if size else ():
            plain = Plain(hashes[:size])
            assert inclusion_proof(books, index, size) == inclusion_proof(plain, index, size)
            assert consistency_proof(books, index + 1, size) == consistency_proof(plain, index + 1, size)


class Plain:
    """A tree that keeps leaf hashes in a list and works the rest out."""

    def __init__(self, hashes: list[bytes]) -> None:
        self._rows = [hashes]

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        while len(self._rows) <= level:
            below = self._rows[-1]
            self._rows.append([root_of(below[at : at + 256]) for at in range(0, len(below) // 256 * 256, 256)])
        return self._rows[level][first : first + count]


def test_the_reference_in_memory_hashes_runs_of_runs_at_every_level(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "TILE_WIDTH", 4)
    store = MemoryStore()
    write(store, lambda books: add(books, 70))
    hashes = [leaf_hash(b'{"n":%d}' % seq) for seq in range(70)]
    with store.reading() as books:
        for level in range(5):
            assert books.hashes(level, 0, 99) == hashes
            hashes = [root_of(hashes[first : first + 4]) for first in range(0, len(hashes) // 4 * 4, 4)]


def test_runs_are_complete_at_the_last_leaf_and_not_before(store: Store) -> None:
    frontier = Frontier()
    for until in (255, 256, 257, 512):
        with store.writing() as books:
            while books.size() < until:
                frontier.append(leaf_hash(b'{"n":%d}' % books.size()))
                add(books, 1)
            assert len(books.hashes(1, 0, 9)) == until // 256
            assert root(books, until) == frontier.root()
        with store.reading() as after:
            assert len(after.hashes(1, 0, 9)) == until // 256
            assert root(after, until) == frontier.root()


# --- Dropping and making again -----------------------------------------------------------------------------


@pytest.mark.parametrize("size", [3, 256, 700])
def test_projections_dropped_and_made_again_are_equal(store: Store, size: int) -> None:
    facts: list[tuple[int, date, tuple[Transfer, ...], int | None]] = []
    with store.writing() as books:
        for number in range(size):
            seq, resolves = books.size(), number - 1 if number % 9 == 5 else None
            facts.append(
                (
                    seq,
                    DAY - timedelta(number % 4),
                    (give(WANG, number + 1), Transfer(WANG, SHOP, "PTS", 1)),
                    resolves,
                )
            )
            add(books, 1)
            books.project(*facts[-1])
    before = read(store)

    def again(books: Writer) -> None:
        books.drop_projections()
        assert (list(books.balances()), books.balance(WANG, "PTS"), books.resolver_of(4)) == ([], 0, None)
        assert books.size() == size
        for fact in facts:
            books.project(*fact)

    write(store, again, alone=True)
    assert read(store) == before


def test_projections_dropped_and_made_again_in_the_midst_of_a_run_are_equal(store: Store) -> None:
    def act(books: Writer, *, again: bool) -> None:
        for _ in range(10):
            posted(books, give(WANG, 1))
        if again:
            books.drop_projections()
            for seq in range(10):
                books.project(seq, DAY, (give(WANG, 1),), None)
        for _ in range(510):
            posted(books, give(WANG, 1), day=DAY - timedelta(books.size() % 2))

    write(store, lambda books: act(books, again=True), alone=True)
    plain = MemoryStore()
    write(plain, lambda books: act(books, again=False))
    assert read(store) == read(plain)


def test_dropping_forgets_records_and_keeps_the_journal(store: Store) -> None:
    write(store, some_of_all)
    before = read(store)
    write(store, lambda books: books.drop_projections())
    after = read(store)
    assert after["tables"] == {name: [] for name in before["tables"]}
    assert [after[name] for name in ("leaves", "hashes", "note")] == [
        before[name] for name in ("leaves", "hashes", "note")
    ]
    assert after["balances"] == []


def test_a_view_is_consistent_for_as_long_as_it_is_open(tmp_path: Path) -> None:
    store = STORES["sqlite"](tmp_path)
    with store.reading() as books:
        assert books.size() == 0
        write(store, some_of_all)
        assert everything(books)["size"] == 0
        with store.reading() as inner:
            assert inner is books
    assert read(store)["size"] == 2
    store.close()


def test_a_hash_that_is_none_is_damage_and_no_proof(tmp_path: Path) -> None:
    path = tmp_path / "a.timebank"
    store = SqliteStore.create(path)
    write(store, lambda books: add(books, 2))
    with closing(sqlite3.connect(path)) as stranger, stranger:
        stranger.execute("PRAGMA ignore_check_constraints = ON")
        stranger.execute("INSERT INTO entry (seq, hash, kind, leaf) VALUES (2, x'00', 'award', x'7B7D')")
    for hash_of_level in (lambda books: root(books, 3), lambda books: books.hashes(0, 2, 1)):
        with pytest.raises(FileDamaged) as caught, store.reading() as books:
            hash_of_level(books)
        assert caught.value.args == (str(path), "a hash of level 0 is none")
    store.close()


def test_nothing_follows_once_sqlite_has_taken_a_transaction_back(tmp_path: Path) -> None:
    """As it does on a full disk; here it is done to it. Not one row may stand alone afterwards."""
    acts: list[Any] = [*WRITES.values(), lambda books: books.balance(WANG, "PTS")]
    for number, act in enumerate(acts):
        store = SqliteStore.create(tmp_path / f"{number}.timebank")
        write(store, some_of_all)
        before = read(store)
        with pytest.raises(BatchBroken) as caught, store.writing(alone=True) as books:
            posted(books, give(LI, 1))
            books.connection.rollback()
            with pytest.raises(BatchBroken):
                act(books)
                books.leaf(books.size() - 1)
        assert caught.value.args == (store.path,)
        assert read(store) == before
        store.close()
