"""Points that lapse, by explicit lots: every point knows when it came and until when it can be spent."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.naive.facts import Answer, Done, Fact, No, change
from tests.naive.inputs import bad_key, bad_slugs
from tests.naive.rules import Rulebooks

COMES_AND_GOES = ("award", "opening", "deduction", "gift", "grant", "redemption", "hold")
NEVER = date.max


class Expiry(Rulebooks):
    """What lapses, and the entries that say so."""

    def lot_events(self, member: str) -> list[tuple[date, int, int]]:
        """Day, place and change of what came to a member or went, as if nothing taken back had ever been.

        Debts are left out: who owes for an award that was taken back has spent what the next one brings.
        """
        account = f"L:M:{member}"
        events = []
        for seq, fact in self.standing_for_lots():
            moves = [move for move in fact["moves"] if not any(side.startswith("A:DEBT") for side in move[:2])]
            delta = sum(change(move, account, "PTS") for move in moves)
            delta += sum(
                change(move, account, "PTS") for _, back in self.answers(seq, "return") for move in back["moves"]
            )
            if delta:
                events.append((fact["day"], seq, delta))
        return sorted(events)

    def standing_for_lots(self) -> list[tuple[int, Fact]]:
        """Facts that were not taken back; a reservation stands also when its goods were collected."""
        gone = {fact["ref"] for _, fact in self.of("reversal", "void")}
        return [(seq, fact) for seq, fact in self.of(*COMES_AND_GOES) if seq not in gone]

    def lots(self, member: str, day: date) -> tuple[int, dict[tuple[date, date], int], list[date]]:
        """What has lapsed before *day*, what is left by last day and day earned, and the last days there were.

        Each outflow takes what lapses first. What goes out before it came in is taken from what comes next.
        """
        lots: list[list[Any]] = []  # [last day, day it came, points]
        owed = 0
        for when, _, delta in self.lot_events(member):
            if delta > 0:
                paid = min(owed, delta)
                owed -= paid
                lots.append([self.expires(when) or NEVER, when, delta - paid])
                continue
            owed -= delta
            for lot in sorted(lot for lot in lots if lot[0] >= when):
                taken = min(owed, lot[2])
                lot[2] -= taken
                owed -= taken
        lapsed = sum(points for last, _, points in lots if last < day)
        left: dict[tuple[date, date], int] = {}
        for last, came, points in lots:
            if last >= day and points:
                left[last, came] = left.get((last, came), 0) + points
        return lapsed, left, sorted({last for last, _, _ in lots})

    def left_over(self, member: str, day: date) -> dict[tuple[date, date], int]:
        """What is left by last day and day earned.

        What lapsed although a later fact says that it was spent before (recorded afterwards, of an earlier day)
        is missing from what is left, earliest first; and where more is spent than came in, there is no more left
        than the account holds, latest first.
        """
        lapsed, left, _ = self.lots(member, day)
        over = max(0, self.lapses_posted(member) - lapsed)
        there = self.balance(member)["points"] - self.due(member, day)[0]
        for lot in sorted(left):
            taken = min(over, left[lot])
            left[lot] = min(left[lot] - taken, there)
            there -= left[lot]
            over -= taken
        return {lot: points for lot, points in left.items() if points}

    def lapses_posted(self, member: str) -> int:
        return sum(fact["points"] for _, fact in self.of("expiry") if fact["member"] == member)

    def due(self, member: str, day: date) -> tuple[int, date | None]:
        """Points that have lapsed before *day* and are still in the account, and the last day of the latest."""
        lapsed, _, ends = self.lots(member, day)
        points = min(max(0, lapsed - self.lapses_posted(member)), self.balance(member)["points"])
        return points, max((end for end in ends if end < day), default=None)

    def _lapse(self, member: str, by: str, **names: Any) -> Done | None:
        """The fact that says what has lapsed, if anything has."""
        points, until = self.due(member, self.today())
        if not points or until is None:
            return None
        day = self.first_open(until)
        org = self.home("member", member, day)
        return self._add(
            "expiry",
            by=by,
            day=day,
            member=member,
            points=points,
            moves=[(f"L:M:{member}", f"I:EXPIRED:{str(org).upper()}", "PTS", points)],
            body={"member": member, "until": until.isoformat()},
            **names,
        )

    def points_expire(self, *, by: Any, key: Any = None) -> Answer | list[int]:
        """The places of all that was posted, one for each member who has something lapsed."""
        bad = bad_slugs(by) | bad_key(key)
        if bad:
            return No(bad)
        request = ("points.expire", by)
        if before := self._before(key, request):
            return before
        if wrong := self._unknown_operators(by) or self._may("expire", by):
            return No(wrong)
        size = len(self.facts)
        for member in sorted(self.members()):
            self._lapse(member, by)
        return list(range(size, len(self.facts)))
