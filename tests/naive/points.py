"""Points on other ways: deductions and appeals, gifts, pools, budgets, and corrections."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.naive.awards import Awards
from tests.naive.facts import Answer, Fact, No, change, holder, turned
from tests.naive.inputs import bad_amount, bad_day, bad_key, bad_member, bad_slugs, given
from tests.naive.rules import of_rules

REVERSIBLE = ("award", "opening", "redemption", "stock", "deduction", "gift", "grant")
MOST_POINTS = 10**12


class Points(Awards):
    """What happens to points once they are there."""

    # --- deductions and appeals ---

    def appeals(self) -> dict[int, str]:
        """The state of the appeal against each deduction that was appealed."""
        states: dict[int, str] = {}
        for _, fact in self.of("appeal", "reversal"):
            if fact["kind"] == "appeal":
                states[fact["ref"]] = {"lodge": "lodged", "deny": "denied", "grant": "granted"}[fact["do"]]
            elif fact.get("appeal"):
                states[fact["ref"]] = "granted"
        return states

    def deductions_record(
        self,
        member: Any,
        deduction: Any,
        *,
        day: Any,
        org: Any = None,
        by: Any,
        approved_by: Any,
        key: Any = None,
    ) -> Answer:
        bad = bad_member(member) | bad_slugs(deduction, by, *given(approved_by, org)) | bad_key(key)
        bad |= self._bad_past(day)
        if bad:
            return No(bad)
        request = ("deductions.record", member, deduction, day, org, by, approved_by)
        if before := self._before(key, request):
            return before
        wrong = self._unknown(member=member, organisation=org, operators=[by, approved_by])
        book = self.rulebook(day)
        if book is None:
            wrong.add("no-rulebook")
        elif deduction not in book.get("deduction", {}):
            wrong.add("unknown-deduction")
        if wrong := wrong or self._may("deduct", by, approved_by, day=day):
            return No(wrong)
        wanted = (book or {})["deduction"][deduction]["points"]
        self._lapse(member, by)
        points = min(wanted, self.balance(member)["points"])
        place = org or self.home("member", member, day)
        return self._add(
            "deduction",
            by=by,
            ok=approved_by,
            day=day,
            member=member,
            moves=[(f"L:M:{member}", holder("I:DEDUCTED", str(place)), "PTS", points)],
            body={"member": member, "deduction": deduction, "points": wanted},
            key=key,
            request=request,
        )

    def deductions_lodge(self, deduction: Any, *, reason: Any, by: Any, key: Any = None) -> Answer:
        bad = bad_slugs(reason, by) | bad_key(key)
        if bad:
            return No(bad)
        request = ("deductions.lodge", deduction, reason, by)
        if before := self._before(key, request):
            return before
        wrong = self._unknown(operators=[by]) | self._no_deduction(deduction)
        if wrong := wrong or self._may("lodge-appeal", by):
            return No(wrong)
        fact = self.facts[deduction]
        if deduction in self.appeals():
            wrong.add("already-exists")
        if self.reversed_by(deduction) is not None:
            wrong.add("already-resolved")
        if self.today() > fact["day"] + timedelta(days=of_rules(self.rulebook(fact["day"]) or {}, "appeal_days")):
            wrong.add("appeal-too-late")
        if wrong:
            return No(wrong)
        body = {"do": "lodge", "reason": reason}
        return self._add("appeal", by=by, ref=deduction, do="lodge", body=body, key=key, request=request)

    def _no_deduction(self, seq: int) -> set[str]:
        right = 0 <= seq < len(self.facts) and self.facts[seq]["kind"] == "deduction"
        return set() if right else {"unknown-entry"}

    def _no_appeal(self, seq: int) -> set[str]:
        return self._no_deduction(seq) or (set() if seq in self.appeals() else {"unknown-appeal"})

    def _decide(self, do: str, deduction: Any, by: Any, approved_by: Any, key: Any) -> Answer:
        bad = bad_slugs(by, *given(approved_by)) | bad_key(key)
        if bad:
            return No(bad)
        request = ("deductions", do, deduction, by, approved_by)
        if before := self._before(key, request):
            return before
        if wrong := self._unknown(operators=[by, approved_by]) | (self._no_appeal(deduction)):
            return No(wrong)
        fact = self.facts[deduction]
        wrong = self._may("decide-appeal", by, approved_by)
        wrong |= {"self-approval"} if {by, approved_by} & {fact["by"], fact["ok"]} else set()
        if wrong:
            return No(wrong)
        if self.appeals().get(deduction) != "lodged":
            wrong.add("appeal-not-open")
        if do == "grant" and self.reversed_by(deduction) is not None:
            wrong.add("already-resolved")
        if wrong:
            return No(wrong)
        names: dict[str, Any] = {"by": by, "ok": approved_by, "ref": deduction, "key": key, "request": request}
        if do == "grant" and fact["moves"]:
            moves = turned(fact["moves"])
            return self._add("reversal", moves=moves, member=fact["member"], appeal=True, **names)
        return self._add("appeal", do=do, body={"do": do}, **names)

    def deductions_deny(self, deduction: Any, *, by: Any, approved_by: Any, key: Any = None) -> Answer:
        return self._decide("deny", deduction, by, approved_by, key)

    def deductions_grant(self, deduction: Any, *, by: Any, approved_by: Any, key: Any = None) -> Answer:
        return self._decide("grant", deduction, by, approved_by, key)

    # --- gifts and pools ---

    def gifts_give(
        self,
        giver: Any,
        *,
        to: Any = None,
        pool: Any = None,
        relation: Any = None,
        points: Any = None,
        minutes: Any = None,
        by: Any,
        key: Any = None,
    ) -> Answer:
        bad = bad_member(giver, *given(to)) | bad_slugs(by, *given(pool, relation)) | bad_key(key)
        bad |= set().union(*(bad_amount(amount, MOST_POINTS) for amount in given(points, minutes)))
        if (to is None) == (pool is None) or giver == to or (to is None and relation is not None):
            bad |= {"receiver-unclear"}
        if (points is None) == (minutes is None):
            bad |= {"amount-unclear"}
        if bad:
            return No(bad)
        request = ("gifts.give", giver, to, pool, relation, points, minutes, by)
        if before := self._before(key, request):
            return before
        wrong = self._unknown(members=[giver, *given(to)], organisation=pool, operators=[by])
        book = self.rulebook(self.today())
        wrong |= {"no-rulebook"} if book is None else set()
        if wrong := wrong or self._may("give", by):
            return No(wrong)
        rules = (book or {}).get("gift")
        what = "points" if minutes is None else "minutes"
        if (
            rules is None
            or what not in rules["units"]
            or ("relative" if pool is None else "pool") not in rules["to"]
            or (pool is None and relation not in rules.get("relations", []))
        ):
            return No({"gift-not-allowed"})
        size = len(self.facts)
        if what == "points":
            self._lapse(giver, by)
        unit, amount = ("PTS", points) if minutes is None else ("MIN", minutes)
        if amount > self.balance(giver)[what]:
            del self.facts[size:]
            return No({f"not-enough-{what}"})
        body = {"from": giver, "unit": unit} | ({"to": to} if pool is None else {"pool": pool})
        body |= {"relation": relation} if relation is not None else {}
        target = f"L:M:{to}" if pool is None else holder("L:POOL", pool)
        moves = [(f"L:M:{giver}", target, unit, amount)]
        return self._add("gift", by=by, moves=moves, body=body, key=key, request=request)

    def pool(self, org: str) -> dict[str, int]:
        account = holder("L:POOL", org)
        return {"points": self.held(account, "PTS"), "minutes": self.held(account, "MIN")}

    def pools_grant(
        self,
        org: Any,
        member: Any,
        *,
        points: Any = None,
        minutes: Any = None,
        reason: Any,
        by: Any,
        approved_by: Any,
        key: Any = None,
    ) -> Answer:
        bad = bad_member(member) | bad_slugs(org, reason, by, *given(approved_by)) | bad_key(key)
        bad |= set().union(*(bad_amount(amount, MOST_POINTS) for amount in given(points, minutes)))
        if (points is None) == (minutes is None):
            bad |= {"amount-unclear"}
        if bad:
            return No(bad)
        request = ("pools.grant", org, member, points, minutes, reason, by, approved_by)
        if before := self._before(key, request):
            return before
        wrong = self._unknown(member=member, organisation=org, operators=[by, approved_by])
        if wrong := wrong or self._may("grant", by, approved_by):
            return No(wrong)
        unit, amount = ("PTS", points) if minutes is None else ("MIN", minutes)
        if amount > self.held(holder("L:POOL", org), unit):
            return No({"not-enough-in-pool"})
        return self._add(
            "grant",
            by=by,
            ok=approved_by,
            moves=[(holder("L:POOL", org), f"L:M:{member}", unit, amount)],
            body={"pool": org, "member": member, "reason": reason},
            key=key,
            request=request,
        )

    # --- opening balances ---

    def openings_record(
        self,
        member: Any,
        *,
        points: Any = 0,
        minutes: Any = 0,
        day: Any = None,
        by: Any,
        approved_by: Any,
        key: Any = None,
    ) -> Answer:
        bad = bad_member(member) | bad_slugs(by, *given(approved_by)) | bad_key(key) | self._bad_past(*given(day))
        bad |= set().union(*(bad_amount(amount, MOST_POINTS) for amount in (points, minutes) if amount != 0))
        if points == minutes == 0:
            bad |= {"nothing-to-open"}
        if bad:
            return No(bad)
        request = ("openings.record", member, points, minutes, day, by, approved_by)
        if before := self._before(key, request):
            return before
        wrong = self._unknown(member=member, operators=[by, approved_by])
        if wrong := wrong or self._may("record-opening", by, approved_by, day=day):
            return No(wrong)
        opened = [seq for seq, fact in self.of("opening") if fact["member"] == member]
        if any(self.reversed_by(seq) is None for seq in opened):
            return No({"already-exists"})
        source = holder("E:OPENING", self.home("member", member, day or self.today()))
        amounts = (("PTS", points), ("MIN", minutes))
        return self._add(
            "opening",
            by=by,
            ok=approved_by,
            day=day,
            member=member,
            moves=[(source, f"L:M:{member}", unit, amount) for unit, amount in amounts if amount],
            body={"member": member},
            key=key,
            request=request,
        )

    # --- budgets ---

    def budgets_set(
        self, org: Any, *, first: Any, last: Any, points: Any, by: Any, approved_by: Any, key: Any = None
    ) -> Answer:
        bad = bad_slugs(org, by, *given(approved_by)) | bad_key(key) | bad_day(first, last)
        bad |= bad_amount(points, MOST_POINTS)
        if not bad_day(first, last) and last < first:
            bad.add("bad-day")
        if bad:
            return No(bad)
        request = ("budgets.set", org, first, last, points, by, approved_by)
        if before := self._before(key, request):
            return before
        wrong = self._unknown(organisation=org, operators=[by, approved_by])
        if wrong := wrong or self._may("set-budget", by, approved_by):
            return No(wrong)
        others = {fact["first"]: fact["last"] for _, fact in self.of("budget") if fact["org"] == org}
        others.pop(first, None)
        if any(first <= other_last and other <= last for other, other_last in others.items()):
            return No({"budget-overlaps"})
        return self._add(
            "budget",
            by=by,
            ok=approved_by,
            org=org,
            first=first,
            last=last,
            points=points,
            body={"org": org, "first": first.isoformat(), "last": last.isoformat(), "points": points},
            key=key,
            request=request,
        )

    # --- corrections ---

    def reverse(
        self,
        seq: Any,
        *,
        reason: Any = "mistake",
        day: Any = None,
        debt: bool = False,
        by: Any,
        approved_by: Any,
        key: Any = None,
    ) -> Answer:
        bad = bad_slugs(reason, by, *given(approved_by)) | bad_key(key) | self._bad_past(*given(day))
        if bad:
            return No(bad)
        request = ("reverse", seq, reason, day, debt, by, approved_by)
        if before := self._before(key, request):
            return before
        wrong = self._unknown(operators=[by, approved_by])
        if not 0 <= seq < len(self.facts):
            wrong.add("unknown-entry")
        elif self.facts[seq]["kind"] not in REVERSIBLE or not self.facts[seq]["moves"]:
            wrong.add("not-reversible")
        if wrong := wrong or self._may("reverse", by, approved_by, day=day):
            return No(wrong)
        if self.reversed_by(seq) is not None:
            wrong.add("already-resolved")
        if self.answers(seq, "return"):
            wrong.add("already-returned")
        if wrong:
            return No(wrong)
        fact = self.facts[seq]
        moves = turned(fact["moves"])
        lent = self._lent(fact, moves) if debt else []
        if wrong := self._below_zero([*lent, *moves]):
            return No(wrong)
        return self._add(
            "reversal",
            by=by,
            ok=approved_by,
            day=day,
            ref=seq,
            moves=[*lent, *moves],
            reason=reason,
            key=key,
            request=request,
        )

    def _lent(self, fact: Fact, moves: list[Any]) -> list[Any]:
        """What members owe after an award is taken back whose points they have spent."""
        lent = []
        for member, _ in fact["items"] if fact["kind"] == "award" else []:
            account = f"L:M:{member}"
            left = self.balance(member)["points"] + sum(change(move, account, "PTS") for move in moves)
            lent.append((f"A:DEBT:{member}", account, "PTS", max(0, -left)))
        return [move for move in lent if move[3]]

    def _below_zero(self, moves: list[Any]) -> set[str]:
        """What is not there any more to be moved; the moves are one after the other."""
        now: dict[tuple[str, str], int] = {}
        wrong = set()
        for move in moves:
            unit = move[2]
            for account in move[:2]:
                if account[0] in "AL":
                    place = account, unit
                    now[place] = now.get(place, self.held(account, unit)) + change(move, account, unit)
                    if now[place] < 0:
                        wrong.add(self._missing(account, unit))
        return wrong

    def _missing(self, account: str, unit: str) -> str:
        if account.startswith("L:M:"):
            return "not-enough-points" if unit == "PTS" else "not-enough-minutes"
        starts = {"L:POOL:": "in-pool", "L:S:": "takings", "A:S:": "stock"}
        return next(
            (f"not-enough-{what}" for start, what in starts.items() if account.startswith(start)), "below-zero"
        )
