"""The key that signs, witnesses over files, and copies that are put back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from timebank.audit.witness import Witness, parse_witness
from timebank.cli import typed
from timebank.cli.commands import (
    APPROVED_BY,
    AS_JSON,
    BY,
    FILE,
    Group,
    argument,
    command,
    option,
    reading,
    writing,
)
from timebank.cli.language import error_message, say
from timebank.cli.output import (
    put,
    put_exactly,
    put_facts,
    put_json,
    put_posted,
    put_table,
    wants_json,
    write_new,
)
from timebank.cli.receipts import text_in
from timebank.errors import BadNote, FileExists, InvalidInput, KeyMissing
from timebank.importing.cosignatures import keep_cosignature, request_of
from timebank.importing.restore import NewEpoch, restore
from timebank.storage.keys import KeyFile, only_one, write_whole
from timebank.tlog.checkpoint import read_unverified
from timebank.tlog.cosignature import generate_cosigning_key, parse_cosigner, parse_request

if TYPE_CHECKING:
    from timebank.bank import Bank
    from timebank.importing.restore import Restored
    from timebank.programme.keys import SigningKey

_MOST_ENTRIES: Final = 10**15

key = Group("key")
witness = Group("witness")


# --- The key -----------------------------------------------------------------------------------------------


@command("show", into=key)
@FILE
@AS_JSON
def key_show(file: str) -> None:
    """Show which key signs, and who can read it."""
    with reading(file) as bank:
        in_force, keys = bank.keys.in_force(), bank.keys.all()
    key_file = KeyFile(Path(file))
    mode = None if key_file.mode is None else f"{key_file.mode:04o}"
    if wants_json():
        put_json(
            {
                "vkey": None if in_force is None else in_force.vkey,
                "since": None if in_force is None else in_force.seq,
                "key_file": str(key_file.path),
                "mode": mode,
                "warnings": _warnings(key_file, in_force),
                "keys": [{"vkey": each.vkey, "since": each.seq} for each in keys],
            }
        )
        return
    if in_force is None:
        put(say("cli", "key-none"))
    else:
        facts: list[tuple[str, object]] = [("vkey", in_force.vkey), ("since", in_force.seq)]
        facts += [] if mode is None else [("key-file", key_file.path), ("mode", mode)]
        put_facts((say("head", name), value) for name, value in facts)
    for earlier in keys[:-1]:
        put(f"{earlier.seq}  {earlier.vkey}")
    _warn(key_file, in_force)


def _warnings(key_file: KeyFile, in_force: SigningKey | None) -> list[str]:
    """What is not as it should be with the key file, in words."""
    if in_force is None:
        return []
    said = [say("cli", "key-open", path=key_file.path)] if key_file.is_open_to_others else []
    try:
        if in_force.vkey not in [each.vkey for each in key_file.both()]:
            said.append(say("cli", "key-other", path=key_file.path))
    except KeyMissing:
        said.append(say("cli", "key-gone", path=key_file.path))
    except InvalidInput as error:
        said.append(error_message(error))
    return said


def _warn(key_file: KeyFile, in_force: SigningKey | None) -> None:
    for warning in _warnings(key_file, in_force):
        click.echo(warning, err=True)


@command("rotate", into=key)
@FILE
@BY
@APPROVED_BY
@option("--destroy", is_flag=True)
def key_rotate(file: str, by: str, approved_by: str, destroy: bool) -> None:
    """Make a new signing key and let it sign from here on."""
    with writing(file) as bank:
        old = bank.keys.in_force()
        posted = bank.rotate_key(by=by, approved_by=approved_by, destroy=destroy)
        new = bank.keys.in_force()
    put_posted(posted)
    if old is not None:
        kept = KeyFile(Path(file)).old_path(old.vkey)
        put(say("cli", "key-old-destroyed") if destroy else say("cli", "key-old-kept", path=kept))
    put(say("cli", "key-new"))
    put("" if new is None else new.vkey)
    _warn(KeyFile(Path(file)), new)


# --- A copy put back ---------------------------------------------------------------------------------------


@command("restore")
@argument("copy")
@argument("target")
@option("--checkpoint", "notes", multiple=True, metavar="NOTEFILE", help="known-checkpoint")
@option("--new-epoch", is_flag=True)
@option("--reason", metavar="CODE", help="lost-reason")
@option("--by", envvar="TIMEBANK_BY", metavar="OPERATOR")
@option("--approved-by", envvar="TIMEBANK_APPROVED_BY", metavar="OPERATOR")
@click.pass_context
def restore_command(
    context: click.Context,
    copy: str,
    target: str,
    notes: tuple[str, ...],
    new_epoch: bool,
    reason: str | None,
    by: str | None,
    approved_by: str | None,
) -> None:
    """Put a copy in place of a ledger that is lost."""
    epoch = None
    if new_epoch:
        for name, value in (("--reason", reason), ("--by", by), ("--approved-by", approved_by)):
            if value is None:
                raise click.UsageError(say("usage", "missing", name=name), context)
        epoch = NewEpoch(str(reason), str(by), str(approved_by))
    known = {name: text_in(name, BadNote) for name in notes}
    for text in known.values():
        read_unverified(text)  # said before anything is copied
    _put_restored(target, restore(Path(copy), Path(target), notes=known, epoch=epoch))


def _put_restored(target: str, restored: Restored) -> None:
    put(say("cli", "restored", path=target, entries=restored.entries))
    if restored.epoch is not None:
        body = restored.epoch.entry.body
        facts = {"number": body["epoch"], "seq": restored.epoch.seq, "last": int(body["note"][1]) - 1}
        put(say("cli", "restored-epoch", **facts))
    if restored.unsigned is not None:
        click.echo(say("cli", "restored-unsigned", reason=error_message(restored.unsigned)), err=True)
    if restored.note is not None:
        put()
        put_exactly(restored.note)


# --- Witnesses ---------------------------------------------------------------------------------------------


@command("init", into=witness)
@argument("state")
@option("--name", required=True, metavar="NAME", help="witness-name")
def witness_init(state: str, name: str) -> None:
    """Begin a witness: make its key and its memory."""
    made = Witness(generate_cosigning_key(name))
    with only_one(Path(state)):
        if Path(state).exists():
            raise FileExists(state)
        write_whole(Path(state), made.render(), mode=0o600)
    put(say("cli", "witness-made", name=name))
    put(made.key.cosigner.vkey)


@command("show", into=witness)
@argument("state")
@AS_JSON
def witness_show(state: str) -> None:
    """Show a witness's key and the books that it has seen."""
    found = _witness(state)
    rows = [(origin, seen.size, seen.root.hex(), seen.vkey) for origin, seen in sorted(found.seen.items())]
    if wants_json():
        books = [dict(zip(("origin", "entries", "root", "vkey"), row, strict=True)) for row in rows]
        put_json({"witness": found.key.cosigner.name, "vkey": found.key.cosigner.vkey, "books": books})
        return
    facts = (("witness", found.key.cosigner.name), ("vkey", found.key.cosigner.vkey))
    put_facts((say("head", name), value) for name, value in facts)
    if rows:
        put()
        heads = [say("head", "origin"), ">" + say("head", "entries"), say("head", "root"), say("head", "vkey")]
        put_table(heads, rows)


