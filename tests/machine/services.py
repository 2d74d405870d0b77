"""Services recorded at once, and claims with their review, their public notice and their posting."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.machine.driver import Command, Driver, mostly
from tests.naive.awards import spelt
from timebank.programme.rulebook_terms import Measure

SERVICES = (
    *("elder-visit", "patrol", "patrol", "clean-up", "care", "errand", "lesson"),
    *("mediation", "yard", "honour", "blood-donation", "village-meeting"),
)
BY_OCCASION = ("mediation", "honour", "blood-donation", "village-meeting")
STARTS = ("08:00", "09:30", "00:00", "08:00", "23:30")
ARGUABLE = ("approved", "objected")
EVIDENCE = ("a" * 64, "0b" * 32, "c3" * 32)


class Services(Driver):
    """From a deed to its points."""

    def measure(self, data: st.DataObject, service: str, *, day: Any) -> dict[str, Any]:
        """What fits the service; seldom what does not."""
        minutes = st.one_of(st.integers(1, 400), st.sampled_from([10, 15, 20, 60, 90, 600, 720, 1440]))
        wrong = st.sampled_from([None, 0, -1, 1441, True, 1.5, "3"])
        said: dict[str, Any] = {}
        if service in BY_OCCASION:
            said["occasions"] = data.draw(mostly([1, 1, 1, 2, 4], 100, 101, 0), "occasions")
            if data.draw(st.booleans(), "timed"):
                said["minutes"] = data.draw(minutes, "minutes")
        elif service == "yard":
            said["grade"] = data.draw(mostly(["best", "good", "fair"], "worst", "Best"), "grade")
        else:
            said["minutes"] = data.draw(minutes, "minutes")
        if "minutes" in said and data.draw(st.sampled_from([True, True, False]), "begun"):
            said["start"] = data.draw(mostly(list(STARTS), "24:00", "8:00"), "start")
        if data.draw(mostly([False], True), "odd"):
            name = data.draw(st.sampled_from(["minutes", "occasions", "grade", "start"]), "odd name")
            said[name] = data.draw(wrong, "odd value") if name in ("minutes", "occasions") else None
        return said

    def recipient(self, data: st.DataObject, service: str) -> dict[str, Any]:
        pays = service in ("errand", "lesson")
        if not data.draw(mostly([pays], not pays), "recipient named"):
            return {}
        return {"recipient": self.member(data, label="recipient")}

    def evidence(self, data: st.DataObject) -> dict[str, Any]:
        found = data.draw(mostly([None] * 5 + list(EVIDENCE), "A" * 64, "abc"), "evidence")
        return {} if found is None else {"evidence": found}

    def also(self, data: st.DataObject) -> dict[str, Any]:
        third = data.draw(st.sampled_from([None, None, None, "admin", "committee-1", "clerk-1", "nobody"]), "also")
        return {} if third is None else {"also_approved_by": third}

    def busy(self, data: st.DataObject) -> tuple[Any, str, Any]:
        """Somebody, a service and a day: often those of an award, so that caps are reached and times overlap."""
        awards = [fact for _, fact in self.model.standing("award")]
        if awards and data.draw(st.booleans(), "once more"):
            fact = data.draw(st.sampled_from(awards[-8:]), "award")
            member = data.draw(st.sampled_from([member for member, _ in fact["items"]]), "member")
            if "start" in spelt(dict(fact["items"])[member]) and data.draw(st.booleans(), "elsewhere"):
                return member, "patrol", fact["day"]
            other = mostly([fact["service"], "patrol", "elder-visit"], "no-such")
            return member, data.draw(other, "service"), fact["day"]
        service = data.draw(mostly(list(SERVICES), "no-such", "No"), "service")
        return self.member(data), service, self.day(data, past=30)

    def record_service(self, data: st.DataObject) -> Command:
        member, service, day = self.busy(data)
        named = {
            "day": day,
            **self.measure(data, service, day=day),
            **self.recipient(data, service),
            **self.evidence(data),
            **self.also(data),
            "org": self.org_or_none(data),
            **self.two(data),
            "key": self.key(data),
        }
        if service == "mediation" and data.draw(st.booleans(), "its own approver"):
            named["approved_by"] = "registrar-1"
        return Command("services.record", (member, service), named)

    def submit_claim(self, data: st.DataObject) -> Command:
        first, service, day = self.busy(data)
        others = st.lists(mostly(list(self.model.members()), "0000000000", "x"), max_size=2, unique=True)
        members = [first, *(one for one in data.draw(others, "others") if one != first)]
        named: dict[str, Any] = {
            "day": day,
            **self.recipient(data, service),
            **self.evidence(data),
            "org": self.org_or_none(data),
            "by": self.by(data, "clerk", "registrar"),
            "key": self.key(data),
        }
        if data.draw(st.booleans(), "each their own"):
            each = {one: Measure(**self.measure(data, service, day=day)) for one in members}
            return Command("claims.submit", (service, each), named)
        named |= self.measure(data, service, day=day)
        return Command("claims.submit", (service, members), named)

    def claim(self, data: st.DataObject, *states: str) -> int:
        """One in these states most often."""
        claims = self.model.claims()
        right = [seq for seq, claim in claims.items() if claim["state"] in states]
        return self.place(data, right * 8 + list(claims))

    def review_claim(self, data: st.DataObject) -> Command:
        do = data.draw(st.sampled_from(["approve", "approve", "approve", "reject"]), "do")
        if self.idle(data, [1 for claim in self.model.claims().values() if claim["state"] == "submitted"]):
            return self.submit_claim(data)
        named: dict[str, Any] = {"by": self.by(data, "supervisor", "registrar"), "key": self.key(data)}
        if do == "reject":
            named["reason"] = self.reason(data)
        elif data.draw(mostly([False, False], True), "dated"):
            named["day"] = self.day(data, past=3)
        return Command(f"claims.{do}", (self.claim(data, "submitted"),), named)

    def argue_about_claim(self, data: st.DataObject) -> Command:
        if self.idle(data, [1 for claim in self.model.claims().values() if claim["state"] in ARGUABLE]):
            return self.review_claim(data)
        objected = [seq for seq, claim in self.model.claims().items() if claim["state"] == "objected"]
        doing = ["dismiss", "uphold"] if objected else ["object", "object", "withdraw"]
        do = data.draw(st.sampled_from([*doing * 6, "object", "dismiss", "uphold", "withdraw"]), "do")
        named: dict[str, Any] = {"by": self.by(data, "supervisor", "clerk"), "key": self.key(data)}
        if do in ("object", "uphold"):
            named["reason"] = self.reason(data)
        states = {"object": ("approved",), "withdraw": ("submitted", "approved")}.get(do, ("objected",))
        return Command(f"claims.{do}", (self.claim(data, *states),), named)

    def post_claim(self, data: st.DataObject) -> Command:
        """Those whose notice is over most often."""
        if self.idle(data, [1 for claim in self.model.claims().values() if claim["state"] == "approved"]):
            return self.review_claim(data)
        yesterday = self.model.today() - timedelta(days=1)
        named = {"by": self.by(data, "clerk"), **self.also(data), "key": self.key(data)}
        ripe = [
            seq
            for seq, claim in self.model.claims().items()
            if claim["state"] == "approved" and claim["until"] <= yesterday
        ]
        if ripe and data.draw(mostly([True], False), "ripe"):
            return Command("claims.post", (data.draw(st.sampled_from(ripe), "claim"),), named)
        return Command("claims.post", (self.claim(data, "approved"),), named)

    SERVICES = (
        record_service,
        record_service,
        record_service,
        submit_claim,
        review_claim,
        post_claim,
        argue_about_claim,
    )

    @rule(data=st.data(), times=st.integers(1, 4))
    def services_are_recorded(self, data: st.DataObject, times: int) -> None:
        for _ in range(times):
            self.send(self.record_service(data))

    @rule(data=st.data(), command=st.sampled_from((submit_claim, review_claim, post_claim, argue_about_claim)))
    def claims_go_their_way(self, data: st.DataObject, command: Any) -> None:
        self.send(command(self, data))
