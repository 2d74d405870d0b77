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
    CellWrong,
    ColumnsMissing,
    ColumnTwice,
    Damaged,
    TableUnreadable,
    TimebankError,
    UnknownRegister,
)
from timebank.importing.registers import REGISTERS, Actor, Column, Register, parsers, plain_head
from timebank.importing.tables import TableRow, read_table
from timebank.importing.values import text_of
from timebank.tlog import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from timebank.bank import Bank
    from timebank.importing.values import Parse

MOST_WRONG: Final = 1_000
"""After so many wrong rows the rest is not looked at, where a wrong row means that none is kept."""

_HEAD_WITHIN: Final = 10
_KEY_CHARACTERS: Final = 22


@frozen
class RowError:
    """What is wrong with a row: its number, the column's head and the cell's text ("" for the row), and why."""

    row: int
    column: str
    value: str
    error: TimebankError


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


@frozen
class _Layout:
    """Where the columns of a register stand in a file."""

    register: Register
    heads: tuple[str, ...]
    places: Mapping[str, tuple[int, Column]]
    ignored: tuple[str, ...]


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
    layout = _layout(str(path), REGISTERS[register], rows)
    left = list(rows)
    run = _Run(bank, layout, Actor(by, approved_by), parsers(bank))
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


def _layout(path: str, register: Register, rows: Iterator[TableRow]) -> _Layout:
    """The register's columns in the first rows of a file: titles may stand above the heads."""
    fields = {head: column for column in register.columns for head in map(plain_head, column.heads)}
    nearest: _Layout | None = None
    for _, row in zip(range(_HEAD_WITHIN), rows, strict=False):
        heads = tuple(text_of(cell) for cell in row.cells)
        places: dict[str, tuple[int, Column]] = {}
        for place, head in enumerate(heads):
            column = fields.get(plain_head(head))
            if column is not None and column.field in places:
                raise ColumnTwice(path, heads[places[column.field][0]], head)
            if column is not None:
                places[column.field] = (place, column)
        known = {place for place, _ in places.values()}
        ignored = tuple(head for place, head in enumerate(heads) if head and place not in known)
        layout = _Layout(register, heads, places, ignored)
        if not _missing(register, places):
            return layout
        if nearest is None or len(places) > len(nearest.places):
            nearest = layout
    if nearest is None:
        raise TableUnreadable(path, "empty")
    found = ", ".join(head for head in nearest.heads if head)
    raise ColumnsMissing(path, register.name, ", ".join(_missing(register, nearest.places)), found[:200])


def _missing(register: Register, places: Mapping[str, object]) -> list[str]:
    """The heads that a file of this register still needs."""
    named = {column.field: column.heads[0] for column in register.columns}
    wanted = [named[column.field] for column in register.columns if column.required and column.field not in places]
    groups = [group for group in register.one_of if not any(name in places for name in group)]
    return wanted + [" / ".join(named[name] for name in group) for group in groups]


class _Run:
    """One pass over the rows of a file."""

    def __init__(self, bank: Bank, layout: _Layout, actor: Actor, parse: Mapping[str, Parse]) -> None:
        self._bank = bank
        self._layout = layout
        self._actor = actor
        self._parse = parse
        self._seen: Counter[bytes] = Counter()
        self.rows = self.posted = self.repeated = 0
        self.errors: list[RowError] = []

    def row(self, row: TableRow) -> None:
        """Post what *row* says, or note what is wrong with it."""
        self.rows += 1
        values = self._values(row)
        if values is None:
            return
        key = self._key(values)
        try:
            with self._bank.journal.reading() as books:
                known = books.seq_of_key(key) is not None
            if known:
                self.repeated += 1
                return
            self._layout.register.post(self._bank, values, self._actor, key)
            self.posted += 1
        except (Busy, Damaged):
            raise
        except TimebankError as error:
            self.errors.append(self._located(row, error))

    def _values(self, row: TableRow) -> dict[str, Any] | None:
        """The row's values by field; None where one is wrong, which is noted."""
        values: dict[str, Any] = {}
        wrong = len(self.errors)
        for field_name, (place, column) in self._layout.places.items():
            cell = row.cell(place)
            if text_of(cell) == "":
                if column.required:
                    self._note(row, place, CellWrong("", "text"))
                continue
            try:
                values[field_name] = self._parse[column.parse](cell)
            except CellWrong as error:
                self._note(row, place, error)
        for group in self._layout.register.one_of:
            if sum(name in values for name in group) != 1 and len(self.errors) == wrong:
                places = [self._layout.places[name][0] for name in group if name in self._layout.places]
                self._note(row, places[0], CellWrong("", "one-of"))
        return values if len(self.errors) == wrong else None

    def _note(self, row: TableRow, place: int, error: TimebankError) -> None:
        self.errors.append(RowError(row.number, self._layout.heads[place], text_of(row.cell(place))[:80], error))

    def _located(self, row: TableRow, error: TimebankError) -> RowError:
        """*error* at the cell that it is about, where one of its facts is what a cell says."""
        facts = {str(fact) for fact in error.facts().values()}
        for place, _ in self._layout.places.values():
            text = text_of(row.cell(place))
            if text and text in facts:
                return RowError(row.number, self._layout.heads[place], text[:80], error)
        return RowError(row.number, "", "", error)

    def _key(self, values: Mapping[str, Any]) -> str:
        said = [[name, value if isinstance(value, int) else str(value)] for name, value in sorted(values.items())]
        digest = sha256(canonical.encode({"row": [self._layout.register.name, said]})).digest()
        self._seen[digest] += 1
        text = base64.urlsafe_b64encode(digest)[:_KEY_CHARACTERS].decode("ascii")
        return f"import/{text}/{self._seen[digest]}"
