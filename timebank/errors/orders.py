"""What is wrong with, or refused about, orders: opened, dispatched, accepted, finished, rated, claimed."""

from __future__ import annotations

from timebank.errors.families import InvalidInput, Refused, error
from timebank.errors.inputs import Unknown


@error
class UnknownOrder(Unknown):
    """No order was opened by the entry of this number."""

    code = "unknown-order"


@error
class DispatchUnclear(InvalidInput):
    """An order is dispatched to neither or both of a unit and a volunteer."""

    code = "dispatch-unclear"
    order: int


@error
class DueTooEarly(InvalidInput):
    """An order would be due before the day on which it was opened."""

    code = "due-too-early"
    due: str
    day: str


@error
class OwnOrder(Refused):
    """The volunteer of an order would be the resident who asked for it."""

    code = "own-order"
    order: int
    member: str


@error
class WrongState(Refused):
    """The order's state (or `not-done`, `claimed`) allows no such step; *wanted* are the states that do."""

    code = "wrong-state"
    order: int
    state: str
    wanted: str


@error
class StepTooEarly(Refused):
    """A step of an order would lie before the one that it follows, which was on *last_day*."""

    code = "step-too-early"
    order: int
    day: str
    last_day: str


@error
class ClaimNotOfOrder(Refused):
    """A claim that names an order is not for its volunteer alone, on the day on which the order was finished."""

    code = "claim-not-of-order"
    order: int
    volunteer: str
    day: str
