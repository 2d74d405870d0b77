"""What runs under strace: commands on a ledger, each acknowledged on standard output once it was answered."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import timebank
from timebank.bank import utc_now
from timebank.errors import DiskFailed

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

DAY = date(2026, 3, 1)


def found(path: Path, *, clock: Callable[[], datetime] = utc_now) -> None:
    """A ledger with a shop full of soap and a member with a card."""
    with timebank.create(path, origin="cut.example/timebank", clock=clock) as bank:
        bank.organisations.add("yungu", name="云谷", level="community", by="admin")
        bank.organisations.appoint("clerk-3", org="yungu", role="clerk", by="admin")
        bank.rulebooks.adopt(timebank.shipped_rulebook(), from_day=date(2026, 1, 1), by="admin")
        bank.members.enrol(org="yungu", card="0001", by="admin")
        bank.goods.add("soap", name="肥皂", name_en="Soap", by="admin")
        bank.shops.open("yungu-shop", org="yungu", name="云谷店", by="admin")
        bank.shops.set_price("yungu-shop", "soap", points=1, from_day=date(2026, 1, 1), by="admin")
        bank.shops.receive("yungu-shop", {"soap": 100_000}, donor="huicai", by="clerk-3", approved_by="admin")


def main(path: str, commands: str, synchronous: str) -> None:
    """Earn and spend by turns, and say what was answered."""
    with timebank.open(path) as bank:
        writer = bank.journal.store._writing  # type: ignore[attr-defined]
        if synchronous != "shipped":
            writer.execute(f"PRAGMA synchronous = {synchronous}")
        wang = bank.members.by_card("0001")
        for number in range(int(commands)):
            posted = insisting(bank, wang, number)
            os.write(1, f"ack {posted.seq} {posted.leaf_hash.hex()}\n".encode())


def insisting(bank: timebank.Bank, member: str, number: int) -> timebank.Posted:
    """Do the command *number*; where the disk fails, the same once more with its key, until it is answered."""
    while True:
        with suppress(DiskFailed):
            if number % 2:
                goods = {"soap": 1}
                return bank.shops.redeem(
                    "yungu-shop", card="0001", goods=goods, by="clerk-3", key=f"turn-{number}"
                )
            people = {"by": "clerk-3", "approved_by": "admin", "key": f"turn-{number}"}
            return bank.services.record(member, "patrol", minutes=20, day=DAY, **people)


if __name__ == "__main__":
    main(*sys.argv[1:])
