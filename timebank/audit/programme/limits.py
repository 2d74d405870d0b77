"""Limits of goods: how many pieces a member or household may have, and who has earned enough for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from timebank.audit.programme.books import check_days, is_whole
from timebank.audit.programme.kept import Kept
from timebank.audit.programme.usage import points_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from timebank.audit.programme.books import Books
    from timebank.audit.replay import Members

_PERIODS: Final = {"day": 10, "month": 7, "year": 4}
_MOST: Final = 10**12


class Limits(Kept):
    """Limits, and the pieces that count against them. Pieces are counted from the first limit on."""

    def __init__(self, books: Books) -> None:
        super().__init__(books)
        self._pieces: dict[tuple[str, str, str, str], int] = {}
        """Pieces by member, good, shop (empty: any) and period."""
        self._earned: dict[str, int] = {}
        self.folds: dict[str, Callable[[int, Members], None]] = {"limit": self._limit}

    def _limit(self, seq: int, members: Members) -> None:
        body, books = members["body"], self._books
        good, shop, start = body["good"], body.get("shop", ""), body["from"]
        check_days(start)
        books.known(seq, "good", good)
        if shop:
            books.known(seq, "shop", shop)
        most, least = body.get("most"), body.get("least_earned")
        per, period = (body.get("per"), body.get("in")) if most is not None else (None, None)
        if body.get("lifted", False) is not (most is None and least is None):
            books.wrong(seq, "limit: neither set nor lifted")
        if most is not None and not (
            is_whole(most, _MOST) and per in ("member", "household") and period in _PERIODS
        ):
            books.wrong(seq, "limit: no number of pieces in a period")
        if least is not None and not is_whole(least, _MOST):
            books.wrong(seq, "limit: no number of points")
        books.place(("limit", good, shop), start, seq, (per, period, most, least))
        books.add(seq, "goods_limit", (good, shop, start, seq, per, period, most, least), key=4)
        self.begin(seq)

    def check(self, seq: int, members: Members, member: str) -> None:
        """Goods that *member* redeems or reserves keep the limits in force."""
        if not self.is_kept:
            return
        body, day = members["body"], members["day"]
        for good, pieces, _ in body["goods"]:
            shop = body["shop"]
            limit = self._books.latest(("limit", good, shop), day)
            if limit is None:
                shop, limit = "", self._books.latest(("limit", good, ""), day)
            if limit is not None:
                self._check(seq, (member, good, shop, day), pieces, limit)

    def _check(self, seq: int, where: tuple[str, str, str, str], pieces: int, limit: tuple[Any, ...]) -> None:
        member, good, shop, day = where
        per, period, most, least = limit
        if least is not None:
            people = [member, *self._books.household(member, day)]
            earned = sum(self._earned.get(one, 0) for one in people)
            if earned < least:
                self._books.broken(seq, f"earned-too-little {good} {least}")
        if most is None:
            return
        holders = [member]
        if per == "household":
            household = self._books.household_of(member, day) or member
            holders = [household, *self._books.household(household, day)]
        part = day[: _PERIODS[period]]
        used = sum(self._pieces.get((holder, good, shop, part), 0) for holder in holders)
        if used + pieces > most:
            self._books.broken(seq, f"limit-passed {good} {most} {per} {period}")

    def take_in(self, members: Members) -> None:
        """What an entry hands out, takes back or awards."""
        kind, weight, day = members["kind"], 1, members["day"]
        goods = members["body"].get("goods", ())
        counted = members
        if kind in ("reversal", "void", "return"):
            original = self._books.leaf(members["ref"])
            if original is None:
                return
            weight = -1
            if kind == "return":
                day = original["day"]
                kind, counted = "redemption", original
            else:
                kind, counted, day = original["kind"], original, original["day"]
                goods = original["body"].get("goods", ())
        if kind == "award":
            for member, points in points_of(counted).items():
                self._earned[member] = self._earned.get(member, 0) + weight * points
        elif kind in ("redemption", "hold") and "card" in counted["body"]:
            self._count(counted["body"], goods, day, weight)

    def _count(self, body: dict[str, Any], goods: Any, day: str, weight: int) -> None:
        card = self._books.tables["card"].get((body["card"],))
        if card is None:
            return
        for good, pieces, _ in goods:
            for shop in ("", body["shop"]):
                for part in (day, day[:7], day[:4]):
                    key = (card[1], good, shop, part)
                    self._pieces[key] = self._pieces.get(key, 0) + weight * pieces
