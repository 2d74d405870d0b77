"""What is refused about points on their way: gifts, pools, budgets."""

from __future__ import annotations

from timebank.errors.families import InvalidInput, Refused, error


@error
class AmountUnclear(InvalidInput):
    """Points or minutes are to be named, one of them."""

    code = "amount-unclear"


@error
class ReceiverUnclear(InvalidInput):
    """A gift goes to another member, with the relation, or to a pool."""

    code = "receiver-unclear"


@error
class GiftNotAllowed(Refused):
    """The rulebook in force allows no such gift.

    *because*: `no-gifts` (it allows none), `unit` (not of this), `to-relative` or `to-pool` (not to such),
    `relation` (not to such a relative).
    """

    code = "gift-not-allowed"
    because: str


@error
class NotEnoughMinutes(Refused):
    """A member has fewer minutes of service than the command takes."""

    code = "not-enough-minutes"
    member: str
    available_minutes: int
    needed_minutes: int


@error
class NotEnoughInPool(Refused):
    """An organisation's pool has less than the command takes, in the smallest step of *unit*."""

    code = "not-enough-in-pool"
    org: str
    unit: str
    available: int
    needed: int


@error
class BudgetPassed(Refused):
    """An award would pass its organisation's budget, and no third person approved that."""

    code = "budget-passed"
    org: str
    first: str
    last: str
    budget_points: int
    used_points: int
    wanted_points: int


@error
class BudgetOverlaps(Refused):
    """The days of a budget are days of another budget of the same organisation."""

    code = "budget-overlaps"
    org: str
    first: str
    last: str
    other_first: str
    other_last: str
