"""Things run in turn, and the rows that come of it."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from math import ceil
from typing import TYPE_CHECKING, Final

import pyperf
from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

FEWEST_ROUNDS: Final = 5
"""A median of fewer says little."""

PIECES: Final = 4
"""A round of single commands is done in so many pieces: a shared disk changes its speed within a second."""

Turn = Callable[[], float]
"""Does one turn's work and answers its seconds; what it prepares and clears away does not count."""


@frozen
class Goal:
    """What must be reached: at least, or at most, *bound*."""

    bound: float
    at_most: bool = False

    def is_met(self, value: float) -> bool:
        """Whether *value* reaches the goal."""
        return value <= self.bound if self.at_most else value >= self.bound

    def __str__(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.bound:g}"


def at_least(bound: float) -> Goal:
    """The more the better, and no less than *bound*."""
    return Goal(bound)


def at_most(bound: float) -> Goal:
    """The less the better, and no more than *bound*."""
    return Goal(bound, at_most=True)


@frozen
class Row:
    """One figure: *values* are what its rounds gave, in *unit* (`×`: a ratio); *note* is what else was seen."""

    what: str
    values: tuple[float, ...] = field(converter=tuple)
    unit: str = "×"
    goal: Goal | None = None
    note: str = ""
    is_worst: bool = False
    """The figure is the largest value, not the median: for waits that nobody may have."""

    @property
    def figure(self) -> float:
        """The median of the rounds, or the worst of them."""
        return max(self.values) if self.is_worst else float(self.benchmark().median())

    def benchmark(self) -> pyperf.Benchmark:
        """The rounds as pyperf keeps them: a run of one value for each."""
        metadata = {"name": self.what or "row"}
        return pyperf.Benchmark(
            [pyperf.Run([value], metadata=metadata, collect_metadata=False) for value in self.values]
        )

    @property
    def verdict(self) -> str:
        """Whether the goal is reached; empty where there is none."""
        if self.goal is None:
            return ""
        return "yes" if self.goal.is_met(self.figure) else "NO"


def in_turn(rounds: int, *turns: Turn, pieces: int = 1) -> list[tuple[float, ...]]:
    """Seconds of each of *turns*, one tuple of *rounds* each: A B A B ...; a first round is not counted."""
    seconds = [_round(turns, pieces) for _ in range(rounds + 1)]
    return list(zip(*seconds[1:], strict=True))


def _round(turns: Sequence[Turn], pieces: int) -> tuple[float, ...]:
    """One round, in *pieces* that take turns: what slows the machine for a while then slows both sides."""
    seconds = [[turn() for turn in turns] for _ in range(pieces)]
    return tuple(map(sum, zip(*seconds, strict=True)))


def ratios(over: Sequence[float], under: Sequence[float]) -> tuple[float, ...]:
    """*over* divided by *under*, round by round: how many times faster the second is than the first."""
    return tuple(one / other for one, other in zip(over, under, strict=True))


def seconds_of(act: Callable[[], object]) -> float:
    """How long *act* takes."""
    start = pyperf.perf_counter()
    act()
    return pyperf.perf_counter() - start


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of *values* that at least *share* (0 to 1) of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


def per_second(count: int, seconds: Sequence[float]) -> str:
    """A rate for a note: `3,700/s`. Notes are not compared: another machine gives others."""
    return f"{count / statistics.median(seconds):,.0f}/s"
