"""Points on their way: opening balances, gifts, grants from a pool, expiry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from timebank.audit.programme.books import check_days, days_after, month_end

if TYPE_CHECKING:
    from collections.abc import Callable

    from timebank.audit.programme.books import Books
    from timebank.audit.programme.lots import Lots
    from timebank.audit.replay import Members

_UNITS: Final = {"PTS": "points", "MIN": "minutes"}


class Points:
    """Opening balances, gifts, grants and expiry."""

    def __init__(self, books: Books, lots: Lots) -> None:
        self._books = books
        self._lots = lots
        self._today = self._yesterday = ""
        self._openings: dict[str, int] = {}
        """Members with an opening balance, and the entry of it."""
        self.folds: dict[str, Callable[[int, Members], None]] = {
            "opening": self._opening,
            "gift": self._gift,
            "grant": self._grant,
            "expiry": self._expiry,
        }

    def check_swept(self, seq: int, member: str) -> None:
        """Whoever spends points has first lost those that lapsed before today."""
        books = self._books
        if not self._lots.is_kept or not books.ledger.today:
            return
        if books.ledger.today != self._today:
            self._today = books.ledger.today
            self._yesterday = days_after(self._today, -1)
        if self._lots.due(member, self._yesterday):
            books.broken(seq, f"points-lapsed {member}")

    def _opening(self, seq: int, members: Members) -> None:
        books, moves, member = self._books, members["move"], members["body"]["member"]
        books.known(seq, "member", member)
        org = str(books.org_of("member", member, members["day"])).upper()
        units = [unit for _, _, unit, _ in moves]
        wanted = [[f"E:OPENING:{org}", f"L:M:{member}", unit, amount] for _, _, unit, amount in moves]
        if moves != wanted or units not in (["PTS"], ["MIN"], ["PTS", "MIN"]):
            books.wrong(seq, "opening: transfers are not as they should be")
        if member in self._openings:
            books.check_state(seq, "member", member, f"opened {self._openings[member]}", ())
        self._openings[member] = seq

    def take_back_opening(self, ref: int, member: str) -> None:
        """An opening balance was reversed: the member may have another."""
        if self._openings.get(member) == ref:
            del self._openings[member]

    def _gift(self, seq: int, members: Members) -> None:
        body, books = members["body"], self._books
        ((debit, credit, unit, amount),) = members["move"]
        giver, pool = body["from"], body.get("pool")
        books.known(seq, "member", giver)
        if pool is None:
            books.known(seq, "member", body["to"])
            wanted = f"L:M:{body['to']}"
        else:
            books.known(seq, "organisation", pool)
            wanted = f"L:POOL:{pool.upper()}"
        if [debit, credit] != [f"L:M:{giver}", wanted] or body["unit"] not in (unit, _UNITS.get(unit)):
            books.wrong(seq, f"gift: {amount} {unit} from {debit} to {credit}")
        self._check_gift(seq, members["day"], unit, body)
        if unit == "PTS":
            self.check_swept(seq, giver)

    def _check_gift(self, seq: int, day: str, unit: str, body: dict[str, Any]) -> None:
        terms = self._books.terms(day)
        rules = None if terms is None else terms.gift
        if rules is None:
            reason = "rulebook"
        elif _UNITS.get(unit) not in rules["units"]:
            reason = "unit"
        elif ("pool" if "pool" in body else "relative") not in rules["to"]:
            reason = "to"
        elif "pool" not in body and body.get("relation") not in rules["relations"]:
            reason = "relation"
        else:
            return
        self._books.broken(seq, f"gift-not-allowed {reason}")

    def _grant(self, seq: int, members: Members) -> None:
        body, books = members["body"], self._books
        ((debit, credit, unit, amount),) = members["move"]
        books.known(seq, "organisation", body["pool"])
        books.known(seq, "member", body["member"])
        if unit not in _UNITS or [debit, credit] != [f"L:POOL:{body['pool'].upper()}", f"L:M:{body['member']}"]:
            books.wrong(seq, f"grant: {amount} {unit} from {debit} to {credit}")

    def _expiry(self, seq: int, members: Members) -> None:
        body, books, day = members["body"], self._books, members["day"]
        member, until = body["member"], body["until"]
        check_days(until)
        books.known(seq, "member", member)
        org = books.org_of("member", member, until)
        ((debit, credit, unit, amount),) = members["move"]
        if [debit, credit, unit] != [f"L:M:{member}", f"I:EXPIRED:{str(org).upper()}", "PTS"]:
            books.wrong(seq, f"expiry: {amount} {unit} from {debit} to {credit}")
        closed = books.closed_through
        if day != (until if not closed or until[:7] > closed else days_after(month_end(closed), 1)):
            books.wrong(seq, "expiry: on another day")
        today = books.ledger.today
        if not until < today or not self._lots.has_lot(member, until):
            books.wrong(seq, f"expiry: {until} is not the last day of points")
        held = books.before(members, (f"L:M:{member}", "PTS"))[0]
        books.check_amount(seq, "expiry", min(held, self._lots.due(member, until)), amount)
