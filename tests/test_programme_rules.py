"""The programme's rules at their edge: the last that is allowed and the first that is refused, exactly."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from tests.conftest import Village
from tests.strategies import BASE32, made_cards, printed_cards
from timebank.bank import Bank
from timebank.errors import (
    AlreadyExists,
    AlreadyResolved,
    ApprovalMissing,
    BadAmount,
    BadCode,
    BadDay,
    BadText,
    BatchOpen,
    CardBlocked,
    CardMistyped,
    DayInFuture,
    FileMissing,
    InvalidInput,
    KeyConflict,
    MeasureWrong,
    NoGoods,
    NoPrice,
    NoRulebook,
    NotEnoughPoints,
    NotEnoughStock,
    NotInOrder,
    NotReversible,
    RoleNotAllowed,
    RulebookInvalid,
    SelfApproval,
    SourceUnclear,
    TimebankError,
    UnknownCard,
    UnknownEntry,
    UnknownGood,
    UnknownMember,
    UnknownOperator,
    UnknownOrganisation,
    UnknownService,
    UnknownShop,
)
from timebank.programme.rulebook import parse_rulebook, shipped_rulebook

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
ROLES = tuple(Village.PEOPLE)
POSTING = {"clerk", "registrar", "supervisor", "admin"}
NO_AMOUNTS = (0, -1, True, False, 1.0, 1.5, "3", float("nan"))


def refused(error: type[TimebankError] | None) -> AbstractContextManager[Any]:
    """Refused with *error*; with None, allowed."""
    return nullcontext() if error is None else pytest.raises(error)


# --- amounts ---


@pytest.mark.parametrize("minutes", [1, 1440])
def test_minutes_of_a_day_are_recorded(village: Village, minutes: int) -> None:
    village.record("patrol", minutes=minutes)
    assert village.bank.members.balance(village.wang).minutes == minutes


@pytest.mark.parametrize("minutes", [*NO_AMOUNTS, 1441])
def test_no_other_minutes_are_recorded(village: Village, minutes: Any) -> None:
    before = village.trace()
    with pytest.raises(BadAmount) as caught:
        village.record("patrol", minutes=minutes)
    assert (caught.value.field, caught.value.least, caught.value.most) == ("minutes", 1, 1440)
    assert village.trace() == before


@pytest.mark.parametrize("occasions", [1, 100])
def test_up_to_a_hundred_occasions_are_recorded(village: Village, occasions: int) -> None:
    village.record("blood-donation", occasions=occasions)
    assert village.points == 50 + 20 * occasions


@pytest.mark.parametrize("occasions", [*NO_AMOUNTS, 101])
def test_no_other_occasions_are_recorded(village: Village, occasions: Any) -> None:
    with pytest.raises(BadAmount):
        village.record("blood-donation", occasions=occasions)


@pytest.mark.parametrize("points", [1, 1_000_000])
def test_a_price_is_up_to_a_million_points(village: Village, points: int) -> None:
    village.price(rice=points, from_day=Village.TODAY)
    assert {price.good: price.points for price in village.bank.shops.prices(village.shop, Village.TODAY)} == {
        "rice": points,
        "soap": 3,
    }


@pytest.mark.parametrize("points", [*NO_AMOUNTS, 1_000_001])
def test_no_other_price_is_set(village: Village, points: Any) -> None:
    with pytest.raises(BadAmount):
        village.price(rice=points, from_day=Village.TODAY)


@pytest.mark.parametrize("pieces", [1, 1_000_000])
def test_up_to_a_million_pieces_come_in(village: Village, pieces: int) -> None:
    village.receive(rice=pieces)
    assert village.bank.shops.stock(village.shop)["rice"] == 4 + pieces


@pytest.mark.parametrize("pieces", [*NO_AMOUNTS, 1_000_001])
def test_no_other_pieces_come_in_or_go_out(village: Village, pieces: Any) -> None:
    with pytest.raises(BadAmount):
        village.receive(rice=pieces)
    with pytest.raises(BadAmount):
        village.redeem(rice=pieces)


@pytest.mark.parametrize(("kinds", "error"), [(50, None), (51, BadAmount)])
def test_a_basket_holds_up_to_fifty_goods(kinds: int, error: Any) -> None:
    village = Village()
    for number in range(kinds):
        village.bank.goods.add(f"g{number}", name="货", name_en="good", by="admin")
    with refused(error):
        village.receive(**{f"g{number}": 1 for number in range(kinds)})


def test_an_empty_basket_is_refused(village: Village) -> None:
    with pytest.raises(NoGoods):
        village.receive()
    with pytest.raises(NoGoods):
        village.redeem()


# --- points and minutes ---


@pytest.mark.parametrize(
    ("service", "minutes", "points"),
    [
        ("elder-visit", 19, 0),
        ("elder-visit", 20, 1),
        ("elder-visit", 21, 1),
        ("elder-visit", 39, 1),
        ("elder-visit", 40, 2),
        ("elder-visit", 59, 2),
        ("elder-visit", 60, 3),
        ("elder-visit", 1440, 72),
        ("clean-up", 29, 0),
        ("clean-up", 30, 1),
        ("clean-up", 1, 0),
    ],
)
def test_points_by_the_hour_are_rounded_down(village: Village, service: str, minutes: int, points: int) -> None:
    village.record(service, minutes=minutes)
    held = village.bank.members.balance(village.wang)
    assert (held.points, held.minutes) == (50 + points, minutes)


def test_each_award_is_rounded_by_itself(village: Village) -> None:
    village.record("elder-visit", minutes=19)
    village.record("elder-visit", minutes=19)
    assert (village.points, village.bank.members.balance(village.wang).minutes) == (50, 38)


def test_a_service_by_the_hour_takes_minutes_and_no_occasions(village: Village) -> None:
    for measure in ({}, {"occasions": 1}, {"minutes": 60, "occasions": 1}):
        with pytest.raises(MeasureWrong):
            village.record("patrol", **measure)


def test_a_service_by_the_occasion_takes_occasions_and_may_take_minutes(village: Village) -> None:
    for measure in ({}, {"minutes": 60}):
        with pytest.raises(MeasureWrong):
            village.record("mediation", **measure)
    village.record("mediation", occasions=1, minutes=45)
    held = village.bank.members.balance(village.wang)
    assert (held.points, held.minutes) == (60, 45)


def test_the_points_go_to_the_organisation_that_received_the_service(village: Village) -> None:
    village.bank.organisations.add("grid-7", name="七网格", level="grid", parent="yungu", by="admin")
    village.record("patrol", minutes=60, org="grid-7")
    awarded = {line.account: line.amount for line in village.bank.trial_balance() if line.unit == "PTS"}
    assert (awarded["X:AWARDED:GRID-7"], awarded["X:AWARDED:YUNGU"]) == (3, 50)


def test_exactly_all_points_can_be_spent_and_not_one_more(village: Village) -> None:
    village.receive(rice=1)
    with pytest.raises(NotEnoughPoints) as caught:
        village.redeem(rice=4, soap=4)
    assert (caught.value.available_points, caught.value.needed_points) == (50, 52)
    village.price(soap=11, from_day=Village.TODAY)
    with pytest.raises(NotEnoughPoints) as caught:
        village.redeem(rice=4, soap=1)
    assert (caught.value.available_points, caught.value.needed_points) == (50, 51)
    village.redeem(rice=5)
    assert (village.points, village.bank.shops.takings(village.shop)) == (0, 50)


def test_exactly_all_stock_can_be_handed_out_and_not_one_more(village: Village) -> None:
    with pytest.raises(NotEnoughStock) as caught:
        village.redeem(rice=5)
    assert (caught.value.shop, caught.value.good, caught.value.available, caught.value.needed) == (
        "yungu-shop",
        "rice",
        4,
        5,
    )
    village.redeem(rice=4)
    assert village.bank.shops.stock(village.shop) == {"rice": 0, "soap": 9}


def test_a_refused_redemption_of_two_goods_hands_out_neither(village: Village) -> None:
    before = village.trace()
    with pytest.raises(NotEnoughStock):
        village.redeem(rice=1, soap=10)
    assert village.trace() == before


# --- days ---


@pytest.mark.parametrize(
    ("now", "today"),
    [
        (datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC), date(2026, 3, 1)),
        (datetime(2026, 3, 1, 15, 59, 59, 999_999, tzinfo=UTC), date(2026, 3, 1)),
        (datetime(2026, 3, 1, 16, 0, 0, tzinfo=UTC), date(2026, 3, 2)),
        (datetime(2026, 12, 31, 16, 0, 0, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_a_day_ends_at_midnight_in_shanghai(village: Village, now: datetime, today: date) -> None:
    village.now = now
    assert village.redeem(soap=1).entry.day == today
    village.record("patrol", minutes=60, day=today)
    village.receive(rice=1, day=today)
    village.redeem(soap=1, day=today)
    village.reverse(village.receive(rice=1).seq, day=today)
    before = village.trace()
    with pytest.raises(DayInFuture) as caught:
        village.record("patrol", minutes=60, day=today + DAY)
    assert (caught.value.day, caught.value.today) == (str(today + DAY), str(today))
    with pytest.raises(DayInFuture):
        village.receive(rice=1, day=today + DAY)
    with pytest.raises(DayInFuture):
        village.redeem(soap=1, day=today + DAY)
    with pytest.raises(DayInFuture):
        village.reverse(village.honour, day=today + DAY)
    assert village.trace() == before


@pytest.mark.parametrize(
    ("zone", "today"),
    [("Asia/Shanghai", 1), ("America/New_York", -1), ("UTC", 0), ("Pacific/Kiritimati", 1), ("Asia/Urumqi", 0)],
)
def test_a_day_ends_at_midnight_in_the_zone_of_the_programme(zone: str, today: int) -> None:
    """At 17:00 UTC it is 1 am in Shanghai, 7 am on Kiritimati, 11 pm in Ürümqi, noon in New York."""
    day = date(2026, 3, 1) + DAY * max(today, 0)
    bank = Bank.in_memory(zone=zone, clock=lambda: datetime(2026, 3, 1, 17, 0, tzinfo=UTC))
    assert bank.organisations.add("yungu", name="云谷", level="community", by="admin").entry.day == day


def test_a_clock_set_back_is_reported_and_the_day_does_not_go_back(village: Village) -> None:
    village.now = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
    assert village.redeem(soap=1).clock_back_seconds == 0
    village.now = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
    late = village.redeem(soap=1)
    assert (late.clock_back_seconds, late.entry.at) == (36 * 3600, datetime(2026, 3, 2, 16, 0, tzinfo=UTC))
    village.record("patrol", minutes=60, day=date(2026, 3, 3))
    with pytest.raises(DayInFuture):
        village.record("patrol", minutes=60, day=date(2026, 3, 4))


def test_a_rulebook_is_in_force_from_its_first_day(village: Village) -> None:
    village.record("patrol", minutes=60, day=Village.RULES_FROM)
    with pytest.raises(NoRulebook) as caught:
        village.record("patrol", minutes=60, day=Village.RULES_FROM - DAY)
    assert (caught.value.day, caught.value.first_day) == ("2025-12-31", "2026-01-01")
    with pytest.raises(NoRulebook):
        village.bank.rulebooks.on(Village.RULES_FROM - DAY)


def test_each_day_has_its_rulebook(village: Village) -> None:
    change = date(2026, 2, 15)
    village.bank.rulebooks.adopt(
        shipped_rulebook()
        .replace("[service.patrol]", "[service.night-patrol]")
        .replace("points = 3", "points = 6"),
        from_day=change,
        by="admin",
    )
    village.record("patrol", minutes=60, day=change - DAY)
    village.record("night-patrol", minutes=60, day=change)
    with pytest.raises(UnknownService):
        village.record("night-patrol", minutes=60, day=change - DAY)
    with pytest.raises(UnknownService) as caught:
        village.record("patrol", minutes=60, day=change)
    assert "night-patrol" in caught.value.known
    assert village.points == 50 + 3 + 6


@pytest.mark.parametrize(("days", "error"), [(-1, NotInOrder), (0, NotInOrder), (1, None)])
def test_rulebooks_come_one_after_the_other(village: Village, days: int, error: Any) -> None:
    with refused(error):
        village.bank.rulebooks.adopt(shipped_rulebook(), from_day=Village.RULES_FROM + DAY * days, by="admin")


@pytest.mark.parametrize(("days", "error"), [(-1, NotInOrder), (0, NotInOrder), (1, None)])
def test_prices_come_one_after_the_other(village: Village, days: int, error: Any) -> None:
    with refused(error):
        village.price(rice=5, from_day=Village.RULES_FROM + DAY * days)


def test_a_price_is_in_force_from_its_first_day(village: Village) -> None:
    assert village.redeem(rice=1, day=Village.RULES_FROM).entry.moves[0].amount == 10
    with pytest.raises(NoPrice):
        village.redeem(rice=1, day=Village.RULES_FROM - DAY)


def test_each_day_has_its_price_also_one_to_come(village: Village) -> None:
    village.price(rice=4, from_day=Village.TODAY + DAY)
    assert village.redeem(rice=1).entry.moves[0].amount == 10
    village.now += DAY
    assert village.redeem(rice=1).entry.moves[0].amount == 4
    assert village.redeem(rice=1, day=Village.TODAY).entry.moves[0].amount == 10


@pytest.mark.parametrize("day", [datetime(2026, 2, 8, tzinfo=UTC), "2026-02-08", 20260208, None])
def test_a_moment_or_a_text_is_no_day(village: Village, day: Any) -> None:
    with pytest.raises(BadDay):
        village.record("patrol", minutes=60, day=day)
    with pytest.raises(BadDay):
        village.price(rice=5, from_day=day)
    with pytest.raises(BadDay):
        village.bank.rulebooks.adopt(shipped_rulebook(), from_day=day, by="admin")
    if day is not None:
        with pytest.raises(BadDay):
            village.redeem(rice=1, day=day)
        with pytest.raises(BadDay):
            village.receive(rice=1, day=day)
        with pytest.raises(BadDay):
            village.reverse(village.honour, day=day)


@pytest.mark.parametrize("day", [datetime(2026, 2, 8, tzinfo=UTC), datetime(2026, 2, 8), "2026-02-08"])  # noqa: DTZ001
@pytest.mark.parametrize(
    "read",
    [
        lambda village, day: village.bank.members.balance(village.wang, day=day),
        lambda village, day: village.bank.members.statement(village.wang, first=day),
        lambda village, day: village.bank.members.statement(village.wang, last=day),
        lambda village, day: village.bank.shops.stock(village.shop, day=day),
        lambda village, day: village.bank.shops.takings(village.shop, day=day),
        lambda village, day: village.bank.shops.statement(village.shop, first=day),
        lambda village, day: village.bank.trial_balance(day),
    ],
    ids=["balance", "first", "last", "stock", "takings", "shop", "trial"],
)
def test_a_moment_or_a_text_is_no_day_to_read_at(village: Village, read: Callable[..., Any], day: Any) -> None:
    with pytest.raises(BadDay):
        read(village, day)


@pytest.mark.parametrize("seq", [-1, 10_000, True, 1.0, "3", 2**70])
def test_a_balance_is_read_at_no_entry_that_is_not_there(village: Village, seq: Any) -> None:
    with pytest.raises(UnknownEntry):
        village.bank.members.balance(village.wang, at_entry=seq)


# --- keys ---


@pytest.mark.parametrize("key", ["a", "a" * 64, "till-1/000123", "A.b_c:d/e-9"])
def test_a_key_is_up_to_64_characters(village: Village, key: str) -> None:
    first = village.redeem(soap=1, key=key)
    again = village.redeem(soap=1, key=key)
    assert (again.seq, again.repeated, again.leaf) == (first.seq, True, first.leaf)
    assert village.points == 47


@pytest.mark.parametrize("key", ["", "a" * 65, "a b", "钥匙", "a\n", "a\x00", 7, b"a"])
def test_nothing_else_is_a_key(village: Village, key: Any) -> None:
    with pytest.raises(BadCode):
        village.redeem(soap=1, key=key)


def test_a_key_is_refused_for_another_command(village: Village) -> None:
    seq = village.redeem(soap=1, key="k").seq
    before = village.trace()
    others: list[Callable[[], Any]] = [
        lambda: village.redeem(soap=2, key="k"),
        lambda: village.redeem(soap=1, day=Village.TODAY, key="k"),
        lambda: village.bank.shops.redeem(village.shop, card="0001", goods={"soap": 1}, by="admin", key="k"),
        lambda: village.reverse(seq, key="k"),
        lambda: village.bank.members.enrol(org="yungu", by="admin", key="k"),
        lambda: village.bank.cards.block("0001", by="admin", key="k"),
        lambda: village.bank.organisations.add("o", name="o", level="grid", by="admin", key="k"),
    ]
    for other in others:
        with pytest.raises(KeyConflict) as caught:
            other()
        assert (caught.value.key, caught.value.seq) == ("k", seq)
    assert village.trace() == before


def test_the_same_command_may_be_spelt_in_another_way(village: Village) -> None:
    card = village.bank.cards.issue(village.wang, card="yg 1", by="admin", key="card").number
    assert village.bank.cards.issue(village.wang.id, card="YG1", by="admin", key="card").number == card == "YG1"
    seq = village.redeem(card="yg1", soap=1, rice=1, key="k").seq
    assert village.redeem(card="Y G 1", rice=1, soap=1, key="k").seq == seq


def test_the_key_of_a_refused_command_is_free(village: Village) -> None:
    with pytest.raises(NotEnoughStock):
        village.redeem(rice=5, key="k")
    assert not village.redeem(rice=4, key="k").repeated


def test_a_command_sent_again_happened_once_whatever_came_after(village: Village) -> None:
    """The card is replaced, the clerk is gone, the points are spent: the till still gets its answer."""
    first = village.redeem(rice=4, soap=3, key="k")
    village.bank.cards.replace("0001", by="admin")
    village.bank.organisations.appoint("clerk-1", org="yungu", role="auditor", by="admin")
    village.now += 40 * DAY
    again = village.redeem(rice=4, soap=3, key="k")
    assert (again.seq, again.repeated) == (first.seq, True)


def test_a_member_or_card_or_shop_comes_once_for_its_key(village: Village) -> None:
    enrol = [village.bank.members.enrol(org="yungu", by="admin", key="m") for _ in range(2)]
    issue = [village.bank.cards.issue(village.wang, by="admin", key="c").number for _ in range(2)]
    replace = [village.bank.cards.replace("0001", by="admin", key="r").number for _ in range(2)]
    opened = [village.bank.shops.open("s-2", org="yungu", name="二店", by="admin", key="s") for _ in range(2)]
    for once in (enrol, issue, replace, opened):
        assert once[0] == once[1]


# --- names and ids ---

GOOD_NAMES = ("云谷社区", "x", "字" * 80, "Grid 7", "é", "𠮷野家", "a-b (c)", "=1+1")
BAD_NAMES = (
    "",
    "x" * 81,
    " x",
    "x ",
    "\u3000x",
    "a\nb",
    "a\tb",
    "a\x00b",
    "a\x7fb",
    "a\x85b",
    "a\u2028b",
    "\u202eevil",
    "a\u2066b",
    "a\u200eb",
    "a\u061cb",
    "a\u200bb",
    "a\u2060b",
    "\ufeffa",
    "a\u00adb",
    "a\U000e0041b",
    "e\u0301",
    "\ud800",
    "\ue000",
    "\uffff",
    5,
    None,
    b"x",
)
INVISIBLE_NAMES = (
    "\u3164",
    "\u115f\u1160",
    "\uffa0",
    "\u2800",
    "a\u034fb",
    "\ufe0f",
    "a\u180bb",
    "\u0301",
    "a\u00a0b",
)


@pytest.mark.parametrize("name", GOOD_NAMES)
def test_a_name_is_up_to_80_printable_characters(village: Village, name: str) -> None:
    village.bank.organisations.add("o", name=name, level="grid", by="admin")
    assert village.bank.organisations.get("o").name == name
    village.bank.goods.add("g", name=name, name_en=name, by="admin")
    assert village.bank.shops.open("s", org="o", name=name, by="admin").name == name


@pytest.mark.parametrize("name", [*BAD_NAMES, *INVISIBLE_NAMES], ids=ascii)
def test_a_name_prints_as_what_it_is(village: Village, name: Any) -> None:
    before = village.trace()
    with pytest.raises(BadText):
        village.bank.organisations.add("o", name=name, level="grid", by="admin")
    with pytest.raises(BadText):
        village.bank.goods.add("g", name=name, name_en="g", by="admin")
    with pytest.raises(BadText):
        village.bank.goods.add("g", name="g", name_en=name, by="admin")
    with pytest.raises(BadText):
        village.bank.shops.open("s", org="yungu", name=name, by="admin")
    assert village.trace() == before


@pytest.mark.parametrize("name", ["\u202eevil", "a\nb", "\x1b[2J", "\ud800"], ids=ascii)
def test_a_message_repeats_no_character_that_a_screen_obeys(village: Village, name: str) -> None:
    for send in (
        lambda: village.bank.organisations.add("o", name=name, level="grid", by="admin"),
        lambda: village.bank.organisations.add(name, name="o", level="grid", by="admin"),
    ):
        with pytest.raises(InvalidInput) as caught:
            send()
        for language in ("en", "zh_CN"):
            message = caught.value.message(language)
            assert not set(message) & set("\u202e\n\x1b\ud800")
            assert message.encode("utf-8")


@pytest.mark.parametrize("slug", ["a", "0", "a" * 32, "a-", "yungu-2"])
def test_an_id_is_up_to_32_small_letters_digits_and_dashes(village: Village, slug: str) -> None:
    village.bank.organisations.add(slug, name="o", level="grid", by="admin")
    village.bank.organisations.appoint(slug, org=slug, role="clerk", by="admin")
    village.bank.shops.open(slug, org=slug, name="s", by="admin")
    village.bank.shops.receive(slug, {"rice": 1}, donor=slug, by=slug, approved_by="admin")
    village.bank.shops.receive(slug, {"rice": 1}, bought_by=slug, by=slug, approved_by="admin")


@pytest.mark.parametrize("slug", ["", "a" * 33, "-a", "A", "a_b", "a b", "村", "a\n", "a:b", "á", None, 7, ["a"]])
def test_nothing_else_is_an_id(village: Village, slug: Any) -> None:
    bank = village.bank
    sends: list[Callable[[], Any]] = [
        lambda: bank.organisations.add(slug, name="o", level="grid", by="admin"),
        lambda: bank.organisations.add("o", name="o", level="grid", by=slug),
        lambda: bank.organisations.appoint(slug, org="yungu", role="clerk", by="admin"),
        lambda: bank.organisations.appoint("o", org=slug, role="clerk", by="admin"),
        lambda: bank.members.enrol(org=slug, by="admin"),
        lambda: bank.shops.open(slug, org="yungu", name="s", by="admin"),
        lambda: bank.goods.add(slug, name="g", name_en="g", by="admin"),
        lambda: bank.reverse(village.honour, reason=slug, by="clerk-1", approved_by="admin"),
        lambda: village.record(slug, minutes=60),
    ]
    if slug is not None:
        sends += [
            lambda: bank.organisations.add("o", name="o", level="grid", parent=slug, by="admin"),
            lambda: village.record("patrol", minutes=60, approved_by=slug),
            lambda: village.record("patrol", minutes=60, org=slug),
            lambda: bank.shops.receive("yungu-shop", {"rice": 1}, donor=slug, by="clerk-1", approved_by="admin"),
        ]
    for send in sends:
        with pytest.raises(BadCode):
            send()


@pytest.mark.parametrize(
    ("good", "error"),
    [
        ("r", None),
        ("r2", None),
        ("x" * 23, None),
        ("x" * 24, BadCode),
        ("rice-", BadCode),
        ("5kg", BadCode),
        ("-r", BadCode),
        ("Rice", BadCode),
        ("pts", BadCode),
        ("min", BadCode),
        ("rice", AlreadyExists),
    ],
)
def test_a_good_is_a_unit_of_its_own(village: Village, good: str, error: Any) -> None:
    with refused(error):
        village.bank.goods.add(good, name="货", name_en="good", by="admin")
    if error is None:
        assert good.upper() in {unit.code for unit in village.bank.goods.units()}


@pytest.mark.parametrize("member", ["", "wang", "000000000", "00000000000", "000000000l", "IIIIIIIIII", None, 7])
def test_a_member_is_named_by_its_id(village: Village, member: Any) -> None:
    for send in (
        lambda: village.bank.members.get(member),
        lambda: village.bank.members.balance(member),
        lambda: village.bank.members.statement(member),
        lambda: village.bank.cards.issue(member, by="admin"),
        lambda: village.record("patrol", minutes=60, member=member),
    ):
        with pytest.raises(BadCode):
            send()


@pytest.mark.parametrize(
    "founding",
    [
        {"zone": "Asia/Yungu"},
        {"zone": ""},
        {"zone": "../etc/passwd"},
        {"admin": "Admin"},
        {"admin": ""},
        {"origin": ""},
        {"origin": "Yungu.example"},
        {"origin": "a b"},
        {"origin": "a" * 101},
    ],
)
def test_a_ledger_is_founded_with_a_zone_an_administrator_and_an_origin(founding: dict[str, str]) -> None:
    with pytest.raises(BadCode):
        Bank.in_memory(**founding)


# --- organisations ---

LEVELS = ("district", "street", "community", "grid", "building")


@pytest.mark.parametrize("above", LEVELS)
@pytest.mark.parametrize("below", LEVELS)
def test_an_organisation_is_below_its_parent(above: str, below: str) -> None:
    bank = Bank.in_memory(clock=lambda: datetime(2026, 3, 1, tzinfo=UTC))
    bank.organisations.add("above", name="上", level=above, by="admin")
    with refused(None if LEVELS.index(below) > LEVELS.index(above) else BadCode):
        bank.organisations.add("below", name="下", level=below, parent="above", by="admin")


def test_an_organisation_is_added_once_below_one_that_is_known(village: Village) -> None:
    with pytest.raises(AlreadyExists):
        village.bank.organisations.add("yungu", name="云谷", level="community", by="admin")
    with pytest.raises(UnknownOrganisation):
        village.bank.organisations.add("o", name="o", level="grid", parent="nowhere", by="admin")
    with pytest.raises(UnknownOrganisation):
        village.bank.organisations.add("o", name="o", level="grid", parent="o", by="admin")


# --- roles ---


def acts(village: Village) -> dict[str, tuple[set[str], Callable[..., Any]]]:
    """Every command with the roles that may do it, and how somebody does it (an administrator approves)."""
    bank, yungu = village.bank, {"org": "yungu"}
    ok = {"approved_by": "admin"}
    top, office = {"admin"}, {"registrar", "supervisor", "admin"}
    new = shipped_rulebook()
    return {
        "add": (top, lambda by: bank.organisations.add("o", name="o", level="grid", by=by)),
        "appoint": (top, lambda by: bank.organisations.appoint("clerk-9", role="clerk", **yungu, by=by)),
        "adopt": (top, lambda by: bank.rulebooks.adopt(new, from_day=Village.TODAY, by=by)),
        "good": (top, lambda by: bank.goods.add("salt", name="盐", name_en="salt", by=by)),
        "open": (top, lambda by: bank.shops.open("s", name="s", **yungu, by=by)),
        "enrol": (office, lambda by: bank.members.enrol(**yungu, by=by)),
        "issue": (office, lambda by: bank.cards.issue(village.wang, by=by)),
        "replace": (office, lambda by: bank.cards.replace("0001", by=by)),
        "block": (POSTING, lambda by: bank.cards.block("0001", by=by)),
        "price": (
            {"supervisor", "admin"},
            lambda by: bank.shops.set_price(village.shop, "rice", points=1, from_day=Village.TODAY, by=by),
        ),
        "record": (POSTING, lambda by, **two: village.record("patrol", minutes=60, by=by, **(ok | two))),
        "receive": (
            POSTING,
            lambda by, **two: bank.shops.receive(village.shop, {"rice": 1}, donor="a", by=by, **(ok | two)),
        ),
        "reverse": (POSTING, lambda by, **two: bank.reverse(village.honour, by=by, **(ok | two))),
        "redeem": (
            {"clerk", "supervisor", "admin"},
            lambda by: bank.shops.redeem(village.shop, card="0001", goods={"soap": 1}, by=by),
        ),
    }


ACTS = tuple(acts(Village()))
TWO_PEOPLE = ("record", "receive", "reverse")


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("role", ROLES)
def test_everybody_does_what_their_role_allows_and_nothing_else(village: Village, act: str, role: str) -> None:
    allowed, send = acts(village)[act]
    before = village.trace()
    with refused(None if role in allowed else RoleNotAllowed):
        send(f"{role}-1")
    assert (village.trace() == before) == (role not in allowed)


@pytest.mark.parametrize("act", TWO_PEOPLE)
@pytest.mark.parametrize("role", ROLES)
def test_a_supervisor_or_administrator_approves(village: Village, act: str, role: str) -> None:
    _, send = acts(village)[act]
    with refused(None if role in ("supervisor", "admin") else RoleNotAllowed):
        send("admin", approved_by=f"{role}-1")


@pytest.mark.parametrize("act", TWO_PEOPLE)
def test_nobody_approves_what_they_do_themselves(village: Village, act: str) -> None:
    _, send = acts(village)[act]
    before = village.trace()
    for somebody in ("admin", "supervisor-1"):
        with pytest.raises(SelfApproval):
            send(somebody, approved_by=somebody)
    with pytest.raises(ApprovalMissing):
        send("clerk-1", approved_by=None)
    with pytest.raises(UnknownOperator):
        send("clerk-1", approved_by="nobody")
    assert village.trace() == before


@pytest.mark.parametrize("act", ACTS)
def test_nobody_unknown_acts(village: Village, act: str) -> None:
    _, send = acts(village)[act]
    with pytest.raises(UnknownOperator):
        send("nobody")


def test_a_role_is_changed_by_a_later_appointment(village: Village) -> None:
    village.bank.organisations.appoint("clerk-1", org="yungu", role="auditor", by="admin")
    with pytest.raises(RoleNotAllowed):
        village.redeem(soap=1)
    village.bank.organisations.appoint("clerk-1", org="yungu", role="clerk", by="admin")
    village.redeem(soap=1)
    with pytest.raises(BadCode):
        village.bank.organisations.appoint("clerk-1", org="yungu", role="king", by="admin")


# --- cards ---


@given(made_cards())
def test_every_single_mistyping_of_a_made_card_is_found(card: str) -> None:
    bank = Bank.in_memory()
    others = [card[:at] + wrong + card[at + 1 :] for at in range(11) for wrong in BASE32 if wrong != card[at]]
    for other in others:
        with pytest.raises(CardMistyped):
            bank.cards.get(other)
    with pytest.raises(UnknownCard):
        bank.cards.get(card)


@given(made_cards())
def test_every_swap_of_neighbours_in_a_made_card_is_found(card: str) -> None:
    bank = Bank.in_memory()
    for at in range(10):
        other = card[:at] + card[at + 1] + card[at] + card[at + 2 :]
        with pytest.raises(UnknownCard if other == card else CardMistyped):
            bank.cards.get(other)


def test_cards_made_here_have_a_check_character_that_fits(village: Village) -> None:
    for _ in range(200):
        number = village.bank.cards.issue(village.wang, by="admin").number
        assert len(number) == 11 and set(number) <= set(BASE32)
        value = 0
        for char in number[:10]:
            value = value * 32 + BASE32.index(char)
        assert value % 37 == BASE32.index(number[10])


@given(printed_cards())
def test_a_printed_card_is_kept_as_it_is_and_found_however_it_is_typed(number: str) -> None:
    village = Village()
    if number == "0001":
        return
    assert village.bank.cards.issue(village.wang, card=number, by="admin").number == number
    assert village.bank.members.by_card(" " + " ".join(number.lower()) + " ") == village.wang


@pytest.mark.parametrize("card", ["A", "9" * 32, "A-", "yg 0042"])
def test_a_card_number_is_up_to_32_letters_digits_and_dashes(village: Village, card: str) -> None:
    village.bank.cards.issue(village.wang, card=card, by="admin")


@pytest.mark.parametrize(
    "card",
    ["", " ", "9" * 33, "-A", "A_B", "卡", "0001\n", "１", "a\tb", "A*", "\u017f", "ß1", "ı1", "ﬁ", 1, None],
)
def test_nothing_else_is_a_card_number(village: Village, card: Any) -> None:
    """Also no letter that becomes another one, or two, in capitals."""
    sends: list[Callable[[], Any]] = [
        lambda: village.bank.cards.get(card),
        lambda: village.bank.cards.block(card, by="admin"),
        lambda: village.redeem(card=card, soap=1),
    ]
    if card is not None:
        sends += [lambda: village.bank.cards.issue(village.wang, card=card, by="admin")]
    for send in sends:
        with pytest.raises(BadCode):
            send()


def test_a_mistyped_number_is_not_given_out(village: Village) -> None:
    for send in (
        lambda: village.bank.cards.issue(village.wang, card="00000000001", by="admin"),
        lambda: village.bank.members.enrol(org="yungu", card="00000000001", by="admin"),
        lambda: village.bank.cards.replace("0001", new="00000000001", by="admin"),
    ):
        with pytest.raises(CardMistyped):
            send()


def test_a_number_is_given_out_once(village: Village) -> None:
    for send in (
        lambda: village.bank.cards.issue(village.wang, card="0001", by="admin"),
        lambda: village.bank.members.enrol(org="yungu", card="00 01", by="admin"),
        lambda: village.bank.cards.replace("0001", new="0001", by="admin"),
    ):
        with pytest.raises(AlreadyExists):
            send()
    assert len(village.bank.members.all()) == 1


def test_a_blocked_card_opens_nothing_and_the_points_stay(village: Village) -> None:
    village.bank.cards.block("0001", by="clerk-1")
    before = village.trace()
    with pytest.raises(CardBlocked) as caught:
        village.redeem(soap=1)
    assert (caught.value.card, caught.value.state) == ("0001", "blocked")
    with pytest.raises(CardBlocked):
        village.bank.members.by_card("0001")
    with pytest.raises(CardBlocked):
        village.bank.cards.block("0001", by="clerk-1")
    assert village.trace() == before
    assert village.points == 50
    village.record("patrol", minutes=60)


@pytest.mark.parametrize("blocked", [False, True])
def test_a_replaced_card_ends_and_the_new_one_opens_the_same_points(village: Village, blocked: bool) -> None:
    if blocked:
        village.bank.cards.block("0001", by="clerk-1")
    new = village.bank.cards.replace("0001", new="0002", by="registrar-1")
    assert (new.number, new.member, new.state) == ("0002", village.wang.id, "active")
    assert village.bank.cards.get("0001").state == "replaced"
    for send in (
        lambda: village.redeem(soap=1),
        lambda: village.bank.cards.block("0001", by="admin"),
        lambda: village.bank.cards.replace("0001", by="admin"),
    ):
        with pytest.raises(CardBlocked) as caught:
            send()
        assert caught.value.state == "replaced"
    village.redeem(card="0002", soap=1)
    assert village.points == 47


def test_a_member_may_have_several_cards(village: Village) -> None:
    village.bank.cards.issue(village.wang, card="0002", by="admin")
    village.bank.cards.block("0001", by="admin")
    village.redeem(card="0002", soap=1)
    assert village.bank.report().cards_issued == 2


# --- corrections ---


def test_an_award_whose_points_are_spent_is_not_taken_back(village: Village) -> None:
    village.redeem(soap=1)
    with pytest.raises(NotEnoughPoints) as caught:
        village.reverse(village.honour)
    assert (caught.value.member, caught.value.available_points, caught.value.needed_points) == (
        village.wang.id,
        47,
        50,
    )
    village.record("patrol", minutes=60)
    village.reverse(village.honour)
    assert village.points == 0


def test_goods_that_are_gone_are_not_taken_back(village: Village) -> None:
    came = village.receive(soap=2, rice=2).seq
    village.redeem(soap=9)
    village.reverse(came)
    came = village.receive(soap=2, rice=2).seq
    village.redeem(soap=1)
    with pytest.raises(NotEnoughStock) as caught:
        village.reverse(came)
    assert (caught.value.shop, caught.value.good, caught.value.available, caught.value.needed) == (
        "yungu-shop",
        "soap",
        1,
        2,
    )


def test_a_redemption_taken_back_gives_points_and_goods_back(village: Village) -> None:
    before = village.bank.shops.stock(village.shop)
    seq = village.redeem(soap=2, rice=1).seq
    village.reverse(seq, reason="returned")
    assert village.points == 50
    assert village.bank.shops.stock(village.shop) == before
    assert village.bank.shops.takings(village.shop) == 0
    assert village.bank.report().redemptions == 0


def test_an_entry_is_taken_back_once_and_a_reversal_never(village: Village) -> None:
    back = village.reverse(village.honour)
    with pytest.raises(AlreadyResolved) as caught:
        village.reverse(village.honour)
    assert (caught.value.seq, caught.value.resolved_by_seq) == (village.honour, back.seq)
    with pytest.raises(NotReversible):
        village.reverse(back.seq)


def test_only_value_is_taken_back(village: Village) -> None:
    for entry in village.bank.journal.entries():
        reversible = entry.kind in ("award", "redemption", "stock")
        with refused(None if reversible else NotReversible):
            village.reverse(entry.seq)


@pytest.mark.parametrize("seq", [-1, 10_000, 2**70, True, 1.0, "3", None])
def test_no_entry_that_is_not_there_is_taken_back(village: Village, seq: Any) -> None:
    with pytest.raises(UnknownEntry):
        village.reverse(seq)


def test_an_unknown_name_is_told_with_its_family(village: Village) -> None:
    nobody = "0000000000"
    cases: list[tuple[type[TimebankError], Callable[[], Any]]] = [
        (UnknownMember, lambda: village.bank.members.get(nobody)),
        (UnknownMember, lambda: village.bank.members.balance(nobody)),
        (UnknownMember, lambda: village.bank.members.statement(nobody)),
        (UnknownMember, lambda: village.record("patrol", minutes=60, member=nobody)),
        (UnknownCard, lambda: village.bank.members.by_card("9999")),
        (UnknownCard, lambda: village.redeem(card="9999", soap=1)),
        (UnknownShop, lambda: village.bank.shops.get("no-shop")),
        (UnknownShop, lambda: village.bank.shops.stock("no-shop")),
        (UnknownShop, lambda: village.bank.shops.takings("no-shop")),
        (UnknownShop, lambda: village.bank.shops.prices("no-shop", Village.TODAY)),
        (UnknownShop, lambda: village.bank.shops.statement("no-shop")),
        (UnknownGood, lambda: village.redeem(caviar=1)),
        (UnknownGood, lambda: village.receive(caviar=1)),
        (UnknownGood, lambda: village.price(caviar=1)),
        (UnknownOrganisation, lambda: village.bank.organisations.get("nowhere")),
        (UnknownOrganisation, lambda: village.record("patrol", minutes=60, org="nowhere")),
        (UnknownOrganisation, lambda: village.bank.members.enrol(org="nowhere", by="admin")),
        (UnknownService, lambda: village.record("no-such", minutes=60)),
        (UnknownEntry, lambda: village.bank.journal.entry(10_000)),
        (FileMissing, lambda: shipped_rulebook("no-such")),
    ]
    for error, send in cases:
        with pytest.raises(error) as caught:
            send()
        assert isinstance(caught.value, InvalidInput)


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ({"donor": "huicai"}, None),
        ({"bought_by": "yungu"}, None),
        ({}, SourceUnclear),
        ({"donor": "huicai", "bought_by": "yungu"}, SourceUnclear),
        ({"bought_by": "nowhere"}, UnknownOrganisation),
    ],
)
def test_goods_have_one_source(village: Village, source: dict[str, str], error: Any) -> None:
    with refused(error):
        village.bank.shops.receive(village.shop, {"rice": 1}, **source, by="clerk-1", approved_by="admin")


# --- when several rules refuse at once ---


def worst_redemption(village: Village) -> list[tuple[type[TimebankError], dict[str, Any]]]:
    """What can be wrong with one redemption, in the documented order of telling it."""
    village.redeem(soap=1, key="used")
    village.bank.members.enrol(org="yungu", card="poor", by="admin")
    village.bank.members.enrol(org="yungu", card="lost", by="admin")
    village.bank.cards.block("lost", by="admin")
    return [
        (BadAmount, {"goods": {"rice": 0}}),
        (KeyConflict, {"key": "used"}),
        (UnknownShop, {"shop": "no-shop"}),
        (RoleNotAllowed, {"by": "auditor-1"}),
        (CardBlocked, {"card": "lost"}),
        (NotEnoughPoints, {"card": "poor"}),
        (NotEnoughStock, {"goods": {"soap": 9}}),
    ]


@pytest.mark.parametrize("first", range(7))
@pytest.mark.parametrize("last", range(7))
def test_the_first_rule_of_the_documented_order_refuses_a_redemption(
    village: Village, first: int, last: int
) -> None:
    rules = worst_redemption(village)[first : last + 1]
    wrong: dict[str, Any] = {
        "shop": "yungu-shop",
        "card": "0001",
        "goods": {"rice": 1},
        "by": "clerk-1",
        "key": "new",
    }
    for _, names in reversed(rules):
        wrong |= names
    with refused(rules[0][0] if rules else None):
        village.bank.shops.redeem(wrong.pop("shop"), **wrong)


@pytest.mark.parametrize("rule", range(1, 7))
def test_a_day_in_the_future_is_wrong_input_and_told_first(village: Village, rule: int) -> None:
    _, names = worst_redemption(village)[rule]
    wrong: dict[str, Any] = {"shop": "yungu-shop", "card": "0001", "goods": {"rice": 1}, "by": "clerk-1"}
    wrong |= {"day": Village.TODAY + DAY, **names}
    with pytest.raises(DayInFuture):
        village.bank.shops.redeem(wrong.pop("shop"), **wrong)


@pytest.mark.parametrize(
    "wrong",
    [{"shop": "no-shop"}, {"by": "auditor-1"}, {"by": "nobody"}, {"key": "used"}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_mistyped_card_is_wrong_input_and_told_first(village: Village, wrong: dict[str, str]) -> None:
    village.redeem(soap=1, key="used")
    sent = {"shop": "yungu-shop", "card": "00000000001", "goods": {"rice": 1}, "by": "clerk-1", **wrong}
    with pytest.raises(CardMistyped):
        village.bank.shops.redeem(sent.pop("shop"), **sent)


@pytest.mark.parametrize("wrong", [{"parent": "nowhere"}, {"key": "used"}, {"by": "nobody"}, {"by": "clerk-1"}])
def test_a_level_that_is_none_is_wrong_input_and_told_first(village: Village, wrong: dict[str, str]) -> None:
    village.redeem(soap=1, key="used")
    with pytest.raises(BadCode):
        village.bank.organisations.add("o", **{"name": "o", "level": "planet", "by": "admin", **wrong})


@pytest.mark.parametrize(
    ("error", "wrong"),
    [
        (KeyConflict, {"key": "used", "member": "0000000000", "by": "auditor-1", "day": Village.RULES_FROM - DAY}),
        (UnknownMember, {"member": "0000000000", "by": "auditor-1"}),
        (UnknownService, {"service": "no-such", "by": "auditor-1"}),
        (UnknownOrganisation, {"org": "nowhere", "by": "auditor-1"}),
        (UnknownOperator, {"by": "nobody", "approved_by": "clerk-1"}),
        (RoleNotAllowed, {"by": "auditor-1", "approved_by": "supervisor-1"}),
    ],
)
def test_the_first_rule_of_the_documented_order_refuses_an_award(
    village: Village, error: type[TimebankError], wrong: dict[str, Any]
) -> None:
    village.redeem(soap=1, key="used")
    sent = {"member": village.wang, "minutes": 60, "day": Village.TODAY, "by": "clerk-1", "approved_by": "admin"}
    sent |= wrong
    with pytest.raises(error):
        village.bank.services.record(sent.pop("member"), sent.pop("service", "patrol"), **sent)


def test_an_entry_taken_back_is_told_before_its_spent_points(village: Village) -> None:
    village.reverse(village.honour)
    with pytest.raises(RoleNotAllowed):
        village.bank.reverse(village.honour, by="auditor-1", approved_by="admin")
    with pytest.raises(AlreadyResolved):
        village.reverse(village.honour)


# --- rulebooks ---

SMALL = """\
name = "small"
title.zh = "细则"
title.en = "Rules"

