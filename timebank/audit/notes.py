"""Checkpoint notes, from the file and from outside it, held against the tree over the journal."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from attrs import frozen

from timebank.errors import BadCode, BadNote, ExtraMissing, SignatureWrong
from timebank.tlog.checkpoint import open_checkpoint, parse_verifier, read_unverified
from timebank.tlog.merkle import EMPTY_ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from timebank.audit.findings import Findings
    from timebank.audit.programme.keys import Keys
    from timebank.tlog.checkpoint import Checkpoint, Verifier


@frozen
class _Known:
    """A note, where it was found, and what it says; its signature is not looked at yet.

    *is_stored*: it lies in the file itself.
    """

    note: str
    source: str
    checkpoint: Checkpoint
    is_stored: bool


class Notes:
    """What was signed: `sizes` are those whose root is needed, and `roots` are filled in as the tree grows."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._known: list[_Known] = []
        self.sizes: frozenset[int] = frozenset()
        self.roots: dict[int, bytes] = {0: EMPTY_ROOT}
        self.lost: dict[str, int] = {}
        """By source: notes of entries that are declared lost, and from which place on."""

    def read(self, stored: Iterable[tuple[Any, ...]], given: Sequence[tuple[str, str]]) -> None:
        """Read the notes in the file, each under the size of its row, and those *given*, each with its source."""
        for size, note in stored:
            known = self._add(note, f"checkpoint {size}")
            if known is not None and known.checkpoint.size != size:
                reason = f"it covers {known.checkpoint.size} entries, and its row says {size}"
                self._findings.add("note-bad", source=known.source, reason=reason)
        for source, note in given:
            self._add(note, source, is_stored=False)
        self.sizes = frozenset(known.checkpoint.size for known in self._known)

    def _add(self, note: object, source: str, *, is_stored: bool = True) -> _Known | None:
        try:
            known = _Known(str(note), source, read_unverified(str(note)), is_stored)
        except BadNote as error:
            self._findings.add("note-bad", source=source, reason=error.reason)
            return None
        self._known.append(known)
        return known

    def compare(self, size: int, origin: str, keys: Keys) -> None:
        """Origin, size, root and signature of every note against a journal of *size* entries with these *keys*."""
        ring = _Ring(self._findings, keys.in_force)
        lost = [each for each in (self._epoch(ring, seq, note, origin) for seq, note in keys.epochs) if each]
        for known in self._known:
            self._compare(known, size, origin, lost if ring.has_signed(known) is not False else [])
            ring.check(known)

    def _epoch(self, ring: _Ring, seq: int, note: str, origin: str) -> tuple[int, Checkpoint] | None:
        """What the epoch that entry *seq* opened declares lost, if its note is one that this book has signed."""
        try:
            checkpoint = read_unverified(note)
        except BadNote as error:
            self._findings.add("epoch-wrong", seq, reason=error.reason)
            return None
        if checkpoint.origin != origin or ring.signed_at(note, seq) is False:
            self._findings.add("epoch-wrong", seq, reason="no signature of the key in force")
            return None
        self._findings.notice("epoch-opened", seq, last=checkpoint.size - 1)
        return seq, checkpoint

    def _compare(self, known: _Known, size: int, origin: str, lost: Sequence[tuple[int, Checkpoint]]) -> None:
        checkpoint, source = known.checkpoint, known.source
        if checkpoint.origin != origin:
            self._findings.add("origin-differs", origin=checkpoint.origin, source=source)
        if checkpoint.size <= size and self.roots.get(checkpoint.size) == checkpoint.root:
            return
        epoch = next((seq for seq, declared in lost if _is_of(checkpoint, seq, declared)), None)
        if epoch is not None and not known.is_stored:
            self.lost[source] = epoch
            self._findings.notice("lost-tail", epoch, size=checkpoint.size, source=source)
        elif checkpoint.size > size:
            self._findings.add("journal-short", size=checkpoint.size, entries=size, source=source)
        else:
            self._findings.add("root-differs", size=checkpoint.size, source=source)


def _is_of(checkpoint: Checkpoint, seq: int, declared: Checkpoint) -> bool:
    """Whether *checkpoint* can be of the entries from *seq* on that *declared*, the newest of them, speaks of."""
    return seq < checkpoint.size < declared.size or checkpoint == declared


class _Ring:
    """The keys of a book, each with the entry from which on it signs."""

    def __init__(self, findings: Findings, keys: Sequence[tuple[int, str]]) -> None:
        self._findings = findings
        self._keys: list[tuple[int, Verifier | None]] = []
        for seq, vkey in keys:
            try:
                self._keys.append((seq, parse_verifier(vkey)))
            except (BadCode, BadNote):
                self._keys.append((seq, None))
                if seq:
                    findings.add("entry-wrong", seq, reason="key: vkey")
                else:
                    findings.add("genesis-wrong", 0, reason="vkey")

    def _at(self, size: int) -> Verifier | None:
        """The key in force at entry *size* - 1; an empty journal's is the first entry's."""
        before = [verifier for seq, verifier in self._keys if seq < max(size, 1)]
        return before[-1] if before else None

    def signed_at(self, note: str, size: int) -> bool | None:
        """Whether the key in force at *size* entries signed *note*; None where that cannot be said."""
        verifier = self._at(size)
        return None if verifier is None else _is_signed(note, verifier)

    def has_signed(self, known: _Known) -> bool | None:
        """Whether any key of the book signed the note; None where that cannot be said."""
        answers = [_is_signed(known.note, verifier) for _, verifier in self._keys if verifier is not None]
        return None if not answers or None in answers else True in answers

    def check(self, known: _Known) -> None:
        """A finding unless the key in force at the note's size signed it, as far as that can be said."""
        size, source = known.checkpoint.size, known.source
        if self.signed_at(known.note, size) is not False:
            return
        for (_, verifier), (replaced, _) in pairwise(self._keys):
            if replaced < size and verifier is not None and _is_signed(known.note, verifier):
                self._findings.add("key-replaced", replaced, size=size, source=source)
                return
        self._findings.add("signature-wrong", source=source)


def _is_signed(note: str, verifier: Verifier) -> bool | None:
    """Whether *verifier* signed *note*; None without the package: sizes and roots are compared all the same."""
    try:
        open_checkpoint(note, verifier)
    except SignatureWrong:
        return False
    except ExtraMissing:
        return None
    return True
