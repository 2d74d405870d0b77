"""Points that lapse: at the exact day, over any history, and what an entry says about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.programme.lot_model import Lots, replayed
from tests.programme.yard import FIRST, Yard, rulebook
from timebank.bank import Bank
from timebank.errors import BadAmount, KeyConflict, NotEnoughPoints, RoleNotAllowed, TimebankError
from timebank.ledger.codes import POINTS
from timebank.ledger.entries import Entry
from timebank.ledger.resolution import hold, void
from timebank.ledger.transfers import Transfer
from timebank.programme import expiry as expiry_module
from timebank.programme import flows as flows_module
from timebank.programme.expiry import Age, Lapsing, can_have_lapsed, due, expiry_of, lapse, spendable
from timebank.programme.flows import flows_of
from timebank.programme.lots import Flows
from timebank.programme.rulebook import parse_rulebook
from timebank.storage.memory import MemoryStore

DAY = timedelta(days=1)
LAST = date(2024, 12, 31)
NEXT = date(2025, 1, 1)


@pytest.fixture
def yard() -> Yard:
    return Yard()


# --- At the exact day


def test_on_the_last_day_points_can_still_be_spent(yard: Yard) -> None:
    yard.earn(10)
    yard.at(LAST)
    yard.spend(10)
    assert yard.points() == 0


def test_on_the_next_day_they_cannot_and_the_refusal_leaves_nothing(yard: Yard) -> None:
    yard.earn(10)
    yard.at(NEXT)
    before = yard.trace()
    with pytest.raises(NotEnoughPoints) as caught:
        yard.spend(1)
    assert (caught.value.available_points, caught.value.needed_points) == (0, 1)
    assert yard.trace() == before


def test_whoever_spends_later_points_lets_the_older_ones_lapse_first(yard: Yard) -> None:
    yard.earn(10)
    yard.at(NEXT)
    yard.earn(5)
    redeemed = yard.spend(2)
    expiry = yard.bank.journal.entry(redeemed.seq - 1)
    assert (expiry.kind, expiry.day, expiry.by) == ("expiry", LAST, "clerk-1")
    assert expiry.body == {"member": yard.li, "until": "2024-12-31"}
    assert expiry.moves == (Transfer(yard.account(), "I:EXPIRED:YARD", POINTS, 10),)
    assert yard.points() == 3


@pytest.mark.parametrize(
    ("text", "last"),
    [
        (rulebook("year-end"), date(2024, 12, 31)),
        (rulebook("year-after"), date(2025, 12, 31)),
        (rulebook("months", months=2), date(2024, 5, 31)),
    ],
)
def test_every_rule_lapses_after_its_own_last_day(text: str, last: date) -> None:
    yard = Yard(text)
    yard.earn(10)
    yard.at(last)
    assert yard.bank.points.expire(by="clerk-1") == ()
    yard.at(last + DAY)
    (posted,) = yard.bank.points.expire(by="clerk-1")
    assert (posted.entry.day, yard.points()) == (last, 0)


def test_without_a_rule_points_never_lapse() -> None:
    yard = Yard(rulebook("never"))
    yard.earn(10)
    yard.at(date(2040, 1, 1))
    assert yard.bank.points.expire(by="clerk-1") == ()
    assert yard.bank.points.lapsing() == ()
    assert yard.points() == 10


# --- One lesson each


def test_what_was_recorded_late_lapses_at_once(yard: Yard) -> None:
    yard.at(date(2025, 1, 10))
    yard.earn(10, day=LAST)
    (posted,) = yard.bank.points.expire(by="clerk-1")
    assert (posted.entry.day, yard.points()) == (LAST, 0)


def test_what_lapsed_over_the_years_is_one_entry_of_the_latest_last_day(yard: Yard) -> None:
    yard.earn(10)
    yard.at(NEXT)
    yard.earn(4)
    yard.at(date(2026, 1, 1))
    (posted,) = yard.bank.points.expire(by="clerk-1")
    assert (posted.entry.day, posted.entry.body["until"]) == (date(2025, 12, 31), "2025-12-31")
    assert yard.balance("I:EXPIRED:YARD") == 14
    assert yard.bank.points.expire(by="clerk-1") == ()


def test_what_is_taken_back_counts_as_if_it_had_never_been(yard: Yard) -> None:
    """Redeemed before the last day, taken back after it: the points come back, and have lapsed."""
    yard.earn(10)
    redeemed = yard.spend(4)
    yard.at(NEXT)
    yard.bank.points.expire(by="clerk-1")
    yard.reverse(redeemed.seq)
    assert yard.points() == 4
    (posted,) = yard.bank.points.expire(by="clerk-1")
    assert (posted.entry.moves[0].amount, yard.points()) == (4, 0)


@pytest.fixture
def monthly() -> Yard:
    """Points last through the month after the one in which they were earned; Li has ten of March, in April."""
    yard = Yard(rulebook("months", months=1))
    yard.earn(10)
    yard.at(date(2024, 4, 15))
    return yard


MAY = date(2024, 5, 1)


def lapsed_in_may(yard: Yard) -> int:
    yard.at(MAY)
    return sum(each.entry.moves[0].amount for each in yard.bank.points.expire(by="clerk-1"))


def test_a_redemption_taken_back_gives_the_points_their_first_last_day_again(monthly: Yard) -> None:
    monthly.reverse(monthly.spend(6).seq)
    assert lapsed_in_may(monthly) == 10


def test_goods_returned_give_the_points_their_first_last_day_again(monthly: Yard) -> None:
    redemption = monthly.spend(6).entry
    give_back(monthly, redemption, 1)
    monthly.at(MAY)
    give_back(monthly, redemption, 2)
    assert lapsed_in_may(monthly) == 7


def test_a_reservation_released_gives_the_points_their_first_last_day_again(monthly: Yard) -> None:
    held = set_aside(monthly, monthly.li, 6)
    monthly.at(MAY)
    release(monthly, held)
    assert lapsed_in_may(monthly) == 10


def test_a_gift_taken_back_is_the_givers_as_before_and_the_receivers_no_more(monthly: Yard) -> None:
    monthly.earn(2, member=monthly.fang)
    gift = monthly.bank.gifts.give(monthly.li, to=monthly.fang, relation="child", points=6, by="clerk-1")
    monthly.at(date(2024, 4, 30))
    monthly.spend(1, member=monthly.fang)
    monthly.at(MAY)
    monthly.reverse(gift.seq)
    assert lapsed_in_may(monthly) == 10
    monthly.at(date(2024, 6, 1))
    assert [each.entry.moves[0].amount for each in monthly.bank.points.expire(by="clerk-1")] == [1]


def test_what_is_owed_is_spent_of_what_comes_next_whenever_that_lapses(monthly: Yard) -> None:
    """Ten of March were spent and taken back; of two of April the member keeps none, of twelve of May four."""
    award = next(entry for entry in monthly.bank.journal.entries() if entry.kind == "award")
    monthly.spend(10)
    monthly.reverse(award.seq, debt=True)
    monthly.earn(2)
    assert lapsed_in_may(monthly) == 0
    monthly.earn(12)
    assert monthly.points() == 4
    monthly.at(date(2024, 7, 1))
    assert [each.entry.moves[0].amount for each in monthly.bank.points.expire(by="clerk-1")] == [4]


def test_what_is_taken_back_in_time_can_be_spent(yard: Yard) -> None:
    yard.earn(10)
    redeemed = yard.spend(10)
    yard.at(LAST)
    yard.reverse(redeemed.seq)
    yard.spend(10)
    assert yard.points() == 0


def test_an_award_taken_back_takes_nothing_of_the_others(yard: Yard) -> None:
    wrong = yard.earn(10)
    yard.earn(3)
    yard.spend(2)
    yard.reverse(wrong.seq)
    yard.at(NEXT)
    (posted,) = yard.bank.points.expire(by="clerk-1")
    assert (posted.entry.moves[0].amount, yard.points()) == (1, 0)


def test_an_award_that_has_lapsed_is_taken_back_after_what_lapsed_of_it(yard: Yard) -> None:
    wrong = yard.earn(10)
    yard.at(NEXT)
    (expiry,) = yard.bank.points.expire(by="clerk-1")
    with pytest.raises(NotEnoughPoints):
        yard.reverse(wrong.seq)
    yard.reverse(expiry.seq)
    yard.reverse(wrong.seq)
    assert yard.points() == 0
    assert yard.bank.points.expire(by="clerk-1") == ()


def test_what_is_reserved_went_out_when_it_was_set_aside(yard: Yard) -> None:
    yard.earn(10)
    held = set_aside(yard, yard.li, 6)
    yard.at(NEXT)
    assert [each.entry.moves[0].amount for each in yard.bank.points.expire(by="clerk-1")] == [4]
    release(yard, held)
    assert [each.entry.moves[0].amount for each in yard.bank.points.expire(by="clerk-1")] == [6]


def test_a_gift_has_a_time_of_its_own(yard: Yard) -> None:
    yard.earn(10)
    yard.at(LAST)
    yard.bank.gifts.give(yard.li, to=yard.fang, relation="child", points=4, by="clerk-1")
    yard.at(NEXT)
    yard.bank.points.expire(by="clerk-1")
    assert (yard.points(), yard.points(yard.fang)) == (0, 0)


def test_a_gift_of_the_new_year_lasts_through_it(yard: Yard) -> None:
    yard.earn(10)
    yard.at(NEXT)
    yard.earn(4)
    yard.bank.gifts.give(yard.li, to=yard.fang, relation="child", points=4, by="clerk-1")
    yard.at(date(2025, 12, 31))
    yard.bank.points.expire(by="clerk-1")
    assert (yard.points(), yard.points(yard.fang)) == (0, 4)


def test_what_a_pool_holds_does_not_lapse(yard: Yard) -> None:
    yard.earn(10)
    yard.bank.gifts.give(yard.li, pool="yard", points=10, by="clerk-1")
    yard.at(date(2030, 1, 1))
    yard.bank.points.expire(by="clerk-1")
    assert yard.bank.pools.balance("yard").points == 10


def test_points_lapse_by_the_rulebook_of_their_day() -> None:
    yard = Yard(rulebook("months", months=1))
    yard.bank.rulebooks.adopt(rulebook("year-after", name="yard-2"), from_day=date(2024, 6, 1), by="admin")
    yard.earn(10)
    yard.at(date(2024, 6, 1))
    yard.earn(5)
    posted = yard.bank.points.expire(by="clerk-1")
    assert [each.entry.body["until"] for each in posted] == ["2024-04-30"]
    yard.at(date(2025, 12, 31))
    assert yard.bank.points.expire(by="clerk-1") == ()
    yard.later(1)
    assert [each.entry.moves[0].amount for each in yard.bank.points.expire(by="clerk-1")] == [5]


def test_the_organisation_is_that_of_the_last_day(yard: Yard) -> None:
    yard.bank.organisations.add("west", name="西院", level="community", by="admin")
    yard.earn(10)
    yard.at(date(2025, 2, 1))
    yard.bank.members.move(yard.li, to="west", from_day=NEXT, by="super-1")
    (posted,) = yard.bank.points.expire(by="clerk-1")
    assert posted.entry.moves[0].credit == "I:EXPIRED:YARD"


def test_where_the_last_day_is_closed_the_entry_is_of_the_first_open_day(yard: Yard) -> None:
    yard.earn(10)
    yard.at(date(2025, 2, 1))
    yard.bank.periods.close("2024-12", by="super-1")
    (posted,) = yard.bank.points.expire(by="clerk-1")
    assert (posted.entry.day, posted.entry.body["until"]) == (NEXT, "2024-12-31")


def test_where_the_month_before_is_closed_the_entry_is_of_the_last_day(yard: Yard) -> None:
    yard.earn(10)
    yard.at(date(2025, 2, 1))
    yard.bank.periods.close("2024-11", by="super-1")
    (posted,) = yard.bank.points.expire(by="clerk-1")
    assert posted.entry.day == LAST


@pytest.mark.parametrize(("closed", "first_open"), [("2024-04", MAY), ("2024-05", date(2024, 6, 1))])
def test_the_first_open_day_is_the_first_of_the_month_after(monthly: Yard, closed: str, first_open: date) -> None:
    monthly.at(date(2024, 6, 15))
    monthly.bank.periods.close(closed, by="super-1")
    (posted,) = monthly.bank.points.expire(by="clerk-1")
    assert (posted.entry.day, posted.entry.body["until"]) == (first_open, "2024-04-30")


# --- What came in and what went out


def flows(yard: Yard, until: date | None = None) -> Flows:
    with yard.bank.journal.reading() as books:
        return flows_of(books, yard.li, until=until)


def test_flows_are_told_by_day_with_what_lapsed_and_what_is_owed() -> None:
    yard = Yard(rulebook("months", months=1))
    first = yard.today
    for points in (1, 4):
        yard.earn(points)
        yard.spend(1)
    yard.earn(3, day=first - DAY)
    for day in (MAY, date(2024, 6, 1)):
        yard.at(day)
        yard.bank.points.expire(by="clerk-1")
        yard.earn(2, day=date(2024, 4, 2))
    awards = yard.earn(4), yard.earn(5)
    yard.spend(9)
    for award in awards:
        yard.reverse(award.seq, debt=True)
    came = Counter({first - DAY: 3, first: 5, date(2024, 4, 2): 4})
    went = Counter({first: 2, yard.today: 9})
    assert flows(yard) == Flows(came, went, lapsed=10, lent=9)


def test_flows_up_to_a_day_leave_out_what_is_of_later_days_whenever_it_was_recorded(yard: Yard) -> None:
    first = yard.today
    yard.earn(1)
    yard.later(2)
    yard.earn(5)
    yard.spend(1, day=first + DAY)
    assert flows(yard, until=first) == Flows(Counter({first: 1}))
    assert flows(yard, until=first + DAY) == Flows(Counter({first: 1}), Counter({first + DAY: 1}))
    assert flows(yard) == flows(yard, until=first + 2 * DAY)


def test_what_a_pool_pays_for_a_claim_comes_in_though_its_award_names_the_claim() -> None:
    yard = Yard(rulebook().replace("points = 1", 'points = 1\npayer = "pool"', 1))
    yard.bank.services.record(
        yard.fang, "company", day=yard.today, minutes=120, by="clerk-1", approved_by="super-1"
    )
    yard.bank.gifts.give(yard.fang, pool="yard", points=2, by="clerk-1")
    claim = yard.bank.claims.submit("help", [yard.li], day=yard.today - DAY, occasions=2, by="clerk-1")
    yard.bank.claims.approve(claim.seq, by="super-1")
    award = yard.bank.claims.post(claim.seq, by="clerk-1")
    assert (award.entry.ref, award.entry.day) == (claim.seq, yard.today - DAY)
    assert award.entry.moves == (Transfer("L:POOL:YARD", yard.account(), POINTS, 2),)
    assert flows(yard) == Flows(Counter({yard.today - DAY: 2}))
    yard.reverse(award.seq)
    assert flows(yard) == Flows(Counter({yard.today - DAY: 0}))


def test_entries_are_read_only_where_something_may_have_been_taken_back(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    yard.earn(10)
    sale = yard.spend(4)
    monkeypatch.setattr(flows_module, "kept_entry", lambda *_: pytest.fail("an entry was read"))
    assert flows(yard).balance == 6
    monkeypatch.undo()
    yard.reverse(sale.seq)
    assert flows(yard) == Flows(Counter({yard.today: 10}), Counter({yard.today: 0}))


def test_flows_are_read_only_where_something_can_have_lapsed(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    def of_whom(books: Any, member: str, **_: Any) -> Flows:
        read.append(member)
        return flows_of(books, member)

    read: list[str] = []
    monkeypatch.setattr(expiry_module, "flows_of", of_whom)
    yard.earn(10)
    yard.earn(1, member=yard.fang)
    yard.spend(1, member=yard.fang)
    yard.at(LAST)
    assert (yard.bank.points.lapsed(), yard.bank.points.expire(by="clerk-1")) == ((), ())
    yard.spend(1)
    assert read == []
    yard.at(NEXT)
    assert [each.points for each in yard.bank.points.lapsed()] == [9]
    with yard.bank.journal.reading() as books:
        assert [spendable(books, member, NEXT) for member in (yard.li, yard.fang)] == [0, 0]
    assert set(read) == {yard.li}


def test_points_of_before_the_first_rulebook_last_as_long_as_its_first() -> None:
    yard = Yard(rulebook("months", months=1))
    yard.bank.rulebooks.adopt(rulebook("months", months=2, name="yard-2"), from_day=date(2024, 3, 1), by="admin")
    with yard.bank.journal.reading() as books:
        expires = expiry_of(books)
        assert can_have_lapsed(books, date(2024, 3, 1))
        assert not can_have_lapsed(books, date(2024, 2, 29))
    first = date(2024, 2, 29)
    assert [expires(day) for day in (date(2023, 5, 5), FIRST - DAY, FIRST)] == [first, first, first]
    assert [expires(day) for day in (date(2024, 2, 29), date(2024, 3, 1))] == [date(2024, 3, 31), MAY + 30 * DAY]


def test_without_a_rulebook_nothing_lapses() -> None:
    with Bank.in_memory().journal.reading() as books:
        assert expiry_of(books)(FIRST) is None
        assert not can_have_lapsed(books, date.max)


# --- The desk


def test_the_sweep_takes_every_member_and_happens_once_with_its_key(yard: Yard) -> None:
    yard.earn(10)
    yard.earn(7, member=yard.fang)
    yard.at(NEXT)
    yard.earn(1)
    first = yard.bank.points.expire(by="clerk-1", key="new-year")
    assert {each.entry.body["member"]: each.entry.moves[0].amount for each in first} == {yard.li: 10, yard.fang: 7}
    before = yard.trace()
    again = yard.bank.points.expire(by="clerk-1", key="new-year")
    assert [(each.seq, each.repeated) for each in again] == [(each.seq, True) for each in first]
    assert [each.entry for each in again] == [each.entry for each in first]
    with pytest.raises(KeyConflict):
        yard.bank.points.expire(by="super-1", key="new-year")
    assert yard.trace() == before
    yard.earn(1)
    assert len(yard.bank.points.expire(by="clerk-1", key="new-year")) == 2


def test_a_sweep_is_a_transaction_of_its_own(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    def writing(store: MemoryStore, *, alone: bool = False) -> Any:
        asked.append(alone)
        return kept(store, alone=alone)

    asked: list[bool] = []
    kept = MemoryStore.writing
    monkeypatch.setattr(MemoryStore, "writing", writing)
    yard.bank.points.expire(by="clerk-1")
    assert asked == [True]


def test_a_later_sweep_is_no_part_of_the_one_before(yard: Yard) -> None:
    yard.earn(10)
    yard.at(NEXT)
    yard.earn(4)
    (first,) = yard.bank.points.expire(by="clerk-1", key="first")
    yard.at(date(2026, 1, 1))
    (second,) = yard.bank.points.expire(by="clerk-1")
    assert second.seq == first.seq + 1
    assert [each.seq for each in yard.bank.points.expire(by="clerk-1", key="first")] == [first.seq]


def test_an_auditor_takes_nothing_off(yard: Yard) -> None:
    yard.bank.organisations.appoint("audit-1", org="yard", role="auditor", by="admin")
    with pytest.raises(RoleNotAllowed):
        yard.bank.points.expire(by="audit-1")


def test_what_lapses_next_is_told_in_time(yard: Yard) -> None:
    yard.earn(10)
    yard.earn(7, member=yard.fang)
    yard.at(LAST - timedelta(days=30))
    assert yard.bank.points.lapsing(29) == ()
    told = tuple(sorted((yard.li, yard.fang)))
    points = {yard.li: 10, yard.fang: 7}
    assert yard.bank.points.lapsing(30) == tuple(Lapsing(each, LAST, points[each]) for each in told)
    yard.spend(4)
    assert sum(each.points for each in yard.bank.points.lapsing(30)) == 13
    yard.at(LAST)
    assert sum(each.points for each in yard.bank.points.lapsing(1)) == 13
    yard.at(NEXT)
    assert yard.bank.points.lapsing() == ()
    assert sum(each.points for each in yard.bank.points.lapsed()) == 13


def test_what_lapses_is_told_by_day_and_then_by_member(monthly: Yard) -> None:
    for member in (monthly.li, monthly.fang):
        monthly.earn(1, member=member)
        monthly.earn(2, member=member, day=date(2024, 3, 2))
    in_order = sorted((monthly.li, monthly.fang))
    told = [(each.day, each.member) for each in monthly.bank.points.lapsing()]
    assert told == [(day, member) for day in (date(2024, 4, 30), date(2024, 5, 31)) for member in in_order]


@pytest.mark.parametrize(("days_before", "points"), [(90, 10), (91, 0)])
def test_a_look_ahead_is_of_ninety_days(yard: Yard, days_before: int, points: int) -> None:
    yard.earn(10)
    yard.at(LAST - days_before * DAY)
    assert sum(each.points for each in yard.bank.points.lapsing()) == points


@pytest.mark.parametrize("days", [0, -1, 3661, True, 1.0, "9"])
def test_how_far_to_look_is_up_to_ten_years(yard: Yard, days: Any) -> None:
    with pytest.raises(BadAmount) as caught:
        yard.bank.points.lapsing(days)
    assert caught.value.facts() == {"field": "days", "value": str(days), "least": 1, "most": 3660}
    yard.bank.points.lapsing(3660)


def test_what_is_outstanding_is_told_by_year_and_in_money() -> None:
    yard = Yard(rulebook("year-after").replace("[rules]", "[rules]\npoint_value_fen = 80"))
    yard.earn(10)
    yard.at(NEXT)
    yard.earn(5)
    yard.spend(8)
    assert yard.bank.points.ages() == (Age(2024, 2, 160), Age(2025, 5, 400))
    yard.earn(3, member=yard.fang)
    assert yard.bank.points.ages() == (Age(2024, 2, 160), Age(2025, 8, 640))
    yard.at(date(2026, 1, 1))
    assert yard.bank.points.ages() == (Age(2025, 8, 640),)


def test_nothing_is_outstanding_in_an_empty_community(yard: Yard) -> None:
    assert yard.bank.points.ages() == ()


# --- Every history


def set_aside(yard: Yard, member: str, points: int) -> Entry:
    account = yard.account(member)
    with yard.bank.journal.writing() as write:
        if spendable(write.books, member, write.today()) < points:
            raise NotEnoughPoints(member, 0, points)
        lapse(write, member, "clerk-1")
        moves = [Transfer(account, account.replace("L:M:", "L:H:"), POINTS, points)]
        return write.append(hold(moves, day=write.today(), by="clerk-1")).entry


def release(yard: Yard, held: Entry) -> None:
    with yard.bank.journal.writing() as write:
        write.append(void(held, day=write.today(), by="clerk-1"))


def give_back(yard: Yard, redemption: Entry, points: int) -> None:
    """Goods returned, for some of the points."""
    yard.bank.shops.return_goods(redemption.seq, {"soap": points}, by="clerk-1", approved_by="super-1")


class Told:
    """What the journal tells of one member, read entry by entry; shares no code with what it judges."""

    def __init__(self, account: str) -> None:
        self.account = account
        self.flows: dict[int, list[tuple[date, int]]] = {}
        self.given_back: Counter[int] = Counter()
        self.kinds: dict[int, str] = {}
        self.lapsed = 0
        self.owed = 0

    def hear(self, entry: Entry) -> None:
        self.kinds[entry.seq] = entry.kind
        changes = []
        for move in entry.moves:
            change = move.amount * ((move.credit == self.account) - (move.debit == self.account))
            if change and move.unit == POINTS:
                if "A:DEBT:" in move.debit + move.credit:
                    self.owed += change
                else:
                    changes.append((entry.day, change))
        net = sum(change for _, change in changes)
        if "expiry" in (entry.kind, self.kinds.get(-1 if entry.ref is None else entry.ref)):
            self.lapsed -= net
        elif entry.kind in ("void", "reversal"):
            del self.flows[entry.ref or 0]
        elif entry.kind == "return":
            self.given_back[entry.ref or 0] += net
        elif entry.kind != "post":
            self.flows[entry.seq] = changes

    def events(self) -> list[tuple[date, int]]:
        return [(day, points + self.given_back[seq]) for seq, flows in self.flows.items() for day, points in flows]


class Walk:
    """Random commands on a yard; what is refused did not happen."""

    def __init__(self, versions: list[tuple[int, str]]) -> None:
        self.yard = Yard(versions[0][1])
        self.starts = [(FIRST, parse_rulebook(versions[0][1]).rules)]
        for number, (gap, text) in enumerate(versions[1:]):
            start = self.starts[-1][0] + timedelta(days=gap)
            text = text.replace('"yard"', f'"yard-{number}"')
            try:
                self.yard.bank.rulebooks.adopt(text, from_day=start, by="admin")
            except TimebankError:
                continue
            self.starts.append((start, parse_rulebook(text).rules))
        self.posted: list[Entry] = []

    def expires(self, day: date) -> date | None:
        return [rules for start, rules in self.starts if start <= day][-1].expires(day)

    def member(self, number: int) -> str:
        return (self.yard.li, self.yard.fang)[number % 2]

    def day(self, number: int) -> date:
        return max(FIRST, self.yard.today - timedelta(days=number * 9))

    def earlier(self, what: str, number: int) -> Entry | None:
        """An entry that can be answered by *what*."""
        kinds = {"release": ("hold",), "return": ("redemption",)}
        fitting = [entry for entry in self.posted if entry.kind in kinds.get(what, (entry.kind,))]
        return fitting[number % len(fitting)] if fitting else None

    def do(self, what: str, number: int, points: int) -> None:
        yard, member = self.yard, self.member(number)
        other = self.member(number + 1)
        old = self.earlier(what, number)
        acts: dict[str, Callable[[], Any]] = {
            "wait": lambda: yard.later(number * points),
            "earn": lambda: yard.earn(points, member=member, day=self.day(number // 2)),
            "spend": lambda: yard.spend(points, member=member, day=self.day(number % 5 // 4 * number)),
            "hold": lambda: set_aside(yard, member, points),
            "give": lambda: yard.bank.gifts.give(member, to=other, relation="child", points=points, by="clerk-1"),
            "pool": lambda: yard.bank.gifts.give(member, pool="yard", points=points, by="clerk-1"),
            "grant": lambda: yard.bank.pools.grant(
                "yard", member, points=points, reason="illness", by="clerk-1", approved_by="super-1"
            ),
            "expire": lambda: yard.bank.points.expire(by="clerk-1"),
            "release": lambda: release(yard, old) if old else None,
            "return": lambda: give_back(yard, old, points) if old else None,
            "reverse": lambda: yard.reverse(old.seq, debt=points > 4) if old else None,
        }
        before = yard.trace()
        try:
            acts[what]()
        except TimebankError:
            assert yard.trace() == before
        self.posted += yard.bank.journal.entries(before[0])

    def told(self, member: str) -> Told:
        told = Told(self.yard.account(member))
        for entry in self.yard.bank.journal.entries():
            told.hear(entry)
        return told

    def model(self, told: Told) -> Lots:
        return replayed(told.events(), self.expires, self.yard.today)

    def check(self, member: str) -> None:
        told = self.told(member)
        model = self.model(told)
        balance = self.yard.points(member)
        with self.yard.bank.journal.reading() as books:
            found = due(books, member, self.yard.today)
        points = min(model.lapsed.total() - told.lapsed, balance)
        ends = [self.expires(day) for day, change in told.events() if change > 0]
        last = max((end for end in ends if end is not None and end < self.yard.today), default=None)
        assert [(each.until, each.points) for each in found] == ([(last, points)] if points > 0 else [])
        if told.lapsed + sum(each.points for each in found) == model.lapsed.total():
            left = balance - sum(each.points for each in found)
            assert left == model.left_by_year().total() - model.missing + told.owed


TEXTS = st.sampled_from(
    [
        rulebook("months", months=1),
        rulebook("months", months=8),
        rulebook("year-end"),
        rulebook("year-after"),
        rulebook("never"),
    ]
)
ACTS = st.sampled_from(
    [
        *("wait", "wait", "earn", "earn", "earn", "spend", "spend", "hold", "give", "pool", "grant"),
        *("expire", "release", "return", "reverse", "reverse"),
    ]
)


@given(
    st.lists(st.tuples(st.integers(1, 400), TEXTS), min_size=1, max_size=3),
    st.lists(st.tuples(ACTS, st.integers(0, 30), st.integers(1, 12)), min_size=20, max_size=50),
)
def test_what_is_due_is_what_the_lots_say_after_every_history(
    versions: list[tuple[int, str]], acts: list[tuple[str, int, int]]
) -> None:
    walk = Walk(versions)
    for what, number, points in acts:
        walk.do(what, number, points)
    for member in (walk.yard.li, walk.yard.fang):
        walk.check(member)


@given(
    st.lists(st.tuples(st.integers(1, 400), TEXTS), min_size=1, max_size=3),
    st.lists(st.tuples(ACTS, st.integers(0, 30), st.integers(1, 12)), min_size=20, max_size=50),
)
def test_after_a_sweep_nothing_is_due_and_the_ages_are_those_of_the_lots(
    versions: list[tuple[int, str]], acts: list[tuple[str, int, int]]
) -> None:
    walk = Walk(versions)
    for what, number, points in acts:
        walk.do(what, number, points)
    yard = walk.yard
    yard.bank.points.expire(by="clerk-1")
    assert yard.bank.points.lapsed() == ()
    ages = {age.year: age.points for age in yard.bank.points.ages()}
    assert sum(ages.values()) == yard.points(yard.li) + yard.points(yard.fang)
    told = [walk.told(member) for member in (yard.li, yard.fang)]
    models = [walk.model(each) for each in told]
    if [(each.lapsed, each.owed) for each in told] == [(model.lapsed.total(), 0) for model in models]:
        assert ages == models[0].left_by_year() + models[1].left_by_year()
