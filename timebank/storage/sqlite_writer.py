"""What the writer says to a SQLite connection: rows gathered, and written in one go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import define

from timebank.errors import BatchBroken
from timebank.ledger.codes import debit_sign
from timebank.storage.sqlite_file import drop_projections
from timebank.storage.sqlite_known import Known
from timebank.storage.sqlite_reader import NEEDS_NO_ROWS, SqliteReader, day_number
from timebank.storage.sqlite_totals import RunTotals
from timebank.tlog.merkle import TILE_WIDTH, root_of

if TYPE_CHECKING:
    import sqlite3
    from collections import Counter
    from collections.abc import Iterator, Sequence
    from datetime import date

    from timebank.ledger.store import AccountBalance, Posting, Record, SignedNote, Table, Value
    from timebank.ledger.transfers import Transfer

_DATA_VERSION: Final = "PRAGMA data_version"
_NONE: Final = -1
_ADD_LEAF: Final = "INSERT INTO entry (seq, hash, key, kind, leaf) VALUES (?, ?, ?, ?, ?)"
_ADD_SUBTREE: Final = "INSERT INTO subtree (level, position, hash) VALUES (:level, :position, :hash)"
_ADD_ACCOUNT: Final = "INSERT INTO account (code, unit, sign) VALUES (:code, :unit, :sign) RETURNING id"
_ADD_TRANSFER: Final = """
INSERT INTO transfer (seq, pos, debit, credit, amount, day, debit_after, credit_after)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_ADD_RESOLUTION: Final = "INSERT INTO resolution (seq, resolver) VALUES (?, ?)"
_ADD_NOTE: Final = "INSERT INTO checkpoint (size, note) VALUES (:size, :note)"

_MOST_ACCOUNTS: Final = 20_000


def _put(table: Table[Any]) -> str:
    """The statement that writes a record of *table*; its names are ours."""
    query = _PUTS.get(table.name)
    if query is None:
        others = [name for name in table.columns if name not in table.key]
        changes = ", ".join(f"{name} = excluded.{name}" for name in others)
        query = _PUTS[table.name] = (
            f"INSERT INTO {table.name} ({', '.join(table.columns)})"  # noqa: S608 - as said
            f" VALUES ({', '.join('?' * len(table.columns))})"
            f" ON CONFLICT ({', '.join(table.key)}) DO {f'UPDATE SET {changes}' if changes else 'NOTHING'}"
        )
    return query


_PUTS: Final[dict[str, str]] = {}


@define
class _Held:
    """An account in one unit, by its number, with what it holds in its own *sign*."""

    id: int
    balance: int
    sign: int


