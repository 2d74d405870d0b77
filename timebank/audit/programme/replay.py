"""All that the programme's entries do, area by area; what cannot be folded is a finding, and never an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from timebank.audit.programme.acts import Acts
from timebank.audit.programme.awards import Awards
from timebank.audit.programme.books import UNREADABLE, Books
from timebank.audit.programme.budgets import Budgets
from timebank.audit.programme.claims import Claims
from timebank.audit.programme.counter import Counter
from timebank.audit.programme.deductions import Deductions
from timebank.audit.programme.erasures import Erased
from timebank.audit.programme.founding import Founding
from timebank.audit.programme.keys import Keys
from timebank.audit.programme.limits import Limits
from timebank.audit.programme.lots import Lots
from timebank.audit.programme.members import Enrolled
from timebank.audit.programme.orders import Orders
from timebank.audit.programme.organising import Periods, Places, Records
from timebank.audit.programme.points import Points
from timebank.audit.programme.reversals import Reversals
from timebank.audit.programme.shops import Settlements, Shops
from timebank.audit.programme.sums import Shelves, Sums
from timebank.audit.programme.usage import Usage

if TYPE_CHECKING:
    from collections.abc import Callable

    from timebank.audit.findings import Findings
    from timebank.audit.replay import LedgerReplay, Members

_MOVING: Final = frozenset(
    (
        *("award", "redemption", "stock", "reversal", "hold", "post", "void"),
        *("opening", "deduction", "gift", "grant", "expiry", "return", "settlement"),
    )
)


class ProgrammeReplay:
    """What the programme's tables should hold: for each table, rows by key."""

    def __init__(self, findings: Findings, ledger: LedgerReplay, leaf: Callable[[int], Members | None]) -> None:
        books = self._books = Books(findings, ledger, leaf)
        self.tables = books.tables
        self._acts = Acts(books)
        sums, usage = Sums(books), Usage(books)
        lots, limits, shelves = Lots(books), Limits(books), Shelves(books)
        self._kept = (usage, sums, shelves, lots, limits)
        self._kept_of = {kind: tuple(kept for kept in self._kept if kept.counts(kind)) for kind in _MOVING}
        self._periods = Periods(books, sums, usage)
        self.keys = Keys(books)
        budgets, orders, deductions = Budgets(books, sums), Orders(books), Deductions(books)
        claims, points = Claims(books, orders), Points(books, lots)
        shops, settlements = Shops(books, shelves), Settlements(books, sums)
        counter = Counter(books, shops, limits, points)
        areas = (
            Founding(books, self._acts, usage, lots),
            Enrolled(books),
            Awards(books, usage, budgets, claims, points),
            Reversals(books, counter, deductions, settlements, points),
            Places(books),
            Erased(books),
            Records(books),
            *(
                claims,
                orders,
                budgets,
                points,
                deductions,
                shops,
                settlements,
                counter,
                limits,
                self._periods,
                self.keys,
            ),
        )
        self._folds = {kind: fold for area in areas for kind, fold in area.folds.items()}

    def entry(self, seq: int, members: Members) -> None:
        """Fold the entry at *seq* and check it against what was in force before it."""
        kind = members["kind"]
        if kind == "genesis":
            self.keys.genesis(seq, members["body"])
            return
        moves, books = "move" in members, self._books
        if moves and kind not in _MOVING:
            books.wrong(seq, f"{kind}: moves value")
        self._acts.check(seq, kind, members)
        if books.closed_through:
            self._periods.check_open(seq, kind, members["day"])
        fold = self._folds.get(kind)
        if fold is not None:
            try:
                fold(seq, members)
            except UNREADABLE as error:
                books.wrong(seq, f"{kind}: {type(error).__name__} {error}")
        if moves:
            self._take_in(kind, members)

    def _take_in(self, kind: str, members: Members) -> None:
        """What later entries look back at, as far as there is a rule that does."""
        try:
            for kept in self._kept_of.get(kind, self._kept):
                if kept.is_kept:
                    kept.take_in(members)
        except UNREADABLE:
            return  # its own fold has said so
