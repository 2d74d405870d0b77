"""What there is too little of is told by its name: a member, a pool, a shop's takings, a good in a shop."""

from __future__ import annotations

import pytest

from timebank.errors import (
    BelowZero,
    NotEnoughInPool,
    NotEnoughMinutes,
    NotEnoughPoints,
    NotEnoughStock,
    NotEnoughTakings,
    Refused,
)
from timebank.programme.shortages import in_words


@pytest.mark.parametrize(
    ("account", "unit", "told"),
    [
        ("L:M:AAAAAAAAAA", "PTS", NotEnoughPoints("AAAAAAAAAA", 3, 4)),
        ("L:M:AAAAAAAAAA", "MIN", NotEnoughMinutes("AAAAAAAAAA", 3, 4)),
        ("L:POOL:EAST-LAKE", "MIN", NotEnoughInPool("east-lake", "MIN", 3, 4)),
        ("L:S:EAST-SHOP", "PTS", NotEnoughTakings("east-shop", 3, 4)),
        ("A:S:EAST-SHOP", "RICE", NotEnoughStock("east-shop", "rice", 3, 4)),
    ],
)
def test_what_is_too_little_has_a_name(account: str, unit: str, told: Refused) -> None:
    found = in_words(BelowZero(account, unit, 3, 4))
    assert (type(found), found.facts()) == (type(told), told.facts())


@pytest.mark.parametrize(("account", "unit"), [("L:M:AAAAAAAAAA", "RICE"), ("A:DEBT:AAAAAAAAAA", "PTS")])
def test_any_other_account_is_told_as_it_is(account: str, unit: str) -> None:
    error = BelowZero(account, unit, 3, 4)
    assert in_words(error) is error
