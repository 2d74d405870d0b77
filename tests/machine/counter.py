"""The counter and the stockroom: goods in, moved, counted, out, back, set aside; shops settled."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.machine.driver import Command, Driver, mostly


class Counter(Driver):
    """What points buy."""

    def shelves(self, shop: str) -> list[str]:
        return [good for good, pieces in self.model.stock(shop).items() if pieces]

    def receive_goods(self, data: st.DataObject) -> Command:
        sources = mostly(
            [("huicai", None), (None, "yungu")], (None, None), ("a", "yungu"), (None, "no"), ("赵", None)
        )
        donor, buyer = data.draw(sources, "source")
        goods = self.basket(data, self.model.goods(), most=40)
        named: dict[str, Any] = {
            "donor": donor,
            "bought_by": buyer,
            "day": self.day_or_none(data),
            **self.two(data),
            "key": self.key(data),
        }
        if goods and data.draw(st.booleans(), "best before"):
            last = self.model.today() + timedelta(days=data.draw(st.integers(-5, 90), "keeps"))
            named["best_before"] = {good: last for good in goods if isinstance(good, str)}
        return Command("shops.receive", (self.shop(data), goods), named)

    def move_goods(self, data: st.DataObject) -> Command:
        shop = self.shop(data)
        others = [other for other in self.model.shops() if other != shop]
        named = {"day": self.day_or_none(data), **self.two(data), "key": self.key(data)}
        goods = self.basket(data, self.shelves(shop), most=3)
        return Command("shops.move", (shop, data.draw(mostly(others, shop, "no-shop"), "to"), goods), named)

    def write_off(self, data: st.DataObject) -> Command:
        shop = self.shop(data)
        named = {"reason": self.reason(data), "day": self.day_or_none(data), **self.two(data)}
        return Command(
            "shops.write_off",
            (shop, self.basket(data, self.shelves(shop), most=2)),
            {**named, "key": self.key(data)},
        )

    def count_stock(self, data: st.DataObject) -> Command:
        shop = self.shop(data)
        goods = data.draw(st.lists(mostly(self.model.goods(), "caviar"), max_size=2, unique=True), "goods")
        stock = self.model.stock(shop) if shop in self.model.shops() else {}
        counted = {
            good: data.draw(mostly([max(0, stock.get(good, 0) + off) for off in (-1, 0, 0, 2)], -1), "counted")
            for good in goods
        }
        named = {"day": self.day_or_none(data), **self.two(data), "key": self.key(data)}
        return Command("shops.count", (shop, counted), named)

    def sensible(self, shop: str) -> list[str]:
        prices = self.model.prices(shop, self.model.today())
        merchant = self.model.is_merchant(shop)
        stock = self.model.stock(shop) if shop in self.model.shops() else {}
        return [good for good in prices if merchant or stock[good]]

    def redeem_goods(self, data: st.DataObject) -> Command:
        shop = self.shop(data)
        named = {
            "card": self.card(data),
            "goods": self.basket(data, self.sensible(shop) * 9 + self.model.goods(), most=2),
            "day": self.day_or_none(data),
            "by": self.by(data, "clerk", "supervisor"),
            "key": self.key(data),
        }
        return Command("shops.redeem", (shop,), named)

    def return_goods(self, data: st.DataObject) -> Command:
        standing = [seq for seq, _ in self.model.standing("redemption")]
        if self.idle(data, standing):
            return self.redeem_goods(data)
        seq = self.place(data, standing * 5 + [seq for seq, _ in self.model.of("redemption", "hold")])
        known = seq in dict(self.model.of("redemption"))
        handed = [good for good, _, _ in self.model.facts[seq]["goods"]] if known else []
        named = {"day": self.day_or_none(data), **self.two(data), "key": self.key(data)}
        return Command("shops.return_goods", (seq, self.basket(data, handed * 9, most=2)), named)

    def reserve_goods(self, data: st.DataObject) -> Command:
        shop = self.shop(data)
        named = {
            "card": self.card(data),
            "goods": self.basket(data, self.sensible(shop) * 9 + self.model.goods(), most=2),
            "until": self.model.today() + timedelta(days=data.draw(mostly([0, 1, 7], -1), "until")),
            "by": self.by(data, "clerk", "supervisor"),
            "key": self.key(data),
        }
        return Command("reservations.reserve", (shop,), named)

    def end_reservation(self, data: st.DataObject) -> Command:
        known = self.model.reservations()
        held = [seq for seq, state in known.items() if state == "held"]
        if self.idle(data, held):
            return self.reserve_goods(data)
        do = data.draw(st.sampled_from(["collect", "collect", "release", "sweep"]), "do")
        by = {"by": self.by(data, "clerk", "supervisor")}
        if do == "sweep":
            return Command("reservations.release_overdue", (), by)
        return Command(
            f"reservations.{do}", (self.place(data, held * 6 + list(known)),), {**by, "key": self.key(data)}
        )

    def settle(self, data: st.DataObject) -> Command:
        owed = [shop for shop in self.model.shops() if self.model.takings(shop)]
        if self.idle(data, owed):
            return self.redeem_goods(data)
        shop = data.draw(mostly(owed * 9 + self.model.shops(), "no-shop"), "shop")
        last = self.model.today() - timedelta(days=data.draw(mostly([1, 1, 1, 2, 9], 0, 40), "last"))
        return Command("settlements.settle", (shop,), {"last": last, **self.two(data), "key": self.key(data)})

    STOCKROOM = (receive_goods, move_goods, write_off, count_stock)
    TILL = (redeem_goods, redeem_goods, return_goods, reserve_goods, end_reservation, settle)

    @rule(data=st.data(), command=st.sampled_from(STOCKROOM))
    def stockroom_works(self, data: st.DataObject, command: Any) -> None:
        self.send(command(self, data))

    @rule(data=st.data())
    def goods_are_redeemed(self, data: st.DataObject) -> None:
        self.send(self.redeem_goods(data))

    @rule(data=st.data(), command=st.sampled_from(TILL))
    def counter_works(self, data: st.DataObject, command: Any) -> None:
        self.send(command(self, data))
