"""What clients ask for: requests as plain JSON, chosen from a seed, and done through the public interface."""

from __future__ import annotations

import base64
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import timebank

if TYPE_CHECKING:
    from random import Random

Request = dict[str, Any]

SERVED: Final = ("2026-02-08", "2026-02-20")
ASKED: Final = (*SERVED, "2026-03-01", "2026-03-02", "2026-03-05")
UNTIL: Final = "2026-12-31"


class Chooser:
    """Chooses requests of a thread; *answered* holds places of its own earlier entries, by what made them."""

    def __init__(self, meta: dict[str, Any], answered: dict[str, list[int]]) -> None:
        self._cards = sorted(meta["cards"])
        self._members = meta["cards"]
        self._prices = meta["prices"]
        self._answered = answered

    def command(self, rng: Random) -> Request:
        """Any command; what refers to an earlier entry only where there is one."""
        kind = rng.choices(("plain", "collect", "release", "reverse", "return"), weights=(60, 12, 6, 12, 6), k=1)[
            0
        ]
        source = {"collect": "reserve", "release": "reserve", "return": "redeem"}.get(
            kind, rng.choice(("award", "give"))
        )
        places = self._answered.get(source, [])
        if kind == "plain" or not places:
            return self.plain(rng)
        place = rng.choice(places[-8:])
        if kind == "reverse":
            return {"do": kind, "seq": place, "reason": "mistake", "by": "clerk-1", "approved_by": "admin"}
        if kind == "return":
            goods = {rng.choice(("soap", "rice")): 1}
            return {"do": kind, "seq": place, "goods": goods, "by": "clerk-1", "approved_by": "admin"}
        return {"do": kind, "seq": place, "by": "clerk-1"}

    def plain(self, rng: Random) -> Request:
        """A command that refers to nothing before it."""
        kind = rng.choices(("award", "redeem", "give", "reserve"), weights=(30, 30, 25, 15), k=1)[0]
        card = rng.choice(self._cards)
        if kind == "award":
            service, minutes, day = rng.choice(("patrol", "visit")), rng.choice((20, 60, 95)), rng.choice(SERVED)
            people = {"by": "clerk-1", "approved_by": "admin"}
            member = self._members[card]
            return {"do": kind, "member": member, "service": service, "minutes": minutes, "day": day, **people}
        if kind == "give":
            to = rng.choice([each for each in self._cards if each != card])
            whom = {"pool": "yungu"} if rng.random() < 0.2 else {"to": self._members[to], "relation": "parent"}
            return {
                "do": kind,
                "giver": self._members[card],
                **whom,
                "points": rng.randint(1, 15),
                "by": "clerk-1",
            }
        shop = rng.choice(sorted(self._prices))
        goods = {good: rng.randint(1, 2) for good in rng.sample(("soap", "rice"), rng.randint(1, 2))}
        request = {"do": kind, "shop": shop, "card": card, "goods": goods, "by": "clerk-1"}
        return request if kind == "redeem" else {**request, "until": UNTIL}

    def batch(self, rng: Random, key: str) -> Request:
        """Two to five plain commands, each with a key of its own."""
        parts = [{"key": f"{key}/{number}", "request": self.plain(rng)} for number in range(rng.randint(2, 5))]
        return {"do": "batch", "parts": parts}

    def read(self, rng: Random) -> Request:
        """Something to look at."""
        member = self._members[rng.choice(self._cards)]
        places = [place for known in self._answered.values() for place in known[-3:]]
        return rng.choices(
            (
                {"do": "balance", "member": member},
                {"do": "balance-on", "member": member, "day": rng.choice(ASKED)},
                {"do": "balance-at", "member": member, "entry": rng.choice(places or [3]) + rng.choice((0, 0, 5))},
                {"do": "trial"},
                {"do": "trial-on", "day": rng.choice(ASKED)},
                {"do": "report"},
                {"do": "latest", "member": member, "limit": rng.randint(1, 6)},
                {"do": "stock", "shop": rng.choice(sorted(self._prices))},
                {"do": "checkpoint"},
            ),
            weights=(30, 10, 10, 15, 3, 12, 10, 5, 3),
            k=1,
        )[0]


def other_content(request: Request) -> Request:
    """Nearly *request*, but not: what a key must not be used for a second time."""
    if request["do"] == "award":
        return {**request, "minutes": request["minutes"] + 25}
    if request["do"] == "give":
        return {**request, "points": request["points"] + 1}
    return {**request, "goods": {good: pieces + 1 for good, pieces in request["goods"].items()}}


def do(bank: timebank.Bank, request: Request, key: str) -> dict[str, Any]:
    """Do the command *request* with *key*; what was answered, as plain JSON."""
    if request["do"] != "batch":
        return _answer(_post(bank, request, key))
    with bank.batch():
        posted = [_post(bank, part["request"], part["key"]) for part in request["parts"]]
    return {"parts": [_answer(each) for each in posted]}


def _answer(posted: timebank.Posted) -> dict[str, Any]:
    return {"seq": posted.seq, "hash": posted.leaf_hash.hex(), "repeated": posted.repeated}


def _post(bank: timebank.Bank, request: Request, key: str) -> timebank.Posted:
    named = {name: value for name, value in request.items() if name != "do"} | {"key": key}
    for name in ("day", "until"):
        if name in named:
            named[name] = date.fromisoformat(named[name])
    positional = {
        "award": (bank.services.record, ("member", "service")),
        "redeem": (bank.shops.redeem, ("shop",)),
        "give": (bank.gifts.give, ("giver",)),
        "reserve": (bank.reservations.reserve, ("shop",)),
        "collect": (bank.reservations.collect, ("seq",)),
        "release": (bank.reservations.release, ("seq",)),
        "reverse": (bank.reverse, ("seq",)),
        "return": (bank.shops.return_goods, ("seq", "goods")),
    }
    command, names = positional[request["do"]]
    return command(*[named.pop(name) for name in names], **named)  # type: ignore[operator, no-any-return]


def look(bank: timebank.Bank, request: Request) -> dict[str, Any]:
    """Read what *request* asks for; what was seen, as plain JSON."""
    kind = request["do"]
    if kind.startswith("balance"):
        day = date.fromisoformat(request["day"]) if "day" in request else None
        seen = bank.members.balance(request["member"], day=day, at_entry=request.get("entry"))
        return {"points": seen.points, "minutes": seen.minutes}
    if kind.startswith("trial"):
        day = date.fromisoformat(request["day"]) if "day" in request else None
        return {"accounts": [[line.account, line.unit, line.amount] for line in bank.trial_balance(day)]}
    if kind == "report":
        report = bank.report()
        return {"entries": report.entries, "outstanding": report.points_outstanding}
    if kind == "latest":
        lines = bank.members.latest(request["member"], limit=request["limit"])
        return {"lines": [[line.entry.seq, line.delta, line.after] for line in lines]}
    if kind == "stock":
        return {"goods": dict(bank.shops.stock(request["shop"]))}
    _, size, root = bank.checkpoint().split("\n")[:3]
    return {"size": int(size), "root": base64.b64decode(root).hex()}
