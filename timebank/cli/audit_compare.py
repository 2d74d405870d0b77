"""`timebank audit compare`: what other tools worked out from an export, held against the ledger file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import click

from timebank.audit.compare import TOOLS, compare, read_balances
from timebank.cli import typed
from timebank.cli.auditing import audit
from timebank.cli.commands import EXIT_CODES, FILE, argument, command, option, reading
from timebank.cli.language import say, word
from timebank.cli.output import put
from timebank.cli.reports import AS_REPORT, Row, Sheet, deliver, json_of, show
from timebank.errors import Damaged

if TYPE_CHECKING:
    from datetime import date

__all__ = ["audit"]


@command("compare", into=audit)
@FILE
@argument("output")
@option("--tool", required=True, type=click.Choice(TOOLS), metavar="|".join(TOOLS), help="compare-tool")
@option("--day", type=typed.day("day"), metavar="YYYY-MM-DD", help="compare-day")
@AS_REPORT
@click.pass_context
def audit_compare(context: click.Context, file: str, output: str, tool: str, day: date | None) -> None:
    """Compare balances that another tool printed with ours."""
    theirs = read_balances(output, tool)
    with reading(file) as bank:
        found = compare(bank.trial_balance(day), theirs)
    rows: list[Row] = [
        (each.account, each.unit, each.ours, each.theirs, word("difference", each.what))
        for each in found.differences
    ]
    ends = "compare-differs" if rows else "compare-same"
    notes = [say("cli", ends, compared=found.compared, count=len(rows))]
    columns = ("account", "unit", ">ours", ">theirs", "difference")
    sheet = Sheet("compare", say("cli", "compare-title", tool=tool), columns, rows, notes=notes)
    json = {
        **json_of(sheet),
        "rows": [{**attrs.asdict(each), "what": each.what} for each in found.differences],
        "compared": found.compared,
    }
    if rows:
        show(sheet, json=json)
        context.exit(EXIT_CODES[Damaged])
    if not deliver(sheet, json=json):
        put(*notes)
