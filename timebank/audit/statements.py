"""Statements to be printed: a member's, a shop's, and the card of a good in a shop.

Each is read from one view of the books. What was recorded late stands on the day it belongs to, so that the
running balance after the last line of a day is what `balance_on` says of that day. *since*: entries before that
place were recorded before the first day, and need not be looked at (see ledger/statements.py).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Final

from attrs import frozen

from timebank.errors import DaysReversed
from timebank.ledger.codes import MINUTES, POINTS
from timebank.ledger.entries import Entry, check_day, kept_entry
from timebank.ledger.statements import Line, statement
from timebank.programme import accounts, lots
from timebank.programme.expiry import expiry_of
from timebank.programme.flows import flows_of
from timebank.programme.goods import good_of
from timebank.programme.members import Balance, member_of
from timebank.programme.placements import organisation_on
from timebank.programme.settlements import fen_per_point
from timebank.programme.shops import shop_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from timebank.ledger.store import Reader
    from timebank.programme.lots import Lapse

_COUNTING: Final = b'"do":"count"'


def check_days(first: date | None, last: date | None) -> None:
    """Raise DaysReversed if *first* comes after *last*, BadDay for what is no day."""
    for name, day in (("first", first), ("last", last)):
        if day is not None:
            check_day(name, day)
    if first is not None and last is not None and first > last:
        raise DaysReversed(first.isoformat(), last.isoformat())


# --- a member's


@frozen
class MemberLine:
    """What one entry did to a member: points and whole minutes in and out, and what was there after it."""

    entry: Entry
    points_in: int
    points_out: int
    minutes_in: int
    minutes_out: int
    after: Balance


@frozen
class MemberStatement:
    """What *member*, who belonged to *org* on the last day, had; *lapsing*: what lapses if all is kept."""

    member: str
    org: str
    kind: str
    opening: Balance
    lines: tuple[MemberLine, ...]
    closing: Balance
    lapsing: tuple[Lapse, ...]


def member_statement(
    books: Reader, member: str, *, first: date | None, last: date, today: date, since: int = 0
) -> MemberStatement:
    """The statement of *member* from *first* (None: the beginning) to *last*, one line for each entry.

    *lapsing* is by all that is known *today*, whatever the days are. Raises UnknownMember, DaysReversed.
    """
    check_days(first, last)
    known = member_of(books, member)
    account = accounts.member_account(known.id)
    points, minutes = (
        statement(books, account, unit, first=first, last=last, since=since) for unit in (POINTS, MINUTES)
    )
    lines: list[MemberLine] = []
    held = Balance(points.opening, minutes.opening)
    moved = [(line, True) for line in points.lines] + [(line, False) for line in minutes.lines]
    moved.sort(key=lambda each: (each[0].entry.day, each[0].entry.seq))
    for _, group in groupby(moved, key=lambda each: each[0].entry.seq):
        of_entry = list(group)
        of_points = [line for line, is_points in of_entry if is_points]
        of_minutes = [line for line, is_points in of_entry if not is_points]
        held = Balance(held.points + _sum(of_points), held.minutes + _sum(of_minutes))
        sides = (*_in_out(of_points), *_in_out(of_minutes))
        lines.append(MemberLine(of_entry[0][0].entry, *sides, held))
    upcoming = lots.upcoming(flows_of(books, known.id), expiry_of(books), first=today, before=date.max)
    return MemberStatement(
        member=known.id,
        org=organisation_on(books, "member", known.id, last),
        kind=known.kind,
        opening=Balance(points.opening, minutes.opening),
        lines=tuple(lines),
        closing=held,
        lapsing=upcoming,
    )


def _sum(lines: Iterable[Line]) -> int:
    return sum(line.delta for line in lines)


def _in_out(lines: Iterable[Line]) -> tuple[int, int]:
    deltas = [line.delta for line in lines]
    return sum(delta for delta in deltas if delta > 0), -sum(delta for delta in deltas if delta < 0)


# --- a shop's


@frozen
class ShopLine:
    """What one transfer did to what a shop is owed, in points: *taken* in, *returned*, or *settled*."""

    entry: Entry
    taken: int
    returned: int
    settled: int
    after: int


@frozen
class ShopStatement:
    """What *shop* of *org* took in and was paid, in points; *fen* is what the *closing* balance costs."""

    shop: str
    name: str
    org: str
    opening: int
    lines: tuple[ShopLine, ...]
    closing: int
    fen: int


def shop_statement(books: Reader, shop: str, *, first: date | None, last: date, since: int = 0) -> ShopStatement:
    """The statement of *shop* from *first* (None: the beginning) to *last*. Raises UnknownShop, DaysReversed."""
    check_days(first, last)
    known = shop_of(books, shop)
    found = statement(books, accounts.takings_account(shop), POINTS, first=first, last=last, since=since)
    return ShopStatement(
        shop=shop,
        name=known.name,
        org=organisation_on(books, "shop", shop, last),
        opening=found.opening,
        lines=tuple(_shop_line(line) for line in found.lines),
        closing=found.closing,
        fen=found.closing * fen_per_point(books, last),
    )


def _shop_line(line: Line) -> ShopLine:
    if line.other.startswith(accounts.SETTLED):
        return ShopLine(line.entry, 0, 0, -line.delta, line.after)
    return ShopLine(line.entry, max(line.delta, 0), max(-line.delta, 0), 0, line.after)


# --- a good's card


@frozen
class StockLine:
    """One movement of a good, or one count of it: pieces *came* in, *went* out, *counted* (None: no count).

    *other* is the account on the other side: whom it came from, where it went; empty for a count as booked.
    """

    entry: Entry
    other: str
    came: int
    went: int
    counted: int | None
    after: int


@frozen
class StockCard:
    """What happened to *good* on the shelves of *shop*, in pieces."""

    shop: str
    good: str
    opening: int
    lines: tuple[StockLine, ...]
    closing: int


Counted = dict[str, list[tuple[Entry, int]]]
"""The entries that counted a good, each with the pieces that were there, by good."""


def stock_cards(
    books: Reader, shop: str, goods: Iterable[str], *, first: date | None, last: date, since: int = 0
) -> Iterator[StockCard]:
    """The card of each of *goods* in *shop* from *first* (None: the beginning) to *last*.

    Raises UnknownShop, UnknownGood, DaysReversed.
    """
    check_days(first, last)
    shop_of(books, shop)
    counted = _counts(books, shop, first, last, since)
    for good in goods:
        unit = good_of(books, good).unit
        found = statement(books, accounts.stock_account(shop), unit, first=first, last=last, since=since)
        lines = _with_counts(found.opening, found.lines, counted[good])
        yield StockCard(shop, good, found.opening, tuple(lines), found.closing)


def _counts(books: Reader, shop: str, first: date | None, last: date, since: int) -> Counted:
    """What was counted in *shop*; a count as booked moves nothing, so that only the journal knows it."""
    found: Counted = defaultdict(list)
    for seq, leaf in books.leaves(since):
        if _COUNTING in leaf:
            entry = kept_entry(seq, leaf)
            body = entry.body
            is_ours = entry.kind == "stock" and body.get("do") == "count" and body["shop"] == shop
            if is_ours and (first or date.min) <= entry.day <= last:
                for good, pieces, _ in body["counted"]:
                    found[good].append((entry, pieces))
    return found


def _with_counts(opening: int, lines: Iterable[Line], counts: Iterable[tuple[Entry, int]]) -> Iterator[StockLine]:
    """Movements and counts, by day and place; a count that moved pieces is one line with them."""
    pieces = {entry.seq: count for entry, count in counts}
    moved = [(line.entry, line.other, line.delta) for line in lines]
    seqs = {entry.seq for entry, _, _ in moved}
    moved += [(entry, "", 0) for entry, _ in counts if entry.seq not in seqs]
    after = opening
    for entry, other, delta in sorted(moved, key=lambda each: (each[0].day, each[0].seq)):
        after += delta
        yield StockLine(entry, other, max(delta, 0), max(-delta, 0), pieces.get(entry.seq), after)
