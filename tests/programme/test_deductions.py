"""Deductions by the negative list, and appeals: never below zero, decided by others, given back by a reversal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import fewer
from tests.programme.test_awards import square
from tests.programme.yard import Yard
from timebank.errors import (
    AlreadyExists,
    AlreadyResolved,
    AnswerTooEarly,
    AppealNotOpen,
    AppealTooLate,
    ApprovalMissing,
    BadCode,
    KeyConflict,
    PeriodClosed,
    RoleNotAllowed,
    SelfApproval,
    TimebankError,
    UnknownAppeal,
    UnknownDeduction,
    UnknownEntry,
    UnknownMember,
)
from timebank.ledger.entries import Draft
from timebank.ledger.journal import Posted
from timebank.ledger.resolution import reversal
from timebank.ledger.transfers import Transfer
from timebank.programme.deductions import GRANTED, Appeal

DAY = date(2024, 2, 5)
RUBBISH = """
[deduction.rubbish]
zh = "乱倒垃圾"
en = "Rubbish dumped"
points = 5
"""
DECIDED = {"by": "super-2", "approved_by": "admin"}


def yard_of(rules: str = "") -> Yard:
    return square(rules, RUBBISH)


def deduct(yard: Yard, *, day: date = DAY, **named: Any) -> Posted:
    people = {"by": "clerk-1", "approved_by": "super-1"}
    return yard.bank.deductions.record(named.pop("member", yard.li), "rubbish", day=day, **(people | named))


def refused(yard: Yard, error: type[TimebankError], act: Callable[[], object]) -> Any:
    before = yard.trace()
    with pytest.raises(error) as caught:
        act()
    assert yard.trace() == before
    return caught.value


def test_a_deduction_takes_points_from_the_member_to_the_organisations_income() -> None:
    """The member is owed less, and the organisation has income: debit liability, credit income."""
    yard = yard_of()
    yard.earn(8)
    posted = deduct(yard)
    assert dict(posted.entry.body) == {"deduction": "rubbish", "member": yard.li, "points": 5}
    assert posted.entry.moves == (Transfer(yard.account(), "I:DEDUCTED:YARD", "PTS", 5),)
    assert (yard.points(), yard.balance("I:DEDUCTED:YARD"), posted.entry.day) == (3, 5, DAY)


def test_another_organisation_than_the_members_own_can_deduct_and_then_has_the_income() -> None:
    yard = yard_of()
    yard.bank.organisations.add("street", name="街道", level="street", by="admin")
    yard.earn(8)
    deduct(yard, org="street")
    assert (yard.points(), yard.balance("I:DEDUCTED:YARD"), yard.balance("I:DEDUCTED:STREET")) == (3, 0, 5)


@given(st.integers(0, 12))
@fewer(3)
def test_a_deduction_takes_what_is_there_and_never_more(held: int) -> None:
    yard = yard_of()
    if held:
        yard.earn(held)
    posted = deduct(yard)
    assert yard.points() == max(0, held - 5)
    assert sum(move.amount for move in posted.entry.moves) == min(held, 5)
    assert posted.entry.body["points"] == 5
    assert bool(posted.entry.moves) == bool(held)


def test_who_may_deduct() -> None:
    yard = yard_of()
    refused(yard, SelfApproval, lambda: deduct(yard, by="super-1"))
    refused(yard, RoleNotAllowed, lambda: deduct(yard, by="super-1", approved_by="clerk-1"))
    refused(yard, ApprovalMissing, lambda: deduct(yard, approved_by=None))
    refused(yard, UnknownMember, lambda: deduct(yard, member="0000000001"))
    refused(
        yard,
        UnknownDeduction,
        lambda: yard.bank.deductions.record(yard.li, "feud", day=DAY, by="clerk-1", approved_by="super-1"),
    )


def test_nothing_is_deducted_on_a_closed_day() -> None:
    yard = yard_of()
    yard.bank.periods.close("2024-02", by="super-1")
    refused(yard, PeriodClosed, lambda: deduct(yard))
    deduct(yard, day=yard.today)


def test_the_same_key_deducts_once() -> None:
    yard = yard_of()
    yard.earn(20)
    first = deduct(yard, key="k")
    assert (deduct(yard, key="k").seq, yard.points()) == (first.seq, 15)
    refused(yard, KeyConflict, lambda: deduct(yard, key="k", day=date(2024, 2, 6)))


def test_a_deduction_can_be_taken_back_as_a_mistake() -> None:
    yard = yard_of()
    yard.earn(8)
    posted = deduct(yard)
    yard.reverse(posted.seq)
    assert (yard.points(), yard.balance("I:DEDUCTED:YARD")) == (8, 0)
    taken_back = yard.trace()[0] - 1
    told = refused(
        yard, AlreadyResolved, lambda: yard.bank.deductions.lodge(posted.seq, reason="not-me", by="clerk-1")
    )
    assert told.facts() == {"seq": posted.seq, "resolved_by_seq": taken_back}


# --- appeals


@pytest.mark.parametrize(("day", "error"), [(date(2024, 2, 20), None), (date(2024, 2, 21), AppealTooLate)])
def test_a_deduction_is_appealed_within_the_days_of_the_rulebook(
    day: date, error: type[TimebankError] | None
) -> None:
    yard = yard_of()
    seq = deduct(yard).seq

    def lodge() -> Posted:
        return yard.bank.deductions.lodge(seq, reason="not-me", day=day, by="clerk-1")

    if error is None:
        lodged = lodge().entry
        assert (lodged.by, lodged.day) == ("clerk-1", day)
        assert yard.bank.deductions.appeals(state="lodged") == (Appeal(seq, yard.li, "lodged", lodged.seq),)
        assert (lodged.kind, lodged.ref, dict(lodged.body)) == ("appeal", seq, {"do": "lodge", "reason": "not-me"})
    else:
        assert refused(yard, error, lodge).facts() == {"seq": seq, "last_day": "2024-02-20"}


def test_an_appeal_is_lodged_on_the_day_of_the_deduction_at_the_earliest_and_once() -> None:
    yard = yard_of("appeal_days = 30")
    seq, desk = deduct(yard).seq, yard.bank.deductions
    early = refused(
        yard, AnswerTooEarly, lambda: desk.lodge(seq, reason="not-me", day=date(2024, 2, 4), by="clerk-1")
    )
    assert tuple(early.facts().values()) == (seq, "2024-02-04", "2024-02-05")
    desk.lodge(seq, reason="not-me", day=DAY, by="clerk-1")
    again = refused(yard, AlreadyExists, lambda: desk.lodge(seq, reason="not-me", by="clerk-1"))
    assert tuple(again.facts().values()) == ("appeal", str(seq))


def appealed(yard: Yard) -> int:
    yard.earn(8)
    seq = deduct(yard).seq
    yard.bank.deductions.lodge(seq, reason="not-me", day=DAY, by="clerk-1")
    return seq


def test_an_appeal_that_is_granted_gives_the_points_back_by_a_reversal() -> None:
    yard = yard_of()
    seq = appealed(yard)
    granted = yard.bank.deductions.grant(seq, **DECIDED)
    entry = granted.entry
    assert (entry.kind, entry.ref, dict(entry.body)) == (
        "reversal",
        seq,
        {"of": "deduction", "reason": "appeal-granted"},
    )
    assert entry.moves == (Transfer("I:DEDUCTED:YARD", yard.account(), "PTS", 5),)
    assert (entry.by, entry.ok, entry.day, yard.points()) == ("super-2", "admin", yard.today, 8)
    assert yard.bank.deductions.appeals() == (Appeal(seq, yard.li, "granted", granted.seq),)


def test_where_nothing_was_taken_granting_an_appeal_is_an_entry_without_transfers() -> None:
    yard = yard_of("appeal_days = 100")
    seq = deduct(yard).seq
    yard.bank.deductions.lodge(seq, reason="not-me", by="clerk-1")
    entry = yard.bank.deductions.grant(seq, **DECIDED).entry
    assert (entry.kind, dict(entry.body), entry.moves) == ("appeal", {"do": "grant"}, ())
    assert (entry.by, entry.ok, entry.ref, entry.day) == ("super-2", "admin", seq, yard.today)
    assert [appeal.state for appeal in yard.bank.deductions.appeals(state="granted")] == ["granted"]


def test_an_appeal_that_is_denied_changes_no_points() -> None:
    yard = yard_of()
    seq = appealed(yard)
    before = yard.bank.trial_balance()
    entry = yard.bank.deductions.deny(seq, **DECIDED).entry
    assert (entry.kind, entry.ok, dict(entry.body)) == ("appeal", "admin", {"do": "deny"})
    assert yard.bank.trial_balance() == before
    assert yard.bank.deductions.appeals() == (Appeal(seq, yard.li, "denied", entry.seq),)


@pytest.mark.parametrize("first", ["grant", "deny"])
@pytest.mark.parametrize("then", ["grant", "deny"])
def test_an_appeal_is_decided_once(first: str, then: str) -> None:
    yard = yard_of()
    seq, desk = appealed(yard), yard.bank.deductions
    getattr(desk, first)(seq, **DECIDED)
    found = refused(yard, AppealNotOpen, lambda: getattr(desk, then)(seq, **DECIDED))
    assert found.facts() == {"deduction": seq, "state": {"grant": "granted", "deny": "denied"}[first]}
    assert [appeal.state for appeal in desk.appeals()] == [found.state]
    assert desk.appeals(state="lodged") == ()


@pytest.mark.parametrize("decide", ["grant", "deny"])
@pytest.mark.parametrize(
    ("by", "approved_by", "error"),
    [
        ("super-1", "admin", SelfApproval),
        ("admin", "super-1", SelfApproval),
        ("super-2", "super-2", SelfApproval),
        ("clerk-1", "admin", RoleNotAllowed),
        ("super-2", None, ApprovalMissing),
    ],
)
def test_an_appeal_is_decided_by_two_who_had_nothing_to_do_with_the_deduction(
    decide: str, by: str, approved_by: Any, error: type[TimebankError]
) -> None:
    yard = yard_of()
    seq = appealed(yard)
    told = refused(yard, error, lambda: getattr(yard.bank.deductions, decide)(seq, by=by, approved_by=approved_by))
    if error is SelfApproval:
        assert told.facts() == {"operator": by if by == "super-2" else "super-1"}


def test_what_was_deducted_by_who_became_a_supervisor_is_not_theirs_to_decide() -> None:
    yard = yard_of()
    seq = appealed(yard)
    yard.bank.organisations.appoint("clerk-1", org="yard", role="supervisor", by="admin")
    refused(yard, SelfApproval, lambda: yard.bank.deductions.deny(seq, by="clerk-1", approved_by="admin"))


def test_only_deductions_are_appealed_and_only_appeals_decided() -> None:
    yard = yard_of()
    award, deduction, desk = yard.earn(1).seq, deduct(yard).seq, yard.bank.deductions
    for seq in (award, 10_000, -1, "3"):
        for act in (
            lambda seq=seq: desk.lodge(seq, reason="not-me", by="clerk-1"),
            lambda seq=seq: desk.deny(seq, **DECIDED),
        ):
            assert refused(yard, UnknownEntry, act).facts() == {"name": str(seq)}
    assert refused(yard, UnknownAppeal, lambda: desk.grant(deduction, **DECIDED)).facts() == {
        "name": str(deduction)
    }
    bad = refused(yard, BadCode, lambda: desk.appeals(state="?" * 81))
    assert bad.facts() == {"field": "state", "value": "?" * 80, "pattern": "lodged|denied|granted"}


def test_a_deduction_taken_back_as_a_mistake_is_not_given_back_twice() -> None:
    yard = yard_of()
    seq = appealed(yard)
    yard.reverse(seq)
    refused(yard, AlreadyResolved, lambda: yard.bank.deductions.grant(seq, **DECIDED))
    assert yard.points() == 8


@pytest.mark.parametrize("do", ["lodge", "deny", "grant"])
def test_an_entry_about_an_appeal_names_the_deduction_whoever_writes_it(do: str) -> None:
    """No command leaves the deduction out; another program that writes the book could."""
    yard = yard_of()
    appealed(yard)

    def write_it() -> None:
        with yard.bank.journal.writing() as write:
            write.append(Draft(kind="appeal", day=DAY, by="super-2", ok="admin", body={"do": do}))

    told = refused(yard, UnknownAppeal if do != "lodge" else UnknownEntry, write_it)
    assert told.facts() == {"name": "-1"}


@pytest.mark.parametrize("state", [None, "denied"])
def test_a_reversal_grants_no_appeal_that_is_not_lodged_whoever_writes_it(state: str | None) -> None:
    yard = yard_of()
    yard.earn(8)
    deduction = deduct(yard).entry
    if state is not None:
        yard.bank.deductions.lodge(deduction.seq, reason="not-me", day=DAY, by="clerk-1")
        yard.bank.deductions.deny(deduction.seq, **DECIDED)
    before = yard.bank.deductions.appeals()
    with yard.bank.journal.writing() as write:
        write.append(reversal(deduction, day=DAY, by="super-2", ok="admin", reason=GRANTED))
    assert yard.bank.deductions.appeals() == before
    assert [appeal.state for appeal in before] == ([] if state is None else [state])


def test_appeals_are_the_same_after_a_rebuild_and_the_same_keys_do_nothing_twice() -> None:
    yard = yard_of()
    seq = appealed(yard)
    done = [yard.bank.deductions.grant(seq, key="g", **DECIDED) for _ in range(2)]
    assert [posted.repeated for posted in done] == [False, True]
    before = yard.bank.deductions.appeals()
    yard.bank.rebuild()
    assert yard.bank.deductions.appeals() == before


def test_what_has_lapsed_goes_first_and_is_not_deducted() -> None:
    """Eight points of last year lapse at its end; of the two earned since, a deduction takes two and not five."""
    yard = square('expiry = "year-end"', RUBBISH)
    yard.earn(8)
    yard.at(date(2025, 1, 10))
    yard.earn(2)
    posted = deduct(yard, day=date(2025, 1, 10))
    assert [move.amount for move in posted.entry.moves] == [2]
    assert (yard.points(), yard.balance("I:EXPIRED:YARD"), yard.balance("I:DEDUCTED:YARD")) == (0, 8, 2)
