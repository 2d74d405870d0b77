"""Receipts that were kept outside the file: each must still be a receipt of this very journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timebank.errors import BadReceipt, ProofWrong
from timebank.tlog.checkpoint import read_unverified
from timebank.tlog.merkle import check_inclusion, leaf_hash
from timebank.tlog.receipt import Receipt, parse_receipt

if TYPE_CHECKING:
    from collections.abc import KeysView, Mapping, Sequence

    from timebank.audit.findings import Findings


class Receipts:
    """What receipts say of the journal: which leaf is where, and the notes that stand under them."""

    def __init__(self, findings: Findings, texts: Sequence[str]) -> None:
        self._findings = findings
        self._hashes: dict[int, list[tuple[str, bytes]]] = {}
        self._differing: list[tuple[int, str]] = []
        self.notes: list[tuple[str, str]] = []
        for number, text in enumerate(texts, start=1):
            self._read(f"receipt #{number}", text)

    def _read(self, source: str, text: str) -> None:
        try:
            receipt = parse_receipt(text)
            _check_proof(receipt)
        except (BadReceipt, ProofWrong) as error:
            self._findings.add("receipt-bad", source=source, reason=error.reason)
            return
        self.notes.append((source, receipt.note))
        self._hashes.setdefault(receipt.index, []).append((source, leaf_hash(receipt.leaf)))

    @property
    def places(self) -> KeysView[int]:
        """Whose entries the receipts are of."""
        return self._hashes.keys()

    def compare(self, seq: int, actual: bytes) -> None:
        """The entry *seq* of the journal has the leaf hash *actual*: is it the one that members took home?"""
        self._differing += [(seq, source) for source, hashed in self._hashes.get(seq, ()) if hashed != actual]

    def finish(self, lost: Mapping[str, int]) -> None:
        """A finding for each that is not; *lost* are sources whose entries from a place on are declared lost."""
        for seq, source in self._differing:
            if source not in lost or seq < lost[source]:
                self._findings.add("receipt-differs", seq, source=source)


def _check_proof(receipt: Receipt) -> None:
    """Raise ProofWrong unless the receipt leads from its entry to the root of its own checkpoint."""
    checkpoint = read_unverified(receipt.note)
    check_inclusion(leaf_hash(receipt.leaf), receipt.index, checkpoint.size, receipt.proof, checkpoint.root)
