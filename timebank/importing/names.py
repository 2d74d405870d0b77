"""Reading a table of names and telephone numbers into the people file: all rows are kept, or none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from timebank.errors import BadIdNumber, Busy, CellWrong, Damaged, TimebankError
from timebank.importing import values
from timebank.importing.layout import MOST_WRONG, RowError, RowReader, layout_of
from timebank.importing.registers import CARD, MEMBER, WHO, Column, Form
from timebank.importing.tables import read_table
from timebank.people.records import PURPOSES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from timebank.bank import Bank
    from timebank.importing.tables import Cell
    from timebank.importing.values import Parse
    from timebank.residents.desk import People

_YES: Final = frozenset(("是", "同意", "√", "✓", "yes", "y", "1", "true"))
_NO: Final = frozenset(("否", "不同意", "×", "no", "n", "0", "false"))

NAMES: Final = Form(
    "names",
    (
        CARD,
        MEMBER,
        Column("name", ("姓名", "居民姓名", "name"), required=True),
        Column("phone", ("电话", "手机", "手机号", "联系电话", "phone", "telephone")),
        Column("id_number", ("身份证号", "身份证号码", "身份证", "证件号码", "idnumber", "id")),
        Column("bulletin", ("同意公示", "公示", "bulletin"), "yes-no"),
        Column("stars", ("同意上榜", "亮星榜", "stars"), "yes-no"),
        Column("contact", ("同意联系", "contact"), "yes-no"),
    ),
    WHO,
)


@frozen
class NamesRead:
    """What reading a table of names came to; *kept* is False where nothing was written."""

    rows: int
    ignored_columns: tuple[str, ...]
    errors: tuple[RowError, ...]
    kept: bool


class _TakeBack(Exception):  # noqa: N818 - no error: a trial ends so
    """Ends the batch without keeping it."""


def read_names(
    bank: Bank,
    people: People,
    path: str | Path,
    *,
    by: str,
    dry_run: bool = False,
    progress: Callable[[int, int], object] = lambda _, __: None,
) -> NamesRead:
    """Read the table at *path* into *people*, the persons of *bank*: columns as in NAMES.

    An empty cell leaves what is kept as it is; a file that is read twice changes nothing but the day. Raises
    FileMissing, CannotOpen, TableUnreadable, ExtraMissing, ColumnsMissing, ColumnTwice, Busy and Damaged errors;
    what is wrong with a row is in the answer, and then nothing is kept.
    """
    rows = read_table(Path(path))
    layout = layout_of(str(path), NAMES, rows)
    reader = RowReader(layout, _PARSE)
    left, kept = list(rows), True
    try:
        with people.batch():
            for done, row in enumerate(left, start=1):
                said = reader.values(row)
                if said is not None:
                    try:
                        _keep(bank, people, said, by)
                    except (Busy, Damaged):
                        raise
                    except BadIdNumber as error:
                        reader.errors.append(RowError(row.number, layout.head("id_number"), "", error))
                    except TimebankError as error:
                        reader.errors.append(reader.located(row, error))
                progress(done, len(left))
                if len(reader.errors) >= MOST_WRONG:
                    break
            if dry_run or reader.errors:
                raise _TakeBack
    except _TakeBack:
        kept = False
    return NamesRead(len(left), layout.ignored, tuple(reader.errors), kept)


def _keep(bank: Bank, people: People, said: Mapping[str, Any], by: str) -> None:
    """Keep one row."""
    member = said["member"] if "member" in said else bank.members.by_card(said["card"]).id
    kept = people.set(member, **{name: said.get(name) for name in ("name", "phone", "id_number")}, by=by)
    given = people.purposes(kept.member)
    for purpose in PURPOSES:
        if purpose in said and said[purpose] is not (purpose in given):
            people.consent(kept.member, purpose, is_given=said[purpose], by=by)


def _yes_no(cell: Cell) -> bool:
    typed = values.code(cell).lower()
    if typed not in _YES | _NO:
        raise CellWrong(typed[:80], "yes-no")
    return typed in _YES


_PARSE: Final[Mapping[str, Parse]] = {"code": values.code, "yes-no": _yes_no}
