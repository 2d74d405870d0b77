"""Who may do what: operators by role, and the acts that need a second person.

Everybody is clerk, registrar, supervisor and admin; a second person (yes) is a supervisor or an admin.

| act | who may do it | second person |
| --- | --- | --- |
| organise (organisations, operators, shops, goods, rulebooks, venues) | admin | |
| enrol (members; cards; households and teams; members who move) | registrar, supervisor, admin | |
| record-opening, erase-person | registrar, supervisor, admin | yes |
| block-card, give, expire, serve-order, log-visit | everybody | |
| submit-claim, object-claim, post-claim, lodge-appeal | everybody | |
| review-claim | whom the rulebook names, but not who submitted it | |
| decide-objection, set-price, set-limit, close-period | supervisor, admin | |
| record-service | everybody | whom the rulebook names |
| receive-goods, move-goods, count-stock, write-off, return-goods, reverse | everybody | yes |
| deduct, grant, settle, rate-project | everybody | yes |
| decide-appeal, reopen-period | supervisor, admin | yes |
| set-budget, replace-key, open-epoch | admin | yes |
| redeem (and reserve, collect, release) | clerk, supervisor, admin | |

An auditor reads and never posts. Nobody approves what they do themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from attrs import frozen

from timebank.errors import ApprovalMissing, RoleNotAllowed, SelfApproval, UnknownOperator
from timebank.ledger.entries import check_slug
from timebank.ledger.store import Table
from timebank.programme.closing import check_open

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from timebank.ledger.entries import Entry
    from timebank.ledger.store import Reader, Writer

Role = Literal["clerk", "supervisor", "registrar", "auditor", "admin"]
ROLES: Final[tuple[Role, ...]] = ("clerk", "supervisor", "registrar", "auditor", "admin")

SECOND: Final = ("supervisor", "admin")
"""Who can be the second person of an act that needs one."""

_EVERYBODY: Final = ("clerk", "registrar", "supervisor", "admin")
_ADMIN: Final = ("admin",)

MAY_DO: Final[dict[str, tuple[str, ...]]] = {
    "organise": _ADMIN,
    **dict.fromkeys(("set-budget", "replace-key", "open-epoch"), _ADMIN),
    "enrol": ("registrar", "supervisor", "admin"),
    "redeem": ("clerk", "supervisor", "admin"),
    **dict.fromkeys(("record-opening", "erase-person"), ("registrar", "supervisor", "admin")),
    **dict.fromkeys(("set-price", "set-limit", "close-period", "reopen-period"), SECOND),
    **dict.fromkeys(("decide-objection", "decide-appeal"), SECOND),
    **dict.fromkeys(("block-card", "record-service", "receive-goods", "reverse"), _EVERYBODY),
    **dict.fromkeys(("submit-claim", "review-claim", "object-claim", "post-claim"), _EVERYBODY),
    **dict.fromkeys(("deduct", "lodge-appeal", "give", "grant", "expire"), _EVERYBODY),
    **dict.fromkeys(("serve-order", "move-goods", "count-stock", "write-off", "return-goods"), _EVERYBODY),
    **dict.fromkeys(("settle", "rate-project", "log-visit"), _EVERYBODY),
}
NEEDS_APPROVAL: Final = frozenset(
    (
        *("record-opening", "erase-person"),
        *("record-service", "receive-goods", "reverse", "deduct", "decide-appeal", "grant", "set-budget"),
        *("move-goods", "count-stock", "write-off", "return-goods", "settle", "rate-project", "reopen-period"),
        *("replace-key", "open-epoch"),
    )
)


@frozen
class Operator:
    """Somebody who acts: *org* is None for the founding administrator, who belongs to no organisation yet."""

    id: str
    org: str | None
    role: str
    seq: int


OPERATORS: Final = Table("operator", Operator, ("id",))


def check_operators(by: object, approved_by: object = None) -> None:
    """Raise BadCode unless the operators of an act are named as operators are."""
    check_slug("by", by)
    if approved_by is not None:
        check_slug("approved_by", approved_by)


def check_allowed(
    books: Reader,
    act: str,
    by: str,
    ok: str | None = None,
    *,
    day: date | None = None,
    approvers: tuple[str, ...] = SECOND,
) -> None:
    """Raise unless *by* may *act*, with *ok* as the second person, in an entry of *day*.

    *approvers* are the roles that the second person may have. Raises UnknownOperator, RoleNotAllowed,
    ApprovalMissing, SelfApproval, and PeriodClosed if the books of *day* are closed (None: the entry is of today,
    which is never closed).
    """
    operators = [(by, MAY_DO[act])] + ([(ok, approvers)] if ok is not None else [])
    known = [(_operator(books, name), roles) for name, roles in operators]
    for operator, roles in known:
        _check_role(operator, roles, act)
    if act in NEEDS_APPROVAL and ok is None:
        raise ApprovalMissing(act)
    if ok == by:
        raise SelfApproval(by)
    if day is not None:
        check_open(books, day)


def check_role(books: Reader, operator: str, roles: Sequence[str], act: str) -> None:
    """Raise UnknownOperator or RoleNotAllowed unless *operator* has one of *roles*, which may *act*."""
    _check_role(_operator(books, operator), roles, act)


def _check_role(operator: Operator, roles: Sequence[str], act: str) -> None:
    if operator.role not in roles:
        raise RoleNotAllowed(operator.id, operator.role, act, ", ".join(roles))


def _operator(books: Reader, name: str) -> Operator:
    operator = books.get(OPERATORS, name)
    if operator is None:
        raise UnknownOperator(name)
    return operator


def project_operator(entry: Entry, books: Writer) -> None:
    """Keep the operator's organisation and role."""
    body = entry.body
    books.put(OPERATORS, Operator(body["operator"], body.get("org"), body["role"], entry.seq))
