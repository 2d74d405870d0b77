"""Entries at odd hours: at night, or far from the hours at which somebody usually works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from timebank.audit.reperform.examples import Examples, by_name
from timebank.audit.reperform.lead import lead_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from timebank.audit.reperform.lead import Lead
    from timebank.audit.reperform.setting import Setting
    from timebank.audit.reperform.thresholds import Thresholds
    from timebank.audit.replay import Members

_HOURS: Final = 24


class Hours:
    """`night-entries` and `unusual-hours`, an operator each; hours are those of the programme's time zone."""

    def __init__(self, setting: Setting, thresholds: Thresholds) -> None:
        self._setting = setting
        self._thresholds = thresholds
        self._operators: dict[str, list[Examples]] = {}
        self.folds = {"": self._any}

    def _any(self, seq: int, members: Members) -> None:
        hours = self._operators.get(members["by"])
        if hours is None:
            hours = self._operators[members["by"]] = [Examples() for _ in range(_HOURS)]
        hours[self._setting.local.hour].add(seq)

    def _is_night(self, hour: int) -> bool:
        return not self._thresholds.night_ends <= hour < self._thresholds.night_begins

    def leads(self) -> Iterator[Lead]:
        """Operators with entries at night, and at hours that are not theirs."""
        limits = self._thresholds
        for operator, hours in by_name(self._operators):
            every = sum(hour.count for hour in hours)
            night = _together(hours, [hour for hour in range(_HOURS) if self._is_night(hour)])
            if night.count >= limits.night_entries:
                yield lead_of("night-entries", night, operator=operator, entries=every)
            unusual = _together(hours, self._unusual(hours, every))
            if unusual.count >= limits.unusual_entries and every >= limits.usual_hours_entries:
                yield lead_of("unusual-hours", unusual, operator=operator, entries=every)

    def _unusual(self, hours: Sequence[Examples], every: int) -> list[int]:
        """The hours of the day that are far from all usual ones."""
        least, apart = self._thresholds.usual_hour_share * every, self._thresholds.usual_hours_apart
        usual = [hour for hour in range(_HOURS) if hours[hour].count > least]
        return [
            hour
            for hour in range(_HOURS)
            if not self._is_night(hour) and all(_apart(hour, other) >= apart for other in usual)
        ]


def _together(hours: Sequence[Examples], wanted: list[int]) -> Examples:
    together = Examples()
    for hour in wanted:
        together.extend(hours[hour])
    return together


def _apart(hour: int, other: int) -> int:
    return min((hour - other) % _HOURS, (other - hour) % _HOURS)
