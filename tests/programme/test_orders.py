"""Orders: every command in every state, the days of its steps, its claim; and the rates by a model of its own."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import Village, fewer
from timebank.bank import Bank
from timebank.errors import (
    BadAmount,
    BadCode,
    BadDay,
    ClaimNotOfOrder,
    DayInFuture,
    DispatchUnclear,
    DueTooEarly,
    KeyConflict,
    NoRulebook,
    NotEnoughMinutes,
    NotReversible,
    OwnOrder,
    PeriodClosed,
    Refused,
    RoleNotAllowed,
    StepTooEarly,
    TimebankError,
    UnknownMember,
    UnknownOperator,
    UnknownOrder,
    UnknownOrderKind,
    UnknownOrganisation,
    WrongState,
)
from timebank.programme.order_rates import Rate, rate_of
from timebank.programme.order_steps import STATES, STEPS, Order

ORDERS_FROM = date(2026, 2, 1)
TODAY = Village.TODAY
DAY = timedelta(days=1)
RULES = """
name = "hall"
title.zh = "点单细则"
title.en = "Rules of orders"
[order.repair]
zh = "小修小补"
en = "Small repairs"
days = 3

[order.wish]
zh = "微心愿"
en = "Small wish"
wish = true

[service.handwork]
zh = "上门维修"
en = "Repairs at home"
per = "hour"
points = 2

