"""Forged shops, stock, limits, redemptions, returns, reservations and settlements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.audit.forging import CLERK, DAY

if TYPE_CHECKING:
    from tests.audit.forging import Forger

Found = list[tuple[str, str]]
SHOP = "yungu-shop"


def redeem(
    forger: Forger, name: str, pieces: int, good: str = "rice-5kg", shop: str = SHOP, **changes: Any
) -> Found:
    place, unit = shop.upper(), good.upper()
    move = [
        [forger.account(name), f"L:S:{place}", "PTS", 5 * pieces],
        [f"X:GIVEN:{place}", f"A:S:{place}", unit, pieces],
    ]
    body = {"shop": shop, "card": f"C-{name.upper()}", "goods": [[good, pieces, 5]], **changes.pop("body", {})}
    return forger.forge("redemption", body, **{"move": move, **changes})


@pytest.fixture
def rich(forger: Forger) -> Forger:
    """With points in the hands of three members, of an opening balance each."""
    for name in ("wang", "zhang", "zhou"):
        move = [["E:OPENING:GRID-7", forger.account(name), "PTS", 100]]
        body = {"member": forger.people[name]}
        assert forger.forge("opening", body, by="reg-1", ok="sup-1", move=move) == []
    return forger


# --- Redemptions and limits --------------------------------------------------------------------------------


def test_a_redemption_in_order_is_no_finding(rich: Forger) -> None:
    assert redeem(rich, "wang", 2) == []


def test_more_of_a_good_than_the_limit_allows_is_found(rich: Forger) -> None:
    assert redeem(rich, "zhang", 3, "soap") == []
    assert redeem(rich, "zhang", 1, "soap") == [("rule-broken", "limit-passed soap 3 member month")]


def test_more_of_a_good_than_a_household_may_have_is_found(rich: Forger) -> None:
    found = redeem(rich, "zhang", 3, "soap", "branch")
    assert found == [("rule-broken", "limit-passed soap 2 household day")]


def test_a_good_for_one_who_has_earned_too_little_is_found(rich: Forger) -> None:
    assert redeem(rich, "zhang", 1, "oil-1l") == []
    assert redeem(rich, "zhou", 1, "oil-1l") == [("rule-broken", "earned-too-little oil-1l 200")]


def test_a_merchant_s_goods_taken_from_a_shelf_are_found(rich: Forger) -> None:
    found = redeem(rich, "wang", 1, "rice-5kg", "hui-cai")
    assert found == [
        ("below-zero", ""),
        ("entry-wrong", "redemption: points taken are not price times goods"),
    ]


def household(forger: Forger, legs: list[tuple[str, int]], paid: list[tuple[str, int]] | None) -> Found:
    """Two pieces for the household's card."""
    move = [[forger.account(name), "L:S:YUNGU-SHOP", "PTS", points] for name, points in legs]
    move.append(["X:GIVEN:YUNGU-SHOP", "A:S:YUNGU-SHOP", "RICE-5KG", 2])
    body: dict[str, Any] = {"shop": SHOP, "card": "C-HOME", "goods": [["rice-5kg", 2, 5]]}
    if paid is not None:
        body["paid"] = [[forger.people[name], points] for name, points in paid]
    return forger.forge("redemption", body, move=move)


def test_a_household_that_pays_out_of_order_is_found(rich: Forger) -> None:
    assert household(rich, [("wang", 10)], [("wang", 10)]) == [  # wang has left the household
        ("entry-wrong", "redemption: points taken are not price times goods"),
        ("entry-wrong", "redemption: paid by others than it says"),
    ]


def test_a_household_that_hides_who_paid_is_found(rich: Forger) -> None:
    assert household(rich, [("zhang", 10)], None) == [("entry-wrong", "redemption: paid by others than it says")]


def test_a_household_s_first_member_pays_what_its_account_has_not(rich: Forger) -> None:
    assert household(rich, [("zhang", 10)], [("zhang", 10)]) == []


