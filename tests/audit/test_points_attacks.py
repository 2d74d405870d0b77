"""Forged deductions, appeals, gifts, grants, opening balances, expiries, budgets, and reversals with debts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.audit.forging import CLERK, DAY

if TYPE_CHECKING:
    from tests.audit.forging import Forger

Found = list[tuple[str, str]]


# --- Deductions and appeals --------------------------------------------------------------------------------


def deduct(forger: Forger, points: int, taken: int, **body: Any) -> Found:
    move = [[forger.account("zhao"), "I:DEDUCTED:GRID-7", "PTS", taken]] if taken else None
    body = {"deduction": "rubbish", "points": points, "member": forger.people["zhao"], **body}
    return forger.forge("deduction", body, **CLERK, move=move)


def points_of(forger: Forger, name: str) -> int:
    """What a member has at the journal's end."""
    account = forger.account(name)
    moves = [move for members in forger.leaves for move in members.get("move", ()) if move[2] == "PTS"]
    return sum(amount for _, credit, _, amount in moves if credit == account) - sum(
        amount for debit, _, _, amount in moves if debit == account
    )


def test_a_deduction_that_the_rulebook_names_is_no_finding(forger: Forger) -> None:
    held = points_of(forger, "zhao")
    assert deduct(forger, 5, min(5, held)) == []


def test_a_deduction_of_more_than_the_rulebook_says_is_found(forger: Forger) -> None:
    held = min(50, points_of(forger, "zhao"))
    assert deduct(forger, 50, held) == [("amount-wrong", "deduction")]


def test_a_deduction_that_the_rulebook_does_not_name_is_found(forger: Forger) -> None:
    held = min(5, points_of(forger, "zhao"))
    assert deduct(forger, 5, held, deduction="snoring") == [("amount-wrong", "deduction")]


def test_a_deduction_that_takes_less_than_it_says_is_found(forger: Forger) -> None:
    body = {"deduction": "rubbish", "points": 5, "member": forger.people["li"]}
    move = [[forger.account("li"), "I:DEDUCTED:GRID-7", "PTS", 1]]
    held = points_of(forger, "li")
    assert held != 1
    found = forger.forge("deduction", body, **CLERK, move=move)
    assert found == [("amount-wrong", "deduction")]


def test_a_deduction_without_a_second_person_is_found(forger: Forger) -> None:
    held = min(5, points_of(forger, "zhao"))
    move = [[forger.account("zhao"), "I:DEDUCTED:GRID-7", "PTS", held]] if held else None
    body = {"deduction": "rubbish", "points": 5, "member": forger.people["zhao"]}
    assert forger.forge("deduction", body, move=move) == [("not-allowed", "None")]


def test_an_appeal_that_comes_too_late_is_found(forger: Forger) -> None:
    found = forger.forge("appeal", {"do": "lodge", "reason": "not-me"}, ref=forger.seqs["unappealed"])
    assert found == [("rule-broken", "appeal-too-late")]


def test_an_appeal_against_something_else_is_found(forger: Forger) -> None:
    found = forger.forge("appeal", {"do": "lodge", "reason": "not-me"}, ref=forger.seqs["sold"])
    assert found == [("name-unknown", "deduction")]


@pytest.mark.parametrize(("by", "ok", "who"), [("sup-1", "sup-2", "sup-1"), ("sup-2", "sup-1", "sup-1")])
def test_an_appeal_decided_by_one_who_deducted_is_found(forger: Forger, by: str, ok: str, who: str) -> None:
    assert forger.forge("appeal", {"do": "deny"}, ref=forger.seqs["lodged"], by=by, ok=ok) == [
        ("approval-wrong", who)
    ]


def test_an_appeal_decided_twice_is_found(forger: Forger) -> None:
    denied = forger.leaves[forger.last("appeal", do="deny")]["ref"]
    second = forger.forge("appeal", {"do": "deny"}, ref=denied, by="sup-2", ok="sup-3")
    assert second == [("state-wrong", "appeal")]


