"""The auditor's visit: `audit FILE` verifies, performs the figures again, and says where to ask."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs
import click

from timebank.checking import audit_file
from timebank.cli.audit_papers import paper_sheets, papers_json, seqs_in_words
from timebank.cli.commands import AS_JSON, EXIT_CODES, FILE, GroupWithDefault, command, option
from timebank.cli.evidence import naming_its_source, put_verification, verification_json
from timebank.cli.language import language, say
from timebank.cli.output import put, put_json, put_table, wants_json
from timebank.cli.texts import text_in
from timebank.errors import BadNote, CellWrong, ColumnsMissing, Damaged
from timebank.importing.tables import read_table

if TYPE_CHECKING:
    from timebank.audit.reperform import Audit, Lead

_LINK: Final = ("operator", "member")

audit = GroupWithDefault("audit")


@command("of", into=audit)
@FILE
@option("--checkpoint", "notes", multiple=True, metavar="NOTEFILE", help="outside-checkpoint")
@option("--link", metavar="LISTFILE", help="audit-link")
@AS_JSON
@click.pass_context
def audit_of(context: click.Context, file: str, notes: tuple[str, ...], link: str | None) -> None:
    """Verify a file, perform its figures again, and look for leads."""
    links = None if link is None else links_in(link)
    found = audit_file(file, checkpoints=[text_in(name, BadNote) for name in notes], links=links)
    names = {f"#{number}": name for number, name in enumerate(notes, start=1)}
    findings = tuple(naming_its_source(each, names) for each in found.verification.findings)
    found = attrs.evolve(found, verification=attrs.evolve(found.verification, findings=findings))
    if wants_json():
        put_json(audit_json(found))
    else:
        put_verification(found.verification, checked_notes=len(notes))
        _put_papers(found)
        _put_leads(found.leads)
    if not found.is_clean:
        context.exit(EXIT_CODES[Damaged])


def links_in(path: str) -> list[tuple[str, str]]:
    """The pairs of a list with the columns operator and member.

    Raises ColumnsMissing, CellWrong for an empty cell, and what reading a table raises.
    """
    rows = iter(read_table(Path(path)))
    head = next(rows, None)
    heads = [] if head is None else [str(cell).strip().lower() for cell in head.cells]
    missing = [name for name in _LINK if name not in heads]
    if missing:
        raise ColumnsMissing(path, "links", ", ".join(missing), ", ".join(heads))
    pairs = []
    for row in rows:
        operator, member = (row.cell(heads.index(name)) for name in _LINK)
        if any(cell is None or cell == "" for cell in (operator, member)):
            raise CellWrong("", "text")
        pairs.append((str(operator), str(member)))
    return pairs


def _put_papers(found: Audit) -> None:
    put()
    put(say("cli", "audit-papers"))
    for title, checked, heads, rows in paper_sheets(found.papers):
        put()
        put(title)
        if checked is not None and checked.wrong:
            put(say("cli", "audit-wrong", seqs=seqs_in_words(checked.wrong, checked.seqs)))
        if rows:
            put_table(heads, rows)
    wrong = sum(total.difference != 0 for total in found.papers.totals)
    every = len(found.papers.totals)
    put(say("cli", "audit-disagree", totals=wrong) if wrong else say("cli", "audit-agree", totals=every))


def _put_leads(leads: tuple[Lead, ...]) -> None:
    put()
    put(say("cli", "audit-leads", leads=len(leads)) if leads else say("cli", "audit-no-leads"))
    spoken = language()
    for place, lead in enumerate(leads):
        put(say("cli", "audit-lead", lead_code=lead.code, message=lead.message(spoken)))
        put(say("cli", "audit-entries", seqs=seqs_in_words(lead.count, lead.seqs)))
        if place + 1 == len(leads) or leads[place + 1].code != lead.code:
            put(say("cli", "audit-meaning", text=lead.meaning(spoken)))
            put(say("cli", "audit-innocent", text=lead.innocent(spoken)))


def audit_json(found: Audit) -> dict[str, Any]:
    """An audit with stable names."""
    spoken = language()
    leads = [
        {
            "code": lead.code,
            "severity": lead.severity,
            "count": lead.count,
            "seqs": list(lead.seqs),
            "facts": dict(lead.facts),
            "message": lead.message(spoken),
            "meaning": lead.meaning(spoken),
            "innocent": lead.innocent(spoken),
        }
        for lead in found.leads
    ]
    return {**verification_json(found.verification), "papers": papers_json(found.papers), "leads": leads}
