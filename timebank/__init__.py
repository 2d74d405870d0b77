"""An append-only double-entry ledger for community time banks (时间银行) and points supermarkets (积分超市).

    import timebank

    with timebank.create("yungu.timebank", origin="yungu.example/timebank") as bank:
        ...

`open` and `create` answer a `Bank`; its desks act, and everything that can go wrong is a `TimebankError`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from timebank import errors
from timebank.audit.report import Report, unit_sums
from timebank.bank import Bank
from timebank.bank import open_bank as open
from timebank.errors import Busy, Damaged, InvalidInput, Refused, TimebankError
from timebank.ledger.entries import Entry
from timebank.ledger.journal import Posted
from timebank.ledger.statements import Line, Statement
from timebank.ledger.store import AccountBalance
from timebank.ledger.transfers import Transfer
from timebank.programme.claim_records import Claim
from timebank.programme.members import Balance, Card, Member
from timebank.programme.rulebook import Rulebook, Service, parse_rulebook, shipped_rulebook
from timebank.programme.rulebook_terms import Measure
from timebank.programme.shops import Shop
from timebank.residents.desk import People
from timebank.tlog.checkpoint import parse_verifier
from timebank.tlog.receipt import Receipt, verify_receipt

if TYPE_CHECKING:
    from timebank.audit.findings import Finding, Verification
    from timebank.audit.reperform import Audit, Lead, Papers, Thresholds
    from timebank.checking import audit_file, verify_file

__all__ = [
    "AccountBalance",
    "Audit",
    "Balance",
    "Bank",
    "Busy",
    "Card",
    "Claim",
    "Damaged",
    "Entry",
    "Finding",
    "InvalidInput",
    "Lead",
    "Line",
    "Measure",
    "Member",
    "Papers",
    "People",
    "Posted",
    "Receipt",
    "Refused",
    "Report",
    "Rulebook",
    "Service",
    "Shop",
    "Statement",
    "Thresholds",
    "TimebankError",
    "Transfer",
    "Verification",
    "audit_file",
    "create",
    "errors",
    "open",
    "parse_rulebook",
    "parse_verifier",
    "shipped_rulebook",
    "unit_sums",
    "verify_file",
    "verify_receipt",
]

create = Bank.create

_AUDITORS = {
    **dict.fromkeys(("Finding", "Verification"), "timebank.audit.findings"),
    **dict.fromkeys(("Audit", "Lead", "Papers", "Thresholds"), "timebank.audit.reperform"),
    **dict.fromkeys(("audit_file", "verify_file"), "timebank.checking"),
}
"""What only an auditor needs, and where it is: a counter that opens a book does not wait for it to be loaded."""


def __getattr__(name: str) -> object:
    if name not in _AUDITORS:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_AUDITORS[name]), name)


def __dir__() -> list[str]:
    return [*globals(), *_AUDITORS]