def test_an_appeal_granted_without_giving_back_is_found(forger: Forger) -> None:
    found = forger.forge("appeal", {"do": "grant"}, ref=forger.seqs["lodged"], by="sup-2", ok="sup-3")
    assert found == [("entry-wrong", "appeal: what was taken is not given back")]


def test_points_given_back_for_an_appeal_that_nobody_lodged_are_found(forger: Forger) -> None:
    ref = forger.seqs["unappealed"]
    move = [[credit, debit, unit, amount] for debit, credit, unit, amount in forger.leaves[ref]["move"]]
    body = {"of": "deduction", "reason": "appeal-granted"}
    found = forger.forge("reversal", body, ref=ref, move=move, by="sup-2", ok="sup-3")
    assert found == [("name-unknown", "appeal")]


# --- Gifts, grants, opening balances -----------------------------------------------------------------------


def give(forger: Forger, **body: Any) -> Found:
    values = {"from": forger.people["li"], "to": forger.people["qian"], "relation": "child", "unit": "MIN", **body}
    values = {name: value for name, value in values.items() if value is not None}
    to = f"L:POOL:{values['pool'].upper()}" if "pool" in values else f"L:M:{values['to']}"
    return forger.forge("gift", values, move=[[forger.account("li"), to, values["unit"], 1]])


def test_a_gift_to_a_child_or_a_pool_is_no_finding(forger: Forger) -> None:
    assert give(forger) == []
    assert give(forger, to=None, relation=None, pool="yungu") == []


@pytest.mark.parametrize("relation", ["friend", None])
def test_a_gift_to_a_stranger_is_found(forger: Forger, relation: str | None) -> None:
    assert give(forger, relation=relation) == [("rule-broken", "gift-not-allowed relation")]


def test_a_gift_that_goes_to_another_than_it_says_is_found(forger: Forger) -> None:
    body = {"from": forger.people["li"], "to": forger.people["qian"], "relation": "child", "unit": "MIN"}
    li, sun = forger.account("li"), forger.account("sun")
    found = forger.forge("gift", body, move=[[li, sun, "MIN", 1]])
    assert found == [("entry-wrong", f"gift: 1 MIN from {li} to {sun}")]


def test_a_gift_to_a_pool_of_nobody_is_found(forger: Forger) -> None:
    assert give(forger, to=None, relation=None, pool="nowhere") == [("name-unknown", "organisation")]


def grant(forger: Forger, name: str, pool: str = "grid-7", **members: Any) -> Found:
    body = {"pool": pool, "member": forger.people["sun"], "reason": "old-and-ill"}
    values = {**CLERK, "move": [["L:POOL:GRID-7", forger.account(name), "MIN", 1]], **members}
    return forger.forge("grant", body, **values)


def test_a_grant_to_another_than_it_says_is_found(forger: Forger) -> None:
    assert grant(forger, "sun") == []
    sun = forger.account("li")
    assert grant(forger, "li") == [("entry-wrong", f"grant: 1 MIN from L:POOL:GRID-7 to {sun}")]


def test_a_grant_from_another_pool_than_it_says_is_found(forger: Forger) -> None:
    found = grant(forger, "sun", "yungu")
    assert found == [("entry-wrong", f"grant: 1 MIN from L:POOL:GRID-7 to {forger.account('sun')}")]


def test_a_grant_without_a_second_person_is_found(forger: Forger) -> None:
    assert grant(forger, "sun", ok=None) == [("not-allowed", "None")]


def test_a_second_opening_balance_is_found(forger: Forger) -> None:
    seq = forger.last("opening", member=forger.people["sun"])
    move = [["E:OPENING:SHANXI", forger.account("sun"), "PTS", 20]]
    assert forger.again(seq, move=move, day=DAY) == [("state-wrong", "member")]


def test_an_opening_balance_from_another_organisation_is_found(forger: Forger) -> None:
    body = {"member": forger.people["wang"]}
    move = [["E:OPENING:JIANYANG", forger.account("wang"), "PTS", 20]]
    found = forger.forge("opening", body, by="reg-1", ok="sup-1", move=move)
    assert found == [("entry-wrong", "opening: transfers are not as they should be")]


