"""Orders: opened, dispatched, accepted, finished, rated, claimed. How well they are served: order_reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from timebank.cli import typed
from timebank.cli.claims import EVIDENCE, GRADE, OCCASIONS, SERVICE_MINUTES, START
from timebank.cli.commands import (
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
    writing,
)
from timebank.cli.language import say
from timebank.cli.output import put, put_posted
from timebank.cli.wording import Names
from timebank.programme.orders import MOST_STARS

if TYPE_CHECKING:
    from datetime import date

order = Group("order")

ORDER = argument("order", type=typed.place)
REASON = option("--reason", required=True, metavar="CODE", help="order-reason")


@command("open", into=order)
@FILE
@argument("kind")
@CARD_OPTION
@option("--member", metavar="MEMBER", help="order-by")
@option("--org", metavar="ORG", help="order-org")
@option("--due", type=typed.day("due"), metavar="YYYY-MM-DD")
@ON_DAY
@BY
@KEY
def order_open(
    file: str,
    kind: str,
    card: str | None,
    member: str | None,
    org: str | None,
    due: date | None,
    day: date | None,
    by: str,
    key: str | None,
) -> None:
    """Take an order in."""
    one_of(card=card, member=member)
    with writing(file) as bank:
        names = Names.of(bank)
        asks = holder(bank, card=card, member=member)
        posted = bank.orders.open(kind, member=asks, org=org, due=due, day=day, by=by, key=key)
        opened = bank.orders.get(posted.seq)
    served_by = names.organisations.get(opened.org, opened.org)
    put(say("cli", "order-opened", number=opened.seq, org=served_by, called=names.orders.get(kind, kind)))
    if opened.due is not None:
        put(say("cli", "order-due", due=opened.due))
    put_posted(posted)


@command("dispatch", into=order)
@FILE
@ORDER
@option("--to", metavar="UNIT", help="to-unit")
@CARD_OPTION
@MEMBER_OPTION
@ON_DAY
@BY
@KEY
def order_dispatch(
    file: str,
    order: int,
    to: str | None,
    card: str | None,
    member: str | None,
    day: date | None,
    by: str,
    key: str | None,
) -> None:
    """Send an order to a unit or a volunteer."""
    one_of(to=to, card=card, member=member)
    with writing(file) as bank:
        sent = None if to is not None else holder(bank, card=card, member=member)
        posted = bank.orders.dispatch(order, to=to, volunteer=sent, day=day, by=by, key=key)
    receiver = to if sent is None else say("cli", "member-called", member=sent.id)
    put(say("cli", "order-dispatched", number=order, receiver=receiver))
    put_posted(posted)


@command("accept", into=order)
@FILE
@ORDER
@CARD_OPTION
@MEMBER_OPTION
@ON_DAY
@BY
@KEY
def order_accept(
    file: str, order: int, card: str | None, member: str | None, day: date | None, by: str, key: str | None
) -> None:
    """Let a volunteer take an order."""
    one_of(card=card, member=member)
    with writing(file) as bank:
        volunteer = holder(bank, card=card, member=member)
        posted = bank.orders.accept(order, volunteer, day=day, by=by, key=key)
    put(say("cli", "order-accepted", number=order, volunteer=volunteer.id))
    put_posted(posted)


@command("decline", into=order)
@FILE
@ORDER
@REASON
@ON_DAY
@BY
@KEY
def order_decline(file: str, order: int, reason: str, day: date | None, by: str, key: str | None) -> None:
    """Give a dispatched order back."""
    with writing(file) as bank:
        posted = bank.orders.decline(order, reason=reason, day=day, by=by, key=key)
    put(say("cli", "order-declined", number=order))
    put_posted(posted)


@command("finish", into=order)
@FILE
@ORDER
@ON_DAY
@BY
@KEY
def order_finish(file: str, order: int, day: date | None, by: str, key: str | None) -> None:
    """Say that an order was carried out."""
    with writing(file) as bank:
        posted = bank.orders.finish(order, day=day, by=by, key=key)
    put(say("cli", "order-finished", number=order, on=posted.entry.day))
    put_posted(posted)


@command("rate", into=order)
@FILE
@ORDER
@option("--stars", type=typed.whole("stars", MOST_STARS), required=True, metavar="STARS", help="order-stars")
@option("--not-done", is_flag=True)
@ON_DAY
@BY
@KEY
def order_rate(
    file: str, order: int, stars: int, not_done: bool, day: date | None, by: str, key: str | None
) -> None:
    """Keep what the resident says of an order."""
    with writing(file) as bank:
        posted = bank.orders.rate(order, stars=stars, done=not not_done, day=day, by=by, key=key)
    outcome = say("cli", "order-not-done" if not_done else "order-done")
    put(say("cli", "order-rated", number=order, count=stars, outcome=outcome))
    put_posted(posted)


@command("cancel", into=order)
@FILE
@ORDER
@REASON
@ON_DAY
@BY
@KEY
def order_cancel(file: str, order: int, reason: str, day: date | None, by: str, key: str | None) -> None:
    """End an order that was not finished."""
    with writing(file) as bank:
        posted = bank.orders.cancel(order, reason=reason, day=day, by=by, key=key)
    put(say("cli", "order-cancelled", number=order))
    put_posted(posted)


@command("claim", into=order)
@FILE
@ORDER
@argument("service")
@SERVICE_MINUTES
@OCCASIONS
@GRADE
@START
@option("--org", metavar="ORG", help="service-org")
@EVIDENCE
@BY
@KEY
def order_claim(file: str, order: int, service: str, by: str, key: str | None, **measure: Any) -> None:
    """Claim the volunteer's points for an order that is done."""
    with writing(file) as bank:
        called = Names.of(bank).services.get(service, service)
        posted = bank.orders.claim(order, service, **measure, by=by, key=key)
        volunteer = bank.orders.get(order).volunteer
    put(say("cli", "order-claimed", number=order, volunteer=volunteer, service=called))
    put_posted(posted)
