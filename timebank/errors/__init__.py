"""Every error that timebank raises, in families named by what the caller should do.

TimebankError
├── InvalidInput            fix the input; nothing was written
│   ├── BadAmount · BadCode · BadText · BadDay · BadMoment · DayInFuture · DaysReversed · CardMistyped
│   ├── ClockWrong · BadIdNumber · NotCanonical · BadEntry · BadMove · BadNote · BadReceipt · QrTooLarge
│   ├── SettlementTooEarly
│   ├── RulebookInvalid · MeasureWrong · NothingToShare · NoGoods · SourceUnclear · AmountUnclear · ReceiverUnclear
│   ├── DayNotExportable · BalancesUnreadable
│   ├── TableUnreadable · ColumnsMissing · ColumnTwice · CellWrong · RowsWrong · NothingToOpen
│   ├── Unknown: UnknownMember · UnknownCard · UnknownShop · UnknownGood · UnknownService
│   │   UnknownOrganisation · UnknownOperator · UnknownEntry · UnknownDemo · UnknownRegister
│   │   UnknownRedemption · UnknownReservation · UnknownSettlement
│   │   UnknownDeduction · UnknownOrderKind · UnknownGrade
│   │   UnknownPerson · UnknownMemo
│   │   UnknownOrder · UnknownVenue · UnknownParty · UnknownClaim · UnknownAppeal
│   ├── DispatchUnclear · DueTooEarly · RecipientWrong · StartMissing · DurationMissing · MeasuresTwice
│   └── FileMissing · FileExists · NotALedger · FileTooNew · FileTooOld
│       CannotOpen · CannotWrite · ExtraMissing · KeyMissing · KeyNotInForce · RequestWrong · LogUnknown
│       PeopleMissing · PepperMissing · NotAPeopleFile
├── Refused                 a rule said no; nothing was written
│   ├── KeyConflict · AlreadyExists · NothingLost · CopyTooOld · SizeConflict
│   ├── RoleNotAllowed · SelfApproval · ApprovalMissing
│   ├── NoRulebook · NoPrice · NotInOrder · ExpiryOutOfOrder · PeriodClosed
│   ├── CardBlocked · SamePerson
│   ├── PeriodNotOver · PeriodNotNext · PeriodNotLast · LastAdministrator · LoopInTree · LevelTooLow
│   │   AlreadyInHousehold · AlreadyInTeam · NotInTeam · WrongKind
│   ├── AlreadyResolved · AlreadyReturned · NotReversible
│   ├── NotForMerchant · LimitPassed · EarnedTooLittle · ReturnTooMuch · ReservationOver
│   ├── NothingToSettle · SettledAlready · NotEnoughTakings
│   ├── GiftNotAllowed · BudgetPassed · BudgetOverlaps
│   ├── OwnOrder · WrongState · StepTooEarly · ClaimNotOfOrder
│   ├── ClaimNeeded · ClaimNotOpen · NoticeBackdated · NoticeRunning · NoticeOver · EvidenceSeen · NothingToAward
│   │   CapPassed · DurationWrong · TimesOverlap · AnswerTooEarly · AppealTooLate · AppealNotOpen
│   └── BelowZero · NotEnoughPoints · NotEnoughMinutes · NotEnoughInPool · NotEnoughStock
├── Busy                    nothing was written; make room or wait, then try again
│   ├── FileLocked · BatchOpen · TakenBack
│   └── DiskFull · OutOfMemory
└── Damaged                 stop, keep the file as it is, call the auditor
    ├── FileDamaged · DiskFailed · BatchBroken
    ├── CopyDamaged · ForkSeen
    └── SignatureWrong · ProofWrong · LogDiverged

`code` is stable and made for programs; the sentences live in locale/, in English and Chinese, under the same
code. Facts carry their units in their names; points and stock are whole numbers of the unit's smallest step.
"""

from __future__ import annotations

