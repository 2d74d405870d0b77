"""Orders: a resident asks, the community sends, a volunteer does, the resident rates."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.naive.awards import MEASURES
from tests.naive.facts import Answer, Fact, No
from tests.naive.inputs import bad_amount, bad_day, bad_key, bad_measure, bad_member, bad_slugs, given
from tests.naive.points import Points

STEPS = {
    "dispatch": (("open",), "dispatched"),
    "accept": (("open", "dispatched"), "accepted"),
    "decline": (("dispatched",), "open"),
    "finish": (("accepted",), "finished"),
    "rate": (("finished",), "rated"),
    "cancel": (("open", "dispatched", "accepted"), "cancelled"),
}


class Orders(Points):
    """What was asked for, and what came of it."""

    def orders(self) -> dict[int, Fact]:
        """Every order as it stands."""
        found: dict[int, Fact] = {}
        for seq, fact in self.of("order"):
            if fact["do"] == "open":
                blank = dict.fromkeys(("unit", "volunteer", "finished", "rated", "stars", "done", "claim"))
                found[seq] = {**fact, **blank, "state": "open", "opened": fact["day"]}
                continue
            order, do = found[fact["ref"]], fact["do"]
            order["state"] = STEPS[do][1]
            order |= {name: fact[name] for name in ("volunteer", "unit", "stars", "done") if name in fact}
            if do == "finish":
                order["finished"] = fact["day"]
            if do == "rate":
                order["rated"] = fact["day"]
            if do == "decline":
                order |= {"volunteer": None, "unit": None}
        for seq, fact in self.of("claim"):
            if fact.get("order") is not None:
                found[fact["order"]]["claim"] = seq
        return found

    def overdue(self, day: date) -> list[int]:
        """Orders whose day is past and that nobody has finished."""
        return [
            seq
            for seq, order in self.orders().items()
            if order["due"] is not None
            and order["due"] < day
            and order["state"] in ("open", "dispatched", "accepted")
        ]

    def orders_open(
        self,
        kind: Any,
        *,
        member: Any,
        org: Any = None,
        due: Any = None,
        day: Any = None,
        by: Any,
        key: Any = None,
    ) -> Answer:
        bad = bad_slugs(kind, by, *given(org)) | bad_member(member) | bad_key(key) | self._bad_past(*given(day))
        bad |= bad_day(*given(due))
        if bad:
            return No(bad)
        request = ("orders.open", kind, member, org, due, day, by)
        if before := self._before(key, request):
            return before
        when = day or self.today()
        if due is not None and due < when:
            return No({"due-too-early"})
        wrong = self._unknown(member=member, organisation=org, operators=[by])
        book = self.rulebook(when)
        if book is None:
            wrong.add("no-rulebook")
        elif kind not in book.get("order", {}):
            wrong.add("unknown-order-kind")
        if wrong := wrong or self._may("serve-order", by, day=day):
            return No(wrong)
        place = org or self.home("member", member, when)
        days = (book or {})["order"][kind].get("days")
        last = due or (None if days is None else when + timedelta(days=days))
        body = {"do": "open", "org": place, "order": kind, "member": member}
        body |= {"due": last.isoformat()} if last is not None else {}
        return self._add(
            "order",
            by=by,
            day=day,
            do="open",
            org=place,
            order=kind,
            member=member,
            due=last,
            body=body,
            key=key,
            request=request,
        )

    def _step(self, do: str, order: Any, *, by: Any, key: Any, day: Any = None, **said: Any) -> Answer:
        bad = bad_slugs(by, *given(said.get("reason"), said.get("unit"))) | bad_key(key)
        bad |= bad_member(*given(said.get("volunteer"))) | self._bad_past(*given(day))
        if do == "rate":
            bad |= bad_amount(said["stars"], 5) | (set() if type(said["done"]) is bool else {"bad-code"})
        if do == "dispatch" and (said["unit"] is None) == (said["volunteer"] is None):
            bad.add("dispatch-unclear")
        if bad:
            return No(bad)
        request = ("orders", do, order, tuple(said.items()), day, by)
        if before := self._before(key, request):
            return before
        wrong = self._unknown(operators=[by], members=given(said.get("volunteer")))
        if order not in self.orders():
            wrong.add("unknown-order")
        if wrong := wrong or self._may("serve-order", by, day=day):
            return No(wrong)
        found = self.orders()[order]
        if said.get("volunteer") == found["member"]:
            return No({"own-order"})
        if found["state"] not in STEPS[do][0]:
            return No({"wrong-state"})
        if (day or self.today()) < (found["finished"] or found["opened"]):
            return No({"step-too-early"})
        body = {"do": do} | {
            "to" if name == "unit" else name: value for name, value in said.items() if value is not None
        }
        return self._add("order", by=by, day=day, ref=order, do=do, body=body, key=key, request=request, **said)

    def orders_dispatch(
        self, order: Any, *, to: Any = None, volunteer: Any = None, day: Any = None, by: Any, key: Any = None
    ) -> Answer:
        return self._step("dispatch", order, unit=to, volunteer=volunteer, day=day, by=by, key=key)

    def orders_accept(self, order: Any, volunteer: Any, *, day: Any = None, by: Any, key: Any = None) -> Answer:
        return self._step("accept", order, volunteer=volunteer, day=day, by=by, key=key)

    def orders_decline(self, order: Any, *, reason: Any, day: Any = None, by: Any, key: Any = None) -> Answer:
        return self._step("decline", order, reason=reason, day=day, by=by, key=key)

    def orders_finish(self, order: Any, *, day: Any = None, by: Any, key: Any = None) -> Answer:
        return self._step("finish", order, day=day, by=by, key=key)

    def orders_rate(
        self, order: Any, *, stars: Any, done: Any, day: Any = None, by: Any, key: Any = None
    ) -> Answer:
        return self._step("rate", order, stars=stars, done=done, day=day, by=by, key=key)

    def orders_cancel(self, order: Any, *, reason: Any, day: Any = None, by: Any, key: Any = None) -> Answer:
        return self._step("cancel", order, reason=reason, day=day, by=by, key=key)

    def orders_claim(self, order: Any, service: Any, *, by: Any, key: Any = None, **measure: Any) -> Answer:
        """The claim of an order's volunteer, for the day on which it was finished.

        The order is looked at before it is known of which day the claim is, and so before the measure.
        """
        found = self.orders().get(order)
        answer = self._orders_claim(order, service, by=by, key=key, **measure)
        if isinstance(answer, No) and (found is None or not found["done"] or self.is_claimed(found)):
            return No(answer.codes | {"unknown-order" if found is None else "wrong-state"})
        return answer

    def _orders_claim(self, order: Any, service: Any, *, by: Any, key: Any = None, **measure: Any) -> Answer:
        bad = bad_slugs(service, by) | bad_key(key)
        bad |= bad_measure({name: measure[name] for name in MEASURES if name in measure})
        if bad:
            return No(bad)
        wrong = self._unknown(operators=[by]) | (set() if order in self.orders() else {"unknown-order"})
        if wrong:
            return No(wrong)
        found = self.orders()[order]
        if found["finished"] is None:
            return No(self._may("submit-claim", by) or {"wrong-state"})
        return self.claims_submit(
            service, [found["volunteer"]], day=found["finished"], order=order, by=by, key=key, **measure
        )
