"""What runs under strace: threads that act at once, each saying on standard output what it was answered."""

from __future__ import annotations

import os
import sys
import threading

import timebank
from tests.faults.acts import DAY
from timebank.errors import NotEnoughPoints

MORE_THAN_ANYBODY_HAS = 50_000
_BUSY_SECONDS = 60.0


def main(path: str, threads: str, commands: str, synchronous: str) -> None:
    """Every third command of each thread is one that is refused."""
    with timebank.open(path, busy_seconds=_BUSY_SECONDS) as bank:
        writer = bank.journal.store._writing  # type: ignore[attr-defined]
        if synchronous != "shipped":
            writer.execute(f"PRAGMA synchronous = {synchronous}")
        wang = bank.members.by_card("0001")
        ready = threading.Barrier(int(threads))

        def act() -> None:
            ready.wait()
            for number in range(int(commands)):
                if number % 3 == 2:
                    _say(_refused(bank))
                else:
                    posted = bank.services.record(
                        wang, "patrol", minutes=20, day=DAY, by="clerk-3", approved_by="admin"
                    )
                    _say(f"ack {posted.seq} {posted.entry.nonce}")

        everybody = [threading.Thread(target=act) for _ in range(int(threads))]
        for thread in everybody:
            thread.start()
        for thread in everybody:
            thread.join()


def _refused(bank: timebank.Bank) -> str:
    try:
        bank.shops.redeem("yungu-shop", card="0001", goods={"soap": MORE_THAN_ANYBODY_HAS}, by="clerk-3")
    except NotEnoughPoints as error:
        return f"refused {error.code}"
    raise AssertionError


def _say(text: str) -> None:
    os.write(1, f"{text}\n".encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
