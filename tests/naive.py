"""The whole narrow programme, done naively: a list of facts, and everything worked out from it each time.

No project import, no double entry, no projections: what the design says, in plain dicts and lists. A command
answers `Done` (what happened), `Again` (the same command with the same key was here before) or `No` with the
codes that the documented order of refusals allows; several rules of the same rank may name any one of theirs.

The order: input is wrong, already posted, unknown (also: no rulebook or price on the day, a measure that the
service does not have, an entry of a kind that is never taken back), not allowed, not active (or taken, out of
order, taken back already), not enough points, not enough stock."""

from __future__ import annotations

import copy
import re
import tomllib
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

ZONE_HOURS = 8
LEVELS = ["district", "street", "community", "grid", "building"]
MEMBER_KINDS = ["person", "household", "team"]
ROLES = ["clerk", "supervisor", "registrar", "auditor", "admin"]
BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECKS = BASE32 + "*~$=U"

POSTING = {"clerk", "registrar", "supervisor", "admin"}
SECOND = {"supervisor", "admin"}
MAY = {
    "organise": {"admin"},
    "enrol": {"registrar", "supervisor", "admin"},
    "block-card": POSTING,
    "set-price": SECOND,
    "record-service": POSTING,
    "receive-goods": POSTING,
    "reverse": POSTING,
    "redeem": {"clerk", "supervisor", "admin"},
}
TWO_PEOPLE = {"record-service", "receive-goods", "reverse"}


@dataclass
class Done:
    """The command happened, as the fact at *seq*."""

    seq: int


@dataclass
class Again:
    """The same command with the same key happened before, as the fact at *seq*."""

    seq: int


@dataclass
class No:
    """A refusal with one of *codes*."""

    codes: set[str]


Answer = Done | Again | No


