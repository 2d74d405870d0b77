"""Shops: goods and prices, what comes in and what is counted, and what shops are paid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from timebank.audit.programme.books import days_after, is_day, is_whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from timebank.audit.programme.books import Books
    from timebank.audit.programme.sums import Shelves, Sums, Takings
    from timebank.audit.replay import Members

_MOST_PRICE: Final = 1_000_000
_MOST_PIECES: Final = 10**12


class Shops:
    """Shops, goods, prices and stock."""

    def __init__(self, books: Books, shelves: Shelves) -> None:
        self._books = books
        self._shelves = shelves
        self.folds: dict[str, Callable[[int, Members], None]] = {
            "shop": self._shop,
            "goods": self._goods,
            "price": self._price,
            "stock": self._stock,
        }
        self._stock_moves: dict[str, Callable[[int, Members], None]] = {
            "receive": self._receive,
            "move": self._move,
            "count": self._count,
            "write-off": self._write_off,
        }

    def is_merchant(self, shop: str) -> bool:
        """Whether a shop is a merchant's, whose stock nobody keeps."""
        row = self._books.tables["shop_detail"].get((shop,))
        return row is not None and row[1] == "merchant"

    def _shop(self, seq: int, members: Members) -> None:
        body, books = members["body"], self._books
        books.known(seq, "organisation", body["org"])
        kind = body.get("type", "supermarket")
        if kind not in ("supermarket", "merchant"):
            books.wrong(seq, "shop: no such kind of shop")
        books.add(seq, "shop", (body["shop"], body["org"], body["name"], seq))
        books.add(seq, "shop_detail", (body["shop"], kind, body.get("hours"), seq))

    def _goods(self, seq: int, members: Members) -> None:
        body, books = members["body"], self._books
        books.add(seq, "unit", (body["unit"], body["zh"], body["en"], seq))
        if body["unit"] != body["good"].upper():
            books.wrong(seq, "goods: the unit is not the good's")
        books.add(seq, "good", (body["good"], body["unit"], seq))

    def _price(self, seq: int, members: Members) -> None:
        body, books = members["body"], self._books
        shop, good, start, points = body["shop"], body["good"], body["from"], body["points"]
        books.known(seq, "shop", shop)
        books.known(seq, "good", good)
        if not is_whole(points, _MOST_PRICE):
            books.wrong(seq, "price: no number of points")
        if not is_day(start) or start <= books.last_start("price", shop, good):
            books.wrong(seq, "price: not after the one before")
        books.place(("price", shop, good), start, seq, points)
        books.add(seq, "price", (shop, good, start, seq, points), key=4)

    def _stock(self, seq: int, members: Members) -> None:
        body, books = members["body"], self._books
        books.known(seq, "shop", body["shop"])
        if self.is_merchant(body["shop"]):
            books.wrong(seq, "stock: a merchant's")
        for _, _, unit, _ in members.get("move", ()):
            books.known(seq, "good", unit.lower())
        self._stock_moves[body["do"]](seq, members)

    def _receive(self, seq: int, members: Members) -> None:
        body, books = members["body"], self._books
        shelf = f"A:S:{body['shop'].upper()}"
        for debit, credit, _, _ in members["move"]:
            if debit != shelf or not credit.startswith(("I:DONATED:", "E:BOUGHT:")):
                books.wrong(seq, f"stock: {credit} to {debit}")
            if credit.startswith("E:BOUGHT:"):
                books.known(seq, "organisation", credit.removeprefix("E:BOUGHT:").lower())
        if "best_before" in body:
            came = {unit.lower(): amount for _, _, unit, amount in members["move"]}
            for good, day in body["best_before"]:
                if not is_day(day):
                    raise ValueError("no day")
                books.add(seq, "best_before", (body["shop"], good, day, seq, came[good]), key=4)

    def _move(self, seq: int, members: Members) -> None:
        shop, to = members["body"]["shop"], members["body"]["to"]
        self._books.known(seq, "shop", to)
        if self.is_merchant(to):
            self._books.wrong(seq, "stock: a merchant's")
        self._check_sides(seq, members, [f"A:S:{to.upper()}", f"A:S:{shop.upper()}"])

    def _write_off(self, seq: int, members: Members) -> None:
        shop = members["body"]["shop"].upper()
        self._check_sides(seq, members, [f"X:LOST:{shop}", f"A:S:{shop}"])

    def _check_sides(self, seq: int, members: Members, sides: list[str]) -> None:
        if any([debit, credit] != sides for debit, credit, _, _ in members["move"]):
            self._books.wrong(seq, "stock: transfers are not as they should be")

    def _count(self, seq: int, members: Members) -> None:
        body, books = members["body"], self._books
        shelf = f"A:S:{body['shop'].upper()}"
        units = [good.upper() for good, _, _ in body["counted"]]
        held = self._booked(seq, members, shelf, units)
        if len(set(units)) < len(units) or not units:
            books.wrong(seq, "stock: counted twice, or not at all")
            return
        wanted: list[list[Any]] = []
        for (good, counted, booked), before in zip(body["counted"], held, strict=True):
            books.known(seq, "good", good)
            books.check_amount(seq, f"stock {good}", before, booked)
            if not is_whole(counted, _MOST_PIECES, 0):
                books.wrong(seq, "stock: no number of pieces")
            elif counted < booked:
                wanted.append([shelf.replace("A:S:", "X:LOST:"), shelf, good.upper(), booked - counted])
            elif counted > booked:
                wanted.append([shelf, shelf.replace("A:S:", "I:FOUND:"), good.upper(), counted - booked])
        books.check_moves(seq, "stock", members.get("move", []), wanted)

    def _booked(self, seq: int, members: Members, shelf: str, units: list[str]) -> list[int]:
        """What the book said at the end of the day of a count, before it."""
        if members["day"] == self._books.ledger.today:
            return self._books.before(members, *((shelf, unit) for unit in units))
        self._shelves.begin(seq)
        return [self._shelves.booked(shelf, unit, members["day"]) for unit in units]


