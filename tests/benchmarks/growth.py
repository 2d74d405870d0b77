"""Growth: the same questions to books of 10 thousand up to 10 million entries, in turn.

Each book is copied first and the copy written to, so the kept one stays as it is. On the copy a checkpoint is
signed and 10,000 entries more are posted, which are then verified alone. Questions and commands go round over the
sizes; verifying and rebuilding whole books is done in processes of their own, whose memory is measured.
"""

from __future__ import annotations

import random
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from attrs import evolve, frozen

import timebank
from tests.benchmarks.figures import Figure, Line, Sheet
from tests.benchmarks.table import number
from tests.benchmarks.turns import PIECES, Row, at_most, in_turn, ratios, seconds_of
from tests.benchmarks.work import SEED, Award, Redemption, copy_of, each_act
from tests.benchmarks.years import AFTER, DAYS, FIRST, NEW_YEAR, Calendar, kept_book
from timebank.ledger.codes import POINTS
from timebank.ledger.statements import latest_lines
from timebank.programme.accounts import takings_account

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from tests.benchmarks.bench import Bench
    from tests.benchmarks.turns import Goal, Turn
    from tests.benchmarks.work import Act, Town
    from timebank import Bank

    Ask = Callable[[], object]

_PER_ENTRIES: Final = 100_000
_SMALL: Final = 200_000
"""Books up to this size are verified and rebuilt several times, larger ones once: they take minutes."""

_PAGE_LINES: Final = 20
_AWARDS_SEED: Final = SEED + 2
_ROOT: Final = Path(__file__).parents[2]
_SAME: Final = at_most(2)
_LINEAR: Final = at_most(1.25)
# VmHWM and not ru_maxrss, which would also count what the parent held before the fork.
_WHOLE: Final = """
import json, sys, time
import timebank
what, path = sys.argv[1:]
began = time.perf_counter()
if what == "verify":
    seen = timebank.verify_file(path)
    if seen.findings:
        raise SystemExit(f"findings: {seen.findings[:3]}")
    entries = seen.entries
else:
    with timebank.open(path) as bank:
        entries = bank.rebuild()
seconds = time.perf_counter() - began
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print(json.dumps([entries, seconds, peak]))
"""


@frozen
class Place:
    """A copy of a book, its bank open by a clock that stands on the day after; *note* is since when it grew.

    *entries* are all that the journal holds.
    """

    town: Town
    bank: Bank
    clock: Calendar
    note: str
    entries: int

    def acts(self, *, awards: float, seed: int) -> Iterator[Act]:
        """New work of the day after, as much as is asked for."""
        members, shops = len(self.town.members), len(self.town.shops)
        return each_act(10**9, members=members, shops=shops, first=AFTER, days=1, awards=awards, seed=seed)


@frozen(kw_only=True)
class Asked:
    """One thing that is asked at every size, in *unit*; *goal*: the largest size against the smallest."""

    slug: str
    what: str
    unit: str = "ms"
    goal: Goal | None = _SAME


