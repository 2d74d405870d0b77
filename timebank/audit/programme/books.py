"""What the auditor keeps while reading: what the programme's tables should hold, and what rules look back at."""

from __future__ import annotations

from bisect import bisect_right, insort
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from timebank.audit.findings import Findings
    from timebank.audit.programme.terms import Terms
    from timebank.audit.replay import LedgerReplay, Members

Row = tuple[Any, ...]

TABLES: Final = (
    *("unit", "organisation", "operator", "rulebook", "member", "card", "shop", "good", "price", "closing"),
    *("placement", "household", "household_of", "team_member", "rating", "venue", "visit"),
    *("claim", "evidence", "appeal", "budget", "request"),
    *("shop_detail", "goods_limit", "best_before", "returned", "reservation", "settlement"),
    *("signing_key", "epoch", "erasure"),
)
UNREADABLE: Final = (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError, ArithmeticError)
"""What comes of folding an entry that says something else than such an entry says."""
SECOND: Final = ("supervisor", "admin")
_LAST: Final = 1 << 53
MOST_DAYS_KNOWN: Final = 10_000


class Books:
    """Tables, by name and key; the roles, rulebooks, places and households of a day; and how findings are made."""

    def __init__(self, findings: Findings, ledger: LedgerReplay, leaf: Callable[[int], Members | None]) -> None:
        self.findings = findings
        self.ledger = ledger
        self.leaf = leaf
        self.tables: dict[str, dict[Row, Row]] = {name: {} for name in TABLES}
        self.closed_through = ""
        self._rulebooks: list[tuple[str, int]] = []
        self._terms: dict[tuple[str, int], Terms] = {}
        self._terms_on: dict[str, Terms | None] = {}
        self.last_days: dict[str, str] = {}
        """The last days of points that came in on a day, as far as asked for; a new rulebook may change them."""
        self._histories: dict[tuple[str, ...], list[tuple[str, int, Any]]] = {}

    def wrong(self, seq: int, reason: str) -> None:
        """The entry is not made as such an entry is."""
        self.findings.add("entry-wrong", seq, reason=reason)

    def broken(self, seq: int, reason: str) -> None:
        """The entry breaks a rule of the programme; *reason* is a short code, and what it was about."""
        self.findings.add("rule-broken", seq, reason=reason)

    def check_amount(self, seq: int, what: str, expected: int | None, found: object) -> None:
        """What an entry says it comes to, against what it should be."""
        if expected != found:
            self.findings.add("amount-wrong", seq, what=what, expected=expected, found=found)

    def check_state(self, seq: int, what: str, name: object, state: str, wanted: Sequence[str]) -> bool:
        """Whether what an entry is about is in one of the *wanted* states; a finding if not."""
        if state in wanted:
            return True
        self.findings.add("state-wrong", seq, what=what, name=str(name), state=state)
        return False

    def check_moves(self, seq: int, what: str, found: object, wanted: list[list[Any]]) -> None:
        """The transfers of an entry against those that it should have (none: an empty list)."""
        if found != wanted:
            self.wrong(seq, f"{what}: transfers are not as they should be")

    def add(self, seq: int, table: str, row: Row, key: int = 1) -> None:
        """A new row, whose first *key* columns are its key."""
        if row[:key] in self.tables[table]:
            self.findings.add("name-twice", seq, what=table, name=" ".join(map(str, row[:key])))
        self.tables[table][row[:key]] = row

    def known(self, seq: int, table: str, *key: object) -> Row | None:
        """The row with this key; a finding if there is none."""
        row = self.tables[table].get(key)
        if row is None:
            self.findings.add("name-unknown", seq, what=table, name=" ".join(map(str, key)))
        return row

    def role(self, operator: object) -> str:
        """The role of an operator, or the empty text."""
        row = self.tables["operator"].get((operator,))
        return "" if row is None else str(row[2])

    def adopt(self, start: str, seq: int, terms: Terms) -> None:
        """A rulebook comes into force."""
        insort(self._rulebooks, (start, seq))
        self._terms[start, seq] = terms
        self._terms_on.clear()
        self.last_days.clear()

    def terms(self, day: str) -> Terms | None:
        """The rulebook in force on *day*."""
        try:
            return self._terms_on[day]
        except KeyError:
            place = bisect_right(self._rulebooks, (day, _LAST))
            found = self._terms[self._rulebooks[place - 1]] if place else None
            if len(self._terms_on) < MOST_DAYS_KNOWN:
                self._terms_on[day] = found
            return found

    def first_rulebook(self) -> str:
        """The day of the rulebook that comes into force first, or the empty text."""
        return self._rulebooks[0][0] if self._rulebooks else ""

    def last_rulebook(self) -> str:
        """The day of the rulebook that comes into force last, or the empty text."""
        return self._rulebooks[-1][0] if self._rulebooks else ""

    def place(self, key: tuple[str, ...], start: str, seq: int, value: Any) -> bool:
        """From *start* on, *key* is *value*; answers whether that comes after all that was known of it."""
        history = self._histories.setdefault(key, [])
        follows = not history or (start, seq) > history[-1][:2]
        insort(history, (start, seq, value))
        return follows

    def latest(self, key: tuple[str, ...], day: str) -> Any:
        """What *key* is on *day*; None before anything is known of it."""
        history = self._histories.get(key)
        if not history:
            return None
        start, _, value = history[-1]
        if start <= day:
            return value
        place = bisect_right(history, day, key=_start)
        return history[place - 1][2] if place else None

    def last_start(self, *key: str) -> str:
        """The last day from which something is known of *key*, or the empty text."""
        history = self._histories.get(key)
        return history[-1][0] if history else ""

    def org_of(self, what: str, name: str, day: str) -> str | None:
        """The organisation that a member, shop or organisation is under on *day*; None where it is not known."""
        placed = self.latest((what, name), day)
        if placed is not None:
            return str(placed)
        row = self.tables[what].get((name,))
        return None if row is None else row[3 if what == "organisation" else 1]

    def household_of(self, member: str, day: str) -> str:
        """The household that a member belongs to on *day*, or the empty text."""
        return self.latest(("household_of", member), day) or ""

    def household(self, household: str, day: str) -> list[str]:
        """The members of a household on *day*, in the order in which they pay."""
        return self.latest(("household", household), day) or []

    def before(self, members: Members, *accounts: tuple[str, str]) -> list[int]:
        """What *accounts* (code, unit) held before this entry's transfers, which the ledger has taken in."""
        wanted = dict.fromkeys(accounts, 0)
        for debit, credit, unit, amount in members.get("move", ()):
            for account, change in ((debit, amount), (credit, -amount)):
                if (account, unit) in wanted:
                    wanted[account, unit] += change if account[0] in "AX" else -change
        return [self.ledger.balance(place) - change for place, change in wanted.items()]


