"""Deductions (扣分) by the negative list (负面清单), and appeals against them.

A deduction takes what a member has, and no more. An appeal is granted by taking the deduction back.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from attrs import evolve, frozen

from timebank.errors import (
    AlreadyExists,
    AlreadyResolved,
    AnswerTooEarly,
    AppealNotOpen,
    AppealTooLate,
    BadCode,
    SelfApproval,
    UnknownAppeal,
    UnknownEntry,
)
from timebank.ledger.codes import POINTS
from timebank.ledger.entries import Draft, check_day, check_slug, kept_entry
from timebank.ledger.resolution import reversal
from timebank.ledger.store import Table
from timebank.ledger.transfers import Transfer
from timebank.programme.accounts import deducted_account, member_account
from timebank.programme.expiry import lapse, spendable
from timebank.programme.members import Member, id_of
from timebank.programme.roles import check_allowed, check_operators
from timebank.programme.rulebook import rulebook_on
from timebank.programme.services import org_of

if TYPE_CHECKING:
    from datetime import date

    from timebank.ledger.entries import Entry
    from timebank.ledger.journal import Journal, Posted
    from timebank.ledger.store import Reader, Writer

KIND: Final = "deduction"
GRANTED: Final = "appeal-granted"
"""Why a deduction was taken back: the reason in its reversal."""

STATES: Final = ("lodged", "denied", "granted")


@frozen
class Appeal:
    """An appeal of *member* against the entry *deduction*; entry *seq* brought it to its *state*."""

    deduction: int
    member: str
    state: str
    seq: int


APPEALS: Final = Table("appeal", Appeal, ("deduction",))


@frozen
class Deductions:
    """The desk for deductions and appeals."""

    _journal: Journal

    def record(
        self,
        member: Member | str,
        deduction: str,
        *,
        day: date,
        org: str | None = None,
        by: str,
        approved_by: str,
        key: str | None = None,
    ) -> Posted:
        """Take the points of a *deduction* of the rulebook from *member*, as far as there are any.

        *org* is the organisation that deducts (None: the member's own on *day*). The entry says how many points
        the rulebook takes; its transfer, how many were there to be taken, without those that have lapsed.
        """
        owner = id_of(member)
        check_slug("deduction", deduction)
        check_day("day", day)
        check_operators(by, approved_by)
        if org is not None:
            check_slug("org", org)
        request = (KIND, owner, deduction, day.isoformat(), org or "", by, approved_by)
        with self._journal.writing() as write:
            write.check_day(day)
            if done := write.already(key, request):
                return done
            place = org_of(write.books, owner, day, org)
            wanted = rulebook_on(write.books, day)[1].deduction(deduction, day).points
            check_allowed(write.books, "deduct", by, approved_by, day=day)
            taken = min(wanted, spendable(write.books, owner, write.today()))
            lapse(write, owner, by)
            draft = Draft(
                kind=KIND,
                day=day,
                by=by,
                ok=approved_by,
                body={"deduction": deduction, "member": owner, "points": wanted},
                moves=deduction_moves(owner, place, taken),
            )
            return write.append(draft, key=key, request=request)

    def lodge(
        self, deduction: int, *, reason: str, day: date | None = None, by: str, key: str | None = None
    ) -> Posted:
        """Appeal against the entry *deduction* on *day* (None: today), for a *reason* (a short code); once.

        Raises AppealTooLate after the days of the rulebook, AlreadyExists, AlreadyResolved if the deduction was
        taken back.
        """
        seq = _checked(deduction)
        check_slug("reason", reason)
        check_operators(by)
        when = None if day is None else check_day("day", day)
        request = ("appeal", seq, reason, str(when or ""), by)
        with self._journal.writing() as write:
            write.check_day(when)
            if done := write.already(key, request):
                return done
            entry = deduction_of(write.books, seq)
            lodged = when or write.today()
            check_allowed(write.books, "lodge-appeal", by, day=lodged)
            check_not_taken_back(write.books, seq)
            if write.books.get(APPEALS, seq) is not None:
                raise AlreadyExists("appeal", str(seq))
            check_in_time(write.books, entry, lodged)
            body = {"do": "lodge", "reason": reason}
            return write.append(
                Draft(kind="appeal", day=lodged, by=by, ref=seq, body=body), key=key, request=request
            )

    def deny(self, deduction: int, *, by: str, approved_by: str, key: str | None = None) -> Posted:
        """Deny the appeal against the entry *deduction*: two people who neither recorded nor approved it."""
        return self._decide(deduction, "deny", by=by, approved_by=approved_by, key=key)

    def grant(self, deduction: int, *, by: str, approved_by: str, key: str | None = None) -> Posted:
        """Grant the appeal against the entry *deduction*, which is taken back: its reversal is the answer.

        By two people who neither recorded nor approved it. Where nothing had been taken there is nothing to
        reverse, and the entry only says that the appeal was granted. Raises AlreadyResolved if the deduction was
        taken back before.
        """
        return self._decide(deduction, "grant", by=by, approved_by=approved_by, key=key)

    def _decide(self, deduction: int, do: str, *, by: str, approved_by: str, key: str | None) -> Posted:
        seq = _checked(deduction)
        check_operators(by, approved_by)
        request = (f"appeal-{do}", seq, by, approved_by)
        with self._journal.writing() as write:
            if done := write.already(key, request):
                return done
            entry, appeal = deduction_of(write.books, seq), appeal_of(write.books, seq)
            check_allowed(write.books, "decide-appeal", by, approved_by)
            check_others(entry, by, approved_by)
            if appeal.state != "lodged":
                raise AppealNotOpen(seq, appeal.state)
            day = write.today()
            if do == "grant" and entry.moves:
                draft = reversal(entry, day=day, by=by, ok=approved_by, reason=GRANTED)
            else:
                draft = Draft(kind="appeal", day=day, by=by, ok=approved_by, ref=seq, body={"do": do})
            return write.append(draft, key=key, request=request)

    def appeals(self, *, state: str | None = None) -> tuple[Appeal, ...]:
        """All appeals, by the deduction's place; those in this *state*, if named: lodged, denied or granted."""
        if state is not None and state not in STATES:
            raise BadCode("state", str(state)[:80], "|".join(STATES))
        with self._journal.reading() as books:
            return tuple(appeal for appeal in books.rows(APPEALS) if state in (None, appeal.state))


def deduction_moves(member: str, org: str, points: int) -> tuple[Transfer, ...]:
    """The transfer of a deduction that takes *points*; none where there is nothing to take."""
    return (Transfer(member_account(member), deducted_account(org), POINTS, points),) if points else ()


def deduction_of(books: Reader, seq: int) -> Entry:
    """The deduction at *seq*; raises UnknownEntry if that is none."""
    entry = kept_entry(seq, books.leaf(seq))
    if entry.kind != KIND:
        raise UnknownEntry(str(seq))
    return entry


def appeal_of(books: Reader, seq: int) -> Appeal:
    """The appeal against the deduction at *seq*; raises UnknownAppeal."""
    appeal = books.get(APPEALS, seq)
    if appeal is None:
        raise UnknownAppeal(str(seq))
    return appeal


def check_not_taken_back(books: Reader, seq: int) -> None:
    """Raise AlreadyResolved if the deduction at *seq* was reversed."""
    resolver = books.resolver_of(seq)
    if resolver is not None:
        raise AlreadyResolved(seq, resolver)


def check_in_time(books: Reader, deduction: Entry, day: date) -> None:
    """Raise AnswerTooEarly or AppealTooLate unless *deduction* can be appealed on *day*, by its day's rulebook."""
    if day < deduction.day:
        raise AnswerTooEarly(deduction.seq, day.isoformat(), deduction.day.isoformat())
    days = rulebook_on(books, deduction.day)[1].rules.appeal_days
    if (day - deduction.day).days > days:
        raise AppealTooLate(deduction.seq, (deduction.day + timedelta(days=days)).isoformat())


def check_others(deduction: Entry, *operators: str) -> None:
    """Raise SelfApproval if one of *operators* recorded or approved *deduction*."""
    for operator in operators:
        if operator in (deduction.by, deduction.ok):
            raise SelfApproval(operator)


def _checked(deduction: int) -> int:
    if type(deduction) is not int:
        raise UnknownEntry(str(deduction)[:40])
    return deduction


def project_appeal(entry: Entry, books: Writer) -> None:
    """Keep the appeal and how it was decided."""
    seq, do = -1 if entry.ref is None else entry.ref, entry.body["do"]
    if do == "lodge":
        member = deduction_of(books, seq).body["member"]
        books.put(APPEALS, Appeal(seq, member, "lodged", entry.seq))
    else:
        state = {"deny": "denied", "grant": "granted"}[do]
        books.put(APPEALS, evolve(appeal_of(books, seq), state=state, seq=entry.seq))


def project_reversal(entry: Entry, books: Writer) -> None:
    """Keep that an appeal was granted, where that is why a deduction was taken back."""
    if entry.body.get("of") != KIND or entry.body.get("reason") != GRANTED or entry.ref is None:
        return
    appeal = books.get(APPEALS, entry.ref)
    if appeal is not None and appeal.state == "lodged":
        books.put(APPEALS, evolve(appeal, state="granted", seq=entry.seq))
