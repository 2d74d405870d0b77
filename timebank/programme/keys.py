"""The book's own two acts: another key signs from here on, and an epoch begins where newest entries were lost.

A checkpoint of *n* entries is signed by the key in force at entry *n* - 1: an entry of kind `key` is itself the
first that the new key covers. An entry of kind `epoch` declares which signed entries are gone, with the newest
note that was signed over them, so that whoever holds such a note finds it explained in the book.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from timebank.errors import AlreadyExists, BadCode, BadNote, NothingLost, SignatureWrong
from timebank.ledger.codes import check_amount
from timebank.ledger.entries import Draft, check_slug, kept_entry
from timebank.ledger.store import Table
from timebank.programme.roles import check_allowed, check_operators
from timebank.tlog.checkpoint import (
    Note,
    encode_base64,
    open_checkpoint,
    parse_note,
    parse_verifier,
    read_unverified,
)

if TYPE_CHECKING:
    from timebank.ledger.entries import Entry
    from timebank.ledger.journal import Journal, Posted
    from timebank.ledger.store import Reader, Writer
    from timebank.tlog.checkpoint import Checkpoint, Verifier


@frozen
class SigningKey:
    """The public key *vkey* signs checkpoints of more than *seq* entries, until another takes its place."""

    seq: int
    vkey: str


@frozen
class Epoch:
    """Epoch *number* began with entry *seq*: of *size* entries that were signed, those from *seq* on are lost.

    *root* is their root in base64.
    """

    seq: int
    number: int
    reason: str
    size: int
    root: str


SIGNING_KEYS: Final = Table("signing_key", SigningKey, ("seq",))
EPOCHS: Final = Table("epoch", Epoch, ("seq",))


def key_in_force(books: Reader, size: int) -> SigningKey | None:
    """The key that signs checkpoints of *size* entries; None while the book has none."""
    return books.latest(SIGNING_KEYS, upto=size - 1)


def is_lost(books: Reader, checkpoint: Checkpoint) -> bool:
    """Whether *checkpoint* is of entries that some epoch has declared lost."""
    return any(
        epoch.seq < checkpoint.size < epoch.size
        or (checkpoint.size == epoch.size and encode_base64(checkpoint.root) == epoch.root)
        for epoch in books.rows(EPOCHS)
    )


@frozen
class Keys:
    """The desk for the keys that sign, and for epochs."""

    _journal: Journal

    def replace(self, vkey: str, *, by: str, approved_by: str, key: str | None = None) -> Posted:
        """Let checkpoints be signed by the key whose public half is *vkey*, from this entry on.

        The key has the book's origin as its name, and never signed here before. It is a book's first one where
        none was made when it was founded. Raises AlreadyExists for a key that the book has had.
        """
        verifier = parse_verifier(vkey)
        check_operators(by, approved_by)
        request = ("key", vkey, by, approved_by)
        with self._journal.writing() as write:
            if done := write.already(key, request):
                return done
            self._check_name(write.books, verifier)
            check_allowed(write.books, "replace-key", by, approved_by)
            known = list(write.books.rows(SIGNING_KEYS))
            if vkey in {each.vkey for each in known}:
                raise AlreadyExists("signing-key", vkey)
            body = {"vkey": vkey, **({"previous": known[-1].vkey} if known else {})}
            draft = Draft(kind="key", day=write.today(), by=by, ok=approved_by, body=body)
            return write.append(draft, key=key, request=request)

    def open_epoch(self, note: str, *, reason: str, by: str, approved_by: str, key: str | None = None) -> Posted:
        """Declare that the signed entries of *note* from here on are lost, and that the book goes on without.

        *note* is the newest checkpoint that is known of them, *reason* a short code. Raises BadNote,
        SignatureWrong unless the key in force has signed it, NothingLost if it covers no more than there is.
        """
        check_slug("reason", reason)
        check_operators(by, approved_by)
        request = ("epoch", note.split("\n"), reason, by, approved_by)
        with self._journal.writing() as write:
            if done := write.already(key, request):
                return done
            kept, lost = self._own(write.books, note)
            check_allowed(write.books, "open-epoch", by, approved_by)
            if lost.size <= write.books.size():
                raise NothingLost(lost.size, write.books.size())
            number = write.books.count(EPOCHS) + 1
            body = {"epoch": number, "reason": reason, "note": kept.split("\n")[:-1]}
            draft = Draft(kind="epoch", day=write.today(), by=by, ok=approved_by, body=body)
            return write.append(draft, key=key, request=request)

    def in_force(self, size: int | None = None) -> SigningKey | None:
        """The key that signs checkpoints of *size* entries (None: of all); None where the book has no key."""
        with self._journal.reading() as books:
            return key_in_force(books, books.size() if size is None else check_amount("size", size))

    def all(self) -> tuple[SigningKey, ...]:
        """Every key that the book has had, the first one first."""
        with self._journal.reading() as books:
            return tuple(books.rows(SIGNING_KEYS))

    def epochs(self) -> tuple[Epoch, ...]:
        """Every epoch that was opened."""
        with self._journal.reading() as books:
            return tuple(books.rows(EPOCHS))

    def _own(self, books: Reader, note: str) -> tuple[str, Checkpoint]:
        """*note* with this book's own signature alone, and its checkpoint."""
        origin, in_force = _origin(books), key_in_force(books, books.size())
        if read_unverified(note).origin != origin:
            raise BadNote(f"it is of another journal, {read_unverified(note).origin}")
        if in_force is None:
            raise SignatureWrong(origin)
        verifier = parse_verifier(in_force.vkey)
        checkpoint = open_checkpoint(note, verifier)
        own = [each for each in parse_note(note).signatures if each.key_id == verifier.key_id][:1]
        return Note(checkpoint.text(), tuple(own)).render(), checkpoint

    def _check_name(self, books: Reader, verifier: Verifier) -> None:
        if verifier.name != _origin(books):
            raise BadCode("vkey", verifier.vkey, _origin(books))


def _origin(books: Reader) -> str:
    return str(kept_entry(0, books.leaf(0)).body["origin"])


def project_key(entry: Entry, books: Writer) -> None:
    """Keep the key that the entry brings: the genesis entry, or one of kind `key`."""
    if "vkey" in entry.body:
        books.put(SIGNING_KEYS, SigningKey(entry.seq, entry.body["vkey"]))


def project_epoch(entry: Entry, books: Writer) -> None:
    """Keep the epoch, with what its note says."""
    body = entry.body
    lost = read_unverified("".join(f"{line}\n" for line in body["note"]))
    books.put(EPOCHS, Epoch(entry.seq, body["epoch"], body["reason"], lost.size, encode_base64(lost.root)))
