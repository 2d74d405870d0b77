"""Erasures that no command would write: what verify says to each."""

from __future__ import annotations

from typing import Any

import pytest

from tests.audit.forging import Forger

APPROVED = {"by": "reg-1", "ok": "sup-1"}


def body(forger: Forger, **changes: Any) -> dict[str, Any]:
    return {"member": forger.people["zhou"], "reason": "asked-for", **changes}


def test_an_erasure_that_follows_is_in_order(forger: Forger) -> None:
    assert forger.forge("erasure", body(forger), **APPROVED) == []


@pytest.mark.parametrize(
    ("changes", "members", "code"),
    [
        ({"member": "ZZZZZZZZZZ"}, {}, "name-unknown"),
        ({"reason": "He asked"}, {}, "entry-wrong"),
        ({"reason": 7}, {}, "entry-wrong"),
        ({}, {"by": "clerk-1"}, "not-allowed"),
        ({}, {"ok": None}, "not-allowed"),
        ({}, {"ok": "clerk-1"}, "not-allowed"),
        ({}, {"by": "sup-1"}, "leaf-bad"),
    ],
)
def test_a_forged_erasure_is_found(forger: Forger, changes: Any, members: Any, code: str) -> None:
    who = {name: value for name, value in {**APPROVED, **members}.items() if value is not None}
    assert code in {each for each, _ in forger.forge("erasure", body(forger, **changes), **who)}


def test_an_erasure_without_its_member_is_found(forger: Forger) -> None:
    assert [code for code, _ in forger.forge("erasure", {"reason": "asked-for"}, **APPROVED)] == ["entry-wrong"]


def test_an_erasure_that_moves_points_is_found(forger: Forger) -> None:
    moves = [[forger.account("zhou"), "L:M:" + forger.people["zhang"], "PTS", 1]]
    assert "entry-wrong" in {code for code, _ in forger.forge("erasure", body(forger), move=moves, **APPROVED)}
