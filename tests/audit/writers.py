"""What the processes of test_while_writing do: awards and redemptions, until they are told to stop."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import timebank

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from pathlib import Path

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
DAY = date(2026, 3, 1)
FEW = 20


def found_town(path: Path, members: int) -> None:
    """A shop with more soap than anybody can carry, and members with cards 0, 1, ..."""
    with timebank.create(path, origin="busy.example/timebank", clock=lambda: NOW) as bank, bank.batch():
        bank.organisations.add("yungu", name="云谷", level="community", by="admin")
        bank.organisations.appoint("clerk-1", org="yungu", role="clerk", by="admin")
        bank.rulebooks.adopt(timebank.shipped_rulebook(), from_day=DAY, by="admin")
        for number in range(members):
            bank.members.enrol(org="yungu", card=str(number), by="admin")
        bank.goods.add("soap", name="皂", name_en="Soap", by="admin")
        bank.shops.open("shop", org="yungu", name="店", by="admin")
        bank.shops.set_price("shop", "soap", points=1, from_day=DAY, by="admin")
        bank.shops.receive("shop", {"soap": 100_000}, donor="a", by="clerk-1", approved_by="admin")


def write(path: Path, pipe: Connection, number: int) -> None:
    """Write one by one and in small batches, and say in the end how many entries they were."""
    written = 0
    with timebank.open(path, busy_seconds=60, clock=lambda: NOW) as bank:
        member = bank.members.by_card(str(number))
        while not pipe.poll():
            bank.services.record(member, "honour", occasions=1, day=DAY, by="clerk-1", approved_by="admin")
            with bank.batch():
                for _ in range(FEW):
                    bank.shops.redeem("shop", card=str(number), goods={"soap": 1}, by="clerk-1")
            written += 1 + FEW
            if written == 1 + FEW:
                pipe.send("writing")
    pipe.recv()
    pipe.send(written)
