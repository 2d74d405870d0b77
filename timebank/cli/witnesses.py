"""Witnesses over files: asked, cosigning, and kept."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from timebank.audit.witness import Witness, parse_witness
from timebank.cli import typed
from timebank.cli.commands import (
    AS_JSON,
    FILE,
    Group,
    argument,
    command,
    option,
    reading,
    writing,
)
from timebank.cli.keys import warn_of_key_file
from timebank.cli.language import say
from timebank.cli.output import (
    put,
    put_exactly,
    put_facts,
    put_json,
    put_table,
    wants_json,
    write_new,
)
from timebank.cli.texts import text_in, vkey_in
from timebank.errors import BadNote, FileExists
from timebank.safekeeping.cosignatures import keep_cosignature, request_of
from timebank.storage.keys import KeyFile, only_one, write_whole
from timebank.tlog.cosignature import generate_cosigning_key, parse_cosigner, parse_request

if TYPE_CHECKING:
    from timebank.bank import Bank

_MOST_ENTRIES: Final = 10**15

witness = Group("witness")


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
    warn_of_key_file(KeyFile(Path(file)), bank.keys.in_force())


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
        after, signature = _witness(state).cosign(
            asked, at_second=_now(), vkey=None if vkey is None else vkey_in(vkey)
        )
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
    known = parse_cosigner(vkey_in(vkey))
    with reading(file):
        pass  # FILE is a ledger
    added = keep_cosignature(Path(file), text_in(cosignature, BadNote), known)
    facts = {"size": added.checkpoint.size, "name": added.witness, "moment": added.moment}
    put(say("cli", "cosignature-added", path=added.source, **facts))


def _witness(state: str) -> Witness:
    return parse_witness(text_in(state, BadNote))


def _now() -> int:
    return int(datetime.now(UTC).timestamp())
