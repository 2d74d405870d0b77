"""Erasures in the journal: who may put one down, and what it leaves alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import refused
from timebank.errors import (
    ApprovalMissing,
    BadCode,
    KeyConflict,
    NotReversible,
    RoleNotAllowed,
    SelfApproval,
    TimebankError,
    UnknownMember,
    UnknownOperator,
)
from timebank.programme.erasures import Erasure

if TYPE_CHECKING:
    from tests.conftest import Village

TWO: Any = {"by": "registrar-1", "approved_by": "supervisor-1"}


def test_it_is_put_down_and_the_points_stay(village: Village) -> None:
    points = village.points
    posted = village.bank.erasures.record(village.wang, reason="moved-away", **TWO)
    entry = posted.entry
    assert (entry.kind, entry.day, entry.by, entry.ok) == ("erasure", village.TODAY, *TWO.values())
    assert (dict(entry.body), entry.moves) == ({"member": village.wang.id, "reason": "moved-away"}, ())
    assert village.bank.erasures.all() == (Erasure(posted.seq, village.wang.id, "moved-away"),)
    assert village.points == points
    village.redeem(rice=1)  # the member goes on, without a name


def test_it_can_be_put_down_again_and_a_repeated_command_is_not(village: Village) -> None:
    first = village.bank.erasures.record(village.wang, **TWO, key="desk/1")
    again = village.bank.erasures.record(village.wang, **TWO, key="desk/1")
    assert (again.seq, again.repeated) == (first.seq, True)
    refused(
        village, KeyConflict, village.bank.erasures.record, village.wang, reason="moved-away", **TWO, key="desk/1"
    )
    village.bank.erasures.record(village.wang, **TWO)
    assert len(village.bank.erasures.all()) == 2


@pytest.mark.parametrize(
    ("named", "error"),
    [
        ({"by": "clerk-1"}, RoleNotAllowed),
        ({"by": "auditor-1"}, RoleNotAllowed),
        ({"by": "nobody"}, UnknownOperator),
        ({"by": "Nobody 1"}, BadCode),
        ({"approved_by": "registrar-1"}, RoleNotAllowed),
        ({"approved_by": None}, ApprovalMissing),
        ({"by": "supervisor-1"}, SelfApproval),
        ({"reason": "he asked for it"}, BadCode),
        ({"member": "ZZZZZZZZZZ"}, UnknownMember),
    ],
)
def test_what_is_refused_leaves_nothing(
    village: Village, named: dict[str, Any], error: type[TimebankError]
) -> None:
    words = {"member": village.wang, **TWO, **named}
    refused(village, error, village.bank.erasures.record, words.pop("member"), **words)
    assert village.bank.erasures.all() == ()


def test_it_cannot_be_taken_back(village: Village) -> None:
    posted = village.bank.erasures.record(village.wang, **TWO)
    refused(village, NotReversible, village.reverse, posted.seq)


def test_a_rebuild_makes_erasures_again(village: Village) -> None:
    village.bank.erasures.record(village.wang, **TWO)
    before = village.bank.erasures.all()
    village.bank.rebuild()
    assert village.bank.erasures.all() == before
