"""An error that does not know what it tells is noticed where it is made, in every test."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.told import errors, kinds_of
from timebank.errors import BadDay, NoticeOver, SelfApproval, TimebankError, UnknownClaim


@pytest.mark.parametrize(
    ("error", "facts", "wrong"),
    [
        (NoticeOver, (None, "2026-02-01", "2026-02-03"), "claim"),
        (NoticeOver, (3, None, "2026-02-03"), "until"),
        (NoticeOver, (True, "2026-02-01", "2026-02-03"), "claim"),
        (NoticeOver, (3, "None", ""), "until"),
        (SelfApproval, (None,), "operator"),
        (UnknownClaim, (None,), "name"),
    ],
)
def test_a_fact_that_is_not_there_is_noticed(
    error: Callable[..., TimebankError], facts: tuple[object, ...], wrong: str
) -> None:
    with pytest.raises(AssertionError, match=f"does not know its {wrong}: "):
        error(*facts)


def test_input_that_is_wrong_may_have_been_none() -> None:
    assert BadDay("day", str(None)).facts() == {"field": "day", "value": "None"}
    assert NoticeOver(3, "2026-02-01", "2026-02-03").claim == 3


def test_every_error_is_looked_at() -> None:
    found = set(errors())
    assert len(found) > 140
    assert {name for each in found for name in kinds_of(each).values()} == {str, int, float}