[service.errand]
zh = "代办"
en = "Errands"
per = "hour"
points = 1
payer = "recipient"
pays = "minutes"
"""


class Hall(Village):
    """The village with a rulebook that knows orders; Wang asks, Li and Zhao are volunteers."""

    def __init__(self) -> None:
        super().__init__()
        self.bank.rulebooks.adopt(RULES, from_day=ORDERS_FROM, by="admin-1")
        self.orders = self.bank.orders
        self.li = self.bank.members.enrol(org="yungu", by="admin-1")
        self.zhao = self.bank.members.enrol(org="yungu", by="admin-1")

    def open(self, kind: str = "repair", *, by: str = "clerk-1", **named: Any) -> int:
        return self.orders.open(kind, member=named.pop("member", self.wang), by=by, **named).seq

    def take(self, do: str, order: Any, *, by: str = "clerk-1", **named: Any) -> Any:
        """One step, said as briefly as can be."""
        said: dict[str, dict[str, Any]] = {
            "dispatch": {"to": "repair-team"},
            "decline": {"reason": "no-time"},
            "rate": {"stars": 5, "done": True},
            "cancel": {"reason": "no-longer-needed"},
        }
        if do == "dispatch" and "volunteer" in named:
            said = {}
        if do == "accept":
            return self.orders.accept(order, named.pop("volunteer", self.li), by=by, **named)
        if do == "claim":
            measure = {"minutes": 60} | named
            return self.orders.claim(order, measure.pop("service", "handwork"), by=by, **measure)
        return getattr(self.orders, do)(order, by=by, **said.get(do, {}) | named)

    def brought(self, *steps: str, day: date | None = None) -> int:
        """An order that has taken these steps."""
        order = self.open(day=day)
        for do in steps:
            if do == "rate-not-done":
                self.take("rate", order, done=False, day=day)
            elif do == "send":
                self.take("dispatch", order, volunteer=self.zhao, day=day)
            else:
                self.take(do, order, **{} if do == "claim" else {"day": day})
        return order

    def state(self, order: int) -> str:
        return self.orders.get(order).state

    def traces(self) -> tuple[Any, ...]:
        """What a refusal must leave alone."""
        return self.trace(), self.orders.all()


@pytest.fixture
def hall() -> Hall:
    return Hall()


# --- every command in every state

WAYS = {
    "open": (),
    "dispatched": ("dispatch",),
    "dispatched to a volunteer": ("send",),
    "open again": ("dispatch", "decline"),
    "accepted": ("accept",),
    "accepted after dispatch": ("dispatch", "accept"),
    "finished": ("accept", "finish"),
    "rated": ("accept", "finish", "rate"),
    "rated as not done": ("accept", "finish", "rate-not-done"),
    "claimed": ("accept", "finish", "rate", "claim"),
    "cancelled": ("cancel",),
}
ALLOWED = {
    "open": {"dispatch": "dispatched", "accept": "accepted", "cancel": "cancelled"},
    "dispatched": {"accept": "accepted", "decline": "open", "cancel": "cancelled"},
    "dispatched to a volunteer": {"accept": "accepted", "decline": "open", "cancel": "cancelled"},
    "open again": {"dispatch": "dispatched", "accept": "accepted", "cancel": "cancelled"},
    "accepted": {"finish": "finished", "cancel": "cancelled"},
    "accepted after dispatch": {"finish": "finished", "cancel": "cancelled"},
    "finished": {"rate": "rated"},
    "rated": {"claim": "rated"},
    "rated as not done": {},
    "claimed": {},
    "cancelled": {},
}
COMMANDS = ("dispatch", "accept", "decline", "finish", "rate", "cancel", "claim")


@pytest.mark.parametrize("do", COMMANDS)
@pytest.mark.parametrize("way", WAYS)
def test_every_command_in_every_state_goes_on_or_is_refused(hall: Hall, way: str, do: str) -> None:
    order = hall.brought(*WAYS[way])
    before = hall.traces()
    wanted = ALLOWED[way].get(do)
    if wanted is None:
        with pytest.raises(WrongState) as caught:
            hall.take(do, order)
        assert caught.value.order == order
        assert hall.traces() == before
    else:
        hall.take(do, order)
        assert hall.state(order) == wanted


def test_all_steps_are_tried_and_lead_only_to_known_states() -> None:
    assert {*STEPS, "claim"} == set(COMMANDS)
    assert {step.to for step in STEPS.values()} | {"open"} == set(STATES)
    assert {state for step in STEPS.values() for state in step.of} <= set(STATES)


@pytest.mark.parametrize(
    ("way", "do", "state", "wanted"),
    [
        ("open", "finish", "open", "accepted"),
        ("accepted", "accept", "accepted", "open, dispatched"),
        ("finished", "claim", "finished", "rated"),
        ("rated as not done", "claim", "not-done", "done"),
        ("claimed", "claim", "claimed", "done"),
    ],
)
def test_a_refused_step_says_what_is_and_what_is_wanted(
    hall: Hall, way: str, do: str, state: str, wanted: str
) -> None:
    with pytest.raises(WrongState) as caught:
        hall.take(do, hall.brought(*WAYS[way]))
    assert (caught.value.state, caught.value.wanted) == (state, wanted)


# --- one order, from its opening to its claim


def test_an_order_from_its_opening_to_its_claim(hall: Hall) -> None:
    order = hall.open(day=date(2026, 2, 10))
    asked = hall.orders.get(order)
    assert asked == Order(order, "yungu", "repair", hall.wang.id, "2026-02-10", "2026-02-13", "open")
    hall.take("dispatch", order, day=date(2026, 2, 10))
    assert hall.orders.get(order) == evolve(asked, state="dispatched", unit="repair-team")
    hall.take("accept", order, day=date(2026, 2, 11))
    hall.take("finish", order, day=date(2026, 2, 12))
    hall.take("rate", order, stars=4, day=date(2026, 2, 14))
    done = evolve(
        asked, state="rated", unit="repair-team", volunteer=hall.li.id, finished="2026-02-12", rated="2026-02-14"
    )
    assert hall.orders.get(order) == evolve(done, stars=4, done=1)
    claim = hall.take("claim", order, minutes=90)
    assert hall.orders.get(order) == evolve(done, stars=4, done=1, claim=claim.seq)
    assert (claim.entry.kind, claim.entry.day, claim.entry.body["order"]) == ("claim", date(2026, 2, 12), order)


def test_the_entries_of_an_order_hold_no_more_than_they_must(hall: Hall) -> None:
    order = hall.brought("dispatch", "decline", "send", "accept", "finish", "rate")
    entries = list(hall.bank.journal.entries(order))
    assert [dict(entry.body) for entry in entries] == [
        {"do": "open", "org": "yungu", "order": "repair", "member": hall.wang.id, "due": "2026-03-04"},
        {"do": "dispatch", "to": "repair-team"},
        {"do": "decline", "reason": "no-time"},
        {"do": "dispatch", "volunteer": hall.zhao.id},
        {"do": "accept", "volunteer": hall.li.id},
        {"do": "finish"},
        {"do": "rate", "stars": 5, "done": True},
    ]
    assert [entry.ref for entry in entries] == [None, *[order] * 6]
    assert not any(entry.moves or entry.ok for entry in entries)


def test_a_declined_order_forgets_where_it_was_sent(hall: Hall) -> None:
    for way in ("dispatch", "send"):
        declined = hall.orders.get(hall.brought(way, "decline"))
        assert (declined.unit, declined.volunteer, declined.state) == (None, None, "open")


def test_another_may_accept_than_the_one_who_was_sent(hall: Hall) -> None:
    assert hall.orders.get(hall.brought("send", "accept")).volunteer == hall.li.id


def test_a_team_can_be_sent(hall: Hall) -> None:
    team = hall.bank.members.enrol(org="yungu", kind="team", by="admin-1")
    order = hall.open()
    hall.take("dispatch", order, volunteer=team)
    assert hall.orders.get(order).volunteer == team.id


def test_an_order_is_not_reversed_but_cancelled(hall: Hall) -> None:
    with pytest.raises(NotReversible):
        hall.reverse(hall.open())


def test_the_organisation_is_the_members_own_or_the_one_that_is_named(hall: Hall) -> None:
    hall.bank.organisations.add("east", name="东区", level="grid", parent="yungu", by="admin-1")
    assert hall.orders.get(hall.open()).org == "yungu"
    assert hall.orders.get(hall.open(org="east")).org == "east"
    hall.bank.members.move(hall.wang, to="east", from_day=date(2026, 2, 15), by="admin-1")
    assert hall.orders.get(hall.open(day=date(2026, 2, 15))).org == "east"
    assert hall.orders.get(hall.open(day=date(2026, 2, 14))).org == "yungu"


# --- when


@pytest.mark.parametrize(
    ("kind", "named", "due"),
    [
        ("repair", {}, "2026-03-04"),
        ("repair", {"day": date(2026, 2, 26)}, "2026-03-01"),
        ("repair", {"due": date(2026, 3, 1)}, "2026-03-01"),
        ("repair", {"due": date(2027, 1, 1)}, "2027-01-01"),
        ("wish", {}, None),
        ("wish", {"due": date(2026, 3, 9)}, "2026-03-09"),
    ],
)
def test_an_order_is_due_as_is_said_or_as_the_rulebook_says(
    hall: Hall, kind: str, named: dict[str, date], due: str | None
) -> None:
    assert hall.orders.get(hall.open(kind, **named)).due == due


def test_an_order_is_not_due_before_it_is_opened(hall: Hall) -> None:
    with pytest.raises(DueTooEarly) as caught:
        hall.open(due=TODAY - DAY)
    assert (caught.value.due, caught.value.day) == ("2026-02-28", "2026-03-01")
    assert hall.orders.get(hall.open(day=TODAY - DAY, due=TODAY - DAY)).due == "2026-02-28"


@pytest.mark.parametrize(
    ("do", "way"), [("dispatch", ()), ("accept", ()), ("cancel", ()), ("finish", ("accept",))]
)
def test_no_step_comes_before_the_opening(hall: Hall, do: str, way: tuple[str, ...]) -> None:
    order = hall.brought(*way, day=date(2026, 2, 20))
    before = hall.traces()
    with pytest.raises(StepTooEarly) as caught:
        hall.take(do, order, day=date(2026, 2, 19))
    assert (caught.value.day, caught.value.last_day) == ("2026-02-19", "2026-02-20")
    assert hall.traces() == before
    hall.take(do, order, day=date(2026, 2, 20))


def test_no_rating_comes_before_the_finishing(hall: Hall) -> None:
    order = hall.brought("accept", day=date(2026, 2, 10))
    hall.take("finish", order, day=date(2026, 2, 20))
    with pytest.raises(StepTooEarly):
        hall.take("rate", order, day=date(2026, 2, 19))
    hall.take("rate", order, day=date(2026, 2, 20))
    assert hall.orders.get(order).rated == "2026-02-20"


def test_an_order_is_overdue_the_day_after_its_due_day_while_it_is_to_be_done(hall: Hall) -> None:
    due = date(2026, 2, 13)
    waiting = [hall.brought(*way, day=due - 3 * DAY) for way in ((), ("dispatch",), ("accept",))]
    for way in (("accept", "finish"), ("accept", "finish", "rate"), ("cancel",)):
        hall.brought(*way, day=due - 3 * DAY)
    hall.open("wish", day=due - 3 * DAY)
    assert [order.seq for order in hall.orders.overdue(day=due + DAY)] == waiting
    assert hall.orders.overdue(day=due) == ()
    for minute, found in ((59, []), (60, waiting)):
        hall.now = datetime(2026, 2, 13, 15, tzinfo=UTC) + timedelta(minutes=minute)
        assert [order.seq for order in hall.orders.overdue()] == found


# --- what is refused


def test_stars_are_one_to_five(hall: Hall) -> None:
    order = hall.brought("accept", "finish")
    before = hall.traces()
    for stars in (0, 6, -1, True, 4.0, "5", None):
        with pytest.raises(BadAmount):
            hall.take("rate", order, stars=stars)
    assert hall.traces() == before
    for stars in (1, 5):
        rated = hall.brought("accept", "finish")
        hall.take("rate", rated, stars=stars)
        assert hall.orders.get(rated).stars == stars


@pytest.mark.parametrize("done", [1, 0, None, "yes"])
def test_done_is_yes_or_no(hall: Hall, done: Any) -> None:
    with pytest.raises(BadCode):
        hall.take("rate", hall.brought("accept", "finish"), done=done)


@pytest.mark.parametrize("named", [{}, {"to": "repair-team", "volunteer": "0000000000"}])
def test_an_order_is_sent_to_a_unit_or_to_a_volunteer(hall: Hall, named: dict[str, str]) -> None:
    with pytest.raises(DispatchUnclear):
        hall.orders.dispatch(hall.open(), **named, by="clerk-1")


@pytest.mark.parametrize(
    ("named", "error"),
    [
        ({"kind": "gold"}, UnknownOrderKind),
        ({"kind": "Gold"}, BadCode),
        ({"member": "0000000000"}, UnknownMember),
        ({"member": "wang"}, BadCode),
        ({"org": "nowhere"}, UnknownOrganisation),
        ({"org": "No where"}, BadCode),
        ({"by": "nobody"}, UnknownOperator),
        ({"by": "auditor-1"}, RoleNotAllowed),
        ({"day": TODAY + DAY}, DayInFuture),
        ({"day": "2026-03-01"}, BadDay),
        ({"due": "2026-03-01"}, BadDay),
        ({"kind": "wish", "day": ORDERS_FROM - DAY}, UnknownOrderKind),
        ({"day": date(2025, 12, 31)}, NoRulebook),
    ],
)
def test_an_order_that_is_not_opened_leaves_no_trace(
    hall: Hall, named: dict[str, Any], error: type[TimebankError]
) -> None:
    before = hall.traces()
    with pytest.raises(error):
        hall.open(**named)
    assert hall.traces() == before


@pytest.mark.parametrize("do", COMMANDS)
@pytest.mark.parametrize(
    ("named", "error"),
    [
        ({"order": 10**6}, UnknownOrder),
        ({"order": 0}, UnknownOrder),
        ({"order": -1}, UnknownOrder),
        ({"order": True}, UnknownOrder),
        ({"order": "7"}, UnknownOrder),
        ({"by": "nobody"}, UnknownOperator),
        ({"by": "auditor-1"}, RoleNotAllowed),
        ({"by": "Nobody"}, BadCode),
        ({"key": "a key"}, BadCode),
    ],
)
def test_a_step_that_is_not_taken_leaves_no_trace(
    hall: Hall, do: str, named: dict[str, Any], error: type[TimebankError]
) -> None:
    order = hall.brought("dispatch")
    before = hall.traces()
    with pytest.raises(error):
        hall.take(do, **{"order": order, **named})
    assert hall.traces() == before


@pytest.mark.parametrize("role", ["clerk", "registrar", "supervisor", "admin"])
def test_everybody_but_the_auditor_serves_orders(hall: Hall, role: str) -> None:
    order = hall.open(by=f"{role}-1")
    for do in ("dispatch", "accept", "finish", "rate"):
        hall.take(do, order, by=f"{role}-1")
    assert hall.state(order) == "rated"


def test_a_volunteer_must_be_known(hall: Hall) -> None:
    order = hall.open()
    for do in ("dispatch", "accept"):
        with pytest.raises(UnknownMember):
            hall.take(do, order, volunteer="0000000000")
        with pytest.raises(BadCode):
            hall.take(do, order, volunteer="li")


def test_nothing_happens_to_an_order_on_a_day_of_a_closed_month(hall: Hall) -> None:
    order = hall.open(day=date(2026, 2, 20))
    hall.bank.periods.close("2026-02", by="supervisor-1")
    before = hall.traces()
    for do in ("dispatch", "accept", "cancel"):
        with pytest.raises(PeriodClosed):
            hall.take(do, order, day=date(2026, 2, 28))
    with pytest.raises(PeriodClosed):
        hall.open(day=date(2026, 2, 28))
    assert hall.traces() == before
    hall.take("accept", order)


def test_the_same_key_opens_and_takes_each_step_once(hall: Hall) -> None:
    order = hall.open(key="o/1")
    assert hall.open(key="o/1") == order
    ways: dict[str, tuple[str, dict[str, Any]]] = {
        "dispatch": ("to", {"to": "fire-brigade"}),
        "accept": ("volunteer", {"volunteer": hall.zhao}),
        "finish": ("day", {"day": TODAY}),
        "rate": ("stars", {"stars": 1}),
        "claim": ("minutes", {"minutes": 61}),
    }
    for do, (_, other) in ways.items():
        first = hall.take(do, order, key=f"o/{do}")
        size = hall.bank.report().entries
        again = hall.take(do, order, key=f"o/{do}")
        assert (again.seq, again.repeated) == (first.seq, True)
        with pytest.raises(KeyConflict):
            hall.take(do, order, key=f"o/{do}", **other)
        assert hall.bank.report().entries == size


def test_an_order_opened_with_a_key_is_answered_when_its_due_day_has_passed(hall: Hall) -> None:
    order = hall.open(due=TODAY, key="o/1")
    hall.now += 7 * DAY
    assert hall.open(due=TODAY, key="o/1") == order


# --- the claim


def test_an_order_is_claimed_for_its_volunteer_alone_and_the_day_of_its_finishing(hall: Hall) -> None:
    order = hall.brought("accept", "finish", "rate", day=date(2026, 2, 12))
    submit = hall.bank.claims.submit
    before = hall.traces()
    for members, day in (
        ([hall.zhao], date(2026, 2, 12)),
        ([hall.li, hall.zhao], date(2026, 2, 12)),
        ([hall.li], date(2026, 2, 13)),
    ):
        with pytest.raises(ClaimNotOfOrder):
            submit("handwork", members, day=day, minutes=60, order=order, by="clerk-1")
    with pytest.raises(UnknownOrder):
        submit("handwork", [hall.li], day=date(2026, 2, 12), minutes=60, order=order + 1, by="clerk-1")
    assert hall.traces() == before
    claim = submit("handwork", [hall.li], day=date(2026, 2, 12), minutes=60, order=order, by="clerk-1")
    assert hall.orders.get(order).claim == claim.seq
    with pytest.raises(WrongState):
        hall.take("claim", order)


@pytest.mark.parametrize("ended", ["reject", "withdraw", "uphold"])
def test_an_order_whose_claim_came_to_nothing_is_claimed_again(hall: Hall, ended: str) -> None:
    order, claims = hall.brought("accept", "finish", "rate"), hall.bank.claims
    first = hall.take("claim", order).seq
    if ended == "withdraw":
        claims.withdraw(first, by="clerk-1")
    elif ended == "reject":
        claims.reject(first, reason="not-done", by="supervisor-1")
    else:
        claims.approve(first, by="supervisor-1")
        claims.object(first, reason="not-done", by="clerk-1")
        with pytest.raises(WrongState):
            hall.take("claim", order)
        claims.uphold(first, reason="not-done", by="supervisor-1")
    second = hall.take("claim", order).seq
    assert hall.orders.get(order).claim == second
    with pytest.raises(WrongState):
        hall.take("claim", order)


def test_an_order_that_is_not_finished_is_not_claimed_under_a_key_that_was_used_either(hall: Hall) -> None:
    order = hall.open(key="k")
    before = hall.traces()
    with pytest.raises(WrongState) as caught:
        hall.take("claim", order, key="k")
    assert caught.value.facts() == {"order": order, "state": "open", "wanted": "rated"}
    done = hall.brought("accept", "finish", "rate-not-done")
    with pytest.raises(KeyConflict):
        hall.take("claim", done, key="k")
    assert hall.orders.get(order) in before[1]


@pytest.mark.parametrize("do", ["dispatch", "accept"])
def test_nobody_serves_their_own_order(hall: Hall, do: str) -> None:
    order = hall.open()
    before = hall.traces()
    with pytest.raises(OwnOrder) as caught:
        getattr(hall.orders, do)(order, volunteer=hall.wang, by="clerk-1")
    assert (caught.value.order, caught.value.member) == (order, hall.wang.id)
    assert hall.traces() == before


def test_a_claim_without_an_order_leaves_orders_alone(hall: Hall) -> None:
    before = hall.orders.all()
    hall.bank.claims.submit("handwork", [hall.li], day=TODAY, minutes=60, by="clerk-1")
    assert hall.orders.all() == before


def test_a_refused_claim_leaves_the_order_to_be_claimed(hall: Hall) -> None:
    order = hall.brought("accept", "finish", "rate")
    before = hall.traces()
    with pytest.raises(TimebankError):
        hall.take("claim", order, service="no-such-service")
    with pytest.raises(BadAmount):
        hall.take("claim", order, minutes=1441)
    assert hall.traces() == before
    hall.take("claim", order)


def test_lesson_an_hour_of_handwork_for_an_order_becomes_two_points_and_sixty_minutes(hall: Hall) -> None:
    order = hall.brought("accept", "finish", "rate", day=date(2026, 2, 12))
    claim = hall.take("claim", order)
    hall.bank.claims.approve(claim.seq, by="supervisor-1")
    award = hall.bank.claims.post(claim.seq, by="clerk-1").entry
    li = f"L:M:{hall.li.id}"
    assert [(move.debit, move.credit, move.unit, move.amount) for move in award.moves] == [
        ("X:AWARDED:YUNGU", li, "PTS", 2),
        ("X:SERVICE:YUNGU", li, "MIN", 60),
    ]


def test_where_the_recipient_pays_the_resident_who_ordered_does(hall: Hall) -> None:
    hall.record("handwork", minutes=60)
    order = hall.brought("accept", "finish", "rate")
    claim = hall.take("claim", order, service="errand", minutes=60)
    assert claim.entry.body["recipient"] == hall.wang.id
    hall.bank.claims.approve(claim.seq, by="supervisor-1")
    hall.bank.claims.post(claim.seq, by="clerk-1")
    assert hall.bank.members.balance(hall.wang).minutes == 0
    assert hall.bank.members.balance(hall.li).minutes == 60
    poor = hall.take("claim", hall.brought("accept", "finish", "rate"), service="errand", minutes=1)
    hall.bank.claims.approve(poor.seq, by="supervisor-1")
    with pytest.raises(NotEnoughMinutes):
        hall.bank.claims.post(poor.seq, by="clerk-1")


# --- lists and rates


def test_orders_are_listed_by_state_and_organisation(hall: Hall) -> None:
    hall.bank.organisations.add("east", name="东区", level="grid", parent="yungu", by="admin-1")
    east, here = hall.open(org="east"), hall.brought("accept")
    assert [order.seq for order in hall.orders.all()] == [east, here]
    assert [order.seq for order in hall.orders.all(state="accepted")] == [here]
    assert [order.seq for order in hall.orders.all(org="east")] == [east]
    assert hall.orders.all(state="accepted", org="east") == ()
    with pytest.raises(BadCode):
        hall.orders.all(state="lost")
    with pytest.raises(UnknownOrganisation):
        hall.orders.all(org="nowhere")


def made(number: int, **named: Any) -> Order:
    return Order(number, "yungu", "repair", "0" * 10, "2026-02-01", None, **{"state": "open", **named})


def rated(number: int, days: int, stars: int = 5, *, done: int = 1) -> Order:
    finished = (date(2026, 2, 1) + days * DAY).isoformat()
    return made(number, state="rated", finished=finished, rated=finished, stars=stars, done=done)


def test_1710_of_1764_are_969_per_mille() -> None:
    orders = [rated(number, 1) for number in range(1710)] + [made(number) for number in range(54)]
    assert rate_of(orders, TODAY).permille_done == 969


@pytest.mark.parametrize(("done", "of", "permille"), [(0, 3, 0), (1, 2000, 1), (1, 2001, 0), (3, 3, 1000)])
def test_halves_of_a_per_mille_are_rounded_up(done: int, of: int, permille: int) -> None:
    orders = [rated(number, 1) for number in range(done)] + [made(number) for number in range(of - done)]
    assert rate_of(orders, TODAY).permille_done == permille


@pytest.mark.parametrize(
    ("days", "mean", "middle"),
    [
        ([0], 0, 0),
        ([1, 2], 15, 2),
        ([1, 1, 1, 2], 13, 1),
        ([0, 0, 9], 30, 0),
        ([0, 2, 9], 37, 2),
        ([1, 4], 25, 3),
        ([0, 1, 2, 9], 30, 2),
    ],
)
def test_days_are_from_opening_to_finishing_and_halves_are_rounded_up(
    days: list[int], mean: int, middle: int
) -> None:
    rate = rate_of([rated(number, each) for number, each in enumerate(days)], TODAY)
    assert (rate.days_mean_x10, rate.days_median) == (mean, middle)


def test_stars_count_whether_or_not_the_order_is_done() -> None:
    rate = rate_of([rated(1, 1, 5), rated(2, 1, 4), rated(3, 1, 1, done=0), made(4)], TODAY)
    assert (rate.stars_mean_x100, rate.done, rate.finished, rate.received) == (333, 2, 3, 4)


def test_of_nothing_there_are_no_rates() -> None:
    assert rate_of([], TODAY) == Rate("", "", 0, 0, 0, 0, 0, None, None, None, None)


def test_rates_are_of_the_orders_opened_on_the_days_that_are_named(hall: Hall) -> None:
    for day in (date(2026, 2, 9), date(2026, 2, 10), date(2026, 2, 20), date(2026, 2, 21)):
        hall.open(day=day)
    (rate,) = hall.orders.rates(first=date(2026, 2, 10), last=date(2026, 2, 20))
    assert (rate.org, rate.kind, rate.received) == ("yungu", "repair", 2)
    assert hall.orders.total(last=date(2026, 2, 9)).received == 1
    assert hall.orders.total(first=date(2026, 2, 22)).received == 0


def test_rates_roll_up_along_the_tree_of_a_day(hall: Hall) -> None:
    organisations = hall.bank.organisations
    organisations.add("south", name="南街道", level="street", by="admin-1")
    organisations.add("north", name="北街道", level="street", by="admin-1")
    organisations.add("town", name="镇上", level="community", parent="south", by="admin-1")
    hall.open(org="town")
    hall.open("wish", org="town")
    hall.open(org="south")
    organisations.move("town", to="north", from_day=TODAY, by="admin-1")
    received = {rate.org: rate.received for rate in hall.orders.rolled_up()}
    assert received == {"north": 2, "south": 1, "town": 2}
    received = {rate.org: rate.received for rate in hall.orders.rolled_up(day=TODAY - DAY)}
    assert received == {"south": 3, "town": 2}
    assert hall.orders.total("south").received == 1
    assert hall.orders.total("south", day=TODAY - DAY) == evolve(hall.orders.total(), org="south")
    assert hall.orders.total("town", kind="wish").received == 1
    assert [(rate.org, rate.kind) for rate in hall.orders.rates()] == [
        ("south", "repair"),
        ("town", "repair"),
        ("town", "wish"),
    ]
    with pytest.raises(UnknownOrganisation):
        hall.orders.total("nowhere")


# --- against a naive model

NAIVE_TO = {
    "dispatch": "dispatched",
    "decline": "open",
    "finish": "finished",
    "rate": "rated",
    "cancel": "cancelled",
}
NAIVE_ALLOWED = {
    ("open", "dispatch"), ("open", "accept"), ("open", "cancel"), ("dispatched", "accept"),
    ("dispatched", "decline"), ("dispatched", "cancel"), ("accepted", "finish"), ("accepted", "cancel"),
    ("finished", "rate"),
}  # fmt: skip


class Naive:
    """Orders as somebody would keep them on a sheet of paper."""

    def __init__(self) -> None:
        self.sheet: list[dict[str, Any]] = []

    def open(self, kind: str, day: date) -> None:
        due = day + 3 * DAY if kind == "repair" else None
        self.sheet.append({"kind": kind, "opened": day, "due": due, "state": "open"})

    def step(self, order: int, do: str, day: date, stars: int, done: bool) -> bool:
        line = self.sheet[order]
        if (line["state"], do) not in NAIVE_ALLOWED or day < max(line["opened"], line.get("finished", date.min)):
            return False
        line["state"] = "accepted" if do == "accept" else NAIVE_TO[do]
        if do == "finish":
            line["finished"] = day
        if do == "rate":
            line |= {"stars": stars, "done": done}
        return True

    def rate(self, kind: str) -> list[Any]:
        lines = [line for line in self.sheet if line["kind"] == kind]
        days = [(line["finished"] - line["opened"]).days for line in lines if "finished" in line]
        stars = [line["stars"] for line in lines if "stars" in line]
        done = [line for line in lines if line.get("done")]
        late = [line for line in lines if line["due"] and line["due"] < TODAY]
        return [
            len(lines),
            len(days),
            len(done),
            sum(line["state"] == "cancelled" for line in lines),
            sum(line["state"] in ("open", "dispatched", "accepted") for line in late),
            half_up(Fraction(1000 * len(done), len(lines))),
            half_up(Fraction(10 * sum(days), len(days))) if days else None,
            half_up(Fraction(median(days))) if days else None,
            half_up(Fraction(100 * sum(stars), len(stars))) if stars else None,
        ]


def half_up(value: Fraction) -> int:
    return int(value) + (value - int(value) >= Fraction(1, 2))


STEPS_TAKEN = st.tuples(
    st.integers(0, 9),
    st.sampled_from([*STEPS, "finish", "accept", "rate"]),
    st.integers(0, 28),
    st.integers(1, 5),
    st.booleans(),
)


@fewer(2)
@given(
    st.lists(st.tuples(st.sampled_from(["repair", "wish"]), st.integers(0, 20)), min_size=1, max_size=6),
    st.lists(STEPS_TAKEN, max_size=40),
)
def test_orders_are_as_on_a_sheet_of_paper(
    opened: list[tuple[str, int]], steps: list[tuple[int, str, int, int, bool]]
) -> None:
    hall, naive, places = Hall(), Naive(), []
    for kind, days in opened:
        places.append(hall.open(kind, day=ORDERS_FROM + days * DAY))
        naive.open(kind, ORDERS_FROM + days * DAY)
    for number, do, days, stars, done in steps:
        order, day = number % len(places), ORDERS_FROM + days * DAY
        said = {"stars": stars, "done": done} if do == "rate" else {}
        if naive.step(order, do, day, stars, done):
            hall.take(do, places[order], day=day, **said)
        else:
            with pytest.raises(Refused):
                hall.take(do, places[order], day=day, **said)
    assert [order.state for order in hall.orders.all()] == [line["state"] for line in naive.sheet]
    before = hall.orders.all()
    for rate in hall.orders.rates():
        figures = [rate.received, rate.finished, rate.done, rate.cancelled, rate.overdue, rate.permille_done]
        assert [*figures, rate.days_mean_x10, rate.days_median, rate.stars_mean_x100] == naive.rate(rate.kind)
    hall.bank.rebuild()
    assert hall.orders.all() == before


# --- the table, attacked with raw SQL

ATTACKS = (
    "UPDATE request SET state = 'finished', volunteer = member, finished = opened WHERE state = 'open'",
    "UPDATE request SET state = 'accepted' WHERE state = 'open'",
    "UPDATE request SET state = 'open', volunteer = NULL WHERE state = 'accepted'",
    "UPDATE request SET state = 'finished', finished = '2000-01-01' WHERE state = 'accepted'",
    "UPDATE request SET state = 'accepted', finished = NULL WHERE state = 'finished'",
    "UPDATE request SET state = 'rated', rated = finished, stars = 6, done = 1 WHERE state = 'finished'",
    "UPDATE request SET state = 'rated', rated = finished, stars = 5 WHERE state = 'finished'",
    "UPDATE request SET stars = 1 WHERE state = 'rated'",
    "UPDATE request SET done = 0 WHERE state = 'rated'",
    "UPDATE request SET volunteer = member, state = 'accepted' WHERE state = 'open'",
    "UPDATE request SET claim = NULL WHERE claim IS NOT NULL",
    "UPDATE request SET claim = claim + 1 WHERE claim IS NOT NULL",
    "UPDATE request SET claim = 0 WHERE done = 0",
    "UPDATE request SET state = 'open' WHERE state = 'cancelled'",
    "UPDATE request SET opened = '2000-01-01'",
    "UPDATE request SET due = NULL WHERE due IS NOT NULL",
    "UPDATE request SET member = volunteer WHERE volunteer IS NOT NULL",
    "DELETE FROM request",
    "INSERT OR REPLACE INTO request SELECT * FROM request WHERE state = 'rated'",
    "INSERT INTO request (seq, org, kind, member, opened, state)"
    " SELECT 0, org, kind, member, opened, 'cancelled' FROM request LIMIT 1",
)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with an order in every state."""
    path = tmp_path_factory.mktemp("orders") / "hall.timebank"
    noon = datetime(2026, 3, 1, 4, tzinfo=UTC)
    with Bank.create(path, origin="hall.example/timebank", clock=lambda: noon) as bank:
        bank.organisations.add("yungu", name="云谷", level="community", by="admin")
        bank.rulebooks.adopt(RULES, from_day=ORDERS_FROM, by="admin")
        hall = Hall.__new__(Hall)
        hall.bank, hall.orders = bank, bank.orders
        hall.wang, hall.li, hall.zhao = (bank.members.enrol(org="yungu", by="admin") for _ in range(3))
        bank.organisations.appoint("clerk-1", org="yungu", role="clerk", by="admin")
        for way in WAYS.values():
            hall.brought(*way)
        before = bank.orders.all()
        bank.rebuild()
        assert bank.orders.all() == before
        assert {order.state for order in before} == set(STATES)
    return path


@pytest.mark.parametrize("attack", ATTACKS)
def test_raw_sql_does_not_move_an_order_off_its_way(kept: Path, tmp_path: Path, attack: str) -> None:
    path = tmp_path / "hall.timebank"
    path.write_bytes(kept.read_bytes())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA recursive_triggers = ON")
        before = connection.execute("SELECT * FROM request").fetchall()
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(attack)
        assert connection.execute("SELECT * FROM request").fetchall() == before
