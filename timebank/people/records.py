"""What is kept of persons: who they are, what they consent to, and memos."""

from __future__ import annotations

from typing import Final

from attrs import frozen

PURPOSES: Final = ("bulletin", "stars", "contact")
"""What a person may consent to: the name, masked, in the bulletin and on the star board; to be called upon."""


@frozen
class Person:
    """What is kept of the person behind *member*; *id_end* are the last four characters of a document's number.

    *day* and *by* say when and by whom it was written last, *known_at* how many entries the journal had then.
    """

    member: str
    name: str
    phone: str | None
    id_mark: bytes | None
    id_end: str | None
    day: str
    by: str
    known_at: int


@frozen
class Consent:
    """Consent of *member* to a *purpose*, given or withdrawn on *day*, taken down by *by*."""

    member: str
    purpose: str
    is_given: bool
    day: str
    by: str


@frozen
class Memo:
    """A *text* about *member*; *hash* is SHA-256 of *salt* and text, and may stand in the journal as evidence."""

    hash: str
    member: str
    day: str
    by: str
    salt: bytes
    text: str
