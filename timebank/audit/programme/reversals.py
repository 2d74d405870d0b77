"""What is taken back, beyond the mirror that the ledger looks at: debts, appeals, and what may not be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from timebank.audit.programme.books import Books
    from timebank.audit.programme.counter import Counter
    from timebank.audit.programme.deductions import Deductions
    from timebank.audit.programme.points import Points
    from timebank.audit.programme.shops import Settlements
    from timebank.audit.replay import Members


class Reversals:
    """Reversals of awards, redemptions, deductions and settlements."""

    def __init__(
        self,
        books: Books,
        counter: Counter,
        deductions: Deductions,
        settlements: Settlements,
        points: Points,
    ) -> None:
        self._books = books
        self._counter = counter
        self._deductions = deductions
        self._settlements = settlements
        self._points = points
        self.folds: dict[str, Callable[[int, Members], None]] = {"reversal": self._reversal}

    def _reversal(self, seq: int, members: Members) -> None:
        ref = members.get("ref")
        original = None if ref is None else self._books.leaf(ref)
        if ref is None or original is None:
            return  # the ledger has said so
        kind = original["kind"]
        if "debt" in members["body"] and kind != "award":
            self._books.wrong(seq, "reversal: a debt")
        if kind == "award":
            self._check_debt(seq, members, original)
        elif kind == "redemption":
            self._counter.check_not_returned(seq, ref, original["body"]["goods"])
        elif kind == "settlement":
            self._settlements.take_back(ref, original)
        elif kind == "opening":
            self._points.take_back_opening(ref, original["body"]["member"])
        if members["body"].get("reason") == "appeal-granted":
            self._deductions.decide(seq, members, "granted")

    def _check_debt(self, seq: int, members: Members, original: Members) -> None:
        """What is short of the points to be taken back is owed; nothing else is, and no minutes."""
        body, books = members["body"], self._books
        if "debt" not in body:
            return
        needed: dict[str, int] = {}
        for debit, credit, unit, amount in original["move"]:
            for account, change in ((credit, amount), (debit, -amount)):
                if unit == "PTS" and account.startswith("L:M:"):
                    needed[account] = needed.get(account, 0) + change
        held = books.before(members, *((account, "PTS") for account in needed))
        wanted: list[list[Any]] = [
            [f"A:DEBT:{account[4:]}", account, "PTS", points - available]
            for (account, points), available in zip(needed.items(), held, strict=True)
            if points > available
        ]
        found = members["move"][: len(members["move"]) - len(original["move"])]
        books.check_moves(seq, "reversal", found, wanted)
        books.check_amount(seq, "debt", sum(amount for _, _, _, amount in wanted), body["debt"])
