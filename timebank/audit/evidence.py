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
