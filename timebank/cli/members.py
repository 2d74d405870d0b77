"""Members, their cards, and what they did for others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from timebank.cli import typed
from timebank.cli.claims import (
    ALSO_APPROVED_BY,
    EVIDENCE,
    GRADE,
    OCCASIONS,
    RECIPIENT,
    SERVICE_MINUTES,
    START,
    credited,
)
from timebank.cli.commands import (
    APPROVED_BY,
    AS_JSON,
    BY,
    CARD_OPTION,
    FILE,
    KEY,
    MEMBER_OPTION,
    ON_DAY,
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
from timebank.cli.output import duration, put, put_facts, put_json, put_posted, wants_json
from timebank.cli.wording import Names
from timebank.ledger.codes import MINUTES, POINTS

if TYPE_CHECKING:
    from datetime import date

    from timebank.programme.members import Card, MemberKind


@command("enrol")
@FILE
@option("--org", required=True, metavar="ORG")
@option("--kind", default="person", metavar="person|household|team")
@CARD_OPTION
@BY
@KEY
def enrol(file: str, org: str, kind: str, card: str | None, by: str, key: str | None) -> None:
    """Take a new member in."""
    with writing(file) as bank:
        member = bank.members.enrol(org=org, kind=cast("MemberKind", kind), card=card, by=by, key=key)
        number = bank.journal.entry(member.seq).body.get("card")
    put(say("cli", "enrolled", member=member.id, org=member.org, kind=member.kind))
    put(say("cli", "enrolled-card", card=number) if number else say("cli", "enrolled-no-card"))
    put(say("cli", "entry-number", seq=member.seq))


card = Group("card")


@command("issue", into=card)
@FILE
@argument("member")
@CARD_OPTION
@BY
@KEY
def card_issue(file: str, member: str, card: str | None, by: str, key: str | None) -> None:
    """Give a member a card."""
    with writing(file) as bank:
        issued = bank.cards.issue(member, card=card, by=by, key=key)
    _put_issued(issued)


@command("block", into=card)
@FILE
@argument("card", type=typed.narrow)
@BY
@KEY
def card_block(file: str, card: str, by: str, key: str | None) -> None:
    """Block a lost card."""
    with writing(file) as bank:
        posted = bank.cards.block(card, by=by, key=key)
    put(say("cli", "card-blocked", card=posted.entry.body["card"]))
    put_posted(posted)


@command("replace", into=card)
@FILE
@argument("card", type=typed.narrow)
@option("--new", type=typed.narrow, metavar="CARD")
@BY
@KEY
def card_replace(file: str, card: str, new: str | None, by: str, key: str | None) -> None:
    """Give a new card for an old one."""
    with writing(file) as bank:
        issued = bank.cards.replace(card, new=new, by=by, key=key)
    put(say("cli", "card-replaced", card=card))
    _put_issued(issued)


def _put_issued(card: Card) -> None:
    put(say("cli", "card-issued", card=card.number, member=card.member))
    put(say("cli", "entry-number", seq=card.seq))


@command("show", into=card)
@FILE
@argument("card", type=typed.narrow)
@AS_JSON
def card_show(file: str, card: str) -> None:
    """Show whose card it is and whether it can be used."""
    with reading(file) as bank:
        found = bank.cards.get(card)
    if wants_json():
        put_json({"card": found.number, "member": found.member, "state": found.state, "seq": found.seq})
        return
    put_facts(
        [
            (say("head", "card"), found.number),
            (say("head", "member"), found.member),
            (say("head", "state"), say("cli", "state", state=found.state)),
            (say("head", "entry"), found.seq),
        ]
    )


@command("record")
@FILE
@argument("service")
@CARD_OPTION
@MEMBER_OPTION
@SERVICE_MINUTES
@OCCASIONS
@GRADE
@START
@option("--day", type=typed.day("day"), required=True, metavar="YYYY-MM-DD", help="service-day")
@option("--org", metavar="ORG", help="service-org")
@RECIPIENT
@EVIDENCE
@BY
@APPROVED_BY
@ALSO_APPROVED_BY
@KEY
def record(
    file: str,
    service: str,
    card: str | None,
    member: str | None,
    **asked: Any,
) -> None:
    """Credit a member with a service."""
    one_of(card=card, member=member)
    with writing(file) as bank:
        who = holder(bank, card=card, member=member)
        name = Names.of(bank).services.get(service, service)
        posted = bank.services.record(who, service, **asked)
        balance = bank.members.balance(who, at_entry=posted.seq)
    put(say("cli", "recorded", service=name, member=who.id))
    put_facts(
        [
            (say("head", "points"), f"+{credited(posted.entry, [who.id], POINTS)}"),
            (say("head", "minutes"), f"+{duration(credited(posted.entry, [who.id], MINUTES))}"),
            (say("head", "points-now"), balance.points),
            (say("head", "minutes-now"), duration(balance.minutes)),
        ]
    )
    put_posted(posted)


@command("balance")
@FILE
@CARD_OPTION
@MEMBER_OPTION
@ON_DAY
@AS_JSON
def balance(file: str, card: str | None, member: str | None, day: date | None) -> None:
    """Show what a member holds."""
    one_of(card=card, member=member)
    with reading(file) as bank:
        who = holder(bank, card=card, member=member)
        held = bank.members.balance(who, day=day)
    if wants_json():
        when = None if day is None else day.isoformat()
        put_json({"member": who.id, "day": when, "points": held.points, "minutes": held.minutes})
        return
    facts = [
        (say("head", "member"), who.id),
        (say("head", "points"), held.points),
        (say("head", "minutes"), duration(held.minutes)),
    ]
    put_facts(facts if day is None else [*facts, (say("head", "end-of-day"), day)])
