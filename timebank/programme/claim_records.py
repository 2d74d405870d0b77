"""What the programme keeps of claims (申报): the state each is in, and which evidence was seen with it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from attrs import evolve, frozen

from timebank.errors import ClaimNotOfOrder, ClaimNotOpen, EvidenceSeen, SelfApproval, UnknownClaim, WrongState
from timebank.ledger.store import Table
from timebank.programme.order_steps import order_of, project_claim_of_order
from timebank.programme.roles import check_role
from timebank.programme.rulebook import rulebook_on

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timebank.ledger.entries import Draft, Entry
    from timebank.ledger.store import Reader, Writer
    from timebank.programme.order_steps import Order

STATES: Final = ("submitted", "approved", "objected", "rejected", "withdrawn", "awarded")
GONE: Final = ("rejected", "withdrawn")
"""The states in which a claim stands in nobody's way: its evidence and its order may be claimed again."""


@frozen
class Claim:
    """A claim, submitted by entry *seq*: that *members* (ids with spaces) did *service* for *org* on *day*.

    *reviewed_by* approved or rejected it; *notice_until* is the last day of public notice, *objected_by* who
    objected last, *award* the entry that posted it.
    """

    seq: int
    org: str
    service: str
    day: str
    state: str
    members: str
    submitted_by: str
    reviewed_by: str | None = None
    notice_until: str | None = None
    objected_by: str | None = None
    award: int | None = None


@frozen
class Evidence:
    """The SHA-256 of some evidence, seen with the entry *claim*: a claim, or an award recorded without one."""

    hash: str
    claim: int


CLAIMS: Final = Table("claim", Claim, ("seq",))
EVIDENCE: Final = Table("evidence", Evidence, ("hash", "claim"))


def claim_of(books: Reader, seq: int | None) -> Claim:
    """The claim that entry *seq* submitted; raises UnknownClaim."""
    claim = books.get(CLAIMS, seq)
    if claim is None:
        raise UnknownClaim(str(seq)[:40])
    return claim


def claim_id(claim: Claim | int) -> int:
    """The entry that submitted *claim*, given as itself or by that number; raises UnknownClaim."""
    seq = claim.seq if isinstance(claim, Claim) else claim
    if type(seq) is not int:
        raise UnknownClaim(str(seq)[:40])
    return seq


def check_state(claim: Claim, *states: str) -> None:
    """Raise ClaimNotOpen unless *claim* is in one of *states*."""
    if claim.state not in states:
        raise ClaimNotOpen(claim.seq, claim.state)


def check_reviewer(books: Reader, claim: Claim, by: str) -> None:
    """Raise unless *by* may review *claim*: RoleNotAllowed by the rulebook of its day, SelfApproval."""
    day = date.fromisoformat(claim.day)
    _, book = rulebook_on(books, day)
    check_role(books, by, book.service(claim.service, day).approvers, "review-claim")
    if by == claim.submitted_by:
        raise SelfApproval(by)


def notice_days(books: Reader, claim: Claim) -> int:
    """For how many days *claim* is shown in public, by the rulebook of its day."""
    _, book = rulebook_on(books, date.fromisoformat(claim.day))
    return book.rules.notice_days


def check_evidence_new(books: Reader, evidence: str) -> None:
    """Raise EvidenceSeen if *evidence* was seen with an award, or with a claim neither rejected nor withdrawn.

    An award that was taken back has used its evidence up: nobody can tell whether another happening is meant.
    """
    for seen in books.rows(EVIDENCE, evidence):
        claim = books.get(CLAIMS, seen.claim)
        if claim is None or claim.state not in GONE:
            raise EvidenceSeen(evidence, seen.claim)


def check_claimable(books: Reader, order: Order) -> None:
    """Raise WrongState unless the resident has said that *order* is done, and no claim of its points stands.

    A claim that was rejected or withdrawn does not stand in the way of another.
    """
    if order.state != "rated":
        raise WrongState(order.seq, order.state, "rated")
    if not order.done:
        raise WrongState(order.seq, "not-done", "done")
    if order.claim is not None and claim_of(books, order.claim).state not in GONE:
        raise WrongState(order.seq, "claimed", "done")


def check_claim_of_order(books: Reader, seq: int, members: Sequence[str], day: date) -> None:
    """Raise unless a claim of *members* for a service on *day* can be that of the order *seq*.

    An order is claimed when it is done, and by one claim that stands; for its volunteer alone, and for the day on
    which it was finished. Raises UnknownOrder, WrongState, ClaimNotOfOrder.
    """
    order = order_of(books, seq)
    check_claimable(books, order)
    if (*members, day.isoformat()) != (order.volunteer, order.finished):
        raise ClaimNotOfOrder(seq, str(order.volunteer), str(order.finished))


def makes_no_record(award: Draft) -> bool:
    """Whether an award leaves no record beside its postings, as nearly all do: neither claim nor evidence."""
    return award.ref is None and "evidence" not in award.body


def project_award(entry: Entry, books: Writer) -> None:
    """Keep in the claim which entry posted it; of an award without a claim, keep the evidence."""
    if entry.ref is not None:
        claim = claim_of(books, entry.ref)
        books.put(CLAIMS, evolve(claim, state="awarded", award=entry.seq))
    elif "evidence" in entry.body:
        books.put(EVIDENCE, Evidence(entry.body["evidence"], entry.seq))


def project_claim(entry: Entry, books: Writer) -> None:
    """Keep the claim, and the state that each step brings it to."""
    if entry.body["do"] == "submit":
        _submit(entry, books)
    else:
        claim = claim_of(books, entry.ref)
        books.put(CLAIMS, _stepped(claim, entry, books))


def _submit(entry: Entry, books: Writer) -> None:
    body = entry.body
    claim = Claim(
        entry.seq,
        body["org"],
        body["service"],
        entry.day.isoformat(),
        "submitted",
        " ".join(member for member, _ in body["items"]),
        entry.by,
    )
    books.put(CLAIMS, claim)
    if "evidence" in body:
        books.put(EVIDENCE, Evidence(body["evidence"], entry.seq))
    project_claim_of_order(entry, books)


def _stepped(claim: Claim, entry: Entry, books: Reader) -> Claim:
    do = entry.body["do"]
    if do == "approve":
        until = entry.day + timedelta(days=notice_days(books, claim))
        return evolve(claim, state="approved", reviewed_by=entry.by, notice_until=until.isoformat())
    if do == "reject":
        return evolve(claim, state="rejected", reviewed_by=entry.by)
    if do == "object":
        return evolve(claim, state="objected", objected_by=entry.by)
    return evolve(claim, state={"dismiss": "approved", "uphold": "rejected", "withdraw": "withdrawn"}[do])
