"""What an entry says in one line: its kind, and the names of what it is about."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from attrs import frozen

from timebank.cli.language import language, say, word
from timebank.cli.output import duration
from timebank.ledger.codes import MINUTES, POINTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from timebank.bank import Bank
    from timebank.ledger.entries import Entry


@frozen
class Names:
    """What people call goods, services, shops and organisations, by id, in the running command's language.

    A command that writes reads these first: what cannot be read back must fail before anything is written.
    """

    goods: Mapping[str, str]
    services: Mapping[str, str]
    shops: Mapping[str, str]
    organisations: Mapping[str, str]

    @classmethod
    def of(cls, bank: Bank) -> Self:
        """All names that *bank* holds; a service is called as in the latest rulebook that has it."""
        field = name_field()
        books = [bank.rulebooks.on(date.fromisoformat(record.from_day)) for record in bank.rulebooks.all()]
        return cls(
            goods={unit.code.lower(): getattr(unit, field) for unit in bank.goods.units()},
            services={row.id: getattr(row, field) for book in books for row in book.services},
            shops={shop.id: shop.name for shop in bank.shops.all()},
            organisations={each.id: each.name for each in bank.organisations.all()},
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
        facts["measure"] = _measure(body)
    if "good" in body:
        facts["good_name"] = names.good(body["good"])
    if entry.kind in ("redemption", "stock"):
        pieces = [(move.unit.lower(), move.amount) for move in entry.moves if move.unit not in (POINTS, MINUTES)]
        facts["basket"] = names.basket(pieces)
    if entry.kind == "reversal":
        facts["of_kind"] = word("kind", body["of"])
    if entry.kind == "card":
        facts["did"] = word("did", body["do"])
    return facts


def _measure(body: Mapping[str, Any]) -> str:
    parts = []
    if "occasions" in body:
        parts.append(say("cli", "occasions", occasions=body["occasions"]))
    if "minutes" in body:
        parts.append(duration(body["minutes"]))
    return say("cli", "comma").join(parts)
