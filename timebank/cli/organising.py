"""Who belongs where: moves, households, teams, the tree of organisations; and months that are closed."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from timebank.cli import typed
from timebank.cli.commands import (
    APPROVED_BY,
    BY,
    FILE,
    KEY,
    ON_DAY,
    Group,
    argument,
    command,
    option,
    reading,
    writing,
)
from timebank.cli.language import say, word
from timebank.cli.output import duration, put, put_facts, put_posted
from timebank.cli.reports import AS_REPORT, Sheet, show
from timebank.errors import BadCode, UnknownCard, UnknownMember

if TYPE_CHECKING:
    from datetime import date

    from timebank.bank import Bank
    from timebank.ledger.journal import Posted
    from timebank.programme.members import Member

_MINUTES_PER_HOUR: Final = 60
_TOTALS: Final = ("awarded", "minutes", "redeemed", "expired", "deducted", "outstanding")

_TO = option("--to", required=True, metavar="ORG", help="to-org")
_MOVE_FROM = option(
    "--from", "from_day", type=typed.day("from_day"), required=True, metavar="YYYY-MM-DD", help="move-from"
)
_TEAM_DAY = option("--day", type=typed.day("day"), metavar="YYYY-MM-DD", help="team-day")


def named(bank: Bank, text: str) -> Member:
    """The member whose id *text* is, or who shows the active card *text*."""
    typed_in = typed.narrow(text).upper()
    try:
        return bank.members.get(typed_in)
    except UnknownMember:
        with suppress(UnknownCard):
            return bank.members.by_card(typed_in)
        raise
    except BadCode:
        return bank.members.by_card(typed_in)


move = Group("move")


def _put_moved(bank: Bank, posted: Posted) -> None:
    body = posted.entry.body
    to_name = bank.organisations.get(body["to"]).name
    put(say("cli", "moved", what=body["what"], id=body["id"], to_name=to_name, from_day=body["from"]))
    put_posted(posted)


@command("member", into=move)
@FILE
@argument("member")
@_TO
@_MOVE_FROM
@BY
@KEY
def move_member(file: str, member: str, to: str, from_day: date, by: str, key: str | None) -> None:
    """Let a member belong to another organisation."""
    with writing(file) as bank:
        _put_moved(bank, bank.members.move(named(bank, member), to=to, from_day=from_day, by=by, key=key))


@command("shop", into=move)
@FILE
@argument("shop")
@_TO
@_MOVE_FROM
@BY
@KEY
def move_shop(file: str, shop: str, to: str, from_day: date, by: str, key: str | None) -> None:
    """Let a shop belong to another organisation."""
    with writing(file) as bank:
        _put_moved(bank, bank.shops.move_to(shop, to=to, from_day=from_day, by=by, key=key))


@command("organisation", into=move)
@FILE
@argument("org")
@_TO
@_MOVE_FROM
@BY
@KEY
def move_organisation(file: str, org: str, to: str, from_day: date, by: str, key: str | None) -> None:
    """Let an organisation stand below another."""
    with writing(file) as bank:
        _put_moved(bank, bank.organisations.move(org, to=to, from_day=from_day, by=by, key=key))


household = Group("household")


@command("set", into=household)
@FILE
@argument("household")
@argument("members", nargs=-1, metavar="MEMBER...")
@option(
    "--from", "from_day", type=typed.day("from_day"), required=True, metavar="YYYY-MM-DD", help="household-from"
)
@BY
@KEY
def household_set(
    file: str, household: str, members: tuple[str, ...], from_day: date, by: str, key: str | None
) -> None:
    """Say who makes up a household."""
    with writing(file) as bank:
        whole, persons = named(bank, household), [named(bank, member) for member in members]
        posted = bank.members.set_household(whole, persons, from_day=from_day, by=by, key=key)
    said = "household-set" if persons else "household-dissolved"
    put(say("cli", said, household=whole.id, from_day=from_day))
    for person in persons:
        put(f"  {person.id}")
    put_posted(posted)


@command("show", into=household)
@FILE
@argument("member")
@ON_DAY
@AS_REPORT
def household_show(file: str, member: str, day: date | None) -> None:
    """Show a household's members, or the household that a member belongs to."""
    with reading(file) as bank:
        known = named(bank, member)
        whole = known.id if known.kind == "household" else bank.members.household(known, day=day)
        persons = () if whole is None else bank.members.of_household(whole, day=day)
    title = (
        say("cli", "household-none", member=known.id)
        if whole is None
        else say("cli", "household-title", household=whole)
    )
    show(Sheet("household", title, (">place", "member"), list(enumerate(persons, start=1))))


