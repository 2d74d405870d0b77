"""Verify: is this file what its journal says, and is its journal whole? (ledger-format, "What the verifier does")

Reads only. Everything that is wrong is a finding, in this order: the file and its schema; every leaf; the rules,
replayed from the leaves; the projections against the replay; the tree against every checkpoint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from timebank.audit.evidence import Evidence, Row
from timebank.audit.findings import Finding, Findings, Verification
from timebank.audit.leaves import Leaves
from timebank.audit.notes import Notes
from timebank.audit.programme import ProgrammeReplay
from timebank.audit.projections import Projections
from timebank.audit.receipts import Receipts
from timebank.audit.replay import LedgerReplay
from timebank.audit.transfers import Transfers
from timebank.audit.tree import RunningTree
from timebank.audit.witness import check_cosigned
from timebank.errors import FileDamaged
from timebank.tlog.merkle import TILE_WIDTH, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timebank.audit.replay import Members
    from timebank.ledger.store import Table
    from timebank.tlog.cosignature import Cosigner

__all__ = ["Evidence", "Finding", "Verification", "verify"]


def verify(
    evidence: Evidence,
    tables: Sequence[Table[Any]],
    *,
    checkpoints: Sequence[str] = (),
    receipts: Sequence[str] = (),
    witnessed: Sequence[str] = (),
    witnesses: Sequence[Cosigner] = (),
) -> Verification:
    """Check *evidence*; *tables* are the programme's, *checkpoints* and *receipts* were kept outside the file.

    Of *witnesses* each must have cosigned one of *checkpoints*, or of *witnessed*, the notes beside the file.
    Raises FileDamaged if not even the file's schema can be read; everything else is a finding.
    """
    findings = Findings()
    for code, detail in evidence.structure():
        findings.add(code, detail=detail)
    walk = _Walk(evidence, findings)
    if not evidence.is_sound("entry"):
        return walk.verification()
    try:
        walk.read_tree(checkpoints, receipts, witnessed)
        walk.check_cosigned(witnesses)
        walk.entries()
    except FileDamaged as error:
        findings.add("integrity", detail=error.detail)  # Half a journal is no measure for what is made from it.
        walk.finish_receipts()
        return walk.verification()
    walk.compare(tables)
    return walk.verification()


class _Walk:
    """One pass over the journal, and then over each projection."""

    def __init__(self, evidence: Evidence, findings: Findings) -> None:
        self._evidence = evidence
        self._findings = findings
        self._tree = RunningTree()
        self._ledger = LedgerReplay(findings, self._members)
        self._programme = ProgrammeReplay(findings, self._ledger, self._members)
        self._leaves = Leaves(self._ledger.is_known)
        self._projections = Projections(evidence, findings, self._ledger, self._programme)
        self._notes = Notes(findings)
        self._receipts = Receipts(findings, ())
        self._outside: list[tuple[str, str]] = []

    def verification(self) -> Verification:
        """What was seen."""
        return Verification(self._tree.size, self._tree.root(), self._findings.all(), self._findings.notices())

    def _members(self, seq: int) -> Members | None:
        return self._leaves.kept(seq, self._evidence.leaf(seq))

    def read_tree(self, checkpoints: Sequence[str], receipts: Sequence[str], witnessed: Sequence[str]) -> None:
        """Read what the leaves are held against as they go by: checkpoints, receipts, inner hashes, accounts."""
        self._receipts = Receipts(self._findings, receipts)
        self._outside = [(f"#{number}", note) for number, note in enumerate(checkpoints, start=1)]
        self._outside += [(f"witnessed #{number}", note) for number, note in enumerate(witnessed, start=1)]
        given = [*self._outside, *self._receipts.notes]
        self._notes.read(self._evidence.rows("checkpoint", ("size", "note")), given)
        self._projections.read_runs()
        self._ledger.numbers = self._projections.read_accounts()

    def check_cosigned(self, witnesses: Sequence[Cosigner]) -> None:
        """What each witness says of the notes from outside."""
        check_cosigned(self._findings, [*self._outside, *self._receipts.notes], witnesses)

    def entries(self) -> None:
        """Every leaf, its place, its hash, its rules and its transfers."""
        transfers = Transfers(self._evidence, self._findings, self._evidence.transfers())
        following, tree, receipts, roots_of = 0, self._tree, self._receipts.places, self._notes.sizes
        for seq, stored_hash, key, kind, leaf in self._evidence.entries():
            if seq != following:
                self._findings.add("sequence-gap", seq, expected=following, found=seq)
            following = seq + 1
            data = leaf if isinstance(leaf, bytes) else b""
            actual = leaf_hash(data)
            if actual != stored_hash:
                self._findings.add("leaf-edited", seq)
            if seq in receipts:
                self._receipts.compare(seq, actual)
            rows = self._fold(seq, (key, kind), data)
            for level, position, run in tree.append(actual):
                self._projections.compare_run(level, position, run)
            if tree.size % TILE_WIDTH == 0:
                self._ledger.close_run()
            if tree.size in roots_of:
                self._notes.roots[tree.size] = tree.root()
            transfers.compare(seq, rows)
        transfers.finish()
        if not self._tree.size:
            self._findings.add("genesis-wrong", 0, reason="there is no entry")
        for (key,) in self._evidence.same_keys():
            self._findings.add("key-twice", key=key)

    def _fold(self, seq: int, columns: tuple[object, object], data: bytes) -> list[Row]:
        members = self._leaves.row(self._findings, seq, columns, data)
        if members is None:
            return []
        rows = self._ledger.entry(seq, members)
        self._programme.entry(seq, members)
        return rows

    def compare(self, tables: Sequence[Table[Any]]) -> None:
        """Every projection against the replay, as far as each can be read; then the checkpoints."""
        for compared in self._projections.comparisons(tables):
            try:
                compared()
            except FileDamaged as error:
                self._findings.add("integrity", detail=error.detail)
        self._notes.compare(self._tree.size, self._ledger.origin, self._programme.keys)
        self.finish_receipts()

    def finish_receipts(self) -> None:
        """Receipts whose entry is another by now, unless it is declared lost."""
        self._receipts.finish(self._notes.lost)
