"""Budgets: the last point that fits, the first that needs a third person, and what gives room again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import timebank
from tests.programme.yard import Yard, rulebook
from timebank.errors import (
    ApprovalMissing,
    BadAmount,
    BadCode,
    BadDay,
    BudgetOverlaps,
    BudgetPassed,
    KeyConflict,
    RoleNotAllowed,
    SelfApproval,
    TimebankError,
    UnknownOperator,
    UnknownOrganisation,
)

FIRST = date(2024, 2, 1)
LAST = date(2024, 2, 29)
DAY = timedelta(days=1)


@pytest.fixture
def yard() -> Yard:
    yard = Yard()
    setting(yard)
    return yard


def setting(yard: Yard, **named: Any) -> Any:
    named = {"first": FIRST, "last": LAST, "points": 10, "by": "admin", "approved_by": "super-1"} | named
    return yard.bank.budgets.set(named.pop("org", "yard"), **named)


def refuses(yard: Yard, error: type[TimebankError], **named: Any) -> Any:
    before = yard.trace()
    with pytest.raises(error) as caught:
        setting(yard, **named)
    assert yard.trace() == before
    return caught.value


def used(yard: Yard) -> list[tuple[int, int]]:
    return [(use.used_points, use.left_points) for use in yard.bank.budgets.all()]


def test_a_budget_is_an_entry_of_two_people(yard: Yard) -> None:
    entry = setting(yard, first=date(2024, 3, 1), last=date(2024, 3, 31)).entry
    assert (entry.kind, entry.day, entry.by, entry.ok) == ("budget", yard.today, "admin", "super-1")
    assert entry.body == {"org": "yard", "first": "2024-03-01", "last": "2024-03-31", "points": 10}
    assert entry.moves == ()


def test_the_last_point_fits_and_the_next_does_not(yard: Yard) -> None:
    yard.earn(9, day=LAST)
    before = yard.trace()
    with pytest.raises(BudgetPassed) as caught:
        yard.earn(2, day=FIRST)
    error = caught.value
    assert (error.org, error.first, error.last) == ("yard", "2024-02-01", "2024-02-29")
    assert (error.budget_points, error.used_points, error.wanted_points) == (10, 9, 2)
    assert yard.trace() == before
    entry = yard.earn(1, day=FIRST).entry
    assert "also" not in entry.body
    assert used(yard) == [(10, 0)]


def test_a_third_person_lets_it_pass_and_the_entry_says_who(yard: Yard) -> None:
    yard.earn(10, day=LAST)
    entry = yard.earn(1, day=LAST, also_approved_by="super-2").entry
    assert entry.body["also"] == "super-2"
    assert used(yard) == [(11, -1)]


def test_where_the_budget_suffices_nobody_else_is_named(yard: Yard) -> None:
    assert "also" not in yard.earn(10, day=LAST, also_approved_by="super-2").entry.body


@pytest.mark.parametrize(
    ("also", "error", "facts"),
    [
        ("clerk-1", RoleNotAllowed, {"operator": "clerk-1", "act": "pass-budget"}),
        ("super-1", SelfApproval, {"operator": "super-1"}),
        ("nobody", UnknownOperator, {"name": "nobody"}),
        ("No Body", BadCode, {"field": "also_approved_by"}),
    ],
)
@pytest.mark.parametrize("points", [1, 11])
def test_the_third_person_is_neither_of_the_two_and_may_approve(
    yard: Yard, also: str, error: Any, facts: dict[str, str], points: int
) -> None:
    before = yard.trace()
    with pytest.raises(error) as caught:
        yard.earn(points, day=LAST, also_approved_by=also)
    assert yard.trace() == before
    assert caught.value.facts().items() >= facts.items()


def test_who_acts_is_no_third_person(yard: Yard) -> None:
    with pytest.raises(SelfApproval):
        yard.earn(11, day=LAST, by="super-2", also_approved_by="super-2")


@pytest.mark.parametrize("day", [FIRST - DAY, LAST + DAY])
def test_other_days_have_no_budget(yard: Yard, day: date) -> None:
    yard.earn(11, day=day)
    assert used(yard) == [(0, 10)]


def test_other_organisations_have_their_own(yard: Yard) -> None:
    yard.bank.organisations.add("west", name="西院", level="community", by="admin")
    yard.earn(11, day=LAST, org="west")
    assert used(yard) == [(0, 10)]
    with pytest.raises(BudgetPassed):
        yard.earn(11, day=LAST)


def test_minutes_alone_use_no_budget(yard: Yard) -> None:
    yard.earn(10, day=LAST)
    yard.bank.services.record(yard.li, "company", day=LAST, minutes=30, by="clerk-1", approved_by="super-1")
    assert used(yard) == [(10, 0)]


def test_minutes_alone_need_no_third_person_where_a_budget_was_passed(yard: Yard) -> None:
    yard.earn(11, day=LAST, also_approved_by="super-2")
    yard.bank.services.record(yard.li, "company", day=LAST, minutes=30, by="clerk-1", approved_by="super-1")
    assert used(yard) == [(11, -1)]


def test_what_a_pool_pays_uses_no_budget() -> None:
    yard = Yard(rulebook().replace('per = "occasion"', 'per = "occasion"\npayer = "pool"'))
    setting(yard)
    yard.bank.services.record(yard.li, "company", day=LAST, minutes=600, by="clerk-1", approved_by="super-1")
    yard.bank.gifts.give(yard.li, pool="yard", points=10, by="clerk-1")
    yard.earn(10, day=LAST, member=yard.fang)
    assert used(yard) == [(10, 0)]


def test_an_award_that_is_taken_back_on_a_day_of_the_budget_gives_room_again(yard: Yard) -> None:
    award = yard.earn(10, day=LAST)
    yard.reverse(award.seq, day=LAST)
    yard.earn(10, day=LAST)
    assert used(yard) == [(10, 0)]


def test_a_budget_from_the_same_first_day_takes_the_place_of_the_one_before(yard: Yard) -> None:
    yard.earn(10, day=LAST)
    setting(yard, points=12, last=LAST + DAY)
    yard.earn(2, day=LAST + DAY)
    assert used(yard) == [(12, 0)]
    assert len(yard.bank.budgets.all("yard")) == 1


@pytest.mark.parametrize(
    ("first", "last", "error"),
    [
        (FIRST - 9 * DAY, FIRST - DAY, None),
        (FIRST - 9 * DAY, FIRST, BudgetOverlaps),
        (FIRST + DAY, LAST - DAY, BudgetOverlaps),
        (FIRST - DAY, LAST + DAY, BudgetOverlaps),
        (LAST, LAST + 9 * DAY, BudgetOverlaps),
        (LAST + DAY, LAST + 9 * DAY, None),
        (LAST + DAY, LAST + DAY, None),
    ],
)
def test_budgets_of_one_organisation_share_no_day(yard: Yard, first: date, last: date, error: Any) -> None:
    if error is None:
        setting(yard, first=first, last=last)
        return
    assert refuses(yard, error, first=first, last=last).facts() == {
        "org": "yard",
        "first": first.isoformat(),
        "last": last.isoformat(),
        "other_first": "2024-02-01",
        "other_last": "2024-02-29",
    }


def test_budgets_of_two_organisations_have_days_in_common_and_are_listed_by_themselves(yard: Yard) -> None:
    yard.bank.organisations.add("west", name="西院", level="community", by="admin")
    setting(yard, org="west", first=FIRST + DAY, last=LAST + DAY, points=7)
    assert [use.budget.points for use in yard.bank.budgets.all()] == [7, 10]
    assert [use.budget.points for use in yard.bank.budgets.all("west")] == [7]


def test_a_budget_that_grows_may_not_reach_into_the_next(yard: Yard) -> None:
    setting(yard, first=LAST + DAY, last=LAST + 9 * DAY)
    assert refuses(yard, BudgetOverlaps, last=LAST + DAY).other_first == "2024-03-01"


@pytest.mark.parametrize(
    ("named", "error"),
    [
        ({"last": FIRST - DAY}, BadDay),
        ({"first": "2024-02-01"}, BadDay),
        ({"points": 0}, BadAmount),
        ({"points": 10**12 + 1}, BadAmount),
        ({"points": True}, BadAmount),
        ({"org": "The Yard"}, BadCode),
        ({"org": "nowhere"}, UnknownOrganisation),
        ({"by": "super-2"}, RoleNotAllowed),
        ({"approved_by": "clerk-1"}, RoleNotAllowed),
        ({"approved_by": None}, ApprovalMissing),
        ({"approved_by": "admin"}, SelfApproval),
    ],
)
def test_what_is_no_budget_is_refused(yard: Yard, named: dict[str, Any], error: Any) -> None:
    refuses(yard, error, **named)


def test_a_last_day_before_the_first_is_told_as_the_last(yard: Yard) -> None:
    assert refuses(yard, BadDay, last=FIRST - DAY).facts() == {"field": "last", "value": "2024-01-31"}
    setting(yard, last=FIRST)


def test_the_same_budget_twice_is_set_once(yard: Yard) -> None:
    first = setting(yard, points=20, key="b")
    assert setting(yard, points=20, key="b").seq == first.seq
    refuses(yard, KeyConflict, points=21, key="b")


def test_budgets_of_an_unknown_organisation_are_not_listed(yard: Yard) -> None:
    with pytest.raises(UnknownOrganisation):
        yard.bank.budgets.all("nowhere")


def test_a_budget_can_begin_with_the_calendar(yard: Yard) -> None:
    setting(yard, first=date.min, last=FIRST - DAY)
    yard.earn(10, day=FIRST - DAY)
    assert used(yard) == [(10, 0), (0, 10)]


@pytest.mark.parametrize(
    "attack",
    [
        "DELETE FROM budget",
        "UPDATE budget SET org = 'east'",
        "UPDATE budget SET first = '2024-01-01'",
        "UPDATE budget SET last = '2024-01-31'",
        "UPDATE budget SET last = 'never'",
        "UPDATE budget SET points = 0",
        "UPDATE budget SET points = 1.5",
        "UPDATE budget SET seq = 999",
        "INSERT INTO budget (org, first, last, points, seq) VALUES ('nowhere', '2024-05-01', '2024-05-02', 1, 1)",
    ],
)
def test_a_budget_in_the_file_keeps_its_place(tmp_path: Path, attack: str) -> None:
    path = tmp_path / "yard.timebank"
    with timebank.create(path, origin="yard.example/timebank") as bank:
        bank.organisations.add("yard", name="院子", level="community", by="admin")
        bank.organisations.add("east", name="东院", level="grid", parent="yard", by="admin")
        bank.organisations.appoint("super-1", org="yard", role="supervisor", by="admin")
        bank.budgets.set("yard", first=FIRST, last=LAST, points=10, by="admin", approved_by="super-1")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(attack)


@given(st.lists(st.tuples(st.integers(-2, 31), st.integers(1, 6), st.booleans()), max_size=12))
def test_no_budget_is_passed_but_by_a_third_person(awards: list[tuple[int, int, bool]]) -> None:
    yard, sum_within = Yard(), 0
    setting(yard)
    for offset, points, third in awards:
        day = FIRST + timedelta(days=offset)
        if day > yard.today:
            continue
        within = FIRST <= day <= LAST
        fits = not within or sum_within + points <= 10
        try:
            entry = yard.earn(points, day=day, also_approved_by="super-2" if third else None).entry
        except BudgetPassed:
            assert not fits
            assert not third
        else:
            assert fits or third
            assert ("also" in entry.body) is not fits
            sum_within += points if within else 0
    assert used(yard) == [(sum_within, 10 - sum_within)]
