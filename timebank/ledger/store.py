"""What the ledger needs of whatever keeps it: one journal, its projections, one writer at a time.

A store keeps leaves and answers by place and by key. Beside them it keeps projections, which are made from the
leaves alone and can be dropped: balances (and what each entry did to them), totals per day, which entry
resolved which, the inner hashes of the tree, and the records of the rooms above in tables that they declare.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from attrs import field, fields, frozen

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from datetime import date

    from timebank.ledger.transfers import Transfer

Record = TypeVar("Record")
Value = str | int | None


@frozen
class Table(Generic[Record]):
    """Records of one kind: a frozen attrs class whose fields are columns (str, int or None), found by *key*."""

    name: str
    record: type[Record]
    key: tuple[str, ...]
    columns: tuple[str, ...] = field(init=False)
    """The record's fields, in their order."""

    @columns.default
    def _columns_of_record(self) -> tuple[str, ...]:
        return tuple(column.name for column in fields(self.record))  # type: ignore[arg-type]

    def key_of(self, record: Record) -> tuple[Value, ...]:
        """The key of *record*."""
        return tuple(getattr(record, name) for name in self.key)


@frozen
class Posting:
    """What one transfer did to one account: its balance moved by *delta* (in its own sign) and was *after*."""

    seq: int
    pos: int
    day: date
    delta: int
    after: int
    other: str
    """The account on the transfer's other side."""


@frozen
class AccountBalance:
    """One line of a trial balance, in the account's own sign."""

    account: str
    unit: str
    amount: int


@frozen
class SignedNote:
    """A checkpoint note that was signed for the first *size* entries."""

    size: int
    note: str


class Reader(Protocol):
    """A consistent view of the store, for as long as its context is open."""

    def size(self) -> int:
        """How many entries the journal has; the next one gets this number."""
        ...

    def leaf(self, seq: int) -> bytes:
        """The leaf at *seq*; raises UnknownEntry."""
        ...

    def leaves(self, first: int = 0, end: int | None = None) -> Iterator[tuple[int, bytes]]:
        """Places and leaves from *first* up to, but without, *end* (None: the journal's end)."""
        ...

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        """Tree hashes: of leaves (level 0), or of complete runs of 256**level leaves."""
        ...

    def seq_of_key(self, key: str) -> int | None:
        """Where the idempotency key was used."""
        ...

    def resolver_of(self, seq: int) -> int | None:
        """The entry that reversed *seq*, or posted or voided its hold."""
        ...

    def balance(self, account: str, unit: str) -> int:
        """The balance now; 0 for an account that never moved."""
        ...

    def balance_at(self, account: str, unit: str, seq: int) -> int:
        """The balance as it was known right after entry *seq*."""
        ...

    def balance_on(self, account: str, unit: str, day: date) -> int:
        """The balance at the end of *day*, by the entries' days as known now."""
        ...

    def balances(self, day: date | None = None) -> Iterator[AccountBalance]:
        """All balances that ever moved, by account and unit: now, or at the end of *day*."""
        ...

    def sums(self, day: date | None = None) -> Counter[tuple[str, str]]:
        """What all accounts of one beginning (`L:M:`, up to the last colon) hold together, by beginning and unit:
        now, or at the end of *day*.
        """
        ...

    def postings(self, account: str, unit: str, *, before: int | None = None, limit: int) -> list[Posting]:
        """The newest *limit* postings of entries before entry *before* (None: the end), newest first."""
        ...

    def tally(self, kind: str) -> int:
        """How many entries of *kind* there are."""
        ...

    def resolved(self, kind: str) -> int:
        """How many entries of *kind* were reversed, or had their hold posted or voided."""
        ...

    def get(self, table: Table[Record], *key: Value) -> Record | None:
        """The record with exactly this key."""
        ...

    def rows(self, table: Table[Record], *prefix: Value) -> Iterator[Record]:
        """Records whose key begins with *prefix*, in the order of their keys."""
        ...

    def latest(self, table: Table[Record], *prefix: Value, upto: Value) -> Record | None:
        """The last record under *prefix* whose next key column is not past *upto*."""
        ...

    def count(self, table: Table[Record]) -> int:
        """How many records the table has."""
        ...

    def last_note(self) -> SignedNote | None:
        """The stored checkpoint note that covers most."""
        ...


class Writer(Reader, Protocol):
    """The one writer: it sees its own writes, nobody else does before the context ends well."""

    def add_leaf(self, seq: int, leaf: bytes, leaf_hash: bytes, *, kind: str, key: str | None) -> None:
        """Append a leaf at *seq*, which must be the journal's size."""
        ...

    def project(self, seq: int, day: date, moves: Sequence[Transfer], resolves: int | None) -> None:
        """Bring balances, day totals, tallies and resolutions up to the entry *seq* that was just added."""
        ...

    def put(self, table: Table[Record], record: Record) -> None:
        """Write *record* in place of any with the same key."""
        ...

    def add_note(self, note: SignedNote) -> None:
        """Keep a checkpoint note, unless one is kept that covers as much."""
        ...

    def drop_projections(self) -> None:
        """Forget everything that is made from the leaves."""
        ...


class Store(Protocol):
    """Keeps one journal and its projections."""

    @property
    def path(self) -> str:
        """The file, as errors name it."""
        ...

    def reading(self) -> AbstractContextManager[Reader]:
        """A consistent view; never waits for a writer."""
        ...

    def writing(self, *, alone: bool = False) -> AbstractContextManager[Writer]:
        """The only writer, from here to the durable commit; waits its turn, then raises FileLocked.

        An exception inside takes everything back. Commands of several threads may share one commit, unless
        one wants to be *alone*: for all that writes more than one entry, or may be given up after it wrote.
        """
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...
