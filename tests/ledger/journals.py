"""Journals for tests: a clock that is set by hand, and short ways to post."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from timebank.ledger.entries import Draft
from timebank.ledger.journal import Journal
from timebank.ledger.transfers import Transfer
from timebank.storage.memory import MemoryStore

if TYPE_CHECKING:
    from timebank.ledger.journal import Posted
    from timebank.ledger.store import Store

START = datetime(2026, 2, 8, 4, 0, tzinfo=UTC)
DAY = date(2026, 2, 8)
AWARDED, SHOP = "X:AWARDED:O", "L:S:SHOP"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **units: float) -> None:
        self.now += timedelta(**units)


def founded(store: Store | None = None, *, clock: Clock | None = None, zone: str = "Asia/Shanghai") -> Journal:
    """A journal with its genesis entry."""
    journal = Journal(store or MemoryStore(), clock or Clock())
    journal.found(origin="test.example/ledger", zone=zone, by="admin")
    return journal


def member(number: int = 0) -> str:
    return f"L:M:{number:04}"


def award(number: int, points: int, unit: str = "PTS") -> Transfer:
    return Transfer(AWARDED, member(number), unit, points)


def draft(*moves: Transfer, kind: str = "award", day: date = DAY, by: str = "clerk", **more: Any) -> Draft:
    return Draft(kind=kind, day=day, by=by, moves=moves, **more)


def post(journal: Journal, fact: Draft, **more: Any) -> Posted:
    with journal.writing() as write:
        return write.append(fact, **more)


def balance(journal: Journal, account: str, unit: str = "PTS") -> int:
    with journal.reading() as books:
        return books.balance(account, unit)
