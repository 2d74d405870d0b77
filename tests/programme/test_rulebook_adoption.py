"""Rulebooks of a ledger: which is in force on a day, which may follow, and which texts come with timebank."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.conftest import Village, refused
from tests.programme.test_rulebook import LEAST, with_expiry
from timebank.bank import Bank
from timebank.errors import BadCode, ExpiryOutOfOrder, FileMissing, NoRulebook, NotInOrder
from timebank.programme.rulebook import RulebookRecord, parse_rulebook, shipped_rulebook

FIRST = Village.RULES_FROM
LATER = date(2026, 7, 1)
A_DAY = timedelta(days=1)


def facts(error: NoRulebook | NotInOrder | ExpiryOutOfOrder) -> tuple[object, ...]:
    return tuple(error.facts().values())


def test_before_a_rulebook_is_in_force_it_is_said_from_which_day_one_is(village: Village) -> None:
    error = refused(village, NoRulebook, village.bank.rulebooks.on, FIRST - A_DAY)
    assert facts(error) == ("2025-12-31", "2026-01-01")
    village.bank.rulebooks.adopt(LEAST, from_day=LATER, by="admin")
    assert facts(refused(village, NoRulebook, village.bank.rulebooks.on, date.min)) == ("0001-01-01", "2026-01-01")


def test_where_none_was_adopted_it_is_said_that_none_is_in_force() -> None:
    with Bank.in_memory() as bank:
        assert bank.rulebooks.all() == ()
        with pytest.raises(NoRulebook) as caught:
            bank.rulebooks.on(FIRST)
    assert facts(caught.value) == ("2026-01-01", "-")


def test_all_that_were_adopted_stand_in_the_order_of_their_days(village: Village) -> None:
    rulebooks = village.bank.rulebooks
    first = rulebooks.all()[0]
    second = rulebooks.adopt(LEAST, from_day=LATER, by="admin")
    assert first == RulebookRecord("2026-01-01", first.seq, "village-points")
    assert rulebooks.all() == (first, RulebookRecord("2026-07-01", second.seq, "least"))
    assert [rulebooks.on(day).name for day in (FIRST, LATER - A_DAY, LATER)] == ["village-points"] * 2 + ["least"]


@pytest.mark.parametrize("day", [LATER, LATER - A_DAY, FIRST, date.min])
def test_a_rulebook_follows_the_latest_and_says_which_day_is_too_early(village: Village, day: date) -> None:
    adopt = village.bank.rulebooks.adopt
    adopt(LEAST, from_day=LATER, by="admin")
    error = refused(village, NotInOrder, adopt, LEAST, from_day=day, by="admin")
    assert facts(error) == ("rulebook", day.isoformat(), "2026-07-01")
    adopt(LEAST, from_day=LATER + A_DAY, by="admin")


def test_a_rulebook_of_the_calendars_last_day_is_the_last(village: Village) -> None:
    adopt = village.bank.rulebooks.adopt
    adopt(LEAST, from_day=date.max, by="admin")
    error = refused(village, NotInOrder, adopt, LEAST, from_day=date.max, by="admin")
    assert facts(error) == ("rulebook", "9999-12-31", "9999-12-31")


def test_points_that_would_lapse_first_are_told_with_both_days(village: Village) -> None:
    shorter = with_expiry('"year-end"')
    error = refused(village, ExpiryOutOfOrder, village.bank.rulebooks.adopt, shorter, from_day=LATER, by="admin")
    assert facts(error) == ("2026-07-01", "2026-12-31", "2027-12-31")


def test_a_rulebook_that_comes_with_timebank_is_read_as_it_was_written() -> None:
    assert parse_rulebook(shipped_rulebook()).zh == "村级积分细则"


def test_a_rulebook_that_does_not_come_with_timebank_is_missing() -> None:
    with pytest.raises(FileMissing) as missing:
        shipped_rulebook("town-points")
    assert missing.value.path == "town-points.toml"
    with pytest.raises(BadCode) as bad:
        shipped_rulebook("../../etc")
    assert (bad.value.field, bad.value.value) == ("rulebook", "../../etc")
