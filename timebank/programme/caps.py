"""Limits that a rulebook sets to awards: how long a service takes, nobody in two places at once, and caps.

A cap counts the awards that stand (posted and not taken back) by the day of the service, whenever they were
recorded. They are found among the postings of the members' accounts.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from attrs import frozen

from timebank.errors import CapPassed, DurationWrong, TimesOverlap
from timebank.ledger.codes import MINUTES, POINTS
from timebank.ledger.entries import kept_entry
from timebank.ledger.statements import newest_first
from timebank.programme.accounts import member_account
from timebank.programme.awards import minute_of, occasions_of
from timebank.programme.households import household_on, members_on

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from timebank.ledger.store import Posting, Reader
    from timebank.programme.awards import Item
    from timebank.programme.rulebook_terms import Cap, CapOf, Rulebook, Service

    SizeBefore = Callable[[date], int]

_FIRST_PAGE: Final = 64
_DAY: Final = timedelta(days=1)


@frozen
class Given:
    """What the award *seq* of *day*, which stands, gave one member."""

    seq: int
    day: date
    service: str
    minutes: int
    points: int
    occasions: int
    start: str | None

    def amount(self, of: CapOf) -> int:
        """Its minutes, points or occasions."""
        return int(getattr(self, of))


@frozen
class Past:
    """Reads what members were given before. *size_before* is the journal's: entries recorded before a day."""

    books: Reader
    size_before: SizeBefore

    def given(self, member: str, first: date, last: date) -> tuple[Given, ...]:
        """What stands of the awards of *member* on the days from *first* to *last*, newest recorded first."""
        account = member_account(member)
        places = {seq for unit in (POINTS, MINUTES) for seq in self._credited(account, unit, first, last)}
        found = (self._award(seq, member, account) for seq in sorted(places, reverse=True))
        return tuple(award for award in found if award is not None)

    def _credited(self, account: str, unit: str, first: date, last: date) -> Iterator[int]:
        for posting in self._newest_first(account, unit, first):
            if posting.delta > 0 and first <= posting.day <= last:
                yield posting.seq

    def _newest_first(self, account: str, unit: str, first: date) -> Iterator[Posting]:
        """The postings that may be of *first* or later: what was recorded before that day began is not."""
        postings = self.books.postings(account, unit, limit=_FIRST_PAGE)
        if len(postings) < _FIRST_PAGE:
            return iter(postings)
        return newest_first(self.books, account, unit, since=self.size_before(first))

    def _award(self, seq: int, member: str, account: str) -> Given | None:
        entry = kept_entry(seq, self.books.leaf(seq))
        if entry.kind != "award" or self.books.resolver_of(seq) is not None:
            return None
        body = entry.body
        done = dict(body["items"])[member] if "items" in body else body
        credited = Counter({move.unit: move.amount for move in entry.moves if move.credit == account})
        return Given(
            seq,
            entry.day,
            body["service"],
            credited[MINUTES],
            credited[POINTS],
            occasions_of(done.get("occasions"), done.get("grade")),
            done.get("start"),
        )


def check_limits(past: Past, book: Rulebook, service: Service, items: Sequence[Item], day: date) -> None:
    """Raise DurationWrong, TimesOverlap or CapPassed unless *items* can be awarded for *service* on *day*."""
    for item in items:
        check_duration(service, item.measure.minutes)
    if book.rules.overlap == "refused":
        for item in items:
            check_overlap(past, item, day)
    if book.caps:
        check_caps(past, [cap for cap in book.caps if cap.covers(service.id)], service, items, day)


def check_duration(service: Service, minutes: int | None) -> None:
    """Raise DurationWrong unless *minutes* (None: not measured) are what *service* can take."""
    if minutes is not None and not service.least_minutes <= minutes <= service.most_minutes:
        raise DurationWrong(service.id, minutes, service.least_minutes, service.most_minutes)


def check_overlap(past: Past, item: Item, day: date) -> None:
    """Raise TimesOverlap if the member of *item* was at another service at the same time.

    Only services with a start and minutes have a time; one that ends when the next begins does not overlap.
    """
    start = item.measure.start
    if start is None or not item.minutes:
        return
    begins = minute_of(day, start)
    # No service takes more than 24 hours: those of the day before and the day after can meet it.
    first, last = max(day, date.min + _DAY) - _DAY, min(day, date.max - _DAY) + _DAY
    for other in past.given(item.member, first, last):
        if other.start is None or not other.minutes:
            continue
        other_begins = minute_of(other.day, other.start)
        if begins < other_begins + other.minutes and other_begins < begins + item.minutes:
            raise TimesOverlap(item.member, other.seq, other.start)


def check_caps(past: Past, caps: Sequence[Cap], service: Service, items: Sequence[Item], day: date) -> None:
    """Raise CapPassed if one of *items*, taken in order, passes one of *caps*, which all cover *service*.

    A household's cap counts the household's own account and everybody who belongs to it on *day*; a member of
    no household stands alone.
    """
    if not caps:
        return
    spans = [cap.days(day) for cap in caps]
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    known: dict[str, tuple[Given, ...]] = {}
    taken: Counter[tuple[Cap, str]] = Counter()
    for item in items:
        for cap in caps:
            wanted = _wanted(item, cap.of)
            if not wanted:
                continue
            head, group = _counted_together(past.books, cap, item.member, day)
            for member in group:
                if member not in known:
                    known[member] = past.given(member, first, last)
            used = taken[cap, head] + sum(_used(cap, known[member], day) for member in group)
            if used + wanted > cap.most:
                raise CapPassed(service.id, cap.of, cap.per, period_text(cap, day), cap.most, used, wanted)
            taken[cap, head] += wanted


def _wanted(item: Item, of: CapOf) -> int:
    return {"minutes": item.minutes, "points": item.points, "occasions": item.occasions}[of]


def _counted_together(books: Reader, cap: Cap, member: str, day: date) -> tuple[str, tuple[str, ...]]:
    """Whose awards a cap of *member* counts, and the one of them that stands for all."""
    if cap.per == "member":
        return member, (member,)
    house = household_on(books, member, day) or member
    return house, tuple(dict.fromkeys((house, *members_on(books, house, day))))


def _used(cap: Cap, given: Iterable[Given], day: date) -> int:
    first, last = cap.days(day)
    return sum(each.amount(cap.of) for each in given if first <= each.day <= last and cap.covers(each.service))


def period_text(cap: Cap, day: date) -> str:
    """The period of *cap* in which *day* lies: 2026-03-01, 2026-03 or 2026."""
    return day.isoformat()[: {"day": 10, "month": 7, "year": 4}[cap.period]]
