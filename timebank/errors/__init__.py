"""Every error that timebank raises, in families named by what the caller should do.

TimebankError
├── InvalidInput            fix the input; nothing was written
│   ├── BadAmount · BadCode · BadText · BadDay · BadMoment · DayInFuture · CardMistyped
│   ├── NotCanonical · BadEntry · BadMove · BadNote · BadReceipt
│   ├── RulebookInvalid · MeasureWrong · NoGoods · SourceUnclear
│   ├── Unknown: UnknownMember · UnknownCard · UnknownShop · UnknownGood · UnknownService
│   │   UnknownOrganisation · UnknownOperator · UnknownEntry · UnknownDemo
│   └── FileMissing · FileExists · NotALedger · FileTooNew · FileTooOld
│       CannotOpen · CannotWrite · ExtraMissing · KeyMissing
├── Refused                 a rule said no; nothing was written
│   ├── KeyConflict · AlreadyExists
│   ├── RoleNotAllowed · SelfApproval · ApprovalMissing
│   ├── NoRulebook · NoPrice · NotInOrder · PeriodClosed
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

from timebank.errors.damages import (
    BatchBroken,
    FileDamaged,
    LogDiverged,
    ProofWrong,
    SignatureWrong,
)
from timebank.errors.families import (
    Busy,
    Damaged,
    InvalidInput,
    Refused,
    TimebankError,
)
from timebank.errors.inputs import (
    BadAmount,
    BadCode,
    BadDay,
    BadEntry,
    BadMoment,
    BadMove,
    BadNote,
    BadReceipt,
    BadText,
    CannotOpen,
    CannotWrite,
    CardMistyped,
    DayInFuture,
    ExtraMissing,
    FileExists,
    FileMissing,
    FileTooNew,
    FileTooOld,
    KeyMissing,
    MeasureWrong,
    NoGoods,
    NotALedger,
    NotCanonical,
    RulebookInvalid,
    SourceUnclear,
    Unknown,
    UnknownCard,
    UnknownDemo,
    UnknownEntry,
    UnknownGood,
    UnknownMember,
    UnknownOperator,
    UnknownOrganisation,
    UnknownService,
    UnknownShop,
)
from timebank.errors.organising import PeriodClosed
from timebank.errors.refusals import (
    AlreadyExists,
    AlreadyResolved,
    ApprovalMissing,
    BelowZero,
    CardBlocked,
    KeyConflict,
    NoPrice,
    NoRulebook,
    NotEnoughPoints,
    NotEnoughStock,
    NotInOrder,
    NotReversible,
    RoleNotAllowed,
    SelfApproval,
)
from timebank.errors.waits import (
    BatchOpen,
    DiskFull,
    FileLocked,
    TakenBack,
)

__all__ = [
    "AlreadyExists",
    "AlreadyResolved",
    "ApprovalMissing",
    "BadAmount",
    "BadCode",
    "BadDay",
    "BadEntry",
    "BadMoment",
    "BadMove",
    "BadNote",
    "BadReceipt",
    "BadText",
    "BatchBroken",
    "BatchOpen",
    "BelowZero",
    "Busy",
    "CannotOpen",
    "CannotWrite",
    "CardBlocked",
    "CardMistyped",
    "Damaged",
    "DayInFuture",
    "DiskFull",
    "ExtraMissing",
    "FileDamaged",
    "FileExists",
    "FileLocked",
    "FileMissing",
    "FileTooNew",
    "FileTooOld",
    "InvalidInput",
    "KeyConflict",
    "KeyMissing",
    "LogDiverged",
    "MeasureWrong",
    "NoGoods",
    "NoPrice",
    "NoRulebook",
    "NotALedger",
    "NotCanonical",
    "NotEnoughPoints",
    "NotEnoughStock",
    "NotInOrder",
    "NotReversible",
    "PeriodClosed",
    "ProofWrong",
    "Refused",
    "RoleNotAllowed",
    "RulebookInvalid",
    "SelfApproval",
    "SignatureWrong",
    "SourceUnclear",
    "TakenBack",
    "TimebankError",
    "Unknown",
    "UnknownCard",
    "UnknownDemo",
    "UnknownEntry",
    "UnknownGood",
    "UnknownMember",
    "UnknownOperator",
    "UnknownOrganisation",
    "UnknownService",
    "UnknownShop",
]
