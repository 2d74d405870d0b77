"""Who may do what: a refusal tells who wanted what, and who may; the last rule asked is that the month is open."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.conftest import Village
from timebank.errors import (
    ApprovalMissing,
    PeriodClosed,
    RoleNotAllowed,
    SelfApproval,
    TimebankError,
    UnknownOperator,
)
from timebank.programme.roles import MAY_DO, NEEDS_APPROVAL, ROLES, SECOND, Operator, check_allowed, check_role

CLOSED = date(2026, 1, 31)
AUDITOR = {"operator": "auditor-1", "role": "auditor"}
CLERK = {"operator": "clerk-1", "role": "clerk"}


@pytest.fixture
def village(village: Village) -> Village:
    village.bank.periods.close("2026-01", by="supervisor-1")
    return village


@pytest.mark.parametrize(
    ("act", "who", "error", "facts"),
    [
        ("redeem", {"by": "nobody"}, UnknownOperator, {"name": "nobody"}),
        ("reverse", {"by": "clerk-1", "ok": "nobody"}, UnknownOperator, {"name": "nobody"}),
        ("redeem", {"by": "auditor-1"}, RoleNotAllowed, {**AUDITOR, "allowed": "clerk, supervisor, admin"}),
        ("reverse", {"by": "admin", "ok": "clerk-1"}, RoleNotAllowed, {**CLERK, "allowed": "supervisor, admin"}),
        (
            "record-service",
            {"by": "admin", "ok": "clerk-1", "approvers": ("registrar", "auditor")},
            RoleNotAllowed,
            {**CLERK, "allowed": "registrar, auditor"},
        ),
        ("reverse", {"by": "clerk-1"}, ApprovalMissing, {}),
        ("reverse", {"by": "admin", "ok": "admin"}, SelfApproval, {"operator": "admin"}),
        ("redeem", {"by": "clerk-1", "day": CLOSED}, PeriodClosed, {"day": "2026-01-31", "through": "2026-01"}),
        ("reverse", {"by": "clerk-1", "day": CLOSED}, ApprovalMissing, {}),
        ("reverse", {"by": "admin", "ok": "admin", "day": CLOSED}, SelfApproval, {"operator": "admin"}),
    ],
)
def test_a_refusal_tells_who_wanted_what_and_who_may(
    village: Village, act: str, who: dict[str, Any], error: type[TimebankError], facts: dict[str, str]
) -> None:
    with village.bank.journal.reading() as books, pytest.raises(error) as caught:
        check_allowed(books, act, **who)
    wanted = {"act": act} if "act" in caught.value.facts() else {}
    assert caught.value.facts() == facts | wanted


@pytest.mark.parametrize("act", MAY_DO)
def test_an_act_is_done_by_its_roles_with_a_second_person_where_it_needs_one(village: Village, act: str) -> None:
    for role in ROLES:
        second = "admin" if role == "supervisor" else "supervisor-1"
        for ok in (None, second):
            with village.bank.journal.reading() as books:
                try:
                    check_allowed(books, act, f"{role}-1", ok, day=date(2026, 2, 1))
                except RoleNotAllowed:
                    assert role not in MAY_DO[act]
                except ApprovalMissing:
                    assert role in MAY_DO[act] and ok is None and act in NEEDS_APPROVAL
                else:
                    assert role in MAY_DO[act] and (ok is not None or act not in NEEDS_APPROVAL)


def test_a_further_person_has_one_of_the_roles_that_are_named(village: Village) -> None:
    with village.bank.journal.reading() as books:
        check_role(books, "supervisor-1", SECOND, "pass-budget")
        with pytest.raises(RoleNotAllowed) as caught:
            check_role(books, "clerk-1", SECOND, "pass-budget")
        assert caught.value.facts() == {**CLERK, "act": "pass-budget", "allowed": "supervisor, admin"}
        with pytest.raises(UnknownOperator) as unknown:
            check_role(books, "nobody", SECOND, "pass-budget")
        assert unknown.value.facts() == {"name": "nobody"}


def test_operators_are_known_by_their_organisation_role_and_entry(village: Village) -> None:
    founding = next(entry for entry in village.bank.journal.entries() if entry.kind == "operator")
    appointed = village.bank.organisations.appoint("auditor-1", org="yungu", role="clerk", by="admin")
    found = {each.id: each for each in village.bank.organisations.operators()}
    assert found["admin"] == Operator("admin", None, "admin", founding.seq)
    assert found["auditor-1"] == Operator("auditor-1", "yungu", "clerk", appointed.seq)
