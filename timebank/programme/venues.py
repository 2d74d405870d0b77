"""Venues (happiness spaces, service stations, rest stations): how often their rooms are used, and for what."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from attrs import frozen

from timebank.errors import AlreadyExists, BadText, UnknownVenue
from timebank.ledger.codes import check_amount
from timebank.ledger.entries import Draft, check_day, check_slug
from timebank.ledger.store import Table
from timebank.programme.closing import month_of
from timebank.programme.organisations import organisation
from timebank.programme.periods import check_month
from timebank.programme.roles import check_allowed, check_operators
from timebank.programme.text import check_name

if TYPE_CHECKING:
    from datetime import date

    from timebank.ledger.entries import Entry
    from timebank.ledger.journal import Journal, Posted
    from timebank.ledger.store import Reader, Writer

MOST_COUNT: Final = 1_000_000
MOST_ROOM_NAME: Final = 40


@frozen
class Venue:
    """A place of *org* with rooms that people use."""

    id: str
    org: str
    name: str
    seq: int


@frozen
class Visits:
    """How often a *room* was used for a *purpose* in a *month*, and by how many people in all."""

    venue: str
    month: str
    room: str
    purpose: str
    uses: int
    people: int
    seq: int


@frozen
class Count:
    """How often a *room* was used for a *purpose* over some months, and by how many people in all."""

    venue: str
    room: str
    purpose: str
    uses: int
    people: int


VENUES: Final = Table("venue", Venue, ("id",))
VISITS: Final = Table("visit", Visits, ("venue", "month", "room", "purpose"))


def venue_of(books: Reader, name: str) -> Venue:
    """The venue *name*; raises UnknownVenue."""
    venue = books.get(VENUES, name)
    if venue is None:
        raise UnknownVenue(name)
    return venue


def venue_id(venue: Venue | str) -> str:
    """The id of *venue*, given as itself or by its id."""
    return check_slug("venue", venue.id if isinstance(venue, Venue) else venue)


def check_room_name(field: str, value: object) -> str:
    """Return *value* if it is a public name of at most 40 characters, else raise BadText."""
    if isinstance(value, str) and len(value) > MOST_ROOM_NAME:
        raise BadText(field, value[:80], MOST_ROOM_NAME)
    return check_name(field, value)


@frozen
class Venues:
    """The desk for venues and the log of their rooms."""

    _journal: Journal

    def add(self, venue: str, *, org: str, name: str, by: str, key: str | None = None) -> Posted:
        """Add *venue* (a short lower-case id) of the organisation *org*; *name* is what people read."""
        check_slug("venue", venue)
        check_slug("org", org)
        check_name("name", name)
        check_operators(by)
        request = ("venue", venue, org, name, by)
        with self._journal.writing() as write:
            if done := write.already(key, request):
                return done
            organisation(write.books, org)
            check_allowed(write.books, "organise", by)
            if write.books.get(VENUES, venue):
                raise AlreadyExists("venue", venue)
            body = {"venue": venue, "org": org, "name": name}
            return write.append(Draft(kind="venue", day=write.today(), by=by, body=body), key=key, request=request)

    def log(
        self,
        venue: Venue | str,
        *,
        room: str,
        purpose: str,
        people: int,
        uses: int = 1,
        day: date | None = None,
        by: str,
        key: str | None = None,
    ) -> Posted:
        """Log that *room* was used for *purpose* so many times (*uses*) by so many *people* in all.

        Room and purpose are public names of at most 40 characters, never the name of a person.
        """
        place = venue_id(venue)
        check_room_name("room", room)
        check_room_name("purpose", purpose)
        check_amount("uses", uses, most=MOST_COUNT)
        check_amount("people", people, most=MOST_COUNT)
        check_operators(by)
        when = None if day is None else check_day("day", day)
        request = ("visit", place, room, purpose, uses, people, str(when or ""), by)
        with self._journal.writing() as write:
            write.check_day(when)
            if done := write.already(key, request):
                return done
            venue_of(write.books, place)
            day = when or write.today()
            check_allowed(write.books, "log-visit", by, day=day)
            body = {"venue": place, "room": room, "purpose": purpose, "uses": uses, "people": people}
            return write.append(Draft(kind="visit", day=day, by=by, body=body), key=key, request=request)

    def get(self, venue: str) -> Venue:
        """The venue with this id; raises UnknownVenue."""
        with self._journal.reading() as books:
            return venue_of(books, check_slug("venue", venue))

    def all(self) -> tuple[Venue, ...]:
        """All venues, by id."""
        with self._journal.reading() as books:
            return tuple(books.rows(VENUES))

    def months(self, venue: Venue | str) -> tuple[Visits, ...]:
        """The log of *venue*, summed for each month, by month, room and purpose."""
        place = venue_id(venue)
        with self._journal.reading() as books:
            venue_of(books, place)
            return tuple(books.rows(VISITS, place))

    def counts(self, first: str, last: str) -> tuple[Count, ...]:
        """The log of all venues in the months from *first* to *last* (2026-03), by venue, room and purpose."""
        start, end = check_month(first), check_month(last)
        sums: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
        with self._journal.reading() as books:
            for row in books.rows(VISITS):
                if start <= row.month <= end:
                    total = sums[row.venue, row.room, row.purpose]
                    total[0] += row.uses
                    total[1] += row.people
        return tuple(Count(*place, *sums[place]) for place in sorted(sums))


def project_venue(entry: Entry, books: Writer) -> None:
    """Keep the venue."""
    body = entry.body
    books.put(VENUES, Venue(body["venue"], body["org"], body["name"], entry.seq))


def project_visit(entry: Entry, books: Writer) -> None:
    """Add to what the room was used for in the month."""
    body = entry.body
    place = (body["venue"], month_of(entry.day), body["room"], body["purpose"])
    before = books.get(VISITS, *place)
    uses, people = (before.uses, before.people) if before else (0, 0)
    books.put(VISITS, Visits(*place, uses + body["uses"], people + body["people"], entry.seq))
