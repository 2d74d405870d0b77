"""The double entry of a journal, done again in plain Python from the leaves.

A second path: it shares no code with what posts entries or keeps projections, so that one mistake does not hide
the other. `programme_replay` does the same for the programme's rules.
"""

from __future__ import annotations

import random
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from timebank.audit.findings import Findings

Members = dict[str, Any]
Place = tuple[str, str]

_WEIGHT_BITS: Final = 61
_ONE_ANSWER: Final = ("reversal", "post", "void")


class LedgerReplay:
    """Balances, day totals, tallies and resolutions, folded from entries one by one.

    Day totals are kept as one sum per account, each day with a random weight: equal sums mean equal totals but
    for a chance of 2^-61, and memory does not grow with the journal.
    """

    def __init__(self, findings: Findings, leaf: Callable[[int], Members | None]) -> None:
        self.findings = findings
        self.zone: ZoneInfo | None = None
        self.origin = ""
        self.vkey: str | None = None
        self.balances: dict[Place, int] = {}
        self.day_sums: dict[Place, int] = {}
        self.tallies: dict[str, int] = {}
        self.resolvers: dict[int, int] = {}
        self._run_tallies: dict[str, int] = {}
        self._run_sums: dict[Place, int] = {}
        self._leaf = leaf
        self._weights: dict[str, int] = {}
        self._random = random.SystemRandom()
        self._last_at = ""
        self._today = ("", "")

    def entry(self, seq: int, members: Members) -> list[tuple[Any, ...]]:
        """Fold the entry at *seq*; answer its transfers as the store should keep them."""
        self._check_times(seq, members)
        if seq == 0 or members["kind"] == "genesis":
            self._genesis(seq, members)
        rows = self._move(seq, members)
        self._resolve(seq, members)
        kind = members["kind"]
        self._run_tallies[kind] = self._run_tallies.get(kind, 0) + 1
        return rows

    def close_run(self) -> None:
        """A run of 256 entries is complete: what it holds counts in the day totals and tallies from here on."""
        _add(self.tallies, self._run_tallies)
        _add(self.day_sums, self._run_sums)

    def weight(self, day: str) -> int:
        """The random weight of a day, written 2026-02-08."""
        if day not in self._weights:
            self._weights[day] = self._random.getrandbits(_WEIGHT_BITS) | 1
        return self._weights[day]

    def _genesis(self, seq: int, members: Members) -> None:
        body = members["body"]
        reason = ""
        if seq != 0 or members["kind"] != "genesis":
            reason = "genesis is entry 0, and entry 0 is genesis"
        elif body.get("tree") != "rfc6962-sha256":
            reason = "another tree"
        else:
            self.origin, self.vkey = str(body.get("origin")), body.get("vkey")
            try:
                self.zone = ZoneInfo(str(body.get("zone")))
            except (KeyError, ValueError, OSError):
                reason = "no such time zone"
        if reason:
            self.findings.add("genesis-wrong", seq, reason=reason)

    def _check_times(self, seq: int, members: Members) -> None:
        at: str = members["at"]
        if at < self._last_at:
            self.findings.add("time-goes-back", seq)
        self._last_at = at
        if self.zone is not None:
            if at != self._today[0]:
                local = datetime.fromisoformat(at).astimezone(self.zone)
                self._today = (at, local.date().isoformat())
            if members["day"] > self._today[1]:
                self.findings.add("day-after-recording", seq)

    def _move(self, seq: int, members: Members) -> list[tuple[Any, ...]]:
        moves = members.get("move")
        if not moves:
            return []
        weight, day = self.weight(members["day"]), int(members["day"].replace("-", ""))
        rows = []
        for pos, (debit, credit, unit, amount) in enumerate(moves):
            debit_after = self._change(seq, (debit, unit), amount if debit[0] in "AX" else -amount, weight)
            credit_after = self._change(seq, (credit, unit), -amount if credit[0] in "AX" else amount, weight)
            rows.append((seq, pos, debit, credit, unit, unit, amount, day, debit_after, credit_after))
        return rows

    def _change(self, seq: int, place: Place, delta: int, weight: int) -> int:
        after = self.balances.get(place, 0) + delta
        self.balances[place] = after
        self._run_sums[place] = self._run_sums.get(place, 0) + delta * weight
        if after < 0 and place[0][0] in "AL":
            self.findings.add("below-zero", seq, account=place[0], unit=place[1], amount=after)
        return after

    def _resolve(self, seq: int, members: Members) -> None:
        kind, ref = members["kind"], members.get("ref")
        if kind not in _ONE_ANSWER:
            return
        original = None if ref is None else self._leaf(ref)
        if ref is None or original is None:
            self.findings.add("reversal-wrong" if kind == "reversal" else "hold-wrong", seq, ref=str(ref))
            return
        if ref in self.resolvers:
            self.findings.add("resolved-twice", seq, ref=ref)
        self.resolvers.setdefault(ref, seq)
        moves, answer = original.get("move", []), members.get("move", [])
        if kind == "reversal":
            if not _mirrors(moves, answer) or members["body"].get("of") != original["kind"]:
                self.findings.add("reversal-wrong", seq, ref=ref)
            if original["kind"] in ("hold", *_ONE_ANSWER):
                self.findings.add("reversal-wrong", seq, ref=ref)
        elif original["kind"] != "hold" or not _empties(moves, answer, void=kind == "void"):
            self.findings.add("hold-wrong", seq, ref=ref)


def _add(totals: dict[Any, int], more: dict[Any, int]) -> None:
    for name, amount in more.items():
        totals[name] = totals.get(name, 0) + amount
    more.clear()


def _mirrors(moves: Sequence[Any], answer: Sequence[Any]) -> bool:
    """Whether *answer* is *moves* with their sides swapped, last first."""
    return [[credit, debit, unit, amount] for debit, credit, unit, amount in reversed(moves)] == list(answer)


def _empties(moves: Sequence[Any], answer: Sequence[Any], *, void: bool) -> bool:
    """Whether *answer* takes out of the holding accounts exactly what *moves* put in; *void*: all of it back."""
    if void:
        return _mirrors(moves, answer)
    held: dict[tuple[str, str], int] = {}
    for debit, credit, unit, amount in moves:
        place = (credit if credit[0] == "L" else debit, unit)
        held[place] = held.get(place, 0) + amount
    for debit, credit, unit, amount in answer:
        place = (debit, unit) if (debit, unit) in held else (credit, unit)
        if place not in held:
            return False
        held[place] -= amount
    return not any(held.values())
