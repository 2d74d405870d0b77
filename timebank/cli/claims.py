"""Claims: submitted, reviewed, shown in public, posted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import asdict

from timebank.cli import typed
from timebank.cli.commands import (
    AS_JSON,
    BY,
    FILE,
    KEY,
    Group,
    argument,
    command,
    option,
    reading,
    writing,
)
from timebank.cli.language import say
from timebank.cli.output import duration, put, put_facts, put_json, put_posted, put_table, wants_json
from timebank.cli.reports import AS_REPORT, Sheet, show
from timebank.cli.wording import Names, measure_words
from timebank.ledger.codes import MINUTES, POINTS
from timebank.programme.awards import measure_body
from timebank.programme.rulebook_terms import MOST_MINUTES, MOST_OCCASIONS

if TYPE_CHECKING:
    from datetime import date

    from timebank.ledger.entries import Entry
    from timebank.programme.claim_records import Claim

claim = Group("claim")

CLAIM = argument("claim", type=typed.place)
REASON = option("--reason", required=True, metavar="CODE", help="claim-reason")
ON_REVIEW_DAY = option("--day", type=typed.day("day"), metavar="YYYY-MM-DD", help="claim-day")
SERVICE_MINUTES = option("--minutes", type=typed.whole("minutes", MOST_MINUTES), metavar="NUMBER")
OCCASIONS = option("--occasions", type=typed.whole("occasions", MOST_OCCASIONS), metavar="NUMBER")
GRADE = option("--grade", type=typed.narrow, metavar="GRADE")
START = option("--start", type=typed.narrow, metavar="HH:MM")
RECIPIENT = option("--recipient", metavar="MEMBER")
EVIDENCE = option("--evidence", metavar="SHA256")
ALSO_APPROVED_BY = option("--also-approved-by", metavar="OPERATOR")


@command("submit", into=claim)
@FILE
@argument("service")
@option("--card", "cards", type=typed.narrow, multiple=True, metavar="CARD", help="claim-card")
@option("--member", "members", multiple=True, metavar="MEMBER", help="claim-member")
@SERVICE_MINUTES
@OCCASIONS
@GRADE
@START
@option("--day", type=typed.day("day"), required=True, metavar="YYYY-MM-DD", help="service-day")
@option("--org", metavar="ORG", help="claim-org")
@EVIDENCE
@RECIPIENT
@BY
@KEY
def claim_submit(
    file: str, service: str, cards: tuple[str, ...], members: tuple[str, ...], day: date, **asked: Any
) -> None:
    """Claim that members did a service."""
    with writing(file) as bank:
        name = Names.of(bank).services.get(service, service)
        who = [*(bank.members.by_card(card).id for card in cards), *members]
        posted = bank.claims.submit(service, who, day=day, **asked)
    put(say("cli", "claim-submitted", number=posted.seq, service=name, on=day, count=len(who)))
    put_posted(posted)


@command("approve", into=claim)
@FILE
@CLAIM
@ON_REVIEW_DAY
@BY
@KEY
def claim_approve(file: str, claim: int, day: date | None, by: str, key: str | None) -> None:
    """Approve a claim; its public notice begins."""
    with writing(file) as bank:
        posted = bank.claims.approve(claim, day=day, by=by, key=key)
        until = bank.claims.get(claim).notice_until
    if until == posted.entry.day.isoformat():
        put(say("cli", "claim-approved-no-notice", number=claim))
    else:
        put(say("cli", "claim-approved", number=claim, until=until))
    put_posted(posted)


@command("reject", into=claim)
@FILE
@CLAIM
@REASON
@ON_REVIEW_DAY
@BY
@KEY
def claim_reject(file: str, claim: int, reason: str, day: date | None, by: str, key: str | None) -> None:
    """Reject a claim."""
    with writing(file) as bank:
        posted = bank.claims.reject(claim, reason=reason, day=day, by=by, key=key)
    put(say("cli", "claim-rejected", number=claim))
    put_posted(posted)


@command("object", into=claim)
@FILE
@CLAIM
@REASON
@BY
@KEY
def claim_object(file: str, claim: int, reason: str, by: str, key: str | None) -> None:
    """Record an objection during public notice."""
    with writing(file) as bank:
        posted = bank.claims.object(claim, reason=reason, by=by, key=key)
    put(say("cli", "claim-objected", number=claim))
    put_posted(posted)


@command("dismiss", into=claim)
@FILE
@CLAIM
@BY
@KEY
def claim_dismiss(file: str, claim: int, by: str, key: str | None) -> None:
    """Dismiss an objection; the claim is approved again."""
    with writing(file) as bank:
        posted = bank.claims.dismiss(claim, by=by, key=key)
    put(say("cli", "claim-dismissed", number=claim))
    put_posted(posted)


@command("uphold", into=claim)
@FILE
@CLAIM
@REASON
@BY
@KEY
def claim_uphold(file: str, claim: int, reason: str, by: str, key: str | None) -> None:
    """Uphold an objection; the claim is rejected."""
    with writing(file) as bank:
        posted = bank.claims.uphold(claim, reason=reason, by=by, key=key)
    put(say("cli", "claim-upheld", number=claim))
    put_posted(posted)


@command("withdraw", into=claim)
@FILE
@CLAIM
@BY
@KEY
def claim_withdraw(file: str, claim: int, by: str, key: str | None) -> None:
    """Withdraw a claim."""
    with writing(file) as bank:
        posted = bank.claims.withdraw(claim, by=by, key=key)
    put(say("cli", "claim-withdrawn", number=claim))
    put_posted(posted)


@command("post", into=claim)
@FILE
@CLAIM
@ALSO_APPROVED_BY
@BY
@KEY
def claim_post(file: str, claim: int, also_approved_by: str | None, by: str, key: str | None) -> None:
    """Credit the members of an approved claim."""
    with writing(file) as bank:
        names = Names.of(bank)
        posted = bank.claims.post(claim, also_approved_by=also_approved_by, by=by, key=key)
        known = bank.claims.get(claim)
    members = known.members.split()
    put(
        say(
            "cli",
            "claim-posted",
            number=claim,
            service=names.services.get(known.service, known.service),
            count=len(members),
            points=credited(posted.entry, members, POINTS),
            minutes=duration(credited(posted.entry, members, MINUTES)),
        )
    )
    put_posted(posted)


def credited(award: Entry, members: list[str], unit: str) -> int:
    """What *award* credits to *members* in *unit*, before what goes to a pool or repays a debt."""
    accounts = {f"L:M:{member}" for member in members}
    return sum(move.amount for move in award.moves if move.unit == unit and move.credit in accounts)


@command("list", into=claim)
@FILE
@option("--state", metavar="STATE", help="claim-state")
@option("--org", metavar="ORG", help="claim-only-org")
@AS_REPORT
def claim_list(file: str, state: str | None, org: str | None) -> None:
    """Show the claims."""
    with reading(file) as bank:
        names = Names.of(bank)
        found = bank.claims.all(state=state, org=org)
    columns = ("claim", "service-day", "service", "service-org", ">count", "state", "notice-until", "award")
    rows = [
        (
            str(each.seq),
            each.day,
            names.services.get(each.service, each.service),
            each.org,
            len(each.members.split()),
            say("cli", "state", state=each.state),
            each.notice_until,
            None if each.award is None else str(each.award),
        )
        for each in found
    ]
    notes = (say("cli", "claims-count", count=len(found)),)
    json = {"report": "claims", "rows": [_plain(each) for each in found]}
    show(Sheet("claims", say("cli", "claims-title"), columns, rows, notes), json=json)


@command("show", into=claim)
@FILE
@CLAIM
@AS_JSON
def claim_show(file: str, claim: int) -> None:
    """Show one claim whole."""
    with reading(file) as bank:
        known, names = bank.claims.get(claim), Names.of(bank)
        done = bank.claims.done(known)
        body = bank.journal.entry(known.seq).body
    if wants_json():
        asked = {name: body[name] for name in ("evidence", "recipient", "order") if name in body}
        items = [{"member": member, **measure_body(each)} for member, each in done]
        put_json({**_plain(known), **asked, "items": items})
        return
    put_facts([(say("head", name), value) for name, value in _shown(known, names, body) if value is not None])
    heads = [say("head", name) for name in ("member", "what", "start")]
    put_table(heads, [(member, measure_words(measure_body(each)), each.start or "") for member, each in done])


def _shown(known: Claim, names: Names, body: Any) -> list[tuple[str, object]]:
    """The facts of a claim for the reader, by their ids in [head]."""
    return [
        ("claim", known.seq),
        ("state", say("cli", "state", state=known.state)),
        ("service", names.services.get(known.service, known.service)),
        ("service-day", known.day),
        ("service-org", names.organisations.get(known.org, known.org)),
        ("evidence", body.get("evidence")),
        ("recipient", body.get("recipient")),
        ("order", body.get("order")),
        ("submitted-by", known.submitted_by),
        ("reviewed-by", known.reviewed_by),
        ("notice-until", known.notice_until),
        ("objected-by", known.objected_by),
        ("award", known.award),
    ]


def _plain(known: Claim) -> dict[str, Any]:
    return {**asdict(known), "members": known.members.split()}
