"""Verify from a checkpoint on: what was seen then is the beginning of this journal, and what came after it.

It costs what came after it, and a sum over the accounts. Of the beginning it reads the stored hashes of some tens
of runs of 256, the accounts that moved, what was taken back, and the old entries that new ones answer, each proved
by the tree. So it does not say that old leaves are what was hashed, that old rows of the projections are right, or
that the programme's rules were kept: `verify` does. What accounts held at the checkpoint is taken from their last
transfers before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from timebank.audit.findings import Findings, Verification
from timebank.audit.leaves import Leaves
from timebank.audit.moved import Moved
from timebank.audit.notes import Notes
from timebank.audit.programme.books import UNREADABLE, Books
from timebank.audit.programme.keys import Keys
from timebank.audit.receipts import Receipts
from timebank.audit.replay import LedgerReplay
from timebank.audit.transfers import Transfers
from timebank.audit.tree import RunningTree
from timebank.audit.witness import check_cosigned
from timebank.errors import FileDamaged, InvalidInput, ProofWrong
from timebank.tlog.checkpoint import read_unverified
from timebank.tlog.merkle import TILE_HEIGHT, TILE_WIDTH, check_inclusion, inclusion_proof, leaf_hash
from timebank.tlog.merkle import root as root_of_first

if TYPE_CHECKING:
    from collections.abc import Sequence

    from timebank.audit.evidence import GrownEvidence
    from timebank.audit.replay import Members
    from timebank.tlog.cosignature import Cosigner

SINCE: Final = "since"
"""What findings call the note from which on was verified."""


def verify_since(
    evidence: GrownEvidence,
    note: str,
    *,
    checkpoints: Sequence[str] = (),
    receipts: Sequence[str] = (),
    witnessed: Sequence[str] = (),
    witnesses: Sequence[Cosigner] = (),
) -> Verification:
    """Check what came after the checkpoint in *note*, which the caller has verified in full before.

    Raises BadNote for a note that is none, and FileDamaged if not even the schema can be read; else as `verify`.
    """
    size = read_unverified(note).size
    findings = Findings()
    for code, detail in evidence.schema():
        findings.add(code, detail=detail)
    if not (evidence.is_sound("entry") and evidence.is_sound("subtree")):
        return Verification(0, RunningTree().root(), findings.all(), since=size)
    walk = _Tail(evidence, findings, note)
    try:
        walk.read_notes(checkpoints, receipts, witnessed, witnesses)
        if walk.goes_on():
            walk.entries()
            walk.compare()
        walk.finish()
    except FileDamaged as error:
        findings.add("integrity", detail=error.detail)
    return walk.verification()


class _Tail:
    """The entries from a checkpoint on."""

    def __init__(self, evidence: GrownEvidence, findings: Findings, note: str) -> None:
        self._evidence = evidence
        self._findings = findings
        self._note = note
        self._since = read_unverified(note)
        self._tree = RunningTree()
        self._ledger = LedgerReplay(findings, self._leaf)
        self._leaves = Leaves(self._ledger.is_known)
        self._keys = Keys(Books(findings, self._ledger, self._leaf))
        self._notes = Notes(findings)
        self._receipts = Receipts(findings, ())
        self._stored_resolvers: dict[Any, Any] = {}

    def verification(self) -> Verification:
        """What was seen."""
        found, notices = self._findings.all(), self._findings.notices()
        return Verification(self._tree.size, self._tree.root(), found, notices, since=self._since.size)

    def read_notes(
        self,
        checkpoints: Sequence[str],
        receipts: Sequence[str],
        witnessed: Sequence[str],
        witnesses: Sequence[Cosigner],
    ) -> None:
        """Read the notes of this size and larger ones from the file, and all that are given."""
        self._receipts = Receipts(self._findings, receipts)
        given = [(SINCE, self._note), *((f"#{number}", one) for number, one in enumerate(checkpoints, start=1))]
        given += [(f"witnessed #{number}", one) for number, one in enumerate(witnessed, start=1)]
        given += self._receipts.notes
        check_cosigned(self._findings, given, witnesses)
        stored = self._evidence.rows("checkpoint", ("size", "note"))
        self._notes.read((row for row in stored if _is_number(row[0]) and row[0] >= self._since.size), given)

    def goes_on(self) -> bool:
        """Whether the stored hashes of the beginning give the root that was signed, and its ends are proved."""
        self._tree = RunningTree.resumed(self._evidence, self._since.size)
        self._read_older_roots()
        if self._tree.root() != self._since.root:
            self._tree = RunningTree.resumed(self._evidence, max(0, self._evidence.last_place() + 1))
            return False
        self._moved = self._ledger.numbers = Moved(self._evidence, self._findings, self._since.size)
        self._stored_resolvers = dict(self._evidence.rows("resolution", ("seq", "resolver")))
        if not self._since.size:
            return True
        genesis, last = self._proved(0), self._proved(self._since.size - 1)
        if genesis is None or last is None:
            return False
        self._ledger.resume(genesis, last, self._moved.before)
        self._resume_keys(genesis)
        self._ledger.resolvers |= {ref: by for ref, by in self._stored_resolvers.items() if self._is_old(by)}
        return True

    def _read_older_roots(self) -> None:
        for size in self._notes.sizes:
            if 0 < size <= self._since.size:
                try:
                    self._notes.roots[size] = root_of_first(self._evidence, size)
                except ProofWrong:
                    continue  # there is no such root: the note is found to differ
        for seq in sorted(self._receipts.places):
            leaf = self._evidence.leaf(seq) if self._is_old(seq) else None
            if leaf is not None:
                self._receipts.compare(seq, leaf_hash(leaf))

    def _is_old(self, seq: object) -> bool:
        return _is_number(seq) and 0 <= seq < self._since.size  # type: ignore[operator]

    def _resume_keys(self, genesis: Members) -> None:
        self._keys_fold(0, genesis)
        for table in ("signing_key", "epoch"):
            for (seq,) in sorted(self._evidence.rows(table, ("seq",)), key=str):
                members = self._proved(seq) if seq != 0 and self._is_old(seq) else None
                if members is not None:
                    self._keys_fold(seq, members)

    def _keys_fold(self, seq: int, members: Members) -> None:
        if seq == 0:
            self._keys.genesis(seq, members["body"])
        fold = self._keys.folds.get(members["kind"])
        if fold is not None:
            try:
                fold(seq, members)
            except UNREADABLE as error:
                self._findings.add("entry-wrong", seq, reason=f"{members['kind']}: {type(error).__name__}")

    def _leaf(self, seq: int) -> Members | None:
        if self._is_old(seq):
            return self._proved(seq)
        return self._leaves.kept(seq, self._evidence.leaf(seq))

    def _proved(self, seq: int) -> Members | None:
        """The old entry at *seq*, if the tree of the checkpoint holds its bytes; else a finding, and None."""
        leaf, since = self._evidence.leaf(seq) or b"", self._since
        try:
            proof = inclusion_proof(self._evidence, seq, since.size)
            check_inclusion(leaf_hash(leaf), seq, since.size, proof, since.root)
            return self._leaves.read(seq, leaf)
        except (ProofWrong, InvalidInput):
            self._findings.add("leaf-edited", seq)
            return None

    def entries(self) -> None:
        """Every new leaf: its place, its hash, its form, its double entry and its transfers."""
        first = following = self._since.size
        transfers = Transfers(self._evidence, self._findings, self._evidence.transfers_from(first))
        for seq, stored_hash, key, kind, leaf in self._evidence.entries_from(first):
            if seq != following:
                self._findings.add("sequence-gap", seq, expected=following, found=seq)
            following = seq + 1
            data = leaf if isinstance(leaf, bytes) else b""
            actual = leaf_hash(data)
            if actual != stored_hash:
                self._findings.add("leaf-edited", seq)
            self._receipts.compare(seq, actual)
            transfers.compare(seq, self._fold(seq, (key, kind), data))
            self._grow(actual)
        transfers.finish()

    def _fold(self, seq: int, columns: tuple[object, object], data: bytes) -> list[tuple[Any, ...]]:
        members = self._leaves.row(self._findings, seq, columns, data)
        if members is None:
            return []
        if "key" in members and set(self._evidence.places_of(members["key"])) - {seq}:
            self._findings.add("key-twice", key=members["key"])
        self._keys_fold(seq, members)
        return self._ledger.entry(seq, members)

    def _grow(self, actual: bytes) -> None:
        for level, position, run in self._tree.append(actual):
            if self._evidence.hashes(level, position, 1) != [run]:
                self._findings.add("subtree-differs", level=level, position=position)
        if self._tree.size % TILE_WIDTH == 0:
            self._ledger.close_run()
        if self._tree.size in self._notes.sizes:
            self._notes.roots[self._tree.size] = self._tree.root()

    def compare(self) -> None:
        """What new entries touched: balances, what answered what, and runs of entries that are complete."""
        self._compare_balances()
        made = {(ref, by) for ref, by in self._ledger.resolvers.items() if not self._is_old(by)}
        kept = {(ref, by) for ref, by in self._stored_resolvers.items() if not self._is_old(by)}
        for ref, by in sorted(made ^ kept, key=str):
            self._findings.add("resolution-differs", by if _is_number(by) else None, ref=ref)
        for level, position in sorted(self._evidence.rows("subtree", ("level", "position")), key=str):
            if not self._is_complete(level, position):
                self._findings.add("subtree-differs", level=level, position=position)

    def _is_complete(self, level: Any, position: Any) -> bool:
        if not (_is_number(level) and _is_number(position) and position >= 0 and 1 <= level < TILE_HEIGHT):
            return False
        return (int(position) + 1) << (TILE_HEIGHT * int(level)) <= self._tree.size

    def _compare_balances(self) -> None:
        """Balances of the accounts that moved; and the zero of each unit, over all that are stored."""
        for (account, unit), wanted in sorted(self._ledger.balances().items()):
            kept = self._moved.now((account, unit))
            if kept != wanted:
                self._findings.add("balance-differs", account=account, unit=unit, stored=kept, replayed=wanted)
        for unit, total in self._evidence.unit_sums().items():
            if total:
                self._findings.add("unit-unbalanced", unit=unit, sum=total)

    def finish(self) -> None:
        """Every note against the tree, and what receipts say."""
        self._notes.compare(self._tree.size, self._ledger.origin or self._since.origin, self._keys)
        self._receipts.finish(self._notes.lost)


def _is_number(value: object) -> bool:
    return type(value) is int
