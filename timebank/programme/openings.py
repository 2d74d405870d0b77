"""Opening balances (期初余额): what a member held in the books that were kept before this one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from timebank.errors import AlreadyExists, NothingToOpen
from timebank.ledger.codes import MINUTES, POINTS, check_amount
from timebank.ledger.entries import Draft, check_day
from timebank.ledger.statements import newest_first
from timebank.ledger.transfers import Transfer
from timebank.programme.accounts import OPENING, member_account, opening_account
from timebank.programme.members import Member, id_of, member_of
from timebank.programme.placements import organisation_on
from timebank.programme.roles import check_allowed, check_operators

if TYPE_CHECKING:
    from datetime import date

    from timebank.ledger.journal import Journal, Posted
    from timebank.ledger.store import Reader


@frozen
class Openings:
    """The desk for opening balances."""

    _journal: Journal

    def record(
        self,
        member: Member | str,
        *,
        points: int = 0,
        minutes: int = 0,
        day: date | None = None,
        by: str,
        approved_by: str,
        key: str | None = None,
    ) -> Posted:
        """Take over the *points* and *minutes* that *member* held on paper; once, on *day* (None: today).

        Points lapse as if they were earned on that day; minutes count towards stars. Raises NothingToOpen where
        both are 0, AlreadyExists where the member has an opening balance that was not reversed.
        """
        owner = id_of(member)
        wanted = {
            unit: check_amount(name, amount)
            for unit, name, amount in ((POINTS, "points", points), (MINUTES, "minutes", minutes))
            if amount != 0
        }
        if not wanted:
            raise NothingToOpen(owner)
        check_operators(by, approved_by)
        when = None if day is None else check_day("day", day)
        request = ("opening", owner, points, minutes, str(when or ""), by, approved_by)
        with self._journal.writing() as write:
            write.check_day(when)
            if done := write.already(key, request):
                return done
            member_of(write.books, owner)
            day = when or write.today()
            check_allowed(write.books, "record-opening", by, approved_by, day=day)
            if _is_open(write.books, owner):
                raise AlreadyExists("opening", owner)
            source = opening_account(organisation_on(write.books, "member", owner, day))
            account = member_account(owner)
            moves = tuple(Transfer(source, account, unit, amount) for unit, amount in wanted.items())
            draft = Draft(kind="opening", day=day, by=by, ok=approved_by, body={"member": owner}, moves=moves)
            return write.append(draft, key=key, request=request)


def _is_open(books: Reader, member: str) -> bool:
    """Whether an opening balance of *member* stands."""
    return any(
        posting.delta > 0 and posting.other.startswith(OPENING) and books.resolver_of(posting.seq) is None
        for unit in (POINTS, MINUTES)
        for posting in newest_first(books, member_account(member), unit)
    )
