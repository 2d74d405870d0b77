"""Shared by the tests of the stores: a whole ledger to look at, all that can be read from it, and raw files."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import timebank
from timebank.programme.kinds import TABLES
from timebank.tlog.merkle import leaf_hash

if TYPE_CHECKING:
    from pathlib import Path

    from timebank.bank import Bank
    from timebank.ledger.store import Reader, Store, Writer

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
DAY = date(2026, 3, 1)
ORIGIN = "yungu.example/timebank"


def add(books: Writer, count: int, *, kind: str = "award", key: str | None = None) -> None:
    """Append *count* leaves of a few bytes, without projections."""
    for _ in range(count):
        seq = books.size()
        leaf = b'{"n":%d}' % seq
        books.add_leaf(seq, leaf, leaf_hash(leaf), kind=kind, key=key)


def posted(books: Writer, *moves: Any, day: date = DAY, kind: str = "award", resolves: int | None = None) -> int:
    """Append one entry and project it."""
    seq = books.size()
    add(books, 1, kind=kind)
    books.project(seq, day, moves, resolves)
    return seq


def everything(books: Reader) -> dict[str, Any]:
    """All that a reader can say, by its name."""
    size = books.size()
    balances = list(books.balances())
    places = [(line.account, line.unit) for line in balances]
    kinds = ["genesis", "award", "gift", "hold", "post", "void", "reversal", "price", "member", "none"]
    days = [date(2026, 2, 1), date(2026, 2, 28), DAY, date.max]
    return {
        "size": size,
        "leaves": list(books.leaves()),
        "hashes": [books.hashes(level, 0, size) for level in range(3)],
        "balances": balances,
        "days": [list(books.balances(day)) for day in days],
        "sums": [books.sums(), *(books.sums(day) for day in days)],
        "on": [[books.balance_on(*place, day) for day in days] for place in places],
        "at": [
            [books.balance_at(*place, seq) for seq in range(-1, size + 1, max(1, size // 40))] for place in places
        ],
        "postings": [books.postings(*place, limit=10**6) for place in places],
        "kinds": [(kind, books.tally(kind), books.resolved(kind)) for kind in kinds],
        "resolvers": [books.resolver_of(seq) for seq in range(size)],
        "tables": {table.name: list(books.rows(table)) for table in TABLES},
        "note": books.last_note(),
    }


def read(store: Store) -> dict[str, Any]:
    with store.reading() as books:
        return everything(books)


def dump(path: Path) -> list[str]:
    """Every row and the schema, through a stranger's own connection."""
    with closing(sqlite3.connect(path)) as connection:
        schema = [str(row) for row in connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master")]
        tables = [
            row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")
        ]
        rows = [
            f"{table} {row}"
            for table in tables
            for row in sorted(connection.execute(f"SELECT * FROM {table}"), key=str)
        ]
        pragmas = [connection.execute(f"PRAGMA {name}").fetchone() for name in ("user_version", "application_id")]
        return [*schema, *rows, str(pragmas)]


def village(path: Path) -> Bank:
    """A small programme in which every table has rows, with a checkpoint, a redemption and a reversal."""
    bank = timebank.create(path, origin=ORIGIN, clock=lambda: NOW)
    bank.organisations.add("yungu", name="云谷", level="community", by="admin")
    bank.organisations.add("grid-7", name="七网格", level="grid", parent="yungu", by="admin")
    bank.organisations.appoint("clerk-3", org="yungu", role="clerk", by="admin")
    bank.rulebooks.adopt(timebank.shipped_rulebook(), from_day=date(2026, 1, 1), by="admin")
    wang = bank.members.enrol(org="yungu", card="0001", by="admin")
    li = bank.members.enrol(org="grid-7", card="0002", by="admin", key="till-1/1")
    bank.goods.add("rice-5kg", name="大米", name_en="Rice", by="admin")
    bank.shops.open("yungu-shop", org="yungu", name="云谷店", by="admin")
    bank.shops.set_price("yungu-shop", "rice-5kg", points=6, from_day=date(2026, 1, 1), by="admin")
    bank.shops.receive("yungu-shop", {"rice-5kg": 9}, donor="huicai", by="clerk-3", approved_by="admin")
    for member in (wang, li):
        bank.services.record(
            member, "honour", occasions=1, day=date(2026, 2, 20), by="clerk-3", approved_by="admin"
        )
    twice = bank.services.record(
        wang, "elder-visit", minutes=60, day=date(2026, 2, 21), by="clerk-3", approved_by="admin"
    )
    bank.reverse(twice.seq, by="clerk-3", approved_by="admin")
    bank.shops.redeem("yungu-shop", card="0001", goods={"rice-5kg": 1}, by="clerk-3", key="till-1/2")
    bank.cards.block("0002", by="clerk-3")
    bank.checkpoint()
    return bank
