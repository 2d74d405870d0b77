"""The books written out for tools of other people: `timebank export hledger` and `timebank export beancount`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from timebank.audit.export.beancount import BeancountText
from timebank.audit.export.journal_text import JournalText
from timebank.audit.export.months import Month
from timebank.audit.export.writing import write_book
from timebank.audit.flat.places import new_file
from timebank.cli import typed
from timebank.cli.commands import FILE, Group, argument, command, option, reading
from timebank.cli.language import say
from timebank.cli.output import put

if TYPE_CHECKING:
    from timebank.audit.export.writing import Form

export = Group("export")

_OUT = argument("out")
_MONTH = option("--month", metavar="YYYY-MM", help="export-month")


@command("hledger", into=export)
@FILE
@_OUT
@_MONTH
def export_hledger(file: str, out: str, month: str | None) -> None:
    """Write the book for hledger and ledger."""
    _export(file, out, JournalText(), month)


@command("beancount", into=export)
@FILE
@_OUT
@_MONTH
def export_beancount(file: str, out: str, month: str | None) -> None:
    """Write the book for beancount."""
    _export(file, out, BeancountText(), month)


def _export(file: str, out: str, form: Form, typed_month: str | None) -> None:
    month = None if typed_month is None else Month.parse(typed.narrow(typed_month))
    with (
        reading(file) as bank,
        bank.journal.reading() as books,
        new_file(Path(out)) as place,
        place.open("w", encoding="utf-8", newline="\n") as text,
    ):
        survey = write_book(books, text, form, month=month)
    put(say("cli", "book-written", path=out, entries=survey.entries, size=survey.size, root=survey.root.hex()))
