"""What verify asks of a file: rows as they lie there, and nothing believed; see storage.sqlite_evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

Row = tuple[Any, ...]


class Evidence(Protocol):
    """The rows of a ledger in a file that is not trusted. Reads raise FileDamaged where there is no reading on."""

    def structure(self) -> Iterator[tuple[str, str]]:
        """What is wrong with the file and its schema; read first."""
        ...

    def is_sound(self, table: str) -> bool:
        """Whether the table can be read as what it should be."""
        ...

    def entries(self) -> Iterator[Row]:
        """Place, hash, key, kind and leaf of every entry, by place."""
        ...

    def leaf(self, seq: int) -> bytes | None:
        """The leaf at *seq*."""
        ...

    def same_keys(self) -> Iterator[Row]:
        """Keys that stand at more than one entry."""
        ...

    def transfers(self) -> Iterator[Row]:
        """Place, number, ids of debit and credit account, amount, day, and both balances after, by place."""
        ...

    def rows(self, table: str, columns: tuple[str, ...]) -> Iterator[Row]:
        """Columns of any other table."""
        ...


class GrownEvidence(Evidence, Protocol):
    """What verify asks of a file whose beginning it has seen before; nothing here reads all of that beginning."""

    def schema(self) -> Iterator[tuple[str, str]]:
        """What is wrong with the schema; read first, in the place of `structure`."""
        ...

    def last_place(self) -> int:
        """The place of the last entry; -1 if there is none."""
        ...

    def entries_from(self, first: int) -> Iterator[Row]:
        """As `entries`, from place *first* on."""
        ...

    def transfers_from(self, first: int) -> Iterator[Row]:
        """As `transfers`, from place *first* on."""
        ...

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        """Stored hashes, as tlog.merkle.Nodes has them; fewer than *count* where they are not all there."""
        ...

    def places_of(self, key: str) -> list[Any]:
        """Where an idempotency key stands, by its index."""
        ...

    def balance_before(self, account: int, first: int) -> Any:
        """What an account held after its last transfer before place *first*, as that transfer says; 0 if none."""
        ...

    def moved_from(self, first: int) -> Iterator[Row]:
        """Number, code, unit and balance of each account that transfers from place *first* on name, and what it
        held before, as `balance_before`; without those of which the file has none, or two.
        """
        ...

    def unit_sums(self) -> dict[Any, int]:
        """Debits less credits of each unit over all accounts; what is no whole number does not count."""
        ...
