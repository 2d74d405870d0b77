"""Services and claims: what was done is measured, judged by caps, paid, and awarded."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from tests.naive.facts import SECOND, Answer, Fact, No, holder
from tests.naive.inputs import (
    bad_amount,
    bad_evidence,
    bad_key,
    bad_measure,
    bad_member,
    bad_slugs,
    given,
)
from tests.naive.lots import Expiry
from tests.naive.rules import Rules, of_rules, too_long, worth

MEASURES = ("minutes", "occasions", "grade", "start")
NEXT = {
    "approve": ("submitted", "approved"),
    "reject": ("submitted", "rejected"),
    "object": ("approved", "objected"),
    "dismiss": ("objected", "approved"),
    "uphold": ("objected", "rejected"),
}
Items = list[tuple[str, Rules]]


def spelt(measure: Rules) -> Rules:
    """A measure as an entry says it: what is given."""
    return {name: measure[name] for name in MEASURES if measure[name] is not None}


def span(day: date, measure: Rules) -> tuple[datetime, datetime]:
    """From when to when, if the measure says."""
    hours, minutes = map(int, measure["start"].split(":"))
    begin = datetime(day.year, day.month, day.day, hours, minutes)  # noqa: DTZ001 - the clock on the wall
    return begin, begin + timedelta(minutes=measure["minutes"] or 0)


def period_of(day: date, length: str) -> str:
    return day.isoformat()[: {"day": 10, "month": 7, "year": 4}[length]]


class Awards(Expiry):
    """From service to points."""

    # --- what is known ---

    def awards_of(self, member: str) -> list[tuple[int, Fact, Rules, int]]:
        """Standing awards of a member: place, fact, measure, points."""
        return [
            (seq, fact, measure, points)
            for seq, fact in self.standing("award")
            for (one, measure), points in zip(fact["items"], fact["each"], strict=True)
            if one == member
        ]

    def claims(self) -> dict[int, Fact]:
        """All claims with the state they have come to."""
        found: dict[int, Fact] = {}
        for seq, fact in self.of("claim", "award"):
            do = fact.get("do")
            if do == "submit":
                found[seq] = {**fact, "state": "submitted", "reviewer": None, "until": None, "award": None}
            elif fact["kind"] == "award" and fact["ref"] is not None:
                found[fact["ref"]].update(state="awarded", award=seq)
            elif fact["kind"] == "claim":
                claim = found[fact["ref"]]
                claim["state"] = "withdrawn" if do == "withdraw" else NEXT[do][1]
                claim["reviewer"] = fact["by"] if do in ("approve", "reject") else claim["reviewer"]
                claim["until"] = fact.get("until", claim["until"])
                claim["objector"] = fact["by"] if do == "object" else claim.get("objector")
        return found

    def evidence_seen(self, evidence: str | None) -> bool:
        """Whether it stands for a claim that was neither rejected nor withdrawn, or for an award by itself."""
        for claim in self.claims().values():
            if evidence == claim["evidence"] and claim["state"] not in ("rejected", "withdrawn"):
                return evidence is not None
        alone = [fact for _, fact in self.of("award") if fact["ref"] is None]
        return evidence is not None and any(fact["evidence"] == evidence for fact in alone)

    def budget_of(self, org: str, day: date) -> Fact | None:
        """The budget in force for an organisation on *day*: the latest word for its first day."""
        found: dict[date, Fact] = {}
        for _, fact in self.of("budget"):
            if fact["org"] == org:
                found[fact["first"]] = fact
        return next((fact for fact in found.values() if fact["first"] <= day <= fact["last"]), None)

    # --- what caps and budgets say ---

    def cap_left_out(self, book: Rules, service: str, items: Items, day: date) -> set[str]:
        """Whether an award of these items on *day* would pass a cap."""
        people = len(items) if len(items) > 1 else 1
        for cap in book.get("cap", []):
            if cap.get("service", service) != service:
                continue
            for place, (member, measure) in enumerate(items):
                group = [member] if cap["per"] == "member" else self.family(member, day)
                wanted = sum(
                    amount_for(cap, book, service, one_measure, day, people)
                    for one, one_measure in items[: place + 1]
                    if one in group
                )
                used = sum(
                    points if cap["of"] == "points" else plain_amount(cap, one_measure)
                    for one in group
                    for _, fact, one_measure, points in self.awards_of(one)
                    if period_of(fact["day"], cap["in"]) == period_of(day, cap["in"])
                    and cap.get("service", fact["service"]) == fact["service"]
                )
                if amount_for(cap, book, service, measure, day, people) and used + wanted > cap["most"]:
                    return {"cap-passed"}
        return set()

    def _overlaps(self, book: Rules, items: Items, day: date) -> set[str]:
        """Whether a member would have been in two places at once."""
        if of_rules(book, "overlap") == "allowed":
            return set()
        for member, measure in items:
            if measure["start"] is None:
                continue
            begin, end = span(day, measure)
            for _, fact, other, _ in self.awards_of(member):
                if other["start"] is not None:
                    other_begin, other_end = span(fact["day"], other)
                    if begin < other_end and other_begin < end:
                        return {"times-overlap"}
        return set()

    def _judged(self, service: str, items: Items, day: date) -> set[str]:
        """Whether everybody gets something; duration, overlap, caps."""
        book = self.rulebook(day) or {}
        wrong = {"duration-wrong" for _, measure in items if too_long(book, service, measure)}
        if any(
            not measure["minutes"] and not worth(book, service, measure, day, len(items)) for _, measure in items
        ):
            wrong.add("nothing-to-award")
        return wrong | self._overlaps(book, items, day) | self.cap_left_out(book, service, items, day)

    # --- the moves of an award ---

    def _award_moves(
        self, book: Rules, service: str, items: Items, *, day: date, org: str, recipient: str | None
    ) -> tuple[list[Any], list[int], set[str]]:
        """The moves, the points of each item, and what is missing to pay for them."""
        row = book["service"][service]
        limit = of_rules(book, "hold_at_most_minutes")
        pool, moves, each, wrong = holder("L:POOL", org), [], [], set()
        changed: dict[tuple[str, str], int] = {}

        def now(account: str, unit: str) -> int:
            return self.held(account, unit) + changed.get((account, unit), 0)

        def move(debit: str, credit: str, unit: str, amount: int, code: str = "") -> None:
            if not amount:
                return
            if debit.startswith("L:") and amount > now(debit, unit):
                wrong.add(code)
            for account, delta in ((debit, -amount), (credit, amount)):
                if account[0] in "LA":
                    delta = -delta if account[0] == "A" else delta
                    changed[account, unit] = changed.get((account, unit), 0) + delta
            moves.append((debit, credit, unit, amount))

        payer, pays = row.get("payer", "programme"), row.get("pays", "points")
        for member, measure in items:
            points, minutes = worth(book, service, measure, day, len(items)), measure["minutes"] or 0
            account = f"L:M:{member}"
            for unit, amount, what, source in (
                ("PTS", points, "points", holder("X:AWARDED", org)),
                ("MIN", minutes, "minutes", holder("X:SERVICE", org)),
            ):
                code = ""
                if payer == "pool" and pays == what:
                    source, code = pool, "not-enough-in-pool"
                elif payer == "recipient" and pays == what:
                    source, code = f"L:M:{recipient}", f"not-enough-{what}"
                move(source, account, unit, amount, code)
            if limit is not None and minutes:
                move(account, pool, "MIN", min(minutes, max(0, now(account, "MIN") - limit)))
            debt = f"A:DEBT:{member}"
            move(account, debt, "PTS", min(points, now(debt, "PTS")))
            each.append(points)
        return moves, each, wrong

    def _post_award(
        self, service: str, items: Items, *, day: date, org: str, by: str, ok: str, also: str | None, **names: Any
    ) -> Answer:
        """What caps, budget and payers say, and the award itself."""
        book = self.rulebook(day) or {}
        if wrong := self._judged(service, items, day):
            return No(wrong)
        recipient = names.get("recipient")
        size = len(self.facts)
        row = book["service"][service]
        if recipient is not None and row.get("pays", "points") == "points":
            self._lapse(recipient, by)
        moves, each, short = self._award_moves(book, service, items, day=day, org=org, recipient=recipient)
        third = self._third(also, by, ok)
        paid = sum(amount for debit, _, _, amount in moves if debit.startswith("X:AWARDED"))
        over = self._over_budget(org, day, paid)
        if wrong := third or ({"budget-passed"} if over and also is None else set()):
            del self.facts[size:]
            return No(wrong)
        if short:
            del self.facts[size:]
            return No(short)
        body: Rules = {"service": service}
        if len(items) == 1:
            body |= spelt(items[0][1])
        else:
            body["items"] = [[member, spelt(measure)] for member, measure in items]
        if row.get("shared") and len(items) > 1:
            body["people"] = len(items)
        body |= {name: names[name] for name in ("evidence", "recipient") if names[name] is not None}
        body |= {"also": also} if over else {}
        return self._add(
            "award",
            by=by,
            ok=ok,
            day=day,
            service=service,
            org=org,
            items=items,
            each=each,
            moves=moves,
            body=body,
            **names,
        )

    def _over_budget(self, org: str, day: date, points: int) -> bool:
        """Whether what the programme would pay passes the organisation's budget."""
        budget = self.budget_of(org, day)
        if budget is None or not points:
            return False
        used = self.sum_of(holder("X:AWARDED", org), "PTS", first=budget["first"], last=budget["last"])
        return used + points > budget["points"]

    def _third(self, also: str | None, by: str, ok: str | None) -> set[str]:
        """Why *also* may not be the third person, who is looked at together with the budget."""
        if also is None:
            return set()
        if also not in self.operators():
            return {"unknown-operator"}
        wrong = set() if self.operators()[also] in SECOND else {"role-not-allowed"}
        return wrong | ({"self-approval"} if also in (by, ok) else set())

    def _paid_by(self, book: Rules | None, service: str, recipient: str | None, members: list[str]) -> set[str]:
        """A recipient is named where they pay, and nowhere else; nobody pays themselves."""
        if book is None or service not in book["service"]:
            return set()
        pays = book["service"][service].get("payer") == "recipient"
        return {"recipient-wrong"} if pays != (recipient is not None) or recipient in members else set()

    # --- the one-step way ---

    def services_record(
        self,
        member: Any,
        service: Any,
        *,
        day: Any,
        minutes: Any = None,
        occasions: Any = None,
        grade: Any = None,
        start: Any = None,
        recipient: Any = None,
        evidence: Any = None,
        org: Any = None,
        by: Any,
        approved_by: Any,
        also_approved_by: Any = None,
        key: Any = None,
    ) -> Answer:
        measure = {"minutes": minutes, "occasions": occasions, "grade": grade, "start": start}
        bad = bad_member(member, *given(recipient)) | bad_slugs(service, by) | bad_key(key) | self._bad_past(day)
        bad |= bad_slugs(*given(approved_by, also_approved_by, org)) | bad_measure(measure)
        bad |= bad_evidence(evidence) if evidence is not None else set()
        if bad:
            return No(bad)
        request = ("services.record", member, service, day, *measure.values(), recipient, evidence, org)
        request += (by, approved_by, also_approved_by)
        if before := self._before(key, request):
            return before
        wrong = self._unknown(members=[member, *given(recipient)], organisation=org, operators=[by, approved_by])
        book = self.rulebook(day)
        wrong |= self._unfit(service, measure, day) | self._paid_by(book, service, recipient, [member])
        if wrong:
            return No(wrong)
        approvers = self.approvers(service, day)
        wrong = self._may("record-service", by, approved_by, approvers=approvers)
        if wrong := wrong or self._closed(day):
            return No(wrong)
        if of_rules(book or {}, "notice_days"):
            wrong.add("claim-needed")
        if self.evidence_seen(evidence):
            wrong.add("evidence-seen")
        if wrong:
            return No(wrong)
        return self._post_award(
            service,
            [(member, measure)],
            day=day,
            org=org or self.home("member", member, day),
            by=by,
            ok=approved_by,
            also=also_approved_by,
            recipient=recipient,
            evidence=evidence,
            key=key,
            request=request,
        )

    # --- claims ---

    def claims_submit(
        self,
        service: Any,
        members: Any,
        *,
        day: Any,
        minutes: Any = None,
        occasions: Any = None,
        grade: Any = None,
        start: Any = None,
        org: Any = None,
        evidence: Any = None,
        recipient: Any = None,
        order: Any = None,
        by: Any,
        key: Any = None,
        inside: bool = False,
    ) -> Answer:
        """*members* is a list, all with the one measure, or measures by member; *inside*: an order's claim."""
        shared = {"minutes": minutes, "occasions": occasions, "grade": grade, "start": start}
        if isinstance(members, dict):
            items = [(member, {name: getattr(one, name) for name in MEASURES}) for member, one in members.items()]
        else:
            items = [(member, shared) for member in members]
        names = [member for member, _ in items]
        bad = bad_member(*names, *given(recipient)) | bad_slugs(service, by, *given(org)) | bad_key(key)
        bad |= self._bad_past(day).union(*(bad_measure(measure) for _, measure in items))
        bad |= bad_evidence(evidence) if evidence is not None else set()
        bad |= bad_amount(len(items), 200) | ({"bad-code"} if len(set(names)) < len(names) else set())
        if bad:
            return No(bad)
        request = ("claims.submit", service, items, day, org, evidence, recipient, order, by)
        if before := self._before(key, request):
            return before
        wrong = self._unknown(members=[*names, *given(recipient)], organisation=org, operators=[by])
        wrong = wrong.union(*(self._unfit(service, measure, day) for _, measure in items))
        wrong |= self._paid_by(self.rulebook(day), service, recipient, names)
        wrong |= {"unknown-order"} if order is not None and order not in self.orders() else set()
        if wrong := wrong or self._may("submit-claim", by, day=day):
            return No(wrong)
        if wrong := self._not_of_order(order, names, day):
            return No(wrong)
        if self.evidence_seen(evidence):
            return No({"evidence-seen"})
        if wrong := self._judged(service, items, day):
            return No(wrong)
        place = org or self.home("member", names[0], day)
        body = {
            "do": "submit",
            "service": service,
            "org": place,
            "items": [[member, spelt(measure)] for member, measure in items],
        }
        body |= {"evidence": evidence} if evidence is not None else {}
        body |= {"recipient": recipient} if recipient is not None else {}
        body |= {"order": order} if order is not None else {}
        return self._add(
            "claim",
            by=by,
            day=day,
            do="submit",
            service=service,
            org=place,
            items=items,
            evidence=evidence,
            recipient=recipient,
            order=order,
            body=body,
            key=key,
            request=request,
        )

    def orders(self) -> dict[int, Fact]:
        """Every order as it stands; told in the room of orders."""
        raise NotImplementedError

    def is_claimed(self, order: Fact) -> bool:
        """Whether a claim of the order stands: one that was neither rejected nor withdrawn."""
        last = self.claims().get(order["claim"])
        return last is not None and last["state"] not in ("rejected", "withdrawn")

    def _not_of_order(self, order: int | None, members: list[str], day: date) -> set[str]:
        """An order is claimed once, for its volunteer alone, on the day on which it was finished."""
        if order is None:
            return set()
        found = self.orders()[order]
        if found["state"] != "rated" or not found["done"]:
            return {"wrong-state"}
        if self.is_claimed(found):
            return {"wrong-state", "order-claimed"}
        right = members == [found["volunteer"]] and day == found["finished"]
        return set() if right else {"claim-not-of-order"}

    def _answer_claim(
        self, do: str, claim: Any, *, reason: Any = None, day: Any = None, by: Any, key: Any
    ) -> Answer:
        bad = bad_slugs(by, *given(reason)) | bad_key(key) | self._bad_past(*given(day))
        if bad:
            return No(bad)
        request = ("claims", do, claim, reason, day, by)
        if before := self._before(key, request):
            return before
        wrong = self._unknown(operators=[by])
        if claim not in self.claims():
            wrong.add("unknown-claim")
        elif do in ("approve", "reject"):
            found = self.claims()[claim]
            if found["service"] not in (self.rulebook(found["day"]) or {})["service"]:
                wrong.add("unknown-service")
        if wrong:
            return No(wrong)
        found = self.claims()[claim]
        if wrong := self._may_answer(do, found, by) or self._closed(day):
            return No(wrong)
        if found["state"] not in (["submitted", "approved"] if do == "withdraw" else [NEXT[do][0]]):
            wrong.add("claim-not-open")
        if (day or self.today()) < found["day"]:
            wrong.add("answer-too-early")
        if wrong:
            return No(wrong)
        if do == "object" and self.today() > found["until"]:
            return No({"notice-over"})
        names: Rules = {}
        if do == "approve":
            notice = of_rules(self.rulebook(found["day"]) or {}, "notice_days")
            if notice and day is not None and day < self.today():
                return No({"notice-backdated"})
            names["until"] = (day or self.today()) + timedelta(days=notice)
        body = {"do": do} | ({"reason": reason} if reason is not None else {})
        return self._add("claim", by=by, day=day, ref=claim, do=do, body=body, key=key, request=request, **names)

    def _may_answer(self, do: str, claim: Fact, by: str) -> set[str]:
        if do in ("approve", "reject"):
            wrong = self._may("review-claim", by)
            if self.operators()[by] not in self.approvers(claim["service"], claim["day"]):
                wrong.add("role-not-allowed")
            return wrong | ({"self-approval"} if by == claim["by"] else set())
        if do in ("dismiss", "uphold"):
            wrong = self._may("decide-objection", by)
            return wrong | ({"self-approval"} if by == claim.get("objector") else set())
        if do == "withdraw" and by != claim["by"] and self.operators()[by] not in SECOND:
            return {"role-not-allowed"}
        return self._may("submit-claim" if do == "withdraw" else "object-claim", by)

    def claims_approve(self, claim: Any, *, day: Any = None, by: Any, key: Any = None) -> Answer:
        return self._answer_claim("approve", claim, day=day, by=by, key=key)

    def claims_reject(self, claim: Any, *, reason: Any, day: Any = None, by: Any, key: Any = None) -> Answer:
        return self._answer_claim("reject", claim, reason=reason, day=day, by=by, key=key)

    def claims_object(self, claim: Any, *, reason: Any, by: Any, key: Any = None) -> Answer:
        return self._answer_claim("object", claim, reason=reason, by=by, key=key)

    def claims_dismiss(self, claim: Any, *, by: Any, key: Any = None) -> Answer:
        return self._answer_claim("dismiss", claim, by=by, key=key)

    def claims_uphold(self, claim: Any, *, reason: Any, by: Any, key: Any = None) -> Answer:
        return self._answer_claim("uphold", claim, reason=reason, by=by, key=key)

    def claims_withdraw(self, claim: Any, *, by: Any, key: Any = None) -> Answer:
        return self._answer_claim("withdraw", claim, by=by, key=key)

    def claims_post(self, claim: Any, *, by: Any, also_approved_by: Any = None, key: Any = None) -> Answer:
        bad = bad_slugs(by, *given(also_approved_by)) | bad_key(key)
        if bad:
            return No(bad)
        request = ("claims.post", claim, by, also_approved_by)
        if before := self._before(key, request):
            return before
        wrong = self._unknown(operators=[by])
        if claim not in self.claims():
            wrong.add("unknown-claim")
        if wrong:
            return No(wrong)
        found = self.claims()[claim]
        unfit = [self._unfit(found["service"], measure, found["day"]) for _, measure in found["items"]]
        if wrong := wrong.union(*unfit):
            return No(wrong)
        wrong = self._may("post-claim", by)
        wrong |= {"self-approval"} if by == found["reviewer"] else set()
        if wrong := wrong or self._closed(found["day"]):
            return No(wrong)
        if found["state"] != "approved":
            return No({"claim-not-open"})
        notice = of_rules(self.rulebook(found["day"]) or {}, "notice_days")
        if notice and self.today() <= found["until"]:
            return No({"notice-running"})
        return self._post_award(
            found["service"],
            found["items"],
            day=found["day"],
            org=found["org"],
            by=by,
            ok=found["reviewer"],
            also=also_approved_by,
            recipient=found["recipient"],
            evidence=found["evidence"],
            ref=claim,
            key=key,
            request=request,
        )


def plain_amount(cap: Rules, measure: Rules) -> int:
    """Minutes, or occasions; a grade is one occasion."""
    if cap["of"] == "minutes":
        return measure["minutes"] or 0
    return measure["occasions"] or (1 if measure["grade"] is not None else 0)


def amount_for(cap: Rules, book: Rules, service: str, measure: Rules, day: date, people: int) -> int:
    """What one measure adds to what a cap counts."""
    if cap["of"] == "points":
        return worth(book, service, measure, day, people)
    return plain_amount(cap, measure)
