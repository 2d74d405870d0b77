"""Statements: lines by day, balances that add up, pages that cut no entry in two."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger.journals import AWARDED, DAY, SHOP, Clock, award, draft, founded, member, post
from timebank.errors import BadDay
from timebank.ledger import statements
from timebank.ledger.journal import Journal
from timebank.ledger.statements import Statement, latest_lines, newest_first, statement
from timebank.ledger.store import Posting
from timebank.ledger.transfers import Transfer


def of(journal: Journal, account: str = member(0), **days: date | None) -> Statement:
    with journal.reading() as books:
        return statement(books, account, "PTS", **days)


def feb(day: int) -> date:
    return date(2026, 2, day)


@pytest.fixture
def journal() -> Journal:
    """+5 on the 3rd, +7 on the 5th, −2 on the 5th, and recorded last: +1 on the 1st."""
    made = founded()
    post(made, draft(award(0, 5), day=feb(3)))
    post(made, draft(award(0, 7), award(1, 9), day=feb(5)))
    post(made, draft(Transfer(member(0), SHOP, "PTS", 2), day=feb(5)))
    post(made, draft(award(0, 1), day=feb(1)))
    return made


def lines(found: Statement) -> list[tuple[int, int, int]]:
    return [(line.entry.seq, line.delta, line.after) for line in found.lines]


def test_what_was_recorded_late_stands_on_its_day(journal: Journal) -> None:
    found = of(journal)
    assert (found.opening, found.closing) == (0, 11)
    assert lines(found) == [(4, 1, 1), (1, 5, 6), (2, 7, 13), (3, -2, 11)]
    assert [line.other for line in found.lines] == [AWARDED, AWARDED, AWARDED, SHOP]


def test_both_ends_belong_to_the_statement(journal: Journal) -> None:
    found = of(journal, first=feb(3), last=feb(5))
    assert (found.opening, found.closing) == (1, 11)
    assert lines(found) == [(1, 5, 6), (2, 7, 13), (3, -2, 11)]
    assert (of(journal, first=feb(4), last=feb(4)).opening, of(journal, first=feb(4), last=feb(4)).lines) == (
        6,
        (),
    )
    assert of(journal, last=feb(3)).closing == 6


def test_the_first_day_of_all_has_nothing_before_it(journal: Journal) -> None:
    assert of(journal, first=date.min, last=date.max) == of(journal)


@pytest.mark.parametrize("end", ["first", "last"])
def test_an_end_that_is_no_day_is_named(journal: Journal, end: str) -> None:
    with pytest.raises(BadDay) as caught:
        of(journal, **{end: "2026-02-03"})  # type: ignore[arg-type]
    assert caught.value.facts() == {"field": end, "value": "2026-02-03"}


def test_days_the_wrong_way_round_are_an_empty_statement(journal: Journal) -> None:
    found = of(journal, first=feb(5), last=feb(3))
    assert (found.lines, found.opening) == ((), found.closing)


def test_an_account_that_never_moved_has_an_empty_statement(journal: Journal) -> None:
    assert of(journal, member(9)) == Statement(member(9), "PTS", 0, (), 0)


def test_the_latest_lines_come_newest_first_with_the_balance_known_then(journal: Journal) -> None:
    with journal.reading() as books:
        newest = latest_lines(books, member(0), "PTS", limit=2)
        assert [(line.entry.seq, line.other, line.after) for line in newest] == [(4, AWARDED, 11), (3, SHOP, 10)]
        rest = latest_lines(books, member(0), "PTS", limit=9, before=3)
        assert [(line.entry.seq, line.after) for line in rest] == [(2, 12), (1, 5)]


@given(
    st.lists(st.lists(st.tuples(st.integers(1, 5), st.booleans()), min_size=1, max_size=4), max_size=8),
    st.integers(1, 6),
    st.integers(1, 6),
)
def test_a_page_cuts_no_entry_in_two(entries: list[list[tuple[int, bool]]], first: int, page: int) -> None:
    """With pages so short that every statement needs many, and some hold less than an entry of four transfers."""
    journal = founded()
    expected, total = [], 0
    for moves in entries:
        made = []
        for amount, more in moves:
            up = more or total < amount
            made.append(award(0, amount) if up else Transfer(member(0), SHOP, "PTS", amount))
            total += amount if up else -amount
            expected.append(total)
        post(journal, draft(*made))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(statements, "_FIRST_PAGE", first)
        patch.setattr(statements, "_PAGE", page)
        assert [line.after for line in of(journal).lines] == expected


def test_the_longest_entry_that_a_leaf_can_hold_stands_on_a_statement_whole() -> None:
    journal = founded()
    many = [Transfer("X:A", f"E:{number % 10}", "P", 1) for number in range(3200)]
    post(journal, draft(Transfer("X:A", "E:0", "P", 1)))
    post(journal, draft(*many))
    for _ in range(1000):
        post(journal, draft(Transfer("X:A", "E:0", "P", 1)))
    with journal.reading() as books:
        found = statement(books, "X:A", "P")
    assert found.closing == len(found.lines) == 4201
    assert [line.after for line in found.lines] == list(range(1, 4202))


def test_statements_of_following_months_join(journal: Journal) -> None:
    opening = 0
    for number in range(5):
        found = of(journal, first=feb(1) + timedelta(2 * number), last=feb(2) + timedelta(2 * number))
        assert found.opening == opening
        opening = found.closing
    assert opening == of(journal, last=DAY + timedelta(2)).closing


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 4)), max_size=12), st.integers(0, 12), st.integers(0, 9)
)
def test_what_was_recorded_before_the_first_day_need_not_be_looked_at(
    entries: list[tuple[int, int]], start: int, length: int
) -> None:
    clock = Clock()
    journal = founded(clock=clock)
    for hours, late in entries:
        clock.move(hours=hours)
        today = clock.now.astimezone(journal.zone).date()
        post(journal, draft(award(0, 1), day=today - timedelta(late)))
    first = DAY + timedelta(start - 4)
    last = first + timedelta(length)
    with journal.reading() as books:
        whole = statement(books, member(0), "PTS", first=first, last=last)
        short = statement(books, member(0), "PTS", first=first, last=last, since=journal.size_before(first))
    assert short == whole


def test_the_latest_lines_leave_no_entry_in_two() -> None:
    journal = founded()
    post(journal, draft(award(0, 1), award(0, 2), award(0, 3)))
    post(journal, draft(award(0, 4), award(0, 5)))
    with journal.reading() as books:
        pages = {limit: latest_lines(books, member(0), "PTS", limit=limit) for limit in range(1, 7)}
        rest = latest_lines(books, member(0), "PTS", limit=1, before=pages[1][-1].entry.seq)
    assert {limit: [line.delta for line in page] for limit, page in pages.items()} == {
        limit: [5, 4] if limit < 3 else [5, 4, 3, 2, 1] for limit in range(1, 7)
    }
    assert [line.delta for line in rest] == [3, 2, 1]


class Moved:
    """Books in which the entries *seqs* each moved one account by 1; they write down which pages are asked for."""

    def __init__(self, seqs: tuple[int, ...] = (0, 1, 2)) -> None:
        self.asked: list[int | None] = []
        self.limits: list[int] = []
        self.seqs = seqs

    def postings(self, account: str, unit: str, *, before: int | None, limit: int) -> list[Posting]:
        self.asked.append(before)
        self.limits.append(limit)
        found = [seq for seq in reversed(self.seqs) if before is None or seq < before]
        return [Posting(seq, 0, feb(1), 1, seq + 1, SHOP) for seq in found][:limit]

    def balance_on(self, account: str, unit: str, day: date) -> int:
        return 3


@pytest.mark.parametrize(
    ("since", "found", "asked"), [(0, [2, 1, 0], [None, 2, 1]), (1, [2, 1], [None, 2]), (2, [2], [None])]
)
def test_pages_are_read_back_to_the_first_entry_or_to_the_one_that_is_named(
    monkeypatch: pytest.MonkeyPatch, since: int, found: list[int], asked: list[int | None]
) -> None:
    monkeypatch.setattr(statements, "_FIRST_PAGE", 2)
    monkeypatch.setattr(statements, "_PAGE", 2)
    books: Any = Moved()
    assert [each.seq for each in newest_first(books, member(0), "PTS", since=since)] == found
    assert books.asked == asked
    books.asked.clear()
    assert statement(books, member(0), "PTS", first=feb(2), since=since).closing == 3
    assert books.asked == asked


def test_pages_are_read_back_to_entry_0_where_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "_FIRST_PAGE", 2)
    monkeypatch.setattr(statements, "_PAGE", 2)
    books: Any = Moved()
    assert [each.seq for each in newest_first(books, member(0), "PTS")] == [2, 1, 0]
    books.asked.clear()
    assert statement(books, member(0), "PTS", first=feb(2)).closing == 3
    assert books.asked == [None, 2, 1]


def test_what_was_recorded_after_the_last_day_need_not_be_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "_FIRST_PAGE", 2)
    books: Any = Moved()
    assert statement(books, member(0), "PTS", first=feb(2), before=2).closing == 3
    assert books.asked == [2, 1]


@pytest.mark.parametrize(
    ("seqs", "limits"),
    [
        (tuple(range(60)), [2, 8, 16, 16, 16, 16]),
        ((0,) * 60, [2, 8, 32, 128]),
    ],
    ids=["entries of one line", "one entry of 60 lines"],
)
def test_pages_grow_fourfold_up_to_a_size_and_beyond_it_only_where_one_entry_fills_a_page(
    monkeypatch: pytest.MonkeyPatch, seqs: tuple[int, ...], limits: list[int]
) -> None:
    monkeypatch.setattr(statements, "_FIRST_PAGE", 2)
    monkeypatch.setattr(statements, "_PAGE", 16)
    books: Any = Moved(seqs)
    assert [each.seq for each in newest_first(books, member(0), "PTS")] == sorted(seqs, reverse=True)
    assert books.limits == limits
