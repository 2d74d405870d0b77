"""What the other processes of test_processes do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import timebank
from tests.storage.books import NOW
from timebank.errors import TimebankError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from pathlib import Path


def redeem(path: Path, pipe: Connection) -> None:
    """Redeem when told to, and say what came of it."""
    with timebank.open(path, busy_seconds=60, clock=lambda: NOW) as bank:
        pipe.send("ready")
        while card := pipe.recv():
            try:
                pipe.send(bank.shops.redeem("yungu-shop", card=card, goods={"book": 1}, by="clerk-3").seq)
            except TimebankError as error:
                pipe.send(error.code)


def post_for_ever(path: Path, pipe: Connection, in_batch: int) -> None:
    """Post, and acknowledge each entry (or batch of *in_batch* entries) once it is durable; until killed."""
    bank = timebank.open(path, busy_seconds=60, clock=lambda: NOW)
    number = bank.report().entries
    while True:
        if in_batch:
            with bank.batch():
                for _ in range(in_batch):
                    number += 1
                    last = bank.organisations.add(f"o-{number}", name="云", level="street", by="admin")
        else:
            number += 1
            last = bank.organisations.add(f"o-{number}", name="云", level="street", by="admin")
        pipe.send((last.seq, last.leaf))
