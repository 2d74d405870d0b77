"""Claims: who submitted, who reviewed, public notice, objections, and the award that ends one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from timebank.audit.programme.books import SECOND, check_days, days_after

if TYPE_CHECKING:
    from collections.abc import Callable

    from timebank.audit.programme.books import Books
    from timebank.audit.programme.orders import Orders
    from timebank.audit.programme.terms import Service
    from timebank.audit.programme.usage import Item
    from timebank.audit.replay import Members

_MOST_MEMBERS: Final = 200
_OPEN: Final = ("submitted", "approved", "objected")
_GONE: Final = ("rejected", "withdrawn")
_STEPS: Final = {
    "approve": (("submitted",), "approved"),
    "reject": (("submitted",), "rejected"),
    "object": (("approved",), "objected"),
    "dismiss": (("objected",), "approved"),
    "uphold": (("objected",), "rejected"),
    "withdraw": (("submitted", "approved"), "withdrawn"),
}
"""For each deed: the states in which a claim can be, and the state that it is in afterwards."""


class _Claim:
    """What is known of a claim; what it asks for is kept while it is open."""

    def __init__(self, members: Members) -> None:
        body = members["body"]
        self.body: dict[str, Any] = body
        self.org: str = body["org"]
        self.service: str = body["service"]
        self.day: str = members["day"]
        self.members = " ".join([member for member, _ in body["items"]])
        self.submitted_by: str = members["by"]
        self.state = "submitted"
        self.reviewed_by: str | None = None
        self.notice_until: str | None = None
        self.objected_by: str | None = None
        self.award: int | None = None

    def row(self, seq: int) -> tuple[Any, ...]:
        """The row that the table of claims should hold."""
        return (
            *(seq, self.org, self.service, self.day, self.state, self.members, self.submitted_by),
            *(self.reviewed_by, self.notice_until, self.objected_by, self.award),
        )


class Claims:
    """Claims and their evidence."""

    def __init__(self, books: Books, orders: Orders) -> None:
        self._books = books
        self._orders = orders
        self._claims: dict[int, _Claim] = {}
        self.folds: dict[str, Callable[[int, Members], None]] = {"claim": self._claim}

    def _claim(self, seq: int, members: Members) -> None:
        body = members["body"]
        if body["do"] == "submit":
            self._submit(seq, members)
            return
        claim = self._open(seq, members["ref"])
        states, state = _STEPS[body["do"]]
        if claim is None or not self._books.check_state(seq, "claim", members["ref"], claim.state, states):
            return
        self._check_who(seq, body["do"], claim, members)
        claim.state = state
        if body["do"] in ("approve", "reject"):
            claim.reviewed_by = members["by"]
        if body["do"] == "approve":
            notice = self._notice_days(claim)
            claim.notice_until = days_after(members["day"], notice)
            if notice and members["day"] < self._books.ledger.today:
                self._books.broken(seq, f"notice-backdated {members['day']}")
        elif body["do"] == "object":
            claim.objected_by = members["by"]
        self._keep(members["ref"], claim)

    def _open(self, seq: int, ref: int) -> _Claim | None:
        claim = self._claims.get(ref)
        if claim is None:
            row = self._books.known(seq, "claim", ref)
            if row is not None:
                self._books.check_state(seq, "claim", ref, row[4], _OPEN)
        return claim

    def _keep(self, seq: int, claim: _Claim) -> None:
        self._books.tables["claim"][seq,] = claim.row(seq)
        if claim.state not in _OPEN:
            del self._claims[seq]

    def _notice_days(self, claim: _Claim) -> int:
        terms = self._books.terms(claim.day)
        return 0 if terms is None else terms.notice_days

    def _service(self, claim: _Claim) -> Service | None:
        terms = self._books.terms(claim.day)
        return None if terms is None else terms.services.get(claim.service)

    def _submit(self, seq: int, members: Members) -> None:
        body, books = members["body"], self._books
        claim = _Claim(members)
        check_days(claim.day)
        names = [member for member, _ in body["items"]]
        books.known(seq, "organisation", claim.org)
        for name in names:
            books.known(seq, "member", name)
        if not 1 <= len(names) <= _MOST_MEMBERS or len(set(names)) < len(names):
            books.wrong(seq, "claim: members")
        terms = books.terms(claim.day)
        if terms is None or any(
            terms.points(claim.service, measure, claim.day, len(names)) < 0 for _, measure in body["items"]
        ):
            books.broken(seq, "measure")
        if "evidence" in body:
            self.show_evidence(seq, body["evidence"])
        if "order" in body:
            self._orders.claim(seq, body["order"], names, claim.day)
        self._claims[seq] = claim
        self._keep(seq, claim)

    def show_evidence(self, seq: int, evidence: str) -> None:
        """A claim or an award shows *evidence*, which no other one that stands has shown."""
        books = self._books
        earlier = books.latest(("evidence", evidence), evidence)
        if earlier is not None and self._stands(earlier):
            books.broken(seq, f"evidence-seen {earlier}")
        books.place(("evidence", evidence), evidence, seq, seq)
        books.tables["evidence"][evidence, seq] = (evidence, seq)

    def _stands(self, seq: int) -> bool:
        row = self._books.tables["claim"].get((seq,))
        award = seq if row is None else row[10]  # taken back, its evidence may be shown again
        return (row is None or row[4] not in _GONE) and award not in self._books.ledger.resolvers

    def _check_who(self, seq: int, deed: str, claim: _Claim, members: Members) -> None:
        by, findings = members["by"], self._books.findings
        if deed in ("approve", "reject"):
            service = self._service(claim)
            if by == claim.submitted_by:
                findings.add("approval-wrong", seq, operator=by)
            elif self._books.role(by) not in (SECOND if service is None else service.approvers):
                findings.add("not-allowed", seq, operator=by, act="review-claim")
        elif deed in ("dismiss", "uphold"):
            if by == claim.objected_by:
                findings.add("approval-wrong", seq, operator=by)
        elif deed == "withdraw" and by != claim.submitted_by and self._books.role(by) not in SECOND:
            findings.add("not-allowed", seq, operator=by, act="submit-claim")

    def post(self, seq: int, members: Members, items: list[Item], org: str) -> None:
        """An award says that it answers a claim: approved, after its notice, and just as it was asked."""
        books, body, ref = self._books, members["body"], members["ref"]
        claim = self._open(seq, ref)
        if claim is None or not books.check_state(seq, "claim", ref, claim.state, ("approved",)):
            return
        if members.get("ok") != claim.reviewed_by:
            books.findings.add("approval-wrong", seq, operator=str(members.get("ok")))
        if self._notice_days(claim) and books.ledger.today <= (claim.notice_until or ""):
            books.broken(seq, f"notice-running {claim.notice_until}")
        asked = [(member, measure) for member, measure in claim.body["items"]]
        awarded = [
            (member, {name: measure[name] for name in _MEASURES if name in measure}) for member, measure in items
        ]
        same = all(body.get(name) == claim.body.get(name) for name in ("service", "evidence", "recipient"))
        if not same or asked != awarded or members["day"] != claim.day or org not in ("", claim.org.upper()):
            books.wrong(seq, "award: not what its claim says")
        claim.state, claim.award = "awarded", seq
        self._keep(ref, claim)


_MEASURES: Final = ("minutes", "occasions", "grade", "start")
