"""Stars (星级) by hours of service, and the star board (亮星榜).

What counts is service: every minute that an award credited, whoever paid it, less what was taken back with its
award; and what a member had served on paper before, with the opening balance. Minutes given away afterwards, and
those over the holding limit that went to the pool, were served all the same; minutes that came as a gift or a
grant were not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from timebank.ledger.codes import MINUTES
from timebank.ledger.entries import Entry, check_day, check_slug, kept_entry
from timebank.ledger.resolution import REVERSAL
from timebank.ledger.statements import newest_first
from timebank.programme.accounts import OPENING, SERVICE, member_account
from timebank.programme.handed import AWARD
from timebank.programme.members import MEMBERS, Member, id_of, member_of
from timebank.programme.organisations import organisation, tree_on
from timebank.programme.placements import organisation_on, organisations_below
from timebank.programme.rulebook import rulebook_on

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from timebank.ledger.journal import Journal
    from timebank.ledger.store import Posting, Reader

_MINUTES_PER_HOUR: Final = 60


@frozen
class Star:
    """What *member* has served by a day, in *minutes*, and how many *stars* (0 to 5) that is.

    *org* is the organisation that the member belonged to on the day.
    """

    member: str
    org: str
    minutes: int
    stars: int


def stars_of(minutes: int, steps: Sequence[int]) -> int:
    """How many of *steps*, in hours, *minutes* of service have reached; a step is reached by its last minute."""
    return sum(minutes >= hours * _MINUTES_PER_HOUR for hours in steps)


def served(books: Reader, member: str, day: date) -> int:
    """The minutes that *member* had served by the end of *day*."""
    postings = newest_first(books, member_account(member), MINUTES)
    return sum(_served_by(books, posting) for posting in postings if posting.day <= day)


def _served_by(books: Reader, posting: Posting) -> int:
    """What *posting* adds to the minutes served. Where another member or a pool is on the other side the entry
    has to say whether it was an award: there it credits, and its reversal takes away."""
    if posting.other.startswith((SERVICE, OPENING)):
        return posting.delta
    entry = kept_entry(posting.seq, books.leaf(posting.seq))
    if entry.kind == AWARD:
        return max(posting.delta, 0)
    return min(posting.delta, 0) if _takes_an_award_back(entry) else 0


def _takes_an_award_back(entry: Entry) -> bool:
    return entry.kind == REVERSAL and bool(entry.body["of"] == AWARD)


@frozen
class Stars:
    """The desk for stars."""

    _journal: Journal

    def of(self, member: Member | str, day: date | None = None) -> Star:
        """The stars of *member* at the end of *day* (None: today), by the rulebook then in force.

        Raises UnknownMember, NoRulebook.
        """
        owner, when = id_of(member), self._day(day)
        with self._journal.reading() as books:
            known = member_of(books, owner)
            org = organisation_on(books, "member", known.id, when)
            return _star(books, known.id, org, when, _steps(books, when))

    def board(self, org: str | None = None, day: date | None = None) -> tuple[Star, ...]:
        """Everybody with a star at the end of *day* (None: today): most minutes first, then by id.

        *org* (None: all) takes those who belonged to it, or to an organisation below it, on that day.
        """
        if org is not None:
            check_slug("org", org)
        when = self._day(day)
        with self._journal.reading() as books:
            tree, steps = tree_on(books, when), _steps(books, when)
            wanted = tree.keys() if org is None else organisations_below(tree, organisation(books, org).id)
            under = {row.id: organisation_on(books, "member", row.id, when) for row in books.rows(MEMBERS)}
            stars = [_star(books, member, of, when, steps) for member, of in under.items() if of in wanted]
        lit = [star for star in stars if star.stars]
        return tuple(sorted(lit, key=lambda star: (-star.minutes, star.member)))

    def _day(self, day: date | None) -> date:
        return self._journal.today() if day is None else check_day("day", day)


def _steps(books: Reader, day: date) -> tuple[int, ...]:
    return rulebook_on(books, day)[1].rules.stars


def _star(books: Reader, member: str, org: str, day: date, steps: Sequence[int]) -> Star:
    minutes = served(books, member, day)
    return Star(member, org, minutes, stars_of(minutes, steps))
