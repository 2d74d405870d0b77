"""An award that is taken back when its points are spent: the member owes them, and the next awards repay."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.programme.yard import Yard
from timebank.errors import (
    AlreadyReturned,
    BadCode,
    KeyConflict,
    NotEnoughMinutes,
    NotEnoughPoints,
    NotEnoughTakings,
    NotReversible,
)
from timebank.ledger.codes import MINUTES, POINTS
from timebank.ledger.transfers import Transfer
from timebank.programme.debts import lent, loans


@pytest.fixture
def yard() -> Yard:
    return Yard()


def owed(yard: Yard, member: str | None = None) -> int:
    return yard.balance("A:DEBT:" + (member or yard.li))


def test_points_that_are_there_are_taken_back_without_a_debt(yard: Yard) -> None:
    award = yard.earn(10)
    entry = yard.reverse(award.seq, debt=True).entry
    assert "debt" not in entry.body
    assert (entry.by, entry.ok, entry.ref, entry.day) == ("clerk-1", "super-1", award.seq, yard.today)
    assert entry.moves == (Transfer(yard.account(), "X:AWARDED:YARD", POINTS, 10),)
    assert (yard.points(), owed(yard), lent(entry)) == (0, 0, ())


def test_what_is_missing_is_lent_first_and_the_mirror_follows(yard: Yard) -> None:
    award = yard.earn(10)
    yard.spend(7)
    entry = yard.reverse(award.seq, debt=True, reason="not-done").entry
    assert entry.body == {"of": "award", "reason": "not-done", "debt": 7}
    assert entry.moves == (
        Transfer(f"A:DEBT:{yard.li}", yard.account(), POINTS, 7),
        Transfer(yard.account(), "X:AWARDED:YARD", POINTS, 10),
    )
    assert (yard.points(), owed(yard), yard.balance("X:AWARDED:YARD")) == (0, 7, 0)
    assert lent(entry) == ((yard.li, 7),)


def test_without_a_debt_points_that_are_spent_are_not_taken_back(yard: Yard) -> None:
    award = yard.earn(10)
    yard.spend(1)
    before = yard.trace()
    for reverse in (yard.bank.reverse, yard.bank.corrections.reverse):
        with pytest.raises(NotEnoughPoints) as caught:
            reverse(award.seq, by="clerk-1", approved_by="super-1")
        assert (caught.value.available_points, caught.value.needed_points) == (9, 10)
    assert yard.trace() == before


def test_the_next_awards_repay_what_is_owed_and_no_more(yard: Yard) -> None:
    award = yard.earn(10)
    yard.spend(7)
    yard.reverse(award.seq, debt=True)
    first = yard.earn(5).entry
    assert first.moves[-1] == Transfer(yard.account(), f"A:DEBT:{yard.li}", POINTS, 5)
    assert (yard.points(), owed(yard)) == (0, 2)
    yard.earn(5)
    assert (yard.points(), owed(yard)) == (3, 0)
    assert len(yard.earn(5).entry.moves) == 1


def test_an_award_that_repaid_is_taken_back_and_the_debt_is_there_again(yard: Yard) -> None:
    award = yard.earn(10)
    yard.spend(10)
    yard.reverse(award.seq, debt=True)
    repaying = yard.earn(15)
    assert (yard.points(), owed(yard)) == (5, 0)
    yard.reverse(repaying.seq)
    assert (yard.points(), owed(yard)) == (0, 10)


def test_of_an_award_that_repaid_only_what_was_left_of_it_is_missing(yard: Yard) -> None:
    award = yard.earn(10)
    yard.spend(10)
    yard.reverse(award.seq, debt=True)
    repaying = yard.earn(15)
    yard.spend(5)
    entry = yard.reverse(repaying.seq, debt=True).entry
    assert entry.body["debt"] == 5
    assert (yard.points(), owed(yard)) == (0, 15)


def test_minutes_are_never_lent(yard: Yard) -> None:
    award = yard.bank.services.record(
        yard.li, "company", day=yard.today, minutes=60, by="clerk-1", approved_by="super-1"
    )
    yard.bank.gifts.give(yard.li, to=yard.fang, relation="child", minutes=1, by="clerk-1")
    before = yard.trace()
    with pytest.raises(NotEnoughMinutes) as caught:
        yard.reverse(award.seq, debt=True)
    assert (caught.value.available_minutes, caught.value.needed_minutes) == (59, 60)
    assert yard.trace() == before


def test_in_a_group_each_member_who_is_short_is_lent_their_own_in_the_claims_order(yard: Yard) -> None:
    claim = yard.bank.claims.submit("help", [yard.fang, yard.li], day=yard.today, occasions=8, by="clerk-1")
    yard.bank.claims.approve(claim.seq, by="super-1")
    award = yard.bank.claims.post(claim.seq, by="clerk-1")
    yard.spend(1)
    yard.spend(8, member=yard.fang)
    entry = yard.reverse(award.seq, debt=True).entry
    assert entry.body["debt"] == 9
    assert lent(entry) == ((yard.fang, 8), (yard.li, 1))
    assert len(entry.moves) == 4
    assert (owed(yard), owed(yard, yard.fang), yard.points(), yard.points(yard.fang)) == (1, 8, 0, 0)


def test_the_same_reversal_twice_happens_once_and_with_a_debt_is_another(yard: Yard) -> None:
    award = yard.earn(10)
    yard.spend(1)
    first = yard.reverse(award.seq, debt=True, key="r-1")
    assert yard.reverse(award.seq, debt=True, key="r-1").seq == first.seq
    assert owed(yard) == 1
    with pytest.raises(KeyConflict):
        yard.reverse(award.seq, key="r-1")


def test_that_an_appeal_was_granted_is_not_said_by_who_reverses(yard: Yard) -> None:
    award = yard.earn(10)
    before = yard.trace()
    with pytest.raises(BadCode) as caught:
        yard.reverse(award.seq, reason="appeal-granted")
    told = {"field": "reason", "value": "appeal-granted", "pattern": "any but appeal-granted"}
    assert caught.value.facts() == told
    assert yard.trace() == before


def test_a_redemption_of_which_goods_came_back_is_not_taken_back_whole(yard: Yard) -> None:
    yard.earn(10)
    redemption = yard.spend(4)
    returned = yard.bank.shops.return_goods(redemption.seq, {"soap": 1}, by="clerk-1", approved_by="super-1")
    before = yard.trace()
    with pytest.raises(AlreadyReturned):
        yard.reverse(redemption.seq)
    with pytest.raises(NotReversible) as caught:
        yard.reverse(returned.seq)
    assert caught.value.facts() == {"seq": returned.seq, "kind": "return"}
    assert yard.trace() == before


def test_a_redemption_that_the_shop_was_paid_for_is_not_taken_back(yard: Yard) -> None:
    yard.earn(10)
    redemption = yard.spend(4)
    yard.later(1)
    yard.bank.settlements.settle(yard.shop, last=redemption.entry.day, by="clerk-1", approved_by="super-1")
    with pytest.raises(NotEnoughTakings) as caught:
        yard.reverse(redemption.seq)
    assert (caught.value.available_points, caught.value.needed_points) == (0, 4)


SIDES = list(permutations(("L:M:AAAAAAAAAA", "L:M:BBBBBBBBBB", "X:AWARDED:YARD", "A:DEBT:AAAAAAAAAA"), 2))
MOVES = st.lists(
    st.builds(
        lambda sides, unit, amount: Transfer(*sides, unit, amount),
        st.sampled_from(SIDES),
        st.sampled_from([POINTS, MINUTES]),
        st.integers(1, 20),
    ),
    max_size=8,
)


class Held:
    """Books that know balances alone."""

    def __init__(self, points: dict[str, int]) -> None:
        self.points = points

    def balance(self, account: str, unit: str) -> int:
        assert unit == POINTS
        return self.points.get(account, 0)


@given(MOVES, st.integers(0, 15), st.integers(0, 15))
def test_what_is_lent_is_just_enough(moves: list[Transfer], first: int, second: int) -> None:
    held = {"L:M:AAAAAAAAAA": first, "L:M:BBBBBBBBBB": second}
    found = loans(Held(held), moves)  # type: ignore[arg-type]
    assert len({loan.credit for loan in found}) == len(found)
    for account, before in held.items():
        given = sum(loan.amount for loan in found if loan.credit == account)
        left, lowest = before + given, before + given
        for move in moves:
            if move.unit == POINTS:
                left += move.amount * ((move.credit == account) - (move.debit == account))
                lowest = min(lowest, left)
        assert lowest >= 0
        assert given == 0 or lowest == 0
