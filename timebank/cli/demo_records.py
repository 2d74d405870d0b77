"""A demo's year: acts planned from a seed, and done day by day."""

from __future__ import annotations

from functools import partial
from itertools import accumulate, groupby
from typing import TYPE_CHECKING, Final

from attrs import define, field, frozen

from timebank.cli.demo_acts import Acts, Holder
from timebank.cli.demo_opening import Opening
from timebank.cli.demo_orders import Orders
from timebank.cli.demo_rounds import Rounds
from timebank.programme.members import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from timebank.bank import Bank
    from timebank.cli.demo_district import Chance, District, ServicePlan
    from timebank.cli.demo_opening import Counter, Place, YearClock
    from timebank.programme.members import MemberKind

    Told = Callable[[date, int, int], None]

YEAR_DAYS: Final = 365
_OPENING_HOUR: Final = 8.5
_CLOSING_HOUR: Final = 18.0
_SOON_DAYS: Final = 30
_LATE_DAYS: Final = 240
_JOIN_SOON: Final = 0.7
_LEAST_ZEAL: Final = 0.15
_FIRST_REDEMPTION_DAY: Final = 45
_MARKET_WEEKDAYS: Final = (2, 5, 6)
_DELIVERY_DAYS: Final = (100, 190, 280)
_STEP_MINUTES: Final = 30
_MOST_MINUTES: Final = 24 * 60
_MOST_ROUNDS: Final = 1_000_000


@frozen
class Act:
    """Something that is done on a day of the year (the first is 0), in the order of *rank*."""

    day: int
    rank: float
    do: Callable[[], object]


def record_year(bank: Bank, clock: YearClock, district: District, chance: Chance, told: Told) -> None:
    """Record the first day, and then the year, a month in one transaction.

    `told(day, done, all)` hears after each day how many of all acts are done.
    """
    opening = Opening(bank, district, chance)
    with bank.batch():
        places = opening.organisations()
        opening.operators(places)
        opening.rulebook_and_goods()
        counters = opening.shops(places)
    plan = Plan(Acts(bank, clock, district, chance, district.first_day), counters, places[district.members.at])
    acts = sorted(plan.acts(), key=lambda act: (act.day, act.rank))
    done = 0
    for _, month in groupby(acts, key=lambda act: plan.month(act.day)):
        with bank.batch():
            for number, day in groupby(month, key=lambda act: act.day):
                done += plan.do(number, list(day))
                told(plan.date(number), done, len(acts))


