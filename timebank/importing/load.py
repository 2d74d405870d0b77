"""Reading a file in: every row checked, an error for every bad one, all of them kept or none.

Each row has an idempotency key made of what it says (and of how many rows before it say the same), so a file that
is read twice, or again with rows added, posts each row once.
"""

from __future__ import annotations

import base64
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from timebank.errors import (
    Busy,
    Damaged,
    TimebankError,
    UnknownRegister,
)
from timebank.importing.layout import MOST_WRONG, RowError, RowReader, layout_of
from timebank.importing.registers import REGISTERS, Actor, parsers
from timebank.importing.tables import read_table
from timebank.tlog import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from timebank.bank import Bank
    from timebank.importing.layout import Layout
    from timebank.importing.registers import Register
    from timebank.importing.tables import TableRow
    from timebank.importing.values import Parse

_KEY_CHARACTERS: Final = 22


@frozen
class Imported:
    """What reading a file in came to. *kept* is False where nothing was written: a trial, or a wrong row."""

    rows: int
    posted: int
    repeated: int
    ignored_columns: tuple[str, ...]
    errors: tuple[RowError, ...]
    kept: bool


class _TakeBack(Exception):  # noqa: N818 - no error: a trial ends so
    """Ends the batch without keeping it."""


def import_file(
    bank: Bank,
    path: str | Path,
    register: str,
    *,
    by: str,
    approved_by: str,
    dry_run: bool = False,
    keep_good_rows: bool = False,
    progress: Callable[[int, int], object] = lambda _, __: None,
) -> Imported:
    """Read the file at *path* into *bank*: a *register* of REGISTERS.

    All rows are kept, or none; with *keep_good_rows* the wrong ones are left out. *dry_run* checks everything and
    keeps nothing. *progress* is told how many rows are done, of how many.

    Raises UnknownRegister, FileMissing, CannotOpen, TableUnreadable, ExtraMissing, ColumnsMissing, ColumnTwice,
    BatchOpen, Busy and Damaged errors; what is wrong with a row is in the answer.
    """
    if register not in REGISTERS:
        raise UnknownRegister(str(register)[:80], ", ".join(REGISTERS))
    rows = read_table(Path(path))
    layout = layout_of(str(path), REGISTERS[register], rows)
    left = list(rows)
    run = _Run(bank, REGISTERS[register], layout, Actor(by, approved_by), parsers(bank))
    kept = True
    try:
        with bank.batch():
            for done, row in enumerate(left, start=1):
                run.row(row)
                progress(done, len(left))
                if len(run.errors) >= MOST_WRONG and not keep_good_rows:
                    break
            if dry_run or (run.errors and not keep_good_rows):
                raise _TakeBack
    except _TakeBack:
        kept = False
    return Imported(run.rows, run.posted, run.repeated, layout.ignored, tuple(run.errors), kept)


class _Run:
    """One pass over the rows of a file."""

    def __init__(
        self, bank: Bank, register: Register, layout: Layout, actor: Actor, parse: Mapping[str, Parse]
    ) -> None:
        self._bank = bank
        self._register = register
        self._reader = RowReader(layout, parse)
        self._actor = actor
        self._seen: Counter[bytes] = Counter()
        self.errors = self._reader.errors
        self.rows = self.posted = self.repeated = 0

    def row(self, row: TableRow) -> None:
        """Post what *row* says, or note what is wrong with it."""
        self.rows += 1
        values = self._reader.values(row)
        if values is None:
            return
        key = self._key(values)
        try:
            with self._bank.journal.reading() as books:
                known = books.seq_of_key(key) is not None
            if known:
                self.repeated += 1
                return
            self._register.post(self._bank, values, self._actor, key)
            self.posted += 1
        except (Busy, Damaged):
            raise
        except TimebankError as error:
            self.errors.append(self._reader.located(row, error))

    def _key(self, values: Mapping[str, Any]) -> str:
        said = [[name, value if isinstance(value, int) else str(value)] for name, value in sorted(values.items())]
        digest = sha256(canonical.encode({"row": [self._register.name, said]})).digest()
        self._seen[digest] += 1
        text = base64.urlsafe_b64encode(digest)[:_KEY_CHARACTERS].decode("ascii")
        return f"import/{text}/{self._seen[digest]}"
