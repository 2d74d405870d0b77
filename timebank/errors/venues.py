"""What is wrong with the log of rooms, and with ratings."""

from __future__ import annotations

from attrs import define

from timebank.errors.inputs import Unknown


@define
class UnknownVenue(Unknown):
    """No such venue."""

    code = "unknown-venue"


@define
class UnknownParty(Unknown):
    """By the rulebook in force on *day*, the quarter's last, *name* rates nothing; the parties *known* do."""

    code = "unknown-party"
    day: str
    known: str
