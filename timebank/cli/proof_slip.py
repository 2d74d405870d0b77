"""The slip of an entry: what it says, to the letter, and the checkpoint that covers it, on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timebank.cli.counter import SLIP_WIDTH, spread
from timebank.cli.language import say
from timebank.cli.output import width
from timebank.cli.qr import drawing
from timebank.cli.wording import Names, kind_of, summary
from timebank.ledger.entries import entry_of
from timebank.tlog.checkpoint import encode_base64, read_unverified

if TYPE_CHECKING:
    from timebank.tlog.receipt import Receipt


def proof_slip(receipt: Receipt, names: Names) -> list[str]:
    """The lines of the slip: 32 columns, and the QR code of the checkpoint note below them.

    The entry and the root stand on it whole, broken only where a line is full: joined again they are what was
    hashed and what was signed. Raises QrTooLarge, ExtraMissing.
    """
    entry, checkpoint = entry_of(receipt.index, receipt.leaf), read_unverified(receipt.note)
    rule = "-" * SLIP_WIDTH
    lines = [*broken(f"{kind_of(entry)} {summary(entry, names)}".rstrip()), rule]
    lines += spread(say("slip", "entry"), str(entry.seq))
    lines += spread(say("slip", "day"), entry.day.isoformat())
    lines += spread(say("slip", "by"), entry.by)
    if entry.ok is not None:
        lines += spread(say("slip", "approved"), entry.ok)
    lines += [rule, say("slip", "to-the-letter"), *broken(receipt.leaf.decode()), rule]
    lines += spread(say("slip", "book"), checkpoint.origin)
    lines += spread(say("slip", "entries"), str(checkpoint.size))
    lines += [say("slip", "root"), *broken(encode_base64(checkpoint.root))]
    return [*lines, rule, say("slip", "qr"), drawing(receipt.note)]


def broken(text: str) -> list[str]:
    """*text* in lines of the slip's width, nothing added and nothing left out."""
    lines, line = [], ""
    for character in text:
        if width(line) + width(character) > SLIP_WIDTH:
            lines.append(line)
            line = ""
        line += character
    return [*lines, line]
