"""The counter: redemptions, goods that come back, and reservations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from timebank.audit.programme.books import check_days

if TYPE_CHECKING:
    from collections.abc import Callable

    from timebank.audit.programme.books import Books, Row
    from timebank.audit.programme.limits import Limits
    from timebank.audit.programme.points import Points
    from timebank.audit.programme.shops import Shops
    from timebank.audit.replay import Members

Moves = list[list[Any]]


class Counter:
    """Redemptions, returns and reservations."""

    def __init__(self, books: Books, shops: Shops, limits: Limits, points: Points) -> None:
        self._books = books
        self._shops = shops
        self._limits = limits
        self._points = points
        self._held: dict[int, tuple[str, str]] = {}
        """Open reservations: shop, and the last day on which they can be collected."""
        self.folds: dict[str, Callable[[int, Members], None]] = {
            "redemption": self._redemption,
            "return": self._return,
            "hold": self._hold,
            "post": self._collect,
            "void": self._release,
        }

    def _basket(self, seq: int, members: Members) -> tuple[Row, int] | None:
        """The active card, and what the goods cost; None without a card."""
        body, day, books = members["body"], members["day"], self._books
        shop, total = body["shop"], 0
        if (shop,) not in books.tables["shop"]:
            books.known(seq, "shop", shop)
        card = books.tables["card"].get((body["card"],)) or books.known(seq, "card", body["card"])
        if card is None:
            return None
        if card[2] != "active":
            books.wrong(seq, f"{members['kind']}: the card is {card[2]}")
        for good, pieces, points in body["goods"]:
            price = books.latest(("price", shop, good), day)
            if price != points:
                books.findings.add("price-wrong", seq, good=good, expected=price, found=points)
            if type(pieces) is int and type(points) is int:  # a text would be repeated so many times
                total += pieces * points
            else:
                books.wrong(seq, f"{members['kind']}: goods")
        if self._limits.is_kept:
            self._limits.check(seq, members, card[1])
        return card, total

    def _goods_legs(self, shop: str, goods: Any, shelf: str) -> Moves:
        """Goods handed out, from *shelf*; a merchant's come from the merchant."""
        place = shop.upper()
        given = f"X:GIVEN:{place}"
        source = f"I:OFFERED:{place}" if self._shops.is_merchant(shop) else f"A:{shelf}:{place}"
        return [[given, source, good.upper(), pieces] for good, pieces, _ in goods]

    def _redemption(self, seq: int, members: Members) -> None:
        body, books = members["body"], self._books
        shop = body["shop"]
        basket = self._basket(seq, members)
        if basket is None:
            return
        card, total = basket
        payers = self._payers(members, card[1], total)
        takings = f"L:S:{shop.upper()}"
        wanted: Moves = []
        for member, paid in payers:
            self._points.check_swept(seq, member)
            wanted.append([f"L:M:{member}", takings, "PTS", paid])
        wanted += self._goods_legs(shop, body["goods"], "S")
        if members["move"] != wanted:
            books.wrong(seq, "redemption: points taken are not price times goods")
        is_usual = len(payers) == 1 and payers[0][0] == card[1]
        if body.get("paid") != (None if is_usual else [list(payer) for payer in payers]):
            books.wrong(seq, "redemption: paid by others than it says")

    def _payers(self, members: Members, member: str, total: int) -> list[tuple[str, int]]:
        """Who pays how much: a household first from its own account, then its members in their order."""
        row = self._books.tables["member"].get((member,))
        if row is None or row[2] != "household":
            return [(member, total)]
        people = [member, *self._books.household(member, members["day"])]
        held = self._books.before(members, *((f"L:M:{one}", "PTS") for one in people))
        payers = []
        for one, points in zip(people, held, strict=False):
            paid = min(points, total)
            if paid > 0:
                payers.append((one, paid))
                total -= paid
        return payers

    def _return(self, seq: int, members: Members) -> None:
        body, books, ref = members["body"], self._books, members["ref"]
        original = books.leaf(ref)
        if original is None or original["kind"] != "redemption":
            books.findings.add("name-unknown", seq, what="redemption", name=str(ref))
            return
        if ref in books.ledger.resolvers:
            books.check_state(seq, "redemption", ref, "reversed", ())
        sold = {good: (pieces, price) for good, pieces, price in original["body"]["goods"]}
        before = sum(self._returned(ref, good) * price for good, (_, price) in sold.items())
        total, place = 0, body["shop"].upper()
        for good, pieces, price in body["goods"]:
            if good not in sold or pieces < 1 or self._returned(ref, good) + pieces > sold[good][0]:
                books.broken(seq, f"return-too-much {good}")
                continue
            if price != sold[good][1]:
                books.findings.add("price-wrong", seq, good=good, expected=sold[good][1], found=price)
            total += pieces * price
            row = (ref, good, self._returned(ref, good) + pieces, seq)
            books.tables["returned"][ref, good] = row
        wanted: Moves = [
            [f"L:S:{place}", account, "PTS", points] for account, points in _refunds(original, before, total)
        ]
        wanted += [
            [shelf, given, unit, amount]
            for given, shelf, unit, amount in self._goods_legs(body["shop"], body["goods"], "S")
        ]
        if body["shop"] != original["body"]["shop"]:
            books.wrong(seq, "return: to another shop")
        books.check_moves(seq, "return", members["move"], wanted)

    def _returned(self, redemption: int, good: str) -> int:
        row = self._books.tables["returned"].get((redemption, good))
        return 0 if row is None else int(row[2])

    def check_not_returned(self, seq: int, redemption: int, goods: Any) -> None:
        """A redemption of which something has come back is not reversed."""
        if any(self._returned(redemption, good) for good, _, _ in goods):
            self._books.check_state(seq, "redemption", redemption, "returned", ())

    def _hold(self, seq: int, members: Members) -> None:
        body, books = members["body"], self._books
        if "shop" not in body:
            return  # the ledger's own
        basket = self._basket(seq, members)
        if basket is None:
            return
        (card, total), shop, until = basket, body["shop"], body["until"]
        check_days(until)
        if until < members["day"]:
            books.wrong(seq, "hold: over before it begins")
        self._points.check_swept(seq, card[1])
        wanted: Moves = [[f"L:M:{card[1]}", f"L:H:{card[1]}", "PTS", total]]
        if not self._shops.is_merchant(shop):
            place = shop.upper()
            wanted += [[f"A:H:{place}", f"A:S:{place}", good.upper(), pieces] for good, pieces, _ in body["goods"]]
        books.check_moves(seq, "hold", members["move"], wanted)
        self._held[seq] = (shop, until)
        books.tables["reservation"][shop, seq] = (seq, shop, card[1], body["card"], until, "held")

    def _collect(self, seq: int, members: Members) -> None:
        body, books, ref = members["body"], self._books, members.get("ref")
        held = self._end(seq, members, "collected")
        original = None if ref is None or held is None else books.leaf(ref)
        if original is None or held is None:
            return
        if books.ledger.today > held[1]:
            books.broken(seq, f"reservation-over {held[1]}")
        _, account, _, total = original["move"][0]
        wanted: Moves = [[account, f"L:S:{held[0].upper()}", "PTS", total]]
        wanted += self._goods_legs(held[0], original["body"]["goods"], "H")
        books.check_moves(seq, "post", members["move"], wanted)
        if body.get("goods") != original["body"]["goods"]:
            books.wrong(seq, "post: other goods than were reserved")

    def _release(self, seq: int, members: Members) -> None:
        held = self._end(seq, members, "released")
        if held is None:
            return
        why = members["body"].get("why")
        if why not in ("released", "expired") or (why == "expired" and self._books.ledger.today <= held[1]):
            self._books.wrong(seq, "void: not over yet")

    def _end(self, seq: int, members: Members, state: str) -> tuple[str, str] | None:
        """The reservation that ends, if it is one and still open."""
        books, ref, shop = self._books, members.get("ref", -1), members["body"].get("shop")
        held = self._held.pop(ref, None)
        if held is None:
            if shop is not None:
                row = books.known(seq, "reservation", shop, ref)
                books.check_state(seq, "reservation", ref, "unknown" if row is None else row[5], ("held",))
            return None
        row = books.tables["reservation"][held[0], ref]
        books.tables["reservation"][held[0], ref] = (*row[:5], state)
        if shop != held[0]:
            books.wrong(seq, f"{members['kind']}: of another shop")
        return held


def _refunds(original: Members, before: int, points: int) -> list[tuple[str, int]]:
    """To whom *points* go back, when *before* went back already: the last payer first."""
    refunds = []
    for debit, credit, unit, amount in reversed(original["move"]):
        if unit != "PTS" or not debit.startswith("L:M:") or not credit.startswith("L:S:"):
            continue
        gone = min(before, amount)
        before -= gone
        back = min(points, amount - gone)
        points -= back
        if back:
            refunds.append((debit, back))
    return refunds
