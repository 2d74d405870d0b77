"""What lapses when: the closed formula against the explicit model of lots, on every history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.programme.lot_model import replayed
from timebank.programme.lots import Flows, Lapse, by_year, due, lapses, upcoming
from timebank.programme.rulebook_terms import Rules

Expires = Callable[[date], date | None]
Event = tuple[date, int]

FIRST = date(2024, 11, 1)
DAYS = 1100
TERMS = (
    Rules(expiry="year-end"),
    Rules(expiry="months", expiry_months=1),
    Rules(expiry="months", expiry_months=7),
    Rules(expiry="year-after"),
    Rules(expiry="months", expiry_months=30),
    Rules(expiry="never"),
)


def year_end(day: date) -> date:
    return date(day.year, 12, 31)


def in_force(versions: list[tuple[date, Rules]], day: date) -> Rules:
    return [rules for start, rules in versions if start <= day][-1]


@st.composite
def terms(draw: st.DrawFn) -> Expires:
    """Up to four rulebooks one after the other; none lets what is earned later lapse earlier."""
    versions = [(FIRST, draw(st.sampled_from(TERMS)))]
    for gap in draw(st.lists(st.integers(1, 400), max_size=3)):
        start = versions[-1][0] + timedelta(days=gap)
        before = versions[-1][1].expires(start - timedelta(days=1)) or date.max
        fitting = [rules for rules in TERMS if (rules.expires(start) or date.max) >= before]
        versions.append((start, draw(st.sampled_from(fitting))))
    return lambda day: in_force(versions, day).expires(day)


days = st.integers(0, DAYS).map(lambda number: FIRST + timedelta(days=number))
edges = st.sampled_from([date(2024, 12, 31), date(2025, 1, 1), date(2025, 12, 31), date(2026, 1, 1), FIRST])
events = st.tuples(days | edges, st.integers(-12, 12))


def flows_of(history: list[Event]) -> Flows:
    came, went = Counter[date](), Counter[date]()
    for day, points in history:
        (came if points > 0 else went)[day] += abs(points)
    return Flows(came, went)


@given(terms(), st.lists(events, max_size=25), days)
def test_the_formula_is_the_model_of_lots(expires: Expires, history: list[Event], before: date) -> None:
    model = replayed(history, expires, date.max)
    found = {lapse.until: lapse.points for lapse in lapses(flows_of(history), expires) if lapse.points}
    assert found == dict(model.lapsed)


@given(terms(), st.lists(events, max_size=25), days)
def test_what_is_due_and_what_is_left_are_those_of_the_model(
    expires: Expires, history: list[Event], before: date
) -> None:
    history = [(day, points) for day, points in history if day <= before]
    flows, model = flows_of(history), replayed(history, expires, before)
    if model.missing == 0:
        gone = due(flows, expires, before=before)
        assert sum(lapse.points for lapse in gone) == model.lapsed.total()
        left = flows.balance - sum(lapse.points for lapse in gone)
        assert by_year(flows, left) == model.left_by_year()


@given(terms(), st.lists(events, max_size=25), days, st.lists(days, max_size=3))
def test_what_is_taken_off_in_steps_comes_to_the_same(
    expires: Expires, history: list[Event], before: date, sweeps: list[date]
) -> None:
    """Each sweep sees what happened before its day, as if everything had been recorded in time."""
    lapsed = 0
    for day in [*sorted(sweep for sweep in sweeps if sweep < before), before]:
        seen = flows_of([event for event in history if event[0] < day])
        gone = due(Flows(seen.came, seen.went, lapsed), expires, before=day)
        lapsed += sum(lapse.points for lapse in gone)
        model = replayed([event for event in history if event[0] < day], expires, day)
        if model.missing:
            return
        assert lapsed == model.lapsed.total()


@given(terms(), st.lists(events, max_size=25), days, st.integers(0, 60))
def test_no_more_is_due_than_is_there_and_never_less_than_nothing(
    expires: Expires, history: list[Event], before: date, lapsed: int
) -> None:
    found = flows_of(history)
    flows = Flows(found.came, found.went, lapsed)
    gone = due(flows, expires, before=before)
    assert all(lapse.points > 0 and lapse.until < before for lapse in gone)
    assert sum(lapse.points for lapse in gone) <= max(0, flows.balance)


def test_the_last_day_is_still_good_and_the_next_is_not() -> None:
    flows = flows_of([(date(2025, 3, 1), 10)])
    assert due(flows, year_end, before=date(2025, 12, 31)) == ()
    assert due(flows, year_end, before=date(2026, 1, 1)) == (Lapse(date(2025, 12, 31), 10),)


@pytest.mark.parametrize(("spent_on", "lapsed"), [(date(2025, 12, 31), 6), (date(2026, 1, 1), 10)])
def test_what_is_spent_on_the_last_day_is_spent_of_what_lapses(spent_on: date, lapsed: int) -> None:
    flows = flows_of([(date(2025, 3, 1), 10), (date(2026, 1, 1), 5), (spent_on, -4)])
    assert due(flows, year_end, before=date(2026, 6, 1)) == (Lapse(date(2025, 12, 31), lapsed),)


def test_what_lapsed_over_several_years_is_due_since_the_latest_last_day() -> None:
    flows = flows_of([(date(2024, 12, 1), 3), (date(2025, 3, 1), 10), (date(2026, 1, 1), 5)])
    assert due(flows, year_end, before=date(2026, 6, 1)) == (Lapse(date(2025, 12, 31), 13),)


def test_what_was_taken_back_has_no_last_day() -> None:
    flows = Flows(Counter({date(2024, 12, 1): 3, date(2025, 3, 1): 0}))
    assert due(flows, year_end, before=date(2026, 6, 1)) == (Lapse(date(2024, 12, 31), 3),)


def test_what_lapses_next_is_told_by_its_last_days() -> None:
    flows = flows_of([(date(2024, 12, 1), 3), (date(2025, 3, 1), 10), (date(2026, 1, 1), 5)])
    first, before = date(2025, 6, 1), date(2026, 12, 31)
    assert upcoming(flows, year_end, first=first, before=before) == (Lapse(date(2025, 12, 31), 10),)
    assert upcoming(flows, year_end, first=first, before=before + timedelta(days=1)) == (
        Lapse(date(2025, 12, 31), 10),
        Lapse(date(2026, 12, 31), 5),
    )


def test_what_has_lapsed_is_not_told_as_what_lapses_next_nor_is_what_was_taken_off() -> None:
    """Twelve lapsed and two of them were taken off; one lapses today, and four and six with the next two years."""
    came = {date(2024, 3, 1): 12, date(2025, 3, 1): 1, date(2026, 3, 1): 4, date(2027, 3, 1): 6}
    flows = Flows(Counter(came), lapsed=2)
    found = upcoming(flows, year_end, first=date(2025, 12, 31), before=date(2028, 1, 1))
    assert found == tuple(Lapse(date(year, 12, 31), points) for year, points in ((2025, 1), (2026, 4), (2027, 6)))


def test_no_more_lapses_next_than_is_there() -> None:
    """Eight came, six of them are known to go out in 2025: of what is left nothing lapses twice."""
    flows = Flows(Counter({date(2023, 6, 1): 6, date(2024, 3, 1): 2}), Counter({date(2025, 7, 1): 6}))
    found = upcoming(flows, year_end, first=date(2023, 12, 31), before=date(2026, 1, 1))
    assert found == (Lapse(date(2023, 12, 31), 2),)
    spent = Flows(Counter({date(2021, 6, 1): 4, date(2025, 3, 1): 3}), Counter({date(2024, 4, 1): 6}))
    assert sum(lapse.points for lapse in due(spent, year_end, before=date(2024, 1, 31))) == spent.balance == 1
    assert upcoming(spent, year_end, first=date(2024, 1, 31), before=date(2026, 1, 1)) == ()


@given(terms(), st.lists(events, max_size=25), days, st.integers(0, 400))
def test_what_lapses_next_is_what_will_be_due(
    expires: Expires, history: list[Event], today: date, ahead: int
) -> None:
    flows = flows_of([(day, points) for day, points in history if day <= today])
    before = today + timedelta(days=ahead)
    now = sum(lapse.points for lapse in due(flows, expires, before=today))
    next_ones = upcoming(flows, expires, first=today, before=before)
    assert now + sum(lapse.points for lapse in next_ones) == sum(
        lapse.points for lapse in due(flows, expires, before=before)
    )
    assert all(today <= lapse.until < before and lapse.points > 0 for lapse in next_ones)


def test_what_is_owed_is_there_and_lapses_with_what_repays_it() -> None:
    """An award of ten was spent and taken back: ten more went out than came in, until the next award."""
    spent = Counter({date(2024, 3, 1): 10})
    owing = Flows(Counter({date(2024, 6, 1): 4}), spent, lent=10)
    assert owing.balance == 4
    assert due(owing, year_end, before=date(2025, 1, 1)) == ()
    repaid = Flows(owing.came + Counter({date(2025, 6, 1): 12}), spent)
    assert due(repaid, year_end, before=date(2026, 1, 1)) == (Lapse(date(2025, 12, 31), 6),)
    assert by_year(Flows(Counter(), Counter({date(2023, 3, 1): 6}), lent=10), 4) == {2023: 4}
    assert by_year(Flows(Counter({date(2023, 5, 1): 3}), Counter({date(2023, 3, 1): 6}), lent=10), 7) == {2023: 7}


def test_points_that_had_lapsed_and_went_out_all_the_same_are_not_due() -> None:
    """A deduction takes what is there, lapsed or not."""
    flows = flows_of([(date(2024, 12, 1), 10), (date(2025, 2, 1), -7)])
    assert due(flows, year_end, before=date(2025, 3, 1)) == (Lapse(date(2024, 12, 31), 3),)


def test_too_much_taken_off_before_is_made_up_later() -> None:
    """A redemption recorded late: it was the lapsed points that were spent."""
    flows = flows_of([(date(2024, 12, 1), 8), (date(2024, 12, 20), -5), (date(2025, 3, 1), 5)])
    taken = Flows(flows.came, flows.went, lapsed=8)
    assert taken.balance == 0
    assert due(taken, year_end, before=date(2025, 6, 1)) == ()
    more = Flows(flows.came + Counter({date(2025, 4, 1): 10}), flows.went, lapsed=8)
    assert due(more, year_end, before=date(2026, 1, 1)) == (Lapse(date(2025, 12, 31), 10),)


def test_what_is_left_is_the_youngest() -> None:
    flows = flows_of([(date(2024, 5, 1), 4), (date(2025, 5, 1), 4), (date(2026, 5, 1), 4), (date(2026, 6, 1), -5)])
    assert by_year(flows, flows.balance) == {2025: 3, 2026: 4}
    assert by_year(flows, 0) == {}