@dataclass
class Naive:
    """A programme from its founding on. *now* is what the clock on the wall says, in UTC."""

    now: datetime
    admin: str = "admin"
    facts: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for kind, names in (
            ("genesis", {}),
            ("unit", {"unit": "PTS"}),
            ("unit", {"unit": "MIN"}),
            ("operator", {"operator": self.admin, "org": None, "role": "admin"}),
        ):
            self._add(kind, by=self.admin, **names)

    # --- the facts and the clock ---

    def _add(self, kind: str, *, by: str, day: date | None = None, **names: Any) -> Done:
        fact = {"kind": kind, "by": by, "ok": None, "key": None, "at": self.moment(), **names}
        self.facts.append({**fact, "day": day or self.today()})
        return Done(len(self.facts) - 1)

    def moment(self) -> datetime:
        """When a fact is recorded: the clock's whole second, but never before the last fact."""
        now = self.now.replace(microsecond=0)
        return max(now, self.facts[-1]["at"]) if self.facts else now

    def today(self) -> date:
        return (self.moment() + timedelta(hours=ZONE_HOURS)).date()

    def behind_seconds(self) -> int:
        """How far the clock is behind the last fact."""
        return int((self.moment() - self.now.replace(microsecond=0)).total_seconds())

    def copy(self) -> Naive:
        return copy.deepcopy(self)

    def of(self, *kinds: str) -> list[tuple[int, dict[str, Any]]]:
        """Places and facts of these kinds."""
        return [(seq, fact) for seq, fact in enumerate(self.facts) if fact["kind"] in kinds]

    # --- what is known ---

    def organisations(self) -> dict[str, dict[str, Any]]:
        return {fact["org"]: fact for _, fact in self.of("organisation")}

    def operators(self) -> dict[str, str]:
        """The role of each operator: the latest word counts."""
        return {fact["operator"]: fact["role"] for _, fact in self.of("operator")}

    def members(self) -> dict[str, str]:
        """The organisation of each member."""
        return {fact["member"]: fact["org"] for _, fact in self.of("member")}

    def cards(self) -> dict[str, dict[str, str]]:
        """Each card's member and state."""
        cards: dict[str, dict[str, str]] = {}
        for _, fact in self.of("member", "card"):
            if fact.get("old"):
                cards[fact["old"]]["state"] = "replaced"
            if fact.get("blocked"):
                cards[fact["blocked"]]["state"] = "blocked"
            if fact.get("card"):
                cards[fact["card"]] = {"member": fact["member"], "state": "active"}
        return cards

    def goods(self) -> list[str]:
        return sorted(fact["good"] for _, fact in self.of("goods"))

    def shops(self) -> list[str]:
        return sorted(fact["shop"] for _, fact in self.of("shop"))

    def rulebook(self, day: date) -> dict[str, Any] | None:
        """The rows in force on *day*."""
        books = [fact for _, fact in self.of("rulebook") if fact["from_day"] <= day]
        return books[-1]["services"] if books else None

    def prices(self, shop: str, day: date) -> dict[str, int]:
        """Points for one piece of each good on *day*; prices only come one after the other."""
        return {
            fact["good"]: fact["points"]
            for _, fact in self.of("price")
            if fact["shop"] == shop and fact["from_day"] <= day
        }

    def reversed_by(self, seq: int) -> int | None:
        return next((later for later, fact in self.of("reversal") if fact["ref"] == seq), None)

    # --- what is held ---

    def known(self, *, day: date | None = None, at_entry: int | None = None) -> list[dict[str, Any]]:
        """The facts of *day* or before, or the facts up to *at_entry*."""
        some = self.facts if at_entry is None else self.facts[: at_entry + 1]
        return [fact for fact in some if day is None or fact["day"] <= day]

    def balance(self, member: str, *, day: date | None = None, at_entry: int | None = None) -> dict[str, int]:
        mine = [fact for fact in self.known(day=day, at_entry=at_entry) if fact.get("of") == member]
        return {unit: sum(fact[unit] for fact in mine) for unit in ("points", "minutes")}

    def stock(self, shop: str, *, day: date | None = None) -> dict[str, int]:
        """Pieces of every good there is, also of those that ran out or had not come by *day*."""
        stock: dict[str, int] = dict.fromkeys(self.goods(), 0)
        for fact in self.facts:
            if fact.get("at_shop") == shop:
                for good, pieces in fact["pieces"].items():
                    stock[good] = stock.get(good, 0) + (pieces if day is None or fact["day"] <= day else 0)
        return stock

    def takings(self, shop: str, *, day: date | None = None) -> int:
        return sum(fact["takings"] for fact in self.known(day=day) if fact.get("at_shop") == shop)

    def movements(self, holder: str, what: str) -> list[tuple[date, int, int]]:
        """Day, place and change of a member's points or minutes, or a shop's takings or pieces, by day."""
        lines = []
        for seq, fact in enumerate(self.facts):
            if what in ("points", "minutes"):
                delta = fact[what] if fact.get("of") == holder else 0
            elif fact.get("at_shop") != holder:
                delta = 0
            else:
                delta = fact["takings"] if what == "takings" else fact["pieces"].get(what, 0)
            if delta:
                lines.append((fact["day"], seq, delta))
        return sorted(lines)

    def statement(
        self, holder: str, what: str, *, first: date | None = None, last: date | None = None
    ) -> tuple[int, list[tuple[int, int, int]], int]:
        """Opening, lines of place, change and balance after, and closing."""
        balance = opening = 0
        lines = []
        for day, seq, delta in self.movements(holder, what):
            if last is not None and day > last:
                continue
            balance += delta
            if first is not None and day < first:
                opening = balance
            else:
                lines.append((seq, delta, balance))
        return opening, lines, balance

    def trial_balance(self, day: date | None = None) -> dict[tuple[str, str], int]:
        """The chart of accounts, as the design's table spells it: every account that ever moved, by *day*."""
        totals: dict[tuple[str, str], int] = {}
        counts = True

        def add(account: str, unit: str, amount: int) -> None:
            line = account.upper(), unit.upper()
            if amount:
                totals[line] = totals.get(line, 0) + amount * counts

        for fact in self.facts:
            counts = day is None or fact["day"] <= day
            if fact.get("of"):
                add(f"L:M:{fact['of']}", "PTS", fact["points"])
                add(f"L:M:{fact['of']}", "MIN", fact["minutes"])
            if fact.get("for_org"):
                add(f"X:AWARDED:{fact['for_org']}", "PTS", fact["points"])
                add(f"X:SERVICE:{fact['for_org']}", "MIN", fact["minutes"])
            if fact.get("at_shop"):
                add(f"L:S:{fact['at_shop']}", "PTS", fact["takings"])
                for good, pieces in fact["pieces"].items():
                    add(f"A:S:{fact['at_shop']}", good, pieces)
                    if fact.get("donor"):
                        add(f"I:DONATED:{fact['donor']}", good, pieces)
                    elif fact.get("bought_by"):
                        add(f"E:BOUGHT:{fact['bought_by']}", good, pieces)
                    else:
                        add(f"X:GIVEN:{fact['at_shop']}", good, -pieces)
        return totals

    def report(self) -> dict[str, int]:
        standing = [fact for seq, fact in self.of("award", "redemption") if self.reversed_by(seq) is None]
        awards = [fact for fact in standing if fact["kind"] == "award"]
        redemptions = [fact for fact in standing if fact["kind"] == "redemption"]
        return {
            "organisations": len(self.organisations()),
            "members": len(self.members()),
            "cards_issued": len(self.cards()),
            "shops": len(self.shops()),
            "service_minutes": sum(fact["minutes"] for fact in awards),
            "points_awarded": sum(fact["points"] for fact in awards),
            "redemptions": len(redemptions),
            "points_redeemed": sum(fact["takings"] for fact in redemptions),
            "points_outstanding": sum(self.balance(member)["points"] for member in self.members()),
            "entries": len(self.facts),
        }

    # --- the steps that all commands share ---

    def _before(self, key: str | None, request: tuple[Any, ...]) -> Answer | None:
        """What the key says: nothing, the same again, or a conflict."""
        for seq, fact in enumerate(self.facts):
            if key is not None and fact["key"] == key:
                return Again(seq) if fact["request"] == request else No({"key-conflict"})
        return None

    def _not_allowed(self, act: str, by: str, ok: str | None = None) -> set[str]:
        role = self.operators()
        wrong = set()
        if role[by] not in MAY[act]:
            wrong.add("role-not-allowed")
        if act in TWO_PEOPLE:
            if ok is None:
                wrong.add("approval-missing")
            elif role[ok] not in SECOND:
                wrong.add("role-not-allowed")
            if ok == by:
                wrong.add("self-approval")
        return wrong

    def _unknown(self, **names: Any) -> set[str]:
        """Which of these names nobody has heard of."""
        known: dict[str, Any] = {
            "member": self.members(),
            "card": self.cards(),
            "shop": self.shops(),
            "organisation": self.organisations(),
        }
        wrong = {f"unknown-{what}" for what in known if names.get(what) and names[what] not in known[what]}
        if any(name is not None and name not in self.operators() for name in names["operators"]):
            wrong.add("unknown-operator")
        if any(good not in self.goods() for good in names.get("goods", ())):
            wrong.add("unknown-good")
        return wrong

    # --- commands: organisations and operators ---

    def organisations_add(
        self, org: Any, *, name: Any, level: Any, parent: Any = None, by: Any, key: Any = None
    ) -> Answer:
        bad = bad_slugs(org, by) | bad_slugs(*[parent] * (parent is not None)) | bad_name(name) | bad_key(key)
        if level not in LEVELS:
            bad.add("bad-code")
        if bad:
            return No(bad)
        request = ("organisations.add", org, name, level, parent, by)
        if before := self._before(key, request):
            return before
        wrong = self._unknown(organisation=parent, operators=[by])
        if parent in self.organisations():
            above = self.organisations()[parent]["level"]
            wrong |= {"bad-code"} if LEVELS.index(level) <= LEVELS.index(above) else set()
        if wrong := wrong or self._not_allowed("organise", by):
            return No(wrong)
        if org in self.organisations():
            return No({"already-exists"})
        return self._add("organisation", by=by, org=org, level=level, key=key, request=request)

    def organisations_appoint(self, operator: Any, *, org: Any, role: Any, by: Any, key: Any = None) -> Answer:
        bad = bad_slugs(operator, org, by) | bad_key(key)
        if role not in ROLES:
            bad.add("bad-code")
        if bad:
            return No(bad)
        request = ("organisations.appoint", operator, org, role, by)
        if before := self._before(key, request):
            return before
        if wrong := self._unknown(organisation=org, operators=[by]) or self._not_allowed("organise", by):
            return No(wrong)
        return self._add("operator", by=by, operator=operator, org=org, role=role, key=key, request=request)

    # --- commands: members and cards ---

    def members_enrol(
        self, *, org: Any, kind: Any = "person", card: Any = None, by: Any, key: Any = None, fresh: str = "?"
    ) -> Answer:
        """*fresh* is the random id that the real thing has drawn."""
        bad = bad_slugs(org, by) | bad_key(key) | (bad_card(card) if card is not None else set())
        if kind not in MEMBER_KINDS:
            bad.add("bad-code")
        if bad:
            return No(bad)
        number = None if card is None else as_kept(card)
        request = ("members.enrol", org, kind, number, by)
        if before := self._before(key, request):
            return before
        if wrong := self._unknown(organisation=org, operators=[by]) or self._not_allowed("enrol", by):
            return No(wrong)
        if number in self.cards():
            return No({"already-exists"})
        return self._add("member", by=by, member=fresh, org=org, card=number, key=key, request=request)

    def cards_issue(self, member: Any, *, card: Any = None, by: Any, key: Any = None, fresh: str = "?") -> Answer:
        bad = bad_member(member) | bad_slugs(by) | bad_key(key)
        bad |= bad_card(card) if card is not None else set()
        if bad:
            return No(bad)
        number = None if card is None else as_kept(card)
        request = ("cards.issue", member, number, by)
        if before := self._before(key, request):
            return before
        if wrong := self._unknown(member=member, operators=[by]) or self._not_allowed("enrol", by):
            return No(wrong)
        if number in self.cards():
            return No({"already-exists"})
        return self._add("card", by=by, member=member, card=number or fresh, key=key, request=request)

    def cards_block(self, card: Any, *, by: Any, key: Any = None) -> Answer:
        bad = bad_card(card) | bad_slugs(by) | bad_key(key)
        if bad:
            return No(bad)
        number = as_kept(card)
        request = ("cards.block", number, by)
        if before := self._before(key, request):
            return before
        if wrong := self._unknown(card=number, operators=[by]) or self._not_allowed("block-card", by):
            return No(wrong)
        if self.cards()[number]["state"] != "active":
            return No({"card-blocked"})
        return self._add("card", by=by, blocked=number, key=key, request=request)

    def cards_replace(self, card: Any, *, new: Any = None, by: Any, key: Any = None, fresh: str = "?") -> Answer:
        bad = bad_card(card) | bad_slugs(by) | bad_key(key) | (bad_card(new) if new is not None else set())
        if bad:
            return No(bad)
        number, other = as_kept(card), None if new is None else as_kept(new)
        request = ("cards.replace", number, other, by)
        if before := self._before(key, request):
            return before
        if wrong := self._unknown(card=number, operators=[by]) or self._not_allowed("enrol", by):
            return No(wrong)
        if self.cards()[number]["state"] == "replaced":
            wrong.add("card-blocked")
        if other in self.cards():
            wrong.add("already-exists")
        if wrong:
            return No(wrong)
        member = self.cards()[number]["member"]
        return self._add("card", by=by, member=member, old=number, card=other or fresh, key=key, request=request)

    # --- commands: rulebooks and services ---

    def rulebooks_adopt(self, text: Any, *, from_day: Any, by: Any, key: Any = None) -> Answer:
        """*text* is a rulebook that parses; the tests of rulebooks judge the others."""
        bad = bad_slugs(by) | bad_key(key) | bad_day(from_day)
        if bad:
            return No(bad)
        request = ("rulebooks.adopt", text, from_day, by)
        if before := self._before(key, request):
            return before
        if wrong := self._unknown(operators=[by]) or self._not_allowed("organise", by):
            return No(wrong)
        if any(fact["from_day"] >= from_day for _, fact in self.of("rulebook")):
            return No({"not-in-order"})
        services = tomllib.loads(text)["service"]
        return self._add("rulebook", by=by, from_day=from_day, services=services, key=key, request=request)

    def services_record(
        self,
        member: Any,
        service: Any,
        *,
        day: Any,
        minutes: Any = None,
        occasions: Any = None,
        org: Any = None,
        by: Any,
        approved_by: Any,
        key: Any = None,
    ) -> Answer:
        bad = bad_member(member) | bad_slugs(service, by) | bad_key(key) | self._bad_past(day)
        bad |= bad_slugs(*[approved_by] * (approved_by is not None), *[org] * (org is not None))
        bad |= bad_amount(minutes, 24 * 60) if minutes is not None else set()
        bad |= bad_amount(occasions, 100) if occasions is not None else set()
        if bad:
            return No(bad)
        request = ("services.record", member, service, day, minutes, occasions, org, by, approved_by)
        if before := self._before(key, request):
            return before
        wrong = self._unknown(member=member, organisation=org, operators=[by, approved_by])
        rows = self.rulebook(day)
        wrong |= {"no-rulebook"} if rows is None else earning(rows, service, minutes, occasions)[0]
        if wrong := wrong or self._not_allowed("record-service", by, approved_by):
            return No(wrong)
        _, points = earning(rows, service, minutes, occasions)
        return self._add(
            "award",
            by=by,
            ok=approved_by,
            day=day,
            of=member,
            for_org=org or self.members()[member],
            points=points,
            minutes=minutes or 0,
            key=key,
            request=request,
        )

    # --- commands: goods and shops ---

    def goods_add(self, good: Any, *, name: Any, name_en: Any, by: Any, key: Any = None) -> Answer:
        bad = bad_good(good) | bad_name(name) | bad_name(name_en) | bad_slugs(by) | bad_key(key)
        if bad:
            return No(bad)
        request = ("goods.add", good, name, name_en, by)
        if before := self._before(key, request):
            return before
        if wrong := self._unknown(operators=[by]) or self._not_allowed("organise", by):
            return No(wrong)
        if good in self.goods():
            return No({"already-exists"})
        return self._add("goods", by=by, good=good, key=key, request=request)

    def shops_open(self, shop: Any, *, org: Any, name: Any, by: Any, key: Any = None) -> Answer:
        bad = bad_slugs(shop, org, by) | bad_name(name) | bad_key(key)
        if bad:
            return No(bad)
        request = ("shops.open", shop, org, name, by)
        if before := self._before(key, request):
            return before
        if wrong := self._unknown(organisation=org, operators=[by]) or self._not_allowed("organise", by):
            return No(wrong)
        if shop in self.shops():
            return No({"already-exists"})
        return self._add("shop", by=by, shop=shop, key=key, request=request)

    def shops_set_price(
        self, shop: Any, good: Any, *, points: Any, from_day: Any, by: Any, key: Any = None
    ) -> Answer:
        bad = bad_slugs(shop, by) | bad_good(good) | bad_key(key) | bad_day(from_day)
        bad |= bad_amount(points, 1_000_000)
        if bad:
            return No(bad)
        request = ("shops.set_price", shop, good, points, from_day, by)
        if before := self._before(key, request):
            return before
        wrong = self._unknown(shop=shop, goods=[good], operators=[by])
        if wrong := wrong or self._not_allowed("set-price", by):
            return No(wrong)
        for _, fact in self.of("price"):
            if (fact["shop"], fact["good"]) == (shop, good) and fact["from_day"] >= from_day:
                return No({"not-in-order"})
        return self._add(
            "price", by=by, shop=shop, good=good, points=points, from_day=from_day, key=key, request=request
        )

    def shops_receive(
        self,
        shop: Any,
        goods: Any,
        *,
        donor: Any = None,
        bought_by: Any = None,
        day: Any = None,
        by: Any,
        approved_by: Any,
        key: Any = None,
    ) -> Answer:
        bad = bad_slugs(shop, by, *(name for name in (approved_by, donor, bought_by) if name is not None))
        bad |= bad_basket(goods) | bad_key(key) | (self._bad_past(day) if day is not None else set())
        if (donor is None) == (bought_by is None):
            bad.add("source-unclear")
        if bad:
            return No(bad)
        basket = sorted(goods.items())
        request = ("shops.receive", shop, basket, donor, bought_by, day, by, approved_by)
        if before := self._before(key, request):
            return before
        wrong = self._unknown(shop=shop, organisation=bought_by, goods=goods, operators=[by, approved_by])
        if wrong := wrong or self._not_allowed("receive-goods", by, approved_by):
            return No(wrong)
        return self._add(
            "stock",
            by=by,
            ok=approved_by,
            day=day,
            at_shop=shop,
            pieces=dict(goods),
            takings=0,
            donor=donor,
            bought_by=bought_by,
            key=key,
            request=request,
        )

    def shops_redeem(
        self, shop: Any, *, card: Any, goods: Any, day: Any = None, by: Any, key: Any = None
    ) -> Answer:
        bad = bad_slugs(shop, by) | bad_card(card) | bad_basket(goods) | bad_key(key)
        bad |= self._bad_past(day) if day is not None else set()
        if bad:
            return No(bad)
        number = as_kept(card)
        request = ("shops.redeem", shop, number, sorted(goods.items()), day, by)
        if before := self._before(key, request):
            return before
        prices = self.prices(shop, day or self.today())
        wrong = self._unknown(shop=shop, card=number, goods=goods, operators=[by])
        wrong |= {"no-price" for good in goods if good not in prices}
        if wrong := wrong or self._not_allowed("redeem", by):
            return No(wrong)
        if self.cards()[number]["state"] != "active":
            return No({"card-blocked"})
        member = self.cards()[number]["member"]
        cost = sum(prices[good] * pieces for good, pieces in goods.items())
        if cost > self.balance(member)["points"]:
            return No({"not-enough-points"})
        if any(pieces > self.stock(shop).get(good, 0) for good, pieces in goods.items()):
            return No({"not-enough-stock"})
        return self._add(
            "redemption",
            by=by,
            day=day,
            of=member,
            points=-cost,
            minutes=0,
            at_shop=shop,
            pieces={good: -pieces for good, pieces in goods.items()},
            takings=cost,
            key=key,
            request=request,
        )

    # --- commands: corrections ---

    def reverse(
        self, seq: Any, *, reason: Any = "mistake", day: Any = None, by: Any, approved_by: Any, key: Any = None
    ) -> Answer:
        bad = bad_slugs(reason, by, *[approved_by] * (approved_by is not None)) | bad_key(key)
        bad |= self._bad_past(day) if day is not None else set()
        if bad:
            return No(bad)
        request = ("reverse", seq, reason, day, by, approved_by)
        if before := self._before(key, request):
            return before
        wrong = self._unknown(operators=[by, approved_by])
        if not 0 <= seq < len(self.facts):
            wrong.add("unknown-entry")
        elif self.facts[seq]["kind"] not in ("award", "redemption", "stock"):
            wrong.add("not-reversible")
        if wrong := wrong or self._not_allowed("reverse", by, approved_by):
            return No(wrong)
        if self.reversed_by(seq) is not None:
            return No({"already-resolved"})
        if wrong := self._spent(self.facts[seq]):
            return No(wrong)
        undone = opposite(self.facts[seq])
        return self._add("reversal", by=by, ok=approved_by, day=day, ref=seq, key=key, request=request, **undone)

    def _spent(self, fact: dict[str, Any]) -> set[str]:
        """What of *fact* is not there any more to be taken back."""
        if fact["kind"] == "award" and fact["points"] > self.balance(fact["of"])["points"]:
            return {"not-enough-points"}
        if fact["kind"] == "stock":
            stock = self.stock(fact["at_shop"])
            if any(pieces > stock[good] for good, pieces in fact["pieces"].items()):
                return {"not-enough-stock"}
        return set()

    def _bad_past(self, day: Any) -> set[str]:
        """A day that something happened on."""
        return bad_day(day) or ({"day-in-future"} if day > self.today() else set())


