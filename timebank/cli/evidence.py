"""What others can check: verify and checkpoints; and making the projections again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import click

from timebank.checking import verify_file
from timebank.cli.commands import AS_JSON, EXIT_CODES, FILE, command, option, writing
from timebank.cli.language import finding_message, say
from timebank.cli.output import put, put_exactly, put_facts, put_json, wants_json, write_new
from timebank.cli.qr import drawing, picture
from timebank.cli.texts import text_in, vkey_in
from timebank.errors import BadNote, BadReceipt, Damaged

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from timebank.audit.findings import Finding, Verification


@command("verify")
@FILE
@option("--checkpoint", "notes", multiple=True, metavar="NOTEFILE", help="outside-checkpoint")
@option("--receipt", "receipts", multiple=True, metavar="RECEIPTFILE", help="outside-receipt")
@option("--witness", "witnesses", multiple=True, metavar="VKEY", help="witness-vkey")
@option("--since", metavar="NOTEFILE", help="verify-since")
@AS_JSON
@click.pass_context
def verify(
    context: click.Context,
    file: str,
    notes: tuple[str, ...],
    receipts: tuple[str, ...],
    witnesses: tuple[str, ...],
    since: str | None,
) -> None:
    """Check the whole file, or what came after a checkpoint."""
    found = verify_file(
        file,
        checkpoints=[text_in(name, BadNote) for name in notes],
        receipts=[text_in(name, BadReceipt) for name in receipts],
        witnesses=[vkey_in(key) for key in witnesses],
        since=None if since is None else text_in(since, BadNote),
    )
    names = {f"#{number}": name for number, name in enumerate(notes, start=1)}
    names |= {f"receipt #{number}": name for number, name in enumerate(receipts, start=1)}
    names |= {"since": since} if since is not None else {}
    findings, notices = (
        tuple(naming_its_source(each, names) for each in some) for some in (found.findings, found.notices)
    )
    found = attrs.evolve(found, findings=findings, notices=notices)
    if wants_json():
        put_json(verification_json(found))
    else:
        put_verification(found, checked_notes=len(notes) + len(receipts) + len(witnesses) + (since is not None))
    if found.findings:
        context.exit(EXIT_CODES[Damaged])


def naming_its_source(finding: Finding, names: Mapping[str, str]) -> Finding:
    """*finding* with the name of a file where it says which of the given notes or receipts it is about (`#1`)."""
    name = names.get(str(finding.facts.get("source")))
    facts: Any = finding.facts if name is None else {**finding.facts, "source": name}
    return attrs.evolve(finding, facts=facts)


def put_verification(found: Verification, *, checked_notes: int) -> None:
    """What was found, for a reader; *checked_notes* came from outside the file."""
    put_facts([(say("head", "entries"), found.entries), (say("head", "root"), found.root.hex())])
    if not checked_notes:
        put(say("cli", "no-checkpoint-given"))
    if found.since is not None:
        put(say("cli", "verified-since", entries=max(0, found.entries - found.since), since=found.since))
    put(say("cli", "findings", findings=len(found.findings)) if found.findings else say("cli", "no-findings"))
    _put_findings(found.findings)
    if found.notices:
        put(say("cli", "notices", notices=len(found.notices)))
        _put_findings(found.notices)


def _put_findings(findings: Iterable[Finding]) -> None:
    for finding in findings:
        seq = "-" if finding.seq is None else finding.seq
        put(say("cli", "finding", seq=seq, finding_code=finding.code, message=finding_message(finding)))


def verification_json(found: Verification) -> dict[str, object]:
    """A verification with stable names; the root in hex."""
    findings, notices = _findings_json(found.findings, "error"), _findings_json(found.notices, "notice")
    facts: dict[str, object] = {"entries": found.entries, "root": found.root.hex()}
    if found.since is not None:
        facts["since"] = found.since
    return {**facts, "findings": findings, "notices": notices}


def _findings_json(findings: Iterable[Finding], severity: str) -> list[dict[str, object]]:
    return [
        {
            "code": finding.code,
            "severity": severity,
            "seq": finding.seq,
            "message": finding_message(finding),
            "facts": {name: _plain(value) for name, value in finding.facts.items()},
        }
        for finding in findings
    ]


def _plain(value: object) -> object:
    return value if isinstance(value, str | int) or value is None else str(value)


@command("checkpoint")
@FILE
@option("--qr", metavar="PATH")
def checkpoint(file: str, qr: str | None) -> None:
    """Sign the journal as it is and print the note, also as a QR code."""
    with writing(file) as bank:
        note = bank.checkpoint()
    code = None if qr in (None, "-") else picture(note, str(qr))
    if qr == "-":
        put(drawing(note))
    put_exactly(note)
    if code is not None:
        write_new(str(qr), code)


@command("rebuild")
@FILE
def rebuild(file: str) -> None:
    """Make the projections again from the journal."""
    with writing(file) as bank:
        entries = bank.rebuild()
    put(say("cli", "rebuilt", entries=entries))
