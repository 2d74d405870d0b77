"""What moved by days and by months: for budgets, settlements and the totals of a period."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from timebank.audit.programme.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timebank.audit.programme.books import Books
    from timebank.audit.replay import Members


class Days:
    """Amounts by day. Sums over days use months, which are made when first asked for."""

    __slots__ = ("_days", "_months")

    def __init__(self) -> None:
        self._days: dict[str, int] = {}
        self._months: dict[str, int] | None = None

    def add(self, day: str, amount: int) -> None:
        """Something moved."""
        days = self._days
        days[day] = days.get(day, 0) + amount
        if self._months is not None:
            self._months[day[:7]] = self._months.get(day[:7], 0) + amount

    def first(self) -> str:
        """The first day on which something moved, or the empty text."""
        return min(self._days, default="")

    def between(self, first: str, last: str) -> int:
        """The sum from *first* to *last*, both included."""
        return self.through(last) - self._before(first)

    def _before(self, day: str) -> int:
        return self.through(day) - self._days.get(day, 0)

    def through(self, day: str) -> int:
        """The sum of everything up to *day*, which is included."""
        if self._months is None:
            self._months = {}
            for one, amount in self._days.items():
                self._months[one[:7]] = self._months.get(one[:7], 0) + amount
        month = day[:7]
        whole = sum(amount for one, amount in self._months.items() if one < month)
        return whole + sum(self._days.get(f"{month}-{number:02}", 0) for number in range(1, int(day[8:]) + 1))


class Shelves(Kept):
    """What shops had on their shelves at the end of each day; kept from the first count of an earlier day on."""

    def __init__(self, books: Books) -> None:
        super().__init__(books)
        self._days: dict[tuple[str, str], Days] = {}

    def take_in(self, members: Members) -> None:
        """What an entry puts on shelves and takes off them."""
        for debit, credit, unit, amount in members.get("move", ()):
            for account, change in ((debit, amount), (credit, -amount)):
                if account.startswith("A:S:"):
                    self._days.setdefault((account, unit), Days()).add(members["day"], change)

    def booked(self, shelf: str, unit: str, day: str) -> int:
        """The pieces of a good at the end of *day*, by the days of the entries so far."""
        days = self._days.get((shelf, unit))
        return 0 if days is None else days.through(day)


class Takings:
    """What a shop took in and gave back, by day, and what it was paid."""

    __slots__ = ("paid", "returned", "taken")

    def __init__(self) -> None:
        self.taken, self.returned, self.paid = Days(), Days(), Days()


class Sums(Kept):
    """Points awarded by each organisation, taken in by each shop, and what a period's totals are made of.

    Sums are kept from the first budget, settlement or period on.
    """

    def __init__(self, books: Books) -> None:
        super().__init__(books)
        self.awarded: dict[str, Days] = {}
        self.takings: dict[str, Takings] = {}
        self.months: dict[str, dict[str, int]] = {
            name: {} for name in ("awarded", "minutes", "redeemed", "expired", "deducted", "outstanding")
        }
        self._places: dict[str, tuple[dict[str, int] | None, int, Any]] = {}
        """What each account counts as: sums by month, the sign of a credit, and its own sums by day."""

    def take_in(self, members: Members) -> None:
        """What an entry moves."""
        moves: Sequence[Sequence[Any]] = members.get("move", ())
        kind, day, places = members["kind"], members["day"], self._places
        if kind == "reversal":
            kind = members["body"].get("of")
        month = day[:7]
        for debit, credit, unit, amount in moves:
            if unit not in ("PTS", "MIN"):
                continue
            for account, weight in ((debit, -amount), (credit, amount)):
                place = places.get(account) or self._place(account)
                sums, sign, own = place
                if sums is None or (unit == "MIN") != (sums is self.months["minutes"]):
                    continue
                if type(own) is Takings:
                    self._take(own, kind, day, weight)
                    if kind == "settlement":
                        continue
                elif own is not None:
                    own.add(day, sign * weight)
                sums[month] = sums.get(month, 0) + sign * weight

    def _take(self, own: Takings, kind: object, day: str, weight: int) -> None:
        if kind == "settlement":
            own.paid.add(day, -weight)
        elif weight > 0:
            own.taken.add(day, weight)
        else:
            own.returned.add(day, -weight)

    def _place(self, account: str) -> tuple[dict[str, int] | None, int, Any]:
        months = self.months
        kind, _, name = account[2:].partition(":")
        found: tuple[dict[str, int] | None, int, Any] = (None, 0, None)
        if account[0] == "X" and kind == "AWARDED":
            found = (months["awarded"], -1, self.awarded.setdefault(name, Days()))
        elif account[0] == "X" and kind == "SERVICE":
            found = (months["minutes"], -1, None)
        elif account[0] == "I" and kind in ("EXPIRED", "DEDUCTED"):
            found = (months[kind.lower()], 1, None)
        elif account[0] == "L" and kind in ("M", "H"):
            found = (months["outstanding"], 1, None)
        elif account[0] == "L" and kind == "S":
            found = (months["redeemed"], 1, self.takings.setdefault(name, Takings()))
        self._places[account] = found
        return found

    def outstanding(self, month: str) -> int:
        """Points in members' hands, or held for them, at the end of *month*."""
        return sum(amount for one, amount in self.months["outstanding"].items() if one <= month)
