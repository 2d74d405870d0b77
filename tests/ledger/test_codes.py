"""Accounts, units and amounts at their edges: the last that is allowed, the first that is not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from tests import strategies
from timebank.errors import BadAmount, BadCode, BadMove
from timebank.ledger.codes import DEBIT_NORMAL, MOST_AMOUNT, check_account, check_amount, check_unit, debit_sign
from timebank.ledger.transfers import Transfer, mirror

GOOD_ACCOUNTS = ["A:S", "L:M:0", "E:A-B", "I:0-", "X:A:B:C:D", "L:" + "M" * 198]
BAD_ACCOUNTS = [
    "", "A", "A:", "B:M", "a:M", "A:m", "A::M", "A:M:", ":A", "A:-M", "A:M_", "A:M ", " A:M", "A:M\n", "A:中",
    "A:Ａ", "A:M\x00", "AA:M", "A:M::N", "A:M:-", "L:" + "M" * 199, None, 7, b"A:M", ("A:M",),
]  # fmt: skip
GOOD_UNITS = ["P", "PTS", "RICE-5KG", "A.B_C-9", "A" * 23]
BAD_UNITS = [
    "",
    "p",
    "1A",
    "A-",
    "A.",
    "A_",
    "-A",
    "A" * 24,
    "PTS ",
    "PTS\n",
    "积分",
    "A\x00",
    "A B",
    None,
    1,
    b"PTS",
]


@pytest.mark.parametrize("code", GOOD_ACCOUNTS)
def test_an_account_code_of_the_form_is_taken(code: str) -> None:
    assert check_account(code) == code


@pytest.mark.parametrize("code", BAD_ACCOUNTS, ids=repr)
def test_an_account_code_of_another_form_is_refused(code: str) -> None:
    with pytest.raises(BadCode) as caught:
        check_account(code)
    assert caught.value.field == "account"


@pytest.mark.parametrize("code", GOOD_UNITS)
def test_a_unit_of_the_form_is_taken(code: str) -> None:
    assert check_unit(code) == code


@pytest.mark.parametrize("code", BAD_UNITS, ids=repr)
def test_a_unit_of_another_form_is_refused(code: str) -> None:
    with pytest.raises(BadCode) as caught:
        check_unit(code)
    assert caught.value.field == "unit"


@pytest.mark.parametrize(
    ("check", "field", "pattern"),
    [
        (check_account, "account", "[ALEIX](:[A-Z0-9][A-Z0-9-]*)+"),
        (check_unit, "unit", "[A-Z]([A-Z0-9._-]{0,21}[A-Z0-9])?"),
    ],
)
def test_a_code_that_is_refused_is_shown_as_far_as_80_characters(check: Any, field: str, pattern: str) -> None:
    with pytest.raises(BadCode) as caught:
        check("x" * 99)
    assert caught.value.facts() == {"field": field, "value": "x" * 80, "pattern": pattern}


@pytest.mark.parametrize("value", [1, 2, MOST_AMOUNT - 1, MOST_AMOUNT])
def test_a_whole_amount_within_bounds_is_taken(value: int) -> None:
    assert check_amount("amount", value) == value


@pytest.mark.parametrize(
    "value", [0, -1, MOST_AMOUNT + 1, 10**400, True, 1.0, "1", None, b"1", [1]], ids=lambda v: str(v)[:9]
)
def test_another_amount_is_refused(value: object) -> None:
    with pytest.raises(BadAmount) as caught:
        check_amount("amount", value)
    expected = {"field": "amount", "value": str(value)[:40], "least": 1, "most": 10**12}
    assert caught.value.facts() == expected


def test_an_amount_may_have_a_bound_of_its_own() -> None:
    assert check_amount("points", 5, most=5) == 5
    with pytest.raises(BadAmount) as caught:
        check_amount("points", 6, most=5)
    assert (caught.value.field, caught.value.value, caught.value.least, caught.value.most) == ("points", "6", 1, 5)


@pytest.mark.parametrize(("letter", "sign"), [("A", 1), ("X", 1), ("L", -1), ("E", -1), ("I", -1)])
def test_a_debit_makes_assets_and_expenses_larger_and_the_others_smaller(letter: str, sign: int) -> None:
    assert debit_sign(f"{letter}:M") == sign
    assert (letter in DEBIT_NORMAL) == (sign == 1)


@pytest.mark.parametrize(
    ("values", "error"),
    [
        (("L:M", "L:M", "PTS", 1), BadMove),
        (("L:m", "L:N", "PTS", 1), BadCode),
        (("L:M", "L", "PTS", 1), BadCode),
        (("L:M", "L:N", "pts", 1), BadCode),
        (("L:M", "L:N", "PTS", 0), BadAmount),
        (("L:M", "L:N", "PTS", MOST_AMOUNT + 1), BadAmount),
    ],
)
def test_a_transfer_that_cannot_be_cannot_be_written_down(
    values: tuple[str, str, str, int], error: type[Exception]
) -> None:
    with pytest.raises(error):
        Transfer(*values)


def test_a_transfer_to_itself_names_both_of_its_sides() -> None:
    with pytest.raises(BadMove) as caught:
        Transfer("L:M", "L:M", "PTS", 1)
    assert caught.value.facts() == {"debit": "L:M", "credit": "L:M"}
    with pytest.raises(BadAmount) as amount:
        Transfer("L:M", "L:N", "PTS", 0)
    assert amount.value.field == "amount"


def test_a_transfer_carries_the_least_and_the_most() -> None:
    assert [Transfer("A:A", "L:B", "P", amount).amount for amount in (1, MOST_AMOUNT)] == [1, MOST_AMOUNT]


@given(strategies.transfers())
def test_a_transfer_mirrored_twice_is_itself(move: Transfer) -> None:
    there = move.mirrored()
    assert (there.debit, there.credit, there.unit, there.amount) == (
        move.credit,
        move.debit,
        move.unit,
        move.amount,
    )
    assert there.mirrored() == move
    assert hash(there.mirrored()) == hash(move)


def test_a_mirror_takes_the_last_transfer_back_first() -> None:
    moves = (Transfer("A:A", "L:B", "PTS", 1), Transfer("X:C", "L:B", "MIN", 2))
    assert mirror(moves) == (Transfer("L:B", "X:C", "MIN", 2), Transfer("L:B", "A:A", "PTS", 1))
    assert mirror(mirror(moves)) == moves
