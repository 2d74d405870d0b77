"""The key under which numbers of documents are marked: without it no mark can be made or guessed at."""

from __future__ import annotations

import secrets
from pathlib import Path

from timebank.errors import PepperMissing
from timebank.people.identity import PEPPER_BYTES
from timebank.storage.keys import write_whole

PRIVATE = 0o600
"""For its owner only."""


def pepper_path(ledger: str | Path) -> Path:
    """Where the key of the marks lies: 32 random bytes, in hex, readable by their owner only."""
    return Path(f"{ledger}.pepper")


def make_pepper(ledger: Path) -> None:
    """Make the pepper of *ledger*; one that lies there is used on. Raises CannotOpen."""
    if not pepper_path(ledger).exists():
        write_whole(pepper_path(ledger), secrets.token_hex(PEPPER_BYTES) + "\n", mode=PRIVATE)


def read_pepper(ledger: Path) -> bytes:
    """The pepper of *ledger*. Raises PepperMissing where there is none, or what lies there is none."""
    path = pepper_path(ledger)
    try:
        pepper = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise PepperMissing(str(path)) from error
    if len(pepper) != PEPPER_BYTES:
        raise PepperMissing(str(path))
    return pepper
