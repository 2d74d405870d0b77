"""The journal as the checker reads it: entries, and every account at every prefix."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections import defaultdict
from itertools import accumulate
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Place = tuple[str, str]
"""An account and a unit."""

DEBIT_CLASSES = "AX"
NEVER_NEGATIVE = "AL"


def changes(entry: dict[str, Any]) -> Iterator[tuple[Place, int]]:
    """What an entry's transfers do, each to its debit and to its credit account, in the accounts' own signs."""
    for debit, credit, unit, amount in entry.get("move", ()):
        yield (debit, unit), amount if debit[0] in DEBIT_CLASSES else -amount
        yield (credit, unit), -amount if credit[0] in DEBIT_CLASSES else amount


class Books:
    """The entries of *leaves*, and what every account was when the journal was any number of entries long."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.entries: list[dict[str, Any]] = [json.loads(leaf) for leaf in leaves]
        self.size = len(self.entries)
        self.moves: dict[Place, list[tuple[int, str, int]]] = defaultdict(list)
        """By account and unit, each change: the entry's place, its day, the amount."""
        for seq, entry in enumerate(self.entries):
            for place, amount in changes(entry):
                self.moves[place].append((seq, entry["day"], amount))
        self.seq_of_key = {entry["key"]: seq for seq, entry in enumerate(self.entries) if "key" in entry}
        self._first = sorted(moves[0][0] for moves in self.moves.values())
        self._known: dict[tuple[Place, str | None], tuple[list[int], list[int]]] = {}

    def steps(self, place: Place, day: str | None = None) -> tuple[list[int], list[int]]:
        """The entries that change *place* (with *day*: up to that day), and its balance after each."""
        found = self._known.get((place, day))
        if found is None:
            moves = [(seq, amount) for seq, on, amount in self.moves.get(place, ()) if day is None or on <= day]
            found = [seq for seq, _ in moves], list(accumulate(amount for _, amount in moves))
            self._known[place, day] = found
        return found

    def balance(self, place: Place, size: int, day: str | None = None) -> int:
        """What *place* held when the journal had *size* entries; with *day*, at that day's end."""
        seqs, after = self.steps(place, day)
        known = bisect_left(seqs, size)
        return after[known - 1] if known else 0

    def accounts(self, size: int) -> int:
        """How many accounts (each unit for itself) had ever moved when the journal had *size* entries."""
        return bisect_left(self._first, size)

    def next_change(self, places: Sequence[Place], size: int) -> int:
        """The first size over *size* at which one of *places* (none: anything) may be another."""
        if not places:
            return size + 1
        nexts = []
        for place in places:
            seqs, _ = self.steps(place)
            at = bisect_left(seqs, size)
            if at < len(seqs):
                nexts.append(seqs[at] + 1)
        return min(nexts, default=self.size + 1)

    def lines(self, place: Place, size: int, limit: int) -> list[list[int]]:
        """The newest *limit* changes of *place*, newest first: entry, amount, balance after it."""
        moves = self.moves.get(place, [])
        seqs, after = self.steps(place)
        end = bisect_right(seqs, size - 1)
        return [[moves[at][0], moves[at][2], after[at]] for at in range(end - 1, max(-1, end - 1 - limit), -1)]
