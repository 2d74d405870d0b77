"""Deductions by the negative list, and appeals against them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timebank.audit.programme.books import days_after

if TYPE_CHECKING:
    from collections.abc import Callable

    from timebank.audit.programme.books import Books
    from timebank.audit.replay import Members


class Deductions:
    """Deductions and appeals."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self.folds: dict[str, Callable[[int, Members], None]] = {
            "deduction": self._deduction,
            "appeal": self._appeal,
        }

    def _deduction(self, seq: int, members: Members) -> None:
        body, books, moves = members["body"], self._books, members.get("move", [])
        member, account = body["member"], f"L:M:{body['member']}"
        books.known(seq, "member", member)
        terms = books.terms(members["day"])
        wanted = None if terms is None else terms.deductions.get(body["deduction"])
        books.check_amount(seq, "deduction", wanted, body["points"])
        taken = min(body["points"], books.before(members, (account, "PTS"))[0])
        if moves and [moves[0][0], moves[0][2]] == [account, "PTS"] and moves[0][1].startswith("I:DEDUCTED:"):
            books.known(seq, "organisation", moves[0][1].removeprefix("I:DEDUCTED:").lower())
            books.check_amount(seq, "deduction", taken, moves[0][3])
        if len(moves) > 1 or (moves and not moves[0][1].startswith("I:DEDUCTED:")) or (taken > 0) != bool(moves):
            books.wrong(seq, "deduction: transfers are not as they should be")

    def _appeal(self, seq: int, members: Members) -> None:
        body, books, ref = members["body"], self._books, members["ref"]
        if body["do"] == "lodge":
            self._lodge(seq, members)
        elif body["do"] in ("deny", "grant"):
            original = books.leaf(ref)
            if body["do"] == "grant" and original is not None and "move" in original:
                books.wrong(seq, "appeal: what was taken is not given back")
            self.decide(seq, members, "denied" if body["do"] == "deny" else "granted")
        else:
            books.wrong(seq, "appeal: neither lodged, denied nor granted")

    def _lodge(self, seq: int, members: Members) -> None:
        books, ref = self._books, members["ref"]
        original = books.leaf(ref)
        if original is None or original["kind"] != "deduction":
            books.findings.add("name-unknown", seq, what="deduction", name=str(ref))
            return
        terms = books.terms(original["day"])
        if terms is not None and members["day"] > days_after(original["day"], terms.appeal_days):
            books.broken(seq, "appeal-too-late")
        if ref in books.ledger.resolvers:
            books.check_state(seq, "deduction", ref, "reversed", ())
        books.add(seq, "appeal", (ref, original["body"]["member"], "lodged", seq))

    def decide(self, seq: int, members: Members, state: str) -> None:
        """An appeal is denied or granted, once, and by others than those who deducted."""
        books, ref = self._books, members["ref"]
        row = books.known(seq, "appeal", ref)
        if row is None:
            return
        books.check_state(seq, "appeal", ref, row[2], ("lodged",))
        original = books.leaf(ref) or {}
        for name in (members["by"], members.get("ok")):
            if name is not None and name in (original.get("by"), original.get("ok")):
                books.findings.add("approval-wrong", seq, operator=str(name))
        books.tables["appeal"][ref,] = (*row[:2], state, seq)
