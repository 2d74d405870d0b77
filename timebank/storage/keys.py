"""The signing key beside a ledger, and what it signed last.

`FILE.key` holds the private key as a C2SP signed note writes it, readable by its owner only. `FILE.signed`
holds the last checkpoint note: a journal that does not extend it is not signed (it was cut, or is a copy).

A key that is to take another's place lies in `FILE.key.new` from before its entry is written until after that:
whatever breaks off in between, the book says which of the two signs, and both are there.
"""

from __future__ import annotations

import os
import stat
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from timebank.errors import (
    BadCode,
    BadNote,
    CannotOpen,
    ExtraMissing,
    FileExists,
    FileLocked,
    KeyMissing,
    KeyNotInForce,
    LogDiverged,
)
from timebank.storage.system_files import error_of_system, named, sync_directory
from timebank.tlog.checkpoint import (
    Checkpoint,
    Signer,
    generate_key,
    parse_signer,
    parse_verifier,
    read_unverified,
    sign_checkpoint,
)
from timebank.tlog.cosignature import split_notes
from timebank.tlog.merkle import Nodes, root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def write_whole(path: Path, text: str, *, mode: int | None = None) -> None:
    """Put *text* at *path* in one step: a crash leaves what was there or the new text.

    *mode* is the file's from its first byte on (None: as this process makes files). Raises DiskFull, DiskFailed,
    CannotOpen.
    """
    fresh = Path(f"{path}.new")
    with named(path):
        fresh.unlink(missing_ok=True)
        _write_new(fresh, text, 0o666 if mode is None else mode)
        fresh.replace(path)
        sync_directory(path.absolute().parent)


def _write_new(path: Path, text: str, mode: int) -> None:
    """Make the file *path*, which must not be there, and flush it; what could not be written whole goes again."""
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


