"""The report: what a programme has done, in numbers, and the trial balance with its zero."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from timebank.ledger.codes import MINUTES, POINTS, debit_sign
from timebank.programme import accounts
from timebank.programme.members import CARDS, MEMBERS
from timebank.programme.organisations import ORGANISATIONS
from timebank.programme.shops import SHOPS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from timebank.ledger.store import AccountBalance, Reader


@frozen
class Report:
    """A programme in numbers; reversed entries do not count.

    Minutes are whole minutes of service; points are whole points: awarded to members by the programme, taken in
    by shops (redeemed), of that paid to them (settled), deducted, lapsed (expired), and still in members' hands
    (outstanding).
    """

    organisations: int
    members: int
    cards_issued: int
    shops: int
    service_minutes: int
    points_awarded: int
    redemptions: int
    points_redeemed: int
    points_settled: int
    points_deducted: int
    points_expired: int
    points_outstanding: int
    entries: int


def report(books: Reader) -> Report:
    """The report of everything in the journal so far."""
    now = books.sums()
    return Report(
        organisations=books.count(ORGANISATIONS),
        members=books.count(MEMBERS),
        cards_issued=books.count(CARDS),
        shops=books.count(SHOPS),
        service_minutes=now[accounts.SERVICE, MINUTES],
        points_awarded=now[accounts.AWARDED, POINTS],
        redemptions=books.tally("redemption") - books.resolved("redemption"),
        points_redeemed=now[accounts.SHOPS_TAKINGS, POINTS] + now[accounts.SETTLED, POINTS],
        points_settled=now[accounts.SETTLED, POINTS],
        points_deducted=now[accounts.DEDUCTED, POINTS],
        points_expired=now[accounts.EXPIRED, POINTS],
        points_outstanding=now[accounts.MEMBERS, POINTS] + now[accounts.HELD, POINTS],
        entries=books.size(),
    )


def unit_sums(lines: Iterable[AccountBalance]) -> dict[str, int]:
    """Debits less credits of each unit over all accounts: zero, each of them, or the book is wrong."""
    sums: dict[str, int] = {}
    for line in lines:
        sums[line.unit] = sums.get(line.unit, 0) + debit_sign(line.account) * line.amount
    return sums
