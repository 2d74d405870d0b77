"""The work W(n): 60 % awards of 1 to 50 points, 40 % redemptions within the balance, seeded.

One organisation, 20 shops with five goods each, 1,000 members (n / 20 for large n). A redemption takes pieces of
one good, so it has a points leg and a goods leg. Days go forward through the year that ends today. Every member
begins with 5,000 points and every shelf with two million pieces, so that no command of W(n) is refused.
"""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from shutil import copyfile
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

import timebank
from tests.benchmarks.raw import Raw
from timebank.bank import utc_now
from timebank.ledger.codes import MINUTES, POINTS
from timebank.ledger.entries import Draft
from timebank.ledger.transfers import Transfer
from timebank.programme import accounts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from tests.benchmarks.raw import Command, Move
    from timebank import Bank, Posted

SEED: Final = 20_261_123
DAYS: Final = 365
MOST_POINTS: Final = 50
PRICES: Final = {"soap": 1, "salt": 2, "towel": 3, "oil-1l": 5, "rice-1kg": 8}
GOODS: Final = tuple(PRICES)
ORG, CLERK, LEAD, DONOR = "yungu", "clerk-1", "lead-1", "huicai"
_DELIVERY: Final = 1_000_000
_DELIVERIES: Final = 2
_HONOURS: Final = 100
_FUNDS: Final = _HONOURS * 50
_CHUNK: Final = 10_000


@frozen
class Award:
    """*points* for the member with this number."""

    member: int
    points: int
    day: date


@frozen
class Redemption:
    """*pieces* of a good for the points of a member, all three by their numbers."""

    member: int
    shop: int
    good: int
    pieces: int
    day: date

    @property
    def points(self) -> int:
        """What it costs."""
        return self.pieces * PRICES[GOODS[self.good]]


Act = Award | Redemption


def acts(
    count: int, *, members: int, shops: int, awards: float = 0.6, seed: int = SEED, hot: bool = False
) -> list[Act]:
    """W(*count*) over the year that ends today."""
    start = date.today() - timedelta(DAYS - 1)  # noqa: DTZ011 - wherever that is
    crowd = {"members": members, "shops": shops}
    return list(each_act(count, **crowd, first=start, days=DAYS - 2, awards=awards, seed=seed, hot=hot))


