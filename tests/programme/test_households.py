"""A household is a list of persons from a day on; everybody belongs to one at a time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import Village
from timebank.bank import Bank
from timebank.errors import (
    AlreadyInHousehold,
    BadAmount,
    BadCode,
    DayInFuture,
    KeyConflict,
    NotInOrder,
    PeriodClosed,
    RoleNotAllowed,
    TimebankError,
    UnknownMember,
    WrongKind,
)
from timebank.programme.households import (
    BELONGINGS,
    HOUSEHOLDS,
    Belonging,
    Household,
    household_on,
    members_on,
)

FEB = date(2026, 2, 10)
EVE = FEB - timedelta(days=1)


class Home(Village):
    """A village with two households and three more persons beside Wang."""

    def __init__(self) -> None:
        super().__init__()
        enrol = self.bank.members.enrol
        self.house, self.other = (enrol(org="yungu", kind="household", by="admin").id for _ in range(2))
        self.a, self.b, self.c = (enrol(org="yungu", by="admin").id for _ in range(3))

    def set(self, *members: Any, house: str | None = None, day: Any = FEB, **named: Any) -> Any:
        given = {"from_day": day, "by": "registrar-1"} | named
        return self.bank.members.set_household(house or self.house, members, **given)

    def refused(self, error: type[TimebankError], *members: Any, **named: Any) -> TimebankError:
        before = self.trace()
        with pytest.raises(error) as caught:
            self.set(*members, **named)
        assert self.trace() == before
        return caught.value

    def house_of(self, member: str, day: date) -> str | None:
        return self.bank.members.household(member, day=day)


@pytest.fixture
def home() -> Home:
    return Home()


def test_a_household_is_its_list_from_the_day_on_in_paying_order(home: Home) -> None:
    posted = home.set(home.b, home.a)
    assert (posted.entry.kind, posted.entry.day, posted.entry.moves) == ("household", FEB, ())
    assert dict(posted.entry.body) == {
        "household": home.house,
        "members": (home.b, home.a),
        "from": "2026-02-10",
    }
    assert home.bank.members.of_household(home.house, day=EVE) == ()
    assert home.bank.members.of_household(home.house) == (home.b, home.a)
    assert (home.house_of(home.a, EVE), home.house_of(home.a, FEB)) == (None, home.house)
    with home.bank.journal.reading() as books:
        assert members_on(books, home.house, FEB) == (home.b, home.a)
        assert members_on(books, home.other, FEB) == ()
        assert household_on(books, home.c, FEB) is None


def test_a_later_list_replaces_the_earlier_one_and_who_left_belongs_to_none(home: Home) -> None:
    home.set(home.a, home.b)
    later = FEB + timedelta(days=5)
    home.set(home.b, home.c, day=later)
    assert home.bank.members.of_household(home.house, day=later - timedelta(days=1)) == (home.a, home.b)
    assert home.bank.members.of_household(home.house, day=later) == (home.b, home.c)
    assert [home.house_of(member, later) for member in (home.a, home.b, home.c)] == [None, home.house, home.house]


def test_a_list_of_the_same_day_corrects_the_one_before(home: Home) -> None:
    home.set(home.a, home.b)
    home.set(home.c)
    assert home.bank.members.of_household(home.house, day=FEB) == (home.c,)
    assert home.house_of(home.a, FEB) is None
    home.set(home.a, house=home.other)
    assert home.house_of(home.a, FEB) == home.other


def test_an_empty_list_dissolves_the_household(home: Home) -> None:
    home.set(home.a)
    home.set(day=FEB + timedelta(days=1))
    assert home.bank.members.of_household(home.house) == ()
    assert (home.bank.members.household(home.a), home.house_of(home.a, FEB)) == (None, home.house)
    assert home.house_of(home.a, FEB + timedelta(days=1)) is None


def test_nobody_belongs_to_two_households(home: Home) -> None:
    home.set(home.a)
    error = home.refused(AlreadyInHousehold, home.b, home.a, house=home.other)
    assert error.facts() == {"member": home.a, "household": home.house}
    home.refused(AlreadyInHousehold, home.a, house=home.other, day=FEB + timedelta(days=9))
    home.refused(AlreadyInHousehold, home.a, house=home.other, day=EVE)
    home.set(day=FEB + timedelta(days=2))
    home.refused(AlreadyInHousehold, home.a, house=home.other, day=FEB + timedelta(days=1))
    home.set(home.a, house=home.other, day=FEB + timedelta(days=2))


def test_lists_of_a_household_come_in_order(home: Home) -> None:
    home.set(home.a)
    error = home.refused(NotInOrder, home.a, home.b, day=EVE)
    assert error.facts() == {"what": "household", "from_day": str(EVE), "latest_from_day": str(FEB)}


def test_where_others_will_belong_keeps_nobody_out(home: Home) -> None:
    home.set(home.b, house=home.other, day=FEB + timedelta(days=3))
    home.set(home.a, day=EVE)
    assert home.bank.members.household(home.a) == home.house


def test_a_household_keeps_every_list_with_the_entry_that_said_it(home: Home) -> None:
    first, again = home.set(home.a, home.b).seq, home.set(home.b).seq
    with home.bank.journal.reading() as books:
        assert tuple(books.rows(HOUSEHOLDS, home.house)) == (
            Household(home.house, str(FEB), first, f"{home.a} {home.b}"),
            Household(home.house, str(FEB), again, home.b),
        )
        assert tuple(books.rows(BELONGINGS, home.a)) == (
            Belonging(home.a, str(FEB), first, home.house),
            Belonging(home.a, str(FEB), again, ""),
        )


def test_a_household_is_of_persons(home: Home) -> None:
    team = home.bank.members.enrol(org="yungu", kind="team", by="admin").id
    error = home.refused(WrongKind, home.a, team)
    assert error.facts() == {"member": team, "kind": "team", "wanted_kind": "person"}
    home.refused(WrongKind, home.other)
    home.refused(WrongKind, home.b, house=home.a)


def test_a_list_names_known_members_once_each(home: Home) -> None:
    home.refused(BadCode, home.a, home.a)
    home.refused(BadCode, "nobody")
    home.refused(UnknownMember, "0" * 10)
    home.refused(UnknownMember, home.a, house="0" * 10)
    home.refused(BadAmount, *(f"{number:010}" for number in range(51)))
    home.refused(UnknownMember, *(f"{number:010}" for number in range(50)))


def test_a_household_is_set_by_whoever_enrols_on_an_open_day_that_has_come(home: Home) -> None:
    home.refused(RoleNotAllowed, home.a, by="clerk-1")
    home.refused(DayInFuture, home.a, day=Village.TODAY + timedelta(days=1))
    home.bank.periods.close("2026-01", by="supervisor-1")
    home.refused(PeriodClosed, home.a, day=date(2026, 1, 31))
    home.set(home.a, day=date(2026, 2, 1), by="supervisor-1")


def test_the_same_key_sets_once(home: Home) -> None:
    first = home.set(home.a, home.b, key="h/1")
    assert (home.set(home.a, home.b, key="h/1").seq, home.set(home.a, home.b, key="h/1").repeated) == (
        first.seq,
        True,
    )
    home.refused(KeyConflict, home.b, home.a, key="h/1")


LISTS = st.lists(
    st.tuples(st.integers(0, 1), st.lists(st.integers(0, 3), unique=True, max_size=3), st.integers(0, 4)),
    max_size=10,
)


@given(LISTS)
def test_lists_and_belongings_always_agree(lists: list[tuple[int, list[int], int]]) -> None:
    """Whatever was accepted: who is on a household's list of a day belongs to it, and to no other."""
    bank = Bank.in_memory(clock=lambda: datetime(2026, 3, 1, 4, 0, tzinfo=UTC))
    bank.organisations.add("a", name="a", level="street", by="admin")
    houses = [bank.members.enrol(org="a", kind="household", by="admin").id for _ in range(2)]
    persons = [bank.members.enrol(org="a", by="admin").id for _ in range(4)]
    accepted: list[tuple[int, list[str], int]] = []
    for which, who, offset in lists:
        named = [persons[each] for each in who]
        try:
            bank.members.set_household(houses[which], named, from_day=FEB + timedelta(days=offset), by="admin")
        except (NotInOrder, AlreadyInHousehold):
            continue
        accepted.append((which, named, offset))
    for offset in range(-1, 6):
        day = FEB + timedelta(days=offset)
        for place, house in enumerate(houses):
            said = [named for each, named, start in accepted if each == place and start <= offset]
            assert bank.members.of_household(house, day=day) == tuple(said[-1] if said else ())
        for person in persons:
            found = [each for each in houses if person in bank.members.of_household(each, day=day)]
            belongs = bank.members.household(person, day=day)
            assert found == ([] if belongs is None else [belongs])