def test_points_spent_after_they_lapsed_are_found(forger: Forger) -> None:
    body = {"member": forger.people["wang"]}
    move = [["E:OPENING:GRID-7", forger.account("wang"), "PTS", 100]]
    found = forger.forge("opening", body, by="reg-1", ok="sup-1", move=move, day="2026-05-01")
    assert found == []
    found = redeem(forger, "wang", 1)
    assert found == [("rule-broken", f"points-lapsed {forger.people['wang']}")]


def limit(forger: Forger, **body: Any) -> Found:
    values = {"good": "soap", "most": 3, "per": "member", "in": "month", "from": DAY, **body}
    values = {name: value for name, value in values.items() if value is not None}
    return forger.forge("limit", values, by="sup-1")


def test_a_limit_in_order_is_no_finding(forger: Forger) -> None:
    assert limit(forger) == []


@pytest.mark.parametrize("body", [{"most": 0}, {"in": "week"}, {"per": "village"}])
def test_a_limit_that_cannot_be_is_found(forger: Forger, body: dict[str, Any]) -> None:
    assert limit(forger, **body) == [("entry-wrong", "limit: no number of pieces in a period")]


def test_a_limit_that_is_neither_set_nor_lifted_is_found(forger: Forger) -> None:
    assert limit(forger, most=None) == [("entry-wrong", "limit: neither set nor lifted")]


def test_a_limit_set_by_a_clerk_is_found(forger: Forger) -> None:
    body = {"good": "soap", "most": 3, "per": "member", "in": "month", "from": DAY}
    assert forger.forge("limit", body) == [("not-allowed", "clerk-1")]


# --- Shops and stock ---------------------------------------------------------------------------------------


def test_a_shop_of_another_kind_is_found(forger: Forger) -> None:
    body = {"shop": "stall", "org": "yungu", "name": "摊位", "type": "stall"}
    assert forger.forge("shop", body, by="admin") == [("entry-wrong", "shop: no such kind of shop")]


def stock(forger: Forger, do: str, move: list[list[Any]] | None, shop: str = SHOP, **body: Any) -> Found:
    return forger.forge("stock", {"shop": shop, "do": do, **body}, **CLERK, move=move)


def test_goods_moved_to_a_merchant_are_found(forger: Forger) -> None:
    move = [["A:S:HUI-CAI", "A:S:YUNGU-SHOP", "SOAP", 1]]
    assert stock(forger, "move", move, to="hui-cai") == [("entry-wrong", "stock: a merchant's")]


def test_goods_moved_to_another_shop_than_it_says_are_found(forger: Forger) -> None:
    move = [["A:S:YUNGU-SHOP", "A:S:BRANCH", "SOAP", 1]]
    assert stock(forger, "move", move, to="branch") == [
        ("entry-wrong", "stock: transfers are not as they should be")
    ]


def test_goods_written_off_to_a_member_s_shelf_are_found(forger: Forger) -> None:
    move = [["X:GIVEN:YUNGU-SHOP", "A:S:YUNGU-SHOP", "SOAP", 1]]
    found = stock(forger, "write-off", move, reason="damp")
    assert found == [("entry-wrong", "stock: transfers are not as they should be")]


def test_goods_written_off_by_one_person_are_found(forger: Forger) -> None:
    move = [["X:LOST:YUNGU-SHOP", "A:S:YUNGU-SHOP", "SOAP", 1]]
    body = {"shop": SHOP, "do": "write-off", "reason": "damp"}
    assert forger.forge("stock", body, move=move) == [("not-allowed", "None")]


def test_a_count_that_hides_a_shortage_is_found(forger: Forger) -> None:
    assert stock(forger, "count", None, "branch", counted=[["soap", 1, 1]]) == [("amount-wrong", "stock soap")]


def test_a_count_whose_shortage_is_not_booked_is_found(forger: Forger) -> None:
    seven = [["soap", 6, 7]]
    assert stock(forger, "count", None, "branch", counted=seven) == [
        ("entry-wrong", "stock: transfers are not as they should be")
    ]


def test_a_day_to_use_goods_by_that_is_no_day_is_found(forger: Forger) -> None:
    move = [["A:S:YUNGU-SHOP", "I:DONATED:HUICAI", "SOAP", 1]]
    found = stock(forger, "receive", move, best_before=[["soap", "some day"]])
    assert found == [("entry-wrong", "stock: ValueError Invalid isoformat string: 'some day'")]


