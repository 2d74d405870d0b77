"""Deductions and appeals, gifts, pools, expiry, budgets, corrections."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.machine.driver import Command, Driver, mostly

UNDECIDED = ("expiry", "settlement")
"""Kinds of which the contract does not say whether they are taken back."""


class Points(Driver):
    """What happens to points once they are there."""

    def deduct(self, data: st.DataObject) -> Command:
        named = {
            "day": self.day(data, past=15),
            "org": self.org_or_none(data),
            **self.two(data),
            "key": self.key(data),
        }
        deduction = data.draw(mostly(["rubbish", "banquet"], "noise", "No"), "deduction")
        return Command("deductions.record", (self.member(data), deduction), named)

    def appeal(self, data: st.DataObject) -> Command:
        appeals = self.model.appeals()
        known = [seq for seq, _ in self.model.of("deduction")]
        lodged = [seq for seq, state in appeals.items() if state == "lodged"]
        if self.idle(data, [seq for seq in known if appeals.get(seq, "lodged") == "lodged"]):
            return self.deduct(data)
        steps = ["lodge", *["deny", "grant"] * 2] if lodged else ["lodge"] * 9 + ["grant"]
        do = data.draw(st.sampled_from(steps), "do")
        if do == "lodge":
            fresh = [seq for seq in known if seq not in appeals]
            named: dict[str, Any] = {"reason": self.reason(data), "by": self.by(data, "clerk")}
            return Command("deductions.lodge", (self.place(data, fresh * 5 + known),), named)
        people = {"by": data.draw(mostly(["committee-3", "committee-2"], "clerk-1", "clerk-2"), "by")}
        people["approved_by"] = data.draw(mostly(["committee-2", "admin", "committee-3"], None, "nobody"), "ok")
        return Command(
            f"deductions.{do}", (self.place(data, lodged * 5 + known),), {**people, "key": self.key(data)}
        )

    def amount(self, data: st.DataObject, *, most: int = 30) -> dict[str, Any]:
        what = data.draw(st.sampled_from(["points", "minutes"]), "what")
        amount = {what: data.draw(mostly([1, 2, 5, most, 60], 0, True, 10**6), "amount")}
        return data.draw(mostly([amount], {}, {"points": 1, "minutes": 1}), "amounts")

    def give(self, data: st.DataObject) -> Command:
        named: dict[str, Any] = {**self.amount(data), "by": self.by(data, "clerk"), "key": self.key(data)}
        if data.draw(st.booleans(), "to the pool"):
            named["pool"] = self.org(data)
        else:
            named["to"] = self.member(data, label="to")
            named["relation"] = data.draw(mostly(["parent", "spouse"], "child", None), "relation")
        return Command("gifts.give", (self.member(data, label="giver"),), named)

    def grant(self, data: st.DataObject) -> Command:
        pools = [org for org in self.model.organisations() if any(self.model.pool(org).values())]
        org = data.draw(mostly(pools + list(self.model.organisations()), "nowhere"), "org")
        named = {
            **self.amount(data, most=8),
            "reason": self.reason(data),
            **self.two(data),
            "key": self.key(data),
        }
        return Command("pools.grant", (org, self.member(data)), named)

    def open_balance(self, data: st.DataObject) -> Command:
        amounts = mostly([{"points": 7}, {"minutes": 90}, {"points": 3, "minutes": 20}], {}, {"points": -1})
        named = {
            **data.draw(amounts, "amounts"),
            "day": self.day_or_none(data, past=70),
            **self.two(data),
            "key": self.key(data),
        }
        return Command("openings.record", (self.member(data),), named)

    def expire(self, data: st.DataObject) -> Command:
        return Command("points.expire", (), {"by": self.by(data, "clerk", "registrar")})

    def set_budget(self, data: st.DataObject) -> Command:
        spans = [(1, 31), (1, 59), (32, 90), (60, 151), (60, 90)]
        first, last = data.draw(mostly(spans, (90, 32)), "span")
        year = date(2025, 12, 31)
        used = self.model.sum_of("X:AWARDED:YUNGU", "PTS")
        named = {
            "first": year + timedelta(days=first),
            "last": year + timedelta(days=last),
            "points": data.draw(mostly([1, 20, used + 30, used + 5, used + 1], 0), "points"),
            "by": self.by(data),
            "approved_by": data.draw(mostly(["committee-1"], None, "clerk-1", "admin"), "ok"),
            "key": self.key(data),
        }
        return Command("budgets.set", (data.draw(mostly(["yungu", "yungu", "hill"], "nowhere"), "org"),), named)

    def take_back(self, data: st.DataObject) -> Command:
        kinds = ("award", "award", "redemption", "stock", "deduction", "gift", "grant", "opening")
        kind = data.draw(st.sampled_from(kinds), "kind")
        movable = [seq for seq, _ in self.model.standing(kind)] * 4
        movable += [seq for seq, _ in self.model.of("award", "redemption", "stock", "reversal", "hold", "return")]
        named: dict[str, Any] = {
            "reason": self.reason(data),
            "day": self.day_or_none(data),
            **self.two(data),
            "key": self.key(data),
        }
        if kind == "award" and data.draw(st.booleans(), "with debt"):
            named["debt"] = True
        seq = self.place(data, movable)
        if 0 <= seq < len(self.model.facts) and self.model.facts[seq]["kind"] in UNDECIDED:
            seq = 0
        return Command("reverse", (seq,), named)

    POINTS = (deduct, appeal, give, grant, open_balance, expire, set_budget, take_back)

    @rule(data=st.data(), command=st.sampled_from((deduct, deduct, appeal, appeal, expire, set_budget)))
    def points_are_seen_to(self, data: st.DataObject, command: Any) -> None:
        self.send(command(self, data))

    @rule(data=st.data(), command=st.sampled_from((give, give, grant, open_balance)))
    def points_are_given(self, data: st.DataObject, command: Any) -> None:
        self.send(command(self, data))

    @rule(data=st.data())
    def entry_is_taken_back(self, data: st.DataObject) -> None:
        self.send(self.take_back(data))
