"""Venues and the log of their rooms: sums per month, and what is refused."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import Village, fewer, refused
from timebank.bank import Bank
from timebank.errors import (
    AlreadyExists,
    BadAmount,
    BadCode,
    BadText,
    DayInFuture,
    KeyConflict,
    NotReversible,
    PeriodClosed,
    RoleNotAllowed,
    TimebankError,
    UnknownOperator,
    UnknownOrganisation,
    UnknownVenue,
)
from timebank.programme.venues import Count, Venue, Visits

DAY = timedelta(days=1)
ROOM, PURPOSE = "阅览室", "读书会"


@pytest.fixture
def house() -> Village:
    village = Village()
    village.bank.venues.add("house", org="yungu", name="幸福空间", by="admin-1")
    return village


def log(village: Village, **named: Any) -> Any:
    said = {"venue": "house", "room": ROOM, "purpose": PURPOSE, "people": 8, "by": "clerk-1"} | named
    return village.bank.venues.log(said.pop("venue"), **said)


def traces(village: Village) -> tuple[Any, ...]:
    return village.trace(), village.bank.venues.all(), village.bank.venues.months("house")


def test_a_venue_is_known_by_its_id(house: Village) -> None:
    (venue,) = house.bank.venues.all()
    assert venue == Venue("house", "yungu", "幸福空间", venue.seq) == house.bank.venues.get("house")
    for ask in (house.bank.venues.get, house.bank.venues.months, lambda home: log(house, venue=home)):
        assert refused(house, UnknownVenue, ask, "home").facts() == {"name": "home"}


def test_the_log_is_that_of_one_venue(house: Village) -> None:
    added = house.bank.venues.add("home", org="yungu", name="驿站", by="admin-1").entry
    assert (added.kind, added.day, added.by) == ("venue", Village.TODAY, "admin-1")
    assert dict(added.body) == {"venue": "home", "org": "yungu", "name": "驿站"}
    log(house)
    log(house, venue=house.bank.venues.get("home"), people=2)
    assert [(row.venue, row.people) for row in house.bank.venues.months("house")] == [("house", 8)]
    assert [(row.venue, row.people) for row in house.bank.venues.months("home")] == [("home", 2)]
    again = refused(house, AlreadyExists, house.bank.venues.add, "home", org="yungu", name="驿", by="admin-1")
    assert again.facts() == {"what": "venue", "name": "home"}


def test_uses_and_people_add_up_for_each_month_room_and_purpose(house: Village) -> None:
    log(house, day=date(2026, 1, 31), people=3)
    log(house, day=date(2026, 2, 1), people=5, uses=2)
    log(house, day=date(2026, 2, 28), people=7)
    log(house, day=date(2026, 2, 28), people=1, room="活动室")
    last = log(house, day=date(2026, 2, 28), people=2, purpose="理发")
    february = [row for row in house.bank.venues.months("house") if row.month == "2026-02"]
    assert [(row.room, row.purpose, row.uses, row.people) for row in february] == [
        ("活动室", PURPOSE, 1, 1),
        (ROOM, "理发", 1, 2),
        (ROOM, PURPOSE, 3, 12),
    ]
    assert february[1] == Visits("house", "2026-02", ROOM, "理发", 1, 2, last.seq)
    assert house.bank.venues.counts("2026-01", "2026-02") == (
        Count("house", "活动室", PURPOSE, 1, 1),
        Count("house", ROOM, "理发", 1, 2),
        Count("house", ROOM, PURPOSE, 4, 15),
    )
    assert house.bank.venues.counts("2026-01", "2026-01") == (Count("house", ROOM, PURPOSE, 1, 3),)
    assert house.bank.venues.counts("2026-02", "2026-01") == ()


def test_the_entry_of_a_visit_holds_what_was_logged(house: Village) -> None:
    entry = log(house).entry
    assert (entry.kind, entry.day, entry.moves) == ("visit", Village.TODAY, ())
    assert dict(entry.body) == {"venue": "house", "room": ROOM, "purpose": PURPOSE, "uses": 1, "people": 8}
    with pytest.raises(NotReversible):
        house.reverse(entry.seq)


@pytest.mark.parametrize("field", ["room", "purpose"])
def test_rooms_and_purposes_are_public_names_of_at_most_forty_characters(house: Village, field: str) -> None:
    log(house, **{field: "室" * 40})
    before = traces(house)
    for text in ("室" * 41, "", " 室", "室\n", None, "室\u202e"):
        with pytest.raises(BadText):
            log(house, **{field: text})
    assert traces(house) == before


@pytest.mark.parametrize("field", ["uses", "people"])
def test_uses_and_people_are_one_to_a_million(house: Village, field: str) -> None:
    for number in (1, 1_000_000):
        log(house, **{field: number})
    before = traces(house)
    for number in (0, -1, True, 1.0, "1", 1_000_001):
        with pytest.raises(BadAmount):
            log(house, **{field: number})
    assert traces(house) == before


@pytest.mark.parametrize(
    ("named", "error"),
    [
        ({"venue": "home"}, UnknownVenue),
        ({"venue": "The House"}, BadCode),
        ({"by": "nobody"}, UnknownOperator),
        ({"by": "auditor-1"}, RoleNotAllowed),
        ({"day": Village.TODAY + DAY}, DayInFuture),
    ],
)
def test_a_visit_that_is_not_logged_leaves_no_trace(
    house: Village, named: dict[str, Any], error: type[TimebankError]
) -> None:
    before = traces(house)
    with pytest.raises(error):
        log(house, **named)
    assert traces(house) == before


@pytest.mark.parametrize("role", ["clerk", "registrar", "supervisor", "admin"])
def test_everybody_but_the_auditor_logs_visits(house: Village, role: str) -> None:
    assert log(house, by=f"{role}-1").entry.by == f"{role}-1"


def test_nothing_is_logged_into_a_closed_month(house: Village) -> None:
    house.bank.periods.close("2026-02", by="supervisor-1")
    with pytest.raises(PeriodClosed):
        log(house, day=date(2026, 2, 28))
    log(house, day=date(2026, 3, 1))


@pytest.mark.parametrize(
    ("named", "error"),
    [
        ({"venue": "house"}, AlreadyExists),
        ({"org": "nowhere"}, UnknownOrganisation),
        ({"name": ""}, BadText),
        ({"venue": "Home"}, BadCode),
        *(({"by": f"{role}-1"}, RoleNotAllowed) for role in ("clerk", "registrar", "supervisor", "auditor")),
    ],
)
def test_a_venue_that_is_not_added_leaves_no_trace(
    house: Village, named: dict[str, Any], error: type[TimebankError]
) -> None:
    before = traces(house)
    said = {"venue": "home", "org": "yungu", "name": "驿站", "by": "admin-1"} | named
    with pytest.raises(error):
        house.bank.venues.add(said.pop("venue"), **said)
    assert traces(house) == before


def test_the_same_key_adds_and_logs_once(house: Village) -> None:
    add = house.bank.venues.add
    first = add("home", org="yungu", name="驿站", by="admin-1", key="v/1")
    assert add("home", org="yungu", name="驿站", by="admin-1", key="v/1").seq == first.seq
    visit = log(house, key="v/2")
    again = log(house, key="v/2")
    assert (again.seq, again.repeated) == (visit.seq, True)
    assert house.bank.venues.counts("2026-03", "2026-03")[0].people == 8
    with pytest.raises(KeyConflict):
        log(house, key="v/2", people=9)


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "2026", "2026-02-01", "", None, "２０２６-02"])
def test_counts_are_asked_for_months(house: Village, month: Any) -> None:
    for months in ((month, "2026-02"), ("2026-02", month)):
        with pytest.raises(BadCode):
            house.bank.venues.counts(*months)


@fewer(2)
@given(
    st.lists(
        st.tuples(st.integers(0, 58), st.sampled_from("AB"), st.sampled_from("xy"), st.integers(1, 9)), max_size=20
    ),
    st.sampled_from(["2026-01", "2026-02", "2026-03"]),
    st.sampled_from(["2026-01", "2026-02", "2026-03"]),
)
def test_counts_are_the_sums_of_what_was_logged(
    visits: list[tuple[int, str, str, int]], first: str, last: str
) -> None:
    village, uses, people = Village(), Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    village.bank.venues.add("house", org="yungu", name="幸福空间", by="admin-1")
    for days, room, purpose, number in visits:
        day = date(2026, 1, 1) + days * DAY
        log(village, room=room, purpose=purpose, people=number, uses=10 - number, day=day)
        if first <= day.isoformat()[:7] <= last:
            people["house", room, purpose] += number
            uses["house", room, purpose] += 10 - number
    found = village.bank.venues.counts(first, last)
    assert {(row.venue, row.room, row.purpose): (row.uses, row.people) for row in found} == {
        place: (uses[place], people[place]) for place in people
    }
    village.bank.rebuild()
    assert village.bank.venues.counts(first, last) == found


# --- the tables, attacked with raw SQL


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE venue SET name = 'x'",
        "DELETE FROM venue",
        "INSERT OR REPLACE INTO venue SELECT id, org, 'x', seq FROM venue",
        "UPDATE visit SET people = people - 1, seq = seq + 1",
        "UPDATE visit SET uses = uses + 1, people = people + 1",
        "UPDATE visit SET month = '2026-01'",
        "INSERT INTO visit SELECT venue, '2026-1', room, purpose, uses, people, seq FROM visit",
        "DELETE FROM visit",
    ],
)
def test_raw_sql_does_not_change_what_was_logged(tmp_path: Path, attack: str) -> None:
    path = tmp_path / "house.timebank"
    with Bank.create(path, origin="house.example/timebank") as bank:
        bank.organisations.add("yungu", name="云谷", level="community", by="admin")
        bank.venues.add("house", org="yungu", name="幸福空间", by="admin")
        bank.venues.log("house", room=ROOM, purpose=PURPOSE, people=8, day=date(2026, 2, 1), by="admin")
        bank.venues.log("house", room=ROOM, purpose=PURPOSE, people=8, day=date(2026, 2, 1), by="admin")
        assert bank.venues.counts("2026-02", "2026-02") == (Count("house", ROOM, PURPOSE, 2, 16),)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA recursive_triggers = ON")
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(attack)
