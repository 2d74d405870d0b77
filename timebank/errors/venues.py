"""What is wrong with the log of rooms, and with ratings."""

from __future__ import annotations

from timebank.errors.families import error
from timebank.errors.inputs import Unknown


@error
class UnknownVenue(Unknown):
    """No such venue."""

    code = "unknown-venue"


@error
class UnknownParty(Unknown):
    """By the rulebook in force on *day*, the quarter's last, *name* rates nothing; the parties *known* do."""

    code = "unknown-party"
    day: str
    known: str
