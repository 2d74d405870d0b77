"""Reading registers and lists in, and opening balances by hand."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from timebank.cli import typed
from timebank.cli.commands import (
    APPROVED_BY,
    AS_JSON,
    BY,
    CARD_OPTION,
    FILE,
    KEY,
    MEMBER_OPTION,
    ON_DAY,
    argument,
    command,
    holder,
    one_of,
    option,
    writing,
)
from timebank.cli.language import error_message, say
from timebank.cli.output import duration, put, put_json, put_posted, wants_json
from timebank.cli.reports import Sheet, csv_of
from timebank.errors import CannotWrite, FileExists, RowsWrong
from timebank.importing.load import import_file
from timebank.importing.registers import REGISTERS
from timebank.ledger.codes import MINUTES, MOST_AMOUNT, POINTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from timebank.importing.layout import RowError
    from timebank.importing.load import Imported

_ROWS_A_STEP = 250
_ERROR_COLUMNS = (">row", "column", "value", "why", "code")


@command("import")
@FILE
@argument("register", metavar="|".join(REGISTERS))
@argument("table", metavar="TABLE")
@option("--dry-run", is_flag=True)
@option("--keep-good-rows", is_flag=True)
@option("--errors-file", metavar="FILE")
@BY
@APPROVED_BY
@AS_JSON
def import_(
    file: str,
    register: str,
    table: str,
    dry_run: bool,
    keep_good_rows: bool,
    errors_file: str | None,
    by: str,
    approved_by: str,
) -> None:
    """Read a register or list into the ledger."""
    with writing(file) as bank, progress_bar() as progress:
        done = import_file(
            bank,
            table,
            register,
            by=by,
            approved_by=approved_by,
            dry_run=dry_run,
            keep_good_rows=keep_good_rows,
            progress=progress,
        )
    list_path = errors_file or f"{table}.errors.csv"
    if done.errors:
        list_errors(done.errors, list_path)
    if wants_json():
        put_json(imported_json(done))
    else:
        kept = "imported" if done.kept else "import-tried"
        put(say("cli", kept, path=table, rows=done.rows, posted=done.posted, repeated=done.repeated))
        if done.ignored_columns:
            put(say("cli", "import-ignored", names=say("cli", "comma").join(done.ignored_columns)))
    if done.errors:
        raise RowsWrong(table, len(done.errors), done.posted if done.kept else 0, list_path)


@contextmanager
def progress_bar() -> Iterator[Callable[[int, int], None]]:
    """What draws a bar on a terminal as rows are done; nothing anywhere else."""
    bars: list[Any] = []

    def step(done: int, rows: int) -> None:
        if not sys.stderr.isatty():
            return
        if not bars:
            bars.append(click.progressbar(length=rows, file=sys.stderr).__enter__())
        if done % _ROWS_A_STEP == 0 or done == rows:
            bars[0].update(_ROWS_A_STEP if done % _ROWS_A_STEP == 0 else done % _ROWS_A_STEP)

    try:
        yield step
    finally:
        for bar in bars:
            bar.render_finish()


def imported_json(done: Imported) -> dict[str, object]:
    """What an import came to, with stable names."""
    return {
        "rows": done.rows,
        "posted": done.posted,
        "repeated": done.repeated,
        "kept": done.kept,
        "ignored_columns": list(done.ignored_columns),
        "errors": [
            {"row": each.row, "column": each.column, "value": each.value, "error": each.error.code}
            for each in done.errors
        ],
    }


def list_errors(errors: Sequence[RowError], path: str) -> None:
    """The wrong rows as a CSV file; an older list of ours is replaced, anything else is not."""
    rows = [(each.row, each.column, each.value, error_message(each.error), each.error.code) for each in errors]
    data = csv_of(Sheet("import-errors", say("cli", "import-errors-title"), _ERROR_COLUMNS, rows))
    head = data.splitlines()[0]
    target = Path(path)
    try:
        if target.exists() and not target.read_bytes().startswith(head):
            raise FileExists(path)
        target.write_bytes(data)
    except OSError as error:
        raise CannotWrite(path) from error


@command("opening")
@FILE
@CARD_OPTION
@MEMBER_OPTION
@option("--points", type=typed.whole("points", MOST_AMOUNT), default=0, metavar="NUMBER")
@option("--minutes", type=typed.whole("minutes", MOST_AMOUNT), default=0, metavar="NUMBER")
@ON_DAY
@BY
@APPROVED_BY
@KEY
def opening(
    file: str,
    card: str | None,
    member: str | None,
    points: int,
    minutes: int,
    day: date | None,
    by: str,
    approved_by: str,
    key: str | None,
) -> None:
    """Take over what a member held before."""
    one_of(card=card, member=member)
    with writing(file) as bank:
        who = holder(bank, card=card, member=member)
        posted = bank.openings.record(
            who, points=points, minutes=minutes, day=day, by=by, approved_by=approved_by, key=key
        )
    units = {move.unit: move.amount for move in posted.entry.moves}
    put(
        say(
            "cli",
            "opening-recorded",
            member=who.id,
            points=units.get(POINTS, 0),
            length=duration(units.get(MINUTES, 0)),
        )
    )
    put_posted(posted)
