"""Caps, durations and times: the last that is allowed, the first that is refused; and a naive way of counting."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from attrs import define, field
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import fewer
from tests.programme.market import TODAY
from tests.programme.test_awards import HEAD, record, refused, square
from tests.programme.test_damage import Street, check_named
from tests.programme.yard import Yard
from timebank.errors import CapPassed, DurationWrong, Refused, TimesOverlap
from timebank.ledger import statements
from timebank.programme import caps as caps_module
from timebank.programme.awards import Item
from timebank.programme.caps import Given, Past, check_overlap
from timebank.programme.rulebook_terms import Measure
from timebank.storage.memory import MemoryBooks

DAY = timedelta(days=1)


def cap(of: str, per: str, period: str, most: int, service: str | None = None) -> str:
    only = "" if service is None else f'service = "{service}"\n'
    return f'[[cap]]\nof = "{of}"\nper = "{per}"\nin = "{period}"\nmost = {most}\n{only}'


def household(yard: Yard, *members: str, of: str | None = None, from_day: date = date(2024, 1, 1)) -> str:
    house = of or yard.bank.members.enrol(org="yard", kind="household", by="super-1").id
    yard.bank.members.set_household(house, members, from_day=from_day, by="super-1")
    return house


# --- at the edge


@pytest.mark.parametrize("minutes", [29, 241])
def test_how_long_a_service_took_comes_before_all_caps(minutes: int) -> None:
    yard = square(more=cap("minutes", "member", "day", 30))
    record(yard, "company", minutes=30)
    found = refused(yard, DurationWrong, "company", minutes=minutes)
    assert found.facts() == {
        "service": "company", "minutes": minutes, "least_minutes": 30, "most_minutes": 240
    }  # fmt: skip
    for allowed in (30, 240):
        refused(yard, CapPassed, "company", minutes=allowed)


@pytest.mark.parametrize(
    ("period", "last_day", "next_day", "said"),
    [
        ("day", date(2024, 2, 28), date(2024, 2, 29), "2024-02-28"),
        ("month", date(2024, 2, 29), date(2024, 3, 1), "2024-02"),
        ("year", date(2024, 12, 31), date(2025, 1, 1), "2024"),
    ],
)
def test_a_cap_holds_to_the_last_day_of_its_period(period: str, last_day: date, next_day: date, said: str) -> None:
    yard = square(more=cap("minutes", "member", period, 100, "company"))
    yard.at(date(2025, 2, 1))
    record(yard, "company", minutes=70, day=last_day)
    found = refused(yard, CapPassed, "company", minutes=31, day=last_day)
    assert found.facts() == {
        "service": "company", "of": "minutes", "per": "member", "period": said,
        "most": 100, "used": 70, "wanted": 31,
    }  # fmt: skip
    record(yard, "company", minutes=30, day=last_day)
    record(yard, "company", minutes=100, day=next_day)


def test_a_cap_of_one_service_leaves_others_alone_and_one_of_all_counts_all() -> None:
    yard = square(more=cap("occasions", "member", "month", 2, "help") + cap("points", "member", "month", 8))
    record(yard, "help", occasions=2)
    refused(yard, CapPassed, "help", occasions=1)
    record(yard, "hygiene", grade="best")
    record(yard, "company", minutes=30)
    assert yard.points() == 8
    assert refused(yard, CapPassed, "hygiene", grade="fair").of == "points"
    record(yard, "hygiene", grade="fair", member=yard.fang)


def test_what_one_cap_does_not_count_another_may() -> None:
    """Help takes no minutes, so that the first cap has nothing to say; the second has, and so have wider ones."""
    caps = (
        cap("minutes", "member", "day", 60),
        cap("points", "member", "day", 3),
        cap("points", "member", "year", 5),
    )
    yard = square(more="".join(caps))
    record(yard, "help", occasions=3)
    assert refused(yard, CapPassed, "help", occasions=1).period == "2024-02-05"
    record(yard, "help", occasions=2, day=date(2024, 1, 1))
    assert refused(yard, CapPassed, "help", occasions=1, day=date(2024, 2, 6)).used == 5


def test_a_grade_counts_as_once() -> None:
    yard = square(more=cap("occasions", "member", "year", 1, "hygiene"))
    record(yard, "hygiene", grade="fair")
    assert refused(yard, CapPassed, "hygiene", grade="best").wanted == 1


def test_an_award_taken_back_no_longer_counts_and_gifts_never_do() -> None:
    yard = square(more=cap("points", "member", "day", 4))
    first = yard.earn(3)
    yard.earn(2, member=yard.fang)
    yard.bank.gifts.give(yard.fang, to=yard.li, relation="parent", points=2, by="clerk-1")
    yard.earn(1)
    refused(yard, CapPassed, "help", occasions=1, day=yard.today)
    yard.reverse(first.seq)
    yard.earn(3)
    refused(yard, CapPassed, "help", occasions=1, day=yard.today)


def test_what_goes_to_the_pool_or_repays_a_debt_counts_all_the_same() -> None:
    yard = square("hold_at_most_minutes = 60", cap("minutes", "member", "month", 100))
    record(yard, "company", minutes=60)
    record(yard, "company", minutes=40)
    assert yard.minutes() == 60
    refused(yard, CapPassed, "company", minutes=30)


def test_a_household_is_capped_with_its_own_account_and_all_who_belong_to_it_on_the_day() -> None:
    yard = square(more=cap("points", "household", "month", 5))
    house = household(yard, yard.li, yard.fang)
    record(yard, "help", occasions=2, member=house)
    record(yard, "help", occasions=2)
    found = refused(yard, CapPassed, "help", occasions=2, member=yard.fang)
    assert (found.per, found.used, found.wanted) == ("household", 4, 2)
    record(yard, "help", occasions=1, member=yard.fang)
    refused(yard, CapPassed, "help", occasions=1, member=house)


def test_a_members_cap_counts_the_member_alone_whatever_household_it_belongs_to() -> None:
    yard = square(more=cap("points", "member", "month", 5))
    household(yard, yard.li, yard.fang)
    record(yard, "help", occasions=5)
    record(yard, "help", occasions=5, member=yard.fang)
    assert refused(yard, CapPassed, "help", occasions=1).used == 5


def test_who_moved_out_stands_alone_from_then_on() -> None:
    yard = square(more=cap("points", "household", "year", 5))
    house = household(yard, yard.li, yard.fang)
    household(yard, yard.li, of=house, from_day=date(2024, 2, 6))
    record(yard, "help", occasions=5, member=yard.li)
    refused(yard, CapPassed, "help", occasions=1, member=yard.fang)
    record(yard, "help", occasions=5, member=yard.fang, day=date(2024, 2, 6))


def test_members_of_one_claim_share_their_households_cap() -> None:
    yard = square(more=cap("points", "household", "month", 5))
    household(yard, yard.li, yard.fang)
    before = yard.trace()
    with pytest.raises(CapPassed) as caught:
        yard.bank.claims.submit("help", [yard.li, yard.fang], day=date(2024, 2, 5), occasions=3, by="clerk-1")
    assert (caught.value.used, caught.value.wanted) == (3, 3)
    assert yard.trace() == before
    measures = {yard.li: Measure(occasions=3), yard.fang: Measure(occasions=2)}
    yard.bank.claims.submit("help", measures, day=date(2024, 2, 5), by="clerk-1")


def test_what_a_claim_gave_counts_for_each_of_its_members_by_their_own_measure() -> None:
    yard = square('overlap = "refused"', cap("occasions", "member", "month", 2, "help"))
    helped = {yard.li: Measure(occasions=2), yard.fang: Measure(occasions=1)}
    visited = {yard.li: Measure(60, start="09:00"), yard.fang: Measure(60, start="10:00")}
    for service, measures in (("help", helped), ("company", visited)):
        claim = yard.bank.claims.submit(service, measures, day=date(2024, 2, 5), by="clerk-1")
        yard.bank.claims.approve(claim.seq, by="super-1")
        yard.bank.claims.post(claim.seq, by="clerk-1")
    assert refused(yard, CapPassed, "help", occasions=1).used == 2
    assert refused(yard, CapPassed, "help", occasions=2, member=yard.fang).used == 1
    record(yard, "help", occasions=1, member=yard.fang)
    for member, start in ((yard.li, "09:00"), (yard.fang, "10:00")):
        found = refused(yard, TimesOverlap, "company", minutes=30, start=start, member=member)
        assert (found.member, found.start) == (member, start)


def test_every_member_of_a_claim_adds_to_what_the_household_takes() -> None:
    yard = square(more=cap("points", "household", "month", 5))
    third = yard.bank.members.enrol(org="yard", by="super-1").id
    household(yard, yard.li, yard.fang, third)
    with pytest.raises(CapPassed) as caught:
        yard.bank.claims.submit(
            "help", [yard.li, yard.fang, third], day=date(2024, 2, 5), occasions=2, by="clerk-1"
        )
    assert (caught.value.used, caught.value.wanted) == (4, 2)


@pytest.mark.parametrize(
    ("start", "error"),
    [("07:59", None), ("08:01", TimesOverlap), ("08:30", TimesOverlap), ("09:59", TimesOverlap), ("10:00", None)],
)
def test_nobody_is_in_two_places_at_once(start: str, error: type[Exception] | None) -> None:
    yard = square('overlap = "refused"')
    first = record(yard, "company", minutes=60, start="09:00")
    minutes = 61 if start == "07:59" else 60
    if error is None:
        record(yard, "company", minutes=minutes, start=start)
    else:
        found = refused(yard, error, "company", minutes=minutes, start=start)
        assert (found.member, found.seq, found.start) == (yard.li, first.seq, "09:00")
    record(yard, "company", minutes=60, start="09:00", member=yard.fang)


@pytest.mark.parametrize(("start", "error"), [("00:29", TimesOverlap), ("00:30", None)])
def test_a_service_may_pass_midnight(start: str, error: type[Exception] | None) -> None:
    yard = square('overlap = "refused"')
    record(yard, "company", minutes=60, start="23:30")
    named: dict[str, Any] = {"minutes": 30, "start": start, "day": date(2024, 2, 6)}
    if error is None:
        record(yard, "company", **named)
    else:
        refused(yard, error, "company", **named)


def test_an_earlier_day_recorded_late_meets_the_day_after_it() -> None:
    yard = square('overlap = "refused"')
    record(yard, "company", minutes=60, start="00:00", day=date(2024, 2, 6))
    refused(yard, TimesOverlap, "company", minutes=60, start="23:01", day=date(2024, 2, 5))
    record(yard, "company", minutes=60, start="23:00", day=date(2024, 2, 5))


def test_times_are_only_compared_where_the_rulebook_refuses_overlap_and_where_they_stand() -> None:
    yard = square()
    record(yard, "company", minutes=60, start="09:00")
    record(yard, "company", minutes=60, start="09:00")
    strict = square('overlap = "refused"')
    first = record(strict, "company", minutes=60, start="09:00")
    strict.reverse(first.seq)
    second = record(strict, "company", minutes=60, start="09:00")
    record(strict, "company", minutes=60)
    assert refused(strict, TimesOverlap, "company", minutes=60, start="09:00").seq == second.seq


def test_of_two_services_that_one_meets_the_newest_is_named() -> None:
    yard = square('overlap = "refused"')
    record(yard, "company", minutes=60, start="09:00")
    newest = record(yard, "company", minutes=60, start="10:00")
    assert refused(yard, TimesOverlap, "company", minutes=60, start="09:30").seq == newest.seq


class Asked:
    """What was given before, as somebody who only writes down for which days it is wanted."""

    def __init__(self) -> None:
        self.days: list[tuple[str, date, date]] = []

    def given(self, member: str, first: date, last: date) -> tuple[Any, ...]:
        self.days.append((member, first, last))
        return ()


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (date(2024, 2, 5), date(2024, 2, 4), date(2024, 2, 6)),
        (date.min, date.min, date(1, 1, 2)),
        (date.max, date(9999, 12, 30), date.max),
    ],
)
def test_a_service_can_meet_those_of_the_day_before_and_the_day_after(day: date, first: date, last: date) -> None:
    asked: Any = Asked()
    check_overlap(asked, Item("0000000001", Measure(60, start="09:00"), 3), day)
    assert asked.days == [("0000000001", first, last)]
    check_overlap(asked, Item("0000000001", Measure(60), 3), day)
    assert len(asked.days) == 1, "without a start there is nothing to meet"


def test_a_full_page_is_not_taken_for_all_and_older_days_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []

    def look(*where: Any, since: int) -> Any:
        looked.append(since)
        return statements.newest_first(*where, since=since)

    def postings(books: MemoryBooks, *where: Any, limit: int, **named: Any) -> Any:
        limits.append(limit)
        return read(books, *where, limit=limit, **named)

    limits: list[int] = []
    read = MemoryBooks.postings
    monkeypatch.setattr(MemoryBooks, "postings", postings)
    monkeypatch.setattr(caps_module, "newest_first", look)
    monkeypatch.setattr(caps_module, "_FIRST_PAGE", 2)
    yard = square(more=cap("points", "member", "day", 4))
    yard.earn(1)
    yard.later(1)
    size = yard.trace()[0]
    yard.earn(2)
    assert (looked, set(limits)) == ([], {2})
    yard.earn(1)
    assert refused(yard, CapPassed, "help", occasions=2, day=yard.today).used == 3
    assert set(looked) == {size}


def test_what_was_given_is_told_for_the_days_that_are_asked_for_newest_first() -> None:
    yard, day = square(), date(2024, 2, 6)
    record(yard, "company", minutes=60, start="09:00")
    visit = record(yard, "company", minutes=60, start="10:00", day=day)
    check = record(yard, "hygiene", grade="best", day=day)
    record(yard, "help", occasions=2, day=day + DAY)
    with yard.bank.journal.reading() as books:
        given = Past(books, yard.bank.journal.size_before).given(yard.li, day, day)
    assert given == (
        Given(check.seq, day, "hygiene", 0, 5, 1, None),
        Given(visit.seq, day, "company", 60, 3, 0, "10:00"),
    )


def test_a_damaged_award_is_named_by_the_cap_that_counts_it() -> None:
    def count(street: Street) -> None:
        street.read(lambda books: Past(books, lambda _: 0).given(street.wang.id, date(2026, 1, 1), TODAY))

    check_named(Street(), "award", count)


# --- a naive model on random histories

MODEL_RULES = (
    HEAD
    + """