@command("request", into=witness)
@FILE
@option("--old", type=typed.whole("old", _MOST_ENTRIES), required=True, metavar="SIZE")
@option("--out", metavar="PATH", help="request-out")
def witness_request(file: str, old: int, out: str | None) -> None:
    """Write what a witness is asked to cosign."""
    with writing(file) as bank:
        text = request_of(bank, old)
        _warn_of_key(bank, file)
    if out is None:
        put_exactly(text)
        return
    write_new(out, text.encode())
    put(say("cli", "request-written", path=out))


def _warn_of_key(bank: Bank, file: str) -> None:
    _warn(KeyFile(Path(file)), bank.keys.in_force())


@command("cosign", into=witness)
@argument("state")
@argument("request")
@option("--key", "vkey", metavar="VKEY", help="book-key")
@option("--out", metavar="PATH", help="request-out")
def witness_cosign(state: str, request: str, vkey: str | None, out: str | None) -> None:
    """Check a request, remember it, and cosign it."""
    asked = parse_request(text_in(request, BadNote))
    if out is not None and Path(out).exists():
        raise FileExists(out)
    with only_one(Path(state)):
        after, signature = _witness(state).cosign(asked, at_second=_now(), vkey=_vkey(vkey))
        write_whole(Path(state), after.render(), mode=0o600)  # before anybody can have the cosignature
    if out is None:
        put_exactly(signature.line())
        return
    write_new(out, signature.line().encode())
    facts = {"size": asked.checkpoint.size, "origin": asked.checkpoint.origin}
    put(say("cli", "cosignature-written", path=out, **facts))


@command("add", into=witness)
@FILE
@argument("cosignature")
@option("--witness", "vkey", required=True, metavar="VKEY", help="witness-vkey")
def witness_add(file: str, cosignature: str, vkey: str) -> None:
    """Keep what a witness has cosigned beside the book."""
    known = parse_cosigner(_vkey(vkey) or "")
    with reading(file):
        pass  # FILE is a ledger
    added = keep_cosignature(Path(file), text_in(cosignature, BadNote), known)
    facts = {"size": added.checkpoint.size, "name": added.witness, "moment": added.moment}
    put(say("cli", "cosignature-added", path=added.source, **facts))


def _witness(state: str) -> Witness:
    return parse_witness(text_in(state, BadNote))


def _vkey(text: str | None) -> str | None:
    """A public key as it was typed, or as it stands in the file that was named."""
    return text if text is None or "+" in text else text_in(text, BadNote).strip()


def _now() -> int:
    return int(datetime.now(UTC).timestamp())
