"""Venues, and the log of how often their rooms are used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timebank.cli import typed
from timebank.cli.commands import BY, FILE, KEY, ON_DAY, Group, argument, command, option, reading, writing
from timebank.cli.language import say
from timebank.cli.output import put, put_posted
from timebank.cli.reports import AS_REPORT, Sheet, show
from timebank.programme.venues import MOST_COUNT

if TYPE_CHECKING:
    from datetime import date

venue = Group("venue")


@command("add", into=venue)
@FILE
@argument("venue")
@option("--org", required=True, metavar="ORG")
@option("--name", required=True, metavar="NAME")
@BY
@KEY
def venue_add(file: str, venue: str, org: str, name: str, by: str, key: str | None) -> None:
    """Add a venue."""
    with writing(file) as bank:
        posted = bank.venues.add(venue, org=org, name=name, by=by, key=key)
    put(say("cli", "venue-added", venue=venue, name=name))
    put_posted(posted)


@command("log", into=venue)
@FILE
@argument("venue")
@option("--room", required=True, metavar="ROOM")
@option("--purpose", required=True, metavar="PURPOSE")
@option("--people", type=typed.whole("people", MOST_COUNT), required=True, metavar="NUMBER")
@option("--uses", type=typed.whole("uses", MOST_COUNT), default=1, metavar="TIMES")
@ON_DAY
@BY
@KEY
def venue_log(
    file: str,
    venue: str,
    room: str,
    purpose: str,
    people: int,
    uses: int,
    day: date | None,
    by: str,
    key: str | None,
) -> None:
    """Log the use of a room."""
    with writing(file) as bank:
        posted = bank.venues.log(
            venue, room=room, purpose=purpose, people=people, uses=uses, day=day, by=by, key=key
        )
        name = bank.venues.get(venue).name
    put(say("cli", "visit-logged", name=name, room=room, purpose=purpose, uses=uses, people=people))
    put_posted(posted)


@command("counts", into=venue)
@FILE
@option("--first", type=typed.narrow, required=True, metavar="YYYY-MM", help="first-month")
@option("--last", type=typed.narrow, required=True, metavar="YYYY-MM", help="last-month")
@AS_REPORT
def venue_counts(file: str, first: str, last: str) -> None:
    """Show how often rooms were used."""
    with reading(file) as bank:
        counts = bank.venues.counts(first, last)
        names = {each.id: each.name for each in bank.venues.all()}
    rows = [(each.venue, names[each.venue], each.room, each.purpose, each.uses, each.people) for each in counts]
    uses, people = (f"{sum(getattr(each, name) for each in counts):,}" for name in ("uses", "people"))
    title = say("cli", "venue-counts-title", first=first, last=last)
    notes = (say("cli", "venue-counts-total", uses=uses, people=people),)
    show(Sheet("venue-counts", title, ("venue", "name", "room", "purpose", ">uses", ">people"), rows, notes))
