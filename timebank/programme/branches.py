"""The tree of organisations on a day, with what each of them and all below it add up to."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from attrs import frozen

from timebank.ledger.codes import MINUTES, POINTS
from timebank.ledger.entries import check_day
from timebank.programme.accounts import awarded_account, service_account
from timebank.programme.members import MEMBERS
from timebank.programme.organisations import ORGANISATIONS, tree_on
from timebank.programme.placements import organisation_on, path_on
from timebank.programme.shops import SHOPS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from timebank.ledger.journal import Journal
    from timebank.ledger.store import Reader


@frozen
class Branch:
    """An organisation, and what it and all below it hold at the end of a day.

    *depth* is 0 at the top. *members* and *shops* are those that were in the books by then; *points* and
    *minutes* are what had been awarded by then, less what was taken back, under the organisations' names.
    """

    org: str
    name: str
    level: str
    depth: int
    members: int
    shops: int
    points: int
    minutes: int


@frozen
class Branches:
    """The desk for reports over the tree."""

    _journal: Journal

    def on(self, day: date | None = None) -> tuple[Branch, ...]:
        """Every organisation at the end of *day* (None: today), each followed by those below it, by id.

        One that was added later is there too: what is recorded late may belong to it.
        """
        today = self._journal.today()
        when = today if day is None else check_day("day", day)
        known = None if when >= today else self._journal.size_before(when + timedelta(days=1))
        with self._journal.reading() as books:
            size = books.size() if known is None else known
            orgs = {row.id: row for row in books.rows(ORGANISATIONS)}
            tree = tree_on(books, when)
            paths = {org: path_on(tree, org) for org in tree}
            members = _counted(books, "member", ((row.id, row.seq) for row in books.rows(MEMBERS)), when, size)
            shops = _counted(books, "shop", ((row.id, row.seq) for row in books.rows(SHOPS)), when, size)
            points = Counter({org: books.balance_on(awarded_account(org), POINTS, when) for org in orgs})
            minutes = Counter({org: books.balance_on(service_account(org), MINUTES, when) for org in orgs})
        sums = [_upwards(paths, own) for own in (members, shops, points, minutes)]
        return tuple(
            Branch(org, orgs[org].name, orgs[org].level, len(paths[org]) - 1, *(of[org] for of in sums))
            for org in sorted(paths, key=lambda org: paths[org][::-1])
        )


def _counted(
    books: Reader, what: Literal["member", "shop"], rows: Iterable[tuple[str, int]], day: date, size: int
) -> Counter[str]:
    """How many things of a kind there were under each organisation, of those in the first *size* entries."""
    return Counter(organisation_on(books, what, name, day) for name, seq in rows if seq < size)


def _upwards(paths: Mapping[str, tuple[str, ...]], own: Counter[str]) -> Counter[str]:
    """What each organisation and all below it add up to; *paths* lead from each one to the top."""
    total: Counter[str] = Counter()
    for org, path in paths.items():
        for above in path:
            total[above] += own[org]
    return total
