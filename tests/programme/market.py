"""A village with two shops, a caring merchant and a household: where goods go out, come back and are settled."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import Village

if TYPE_CHECKING:
    from collections.abc import Generator

    from timebank.errors import TimebankError
    from timebank.ledger.journal import Posted
    from timebank.programme.members import Member

DAY = timedelta(days=1)
TODAY = Village.TODAY
TWO: dict[str, Any] = {"by": "clerk-1", "approved_by": "supervisor-1"}
TAKINGS, SHELF, ASIDE = "L:S:YUNGU-SHOP", "A:S:YUNGU-SHOP", "A:H:YUNGU-SHOP"


class Market(Village):
    """Wang has 50 points and card 0001. Rice costs 10 points, soap 3; the shop has 4 and 9 of them.

    `east` is a second shop without goods, `noodles` a merchant who gives noodles for 5 points. The household has
    card H1, and nothing; its members are Li (card 0002, 20 points) and Zhao (card 0003, 10 points), paying in
    that order.
    """

    def __init__(self) -> None:
        super().__init__()
        bank = self.bank
        self.east = bank.shops.open("east", org="yungu", name="东区超市", by="admin")
        self.noodles = bank.shops.open("noodle-bar", org="yungu", name="面馆", kind="merchant", by="admin")
        bank.goods.add("noodles", name="面", name_en="noodles", by="admin")
        bank.shops.set_price(self.noodles, "noodles", points=5, from_day=self.RULES_FROM, by="admin")
        for good, points in (("rice", 10), ("soap", 3)):
            bank.shops.set_price(self.east, good, points=points, from_day=self.RULES_FROM, by="admin")
        self.household = bank.members.enrol(org="yungu", kind="household", card="H1", by="admin")
        self.li = self.member("0002", 20)
        self.zhao = self.member("0003", 10)
        bank.members.set_household(self.household, [self.li, self.zhao], from_day=self.RULES_FROM, by="admin")

    def member(self, card: str, points: int) -> Member:
        """Somebody with this card and so many points (a multiple of ten)."""
        member = self.bank.members.enrol(org="yungu", card=card, by="admin")
        self.give(member, points)
        return member

    def give(self, member: Member, points: int, *, day: date = date(2026, 2, 8)) -> Posted:
        return self.record("mediation", member=member, occasions=points // 10, day=day)

    def at(self, day: date) -> None:
        """Let it be noon of *day* in Shanghai."""
        self.now = datetime(day.year, day.month, day.day, 4, tzinfo=self.now.tzinfo)

    def reserve(self, *, card: str = "0001", until: date = TODAY, shop: Any = None, **goods: int) -> Posted:
        return self.bank.reservations.reserve(shop or self.shop, card=card, goods=goods, until=until, by="clerk-1")

    def give_back(self, seq: int, *, day: date | None = None, key: str | None = None, **goods: int) -> Posted:
        return self.bank.shops.return_goods(seq, goods, day=day, key=key, **TWO)

    def settle(self, last: date, shop: Any = None) -> Posted:
        return self.bank.settlements.settle(shop or self.shop, last=last, **TWO)

    def balances(self) -> dict[tuple[str, str], int]:
        """Every account that holds something."""
        return {(line.account, line.unit): line.amount for line in self.bank.trial_balance() if line.amount}

    def of(self, account: str, unit: str = "PTS") -> int:
        return self.balances().get((account, unit), 0)

    def points_of(self, member: Member) -> int:
        return self.bank.members.balance(member).points

    @contextmanager
    def refused(self, error: type[TimebankError], **facts: object) -> Generator[None]:
        """What is refused with *error* and these facts, and leaves no trace."""
        before = self.trace()
        with pytest.raises(error) as caught:
            yield
        assert self.trace() == before
        told = caught.value.facts()
        assert {name: told[name] for name in facts} == facts


def moves_of(posted: Posted) -> list[tuple[str, str, str, int]]:
    return [(move.debit, move.credit, move.unit, move.amount) for move in posted.entry.moves]