team = Group("team")


@command("join", into=team)
@FILE
@argument("team")
@argument("member")
@_TEAM_DAY
@BY
@KEY
def team_join(file: str, team: str, member: str, day: date | None, by: str, key: str | None) -> None:
    """Let a member join a team."""
    with writing(file) as bank:
        whole, person = named(bank, team), named(bank, member)
        posted = bank.teams.join(whole, person, day=day, by=by, key=key)
    put(say("cli", "team-joined", team=whole.id, member=person.id))
    put_posted(posted)


@command("leave", into=team)
@FILE
@argument("team")
@argument("member")
@_TEAM_DAY
@BY
@KEY
def team_leave(file: str, team: str, member: str, day: date | None, by: str, key: str | None) -> None:
    """Let a member leave a team."""
    with writing(file) as bank:
        whole, person = named(bank, team), named(bank, member)
        posted = bank.teams.leave(whole, person, day=day, by=by, key=key)
    put(say("cli", "team-left", team=whole.id, member=person.id))
    put_posted(posted)


@command("list", into=team)
@FILE
@argument("team")
@ON_DAY
@AS_REPORT
def team_list(file: str, team: str, day: date | None) -> None:
    """Show who is in a team."""
    with reading(file) as bank:
        whole, when = named(bank, team), day or bank.today()
        rows = [(each, bank.members.organisation(each, day=when)) for each in bank.teams.members(whole, when)]
    show(Sheet("team", say("cli", "team-title", team=whole.id), ("member", "organisation"), rows))


period = Group("period")


@command("close", into=period)
@FILE
@argument("month", metavar="YYYY-MM")
@BY
@KEY
def period_close(file: str, month: str, by: str, key: str | None) -> None:
    """Close a month."""
    with writing(file) as bank:
        posted = bank.periods.close(typed.narrow(month), by=by, key=key)
    body = posted.entry.body
    put(say("cli", "period-closed", month=body["month"]))
    totals = body["totals"]
    put_facts(
        (say("head", name), duration(totals[name]) if name == "minutes" else f"{totals[name]:,}")
        for name in _TOTALS
    )
    put_posted(posted)


@command("reopen", into=period)
@FILE
@argument("month", metavar="YYYY-MM")
@BY
@APPROVED_BY
@KEY
def period_reopen(file: str, month: str, by: str, approved_by: str, key: str | None) -> None:
    """Open the last closed month again."""
    with writing(file) as bank:
        posted = bank.periods.reopen(typed.narrow(month), by=by, approved_by=approved_by, key=key)
    put(say("cli", "period-reopened", month=posted.entry.body["month"]))
    put_posted(posted)


@command("show", into=period)
@FILE
@AS_REPORT
def period_show(file: str) -> None:
    """Show the closed months with their totals."""
    with reading(file) as bank:
        through, closed = bank.periods.closed_through(), bank.periods.all()
    rows = [(each.month, *(getattr(each.totals, name) for name in _TOTALS)) for each in closed]
    note = say("cli", "periods-through", through=through) if through else say("cli", "periods-none")
    columns = ("month", *(">served-minutes" if name == "minutes" else f">{name}" for name in _TOTALS))
    show(Sheet("periods", say("cli", "periods-title"), columns, rows, [note]))


@command("tree")
@FILE
@option("--day", type=typed.day("day"), metavar="YYYY-MM-DD", help="tree-day")
@AS_REPORT
def tree(file: str, day: date | None) -> None:
    """Show the tree of organisations with what they and all below them hold."""
    with reading(file) as bank:
        branches = bank.branches.on(day)
    rows = [
        (
            each.org,
            "  " * each.depth + each.name,
            word("level", each.level),
            each.members,
            each.shops,
            each.points,
            each.minutes // _MINUTES_PER_HOUR,
        )
        for each in branches
    ]
    columns = ("org", "organisation", "level", ">members-below", ">shops-below", ">awarded-below", ">hours")
    show(Sheet("tree", say("cli", "tree-title"), columns, rows))
