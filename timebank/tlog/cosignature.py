"""Cosignatures: somebody outside says when they saw a log, and that it only grew.

C2SP tlog-cosignature (https://c2sp.org/tlog-cosignature), the kind with Ed25519, and the texts of tlog-witness
(https://c2sp.org/tlog-witness): the request to add a checkpoint, and the lines that a witness answers.
"""

from __future__ import annotations

import os
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, field, frozen

from timebank.errors import BadCode, BadNote, RequestWrong, SignatureWrong
from timebank.tlog.checkpoint import (
    MAX_NOTE,
    Note,
    Signature,
    Signer,
    Verifier,
    decode_base64,
    encode_base64,
    generate_key,
    parse_checkpoint,
    parse_note,
    parse_number,
    parse_signer,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from timebank.tlog.checkpoint import Checkpoint

MAX_PROOF: Final = 63
"""Hashes in a request; no tree of 2^63 leaves needs more."""

_COSIGNATURE: Final = b"\x04"
_TIME_BYTES: Final = 8
_SIGNATURE_BYTES: Final = 64
_PATTERN: Final = "name+key id as 8 hexadecimal digits+base64 of 0x04 and 32 bytes"


# --- Who cosigns -------------------------------------------------------------------------------------------


@frozen
class Cosigner:
    """A witness as others know it: its name and public key, which is an Ed25519 key for cosignatures only."""

    verifier: Verifier
    """The same key as one that signs plainly; only the key id differs."""

    @property
    def name(self) -> str:
        """The witness's name, as in its signature lines."""
        return self.verifier.name

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys of one name apart; they prove nothing."""
        return sha256(self.name.encode() + b"\n" + _COSIGNATURE + self.verifier.public_key).digest()[:4]

    @property
    def vkey(self) -> str:
        """The public key as text, made to be published."""
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(_COSIGNATURE + self.verifier.public_key)}"

    def signatures(self, note: Note) -> tuple[Signature, ...]:
        """The lines of *note* that say they are this witness's, not verified."""
        own = self.name, self.key_id
        return tuple(each for each in note.signatures if (each.name, each.key_id) == own)

    def open(self, text: str, signature: Signature) -> int:
        """When the witness cosigned *text*, in seconds since 1970 (UTC). Raises SignatureWrong."""
        value = signature.signature
        if len(value) != _TIME_BYTES + _SIGNATURE_BYTES or value[0] & 0x80:
            raise SignatureWrong(self.name)
        at_second = int.from_bytes(value[:_TIME_BYTES], "big")
        self.verifier.verify(_message(at_second, text), value[_TIME_BYTES:])
        return at_second


def parse_cosigner(vkey: str) -> Cosigner:
    """The witness that a vkey spells. Raises BadCode, or BadNote for a name that no key can have."""
    name, _, rest = vkey.partition("+")
    key_id, _, encoded = rest.partition("+")
    try:
        key = decode_base64(encoded)
    except ValueError:
        raise BadCode("vkey", vkey[:200], _PATTERN) from None
    if key[:1] != _COSIGNATURE or len(key) != 33:
        raise BadCode("vkey", vkey[:200], _PATTERN)
    cosigner = Cosigner(Verifier(name, key[1:]))
    if cosigner.key_id.hex() != key_id:
        raise BadCode("vkey", vkey[:200], "a key id that fits the key")
    return cosigner


@frozen
class CosigningKey:
    """A witness's own key, public and secret."""

    signer: Signer

    @property
    def cosigner(self) -> Cosigner:
        """The public half."""
        return Cosigner(self.signer.verifier)

    @property
    def private_text(self) -> str:
        """The key as text: whoever reads it can cosign."""
        return self.signer.private_text

    def sign(self, text: str, at_second: int) -> Signature:
        """The cosignature of the checkpoint *text*, made *at_second* since 1970 (UTC)."""
        plain = self.signer.sign(_message(at_second, text))
        value = at_second.to_bytes(_TIME_BYTES, "big") + plain.signature
        return evolve(plain, key_id=self.cosigner.key_id, signature=value)


def generate_cosigning_key(name: str, entropy: Callable[[int], bytes] = os.urandom) -> CosigningKey:
    """A new key for the witness *name*. Raises BadNote for a bad name, and ExtraMissing."""
    return CosigningKey(generate_key(name, entropy))


def parse_cosigning_key(private_text: str) -> CosigningKey:
    """The key that a text spells. Raises BadCode, which never shows the text, BadNote, ExtraMissing."""
    return CosigningKey(parse_signer(private_text))


def _message(at_second: int, text: str) -> str:
    return f"cosignature/v1\ntime {at_second}\n{text}"


# --- The request and the answer ----------------------------------------------------------------------------


def _check_old(request: Request, attribute: Any, old_size: int) -> None:
    if not 0 <= old_size <= request.checkpoint.size:
        raise RequestWrong("it begins after the size that it asks for")


def _check_proof(request: Request, attribute: Any, proof: tuple[bytes, ...]) -> None:
    if len(proof) > MAX_PROOF or any(len(each) != 32 for each in proof):
        raise RequestWrong(f"a proof is at most {MAX_PROOF} hashes of 32 bytes")
    if proof and not request.old_size:
        raise RequestWrong("what begins at nothing has no proof")


@frozen
class Request:
    """What a witness is asked: to cosign *note*, whose log began as the one of *old_size* leaves, by *proof*."""

    note: str
    checkpoint: Checkpoint = field(init=False)
    old_size: int = field(validator=_check_old)
    proof: tuple[bytes, ...] = field(validator=_check_proof)

    @checkpoint.default
    def _checkpoint_of_note(self) -> Checkpoint:
        return parse_checkpoint(parse_note(self.note).text)

    def render(self) -> str:
        """The request as the body of `add-checkpoint`."""
        proof = "".join(f"{encode_base64(each)}\n" for each in self.proof)
        return f"old {self.old_size}\n{proof}\n{self.note}"


def parse_request(text: str) -> Request:
    """The request that *text* is. Raises RequestWrong for any other text."""
    if len(text) > MAX_NOTE + 64 * (MAX_PROOF + 1):
        raise RequestWrong("it is too long")
    head, blank, note = text.partition("\n\n")
    lines = head.split("\n")
    if not blank or not lines[0].startswith("old "):
        raise RequestWrong("it is a line of the old size, lines of a proof, an empty line, and a checkpoint note")
    try:
        old_size = parse_number(lines[0].removeprefix("old "))
        return Request(note, old_size, tuple(map(decode_base64, lines[1:])))
    except ValueError as error:
        raise RequestWrong(f"a size or a hash is ill-formed: {error}") from error
    except BadNote as error:
        raise RequestWrong(error.reason) from error


def parse_answer(text: str) -> tuple[Signature, ...]:
    """The signature lines that a witness answers. Raises RequestWrong for any other text."""
    if "\n\n" in text:
        raise RequestWrong("an answer is lines of signatures, and nothing else")
    try:
        return parse_note(f"x\n\n{text}").signatures
    except BadNote as error:
        raise RequestWrong(error.reason) from error


# --- Cosigned notes ----------------------------------------------------------------------------------------


def with_cosignature(note: Note, signature: Signature) -> Note:
    """*note* with one more signature line, in place of an earlier one of the same key."""
    own = signature.name, signature.key_id
    others = tuple(each for each in note.signatures if (each.name, each.key_id) != own)
    return evolve(note, signatures=(*others, signature))


def split_notes(text: str) -> tuple[str, ...]:
    """The notes that stand one after the other in *text*, empty lines between them left out; not looked into."""
    notes: list[list[str]] = []
    signed = True
    for line in text.splitlines(keepends=True):
        is_signature = line.startswith("— ")
        if not notes or (signed and not is_signature):
            if line == "\n":
                continue
            notes.append([])
        signed = is_signature
        notes[-1].append(line)
    return tuple("".join(lines) for lines in notes)