# --- Expiry ------------------------------------------------------------------------------------------------


def test_points_that_lapse_before_their_time_are_found(forger: Forger) -> None:
    last = "2028-05-31"
    body = {"member": forger.people["wang"], "until": last}
    found = forger.forge(
        "expiry", body, move=[[forger.account("wang"), "I:EXPIRED:GRID-7", "PTS", 1]], day="2027-06-01"
    )
    assert found == [
        ("entry-wrong", "expiry: on another day"),
        ("entry-wrong", f"expiry: {last} is not the last day of points"),
        ("amount-wrong", "expiry"),
    ]


def test_more_points_that_lapse_than_were_left_are_found(forger: Forger) -> None:
    body = {"member": forger.people["wang"], "until": "2027-01-31"}
    move = [[forger.account("wang"), "I:EXPIRED:GRID-7", "PTS", 1]]
    assert forger.forge("expiry", body, move=move, day="2027-01-31") == [("amount-wrong", "expiry")]


def test_points_that_lapse_to_another_account_are_found(forger: Forger) -> None:
    body = {"member": forger.people["wang"], "until": "2027-01-31"}
    wang, li = forger.account("wang"), forger.account("li")
    found = forger.forge("expiry", body, move=[[wang, li, "PTS", 1]], day="2027-01-31")
    assert found == [("entry-wrong", f"expiry: 1 PTS from {wang} to {li}"), ("amount-wrong", "expiry")]


# --- Budgets -----------------------------------------------------------------------------------------------


def budget(forger: Forger, **body: Any) -> Found:
    values = {"org": "grid-7", "first": "2027-07-01", "last": "2027-07-31", "points": 9, **body}
    return forger.forge("budget", values, by="admin", ok="sup-1")


def test_a_budget_that_overlaps_another_is_found(forger: Forger) -> None:
    assert budget(forger) == []
    assert budget(forger, first="2027-05-31", last="2027-06-03") == [("rule-broken", "budget-overlaps")]


def test_a_budget_by_a_supervisor_is_found(forger: Forger) -> None:
    body = {"org": "grid-7", "first": "2027-07-01", "last": "2027-07-31", "points": 9}
    assert forger.forge("budget", body, by="sup-1", ok="sup-2") == [("not-allowed", "sup-1")]


def test_a_budget_that_ends_before_it_begins_is_found(forger: Forger) -> None:
    assert budget(forger, last="2027-06-01") == [("entry-wrong", "budget: days or points")]


# --- Debts -------------------------------------------------------------------------------------------------


def take_back(forger: Forger, debt: int, *legs: list[Any], **body: Any) -> Found:
    """A reversal of the last award to wang, with a debt that nobody owes."""
    ref = next(
        seq
        for seq in reversed(range(len(forger.leaves)))
        if forger.leaves[seq]["kind"] == "award" and forger.leaves[seq]["move"][0][1] == forger.account("wang")
    )
    mirror = [
        [credit, debit, unit, amount] for debit, credit, unit, amount in reversed(forger.leaves[ref]["move"])
    ]
    values = {"of": "award", "reason": "mistake", "debt": debt, **body}
    return forger.forge("reversal", values, **CLERK, ref=ref, move=[*legs, *mirror])


def test_a_debt_of_one_who_has_the_points_is_found(forger: Forger) -> None:
    wang = forger.people["wang"]
    found = take_back(forger, 1, [f"A:DEBT:{wang}", f"L:M:{wang}", "PTS", 1])
    assert found == [
        ("entry-wrong", "reversal: transfers are not as they should be"),
        ("amount-wrong", "debt"),
    ]


def test_a_debt_that_pays_another_member_is_found(forger: Forger) -> None:
    wang, li = forger.people["wang"], forger.people["li"]
    found = take_back(forger, 1, [f"A:DEBT:{wang}", f"L:M:{li}", "PTS", 1])
    assert [code for code, _ in found] == ["reversal-wrong", "entry-wrong", "amount-wrong"]
