"""The programme's rules and records, done again in plain Python from the leaves: the auditor's second path.

Each kind of entry has its own method. What it finds wrong is a finding; what it keeps is what the tables of the
programme should hold.
"""

from __future__ import annotations

import tomllib
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from timebank.programme.roles import MAY_DO, NEEDS_APPROVAL, ROLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from timebank.audit.findings import Findings
    from timebank.audit.replay import Members

Row = tuple[Any, ...]

_ACTS: Final = {
    "unit": "organise",
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
_OF_THE_LEDGER: Final = ("hold", "post", "void")
"""The ledger's own kinds, for which the programme has no command yet; whoever may post at all may post them."""
_MOVING: Final = frozenset(("award", "redemption", "stock", "reversal", *_OF_THE_LEDGER))
_LEVELS: Final = ("district", "street", "community", "grid", "building")
_MEMBER_KINDS: Final = ("person", "household", "team")
_MEMBER_ID_LENGTH: Final = 10
_MOST_PRICE: Final = 1_000_000
_MOST_POINTS: Final = 10_000
_MOST_MINUTES: Final = 24 * 60
_MOST_OCCASIONS: Final = 100


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
        if kind == "genesis":
            return
        if "move" in members and kind not in _MOVING:
            self._wrong(seq, f"{kind}: moves value")
        self._check_allowed(seq, kind, members)
        fold = self._by_kind.get(kind)
        if fold is None:
            return
        try:
            fold(seq, members)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError) as error:
            self._wrong(seq, f"{kind}: {type(error).__name__} {error}")

    def _wrong(self, seq: int, reason: str) -> None:
        self.findings.add("entry-wrong", seq, reason=reason)

    def _check_allowed(self, seq: int, kind: str, members: Members) -> None:
        by, ok = members["by"], members.get("ok")
        act = _ACTS.get(kind)
        if kind == "card":
            act = "block-card" if members["body"].get("do") == "block" else "enrol"
        elif kind in _OF_THE_LEDGER:
            act = "reverse"
        if act is None:
            self._wrong(seq, f"{kind}: no kind of entry that is known")
            return
        if not self.tables["operator"]:
            if kind not in ("unit", "operator"):
                self.findings.add("not-allowed", seq, operator=by, act=act)
            return
        if self._role(by) not in MAY_DO[act]:
            self.findings.add("not-allowed", seq, operator=by, act=act)
        if ok is None:
            needs_another = act in NEEDS_APPROVAL and kind not in _OF_THE_LEDGER
        else:
            needs_another = self._role(ok) not in ("supervisor", "admin")
        if needs_another:
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
            self._wrong(seq, "organisation: not below its parent")
        self._add(seq, "organisation", (body["org"],), (body["org"], body["name"], body["level"], parent, seq))

    def _operator(self, seq: int, members: Members) -> None:
        body = members["body"]
        org = body.get("org")
        if body["role"] not in ROLES:
            self._wrong(seq, "operator: no such role")
        if org is not None:
            self._known(seq, "organisation", org)
        elif self.tables["operator"]:
            self.findings.add("name-unknown", seq, what="organisation", name="-")
        self.tables["operator"][body["operator"],] = (body["operator"], org, body["role"], seq)

    def _rulebook(self, seq: int, members: Members) -> None:
        body = members["body"]
        services = tomllib.loads("\n".join(body["text"]))["service"]
        for service, rule in services.items():
            if rule["per"] not in ("hour", "occasion") or not _is_whole(rule["points"], _MOST_POINTS):
                self._wrong(seq, f"rulebook: {service}")
                rule["points"] = 0
        if not _is_day(body["from"]) or (self._rulebooks and body["from"] <= self._rulebooks[-1][0]):
            self._wrong(seq, "rulebook: not after the one before")
        self._rulebooks.append((body["from"], services))
        self._add(seq, "rulebook", (body["from"], seq), (body["from"], seq, body["rulebook"]))

    def _member(self, seq: int, members: Members) -> None:
        body = members["body"]
        self._known(seq, "organisation", body["org"])
        if body["type"] not in _MEMBER_KINDS or len(body["member"]) != _MEMBER_ID_LENGTH:
            self._wrong(seq, "member: no such kind of member, or of id")
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
                self._wrong(seq, "card: not the member's active card")
            cards[number,] = (number, member, "blocked", seq)
            return
        if body["do"] == "replace":
            old = self._known(seq, "card", body["replaces"])
            if old is not None and (old[1] != member or old[2] == "replaced"):
                self._wrong(seq, "card: replaces no card of the member's")
            cards[body["replaces"],] = (body["replaces"], member, "replaced", seq)
        elif body["do"] != "issue":
            self._wrong(seq, "card: neither issued, blocked nor replaced")
        self._add(seq, "card", (number,), (number, member, "active", seq))

    def _shop(self, seq: int, members: Members) -> None:
        body = members["body"]
        self._known(seq, "organisation", body["org"])
        self._add(seq, "shop", (body["shop"],), (body["shop"], body["org"], body["name"], seq))

    def _goods(self, seq: int, members: Members) -> None:
        body = members["body"]
        self._unit(seq, members)
        if body["unit"] != body["good"].upper():
            self._wrong(seq, "goods: the unit is not the good's")
        self._add(seq, "good", (body["good"],), (body["good"], body["unit"], seq))

    def _price(self, seq: int, members: Members) -> None:
        body = members["body"]
        shop, good, start, points = body["shop"], body["good"], body["from"], body["points"]
        self._known(seq, "shop", shop)
        self._known(seq, "good", good)
        known = self._prices.setdefault((shop, good), [])
        if not _is_whole(points, _MOST_PRICE):
            self._wrong(seq, "price: no number of points")
        if not _is_day(start) or (known and start <= known[-1][0]):
            self._wrong(seq, "price: not after the one before")
        known.append((start, points))
        self._add(seq, "price", (shop, good, start, seq), (shop, good, start, seq, points))

    def _award(self, seq: int, members: Members) -> None:
        body, moves = members["body"], members["move"]
        points, minutes = self._earned(body, members["day"]), body.get("minutes", 0)
        debit, member, _, _ = moves[0]
        org = debit.rpartition(":")[2]
        wanted = [
            [f"X:{account}:{org}", member, unit, amount]
            for account, unit, amount in (("AWARDED", "PTS", points), ("SERVICE", "MIN", minutes))
            if amount
        ]
        if moves != wanted:
            found = _amounts((unit, amount) for _, _, unit, amount in moves)
            expected = _amounts((unit, amount) for _, _, unit, amount in wanted)
            if found != expected:
                self.findings.add("award-wrong", seq, expected=expected, found=found)
                return
            self._wrong(seq, "award: not from an organisation to one member")
        if (org.lower(),) not in self.tables["organisation"]:
            self._known(seq, "organisation", org.lower())
        if not member.startswith("L:M:"):
            self._wrong(seq, f"award: {member} is no member's account")
        self._known(seq, "member", member[4:])

    def _earned(self, body: dict[str, Any], day: str) -> int:
        """The points that the rulebook in force gives; -1, which no award can have, where it gives none."""
        rules: dict[str, Any] = next(
            (services for start, services in reversed(self._rulebooks) if start <= day), {}
        )
        rule = rules.get(body["service"])
        minutes, occasions = body.get("minutes"), body.get("occasions")
        if rule is None or not (minutes is None or _is_whole(minutes, _MOST_MINUTES)):
            return -1
        if rule["per"] == "hour":
            return -1 if minutes is None or occasions is not None else int(rule["points"] * minutes // 60)
        return rule["points"] * occasions if _is_whole(occasions, _MOST_OCCASIONS) else -1

    def _redemption(self, seq: int, members: Members) -> None:
        body, day = members["body"], members["day"]
        shop = body["shop"]
        self._known(seq, "shop", shop)
        card = self._known(seq, "card", body["card"])
        if card is None:
            return
        if card[2] != "active":
            self._wrong(seq, f"redemption: the card is {card[2]}")
        total, place = 0, shop.upper()
        wanted: list[list[Any]] = [[f"L:M:{card[1]}", f"L:S:{place}", "PTS", 0]]
        for good, pieces, points in body["goods"]:
            price = self._price_on(shop, good, day)
            if price != points:
                self.findings.add("price-wrong", seq, good=good, expected=price, found=points)
            total += pieces * points
            wanted.append([f"X:GIVEN:{place}", f"A:S:{place}", good.upper(), pieces])
        wanted[0][3] = total
        if members["move"] != wanted:
            self._wrong(seq, "redemption: points taken are not price times goods")

    def _price_on(self, shop: str, good: str, day: str) -> int | None:
        known = self._prices.get((shop, good), [])
        return next((points for start, points in reversed(known) if start <= day), None)

    def _stock(self, seq: int, members: Members) -> None:
        self._known(seq, "shop", members["body"]["shop"])
        shelf = f"A:S:{members['body']['shop'].upper()}"
        for debit, credit, unit, _ in members["move"]:
            self._known(seq, "good", unit.lower())
            if debit != shelf or not credit.startswith(("I:DONATED:", "E:BOUGHT:")):
                self._wrong(seq, f"stock: {credit} to {debit}")
            if credit.startswith("E:BOUGHT:"):
                self._known(seq, "organisation", credit.removeprefix("E:BOUGHT:").lower())


def _is_whole(value: object, most: int) -> bool:
    return type(value) is int and 1 <= value <= most


def _is_day(text: str) -> bool:
    return date.fromisoformat(text).isoformat() == text


def _amounts(amounts: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{amount} {unit}" for unit, amount in amounts) or "0"
