"""Books of a programme's two years, W(n) by the calendar; built once, and kept between runs.

A clock goes with the work: what belongs to a day is recorded on it, one award in ten two days late, and months are
closed on the fifth of the next. Built through the public API in batches, every check on.

A book is a folder of the cache. Its name says what is in it (work, schema, members, entries), so that one of older
work, or of another schema, is never taken for it. It is built under another name and renamed when it is whole, and
opened for reading alone: whoever writes takes a copy.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import define, evolve
from pyperf import perf_counter

import timebank
from tests.benchmarks.work import Award, Town, each_act
from timebank.programme.closing import month_before, month_of
from timebank.programme.members import CARDS
from timebank.programme.periods import days_of
from timebank.storage.sqlite_file import schema_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.work import Act
    from timebank import Bank

WORK: Final = 1
"""To be counted up when the work changes, here or in work.py: older books are then left alone."""

_FOUNDED: Final = date(2024, 1, 1)
FIRST: Final = date(2024, 1, 15)
AFTER: Final = date(2025, 12, 31)
"""The day on which measurements record: the last on which the points of the first year can be spent."""

NEW_YEAR: Final = date(2026, 1, 2)
"""A day on which they have lapsed."""

DAYS: Final = (AFTER - FIRST).days
_LATE: Final = timedelta(2)
_EVERY_LATE: Final = 10
_CLOSING_DAY: Final = 5
_BATCH: Final = 10_000
_PROGRESS: Final = 100_000
_NOON: Final = time(12, tzinfo=UTC)
_FILE: Final = "book.timebank"


@define
class Calendar:
    """A clock that says noon of the *day* that it is set to."""

    day: date

    def __call__(self) -> datetime:
        return datetime.combine(self.day, _NOON)


def cache_folder() -> Path:
    """Where books are kept: outside the project."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "timebank-bench"


def acts_of(count: int, *, members: int, shops: int) -> Iterator[tuple[date, Act]]:
    """W(*count*) over the two years, one by one: the day on which each is recorded, and what it is."""
    work = each_act(count, members=members, shops=shops, first=FIRST, days=DAYS)
    for number, act in enumerate(work):
        late = isinstance(act, Award) and number % _EVERY_LATE == 0
        yield act.day, evolve(act, day=act.day - _LATE) if late else act


def kept_book(entries: int, *, members: int, shops: int, cache: Path) -> Town:
    """The town after W(*entries*) of two years, from *cache*; built now if it is not there."""
    schema = max(number for number, _, _ in schema_files())
    folder = cache / f"years-{WORK}-schema-{schema}-members-{members}-shops-{shops}-entries-{entries}"
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=cache))
        try:
            _build(unfinished / _FILE, entries, members, shops)
            unfinished.rename(folder)
        except BaseException:
            shutil.rmtree(unfinished)
            raise
    return _town_in(folder / _FILE)


def _build(path: Path, entries: int, members: int, shops: int) -> None:
    clock, began = Calendar(_FOUNDED), perf_counter()
    _say(f"building a book of {entries:,} entries of {members:,} members")
    town = Town.found(path, members=members, shops=shops, start=_FOUNDED, clock=clock)
    done = 0
    with timebank.open(path, clock=clock) as bank:
        work = acts_of(entries, members=members, shops=shops)
        while done < entries:
            with bank.batch():
                for _ in range(min(_BATCH, entries - done)):
                    day, act = next(work)
                    if day > clock.day:
                        clock.day = day
                        _close_months(bank, day)
                    town.do(bank, act)
                    done += 1
            if done % _PROGRESS == 0:
                _say(
                    f"{done:,} of {entries:,} entries, {done / (perf_counter() - began):,.0f}/s with the founding"
                )


def _close_months(bank: Bank, day: date) -> None:
    """Close the months that are over by *day* for so long that nothing of them comes late."""
    over = month_before(month_of(day - timedelta(_CLOSING_DAY - 1)))
    closed = bank.periods.closed_through() or month_before(month_of(_FOUNDED))
    while closed < over:
        closed = month_of(days_of(closed)[1] + timedelta(1))
        bank.periods.close(closed, by="admin")


def _town_in(path: Path) -> Town:
    """The town as its book says: members in the order of their cards, shops in that of their names."""
    with timebank.open(path, readonly=True) as bank, bank.journal.reading() as books:
        cards = [(card.number, card.member) for card in books.rows(CARDS)]
        shops = tuple(shop.id for shop in bank.shops.all())
    return Town(path, shops, tuple(member for _, member in cards), tuple(number for number, _ in cards))


def _say(text: str) -> None:
    sys.stderr.write(f"  {text}\n")
