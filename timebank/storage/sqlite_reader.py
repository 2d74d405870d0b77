"""What a reader says to a SQLite connection."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from timebank.errors import FileDamaged, UnknownEntry
from timebank.ledger.codes import debit_sign
from timebank.ledger.store import AccountBalance, Posting, Record, SignedNote, Table, Value
from timebank.tlog.merkle import TILE_WIDTH

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator


_SIZE: Final = "SELECT coalesce(max(seq), -1) + 1 FROM entry"
_LEAF: Final = "SELECT leaf FROM entry WHERE seq = :seq"
_LEAVES: Final = "SELECT seq, leaf FROM entry WHERE seq >= :first AND seq < :end ORDER BY seq"
_LEAF_HASHES: Final = "SELECT hash FROM entry WHERE seq >= :first AND seq < :end ORDER BY seq"
_SUBTREES: Final = """
SELECT hash FROM subtree WHERE level = :level AND position >= :first AND position < :end ORDER BY position
"""
_SEQ_OF_KEY: Final = "SELECT seq FROM entry WHERE key = :key"
_RESOLVER: Final = "SELECT resolver FROM resolution WHERE seq = :seq"
_ACCOUNT: Final = "SELECT id, balance FROM account WHERE code = :code AND unit = :unit"
_BALANCE_AT: Final = """
SELECT after FROM (
    SELECT * FROM (
        SELECT seq, pos, debit_after AS after FROM transfer
        WHERE debit = :account AND seq <= :seq ORDER BY seq DESC, pos DESC LIMIT 1
    )
    UNION ALL
    SELECT * FROM (
        SELECT seq, pos, credit_after FROM transfer
        WHERE credit = :account AND seq <= :seq ORDER BY seq DESC, pos DESC LIMIT 1
    )
) ORDER BY seq DESC, pos DESC LIMIT 1
"""
_BALANCE_ON: Final = """
SELECT coalesce((SELECT sum(amount) FROM day_total WHERE account = :account AND day <= :day), 0)
    + :sign * coalesce(
        (SELECT sum(amount) FROM transfer WHERE debit = :account AND seq >= :run AND day <= :day), 0
    )
    - :sign * coalesce(
        (SELECT sum(amount) FROM transfer WHERE credit = :account AND seq >= :run AND day <= :day), 0
    )
"""
_BALANCES: Final = "SELECT code, unit, balance FROM account ORDER BY code, unit"
_BALANCES_ON: Final = """
WITH open_run (account, amount) AS (
    SELECT account, sum(amount) FROM (
        SELECT debit AS account, amount FROM transfer WHERE seq >= :run AND day <= :day
        UNION ALL
        SELECT credit, -amount FROM transfer WHERE seq >= :run AND day <= :day
    ) GROUP BY account
)
SELECT code, unit, coalesce((SELECT sum(amount) FROM day_total WHERE account = account.id AND day <= :day), 0)
    + sign * coalesce(open_run.amount, 0)
FROM account LEFT JOIN open_run ON open_run.account = account.id ORDER BY code, unit
"""
_BEGINNING: Final = "rtrim(code, replace(code, ':', ''))"
_SUMS: Final = f"SELECT {_BEGINNING}, unit, sum(balance) FROM account GROUP BY 1, 2"  # noqa: S608 - the names are ours
# A month is closed soon after its end: to take off what is later reads a few days of each account, not all before.
_SUMS_ON: Final = f"""
WITH open_run (account, amount) AS (
    SELECT account, sum(amount) FROM (
        SELECT debit AS account, amount FROM transfer WHERE seq >= :run AND day > :day
        UNION ALL
        SELECT credit, -amount FROM transfer WHERE seq >= :run AND day > :day
    ) GROUP BY account
)
SELECT {_BEGINNING}, unit, sum(
    balance - sign * coalesce(open_run.amount, 0)
    - coalesce((SELECT sum(amount) FROM day_total WHERE account = account.id AND day > :day), 0)
)
FROM account LEFT JOIN open_run ON open_run.account = account.id GROUP BY 1, 2
"""  # noqa: S608 - the names are ours
_POSTINGS: Final = """
SELECT seq, pos, day, delta, after, code FROM (
    SELECT * FROM (
        SELECT seq, pos, day, amount AS delta, debit_after AS after, credit AS other FROM transfer
        WHERE debit = :account AND seq < :before ORDER BY seq DESC, pos DESC LIMIT :limit
    )
    UNION ALL
    SELECT * FROM (
        SELECT seq, pos, day, -amount, credit_after, debit FROM transfer
        WHERE credit = :account AND seq < :before ORDER BY seq DESC, pos DESC LIMIT :limit
    )
) JOIN account ON account.id = other ORDER BY seq DESC, pos DESC LIMIT :limit
"""
_TALLY: Final = """
SELECT coalesce((SELECT entries FROM tally WHERE kind = :kind), 0)
    + (SELECT count(*) FROM entry WHERE seq >= :run AND kind = :kind)
