"""Organisations, operators, rulebooks, goods, shops, prices, limits, members and their cards."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.machine.driver import Command, Driver, mostly
from tests.machine.rulebooks import NOTICE, SHARP, VILLAGE
from timebank.programme.rulebook import shipped_rulebook


class Office(Driver):
    """What the office decides."""

    def add_organisation(self, data: st.DataObject) -> Command:
        parents = mostly([None, *self.model.organisations()], "nowhere", "No")
        named = {
            "name": data.draw(mostly(["云谷", "Grid 7"], "", " x", "a\nb", "\u202eevil"), "name"),
            "level": data.draw(mostly(["grid", "building", "community", "street"], "planet"), "level"),
            "parent": data.draw(parents, "parent"),
            "by": self.by(data),
            "key": self.key(data),
        }
        return Command(
            "organisations.add", (data.draw(mostly(["g-1", "g-2", "g-3"], "yungu", "G"), "org"),), named
        )

    def appoint(self, data: st.DataObject) -> Command:
        """The administrator stays one, so that the programme goes on."""
        operator = data.draw(mostly(["clerk-2", "clerk-3", "clerk-4"], "Clerk"), "operator")
        role = data.draw(mostly(["clerk", "supervisor", "registrar", "auditor", "admin"], "king"), "role")
        named = {"org": self.org(data), "role": role, "by": self.by(data), "key": self.key(data)}
        return Command("organisations.appoint", (operator,), named)

    def adopt_rulebook(self, data: st.DataObject) -> Command:
        named = {"from_day": self.day(data, past=40, ahead=20), "by": self.by(data), "key": self.key(data)}
        text = data.draw(st.sampled_from([VILLAGE, VILLAGE, NOTICE, SHARP, shipped_rulebook()]), "rulebook")
        return Command("rulebooks.adopt", (text,), named)

    def add_good(self, data: st.DataObject) -> Command:
        good = data.draw(mostly(["oil", "salt", "towel"], "rice", "pts", "min", "9-lives", "x" * 24), "good")
        named = {"name": "盐", "name_en": "salt", "by": self.by(data), "key": self.key(data)}
        return Command("goods.add", (good,), named)

    def open_shop(self, data: st.DataObject) -> Command:
        shop = data.draw(mostly(["shop-3", "shop-4"], "yungu-shop", "Shop"), "shop")
        named: dict[str, Any] = {"org": self.org(data), "name": "三店", "by": self.by(data), "key": self.key(data)}
        if data.draw(st.booleans(), "detailed"):
            named["kind"] = data.draw(mostly(["supermarket", "merchant"], "bank"), "kind")
            named["hours"] = data.draw(mostly([None, "周三 9:00-11:00"], "x" * 81), "hours")
        return Command("shops.open", (shop,), named)

    def set_price(self, data: st.DataObject) -> Command:
        named = {
            "points": data.draw(mostly([1, 2, 5, 20], 0, -1, 1_000_001, True, "3"), "points"),
            "from_day": self.day(data, past=30, ahead=30),
            "by": self.by(data, "supervisor"),
            "key": self.key(data),
        }
        return Command("shops.set_price", (self.shop(data), self.good(data)), named)

    def set_limit(self, data: st.DataObject) -> Command:
        how = data.draw(st.sampled_from(["most", "most", "earned", "earned", "lifted"]), "how")
        named: dict[str, Any] = {
            "shop": data.draw(mostly([None, None, *self.model.shops()], "no-shop", "No"), "shop"),
            "from_day": self.day(data, past=30, ahead=10),
            "by": self.by(data, "supervisor"),
            "key": self.key(data),
        }
        if how == "most":
            named["most"] = data.draw(mostly([1, 2, 3, 5], 0, True), "most")
            named["per"] = data.draw(mostly(["member", "household"], "team"), "per")
            named["period"] = data.draw(mostly(["day", "month", "year"], "week"), "period")
        elif how == "earned":
            named["least_earned"] = data.draw(mostly([16, 51, 60, 70, 200], 0), "least")
        return Command("shops.limit", (self.good(data),), named)

    def enrol(self, data: st.DataObject) -> Command:
        named = {
            "org": self.org(data),
            "kind": data.draw(mostly(["person", "household", "team"], "dog"), "kind"),
            "card": self.new_card(data),
            "by": self.by(data, "registrar", "supervisor"),
            "key": self.key(data),
        }
        return Command("members.enrol", (), named)

    def issue_card(self, data: st.DataObject) -> Command:
        named = {
            "card": self.new_card(data),
            "by": self.by(data, "registrar", "supervisor"),
            "key": self.key(data),
        }
        return Command("cards.issue", (self.member(data),), named)

    def block_card(self, data: st.DataObject) -> Command:
        return Command(
            "cards.block", (self.card(data),), {"by": self.by(data, "clerk", "registrar"), "key": self.key(data)}
        )

    def replace_card(self, data: st.DataObject) -> Command:
        named = {"new": self.new_card(data), "by": self.by(data, "registrar", "supervisor"), "key": self.key(data)}
        return Command("cards.replace", (self.card(data),), named)

    OFFICE = (
        *(add_organisation, appoint, adopt_rulebook, add_good, open_shop, set_price, set_limit),
        *(enrol, issue_card, block_card, replace_card),
    )

    @rule(data=st.data(), command=st.sampled_from(OFFICE))
    def office_works(self, data: st.DataObject, command: Any) -> None:
        self.send(command(self, data))