[service.company]
zh = "陪伴"
en = "Company"
per = "hour"
points = 3
[service.help]
zh = "帮助"
en = "Help"
per = "occasion"
points = 2
[service.hygiene]
zh = "卫生"
en = "Hygiene"
per = "grade"
grades = [["best", 5], ["fair", 1]]
"""
)
HELPED = ("company", "help", "hygiene")
Cap = tuple[str, str, str, int, str | None]


@st.composite
def some_caps(draw: st.DrawFn) -> list[Cap]:
    """Two to four caps that do not contradict one another: no two of the same kind and service."""
    chosen: dict[tuple[str, str | None], Cap] = {}
    for _ in range(draw(st.integers(2, 4))):
        of = draw(st.sampled_from(["minutes", "points", "occasions"]))
        service = draw(st.sampled_from([None, "company", "help", "hygiene"]))
        if (of, service) == ("occasions", "company"):
            service = None
        per, period = (
            draw(st.sampled_from(["member", "household"])),
            draw(st.sampled_from(["day", "month", "year"])),
        )
        least, most = {"minutes": (150, 400), "points": (8, 20), "occasions": (3, 6)}[of]
        most = draw(st.integers(least, most)) * (1 if period == "day" else 2)
        chosen[of, service] = (of, per, period, most, service)
    return list(chosen.values())


MEASURES = st.one_of(
    st.tuples(st.just("company"), st.builds(Measure, st.sampled_from([15, 60, 90]))),
    st.tuples(st.just("help"), st.builds(Measure, st.sampled_from([None, 60]), st.integers(1, 2))),
    st.tuples(st.just("hygiene"), st.builds(Measure, grade=st.sampled_from(["best", "fair"]))),
)
PEOPLE = st.integers(0, 3)
BACK = st.one_of(st.integers(0, 2), st.integers(0, 40))
AWARDS = st.tuples(st.just("award"), PEOPLE, MEASURES, BACK)
OTHERS = st.one_of(
    st.tuples(st.just("group"), st.sets(PEOPLE, min_size=2), MEASURES, BACK),
    st.tuples(st.just("reverse"), st.integers(0, 20)),
    st.tuples(st.just("sleep"), st.integers(0, 12)),
    st.tuples(st.just("house"), st.sets(st.integers(0, 2)), st.integers(0, 30)),
)
ACTS = st.lists(st.tuples(AWARDS, AWARDS, OTHERS), min_size=4, max_size=12).map(
    lambda threes: [act for three in threes for act in three]
)
"""Much happens to few people: caps are met, not only looked at."""


@define
class Model:
    """Counts every award ever made, by going through all of them. It knows nothing of postings."""

    caps: list[Cap]
    made: dict[int, list[tuple[int, date, str, int, int, int]]] = field(factory=dict)
    houses: list[tuple[date, int, set[int]]] = field(factory=list)

    def together(self, who: int, day: date) -> set[int]:
        now: dict[int, set[int]] = {}
        for start, house, members in sorted(self.houses, key=lambda each: each[0]):
            if start <= day:
                now[house] = members | {house}
        return next((all_ for all_ in now.values() if who in all_), {who})

    def allows(self, people: list[int], service: str, amounts: tuple[int, int, int], day: date) -> bool:
        for of, per, period, most, only in self.caps:
            if only not in (None, service):
                continue
            place = ("minutes", "points", "occasions").index(of)
            length = {"day": 10, "month": 7, "year": 4}[period]
            for who in people:
                group = self.together(who, day) if per == "household" else {who}
                used = sum(
                    done[3 + place]
                    for award in self.made.values()
                    for done in award
                    if done[0] in group and only in (None, done[2]) and str(done[1])[:length] == str(day)[:length]
                )
                wanted = amounts[place] * len(group & set(people))
                if amounts[place] and used + wanted > most:
                    return False
        return True


def worth(service: str, measure: Measure) -> tuple[int, int, int]:
    """Minutes, points and occasions."""
    minutes = measure.minutes or 0
    if service == "company":
        return minutes, minutes * 3 // 60, 0
    if service == "help":
        return minutes, 2 * (measure.occasions or 0), measure.occasions or 0
    return minutes, {"best": 5, "fair": 1}[measure.grade or ""], 1


@pytest.mark.parametrize("page", [1, 64])
@fewer(1)
@given(some_caps(), ACTS)
def test_caps_agree_with_a_naive_model_on_random_histories(page: int, caps: list[Cap], acts: list[Any]) -> None:
    """Late records, awards taken back, groups, households that change, months and years that end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(caps_module, "_FIRST_PAGE", page)
        if page == 1:
            patch.setattr(statements, "_PAGE", 4)
        yard, model = Yard(MODEL_RULES + "".join(cap(*each) for each in caps)), Model(caps)
        yard.at(date(2024, 12, 20))
        enrol = yard.bank.members.enrol
        people = [yard.li, yard.fang, enrol(org="yard", by="super-1").id]
        people.append(enrol(org="yard", kind="household", by="super-1").id)
        for act, *words in acts:
            happen(yard, model, people, act, words)


