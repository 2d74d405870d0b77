"""What a report is about: days, and an organisation with all below it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from timebank.ledger.entries import check_slug
from timebank.programme.organisations import organisation
from timebank.programme.placements import organisation_on, organisations_below, tree_on

if TYPE_CHECKING:
    from timebank.ledger.store import Reader

_DAY: Final = timedelta(days=1)
_MONTHS: Final = 12


@frozen
class Span:
    """The days from *first* to *last*, both included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def day_before(self) -> date | None:
        """The day before the first; None if there is none."""
        return None if self.first == date.min else self.first - _DAY

    def before(self) -> Span | None:
        """The span before it: as many months if it is whole months, else as many days; None if there is none."""
        last = self.day_before
        if last is None:
            return None
        try:
            if self.first.day == 1 and (self.last == date.max or (self.last + _DAY).day == 1):
                months = _month_number(self.last) - _month_number(self.first) + 1
                return Span(_month_begin(_month_number(self.first) - months), last)
            return Span(last - timedelta(days=self.days - 1), last)
        except (OverflowError, ValueError):
            return None


def _month_number(day: date) -> int:
    return day.year * _MONTHS + day.month - 1


def _month_begin(number: int) -> date:
    return date(number // _MONTHS, number % _MONTHS + 1, 1)


def months_between(first: str, last: str) -> list[str]:
    """All months (2026-03) from *first* to *last*."""
    start, end = (_month_number(date.fromisoformat(f"{month}-01")) for month in (first, last))
    return [_month_begin(number).isoformat()[:7] for number in range(start, end + 1)]


@frozen
class Scope:
    """The members, shops and organisations that a report is about, as they stood on its last day.

    *orgs* are the ids; None: the whole book, those of whom nothing is known included.
    """

    _books: Reader
    _day: date
    orgs: frozenset[str] | None
    _known: dict[tuple[str, str], bool] = field(factory=dict)

    def has_org(self, org: str) -> bool:
        """Whether the organisation is in it."""
        return self.orgs is None or org in self.orgs

    def has_member(self, member: str) -> bool:
        """Whether the member belonged to it."""
        return self._has("member", member)

    def has_shop(self, shop: str) -> bool:
        """Whether the shop belonged to it."""
        return self._has("shop", shop)

    def _has(self, what: str, name: str) -> bool:
        if self.orgs is None:
            return True
        if (what, name) not in self._known:
            found = organisation_on(self._books, "member" if what == "member" else "shop", name, self._day)
            self._known[what, name] = found in self.orgs
        return self._known[what, name]


def scope_of(books: Reader, org: str | None, day: date) -> Scope:
    """*org* with all below it on *day*; None: everything. Raises UnknownOrganisation."""
    if org is None:
        return Scope(books, day, None)
    found = organisation(books, check_slug("org", org))
    return Scope(books, day, organisations_below(tree_on(books, day), found.id))
