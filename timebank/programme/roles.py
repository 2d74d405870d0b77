"""Who may do what: operators by role, and the acts that need a second person.

| act | who may do it | who may approve it |
| --- | --- | --- |
| organise (organisations, operators, shops, goods, rulebooks) | admin | |
| enrol (members; cards issued and replaced) | registrar, supervisor, admin | |
| block-card | clerk, registrar, supervisor, admin | |
| set-price | supervisor, admin | |
| record-service, receive-goods, reverse | clerk, registrar, supervisor, admin | supervisor, admin |
| redeem | clerk, supervisor, admin | |

An auditor reads and never posts. Nobody approves what they do themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from attrs import frozen

from timebank.errors import ApprovalMissing, RoleNotAllowed, SelfApproval, UnknownOperator
from timebank.ledger.entries import check_slug
from timebank.ledger.store import Table

if TYPE_CHECKING:
    from timebank.ledger.entries import Entry
    from timebank.ledger.store import Reader, Writer

Role = Literal["clerk", "supervisor", "registrar", "auditor", "admin"]
ROLES: Final[tuple[Role, ...]] = ("clerk", "supervisor", "registrar", "auditor", "admin")

_APPROVERS: Final = ("supervisor", "admin")
_EVERYBODY: Final = ("clerk", "registrar", "supervisor", "admin")

MAY_DO: Final[dict[str, tuple[str, ...]]] = {
    "organise": ("admin",),
    "enrol": ("registrar", "supervisor", "admin"),
    "block-card": _EVERYBODY,
    "set-price": _APPROVERS,
    "record-service": _EVERYBODY,
    "receive-goods": _EVERYBODY,
    "reverse": _EVERYBODY,
    "redeem": ("clerk", "supervisor", "admin"),
}
NEEDS_APPROVAL: Final = frozenset(("record-service", "receive-goods", "reverse"))


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


def check_allowed(books: Reader, act: str, by: str, ok: str | None = None) -> None:
    """Raise UnknownOperator, RoleNotAllowed, ApprovalMissing or SelfApproval unless *by* (and *ok*) may *act*."""
    operators = [(by, MAY_DO[act])] + ([(ok, _APPROVERS)] if ok is not None else [])
    known = [(_operator(books, name), roles) for name, roles in operators]
    for operator, roles in known:
        if operator.role not in roles:
            raise RoleNotAllowed(operator.id, operator.role, act, ", ".join(roles))
    if act in NEEDS_APPROVAL and ok is None:
        raise ApprovalMissing(act)
    if ok == by:
        raise SelfApproval(by)


def _operator(books: Reader, name: str) -> Operator:
    operator = books.get(OPERATORS, name)
    if operator is None:
        raise UnknownOperator(name)
    return operator


def project_operator(entry: Entry, books: Writer) -> None:
    """Keep the operator's organisation and role."""
    body = entry.body
    books.put(OPERATORS, Operator(body["operator"], body.get("org"), body["role"], entry.seq))
