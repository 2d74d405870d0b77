"""Stars come from minutes served: what awards credited, whoever paid, and not what was given on or kept."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timebank.bank import Bank
from timebank.errors import BadDay, NoRulebook, Refused, UnknownMember, UnknownOrganisation
from timebank.ledger.journal import Posted
from timebank.programme.stars import Star, stars_of

FIRST = date(2025, 1, 1)
LIMIT_MINUTES = 1000
RULES = """
name = "stars"
title.zh = "细则"
title.en = "Rules"
[rules]
{rules}
[service.patrol]
zh = "巡逻"
en = "Patrol"
per = "hour"
points = 0
[service.care]
zh = "照护"
en = "Care"
per = "hour"
points = 0
payer = "recipient"
pays = "minutes"
[service.common]
zh = "公益"
en = "Common good"
per = "hour"
points = 0
payer = "pool"
pays = "minutes"
[gift]
units = ["minutes"]
to = ["relative", "pool"]
relations = ["child"]
"""


class Street:
    """Four persons of two communities in a street; it is noon of 1 March 2026 in Shanghai."""

    def __init__(self, rules: str = "stars = [1, 2, 3, 4, 100]") -> None:
        self.bank = bank = Bank.in_memory(clock=lambda: datetime(2026, 3, 1, 4, 0, tzinfo=UTC))
        bank.organisations.add("east", name="东街道", level="street", by="admin")
        for org in ("lake", "hill"):
            bank.organisations.add(org, name=org, level="community", parent="east", by="admin")
        bank.organisations.appoint("super-1", org="east", role="supervisor", by="admin")
        bank.rulebooks.adopt(RULES.format(rules=rules), from_day=FIRST, by="admin")
        self.a, self.b, self.c = (bank.members.enrol(org="lake", by="admin").id for _ in range(3))
        self.d = bank.members.enrol(org="hill", by="admin").id

    def serve(
        self, member: str, minutes: int, *, service: str = "patrol", day: date = FIRST, **named: Any
    ) -> Posted:
        return self.bank.services.record(
            member, service, minutes=minutes, day=day, by="admin", approved_by="super-1", **named
        )

    def reverse(self, posted: Posted) -> Posted:
        return self.bank.reverse(posted.seq, by="admin", approved_by="super-1")

    def served(self, member: str, day: date | None = None) -> int:
        return self.bank.stars.of(member, day).minutes

    def balance(self, member: str) -> int:
        return self.bank.members.balance(member).minutes


@pytest.fixture
def street() -> Street:
    return Street()


@pytest.mark.parametrize(
    ("minutes", "stars"),
    [
        *((0, 0), (5_999, 0), (6_000, 1), (17_999, 1), (18_000, 2), (35_999, 2), (36_000, 3)),
        *((59_999, 3), (60_000, 4), (89_999, 4), (90_000, 5), (900_000, 5)),
    ],
)
def test_a_star_is_lit_by_its_last_minute(minutes: int, stars: int) -> None:
    assert stars_of(minutes, (100, 300, 600, 1000, 1500)) == stars


def test_the_hundredth_hour_lights_the_first_star() -> None:
    street = Street("stars = [100, 300, 600, 1000, 1500]")
    for place in range(4):
        street.serve(street.a, 1440, day=FIRST + timedelta(days=place))
    street.serve(street.a, 239, day=date(2025, 2, 1))
    assert street.bank.stars.of(street.a) == Star(street.a, "lake", 5_999, 0)
    assert street.bank.stars.board() == ()
    street.serve(street.a, 1, day=date(2025, 2, 2))
    assert street.bank.stars.of(street.a) == Star(street.a, "lake", 6_000, 1)
    assert street.bank.stars.of(street.a, date(2025, 2, 1)).stars == 0
    assert street.bank.stars.board() == (Star(street.a, "lake", 6_000, 1),)


def test_minutes_paid_by_a_recipient_count_for_who_served_and_cost_who_paid_no_star(street: Street) -> None:
    street.serve(street.a, 90)
    care = street.serve(street.b, 60, service="care", recipient=street.a)
    assert {move.debit for move in care.entry.moves} == {f"L:M:{street.a}"}
    assert (street.served(street.a), street.served(street.b)) == (90, 60)
    assert (street.balance(street.a), street.balance(street.b)) == (30, 60)
    street.reverse(care)
    assert (street.served(street.a), street.served(street.b)) == (90, 0)


def test_a_gift_and_a_grant_are_no_service_and_what_the_pool_pays_for_service_is(street: Street) -> None:
    street.serve(street.a, 200)
    street.bank.gifts.give(street.a, to=street.b, relation="child", minutes=50, by="admin")
    street.bank.gifts.give(street.a, pool="lake", minutes=100, by="admin")
    street.bank.pools.grant("lake", street.c, minutes=20, reason="hardship", by="admin", approved_by="super-1")
    assert [street.served(each) for each in (street.a, street.b, street.c)] == [200, 0, 0]
    assert [street.balance(each) for each in (street.a, street.b, street.c)] == [50, 50, 20]
    common = street.serve(street.c, 60, service="common")
    assert (street.served(street.c), street.balance(street.c)) == (60, 80)
    street.reverse(common)
    assert (street.served(street.c), street.balance(street.c)) == (0, 20)


def test_what_goes_over_the_limit_to_the_pool_was_served_all_the_same() -> None:
    street = Street(f"hold_at_most_minutes = {LIMIT_MINUTES}")
    street.serve(street.a, LIMIT_MINUTES)
    over = street.serve(street.a, 200)
    assert (street.served(street.a), street.balance(street.a)) == (LIMIT_MINUTES + 200, LIMIT_MINUTES)
    common = street.serve(street.a, 60, service="common")
    assert (street.served(street.a), street.balance(street.a)) == (LIMIT_MINUTES + 260, LIMIT_MINUTES)
    street.reverse(common)
    street.reverse(over)
    assert (street.served(street.a), street.balance(street.a)) == (LIMIT_MINUTES, LIMIT_MINUTES)


def test_what_was_served_on_paper_counts_with_the_opening_balance(street: Street) -> None:
    opened = street.bank.openings.record(street.a, minutes=130, by="admin", approved_by="super-1")
    street.serve(street.a, 50)
    assert street.served(street.a) == 180
    street.reverse(opened)
    assert street.served(street.a) == 50


def test_a_reversed_award_takes_its_minutes_away_on_its_own_day(street: Street) -> None:
    kept, taken = street.serve(street.a, 60), street.serve(street.a, 90)
    street.reverse(taken)
    assert kept.seq < taken.seq
    assert street.served(street.a) == 60
    assert street.served(street.a, date(2026, 2, 28)) == 150


def test_the_board_has_everybody_with_a_star_most_minutes_first(street: Street) -> None:
    street.serve(street.a, 60)
    street.serve(street.b, 59)
    street.serve(street.c, 200)
    street.serve(street.d, 60)
    low, high = sorted((street.a, street.d))
    assert [star.member for star in street.bank.stars.board()] == [street.c, low, high]
    assert [star.stars for star in street.bank.stars.board()] == [3, 1, 1]


def test_the_board_of_an_organisation_has_those_below_it_on_the_day(street: Street) -> None:
    board = street.bank.stars.board
    street.serve(street.a, 60)
    street.serve(street.d, 60)
    assert {star.member for star in board("east")} == {street.a, street.d}
    assert [star.member for star in board("lake")] == [street.a]
    street.bank.members.move(street.d, to="lake", from_day=date(2026, 2, 1), by="admin")
    assert {star.member for star in board("lake")} == {street.a, street.d}
    assert board("hill") == ()
    assert [star.org for star in board("hill", date(2026, 1, 31))] == ["hill"]


def test_the_steps_are_those_of_the_rulebook_in_force_on_the_day(street: Street) -> None:
    street.serve(street.a, 120)
    steps = "stars = [2, 30, 40, 50, 60]"
    street.bank.rulebooks.adopt(RULES.format(rules=steps), from_day=date(2026, 2, 1), by="admin")
    assert street.bank.stars.of(street.a, date(2026, 1, 31)).stars == 2
    assert street.bank.stars.of(street.a).stars == 1


def test_stars_ask_for_a_known_member_organisation_and_day(street: Street) -> None:
    with pytest.raises(UnknownMember):
        street.bank.stars.of("0" * 10)
    with pytest.raises(UnknownOrganisation):
        street.bank.stars.board("nowhere")
    with pytest.raises(NoRulebook):
        street.bank.stars.of(street.a, FIRST - timedelta(days=1))
    with pytest.raises(BadDay):
        street.bank.stars.board(day="2026-01-01")  # type: ignore[arg-type]


DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["patrol", "care", "common", "give", "reverse"]), st.integers(1, 300), st.integers(0, 5)
    ),
    max_size=14,
)


def do(
    street: Street, standing: dict[int, tuple[str, int]], what: str, minutes: int, who: str, other: str
) -> None:
    """One deed, if the programme lets it happen; *standing* keeps who served how long in awards that stand."""
    with suppress(Refused):
        if what == "reverse":
            seq = next(iter(standing), 0)
            street.bank.reverse(seq, by="admin", approved_by="super-1")
            del standing[seq]
        elif what == "give":
            street.bank.gifts.give(other, to=who, relation="child", minutes=minutes, by="admin")
        else:
            named = {"recipient": other} if what == "care" else {}
            standing[street.serve(who, minutes, service=what, **named).seq] = who, minutes


@given(DEEDS)
def test_minutes_served_are_what_the_awards_that_stand_say(deeds: list[tuple[str, int, int]]) -> None:
    """Whatever else moved them about: gifts, payments between members, the limit and the pool."""
    street = Street(f"hold_at_most_minutes = {LIMIT_MINUTES}")
    people = [street.a, street.b, street.c]
    standing: dict[int, tuple[str, int]] = {}
    for what, minutes, place in deeds:
        do(street, standing, what, minutes, people[place % 3], people[(place + 1) % 3])
    for member in people:
        assert street.served(member) == sum(minutes for who, minutes in standing.values() if who == member)
