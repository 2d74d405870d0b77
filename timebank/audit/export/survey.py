"""What has to be known of a journal before its first line can be written for another tool: one pass over it."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field, frozen

from timebank.audit.export.months import FIRST_YEAR, LAST_YEAR, Month
from timebank.errors import DayNotExportable, FileDamaged, InvalidInput
from timebank.ledger.entries import kept_entry, members_of, parse_day
from timebank.tlog.merkle import Frontier, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from timebank.ledger.entries import Entry
    from timebank.ledger.store import Reader

_PAGE: Final = 256

Place = tuple[str, str]
"""An account and a unit, by their codes."""


@frozen
class Survey:
    """A journal of *size* entries under *root*, and what an export of it, or of one *month*, has to declare.

    *origin* and *zone* are what the genesis entry says. *names* has each unit's names, if they are known; *used*
    the first exported day of each account. *opening* holds what every account held before the month, debits
    less credits; it is empty for a whole book.
    """

    origin: str
    zone: str
    size: int
    root: bytes
    month: Month | None
    kinds: tuple[str, ...]
    names: Mapping[str, tuple[str, ...]]
    used: Mapping[str, date]
    opening: Mapping[Place, int]
    days: Mapping[date, array[int]]
    """The entries to be written, by their days in order: 8 bytes for each of them."""

    @property
    def entries(self) -> int:
        """How many entries are written out."""
        return sum(map(len, self.days.values()))

    def walk(self, books: Reader) -> Iterator[tuple[Entry, bytes]]:
        """The entries to be written with the hashes of their leaves, by day and then by place."""
        for places in self.days.values():
            for first, end in _runs(places):
                for seq, leaf in _leaves(books, first, end):
                    yield kept_entry(seq, leaf), leaf_hash(leaf)


def _runs(places: array[int]) -> Iterator[tuple[int, int]]:
    """Entries that stand side by side are read together."""
    first = end = places[0]
    for seq in places:
        if seq != end:
            yield first, end
            first = seq
        end = seq + 1
    yield first, end


def _leaves(books: Reader, first: int, end: int) -> Iterator[tuple[int, bytes]]:
    """The leaves of these places, a page at a time: no query stays open when an entry turns out to be none."""
    for start in range(first, end, _PAGE):
        places = range(start, min(start + _PAGE, end))
        page = list(books.leaves(places.start, places.stop))
        if [seq for seq, _ in page] != list(places):
            raise FileDamaged(f"entry {start}", "it, or one soon after it, is missing")
        yield from page


def survey_of(books: Reader, month: Month | None = None) -> Survey:
    """Read the whole journal once. Raises FileDamaged for a leaf that is none, and DayNotExportable."""
    found = _Found(month)
    for seq, leaf in _leaves(books, 0, books.size()):
        found.tree.append(leaf_hash(leaf))
        try:
            members = members_of(seq, leaf)
        except InvalidInput as error:
            raise FileDamaged(f"entry {seq}", str(error)) from error
        found.entry(seq, members)
    return found.survey()


@define
class _Found:
    """What the pass has met so far."""

    month: Month | None
    tree: Frontier = field(factory=Frontier)
    genesis: Mapping[str, Any] = field(factory=dict)
    kinds: set[str] = field(factory=set)
    names: dict[str, tuple[str, ...]] = field(factory=dict)
    used: dict[str, date] = field(factory=dict)
    opening: dict[Place, int] = field(factory=dict)
    days: dict[date, array[int]] = field(factory=dict)
    moved: set[str] = field(factory=set)

    def entry(self, seq: int, members: dict[str, Any]) -> None:
        """Take in the entry at *seq*."""
        day, moves, body = parse_day("day", members["day"]), members.get("move", ()), members["body"]
        if seq == 0:
            self.genesis = body
        if members["kind"] in ("unit", "goods"):
            self._name(body)
        if self.month is not None and day < self.month.first:
            self._open(moves)
        elif self.month is None or day < self.month.following:
            if moves and not FIRST_YEAR <= day.year <= LAST_YEAR:
                raise DayNotExportable(seq, members["day"], FIRST_YEAR, LAST_YEAR)
            self.kinds.add(members["kind"])
            self.days.setdefault(day, array("q")).append(seq)
            self._use(day, moves)

    def _name(self, body: Mapping[str, Any]) -> None:
        unit, names = body.get("unit"), (body.get("zh"), body.get("en"))
        if isinstance(unit, str):
            self.names[unit] = tuple(name for name in names if isinstance(name, str))

    def _open(self, moves: list[tuple[str, str, str, int]]) -> None:
        for debit, credit, unit, amount in moves:
            for place, change in (((debit, unit), amount), ((credit, unit), -amount)):
                self.opening[place] = self.opening.get(place, 0) + change

    def _use(self, day: date, moves: list[tuple[str, str, str, int]]) -> None:
        for debit, credit, unit, _ in moves:
            self.moved.add(unit)
            for account in (debit, credit):
                if account not in self.used or day < self.used[account]:
                    self.used[account] = day

    def survey(self) -> Survey:
        """All of it; accounts that held nothing before the month and did not move in it are left out."""
        opening = {place: amount for place, amount in sorted(self.opening.items()) if amount}
        for account, unit in opening:
            self.moved.add(unit)
            if self.month is not None:
                self.used[account] = self.month.first
        return Survey(
            origin=str(self.genesis.get("origin", "")),
            zone=str(self.genesis.get("zone", "")),
            size=self.tree.size,
            root=self.tree.root(),
            month=self.month,
            kinds=tuple(sorted(self.kinds)),
            names={unit: self.names.get(unit, ()) for unit in sorted(self.moved)},
            used=dict(sorted(self.used.items())),
            opening=opening,
            days=dict(sorted(self.days.items())),
        )
