"""How sharp the checker's eye is in a run: how many balances it would miss if they had been another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.histories.checker.books import Books
from tests.histories.checker.evidence import attempts_of
from tests.histories.checker.observed import Observer
from tests.histories.checker.reads import Windows
from tests.histories.checker.tree import roots
from tests.histories.checker.writes import Writes

if TYPE_CHECKING:
    from tests.histories.checker.evidence import Evidence


def found_when_changed(evidence: Evidence, *, points: int = 1) -> tuple[int, int]:
    """Of the balances that were read, each made *points* more by itself: how many are found, of how many."""
    books, attempts = Books(evidence.leaves), attempts_of(evidence.records)
    writes = Writes(evidence, books, attempts)
    list(writes.check())
    windows = Windows(writes.asked, writes.answered)
    observer = Observer(evidence.meta, books, roots(evidence.leaves))
    found = made = 0
    for attempt in attempts:
        if attempt.request["do"] != "balance" or attempt.outcome != "ok":
            continue
        wrong = replace(attempt, answer=attempt.answer | {"points": attempt.answer["points"] + points})
        observation = observer.observation(wrong)
        low, high = windows.low(attempt.invoked), windows.high(attempt.ended)
        made += 1
        found += observation is not None and observation.first(books, low, high) is None
    return found, made
