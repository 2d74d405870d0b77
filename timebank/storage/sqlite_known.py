"""What a writer has read and goes on knowing: leaves and records. Bounded; right until somebody else writes."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from timebank.ledger.store import Record, Table, Value
    from timebank.storage.sqlite_reader import SqliteReader

_MOST_RECORDS: Final = 4_096
_MOST_LEAVES: Final = 64
_FEW_ROWS: Final = 64


class Known:
    """Leaves and records that *reader* has given, until they are forgotten.

    What it holds is right while its owner is the only one who writes, and tells it of every table that changes.
    """

    def __init__(self, reader: SqliteReader) -> None:
        self._reader = reader
        self._leaves: dict[int, bytes] = {}
        self._tables: dict[str, dict[tuple[Any, ...], Any]] = {}

    def forget(self) -> None:
        """Know nothing any more."""
        self._leaves.clear()
        self._tables.clear()

    def forget_table(self, table: Table[Any]) -> None:
        """Know nothing of *table* any more: it has changed."""
        self._tables.pop(table.name, None)

    def leaf(self, seq: int) -> bytes | None:
        """The leaf at *seq*, if it is known."""
        return self._leaves.get(seq)

    def keep_leaf(self, seq: int, leaf: bytes) -> bytes:
        """Know *leaf*, and answer it."""
        if len(self._leaves) >= _MOST_LEAVES:
            self._leaves.clear()
        self._leaves[seq] = leaf
        return leaf

    def get(self, table: Table[Record], key: tuple[Value, ...]) -> Record | None:
        """The record with exactly this key."""
        known = self._of(table)
        if key not in known:
            known[key] = self._reader.get(table, *key)
        record: Record | None = known[key]
        return record

    def few_rows(self, table: Table[Record], prefix: tuple[Value, ...]) -> tuple[Record, ...] | None:
        """The records under *prefix* in the order of their keys; None where they are too many to keep."""
        known, asked = self._of(table), (prefix,)
        if asked not in known:
            rows = tuple(islice(self._reader.rows(table, *prefix), _FEW_ROWS + 1))
            known[asked] = None if len(rows) > _FEW_ROWS else rows
        few: tuple[Record, ...] | None = known[asked]
        return few

    def _of(self, table: Table[Any]) -> dict[tuple[Any, ...], Any]:
        """What is known of *table*: records by their key, and few rows by what they begin with."""
        known = self._tables.get(table.name)
        if known is None:
            known = self._tables[table.name] = {}
        elif len(known) >= _MOST_RECORDS:
            known.clear()
        return known