class Settlements:
    """What shops are paid for what they took in."""

    def __init__(self, books: Books, sums: Sums) -> None:
        self._books = books
        self._sums = sums
        self._settled: dict[str, list[tuple[int, str]]] = {}
        """For each shop its settlements that stand, and through which day each goes."""
        self.folds: dict[str, Callable[[int, Members], None]] = {"settlement": self._settlement}

    def _settlement(self, seq: int, members: Members) -> None:
        body, books = members["body"], self._books
        shop, last, first = body["shop"], members["day"], body["first"]
        books.known(seq, "shop", shop)
        account = f"L:S:{shop.upper()}"
        org = books.org_of("shop", shop, last)
        settled = self._settled.setdefault(shop, [])
        self._sums.begin(seq)
        takings = self._sums.takings.get(shop.upper())
        if body["org"] != org or body["last"] != last or not last < books.ledger.today:
            books.wrong(seq, "settlement: of another organisation or day")
        if settled and last <= settled[-1][1]:
            books.check_state(seq, "shop", shop, f"settled {settled[-1][1]}", ())
            return
        paid = taken = returned = 0
        if takings is not None:
            start = days_after(settled[-1][1], 1) if settled else _first_day(takings)
            books.check_amount(seq, "settlement first", None, None if first == start else first)
            now = books.before(members, (account, "PTS"))[0]
            paid = min(now, _owed(takings, last))
            taken, returned = takings.taken.between(start, last), takings.returned.between(start, last)
        for what, expected in (("paid", paid), ("taken", taken), ("returned", returned)):
            books.check_amount(seq, f"settlement {what}", expected, body[what])
        late = body.get("late", paid - taken + returned)
        books.check_amount(seq, "settlement late", paid - taken + returned, late)
        books.check_moves(
            seq, "settlement", members["move"], [[account, f"E:SETTLED:{str(org).upper()}", "PTS", paid]]
        )
        settled.append((seq, last))
        books.tables["settlement"][shop, last] = (
            shop, last, seq, first, body["taken"], body["returned"], late, body["paid"],
        )  # fmt: skip

    def take_back(self, ref: int, original: Members) -> None:
        """A settlement was reversed: it no longer stands."""
        settled = self._settled.get(original["body"]["shop"], [])
        settled[:] = [one for one in settled if one[0] != ref]


def _owed(takings: Takings, last: str) -> int:
    return takings.taken.through(last) - takings.returned.through(last) - takings.paid.through(last)


def _first_day(takings: Takings) -> str:
    return min(day for day in (takings.taken.first(), takings.returned.first(), "9999-12-31") if day)
