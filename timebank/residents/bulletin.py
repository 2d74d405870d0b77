"""The public bulletin (公示): who was awarded what, masked, with what it can be checked against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from timebank.audit.reporting.awarded import Awarded, awarded
from timebank.audit.reporting.scope import Span, scope_of
from timebank.audit.statements import check_days
from timebank.people.masking import labels

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from timebank.bank import Bank


@frozen
class BulletinLine:
    """An award as the public may see it: *who* is the masked name."""

    award: Awarded
    who: str


@frozen
class Bulletin:
    """The awards of a time: a line for each of those who consent; of the others the sums alone.

    *note* is the signed checkpoint that covers all of it.
    """

    lines: tuple[BulletinLine, ...]
    unnamed: int
    unnamed_points: int
    unnamed_minutes: int
    note: str


def bulletin(bank: Bank, names: Mapping[str, str], first: date, last: date, org: str | None = None) -> Bulletin:
    """The awards of the days from *first* to *last*, with *names* of those who consent, masked.

    *org* (None: all) takes members that belonged to it, or to one below it, on the last day. Awards that were
    taken back since are left out. Signs a checkpoint over it.

    Raises DaysReversed, UnknownOrganisation, and what `Bank.checkpoint` raises.
    """
    check_days(first, last)
    note = bank.checkpoint()
    since = bank.journal.size_before(first)
    with bank.journal.reading() as books:
        found = list(awarded(books, Span(first, last), scope_of(books, org, last), since))
    named = [award for award in found if award.member in names]
    called = labels(dict.fromkeys(award.member for award in named), names, without="")
    others = [award for award in found if award.member not in names]
    return Bulletin(
        tuple(BulletinLine(award, called[award.member]) for award in named),
        len(others),
        sum(award.points for award in others),
        sum(award.minutes for award in others),
        note,
    )