def happen(yard: Yard, model: Model, people: list[str], act: str, words: list[Any]) -> None:
    if act == "sleep":
        yard.later(words[0])
    elif act == "reverse":
        if model.made:
            seq = list(model.made)[words[0] % len(model.made)]
            yard.reverse(seq)
            del model.made[seq]
    elif act == "house":
        members, back = words
        start = yard.today - back * DAY
        try:
            household(yard, *(people[each] for each in sorted(members)), of=people[3], from_day=start)
        except Refused:
            return
        model.houses.append((start, 3, members))
    else:
        award(yard, model, people, *words)


def award(yard: Yard, model: Model, people: list[str], who: Any, done: tuple[str, Measure], back: int) -> None:
    day, (service, measure) = yard.today - back * DAY, done
    chosen = sorted(who) if isinstance(who, set) else [who]
    size = yard.trace()
    try:
        if isinstance(who, set):
            claim = yard.bank.claims.submit(
                service, dict.fromkeys((people[each] for each in chosen), measure), day=day, by="clerk-1"
            )
            yard.bank.claims.approve(claim.seq, by="super-1")
            posted = yard.bank.claims.post(claim.seq, by="clerk-1")
        else:
            posted = record(
                yard, service, member=people[who], day=day,
                minutes=measure.minutes, occasions=measure.occasions, grade=measure.grade,
            )  # fmt: skip
    except CapPassed:
        assert not model.allows(chosen, service, worth(service, measure), day)
        assert yard.trace() == size
        return
    assert model.allows(chosen, service, worth(service, measure), day)
    model.made[posted.seq] = [(each, day, service, *worth(service, measure)) for each in chosen]


@settings(max_examples=settings.default.max_examples)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1439), st.integers(1, 1440)), max_size=8))
def test_times_agree_with_a_set_of_minutes(done: list[tuple[int, int, int]]) -> None:
    yard = Yard(HEAD + '[rules]\noverlap = "refused"\n' + MODEL_RULES.removeprefix(HEAD))
    taken: set[int] = set()
    for back, start, minutes in done:
        day = date(2024, 2, 28) + back * DAY
        begins = day.toordinal() * 1440 + start
        wanted = set(range(begins, begins + minutes))
        named: dict[str, Any] = {"minutes": minutes, "start": f"{start // 60:02}:{start % 60:02}", "day": day}
        if day > yard.today:
            yard.at(day)
        if taken & wanted:
            refused(yard, TimesOverlap, "company", **named)
        else:
            record(yard, "company", **named)
            taken |= wanted
