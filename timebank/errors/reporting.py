"""What is wrong with the days of a statement or a report."""

from __future__ import annotations

from timebank.errors.families import InvalidInput, error


@error
class DaysReversed(InvalidInput):
    """The first day of a period comes after its last."""

    code = "days-reversed"
    first_day: str
    last_day: str