@define
class Plan:
    """What happens when, in the year of one district."""

    _do: Acts
    _counters: list[Counter]
    _places: list[Place]
    _holders: list[Holder] = field(init=False)

    @property
    def _chance(self) -> Chance:
        return self._do.chance

    @property
    def _district(self) -> District:
        return self._do.district

    def date(self, day: int) -> date:
        """The date of the day with this number."""
        return type(self._district.first_day).fromordinal(self._district.first_day.toordinal() + day)

    def month(self, day: int) -> str:
        """The month in which it lies."""
        return f"{self.date(day):%Y-%m}"

    def do(self, day: int, acts: list[Act]) -> int:
        """Do what happens on one day, spread over its opening hours; answers how much it was."""
        self._do.day = self.date(day)
        pace = (_CLOSING_HOUR - _OPENING_HOUR) / len(acts)
        for place, act in enumerate(acts):
            self._do.clock.set(self._do.day, _OPENING_HOUR + pace * place)
            act.do()
        return len(acts)

    def acts(self) -> Iterator[Act]:
        """All acts of the year, in no order."""
        self._holders = self._members()
        for number, holder in enumerate(self._holders):
            yield Act(holder.joins, number / len(self._holders), partial(self._do.enrol, holder))
        yield from self._cards()
        yield from self._services()
        yield from self._redemptions()
        yield from self._deliveries()
        yield from self._mistakes()
        for number, (day, do) in enumerate(self._rounds()):
            yield Act(day, 2 + number / _MOST_ROUNDS, do)

    def _rounds(self) -> Iterator[tuple[int, Callable[[], object]]]:
        """Orders, settlements, teams and ratings; the steps of one order come in their order."""
        rounds = Rounds(self._do)
        yield from rounds.settlements(self._counters)
        yield from rounds.teams(self._district.members.team_people)
        if self._district.ratings is not None:
            yield from rounds.ratings(self._district.ratings)
        if self._district.orders is not None:
            yield from Orders(self._do, self._district.orders).steps()

    def _at(self, first: int, last: int, do: Callable[[], object]) -> Act:
        return Act(self._chance.whole(first, last), 1 + self._chance.share(), do)

    def _members(self) -> list[Holder]:
        """Members in the order in which they join, spread over all places."""
        plan = self._district.members
        kinds = [kind for kind in KINDS for _ in range(getattr(plan, kind))]
        places = [self._places[number % len(self._places)] for number in range(plan.count)]
        holders = [
            Holder(kind, place, self._joining_day(), _LEAST_ZEAL + self._chance.share() ** 3)
            for kind, place in zip(self._chance.some(kinds, len(kinds)), places, strict=True)
        ]
        return sorted(holders, key=lambda holder: holder.joins)

    def _joining_day(self) -> int:
        if self._chance.share() < _JOIN_SOON:
            return self._chance.whole(0, _SOON_DAYS)
        return self._chance.whole(_SOON_DAYS, _LATE_DAYS)

    def _cards(self) -> Iterator[Act]:
        """Cards lost and replaced, and second cards for households."""
        plan = self._district.cards
        losers = self._chance.some(self._holders, plan.replaced)
        for holder in losers:
            lost = self._at(holder.joins + 10, YEAR_DAYS - 10, partial(self._do.lose_card, holder))
            yield lost
            yield self._at(lost.day + 1, lost.day + 9, partial(self._do.replace_card, holder))
        households = [holder for holder in self._holders if holder.kind == "household" and holder not in losers]
        for holder in self._chance.some(households, plan.second):
            yield self._at(holder.joins + 1, YEAR_DAYS - 1, partial(self._do.second_card, holder))

    def _services(self) -> Iterator[Act]:
        """Services until their minutes are what the year must come to; nobody does two on one day."""
        left = self._district.goal("service_minutes")
        busy: set[tuple[int, int | str]] = set()
        zeal = list(accumulate(holder.zeal for holder in self._holders))
        offered = {kind: self._offered(kind) for kind in KINDS}
        while left:
            number = self._chance.weighed(range(len(zeal)), zeal)
            holder = self._holders[number]
            service = self._chance.weighed(*offered[holder.kind])
            day = self._chance.whole(holder.joins + 1, YEAR_DAYS - 1)
            taken = {(number, day), (number, self._span(service, day))}
            if taken.isdisjoint(busy):
                busy |= taken
                minutes = min(left, self._minutes(service, holder))
                left -= minutes
                yield self._at(day, day, partial(self._do.serve, holder, service, minutes))

    def _offered(self, kind: MemberKind) -> tuple[list[ServicePlan], list[int]]:
        services = [service for service in self._district.services if kind in service.kinds]
        return services, list(accumulate(service.weight for service in services))

    def _span(self, service: ServicePlan, day: int) -> int | str:
        """What a member does once in it: a day, or the month or year of what is limited so."""
        if not service.once:
            return day
        return f"{service.group or service.id} {self.month(day) if service.once == 'month' else ''}"

    def _minutes(self, service: ServicePlan, holder: Holder) -> int:
        if service.minutes is None:
            return 0
        least, most = (minutes // _STEP_MINUTES for minutes in service.minutes)
        people = self._district.members.team_people if holder.kind == "team" else 1
        return min(self._chance.whole(least, most) * _STEP_MINUTES * people, _MOST_MINUTES)

    def _redemptions(self) -> Iterator[Act]:
        """As many as the year must have, on market days, and some in every shop."""
        shares = list(accumulate(counter.share for counter in self._counters))
        more = self._district.goal("redemptions") - len(self._counters)
        others = [self._chance.weighed(self._counters, shares) for _ in range(more)]
        for counter in self._counters + others:
            day = self._market_day()
            yield self._at(day, day, partial(self._do.redeem, counter))

    def _market_day(self) -> int:
        days = range(_FIRST_REDEMPTION_DAY, YEAR_DAYS)
        return self._chance.one([day for day in days if self.date(day).weekday() in _MARKET_WEEKDAYS])

    def _deliveries(self) -> Iterator[Act]:
        """Goods of donors every quarter, and the prices that rise."""
        raised_on = self._district.raised_on.toordinal() - self._district.first_day.toordinal()
        for counter in self._counters:
            for day in _DELIVERY_DAYS if counter.has_stock else ():
                yield self._at(day, day + 20, partial(self._do.deliver, counter))
            for good in self._district.goods:
                if good.dearer:
                    raising = partial(self._do.raise_price, counter, good.id, good.dearer)
                    yield self._at(raised_on, raised_on, raising)

    def _mistakes(self) -> Iterator[Act]:
        """What is recorded and taken back."""
        plan = self._district.mistakes
        last = YEAR_DAYS - 1
        by_the_hour = [
            service for service in self._district.services if service.minutes and not service.by_occasion
        ]
        for _ in range(plan.awards):
            holder, service = self._chance.one(self._holders), self._chance.one(by_the_hour)
            mistake = partial(self._do.mistaken_service, holder, service, self._minutes(service, holder))
            yield self._at(_LATE_DAYS + 1, last, mistake)
        for _ in range(plan.redemptions):
            day = self._market_day()
            yield self._at(day, day, partial(self._do.returned_goods, self._chance.one(self._counters)))
        own = [counter for counter in self._counters if counter.has_stock]
        for _ in range(plan.deliveries):
            yield self._at(_DELIVERY_DAYS[0], last, partial(self._do.mistaken_delivery, self._chance.one(own)))
