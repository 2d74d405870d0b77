"""A small community whose points lapse, for what happens to points on their way: two members, one shop."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from timebank.bank import Bank
from timebank.ledger.codes import POINTS
from timebank.ledger.journal import Posted
from timebank.programme.accounts import member_account

FIRST = date(2024, 1, 1)
GIFTS = """
[gift]
units = ["points", "minutes"]
to = ["relative", "pool"]
relations = ["parent", "child"]
"""


def rulebook(expiry: str = "year-end", *, months: int | None = None, more: str = GIFTS, name: str = "yard") -> str:
    """One point for an occasion of help, one for an hour of company; *more* are further tables."""
    rules = f'[rules]\nexpiry = "{expiry}"\n' + ("" if months is None else f"expiry_months = {months}\n")
    return f"""
name = "{name}"
title.zh = "细则"
title.en = "Rules"
{rules}
[service.help]
zh = "帮助"
en = "Help"
per = "occasion"
points = 1
[service.company]
zh = "陪伴"
en = "Company"
per = "hour"
points = 1
{more}"""


class Yard:
    """It is noon of 1 March 2024 in Shanghai; the rulebook is in force since January. `at` sets another day."""

    def __init__(self, text: str | None = None) -> None:
        self.now = datetime(2024, 3, 1, 4, 0, tzinfo=UTC)
        self.bank = bank = Bank.in_memory(clock=lambda: self.now)
        bank.organisations.add("yard", name="院子", level="community", by="admin")
        for operator, role in (("clerk-1", "clerk"), ("super-1", "supervisor"), ("super-2", "supervisor")):
            bank.organisations.appoint(operator, org="yard", role=role, by="admin")
        bank.rulebooks.adopt(rulebook() if text is None else text, from_day=FIRST, by="admin")
        bank.goods.add("soap", name="肥皂", name_en="soap", by="admin")
        self.shop = bank.shops.open("yard-shop", org="yard", name="院子超市", by="admin")
        bank.shops.set_price(self.shop, "soap", points=1, from_day=FIRST, by="admin")
        bank.shops.receive(
            self.shop, {"soap": 100_000}, donor="huicai", by="clerk-1", approved_by="super-1", day=self.today
        )
        self.li = bank.members.enrol(org="yard", card="0001", by="super-1").id
        self.fang = bank.members.enrol(org="yard", card="0002", by="super-1").id

    @property
    def today(self) -> date:
        return self.bank.today()

    def at(self, day: date) -> None:
        """Let it be noon of *day*."""
        self.now = datetime(day.year, day.month, day.day, 4, 0, tzinfo=UTC)

    def later(self, days: int) -> None:
        self.now += timedelta(days=days)

    def earn(self, points: int, *, member: str | None = None, day: date | None = None, **named: Any) -> Posted:
        """Award *points* for so many occasions of help."""
        named = {"by": "clerk-1", "approved_by": "super-1"} | named
        return self.bank.services.record(
            member or self.li, "help", occasions=points, day=day or self.today, **named
        )

    def spend(self, points: int, *, member: str | None = None, day: date | None = None) -> Posted:
        """Redeem soap for *points*."""
        card = "0002" if member == self.fang else "0001"
        return self.bank.shops.redeem(self.shop, card=card, goods={"soap": points}, day=day, by="clerk-1")

    def reverse(self, seq: int, **named: Any) -> Posted:
        return self.bank.reverse(seq, by="clerk-1", approved_by="super-1", **named)

    def points(self, member: str | None = None) -> int:
        return self.bank.members.balance(member or self.li).points

    def minutes(self, member: str | None = None) -> int:
        return self.bank.members.balance(member or self.li).minutes

    def balance(self, account: str, unit: str = POINTS) -> int:
        with self.bank.journal.reading() as books:
            return books.balance(account, unit)

    def account(self, member: str | None = None) -> str:
        return member_account(member or self.li)

    def trace(self) -> tuple[Any, ...]:
        """What a command that did not happen must leave alone."""
        with self.bank.journal.reading() as books:
            return books.size(), self.bank.trial_balance()
