"""Every error that timebank raises, in families named by what the caller should do.

TimebankError
├── InvalidInput            fix the input; nothing was written
│   ├── BadAmount · BadCode · BadText · BadDay · BadMoment · DayInFuture · CardMistyped
│   ├── NotCanonical · BadEntry · BadMove · BadNote · BadReceipt
│   ├── RulebookInvalid · MeasureWrong · NoGoods · SourceUnclear
│   ├── Unknown: UnknownMember · UnknownCard · UnknownShop · UnknownGood · UnknownService
│   │   UnknownOrganisation · UnknownOperator · UnknownEntry · UnknownDemo
│   └── FileMissing · FileExists · NotALedger · FileTooNew · CannotOpen · CannotWrite · ExtraMissing · KeyMissing
├── Refused                 a rule said no; nothing was written
│   ├── KeyConflict · AlreadyExists
│   ├── RoleNotAllowed · SelfApproval · ApprovalMissing
│   ├── NoRulebook · NoPrice · NotInOrder
│   ├── CardBlocked
│   ├── AlreadyResolved · NotReversible
│   └── BelowZero · NotEnoughPoints · NotEnoughStock
├── Busy                    nothing was written; make room or wait, then try again
│   ├── FileLocked · BatchOpen · TakenBack
│   └── DiskFull
└── Damaged                 stop, keep the file as it is, call the auditor
    ├── FileDamaged · BatchBroken
    └── SignatureWrong · ProofWrong · LogDiverged

`code` is stable and made for programs; the sentences live in locale/, in English and Chinese, under the same
code. Facts carry their units in their names; points and stock are whole numbers of the unit's smallest step.
"""

from __future__ import annotations

from typing import Any, ClassVar

from attrs import define, fields

from timebank.locale import sentence


@define
class TimebankError(Exception):
    """What every error of timebank has: a stable code, its facts, and a sentence in two languages."""

    code: ClassVar[str] = "timebank-error"

    def facts(self) -> dict[str, Any]:
        """The values behind the sentence, by name."""
        return {field.name: getattr(self, field.name) for field in fields(type(self))}

    def message(self, language: str = "en") -> str:
        """What was wrong, what was available and what to do, in *language* ("en" or "zh_CN")."""
        return sentence(language, "error", self.code, self.facts())

    def __str__(self) -> str:
        return self.message()


@define
class InvalidInput(TimebankError):
    """The input is wrong: fix it and send it again. Nothing was written."""


@define
class Refused(TimebankError):
    """A rule of the programme or of the ledger said no. Nothing was written."""


@define
class Busy(TimebankError):
    """The file cannot take the command now: try again. Nothing was written."""


@define
class Damaged(TimebankError):
    """The file or a proof is not what it should be: stop, keep it as it is, call the auditor."""


# --- InvalidInput ------------------------------------------------------------------------------------------


@define
class BadAmount(InvalidInput):
    """An amount is not a whole number within its bounds (in the unit's smallest step)."""

    code = "bad-amount"
    field: str
    value: str
    least: int
    most: int


@define
class BadCode(InvalidInput):
    """An identifier has characters or a length that its kind does not allow."""

    code = "bad-code"
    field: str
    value: str
    pattern: str


@define
class BadText(InvalidInput):
    """A text is empty, too long, or holds characters that print as nothing or as something else."""

    code = "bad-text"
    field: str
    value: str
    most: int


@define
class BadDay(InvalidInput):
    """A day is not a `datetime.date` (or, as text, not YYYY-MM-DD)."""

    code = "bad-day"
    field: str
    value: str


@define
class BadMoment(InvalidInput):
    """A moment is not UTC in whole seconds, written 2026-11-23T08:15:00Z."""

    code = "bad-moment"
    value: str


@define
class DayInFuture(InvalidInput):
    """A day lies after today in the programme's time zone."""

    code = "day-in-future"
    day: str
    today: str


@define
class CardMistyped(InvalidInput):
    """A card number's check character does not fit: it was mistyped or misread."""

    code = "card-mistyped"
    card: str


@define
class NotCanonical(InvalidInput):
    """Bytes or values that the canonical form cannot hold, or spelt in another way than its one way."""

    code = "not-canonical"
    reason: str


@define
class BadEntry(InvalidInput):
    """A leaf is canonical but is no entry: a member is missing, surplus, or of the wrong form."""

    code = "bad-entry"
    reason: str


@define
class BadMove(InvalidInput):
    """A transfer that cannot be: one account on both sides, or accounts of no known class."""

    code = "bad-move"
    debit: str
    credit: str


@define
class BadNote(InvalidInput):
    """A text is no signed checkpoint note."""

    code = "bad-note"
    reason: str


@define
class BadReceipt(InvalidInput):
    """A text is no tlog-proof receipt."""

    code = "bad-receipt"
    reason: str


@define
class RulebookInvalid(InvalidInput):
    """A rulebook cannot be adopted; *line* is counted from 1, 0 when the whole text is meant."""

    code = "rulebook-invalid"
    line: int
    reason: str


@define
class MeasureWrong(InvalidInput):
    """A service paid by the hour came without minutes, or one paid by the occasion without occasions."""

    code = "measure-wrong"
    service: str
    measure: str


@define
class NoGoods(InvalidInput):
    """A basket is empty."""

    code = "no-goods"
    shop: str


@define
class SourceUnclear(InvalidInput):
    """Goods came in with neither or both of a donor and a buying organisation."""

    code = "source-unclear"
    shop: str


@define
class Unknown(InvalidInput):
    """A name that the journal does not hold."""

    name: str


@define
class UnknownMember(Unknown):
    """No such member."""

    code = "unknown-member"


