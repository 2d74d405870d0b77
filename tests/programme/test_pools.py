"""Pools: what is granted from them, by two people, and never more than they hold."""

from __future__ import annotations

from typing import Any

import pytest

from tests.programme.yard import Yard
from timebank.errors import (
    AmountUnclear,
    ApprovalMissing,
    BadAmount,
    BadCode,
    KeyConflict,
    NotEnoughInPool,
    RoleNotAllowed,
    SelfApproval,
    TimebankError,
    UnknownMember,
    UnknownOrganisation,
)
from timebank.ledger.codes import POINTS
from timebank.ledger.transfers import Transfer


@pytest.fixture
def yard() -> Yard:
    yard = Yard()
    yard.earn(10)
    yard.bank.gifts.give(yard.li, pool="yard", points=10, by="clerk-1")
    return yard


def grant(yard: Yard, **named: Any) -> Any:
    named = {"points": 10, "reason": "illness", "by": "clerk-1", "approved_by": "super-1"} | named
    return yard.bank.pools.grant(named.pop("org", "yard"), named.pop("member", yard.fang), **named)


def refuses(yard: Yard, error: type[TimebankError], **named: Any) -> Any:
    before = yard.trace()
    with pytest.raises(error) as caught:
        grant(yard, **named)
    assert yard.trace() == before
    return caught.value


def test_a_grant_moves_points_from_the_pool_to_a_member(yard: Yard) -> None:
    entry = grant(yard, points=4).entry
    assert (entry.kind, entry.by, entry.ok) == ("grant", "clerk-1", "super-1")
    assert entry.body == {"pool": "yard", "member": yard.fang, "reason": "illness"}
    assert entry.moves == (Transfer("L:POOL:YARD", yard.account(yard.fang), POINTS, 4),)
    assert (yard.points(yard.fang), yard.bank.pools.balance("yard").points) == (4, 6)


def test_a_pool_is_emptied_and_not_overdrawn(yard: Yard) -> None:
    error = refuses(yard, NotEnoughInPool, points=11)
    assert (error.org, error.unit, error.available, error.needed) == ("yard", "PTS", 10, 11)
    grant(yard, points=10)
    assert yard.bank.pools.balance("yard").points == 0
    assert refuses(yard, NotEnoughInPool, points=None, minutes=1).unit == "MIN"


@pytest.mark.parametrize(
    ("named", "error"),
    [
        ({"minutes": 1}, AmountUnclear),
        ({"points": None}, AmountUnclear),
        ({"points": 0}, BadAmount),
        ({"reason": "He is ill"}, BadCode),
        ({"org": "Yard"}, BadCode),
        ({"member": "fang"}, BadCode),
        ({"org": "nowhere"}, UnknownOrganisation),
        ({"member": "0000000000"}, UnknownMember),
        ({"approved_by": None}, ApprovalMissing),
        ({"approved_by": "clerk-1", "by": "super-1"}, RoleNotAllowed),
        ({"by": "super-1"}, SelfApproval),
    ],
)
def test_what_is_no_grant_is_refused(yard: Yard, named: dict[str, Any], error: Any) -> None:
    refuses(yard, error, **named)


def test_the_same_grant_twice_happens_once(yard: Yard) -> None:
    first = grant(yard, points=4, key="k")
    assert (grant(yard, points=4, key="k").seq, yard.points(yard.fang)) == (first.seq, 4)
    refuses(yard, KeyConflict, points=4, reason="flood", key="k")


def test_a_gift_to_a_pool_is_taken_back_while_the_pool_has_it(yard: Yard) -> None:
    gift = yard.bank.journal.entry(yard.trace()[0] - 1)
    granted = grant(yard, points=1)
    before = yard.trace()
    with pytest.raises(NotEnoughInPool):
        yard.reverse(gift.seq)
    assert yard.trace() == before
    yard.reverse(granted.seq)
    yard.reverse(gift.seq)
    assert (yard.points(), yard.bank.pools.balance("yard").points) == (10, 0)


def test_a_pool_that_is_not_known_has_no_balance(yard: Yard) -> None:
    with pytest.raises(UnknownOrganisation):
        yard.bank.pools.balance("nowhere")
