"""A clock that is set back and forward: by seconds, days and years, in a batch, between processes, to its ends.

A book lives through some thirty settings of the clock. `at` never goes back and is never before the clock; the
answer says by how much the clock was back; a day after today is refused, whatever today is; at either end of the
calendar the clock is refused. When the clock is right again the book is verified, and goes on.

    python -m tests.faults.clocks --count 1000     (so many books)
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Final

import timebank
from tests.faults.acts import DAY, found, patrol
from tests.faults.judging import quick_directory
from tests.faults.table import row
from timebank.errors import ClockWrong, DayInFuture, NotEnoughPoints, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from timebank.bank import Bank
    from timebank.ledger.journal import Posted

NOON: Final = datetime(2026, 3, 1, 4, tzinfo=UTC)
SETTINGS: Final = 30
_ENDS: Final = (
    datetime.min.replace(tzinfo=UTC),
    datetime(1, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(9999, 1, 1, tzinfo=UTC),
    datetime.max.replace(tzinfo=UTC),
)
_FAR: Final = (
    datetime(1902, 1, 1, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC),
    datetime(9998, 12, 31, tzinfo=UTC),
)


class Clock:
    """A clock that somebody sets."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def set(self, chance: Random) -> str:
        """Set it, and say how."""
        how = chance.choice(["on", "seconds", "days", "years", "far", "end"])
        sign = chance.choice([-1, 1])
        if how in ("far", "end"):
            self.now = chance.choice(_FAR if how == "far" else _ENDS)
            return how
        most = {"on": 9e6, "seconds": 100e6, "days": 40 * 86400e6, "years": 60 * 365 * 86400e6}[how]
        step = timedelta(microseconds=chance.randrange(int(most))) * (1 if how == "on" else sign)
        base = self.now if 100 < self.now.year < 9900 else NOON
        self.now = base + step
        return how


class Life:
    """One book under one clock; *wrong* says what was not as it should be."""

    def __init__(self, path: Path, chance: Random) -> None:
        self.path, self.chance, self.clock = path, chance, Clock()
        self.bank = self.opened()
        self.member = self.bank.members.by_card("0001")
        self.counts: Counter[str] = Counter()
        self.wrong: list[str] = []

    def opened(self) -> Bank:
        return timebank.open(self.path, clock=self.clock)

    def last_at(self) -> datetime:
        return self.bank.journal.entry(self.bank.report().entries - 1).at

    def live(self) -> None:
        """Set the clock, post, set it again."""
        for _ in range(SETTINGS):
            self.counts[self.clock.set(self.chance)] += 1
            if self.chance.random() < 0.2:
                self.bank.close()
                self.bank = self.opened()
            if self.clock.now.year in (1, 9999):
                self.refused(ClockWrong, self.post)
            elif self.chance.random() < 0.2:
                self.batch()
            else:
                self.look(self.post)
                self.tomorrow()
        self.recover()

    def post(self) -> Posted:
        if self.chance.random() < 0.5:
            return patrol(self.bank, self.member)
        return self.bank.shops.redeem("yungu-shop", card="0001", goods={"soap": 1}, by="clerk-3")

    def look(self, act: Callable[[], Posted], before: datetime | None = None) -> datetime:
        """Post, and compare its time with the clock's and the entry's before it."""
        before = before or self.last_at()
        try:
            posted = act()
        except Refused:  # the points have lapsed, by a clock that is far ahead
            self.counts["refused"] += 1
            return before
        self.counts["entries"] += 1
        clock = self.clock.now.replace(microsecond=0)
        at = posted.entry.at
        back = max(0, int((before - clock).total_seconds()))
        if at != max(before, clock) or posted.clock_back_seconds != back:
            self.wrong.append(
                f"at {at}, clock {self.clock.now}, before {before}: {posted.clock_back_seconds} s back"
            )
        return at

    def batch(self) -> None:
        """Two commands in one transaction; the clock is set between them."""
        before = self.last_at()
        with self.bank.batch():
            before = self.look(self.post, before)
            while self.clock.set(self.chance) == "end":
                pass
            self.look(self.post, before)

    def tomorrow(self) -> None:
        """A day that is still to come is refused."""
        today = max(self.last_at(), self.clock.now).astimezone(self.bank.journal.zone).date()
        late = today + timedelta(days=1)
        self.refused(
            DayInFuture,
            lambda: self.bank.shops.redeem("yungu-shop", card="0001", goods={"soap": 1}, day=late, by="clerk-3"),
        )

    def refused(self, kind: type[Exception], act: Callable[[], Any]) -> None:
        """*act* has to be refused, and leaves nothing."""
        before = self.bank.report().entries
        try:
            act()
        except kind:
            self.counts[kind.__name__] += 1
        else:
            self.wrong.append(f"not {kind.__name__} at {self.clock.now}")
        if self.bank.report().entries != before:
            self.wrong.append(f"{kind.__name__} left an entry")

    def recover(self) -> None:
        """The clock is right again: the book is whole, and goes on with days that are said.

        But `at` stays where the clock was furthest, and so does the day by which points lapse.
        """
        self.clock.now = NOON + timedelta(days=1)
        people = {"by": "clerk-3", "approved_by": "admin"}
        last = self.last_at()
        self.bank.services.record(self.member, "honour", occasions=1, day=DAY, **people)
        try:
            sold = self.bank.shops.redeem("yungu-shop", card="0001", goods={"soap": 1}, day=DAY, by="clerk-3")
            if (sold.entry.at, sold.entry.day) != (max(last, self.clock.now), DAY):
                self.wrong.append(f"after it all: {sold.entry.at}, {sold.entry.day}")
        except NotEnoughPoints:
            self.counts["lapsed"] += 1
            if last.year == NOON.year:
                self.wrong.append(f"points have lapsed in the year {last.year}")
        self.bank.checkpoint()
        times = [entry.at for entry in self.bank.journal.entries()]
        if times != sorted(times):
            self.wrong.append("times go back")
        self.wrong += [each.message() for each in self.bank.verify().findings]
        self.bank.close()


def lives(count: int, *, seed: int = 1) -> Iterator[Life]:
    """*count* books, each through its own settings."""
    with tempfile.TemporaryDirectory(dir=quick_directory()) as name:
        founded = Path(name) / "founded.timebank"
        found(founded, clock=lambda: NOON)
        for number in range(count):
            path = Path(name) / "bank.timebank"
            for old in Path(name).glob("bank.timebank*"):
                old.unlink()
            shutil.copy(founded, path)
            shutil.copy(f"{founded}.key", f"{path}.key")
            life = Life(path, Random(f"{seed} {number}"))
            life.live()
            yield life


def main() -> None:
    """Set clocks, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=1000)
    counts: Counter[str] = Counter()
    wrong = 0
    for life in lives(parser.parse_args().count):
        counts.update(life.counts, books=1)
        wrong += bool(life.wrong)
        print(*life.wrong, sep="\n", end="\n" * bool(life.wrong))
    settings = sum(counts[how] for how in ("on", "seconds", "days", "years", "far", "end"))
    told = ("ClockWrong", "DayInFuture")
    print(
        row(
            "books",
            "settings",
            "entries",
            "`clock-wrong`",
            "`day-in-future`",
            "books whose points had lapsed",
            "books with anything wrong",
        )
    )
    print(row(*["---"] * 7))
    print(
        row(
            counts["books"], settings, counts["entries"], *(counts[each] for each in told), counts["lapsed"], wrong
        )
    )


if __name__ == "__main__":
    main()
