"""What comes round in a demo's year: shops are settled, teams are made up, projects and companies are rated."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from attrs import define

from timebank.cli.demo_opening import registrar, supervisor
from timebank.errors import NothingToSettle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from timebank.cli.demo_acts import Acts
    from timebank.cli.demo_district import RatingPlan
    from timebank.cli.demo_opening import Counter
    from timebank.programme.ratings import Subject

    Step = tuple[int, Callable[[], object]]

QUARTERS: Final = ("2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3")
_MONTHS_A_QUARTER: Final = 3
_TEAM_DAY: Final = 250
_RESIDENTS: Final = (30, 240)
_REVIEWERS: Final = (3, 9)
_MOST_CHANGE: Final = 4


@define
class Rounds:
    """The rounds of one district, of which it is recorded what came of them."""

    _do: Acts

    def settlements(self, counters: list[Counter]) -> Iterator[Step]:
        """On the fifth day after each quarter every shop that took points in is paid."""
        for quarter in QUARTERS:
            last = last_day_of(quarter)
            for counter in counters:
                yield self._day(last) + 5, partial(self._settle, counter, last)

    def _settle(self, counter: Counter, last: date) -> None:
        people = {"by": counter.clerk, "approved_by": counter.supervisor}
        try:
            self._do.bank.settlements.settle(counter.shop, last=last, **people)
        except NothingToSettle:
            return  # Nobody came in that quarter.

    def teams(self, people: int) -> Iterator[Step]:
        """Each team gets its people, from wherever in the street they live."""
        yield _TEAM_DAY, partial(self._make_up_teams, people)

    def _make_up_teams(self, people: int) -> None:
        for street, holders in self._do.holders.items():
            persons = [holder for holder in holders if holder.kind == "person"]
            for team in (holder for holder in holders if holder.kind == "team"):
                for person in self._do.chance.some(persons, min(people, len(persons))):
                    self._do.bank.teams.join(team.id, person.id, by=registrar(street))

    def ratings(self, plan: RatingPlan) -> Iterator[Step]:
        """In the week after each quarter residents and the three parties say what they think."""
        subjects: list[tuple[Subject, str]] = [("project", name) for name in plan.projects]
        subjects += [("property", name) for name in plan.companies]
        for subject, name in subjects:
            usual = self._do.chance.whole(*plan.scores)
            for quarter in QUARTERS:
                rate = partial(self._rate, plan, quarter, subject, name, usual=usual)
                yield self._day(last_day_of(quarter)) + 7, rate

    def _rate(self, plan: RatingPlan, quarter: str, subject: Subject, name: str, *, usual: int) -> None:
        chance = self._do.chance
        people = {"by": registrar(plan.street), "approved_by": supervisor(plan.street)}
        this_time = usual + chance.whole(-_MOST_CHANGE, _MOST_CHANGE)
        for party in plan.parties:
            score = min(100, this_time + chance.whole(-_MOST_CHANGE, _MOST_CHANGE))
            voices = chance.whole(*(_RESIDENTS if party == "residents" else _REVIEWERS))
            self._do.bank.ratings.record(subject, name, quarter, party, score=score, people=voices, **people)

    def _day(self, day: date) -> int:
        return day.toordinal() - self._do.district.first_day.toordinal()


def last_day_of(quarter: str) -> date:
    """The last day of a quarter written 2026-Q1."""
    year, number = int(quarter[:4]), int(quarter[-1])
    following = date(year + number // 4, number % 4 * _MONTHS_A_QUARTER + 1, 1)
    return following - timedelta(days=1)
