"""What people ask: a balance, a statement, a receipt; in a small file and in a large one."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

import timebank
from tests.benchmarks.raw import Raw
from tests.benchmarks.turns import Row, at_most, in_turn, ratios, seconds_of
from tests.benchmarks.work import SEED, copy_of
from timebank.ledger.codes import POINTS
from timebank.ledger.statements import latest_lines
from timebank.programme.accounts import takings_account

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from tests.benchmarks.bench import Bench
    from tests.benchmarks.turns import Turn
    from tests.benchmarks.work import Town
    from timebank import Bank

_PAGE_LINES: Final = 20
_SAME: Final = 1.25
_LOGARITHMIC: Final = 2.0
"""Ten times the entries, twice the time at most: a square root would already be 3.2."""


@frozen
class Place:
    """A town, its bank open, and the days and entries in it that are asked for."""

    town: Town
    bank: Bank
    days: tuple[date, ...]
    size: int


def _places(bench: Bench) -> tuple[Place, Place]:
    places = []
    for entries in (bench.scale.small, bench.scale.large):
        town = bench.filled(entries)
        days = tuple(sorted({act.day for act in town.acts(entries)}))
        copy = copy_of(town, bench.path())
        bank = timebank.open(copy.path)
        with bank.journal.reading() as books:
            places.append(Place(copy, bank, days, books.size()))
    return places[0], places[1]


def _asking(ask: Callable[[Any], object], asked: Sequence[Any]) -> Turn:
    """A turn that asks for each of *asked*."""

    def turn() -> float:
        def all_of_them() -> None:
            for each in asked:
                ask(each)

        return seconds_of(all_of_them)

    return turn


def balance(bench: Bench) -> list[Row]:
    """A member's balance (points and minutes), against raw's look-up of one number."""
    count, rng = bench.scale.reads, random.Random(SEED)
    small, large = _places(bench)
    turns = [
        _asking(place.bank.members.balance, rng.choices(place.town.members, k=count)) for place in (small, large)
    ]
    with Raw(bench.path(), bench.scale.members) as raw:
        turns.append(_asking(raw.balance, rng.choices(range(bench.scale.members), k=count)))
        small_seconds, large_seconds, raw_seconds = in_turn(bench.scale.rounds, *turns)
    for place in (small, large):
        place.bank.close()
    micros = [seconds / count * 1e6 for seconds in large_seconds]
    what = "balance of a member"
    grown = f"{large.size:,} entries against {small.size:,}"
    return [
        Row(f"{what}, {large.size:,} entries", micros, unit="µs", goal=at_most(50)),
        Row(f"{what}, time of {grown}", ratios(large_seconds, small_seconds), goal=at_most(_SAME)),
        Row(f"{what}, time against raw's look-up", ratios(large_seconds, raw_seconds)),
    ]


def history(bench: Bench) -> list[Row]:
    """Balance as of a day, statements of a busy account, receipts: milliseconds, and how they grow."""
    small, large = places = _places(bench)
    rows = []
    for what, make in _QUESTIONS:
        count = max(1, bench.scale.reads // 20)
        rng = random.Random(SEED)
        small_seconds, large_seconds = in_turn(
            bench.scale.rounds,
            *(_asking(make(place), [rng.random() for _ in range(count)]) for place in places),
        )
        millis = [seconds / count * 1e3 for seconds in large_seconds]
        rows.append(Row(f"{what}, {large.size:,} entries", millis, unit="ms", goal=at_most(2)))
        grown = f"{what}, time of {large.size:,} entries against {small.size:,}"
        rows.append(Row(grown, ratios(large_seconds, small_seconds), goal=at_most(_LOGARITHMIC)))
    for place in places:
        place.bank.close()
    return rows


def _one(of: Sequence[Any], share: float) -> Any:
    return of[int(share * len(of))]


def _member_on(place: Place) -> Callable[[float], object]:
    return lambda share: place.bank.members.balance(_one(place.town.members, share), day=_one(place.days, share))


def _takings_on(place: Place) -> Callable[[float], object]:
    return lambda share: place.bank.shops.takings(_one(place.town.shops, share), day=_one(place.days, share))


def _newest(place: Place) -> Callable[[float], object]:
    def ask(share: float) -> object:
        account = takings_account(_one(place.town.shops, share))
        with place.bank.journal.reading() as books:
            return latest_lines(books, account, POINTS, limit=_PAGE_LINES)

    return ask


def _last_day(place: Place) -> Callable[[float], object]:
    day = place.days[-1]
    return lambda share: place.bank.shops.statement(_one(place.town.shops, share), first=day, last=day)


def _receipt(place: Place) -> Callable[[float], object]:
    return lambda share: place.bank.receipt(int(share * place.size))


_QUESTIONS: Final[tuple[tuple[str, Callable[[Place], Callable[[float], object]]], ...]] = (
    ("balance of a member as of a day", _member_on),
    ("takings of a shop as of a day", _takings_on),
    (f"newest {_PAGE_LINES} lines of a shop's account", _newest),
    ("statement of a shop's last day", _last_day),
    ("receipt with proof, checkpoint signed already", _receipt),
)
