"""Witnesses: what one of them remembers and cosigns, and what cosigned notes say of a file.

A witness need not have the book. It remembers, for each book, how far it has seen it and with which root, and
cosigns a checkpoint only if the request proves that the book has grown from there. Whoever has one of its
cosignatures knows that the same history was shown to the witness.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from timebank.errors import BadCode, BadNote, ExtraMissing, ForkSeen, LogUnknown, SignatureWrong, SizeConflict
from timebank.ledger.entries import moment_text
from timebank.tlog.checkpoint import (
    decode_base64,
    encode_base64,
    open_checkpoint,
    parse_checkpoint,
    parse_note,
    parse_verifier,
)
from timebank.tlog.cosignature import CosigningKey, parse_cosigning_key
from timebank.tlog.merkle import EMPTY_ROOT, check_consistency

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from timebank.audit.findings import Findings
    from timebank.tlog.checkpoint import Checkpoint, Signature
    from timebank.tlog.cosignature import Cosigner, Request

VERSION = 1
_LATEST_SECOND = 253_402_300_799  # the end of the year 9999, the last that can be shown


@frozen
class Seen:
    """How far a witness has seen a book: its published key, *size* entries, and their root (32 bytes)."""

    vkey: str
    size: int = 0
    root: bytes = EMPTY_ROOT


@frozen
class Witness:
    """What a witness keeps: its key, and how far it has seen each book, by origin."""

    key: CosigningKey
    seen: Mapping[str, Seen] = field(factory=dict)

    def cosign(self, request: Request, *, at_second: int, vkey: str | None = None) -> tuple[Witness, Signature]:
        """This witness after it has cosigned *request*, and the cosignature: keep the first, then give the second.

        *vkey* is the book's public key where it is new to the witness, or has changed. Raises LogUnknown,
        SignatureWrong, SizeConflict, ForkSeen, ProofWrong; BadCode and BadNote for a *vkey* that is none.
        """
        checkpoint = request.checkpoint
        seen = self._seen(checkpoint.origin, vkey)
        open_checkpoint(request.note, parse_verifier(seen.vkey))
        if request.old_size != seen.size:
            raise SizeConflict(checkpoint.origin, request.old_size, seen.size)
        _check_growth(request, seen)
        after = evolve(seen, size=checkpoint.size, root=checkpoint.root)
        signature = self.key.sign(checkpoint.text(), at_second)
        return evolve(self, seen={**self.seen, checkpoint.origin: after}), signature

    def _seen(self, origin: str, vkey: str | None) -> Seen:
        seen = self.seen.get(origin)
        if vkey is None:
            if seen is None:
                raise LogUnknown(origin)
            return seen
        if parse_verifier(vkey).name != origin:
            raise LogUnknown(origin)
        return Seen(vkey) if seen is None else evolve(seen, vkey=vkey)

    def render(self) -> str:
        """The witness's memory as text: JSON, with its private key."""
        logs = {
            origin: {"vkey": seen.vkey, "size": seen.size, "root": encode_base64(seen.root)}
            for origin, seen in sorted(self.seen.items())
        }
        return json.dumps({"witness": VERSION, "key": self.key.private_text, "books": logs}, indent=2) + "\n"


def _check_growth(request: Request, seen: Seen) -> None:
    """Raise ForkSeen or ProofWrong unless what is asked for goes on from what was *seen*."""
    checkpoint = request.checkpoint
    if checkpoint.size == seen.size and checkpoint.root != seen.root:
        raise ForkSeen(checkpoint.origin, seen.size)
    if seen.size:
        check_consistency(seen.size, checkpoint.size, seen.root, checkpoint.root, request.proof)


def parse_witness(text: str) -> Witness:
    """The witness whose memory *text* is. Raises BadCode for any other text, which is never shown."""
    try:
        value: Any = json.loads(text)
        if value["witness"] != VERSION:
            raise BadCode("witness", str(value["witness"])[:20], str(VERSION))
        seen = {str(origin): _parse_seen(each) for origin, each in value["books"].items()}
        return Witness(parse_cosigning_key(str(value["key"])), seen)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, BadNote):
        # Without its cause: a traceback must not show half of a private key.
        raise BadCode("witness", "…", "what timebank witness init writes") from None


def _parse_seen(value: Any) -> Seen:
    size, root = value["size"], decode_base64(value["root"])
    if type(size) is not int or size < 0 or len(root) != 32:
        raise ValueError("no size or root")
    return Seen(str(value["vkey"]), size, root)


# --- Cosigned notes, held against a file -------------------------------------------------------------------


@frozen
class Cosigned:
    """A checkpoint that *witness* cosigned, when it did (seconds since 1970), and where the note was found."""

    witness: str
    checkpoint: Checkpoint
    at_second: int
    source: str

    @property
    def moment(self) -> str:
        """When, as 2026-11-23T08:15:00Z."""
        return moment_text(datetime.fromtimestamp(min(self.at_second, _LATEST_SECOND), UTC))


def check_cosigned(findings: Findings, notes: Sequence[tuple[str, str]], witnesses: Sequence[Cosigner]) -> None:
    """What *witnesses* say of *notes*, each with its source: a notice of the largest that each has cosigned.

    A finding for a cosignature that is not valid, and for a witness that has cosigned none of them.
    """
    for witness in witnesses:
        found = [each for source, note in notes if (each := _cosigned(findings, source, note, witness))]
        if not found:
            findings.add("cosignature-missing", witness=witness.name)
            continue
        newest = max(found, key=lambda each: each.checkpoint.size)
        findings.notice(
            "cosigned",
            witness=newest.witness,
            size=newest.checkpoint.size,
            moment=newest.moment,
            source=newest.source,
        )


def _cosigned(findings: Findings, source: str, text: str, witness: Cosigner) -> Cosigned | None:
    try:
        note = parse_note(text)
        return cosigned(text, witness, source)
    except BadNote:
        return None  # whoever compares sizes and roots says so
    except ExtraMissing:
        return None
    except SignatureWrong:
        if witness.signatures(note):
            findings.add("cosignature-wrong", witness=witness.name, source=source)
        return None


def cosigned(text: str, witness: Cosigner, source: str = "") -> Cosigned:
    """What *witness* says of the note *text*, found at *source*. Raises BadNote, SignatureWrong, ExtraMissing."""
    note = parse_note(text)
    lines = witness.signatures(note)
    if not lines:
        raise SignatureWrong(witness.name)
    at_second = max(witness.open(note.text, line) for line in lines)
    return Cosigned(witness.name, parse_checkpoint(note.text), at_second, source)
