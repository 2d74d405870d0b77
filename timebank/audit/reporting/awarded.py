"""The awards of a time, member by member, as they stand now: what a public bulletin shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from timebank.ledger.codes import MINUTES, POINTS
from timebank.ledger.entries import kept_entry
from timebank.programme import accounts
from timebank.programme.handed import AWARD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from timebank.audit.reporting.scope import Scope, Span
    from timebank.ledger.store import Reader


@frozen
class Awarded:
    """What entry *seq* credited to *member* on *day* for a *service*, before anything of it went elsewhere."""

    seq: int
    day: date
    member: str
    service: str
    points: int
    minutes: int


def awarded(books: Reader, span: Span, scope: Scope, since: int) -> Iterator[Awarded]:
    """Awards to members of *scope* on the days of *span* that nobody has taken back; by entry, then member.

    *since* is a place before which no entry is of those days.
    """
    for seq, leaf in books.leaves(since):
        if b'"kind":"award"' not in leaf:
            continue
        entry = kept_entry(seq, leaf)
        if entry.kind != AWARD or entry.day not in span or books.resolver_of(seq) is not None:
            continue
        credited: dict[str, dict[str, int]] = {}
        for move in entry.moves:
            if move.credit.startswith(accounts.MEMBERS):
                units = credited.setdefault(move.credit.removeprefix(accounts.MEMBERS), {})
                units[move.unit] = units.get(move.unit, 0) + move.amount
        for member, units in sorted(credited.items()):
            if scope.has_member(member):
                points, minutes = units.get(POINTS, 0), units.get(MINUTES, 0)
                yield Awarded(seq, entry.day, member, entry.body["service"], points, minutes)