def opposite(fact: dict[str, Any]) -> dict[str, Any]:
    """What takes *fact* back: the same places, the amounts the other way."""
    names = {name: fact[name] for name in ("of", "for_org", "at_shop", "donor", "bought_by") if name in fact}
    amounts = {name: -fact[name] for name in ("points", "minutes", "takings") if name in fact}
    pieces = {good: -pieces for good, pieces in fact.get("pieces", {}).items()}
    return {**names, **amounts, "pieces": pieces}


def earning(
    rows: dict[str, Any], service: str, minutes: int | None, occasions: int | None
) -> tuple[set[str], int]:
    """What is wrong with the measure of a service, and the points."""
    if service not in rows:
        return {"unknown-service"}, 0
    row = rows[service]
    if row["per"] == "hour":
        fits = minutes is not None and occasions is None
        return (set(), minutes * row["points"] // 60) if fits else ({"measure-wrong"}, 0)
    return ({"measure-wrong"}, 0) if occasions is None else (set(), occasions * row["points"])


# --- what each kind of input must look like; each answers the codes of what is wrong ---


def bad_slugs(*names: Any) -> set[str]:
    fits = all(isinstance(name, str) and re.fullmatch("[a-z0-9][a-z0-9-]{0,31}", name) for name in names)
    return set() if fits else {"bad-code"}


def bad_key(key: Any) -> set[str]:
    fits = key is None or (isinstance(key, str) and re.fullmatch("[A-Za-z0-9._:/-]{1,64}", key))
    return set() if fits else {"bad-code"}


def bad_member(member: Any) -> set[str]:
    fits = isinstance(member, str) and len(member) == 10 and set(member) <= set(BASE32)
    return set() if fits else {"bad-code"}


def bad_good(good: Any) -> set[str]:
    """A good is a slug, and in capitals a unit of its own: a letter first, no dash last, at most 23 characters."""
    fits = isinstance(good, str) and re.fullmatch("[a-z]([a-z0-9-]{0,21}[a-z0-9])?", good)
    fits = fits and good not in ("pts", "min")
    return set() if fits else {"bad-code"}


def bad_name(name: Any) -> set[str]:
    fits = (
        isinstance(name, str)
        and 1 <= len(name) <= 80
        and name == name.strip() == unicodedata.normalize("NFC", name)
        and not any(unicodedata.category(char)[0] in "CZ" and char != " " for char in name)
    )
    return set() if fits else {"bad-text"}


def bad_day(day: Any) -> set[str]:
    return set() if isinstance(day, date) and not isinstance(day, datetime) else {"bad-day"}


def bad_amount(amount: Any, most: int) -> set[str]:
    return set() if type(amount) is int and 1 <= amount <= most else {"bad-amount"}


def bad_basket(goods: dict[Any, Any]) -> set[str]:
    if not goods:
        return {"no-goods"}
    return set().union(*(bad_good(good) | bad_amount(pieces, 1_000_000) for good, pieces in goods.items()))


def as_kept(card: str) -> str:
    """A card number as it is kept: capitals, no spaces."""
    return card.replace(" ", "").upper()


def bad_card(card: Any) -> set[str]:
    if (
        not isinstance(card, str)
        or not card.isascii()
        or not re.fullmatch("[A-Z0-9][A-Z0-9-]{0,31}", as_kept(card))
    ):
        return {"bad-code"}
    return {"card-mistyped"} if mistyped(as_kept(card)) else set()


def mistyped(number: str) -> bool:
    """The form of a made card, but the last character is not its number modulo 37."""
    if len(number) != 11 or not set(number) <= set(BASE32):
        return False
    value = 0
    for char in number[:10]:
        value = value * 32 + BASE32.index(char)
    return CHECKS[value % 37] != number[10]
