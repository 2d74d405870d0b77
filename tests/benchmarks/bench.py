"""How large the scenarios are, and the ledger files that they share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import evolve, frozen

import timebank
from tests.benchmarks.work import Town, copy_of

if TYPE_CHECKING:
    from pathlib import Path

_MEMBERS_OF_LARGE: Final = 20


@frozen(kw_only=True)
class Scale:
    """How much each scenario does.

    *block* commands are durable in one turn, *bulk* are done in one transaction, *small* and *large* are the
    sizes of files that are read, *reads* are reads in one turn.
    """

    rounds: int
    block: int
    bulk: int
    small: int
    large: int
    reads: int
    members: int = 1_000
    shops: int = 20
    threads: int = 64
    processes: int = 8


FULL: Final = Scale(rounds=7, block=1_000, bulk=20_000, small=10_000, large=100_000, reads=2_000)
QUICK: Final = Scale(rounds=5, block=160, bulk=2_000, small=1_000, large=8_000, reads=300)
TINY: Final = Scale(
    rounds=1, block=8, bulk=10, small=20, large=40, reads=4, members=4, shops=2, threads=4, processes=2
)


class Bench:
    """The scale of a run, and a *directory* on the disk that is measured."""

    def __init__(self, scale: Scale, directory: Path) -> None:
        self.scale = scale
        self.directory = directory
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
        return self._town(max(self.scale.members, entries // _MEMBERS_OF_LARGE), entries)

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
