"""Checkpoint notes, from the file and from outside it, held against the tree over the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from timebank.errors import BadCode, BadNote, ExtraMissing, SignatureWrong
from timebank.tlog.checkpoint import open_checkpoint, parse_verifier, read_unverified
from timebank.tlog.merkle import EMPTY_ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from timebank.audit.findings import Findings
    from timebank.tlog.checkpoint import Checkpoint, Verifier


@frozen
class _Known:
    """A note, where it was found, and what it says; its signature is not looked at yet."""

    note: str
    source: str
    checkpoint: Checkpoint


class Notes:
    """What was signed: `sizes` are those whose root is needed, and `roots` are filled in as the tree grows."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._known: list[_Known] = []
        self.sizes: frozenset[int] = frozenset()
        self.roots: dict[int, bytes] = {0: EMPTY_ROOT}

    def read(self, stored: Iterable[tuple[Any, ...]], given: Sequence[tuple[str, str]]) -> None:
        """Read the notes in the file, each under the size of its row, and those *given*, each with its source."""
        for size, note in stored:
            known = self._add(note, f"checkpoint {size}")
            if known is not None and known.checkpoint.size != size:
                reason = f"it covers {known.checkpoint.size} entries, and its row says {size}"
                self._findings.add("note-bad", source=known.source, reason=reason)
        for source, note in given:
            self._add(note, source)
        self.sizes = frozenset(known.checkpoint.size for known in self._known)

    def _add(self, note: object, source: str) -> _Known | None:
        try:
            known = _Known(str(note), source, read_unverified(str(note)))
        except BadNote as error:
            self._findings.add("note-bad", source=source, reason=error.reason)
            return None
        self._known.append(known)
        return known

    def compare(self, size: int, origin: str, vkey: str | None) -> None:
        """Origin, size, root and signature of every note against a journal of *size* entries."""
        try:
            verifier = None if vkey is None else parse_verifier(vkey)
        except (BadCode, BadNote):
            verifier = None
            self._findings.add("genesis-wrong", 0, reason="vkey")
        for known in self._known:
            self._compare(known, size, origin)
            if verifier is not None:
                self._check_signature(known, verifier)

    def _compare(self, known: _Known, size: int, origin: str) -> None:
        checkpoint, source = known.checkpoint, known.source
        if checkpoint.origin != origin:
            self._findings.add("origin-differs", origin=checkpoint.origin, source=source)
        if checkpoint.size > size:
            self._findings.add("journal-short", size=checkpoint.size, entries=size, source=source)
        elif self.roots.get(checkpoint.size) != checkpoint.root:
            self._findings.add("root-differs", size=checkpoint.size, source=source)

    def _check_signature(self, known: _Known, verifier: Verifier) -> None:
        try:
            open_checkpoint(known.note, verifier)
        except SignatureWrong:
            self._findings.add("signature-wrong", source=known.source)
        except ExtraMissing:
            return  # Sizes and roots are compared all the same.
