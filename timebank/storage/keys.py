"""The signing key beside a ledger, and what it signed last.

`FILE.key` holds the private key as a C2SP signed note writes it, readable by its owner only. `FILE.signed`
holds the last checkpoint note: a journal that does not extend it is not signed (it was cut, or is a copy).
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from timebank.errors import CannotOpen, ExtraMissing, FileExists, KeyMissing, LogDiverged
from timebank.tlog.checkpoint import (
    Checkpoint,
    Signer,
    generate_key,
    parse_signer,
    read_unverified,
    sign_checkpoint,
)
from timebank.tlog.merkle import Nodes, root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@frozen
class KeyFile:
    """The key and the signer's state for the ledger at *ledger*."""

    ledger: Path

    @property
    def path(self) -> Path:
        """Where the key lies."""
        return Path(f"{self.ledger}.key")

    @property
    def signed_path(self) -> Path:
        """Where the last signed note lies."""
        return Path(f"{self.ledger}.signed")

    def keep(self, signer: Signer) -> None:
        """Write a new key with mode 0600; raises FileExists if there is one already."""
        try:
            descriptor = os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError as error:
            raise FileExists(str(self.path)) from error
        except OSError as error:
            raise CannotOpen(str(self.path), error.strerror or str(error)) from error
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(signer.private_text + "\n")

    def load(self) -> Signer:
        """The key; raises KeyMissing."""
        try:
            return parse_signer(self.path.read_text(encoding="ascii").strip())
        except FileNotFoundError as error:
            raise KeyMissing(str(self.path)) from error
        except OSError as error:
            raise CannotOpen(str(self.path), error.strerror or str(error)) from error
        except UnicodeDecodeError as error:
            raise CannotOpen(str(self.path), "it is no text") from error

    def sign(self, checkpoint: Checkpoint, nodes: Nodes) -> str:
        """The signed note of *checkpoint*; raises LogDiverged unless it extends what was signed last."""
        last = self._last()
        if last is not None and (
            last.size > checkpoint.size or (last.size and root(nodes, last.size) != last.root)
        ):
            raise LogDiverged(last.size, checkpoint.size)
        note = sign_checkpoint(checkpoint, self.load())
        self._remember(note)
        return note

    def _last(self) -> Checkpoint | None:
        try:
            return read_unverified(self.signed_path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise CannotOpen(str(self.signed_path), str(error)) from error

    def _remember(self, note: str) -> None:
        """Replace the state in one step: a crash leaves the old note or the new one."""
        fresh = Path(f"{self.signed_path}.new")
        try:
            with fresh.open("w", encoding="utf-8") as file:
                file.write(note)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.signed_path)
        except OSError as error:
            raise CannotOpen(str(self.signed_path), error.strerror or str(error)) from error


@contextmanager
def new_key(ledger: Path, origin: str, entropy: Callable[[int], bytes]) -> Iterator[Signer | None]:
    """A new key beside the ledger at *ledger*; it goes again if the context does not end well.

    None where signing is not installed: such a ledger has no checkpoints. Raises FileExists if a key, or what
    another key signed, lies there already.
    """
    file = KeyFile(ledger)
    if file.signed_path.exists():
        raise FileExists(str(file.signed_path))
    try:
        signer = generate_key(origin, entropy)
    except ExtraMissing:
        yield None
        return
    file.keep(signer)
    try:
        yield signer
    except BaseException:
        file.path.unlink(missing_ok=True)
        raise
