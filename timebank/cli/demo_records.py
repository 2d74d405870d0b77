"""A demo's year: acts planned from a seed, and done day by day through the commands that everybody uses."""

from __future__ import annotations

from bisect import bisect_left
from datetime import date, timedelta
from functools import partial
from itertools import accumulate, groupby
from typing import TYPE_CHECKING, Any, Final

from attrs import define, frozen

from timebank.cli.demo_opening import Opening, registrar, supervisor
from timebank.programme.members import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from timebank.bank import Bank
    from timebank.cli.demo_district import Chance, District, ServicePlan
    from timebank.cli.demo_opening import Counter, Place, YearClock
    from timebank.ledger.journal import Posted
    from timebank.programme.members import MemberKind

    Told = Callable[[date, int, int], None]

YEAR_DAYS: Final = 365
_STEP_MINUTES: Final = 30
_MOST_MINUTES: Final = 24 * 60
_JOINING_DAYS: Final = (30, 240)
_FIRST_REDEMPTION_DAY: Final = 45
_MARKET_WEEKDAYS: Final = (2, 5, 6)
_DELIVERY_DAYS: Final = (100, 190, 280)
_OPENING_HOURS, _CLOSING_HOURS = 8.5, 18.0


@define
class Holder:
    """A member to be: *joins* after so many days; *zeal* weighs how much they do. *card* is None while lost."""

    kind: MemberKind
    place: Place
    joins: int
    zeal: float
    id: str = ""
    card: str | None = None


@frozen
class Act:
    """Something that is done on a day of the year, in the order of *rank*."""

    day: int
    rank: float
    do: Callable[[], object]


