"""What others can check: verify, checkpoints, receipts; and making the projections again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import click

from timebank.bank import verify_file
from timebank.cli import typed
from timebank.cli.commands import AS_JSON, EXIT_CODES, FILE, argument, command, option, writing
from timebank.cli.language import finding_message, say
from timebank.cli.output import put, put_exactly, put_facts, put_json, wants_json, write_new
from timebank.errors import BadNote, CannotOpen, Damaged, FileMissing

if TYPE_CHECKING:
    from timebank.audit.findings import Finding, Verification


@command("verify")
@FILE
@option("--checkpoint", "notes", multiple=True, metavar="NOTEFILE", help="outside-checkpoint")
@AS_JSON
@click.pass_context
def verify(context: click.Context, file: str, notes: tuple[str, ...]) -> None:
    """Check the whole file."""
    found = verify_file(file, checkpoints=[note_text(name) for name in notes])
    found = attrs.evolve(found, findings=tuple(_naming_the_note(each, notes) for each in found.findings))
    if wants_json():
        put_json(verification_json(found))
    else:
        _put_verification(found, checked_notes=len(notes))
    if found.findings:
        context.exit(EXIT_CODES[Damaged])


def _naming_the_note(finding: Finding, notes: tuple[str, ...]) -> Finding:
    """*finding* with the name of the note's file where it says which of the given notes it is about (`#1`)."""
    names = {f"#{number}": name for number, name in enumerate(notes, start=1)}
    source = finding.facts.get("source")
    if source not in names:
        return finding
    facts: Any = {**finding.facts, "source": names[source]}
    return attrs.evolve(finding, facts=facts)


def _put_verification(found: Verification, *, checked_notes: int) -> None:
    put_facts([(say("head", "entries"), found.entries), (say("head", "root"), found.root.hex())])
    if not checked_notes:
        put(say("cli", "no-checkpoint-given"))
    put(say("cli", "findings", findings=len(found.findings)) if found.findings else say("cli", "no-findings"))
    for finding in found.findings:
        seq = "-" if finding.seq is None else finding.seq
        put(say("cli", "finding", seq=seq, finding_code=finding.code, message=finding_message(finding)))


def verification_json(found: Verification) -> dict[str, object]:
    """A verification with stable names; the root in hex."""
    findings = [
        {
            "code": finding.code,
            "seq": finding.seq,
            "message": finding_message(finding),
            "facts": {name: _plain(value) for name, value in finding.facts.items()},
        }
        for finding in found.findings
    ]
    return {"entries": found.entries, "root": found.root.hex(), "findings": findings}


def _plain(value: object) -> object:
    return value if isinstance(value, str | int) or value is None else str(value)


def note_text(name: str) -> str:
    """The checkpoint note in the file *name*. Raises FileMissing, CannotOpen or BadNote."""
    try:
        return Path(name).read_bytes().decode("utf-8")
    except FileNotFoundError as error:
        raise FileMissing(name) from error
    except OSError as error:
        raise CannotOpen(name, error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise BadNote(say("cli", "not-utf8")) from error


@command("checkpoint")
@FILE
def checkpoint(file: str) -> None:
    """Sign the journal as it is and print the note."""
    with writing(file) as bank:
        note = bank.checkpoint()
    put_exactly(note)


@command("receipt")
@FILE
@argument("seq", type=typed.place)
@option("--out", metavar="PATH")
def receipt(file: str, seq: int, out: str | None) -> None:
    """Write a receipt that proves an entry."""
    with writing(file) as bank:
        text = bank.receipt(seq)
    if out is None:
        put_exactly(text)
        return
    write_new(out, text.encode())
    put(say("cli", "receipt-written", seq=seq, path=out))


@command("rebuild")
@FILE
def rebuild(file: str) -> None:
    """Make the projections again from the journal."""
    with writing(file) as bank:
        entries = bank.rebuild()
    put(say("cli", "rebuilt", entries=entries))
