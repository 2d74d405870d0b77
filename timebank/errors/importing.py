"""What is wrong with a register that is read in: the file, its columns, its cells."""

from __future__ import annotations

from timebank.errors.families import InvalidInput, error
from timebank.errors.inputs import Unknown


@error
class TableUnreadable(InvalidInput):
    """A file is no table that can be read; *problem* says why: empty, too-large, no-text, not-csv, no-workbook."""

    code = "table-unreadable"
    path: str
    problem: str


@error
class ColumnsMissing(InvalidInput):
    """A register lacks columns that it needs; *found* are the heads it has."""

    code = "columns-missing"
    path: str
    register: str
    missing: str
    found: str


@error
class ColumnTwice(InvalidInput):
    """Two columns of a register say the same thing."""

    code = "column-twice"
    path: str
    head: str
    other: str


@error
class CellWrong(InvalidInput):
    """A cell cannot be read as what its column holds; *wanted* says what that is."""

    code = "cell-wrong"
    value: str
    wanted: str


@error
class UnknownRegister(Unknown):
    """No register of this name can be read in."""

    code = "unknown-register"
    known: str


@error
class RowsWrong(InvalidInput):
    """Rows of a file are wrong and were listed in *list_path*; *kept* rows were kept all the same."""

    code = "rows-wrong"
    path: str
    wrong: int
    kept: int
    list_path: str


@error
class NothingToOpen(InvalidInput):
    """An opening balance of neither points nor minutes."""

    code = "nothing-to-open"
    member: str
