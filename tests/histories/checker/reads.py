"""Whether what was seen fits one order of everything, with each act between its question and its answer.

The journal is the order of the commands. A look must fit it at one of its sizes: not before what was answered, or
seen, before the look began, and not after what was first asked for when it had ended. That is strict
serializability. Refusals count as looks: they say what the books were.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from itertools import accumulate
from typing import TYPE_CHECKING

from tests.histories.checker.evidence import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.histories.checker.books import Books
    from tests.histories.checker.evidence import Attempt
    from tests.histories.checker.observed import Observation, Observer


class _Latest:
    """The largest size that is known at a moment, of what is added with the moment from which it is known."""

    def __init__(self, known: Sequence[tuple[int, int]] = ()) -> None:
        self._moments: list[int] = []
        self._sizes: list[int] = []
        for moment, size in sorted(known):
            if not self._sizes or size > self._sizes[-1]:
                self._moments.append(moment)
                self._sizes.append(size)

    def before(self, moment: int) -> int:
        """The largest size known before *moment*."""
        at = bisect_left(self._moments, moment)
        return self._sizes[at - 1] if at else 0

    def add(self, moment: int, size: int) -> None:
        """From *moment* on it is known that there were *size* entries."""
        if size <= self.before(moment + 1):
            return
        at = bisect_left(self._moments, moment)
        while at < len(self._sizes) and self._sizes[at] <= size:
            del self._moments[at], self._sizes[at]
        insort(self._moments, moment)
        self._sizes.insert(at, size)


class Windows:
    """Between which sizes the journal was, by what was answered for commands."""

    def __init__(self, asked: Sequence[int], answered: Sequence[int]) -> None:
        self._answered = _Latest([(moment, seq + 1) for seq, moment in enumerate(answered)])
        self._asked = list(accumulate(asked, max))

    def low(self, moment: int) -> int:
        """So many entries had been answered for before *moment*."""
        return self._answered.before(moment)

    def high(self, moment: int) -> int:
        """No more entries than these had been asked for at *moment*."""
        return bisect_left(self._asked, moment)


def check_reads(
    attempts: Sequence[Attempt], observer: Observer, books: Books, windows: Windows
) -> Iterator[Violation | None]:
    """For each look in its order what does not fit, or None."""
    seen = _Latest()
    for attempt in sorted(attempts, key=lambda each: each.invoked):
        observation = observer.observation(attempt)
        if observation is None:
            continue
        low, high = windows.low(attempt.invoked), windows.high(attempt.ended)
        least = max(low, seen.before(attempt.invoked))
        size = observation.first(books, least, high)
        if size is None:
            yield Violation(
                _name(attempt, observation, books, least), f"{attempt.op} {attempt.request} {attempt.answer}"
            )
        else:
            seen.add(attempt.ended, size)
            yield None


def _name(attempt: Attempt, observation: Observation, books: Books, least: int) -> str:
    """What kind of wrong it is: of a time before, of a time to come, or of no time at all."""
    if attempt.request["do"] == "checkpoint" and attempt.outcome == "ok":
        size = attempt.answer["size"]
        if size > books.size or not observation.holds(size):
            return "root-of-another-history"
    if observation.first(books, 0, max(0, least - 1)) is not None:
        return "stale-refusal" if attempt.outcome == "fail" else "stale-read"
    if observation.first(books, least, books.size) is not None:
        return "seen-before-asked"
    return "refused-for-nothing" if attempt.outcome == "fail" else "never-was"


def check_sizes(attempts: Sequence[Attempt]) -> Iterator[Violation]:
    """The journal, as one client sees it, never becomes shorter from one answer to the next question."""
    clients: dict[str, _Latest] = {}
    for attempt in sorted(attempts, key=lambda each: each.invoked):
        size = attempt.answer.get("entries", attempt.answer.get("size")) if attempt.outcome == "ok" else None
        if size is None:
            continue
        known = clients.setdefault(attempt.client, _Latest())
        if size < known.before(attempt.invoked):
            yield Violation(
                "size-went-back", f"{attempt.op} saw {size} entries after {known.before(attempt.invoked)}"
            )
        known.add(attempt.ended, size)
