"""What is wrong with a question to a rulebook, or with putting one in force."""

from __future__ import annotations

from timebank.errors.families import InvalidInput, Refused, error
from timebank.errors.inputs import Unknown


@error
class UnknownDeduction(Unknown):
    """The rulebook in force on *day* has no deduction *name*; it has the deductions *known*."""

    code = "unknown-deduction"
    day: str
    known: str


@error
class UnknownOrderKind(Unknown):
    """The rulebook in force on *day* has no kind of order *name*; it has the kinds *known*."""

    code = "unknown-order-kind"
    day: str
    known: str


@error
class UnknownGrade(Unknown):
    """The service has no grade *name*; it has the grades *known*."""

    code = "unknown-grade"
    service: str
    known: str


@error
class NothingToShare(InvalidInput):
    """So many people did a service together that nobody's share is a whole point."""

    code = "nothing-to-share"
    service: str
    people: int


@error
class ExpiryOutOfOrder(Refused):
    """Under a new rulebook points earned later would lapse before points earned earlier.

    *expires* is the last day of points earned on *from_day*; *earlier_expires* that of points earned the day
    before, under the rulebook adopted before ("never" where they do not lapse).
    """

    code = "expiry-out-of-order"
    from_day: str
    expires: str
    earlier_expires: str