from timebank.errors.claims import (
    AnswerTooEarly,
    AppealNotOpen,
    AppealTooLate,
    CapPassed,
    ClaimNeeded,
    ClaimNotOpen,
    DurationMissing,
    DurationWrong,
    EvidenceSeen,
    MeasuresTwice,
    NothingToAward,
    NoticeBackdated,
    NoticeOver,
    NoticeRunning,
    RecipientWrong,
    StartMissing,
    TimesOverlap,
    UnknownAppeal,
    UnknownClaim,
)
from timebank.errors.counter import (
    AlreadyReturned,
    EarnedTooLittle,
    LimitPassed,
    NotEnoughTakings,
    NotForMerchant,
    NothingToSettle,
    ReservationOver,
    ReturnTooMuch,
    SettledAlready,
    SettlementTooEarly,
    UnknownRedemption,
    UnknownReservation,
    UnknownSettlement,
)
from timebank.errors.damages import (
    BatchBroken,
    DiskFailed,
    FileDamaged,
    LogDiverged,
    ProofWrong,
    SignatureWrong,
)
from timebank.errors.exporting import BalancesUnreadable, DayNotExportable
from timebank.errors.families import (
    Busy,
    Damaged,
    InvalidInput,
    Refused,
    TimebankError,
)
from timebank.errors.importing import (
    CellWrong,
    ColumnsMissing,
    ColumnTwice,
    NothingToOpen,
    RowsWrong,
    TableUnreadable,
    UnknownRegister,
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
    ClockWrong,
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
from timebank.errors.keys import (
    CopyDamaged,
    CopyTooOld,
    ForkSeen,
    KeyNotInForce,
    LogUnknown,
    NothingLost,
    RequestWrong,
    SizeConflict,
)
from timebank.errors.orders import (
    ClaimNotOfOrder,
    DispatchUnclear,
    DueTooEarly,
    OwnOrder,
    StepTooEarly,
    UnknownOrder,
    WrongState,
)
from timebank.errors.organising import (
    AlreadyInHousehold,
    AlreadyInTeam,
    LastAdministrator,
    LevelTooLow,
    LoopInTree,
    NotInTeam,
    PeriodClosed,
    PeriodNotLast,
    PeriodNotNext,
    PeriodNotOver,
    WrongKind,
)
from timebank.errors.people import (
    BadIdNumber,
    NotAPeopleFile,
    PeopleMissing,
    PepperMissing,
    SamePerson,
    UnknownMemo,
    UnknownPerson,
)
from timebank.errors.points import (
    AmountUnclear,
    BudgetOverlaps,
    BudgetPassed,
    GiftNotAllowed,
    NotEnoughInPool,
    NotEnoughMinutes,
    ReceiverUnclear,
)
from timebank.errors.receipts import QrTooLarge
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
from timebank.errors.reporting import DaysReversed
from timebank.errors.rules import (
    ExpiryOutOfOrder,
    NothingToShare,
    UnknownDeduction,
    UnknownGrade,
    UnknownOrderKind,
)
from timebank.errors.venues import UnknownParty, UnknownVenue
from timebank.errors.waits import (
    BatchOpen,
    DiskFull,
    FileLocked,
    OutOfMemory,
    TakenBack,
)

__all__ = [
    "AlreadyExists",
    "AlreadyInHousehold",
    "AlreadyInTeam",
    "AlreadyResolved",
    "AlreadyReturned",
    "AmountUnclear",
    "AnswerTooEarly",
    "AppealNotOpen",
    "AppealTooLate",
    "ApprovalMissing",
    "BadAmount",
    "BadCode",
    "BadDay",
    "BadEntry",
    "BadIdNumber",
    "BadMoment",
    "BadMove",
    "BadNote",
    "BadReceipt",
    "BadText",
    "BalancesUnreadable",
    "BatchBroken",
    "BatchOpen",
    "BelowZero",
    "BudgetOverlaps",
    "BudgetPassed",
    "Busy",
    "CannotOpen",
    "CannotWrite",
    "CapPassed",
    "CardBlocked",
    "CardMistyped",
    "CellWrong",
    "ClaimNeeded",
    "ClaimNotOfOrder",
    "ClaimNotOpen",
    "ClockWrong",
    "ColumnTwice",
    "ColumnsMissing",
    "CopyDamaged",
    "CopyTooOld",
    "Damaged",
    "DayInFuture",
    "DayNotExportable",
    "DaysReversed",
    "DiskFailed",
    "DiskFull",
    "DispatchUnclear",
    "DueTooEarly",
    "DurationMissing",
    "DurationWrong",
    "EarnedTooLittle",
    "EvidenceSeen",
    "ExpiryOutOfOrder",
    "ExtraMissing",
    "FileDamaged",
    "FileExists",
    "FileLocked",
    "FileMissing",
    "FileTooNew",
    "FileTooOld",
    "ForkSeen",
    "GiftNotAllowed",
    "InvalidInput",
    "KeyConflict",
    "KeyMissing",
    "KeyNotInForce",
    "LastAdministrator",
    "LevelTooLow",
    "LimitPassed",
    "LogDiverged",
    "LogUnknown",
    "LoopInTree",
    "MeasureWrong",
    "MeasuresTwice",
    "NoGoods",
    "NoPrice",
    "NoRulebook",
    "NotALedger",
    "NotAPeopleFile",
    "NotCanonical",
    "NotEnoughInPool",
    "NotEnoughMinutes",
    "NotEnoughPoints",
    "NotEnoughStock",
    "NotEnoughTakings",
    "NotForMerchant",
    "NotInOrder",
    "NotInTeam",
    "NotReversible",
    "NothingLost",
    "NothingToAward",
    "NothingToOpen",
    "NothingToSettle",
    "NothingToShare",
    "NoticeBackdated",
    "NoticeOver",
    "NoticeRunning",
    "OutOfMemory",
    "OwnOrder",
    "PeopleMissing",
    "PepperMissing",
    "PeriodClosed",
    "PeriodNotLast",
    "PeriodNotNext",
    "PeriodNotOver",
    "ProofWrong",
    "QrTooLarge",
    "ReceiverUnclear",
    "RecipientWrong",
    "Refused",
    "RequestWrong",
    "ReservationOver",
    "ReturnTooMuch",
    "RoleNotAllowed",
    "RowsWrong",
    "RulebookInvalid",
    "SamePerson",
    "SelfApproval",
    "SettledAlready",
    "SettlementTooEarly",
    "SignatureWrong",
    "SizeConflict",
    "SourceUnclear",
    "StartMissing",
    "StepTooEarly",
    "TableUnreadable",
    "TakenBack",
    "TimebankError",
    "TimesOverlap",
    "Unknown",
    "UnknownAppeal",
    "UnknownCard",
    "UnknownClaim",
    "UnknownDeduction",
    "UnknownDemo",
    "UnknownEntry",
    "UnknownGood",
    "UnknownGrade",
    "UnknownMember",
    "UnknownMemo",
    "UnknownOperator",
    "UnknownOrder",
    "UnknownOrderKind",
    "UnknownOrganisation",
    "UnknownParty",
    "UnknownPerson",
    "UnknownRedemption",
    "UnknownRegister",
    "UnknownReservation",
    "UnknownService",
    "UnknownSettlement",
    "UnknownShop",
    "UnknownVenue",
    "WrongKind",
    "WrongState",
]
