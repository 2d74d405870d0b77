"""What an entry stands in: the local time, the rulebook and price in force, whose card it is, what it answers."""

from __future__ import annotations

from bisect import bisect_right, insort
from contextlib import suppress
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from timebank.audit.programme.books import UNREADABLE
from timebank.audit.programme.terms import Terms
from timebank.audit.reperform.examples import whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from timebank.audit.replay import Members

_LAST: Final = 1 << 53
_MINUTE: Final = 16


class Setting:
    """Told about every entry first, and asked by whoever looks at it."""

    def __init__(self, leaf: Callable[[int], Members | None]) -> None:
        self._leaf = leaf
        self._answered: tuple[int, Members | None] = (-1, None)
        self._zone: tzinfo = UTC
        self._minute = ""
        self.local = datetime(1, 1, 1)  # noqa: DTZ001 - a wall clock's time
        """When the entry was recorded, as a clock on the wall showed it."""
        self.member_of_card: dict[str, str] = {}
        self.merchants: set[str] = set()
        """Shops whose stock nobody keeps."""
        self.operators: set[str] = set()
        self.members: set[str] = set()
        self._rulebooks: list[tuple[str, int]] = []
        self._terms: dict[tuple[str, int], Terms] = {}
        self._prices: dict[tuple[str, str], list[tuple[str, int, int]]] = {}
        self._folds: dict[str, Callable[[int, dict[str, Any]], None]] = {
            "genesis": self._genesis,
            "rulebook": self._rulebook,
            "price": self._price,
            "member": self._member,
            "card": self._card,
            "shop": self._shop,
            "operator": self._operator,
        }

    def take(self, seq: int, members: Members) -> None:
        """The next entry."""
        fold = self._folds.get(members["kind"])
        if fold is not None:
            with suppress(*UNREADABLE):  # verify has said so
                fold(seq, members["body"])
        if members["at"][:_MINUTE] != self._minute:
            self._minute = members["at"][:_MINUTE]
            self.local = self._local(members["at"])

    def original(self, members: Members) -> Members | None:
        """The entry that this one answers (`ref`)."""
        ref = members.get("ref")
        if ref is None:
            return None
        if self._answered[0] != ref:
            self._answered = (ref, self._leaf(ref))
        return self._answered[1]

    def terms(self, day: str, seq: int) -> Terms | None:
        """The rulebook in force on *day* for the entry at *seq*: what is adopted later changes nothing for it."""
        place = bisect_right(self._rulebooks, (day, _LAST))
        while place and self._rulebooks[place - 1][1] > seq:
            place -= 1
        return self._terms[self._rulebooks[place - 1]] if place else None

    def price(self, shop: str, good: str, day: str, seq: int) -> int:
        """The points for a piece on *day*, for the entry at *seq*; 0 where no price was set before it."""
        prices = self._prices.get((shop, good), [])
        place = bisect_right(prices, (day, _LAST, 0))
        while place and prices[place - 1][1] > seq:
            place -= 1
        return prices[place - 1][2] if place else 0

    def holder(self, members: Members) -> str | None:
        """The member whose card an entry names."""
        return self.member_of_card.get(members["body"]["card"])

    def _local(self, at: str) -> datetime:
        moment = datetime.fromisoformat(at)
        try:
            return moment.astimezone(self._zone).replace(tzinfo=None)
        except OverflowError:  # at either end of the calendar there is no local time
            return moment.replace(tzinfo=None)

    def _genesis(self, seq: int, body: dict[str, Any]) -> None:
        if seq == 0:
            with suppress(OSError):
                self._zone = ZoneInfo(str(body["zone"]))

    def _rulebook(self, seq: int, body: dict[str, Any]) -> None:
        self._terms[str(body["from"]), seq] = Terms("\n".join(body["text"]))
        insort(self._rulebooks, (str(body["from"]), seq))

    def _price(self, seq: int, body: dict[str, Any]) -> None:
        price = (str(body["from"]), seq, whole(body["points"]))
        insort(self._prices.setdefault((body["shop"], body["good"]), []), price)

    def _member(self, _: int, body: dict[str, Any]) -> None:
        self.members.add(body["member"])
        if "card" in body:
            self.member_of_card[body["card"]] = body["member"]

    def _card(self, _: int, body: dict[str, Any]) -> None:
        if body["do"] != "block":
            self.member_of_card[body["card"]] = body["member"]

    def _shop(self, _: int, body: dict[str, Any]) -> None:
        if body.get("type") == "merchant":
            self.merchants.add(body["shop"])

    def _operator(self, _: int, body: dict[str, Any]) -> None:
        self.operators.add(body["operator"])
