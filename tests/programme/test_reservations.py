"""Reservations: points and goods are set aside, and end once: collected, released, or past their time."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import fewer
from tests.programme.market import ASIDE, DAY, SHELF, TAKINGS, TODAY, TWO, Market, moves_of
from tests.programme.yard import Yard, rulebook
from timebank.bank import Bank
from timebank.errors import (
    AlreadyResolved,
    BadCode,
    BadDay,
    CardBlocked,
    LimitPassed,
    NoPrice,
    NotEnoughPoints,
    NotEnoughStock,
    NotReversible,
    Refused,
    ReservationOver,
    RoleNotAllowed,
    UnknownReservation,
    UnknownShop,
)
from timebank.programme.reserved import Reservation
from timebank.storage.memory import MemoryBooks


@pytest.fixture
def market() -> Market:
    return Market()


def collect(market: Market, seq: Any, **named: Any) -> Any:
    return market.bank.reservations.collect(seq, **({"by": "clerk-1"} | named))


def release(market: Market, seq: Any, **named: Any) -> Any:
    return market.bank.reservations.release(seq, **({"by": "clerk-1"} | named))


# --- bookkeeping ---


def test_what_is_reserved_is_set_aside_with_its_points(market: Market) -> None:
    held = market.reserve(rice=2, soap=1, until=TODAY + DAY)
    assert held.entry.kind == "hold"
    assert dict(held.entry.body) == {
        "shop": "yungu-shop", "card": "0001", "goods": (("rice", 2, 10), ("soap", 1, 3)), "until": "2026-03-02"
    }  # fmt: skip
    assert moves_of(held) == [
        (f"L:M:{market.wang.id}", f"L:H:{market.wang.id}", "PTS", 23),
        (ASIDE, SHELF, "RICE", 2),
        (ASIDE, SHELF, "SOAP", 1),
    ]
    assert (market.points, market.bank.shops.takings(market.shop)) == (27, 0)
    assert market.bank.shops.stock(market.shop) == {"noodles": 0, "rice": 2, "soap": 8}
    assert market.bank.report().points_outstanding == 50 + 20 + 10
    assert market.bank.reservations.get(held.seq) == Reservation(
        held.seq, "yungu-shop", market.wang.id, "0001", "2026-03-02", "held"
    )


def test_what_is_collected_is_handed_out_and_paid(market: Market) -> None:
    held = market.reserve(rice=2, soap=1)
    posted = collect(market, held.seq)
    assert (posted.entry.kind, posted.entry.ref) == ("post", held.seq)
    assert dict(posted.entry.body) == {"shop": "yungu-shop", "goods": (("rice", 2, 10), ("soap", 1, 3))}
    assert moves_of(posted) == [
        (f"L:H:{market.wang.id}", TAKINGS, "PTS", 23),
        ("X:GIVEN:YUNGU-SHOP", ASIDE, "RICE", 2),
        ("X:GIVEN:YUNGU-SHOP", ASIDE, "SOAP", 1),
    ]
    redeemed = Market()
    redeemed.redeem(rice=2, soap=1)
    for account, unit in ((TAKINGS, "PTS"), (SHELF, "RICE"), (ASIDE, "RICE"), ("X:GIVEN:YUNGU-SHOP", "SOAP")):
        assert market.of(account, unit) == redeemed.of(account, unit)
    assert market.bank.reservations.get(held.seq).state == "collected"


def test_what_is_released_is_back_where_it_was(market: Market) -> None:
    before = market.balances()
    held = market.reserve(rice=2, soap=1)
    posted = release(market, held.seq)
    assert (posted.entry.kind, posted.entry.ref) == ("void", held.seq)
    assert dict(posted.entry.body) == {"shop": "yungu-shop", "why": "released"}
    assert moves_of(posted) == [(b, a, unit, n) for a, b, unit, n in reversed(moves_of(held))]
    assert market.balances() == before
    assert market.bank.reservations.get(held.seq).state == "released"


def test_a_merchant_sets_no_goods_aside_and_gives_its_own(market: Market) -> None:
    held = market.reserve(shop=market.noodles, noodles=2)
    wang = market.wang.id
    assert moves_of(held) == [(f"L:M:{wang}", f"L:H:{wang}", "PTS", 10)]
    posted = collect(market, held.seq)
    assert moves_of(posted) == [
        (f"L:H:{wang}", "L:S:NOODLE-BAR", "PTS", 10),
        ("X:GIVEN:NOODLE-BAR", "I:OFFERED:NOODLE-BAR", "NOODLES", 2),
    ]
    again = market.reserve(shop=market.noodles, noodles=2)
    assert moves_of(release(market, again.seq)) == [(f"L:H:{wang}", f"L:M:{wang}", "PTS", 10)]


def test_the_price_of_the_day_reserved_holds(market: Market) -> None:
    held = market.reserve(soap=2, until=date(2026, 3, 5))
    market.price(soap=9, from_day=date(2026, 3, 2))
    market.at(date(2026, 3, 3))
    collect(market, held.seq)
    assert market.of(TAKINGS) == 6


def test_only_a_households_own_account_pays_for_what_its_card_reserves(market: Market) -> None:
    with market.refused(NotEnoughPoints, member=market.household.id, available_points=0, needed_points=10):
        market.reserve(card="H1", rice=1)
    market.give(market.household, 10)
    market.reserve(card="H1", rice=1)


# --- edges ---


def test_all_points_and_all_stock_can_be_reserved_and_not_one_more(market: Market) -> None:
    with market.refused(NotEnoughStock, good="rice", available=4, needed=5):
        market.reserve(rice=5)
    with market.refused(NotEnoughPoints, available_points=50, needed_points=52):
        market.reserve(rice=4, soap=4)
    market.reserve(rice=4, soap=3)
    with market.refused(NotEnoughPoints, available_points=1, needed_points=3):
        market.redeem(soap=1)
    with market.refused(NotEnoughStock, available=0):
        market.redeem(card="0002", rice=1)


def test_a_reservation_can_be_collected_on_its_last_day_and_not_after(market: Market) -> None:
    first, second = market.reserve(soap=1, until=TODAY + DAY), market.reserve(soap=1, until=TODAY + DAY)
    market.at(TODAY + DAY)
    collect(market, first.seq)
    market.at(TODAY + 2 * DAY)
    with market.refused(ReservationOver, seq=second.seq, until="2026-03-02"):
        collect(market, second.seq)
    assert release(market, second.seq).entry.body["why"] == "expired"


def test_a_reservation_is_until_today_at_least(market: Market) -> None:
    with market.refused(BadCode, field="until", value="2026-02-28", pattern="today or a later day"):
        market.reserve(soap=1, until=TODAY - DAY)
    until: Any = "2026-03-05"
    with market.refused(BadDay):
        market.reserve(soap=1, until=until)
    market.reserve(soap=1, until=TODAY)


@pytest.mark.parametrize("first", ["collect", "release"])
@pytest.mark.parametrize("second", ["collect", "release"])
def test_a_reservation_ends_once(market: Market, first: str, second: str) -> None:
    ends = {"collect": collect, "release": release}
    held = market.reserve(soap=1)
    done = ends[first](market, held.seq)
    with market.refused(AlreadyResolved, seq=held.seq, resolved_by_seq=done.seq):
        ends[second](market, held.seq)


def test_a_reservation_and_its_end_are_not_taken_back(market: Market) -> None:
    held = market.reserve(soap=1)
    with market.refused(NotReversible):
        market.reverse(held.seq)
    done = collect(market, held.seq)
    with market.refused(NotReversible):
        market.reverse(done.seq)


def test_a_blocked_card_collects_nothing_and_a_replaced_one_does(market: Market) -> None:
    held = market.reserve(soap=1)
    market.bank.cards.block("0001", by="clerk-1")
    with market.refused(CardBlocked, card="0001", state="blocked"):
        collect(market, held.seq)
    with market.refused(CardBlocked):
        market.reserve(soap=1)
    market.bank.cards.replace("0001", new="0009", by="admin")
    collect(market, held.seq)


def test_only_a_reservation_is_collected_or_released(market: Market) -> None:
    sale = market.redeem(soap=1)
    place: Any
    size = market.bank.report().entries
    for place in (sale.seq, market.honour, size, 10**9, 10**50, -1, True, "7"):
        for end in (collect, release):
            with market.refused(UnknownReservation, name=str(place)[:40]):
                end(market, place)
        with market.refused(UnknownReservation, name=str(place)[:40]):
            market.bank.reservations.get(place)


def test_reserving_is_for_those_who_may_redeem(market: Market) -> None:
    held = market.reserve(soap=1)
    for role in ("registrar", "auditor"):
        by = {"by": f"{role}-1"}
        with market.refused(RoleNotAllowed):
            market.bank.reservations.reserve(market.shop, card="0001", goods={"soap": 1}, until=TODAY, **by)
        with market.refused(RoleNotAllowed):
            collect(market, held.seq, **by)
        with market.refused(RoleNotAllowed):
            release(market, held.seq, **by)
        with market.refused(RoleNotAllowed):
            market.bank.reservations.release_overdue(**by)
    with market.refused(NoPrice):
        market.reserve(shop=market.noodles, soap=1)
    with market.refused(UnknownShop, name="west"):
        market.reserve(shop="west", soap=1)
    with market.refused(UnknownShop, name="west"):
        market.bank.reservations.all("west")


def test_who_reserves_hands_out_and_gives_back_and_when_is_kept(market: Market) -> None:
    named: dict[str, Any] = {"card": "0001", "goods": {"soap": 1}, "until": TODAY + DAY, "by": "supervisor-1"}
    first, second = (market.bank.reservations.reserve(market.shop, **named) for _ in range(2))
    market.at(TODAY + DAY)
    done = collect(market, first.seq, by="admin-1"), release(market, second.seq, by="supervisor-1")
    assert [(each.entry.by, each.entry.day) for each in (first, second, *done)] == [
        ("supervisor-1", TODAY),
        ("supervisor-1", TODAY),
        ("admin-1", TODAY + DAY),
        ("supervisor-1", TODAY + DAY),
    ]
    assert done[1].entry.body["why"] == "released", "its last day is not over"


def test_what_a_shop_limits_holds_for_what_is_reserved_there(market: Market) -> None:
    market.bank.shops.limit("soap", shop="yungu-shop", most=1, from_day=TODAY, by="supervisor-1")
    with market.refused(LimitPassed, good="soap", most=1):
        market.reserve(soap=2)
    market.reserve(soap=1)


def test_the_same_key_reserves_and_ends_once(market: Market) -> None:
    reserve = market.bank.reservations.reserve
    named: dict[str, Any] = {"card": "0001", "goods": {"soap": 1}, "until": TODAY, "by": "clerk-1", "key": "a"}
    held = reserve(market.shop, **named)
    market.at(TODAY + DAY)
    assert reserve(market.shop, **named).repeated, "whatever day it is by now"
    market.at(TODAY)
    done = collect(market, held.seq, key="b")
    again = collect(market, held.seq, key="b")
    assert (again.seq, again.repeated) == (done.seq, True)
    with pytest.raises(Refused):
        release(market, held.seq, key="b")


# --- what is over ends by itself ---


def kinds_after(market: Market, size: int) -> list[str]:
    return [entry.kind for entry in market.bank.journal.entries(size)]


def test_a_redemption_first_releases_what_is_overdue_in_its_shop(market: Market) -> None:
    held = market.reserve(card="0002", rice=1, until=TODAY)
    open_still = market.reserve(card="0002", soap=1, until=TODAY + DAY)
    market.at(TODAY + DAY)
    size = market.bank.report().entries
    market.redeem(rice=4)
    assert kinds_after(market, size) == ["void", "redemption"]
    assert market.bank.journal.entry(size).body["why"] == "expired"
    assert market.bank.reservations.get(held.seq).state == "released"
    assert market.bank.reservations.get(open_still.seq).state == "held"
    assert market.points_of(market.li) == 17


def test_a_redemption_first_releases_what_is_overdue_of_its_member_anywhere(market: Market) -> None:
    held = market.reserve(shop=market.noodles, noodles=9, until=TODAY)
    market.at(TODAY + DAY)
    size = market.bank.report().entries
    market.redeem(rice=4)
    assert kinds_after(market, size) == ["void", "redemption"]
    assert market.bank.reservations.get(held.seq).state == "released"


def test_a_reservation_first_releases_what_is_overdue(market: Market) -> None:
    market.reserve(rice=4, until=TODAY)
    market.at(TODAY + DAY)
    size = market.bank.report().entries
    market.reserve(rice=4, until=TODAY + DAY)
    assert kinds_after(market, size) == ["void", "hold"]


def test_what_is_refused_releases_nothing(market: Market) -> None:
    market.reserve(rice=4, until=TODAY)
    market.at(TODAY + DAY)
    with market.refused(NotEnoughStock, available=4, needed=5):
        market.redeem(rice=5)
    with market.refused(NotEnoughPoints, available_points=50, needed_points=52):
        market.redeem(rice=4, soap=4)
    with market.bank.batch(), market.refused(NotEnoughPoints):
        market.reserve(rice=4, soap=4, until=TODAY + DAY)


def test_overdue_reservations_are_released_all_at_once(market: Market) -> None:
    one, two = market.reserve(rice=1, until=TODAY), market.reserve(shop=market.noodles, noodles=1, until=TODAY)
    three = market.reserve(soap=1, until=TODAY + DAY)
    reservations = market.bank.reservations
    assert reservations.release_overdue(by="clerk-1") == ()
    market.at(TODAY + DAY)
    posted = reservations.release_overdue(by="clerk-1")
    assert [each.entry.ref for each in posted] == [one.seq, two.seq]
    assert {each.entry.body["why"] for each in posted} == {"expired"}
    assert reservations.release_overdue(by="clerk-1") == ()
    assert [row.seq for row in reservations.all(state="held")] == [three.seq]
    assert [row.seq for row in reservations.all("yungu-shop")] == [one.seq, three.seq]
    assert [row.state for row in reservations.all()] == ["released", "released", "held"]
    with pytest.raises(BadCode):
        reservations.all(state="gone")


def test_points_that_come_back_after_their_time_have_lapsed() -> None:
    """Points of February, reserved in March, lapse with March when nobody collects."""
    yard = Yard(rulebook("months", months=1))
    bank, two = yard.bank, {"by": "clerk-1", "approved_by": "super-1"}
    bank.services.record(yard.li, "help", occasions=3, day=date(2024, 2, 5), **two)
    bank.services.record(yard.li, "help", occasions=1, day=date(2024, 3, 1), **two)
    bank.reservations.reserve(yard.shop, card="0001", goods={"soap": 2}, until=date(2024, 3, 9), by="clerk-1")
    yard.now = yard.now.replace(month=4)
    size = bank.report().entries
    with pytest.raises(NotEnoughPoints) as caught:
        bank.shops.redeem(yard.shop, card="0001", goods={"soap": 2}, by="clerk-1")
    assert caught.value.available_points == 1
    assert bank.report().entries == size
    bank.shops.redeem(yard.shop, card="0001", goods={"soap": 1}, by="clerk-1")
    entries = list(bank.journal.entries(size))
    assert [(entry.kind, entry.moves[0].amount) for entry in entries] == [
        ("void", 2), ("expiry", 3), ("redemption", 1)
    ]  # fmt: skip
    assert bank.members.balance(yard.li).points == 0


# --- in a file ---


def test_reservations_are_the_same_after_a_rebuild_and_in_another_process(tmp_path: Path) -> None:
    with Bank.create(tmp_path / "a.timebank", origin="a.example/timebank") as bank:
        bank.organisations.add("yungu", name="Y", level="community", by="admin")
        bank.organisations.appoint("boss", org="yungu", role="admin", by="admin")
        bank.rulebooks.adopt(rulebook("never"), from_day=date(2026, 1, 1), by="admin")
        bank.goods.add("soap", name="皂", name_en="soap", by="admin")
        shop = bank.shops.open("shop", org="yungu", name="S", by="admin")
        bank.shops.set_price(shop, "soap", points=1, from_day=date(2026, 1, 1), by="admin")
        bank.shops.receive(shop, {"soap": 9}, donor="a", by="admin", approved_by="boss")
        wang = bank.members.enrol(org="yungu", card="0001", by="admin")
        two = {"by": "admin", "approved_by": "boss"}
        bank.services.record(wang, "help", occasions=9, day=bank.today(), **two)
        held = [
            bank.reservations.reserve(shop, card="0001", goods={"soap": 1}, until=bank.today(), by="admin")
            for _ in range(3)
        ]
        bank.reservations.collect(held[0].seq, by="admin")
        bank.reservations.release(held[1].seq, by="admin")
        before = bank.reservations.all()
        assert [row.state for row in before] == ["collected", "released", "held"]
        bank.rebuild()
        assert bank.reservations.all() == before


# --- a property ---

EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("reserve"), st.integers(1, 2), st.integers(0, 3)),
        st.tuples(st.just("collect"), st.integers(0, 9), st.just(0)),
        st.tuples(st.just("release"), st.integers(0, 9), st.just(0)),
        st.tuples(st.just("overdue"), st.just(0), st.just(0)),
        st.tuples(st.just("redeem"), st.integers(1, 2), st.just(0)),
        st.tuples(st.just("tomorrow"), st.just(0), st.just(0)),
    ),
    max_size=16,
)


class Held:
    """The same market, and what ought to have become of its reservations: pieces, until, state."""

    def __init__(self) -> None:
        self.market = market = Market()
        market.bank.shops.receive(market.shop, {"rice": 20}, donor="a", **TWO)
        market.give(market.wang, 200)
        self.rows: dict[int, list[Any]] = {}
        self.today, self.sold = TODAY, 0

    def happen(self, name: str, number: int, days: int) -> None:
        if name in ("collect", "release"):
            if self.rows:
                self.end(name, list(self.rows)[number % len(self.rows)])
            return
        if name == "tomorrow":
            self.today += DAY
            self.market.at(self.today)
            return
        if name == "reserve":
            until = self.today + days * DAY
            self.rows[self.market.reserve(rice=number, until=until).seq] = [number, until, "held"]
        elif name == "redeem":
            self.market.redeem(rice=number)
            self.sold += number
        else:
            self.market.bank.reservations.release_overdue(by="clerk-1")
        for line in self.rows.values():
            if line[1] < self.today and line[2] == "held":
                line[2] = "released"

    def end(self, name: str, seq: int) -> None:
        act, line = (collect if name == "collect" else release), self.rows[seq]
        if line[2] != "held":
            with self.market.refused(AlreadyResolved):
                act(self.market, seq)
        elif name == "collect" and line[1] < self.today:
            with self.market.refused(ReservationOver):
                act(self.market, seq)
        else:
            act(self.market, seq)
            line[2] = "collected" if name == "collect" else "released"

    def pieces(self, state: str) -> int:
        return sum(line[0] for line in self.rows.values() if line[2] == state)


def test_a_reservation_of_which_the_store_keeps_nothing_is_unknown(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = market.reserve(soap=1).seq
    monkeypatch.setattr(MemoryBooks, "get", lambda *_: None)
    with pytest.raises(UnknownReservation) as caught:
        market.bank.reservations.get(held)
    assert caught.value.name == str(held)


@fewer(2)
@given(EVENTS)
def test_a_reservation_is_held_and_then_ended_exactly_once(events: list[tuple[str, int, int]]) -> None:
    wanted = Held()
    market = wanted.market
    for event in events:
        wanted.happen(*event)
    rows = market.bank.reservations.all()
    assert {row.seq: row.state for row in rows} == {seq: line[2] for seq, line in wanted.rows.items()}
    aside, gone = wanted.pieces("held"), wanted.sold + wanted.pieces("collected")
    assert (market.of(ASIDE, "RICE"), market.of(f"L:H:{market.wang.id}")) == (aside, 10 * aside)
    assert (market.of(SHELF, "RICE"), market.of(TAKINGS)) == (24 - aside - gone, 10 * gone)
    assert market.points == 250 - 10 * (aside + gone)