@frozen(kw_only=True)
class Measure(Asked):
    """What is asked of an open bank: *ask* answers what asks once; its seconds times *times* are the unit.

    *count* says how often in a turn, *per* what the seconds are divided by beside that.
    """

    ask: Callable[[Place], Ask]
    count: Callable[[Bench], int]
    times: float = 1e3
    per: Callable[[Place], float] = lambda _: 1.0
    pieces: int = 1

    def turn(self, bench: Bench, place: Place) -> Turn:
        """Asks as often as a piece of a turn does."""
        ask, count = self.ask(place), max(1, self.count(bench) // self.pieces)
        share = self.times / (count * self.pieces * self.per(place))

        def asking() -> None:
            for _ in range(count):
                ask()

        return lambda: seconds_of(asking) * share


def growth(bench: Bench) -> list[Row]:
    """How each thing grows with the journal: books of two years, built once and kept in the cache (very long)."""
    places = [_place(bench, size) for size in bench.scale.sizes]
    taken: list[tuple[Asked, list[tuple[float, ...]]]] = []
    for measure in _MEASURES:
        _say(measure.what)
        turns = [measure.turn(bench, place) for place in places]
        taken.append((measure, in_turn(bench.scale.rounds, *turns, pieces=measure.pieces)))
    for place in places:
        place.bank.close()
    sizes, most = bench.scale.sizes, bench.scale.most_whole
    whole = [place for place, size in zip(places, sizes, strict=True) if most is None or size <= most]
    taken += _wholes(whole, bench.scale.wholes) if whole else []
    bench.sheets["growth"] = _sheet(sizes, places, taken)
    return [_row(asked, values, places) for asked, values in taken]


def _place(bench: Bench, size: int) -> Place:
    scale = bench.scale
    book = kept_book(size, members=scale.members_for(size), shops=scale.shops, cache=bench.cache)
    _say(f"a copy of the book of {size:,}")
    town, clock = copy_of(book, bench.path()), Calendar(AFTER)
    bank = timebank.open(town.path, clock=clock)
    place = Place(town, bank, clock, bank.checkpoint(), 0)
    work = place.acts(awards=0.6, seed=SEED + 1)
    with bank.batch():
        for _ in range(scale.since):
            town.do(bank, next(work))
    bank.checkpoint()
    with bank.journal.reading() as books:
        return evolve(place, entries=books.size())


# --- what is asked


def _award(place: Place) -> Ask:
    work = place.acts(awards=1, seed=_AWARDS_SEED)
    return lambda: place.town.do(place.bank, next(work))


def _redemption(place: Place) -> Ask:
    work = place.acts(awards=0, seed=SEED + 3)
    return lambda: place.town.do(place.bank, next(work))


def _after_lapse(place: Place) -> Ask:
    """One piece of soap for each member who was just awarded something, and so has points that have not lapsed."""
    place.clock.day = NEW_YEAR
    awarded = (act.member for act in place.acts(awards=1, seed=_AWARDS_SEED) if isinstance(act, Award))
    members = _each_once(awarded)
    return lambda: place.town.do(place.bank, Redemption(next(members), 0, 0, 1, NEW_YEAR))


def _each_once(numbers: Iterator[int]) -> Iterator[int]:
    seen: set[int] = set()
    for each in numbers:
        if each not in seen:
            seen.add(each)
            yield each


def _of_a_member(place: Place, ask: Callable[[Bank, str, date, int], object]) -> Ask:
    """Asks of a member, a day and an entry, each by chance."""
    rng, members = random.Random(SEED), place.town.members

    def chosen() -> object:
        day = _day_of(rng)
        return ask(place.bank, rng.choice(members), day, rng.randrange(place.entries // 4, place.entries))

    return chosen


def _day_of(rng: random.Random) -> date:
    """A day in the middle half of the two years."""
    return FIRST.fromordinal(FIRST.toordinal() + rng.randrange(DAYS // 4, DAYS * 3 // 4))


def _of_a_shop(place: Place, ask: Callable[[Bank, str, date], object]) -> Ask:
    rng, shops = random.Random(SEED), place.town.shops
    return lambda: ask(place.bank, rng.choice(shops), _day_of(rng))


def _newest(bank: Bank, shop: str) -> object:
    with bank.journal.reading() as books:
        return latest_lines(books, takings_account(shop), POINTS, limit=_PAGE_LINES)


def _since(place: Place) -> Ask:
    def verify() -> None:
        if place.bank.verify(since=place.note).findings:
            raise RuntimeError("the book is damaged: this figure would be of something else")

    return verify


def _durable(bench: Bench) -> int:
    return bench.scale.block


def _reads(bench: Bench) -> int:
    return bench.scale.reads


def _fewer(bench: Bench) -> int:
    return max(1, bench.scale.reads // 20)


def _once(_: Bench) -> int:
    return 1


def _thousands_of_members(place: Place) -> float:
    return len(place.town.members) / 1_000


_read: Final = partial(Measure, count=_fewer, pieces=PIECES)
_MEASURES: Final = (
    Measure(
        slug="since",
        what="verify of what came after a checkpoint",
        ask=_since,
        count=_once,
        unit="s",
        times=1,
    ),
    Measure(
        slug="balance",
        what="balance of a member",
        ask=lambda place: _of_a_member(place, lambda bank, member, *_: bank.members.balance(member)),
        count=_reads,
        pieces=PIECES,
        unit="µs",
        times=1e6,
    ),
    _read(
        slug="balance-on-a-day",
        what="balance as of a day in the middle",
        ask=lambda place: _of_a_member(place, lambda bank, member, day, _: bank.members.balance(member, day=day)),
    ),
    _read(
        slug="balance-at-an-entry",
        what="balance as it was known at an entry in the middle",
        ask=lambda place: _of_a_member(
            place, lambda bank, member, _, seq: bank.members.balance(member, at_entry=seq)
        ),
    ),
    _read(
        slug="page",
        what="newest 20 lines of a shop",
        ask=lambda place: _of_a_shop(place, lambda bank, shop, _: _newest(bank, shop)),
    ),
    _read(
        slug="day-of-a-member",
        what="statement of a member for one day in the middle",
        ask=lambda place: _of_a_member(
            place, lambda bank, member, day, _: bank.members.statement(member, first=day, last=day)
        ),
    ),
    _read(
        slug="day-of-a-shop",
        what="statement of a shop for one day in the middle",
        ask=lambda place: _of_a_shop(
            place, lambda bank, shop, day: bank.shops.statement(shop, first=day, last=day)
        ),
        goal=None,
    ),
    _read(
        slug="receipt",
        what="receipt with proof",
        ask=lambda place: _of_a_member(place, lambda bank, member, day, seq: bank.receipt(seq)),
    ),
    Measure(
        slug="report",
        what="report of the programme, for 1,000 members",
        ask=lambda place: place.bank.report,
        count=_once,
        per=_thousands_of_members,
        goal=None,
    ),
    Measure(slug="award", what="durable award", ask=_award, count=_durable, pieces=PIECES),
    Measure(slug="redemption", what="durable redemption", ask=_redemption, count=_durable, pieces=PIECES),
    Measure(
        slug="redemption-after-lapse",
        what="durable redemption when points have lapsed",
        ask=_after_lapse,
        count=lambda bench: bench.scale.block // 10,
    ),
)
"""What only reads comes first, and what sets the clock forward last."""


# --- whole books


def _wholes(places: Sequence[Place], turns: int) -> list[tuple[Asked, list[tuple[float, ...]]]]:
    """Every book verified, then every copy rebuilt: seconds for 100,000 entries, and MiB at the most."""
    taken = []
    for what in ("verify", "rebuild"):
        seen: list[list[tuple[float, float]]] = [[] for _ in places]
        for turn in range(turns):
            for place, runs in zip(places, seen, strict=True):
                if turn == 0 or place.entries <= _SMALL:
                    _say(f"{what}, {place.entries:,} entries")
                    runs.append(_whole(what, place.town.path))
        seconds, peaks = ([tuple(run[part] for run in runs) for runs in seen] for part in (0, 1))
        whole = Asked(slug=f"{what}-whole", what=f"{what}, for 100,000 entries", unit="s", goal=_LINEAR)
        memory = Asked(slug=f"{what}-memory", what=f"{what}, most memory", unit="MiB", goal=None)
        taken += [(whole, seconds), (memory, peaks)]
    return taken


def _whole(what: str, path: Path) -> tuple[float, float]:
    """Seconds for 100,000 entries, and MiB that the process held at most."""
    command = [sys.executable, "-c", _WHOLE, what, str(path)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=_ROOT)
    entries, seconds, peak_kib = msgspec.json.decode(done.stdout, type=tuple[int, float, int])
    return seconds * _PER_ENTRIES / entries, peak_kib / 1024


# --- what is said of it


def _row(asked: Asked, values: Sequence[tuple[float, ...]], places: Sequence[Place]) -> Row:
    smallest, largest = places[0].entries, places[len(values) - 1].entries
    what = f"{asked.what}, {largest:,} entries against {smallest:,}"
    note = " → ".join(number(value, asked.unit) for value in Line("", tuple(values)).medians)
    return Row(what, _ratios(values), goal=asked.goal, note=note)


def _ratios(values: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
    """The largest size against the smallest, round by round; of whole books the one run against the median."""
    first, last = values[0], values[-1]
    if len(first) != len(last):
        first, last = (tuple(Line("", (each,)).medians) for each in (first, last))
    return ratios(last, first)


def _sheet(
    sizes: tuple[int, ...], places: Sequence[Place], taken: Sequence[tuple[Asked, list[tuple[float, ...]]]]
) -> Sheet:
    headings = ("what", *(f"{size:,}" for size in sizes), "largest against smallest", "goal", "reached")
    rows: list[tuple[str, ...]] = [
        ("entries in all", *(f"{place.entries:,}" for place in places), "", "", ""),
        ("members", *(f"{len(place.town.members):,}" for place in places), "", "", ""),
        ("size of the file", *(_megabytes(place.town.path) for place in places), "", "", ""),
    ]
    figures = []
    for asked, values in taken:
        line = Line("timebank", tuple(values))
        row = _row(asked, values, places)
        goal = "" if row.goal is None else f"{row.goal} ×"
        cells = [number(value, asked.unit) for value in line.medians] + [""] * (len(sizes) - len(values))
        rows.append((asked.what, *cells, number(row.figure, "×"), goal, row.verdict))
        figures.append(
            Figure(asked.slug, asked.what, "entries of the two years", sizes[: len(values)], asked.unit, (line,))
        )
    return Sheet(headings, tuple(rows), tuple(figures))


def _megabytes(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:,.0f} MB"


def _say(text: Any) -> None:
    sys.stderr.write(f"  {text}\n")
