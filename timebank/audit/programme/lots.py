"""Points that lapse, by explicit lots: what came in with one last day is one lot, and the earliest goes first.

All that comes in on one day lapses on one day, and never before what came in earlier; and a last day is the end of
a month. So a lot for each last day, and what went out by months, say as much as every posting would.
"""

from __future__ import annotations

from sys import intern
from typing import TYPE_CHECKING, Any, Final

from timebank.audit.programme.books import MOST_DAYS_KNOWN
from timebank.audit.programme.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Callable

    from timebank.audit.programme.books import Books
    from timebank.audit.replay import Members

_ANSWERS: Final = frozenset(("reversal", "void", "post", "return"))
_COMING_IN: Final = frozenset(("award", "gift", "grant", "opening"))


class _Holding:
    """What one member took in, by day, *first* the earliest; gave out, by month; and lost to expiry."""

    __slots__ = ("came", "first", "lapsed", "went")

    def __init__(self) -> None:
        self.came: dict[str, int] = {}
        self.went: dict[str, int] = {}
        self.lapsed = 0
        self.first = "9999-12-31"

    def lost_by(self, until: str, last_day: Callable[[str], str]) -> int:
        """Points left in lots whose last day is *until* or earlier, after every outflow took the earliest lot."""
        came: dict[str, int] = {}
        for day, points in self.came.items():
            last = last_day(day)
            came[last] = came.get(last, 0) + points
        lots: list[list[Any]] = [[last, points] for last, points in sorted(came.items())]
        outflows = sorted(self.went.items())
        lost, first, following = 0, 0, 0
        while first < len(lots) and lots[first][0] <= until:
            last = lots[first][0]
            while following < len(outflows) and outflows[following][0] <= last[:7]:
                _take(lots, first, outflows[following][1])
                following += 1
            lost += max(0, lots[first][1])
            first += 1
        return lost


def _take(lots: list[list[Any]], first: int, points: int) -> None:
    """Take *points* out of *lots*, the earliest first; what none of them has is owed by the last one."""
    for lot in lots[first:]:
        taken = min(points, max(0, lot[1]))
        lot[1] -= taken
        points -= taken
        if not points:
            return


class Lots(Kept):
    """What every member holds that lapses; kept from the first rulebook on that lets points lapse.

    Last days are read from the rulebooks when they are asked for: one that is adopted late changes those of days
    that are past.
    """

    def __init__(self, books: Books) -> None:
        super().__init__(books)
        self._holdings: dict[str, _Holding] = {}
        self._words: dict[str, tuple[str, str]] = {}

    def take_in(self, members: Members) -> None:
        """What comes in, goes out and comes back."""
        kind, day = members["kind"], members["day"]
        if kind in _ANSWERS:
            original = self._books.leaf(members["ref"])
            if original is None:
                return
            if kind == "reversal":
                self._fold(original, self._day_of(original), -1)
                return
            day = original["day"]
        self._fold(members, day, 1)

    def _day_of(self, original: Members) -> str:
        """The day from which an entry counts: what comes back counts as if it had never gone."""
        if original["kind"] != "return":
            return str(original["day"])
        redemption = self._books.leaf(original["ref"])
        return str((redemption or original)["day"])

    def _fold(self, members: Members, day: str, weight: int) -> None:
        kind, (day, month) = members["kind"], self._words.get(day) or self._learn(day)
        for debit, credit, unit, amount in members.get("move", ()):
            if unit != "PTS" or "A:DEBT:" in (debit[:7], credit[:7]):
                continue
            if debit[:4] == "L:M:":
                holding = self._holding(debit[4:])
                if kind == "expiry":
                    holding.lapsed += weight * amount
                else:
                    holding.went[month] = holding.went.get(month, 0) + weight * amount
            if credit[:4] == "L:M:":
                holding = self._holding(credit[4:])
                if kind in _COMING_IN:
                    holding.came[day] = holding.came.get(day, 0) + weight * amount
                    if day < holding.first:
                        holding.first = day
                else:
                    holding.went[month] = holding.went.get(month, 0) - weight * amount

    def _learn(self, day: str) -> tuple[str, str]:
        """A day and its month, one text for all members."""
        words = (intern(day), intern(day[:7]))
        if len(self._words) < MOST_DAYS_KNOWN:
            self._words[day] = words
        return words

    def _last_day(self, day: str) -> str:
        """The last day of what came in on *day*; before the first rulebook, as if it had come in with it."""
        known = self._books.last_days
        last = known.get(day)
        if last is None:
            first = max(day, self._books.first_rulebook())
            terms = self._books.terms(first)
            last = "9999-12-31" if terms is None else terms.expires(first)
            if len(known) < MOST_DAYS_KNOWN:
                known[day] = last
        return last

    def _holding(self, member: str) -> _Holding:
        holding = self._holdings.get(member)
        if holding is None:
            holding = self._holdings[member] = _Holding()
        return holding

    def due(self, member: str, until: str) -> int:
        """Points of *member* whose last day is *until* or earlier, and which no entry has let lapse."""
        holding = self._holdings.get(member)
        if holding is None or not holding.came or self._last_day(holding.first) > until:
            return 0
        return max(0, holding.lost_by(until, self._last_day) - holding.lapsed)

    def has_lot(self, member: str, last: str) -> bool:
        """Whether points came in for *member* whose last day is *last*."""
        holding = self._holdings.get(member)
        return holding is not None and any(self._last_day(day) == last for day in holding.came)
