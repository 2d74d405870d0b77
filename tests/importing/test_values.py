"""Cells as people write them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timebank.errors import CellWrong
from timebank.importing import values


@pytest.mark.parametrize(
    "cell",
    [
        "2026-03-01", "2026/3/1", "2026.3.1", "2026年3月1日", "２０２６年３月１日", "20260301",
        "2026-3-1 00:00:00", date(2026, 3, 1), datetime(2026, 3, 1), 20260301, 20260301.0,  # noqa: DTZ001
    ],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(cell: object) -> None:
    assert values.day(cell) == date(2026, 3, 1)


@pytest.mark.parametrize(
    "cell",
    ["", None, "2026-02-30", "3月1日", "01/03/2026", "昨天", 46082, datetime(2026, 3, 1, 8, 30), True],  # noqa: DTZ001
)
def test_what_could_be_another_day_is_refused(cell: object) -> None:
    with pytest.raises(CellWrong) as caught:
        values.day(cell)
    assert caught.value.wanted == "day"


@pytest.mark.parametrize(
    ("cell", "number"), [("1,200", 1200), ("３０分", 30), (30.0, 30), ("30.00", 30), ("0", 0)]
)
def test_a_whole_number_is_read_however_it_is_written(cell: object, number: int) -> None:
    assert values.whole(cell) == number


@pytest.mark.parametrize("cell", ["1.5", "-3", "1,20", "三", "", None, 1.5, "1e3", "٣", True])
def test_what_is_no_whole_number_is_refused(cell: object) -> None:
    with pytest.raises(CellWrong):
        values.whole(cell)


@given(st.integers(0, 9_999 * 60))
def test_hours_are_whole_minutes_or_refused(minutes: int) -> None:
    hours, rest = divmod(minutes, 60)
    thousandths = rest * 10_000 / 60
    typed = f"{hours}.{round(thousandths):04}"
    if rest * 10_000 % 60:
        with pytest.raises(CellWrong):
            values.hours(typed)
    else:
        assert values.hours(typed) == minutes


@pytest.mark.parametrize(
    ("cell", "minutes"), [("90分钟", 90), ("1.5小时", 90), ("2小时30分", 150), ("2小时", 120)]
)
def test_a_length_of_time_says_its_unit(cell: str, minutes: int) -> None:
    assert values.duration(cell) == minutes


@pytest.mark.parametrize("cell", ["90", "两小时", "", "小时"])
def test_a_length_of_time_without_unit_is_not_guessed(cell: str) -> None:
    with pytest.raises(CellWrong):
        values.duration(cell)


@pytest.mark.parametrize(
    ("cell", "clock"),
    [("9:05", "09:05"), ("14时30分", "14:30"), (time(8, 0), "08:00"), ("9：05", "09:05")],
)
def test_a_time_of_day_is_read(cell: object, clock: str) -> None:
    assert values.clock(cell) == clock


@pytest.mark.parametrize("cell", ["24:00", "9:60", "9", "", "上午"])
def test_no_time_of_day_is_refused(cell: object) -> None:
    with pytest.raises(CellWrong):
        values.clock(cell)


def test_a_name_that_two_things_have_is_not_guessed() -> None:
    read = values.one_of(values.by_name([("a", "云谷"), ("b", "云谷"), ("c", "东山")]), "org")
    assert [read("a"), read("c"), read("东山"), read("other")] == ["a", "c", "c", "other"]
    with pytest.raises(CellWrong):
        read("云谷")


def test_an_id_is_never_taken_for_another_things_name() -> None:
    assert values.one_of(values.by_name([("rice", "soap"), ("soap", "肥皂")]), "good")("soap") == "soap"


@pytest.mark.parametrize(
    ("read", "cell"),
    [
        (values.hours, "90分钟"),
        (values.minutes, "2小时"),
        (values.whole, "5元"),
        (values.whole, "2小时"),
        (values.duration, "2小时3次"),
    ],
)
def test_a_cell_that_names_another_unit_is_not_misread(read: Callable[[str], int], cell: str) -> None:
    with pytest.raises(CellWrong):
        read(cell)


@pytest.mark.parametrize(("cell", "minutes"), [("90", 90), ("90分钟", 90), ("90分", 90), (90.0, 90)])
def test_minutes_may_name_their_unit(cell: object, minutes: int) -> None:
    assert values.minutes(cell) == minutes