class SqliteWriter(SqliteReader):
    """The writer of a connection, one transaction after the other. It gathers rows and writes them in one go:
    before a read that needs them, at each complete run of 256 entries, and before the commit.

    What it has read and written it goes on knowing, in the next transaction too, as long as no other connection
    has written: once it holds the lock, SQLite's data_version says so. After a rollback it knows nothing.
    """

    def __init__(self, connection: sqlite3.Connection, path: str) -> None:
        super().__init__(connection, path)
        self.changes = 0
        """How many writes were asked for: what tells a refused command from one that failed half-way."""
        self._version = _NONE
        self._size = 0
        self._accounts: dict[tuple[str, str], _Held] = {}
        self._unopened: set[tuple[str, str]] = set()
        self._known = Known(SqliteReader(connection, path))
        self._new_keys: dict[str, int] = {}
        self._leaves: list[tuple[int, bytes, str | None, str, bytes]] = []
        self._transfers: list[tuple[int, ...]] = []
        self._resolutions: dict[int, int] = {}
        self._indexes: list[str] = []
        self._totals = RunTotals(connection)

    def begin(self) -> bool:
        """Look, right after BEGIN, whether what is known still holds; answers whether others wrote meanwhile."""
        known, version = self._version, self.connection.execute(_DATA_VERSION).fetchone()[0]
        if version != known:
            self.forget()
            self._size = super().size()
            self._totals.forget(self._size)
            self._version = version
        return version != known and known != _NONE

    def forget(self) -> None:
        """Know nothing any more, neither what was read nor what was to be written."""
        self._version = _NONE
        self._forget_accounts()
        self._known.forget()
        self._new_keys.clear()
        self._resolutions.clear()
        self._indexes.clear()
        self._leaves.clear()
        self._transfers.clear()

    def _accounts_are_many(self) -> bool:
        return len(self._accounts) + len(self._unopened) > _MOST_ACCOUNTS

    def _forget_accounts(self) -> None:
        self._accounts.clear()
        self._unopened.clear()

    def flush(self) -> None:
        """Write all that is gathered. Raises BatchBroken."""
        self._flush_rows()
        self._totals.flush()
        if self._accounts_are_many():
            self._forget_accounts()  # what they hold is written

    def finish(self) -> None:
        """Write all that is gathered, and make the indexes that were left for when their table is full."""
        self.flush()
        self._make_indexes()

    def _make_indexes(self) -> None:
        while self._indexes:
            self.connection.execute(self._indexes[-1])
            self._indexes.pop()

    def _flush_rows(self) -> None:
        """Write the gathered rows of entries; the schema has its say here."""
        self._check_begun()
        write = self.connection.executemany
        if self._leaves:
            write(_ADD_LEAF, self._leaves)
            self._known.keep_leaf(self._leaves[-1][0], self._leaves[-1][-1])
            self._leaves.clear()
            self._new_keys.clear()
        if self._transfers:
            write(_ADD_TRANSFER, self._transfers)
            self._transfers.clear()
        if self._resolutions:
            write(_ADD_RESOLUTION, list(self._resolutions.items()))
            self._resolutions.clear()

    def _check_begun(self) -> None:
        """Where the disk is full, SQLite may take all back and go on without a transaction: nothing may follow."""
        if not self.connection.in_transaction:
            raise BatchBroken(self._path)

    def size(self) -> int:
        """See ledger.store."""
        return self._size

    def seq_of_key(self, key: str) -> int | None:
        """See ledger.store."""
        return self._new_keys[key] if key in self._new_keys else super().seq_of_key(key)

    def resolver_of(self, seq: int) -> int | None:
        """See ledger.store."""
        return self._resolutions[seq] if seq in self._resolutions else super().resolver_of(seq)

    def _account(self, account: str, unit: str) -> tuple[int, int] | None:
        held = self._held(account, unit)
        return None if held is None else (held.id, held.balance)

    def _held(self, account: str, unit: str) -> _Held | None:
        place = (account, unit)
        held = self._accounts.get(place)
        if held is None and place not in self._unopened:
            row = super()._account(account, unit)
            if row is None:
                # Only this writer can open it.
                self._unopened.add(place)
                return None
            held = self._accounts[place] = _Held(*row, debit_sign(account))
        return held

    def _one(self, query: str, **values: object) -> Any:
        if query not in NEEDS_NO_ROWS:
            self.finish()
        return super()._one(query, **values)

    def leaf(self, seq: int) -> bytes:
        """See ledger.store."""
        leaf = self._known.leaf(seq)
        if leaf is not None:
            return leaf
        if self._leaves and seq >= self._leaves[0][0]:
            self._flush_rows()
        return self._known.keep_leaf(seq, super().leaf(seq))

    def get(self, table: Table[Record], *key: Value) -> Record | None:
        """See ledger.store."""
        return self._known.get(table, key)

    def latest(self, table: Table[Record], *prefix: Value, upto: Value) -> Record | None:
        """See ledger.store."""
        rows = self._known.few_rows(table, prefix)
        if rows is None:
            return super().latest(table, *prefix, upto=upto)
        place, found = table.key[len(prefix)], None
        for row in rows:
            if getattr(row, place) > upto:
                break
            found = row
        return found

    def rows(self, table: Table[Record], *prefix: Value) -> Iterator[Record]:
        """See ledger.store."""
        rows = self._known.few_rows(table, prefix)
        return super().rows(table, *prefix) if rows is None else iter(rows)

    def leaves(self, first: int = 0, end: int | None = None) -> Iterator[tuple[int, bytes]]:
        """See ledger.store."""
        self._flush_rows()
        return super().leaves(first, end)

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        """See ledger.store."""
        self._flush_rows()
        return super().hashes(level, first, count)

    def balances(self, day: date | None = None) -> Iterator[AccountBalance]:
        """See ledger.store."""
        self.flush()
        return super().balances(day)

    def sums(self, day: date | None = None) -> Counter[tuple[str, str]]:
        """See ledger.store."""
        self.flush()
        return super().sums(day)

    def postings(self, account: str, unit: str, *, before: int | None = None, limit: int) -> list[Posting]:
        """See ledger.store."""
        self._flush_rows()
        self._make_indexes()
        return super().postings(account, unit, before=before, limit=limit)

    # --- writes

    def add_leaf(self, seq: int, leaf: bytes, leaf_hash: bytes, *, kind: str, key: str | None) -> None:
        """See ledger.store."""
        self.changes += 1
        self._leaves.append((seq, leaf_hash, key, kind, leaf))
        if key is not None:
            self._new_keys[key] = seq
        self._size = seq + 1
        if self._size % TILE_WIDTH == 0:
            self._add_subtrees(self._size)

    def _add_subtrees(self, size: int) -> None:
        level, complete = 0, size
        while complete % TILE_WIDTH == 0:
            root = root_of(self.hashes(level, complete - TILE_WIDTH, TILE_WIDTH))
            level, complete = level + 1, complete // TILE_WIDTH
            row = {"level": level, "position": complete - 1, "hash": root}
            self.connection.execute(_ADD_SUBTREE, row)

    def project(self, seq: int, day: date, moves: Sequence[Transfer], resolves: int | None) -> None:
        """See ledger.store."""
        self.changes += 1
        number = day_number(day)
        for pos, move in enumerate(moves):
            amount = move.amount
            debit = self._move(move.debit, move.unit, amount)
            credit = self._move(move.credit, move.unit, -amount)
            self._transfers.append((seq, pos, debit.id, credit.id, amount, number, debit.balance, credit.balance))
            self._totals.add(seq, debit.id, number, debit.sign * amount)
            self._totals.add(seq, credit.id, number, -credit.sign * amount)
        if resolves is not None:
            if resolves in self._resolutions:
                self._flush_rows()  # so that the schema sees both, and refuses the second
            self._resolutions[resolves] = seq
        if (seq + 1) % TILE_WIDTH == 0:
            self._close_run(seq + 1)

    def _close_run(self, end: int) -> None:
        self._flush_rows()
        self._totals.close(end)
        if self._totals.are_many() or self._accounts_are_many():
            self.flush()

    def _move(self, account: str, unit: str, change: int) -> _Held:
        """Change the balance of *account* by a debit (positive) or credit of *change*; what it holds then."""
        held = self._held(account, unit)
        if held is None:
            self._check_begun()
            sign = debit_sign(account)
            row = self.connection.execute(_ADD_ACCOUNT, {"code": account, "unit": unit, "sign": sign}).fetchone()
            held = self._accounts[account, unit] = _Held(row[0], 0, sign)
            self._unopened.discard((account, unit))
        held.balance += held.sign * change
        return held

    def put(self, table: Table[Record], record: Record) -> None:
        """See ledger.store."""
        self.changes += 1
        self._flush_rows()
        self._known.forget_table(table)
        self.connection.execute(_put(table), [getattr(record, name) for name in table.columns])

    def add_note(self, note: SignedNote) -> None:
        """See ledger.store."""
        self._flush_rows()
        last = self.last_note()
        if last is None or last.size < note.size:
            self.changes += 1
            self.connection.execute(_ADD_NOTE, {"size": note.size, "note": note.note})

    def drop_projections(self) -> None:
        """See ledger.store."""
        self.changes += 1
        self.flush()
        self._forget_accounts()
        self._known.forget()
        self._totals.forget(0)  # from the first entry on, all is made again
        self._indexes = drop_projections(self.connection)
