"""Settlements (结算): a shop is paid for the points that it took in, on one sheet with two signatures."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from attrs import frozen

from timebank.errors import NoRulebook, NothingToSettle, SettledAlready, SettlementTooEarly, UnknownSettlement
from timebank.ledger.codes import POINTS
from timebank.ledger.entries import END_OF_DAYS, Draft, check_day, kept_entry
from timebank.ledger.statements import newest_first
from timebank.ledger.store import Table
from timebank.ledger.transfers import Transfer
from timebank.programme.accounts import SETTLED, given_account, settled_account, takings_account
from timebank.programme.goods import GOODS
from timebank.programme.placements import organisation_on
from timebank.programme.roles import check_allowed, check_operators
from timebank.programme.rulebook import rulebook_on
from timebank.programme.rulebook_terms import Rules
from timebank.programme.shops import SHOPS, Shop, ShopDesk, shop_id, shop_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from timebank.ledger.entries import Entry
    from timebank.ledger.journal import Posted
    from timebank.ledger.store import Reader, Writer

SETTLEMENT: Final = "settlement"
_DAY: Final = timedelta(days=1)


@frozen
class Settlement:
    """What *shop* was paid for the days from *first* to *last*, in whole points.

    *taken* and *returned* are of those days; *late* is what was recorded late for days before *first*, less what
    was given back after *last*; *paid* is all of it: taken − returned + late.
    """

    shop: str
    last: str
    seq: int
    first: str
    taken: int
    returned: int
    late: int
    paid: int


SETTLEMENTS: Final = Table(SETTLEMENT, Settlement, ("shop", "last"))


@frozen
class Due:
    """What *shop* would be paid for the days from *first* to *last*: whole points, and what they cost in fen."""

    shop: str
    org: str
    first: date
    last: date
    taken: int
    returned: int
    late: int
    points: int
    fen: int


@frozen
class SettlementSheet:
    """The sheet that the shop and the organisation sign: the settlement of entry *seq*.

    *goods* are the pieces that the shop handed out on the days from *first* to *last*, as known then, less what
    came back; *taken_back_by* is the entry that took the settlement back, if one did.
    """

    seq: int
    shop: str
    shop_name: str
    org: str
    first: date
    last: date
    taken: int
    returned: int
    late: int
    paid: int
    fen_per_point: int
    goods: tuple[tuple[str, int], ...]
    by: str
    approved_by: str
    taken_back_by: int | None

    @property
    def fen(self) -> int:
        """What is to be paid, in fen."""
        return self.paid * self.fen_per_point


def last_settlement(books: Reader, shop: str) -> Settlement | None:
    """The newest settlement of *shop* that was not taken back."""
    upto = END_OF_DAYS
    while (found := books.latest(SETTLEMENTS, shop, upto=upto)) is not None:
        if books.resolver_of(found.seq) is None:
            return found
        upto = (date.fromisoformat(found.last) - _DAY).isoformat()
    return None


def fen_per_point(books: Reader, day: date) -> int:
    """What one point costs by the rulebook of *day*, in fen; where none was in force, by a rulebook's default."""
    try:
        return rulebook_on(books, day)[1].rules.point_value_fen
    except NoRulebook:
        return Rules().point_value_fen


def due_on(books: Reader, shop: str, last: date, size_before: Callable[[date | None], int]) -> Due:
    """What *shop* is owed for the days up to *last*, since its last settlement; 0 points or less: nothing.

    What was paid before is not in the balance, and what is recorded later is in a later balance: so nothing is
    paid twice, and nothing left out. *size_before* is the journal's. Raises SettledAlready.
    """
    before = last_settlement(books, shop)
    if before is not None and last.isoformat() <= before.last:
        raise SettledAlready(shop, last.isoformat(), before.last)
    account = takings_account(shop)
    start = None if before is None else date.fromisoformat(before.last) + _DAY
    postings = newest_first(books, account, POINTS, since=size_before(start))
    moved = [each for each in postings if each.day <= last and not each.other.startswith(SETTLED)]
    first = start or min((each.day for each in moved), default=last)
    deltas = [each.delta for each in moved if first <= each.day]
    taken, returned = sum(max(delta, 0) for delta in deltas), sum(max(-delta, 0) for delta in deltas)
    points = min(books.balance_on(account, POINTS, last), books.balance(account, POINTS))
    return Due(
        shop=shop,
        org=organisation_on(books, "shop", shop, last),
        first=first,
        last=last,
        taken=taken,
        returned=returned,
        late=points - (taken - returned),
        points=points,
        fen=points * fen_per_point(books, last),
    )


