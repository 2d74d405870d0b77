"""Services: what a member did, turned into minutes and points by the rulebook in force on its day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from timebank.ledger.codes import MINUTES, POINTS
from timebank.ledger.entries import Draft, check_day, check_slug
from timebank.ledger.transfers import Transfer
from timebank.programme.accounts import awarded_account, member_account, service_account
from timebank.programme.members import Member, id_of, member_of
from timebank.programme.organisations import organisation
from timebank.programme.roles import check_allowed, check_operators
from timebank.programme.rulebook import check_minutes, check_occasions, rulebook_on

if TYPE_CHECKING:
    from datetime import date

    from timebank.ledger.journal import Journal, Posted


@frozen
class Services:
    """The desk for services."""

    _journal: Journal

    def record(
        self,
        member: Member | str,
        service: str,
        *,
        day: date,
        minutes: int | None = None,
        occasions: int | None = None,
        org: str | None = None,
        by: str,
        approved_by: str,
        key: str | None = None,
    ) -> Posted:
        """Credit *member* with a *service* done on *day*: its points, and its minutes where they are given.

        *org* is the organisation that received it (None: the member's own). Less than a point by the hour is
        no points; the minutes count all the same.
        """
        owner = id_of(member)
        check_slug("service", service)
        check_day("day", day)
        check_operators(by, approved_by)
        measure: dict[str, Any] = {}
        if minutes is not None:
            measure["minutes"] = check_minutes(minutes)
        if occasions is not None:
            measure["occasions"] = check_occasions(occasions)
        if org is not None:
            check_slug("org", org)
        request = (
            "award", owner, service, day.isoformat(), minutes or 0, occasions or 0, org or "", by, approved_by
        )  # fmt: skip
        with self._journal.writing() as write:
            write.check_day(day)
            if done := write.already(key, request):
                return done
            who = member_of(write.books, owner)
            place = who.org if org is None else organisation(write.books, org).id
            _, rules = rulebook_on(write.books, day)
            points = rules.service(service, day).award(minutes=minutes, occasions=occasions)
            check_allowed(write.books, "record-service", by, approved_by, day=day)
            moves = award_moves(owner, place, points=points, minutes=minutes or 0)
            draft = Draft(
                kind="award",
                day=day,
                by=by,
                ok=approved_by,
                body={"service": service, **measure},
                moves=moves,
            )
            return write.append(draft, key=key, request=request)


def award_moves(member: str, org: str, *, points: int, minutes: int) -> tuple[Transfer, ...]:
    """The transfers of an award: points from the organisation's awards, minutes from its services received."""
    account = member_account(member)
    moves = []
    if points:
        moves.append(Transfer(awarded_account(org), account, POINTS, points))
    if minutes:
        moves.append(Transfer(service_account(org), account, MINUTES, minutes))
    return tuple(moves)
