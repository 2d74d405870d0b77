"""Orders: opened, sent, accepted, finished, rated, claimed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.machine.driver import Command, Driver, mostly

STATES = {
    "dispatch": ("open",),
    "accept": ("open", "dispatched"),
    "decline": ("dispatched",),
    "finish": ("accepted",),
    "rate": ("finished",),
    "cancel": ("open", "dispatched"),
}


class Orders(Driver):
    """What residents ask for."""

    def open_order(self, data: st.DataObject) -> Command:
        named: dict[str, Any] = {
            "org": self.org_or_none(data),
            "day": self.day_or_none(data, past=6),
            "by": self.by(data, "clerk"),
            "key": self.key(data),
        }
        if data.draw(st.booleans(), "with a day"):
            ahead = data.draw(mostly([0, 1, 5], -30), "due")
            named["due"] = self.model.today() + timedelta(days=ahead)
        kind = data.draw(mostly(["repair", "wish"], "feast", "No"), "order kind")
        return Command("orders.open", (kind,), {"member": self.member(data), **named})

    def step_order(self, data: st.DataObject) -> Command:
        """A step that the order is ready for, most often."""
        orders = self.model.orders()
        if self.idle(data, orders):
            return self.open_order(data)
        able = {
            do: [seq for seq, one in orders.items() if one["state"] in states] for do, states in STATES.items()
        }
        often = [do for do in ("accept", "finish", "rate", "finish", "rate") if able[do]] * 4
        other = [do for do in STATES if able[do] and do != "cancel"]
        do = data.draw(st.sampled_from([*often, *other, "cancel"]), "do")
        seq = self.place(data, able[do] * 6 + list(orders))
        named: dict[str, Any] = {"by": self.by(data, "clerk"), "key": self.key(data)}
        if data.draw(mostly([False, False], True), "dated"):
            named["day"] = self.day(data, past=4)
        if do == "accept":
            return Command("orders.accept", (seq, self.member(data, "person", label="volunteer")), named)
        if do == "dispatch":
            unit = {"to": data.draw(mostly(["team-7", "yungu"], "No"), "to")}
            volunteer = {"volunteer": self.member(data, "person", label="volunteer")}
            named |= data.draw(mostly([unit, volunteer], {}, unit | volunteer), "whom")
        if do in ("decline", "cancel"):
            named["reason"] = self.reason(data)
        if do == "rate":
            named["stars"] = data.draw(mostly([1, 4, 5], 0, 6), "stars")
            named["done"] = data.draw(mostly([True, True, False], 1), "done")
        return Command(f"orders.{do}", (seq,), named)

    def claim_order(self, data: st.DataObject) -> Command:
        orders = self.model.orders()
        ready = [seq for seq, one in orders.items() if one["done"] and not self.model.is_claimed(one)]
        if self.idle(data, ready):
            return self.step_order(data)
        named = {"minutes": data.draw(mostly([20, 60, 90], 0), "minutes"), "by": self.by(data, "clerk")}
        service = data.draw(mostly(["elder-visit", "patrol"], "no-such"), "service")
        return Command("orders.claim", (self.place(data, ready * 9 + list(orders)), service), named)

    def claim_with_order(self, data: st.DataObject) -> Command:
        """A claim that names an order by itself: it has to be the order's volunteer's."""
        orders = self.model.orders()
        ready = [seq for seq, one in orders.items() if one["done"] and not self.model.is_claimed(one)]
        if self.idle(data, ready):
            return self.step_order(data)
        seq = self.place(data, ready * 9 + list(orders))
        order = orders.get(seq, {})
        right = order.get("volunteer") or "0000000000"
        members = [data.draw(mostly([right], "0000000000", *self.model.members()), "member")]
        day = data.draw(mostly([order.get("finished") or self.model.today()], self.model.today()), "day")
        named = {"day": day, "minutes": 30, "order": seq, "by": self.by(data, "clerk")}
        return Command("claims.submit", ("elder-visit", members), named)

    ORDERS = (open_order, step_order, step_order, claim_order, claim_with_order)

    @rule(data=st.data(), command=st.sampled_from((open_order, claim_order, claim_with_order)))
    def orders_come_and_are_claimed(self, data: st.DataObject, command: Any) -> None:
        self.send(command(self, data))

    @rule(data=st.data(), times=st.integers(1, 3))
    def orders_are_served(self, data: st.DataObject, times: int) -> None:
        for _ in range(times):
            self.send(self.step_order(data))
