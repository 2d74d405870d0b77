"""Clocks that are set back and forward under six books; `python -m tests.faults.clocks` takes a thousand."""

from __future__ import annotations

from collections import Counter

from tests.faults.clocks import lives


def test_whatever_the_clock_does_time_does_not_go_back_and_the_book_is_whole() -> None:
    counts: Counter[str] = Counter()
    for life in lives(6, seed=2):
        assert life.wrong == []
        counts += life.counts
    assert counts.keys() >= {"seconds", "days", "years", "far", "end", "ClockWrong", "DayInFuture", "lapsed"}
    assert counts["entries"] > 50
