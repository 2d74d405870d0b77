"""Budgets: what an organisation may award in a time, and who allowed what goes over it."""

from __future__ import annotations

from bisect import bisect_right, insort
from typing import TYPE_CHECKING

from timebank.audit.programme.books import SECOND, check_days, is_whole
from timebank.audit.programme.terms import UNLIMITED

if TYPE_CHECKING:
    from collections.abc import Callable

    from timebank.audit.programme.books import Books
    from timebank.audit.programme.sums import Sums
    from timebank.audit.replay import Members


class Budgets:
    """Budgets of organisations; those of one organisation do not overlap."""

    def __init__(self, books: Books, sums: Sums) -> None:
        self._books = books
        self._sums = sums
        self._firsts: dict[str, list[str]] = {}
        self.are_set = False
        """Whether there is any budget."""
        self.folds: dict[str, Callable[[int, Members], None]] = {"budget": self._budget}

    def _budget(self, seq: int, members: Members) -> None:
        body, books = members["body"], self._books
        org, first, last = body["org"], body["first"], body["last"]
        check_days(first, last)
        self._sums.begin(seq)
        self.are_set = True
        books.known(seq, "organisation", org)
        if last < first or not is_whole(body["points"], UNLIMITED):
            books.wrong(seq, "budget: days or points")
        firsts = self._firsts.setdefault(org, [])
        if (org, first) not in books.tables["budget"]:
            insort(firsts, first)
        place = bisect_right(firsts, first)
        before, after = firsts[: place - 1][-1:], firsts[place:][:1]
        if any(self._last(org, one) >= first for one in before) or any(one <= last for one in after):
            books.broken(seq, "budget-overlaps")
        books.tables["budget"][org, first] = (org, first, last, body["points"], seq)

    def _last(self, org: str, first: str) -> str:
        return str(self._books.tables["budget"][org, first][2])

    def check(self, seq: int, members: Members, org: str) -> None:
        """An award that *org*, as accounts call it, gives keeps to the budget, or a third person allowed it."""
        name, day = org.lower(), members["day"]
        firsts = self._firsts.get(name)
        place = bisect_right(firsts, day) if firsts else 0
        if not firsts or not place:
            return
        _, first, last, most, _ = self._books.tables["budget"][name, firsts[place - 1]]
        if day > last:
            return
        account = f"X:AWARDED:{org}"
        wanted = sum(amount for debit, _, _, amount in members["move"] if debit == account)
        days = self._sums.awarded.get(org)
        used = 0 if days is None else days.between(first, last)
        also = members["body"].get("also")
        if wanted and used + wanted > most and also is None:
            self._books.findings.add("budget-passed", seq, org=name, points=most, used=used + wanted)
        elif also is not None and (
            also in (members["by"], members.get("ok")) or self._books.role(also) not in SECOND
        ):
            self._books.findings.add("approval-wrong", seq, operator=str(also))
