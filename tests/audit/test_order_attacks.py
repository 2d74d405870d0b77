"""Forged orders, moves, households, teams, periods, ratings, venues and visits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.audit.forging import CLERK, DAY

if TYPE_CHECKING:
    from tests.audit.forging import Forger

Found = list[tuple[str, str]]


# --- Orders ------------------------------------------------------------------------------------------------


def step(forger: Forger, order: str, do: str, **body: Any) -> Found:
    return forger.forge("order", {"do": do, **body}, ref=forger.seqs[order])


def test_an_order_finished_by_its_volunteer_is_no_finding(forger: Forger) -> None:
    assert step(forger, "accepted", "finish") == []


@pytest.mark.parametrize(
    ("order", "do"), [("asked", "finish"), ("asked", "rate"), ("undone", "cancel"), ("accepted", "decline")]
)
def test_a_step_that_an_order_cannot_take_is_found(forger: Forger, order: str, do: str) -> None:
    assert step(forger, order, do, stars=5, done=True, reason="x") == [("state-wrong", "order")]


def test_an_order_sent_to_two_is_found(forger: Forger) -> None:
    found = step(forger, "asked", "dispatch", to="grid-7", volunteer=forger.people["zhou"])
    assert found == [("entry-wrong", "order: dispatched to nobody, or to two")]


def test_an_order_accepted_by_who_asked_for_it_is_found(forger: Forger) -> None:
    asked = forger.seqs["asked"]
    body = next(members["body"] for seq, members in enumerate(forger.leaves) if seq == asked)
    assert step(forger, "asked", "accept", volunteer=body["member"]) == [("rule-broken", f"own-order {asked}")]


def test_an_order_accepted_by_one_who_is_no_member_is_found(forger: Forger) -> None:
    assert step(forger, "asked", "accept", volunteer="ZZZZZZZZZZ") == [("name-unknown", "member")]


def test_an_order_rated_with_six_stars_is_found(forger: Forger) -> None:
    assert step(forger, "accepted", "finish") == []
    assert step(forger, "accepted", "rate", stars=6, done=True) == [("entry-wrong", "order: rated in another way")]


def test_an_order_of_a_kind_that_is_not_in_the_rulebook_is_found(forger: Forger) -> None:
    body = {"do": "open", "org": "grid-7", "order": "massage", "member": forger.people["sun"]}
    assert forger.forge("order", body) == [("name-unknown", "order")]


def test_an_order_due_before_it_was_opened_is_found(forger: Forger) -> None:
    body = {"do": "open", "org": "grid-7", "order": "wish", "member": forger.people["sun"], "due": "2027-06-01"}
    assert forger.forge("order", body) == [("entry-wrong", "order: due before it was opened")]


# --- Moves, households, teams ------------------------------------------------------------------------------


def move(forger: Forger, what: str, name: str, to: str, by: str = "admin", **changes: Any) -> Found:
    return forger.forge("move", {"what": what, "id": name, "to": to, "from": DAY, **changes}, by=by)


def test_a_member_who_moves_is_no_finding(forger: Forger) -> None:
    assert move(forger, "member", forger.people["li"], "shanxi", by="reg-1") == []


def test_an_organisation_moved_below_itself_or_its_own_is_found(forger: Forger) -> None:
    assert move(forger, "organisation", "shanxi", "grid-7") == [("entry-wrong", "move: not below its parent")]


def test_a_move_from_another_day_is_found(forger: Forger) -> None:
    found = move(forger, "shop", "branch", "yungu", **{"from": "2027-06-01"})
    assert found == [("entry-wrong", "move: from another day")]


def test_a_shop_moved_by_a_registrar_is_found(forger: Forger) -> None:
    assert move(forger, "shop", "branch", "yungu", by="reg-1") == [("not-allowed", "reg-1")]


def test_a_move_to_an_organisation_that_is_none_is_found(forger: Forger) -> None:
    assert move(forger, "shop", "branch", "nowhere") == [("name-unknown", "organisation")]


def household(forger: Forger, *names: str, head: str = "home", **changes: Any) -> Found:
    people = [forger.people[name] for name in names]
    body = {"household": forger.people[head], "members": people, "from": DAY, **changes}
    return forger.forge("household", body, by="reg-1")


def test_a_household_in_order_is_no_finding(forger: Forger) -> None:
    assert household(forger, "zhang", "li") == []


def test_a_household_with_a_team_in_it_is_found(forger: Forger) -> None:
    assert household(forger, "team") == [("entry-wrong", f"{forger.people['team']} is no person")]


def test_a_household_that_is_a_person_is_found(forger: Forger) -> None:
    assert household(forger, "li", head="qian") == [("entry-wrong", f"{forger.people['qian']} is no household")]


def test_a_member_of_two_households_is_found(forger: Forger) -> None:
    body = {"member": "0000000HME", "org": "grid-7", "type": "household"}
    assert forger.forge("member", body, by="reg-1") == []
    zhou = forger.people["zhou"]
    body = {"household": "0000000HME", "members": [zhou], "from": DAY}
    assert forger.forge("household", body, by="reg-1") == [("rule-broken", f"already-in-household {zhou}")]


def team(forger: Forger, name: str, do: str, which: str = "team") -> Found:
    body = {"team": forger.people[which], "member": forger.people[name], "do": do}
    return forger.forge("team", body, by="reg-1")


@pytest.mark.parametrize(("name", "do"), [("li", "join"), ("zhou", "leave"), ("zhao", "leave")])
def test_one_who_joins_twice_or_leaves_without_joining_is_found(forger: Forger, name: str, do: str) -> None:
    assert team(forger, name, do) == [("state-wrong", "team")]


def test_a_team_that_is_none_is_found(forger: Forger) -> None:
    assert team(forger, "zhou", "join", "li") == [("entry-wrong", f"{forger.people['li']} is no team")]


# --- Periods -----------------------------------------------------------------------------------------------


NO_TOTALS = [
    ("amount-wrong", f"period {name}")
    for name in ("awarded", "deducted", "expired", "minutes", "outstanding", "redeemed")
]


def close(forger: Forger, month: str, **totals: int) -> Found:
    return forger.forge("period", {"month": month, "do": "close", "totals": totals}, by="sup-1")


def test_an_entry_of_a_closed_month_is_found(forger: Forger) -> None:
    body = {"venue": "hall", "room": "一号厅", "purpose": "议事", "uses": 1, "people": 1}
    assert forger.forge("visit", body, day="2026-04-01") == []
    assert forger.forge("visit", body, day="2026-03-31") == [("period-closed", "2026-03")]


def test_a_closed_month_with_other_totals_is_found(forger: Forger) -> None:
    original = forger.leaves[forger.last("period", do="close", month="2026-03")]["body"]["totals"]
    found = close(forger, "2026-04", **dict.fromkeys(original, 0))
    moved = ("awarded", "minutes", "outstanding", "redeemed")
    assert found == [("amount-wrong", f"period {name}") for name in moved]


def test_a_month_closed_out_of_order_is_found(forger: Forger) -> None:
    assert close(forger, "2026-06") == [("rule-broken", "not-in-order"), *NO_TOTALS]


def test_a_month_closed_before_it_is_over_is_found(forger: Forger) -> None:
    assert close(forger, "2027-06") == [
        ("rule-broken", "month-not-over"),
        ("rule-broken", "not-in-order"),
        *NO_TOTALS,
    ]


@pytest.mark.parametrize(
    ("month", "by", "ok", "found"),
    [
        ("2026-02", "sup-1", "sup-2", ("rule-broken", "not-in-order")),
        ("2026-03", "sup-1", None, ("not-allowed", "None")),
        ("2026-03", "clerk-1", "sup-1", ("not-allowed", "clerk-1")),
    ],
)
def test_a_month_reopened_against_the_rules_is_found(
    forger: Forger, month: str, by: str, ok: str | None, found: tuple[str, str]
) -> None:
    assert forger.forge("period", {"month": month, "do": "reopen"}, by=by, ok=ok) == [found]


# --- Ratings, venues, visits -------------------------------------------------------------------------------


RATING: dict[str, Any] = {
    "subject": "project",
    "id": "lift",
    "quarter": "2026-Q1",
    "party": "street",
    "score": 80,
    "people": 3,
}


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({}, []),
        ({"score": 101}, [("entry-wrong", "rating: no such subject, quarter or score")]),
        ({"people": 0}, [("entry-wrong", "rating: no such subject, quarter or score")]),
        ({"quarter": "2026-Q5"}, [("entry-wrong", "rating: no such subject, quarter or score")]),
        ({"subject": "person"}, [("entry-wrong", "rating: no such subject, quarter or score")]),
        ({"party": "cousins"}, [("rule-broken", "rating-party cousins")]),
    ],
)
def test_a_rating_that_cannot_be_is_found(forger: Forger, body: dict[str, Any], found: Found) -> None:
    assert forger.forge("rating", {**RATING, **body}, **CLERK) == found


def test_a_rating_by_one_person_is_found(forger: Forger) -> None:
    assert forger.forge("rating", RATING) == [("not-allowed", "None")]


def test_a_venue_twice_is_found(forger: Forger) -> None:
    assert forger.forge("venue", {"venue": "hall", "org": "yungu", "name": "厅"}, by="admin") == [
        ("name-twice", "venue")
    ]


def test_a_venue_of_an_organisation_that_is_none_is_found(forger: Forger) -> None:
    found = forger.forge("venue", {"venue": "other", "org": "nowhere", "name": "厅"}, by="admin")
    assert found == [("name-unknown", "organisation")]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"venue": "nowhere"}, ("name-unknown", "venue")),
        ({"people": -5}, ("entry-wrong", "visit: no number of uses or people")),
        ({"room": ""}, ("entry-wrong", "visit: no room or purpose")),
    ],
)
def test_a_visit_that_cannot_be_is_found(forger: Forger, body: dict[str, Any], found: tuple[str, str]) -> None:
    values = {"venue": "hall", "room": "一号厅", "purpose": "议事", "uses": 1, "people": 1}
    assert forger.forge("visit", {**values, **body}) == [found]
