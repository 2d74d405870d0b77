"""What an entry says in one line: its kind, and the names of what it is about."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from attrs import frozen

from timebank.cli.language import language, say, word
from timebank.cli.output import duration
from timebank.ledger.codes import MINUTES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from timebank.bank import Bank
    from timebank.ledger.entries import Entry


@frozen
class Names:
    """What people call goods, services, shops and the like, by id, in the running command's language.

    A command that writes reads these first: what cannot be read back must fail before anything is written.
    """

    goods: Mapping[str, str]
    services: Mapping[str, str]
    shops: Mapping[str, str]
    organisations: Mapping[str, str]
    deductions: Mapping[str, str]
    orders: Mapping[str, str]

    @classmethod
    def of(cls, bank: Bank) -> Self:
        """All names that *bank* holds; a service and the like as in the latest rulebook that has it."""
        field = name_field()
        books = [bank.rulebooks.on(date.fromisoformat(record.from_day)) for record in bank.rulebooks.all()]
        return cls(
            goods={unit.code.lower(): getattr(unit, field) for unit in bank.goods.units()},
            services={row.id: getattr(row, field) for book in books for row in book.services},
            shops={shop.id: shop.name for shop in bank.shops.all()},
            organisations={each.id: each.name for each in bank.organisations.all()},
            deductions={row.id: getattr(row, field) for book in books for row in book.deductions},
            orders={row.id: getattr(row, field) for book in books for row in book.orders},
        )

    def good(self, good: str) -> str:
        """The name of *good*, or its id."""
        return self.goods.get(good, good)

    def basket(self, lines: list[tuple[str, int]]) -> str:
        """Goods and pieces in one line."""
        comma = say("cli", "comma")
        return comma.join(say("cli", "pieces", name=self.good(good), pieces=pieces) for good, pieces in lines)


def name_field() -> str:
    """Which of a thing's two names is for the reader."""
    return "zh" if language() == "zh_CN" else "en"


def kind_of(entry: Entry) -> str:
    """The kind of *entry* in words."""
    return word("kind", entry.kind)


def kind_in_full(entry: Entry) -> str:
    """The kind of *entry* in words, with its name in the journal where that is another."""
    word = kind_of(entry)
    return word if word == entry.kind else f"{word} ({entry.kind})"


def summary(entry: Entry, names: Names) -> str:
    """What *entry* says beside its kind, in one line; empty for a kind that this version has no words for."""
    try:
        return say("summary", entry.kind, **_facts(entry, names))
    except (AttributeError, KeyError, TypeError, ValueError):
        return ""


def _facts(entry: Entry, names: Names) -> dict[str, Any]:
    body = dict(entry.body)
    facts = {**body, "ref": entry.ref}
    if "zh" in body:
        facts["called"] = body[name_field()]
    if "shop" in body:
        facts["shop_name"] = names.shops.get(body["shop"], body["shop"])
    if "service" in body:
        facts["service_name"] = names.services.get(body["service"], body["service"])
        facts["measure"] = measure_words(body)
    if "good" in body:
        facts["good_name"] = names.good(body["good"])
    if entry.kind == "reversal":
        facts["of_kind"] = word("kind", body["of"])
    if entry.kind in ("card", "team", "period"):
        facts["did"] = word("did", body["do"])
    if entry.kind == "order":
        facts |= {"number": entry.seq if entry.ref is None else entry.ref, "step": body["do"]}
    if entry.kind == "move":
        facts["to_name"] = names.organisations.get(body["to"], body["to"])
    if entry.kind == "household":
        facts["count"] = len(body["members"])
    return facts | _facts_of_points(entry) | _facts_of_goods(entry, names) | _facts_of_claims(entry, names)


def _facts_of_claims(entry: Entry, names: Names) -> dict[str, Any]:
    """Which claim, appeal or deduction it is, and what happens with it."""
    body = entry.body
    if entry.kind == "claim":
        return {"number": entry.seq if entry.ref is None else entry.ref, "step": body["do"]}
    if entry.kind == "appeal":
        return {"step": body["do"]}
    if entry.kind == "deduction":
        called = names.deductions.get(body["deduction"], body["deduction"])
        return {"called": called, "points": sum(move.amount for move in entry.moves)}
    return {}


def _facts_of_points(entry: Entry) -> dict[str, str]:
    """How much went from whom to whom, where points or minutes are given or lapse."""
    if entry.kind == "gift":
        return {"given": given(entry), "receiver": receiver(entry)}
    if entry.kind == "grant":
        return {"given": given(entry), "giver": say("cli", "pool-of", org=entry.body["pool"])}
    return {"given": given(entry)} if entry.kind == "expiry" else {}


def _facts_of_goods(entry: Entry, names: Names) -> dict[str, str]:
    """What goods came in, went out or were set aside, and how."""
    body = entry.body
    if entry.kind == "stock":
        pieces = [(move.unit.lower(), move.amount) for move in entry.moves]
        how = f"stock-{body['do']}" if entry.moves else "stock-as-booked"
        to_name = names.shops.get(body.get("to", ""), body.get("to", ""))
        did = say("cli", how, to_name=to_name, reason=body.get("reason", ""))
        return {"did": did, "basket": names.basket(pieces)}
    if entry.kind in ("redemption", "return", "hold", "post"):
        return {"basket": names.basket([(good, pieces) for good, pieces, _ in body["goods"]])}
    return {"limit": limit_words(body)} if entry.kind == "limit" else {}


def limit_words(body: Mapping[str, Any]) -> str:
    """What a limit on a good says, its entry's *body* in words."""
    parts = []
    if "most" in body:
        whom, period = word("whom", body["per"]), word("in", body["in"])
        parts.append(say("cli", "limit-most", most=body["most"], whom=whom, period=period))
    if "least_earned" in body:
        parts.append(say("cli", "limit-earned", points=body["least_earned"]))
    return say("cli", "comma").join(parts) or say("cli", "limit-lifted")


def given(entry: Entry) -> str:
    """How much the first transfer of *entry* moves: points, or minutes as a duration."""
    move = entry.moves[0]
    if move.unit == MINUTES:
        return duration(move.amount)
    return say("cli", "points-given", points=move.amount)


def receiver(gift: Entry) -> str:
    """Who gets the *gift*: a member, or an organisation's pool."""
    if "pool" in gift.body:
        return say("cli", "pool-of", org=gift.body["pool"])
    return say("cli", "member-called", member=gift.body["to"])


def measure_words(body: Mapping[str, Any]) -> str:
    """How much of a service was done, as the body of a claim or an award says it."""
    parts = []
    if "items" in body:
        parts.append(say("cli", "members-count", count=len(body["items"])))
    if "grade" in body:
        parts.append(word("grade", body["grade"]))
    if "occasions" in body:
        parts.append(say("cli", "occasions", occasions=body["occasions"]))
    if "minutes" in body:
        parts.append(duration(body["minutes"]))
    return say("cli", "comma").join(parts)
