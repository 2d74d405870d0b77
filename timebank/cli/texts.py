"""Texts that a command is given as files: notes, receipts, public keys."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from timebank.cli.language import say
from timebank.errors import BadNote, BadReceipt, CannotOpen, FileMissing
from timebank.tlog.receipt import MAX_RECEIPT

_MOST_BYTES: Final = 4 * MAX_RECEIPT


def text_in(name: str, error: type[BadNote | BadReceipt]) -> str:
    """The text of the file *name*. Raises FileMissing, CannotOpen, or *error* if it is no text of that kind."""
    try:
        with Path(name).open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except FileNotFoundError as missing:
        raise FileMissing(name) from missing
    except (OSError, ValueError) as unreadable:
        raise CannotOpen(name, getattr(unreadable, "strerror", None) or str(unreadable)) from unreadable
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise error(say("cli", "not-utf8")) from wrong


def vkey_in(text: str) -> str:
    """A public key as it was typed, or as it stands in the file that was named. Raises BadNote, FileMissing."""
    return text if "+" in text else text_in(text, BadNote).strip()
