"""Awards: from what members did to one entry's transfers: who pays, what is over the limit, what is repaid."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.programme.yard import FIRST, Yard
from timebank.errors import (
    BadCode,
    BudgetPassed,
    ClaimNeeded,
    DurationMissing,
    DurationWrong,
    EvidenceSeen,
    KeyConflict,
    MeasureWrong,
    NotEnoughInPool,
    NotEnoughMinutes,
    NotEnoughPoints,
    NothingToAward,
    RecipientWrong,
    RoleNotAllowed,
    SelfApproval,
    StartMissing,
    UnknownGrade,
    UnknownMember,
)
from timebank.ledger.codes import MINUTES, POINTS
from timebank.ledger.journal import Posted
from timebank.ledger.transfers import Transfer
from timebank.programme.awards import (
    Item,
    Payment,
    Standing,
    award_moves,
    check_evidence,
    check_measure,
    measure_body,
    measure_of,
    minute_of,
    programme_points,
)
from timebank.programme.rulebook_terms import Measure

DAY = date(2024, 2, 5)
A, B = "0000000001", "0000000002"
HASH = "ab" * 32

HEAD = """
name = "square"
title.zh = "细则"
title.en = "Rules"
"""
SERVICES = """
[service.help]
zh = "帮助"
en = "Help"
per = "occasion"
points = 1
[service.company]
zh = "陪伴"
en = "Company"
per = "hour"
points = 3
least_minutes = 30
most_minutes = 240
[service.hygiene]
zh = "卫生"
en = "Hygiene"
per = "grade"
grades = [["best", 5], ["fair", 1]]
[service.time]
zh = "时间"
en = "Time"
per = "hour"
points = 0
payer = "recipient"
pays = "minutes"
[service.errand]
zh = "跑腿"
en = "Errand"
per = "occasion"
points = 4
payer = "recipient"
[service.meal]
zh = "送餐"
en = "Meal"
per = "hour"
points = 2
payer = "pool"
[gift]
units = ["points", "minutes"]
to = ["relative", "pool"]
relations = ["parent"]
"""


def square(rules: str = "", more: str = "") -> Yard:
    """A yard with services of every way of paying; *rules* are lines of [rules], *more* are tables."""
    return Yard(HEAD + (f"[rules]\n{rules}\n" if rules else "") + SERVICES + more)


def record(yard: Yard, service: str, *, member: str | None = None, day: date = DAY, **named: Any) -> Posted:
    people = {"by": "clerk-1", "approved_by": "super-1"}
    return yard.bank.services.record(member or yard.li, service, day=day, **(people | named))


def refused(yard: Yard, error: type[Exception], service: str, **named: Any) -> Any:
    before = yard.trace()
    with pytest.raises(error) as caught:
        record(yard, service, **named)
    assert yard.trace() == before
    return caught.value


# --- the arithmetic alone


def items() -> st.SearchStrategy[list[Item]]:
    one = st.builds(
        Item,
        st.sampled_from([A, B, "0000000003", "0000000004"]),
        st.builds(Measure, st.one_of(st.none(), st.integers(1, 1440))),
        st.integers(0, 10_000),
    )
    return st.lists(one, max_size=4, unique_by=lambda item: item.member)


def payments() -> st.SearchStrategy[Payment]:
    limits = st.one_of(st.none(), st.integers(1, 3000))
    by_recipient = st.builds(
        Payment,
        st.just("yard"),
        st.just("recipient"),
        st.sampled_from(["points", "minutes"]),
        st.just("R"),
        limits,
    )
    other = st.builds(
        Payment, st.just("yard"), st.sampled_from(["programme", "pool"]), st.just("points"), st.none(), limits
    )
    return st.one_of(by_recipient, other)


standings = st.dictionaries(
    st.sampled_from([A, B]), st.builds(Standing, st.integers(0, 4000), st.integers(0, 20_000)), max_size=2
)


@given(items(), payments(), standings)
def test_every_member_gets_what_they_earned_less_what_is_over_and_owed(
    done: list[Item], payment: Payment, standing: dict[str, Standing]
) -> None:
    moves = award_moves(done, payment, standing)
    for item in done:
        account, before = f"L:M:{item.member}", standing.get(item.member, Standing())
        gained = {
            unit: sum(m.amount * ((m.credit == account) - (m.debit == account)) for m in moves if m.unit == unit)
            for unit in (POINTS, MINUTES)
        }
        assert gained[POINTS] == item.points - min(item.points, before.debt_points)
        limit = payment.hold_at_most_minutes
        if limit is None or before.minutes + item.minutes <= limit:
            assert gained[MINUTES] == item.minutes
        else:
            assert before.minutes + gained[MINUTES] == max(before.minutes, limit)
    assert sum(m.amount for m in moves if m.debit == payment.source("points") and m.unit == POINTS) == sum(
        item.points for item in done
    )


@given(items(), payments(), standings)
def test_only_what_the_programme_gives_counts_towards_a_budget(
    done: list[Item], payment: Payment, standing: dict[str, Standing]
) -> None:
    given_away = [move for move in award_moves(done, payment, standing) if move.debit == "X:AWARDED:YARD"]
    assert programme_points(done, payment) == sum(move.amount for move in given_away)


def test_the_legs_of_two_members_stand_in_the_items_order_each_with_limit_and_debt() -> None:
    done = [Item(B, Measure(120), 6), Item(A, Measure(60), 3)]
    moves = award_moves(done, Payment("yard", hold_at_most_minutes=150), {B: Standing(100, 4)})
    assert moves == (
        Transfer("X:AWARDED:YARD", f"L:M:{B}", "PTS", 6),
        Transfer("X:SERVICE:YARD", f"L:M:{B}", "MIN", 120),
        Transfer(f"L:M:{B}", "L:POOL:YARD", "MIN", 70),
        Transfer(f"L:M:{B}", f"A:DEBT:{B}", "PTS", 4),
        Transfer("X:AWARDED:YARD", f"L:M:{A}", "PTS", 3),
        Transfer("X:SERVICE:YARD", f"L:M:{A}", "MIN", 60),
    )


@pytest.mark.parametrize(("held", "over"), [(0, 0), (30, 0), (31, 1), (90, 60), (500, 60)])
def test_minutes_over_the_limit_go_to_the_pool_but_never_those_held_before(held: int, over: int) -> None:
    moves = award_moves([Item(A, Measure(60), 0)], Payment("yard", hold_at_most_minutes=90), {A: Standing(held)})
    assert sum(move.amount for move in moves if move.credit == "L:POOL:YARD") == over


@given(
    st.builds(
        Measure,
        st.one_of(st.none(), st.integers(1, 1440)),
        st.one_of(st.none(), st.integers(1, 100)),
        st.sampled_from([None, "best"]),
        st.sampled_from([None, "09:30"]),
    )
)
def test_a_measure_is_read_back_as_it_was_written(measure: Measure) -> None:
    assert measure_of(measure_body(measure)) == measure


@pytest.mark.parametrize(
    ("measure", "times"),
    [(Measure(60), 0), (Measure(60, 2), 2), (Measure(None, 1), 1), (Measure(60, None, "fair"), 1)],
)
def test_a_grade_is_one_occasion_and_an_hour_is_none(measure: Measure, times: int) -> None:
    assert Item(A, measure, 3).occasions == times


def test_minutes_are_counted_from_the_beginning_of_the_calendar() -> None:
    assert minute_of(date(1, 1, 3), "13:45") == 3 * 24 * 60 + 13 * 60 + 45


def test_a_form_that_cannot_be_is_told_with_what_was_given_and_what_can_be() -> None:
    for check, field, pattern in (
        (lambda text: check_measure(Measure(60, start=text)), "start", "([01][0-9]|2[0-3]):[0-5][0-9]"),
        (check_evidence, "evidence", "[0-9a-f]{64}"),
        (lambda text: check_measure(Measure(60, grade=text)), "grade", "[a-z0-9][a-z0-9-]{0,31}"),
    ):
        with pytest.raises(BadCode) as caught:
            check("?" * 81)
        assert caught.value.facts() == {"field": field, "value": "?" * 80, "pattern": pattern}


# --- who pays


def test_a_grade_earns_its_points_and_the_entry_says_which() -> None:
    yard = square()
    posted = record(yard, "hygiene", grade="best", minutes=10)
    assert dict(posted.entry.body) == {"service": "hygiene", "grade": "best", "minutes": 10}
    assert (yard.points(), yard.minutes()) == (5, 10)
    error = refused(yard, UnknownGrade, "hygiene", grade="poor")
    assert error.facts() == {"name": "poor", "service": "hygiene", "known": "best, fair"}
    error = refused(yard, MeasureWrong, "hygiene", occasions=1)
    assert error.facts() == {"service": "hygiene", "measure": "grade"}


def test_a_recipient_pays_in_time_and_the_programme_gives_no_minutes() -> None:
    """Time passes from hand to hand: nothing is made, nothing is lost."""
    yard = square()
    record(yard, "company", member=yard.fang, minutes=90)
    before = yard.balance("X:SERVICE:YARD", MINUTES)
    posted = record(yard, "time", minutes=60, recipient=yard.fang)
    assert posted.entry.moves == (Transfer(yard.account(yard.fang), yard.account(), MINUTES, 60),)
    assert posted.entry.body["recipient"] == yard.fang
    assert (yard.minutes(), yard.minutes(yard.fang)) == (60, 30)
    assert yard.balance("X:SERVICE:YARD", MINUTES) == before


def test_a_recipient_pays_no_more_time_than_they_have() -> None:
    yard = square()
    record(yard, "company", member=yard.fang, minutes=60)
    error = refused(yard, NotEnoughMinutes, "time", minutes=61, recipient=yard.fang)
    assert (error.member, error.available_minutes, error.needed_minutes) == (yard.fang, 60, 61)
    record(yard, "time", minutes=60, recipient=yard.fang)


def test_a_recipient_pays_no_more_points_than_they_have() -> None:
    yard = square()
    yard.earn(3, member=yard.fang)
    error = refused(yard, NotEnoughPoints, "errand", occasions=1, recipient=yard.fang)
    assert (error.member, error.available_points, error.needed_points) == (yard.fang, 3, 4)
    yard.earn(1, member=yard.fang)
    record(yard, "errand", occasions=1, minutes=15, recipient=yard.fang)
    assert (yard.points(), yard.points(yard.fang), yard.minutes()) == (4, 0, 15)


def test_points_of_the_recipient_that_lapsed_pay_for_nothing() -> None:
    yard = square('expiry = "year-end"')
    yard.earn(6, member=yard.fang, day=date(2024, 1, 5))
    yard.at(date(2025, 1, 1))
    error = refused(yard, NotEnoughPoints, "errand", occasions=1, recipient=yard.fang, day=date(2025, 1, 1))
    assert error.available_points == 0
    yard.earn(4, member=yard.fang)
    record(yard, "errand", occasions=1, recipient=yard.fang, day=date(2025, 1, 1))
    assert (yard.points(), yard.points(yard.fang), yard.balance("I:EXPIRED:YARD")) == (4, 0, 6)


def test_a_pool_pays_as_far_as_it_goes() -> None:
    yard = square()
    yard.earn(5, member=yard.fang)
    yard.bank.gifts.give(yard.fang, pool="yard", points=5, by="clerk-1")
    error = refused(yard, NotEnoughInPool, "meal", minutes=180)
    assert (error.org, error.unit, error.available, error.needed) == ("yard", POINTS, 5, 6)
    posted = record(yard, "meal", minutes=150)
    assert posted.entry.moves == (
        Transfer("L:POOL:YARD", yard.account(), POINTS, 5),
        Transfer("X:SERVICE:YARD", yard.account(), MINUTES, 150),
    )


@pytest.mark.parametrize(
    ("service", "measure", "recipient"),
    [
        ("errand", {"occasions": 1}, None),
        ("errand", {"occasions": 1}, "li"),
        ("company", {"minutes": 60}, "fang"),
        ("meal", {"minutes": 60}, "fang"),
    ],
)
def test_a_recipient_is_named_exactly_where_one_pays_and_did_not_serve(
    service: str, measure: dict[str, int], recipient: str | None
) -> None:
    yard = square()
    who = None if recipient is None else getattr(yard, recipient)
    error = refused(yard, RecipientWrong, service, recipient=who, **measure)
    payers = {"errand": "recipient", "company": "programme", "meal": "pool"}
    assert (error.service, error.payer) == (service, payers[service])


def test_an_unknown_recipient_or_member_is_refused() -> None:
    yard = square()
    refused(yard, UnknownMember, "errand", occasions=1, recipient=A)
    refused(yard, UnknownMember, "help", occasions=1, member=A)
    refused(yard, UnknownMember, "help", occasions=1, member=A, org="yard")


def test_the_next_award_repays_a_debt_first() -> None:
    """An award of 6 was spent and then taken back: the member owes 6, and the next 4 go to the debt."""
    yard = square()
    wrong = yard.earn(6)
    yard.spend(6)
    yard.reverse(wrong.seq, debt=True)
    posted = yard.earn(4)
    assert posted.entry.moves[-1] == Transfer(yard.account(), f"A:DEBT:{yard.li}", POINTS, 4)
    assert (yard.points(), yard.balance(f"A:DEBT:{yard.li}")) == (0, 2)
    yard.earn(5)
    assert (yard.points(), yard.balance(f"A:DEBT:{yard.li}")) == (3, 0)


def test_what_is_held_over_the_limit_goes_to_the_pool() -> None:
    yard = square("hold_at_most_minutes = 100")
    record(yard, "company", minutes=100)
    assert yard.balance("L:POOL:YARD", MINUTES) == 0
    record(yard, "company", minutes=30)
    assert (yard.minutes(), yard.balance("L:POOL:YARD", MINUTES)) == (100, 30)


# --- rules on the way


@pytest.mark.parametrize(
    ("minutes", "error"), [(29, DurationWrong), (30, None), (240, None), (241, DurationWrong)]
)
def test_a_service_takes_as_long_as_the_rulebook_allows(minutes: int, error: type[Exception] | None) -> None:
    yard = square()
    if error is None:
        record(yard, "company", minutes=minutes)
    else:
        found = refused(yard, error, "company", minutes=minutes)
        assert (found.minutes, found.least_minutes, found.most_minutes) == (minutes, 30, 240)


def test_an_award_of_nothing_is_refused() -> None:
    yard = square(more="[[multiplier]]\npercent = 1\nfirst = 2024-02-05\nlast = 2024-02-05\n")
    error = refused(yard, NothingToAward, "help", occasions=1)
    assert (error.service, error.member) == ("help", yard.li)
    record(yard, "help", occasions=1, day=date(2024, 2, 6))
    assert yard.points() == 1


def test_a_start_is_wanted_where_the_rulebook_says_so_and_only_by_the_hour() -> None:
    yard = square('start = "required"')
    assert refused(yard, StartMissing, "company", minutes=60).service == "company"
    record(yard, "company", minutes=60, start="09:30")
    record(yard, "help", occasions=1)
    error = refused(yard, DurationMissing, "help", occasions=1, start="09:30")
    assert (error.service, error.start) == ("help", "09:30")


@pytest.mark.parametrize("start", ["24:00", "9:30", "09:60", "0930", "09:30:00", "", 930])
def test_a_start_is_a_time_of_day(start: Any) -> None:
    refused(square(), BadCode, "company", minutes=60, start=start)


@pytest.mark.parametrize("evidence", ["AB" * 32, "ab" * 31, "ab" * 33, "zz" * 32, 7])
def test_evidence_is_a_sha_256(evidence: Any) -> None:
    refused(square(), BadCode, "help", occasions=1, evidence=evidence)


def test_the_same_evidence_is_not_given_twice_whatever_became_of_its_award() -> None:
    yard = square()
    first = record(yard, "help", occasions=1, evidence=HASH)
    assert first.entry.body["evidence"] == HASH
    error = refused(yard, EvidenceSeen, "help", member=yard.fang, occasions=1, evidence=HASH)
    assert (error.evidence, error.claim) == (HASH, first.seq)
    yard.reverse(first.seq)
    refused(yard, EvidenceSeen, "help", occasions=1, evidence=HASH)


def test_with_public_notice_a_service_is_claimed_and_not_recorded() -> None:
    yard = square("notice_days = 3")
    error = refused(yard, ClaimNeeded, "help", occasions=1)
    assert (error.service, error.notice_days) == ("help", 3)


def test_the_rulebook_says_who_may_approve() -> None:
    yard = square('approvers = ["admin"]')
    error = refused(yard, RoleNotAllowed, "help", occasions=1)
    assert (error.operator, error.act, error.allowed) == ("super-1", "record-service", "admin")
    record(yard, "help", occasions=1, approved_by="admin")


def test_a_budget_is_passed_with_a_third_person_who_then_stands_in_the_entry() -> None:
    yard = square()
    yard.bank.organisations.appoint("admin-2", org="yard", role="admin", by="admin")
    yard.bank.budgets.set(
        "yard", first=FIRST, last=date(2024, 12, 31), points=10, by="admin", approved_by="admin-2"
    )
    under = record(yard, "help", occasions=10, also_approved_by="super-2")
    assert "also" not in under.entry.body
    refused(yard, BudgetPassed, "help", occasions=1)
    refused(yard, SelfApproval, "help", occasions=1, also_approved_by="super-1")
    refused(yard, RoleNotAllowed, "help", occasions=1, also_approved_by="clerk-1")
    passed = record(yard, "help", occasions=1, also_approved_by="super-2")
    assert passed.entry.body["also"] == "super-2"


def test_what_a_pool_pays_counts_towards_no_budget() -> None:
    yard = square()
    yard.bank.organisations.appoint("admin-2", org="yard", role="admin", by="admin")
    yard.earn(5, member=yard.fang)
    yard.bank.gifts.give(yard.fang, pool="yard", points=5, by="clerk-1")
    yard.bank.budgets.set(
        "yard", first=FIRST, last=date(2024, 12, 31), points=5, by="admin", approved_by="admin-2"
    )
    record(yard, "meal", minutes=60)


def test_the_same_key_awards_once_with_all_that_is_new_in_it() -> None:
    yard = square()
    named: dict[str, Any] = {"minutes": 60, "start": "09:30", "evidence": HASH, "key": "k"}
    first = record(yard, "company", **named)
    again = record(yard, "company", **named)
    assert (again.seq, again.repeated) == (first.seq, True)
    for other in ({"start": "09:31"}, {"evidence": "cd" * 32}, {"also_approved_by": "super-2"}):
        refused(yard, KeyConflict, "company", **(named | other))


def test_an_award_belongs_to_where_its_member_was_on_its_day() -> None:
    yard = square()
    yard.bank.organisations.add("hill", name="山", level="community", by="admin")
    yard.bank.members.move(yard.li, to="hill", from_day=date(2024, 2, 6), by="admin")
    orgs = {day: record(yard, "help", occasions=1, day=date(2024, 2, day)).entry.moves[0].debit for day in (5, 6)}
    assert orgs == {5: "X:AWARDED:YARD", 6: "X:AWARDED:HILL"}
    assert record(yard, "help", occasions=1, org="yard", day=date(2024, 2, 7)).entry.moves[0].debit[-4:] == "YARD"
