"""Services: what members did, turned into minutes and points by the rulebook in force on its day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from timebank.errors import (
    BelowZero,
    ClaimNeeded,
    DurationMissing,
    NotEnoughPoints,
    NothingToAward,
    RecipientWrong,
    StartMissing,
)
from timebank.ledger.codes import MINUTES
from timebank.ledger.entries import Draft, check_day, check_slug
from timebank.programme import accounts
from timebank.programme.awards import (
    Item,
    Payment,
    Standing,
    award_moves,
    check_evidence,
    check_measure,
    items_body,
    measure_body,
    programme_points,
)
from timebank.programme.budgets import check_budget
from timebank.programme.caps import Past, check_limits
from timebank.programme.claim_records import check_evidence_new
from timebank.programme.debts import owed
from timebank.programme.expiry import lapse, spendable
from timebank.programme.members import Member, id_of, member_of
from timebank.programme.organisations import organisation
from timebank.programme.placements import organisation_on
from timebank.programme.roles import check_allowed, check_operators
from timebank.programme.rulebook import rulebook_on
from timebank.programme.rulebook_terms import Measure, Rulebook, Service
from timebank.programme.shortages import in_words

if TYPE_CHECKING:
    from datetime import date

    from timebank.ledger.journal import Journal, Posted, Request, Write
    from timebank.ledger.store import Reader
    from timebank.ledger.transfers import Transfer


@frozen
class Deed:
    """What is to be awarded: members with what each did on *day* for *org*.

    *recipient* is who pays where the rulebook says so; *evidence* the SHA-256 of a proof; *claim* the entry that
    claimed it, None for what is recorded in one step.
    """

    service: str
    done: tuple[tuple[str, Measure], ...]
    day: date
    org: str
    recipient: str | None = None
    evidence: str | None = None
    claim: int | None = None


@frozen
class Earned:
    """A deed by the rulebook of its day: the rulebook, its row, and what each member earns."""

    book: Rulebook
    service: Service
    items: tuple[Item, ...]

    def payment(self, deed: Deed) -> Payment:
        """Who pays for *deed*."""
        limit = self.book.rules.hold_at_most_minutes
        return Payment(deed.org, self.service.payer, self.service.pays, deed.recipient, limit)


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
        grade: str | None = None,
        start: str | None = None,
        recipient: Member | str | None = None,
        evidence: str | None = None,
        org: str | None = None,
        by: str,
        approved_by: str,
        also_approved_by: str | None = None,
        key: str | None = None,
    ) -> Posted:
        """Credit *member* with a *service* done on *day*: its points, and its minutes where they are given.

        *grade* says how well it was done, *start* (HH:MM) when it began, *evidence* is the SHA-256 of a proof.
        *recipient* pays where the rulebook says so. *org* is the organisation that received it (None: the
        member's own on *day*). *also_approved_by* is the third person who lets a budget be passed. Less than a
        point by the hour is no points; the minutes count all the same.

        Raises ClaimNeeded where the rulebook wants public notice, DurationWrong, TimesOverlap, CapPassed,
        BudgetPassed, EvidenceSeen, and NotEnoughPoints, NotEnoughMinutes or NotEnoughInPool of who pays.
        """
        owner, payer = id_of(member), None if recipient is None else id_of(recipient)
        check_slug("service", service)
        check_day("day", day)
        check_people(by, approved_by, also_approved_by)
        measure = check_measure(Measure(minutes, occasions, grade, start))
        if org is not None:
            check_slug("org", org)
        if evidence is not None:
            check_evidence(evidence)
        request: Request = (
            "award", owner, service, day.isoformat(), minutes or 0, occasions or 0, org or "", by, approved_by
        )  # fmt: skip
        if (grade, start, payer, evidence, also_approved_by) != (None,) * 5:
            request += (grade or "", start or "", payer or "", evidence or "", also_approved_by or "")
        # Points of a recipient may lapse first: two entries, which no other command's failure may tear apart.
        with self._journal.writing(alone=payer is not None) as write:
            write.check_day(day)
            if done := write.already(key, request):
                return done
            books = write.books
            place = org_of(books, owner, day, org)
            deed = Deed(service, ((owner, measure),), day, place, payer, evidence)
            earned = earned_by(books, deed)
            approvers = earned.service.approvers
            check_allowed(books, "record-service", by, approved_by, day=day, approvers=approvers)
            if earned.book.rules.notice_days:
                raise ClaimNeeded(service, earned.book.rules.notice_days)
            if evidence is not None:
                check_evidence_new(books, evidence)
            people = People(by, approved_by, also_approved_by)
            return post_award(write, self._journal, deed, earned, people, key=key, request=request)


@frozen
class People:
    """Who records an award, who approved it, and the third person where a budget is passed."""

    by: str
    ok: str
    also: str | None = None


def check_people(by: object, approved_by: object, also_approved_by: object) -> None:
    """Raise BadCode unless the operators of an award are named as operators are."""
    check_operators(by, approved_by)
    if also_approved_by is not None:
        check_slug("also_approved_by", also_approved_by)


def org_of(books: Reader, member: str, day: date, org: str | None) -> str:
    """*org*, or where it is None that of *member* on *day*. Raises UnknownMember, UnknownOrganisation."""
    if org is None:
        return organisation_on(books, "member", member, day)
    member_of(books, member)
    return organisation(books, org).id


def earned_by(books: Reader, deed: Deed) -> Earned:
    """What *deed* earns by the rulebook of its day.

    Raises NoRulebook, UnknownService, UnknownGrade, UnknownMember, MeasureWrong, StartMissing,
    DurationMissing, NothingToShare and RecipientWrong.
    """
    _, book = rulebook_on(books, deed.day)
    row = book.service(deed.service, deed.day)
    people = len(deed.done)
    items = tuple(Item(member, each, book.points(row, each, deed.day, people)) for member, each in deed.done)
    for item in items:
        check_start(book, row, item.measure)
    check_recipient(books, row, deed)
    return Earned(book, row, items)


def check_start(book: Rulebook, service: Service, measure: Measure) -> None:
    """Raise StartMissing where the rulebook wants one, DurationMissing for one that no minutes go with."""
    if measure.start is None:
        if book.rules.start == "required" and service.per == "hour":
            raise StartMissing(service.id)
    elif measure.minutes is None:
        raise DurationMissing(service.id, measure.start)


def check_recipient(books: Reader, service: Service, deed: Deed) -> None:
    """Raise RecipientWrong unless *deed* names who pays exactly where that is a recipient, who did not serve."""
    recipient = deed.recipient
    if (recipient is None) is (service.payer == "recipient") or recipient in dict(deed.done):
        raise RecipientWrong(service.id, service.payer)
    if recipient is not None:
        member_of(books, recipient)


def check_deed(books: Reader, journal: Journal, deed: Deed, earned: Earned) -> None:
    """Raise NothingToAward, DurationWrong, TimesOverlap or CapPassed unless *deed* can be awarded now."""
    for item in earned.items:
        if not item.points and not item.minutes:
            raise NothingToAward(deed.service, item.member)
    check_limits(Past(books, journal.size_before), earned.book, earned.service, earned.items, deed.day)


def post_award(
    write: Write,
    journal: Journal,
    deed: Deed,
    earned: Earned,
    people: People,
    *,
    key: str | None,
    request: Request,
) -> Posted:
    """Post the award of *deed*, one entry, if limits, budget and whoever pays let it pass.

    Unknown names, rights and states are the caller's to check before.
    """
    books, payment = write.books, earned.payment(deed)
    check_deed(books, journal, deed, earned)
    points = programme_points(earned.items, payment)
    also = check_budget(books, deed.org, deed.day, points, by=people.by, ok=people.ok, also=people.also)
    body = award_body(deed, earned.service) | ({"also": people.also} if also else {})
    moves = award_moves(earned.items, payment, standing_of(books, earned.items, payment))
    if deed.recipient is not None and payment.pays == "points":
        _let_recipient_pay(write, moves, deed.recipient, people.by)
    draft = Draft(kind="award", day=deed.day, by=people.by, ok=people.ok, ref=deed.claim, body=body, moves=moves)
    try:
        return write.append(draft, key=key, request=request)
    except BelowZero as error:
        raise in_words(_in_all(error, books, moves)) from error


def standing_of(books: Reader, items: tuple[Item, ...], payment: Payment) -> dict[str, Standing]:
    """How the members of *items* stand before their award; what they hold, where *payment* has a limit to it."""
    members = [item.member for item in items]
    limited = members if payment.hold_at_most_minutes is not None else ()
    minutes = {member: books.balance(accounts.member_account(member), MINUTES) for member in limited}
    return {member: Standing(minutes.get(member, 0), owed(books, member)) for member in members}


def award_body(deed: Deed, service: Service) -> dict[str, Any]:
    """What the entry of an award says: one member's measure, or the items of several in their order."""
    body: dict[str, Any] = {"service": deed.service}
    if len(deed.done) == 1:
        body |= measure_body(deed.done[0][1])
    else:
        body["items"] = items_body(deed.done)
        if service.shared:
            body["people"] = len(deed.done)
    if deed.recipient is not None:
        body["recipient"] = deed.recipient
    if deed.evidence is not None:
        body["evidence"] = deed.evidence
    return body


def _let_recipient_pay(write: Write, moves: tuple[Transfer, ...], recipient: str, by: str) -> None:
    """Take off what has lapsed of the *recipient*'s points, after they are known to suffice without it."""
    account = accounts.member_account(recipient)
    needed = sum(move.amount for move in moves if move.debit == account)
    available = spendable(write.books, recipient, write.today())
    if available < needed:
        raise NotEnoughPoints(recipient, available, needed)
    lapse(write, recipient, by)


def _in_all(error: BelowZero, books: Reader, moves: tuple[Transfer, ...]) -> BelowZero:
    """*error* with what the account held before, and what *moves* take from it in all, member after member."""
    account, unit = error.account, error.unit
    needed = sum(move.amount for move in moves if move.debit == account and move.unit == unit)
    return BelowZero(account, unit, books.balance(account, unit), needed)