def test_a_day_to_use_goods_by_of_goods_that_did_not_come_is_found(forger: Forger) -> None:
    move = [["A:S:YUNGU-SHOP", "I:DONATED:HUICAI", "SOAP", 1]]
    found = stock(forger, "receive", move, best_before=[["oil-1l", "2027-09-01"]])
    assert found == [("entry-wrong", "stock: KeyError 'oil-1l'")]


# --- Returns -----------------------------------------------------------------------------------------------


OTHER_MOVES = ("entry-wrong", "return: transfers are not as they should be")


def give_back(forger: Forger, sale: str, pieces: int, price: int, good: str = "soap", to: str = "zhang") -> Found:
    move = [
        ["L:S:YUNGU-SHOP", forger.account(to), "PTS", pieces * price],
        ["A:S:YUNGU-SHOP", "X:GIVEN:YUNGU-SHOP", good.upper(), pieces],
    ]
    body = {"shop": SHOP, "goods": [[good, pieces, price]]}
    return forger.forge("return", body, **CLERK, ref=forger.seqs[sale], move=move)


@pytest.fixture
def owed(rich: Forger) -> Forger:
    """With points that the shop has taken in and was not paid for."""
    assert redeem(rich, "wang", 10) == []
    return rich


def test_goods_that_come_back_as_they_went_are_no_finding(owed: Forger) -> None:
    assert give_back(owed, "sold", 1, 5) == []


def test_more_goods_that_come_back_than_went_are_found(owed: Forger) -> None:
    assert give_back(owed, "sold", 2, 5) == [("rule-broken", "return-too-much soap"), OTHER_MOVES]


def test_goods_that_came_back_before_are_found(owed: Forger) -> None:
    found = give_back(owed, "bought", 2, 5, to="qian")
    assert found == [("rule-broken", "return-too-much soap"), OTHER_MOVES]


def test_goods_that_come_back_for_more_than_they_cost_are_found(owed: Forger) -> None:
    assert give_back(owed, "sold", 1, 6) == [("price-wrong", "soap"), OTHER_MOVES]


def test_points_given_back_to_another_are_found(owed: Forger) -> None:
    found = give_back(owed, "sold", 1, 5, to="wang")
    assert found == [OTHER_MOVES]


def test_a_return_of_what_is_no_redemption_is_found(owed: Forger) -> None:
    assert give_back(owed, "visit", 1, 5) == [("name-unknown", "redemption")]


def test_a_redemption_reversed_after_goods_came_back_is_found(owed: Forger) -> None:
    ref = owed.seqs["bought"]
    mirror = [[credit, debit, unit, amount] for debit, credit, unit, amount in reversed(owed.leaves[ref]["move"])]
    body = {"of": "redemption", "reason": "mistake"}
    assert owed.forge("reversal", body, **CLERK, ref=ref, move=mirror) == [("state-wrong", "redemption")]


# --- Reservations ------------------------------------------------------------------------------------------


def reserve(forger: Forger, points: int = 5, **body: Any) -> Found:
    wang = forger.account("wang")
    move = [
        [wang, wang.replace("L:M:", "L:H:"), "PTS", points],
        ["A:H:YUNGU-SHOP", "A:S:YUNGU-SHOP", "RICE-5KG", 1],
    ]
    goods = [["rice-5kg", 1, 5]]
    return forger.forge(
        "hold", {"shop": SHOP, "card": "C-WANG", "goods": goods, "until": "2027-06-09", **body}, move=move
    )


def test_a_reservation_in_order_is_no_finding(rich: Forger) -> None:
    assert reserve(rich) == []


def test_a_reservation_under_its_price_is_found(rich: Forger) -> None:
    assert reserve(rich, 4) == [("entry-wrong", "hold: transfers are not as they should be")]


def test_a_reservation_that_is_over_before_it_begins_is_found(rich: Forger) -> None:
    assert reserve(rich, until="2027-06-01") == [("entry-wrong", "hold: over before it begins")]


