"""What runs under strace: threads that act at once, each saying on standard output what it was answered."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING

from tests.faults.acts import opened, patrol
from timebank.errors import NotEnoughPoints

if TYPE_CHECKING:
    import timebank

MORE_THAN_ANYBODY_HAS = 50_000
_BUSY_SECONDS = 60.0


def main(path: str, threads: str, commands: str, synchronous: str) -> None:
    """Every third command of each thread is one that is refused."""
    with opened(path, synchronous, busy_seconds=_BUSY_SECONDS) as bank:
        wang = bank.members.by_card("0001")
        ready = threading.Barrier(int(threads))

        def act() -> None:
            ready.wait()
            for number in range(int(commands)):
                if number % 3 == 2:
                    _say(_refused(bank))
                else:
                    posted = patrol(bank, wang, minutes=20)
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
