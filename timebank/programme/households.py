"""Households (户): who of the members belongs to one, from which day on, and in which order they pay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from timebank.errors import AlreadyInHousehold, BadCode, NotInOrder
from timebank.ledger.codes import check_amount
from timebank.ledger.entries import END_OF_DAYS
from timebank.ledger.store import Table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from timebank.ledger.entries import Entry
    from timebank.ledger.store import Reader, Writer

MOST_MEMBERS: Final = 50


@frozen
class Household:
    """The members of *household* from *from_day* on, until a later list: ids in paying order, with spaces."""

    household: str
    from_day: str
    seq: int
    members: str


@frozen
class Belonging:
    """From *from_day* on, until a later row, *member* belongs to *household* (empty: to none)."""

    member: str
    from_day: str
    seq: int
    household: str


HOUSEHOLDS: Final = Table("household", Household, ("household", "from_day", "seq"))
BELONGINGS: Final = Table("household_of", Belonging, ("member", "from_day", "seq"))


def household_on(books: Reader, member: str, day: date) -> str | None:
    """The household that *member* belonged to at the end of *day*; None if to none."""
    row = books.latest(BELONGINGS, member, upto=day.isoformat())
    return None if row is None or not row.household else row.household


def members_on(books: Reader, household: str, day: date) -> tuple[str, ...]:
    """Who belonged to *household* at the end of *day*, in paying order; nobody where none were ever named."""
    return _listed(books, household, day.isoformat())


def _listed(books: Reader, household: str, day: str) -> tuple[str, ...]:
    row = books.latest(HOUSEHOLDS, household, upto=day)
    return () if row is None else tuple(row.members.split())


def check_list(members: Sequence[str]) -> tuple[str, ...]:
    """Return *members* if they can be a household's: none to 50 ids, each once. Raises BadCode, BadAmount."""
    seen: set[str] = set()
    for member in members:
        if member in seen:
            raise BadCode("members", member, "each member once")
        seen.add(member)
    if seen:
        check_amount("members", len(seen), most=MOST_MEMBERS)
    return tuple(members)


def check_free(books: Reader, household: str, members: Sequence[str], start: str) -> None:
    """Raise unless *members* can make up *household* from the day *start* on.

    NotInOrder if the household has a later list; AlreadyInHousehold if one of them belongs to another household
    then, or is known to from a later day on.
    """
    latest = books.latest(HOUSEHOLDS, household, upto=END_OF_DAYS)
    if latest is not None and latest.from_day > start:
        raise NotInOrder("household", start, latest.from_day)
    for member in members:
        for row in _from(books, member, start):
            if row.household not in ("", household):
                raise AlreadyInHousehold(member, row.household)


def _from(books: Reader, member: str, start: str) -> list[Belonging]:
    """Where *member* belongs on the day *start*, and every later word on it."""
    then = books.latest(BELONGINGS, member, upto=start)
    return [row for row in books.rows(BELONGINGS, member) if row == then or row.from_day > start]


def project_household(entry: Entry, books: Writer) -> None:
    """Keep the list from its day on, for the household and for each who comes, stays or goes."""
    body = entry.body
    household, start, named = body["household"], body["from"], body["members"]
    gone = [member for member in _listed(books, household, start) if member not in named]
    for member in gone:
        books.put(BELONGINGS, Belonging(member, start, entry.seq, ""))
    for member in named:
        books.put(BELONGINGS, Belonging(member, start, entry.seq, household))
    books.put(HOUSEHOLDS, Household(household, start, entry.seq, " ".join(named)))
