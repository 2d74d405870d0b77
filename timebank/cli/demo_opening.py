"""The first day of a demo's year: the file is founded, organisations, operators, rulebook, goods and shops."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from attrs import define, frozen

from timebank.bank import DEFAULT_ZONE
from timebank.programme.rulebook import shipped_rulebook

if TYPE_CHECKING:
    from timebank.bank import Bank
    from timebank.cli.demo_district import Chance, District, LevelPlan, ShopPlan
    from timebank.programme.organisations import Level

ADMIN: Final = "admin"
_FIRST_PIECES: Final = (10, 20)


@define
class YearClock:
    """A clock that stands still until it is set, and never goes back: what a demo's bank reads."""

    moment: datetime

    def __call__(self) -> datetime:
        """The time in UTC."""
        return self.moment

    def set(self, day: date, hours: float) -> None:
        """Let it be *hours* after midnight of *day* where the district is, unless it is later already."""
        midnight = datetime.combine(day, time(), ZoneInfo(DEFAULT_ZONE)).astimezone(UTC)
        self.moment = max(self.moment, midnight + timedelta(seconds=round(hours * 3600)))


@frozen
class Place:
    """An organisation, and the street or township it lies in."""

    id: str
    name: str
    street: str


@frozen
class Counter:
    """A shop's counter: its street, its clerk, and how often members go there."""

    shop: str
    street: str
    share: int
    has_stock: bool = True

    @property
    def clerk(self) -> str:
        """Who hands goods over."""
        return f"clerk-{self.shop}"

    @property
    def supervisor(self) -> str:
        """Who approves."""
        return supervisor(self.street)


def registrar(street: str) -> str:
    """Who enrols members and records services there."""
    return f"registrar-{street}"


def supervisor(street: str) -> str:
    """Who approves there."""
    return f"supervisor-{street}"


@define
class Opening:
    """Sets a district up, on the first day of its year."""

    bank: Bank
    district: District
    chance: Chance

    def organisations(self) -> dict[Level, list[Place]]:
        """Every organisation of every level."""
        root = self.district.place
        name = self.district.origin.partition(".")[0]
        self.bank.organisations.add(name, name=root, level="district", by=ADMIN)
        above = [Place(name, root, name)]
        places: dict[Level, list[Place]] = {"district": above}
        for level in self.district.levels:
            above = places[level.level] = self._level(level, above)
        return places

    def _level(self, level: LevelPlan, above: list[Place]) -> list[Place]:
        places = []
        for number in range(level.count):
            parent = above[number % len(above)]
            name = level.name.format(
                first=level.first[number % len(level.first)],
                second=level.second[number // len(level.first) % len(level.second)],
                parent=parent.name,
                n=number // len(above) + 1,
            )
            org = level.id.format(number + 1)
            self.bank.organisations.add(org, name=name, level=level.level, parent=parent.id, by=ADMIN)
            places.append(Place(org, name, org if level.level == "street" else parent.street))
        return places

    def operators(self, places: dict[Level, list[Place]]) -> None:
        """A registrar and a supervisor in every street, and an auditor."""
        for street in places["street"]:
            self.bank.organisations.appoint(registrar(street.id), org=street.id, role="registrar", by=ADMIN)
            self.bank.organisations.appoint(supervisor(street.id), org=street.id, role="supervisor", by=ADMIN)
        self.bank.organisations.appoint("auditor", org=places["district"][0].id, role="auditor", by=ADMIN)

    def rulebook_and_goods(self) -> None:
        """What earns points, and what they buy."""
        text = shipped_rulebook(self.district.rulebook)
        self.bank.rulebooks.adopt(text, from_day=self.district.first_day, by=ADMIN)
        for good in self.district.goods:
            self.bank.goods.add(good.id, name=good.zh, name_en=good.en, by=ADMIN)

    def shops(self, places: dict[Level, list[Place]]) -> list[Counter]:
        """Every shop with its clerk, its prices, and full shelves."""
        counters = []
        for plan in self.district.shops:
            for number, place in enumerate(self.chance.some(places[plan.at], plan.count), start=1):
                counters.append(self._shop(plan, number, place))
        return counters

    def _shop(self, plan: ShopPlan, number: int, place: Place) -> Counter:
        is_own = plan.kind == "supermarket"
        counter = Counter(plan.id.format(number), place.street, plan.share, has_stock=is_own)
        name = plan.name.format(place=place.name)
        self.bank.shops.open(counter.shop, org=place.id, name=name, kind=plan.kind, by=ADMIN)
        self.bank.organisations.appoint(counter.clerk, org=place.id, role="clerk", by=ADMIN)
        first_day = self.district.first_day
        for good in self.district.goods:
            self.bank.shops.set_price(
                counter.shop, good.id, points=good.price, from_day=first_day, by=counter.supervisor
            )
        if not counter.has_stock:
            return counter
        pieces = {good.id: self.chance.whole(*_FIRST_PIECES) for good in self.district.goods}
        self.bank.shops.receive(
            counter.shop, pieces, bought_by=counter.street, by=counter.clerk, approved_by=counter.supervisor
        )
        return counter
