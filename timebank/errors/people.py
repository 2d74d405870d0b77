"""What goes wrong with the people file."""

from __future__ import annotations

from timebank.errors.families import InvalidInput, Refused, error
from timebank.errors.inputs import Unknown


@error
class BadIdNumber(InvalidInput):
    """A number of an identity document is mistyped; an error repeats no such number."""

    code = "bad-id-number"


@error
class PeopleMissing(InvalidInput):
    """The ledger has no people file beside it."""

    code = "people-missing"
    path: str


@error
class PepperMissing(InvalidInput):
    """The key with which numbers of documents are marked is not beside the ledger."""

    code = "pepper-missing"
    path: str


@error
class NotAPeopleFile(InvalidInput):
    """What lies there is no people file, or one of another ledger (*origin*; `-` if of none)."""

    code = "not-a-people-file"
    path: str
    origin: str


@error
class UnknownPerson(Unknown):
    """Nothing is kept of the person behind this member."""

    code = "unknown-person"


@error
class UnknownMemo(Unknown):
    """No memo has this hash."""

    code = "unknown-memo"


@error
class SamePerson(Refused):
    """The same identity document belongs to another member already: one person, one account."""

    code = "same-person"
    member: str
    other: str