[service.patrol-night]
zh = "夜巡"
en = "Night patrol"
per = "hour"
points = 5

[service.patrol]
zh = "巡逻"
en = "Patrol"
per = "hour"
points = 3
"""


def without(line: int) -> str:
    return "".join(text for number, text in enumerate(SMALL.splitlines(True), 1) if number != line)


def instead(line: int, text: str) -> str:
    return "".join(text + "\n" if number == line else old for number, old in enumerate(SMALL.splitlines(True), 1))


def test_the_small_rulebook_is_sound() -> None:
    book = parse_rulebook(SMALL)
    assert (book.name, book.zh, book.en) == ("small", "细则", "Rules")
    assert [(row.id, row.per, row.points) for row in book.services] == [
        ("patrol-night", "hour", 5),
        ("patrol", "hour", 3),
    ]


def test_the_shipped_rulebook_says_what_the_programme_says() -> None:
    rows = {row.id: (row.per, row.points) for row in parse_rulebook(shipped_rulebook()).services}
    assert rows["clean-up"] == rows["policy-outreach"] == ("hour", 2)
    assert rows["elder-visit"] == rows["patrol"] == ("hour", 3)
    assert [rows[f"household-{grade}"][1] for grade in ("best", "good", "fair")] == [5, 3, 1]
    assert (rows["mediation"], rows["mediation-shared"]) == (("occasion", 10), ("occasion", 5))
    assert rows["village-meeting"] == ("occasion", 1)
    assert (rows["idea-adopted"], rows["blood-donation"], rows["honour"]) == (
        ("occasion", 5),
        ("occasion", 20),
        ("occasion", 50),
    )


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", {0}),
        ("name = ", {0, 1}),
        (instead(15, "points = "), {15}),
        (instead(15, "points = 3x"), {15}),
        (instead(8, "per == 3"), {8}),
        (instead(4, "\t"), {4}),
        (instead(4, "# " + "x" * 199), {4}),
        (instead(4, "wrong = 1"), {4}),
        (instead(4, "name = 'twice'"), {4}),
        (instead(10, "caps = 4"), {5, 10}),
        (instead(15, "points = 10001"), {11, 15}),
        (instead(15, "points = -3"), {11, 15}),
        (instead(15, "points = 3.0"), {11, 15}),
        (instead(15, "points = true"), {11, 15}),
        (instead(15, "points = '3'"), {11, 15}),
        (instead(14, "per = 'day'"), {11, 14}),
        (instead(14, "per = ['hour']"), {11, 14}),
        (instead(12, "zh = ''"), {11, 12}),
        (instead(12, 'zh = "a\\u202eb"'), {11, 12}),
        (instead(12, "zh = 5"), {11, 12}),
        (instead(5, "[service.Night]"), {5}),
        (instead(5, "[service.'a b']"), {0, 5}),
        (without(15), {11}),
        (without(12), {11}),
        (without(9), {5}),
        (instead(1, "name = 'No Slug'"), {1}),
        (instead(3, "title.en = ''"), {1, 3}),
        (without(1), {0}),
        (without(2), {0, 2}),
        ("name = 'x'\ntitle.zh = 'x'\ntitle.en = 'x'\n", {0}),
        ("name = 'x'\ntitle.zh = 'x'\ntitle.en = 'x'\nservice = 5\n", {0, 4}),
        ("name = 'x'\ntitle = 'x'\n[service.a]\nzh='x'\nen='x'\nper='hour'\npoints=1\n", {0, 2}),
        ("name = 'x'\ntitle.zh = 'x'\ntitle.en = 'x'\n[service]\n", {0, 4}),
        ("name = 'x'\ntitle.zh = 'x'\ntitle.en = 'x'\n[service]\na = 5\n", {0, 4, 5}),
    ],
)
def test_a_rulebook_that_is_wrong_is_refused_with_its_line(village: Village, text: str, lines: set[int]) -> None:
    before = village.trace()
    with pytest.raises(RulebookInvalid) as caught:
        village.bank.rulebooks.adopt(text, from_day=Village.TODAY, by="admin")
    assert caught.value.line in lines
    assert village.trace() == before


@pytest.mark.parametrize("comment", ["e\u0301", "\u202e", "\ud800", "\x0c", "\x00"], ids=ascii)
def test_a_rulebook_that_no_entry_can_hold_is_refused_with_its_line(village: Village, comment: str) -> None:
    with pytest.raises(RulebookInvalid) as caught:
        village.bank.rulebooks.adopt(instead(4, f"# {comment}"), from_day=Village.TODAY, by="admin")
    assert caught.value.line == 4


@pytest.mark.parametrize("text", [None, 5, b"name = 'x'", ["name"]])
def test_a_rulebook_is_a_text(village: Village, text: Any) -> None:
    with pytest.raises(InvalidInput):
        village.bank.rulebooks.adopt(text, from_day=Village.TODAY, by="admin")


def test_a_rulebook_longer_than_an_entry_is_refused(village: Village) -> None:
    with pytest.raises(InvalidInput):
        village.bank.rulebooks.adopt(SMALL + ("# " + "x" * 190 + "\n") * 340, from_day=Village.TODAY, by="admin")


@pytest.mark.parametrize("end", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"], ids=ascii)
@pytest.mark.parametrize(
    "rest", [["x"], ["# y"], ["[service.secret]", "zh='x'", "en='x'", "per='hour'", "points=9"]]
)
def test_an_adopted_rulebook_says_what_was_read_at_its_adoption(
    village: Village, end: str, rest: list[str]
) -> None:
    """Some characters end a line for one reader and not for another."""
    text = SMALL + end.join(["# comment", *rest])
    try:
        village.bank.rulebooks.adopt(text, from_day=Village.TODAY, by="admin")
    except InvalidInput:
        return
    village.record("patrol", minutes=60, day=Village.TODAY)
    assert [row.id for row in village.bank.rulebooks.on(Village.TODAY).services] == ["patrol-night", "patrol"]


def test_a_rulebook_with_windows_line_ends_says_the_same(village: Village) -> None:
    village.bank.rulebooks.adopt(SMALL.replace("\n", "\r\n"), from_day=Village.TODAY, by="admin")
    assert village.bank.rulebooks.on(Village.TODAY) == parse_rulebook(SMALL)


# --- batches ---


def test_a_batch_keeps_all_or_nothing(village: Village) -> None:
    before = village.trace()
    with pytest.raises(NotEnoughStock), village.bank.batch():
        village.redeem(soap=1, key="k")
        assert village.points == 47
        village.redeem(soap=9)
    assert village.trace() == before
    with village.bank.batch():
        assert not village.redeem(soap=1, key="k").repeated
        assert village.redeem(soap=1, key="k").repeated
    assert village.points == 47


def test_a_refusal_caught_inside_a_batch_spoils_nothing(village: Village) -> None:
    with village.bank.batch():
        village.redeem(soap=1)
        with pytest.raises(NotEnoughStock):
            village.redeem(soap=9)
        village.redeem(soap=1)
    assert village.points == 44


def test_a_batch_holds_no_batch_and_no_rebuild(village: Village) -> None:
    with village.bank.batch():
        with pytest.raises(BatchOpen), village.bank.batch():
            raise AssertionError("not reached")
        with pytest.raises(BatchOpen):
            village.bank.rebuild()
        village.redeem(soap=1)
    assert village.points == 47
