"""What the rules of the ledger and of the programme say no to."""

from __future__ import annotations

from timebank.errors.families import Refused, error


@error
class KeyConflict(Refused):
    """The idempotency key was used for another command."""

    code = "key-conflict"
    key: str
    seq: int


@error
class AlreadyExists(Refused):
    """A name that must be new is taken."""

    code = "already-exists"
    what: str
    name: str


@error
class RoleNotAllowed(Refused):
    """The operator's role does not allow the act."""

    code = "role-not-allowed"
    operator: str
    role: str
    act: str
    allowed: str


@error
class SelfApproval(Refused):
    """The operator who acts and the one who approves are the same."""

    code = "self-approval"
    operator: str


@error
class ApprovalMissing(Refused):
    """The act needs a second person."""

    code = "approval-missing"
    act: str


@error
class NoRulebook(Refused):
    """No rulebook is in force on the day."""

    code = "no-rulebook"
    day: str
    first_day: str


@error
class NoPrice(Refused):
    """The shop has no price for the good in force on the day."""

    code = "no-price"
    shop: str
    good: str
    day: str


@error
class NotInOrder(Refused):
    """A rulebook, price, move, household or team change would begin too early: a later one is known."""

    code = "not-in-order"
    what: str
    from_day: str
    latest_from_day: str


@error
class CardBlocked(Refused):
    """The card was blocked or replaced."""

    code = "card-blocked"
    card: str
    state: str


@error
class AlreadyResolved(Refused):
    """The entry was reversed, or its hold posted or voided, before."""

    code = "already-resolved"
    seq: int
    resolved_by_seq: int


@error
class NotReversible(Refused):
    """Entries of this kind are not reversed; another act undoes them."""

    code = "not-reversible"
    seq: int
    kind: str


@error
class BelowZero(Refused):
    """An asset or liability account would go below zero."""

    code = "below-zero"
    account: str
    unit: str
    available: int
    needed: int


@error
class NotEnoughPoints(Refused):
    """A member has fewer points than the command takes."""

    code = "not-enough-points"
    member: str
    available_points: int
    needed_points: int


@error
class NotEnoughStock(Refused):
    """A shop has less of a good than the command hands out."""

    code = "not-enough-stock"
    shop: str
    good: str
    available: int
    needed: int
