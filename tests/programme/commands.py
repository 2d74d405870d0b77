"""Every command and every reading of every desk, with input that is in order as far as its form goes.

Nobody and nothing that is named here is known: what is looked up comes after what an argument cannot be. What can
be given in two ways stands here in both.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from tests.programme.market import DAY, TODAY
from timebank.programme.rulebook import shipped_rulebook
from timebank.tlog.checkpoint import Verifier

if TYPE_CHECKING:
    from timebank.bank import Bank

WANG, LI = "0000000000", "1111111111"
ORG, STORE = "lake", "lake-shop"
ONE = {"by": "clerk-1", "key": "k"}
TWO = {**ONE, "approved_by": "supervisor-1"}
HASH = "ab" * 32

SPAN = {"first": TODAY, "last": TODAY}
WHOSE = {"member": WANG, "day": TODAY}
GIFT = {"giver": WANG, "to": LI, "relation": "child"}
GRANT = {"org": ORG, "member": WANG, "reason": "illness"}
MEASURE = {"minutes": 60, "occasions": 1, "grade": "gold", "start": "08:00"}
DONE = {"service": "patrol", "org": ORG, "evidence": HASH, **MEASURE}
ORDER = {"order": 1, "day": TODAY}
SHOP = {"shop": STORE}
GOODS = {**SHOP, "goods": {"soap": 1}}
LIMIT = {"good": "soap", **SHOP, "most": 1, "per": "household", "period": "day", "least_earned": 1}
COMING_IN = {**GOODS, "best_before": {"soap": TODAY}, "day": TODAY}
PLACE = {"to": ORG, "from_day": TODAY}
RATED = {"subject": "team", "name": "red-vests", "quarter": "2026-Q1"}
USED = {"venue": "hall", "room": "活动室", "purpose": "棋牌", "people": 3, "uses": 1, "day": TODAY}
OPENING = {"member": WANG, "points": 1, "minutes": 1, "day": TODAY}

COMMANDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("budgets.set", {"org": ORG, **SPAN, "points": 1, **TWO}),
    ("cards.issue", {"member": WANG, "card": "0001", **ONE}),
    ("cards.block", {"card": "0001", **ONE}),
    ("cards.replace", {"card": "0001", "new": "0002", **ONE}),
    ("claims.submit", {**DONE, "members": [WANG, LI], "day": TODAY, "recipient": WANG, "order": 1, **ONE}),
    ("claims.approve", {"claim": 1, "day": TODAY, **ONE}),
    ("claims.reject", {"claim": 1, "day": TODAY, "reason": "no", **ONE}),
    ("claims.object", {"claim": 1, "reason": "no", **ONE}),
    ("claims.dismiss", {"claim": 1, **ONE}),
    ("claims.uphold", {"claim": 1, "reason": "no", **ONE}),
    ("claims.withdraw", {"claim": 1, **ONE}),
    ("claims.post", {"claim": 1, "also_approved_by": "supervisor-2", **ONE}),
    ("corrections.reverse", {"seq": 1, "reason": "x", "debt": True, "day": TODAY, **TWO}),
    ("deductions.record", {**WHOSE, "deduction": "rubbish", "org": ORG, **TWO}),
    ("deductions.lodge", {"deduction": 1, "reason": "x", "day": TODAY, **ONE}),
    ("deductions.deny", {"deduction": 1, **TWO}),
    ("deductions.grant", {"deduction": 1, **TWO}),
    ("erasures.record", {"member": WANG, "reason": "asked-for", **TWO}),
    ("gifts.give", {**GIFT, "points": 1, **ONE}),
    ("gifts.give", {"giver": WANG, "pool": ORG, "minutes": 1, **ONE}),
    ("goods.add", {"good": "rice", "name": "米", "name_en": "rice", **ONE}),
    ("keys.replace", {"vkey": Verifier("example.org/memory", b"k" * 32).vkey, **TWO}),
    ("keys.open_epoch", {"note": "?", "reason": "lost", **TWO}),
    ("members.enrol", {"org": ORG, "kind": "person", "card": "0001", **ONE}),
    ("members.move", {"member": WANG, **PLACE, **ONE}),
    ("members.set_household", {"household": WANG, "members": [LI], "from_day": TODAY, **ONE}),
    ("openings.record", {**OPENING, **TWO}),
    ("orders.open", {"kind": "repair", "member": WANG, "org": ORG, "due": TODAY, "day": TODAY, **ONE}),
    ("orders.dispatch", {**ORDER, "to": "police", **ONE}),
    ("orders.dispatch", {**ORDER, "volunteer": WANG, **ONE}),
    ("orders.accept", {**ORDER, "volunteer": WANG, **ONE}),
    ("orders.decline", {**ORDER, "reason": "no-time", **ONE}),
    ("orders.finish", {**ORDER, **ONE}),
    ("orders.rate", {**ORDER, "stars": 5, "done": True, **ONE}),
    ("orders.cancel", {**ORDER, "reason": "no", **ONE}),
    ("orders.claim", {"order": 1, **DONE, **ONE}),
    ("organisations.add", {"org": "hill", "name": "山", "level": "grid", "parent": ORG, **ONE}),
    ("organisations.appoint", {"operator": "clerk-2", "org": ORG, "role": "clerk", **ONE}),
    ("organisations.move", {"org": ORG, **PLACE, **ONE}),
    ("periods.close", {"month": "2026-01", **ONE}),
    ("periods.reopen", {"month": "2026-01", **TWO}),
    ("points.expire", ONE),
    ("pools.grant", {**GRANT, "points": 1, **TWO}),
    ("pools.grant", {**GRANT, "minutes": 1, **TWO}),
    ("ratings.record", {**RATED, "party": "residents", "score": 90, "people": 3, **TWO}),
    ("reservations.reserve", {**GOODS, "card": "0001", "until": TODAY, **ONE}),
    ("reservations.collect", {"seq": 1, **ONE}),
    ("reservations.release", {"seq": 1, **ONE}),
    ("reservations.release_overdue", {"by": "clerk-1"}),
    ("rulebooks.adopt", {"text": shipped_rulebook(), "from_day": TODAY, **ONE}),
    ("services.record", {**WHOSE, **DONE, "recipient": LI, **TWO, "also_approved_by": "supervisor-2"}),
    ("settlements.settle", {**SHOP, "last": TODAY - DAY, **TWO}),
    ("shops.open", {**SHOP, "org": ORG, "name": "云谷", "kind": "merchant", "hours": "8-18", **ONE}),
    ("shops.move_to", {**SHOP, **PLACE, **ONE}),
    ("shops.set_price", {**SHOP, "good": "soap", "points": 1, "from_day": TODAY, **ONE}),
    ("shops.limit", {**LIMIT, "from_day": TODAY, **ONE}),
    ("shops.redeem", {**GOODS, "card": "0001", "day": TODAY, **ONE}),
    ("shops.return_goods", {"seq": 1, "goods": {"soap": 1}, "day": TODAY, **TWO}),
    ("shops.receive", {**COMING_IN, "donor": "huicai", **TWO}),
    ("shops.receive", {**COMING_IN, "bought_by": ORG, **TWO}),
    ("shops.move", {**GOODS, "to": "east", "day": TODAY, **TWO}),
    ("shops.write_off", {**GOODS, "reason": "spoiled", "day": TODAY, **TWO}),
    ("shops.count", {**GOODS, "day": TODAY, **TWO}),
    ("teams.join", {"team": LI, **WHOSE, **ONE}),
    ("teams.leave", {"team": LI, **WHOSE, **ONE}),
    ("venues.add", {"venue": "hall", "org": ORG, "name": "礼堂", **ONE}),
    ("venues.log", {**USED, **ONE}),
)

READINGS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("branches.on", {"day": TODAY}),
    ("budgets.all", {"org": ORG}),
    ("cards.get", {"card": "0001"}),
    ("claims.all", {"state": "approved", "org": ORG}),
    ("claims.done", {"claim": 1}),
    ("claims.get", {"claim": 1}),
    ("deductions.appeals", {"state": "lodged"}),
    ("keys.in_force", {"size": 1}),
    ("members.balance", WHOSE),
    ("members.balance", {"member": WANG, "at_entry": 1}),
    ("members.by_card", {"card": "0001"}),
    ("members.get", {"member": WANG}),
    ("members.household", WHOSE),
    ("members.latest", {"member": WANG, "unit": "PTS", "limit": 1, "before": 1}),
    ("members.of_household", {"household": WANG, "day": TODAY}),
    ("members.organisation", WHOSE),
    ("members.statement", {"member": WANG, "unit": "PTS", **SPAN}),
    ("orders.all", {"state": "open", "org": ORG}),
    ("orders.get", {"order": 1}),
    ("orders.overdue", {"day": TODAY}),
    ("orders.rates", SPAN),
    ("orders.rolled_up", {**SPAN, "day": TODAY}),
    ("orders.total", {"org": ORG, "kind": "repair", **SPAN, "day": TODAY}),
    ("organisations.get", {"org": ORG}),
    ("organisations.tree", {"day": TODAY}),
    ("periods.totals", {"month": "2026-01"}),
    ("points.lapsing", {"days": 90}),
    ("pools.balance", {"org": ORG}),
    ("ratings.quarter", {"quarter": "2026-Q1"}),
    ("ratings.result", RATED),
    ("reservations.all", {**SHOP, "state": "held"}),
    ("reservations.get", {"seq": 1}),
    ("rulebooks.on", {"day": TODAY}),
    ("settlements.all", SHOP),
    ("settlements.due", {"last": TODAY}),
    ("settlements.sheet", {"seq": 1}),
    ("shops.best_before", {**SHOP, "until": TODAY}),
    ("shops.detail", SHOP),
    ("shops.get", SHOP),
    ("shops.limits", {"day": TODAY}),
    ("shops.prices", {**SHOP, "day": TODAY}),
    ("shops.returned", {"seq": 1}),
    ("shops.statement", {**SHOP, "unit": "SOAP", **SPAN}),
    ("shops.stock", {**SHOP, "day": TODAY}),
    ("shops.takings", {**SHOP, "day": TODAY}),
    ("stars.board", {"org": ORG, "day": TODAY}),
    ("stars.of", WHOSE),
    ("teams.members", {"team": WANG, "day": TODAY}),
    ("teams.of", WHOSE),
    ("venues.counts", {"first": "2026-01", "last": "2026-02"}),
    ("venues.get", {"venue": "hall"}),
    ("venues.months", {"venue": "hall"}),
)


def arguments_of(bank: Bank) -> dict[str, set[str]]:
    """What can be asked of *bank*: every public method of every desk that takes something, and what it takes."""
    return {
        f"{desk}.{name}": set(given)
        for desk, made in vars(bank).items()
        for name, ask in inspect.getmembers(made, inspect.ismethod)
        if desk != "journal" and not name.startswith("_") and (given := inspect.signature(ask).parameters)
    }