class Year:
    """Makes the records of one district; `told(day, done, acts)` hears how far it is."""

    def __init__(self, bank: Bank, clock: YearClock, district: District, chance: Chance) -> None:
        self._bank = bank
        self._clock = clock
        self._district = district
        self._chance = chance
        self._day = district.first_day
        self._cards = 0
        self._counters: list[Counter] = []
        self._holders: list[Holder] = []

    def record(self, told: Told) -> None:
        """The first day, and then the year, a month in one transaction."""
        opening = Opening(self._bank, self._district, self._chance)
        with self._bank.batch():
            places = opening.organisations()
            opening.operators(places)
            opening.rulebook_and_goods()
            self._counters = opening.shops(places)
        self._holders = self._members(places[self._district.members.at])
        acts = sorted(self._acts(), key=lambda act: (act.day, act.rank))
        done = 0
        for _, month in groupby(acts, key=lambda act: f"{self._date(act.day):%Y-%m}"):
            with self._bank.batch():
                for number, day in groupby(month, key=lambda act: act.day):
                    done += self._do(number, list(day))
                    told(self._day, done, len(acts))

    def _date(self, number: int) -> date:
        return self._district.first_day + timedelta(days=number)

    def _do(self, number: int, acts: list[Act]) -> int:
        """What happens on one day, spread over its opening hours."""
        self._day = self._date(number)
        pace = (_CLOSING_HOURS - _OPENING_HOURS) / len(acts)
        for place, act in enumerate(acts):
            self._clock.set(self._day, _OPENING_HOURS + pace * place)
            act.do()
        return len(acts)

    # --- the plan

    def _members(self, places: list[Place]) -> list[Holder]:
        plan = self._district.members
        kinds = [kind for kind in KINDS for _ in range(getattr(plan, kind))]
        kinds = self._chance.some(kinds, len(kinds))
        holders = [
            Holder(kind, places[number % len(places)], self._joining_day(), 0.15 + self._chance.share() ** 3)
            for number, kind in enumerate(kinds)
        ]
        return sorted(holders, key=lambda holder: holder.joins)

    def _joining_day(self) -> int:
        soon, late = _JOINING_DAYS
        return self._chance.whole(0, soon) if self._chance.share() < 0.7 else self._chance.whole(soon, late)

    def _acts(self) -> Iterator[Act]:
        for number, holder in enumerate(self._holders):
            yield Act(holder.joins, number / len(self._holders), partial(self._enrol, holder))
        yield from self._lost_and_second_cards()
        yield from self._services()
        yield from self._redemptions()
        yield from self._deliveries()
        mistakes = self._district.mistakes
        for award in range(mistakes.awards):
            yield self._some_day(60 + award, partial(self._mistaken_award, self._chance.one(self._holders)))
        for _ in range(mistakes.redemptions):
            yield self._some_day(120, partial(self._returned_redemption, self._chance.one(self._counters)))
        for _ in range(mistakes.deliveries):
            yield self._some_day(90, partial(self._mistaken_delivery, self._chance.one(self._counters)))

    def _act(self, day: int, do: Callable[[], object]) -> Act:
        return Act(day, 1 + self._chance.share(), do)

    def _some_day(self, first: int, do: Callable[[], object]) -> Act:
        first = max(first, _JOINING_DAYS[1] + 1)
        return self._act(self._chance.whole(first, YEAR_DAYS - 1), do)

    def _lost_and_second_cards(self) -> Iterator[Act]:
        plan = self._district.cards
        losers = self._chance.some(self._holders, plan.replaced)
        for holder in losers:
            lost = self._chance.whole(holder.joins + 10, YEAR_DAYS - 10)
            yield self._act(lost, partial(self._lose_card, holder))
            yield self._act(lost + self._chance.whole(1, 9), partial(self._replace_card, holder))
        families = [holder for holder in self._holders if holder.kind == "household" and holder not in losers]
        for holder in self._chance.some(families, plan.second):
            day = self._chance.whole(holder.joins + 1, YEAR_DAYS - 1)
            yield self._act(day, partial(self._second_card, holder))

    def _services(self) -> Iterator[Act]:
        """Services until their minutes are what the year must come to."""
        left = self._district.goal("service_minutes")
        busy: set[tuple[int, int | str]] = set()
        zeal = list(accumulate(holder.zeal for holder in self._holders))
        numbers = range(len(self._holders))
        offered = {kind: self._offered(kind) for kind in KINDS}
        while left:
            number = self._chance.weighed(numbers, zeal)
            holder = self._holders[number]
            day = self._chance.whole(holder.joins + 1, YEAR_DAYS - 1)
            service = self._chance.weighed(*offered[holder.kind])
            taken = {(number, day), (number, self._span(service, day))}
            if taken & busy:
                continue
            busy |= taken
            minutes = min(left, self._minutes(service, holder))
            left -= minutes
            yield self._act(day, partial(self._serve, holder, service, minutes))

    def _offered(self, kind: MemberKind) -> tuple[list[ServicePlan], list[int]]:
        services = [service for service in self._district.services if kind in service.kinds]
        return services, list(accumulate(service.weight for service in services))

    def _span(self, service: ServicePlan, day: int) -> int | str:
        """What a member does once in it: a day, or all the month or year for what is limited so."""
        spans = {"month": f"{self._date(day):%Y-%m}", "year": "year"}
        return f"{service.group or service.id} {spans[service.once]}" if service.once else day

    def _minutes(self, service: ServicePlan, holder: Holder) -> int:
        if service.minutes is None:
            return 0
        least, most = service.minutes
        minutes = self._chance.whole(least // _STEP_MINUTES, most // _STEP_MINUTES) * _STEP_MINUTES
        people = self._district.members.team_people if holder.kind == "team" else 1
        return min(minutes * people, _MOST_MINUTES)

    def _redemptions(self) -> Iterator[Act]:
        """So many as the year must have, on market days, and some in every shop."""
        days = [day for day in range(_FIRST_REDEMPTION_DAY, YEAR_DAYS) if self._is_market(day)]
        shares = list(accumulate(counter.share for counter in self._counters))
        more = self._district.goal("redemptions") - len(self._counters)
        anywhere = [self._chance.weighed(self._counters, shares) for _ in range(more)]
        for counter in self._counters + anywhere:
            yield self._act(self._chance.one(days), partial(self._redeem, counter))

    def _is_market(self, day: int) -> bool:
        return self._date(day).weekday() in _MARKET_WEEKDAYS

    def _deliveries(self) -> Iterator[Act]:
        raised_on = (self._district.raised_on - self._district.first_day).days
        for counter in self._counters:
            for day in _DELIVERY_DAYS:
                yield self._act(day + self._chance.whole(0, 20), partial(self._deliver, counter))
            for good in self._district.goods:
                if good.dearer:
                    yield self._act(raised_on, partial(self._raise, counter, good.id, good.dearer))

    # --- the acts

    def _next_card(self) -> str:
        self._cards += 1
        return self._district.card.format(self._cards)

    def _enrol(self, holder: Holder) -> None:
        holder.card = self._next_card()
        member = self._bank.members.enrol(
            org=holder.place.id, kind=holder.kind, card=holder.card, by=registrar(holder.place.street)
        )
        holder.id = member.id

    def _lose_card(self, holder: Holder) -> None:
        self._bank.cards.block(holder.card or "", by=registrar(holder.place.street))
        self._lost = {**getattr(self, "_lost", {}), holder.id: holder.card}
        holder.card = None

    def _replace_card(self, holder: Holder) -> None:
        pass

    def _second_card(self, holder: Holder) -> None:
        self._bank.cards.issue(holder.id, card=self._next_card(), by=registrar(holder.place.street))

    def _serve(self, holder: Holder, service: ServicePlan, minutes: int) -> Posted:
        street = holder.place.street
        measure: dict[str, Any] = {"minutes": minutes} if minutes else {}
        if service.by_occasion:
            measure["occasions"] = 1
        return self._bank.services.record(
            holder.id, service.id, day=self._day, **measure, by=registrar(street), approved_by=supervisor(street)
        )
