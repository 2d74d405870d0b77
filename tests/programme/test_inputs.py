"""Input that no entry can hold is refused by its field's name, with what was given, before anything is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any

import pytest

from tests.programme.market import DAY, TODAY, Market
from timebank.errors import (
    BadAmount,
    BadCode,
    BadDay,
    DayInFuture,
    InvalidInput,
    NoGoods,
    UnknownEntry,
    UnknownRedemption,
    UnknownReservation,
)

NOON = datetime(2026, 2, 28, 12, 0)  # noqa: DTZ001  # a moment where a day is wanted
TOMORROW = TODAY + DAY
TOO_LONG = "?" * 90
WANG, LI = "0000000000", "1111111111"
ONE = {"by": "clerk-1"}
TWO = {"by": "clerk-1", "approved_by": "supervisor-1"}
SALE = {"shop": "yungu-shop", "card": "0001", "goods": {"soap": 1}}
GIFT = {"giver": WANG, "to": LI, "relation": "child", "points": 1}
GRANT = {"org": "yungu", "member": WANG, "points": 1, "reason": "illness"}
DEDUCTION = {"member": WANG, "deduction": "rubbish", "day": TODAY, "org": "yungu"}
BUDGET = {"org": "yungu", "first": TODAY, "last": TODAY, "points": 1}
AWARD = {"member": WANG, "service": "patrol", "day": TODAY, "minutes": 60, "org": "yungu", "evidence": "ab" * 32}
LIMIT = {"good": "soap", "shop": "yungu-shop", "most": 1, "least_earned": 1, "from_day": TODAY}

COMMANDS: Mapping[str, dict[str, Any]] = {
    "reverse": {"seq": 1, "reason": "x", "day": TODAY, **TWO},
    "shops.redeem": {**SALE, "day": TODAY, **ONE},
    "shops.return_goods": {"seq": 1, "goods": {"soap": 1}, "day": TODAY, **TWO},
    "shops.limit": {**LIMIT, **ONE},
    "shops.limits": {"day": TODAY},
    "shops.move_to": {"shop": "yungu-shop", "to": "yungu", "from_day": TODAY, **ONE},
    "members.move": {"member": WANG, "to": "yungu", "from_day": TODAY, **ONE},
    "organisations.move": {"org": "yungu", "to": "yungu", "from_day": TODAY, **ONE},
    "reservations.reserve": {**SALE, "until": TODAY, **ONE},
    "reservations.collect": {"seq": 1, **ONE},
    "reservations.release": {"seq": 1, **ONE},
    "settlements.settle": {"shop": "yungu-shop", "last": TODAY, **TWO},
    "gifts.give": {**GIFT, **ONE},
    "pools.grant": {**GRANT, **TWO},
    "pools.balance": {"org": "yungu"},
    "services.record": {**AWARD, **TWO, "also_approved_by": "supervisor-2"},
    "deductions.record": {**DEDUCTION, **TWO},
    "deductions.lodge": {"deduction": 1, "reason": "x", "day": TODAY, **ONE},
    "deductions.deny": {"deduction": 1, **TWO},
    "deductions.grant": {"deduction": 1, **TWO},
    "budgets.set": {**BUDGET, **TWO},
    "points.expire": {**ONE},
    "periods.close": {"month": "2026-01", **ONE},
    "periods.reopen": {"month": "2026-01", **TWO},
    "periods.totals": {"month": "2026-01"},
}
"""Commands with input that is in order as far as its form goes; whether it is known is looked up later."""

IN_FORCE = ("shops.limit", "shops.limits")
"""Here the day is one from which on, or on which, something holds: it may be still to come."""

PLACES = {
    "reverse": UnknownEntry,
    "deductions": UnknownEntry,
    "shops": UnknownRedemption,
    "reservations": UnknownReservation,
}
"""What a place in the journal is called that is no number, by the desk."""


@pytest.fixture(scope="module")
def market() -> Market:
    return Market()


Bad = tuple[Any, type[InvalidInput], dict[str, Any]]


def bad_codes(field: str) -> list[Bad]:
    return [(TOO_LONG, BadCode, {"field": field, "value": TOO_LONG[:80]})]


def bad_days(field: str) -> list[Bad]:
    later: list[Bad] = [(TOMORROW, DayInFuture, {"day": "2026-03-02", "today": "2026-03-01"})]
    bad: list[Bad] = [(NOON, BadDay, {"field": field, "value": str(NOON)})]
    return bad + (later if field in ("day", "from_day") else [])


def bad_places(name: str) -> list[Bad]:
    error = PLACES[name.partition(".")[0]]
    return [(TOO_LONG, error, {"name": TOO_LONG[:40]}), (True, error, {"name": "True"})]


def bad_goods() -> list[Bad]:
    nothing: list[Bad] = [({}, NoGoods, {}), ({"soap": 0}, BadAmount, {"field": "soap", "value": "0", "least": 1})]
    return nothing + [({value: 1}, error, facts) for value, error, facts in bad_codes("good")]


def bad_inputs(name: str, field: str, given: object) -> list[Bad]:
    """Values that *field* cannot have, the error of each, and what that must tell."""
    if field in ("seq", "deduction") and type(given) is int:
        return bad_places(name)
    if field == "goods":
        return bad_goods()
    if type(given) is int:
        return [(0, BadAmount, {"field": field, "value": "0", "least": 1})]
    if type(given) is str:
        return bad_codes("member" if given in (WANG, LI) else field)
    return [each for each in bad_days(field) if name not in IN_FORCE or each[1] is BadDay]


@pytest.mark.parametrize("name", COMMANDS)
def test_what_cannot_be_is_refused_by_its_name(market: Market, name: str) -> None:
    command: Callable[..., Any] = attrgetter(name)(market.bank)
    for field, given in COMMANDS[name].items():
        for value, error, facts in bad_inputs(name, field, given):
            with market.refused(error, **facts):
                command(**{**COMMANDS[name], field: value})
