"""What the writer says to a SQLite connection: rows gathered, and written in one go."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from attrs import define

from timebank.errors import BatchBroken
from timebank.ledger.codes import debit_sign
from timebank.storage.sqlite_file import drop_projections
from timebank.storage.sqlite_reader import NEEDS_NO_ROWS, SqliteReader, day_number
from timebank.tlog.merkle import TILE_WIDTH, root_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence
    from datetime import date

    from timebank.ledger.store import AccountBalance, Posting, Record, SignedNote, Table, Value
    from timebank.ledger.transfers import Transfer

_DATA_VERSION: Final = "PRAGMA data_version"
_ADD_LEAF: Final = "INSERT INTO entry (seq, hash, key, kind, leaf) VALUES (?, ?, ?, ?, ?)"
_ADD_SUBTREE: Final = "INSERT INTO subtree (level, position, hash) VALUES (:level, :position, :hash)"
_ADD_ACCOUNT: Final = "INSERT INTO account (code, unit, sign) VALUES (:code, :unit, :sign) RETURNING id"
_ADD_TRANSFER: Final = """
INSERT INTO transfer (seq, pos, debit, credit, amount, day, debit_after, credit_after)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_ADD_DAY_TOTAL: Final = """
INSERT INTO day_total (account, day, amount) VALUES (?, ?, ?)
ON CONFLICT (account, day) DO UPDATE SET amount = amount + excluded.amount
"""
_ADD_DAY_TOTALS: Final = """
INSERT INTO day_total (account, day, amount)
SELECT account, day, sum(delta) FROM (
    SELECT debit AS account, day, sign * amount AS delta
    FROM transfer JOIN account ON account.id = debit WHERE seq >= :run AND seq < :end
    UNION ALL
    SELECT credit, day, -sign * amount
    FROM transfer JOIN account ON account.id = credit WHERE seq >= :run AND seq < :end
) WHERE true GROUP BY account, day
ON CONFLICT (account, day) DO UPDATE SET amount = amount + excluded.amount
"""
_ADD_TALLIES: Final = """
INSERT INTO tally (kind, entries)
SELECT kind, count(*) FROM entry WHERE seq >= :run AND seq < :end GROUP BY kind
ON CONFLICT (kind) DO UPDATE SET entries = entries + excluded.entries
"""
_ADD_RESOLUTION: Final = "INSERT INTO resolution (seq, resolver) VALUES (?, ?)"
_ADD_NOTE: Final = "INSERT INTO checkpoint (size, note) VALUES (:size, :note)"

_MOST_ACCOUNTS: Final = 20_000
_MOST_RECORDS: Final = 4_096
_MOST_LEAVES: Final = 64
_FEW_ROWS: Final = 64


