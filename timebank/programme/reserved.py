"""What is reserved, and what has to end before anything new begins: reservations whose time is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import define, evolve, field, frozen

from timebank.errors import NotEnoughStock
from timebank.ledger.codes import POINTS
from timebank.ledger.entries import kept_entry
from timebank.ledger.resolution import POST, void
from timebank.ledger.statements import newest_first
from timebank.ledger.store import Table
from timebank.programme.accounts import held_account, member_account, reserved_account, stock_account
from timebank.programme.expiry import can_have_lapsed, expiry_of, lapse, spendable
from timebank.programme.flows import flows_of
from timebank.programme.lots import due

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from timebank.ledger.entries import Draft, Entry
    from timebank.ledger.journal import Write
    from timebank.ledger.store import Reader, Writer

STATES: Final = ("held", "collected", "released")
_AFTER_ALL_SHOPS: Final = "~"


@frozen
class Reservation:
    """Goods of *shop* that are set aside for *card* of *member* through *until*, and what became of them."""

    seq: int
    shop: str
    member: str
    card: str
    until: str
    state: str


RESERVATIONS: Final = Table("reservation", Reservation, ("shop", "seq"))


def overdue(books: Reader, shop: str, member: str, today: date) -> tuple[Entry, ...]:
    """The reservations in *shop*, and those of *member* in any, whose last day is before *today*."""
    if books.latest(RESERVATIONS, upto=_AFTER_ALL_SHOPS) is None:
        return ()
    text = today.isoformat()
    rows = (row for row in books.rows(RESERVATIONS, shop) if row.state == "held" and row.until < text)
    found = {row.seq: kept_entry(row.seq, books.leaf(row.seq)) for row in rows}
    account = held_account(member)
    held = books.balance(account, POINTS)
    if held:
        for posting in newest_first(books, account, POINTS):
            if posting.delta > 0 and books.resolver_of(posting.seq) is None:
                held -= posting.delta
                hold = kept_entry(posting.seq, books.leaf(posting.seq))
                if hold.body.get("until", text) < text:
                    found[hold.seq] = hold
            if not held:
                break
    return tuple(found[seq] for seq in sorted(found))


def release(hold: Entry, *, day: date, by: str, why: str) -> Draft:
    """What gives back all that the reservation *hold* set aside."""
    return evolve(void(hold, day=day, by=by), body={"shop": hold.body["shop"], "why": why})


@define
class Sweep:
    """What is posted first when points are spent in a shop: overdue reservations end, and lapsed points go.

    It is looked at before anything is written: a command that is refused after it wrote would take other
    commands back with it.
    """

    overdue: tuple[Entry, ...]
    today: date
    _lapsing: set[str] = field(factory=set, init=False)
    """Members of whose points some have lapsed, among those that were looked at."""

    @property
    def ended(self) -> frozenset[int]:
        """The reservations that end."""
        return frozenset(hold.seq for hold in self.overdue)

    def points(self, books: Reader, member: str) -> int:
        """The points that *member* can spend once all is swept."""
        account = held_account(member)
        back = [(hold.day, move.amount) for hold in self.overdue for move in hold.moves if move.credit == account]
        held = books.balance(member_account(member), POINTS) + sum(points for _, points in back)
        if not back:
            left = spendable(books, member, self.today)
        elif can_have_lapsed(books, self.today):
            flows = flows_of(books, member)
            for day, points in back:
                flows.went[day] -= points
            left = held - sum(each.points for each in due(flows, expiry_of(books), before=self.today))
        else:
            left = held
        if left < held:
            self._lapsing.add(member)
        return left

    def check_stock(self, books: Reader, shop: str, goods: Iterable[tuple[str, int]]) -> None:
        """Raise NotEnoughStock unless *shop* has these pieces of *goods* on its shelves once all is swept."""
        shelf, aside = stock_account(shop), reserved_account(shop)
        back = [move for hold in self.overdue for move in hold.moves if move.debit == aside]
        for good, pieces in goods:
            unit = good.upper()
            available = books.balance(shelf, unit) + sum(move.amount for move in back if move.unit == unit)
            if available < pieces:
                raise NotEnoughStock(shop, good, available, pieces)

    def post(self, write: Write, by: str) -> None:
        """Post what is due: of those whose points were looked at, what has lapsed."""
        for hold in self.overdue:
            write.append(release(hold, day=self.today, by=by, why="expired"))
        for member in sorted(self._lapsing):
            lapse(write, member, by)


def project_hold(entry: Entry, books: Writer) -> None:
    """Keep the reservation; a hold that names no shop is none."""
    body = entry.body
    if "shop" in body:
        member = entry.moves[0].debit.rpartition(":")[2]
        books.put(RESERVATIONS, Reservation(entry.seq, body["shop"], member, body["card"], body["until"], "held"))


def project_end(entry: Entry, books: Writer) -> None:
    """Keep how a reservation ended: collected or released."""
    hold = books.get(RESERVATIONS, entry.body.get("shop"), entry.ref)
    if hold is not None:
        books.put(RESERVATIONS, evolve(hold, state="collected" if entry.kind == POST else "released"))