def each_act(
    count: int,
    *,
    members: int,
    shops: int,
    first: date,
    days: int,
    awards: float = 0.6,
    seed: int = SEED,
    hot: bool = False,
) -> Iterator[Act]:
    """W(*count*) over *days* from *first* on, one by one; *awards* is their share.

    *hot* gives all of it to one member and one shop.
    """
    rng = random.Random(seed)
    held = [_FUNDS] * members
    for number in range(count):
        day = first + timedelta(number * days // count)
        member, shop = (0, 0) if hot else (rng.randrange(members), rng.randrange(shops))
        if rng.random() < awards:
            act: Act = Award(member, rng.randint(1, MOST_POINTS), day)
            held[member] += act.points
        else:
            if not held[member]:
                member = max(range(members), key=held.__getitem__)
            good = rng.choice([place for place, price in enumerate(PRICES.values()) if price <= held[member]])
            most = min(held[member], MOST_POINTS) // PRICES[GOODS[good]]
            act = Redemption(member, shop, good, rng.randint(1, most), day)
            held[member] -= act.points
        yield act


@frozen
class Town:
    """A prepared ledger file at *path*: who is there, by number, and what raw calls their accounts."""

    path: Path
    shops: tuple[str, ...]
    members: tuple[str, ...]
    cards: tuple[str, ...]
    places: dict[tuple[str, str], int] = field(factory=dict)

    def place(self, account: str, unit: str) -> int:
        """Raw's number for an account."""
        return self.places.setdefault((account, unit), len(self.places))

    @classmethod
    def found(
        cls,
        path: Path,
        *,
        members: int,
        shops: int,
        start: date | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> Town:
        """Make the file: members with 5,000 points each, shops with full shelves and prices.

        All that belongs to *start* (None: a year before today).
        """
        origin = "bench.example/timebank"
        with timebank.create(path, origin=origin, zone="UTC", clock=clock) as bank, bank.batch():
            bank.journal.entropy = random.Random(SEED).randbytes
            start = start or date.today() - timedelta(DAYS)  # noqa: DTZ011 - as above
            names = _organise(bank, start, shops)
            cards = tuple(f"{number:06}" for number in range(members))
            people = tuple(bank.members.enrol(org=ORG, card=card, by="admin").id for card in cards)
            for member in people:
                bank.services.record(member, "honour", day=start, occasions=_HONOURS, by=CLERK, approved_by=LEAD)
        return cls(path, names, people, cards)

    def at(self, path: Path) -> Town:
        """The same town in the file *path*."""
        return Town(path, self.shops, self.members, self.cards, self.places)

    def acts(self, count: int, *, awards: float = 0.6, seed: int = SEED, hot: bool = False) -> list[Act]:
        """W(*count*) for this town."""
        return acts(count, members=len(self.members), shops=len(self.shops), awards=awards, seed=seed, hot=hot)

    # --- the work through timebank

    def do(self, bank: Bank, act: Act, key: str | None = None) -> Posted:
        """One command through the public API, with every check; an award is by occasions: one transfer."""
        if isinstance(act, Award):
            return bank.services.record(
                self.members[act.member],
                "household-fair",
                day=act.day,
                occasions=act.points,
                by=CLERK,
                approved_by=LEAD,
                key=key,
            )
        goods = {GOODS[act.good]: act.pieces}
        shop, card = self.shops[act.shop], self.cards[act.member]
        return bank.shops.redeem(shop, card=card, goods=goods, day=act.day, by=CLERK, key=key)

    def do_by_the_hour(self, bank: Bank, act: Award) -> Posted:
        """The same award for hours: points and minutes, two transfers."""
        return bank.services.record(
            self.members[act.member],
            "elder-visit",
            day=act.day,
            minutes=20 * act.points,
            by=CLERK,
            approved_by=LEAD,
        )

    def do_all(self, bank: Bank, work: Sequence[Act]) -> None:
        """All of *work* in batches of 10,000 commands, with every check."""
        for first in range(0, len(work), _CHUNK):
            with bank.batch():
                for act in work[first : first + _CHUNK]:
                    self.do(bank, act)

    def append_all(self, bank: Bank, work: Sequence[Act]) -> None:
        """All of *work* in one transaction, as entries of the ledger: no rule of the programme is asked."""
        codes = [accounts.member_account(member) for member in self.members]
        with bank.journal.batch(), bank.journal.writing() as write:
            for act in work:
                write.append(self._draft(act, codes[act.member]))

    def _draft(self, act: Act, member: str) -> Draft:
        moves = tuple(Transfer(*move) for move in self._moves(act, member))
        if isinstance(act, Award):
            body = {"service": "household-fair", "occasions": act.points}
            return Draft(kind="award", day=act.day, by=CLERK, ok=LEAD, body=body, moves=moves)
        good = GOODS[act.good]
        goods = [[good, act.pieces, PRICES[good]]]
        body = {"shop": self.shops[act.shop], "card": self.cards[act.member], "goods": goods}
        return Draft(kind="redemption", day=act.day, by=CLERK, body=body, moves=moves)

    def _moves(self, act: Act, member: str) -> Iterator[tuple[str, str, str, int]]:
        if isinstance(act, Award):
            yield accounts.awarded_account(ORG), member, POINTS, act.points
        else:
            shop = self.shops[act.shop]
            yield member, accounts.takings_account(shop), POINTS, act.points
            unit = GOODS[act.good].upper()
            yield accounts.given_account(shop), accounts.stock_account(shop), unit, act.pieces

    # --- the same work for raw

    def raw(self, path: Path) -> Raw:
        """A raw file at *path* that begins where the town does: with the transfers that founded it."""
        founding = self.founding()
        raw = Raw(path, len(self.places))
        raw.bulk([founding])
        return raw

    def founding(self) -> list[Move]:
        """The transfers that founded the town: points for each member, goods for each shelf."""
        day = 20_250_101
        member = [self.place(accounts.member_account(each), POINTS) for each in self.members]
        awarded = self.place(accounts.awarded_account(ORG), POINTS)
        founding = [(day, awarded, each, _FUNDS) for each in member]
        for shop in self.shops:
            for unit in (good.upper() for good in GOODS):
                shelf = self.place(accounts.stock_account(shop), unit)
                donated = self.place(accounts.donated_account(DONOR), unit)
                founding += [(day, shelf, donated, _DELIVERY)] * _DELIVERIES
        return founding

    def raw_command(self, act: Act, *, by_the_hour: bool = False) -> Command:
        """The transfers of *act* with numbers for accounts and days."""
        member = accounts.member_account(self.members[act.member])
        moves = list(self._moves(act, member))
        if by_the_hour:
            moves.append((accounts.service_account(ORG), member, MINUTES, 20 * act.points))
        day = act.day.year * 10_000 + act.day.month * 100 + act.day.day
        return tuple(
            (day, self.place(debit, unit), self.place(credit, unit), amount)
            for debit, credit, unit, amount in moves
        )

    def raw_commands(self, work: Sequence[Act]) -> list[Command]:
        """The same for all of *work*; done before the clock runs."""
        return [self.raw_command(act) for act in work]


def _organise(bank: Bank, start: date, shops: int) -> tuple[str, ...]:
    bank.organisations.add(ORG, name="云谷村", level="community", by="admin")
    bank.organisations.appoint(CLERK, org=ORG, role="clerk", by="admin")
    bank.organisations.appoint(LEAD, org=ORG, role="supervisor", by="admin")
    bank.rulebooks.adopt(timebank.shipped_rulebook(), from_day=start, by="admin")
    for good in GOODS:
        bank.goods.add(good, name=good, name_en=good, by="admin")
    names = tuple(f"shop-{number:02}" for number in range(shops))
    for shop in names:
        bank.shops.open(shop, org=ORG, name=shop, by="admin")
        for good, points in PRICES.items():
            bank.shops.set_price(shop, good, points=points, from_day=start, by=LEAD)
        for _ in range(_DELIVERIES):
            shelf = dict.fromkeys(GOODS, _DELIVERY)
            bank.shops.receive(shop, shelf, donor=DONOR, day=start, by=CLERK, approved_by=LEAD)
    return names


def copy_of(town: Town, path: Path) -> Town:
    """A copy of the town's closed file at *path*, in place of any that was there, and of its key."""
    for ending in ("", "-wal", "-shm", ".key", ".signed"):
        Path(f"{path}{ending}").unlink(missing_ok=True)
    with closing(sqlite3.connect(town.path)) as source, closing(sqlite3.connect(path)) as target:
        source.backup(target)
    key = Path(f"{town.path}.key")
    if key.exists():
        copyfile(key, f"{path}.key")
    return town.at(path)
