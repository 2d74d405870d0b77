"""Receipts: written for a member, proved without the book, and the program that proves them elsewhere."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final

from timebank.cli import typed
from timebank.cli.books import entry_json
from timebank.cli.commands import AS_JSON, FILE, GroupWithDefault, argument, command, option, writing
from timebank.cli.language import say
from timebank.cli.output import put, put_exactly, put_facts, put_json, put_table, wants_json, write_new
from timebank.cli.proof_slip import proof_slip
from timebank.cli.texts import text_in, vkey_in
from timebank.cli.wording import Names, kind_in_full
from timebank.errors import BadReceipt, InvalidInput
from timebank.ledger.entries import entry_of
from timebank.tlog.checkpoint import encode_base64, parse_verifier, read_unverified
from timebank.tlog.receipt import parse_receipt, verify_receipt

if TYPE_CHECKING:
    from timebank.ledger.entries import Entry
    from timebank.tlog.checkpoint import Checkpoint

_PROGRAM: Final = "verify_receipt.py"

receipt = GroupWithDefault("receipt")


@command("of", into=receipt)
@FILE
@argument("seq", type=typed.place)
@option("--out", metavar="PATH")
@option("--slip", is_flag=True, help="receipt-slip")
def receipt_of(file: str, seq: int, out: str | None, slip: bool) -> None:
    """Write a receipt that proves an entry, or print its slip, or both."""
    with writing(file) as bank:
        names = Names.of(bank) if slip else None
        text = bank.receipt(seq)
    lines = [] if names is None else proof_slip(parse_receipt(text), names)
    if out is None and not slip:
        put_exactly(text)
    if out is not None:
        write_new(out, text.encode())
    for line in lines:
        put(line)
    if out is not None:
        put(say("cli", "receipt-written", seq=seq, path=out))


@command("verify", into=receipt)
@argument("receiptfile", metavar="RECEIPTFILE")
@option("--key", "--vkey", "vkey", required=True, metavar="VKEY", help="vkey")
@option("--origin", metavar="NAME", help="receipt-origin")
@AS_JSON
def receipt_verify(receiptfile: str, vkey: str, origin: str | None) -> None:
    """Prove a receipt, without the book."""
    verifier = parse_verifier(vkey_in(vkey))
    proved = verify_receipt(text_in(receiptfile, BadReceipt), verifier, origin or verifier.name)
    checkpoint = read_unverified(proved.note)
    try:
        entry = entry_of(proved.index, proved.leaf)
    except InvalidInput as error:
        raise BadReceipt(say("cli", "receipt-no-entry")) from error
    if wants_json():
        shown = {"origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.hex()}
        put_json({**shown, "entry": entry_json(entry)})
        return
    _put_proved(entry, checkpoint)


def _put_proved(entry: Entry, checkpoint: Checkpoint) -> None:
    put(say("cli", "receipt-proved", origin=checkpoint.origin, seq=entry.seq, size=checkpoint.size))
    facts = [
        ("kind", kind_in_full(entry)),
        ("day", entry.day),
        ("at", entry.at.strftime("%Y-%m-%d %H:%M:%S UTC")),
        ("by", entry.by),
        ("ok", entry.ok),
        ("ref", entry.ref),
        ("key", entry.key),
        ("root", encode_base64(checkpoint.root)),
    ]
    put_facts((say("head", name), value) for name, value in facts if value is not None)
    if entry.moves:
        put()
        heads = [say("head", "debit"), say("head", "credit"), ">" + say("head", "amount"), say("head", "unit")]
        put_table(heads, [(move.debit, move.credit, move.amount, move.unit) for move in entry.moves])
    put()
    put(say("cli", "receipt-not-proved"))


@command("verifier", into=receipt)
@option("--out", metavar="PATH", help="verifier-out")
def receipt_verifier(out: str | None) -> None:
    """Write the program that proves receipts without timebank."""
    program = (files("timebank") / "data" / _PROGRAM).read_bytes()
    if out is None:
        put_exactly(program.decode("utf-8"))
        return
    write_new(out, program)
    put(say("cli", "verifier-written", path=out))
