"""What of an order goes into its claim, what rates say by their names, and what a refusal tells of an order."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from attrs import evolve

from tests.conftest import refused
from tests.programme.asked import AskedMarket
from tests.programme.market import DAY, TODAY
from tests.programme.test_orders import Hall
from timebank.errors import DispatchUnclear, StepTooEarly, TimebankError, UnknownMember, UnknownOrder


@pytest.fixture
def hall() -> Hall:
    return Hall()


@pytest.mark.parametrize(
    ("service", "measure"),
    [
        ("check", {"grade": "good"}),
        ("mediation", {"occasions": 2}),
        ("patrol", {"minutes": 30}),
        ("patrol", {"minutes": 30, "start": "08:00"}),
    ],
)
def test_the_claim_of_an_order_is_the_claim_of_its_volunteer_for_that_day(
    service: str, measure: dict[str, Any]
) -> None:
    market, said = AskedMarket(), measure | {"by": "clerk-1"}
    order = market.bank.orders.open("repair", member=market.wang, by="clerk-1", day=TODAY - DAY).seq
    market.bank.orders.accept(order, market.li, by="clerk-1", day=TODAY - DAY)
    market.bank.orders.finish(order, by="clerk-1", day=TODAY - DAY)
    market.bank.orders.rate(order, stars=5, done=True, by="clerk-1")
    claimed = market.bank.orders.claim(order, service, **said).entry
    other = market.bank.claims.submit(service, [market.li], day=TODAY - DAY, **said).entry
    assert claimed.body == {**other.body, "order": order}
    assert (claimed.kind, claimed.day, claimed.by) == (other.kind, other.day, other.by)


def test_the_claim_of_an_order_needs_no_organisation_no_proof_and_no_payer_of_its_own(hall: Hall) -> None:
    hall.bank.organisations.add("east", name="东区", level="grid", parent="yungu", by="admin-1")
    order = hall.brought("accept", "finish", "rate")
    claimed = hall.take("claim", order, org="east", evidence="ab" * 32)
    assert (claimed.entry.body["org"], claimed.entry.body["evidence"]) == ("east", "ab" * 32)
    assert "recipient" not in claimed.entry.body


@pytest.mark.parametrize(
    ("error", "facts", "do", "named"),
    [
        *(
            (UnknownOrder, {"name": "100000"}, do, {"order": 100_000})
            for do in ("dispatch", "accept", "decline", "finish", "rate", "cancel", "claim", "get")
        ),
        (UnknownMember, {"name": "0000000000"}, "dispatch", {"volunteer": "0000000000"}),
        (UnknownMember, {"name": "0000000000"}, "accept", {"volunteer": "0000000000"}),
        (DispatchUnclear, {}, "dispatch", {"to": "police", "volunteer": "0000000000"}),
        (DispatchUnclear, {}, "dispatch", {"to": None}),
        (StepTooEarly, {"day": "2026-02-09", "last_day": "2026-02-10"}, "accept", {"day": date(2026, 2, 9)}),
    ],
)
def test_a_step_that_is_refused_tells_of_which_order_and_of_whom(
    hall: Hall, error: type[TimebankError], facts: dict[str, Any], do: str, named: dict[str, Any]
) -> None:
    order = hall.open(day=date(2026, 2, 10))
    told = facts if error in (UnknownOrder, UnknownMember) else {"order": order, **facts}
    if do == "get":
        assert refused(hall, error, hall.orders.get, **named).facts() == told
    elif do == "dispatch" and error is DispatchUnclear:
        assert refused(hall, error, hall.orders.dispatch, order, by="clerk-1", **named).facts() == told
    else:
        assert refused(hall, error, hall.take, do, **{"order": order, **named}).facts() == told


def test_an_order_is_named_by_itself_too(hall: Hall) -> None:
    order = hall.orders.get(hall.open())
    for do in ("dispatch", "decline", "accept", "finish", "rate", "claim"):
        hall.take(do, order)
    other = hall.orders.get(hall.open())
    hall.take("cancel", other)
    assert (hall.state(order.seq), hall.state(other.seq)) == ("rated", "cancelled")


def test_who_takes_a_step_and_when_is_kept(hall: Hall) -> None:
    order = hall.open(by="registrar-1", day=TODAY - DAY)
    hall.take("accept", order, by="supervisor-1", day=TODAY - DAY)
    hall.take("finish", order, by="admin-1")
    assert [(entry.kind, entry.by, entry.day) for entry in hall.bank.journal.entries(order)] == [
        ("order", "registrar-1", TODAY - DAY),
        ("order", "supervisor-1", TODAY - DAY),
        ("order", "admin-1", TODAY),
    ]


def test_rates_are_named_after_what_was_asked_for_and_count_the_days_that_were(hall: Hall) -> None:
    for days in (0, 1, 2):
        hall.open(day=TODAY - days * DAY)
    hall.open("wish", day=TODAY - DAY)
    orders = hall.orders
    yesterday: dict[str, Any] = {"first": TODAY - DAY, "last": TODAY - DAY}
    (repairs, wishes) = orders.rates(**yesterday)
    (both,) = orders.rolled_up(**yesterday)
    assert [(each.org, each.kind, each.received) for each in (repairs, wishes, both)] == [
        ("yungu", "repair", 1),
        ("yungu", "wish", 1),
        ("yungu", "", 2),
    ]
    assert orders.total(kind="wish") == evolve(wishes, org="")
    assert orders.total("yungu", kind="repair", **yesterday) == repairs
    assert orders.total("yungu", **yesterday) == both
    assert orders.total() == evolve(both, org="", received=4)


def test_what_is_overdue_today_counts_in_every_rate(hall: Hall) -> None:
    hall.open(due=TODAY - DAY, day=TODAY - DAY)
    hall.open(due=TODAY)
    orders = hall.orders
    for rate in (*orders.rates(), *orders.rolled_up(day=TODAY - DAY), orders.total(), orders.total("yungu")):
        assert (rate.received, rate.overdue) == (2, 1)