"""
_RESOLVED: Final = "SELECT count(*) FROM resolution JOIN entry ON entry.seq = resolution.seq WHERE kind = :kind"
NEEDS_NO_ROWS: Final = frozenset((_SIZE, _LEAF, _SEQ_OF_KEY, _RESOLVER))
"""Queries that the writer answers beside its gathered rows, or without them."""

_LAST_NOTE: Final = "SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT 1"

_HASH_BYTES: Final = 32
_LAST_SEQ: Final = 2**63 - 1


def day_number(day: date) -> int:
    """*day* as the schema writes it: 20260208."""
    return day.year * 10_000 + day.month * 100 + day.day


def _place(seq: int) -> int:
    """*seq*, or the nearest number that SQLite can hold: no entry lies beyond."""
    return max(-_LAST_SEQ, min(seq, _LAST_SEQ))


def _select(table: Table[Any], given: int, tail: str) -> str:
    """The query for records of *table* by the first *given* columns of its key; its names are ours."""
    place = (table.name, given, tail)
    query = _QUERIES.get(place)
    if query is None:
        where = " AND ".join(f"{name} = ?" for name in table.key[:given]) or "1"
        if tail == "latest":
            order = ", ".join(f"{name} DESC" for name in table.key[given:])
            tail = f"AND {table.key[given]} <= ? ORDER BY {order} LIMIT 1"
        query = f"SELECT {', '.join(table.columns)} FROM {table.name} WHERE {where} {tail}"  # noqa: S608
        _QUERIES[place] = query
    return query


_QUERIES: Final[dict[tuple[str, int, str], str]] = {}


def day_of(number: int) -> date:
    """The day that the schema writes as *number*."""
    return date(number // 10_000, number // 100 % 100, number % 100)


class SqliteReader:
    """Reads of one connection, inside the transaction that the store has begun."""

    def __init__(self, connection: sqlite3.Connection, path: str) -> None:
        self.connection = connection
        self._path = path

    def _one(self, query: str, **values: object) -> Any:
        row = self.connection.execute(query, values).fetchone()
        return None if row is None else row[0]

    def size(self) -> int:
        """See ledger.store."""
        return int(self._one(_SIZE))

    def leaf(self, seq: int) -> bytes:
        """See ledger.store."""
        leaf: bytes | None = self._one(_LEAF, seq=_place(seq))
        if leaf is None:
            raise UnknownEntry(str(seq))
        return leaf

    def leaves(self, first: int = 0, end: int | None = None) -> Iterator[tuple[int, bytes]]:
        """See ledger.store."""
        bounds = {"first": _place(first), "end": _LAST_SEQ if end is None else _place(end)}
        yield from self.connection.execute(_LEAVES, bounds)

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        """See ledger.store."""
        bounds = {"level": level, "first": first, "end": first + count}
        hashes = [row[0] for row in self.connection.execute(_SUBTREES if level else _LEAF_HASHES, bounds)]
        if not all(isinstance(item, bytes) and len(item) == _HASH_BYTES for item in hashes):
            raise FileDamaged(self._path, f"a hash of level {level} is none")
        return hashes

    def seq_of_key(self, key: str) -> int | None:
        """See ledger.store."""
        seq: int | None = self._one(_SEQ_OF_KEY, key=key)
        return seq

    def resolver_of(self, seq: int) -> int | None:
        """See ledger.store."""
        resolver: int | None = self._one(_RESOLVER, seq=_place(seq))
        return resolver

    def _account(self, account: str, unit: str) -> tuple[int, int] | None:
        row: tuple[int, int] | None = self.connection.execute(_ACCOUNT, {"code": account, "unit": unit}).fetchone()
        return row

    def balance(self, account: str, unit: str) -> int:
        """See ledger.store."""
        found = self._account(account, unit)
        return 0 if found is None else found[1]

    def balance_at(self, account: str, unit: str, seq: int) -> int:
        """See ledger.store."""
        found = self._account(account, unit)
        after = None if found is None else self._one(_BALANCE_AT, account=found[0], seq=_place(seq))
        return 0 if after is None else int(after)

    def balance_on(self, account: str, unit: str, day: date) -> int:
        """See ledger.store."""
        found = self._account(account, unit)
        if found is None:
            return 0
        sign, run = debit_sign(account), self._open_run()
        return int(self._one(_BALANCE_ON, account=found[0], day=day_number(day), sign=sign, run=run))

    def balances(self, day: date | None = None) -> Iterator[AccountBalance]:
        """See ledger.store."""
        values = {} if day is None else {"day": day_number(day), "run": self._open_run()}
        for row in self.connection.execute(_BALANCES if day is None else _BALANCES_ON, values):
            yield AccountBalance(*row)

    def sums(self, day: date | None = None) -> Counter[tuple[str, str]]:
        """See ledger.store."""
        values = {} if day is None else {"day": day_number(day), "run": self._open_run()}
        rows = self.connection.execute(_SUMS if day is None else _SUMS_ON, values)
        return Counter({(beginning, unit): amount for beginning, unit, amount in rows})

    def postings(self, account: str, unit: str, *, before: int | None = None, limit: int) -> list[Posting]:
        """See ledger.store."""
        found = self._account(account, unit)
        if found is None:
            return []
        end = _LAST_SEQ if before is None else _place(before)
        sign = debit_sign(account)
        rows = self.connection.execute(_POSTINGS, {"account": found[0], "before": end, "limit": limit})
        return [
            Posting(seq, pos, day_of(day), sign * delta, after, other)
            for seq, pos, day, delta, after, other in rows
        ]

    def tally(self, kind: str) -> int:
        """See ledger.store."""
        return int(self._one(_TALLY, kind=kind, run=self._open_run()))

    def resolved(self, kind: str) -> int:
        """See ledger.store."""
        return int(self._one(_RESOLVED, kind=kind))

    def _open_run(self) -> int:
        """The first entry of the last run of 256, the one that is not complete."""
        return self.size() // TILE_WIDTH * TILE_WIDTH

    def get(self, table: Table[Record], *key: Value) -> Record | None:
        """See ledger.store."""
        try:
            row = self.connection.execute(_select(table, len(key), ""), key).fetchone()
        except OverflowError:  # a number that SQLite cannot hold is in no record
            return None
        return None if row is None else table.record(*row)

    def rows(self, table: Table[Record], *prefix: Value) -> Iterator[Record]:
        """See ledger.store."""
        query = _select(table, len(prefix), f"ORDER BY {', '.join(table.key)}")
        try:
            found = self.connection.execute(query, prefix)
        except OverflowError:  # as in `get`
            return
        for row in found:
            yield table.record(*row)

    def latest(self, table: Table[Record], *prefix: Value, upto: Value) -> Record | None:
        """See ledger.store."""
        query = _select(table, len(prefix), "latest")
        row = self.connection.execute(query, (*prefix, upto)).fetchone()
        return None if row is None else table.record(*row)

    def count(self, table: Table[Record]) -> int:
        """See ledger.store."""
        return int(self._one(f"SELECT count(*) FROM {table.name}"))  # noqa: S608 - the name is ours

    def last_note(self) -> SignedNote | None:
        """See ledger.store."""
        row = self.connection.execute(_LAST_NOTE).fetchone()
        return None if row is None else SignedNote(*row)
