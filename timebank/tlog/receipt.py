"""Receipts: one entry, and the proof that a signed log holds it, to be checked without the log.

C2SP tlog-proof@v1 (https://c2sp.org/tlog-proof). The line `extra` holds the entry's bytes; the proof makes
them trustworthy, not the line itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from timebank.errors import BadNote, BadReceipt, ProofWrong
from timebank.tlog.canonical import MAX_LEAF_BYTES
from timebank.tlog.checkpoint import (
    MAX_NOTE,
    MAX_SIZE,
    decode_base64,
    encode_base64,
    open_checkpoint,
    parse_number,
    read_unverified,
)
from timebank.tlog.merkle import HASH_BYTES, check_inclusion, leaf_hash

if TYPE_CHECKING:
    from timebank.tlog.checkpoint import Verifier

HEADER: Final = "c2sp.org/tlog-proof@v1"
MAX_PROOF: Final = 63
"""Hashes in a proof: a tree of `MAX_SIZE` leaves is no higher."""
MAX_RECEIPT: Final = MAX_NOTE + 4 * (MAX_LEAF_BYTES // 3 + 1) + 45 * MAX_PROOF + 100
"""Characters in a receipt."""


def _check_leaf(_: object, attribute: Any, leaf: bytes) -> None:
    if not 0 < len(leaf) <= MAX_LEAF_BYTES:
        raise BadReceipt(f"the entry has {len(leaf)} bytes; 1 to {MAX_LEAF_BYTES} are possible")


def _check_index(_: object, attribute: Any, index: int) -> None:
    if type(index) is not int or not 0 <= index < MAX_SIZE:
        raise BadReceipt("the index is not a place in a log")


def _check_proof(_: object, attribute: Any, proof: tuple[bytes, ...]) -> None:
    if len(proof) > MAX_PROOF or any(len(each) != HASH_BYTES for each in proof):
        raise BadReceipt(f"the proof is not at most {MAX_PROOF} hashes of {HASH_BYTES} bytes")


def _check_note(_: object, attribute: Any, note: str) -> None:
    try:
        read_unverified(note)
    except BadNote as error:
        raise BadReceipt(f"the checkpoint note is ill-formed: {error.reason}") from error


@frozen
class Receipt:
    """The bytes of an entry, its place in the log, and the proof up to a checkpoint; not verified."""

    leaf: bytes = field(validator=_check_leaf)
    index: int = field(validator=_check_index)
    proof: tuple[bytes, ...] = field(validator=_check_proof)
    note: str = field(validator=_check_note)

    def render(self) -> str:
        """The receipt as it is handed out; files of it end in `.tlog-proof`."""
        hashes = "".join(f"{encode_base64(each)}\n" for each in self.proof)
        return f"{HEADER}\nextra {encode_base64(self.leaf)}\nindex {self.index}\n{hashes}\n{self.note}"


def parse_receipt(text: str) -> Receipt:
    """The receipt that *text* is, nothing verified. Raises BadReceipt for any other text."""
    if len(text) > MAX_RECEIPT:
        raise BadReceipt(f"longer than {MAX_RECEIPT} characters")
    head, _, note = text.partition("\n\n")
    header, *lines = head.split("\n")
    if header != HEADER or len(lines) < 2:
        raise BadReceipt(f"the first three lines are not {HEADER}, extra and index")
    extra, index, *hashes = lines
    try:
        return Receipt(
            leaf=decode_base64(_after("extra ", extra)),
            index=parse_number(_after("index ", index)),
            proof=tuple(map(decode_base64, hashes)),
            note=note,
        )
    except ValueError as error:
        raise BadReceipt(f"a line is ill-formed: {error}") from error


def _after(word: str, line: str) -> str:
    if not line.startswith(word):
        raise BadReceipt(f"a line does not begin with '{word}'")
    return line.removeprefix(word)


def verify_receipt(text: str, verifier: Verifier, origin: str) -> Receipt:
    """The receipt that *text* is, after proving that the log *origin*, signed by *verifier*, holds its entry.

    Raises BadReceipt for any other text, SignatureWrong when the checkpoint is not signed by the verifier,
    ProofWrong when it is of another log or does not hold the entry, ExtraMissing without cryptography.
    """
    receipt = parse_receipt(text)
    checkpoint = open_checkpoint(receipt.note, verifier)
    if checkpoint.origin != origin:
        raise ProofWrong(f"the checkpoint is of the log {checkpoint.origin}, not of {origin}")
    check_inclusion(leaf_hash(receipt.leaf), receipt.index, checkpoint.size, receipt.proof, checkpoint.root)
    return receipt
