"""The public bulletin: on the screen, as a table, or as a page to hang up."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from timebank.cli import typed
from timebank.cli.commands import FILE, command, option, writing
from timebank.cli.language import say
from timebank.cli.output import put, wants_json, write_new
from timebank.cli.pages.document import Page, page_html, period_words, stamp_of
from timebank.cli.pages.tables import Table
from timebank.cli.reports import AS_REPORT, Sheet, json_of, show
from timebank.cli.wording import Names
from timebank.errors import FileExists
from timebank.residents.desk import People
from timebank.tlog.checkpoint import encode_base64, read_unverified

if TYPE_CHECKING:
    from datetime import date

    from timebank.residents.bulletin import Bulletin

_COLUMNS = ("#entry", "day", "who", "service", ">points", ">service-minutes")
_PAGE_COLUMNS = ("bulletin-entry", "day", "who", "service", ">points", ">bulletin-minutes")


@command("bulletin")
@FILE
@option("--from", "first", type=typed.day("first"), required=True, metavar="YYYY-MM-DD", help="first")
@option("--to", "last", type=typed.day("last"), required=True, metavar="YYYY-MM-DD", help="last")
@option("--org", metavar="ORG", help="bulletin-org")
@option("--page", metavar="FILE", help="bulletin-page")
@AS_REPORT
def bulletin(file: str, first: date, last: date, org: str | None, page: str | None) -> None:
    """Show the awards of a time as they may hang in public."""
    if page is not None and os.path.lexists(page):
        raise FileExists(page)
    with writing(file) as bank, People.open(bank) as people:
        names = Names.of(bank)
        found = people.bulletin(first, last, org)
        with bank.journal.reading() as books:
            stamp = stamp_of(books)
        today = bank.today()
    called = names.organisations.get(org or "", org or "")
    facts = {"first": first, "last": last}
    title = say("cli", "bulletin-title-of", name=called, **facts) if org else say("cli", "bulletin-title", **facts)
    rows = [
        (
            line.award.seq,
            line.award.day,
            line.who,
            names.services.get(line.award.service, line.award.service),
            line.award.points,
            line.award.minutes,
        )
        for line in found.lines
    ]
    sums = _sums(found)
    if page is not None:
        table = Table(
            "bulletin",
            say("page", "bulletin-awards"),
            _PAGE_COLUMNS,
            [(str(row[0]), *row[1:]) for row in rows],
            notes=sums,
        )
        facts_of_page = [(say("page", "days-head"), period_words(first, last))]
        if org:
            facts_of_page.insert(0, (say("head", "organisation"), called))
        made = Page(say("page", "bulletin"), facts_of_page, [table, say("cli", "bulletin-how")])
        write_new(page, page_html(made, stamp, today))
    checkpoint = read_unverified(found.note)
    root = encode_base64(checkpoint.root)
    signed = say("cli", "bulletin-checkpoint", origin=checkpoint.origin, size=checkpoint.size, root=root)
    sheet = Sheet("bulletin", title, _COLUMNS, rows, [*sums, signed])
    not_named = {"awards": found.unnamed, "points": found.unnamed_points, "minutes": found.unnamed_minutes}
    show(sheet, json={**json_of(sheet), "not_named": not_named, "checkpoint": found.note})
    if page is not None and not wants_json():
        put(say("cli", "page-written", path=page))


def _sums(found: Bulletin) -> list[str]:
    """What the lines come to, and those that name nobody."""
    points = sum(line.award.points for line in found.lines)
    minutes = sum(line.award.minutes for line in found.lines)
    others = {"count": found.unnamed, "points": found.unnamed_points, "minutes": found.unnamed_minutes}
    both = {
        "count": len(found.lines) + found.unnamed,
        "points": points + found.unnamed_points,
        "minutes": minutes + found.unnamed_minutes,
    }
    if not both["count"]:
        return [say("cli", "bulletin-none")]
    return [
        *([say("cli", "bulletin-unnamed", **others)] if found.unnamed else []),
        say("cli", "bulletin-sum", **both),
    ]
