"""Claims (申报): submitted, reviewed by another person, shown in public, and posted as one award.

Its states: submitted, then approved, rejected or withdrawn; approved, then awarded, objected or withdrawn;
objected, then approved again or rejected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from timebank.errors import AnswerTooEarly, BadCode, NoticeBackdated, NoticeOver, NoticeRunning, SelfApproval
from timebank.ledger.entries import Draft, check_day, check_slug
from timebank.programme.awards import check_evidence, measure_body
from timebank.programme.claim_body import Done, Members, deed_of, done_by, submission
from timebank.programme.claim_records import (
    CLAIMS,
    STATES,
    Claim,
    check_claim_of_order,
    check_evidence_new,
    check_reviewer,
    check_state,
    claim_id,
    claim_of,
    notice_days,
)
from timebank.programme.closing import check_open
from timebank.programme.members import Member, id_of, member_of
from timebank.programme.order_steps import order_id
from timebank.programme.organisations import organisation
from timebank.programme.roles import SECOND, check_allowed, check_operators, check_role
from timebank.programme.rulebook_terms import Measure
from timebank.programme.services import (
    Deed,
    People,
    check_deed,
    check_people,
    earned_by,
    org_of,
    post_award,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from timebank.ledger.journal import Journal, Posted
    from timebank.ledger.store import Reader

    _Check = Callable[[Reader, Claim, date], None]


@frozen
class Claims:
    """The desk for claims."""

    _journal: Journal

    def submit(
        self,
        service: str,
        members: Members,
        *,
        day: date,
        minutes: int | None = None,
        occasions: int | None = None,
        grade: str | None = None,
        start: str | None = None,
        org: str | None = None,
        evidence: str | None = None,
        recipient: Member | str | None = None,
        order: int | None = None,
        by: str,
        key: str | None = None,
    ) -> Posted:
        """Claim that *members* did *service* on *day*, all the same, or each by their own measure.

        *org* is the organisation that received it (None: the first member's own on *day*), *evidence* the SHA-256
        of a proof that was not seen before, *recipient* who pays where the rulebook says so, *order* the entry
        that opened the order which was served. Points and limits are worked out now, to find mistakes early, and
        again when the claim is posted.
        """
        check_slug("service", service)
        check_day("day", day)
        check_operators(by)
        done = done_by(service, members, Measure(minutes, occasions, grade, start))
        payer = None if recipient is None else id_of(recipient)
        if org is not None:
            check_slug("org", org)
        if evidence is not None:
            check_evidence(evidence)
        listed = tuple((member, tuple(measure_body(each).items())) for member, each in done)
        number = None if order is None else order_id(order)
        request = (
            "claim", service, listed, day.isoformat(), org or "", evidence or "", payer or "",
            -1 if number is None else number, by,
        )  # fmt: skip
        with self._journal.writing() as write:
            write.check_day(day)
            if already := write.already(key, request):
                return already
            books = write.books
            place = org_of(books, done[0][0], day, org)
            for member, _ in done[1:]:
                member_of(books, member)
            deed = Deed(service, done, day, place, payer, evidence)
            earned = earned_by(books, deed)
            check_allowed(books, "submit-claim", by, day=day)
            if number is not None:
                check_claim_of_order(books, number, [member for member, _ in done], day)
            if evidence is not None:
                check_evidence_new(books, evidence)
            check_deed(books, self._journal, deed, earned)
            draft = Draft(kind="claim", day=day, by=by, body=submission(deed, number))
            return write.append(draft, key=key, request=request)

    def approve(self, claim: Claim | int, *, day: date | None = None, by: str, key: str | None = None) -> Posted:
        """Approve a submitted *claim* on *day* (None: today), with which its public notice begins.

        By whom the rulebook lets approve the service, and not by who submitted the claim (SelfApproval). Where the
        rulebook wants public notice, an earlier day would shorten it: NoticeBackdated.
        """
        return self._review(claim, {"do": "approve"}, day=day, by=by, key=key)

    def reject(
        self, claim: Claim | int, *, reason: str, day: date | None = None, by: str, key: str | None = None
    ) -> Posted:
        """Reject a submitted *claim* for a *reason* (a short code such as `not-done`), as who could approve it."""
        return self._review(
            claim, {"do": "reject", "reason": check_slug("reason", reason)}, day=day, by=by, key=key
        )

    def _review(
        self, claim: Claim | int, step: dict[str, str], *, day: date | None, by: str, key: str | None
    ) -> Posted:
        seq = claim_id(claim)
        check_operators(by)
        when = None if day is None else check_day("day", day)
        request = ("claim-review", seq, *step.values(), str(when or ""), by)
        with self._journal.writing() as write:
            write.check_day(when)
            if done := write.already(key, request):
                return done
            known = claim_of(write.books, seq)
            day = when or write.today()
            check_allowed(write.books, "review-claim", by)
            check_reviewer(write.books, known, by)
            check_open(write.books, day)
            check_state(known, "submitted")
            if day.isoformat() < known.day:
                raise AnswerTooEarly(seq, day.isoformat(), known.day)
            if step["do"] == "approve" and notice_days(write.books, known) and day < (today := write.today()):
                raise NoticeBackdated(seq, day.isoformat(), today.isoformat())
            return write.append(Draft(kind="claim", day=day, by=by, ref=seq, body=step), key=key, request=request)

    def object(self, claim: Claim | int, *, reason: str, by: str, key: str | None = None) -> Posted:
        """Record an objection to an approved *claim* while its public notice lasts (NoticeOver after it)."""

        def check(books: Reader, known: Claim, today: date) -> None:
            check_allowed(books, "object-claim", by)
            check_state(known, "approved")
            if today.isoformat() > str(known.notice_until):
                raise NoticeOver(known.seq, str(known.notice_until), today.isoformat())

        return self._step(claim, {"do": "object", "reason": check_slug("reason", reason)}, check, by=by, key=key)

    def dismiss(self, claim: Claim | int, *, by: str, key: str | None = None) -> Posted:
        """Dismiss the objection to *claim*, which is approved again; not by who objected (SelfApproval)."""
        return self._decide(claim, {"do": "dismiss"}, by=by, key=key)

    def uphold(self, claim: Claim | int, *, reason: str, by: str, key: str | None = None) -> Posted:
        """Uphold the objection to *claim*, which is rejected; not by who objected (SelfApproval)."""
        return self._decide(claim, {"do": "uphold", "reason": check_slug("reason", reason)}, by=by, key=key)

    def _decide(self, claim: Claim | int, step: dict[str, str], *, by: str, key: str | None) -> Posted:
        def check(books: Reader, known: Claim, _: date) -> None:
            check_allowed(books, "decide-objection", by)
            if by == known.objected_by:
                raise SelfApproval(by)
            check_state(known, "objected")

        return self._step(claim, step, check, by=by, key=key)

    def withdraw(self, claim: Claim | int, *, by: str, key: str | None = None) -> Posted:
        """Take back a submitted or approved *claim*: by who submitted it, a supervisor or an admin."""

        def check(books: Reader, known: Claim, _: date) -> None:
            check_allowed(books, "submit-claim", by)
            if by != known.submitted_by:
                check_role(books, by, SECOND, "withdraw-claim")
            check_state(known, "submitted", "approved")

        return self._step(claim, {"do": "withdraw"}, check, by=by, key=key)

    def _step(
        self, claim: Claim | int, step: dict[str, str], check: _Check, *, by: str, key: str | None
    ) -> Posted:
        """Post a step of *claim* today, if *check* (books, claim, today) lets it pass."""
        seq = claim_id(claim)
        check_operators(by)
        request = ("claim-step", seq, *step.values(), by)
        with self._journal.writing() as write:
            if done := write.already(key, request):
                return done
            today = write.today()
            check(write.books, claim_of(write.books, seq), today)
            return write.append(
                Draft(kind="claim", day=today, by=by, ref=seq, body=step), key=key, request=request
            )

    def post(
        self, claim: Claim | int, *, by: str, also_approved_by: str | None = None, key: str | None = None
    ) -> Posted:
        """Post an approved *claim* as one award on its day, for all its members or for none.

        The reviewer stands as the one who approved, and cannot post it (SelfApproval). *also_approved_by* is the
        third person who lets a budget be passed. Raises NoticeRunning through the last day of public notice, and
        what an award recorded in one step raises for limits, budget and who pays.
        """
        seq = claim_id(claim)
        check_people(by, None, also_approved_by)
        request = ("claim-post", seq, by, also_approved_by or "")
        with self._journal.writing(alone=True) as write:
            if done := write.already(key, request):
                return done
            books = write.books
            known = claim_of(books, seq)
            deed = deed_of(books, known)
            earned = earned_by(books, deed)
            check_allowed(books, "post-claim", by)
            if by == known.reviewed_by:
                raise SelfApproval(by)
            check_open(books, deed.day)
            check_state(known, "approved")
            until, today = str(known.notice_until), write.today().isoformat()
            if earned.book.rules.notice_days and today <= until:
                raise NoticeRunning(seq, until, today)
            people = People(by, str(known.reviewed_by), also_approved_by)
            return post_award(write, self._journal, deed, earned, people, key=key, request=request)

    def get(self, claim: int) -> Claim:
        """The claim that the entry *claim* submitted; raises UnknownClaim."""
        with self._journal.reading() as books:
            return claim_of(books, claim_id(claim))

    def all(self, *, state: str | None = None, org: str | None = None) -> tuple[Claim, ...]:
        """All claims in the order of their submission; those in this *state*, of this *org*, if named."""
        if state is not None and state not in STATES:
            raise BadCode("state", str(state)[:80], "|".join(STATES))
        with self._journal.reading() as books:
            if org is not None:
                organisation(books, check_slug("org", org))
            return tuple(
                claim for claim in books.rows(CLAIMS) if state in (None, claim.state) and org in (None, claim.org)
            )

    def done(self, claim: Claim | int) -> Done:
        """The members of *claim*, in its order, with what each did."""
        with self._journal.reading() as books:
            return deed_of(books, claim_of(books, claim_id(claim))).done
