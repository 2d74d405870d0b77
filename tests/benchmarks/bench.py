"""How large the scenarios are, and the ledger files that they share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import evolve, frozen

import timebank
from tests.benchmarks.work import Town, copy_of
from tests.benchmarks.years import cache_folder

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.figures import Sheet

_MEMBERS_OF_LARGE: Final = 20


@frozen(kw_only=True)
class Scale:
    """How much each scenario does.

    *block* commands are durable in one turn, *bulk* are done in one transaction, *small* and *large* are the
    sizes of files that are read, *reads* are reads in one turn. *sizes* are those of the books of two years, to
    which *since* entries are added; the smaller of them are verified whole *wholes* times, those above
    *most_whole* not at all. *crowds* are how many processes write at once, and threads in each, for
    *window_seconds*.
    """

    rounds: int
    block: int
    bulk: int
    small: int
    large: int
    reads: int
    members: int = 1_000
    shops: int = 20
    sizes: tuple[int, ...] = (10_000, 100_000, 1_000_000, 10_000_000)
    since: int = 10_000
    wholes: int = 3
    most_whole: int | None = None
    crowds: tuple[tuple[int, int], ...] = ((1, 1), (1, 2), (1, 8), (1, 32), (1, 64), (2, 1), (8, 1), (8, 4))
    window_seconds: float = 2.0

    def members_for(self, entries: int) -> int:
        """How many members a file of *entries* has: more, where it is large."""
        return max(self.members, entries // _MEMBERS_OF_LARGE)


FULL: Final = Scale(rounds=7, block=1_000, bulk=20_000, small=10_000, large=100_000, reads=2_000)
QUICK: Final = Scale(
    rounds=5,
    block=160,
    bulk=2_000,
    small=1_000,
    large=8_000,
    reads=300,
    sizes=(1_000, 10_000),
    since=1_000,
    crowds=((1, 1), (1, 8), (1, 64), (8, 1)),
    window_seconds=0.25,
)
TINY: Final = Scale(
    rounds=1,
    block=8,
    bulk=10,
    small=20,
    large=40,
    reads=4,
    members=4,
    shops=2,
    sizes=(300, 900),
    since=60,
    wholes=1,
    crowds=((1, 1), (1, 4), (2, 1), (2, 2)),
    window_seconds=0.25,
)


class Bench:
    """The scale of a run, and a *directory* on the disk that is measured; *cache* keeps books between runs.

    *sheets* are what scenarios leave for the reference, by their names.
    """

    def __init__(self, scale: Scale, directory: Path, cache: Path | None = None) -> None:
        self.scale = scale
        self.directory = directory
        self.cache = cache_folder() if cache is None else cache
        self.sheets: dict[str, Sheet] = {}
        self._made: dict[tuple[int, int], Town] = {}
        self._count = 0

    def path(self) -> Path:
        """A place for a new file."""
        self._count += 1
        return self.directory / f"{self._count:05}.timebank"

    def town(self) -> Town:
        """A fresh copy of a town in which nothing has happened yet."""
        return copy_of(self._town(self.scale.members, 0), self.path())

    def filled(self, entries: int) -> Town:
        """The town after W(*entries*), done with every check. It is shared: read it only."""
        return self._town(self.scale.members_for(entries), entries)

    def _town(self, members: int, entries: int) -> Town:
        if (members, entries) not in self._made:
            if entries:
                town = copy_of(self._town(members, 0), self.path())
                with timebank.open(town.path) as bank:
                    town.do_all(bank, town.acts(entries))
            else:
                town = Town.found(self.path(), members=members, shops=self.scale.shops)
            self._made[members, entries] = town
        return self._made[members, entries]


def with_large(scale: Scale, entries: int | None) -> Scale:
    """*scale* with large files of *entries*, where that is given."""
    return scale if entries is None else evolve(scale, large=entries)
