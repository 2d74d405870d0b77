"""Books of a programme's two years, W(n) by the calendar; built once, and kept between runs.

A clock goes with the work: what belongs to a day is recorded on it, one award in ten two days late, and months are
closed on the fifth of the next. Built through the public API in batches, every check on.

A book is a folder of the cache. Its name says what is in it (work, schema, members, entries), so that one of older
work, or of another schema, is never taken for it. It is built under another name and renamed when it is whole;
where building was interrupted, the next who asks goes on after the last whole batch. A whole book is opened for
reading alone: whoever writes takes a copy.
"""

from __future__ import annotations

import fcntl
import os
import sys
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
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
        unfinished = cache / f"unfinished-{folder.name}"
        with _alone_in(unfinished):
            if not folder.exists():  # else another process has built it meanwhile
                _build(unfinished / _FILE, entries, members, shops)
                unfinished.rename(folder)
    return _town_in(folder / _FILE)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other process builds in *folder*; it is made where there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _build(path: Path, entries: int, members: int, shops: int) -> None:
    clock = Calendar(_FOUNDED)
    _say(f"building a book of {entries:,} entries of {members:,} members")
    town = _founded(path, members, shops, clock)
    with timebank.open(path, clock=clock) as bank:
        work = acts_of(entries, members=members, shops=shops)
        done = before = _done(bank, members)
        for clock.day, _ in islice(work, done):
            pass  # the clock goes on where it stood
        began = perf_counter()
        _say(f"{done:,} of {entries:,} entries are there")
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
                _say(f"{done:,} of {entries:,} entries, {(done - before) / (perf_counter() - began):,.0f}/s")


def _founded(path: Path, members: int, shops: int, clock: Calendar) -> Town:
    """The town in the book at *path*; founded now, unless that was done whole: it is one transaction."""
    if path.exists():
        town = _town_in(path)
        if len(town.cards) == members:
            return town
    for left in path.parent.iterdir():
        left.unlink()
    return Town.found(path, members=members, shops=shops, start=_FOUNDED, clock=clock)


def _done(bank: Bank, members: int) -> int:
    """How much of the work is in the book; one award of each member belongs to the founding."""
    with bank.journal.reading() as books:
        return books.tally("award") + books.tally("redemption") - members


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
