"""What is refused about organisations, households, teams, periods, ratings and venues."""

from __future__ import annotations

from attrs import define

from timebank.errors.families import Refused


@define
class PeriodClosed(Refused):
    """The books of *day* are closed: every month up to and with *through* is."""

    code = "period-closed"
    day: str
    through: str
