"""Claims: submitted, reviewed by another, shown in public, posted as one award."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from tests.programme.test_awards import HASH, record, square
from tests.programme.test_caps import cap
from tests.programme.yard import Yard
from timebank.errors import (
    AnswerTooEarly,
    BadAmount,
    BadCode,
    BudgetPassed,
    CapPassed,
    ClaimNotOpen,
    DayInFuture,
    DurationWrong,
    EvidenceSeen,
    KeyConflict,
    MeasuresTwice,
    MeasureWrong,
    NotEnoughInPool,
    NotEnoughPoints,
    NothingToAward,
    NothingToShare,
    NoticeBackdated,
    NoticeOver,
    NoticeRunning,
    PeriodClosed,
    RoleNotAllowed,
    SelfApproval,
    TimebankError,
    TimesOverlap,
    UnknownClaim,
    UnknownMember,
    UnknownService,
)
from timebank.ledger.journal import Posted
from timebank.ledger.transfers import Transfer
from timebank.programme.rulebook_terms import Measure

DAY = date(2024, 2, 5)
SHARED = """
[service.mediation]
zh = "调解"
en = "Mediation"
per = "occasion"
points = 10
shared = true
"""


def noticed(more: str = "") -> Yard:
    """Three days of public notice; it is 1 March."""
    return square("notice_days = 3", more)


def submit(yard: Yard, service: str = "help", members: Any = None, *, day: date = DAY, **named: Any) -> Posted:
    named = (
        {"by": "clerk-1"}
        | ({"occasions": 2} if service == "help" and not isinstance(members, dict) else {})
        | named
    )
    return yard.bank.claims.submit(service, [yard.li] if members is None else members, day=day, **named)


def approved(yard: Yard, *words: Any, **named: Any) -> int:
    claim = submit(yard, *words, **named).seq
    yard.bank.claims.approve(claim, by="super-1")
    return claim


def awarded(yard: Yard, *words: Any, **named: Any) -> Posted:
    claim = approved(yard, *words, **named)
    yard.later(4)
    return yard.bank.claims.post(claim, by="clerk-1")


def refused(yard: Yard, error: type[TimebankError], act: Callable[[], object]) -> Any:
    before = yard.trace()
    with pytest.raises(error) as caught:
        act()
    assert yard.trace() == before
    return caught.value


# --- from submission to award


def test_a_claim_becomes_one_award_on_its_own_day_approved_by_its_reviewer() -> None:
    yard = noticed()
    members = [yard.fang, yard.li]
    claim = submit(yard, "company", members, minutes=90, start="09:00", evidence=HASH)
    assert dict(claim.entry.body) == {
        "do": "submit",
        "service": "company",
        "org": "yard",
        "items": ((yard.fang, {"minutes": 90, "start": "09:00"}), (yard.li, {"minutes": 90, "start": "09:00"})),
        "evidence": HASH,
    }
    assert (claim.entry.day, yard.points()) == (DAY, 0)
    yard.bank.claims.approve(claim.seq, by="super-1")
    yard.later(4)
    size = yard.trace()[0]
    award = yard.bank.claims.post(claim.seq, by="clerk-1").entry
    assert yard.trace()[0] == size + 1
    assert (award.kind, award.day, award.by, award.ok, award.ref) == (
        "award",
        DAY,
        "clerk-1",
        "super-1",
        claim.seq,
    )
    assert dict(award.body) == {"service": "company", "items": claim.entry.body["items"], "evidence": HASH}
    assert award.moves == tuple(
        Transfer(f"X:{account}:YARD", yard.account(member), unit, amount)
        for member in members
        for account, unit, amount in (("AWARDED", "PTS", 4), ("SERVICE", "MIN", 90))
    )
    known = yard.bank.claims.get(claim.seq)
    assert (known.state, known.award, known.notice_until) == ("awarded", award.seq, "2024-03-04")
    assert known.members.split() == members


def test_a_claim_of_one_is_awarded_as_if_it_had_been_recorded() -> None:
    yard = noticed()
    award = awarded(yard, "hygiene", grade="best", minutes=5).entry
    assert dict(award.body) == {"service": "hygiene", "grade": "best", "minutes": 5}


def test_a_claim_is_given_as_itself_or_by_its_number_and_says_who_rejected_it() -> None:
    yard = square()
    claims, claim = yard.bank.claims, submit(yard).seq
    claims.reject(claims.get(claim), reason="not-done", by="super-1")
    assert (claims.get(claim).state, claims.get(claim).reviewed_by) == ("rejected", "super-1")
    refused(yard, ClaimNotOpen, lambda: claims.approve(claims.get(claim), by="super-1"))


def test_a_service_for_another_organisation_is_claimed_and_awarded_there() -> None:
    yard = square()
    yard.bank.organisations.add("lake", name="湖", level="community", by="admin")
    claim = approved(yard, org="lake", by="admin")
    assert yard.bank.claims.get(claim).org == "lake"
    entry = yard.bank.claims.post(claim, by="clerk-1").entry
    assert {move.debit for move in entry.moves} == {"X:AWARDED:LAKE"}


def test_a_third_person_lets_a_claim_pass_the_budget() -> None:
    yard = square()
    yard.bank.budgets.set("yard", first=DAY, last=DAY, points=1, by="admin", approved_by="super-1")
    claim = approved(yard)
    refused(yard, BudgetPassed, lambda: yard.bank.claims.post(claim, by="clerk-1"))
    entry = yard.bank.claims.post(claim, by="clerk-1", also_approved_by="super-2").entry
    assert (entry.ok, entry.body["also"], yard.points()) == ("super-1", "super-2", 2)


def test_members_of_a_claim_may_have_done_more_and_less() -> None:
    yard = noticed()
    award = awarded(yard, "company", {yard.fang: Measure(60), yard.li: Measure(120)}).entry
    assert (yard.points(yard.fang), yard.points()) == (3, 6)
    assert award.body["items"] == ((yard.fang, {"minutes": 60}), (yard.li, {"minutes": 120}))


@pytest.mark.parametrize(("people", "each"), [(1, 10), (2, 5), (3, 3)])
def test_a_shared_service_divides_its_points(people: int, each: int) -> None:
    """Ten points for a dispute settled: alone ten, two mediators five each, three of them three each."""
    yard = noticed(SHARED)
    members = [yard.bank.members.enrol(org="yard", by="super-1").id for _ in range(people)]
    award = awarded(yard, "mediation", members, occasions=1).entry
    assert [yard.points(member) for member in members] == [each] * people
    assert award.body.get("people") == (None if people == 1 else people)


def test_nobody_shares_less_than_a_point() -> None:
    yard = noticed(SHARED)
    members = [yard.bank.members.enrol(org="yard", by="super-1").id for _ in range(11)]
    refused(yard, NothingToShare, lambda: submit(yard, "mediation", members, occasions=1))
    submit(yard, "mediation", members[1:], occasions=1)


@pytest.mark.parametrize(("days", "error"), [(0, NoticeRunning), (3, NoticeRunning), (4, None)])
def test_a_claim_is_posted_from_the_day_after_its_notice(days: int, error: type[TimebankError] | None) -> None:
    yard = noticed()
    claim = approved(yard)
    yard.later(days)
    if error is None:
        yard.bank.claims.post(claim, by="clerk-1")
    else:
        found = refused(yard, error, lambda: yard.bank.claims.post(claim, by="clerk-1"))
        assert (found.claim, found.until, found.today) == (claim, "2024-03-04", yard.today.isoformat())


def test_without_public_notice_a_claim_is_posted_on_the_day_of_its_review() -> None:
    yard = square()
    yard.bank.claims.post(approved(yard), by="clerk-1")
    assert yard.points() == 2


# --- who may do what


@pytest.mark.parametrize("step", ["approve", "reject"])
def test_a_claim_is_reviewed_by_whom_the_rulebook_names_and_never_by_who_submitted_it(step: str) -> None:
    yard = square('approvers = ["clerk", "supervisor"]')
    claims, named = yard.bank.claims, {"reason": "not-done"} if step == "reject" else {}
    mine = submit(yard, by="super-1").seq
    refused(yard, SelfApproval, lambda: getattr(claims, step)(mine, by="super-1", **named))
    found = refused(yard, RoleNotAllowed, lambda: getattr(claims, step)(mine, by="admin", **named))
    assert (found.act, found.allowed) == ("review-claim", "clerk, supervisor")
    getattr(claims, step)(mine, by="clerk-1", **named)


def test_the_reviewer_does_not_post_and_the_submitter_may() -> None:
    yard = square()
    claim = approved(yard)
    refused(yard, SelfApproval, lambda: yard.bank.claims.post(claim, by="super-1"))
    yard.bank.claims.post(claim, by="clerk-1")


def test_who_objected_does_not_decide_about_it() -> None:
    yard = noticed()
    claim, claims = approved(yard), yard.bank.claims
    claims.object(claim, reason="not-done", by="super-2")
    refused(yard, SelfApproval, lambda: claims.dismiss(claim, by="super-2"))
    refused(yard, SelfApproval, lambda: claims.uphold(claim, reason="not-done", by="super-2"))
    refused(yard, RoleNotAllowed, lambda: claims.dismiss(claim, by="clerk-1"))
    claims.dismiss(claim, by="super-1")


def test_a_claim_is_withdrawn_by_its_submitter_a_supervisor_or_an_admin() -> None:
    yard = noticed()
    yard.bank.organisations.appoint("clerk-2", org="yard", role="clerk", by="admin")
    claims = yard.bank.claims
    first, second = submit(yard).seq, submit(yard).seq
    found = refused(yard, RoleNotAllowed, lambda: claims.withdraw(first, by="clerk-2"))
    assert found.act == "withdraw-claim"
    claims.withdraw(first, by="clerk-1")
    claims.withdraw(second, by="super-1")
    assert [each.state for each in claims.all()] == ["withdrawn", "withdrawn"]


def test_an_auditor_posts_nothing() -> None:
    yard = noticed()
    yard.bank.organisations.appoint("audit-1", org="yard", role="auditor", by="admin")
    claim, claims = approved(yard), yard.bank.claims
    for act in (
        lambda: submit(yard, by="audit-1"),
        lambda: claims.object(claim, reason="no", by="audit-1"),
        lambda: claims.withdraw(claim, by="audit-1"),
        lambda: claims.post(claim, by="audit-1"),
    ):
        refused(yard, RoleNotAllowed, act)


# --- states


STEPS: dict[str, dict[str, str]] = {
    "approve": {"by": "super-1"},
    "reject": {"by": "super-1", "reason": "not-done"},
    "object": {"by": "clerk-1", "reason": "not-done"},
    "dismiss": {"by": "super-2"},
    "uphold": {"by": "super-2", "reason": "not-done"},
    "withdraw": {"by": "clerk-1"},
    "post": {"by": "clerk-1"},
}
LEADS = {
    "submitted": {"approve": "approved", "reject": "rejected", "withdraw": "withdrawn"},
    "approved": {"object": "objected", "withdraw": "withdrawn", "post": "awarded"},
    "objected": {"dismiss": "approved", "uphold": "rejected"},
    "rejected": {},
    "withdrawn": {},
    "awarded": {},
}
WAYS = {
    "submitted": [],
    "approved": ["approve"],
    "objected": ["approve", "object"],
    "rejected": ["reject"],
    "withdrawn": ["withdraw"],
    "awarded": ["approve", "post"],
}


@pytest.mark.parametrize("state", LEADS)
@pytest.mark.parametrize("step", STEPS)
def test_each_step_is_taken_in_its_states_and_in_no_other(state: str, step: str) -> None:
    yard = square()
    claim, claims = submit(yard).seq, yard.bank.claims
    for earlier in WAYS[state]:
        getattr(claims, earlier)(claim, **STEPS[earlier])
    assert claims.get(claim).state == state
    if step in LEADS[state]:
        getattr(claims, step)(claim, **STEPS[step])
        assert claims.get(claim).state == LEADS[state][step]
    else:
        found = refused(yard, ClaimNotOpen, lambda: getattr(claims, step)(claim, **STEPS[step]))
        assert (found.claim, found.state) == (claim, state)


@pytest.mark.parametrize(("days", "error"), [(3, None), (4, NoticeOver)])
def test_objections_are_heard_through_the_last_day_of_notice(days: int, error: type[TimebankError] | None) -> None:
    yard = noticed()
    claim = approved(yard)
    yard.later(days)
    if error is None:
        yard.bank.claims.object(claim, reason="not-done", by="clerk-1")
    else:
        refused(yard, error, lambda: yard.bank.claims.object(claim, reason="not-done", by="clerk-1"))


def test_an_award_taken_back_leaves_its_claim_posted() -> None:
    yard = square()
    claim = approved(yard)
    award = yard.bank.claims.post(claim, by="clerk-1")
    yard.reverse(award.seq)
    assert (yard.points(), yard.bank.claims.get(claim).state) == (0, "awarded")
    refused(yard, ClaimNotOpen, lambda: yard.bank.claims.post(claim, by="clerk-1"))


@pytest.mark.parametrize("claim", [0, 10_000, -1, 10**45, True, "3", None])
def test_an_entry_that_claims_nothing_is_no_claim(claim: Any) -> None:
    yard = square()
    for act in (
        lambda: yard.bank.claims.approve(claim, by="super-1"),
        lambda: yard.bank.claims.withdraw(claim, by="super-1"),
        lambda: yard.bank.claims.post(claim, by="super-1"),
        lambda: yard.bank.claims.get(claim),
    ):
        assert refused(yard, UnknownClaim, act).name == str(claim)[:40]


def test_a_review_is_of_no_day_before_the_service() -> None:
    yard = noticed()
    claim = submit(yard).seq
    refused(yard, AnswerTooEarly, lambda: yard.bank.claims.approve(claim, day=date(2024, 2, 4), by="super-1"))
    yard.bank.claims.reject(claim, reason="not-done", day=DAY, by="super-1")
    assert yard.bank.claims.get(claim).state == "rejected"


def test_an_approval_of_an_earlier_day_does_not_shorten_the_notice() -> None:
    yard = noticed()
    claim = submit(yard).seq
    yard.later(2)
    today = yard.bank.today()
    yesterday = today - timedelta(days=1)
    late = refused(yard, NoticeBackdated, lambda: yard.bank.claims.approve(claim, day=yesterday, by="super-1"))
    assert (late.claim, late.day, late.today) == (claim, yesterday.isoformat(), today.isoformat())
    yard.bank.claims.approve(claim, day=today, by="super-1")
    assert yard.bank.claims.get(claim).notice_until == (today + timedelta(days=3)).isoformat()


def test_without_public_notice_an_approval_may_be_of_an_earlier_day() -> None:
    yard = square()
    claim = submit(yard).seq
    yard.later(2)
    yard.bank.claims.approve(claim, day=DAY, by="super-1")
    assert yard.bank.claims.get(claim).notice_until == DAY.isoformat()


# --- checked when submitted, and again when posted


@pytest.mark.parametrize(("people", "error"), [(0, BadAmount), (1, None), (200, None), (201, BadAmount)])
def test_a_claim_is_for_one_to_two_hundred_members(people: int, error: type[TimebankError] | None) -> None:
    yard = square()
    members = [yard.bank.members.enrol(org="yard", by="super-1").id for _ in range(people)]
    if error is None:
        claim = approved(yard, "help", members)
        yard.bank.claims.post(claim, by="clerk-1")
        assert {yard.points(member) for member in members} == {2}
    else:
        refused(yard, error, lambda: submit(yard, "help", members))


@pytest.mark.parametrize(
    ("service", "members", "named", "error"),
    [
        ("help", ["li", "li"], {}, BadCode),
        ("help", ["0000000001"], {}, UnknownMember),
        ("help", ["li", "0000000001"], {}, UnknownMember),
        ("nothing", ["li"], {"occasions": 1}, UnknownService),
        ("company", ["li"], {"occasions": 1}, MeasureWrong),
        ("company", ["li"], {"minutes": 29}, DurationWrong),
        ("company", {"li": Measure(60)}, {"minutes": 60}, MeasuresTwice),
        ("help", ["li"], {"day": date(2024, 3, 2)}, DayInFuture),
        ("help", ["li"], {"evidence": "abc"}, BadCode),
    ],
)
def test_what_cannot_be_claimed(
    service: str, members: Any, named: dict[str, Any], error: type[TimebankError]
) -> None:
    yard = square()
    ids = {"li": yard.li}
    if isinstance(members, dict):
        members = {ids.get(each, each): measure for each, measure in members.items()}
    else:
        members = [ids.get(each, each) for each in members]
    refused(yard, error, lambda: submit(yard, service, members, **named))


def test_the_same_evidence_is_claimed_once_unless_that_claim_came_to_nothing() -> None:
    yard = noticed()
    first = submit(yard, evidence=HASH).seq
    assert refused(yard, EvidenceSeen, lambda: submit(yard, members=[yard.fang], evidence=HASH)).claim == first
    yard.bank.claims.withdraw(first, by="clerk-1")
    second = submit(yard, evidence=HASH).seq
    yard.bank.claims.reject(second, reason="not-done", by="super-1")
    third = awarded(yard, evidence=HASH)
    refused(yard, EvidenceSeen, lambda: submit(yard, evidence=HASH))
    yard.reverse(third.seq)
    refused(yard, EvidenceSeen, lambda: submit(yard, evidence=HASH))


def test_what_was_recorded_between_submission_and_posting_counts() -> None:
    yard = square('overlap = "refused"', cap("minutes", "member", "day", 120))
    claims = yard.bank.claims
    first = approved(yard, "company", [yard.fang, yard.li], minutes=90, start="09:00")
    second = approved(yard, "company", [yard.fang], minutes=30, start="10:00")
    third = approved(yard, "company", [yard.li], minutes=40, start="12:00")
    claims.post(third, by="clerk-1")
    refused(yard, CapPassed, lambda: claims.post(first, by="clerk-1"))
    assert yard.points(yard.fang) == 0, "all members or none"
    yard.reverse(claims.get(third).award or 0)
    claims.post(first, by="clerk-1")
    refused(yard, TimesOverlap, lambda: claims.post(second, by="clerk-1"))


def test_one_member_with_nothing_to_gain_stops_the_whole_claim() -> None:
    yard = square(more="[[multiplier]]\npercent = 40\nfirst = 2024-02-05\nlast = 2024-02-05\n")
    measures = {yard.li: Measure(grade="best"), yard.fang: Measure(grade="fair")}
    found = refused(yard, NothingToAward, lambda: submit(yard, "hygiene", measures))
    assert found.member == yard.fang
    submit(yard, "hygiene", {**measures, yard.fang: Measure(10, grade="fair")})


def test_a_recipient_or_a_pool_pays_for_all_members_or_for_none() -> None:
    yard = square()
    claims, third = yard.bank.claims, yard.bank.members.enrol(org="yard", by="super-1").id
    yard.earn(7, member=third)
    claim = approved(yard, "errand", [yard.li, yard.fang], occasions=1, recipient=third)
    found = refused(yard, NotEnoughPoints, lambda: claims.post(claim, by="clerk-1"))
    assert (found.available_points, found.needed_points) == (7, 8)
    yard.earn(1, member=third)
    award = claims.post(claim, by="clerk-1").entry
    assert (yard.points(), yard.points(yard.fang), yard.points(third)) == (4, 4, 0)
    assert award.body["recipient"] == third
    yard.earn(5, member=third)
    yard.bank.gifts.give(third, pool="yard", points=5, by="clerk-1")
    meal = approved(yard, "meal", [yard.li, yard.fang], minutes=90)
    short = refused(yard, NotEnoughInPool, lambda: claims.post(meal, by="clerk-1"))
    assert (short.available, short.needed) == (5, 6)


def test_nothing_is_claimed_or_posted_on_a_closed_day() -> None:
    yard = noticed()
    claim = approved(yard)
    yard.later(4)
    yard.bank.periods.close("2024-02", by="super-1")
    refused(yard, PeriodClosed, lambda: submit(yard))
    refused(yard, PeriodClosed, lambda: yard.bank.claims.post(claim, by="clerk-1"))
    open_ = submit(yard, day=date(2024, 3, 1)).seq
    refused(yard, PeriodClosed, lambda: yard.bank.claims.approve(open_, day=date(2024, 2, 29), by="super-1"))


def test_a_claim_is_posted_by_the_rulebook_of_its_day() -> None:
    yard = square()
    claim = approved(yard)
    text = "\n".join(yard.bank.journal.entry(yard.bank.rulebooks.all()[0].seq).body["text"])
    yard.bank.rulebooks.adopt(text.replace("points = 1\n", "points = 9\n"), from_day=date(2024, 2, 6), by="admin")
    yard.bank.claims.post(claim, by="clerk-1")
    assert yard.points() == 2


def test_a_claim_is_not_reviewed_by_a_rulebook_of_its_day_that_has_its_service_no_more() -> None:
    yard = square()
    claim = submit(yard).seq
    text = "\n".join(yard.bank.journal.entry(yard.bank.rulebooks.all()[0].seq).body["text"])
    yard.bank.rulebooks.adopt(text.replace("[service.help]", "[service.aid]"), from_day=DAY, by="admin")
    found = refused(yard, UnknownService, lambda: yard.bank.claims.approve(claim, by="super-1"))
    assert (found.name, found.day, "aid" in found.known) == ("help", DAY.isoformat(), True)


# --- the same command twice, and what is kept


def test_the_same_keys_take_every_step_once() -> None:
    yard = square()
    claims = yard.bank.claims

    def all_steps() -> list[tuple[int, bool]]:
        first = submit(yard, key="a")
        done = [
            first,
            claims.approve(first.seq, by="super-1", key="b"),
            claims.object(first.seq, reason="no", by="clerk-1", key="c"),
            claims.dismiss(first.seq, by="super-2", key="d"),
            claims.post(first.seq, by="clerk-1", key="e"),
        ]
        return [(posted.seq, posted.repeated) for posted in done]

    once = all_steps()
    assert [repeated for _, repeated in once] == [False] * 5
    assert all_steps() == [(seq, True) for seq, _ in once]
    refused(yard, KeyConflict, lambda: submit(yard, key="a", occasions=3))
    refused(yard, KeyConflict, lambda: claims.uphold(once[0][0], reason="no", by="super-2", key="d"))


def test_claims_are_the_same_after_a_rebuild_and_listed_by_state_and_organisation() -> None:
    yard = square()
    claims = yard.bank.claims
    first, second = submit(yard).seq, approved(yard, evidence=HASH)
    third = approved(yard)
    claims.object(third, reason="no", by="clerk-1")
    claims.post(second, by="clerk-1")
    record(yard, "help", occasions=1, evidence="cd" * 32)
    before = claims.all()
    yard.bank.rebuild()
    assert claims.all() == before
    assert [claim.seq for claim in claims.all(state="submitted")] == [first]
    assert [claim.seq for claim in claims.all(state="awarded", org="yard")] == [second]
    assert claims.done(first) == ((yard.li, Measure(occasions=2)),)
    with pytest.raises(BadCode):
        claims.all(state="lost")
    refused(yard, EvidenceSeen, lambda: submit(yard, evidence="cd" * 32))
