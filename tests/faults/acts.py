"""What runs under strace: commands on a ledger, each acknowledged on standard output once it was answered."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import timebank
from timebank.bank import utc_now
from timebank.errors import DiskFailed

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

DAY: Final = date(2026, 3, 1)
LEDGER: Final = "bank.timebank"
_MOST_TRIES: Final = 20


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


def opened(path: str, synchronous: str, **how: float) -> timebank.Bank:
    """The ledger at *path*, with PRAGMA *synchronous* unless it is as `shipped`; *how* goes to timebank.open."""
    bank = timebank.open(path, **how)  # type: ignore[arg-type]
    if synchronous != "shipped":
        writer = bank.journal.store._writing  # type: ignore[attr-defined]
        writer.execute(f"PRAGMA synchronous = {synchronous}")
    return bank


def patrol(
    bank: timebank.Bank, member: timebank.Member | str, *, minutes: int = 60, key: str | None = None
) -> timebank.Posted:
    """The service that everybody here records."""
    return bank.services.record(
        member, "patrol", minutes=minutes, day=DAY, by="clerk-3", approved_by="admin", key=key
    )


def main(path: str, commands: str, synchronous: str) -> None:
    """Earn and spend by turns, and say what was answered."""
    with opened(path, synchronous) as bank:
        wang = bank.members.by_card("0001")
        for number in range(int(commands)):
            posted = insisting(bank, wang, number)
            os.write(1, f"ack {posted.seq} {posted.leaf_hash.hex()}\n".encode())


def insisting(bank: timebank.Bank, member: str, number: int) -> timebank.Posted:
    """Do the command *number*; where the disk fails, the same once more with its key, until it is answered."""
    for _ in range(_MOST_TRIES):
        with suppress(DiskFailed):
            if number % 2:
                goods = {"soap": 1}
                return bank.shops.redeem(
                    "yungu-shop", card="0001", goods=goods, by="clerk-3", key=f"turn-{number}"
                )
            return patrol(bank, member, minutes=20, key=f"turn-{number}")
    raise RuntimeError(f"the disk failed {_MOST_TRIES} times at one command")


if __name__ == "__main__":
    main(*sys.argv[1:])
