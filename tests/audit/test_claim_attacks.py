"""Forged claims, reviews and awards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.audit.forging import CLERK
from timebank.checking import verify_file
from timebank.programme.kinds import PROJECTORS

if TYPE_CHECKING:
    from tests.audit.forging import Forger

MAY = "2027-05-20"
Found = list[tuple[str, str]]


def test_all_that_a_programme_can_do_is_no_finding(forger: Forger) -> None:
    assert verify_file(forger.path).findings == ()
    kinds = {members["kind"] for members in forger.leaves}
    without_records = {"deduction", "expiry", "gift", "grant", "opening", "redemption"}
    assert kinds == {"genesis", *PROJECTORS, *without_records}


def award(forger: Forger, claim: str, name: str, points: int, minutes: int, **changes: Any) -> Found:
    account = forger.account(name)
    org = changes.pop("org", "GRID-7")
    move = [[f"X:AWARDED:{org}", account, "PTS", points], [f"X:SERVICE:{org}", account, "MIN", minutes]]
    body = {"service": "patrol", "minutes": minutes, **changes.pop("body", {})}
    values = {**CLERK, "ref": forger.seqs[claim], "day": MAY, "move": move, **changes}
    return forger.forge("award", body, **values)


def test_an_award_that_is_what_its_claim_says_is_no_finding(forger: Forger) -> None:
    assert award(forger, "ready", "zhao", 3, 60) == []


def test_an_award_of_more_than_its_claim_asked_is_found(forger: Forger) -> None:
    assert award(forger, "ready", "zhao", 6, 120) == [("entry-wrong", "award: not what its claim says")]


def test_an_award_to_another_than_its_claim_says_is_found(forger: Forger) -> None:
    assert award(forger, "ready", "zhou", 3, 60) == [("entry-wrong", "award: not what its claim says")]


def test_an_award_of_another_organisation_than_its_claim_is_found(forger: Forger) -> None:
    assert award(forger, "ready", "zhao", 3, 60, org="YUNGU") == [
        ("entry-wrong", "award: not what its claim says")
    ]


def test_an_award_of_another_day_than_its_claim_is_found(forger: Forger) -> None:
    found = award(forger, "ready", "zhao", 3, 60, day="2027-05-21")
    assert found == [("entry-wrong", "award: not what its claim says")]


def test_an_award_approved_by_another_than_the_reviewer_is_found(forger: Forger) -> None:
    assert award(forger, "ready", "zhao", 3, 60, ok="sup-2") == [("approval-wrong", "sup-2")]


@pytest.mark.parametrize(("claim", "state"), [("waiting", "submitted"), ("open", "awarded")])
def test_an_award_for_a_claim_that_is_not_approved_is_found(forger: Forger, claim: str, state: str) -> None:
    assert award(forger, claim, "zhao", 3, 60) == [("state-wrong", "claim")]
    assert verify_file(forger.path).findings[0].facts["state"] == state


def test_an_award_during_public_notice_is_found(forger: Forger) -> None:
    assert award(forger, "running", "zhao", 3, 60) == [("rule-broken", "notice-running 2027-06-04")]


def test_an_award_over_a_cap_is_found(forger: Forger) -> None:
    assert award(forger, "long-2", "wang", 15, 300) == [
        ("rule-broken", "cap 480 minutes member day"),
        ("budget-passed", "grid-7"),
    ]


def test_an_award_at_the_time_of_another_is_found(forger: Forger) -> None:
    found = award(forger, "twice-2", "sun", 3, 60, org="SHANXI", body={"start": "10:30"})
    assert found == [("rule-broken", "times-overlap 10:30")]


@pytest.mark.parametrize("also", ["sup-1", "clerk-1", "clerk-2", "nobody"])
def test_a_third_person_who_is_none_is_found(forger: Forger, also: str) -> None:
    assert award(forger, "ready", "zhao", 3, 60, body={"also": also}) == [("approval-wrong", also)]


def group(forger: Forger, points: tuple[int, int], **changes: Any) -> Found:
    people = [forger.people[name] for name in ("li", "qian")]
    body = {"service": "mediation", "items": [[one, {"occasions": 1}] for one in people], "people": 2}
    move = [["X:AWARDED:GRID-7", f"L:M:{one}", "PTS", part] for one, part in zip(people, points, strict=True)]
    values: dict[str, Any] = {**CLERK, "day": MAY, "ref": forger.seqs["pair"], "move": move, **changes}
    return forger.forge("award", body | values.pop("body", {}), **values)


def test_a_group_s_award_over_the_budget_is_found(forger: Forger) -> None:
    assert group(forger, (5, 5)) == [("budget-passed", "grid-7")]


def test_a_group_s_award_over_the_budget_that_a_third_person_allowed_is_no_finding(forger: Forger) -> None:
    assert group(forger, (5, 5), body={"also": "sup-2"}) == []


def test_a_group_s_award_that_is_shared_in_another_way_is_found(forger: Forger) -> None:
    assert group(forger, (7, 3)) == [("award-wrong", "")]


def test_a_group_s_award_that_gives_each_all_of_it_is_found(forger: Forger) -> None:
    assert group(forger, (10, 10)) == [("award-wrong", "")]


def test_a_group_s_award_that_names_another_number_of_people_is_found(forger: Forger) -> None:
    assert group(forger, (5, 5), body={"people": 3, "also": "sup-2"}) == [
        ("entry-wrong", "award: shared by another number of people")
    ]


def test_an_award_without_the_claim_that_it_needs_is_found(forger: Forger) -> None:
    assert award(forger, "ready", "zhao", 3, 60, ref=None) == [("rule-broken", "claim-needed")]


def test_an_award_shorter_than_the_rulebook_allows_is_found(forger: Forger) -> None:
    found = award(forger, "ready", "zhao", 1, 20, ref=None)
    assert found == [("rule-broken", "claim-needed"), ("rule-broken", "duration 20")]


def test_an_award_that_does_not_put_what_is_over_the_limit_into_the_pool_is_found(forger: Forger) -> None:
    original = forger.leaves[forger.seqs["over"]]
    assert any(credit == "L:POOL:GRID-7" for _, credit, _, _ in original["move"])
    found = award(forger, "ready", "li", 24, 480, ref=None)
    assert found == [("award-wrong", "")]


def test_an_award_paid_by_another_than_the_recipient_is_found(forger: Forger) -> None:
    body = {"service": "visit", "recipient": forger.people["sun"]}
    assert award(forger, "ready", "zhou", 5, 60, ref=None, body=body) == [
        ("entry-wrong", "award: not from an organisation to one member"),
        ("rule-broken", "claim-needed"),
    ]


def test_an_award_that_its_recipient_pays_without_being_named_is_found(forger: Forger) -> None:
    move = [
        [forger.account("li"), forger.account("zhou"), "PTS", 5],
        ["X:SERVICE:GRID-7", forger.account("zhou"), "MIN", 60],
    ]
    found = award(forger, "ready", "zhou", 5, 60, ref=None, body={"service": "visit"}, move=move)
    assert found == [("entry-wrong", "award: KeyError 'recipient'")]


# --- Claims ------------------------------------------------------------------------------------------------


def review(forger: Forger, claim: str, do: str, **members: Any) -> Found:
    return forger.forge("claim", {"do": do, "reason": "true"}, ref=forger.seqs[claim], **members)


def test_a_claim_approved_by_who_submitted_it_is_found(forger: Forger) -> None:
    assert review(forger, "waiting", "approve", by="clerk-1") == [("approval-wrong", "clerk-1")]


def test_a_claim_approved_by_one_whom_the_rulebook_does_not_name_is_found(forger: Forger) -> None:
    assert review(forger, "waiting", "approve", by="clerk-2") == [("not-allowed", "clerk-2")]


def test_an_approval_of_an_earlier_day_that_shortens_the_notice_is_found(forger: Forger) -> None:
    assert review(forger, "waiting", "approve", by="sup-2", day=MAY) == [
        ("rule-broken", f"notice-backdated {MAY}")
    ]


@pytest.mark.parametrize("do", ["approve", "reject", "dismiss", "uphold"])
def test_a_step_that_a_claim_cannot_take_is_found(forger: Forger, do: str) -> None:
    assert review(forger, "ready", do, by="sup-2") == [("state-wrong", "claim")]


def test_a_claim_withdrawn_by_another_clerk_is_found(forger: Forger) -> None:
    assert review(forger, "waiting", "withdraw", by="clerk-2") == [("not-allowed", "clerk-2")]


def test_a_step_of_a_claim_that_never_was_is_found(forger: Forger) -> None:
    assert forger.forge("claim", {"do": "approve"}, ref=3, by="sup-1") == [("name-unknown", "claim")]


def submit(forger: Forger, *names: str, **body: Any) -> Found:
    items = [[forger.people.get(name, name), {"minutes": 60}] for name in names]
    return forger.forge(
        "claim", {"do": "submit", "service": "patrol", "org": "grid-7", "items": items, **body}, day=MAY
    )


def test_a_claim_in_order_is_no_finding(forger: Forger) -> None:
    assert submit(forger, "zhao") == []


@pytest.mark.parametrize("evidence", ["a" * 64, "b" * 64])
def test_evidence_shown_again_is_found(forger: Forger, evidence: str) -> None:
    seen = forger.last("award" if evidence[0] == "a" else "claim", evidence=evidence)
    assert submit(forger, "zhao", evidence=evidence) == [("rule-broken", f"evidence-seen {seen}")]


def test_a_claim_for_a_member_twice_is_found(forger: Forger) -> None:
    assert submit(forger, "zhao", "zhao") == [("entry-wrong", "claim: members")]


def test_a_claim_for_one_who_is_no_member_is_found(forger: Forger) -> None:
    assert submit(forger, "ZZZZZZZZZZ") == [("name-unknown", "member")]


def test_a_claim_for_a_service_that_is_not_in_the_rulebook_is_found(forger: Forger) -> None:
    assert submit(forger, "zhao", service="sleeping") == [("rule-broken", "measure")]


@pytest.mark.parametrize("order", ["undone", "order", "asked"])
def test_a_claim_for_an_order_that_was_not_done_or_is_claimed_is_found(forger: Forger, order: str) -> None:
    assert submit(forger, "zhou", order=forger.seqs[order]) == [
        ("state-wrong", "order"),
        ("entry-wrong", "claim: not by the order's volunteer, or of another day"),
    ]
