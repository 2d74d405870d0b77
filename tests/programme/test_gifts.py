"""Gifts: to whom the rulebook allows, of what, and not more than there is."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.programme.yard import Yard, rulebook
from timebank.errors import (
    AmountUnclear,
    BadAmount,
    BadCode,
    GiftNotAllowed,
    KeyConflict,
    NotEnoughMinutes,
    NotEnoughPoints,
    ReceiverUnclear,
    RoleNotAllowed,
    TimebankError,
    UnknownMember,
    UnknownOperator,
    UnknownOrganisation,
)
from timebank.ledger.codes import MINUTES, POINTS
from timebank.ledger.transfers import Transfer

NOBODY = "0000000000"


@pytest.fixture
def yard() -> Yard:
    yard = Yard()
    yard.earn(10)
    return yard


def give(yard: Yard, **named: Any) -> Any:
    named = {"by": "clerk-1"} | named
    if "pool" not in named:
        named = {"to": yard.fang, "relation": "child"} | named
    if "minutes" not in named:
        named = {"points": 10} | named
    return yard.bank.gifts.give(named.pop("giver", yard.li), **named)


def refuses(yard: Yard, error: type[TimebankError], **named: Any) -> Any:
    before = yard.trace()
    with pytest.raises(error) as caught:
        give(yard, **named)
    assert yard.trace() == before
    return caught.value


def company(yard: Yard, minutes: int) -> None:
    yard.bank.services.record(
        yard.li, "company", day=yard.today, minutes=minutes, by="clerk-1", approved_by="super-1"
    )


def test_a_gift_moves_points_from_member_to_member(yard: Yard) -> None:
    posted = give(yard, points=4)
    assert posted.entry.kind == "gift"
    assert posted.entry.body == {"from": yard.li, "to": yard.fang, "relation": "child", "unit": "PTS"}
    assert posted.entry.moves == (Transfer(yard.account(), yard.account(yard.fang), POINTS, 4),)
    assert (yard.points(), yard.points(yard.fang)) == (6, 4)


def test_a_gift_of_minutes_to_a_pool(yard: Yard) -> None:
    company(yard, 90)
    posted = give(yard, pool="yard", minutes=60)
    assert posted.entry.body == {"from": yard.li, "pool": "yard", "unit": "MIN"}
    assert posted.entry.moves == (Transfer(yard.account(), "L:POOL:YARD", MINUTES, 60),)
    assert (yard.minutes(), yard.bank.pools.balance("yard").minutes) == (30, 60)


def test_all_points_can_be_given_and_not_one_more(yard: Yard) -> None:
    error = refuses(yard, NotEnoughPoints, points=11)
    assert error.facts() == {"member": yard.li, "available_points": 10, "needed_points": 11}
    give(yard, points=10)
    assert yard.points() == 0


def test_all_minutes_can_be_given_and_not_one_more(yard: Yard) -> None:
    company(yard, 30)
    error = refuses(yard, NotEnoughMinutes, minutes=31)
    assert (error.member, error.available_minutes, error.needed_minutes) == (yard.li, 30, 31)
    give(yard, minutes=30)
    assert yard.minutes() == 0


def test_points_that_have_lapsed_are_not_given(yard: Yard) -> None:
    yard.at(date(2025, 1, 1))
    yard.earn(3)
    error = refuses(yard, NotEnoughPoints, points=4)
    assert error.available_points == 3
    give(yard, points=3)
    assert (yard.points(), yard.balance("I:EXPIRED:YARD")) == (0, 10)


@pytest.mark.parametrize(
    ("more", "named", "because"),
    [
        ("", {}, "no-gifts"),
        ('[gift]\nunits = ["minutes"]\nto = ["pool"]', {"pool": "yard"}, "unit"),
        ('[gift]\nunits = ["points"]\nto = ["pool"]', {"pool": "yard", "minutes": 1}, "unit"),
        ('[gift]\nunits = ["points"]\nto = ["pool"]', {}, "to-relative"),
        ('[gift]\nunits = ["points"]\nto = ["relative"]\nrelations = ["child"]', {"pool": "yard"}, "to-pool"),
        ('[gift]\nunits = ["points"]\nto = ["relative"]\nrelations = ["parent"]', {}, "relation"),
        ('[gift]\nunits = ["points"]\nto = ["relative"]\nrelations = ["parent"]', {"relation": None}, "relation"),
    ],
)
def test_only_what_the_rulebook_allows_is_given(more: str, named: dict[str, Any], because: str) -> None:
    yard = Yard(rulebook(more=more))
    yard.earn(10)
    assert refuses(yard, GiftNotAllowed, **named).because == because


@pytest.mark.parametrize(
    ("named", "error"),
    [
        ({"to": None}, ReceiverUnclear),
        ({"pool": "yard", "to": "0000000001"}, ReceiverUnclear),
        ({"pool": "yard", "relation": "child"}, ReceiverUnclear),
        ({"minutes": 1, "points": 1}, AmountUnclear),
        ({"points": None}, AmountUnclear),
        ({"points": 0}, BadAmount),
        ({"points": True}, BadAmount),
        ({"points": 1.0}, BadAmount),
        ({"points": 10**12 + 1}, BadAmount),
        ({"minutes": -1}, BadAmount),
        ({"relation": "My Child"}, BadCode),
        ({"pool": "No Where"}, BadCode),
        ({"to": "wang"}, BadCode),
        ({"by": "Clerk"}, BadCode),
        ({"key": "a b"}, BadCode),
    ],
)
def test_input_that_can_be_no_gift_is_refused(yard: Yard, named: dict[str, Any], error: Any) -> None:
    told = refuses(yard, error, **named).facts()
    if "field" in told:
        ((field, value),) = named.items()
        assert (told["field"], told["value"]) == ("member" if field == "to" else field, str(value))


def test_nobody_gives_to_themselves(yard: Yard) -> None:
    refuses(yard, ReceiverUnclear, to=yard.li)


@pytest.mark.parametrize(
    ("named", "error"),
    [
        ({"giver": NOBODY}, UnknownMember),
        ({"to": NOBODY}, UnknownMember),
        ({"pool": "nowhere"}, UnknownOrganisation),
        ({"by": "nobody"}, UnknownOperator),
    ],
)
def test_what_is_unknown_is_refused(yard: Yard, named: dict[str, Any], error: Any) -> None:
    refuses(yard, error, **named)


def test_an_auditor_gives_nothing_away(yard: Yard) -> None:
    yard.bank.organisations.appoint("audit-1", org="yard", role="auditor", by="admin")
    refuses(yard, RoleNotAllowed, by="audit-1", points=11)


def test_the_same_gift_twice_happens_once(yard: Yard) -> None:
    first = give(yard, points=4, key="g-1")
    again = give(yard, points=4, key="g-1")
    assert (again.seq, again.repeated) == (first.seq, True)
    assert yard.points() == 6
    refuses(yard, KeyConflict, points=5, key="g-1")
    refuses(yard, KeyConflict, points=4, pool="yard", key="g-1")


def test_a_gift_is_taken_back_while_the_receiver_has_it(yard: Yard) -> None:
    first, second = give(yard, points=4), give(yard, points=2)
    yard.reverse(first.seq)
    assert (yard.points(), yard.points(yard.fang)) == (8, 2)
    yard.spend(1, member=yard.fang)
    before = yard.trace()
    for debt in (False, True):
        with pytest.raises(NotEnoughPoints):
            yard.reverse(second.seq, debt=debt)
    assert yard.trace() == before