def _next_run(size: int) -> int:
    """The first entry of the first run of 256 that begins at *size* or later."""
    return -(-size // TILE_WIDTH) * TILE_WIDTH


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
        self._version = -1
        self._size = 0
        self._accounts: dict[tuple[str, str], _Held] = {}
        self._unopened: set[tuple[str, str]] = set()
        self._known: dict[str, dict[tuple[Any, ...], Any]] = {}
        self._known_leaves: dict[int, bytes] = {}
        self._new_keys: dict[str, int] = {}
        self._leaves: list[tuple[int, bytes, str | None, str, bytes]] = []
        self._transfers: list[tuple[int, ...]] = []
        self._resolutions: dict[int, int] = {}
        self._first_whole_run = 0
        self._run_totals: dict[tuple[int, int], int] = {}
        self._day_totals: dict[tuple[int, int], int] = {}

    def begin(self) -> None:
        """Look, in the transaction that has just begun, whether what is known still holds."""
        version = self.connection.execute(_DATA_VERSION).fetchone()[0]
        if version != self._version:
            self.forget()
            self._size = super().size()
            self._first_whole_run = _next_run(self._size)
            self._version = version
        elif len(self._accounts) + len(self._unopened) > _MOST_ACCOUNTS:
            self._forget_accounts()

    def forget(self) -> None:
        """Know nothing any more, neither what was read nor what was to be written."""
        self._version = -1
        self._forget_accounts()
        for kept in (self._known, self._known_leaves, self._new_keys, self._resolutions):
            kept.clear()
        self._leaves.clear()
        self._transfers.clear()
        self._run_totals.clear()
        self._day_totals.clear()

    def _forget_accounts(self) -> None:
        self._accounts.clear()
        self._unopened.clear()

    def flush(self) -> None:
        """Write all that is gathered. Raises BatchBroken."""
        self._flush_rows()
        if self._day_totals:
            totals = [(*place, amount) for place, amount in self._day_totals.items()]
            self.connection.executemany(_ADD_DAY_TOTAL, totals)
            self._day_totals.clear()

    def _flush_rows(self) -> None:
        """Write the gathered rows of entries; the schema has its say here."""
        self._check_begun()
        write = self.connection.executemany
        if self._leaves:
            write(_ADD_LEAF, self._leaves)
            self._keep_leaf(self._leaves[-1][0], self._leaves[-1][-1])
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
                # Only this writer can open it, and then it is in _accounts.
                self._unopened.add(place)
                return None
            held = self._accounts[place] = _Held(*row, debit_sign(account))
        return held

    def _one(self, query: str, **values: object) -> Any:
        if query not in NEEDS_NO_ROWS:
            self.flush()
        return super()._one(query, **values)

    def leaf(self, seq: int) -> bytes:
        """See ledger.store."""
        leaf = self._known_leaves.get(seq)
        if leaf is None:
            if self._leaves and seq >= self._leaves[0][0]:
                self._flush_rows()
            leaf = super().leaf(seq)
            self._keep_leaf(seq, leaf)
        return leaf

    def _keep_leaf(self, seq: int, leaf: bytes) -> None:
        if len(self._known_leaves) >= _MOST_LEAVES:
            self._known_leaves.clear()
        self._known_leaves[seq] = leaf

    def _known_of(self, table: Table[Any]) -> dict[tuple[Any, ...], Any]:
        """What is known of *table*: records by their key, and answers by what was asked."""
        known = self._known.get(table.name)
        if known is None:
            known = self._known[table.name] = {}
        elif len(known) >= _MOST_RECORDS:
            known.clear()
        return known

    def get(self, table: Table[Record], *key: Value) -> Record | None:
        """See ledger.store."""
        known = self._known_of(table)
        if key not in known:
            known[key] = super().get(table, *key)
        record: Record | None = known[key]
        return record

    def latest(self, table: Table[Record], *prefix: Value, upto: Value) -> Record | None:
        """See ledger.store."""
        rows = self._few_rows(table, prefix)
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
        rows = self._few_rows(table, prefix)
        return super().rows(table, *prefix) if rows is None else iter(rows)

    def _few_rows(self, table: Table[Record], prefix: tuple[Value, ...]) -> tuple[Record, ...] | None:
        """The records under *prefix* in the order of their keys; None where they are too many to keep."""
        known, asked = self._known_of(table), (prefix,)
        if asked not in known:
            rows = tuple(islice(super().rows(table, *prefix), _FEW_ROWS + 1))
            known[asked] = None if len(rows) > _FEW_ROWS else rows
        few: tuple[Record, ...] | None = known[asked]
        return few

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

    def postings(self, account: str, unit: str, *, before: int | None = None, limit: int) -> list[Posting]:
        """See ledger.store."""
        self._flush_rows()
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
            if seq >= self._first_whole_run:
                totals = self._run_totals
                for place, delta in (
                    ((debit.id, number), debit.sign * amount),
                    ((credit.id, number), -credit.sign * amount),
                ):
                    totals[place] = totals.get(place, 0) + delta
        if resolves is not None:
            if resolves in self._resolutions:
                self._flush_rows()  # so that the schema sees both, and refuses the second
            self._resolutions[resolves] = seq
        if (seq + 1) % TILE_WIDTH == 0:
            self._close_run(seq + 1)

    def _close_run(self, end: int) -> None:
        """Bring the day totals and tallies up to *end*: once for 256 entries, so that a command touches less.

        Totals of a run that was begun by earlier transactions are added up by SQLite from what they wrote.
        """
        self._flush_rows()
        run = {"run": end - TILE_WIDTH, "end": end}
        self.connection.execute(_ADD_TALLIES, run)
        if run["run"] < self._first_whole_run:
            self.connection.execute(_ADD_DAY_TOTALS, run)
            return
        for place, delta in self._run_totals.items():
            self._day_totals[place] = self._day_totals.get(place, 0) + delta
        self._run_totals.clear()

    def _move(self, account: str, unit: str, change: int) -> _Held:
        """Change the balance of *account* by a debit (positive) or credit of *change*; what it holds then."""
        held = self._held(account, unit)
        if held is None:
            self._check_begun()
            sign = debit_sign(account)
            row = self.connection.execute(_ADD_ACCOUNT, {"code": account, "unit": unit, "sign": sign}).fetchone()
            held = self._accounts[account, unit] = _Held(row[0], 0, sign)
        held.balance += held.sign * change
        return held

    def put(self, table: Table[Record], record: Record) -> None:
        """See ledger.store."""
        self.changes += 1
        self._flush_rows()
        self._known.pop(table.name, None)
        others = [name for name in table.columns if name not in table.key]
        changes = ", ".join(f"{name} = excluded.{name}" for name in others)
        query = (
            f"INSERT INTO {table.name} ({', '.join(table.columns)})"  # noqa: S608 - names are ours
            f" VALUES ({', '.join('?' * len(table.columns))})"
            f" ON CONFLICT ({', '.join(table.key)}) DO {f'UPDATE SET {changes}' if changes else 'NOTHING'}"
        )
        self.connection.execute(query, [getattr(record, name) for name in table.columns])

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
        self._known.clear()
        self._run_totals.clear()
        self._first_whole_run = _next_run(self._size)
        drop_projections(self.connection)
