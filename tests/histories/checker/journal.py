"""What must hold of the journal by itself, and of what the file keeps beside it."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from tests.histories.checker.books import NEVER_NEGATIVE, Books, changes
from tests.histories.checker.evidence import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.histories.checker.books import Place
    from tests.histories.checker.evidence import Evidence

RESOLVING = ("reversal", "post", "void")
HOLDING = ("L:M:", "L:H:", "L:S:", "L:POOL:")
SOURCES = {"X:AWARDED:": 1, "I:DEDUCTED:": -1, "I:EXPIRED:": -1, "E:SETTLED:": -1, "E:OPENING:": -1, "A:DEBT:": 1}
"""Where points come from and go to, and whether the account grows when they come (1) or when they go (-1)."""


def check_journal(evidence: Evidence, books: Books) -> Iterator[Violation]:
    """Each key once, each answer once, time never back, nothing below zero, totals conserved and kept."""
    yield from _once(books)
    yield from _moments(books)
    yield from _overdrawn(books)
    yield from _totals(books)
    yield from _kept(evidence, books)


def _once(books: Books) -> Iterator[Violation]:
    keys = Counter(entry["key"] for entry in books.entries if "key" in entry)
    for key, times in keys.items():
        if times > 1:
            yield Violation("key-twice", f"{key} was posted {times} times")
    resolved = Counter(entry["ref"] for entry in books.entries if entry["kind"] in RESOLVING)
    for seq, times in resolved.items():
        if times > 1:
            yield Violation("resolved-twice", f"entry {seq} was answered {times} times")


def _moments(books: Books) -> Iterator[Violation]:
    for seq in range(1, books.size):
        if books.entries[seq]["at"] < books.entries[seq - 1]["at"]:
            yield Violation("time-went-back", f"entry {seq} was recorded before the one before it")


def _overdrawn(books: Books) -> Iterator[Violation]:
    held: defaultdict[Place, int] = defaultdict(int)
    for seq, entry in enumerate(books.entries):
        for place, amount in changes(entry):
            held[place] += amount
            if held[place] < 0 and place[0][0] in NEVER_NEGATIVE:
                yield Violation("overdrawn", f"{place[0]} had {held[place]} {place[1]} in entry {seq}")


def _totals(books: Books) -> Iterator[Violation]:
    """Points in hands, shops and pools are those awarded, less deducted, lapsed and settled: none go elsewhere."""
    held = came = 0
    for seq, entry in enumerate(books.entries):
        for (account, unit), amount in changes(entry):
            if unit == "PTS" and account.startswith(HOLDING):
                held += amount
            elif unit == "PTS":
                came += amount * next((sign for source, sign in SOURCES.items() if account.startswith(source)), 0)
        if held != came:
            yield Violation(
                "wrong-total", f"after entry {seq} there are {held} points in hands, and {came} came in"
            )
            return


def _kept(evidence: Evidence, books: Books) -> Iterator[Violation]:
    folded = {place: books.balance(place, books.size) for place in books.moves}
    for place in sorted(folded.keys() | evidence.stored.keys()):
        if folded.get(place) != evidence.stored.get(place):
            kept, right = evidence.stored.get(place), folded.get(place)
            yield Violation("kept-balance-wrong", f"the file keeps {kept} for {place}, its leaves make {right}")
