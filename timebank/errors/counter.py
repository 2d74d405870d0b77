"""What is wrong or refused at the counter, in the stockroom, about reservations, and when a shop is settled."""

from __future__ import annotations

from timebank.errors.families import InvalidInput, Refused, error
from timebank.errors.inputs import Unknown


@error
class UnknownRedemption(Unknown):
    """The entry is no redemption."""

    code = "unknown-redemption"


@error
class UnknownReservation(Unknown):
    """The entry is no reservation."""

    code = "unknown-reservation"


@error
class UnknownSettlement(Unknown):
    """The entry is no settlement."""

    code = "unknown-settlement"


@error
class SettlementTooEarly(InvalidInput):
    """A shop is settled up to a day that is over: yesterday at the latest."""

    code = "settlement-too-early"
    last: str
    today: str


@error
class NotForMerchant(Refused):
    """A caring merchant's shelves are its own: the ledger keeps no stock of them."""

    code = "not-for-merchant"
    shop: str


@error
class LimitPassed(Refused):
    """A member or household would have more pieces of a good in a period than its limit allows."""

    code = "limit-passed"
    good: str
    per: str
    period: str
    most: int
    used: int
    wanted: int


@error
class EarnedTooLittle(Refused):
    """A good is for members who have earned more points, whatever they have spent since."""

    code = "earned-too-little"
    good: str
    least_points: int
    earned_points: int


@error
class ReturnTooMuch(Refused):
    """More pieces would come back than were handed out and have not come back yet."""

    code = "return-too-much"
    seq: int
    good: str
    left: int
    wanted: int


@error
class AlreadyReturned(Refused):
    """Goods of the redemption came back: it is no longer taken back whole."""

    code = "already-returned"
    seq: int


@error
class NotEnoughTakings(Refused):
    """A shop has been paid for the points that it would give back."""

    code = "not-enough-takings"
    shop: str
    available_points: int
    needed_points: int


@error
class ReservationOver(Refused):
    """The last day on which the goods could be collected has passed."""

    code = "reservation-over"
    seq: int
    until: str


@error
class NothingToSettle(Refused):
    """Nothing is owed to the shop for the days up to *last*."""

    code = "nothing-to-settle"
    shop: str
    last: str


@error
class SettledAlready(Refused):
    """The shop was settled for these days: through *through*."""

    code = "settled-already"
    shop: str
    last: str
    through: str
