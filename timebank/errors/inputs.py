"""What is wrong with what somebody asked for: fix the input."""

from __future__ import annotations

import json

from timebank.errors.families import InvalidInput, error
from timebank.locale import sentence, sentences


@error
class BadAmount(InvalidInput):
    """An amount is not a whole number within its bounds (in the unit's smallest step)."""

    code = "bad-amount"
    field: str
    value: str
    least: int
    most: int


@error
class BadCode(InvalidInput):
    """An identifier has characters or a length that its kind does not allow."""

    code = "bad-code"
    field: str
    value: str
    pattern: str


@error
class BadText(InvalidInput):
    """A text is empty, too long, or holds characters that print as nothing or as something else."""

    code = "bad-text"
    field: str
    value: str
    most: int


@error
class BadDay(InvalidInput):
    """A day is not a `datetime.date` (or, as text, not YYYY-MM-DD)."""

    code = "bad-day"
    field: str
    value: str


@error
class BadMoment(InvalidInput):
    """A moment is not UTC in whole seconds, written 2026-11-23T08:15:00Z."""

    code = "bad-moment"
    value: str


@error
class ClockWrong(InvalidInput):
    """This machine's clock is at an end of the calendar, in year 1 or 9999."""

    code = "clock-wrong"
    value: str


@error
class DayInFuture(InvalidInput):
    """A day lies after today in the programme's time zone."""

    code = "day-in-future"
    day: str
    today: str


@error
class CardMistyped(InvalidInput):
    """A card number's check character does not fit: it was mistyped or misread."""

    code = "card-mistyped"
    card: str


@error
class NotCanonical(InvalidInput):
    """Bytes or values that the canonical form cannot hold, or spelt in another way than its one way."""

    code = "not-canonical"
    reason: str


@error
class BadEntry(InvalidInput):
    """A leaf is canonical but is no entry: a member is missing, surplus, or of the wrong form."""

    code = "bad-entry"
    reason: str


@error
class BadMove(InvalidInput):
    """A transfer that cannot be: one account on both sides, or accounts of no known class."""

    code = "bad-move"
    debit: str
    credit: str


@error
class BadNote(InvalidInput):
    """A text is no signed checkpoint note."""

    code = "bad-note"
    reason: str


@error
class BadReceipt(InvalidInput):
    """A text is no tlog-proof receipt."""

    code = "bad-receipt"
    reason: str


@error
class RulebookInvalid(InvalidInput):
    """A rulebook cannot be adopted; *line* is counted from 1, 0 when the whole text is meant.

    *reason* says in English what is wrong; *problem* is its id in the section [rulebook-problem] of the sentences,
    and *about* holds the facts of that sentence, as a JSON object. A reason of one's own has no id.
    """

    code = "rulebook-invalid"
    line: int
    reason: str
    problem: str = ""
    about: str = ""

    def message(self, language: str = "en") -> str:
        """What is wrong on which line, in *language* ("en" or "zh_CN")."""
        reason = self.reason
        if self.problem in sentences(language)["rulebook-problem"]:
            reason = sentence(language, "rulebook-problem", self.problem, json.loads(self.about))
        return sentence(language, "error", self.code, {"line": self.line, "reason": reason})


@error
class MeasureWrong(InvalidInput):
    """A service came without the *measure* that it is counted in, or with one that it is not counted in."""

    code = "measure-wrong"
    service: str
    measure: str


@error
class NoGoods(InvalidInput):
    """A basket is empty."""

    code = "no-goods"
    shop: str


@error
class SourceUnclear(InvalidInput):
    """Goods came in with neither or both of a donor and a buying organisation."""

    code = "source-unclear"
    shop: str


@error
class Unknown(InvalidInput):
    """A name that the journal does not hold."""

    name: str


@error
class UnknownMember(Unknown):
    """No such member."""

    code = "unknown-member"


@error
class UnknownCard(Unknown):
    """No such card."""

    code = "unknown-card"


@error
class UnknownShop(Unknown):
    """No such shop."""

    code = "unknown-shop"


@error
class UnknownGood(Unknown):
    """No such good."""

    code = "unknown-good"


@error
class UnknownOrganisation(Unknown):
    """No such organisation."""

    code = "unknown-organisation"


@error
class UnknownOperator(Unknown):
    """No such operator."""

    code = "unknown-operator"


@error
class UnknownEntry(Unknown):
    """No entry has this place in the journal."""

    code = "unknown-entry"


@error
class UnknownDemo(Unknown):
    """No demo district of this name."""

    code = "unknown-demo"


@error
class UnknownService(Unknown):
    """The rulebook in force on *day* has no service *name*; it has the services *known*."""

    code = "unknown-service"
    day: str
    known: str


@error
class FileMissing(InvalidInput):
    """There is no such file."""

    code = "file-missing"
    path: str


@error
class FileExists(InvalidInput):
    """A new file would overwrite one."""

    code = "file-exists"
    path: str


@error
class NotALedger(InvalidInput):
    """The file is something else: another database, a text, a directory, an empty file."""

    code = "not-a-ledger"
    path: str


@error
class FileTooNew(InvalidInput):
    """The file was written by a newer timebank."""

    code = "file-too-new"
    path: str
    found_version: int
    known_version: int


@error
class FileTooOld(InvalidInput):
    """The file was written by an older timebank, and is opened for reading only: so it stays old."""

    code = "file-too-old"
    path: str
    found_version: int
    known_version: int


@error
class CannotOpen(InvalidInput):
    """The operating system does not let the file be opened."""

    code = "cannot-open"
    path: str
    reason: str


@error
class CannotWrite(InvalidInput):
    """The file or its disk is read-only for this user."""

    code = "cannot-write"
    path: str


@error
class ExtraMissing(InvalidInput):
    """An optional part of timebank is not installed."""

    code = "extra-missing"
    extra: str
    package: str


@error
class KeyMissing(InvalidInput):
    """The signing key of the ledger is not beside its file."""

    code = "key-missing"
    path: str
