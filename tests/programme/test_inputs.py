"""Input that no entry can hold is refused by its field's name, with what was given, before anything is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any

import pytest

from tests.programme.commands import COMMANDS, LI, MEASURE, ORG, READINGS, STORE, WANG, arguments_of
from tests.programme.market import DAY, TODAY, Market
from timebank.errors import (
    BadAmount,
    BadCode,
    BadDay,
    BadNote,
    BadText,
    DayInFuture,
    InvalidInput,
    NoGoods,
    RulebookInvalid,
    UnknownClaim,
    UnknownEntry,
    UnknownOrder,
    UnknownRedemption,
    UnknownReservation,
    UnknownSettlement,
)

NOON = datetime(2026, 2, 28, 12, 0)  # noqa: DTZ001  # a moment where a day is wanted
TOO_LONG = "?" * 90
MOST = 10**12
"""The most that an amount can be where nothing else is said."""

Bad = tuple[Any, type[InvalidInput], dict[str, Any]]
"""A value that an argument cannot have, its error, and what that must tell."""


def codes(field: str, *allowed: str) -> list[Bad]:
    """No code; none of those that are *allowed*, where only some are."""
    pattern = {"pattern": "|".join(allowed)} if allowed else {}
    return [(TOO_LONG, BadCode, {"field": field, "value": TOO_LONG[:80], **pattern})]


def texts(field: str, most: int) -> list[Bad]:
    return [
        ("一" * (most + 1), BadText, {"field": field, "value": "一" * min(most + 1, 80), "most": most}),
        (TOO_LONG, BadText, {"field": field, "value": TOO_LONG[:80], "most": most}),
    ]


def amounts(field: str, most: int, *, least: int = 1, low: int = 0) -> list[Bad]:
    return [
        (value, BadAmount, {"field": field, "value": str(value), "least": least, "most": most})
        for value in (low, most + 1)
    ] + [(TOO_LONG, BadAmount, {"field": field, "value": TOO_LONG[:40]})]


def days(field: str) -> list[Bad]:
    return [(NOON, BadDay, {"field": field, "value": str(NOON)})]


def places(error: type[InvalidInput]) -> list[Bad]:
    """No place in the journal."""
    return [(value, error, {"name": str(value)[:40]}) for value in (TOO_LONG, True, -1, 2**63)]


def far_places(error: type[InvalidInput]) -> list[Bad]:
    """The same, where a number is told with 40 digits."""
    return [*places(error), (10**45, error, {"name": str(10**45)[:40]})]


def baskets(shop: str, least: int = 1, most: int = 1_000_000) -> list[Bad]:
    kinds = {f"good-{number}": 1 for number in range(51)}
    return [
        ({}, NoGoods, {"shop": shop}),
        (kinds, BadAmount, {"field": "kinds of goods", "value": "51", "least": 1, "most": 50}),
        *(
            ({"soap": value}, error, facts)
            for value, error, facts in amounts("soap", most, least=least, low=least - 1)
        ),
        *(({value: 1}, error, facts) for value, error, facts in goods()),
    ]


def goods() -> list[Bad]:
    """No code; what no unit can be called: a digit first, a dash last, one letter too many; what others are."""
    form, taken = "[a-z]([a-z0-9-]{0,21}[a-z0-9])?", "neither pts nor min"
    named = {"5kg": form, "rice-": form, "x" * 24: form, "pts": taken, "min": taken}
    told = [(name, {"field": "good", "value": name, "pattern": pattern}) for name, pattern in named.items()]
    return [*codes("good"), *((name, BadCode, facts) for name, facts in told)]


def lists(most: int) -> list[Bad]:
    many = [f"{number:010}" for number in range(most + 1)]
    return [
        ([TOO_LONG], BadCode, {"field": "member", "value": TOO_LONG[:80]}),
        ([LI, LI], BadCode, {"field": "members", "value": LI, "pattern": "each member once"}),
        (many, BadAmount, {"field": "members", "value": str(most + 1), "least": 1, "most": most}),
    ]


def days_by_good() -> list[Bad]:
    other = {"field": "best_before", "value": TOO_LONG[:80], "pattern": "a good that comes in"}
    return [({TOO_LONG: TODAY}, BadCode, other), ({"soap": NOON}, BadDay, {"field": "best_before"})]


SLUGS = (
    *("org", "shop", "venue", "parent", "operator", "pool", "service", "party", "relation", "reason", "grade"),
    *("by", "approved_by", "also_approved_by", "key", "donor", "bought_by", "deduction", "evidence", "start"),
)
BAD: Mapping[str, list[Bad]] = {
    **{name: codes(name) for name in SLUGS},
    **{name: codes("member") for name in ("member", "giver", "household", "team", "volunteer", "recipient")},
    **{name: codes("card") for name in ("card", "new")},
    **{name: days(name) for name in ("day", "from_day", "first", "last", "until", "due")},
    **{name: texts(name, 80) for name in ("name", "name_en", "hours")},
    **{name: texts(name, 40) for name in ("room", "purpose")},
    **{name: amounts(name, 1_000_000) for name in ("people", "uses", "most", "least_earned")},
    "points": amounts("points", MOST),
    "minutes": amounts("minutes", 1_440),
    "occasions": amounts("occasions", 100),
    "stars": amounts("stars", 5),
    "limit": amounts("limit", 500),
    "days": amounts("days", 3_660),
    "size": amounts("size", MOST),
    "score": amounts("score", 100, least=0, low=-1),
    "good": goods(),
    "goods": baskets(STORE),
    "best_before": days_by_good(),
    "month": codes("month", r"\d{4}-(0[1-9]|1[0-2])"),
    "quarter": codes("quarter", "YYYY-Qn"),
    "level": codes("level", "district", "street", "community", "grid", "building"),
    "role": codes("role", "clerk", "supervisor", "registrar", "auditor", "admin"),
    "subject": codes("subject", "project", "team", "property"),
    "per": codes("per", "member", "household"),
    "period": codes("period", "day", "month", "year"),
    "unit": codes("unit", "PTS", "MIN"),
    "done": codes("done", "true", "false"),
    "claim": far_places(UnknownClaim),
    "order": places(UnknownOrder),
    "at_entry": far_places(UnknownEntry),
    "before": places(UnknownEntry)[:-1],  # all are before a place that is not there yet
    "text": [("[[", RulebookInvalid, {"line": 1})],
}
"""What an argument cannot be, by its name; where nothing else is said below."""

BAD_HERE: Mapping[str, list[Bad]] = {
    "claims.submit members": [*lists(200), ([], BadAmount, {"field": "members", "value": "0"})],
    "claims.submit order": places(UnknownOrder)[:2],  # other numbers are looked up
    "claims.all state": codes("state", "submitted", "approved", "objected", "rejected", "withdrawn", "awarded"),
    "corrections.reverse seq": places(UnknownEntry),
    "corrections.reverse debt": [],  # asked whether it is true
    "deductions.appeals state": codes("state", "lodged", "denied", "granted"),
    **{f"deductions.{name} deduction": places(UnknownEntry) for name in ("lodge", "deny", "grant")},
    "gifts.give to": codes("member"),
    "gifts.give minutes": amounts("minutes", MOST),
    "keys.replace vkey": [(TOO_LONG, BadCode, {"field": "vkey", "value": TOO_LONG})],
    "keys.open_epoch note": [("?", BadNote, {})],
    "members.enrol kind": codes("kind", "person", "household", "team"),
    "members.move to": codes("to"),
    "members.set_household members": lists(50),
    "openings.record points": amounts("points", MOST, low=-1),  # 0: none
    "openings.record minutes": amounts("minutes", MOST, low=-1),
    **{
        f"orders.claim {name}": [] for name in ("org", "evidence", "key", *MEASURE)
    },  # what is claimed is looked up
    "orders.open kind": codes("order"),
    "orders.dispatch to": codes("unit"),
    "orders.total kind": codes("kind"),
    "orders.all state": codes("state", "open", "dispatched", "accepted", "finished", "rated", "cancelled"),
    "organisations.move to": codes("to"),
    "pools.grant minutes": amounts("minutes", MOST),
    "ratings.record name": codes("id"),
    "ratings.result name": codes("id"),
    "reservations.all state": codes("state", "held", "collected", "released"),
    **{f"reservations.{name} seq": far_places(UnknownReservation) for name in ("collect", "release", "get")},
    "settlements.sheet seq": far_places(UnknownSettlement),
    "shops.count goods": baskets(STORE, least=0),
    "shops.move to": codes("shop"),
    "shops.move_to to": codes("to"),
    "shops.open kind": codes("kind", "supermarket", "merchant"),
    "shops.return_goods goods": baskets("1"),
    **{f"shops.{name} seq": far_places(UnknownRedemption) for name in ("return_goods", "returned")},
    "shops.set_price points": amounts("points", 1_000_000),
    "shops.statement unit": codes("good"),
    **{f"venues.counts {name}": codes("month") for name in ("first", "last")},
}
"""What an argument of one command cannot be, where that is not what its name says elsewhere."""

IN_FORCE = ("shops.limit", "shops.set_price", "rulebooks.adopt")
"""Here the day is one from which on something holds: it may be still to come."""

LATER: list[Bad] = [(TODAY + DAY, DayInFuture, {"day": "2026-03-02", "today": "2026-03-01"})]


@pytest.fixture(scope="module")
def market() -> Market:
    return Market()


def bad_inputs(name: str, field: str, *, posts: bool) -> list[Bad]:
    bad = BAD_HERE[place] if (place := f"{name} {field}") in BAD_HERE else BAD[field]
    return bad + LATER if posts and field in ("day", "from_day") and name not in IN_FORCE else bad


@pytest.mark.parametrize(("name", "given"), [*COMMANDS, *READINGS])
def test_what_cannot_be_is_refused_by_its_name(market: Market, name: str, given: dict[str, Any]) -> None:
    ask: Callable[..., Any] = attrgetter(name)(market.bank)
    if "by" not in given:  # a reading may look up first whose it is
        known = {WANG: market.wang.id, STORE: market.shop.id, ORG: "yungu"}
        given = {field: known.get(value, value) for field, value in given.items()}
    before = market.trace()
    for field in given:
        for value, error, facts in bad_inputs(name, field, posts="by" in given):
            with pytest.raises(error) as caught:
                ask(**{**given, field: value})
            told = caught.value.facts()
            assert (type(caught.value), {each: told[each] for each in facts}) == (error, facts), (field, value)
    assert market.trace() == before


def test_everything_that_is_asked_of_a_bank_is_tried_here(market: Market) -> None:
    tried: dict[str, set[str]] = defaultdict(set)
    for name, given in (*COMMANDS, *READINGS):
        tried[name] |= given.keys()
    assert tried == arguments_of(market.bank)