def end(forger: Forger, kind: str, **changes: Any) -> Found:
    """The end of the reservation that is held."""
    ref = changes.pop("ref", forger.seqs["held"])
    legs = forger.leaves[forger.seqs["held"]]["move"]
    if kind == "post":
        body: dict[str, Any] = {"shop": SHOP, "goods": [["oil-1l", 1, 5], ["rice-5kg", 1, 5]]}
        move = [[legs[0][1], "L:S:YUNGU-SHOP", "PTS", legs[0][3]]]
        move += [["X:GIVEN:YUNGU-SHOP", "A:H:YUNGU-SHOP", unit, amount] for _, _, unit, amount in legs[1:]]
    else:
        body = {"shop": SHOP, "why": "expired"}
        move = [[credit, debit, unit, amount] for debit, credit, unit, amount in reversed(legs)]
    return forger.forge(kind, {**body, **changes.pop("body", {})}, **{"ref": ref, "move": move, **changes})


def test_a_reservation_that_is_over_and_released_is_no_finding(forger: Forger) -> None:
    assert end(forger, "void") == []


def test_a_reservation_collected_after_its_time_is_found(forger: Forger) -> None:
    assert end(forger, "post") == [("rule-broken", "reservation-over 2027-06-01")]


def test_a_reservation_collected_at_another_shop_is_found(forger: Forger) -> None:
    found = end(forger, "post", body={"shop": "branch"})
    assert found == [("entry-wrong", "post: of another shop"), ("rule-broken", "reservation-over 2027-06-01")]


def test_a_reservation_collected_twice_is_found(forger: Forger) -> None:
    found = end(forger, "post", ref=forger.seqs["collected"])
    assert found == [("resolved-twice", str(forger.seqs["collected"])), ("state-wrong", "reservation")]


def test_a_reservation_released_for_no_reason_is_found(forger: Forger) -> None:
    assert end(forger, "void", body={"why": "because"}) == [("entry-wrong", "void: not over yet")]


# --- Settlements -------------------------------------------------------------------------------------------


OTHER_AMOUNTS = [
    ("amount-wrong", "settlement paid"),
    ("amount-wrong", "settlement taken"),
    ("entry-wrong", "settlement: transfers are not as they should be"),
]


def settle(forger: Forger, paid: int, **changes: Any) -> Found:
    """A settlement of the shop for the days since the last one."""
    body = {
        "shop": SHOP, "org": "yungu", "first": "2027-01-01", "last": "2027-06-01",
        "taken": paid, "returned": 0, "paid": paid, **changes.pop("body", {}),
    }  # fmt: skip
    move = [["L:S:YUNGU-SHOP", "E:SETTLED:YUNGU", "PTS", paid]]
    return forger.forge("settlement", body, **{**CLERK, "day": body["last"], "move": move, **changes})


def taken(forger: Forger) -> int:
    """What the shop took in since its last settlement."""
    return sum(
        amount
        for members in forger.leaves
        if members["day"] > "2026-12-31"
        for _, credit, _, amount in members.get("move", ())
        if credit == "L:S:YUNGU-SHOP"
    )


def test_a_settlement_of_what_was_taken_is_no_finding(rich: Forger) -> None:
    assert redeem(rich, "wang", 1, day="2027-05-31") == []
    assert settle(rich, 5 + taken(rich)) == []


@pytest.mark.parametrize("more", [1, 7])
def test_a_settlement_of_more_than_was_taken_is_found(forger: Forger, more: int) -> None:
    assert settle(forger, taken(forger) + more) == [("below-zero", ""), *OTHER_AMOUNTS]


def test_a_settlement_of_a_time_that_was_settled_is_found(forger: Forger) -> None:
    found = settle(forger, 1, body={"last": "2026-12-31"}, day="2026-12-31")
    assert found == [("state-wrong", "shop")]


def test_a_settlement_paid_by_another_organisation_is_found(forger: Forger) -> None:
    found = settle(forger, 1, body={"org": "shanxi"})
    assert found == [("entry-wrong", "settlement: of another organisation or day"), *OTHER_AMOUNTS]
