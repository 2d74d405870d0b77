"""The programme's rules and records, done again in plain Python from the leaves: the auditor's second path.

Each kind of entry has its own method. What it finds wrong is a finding; what it keeps is what the tables of the
programme should hold.
"""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from timebank.programme.roles import MAY_DO, NEEDS_APPROVAL

if TYPE_CHECKING:
    from collections.abc import Callable

    from timebank.audit.findings import Findings
    from timebank.audit.replay import Members

Row = tuple[Any, ...]

_ACTS = {
    "organisation": "organise",
    "operator": "organise",
    "shop": "organise",
    "goods": "organise",
    "rulebook": "organise",
    "member": "enrol",
    "price": "set-price",
    "award": "record-service",
    "stock": "receive-goods",
    "reversal": "reverse",
    "redemption": "redeem",
}
_LEVELS = ("district", "street", "community", "grid", "building")


class ProgrammeReplay:
    """What the programme's tables should hold: for each table, rows by key."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        names = ("unit", "organisation", "operator", "rulebook", "member", "card", "shop", "good", "price")
        self.tables: dict[str, dict[Row, Row]] = {name: {} for name in names}
        self._rulebooks: list[tuple[str, dict[str, Any]]] = []
        self._prices: dict[tuple[str, str], list[tuple[str, int]]] = {}
        self._by_kind: dict[str, Callable[[int, Members], None]] = {
            "unit": self._unit,
            "organisation": self._organisation,
            "operator": self._operator,
            "rulebook": self._rulebook,
            "member": self._member,
            "card": self._card,
            "shop": self._shop,
            "goods": self._goods,
            "price": self._price,
            "award": self._award,
            "redemption": self._redemption,
            "stock": self._stock,
        }

    def entry(self, seq: int, members: Members) -> None:
        """Fold the entry at *seq* and check it against what was in force before it."""
        kind = members["kind"]
        self._check_allowed(seq, members)
        fold = self._by_kind.get(kind)
        if fold is None:
            return
        try:
            fold(seq, members)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            self.findings.add("entry-wrong", seq, reason=f"{kind}: {type(error).__name__} {error}")

    def _check_allowed(self, seq: int, members: Members) -> None:
        kind, by, ok = members["kind"], members["by"], members.get("ok")
        act = _ACTS.get(kind)
        if kind == "card":
            act = "block-card" if members["body"].get("do") == "block" else "enrol"
        if act is None:
            return
        operators = self.tables["operator"]
        if not operators:
            if kind != "operator":
                self.findings.add("not-allowed", seq, operator=by, act=act)
            return
        if self._role(by) not in MAY_DO[act]:
            self.findings.add("not-allowed", seq, operator=by, act=act)
        if (act in NEEDS_APPROVAL or ok is not None) and (
            ok is None or self._role(ok) not in ("supervisor", "admin")
        ):
            self.findings.add("not-allowed", seq, operator=str(ok), act=act)

    def _role(self, operator: str) -> str:
        row = self.tables["operator"].get((operator,))
        return "" if row is None else str(row[2])

    def _add(self, seq: int, table: str, key: Row, row: Row) -> None:
        if key in self.tables[table]:
            self.findings.add("name-twice", seq, what=table, name=" ".join(map(str, key)))
        self.tables[table][key] = row

    def _known(self, seq: int, table: str, *key: object) -> Row | None:
        row = self.tables[table].get(key)
        if row is None:
            self.findings.add("name-unknown", seq, what=table, name=" ".join(map(str, key)))
        return row

    def _unit(self, seq: int, members: Members) -> None:
        body = members["body"]
        self._add(seq, "unit", (body["unit"],), (body["unit"], body["zh"], body["en"], seq))

    def _organisation(self, seq: int, members: Members) -> None:
        body = members["body"]
        parent = body.get("parent")
        above = None if parent is None else self._known(seq, "organisation", parent)
        if above is not None and _LEVELS.index(body["level"]) <= _LEVELS.index(above[2]):
            self.findings.add("entry-wrong", seq, reason="organisation: not below its parent")
        self._add(seq, "organisation", (body["org"],), (body["org"], body["name"], body["level"], parent, seq))

    def _operator(self, seq: int, members: Members) -> None:
        body = members["body"]
        org = body.get("org")
        if org is not None:
            self._known(seq, "organisation", org)
        elif self.tables["operator"]:
            self.findings.add("name-unknown", seq, what="organisation", name="-")
        self.tables["operator"][body["operator"],] = (body["operator"], org, body["role"], seq)

    def _rulebook(self, seq: int, members: Members) -> None:
        body = members["body"]
        services = tomllib.loads("\n".join(body["text"]))["service"]
        if self._rulebooks and body["from"] <= self._rulebooks[-1][0]:
            self.findings.add("entry-wrong", seq, reason="rulebook: not after the one before")
        self._rulebooks.append((body["from"], services))
        self._add(seq, "rulebook", (body["from"], seq), (body["from"], seq, body["rulebook"]))

    def _member(self, seq: int, members: Members) -> None:
        body = members["body"]
        self._known(seq, "organisation", body["org"])
        self._add(seq, "member", (body["member"],), (body["member"], body["org"], body["type"], seq))
        if "card" in body:
            self._add(seq, "card", (body["card"],), (body["card"], body["member"], "active", seq))

    def _card(self, seq: int, members: Members) -> None:
        body = members["body"]
        cards, number, member = self.tables["card"], body["card"], body["member"]
        self._known(seq, "member", member)
        if body["do"] == "block":
            card = self._known(seq, "card", number)
            if card is not None and card[1:3] != (member, "active"):
                self.findings.add("entry-wrong", seq, reason="card: not the member's active card")
            cards[number,] = (number, member, "blocked", seq)
            return
        if body["do"] == "replace":
            old = self._known(seq, "card", body["replaces"])
            if old is not None and (old[1] != member or old[2] == "replaced"):
                self.findings.add("entry-wrong", seq, reason="card: replaces no card of the member's")
            cards[body["replaces"],] = (body["replaces"], member, "replaced", seq)
        self._add(seq, "card", (number,), (number, member, "active", seq))

    def _shop(self, seq: int, members: Members) -> None:
        body = members["body"]
        self._known(seq, "organisation", body["org"])
        self._add(seq, "shop", (body["shop"],), (body["shop"], body["org"], body["name"], seq))

    def _goods(self, seq: int, members: Members) -> None:
        body = members["body"]
        self._unit(seq, members)
        if body["unit"] != body["good"].upper():
            self.findings.add("entry-wrong", seq, reason="goods: the unit is not the good's")
        self._add(seq, "good", (body["good"],), (body["good"], body["unit"], seq))

    def _price(self, seq: int, members: Members) -> None:
        body = members["body"]
        shop, good, start, points = body["shop"], body["good"], body["from"], body["points"]
        self._known(seq, "shop", shop)
        self._known(seq, "good", good)
        known = self._prices.setdefault((shop, good), [])
        if known and start <= known[-1][0]:
            self.findings.add("entry-wrong", seq, reason="price: not after the one before")
        known.append((start, points))
        self._add(seq, "price", (shop, good, start, seq), (shop, good, start, seq, points))

    def _award(self, seq: int, members: Members) -> None:
        body, day = members["body"], members["day"]
        rules = next((services for start, services in reversed(self._rulebooks) if start <= day), None)
        rule = None if rules is None else rules.get(body["service"])
        minutes, occasions = body.get("minutes", 0), body.get("occasions", 0)
        points = -1
        if rule is not None:
            points = rule["points"] * minutes // 60 if rule["per"] == "hour" else rule["points"] * occasions
        moves = members.get("move", [])
        found = {unit: amount for _, _, unit, amount in moves}
        wanted = {unit: amount for unit, amount in (("PTS", points), ("MIN", minutes)) if amount}
        if found != wanted or len(found) != len(moves) or not moves:
            self.findings.add("award-wrong", seq, expected=_amounts(wanted), found=_amounts(found))
            return
        for debit, credit, unit, _ in moves:
            kind, account, org = debit.split(":")
            if (kind, account) != ("X", "AWARDED" if unit == "PTS" else "SERVICE"):
                self.findings.add("entry-wrong", seq, reason=f"award: {debit} gives no {unit}")
            self._known(seq, "organisation", org.lower())
            if credit != moves[0][1] or not credit.startswith("L:M:"):
                self.findings.add("entry-wrong", seq, reason=f"award: {credit} is no member's")
        self._known(seq, "member", moves[0][1][4:])

    def _redemption(self, seq: int, members: Members) -> None:
        body, day = members["body"], members["day"]
        shop = body["shop"]
        self._known(seq, "shop", shop)
        card = self._known(seq, "card", body["card"])
        if card is None:
            return
        if card[2] != "active":
            self.findings.add("entry-wrong", seq, reason=f"redemption: the card is {card[2]}")
        total = 0
        place = shop.upper()
        wanted: list[list[Any]] = []
        for good, pieces, points in body["goods"]:
            price = self._price_on(shop, good, day)
            if price != points:
                self.findings.add("price-wrong", seq, good=good, expected=price, found=points)
            total += pieces * points
            wanted.append([f"X:GIVEN:{place}", f"A:S:{place}", good.upper(), pieces])
        wanted.insert(0, [f"L:M:{card[1]}", f"L:S:{place}", "PTS", total])
        if members.get("move") != wanted:
            self.findings.add("entry-wrong", seq, reason="redemption: points taken are not price times goods")

    def _price_on(self, shop: str, good: str, day: str) -> int | None:
        known = self._prices.get((shop, good), [])
        return next((points for start, points in reversed(known) if start <= day), None)

    def _stock(self, seq: int, members: Members) -> None:
        self._known(seq, "shop", members["body"]["shop"])
        shelf = f"A:S:{members['body']['shop'].upper()}"
        for debit, credit, unit, _ in members["move"]:
            self._known(seq, "good", unit.lower())
            if debit != shelf or not credit.startswith(("I:DONATED:", "E:BOUGHT:")):
                self.findings.add("entry-wrong", seq, reason=f"stock: {credit} to {debit}")


def _amounts(amounts: dict[str, int]) -> str:
    return ", ".join(f"{amount} {unit}" for unit, amount in sorted(amounts.items())) or "0"
