"""What goes wrong with keys, witnesses, and copies that are put back."""

from __future__ import annotations

from timebank.errors.families import Damaged, InvalidInput, Refused, error


@error
class KeyNotInForce(InvalidInput):
    """The key file beside the book is not of the key that signs now."""

    code = "key-not-in-force"
    path: str
    found_vkey: str
    vkey: str


@error
class RequestWrong(InvalidInput):
    """A text is no request to a witness, or no answer of one."""

    code = "request-wrong"
    reason: str


@error
class LogUnknown(InvalidInput):
    """The witness knows no key of this book."""

    code = "log-unknown"
    log: str


@error
class NothingLost(Refused):
    """An epoch is to be opened for a checkpoint that covers no more than the journal has."""

    code = "nothing-lost"
    signed_size: int
    size: int


@error
class CopyTooOld(Refused):
    """A copy lacks entries that a known checkpoint covers."""

    code = "copy-too-old"
    path: str
    size: int
    signed_size: int
    source: str


@error
class SizeConflict(Refused):
    """A request begins at another size than the witness has cosigned last."""

    code = "size-conflict"
    log: str
    old_size: int
    known_size: int


@error
class CopyDamaged(Damaged):
    """A copy does not pass verification, or is of another history than a known checkpoint."""

    code = "copy-damaged"
    path: str
    findings: int
    first: str


@error
class ForkSeen(Damaged):
    """A book shows a witness another history than it showed before."""

    code = "fork-seen"
    log: str
    size: int
