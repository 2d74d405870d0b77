"""Points on their way: gifts, pools, what lapses, how old it is, and budgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timebank.cli import typed
from timebank.cli.commands import (
    APPROVED_BY,
    AS_JSON,
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
from timebank.cli.output import duration, put, put_facts, put_json, put_posted, wants_json, warn_of_clock
from timebank.cli.reports import AS_REPORT, Sheet, show
from timebank.cli.wording import given, receiver
from timebank.ledger.codes import MOST_AMOUNT, POINTS
from timebank.programme.accounts import HELD, POOLS
from timebank.programme.expiry import MOST_DAYS

if TYPE_CHECKING:
    from datetime import date

    from timebank.bank import Bank

POINTS_OPTION = option("--points", type=typed.whole("points", MOST_AMOUNT), metavar="NUMBER")
MINUTES_OPTION = option("--minutes", type=typed.whole("minutes", MOST_AMOUNT), metavar="NUMBER")


@command("gift")
@FILE
@option("--card", type=typed.narrow, metavar="CARD", help="giver-card")
@option("--member", metavar="MEMBER", help="giver-member")
@option("--to", metavar="MEMBER")
@option("--relation", metavar="CODE")
@option("--pool", metavar="ORG")
@POINTS_OPTION
@MINUTES_OPTION
@BY
@KEY
def gift(
    file: str,
    card: str | None,
    member: str | None,
    to: str | None,
    relation: str | None,
    pool: str | None,
    points: int | None,
    minutes: int | None,
    by: str,
    key: str | None,
) -> None:
    """Give points or minutes to a relative or to a pool."""
    one_of(card=card, member=member)
    one_of(to=to, pool=pool)
    one_of(points=points, minutes=minutes)
    with writing(file) as bank:
        giver = holder(bank, card=card, member=member)
        posted = bank.gifts.give(
            giver, to=to, pool=pool, relation=relation, points=points, minutes=minutes, by=by, key=key
        )
    entry = posted.entry
    put(say("cli", "gift-given", giver=giver.id, given=given(entry), receiver=receiver(entry)))
    put_posted(posted)


pool = Group("pool")


@command("grant", into=pool)
@FILE
@argument("org")
@CARD_OPTION
@MEMBER_OPTION
@POINTS_OPTION
@MINUTES_OPTION
@option("--reason", required=True, metavar="CODE")
@BY
@APPROVED_BY
@KEY
def pool_grant(
    file: str,
    org: str,
    card: str | None,
    member: str | None,
    points: int | None,
    minutes: int | None,
    reason: str,
    by: str,
    approved_by: str,
    key: str | None,
) -> None:
    """Give points or minutes from a pool to a member."""
    one_of(card=card, member=member)
    one_of(points=points, minutes=minutes)
    with writing(file) as bank:
        who = holder(bank, card=card, member=member)
        posted = bank.pools.grant(
            org, who, points=points, minutes=minutes, reason=reason, by=by, approved_by=approved_by, key=key
        )
    put(say("cli", "granted", org=org, given=given(posted.entry), member=who.id))
    put_posted(posted)


@command("show", into=pool)
@FILE
@argument("org")
@AS_JSON
def pool_show(file: str, org: str) -> None:
    """Show what a pool holds."""
    with reading(file) as bank:
        held = bank.pools.balance(org)
    if wants_json():
        put_json({"org": org, "points": held.points, "minutes": held.minutes})
        return
    put_facts([(say("head", "points"), held.points), (say("head", "minutes"), duration(held.minutes))])


@command("expire")
@FILE
@BY
@KEY
def expire(file: str, by: str, key: str | None) -> None:
    """Take off all points that have lapsed."""
    with writing(file) as bank:
        posted = bank.points.expire(by=by, key=key)
    if not posted:
        put(say("cli", "expired-none"))
        return
    entries = [each.entry for each in posted]
    points = sum(entry.moves[0].amount for entry in entries)
    members = len({entry.body["member"] for entry in entries})
    put(say("cli", "expired", points=points, members=members, entries=len(entries)))
    if posted[0].repeated:
        put_posted(posted[0])
    else:
        warn_of_clock(posted[0])


@command("lapsing")
@FILE
@option("--days", type=typed.whole("days", MOST_DAYS), default=90, show_default=True, metavar="NUMBER")
@AS_REPORT
def lapsing(file: str, days: int) -> None:
    """Show which points lapse next."""
    with reading(file) as bank:
        found, gone = bank.points.lapsing(days), bank.points.lapsed()
    points, members = sum(each.points for each in found), len({each.member for each in found})
    notes = [say("cli", "lapsing-sum", points=points, members=members)]
    if gone:
        notes.append(say("cli", "lapsed-already", points=sum(each.points for each in gone)))
    rows = [(each.day, each.member, each.points) for each in found]
    show(
        Sheet("lapsing", say("cli", "lapsing-title", days=days), ("until", "member", ">points"), rows, notes=notes)
    )


@command("ages")
@FILE
@AS_REPORT
def ages(file: str) -> None:
    """Show how old outstanding points are and what they cost."""
    with reading(file) as bank:
        found, gone = bank.points.ages(), bank.points.lapsed()
        beside = {"ages-held": _outstanding(bank, HELD), "ages-pools": _outstanding(bank, POOLS)}
    points, fen = sum(age.points for age in found), sum(age.fen for age in found)
    notes = [say("cli", "ages-sum", points=points, yuan=yuan(fen))]
    notes += [say("cli", message, points=points) for message, points in beside.items() if points]
    if gone:
        notes.append(say("cli", "lapsed-already", points=sum(each.points for each in gone)))
    rows = [(str(age.year), age.points, yuan(age.fen)) for age in found]
    show(Sheet("ages", say("cli", "ages-title"), ("year", ">points", ">yuan"), rows, notes=notes))


def _outstanding(bank: Bank, accounts: str) -> int:
    """The points on all accounts whose code begins with *accounts*."""
    lines = (line for line in bank.trial_balance() if line.unit == POINTS)
    return sum(line.amount for line in lines if line.account.startswith(accounts))


def yuan(fen: int) -> str:
    """*fen* as yuan: 1234.50."""
    return f"{fen // 100}.{fen % 100:02}"


budget = Group("budget")


@command("set", into=budget)
@FILE
@argument("org")
@option("--first", type=typed.day("first"), required=True, metavar="YYYY-MM-DD")
@option("--last", type=typed.day("last"), required=True, metavar="YYYY-MM-DD")
@option("--points", type=typed.whole("points", MOST_AMOUNT), required=True, metavar="NUMBER", help="budget-points")
@BY
@APPROVED_BY
@KEY
def budget_set(
    file: str, org: str, first: date, last: date, points: int, by: str, approved_by: str, key: str | None
) -> None:
    """Set how many points an organisation may award."""
    with writing(file) as bank:
        posted = bank.budgets.set(
            org, first=first, last=last, points=points, by=by, approved_by=approved_by, key=key
        )
    put(say("cli", "budget-set", org=org, first=first, last=last, points=points))
    put_posted(posted)


@command("list", into=budget)
@FILE
@option("--org", metavar="ORG")
@AS_REPORT
def budget_list(file: str, org: str | None) -> None:
    """Show budgets, what is used of them and what is left."""
    with reading(file) as bank:
        found = bank.budgets.all(org)
    rows = [
        (use.budget.org, use.budget.first, use.budget.last, use.budget.points, use.used_points, use.left_points)
        for use in found
    ]
    columns = ("organisation", "first", "last", ">points", ">used", ">left")
    show(Sheet("budgets", say("cli", "budgets-title"), columns, rows))
