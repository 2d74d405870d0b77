"""Deductions by the negative list, and appeals against them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timebank.cli import typed
from timebank.cli.commands import (
    APPROVED_BY,
    BY,
    CARD_OPTION,
    FILE,
    KEY,
    MEMBER_OPTION,
    Group,
    argument,
    command,
    holder,
    one_of,
    option,
    reading,
    writing,
)
from timebank.cli.language import say
from timebank.cli.output import put, put_posted
from timebank.cli.reports import AS_REPORT, Sheet, show
from timebank.cli.wording import Names

if TYPE_CHECKING:
    from datetime import date

DEDUCTION = argument("deduction", type=typed.place, metavar="SEQ")


@command("deduct")
@FILE
@argument("deduction")
@CARD_OPTION
@MEMBER_OPTION
@option("--day", type=typed.day("day"), required=True, metavar="YYYY-MM-DD", help="deduction-day")
@option("--org", metavar="ORG", help="deduction-org")
@BY
@APPROVED_BY
@KEY
def deduct(
    file: str,
    deduction: str,
    card: str | None,
    member: str | None,
    day: date,
    org: str | None,
    by: str,
    approved_by: str,
    key: str | None,
) -> None:
    """Take points off by the negative list."""
    one_of(card=card, member=member)
    with writing(file) as bank:
        who = holder(bank, card=card, member=member)
        called = Names.of(bank).deductions.get(deduction, deduction)
        posted = bank.deductions.record(who, deduction, day=day, org=org, by=by, approved_by=approved_by, key=key)
    taken = sum(move.amount for move in posted.entry.moves)
    wanted = posted.entry.body["points"]
    put(say("cli", "deducted", called=called, taken=taken, wanted=wanted, member=who.id))
    put_posted(posted)


appeal = Group("appeal")


@command("lodge", into=appeal)
@FILE
@DEDUCTION
@option("--reason", required=True, metavar="CODE", help="appeal-reason")
@option("--day", type=typed.day("day"), metavar="YYYY-MM-DD", help="appeal-day")
@BY
@KEY
def appeal_lodge(file: str, deduction: int, reason: str, day: date | None, by: str, key: str | None) -> None:
    """Appeal against a deduction."""
    with writing(file) as bank:
        posted = bank.deductions.lodge(deduction, reason=reason, day=day, by=by, key=key)
    put(say("cli", "appeal-lodged", number=deduction))
    put_posted(posted)


@command("grant", into=appeal)
@FILE
@DEDUCTION
@BY
@APPROVED_BY
@KEY
def appeal_grant(file: str, deduction: int, by: str, approved_by: str, key: str | None) -> None:
    """Grant an appeal; the points are given back."""
    with writing(file) as bank:
        posted = bank.deductions.grant(deduction, by=by, approved_by=approved_by, key=key)
    points = sum(move.amount for move in posted.entry.moves)
    put(say("cli", "appeal-granted", number=deduction, points=points))
    put_posted(posted)


@command("deny", into=appeal)
@FILE
@DEDUCTION
@BY
@APPROVED_BY
@KEY
def appeal_deny(file: str, deduction: int, by: str, approved_by: str, key: str | None) -> None:
    """Deny an appeal."""
    with writing(file) as bank:
        posted = bank.deductions.deny(deduction, by=by, approved_by=approved_by, key=key)
    put(say("cli", "appeal-denied", number=deduction))
    put_posted(posted)


@command("list", into=appeal)
@FILE
@option("--state", metavar="STATE", help="appeal-state")
@AS_REPORT
def appeal_list(file: str, state: str | None) -> None:
    """Show the appeals."""
    with reading(file) as bank:
        found = bank.deductions.appeals(state=state)
    rows = [
        (str(each.deduction), each.member, say("cli", "state", state=each.state), str(each.seq)) for each in found
    ]
    json = {
        "report": "appeals",
        "rows": [
            {"deduction": each.deduction, "member": each.member, "state": each.state, "seq": each.seq}
            for each in found
        ],
    }
    show(Sheet("appeals", say("cli", "appeals-title"), ("deduction", "member", "state", "entry"), rows), json=json)