@frozen
class Settlements(ShopDesk):
    """The desk for settlements."""

    def settle(self, shop: Shop | str, *, last: date, by: str, approved_by: str, key: str | None = None) -> Posted:
        """Pay *shop* for all that it took in up to the day *last*, which is over, and was not paid for yet.

        Raises SettlementTooEarly, SettledAlready, NothingToSettle, and PeriodClosed if *last* is.
        """
        place = shop_id(shop)
        check_day("last", last)
        check_operators(by, approved_by)
        request = (SETTLEMENT, place, last.isoformat(), by, approved_by)
        with self._journal.writing() as write:
            check_over(last, write.today())
            if done := write.already(key, request):
                return done
            shop_of(write.books, place)
            check_allowed(write.books, "settle", by, approved_by, day=last)
            due = due_on(write.books, place, last, self._journal.size_before)
            if due.points <= 0:
                raise NothingToSettle(place, last.isoformat())
            body = {
                "shop": place,
                "org": due.org,
                "first": due.first.isoformat(),
                "last": last.isoformat(),
                "taken": due.taken,
                "returned": due.returned,
                "paid": due.points,
            }
            moves = (Transfer(takings_account(place), settled_account(due.org), POINTS, due.points),)
            draft = Draft(kind=SETTLEMENT, day=last, by=by, ok=approved_by, body=body, moves=moves)
            return write.append(draft, key=key, request=request)

    def sheet(self, seq: int) -> SettlementSheet:
        """The sheet of the settlement of entry *seq*, as it was then; raises UnknownSettlement."""
        with self._journal.reading() as books:
            entry = _settlement_of(books, seq)
            body = entry.body
            first, last = date.fromisoformat(body["first"]), date.fromisoformat(body["last"])
            return SettlementSheet(
                seq=seq,
                shop=body["shop"],
                shop_name=shop_of(books, body["shop"]).name,
                org=body["org"],
                first=first,
                last=last,
                taken=body["taken"],
                returned=body["returned"],
                late=late_of(entry),
                paid=body["paid"],
                fen_per_point=fen_per_point(books, last),
                goods=given_out(books, body["shop"], first, last, before=seq),
                by=entry.by,
                approved_by=str(entry.ok),
                taken_back_by=books.resolver_of(seq),
            )

    def all(self, shop: Shop | str | None = None) -> tuple[Settlement, ...]:
        """All settlements, or those of *shop*, by shop and day; without those that were taken back."""
        prefix = () if shop is None else (shop_id(shop),)
        with self._journal.reading() as books:
            for name in prefix:
                shop_of(books, name)
            return tuple(row for row in books.rows(SETTLEMENTS, *prefix) if books.resolver_of(row.seq) is None)

    def due(self, last: date) -> tuple[Due, ...]:
        """What every shop that is owed something for the days up to *last* would be paid. SettlementTooEarly."""
        check_day("last", last)
        check_over(last, self._journal.today())
        text = last.isoformat()
        with self._journal.reading() as books:
            found = []
            for shop in books.rows(SHOPS):
                before = last_settlement(books, shop.id)
                if before is None or before.last < text:
                    found.append(due_on(books, shop.id, last, self._journal.size_before))
        return tuple(due for due in found if due.points > 0)


def check_over(last: date, today: date) -> None:
    """Raise SettlementTooEarly unless *last* is over."""
    if last >= today:
        raise SettlementTooEarly(last.isoformat(), today.isoformat())


def given_out(books: Reader, shop: str, first: date, last: date, *, before: int) -> tuple[tuple[str, int], ...]:
    """Pieces of each good that *shop* handed out on these days, less what came back; before entry *before*."""
    pieces: Counter[str] = Counter()
    for good in books.rows(GOODS):
        for posting in newest_first(books, given_account(shop), good.unit, before=before):
            if first <= posting.day <= last:
                pieces[good.id] += posting.delta
    return tuple((good, count) for good, count in sorted(pieces.items()) if count)


def _settlement_of(books: Reader, seq: int) -> Entry:
    """The settlement at *seq*; raises UnknownSettlement."""
    if type(seq) is not int or not 0 <= seq < books.size():
        raise UnknownSettlement(str(seq)[:40])
    entry = kept_entry(seq, books.leaf(seq))
    if entry.kind != SETTLEMENT:
        raise UnknownSettlement(str(seq))
    return entry


def late_of(settlement: Entry) -> int:
    """Points of a settlement that belong to other days than its own; below zero: given back after its last day."""
    body = settlement.body
    return int(body["paid"] - (body["taken"] - body["returned"]))


def project_settlement(entry: Entry, books: Writer) -> None:
    """Keep what the shop was paid."""
    body = entry.body
    row = Settlement(
        shop=body["shop"],
        last=body["last"],
        seq=entry.seq,
        first=body["first"],
        taken=body["taken"],
        returned=body["returned"],
        late=late_of(entry),
        paid=body["paid"],
    )
    books.put(SETTLEMENTS, row)