@frozen
class KeyFile:
    """The key and the signer's state for the ledger at *ledger*."""

    ledger: Path

    @property
    def path(self) -> Path:
        """Where the key lies."""
        return Path(f"{self.ledger}.key")

    @property
    def next_path(self) -> Path:
        """Where a key lies that is about to take the other's place."""
        return Path(f"{self.ledger}.key.new")

    @property
    def signed_path(self) -> Path:
        """Where the last signed note lies."""
        return Path(f"{self.ledger}.signed")

    @property
    def mode(self) -> int | None:
        """Who may do what with the key file, as the system writes it (0o600); None if there is none."""
        try:
            return stat.S_IMODE(self.path.stat().st_mode)
        except OSError:
            return None

    @property
    def is_open_to_others(self) -> bool:
        """Whether anybody but its owner may read or change the key file."""
        return os.name == "posix" and bool((self.mode or 0) & _OTHERS)

    def old_path(self, vkey: str) -> Path:
        """Where the key whose public half is *vkey* lies after another has taken its place."""
        return Path(f"{self.path}.{parse_verifier(vkey).key_id.hex()}.old")

    def both(self) -> tuple[Signer, ...]:
        """The key, and the one to come if a change of keys was broken off; raises KeyMissing if there is none."""
        paths = [path for path in (self.path, self.next_path) if path.exists()]
        return tuple(map(_read_key, paths or [self.path]))

    def keep(self, signer: Signer) -> None:
        """Write a new key with mode 0600; raises FileExists if there is one already."""
        try:
            _write_new(self.path, signer.private_text + "\n", 0o600)
            sync_directory(self.path.absolute().parent)
        except FileExistsError as error:
            raise FileExists(str(self.path)) from error
        except OSError as error:
            raise error_of_system(error, self.path) from error

    def load(self) -> Signer:
        """The key; raises KeyMissing."""
        return _read_key(self.path)

    def load_in_force(self, vkey: str) -> Signer:
        """The key, which has to be the private half of *vkey*; raises KeyMissing, KeyNotInForce.

        A change of keys that was broken off after its entry was written is finished first.
        """
        self.settle(vkey)
        signer = self.load()
        if signer.vkey != vkey:
            raise KeyNotInForce(str(self.path), signer.vkey, vkey)
        return signer

    @contextmanager
    def next_key(self, signer: Signer) -> Iterator[None]:
        """Keep *signer* as the key to come; it goes again if the context does not end well."""
        write_whole(self.next_path, signer.private_text + "\n", mode=0o600)
        try:
            yield
        except BaseException:
            self.next_path.unlink(missing_ok=True)
            raise

    def settle(self, vkey: str, *, destroy: bool = False) -> None:
        """Let the key to come take its place if it is the private half of *vkey*, the key in force.

        The one before is kept as FILE.key.ID.old, or with *destroy* is not. Every step can be done again.
        """
        if not self.next_path.exists() or _read_key(self.next_path).vkey != vkey:
            return
        if not destroy:
            self._keep_old()
        with named(self.path):
            self.next_path.replace(self.path)
            sync_directory(self.path.absolute().parent)

    def _keep_old(self) -> None:
        try:
            old = self.path.read_text(encoding="ascii")
        except FileNotFoundError:
            return
        except (OSError, UnicodeDecodeError) as error:
            raise error_of_system(error, self.path) from error
        try:
            key_id = parse_signer(old.strip()).verifier.key_id.hex()
        except (BadCode, BadNote):
            key_id = "unreadable"
        write_whole(Path(f"{self.path}.{key_id}.old"), old, mode=0o600)

    def sign(
        self,
        checkpoint: Checkpoint,
        nodes: Nodes,
        *,
        vkey: str | None = None,
        is_lost: Callable[[Checkpoint], bool] = lambda _: False,
    ) -> str:
        """The signed note of *checkpoint*; raises LogDiverged unless it extends what was signed last.

        *vkey* is the key in force (None: whatever key lies there). *is_lost* tells of the last note whether an
        epoch has declared it lost: then it is not to be extended.
        """
        last = self._last()
        if last is not None and not _extends(checkpoint, last, nodes) and not is_lost(last):
            raise LogDiverged(last.size, checkpoint.size)
        note = sign_checkpoint(checkpoint, self.load() if vkey is None else self.load_in_force(vkey))
        write_whole(self.signed_path, note)
        return note

    def _last(self) -> Checkpoint | None:
        note = self.last_note()
        return None if note is None else read_unverified(note)

    def last_note(self) -> str | None:
        """The note that was signed last; None if none was. Raises CannotOpen."""
        try:
            return self.signed_path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise error_of_system(error, self.signed_path) from error


def _extends(checkpoint: Checkpoint, last: Checkpoint, nodes: Nodes) -> bool:
    return last.size <= checkpoint.size and (not last.size or root(nodes, last.size) == last.root)


def witnessed_path(ledger: Path) -> Path:
    """Where the notes that witnesses cosigned lie, one after the other."""
    return Path(f"{ledger}.witnessed")


def witnessed_notes(ledger: Path) -> tuple[str, ...]:
    """The notes of the ledger at *ledger* that witnesses cosigned, not looked into. Raises CannotOpen."""
    path = witnessed_path(ledger)
    try:
        return split_notes(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise error_of_system(error, path) from error


@contextmanager
def only_one(path: Path, *, wait_seconds: float = 5.0) -> Iterator[None]:
    """Keep other processes that ask likewise away from *path* while the context lasts. Raises FileLocked.

    The lock is of a file beside it, FILE.lock, which stays. Systems without flock have no such lock.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    lock = Path(f"{path}.lock")
    try:
        descriptor = os.open(lock, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise error_of_system(error, lock) from error
    try:
        until = time.monotonic() + wait_seconds
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError as error:
                if time.monotonic() >= until:
                    raise FileLocked(str(path), wait_seconds) from error
                time.sleep(0.02)
        yield
    finally:
        os.close(descriptor)


def _read_key(path: Path) -> Signer:
    try:
        return parse_signer(path.read_text(encoding="ascii").strip())
    except FileNotFoundError as error:
        raise KeyMissing(str(path)) from error
    except OSError as error:
        raise error_of_system(error, path) from error
    except UnicodeDecodeError as error:
        raise CannotOpen(str(path), "it is no text") from error


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
