"""What an entry must say that answers a request: worked out from the request and the run's own price list."""

from __future__ import annotations

from typing import Any

Entry = dict[str, Any]
Moves = list[list[Any]]
KINDS = {
    "award": "award",
    "redeem": "redemption",
    "give": "gift",
    "reserve": "hold",
    "collect": "post",
    "release": "void",
    "reverse": "reversal",
    "return": "return",
}


def answers(entry: Entry, request: dict[str, Any], meta: dict[str, Any], entries: list[Entry]) -> bool:
    """Whether *entry* is what was asked for with *request*: kind, people, reference, day, and every transfer."""
    kind = request["do"]
    return (
        entry["kind"] == KINDS[kind]
        and entry["by"] == request["by"]
        and entry.get("ok") == request.get("approved_by")
        and entry.get("ref") == request.get("seq")
        and entry["day"] == request.get("day", entry["day"])
        and _sorted(entry.get("move", [])) == _sorted(_MOVES[kind](request, meta, entries))
    )


def _sorted(moves: Moves) -> Moves:
    return sorted(moves, key=str)


def _award(request: dict[str, Any], meta: dict[str, Any], _: list[Entry]) -> Moves:
    member, org = f"L:M:{request['member']}", meta["org"].upper()
    points = request["minutes"] * meta["rates"][request["service"]] // 60
    return [
        [f"X:AWARDED:{org}", member, "PTS", points],
        [f"X:SERVICE:{org}", member, "MIN", request["minutes"]],
    ]


def _cost(request: dict[str, Any], meta: dict[str, Any]) -> int:
    prices: dict[str, int] = meta["prices"][request["shop"]]
    return sum(prices[good] * pieces for good, pieces in request["goods"].items())


def _redeem(request: dict[str, Any], meta: dict[str, Any], _: list[Entry]) -> Moves:
    member, shop = f"L:M:{meta['cards'][request['card']]}", request["shop"].upper()
    goods = [[f"X:GIVEN:{shop}", f"A:S:{shop}", good.upper(), each] for good, each in request["goods"].items()]
    return [[member, f"L:S:{shop}", "PTS", _cost(request, meta)], *goods]


def _reserve(request: dict[str, Any], meta: dict[str, Any], _: list[Entry]) -> Moves:
    member, shop = meta["cards"][request["card"]], request["shop"].upper()
    goods = [[f"A:H:{shop}", f"A:S:{shop}", good.upper(), each] for good, each in request["goods"].items()]
    return [[f"L:M:{member}", f"L:H:{member}", "PTS", _cost(request, meta)], *goods]


def _give(request: dict[str, Any], _: dict[str, Any], __: list[Entry]) -> Moves:
    to = f"L:M:{request['to']}" if "to" in request else f"L:POOL:{request['pool'].upper()}"
    return [[f"L:M:{request['giver']}", to, "PTS", request["points"]]]


def _mirror(request: dict[str, Any], _: dict[str, Any], entries: list[Entry]) -> Moves:
    return [[credit, debit, unit, amount] for debit, credit, unit, amount in entries[request["seq"]]["move"]]


def _collect(request: dict[str, Any], _: dict[str, Any], entries: list[Entry]) -> Moves:
    held = entries[request["seq"]]
    shop = held["body"]["shop"].upper()
    moves = []
    for debit, credit, unit, amount in held["move"]:
        if credit.startswith("L:H:"):
            moves.append([credit, f"L:S:{shop}", unit, amount])
        else:
            moves.append([f"X:GIVEN:{shop}", debit, unit, amount])
    return moves


def _return(request: dict[str, Any], meta: dict[str, Any], entries: list[Entry]) -> Moves:
    sold = entries[request["seq"]]
    back = {"shop": sold["body"]["shop"], "card": sold["body"]["card"], "goods": request["goods"]}
    return [[credit, debit, unit, amount] for debit, credit, unit, amount in _redeem(back, meta, entries)]


_MOVES = {
    "award": _award,
    "redeem": _redeem,
    "give": _give,
    "reserve": _reserve,
    "collect": _collect,
    "release": _mirror,
    "reverse": _mirror,
    "return": _return,
}
