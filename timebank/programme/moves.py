"""Who moves where: a member, a shop or an organisation comes under another organisation, from a day on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from attrs import frozen

from timebank.errors import NotInOrder
from timebank.ledger.entries import END_OF_DAYS, Draft, check_day, check_slug
from timebank.ledger.store import Table
from timebank.programme.roles import check_allowed, check_operators

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from timebank.ledger.entries import Entry
    from timebank.ledger.journal import Journal, Posted
    from timebank.ledger.store import Reader, Writer

Moved = Literal["member", "shop", "organisation"]

_ACTS: Final[dict[Moved, str]] = {"member": "enrol", "shop": "organise", "organisation": "organise"}


@frozen
class Placement:
    """From *from_day* on, until a later one, *id* (a *what*: member, shop, organisation) is under *org*."""

    what: str
    id: str
    from_day: str
    seq: int
    org: str


PLACEMENTS: Final = Table("placement", Placement, ("what", "id", "from_day", "seq"))


def moved_to(books: Reader, what: Moved, name: str, day: date) -> str | None:
    """The organisation that *name* had moved to by the end of *day*; None if it had never moved."""
    placement = books.latest(PLACEMENTS, what, name, upto=day.isoformat())
    return None if placement is None else placement.org


@frozen
class Move:
    """What is asked for: *id* comes under the organisation *to* from *from_day* on, which is today or earlier."""

    what: Moved
    id: str
    to: str
    from_day: date

    def __attrs_post_init__(self) -> None:
        check_slug("to", self.to)
        check_day("from_day", self.from_day)


def no_further_rule(_: Reader) -> None:
    """What does not depend on where the thing comes to stand."""


def post_move(
    journal: Journal,
    move: Move,
    *,
    known: Callable[[Reader], object],
    fits: Callable[[Reader], None] = no_further_rule,
    by: str,
    key: str | None,
) -> Posted:
    """Post *move*. *known* raises for what is unknown; *fits*, after the rights, if it may not stand there.

    Raises NotInOrder if a move of the same thing is known for that day or a later one, and PeriodClosed.
    """
    check_operators(by)
    start = move.from_day.isoformat()
    request = ("move", move.what, move.id, move.to, start, by)
    with journal.writing() as write:
        write.check_day(move.from_day)
        if done := write.already(key, request):
            return done
        known(write.books)
        check_allowed(write.books, _ACTS[move.what], by, day=move.from_day)
        fits(write.books)
        latest = write.books.latest(PLACEMENTS, move.what, move.id, upto=END_OF_DAYS)
        if latest is not None and latest.from_day >= start:
            raise NotInOrder("move", start, latest.from_day)
        body = {"what": move.what, "id": move.id, "to": move.to, "from": start}
        return write.append(Draft(kind="move", day=move.from_day, by=by, body=body), key=key, request=request)


def project_move(entry: Entry, books: Writer) -> None:
    """Keep where it is from its day on."""
    body = entry.body
    books.put(PLACEMENTS, Placement(body["what"], body["id"], body["from"], entry.seq, body["to"]))