def _start(known: tuple[str, int, Any]) -> str:
    return known[0]


def is_whole(value: object, most: int, least: int = 1) -> bool:
    """Whether *value* is a whole number from *least* to *most*."""
    return type(value) is int and least <= value <= most


def is_day(text: object) -> bool:
    """Whether *text* is a day as entries write it. Raises ValueError, TypeError."""
    return date.fromisoformat(text).isoformat() == text  # type: ignore[arg-type]


def check_days(*texts: object) -> None:
    """Raise ValueError or TypeError unless all are days as entries write them."""
    if not all(map(is_day, texts)):
        raise ValueError("no day")


def days_after(day: str, days: int) -> str:
    """The day so many days after *day*."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def month_end(month: str) -> str:
    """The last day of a month written 2026-03."""
    first = date.fromisoformat(f"{month}-01")
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return (following - timedelta(days=1)).isoformat()


def is_code(text: object, most: int = 32) -> bool:
    """Whether *text* is a short lower-case name."""
    return (
        isinstance(text, str)
        and 1 <= len(text) <= most
        and text.isascii()
        and text[0] != "-"
        and all(letter.islower() or letter.isdigit() or letter == "-" for letter in text)
    )


def amounts(parts: Iterable[tuple[str, int]]) -> str:
    """Amounts with their units, to print."""
    return ", ".join(f"{amount} {unit}" for unit, amount in parts) or "0"
