"""A ledger in plain Python: the reference that the SQLite store is tested against. Nothing is durable.

Its one lock makes readers wait for the writer; in all else it keeps the contract of ledger.store.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from timebank.errors import FileDamaged, FileLocked, UnknownEntry
from timebank.ledger.codes import NEVER_NEGATIVE, debit_sign
from timebank.ledger.store import AccountBalance, Posting, Record, SignedNote, Table, Value
from timebank.tlog.merkle import TILE_WIDTH, root_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from timebank.ledger.transfers import Transfer

Place = tuple[str, str]


class MemoryStore:
    """A store that lives as long as the process."""

    path = ":memory:"

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._books = MemoryBooks()
        self._is_writing = False

    @contextmanager
    def reading(self) -> Iterator[MemoryBooks]:
        """A view; see ledger.store."""
        with self._lock:
            yield self._books

    @contextmanager
    def writing(self, *, alone: bool = False) -> Iterator[MemoryBooks]:
        """The writer; every change is taken back when the context ends with an exception."""
        with self._lock:
            if self._is_writing:
                raise FileLocked(self.path, 0.0)
            undo = self._books.undo
            self._is_writing = True
            try:
                yield self._books
            except BaseException:
                while undo:
                    undo.pop()()
                raise
            finally:
                undo.clear()
                self._is_writing = False

    def close(self) -> None:
        """Nothing to let go of."""


class MemoryBooks:
    """Reader and writer in one: lists for the journal, dicts for the projections."""

    def __init__(self) -> None:
        self.undo: list[Callable[[], object]] = []
        self._leaves: list[bytes] = []
        self._kinds: list[str] = []
        self._hashes: dict[int, list[bytes]] = defaultdict(list)
        self._keys: dict[str, int] = {}
        self._notes: list[SignedNote] = []
        self._forget()

    def _forget(self) -> None:
        self._balances: dict[Place, int] = {}
        self._postings: dict[Place, list[Posting]] = defaultdict(list)
        self._days: dict[Place, dict[date, int]] = defaultdict(dict)
        self._resolvers: dict[int, int] = {}
        self._tables: dict[str, dict[tuple[Value, ...], Any]] = defaultdict(dict)

    # --- reads

    def size(self) -> int:
        """See ledger.store."""
        return len(self._leaves)

    def leaf(self, seq: int) -> bytes:
        """See ledger.store."""
        if not 0 <= seq < len(self._leaves):
            raise UnknownEntry(str(seq))
        return self._leaves[seq]

    def leaves(self, first: int = 0, end: int | None = None) -> Iterator[tuple[int, bytes]]:
        """See ledger.store."""
        first = max(first, 0)
        yield from enumerate(self._leaves[first : None if end is None else max(end, 0)], start=first)

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        """See ledger.store."""
        return self._hashes[level][first : first + count]

    def seq_of_key(self, key: str) -> int | None:
        """See ledger.store."""
        return self._keys.get(key)

    def resolver_of(self, seq: int) -> int | None:
        """See ledger.store."""
        return self._resolvers.get(seq)

    def balance(self, account: str, unit: str) -> int:
        """See ledger.store."""
        return self._balances.get((account, unit), 0)

    def balance_at(self, account: str, unit: str, seq: int) -> int:
        """See ledger.store."""
        known = [posting.after for posting in self._postings.get((account, unit), ()) if posting.seq <= seq]
        return known[-1] if known else 0

    def balance_on(self, account: str, unit: str, day: date) -> int:
        """See ledger.store."""
        days = self._days.get((account, unit), {})
        return sum(amount for when, amount in days.items() if when <= day)

    def balances(self, day: date | None = None) -> Iterator[AccountBalance]:
        """See ledger.store."""
        for (account, unit), amount in sorted(self._balances.items()):
            yield AccountBalance(account, unit, amount if day is None else self.balance_on(account, unit, day))

    def sums(self, day: date | None = None) -> Counter[tuple[str, str]]:
        """See ledger.store."""
        held: Counter[tuple[str, str]] = Counter()
        for line in self.balances(day):
            held[line.account[: line.account.rindex(":") + 1], line.unit] += line.amount
        return held

    def postings(self, account: str, unit: str, *, before: int | None = None, limit: int) -> list[Posting]:
        """See ledger.store."""
        newest_first = reversed(self._postings.get((account, unit), ()))
        return [posting for posting in newest_first if before is None or posting.seq < before][:limit]

    def tally(self, kind: str) -> int:
        """See ledger.store."""
        return self._kinds.count(kind)

    def resolved(self, kind: str) -> int:
        """See ledger.store."""
        return sum(self._kinds[seq] == kind for seq in self._resolvers)

    def get(self, table: Table[Record], *key: Value) -> Record | None:
        """See ledger.store."""
        return self._tables[table.name].get(key)

    def rows(self, table: Table[Record], *prefix: Value) -> Iterator[Record]:
        """See ledger.store."""
        records = self._tables[table.name]
        for key in sorted(records):
            if key[: len(prefix)] == prefix:
                yield records[key]

    def latest(self, table: Table[Record], *prefix: Value, upto: Value) -> Record | None:
        """See ledger.store."""
        place = table.key[len(prefix)]
        fitting = [record for record in self.rows(table, *prefix) if getattr(record, place) <= upto]
        return fitting[-1] if fitting else None

    def count(self, table: Table[Record]) -> int:
        """See ledger.store."""
        return len(self._tables[table.name])

    def last_note(self) -> SignedNote | None:
        """See ledger.store."""
        return self._notes[-1] if self._notes else None

    # --- writes

    def add_leaf(self, seq: int, leaf: bytes, leaf_hash: bytes, *, kind: str, key: str | None) -> None:
        """See ledger.store."""
        if seq != len(self._leaves):
            raise FileDamaged(MemoryStore.path, f"entry {seq} does not follow entry {len(self._leaves) - 1}")
        if key in self._keys:
            raise FileDamaged(MemoryStore.path, f"key {key} is used twice")
        self._append(self._leaves, leaf)
        self._append(self._kinds, kind)
        if key is not None:
            self._set(self._keys, key, seq)
        self._append(self._hashes[0], leaf_hash)
        level = 0
        while len(self._hashes[level]) % TILE_WIDTH == 0:
            self._append(self._hashes[level + 1], root_of(self._hashes[level][-TILE_WIDTH:]))
            level += 1

    def project(self, seq: int, day: date, moves: Sequence[Transfer], resolves: int | None) -> None:
        """See ledger.store."""
        for pos, move in enumerate(moves):
            for account, other, change in (
                (move.debit, move.credit, move.amount),
                (move.credit, move.debit, -move.amount),
            ):
                place, delta = (account, move.unit), debit_sign(account) * change
                after = self._balances.get(place, 0) + delta
                if after < 0 and account[0] in NEVER_NEGATIVE:
                    raise FileDamaged(MemoryStore.path, f"{account} would go below zero in {move.unit}")
                self._set(self._balances, place, after)
                self._append(self._postings[place], Posting(seq, pos, day, delta, after, other))
                self._set(self._days[place], day, self._days[place].get(day, 0) + delta)
        if resolves is not None:
            if resolves in self._resolvers:
                raise FileDamaged(MemoryStore.path, f"entry {resolves} is resolved twice")
            self._set(self._resolvers, resolves, seq)

    def put(self, table: Table[Record], record: Record) -> None:
        """See ledger.store."""
        self._set(self._tables[table.name], table.key_of(record), record)

    def add_note(self, note: SignedNote) -> None:
        """See ledger.store."""
        if note.size > len(self._leaves):
            raise FileDamaged(MemoryStore.path, "a checkpoint covers more than there is")
        last = self.last_note()
        if last is None or last.size < note.size:
            self._append(self._notes, note)

    def drop_projections(self) -> None:
        """See ledger.store."""
        kept = dict(vars(self))
        self._forget()
        self.undo.append(lambda: vars(self).update(kept))

    def _append(self, items: list[Any], item: Any) -> None:
        items.append(item)
        self.undo.append(items.pop)

    def _set(self, items: dict[Any, Any], name: Any, value: Any) -> None:
        if name in items:
            before = items[name]
            self.undo.append(lambda: items.update({name: before}))
        else:
            self.undo.append(lambda: items.pop(name))
        items[name] = value
