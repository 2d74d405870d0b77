"""Measures that repeat, or are too round: written at a desk, perhaps, and not where the service was done."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from timebank.audit.programme.usage import items_of
from timebank.audit.reperform.examples import Examples, by_name
from timebank.audit.reperform.lead import lead_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from timebank.audit.reperform.lead import Lead
    from timebank.audit.reperform.setting import Setting
    from timebank.audit.reperform.thresholds import Thresholds
    from timebank.audit.replay import Members


class _Run:
    """The same minutes of one service by one member, day after day: the run that goes on, and the longest one."""

    __slots__ = ("last", "longest", "minutes", "now")

    def __init__(self, day: int, minutes: int, seq: int) -> None:
        self.last, self.minutes = day, minutes
        self.now = self.longest = Examples()
        self.now.add(seq)

    def add(self, day: int, minutes: int, seq: int, gap: int) -> None:
        """The next award; what is dated back to another place in the row is left out."""
        if day <= self.last:
            return
        if minutes != self.minutes or day - self.last > gap:
            self.now = Examples()
        self.last, self.minutes = day, minutes
        self.now.add(seq)
        if self.now.count > self.longest.count:
            self.longest = self.now


class Measures:
    """`same-measure`, a member and a service each; `round-measures`, whoever recorded them each."""

    def __init__(self, _: Setting, thresholds: Thresholds) -> None:
        self._thresholds = thresholds
        self._runs: dict[tuple[str, str], _Run] = {}
        self._round: dict[str, tuple[Examples, Examples]] = {}
        """For each operator the round measures, and all."""
        self.folds = {"award": self._award}

    def _award(self, seq: int, members: Members) -> None:
        body, day = members["body"], date.fromisoformat(members["day"]).toordinal()
        for member, measure in items_of(members):
            minutes: Any = measure.get("minutes")
            if minutes is None:
                continue
            run = self._runs.get((member, body["service"]))
            if run is None:
                self._runs[member, body["service"]] = _Run(day, minutes, seq)
            else:
                run.add(day, minutes, seq, self._thresholds.same_measure_gap_days)
            are_round, every = self._round.setdefault(members["by"], (Examples(), Examples()))
            every.add(seq)
            if minutes % self._thresholds.round_minutes == 0:
                are_round.add(seq)

    def leads(self) -> Iterator[Lead]:
        """Members and services, then operators."""
        limits = self._thresholds
        for (member, service), run in by_name(self._runs):
            if run.longest.count >= limits.same_measure_days:
                yield lead_of("same-measure", run.longest, member=member, called=service)
        every = sum(pair[1].count for pair in self._round.values())
        are_round = sum(pair[0].count for pair in self._round.values())
        for operator, (own_round, own) in by_name(self._round):
            others, theirs = every - own.count, are_round - own_round.count
            if (
                own.count >= limits.round_measures <= others
                and own_round.count >= limits.round_part * own.count
                and theirs <= limits.round_others * others
            ):
                yield lead_of("round-measures", own_round, operator=operator, awards=own.count)
