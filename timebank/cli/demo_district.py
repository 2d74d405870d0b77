"""What a demo is made from: a district's file in data/ as values, and chance that is the same everywhere."""

from __future__ import annotations

import random
import tomllib
from datetime import date  # noqa: TC003 - msgspec reads the annotations
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec
from attrs import frozen

from timebank.errors import UnknownDemo
from timebank.programme.members import KINDS, MemberKind
from timebank.programme.organisations import Level  # noqa: TC001 - msgspec reads the annotations
from timebank.programme.shops import ShopKind  # noqa: TC001 - msgspec reads the annotations

if TYPE_CHECKING:
    from collections.abc import Sequence

DISTRICTS: Final = ("jianyang", "panji")

T = TypeVar("T")


@frozen
class LevelPlan:
    """Organisations of one level: *count* of them, named by the product of *second* and *first*."""

    level: Level
    id: str
    count: int
    name: str
    first: tuple[str, ...] = ("",)
    second: tuple[str, ...] = ("",)


@frozen
class MemberPlan:
    """How many members there are at the level *at*; a team's minutes are those of *team_people* people."""

    at: Level
    person: int
    household: int
    team: int
    team_people: int

    @property
    def count(self) -> int:
        """All of them."""
        return self.person + self.household + self.team


@frozen
class CardPlan:
    """Cards beside each member's first: lost ones *replaced*, and *second* cards for households."""

    replaced: int
    second: int


@frozen
class MistakePlan:
    """Entries that are recorded and taken back."""

    awards: int
    redemptions: int
    deliveries: int


@frozen
class ShopPlan:
    """Shops at organisations of the level *at*; *share* weighs how often members go there."""

    id: str
    count: int
    at: Level
    name: str
    share: int
    kind: ShopKind = "supermarket"


@frozen
class GoodPlan:
    """A good; *dearer* is its price later in the year (0: as before)."""

    id: str
    zh: str
    en: str
    price: int
    dearer: int = 0


@frozen
class ServicePlan:
    """How often a service of the rulebook is done (*weight*), for how long, by whom.

    *once* ("month" or "year") limits it, together with all of its *group*.
    """

    id: str
    weight: int
    minutes: tuple[int, int] | None = None
    by_occasion: bool = False
    kinds: tuple[MemberKind, ...] = KINDS
    once: str = ""
    group: str = ""


@frozen
class OrderKindPlan:
    """A kind of order: how often it is asked for, and how many days it takes."""

    id: str
    weight: int
    days: tuple[int, int]


@frozen
class OrderPlan:
    """How the orders of the year ended; *open* ones were not taken on by its end."""

    done: int
    cancelled: int
    not_done: int
    open: int
    streets: int
    kinds: tuple[OrderKindPlan, ...]


@frozen
class RatingPlan:
    """What is rated each quarter, by whom, and between which scores the middle lies."""

    street: str
    projects: tuple[str, ...]
    companies: tuple[str, ...]
    parties: tuple[str, ...]
    scores: tuple[int, int]


@frozen
class District:
    """A district: its names, what it *reported* in 2026, and what its made-up year is drawn from."""

    zh: str
    en: str
    place: str
    origin: str
    rulebook: str
    seed: int
    first_day: date
    card: str
    donors: tuple[str, ...]
    raised_on: date
    dearer_from: date
    reported: dict[str, int]
    plan: dict[str, int]
    members: MemberPlan
    cards: CardPlan
    mistakes: MistakePlan
    levels: tuple[LevelPlan, ...]
    shops: tuple[ShopPlan, ...]
    goods: tuple[GoodPlan, ...]
    services: tuple[ServicePlan, ...]
    orders: OrderPlan | None = None
    ratings: RatingPlan | None = None

    def goal(self, figure: str) -> int:
        """What the year must come to: as reported, or as planned where the district reported nothing."""
        return self.reported[figure] if figure in self.reported else self.plan[figure]


def district_named(name: str) -> District:
    """The district *name*; raises UnknownDemo."""
    if name not in DISTRICTS:
        raise UnknownDemo(name[:80])
    text = files("timebank").joinpath("data", f"demo-{name}.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), District)


class Chance:
    """Draws and bytes from a seed, the same on every machine and Python: only `random()` is promised to be."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - it makes examples, not secrets
        self._seed = seed
        self._drawn = 0

    def entropy(self, size: int) -> bytes:
        """The next *size* bytes, at most 32."""
        self._drawn += 1
        return sha256(f"timebank demo {self._seed} {self._drawn}".encode()).digest()[:size]

    def share(self) -> float:
        """A number from 0 up to 1."""
        return self._random.random()

    def whole(self, least: int, most: int) -> int:
        """A whole number from *least* to *most*, both possible."""
        return least + int(self._random.random() * (most - least + 1))

    def one(self, things: Sequence[T]) -> T:
        """One of *things*."""
        return things[int(self._random.random() * len(things))]

    def some(self, things: Sequence[T], count: int) -> list[T]:
        """*count* different ones of *things*."""
        left = list(things)
        return [left.pop(int(self._random.random() * len(left))) for _ in range(count)]

    def weighed(self, things: Sequence[T], running: Sequence[float]) -> T:
        """One of *things* by weight; *running* are the sums of the weights so far, the last one their total."""
        mark = self._random.random() * running[-1]
        low, high = 0, len(running) - 1
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if running[middle] <= mark else (low, middle)
        return things[low]
