"""A tale: a small history and its journal, written by hand, that is true; tests make one thing in it untrue."""

from __future__ import annotations

import json
from collections import defaultdict
from hashlib import sha256
from typing import Any

from tests.histories.checker.evidence import Copy, Evidence

META: dict[str, Any] = {
    "founded": 1,
    "org": "yungu",
    "cards": {"0001": "M1", "0002": "M2"},
    "prices": {"east": {"soap": 3}},
    "rates": {"patrol": 6},
}
PEOPLE = {"by": "clerk-1", "approved_by": "admin"}


def award(member: str, minutes: int = 60) -> dict[str, Any]:
    """A request to record a patrol."""
    return {
        "do": "award",
        "member": member,
        "service": "patrol",
        "minutes": minutes,
        "day": "2026-02-08",
        **PEOPLE,
    }


def earned(member: str, minutes: int = 60) -> list[list[Any]]:
    """The transfers of a patrol."""
    return [
        ["X:AWARDED:YUNGU", f"L:M:{member}", "PTS", minutes // 10],
        ["X:SERVICE:YUNGU", f"L:M:{member}", "MIN", minutes],
    ]


def of_counter(kind: str, pieces: int) -> dict[str, Any]:
    """A request of M1's for soap."""
    return {"do": kind, "shop": "east", "card": "0001", "goods": {"soap": pieces}, "by": "clerk-1"}


class Tale:
    """A history that grows by one act after the other; each takes a moment of 10."""

    def __init__(self) -> None:
        self.now = 0
        self.entries: list[dict[str, Any]] = []
        self.records: list[dict[str, Any]] = []
        self.copies: list[tuple[int, int, int]] = []
        self.other_copy = False
        self.kept: dict[tuple[str, str], int] = {}
        """What the file keeps otherwise than its entries make it."""

    def entry(self, kind: str, moves: list[list[Any]], key: str | None = None, **more: Any) -> int:
        """Write an entry; its place."""
        seq = len(self.entries)
        entry = {
            "kind": kind,
            "by": "clerk-1",
            "day": "2026-02-08",
            "at": f"2026-03-01T00:00:{seq:02}Z",
            "move": moves,
        }
        self.entries.append(entry | ({"key": key} if key else {}) | more)
        return seq

    def ask(self, request: dict[str, Any], key: str | None = None, *, client: int = 0) -> str:
        """A client asks; the name of its act."""
        op = f"{client}.0.{len(self.records)}.0"
        self.now += 10
        self.records.append(
            {"e": "invoke", "t": self.now, "op": op, "request": request} | ({"key": key} if key else {})
        )
        return op

    def answer(self, op: str, answer: dict[str, Any]) -> None:
        """It is answered."""
        self.now += 10
        self.records.append({"e": "ok", "t": self.now, "op": op, "answer": answer})

    def posted(self, op: str, seq: int, *, repeated: bool = False) -> None:
        """It is answered that its entry is *seq*."""
        self.answer(op, {"seq": seq, "hash": self.hash_of(seq), "repeated": repeated})

    def refuse(self, op: str, code: str, family: str = "Refused", **facts: Any) -> None:
        """It is refused."""
        self.now += 10
        self.records.append({"e": "fail", "t": self.now, "op": op, "code": code, "family": family, "facts": facts})

    def command(self, request: dict[str, Any], kind: str, moves: list[list[Any]], key: str, **more: Any) -> int:
        """Ask for a command that is done; its entry."""
        op = self.ask(request, key)
        if request.get("approved_by"):
            more["ok"] = request["approved_by"]
        seq = self.entry(kind, moves, key, **more)
        self.posted(op, seq)
        return seq

    def look(self, request: dict[str, Any], answer: dict[str, Any], *, client: int = 0) -> None:
        """Ask for a look, and get it."""
        self.answer(self.ask(request, client=client), answer)

    def balance(self, points: int, minutes: int, member: str = "M1") -> None:
        """Look at a member's balance."""
        self.look({"do": "balance", "member": member}, {"points": points, "minutes": minutes})

    def copy(self, size: int) -> None:
        """Take a copy."""
        self.copies.append((self.now + 1, self.now + 9, size))
        self.now += 10

    def leaf(self, seq: int) -> bytes:
        """The leaf of an entry."""
        return json.dumps(self.entries[seq], sort_keys=True).encode()

    def hash_of(self, seq: int) -> str:
        """The hash of a leaf in the tree's way."""
        return sha256(b"\0" + self.leaf(seq)).hexdigest()

    def root(self, size: int) -> str:
        """The root of the first *size* leaves, by RFC 6962's own recursion."""
        return _root([self.leaf(seq) for seq in range(size)]).hex()

    def last(self, event: str, **having: Any) -> dict[str, Any]:
        """The last record of an *event*, for a test to change."""
        return next(
            each
            for each in reversed(self.records)
            if each["e"] == event and all(each.get(name) == value for name, value in having.items())
        )

    def evidence(self) -> Evidence:
        """What the checker is given of it."""
        leaves = tuple(self.leaf(seq) for seq in range(len(self.entries)))
        stored: defaultdict[tuple[str, str], int] = defaultdict(int)
        for entry in self.entries:
            for debit, credit, unit, amount in entry["move"]:
                stored[debit, unit] += amount if debit[0] in "AX" else -amount
                stored[credit, unit] -= amount if credit[0] in "AX" else -amount
        copies = tuple(
            Copy(begun, ended, tuple(b"{}" for _ in leaves) if self.other_copy else leaves[:size])
            for begun, ended, size in self.copies
        )
        return Evidence(META, tuple(self.records), leaves, {**stored, **self.kept}, copies)


def _root(leaves: list[bytes]) -> bytes:
    if len(leaves) < 2:
        return sha256(b"".join(b"\0" + leaf for leaf in leaves)).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\1" + _root(leaves[:split]) + _root(leaves[split:])).digest()


def true_tale() -> Tale:
    """Two members earn, give, redeem, reserve; refusals, a batch, unknown ends, looks, a checkpoint, copies."""
    tale = Tale()
    tale.entry("stock", [["A:S:EAST", "I:DONATED:HUICAI", "SOAP", 10]])
    tale.command(award("M1"), "award", earned("M1"), "k-earn")
    tale.balance(6, 60)
    sold = [["L:M:M1", "L:S:EAST", "PTS", 3], ["X:GIVEN:EAST", "A:S:EAST", "SOAP", 1]]
    tale.command(of_counter("redeem", 1), "redemption", sold, "k-redeem")
    tale.look({"do": "report"}, {"entries": 3, "outstanding": 3})
    give = {"do": "give", "giver": "M1", "to": "M2", "relation": "parent", "points": 2, "by": "clerk-1"}
    tale.command(give, "gift", [["L:M:M1", "L:M:M2", "PTS", 2]], "k-give")
    few = {"member": "M1", "available_points": 1, "needed_points": 6}
    tale.refuse(tale.ask(of_counter("redeem", 2), "k-too-much"), "not-enough-points", **few)
    tale.refuse(tale.ask(award("M1", 120), "k-earn"), "key-conflict", key="k-earn", seq=1)
    tale.posted(tale.ask(award("M1"), "k-earn"), 1, repeated=True)
    _batch(tale)
    tale.ask(award("M2"), "k-unknown-done", client=1)
    tale.entry("award", earned("M2"), "k-unknown-done", ok="admin")
    tale.ask(award("M2"), "k-unknown-not-done", client=1)
    tale.balance(13, 180)
    tale.look({"do": "checkpoint"}, {"size": 7, "root": tale.root(7)}, client=2)
    tale.copy(7)
    tale.look({"do": "balance-at", "member": "M1", "entry": 1}, {"points": 6, "minutes": 60})
    tale.look({"do": "latest", "member": "M1", "limit": 2}, {"lines": [[5, 6, 13], [4, 6, 7]]})
    aside = [["L:M:M1", "L:H:M1", "PTS", 3], ["A:H:EAST", "A:S:EAST", "SOAP", 1]]
    reserved = tale.command(of_counter("reserve", 1), "hold", aside, "k-reserve", body={"shop": "east"})
    out = [["L:H:M1", "L:S:EAST", "PTS", 3], ["X:GIVEN:EAST", "A:H:EAST", "SOAP", 1]]
    collect = {"do": "collect", "seq": reserved, "by": "clerk-1"}
    done = tale.command(collect, "post", out, "k-collect", ref=reserved)
    tale.refuse(tale.ask(collect, "k-collect-2"), "already-resolved", seq=reserved, resolved_by_seq=done)
    tale.look({"do": "stock", "shop": "east"}, {"goods": {"soap": 8}})
    tale.look({"do": "trial"}, {"accounts": [[*place, each] for place, each in tale.evidence().stored.items()]})
    tale.copy(9)
    return tale


def _batch(tale: Tale) -> None:
    parts = [{"key": f"k-batch/{number}", "request": award("M1", 60)} for number in (0, 1)]
    op = tale.ask({"do": "batch", "parts": parts}, "k-batch")
    places = [tale.entry("award", earned("M1"), each["key"], ok="admin") for each in parts]
    tale.answer(op, {"parts": [{"seq": seq, "hash": tale.hash_of(seq), "repeated": False} for seq in places]})
