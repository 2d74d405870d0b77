"""Who belongs where: moves, households, teams; months closed; ratings; venues."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.machine.driver import Command, Driver, mostly
from tests.naive.facts import month_of


class Places(Driver):
    """What changes slowly."""

    def move(self, data: st.DataObject) -> Command:
        what = data.draw(st.sampled_from(["members.move", "members.move", "shops.move_to", "organisations.move"]))
        thing = {"members.move": self.member, "shops.move_to": self.shop, "organisations.move": self.org}[what]
        named = {
            "to": self.org(data),
            "from_day": self.day(data, past=20),
            "by": self.by(data, "registrar") if what == "members.move" else self.by(data),
            "key": self.key(data),
        }
        return Command(what, (thing(data),), named)

    def set_household(self, data: st.DataObject) -> Command:
        people = [one for one in self.model.members() if self.model.member_kind(one) == "person"]
        some = st.lists(mostly(people, *self.model.members(), "0000000000"), max_size=3, unique=True)
        named = {
            "from_day": self.day(data, past=20),
            "by": self.by(data, "registrar"),
            "key": self.key(data),
        }
        first = (self.member(data, "household", label="household"), data.draw(some, "members"))
        return Command("members.set_household", first, named)

    def join_or_leave(self, data: st.DataObject) -> Command:
        team, member = self.member(data, "team", label="team"), self.member(data, "person")
        today = self.model.today()
        inside = member in self.model.team_members(team, today)
        do = data.draw(mostly(["leave" if inside else "join"], "leave", "join"), "do")
        named = {"day": self.day_or_none(data), "by": self.by(data, "registrar"), "key": self.key(data)}
        return Command(f"teams.{do}", (team, member), named)

    def close_month(self, data: st.DataObject) -> Command:
        today, through = self.model.today(), self.model.closed_through()
        last = today.replace(day=1) - timedelta(days=1)
        months = [month_of(last), month_of(last.replace(day=1) - timedelta(days=1)), "2026-01"]
        by = self.by(data, "supervisor")
        if through and data.draw(st.booleans(), "again"):
            named = {"by": by, "approved_by": data.draw(mostly(["admin", "committee-1"], None, by), "ok")}
            return Command("periods.reopen", (data.draw(mostly([through], "2025-12", "2026-13"), "month"),), named)
        month = data.draw(mostly(months, month_of(today), "2026-13", "03-2026"), "month")
        return Command("periods.close", (month,), {"by": by, "key": self.key(data)})

    def rate(self, data: st.DataObject) -> Command:
        named = {
            "quarter": data.draw(mostly(["2026-Q1", "2026-Q1", "2026-Q2"], "2026-Q5", "2025-Q1"), "quarter"),
            "party": data.draw(mostly(["residents", "street", "owners"], "king", "No"), "party"),
            "score": data.draw(mostly([0, 59, 60, 80, 90, 100], 101, -1, True), "score"),
            "people": data.draw(mostly([1, 40], 0), "people"),
            **self.two(data),
            "key": self.key(data),
        }
        subject = data.draw(mostly(["project", "team", "property"], "dog"), "subject")
        return Command("ratings.record", (subject, "garden"), named)

    def log_visit(self, data: st.DataObject) -> Command:
        if data.draw(mostly([False, False, False], True, True), "new"):
            named = {"org": self.org(data), "name": "活动室", "by": self.by(data), "key": self.key(data)}
            return Command("venues.add", (data.draw(mostly(["hall", "hall-2"], "Hall"), "venue"),), named)
        named = {
            "room": data.draw(mostly(["舞蹈室", "图书室"], "x" * 41), "room"),
            "purpose": data.draw(mostly(["排练", "阅读"], ""), "purpose"),
            "uses": data.draw(mostly([1, 2], 0), "uses"),
            "people": data.draw(mostly([3, 12], 0, True), "people"),
            "day": self.day_or_none(data),
            "by": self.by(data, "clerk"),
            "key": self.key(data),
        }
        return Command("venues.log", (data.draw(mostly(["hall"], "cellar", "No"), "venue"),), named)

    def erase(self, data: st.DataObject) -> Command:
        named = {**self.two(data), "key": self.key(data)}
        if data.draw(st.booleans(), "said why"):
            named["reason"] = data.draw(mostly(["moved-away", "asked-for"], "He Asked", ""), "reason")
        return Command("erasures.record", (self.member(data),), named)

    PLACES = (move, set_household, join_or_leave, close_month, rate, log_visit, erase)

    @rule(data=st.data(), command=st.sampled_from(PLACES))
    def places_change(self, data: st.DataObject, command: Any) -> None:
        self.send(command(self, data))