@define
class UnknownCard(Unknown):
    """No such card."""

    code = "unknown-card"


@define
class UnknownShop(Unknown):
    """No such shop."""

    code = "unknown-shop"


@define
class UnknownGood(Unknown):
    """No such good."""

    code = "unknown-good"


@define
class UnknownOrganisation(Unknown):
    """No such organisation."""

    code = "unknown-organisation"


@define
class UnknownOperator(Unknown):
    """No such operator."""

    code = "unknown-operator"


@define
class UnknownEntry(Unknown):
    """No entry has this place in the journal."""

    code = "unknown-entry"


@define
class UnknownDemo(Unknown):
    """No demo district of this name."""

    code = "unknown-demo"


@define
class UnknownService(Unknown):
    """The rulebook in force on *day* has no service *name*; it has the services *known*."""

    code = "unknown-service"
    day: str
    known: str


@define
class FileMissing(InvalidInput):
    """There is no such file."""

    code = "file-missing"
    path: str


@define
class FileExists(InvalidInput):
    """A new ledger would overwrite a file."""

    code = "file-exists"
    path: str


@define
class NotALedger(InvalidInput):
    """The file is something else: another database, a text, a directory, an empty file."""

    code = "not-a-ledger"
    path: str


@define
class FileTooNew(InvalidInput):
    """The file was written by a newer timebank."""

    code = "file-too-new"
    path: str
    found_version: int
    known_version: int


@define
class CannotOpen(InvalidInput):
    """The operating system does not let the file be opened."""

    code = "cannot-open"
    path: str
    reason: str


@define
class CannotWrite(InvalidInput):
    """The file or its disk is read-only for this user."""

    code = "cannot-write"
    path: str


@define
class ExtraMissing(InvalidInput):
    """An optional part of timebank is not installed."""

    code = "extra-missing"
    extra: str
    package: str


@define
class KeyMissing(InvalidInput):
    """The signing key of the ledger is not beside its file."""

    code = "key-missing"
    path: str


# --- Refused -----------------------------------------------------------------------------------------------


@define
class KeyConflict(Refused):
    """The idempotency key was used for another command."""

    code = "key-conflict"
    key: str
    seq: int


@define
class AlreadyExists(Refused):
    """A name that must be new is taken."""

    code = "already-exists"
    what: str
    name: str


@define
class RoleNotAllowed(Refused):
    """The operator's role does not allow the act."""

    code = "role-not-allowed"
    operator: str
    role: str
    act: str
    allowed: str


@define
class SelfApproval(Refused):
    """The operator who acts and the one who approves are the same."""

    code = "self-approval"
    operator: str


@define
class ApprovalMissing(Refused):
    """The act needs a second person."""

    code = "approval-missing"
    act: str


@define
class NoRulebook(Refused):
    """No rulebook is in force on the day."""

    code = "no-rulebook"
    day: str
    first_day: str


@define
class NoPrice(Refused):
    """The shop has no price for the good in force on the day."""

    code = "no-price"
    shop: str
    good: str
    day: str


@define
class NotInOrder(Refused):
    """A rulebook or price would come into force before one that is already adopted."""

    code = "not-in-order"
    what: str
    from_day: str
    latest_from_day: str


@define
class CardBlocked(Refused):
    """The card was blocked or replaced."""

    code = "card-blocked"
    card: str
    state: str


@define
class AlreadyResolved(Refused):
    """The entry was reversed, or its hold posted or voided, before."""

    code = "already-resolved"
    seq: int
    resolved_by_seq: int


@define
class NotReversible(Refused):
    """Entries of this kind are not reversed; another act undoes them."""

    code = "not-reversible"
    seq: int
    kind: str


@define
class BelowZero(Refused):
    """An asset or liability account would go below zero."""

    code = "below-zero"
    account: str
    unit: str
    available: int
    needed: int


@define
class NotEnoughPoints(Refused):
    """A member has fewer points than the command takes."""

    code = "not-enough-points"
    member: str
    available_points: int
    needed_points: int


@define
class NotEnoughStock(Refused):
    """A shop has less of a good than the command hands out."""

    code = "not-enough-stock"
    shop: str
    good: str
    available: int
    needed: int


# --- Busy --------------------------------------------------------------------------------------------------


@define
class FileLocked(Busy):
    """Another writer held the file for longer than this command was willing to wait."""

    code = "file-locked"
    path: str
    waited_seconds: float


@define
class BatchOpen(Busy):
    """This thread has a batch open, and the command needs the file to itself."""

    code = "batch-open"
    act: str


@define
class TakenBack(Busy):
    """The command shared a commit with another that failed half-way; both were taken back."""

    code = "taken-back"
    path: str


@define
class DiskFull(Busy):
    """The disk, or the quota on it, is full."""

    code = "disk-full"
    path: str


# --- Damaged -----------------------------------------------------------------------------------------------


@define
class FileDamaged(Damaged):
    """The file cannot be read as the ledger it claims to be."""

    code = "file-damaged"
    path: str
    detail: str


@define
class BatchBroken(Damaged):
    """A write inside a batch failed below the rules; the whole batch was taken back."""

    code = "batch-broken"
    path: str


@define
class SignatureWrong(Damaged):
    """A checkpoint carries no valid signature of the key that is expected."""

    code = "signature-wrong"
    signer: str


@define
class ProofWrong(Damaged):
    """A proof does not lead to the root it should lead to."""

    code = "proof-wrong"
    reason: str


@define
class LogDiverged(Damaged):
    """The journal does not extend the checkpoint that was signed before."""

    code = "log-diverged"
    signed_size: int
    size: int
