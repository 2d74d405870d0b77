"""Goods and their prices: each good is its own unit of the ledger, and costs points from a day on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from timebank.errors import AlreadyExists, BadCode, NoPrice, NotInOrder, UnknownGood
from timebank.ledger.codes import MINUTES, POINTS, check_amount
from timebank.ledger.entries import END_OF_DAYS, Draft, check_slug
from timebank.ledger.store import Table
from timebank.programme.roles import check_allowed, check_operators
from timebank.programme.text import check_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from timebank.ledger.entries import Entry
    from timebank.ledger.journal import Journal, Posted
    from timebank.ledger.store import Reader, Writer

MOST_PRICE: Final = 1_000_000
_LONGEST_UNIT: Final = 23


@frozen
class Unit:
    """What amounts are counted in, and what people call it."""

    code: str
    zh: str
    en: str
    seq: int


@frozen
class Good:
    """A good that shops hand out; *unit* is the ledger's unit for its pieces."""

    id: str
    unit: str
    seq: int


@frozen
class Price:
    """*points* for one piece of *good* in *shop*, in force from *from_day* until a later price is."""

    shop: str
    good: str
    from_day: str
    seq: int
    points: int


UNITS: Final = Table("unit", Unit, ("code",))
GOODS: Final = Table("good", Good, ("id",))
PRICES: Final = Table("price", Price, ("shop", "good", "from_day", "seq"))


def check_good(name: object) -> str:
    """Return *name* if it can be a good's id: letters first, at most 23 characters, as its unit must be."""
    good = check_slug("good", name)
    if len(good) > _LONGEST_UNIT or not good[0].isalpha() or good.endswith("-"):
        raise BadCode("good", good, "[a-z]([a-z0-9-]{0,21}[a-z0-9])?")
    if good.upper() in (POINTS, MINUTES):
        raise BadCode("good", good, "neither pts nor min")
    return good


def good_of(books: Reader, name: str) -> Good:
    """The good *name*; raises UnknownGood."""
    good = books.get(GOODS, name)
    if good is None:
        raise UnknownGood(name)
    return good


def price_on(books: Reader, shop: str, good: str, day: date) -> Price:
    """The price of *good* in *shop* in force on *day*; raises NoPrice."""
    price = books.latest(PRICES, shop, good, upto=day.isoformat())
    if price is None:
        raise NoPrice(shop, good, day.isoformat())
    return price


def check_after_latest(books: Reader, shop: str, good: str, from_day: str) -> None:
    """Raise NotInOrder unless *from_day* comes after every price that *shop* has set for *good*."""
    latest = books.latest(PRICES, shop, good, upto=END_OF_DAYS)
    if latest is not None and latest.from_day >= from_day:
        raise NotInOrder("price", from_day, latest.from_day)


def check_price(value: object) -> int:
    """Return *value* if it is a price of 1 to 1,000,000 whole points."""
    return check_amount("points", value, most=MOST_PRICE)


@frozen
class Basket:
    """Goods at their prices: good, pieces, and points for one piece."""

    lines: tuple[tuple[str, int, int], ...]

    @property
    def points(self) -> int:
        """What all of it costs."""
        return sum(pieces * price for _, pieces, price in self.lines)

    @property
    def pieces(self) -> tuple[tuple[str, int], ...]:
        """Goods and pieces."""
        return tuple((good, pieces) for good, pieces, _ in self.lines)


def priced(books: Reader, shop: str, wanted: Sequence[tuple[str, int]], day: date) -> Basket:
    """*wanted* at the prices of *shop* in force on *day*. Raises UnknownGood, NoPrice."""
    for good, _ in wanted:
        good_of(books, good)
    return Basket(tuple((good, pieces, price_on(books, shop, good, day).points) for good, pieces in wanted))


@frozen
class Goods:
    """The desk for goods."""

    _journal: Journal

    def add(self, good: str, *, name: str, name_en: str, by: str, key: str | None = None) -> Posted:
        """Add *good* (a short lower-case id such as `rice-5kg`) with its names in Chinese and English."""
        check_good(good)
        check_name("name", name)
        check_name("name_en", name_en)
        check_operators(by)
        request = ("goods", good, name, name_en, by)
        with self._journal.writing() as write:
            if done := write.already(key, request):
                return done
            check_allowed(write.books, "organise", by)
            if write.books.get(GOODS, good):
                raise AlreadyExists("good", good)
            body = {"good": good, "unit": good.upper(), "zh": name, "en": name_en}
            return write.append(Draft(kind="goods", day=write.today(), by=by, body=body), key=key, request=request)

    def all(self) -> tuple[Good, ...]:
        """All goods, by id."""
        with self._journal.reading() as books:
            return tuple(books.rows(GOODS))

    def units(self) -> tuple[Unit, ...]:
        """All units with their names: points, minutes, and every good's."""
        with self._journal.reading() as books:
            return tuple(books.rows(UNITS))


def project_unit(entry: Entry, books: Writer) -> None:
    """Keep the unit's names."""
    body = entry.body
    books.put(UNITS, Unit(body["unit"], body["zh"], body["en"], entry.seq))


def project_good(entry: Entry, books: Writer) -> None:
    """Keep the good, and its unit's names."""
    project_unit(entry, books)
    books.put(GOODS, Good(entry.body["good"], entry.body["unit"], entry.seq))


def project_price(entry: Entry, books: Writer) -> None:
    """Keep the price from its day on."""
    body = entry.body
    books.put(PRICES, Price(body["shop"], body["good"], body["from"], entry.seq, body["points"]))
