"""Verify: is this file what its journal says, and is its journal whole? (ledger-format, "What the verifier does")

Reads only. Everything that is wrong is a finding, in this order: the file and its schema; every leaf; the rules,
replayed from the leaves; the projections against the replay; the tree against every checkpoint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from timebank.audit.findings import Finding, Findings, Verification
from timebank.audit.programme_replay import ProgrammeReplay
from timebank.audit.replay import LedgerReplay
from timebank.audit.tree import RunningTree
from timebank.errors import BadCode, BadNote, ExtraMissing, InvalidInput, SignatureWrong
from timebank.ledger.entries import members_of
from timebank.tlog.checkpoint import open_checkpoint, parse_verifier, read_unverified
from timebank.tlog.merkle import TILE_WIDTH, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from timebank.audit.replay import Members
    from timebank.ledger.store import Table
    from timebank.tlog.checkpoint import Checkpoint, Verifier

__all__ = ["Evidence", "Finding", "Verification", "verify"]

Row = tuple[Any, ...]


class Evidence(Protocol):
    """The rows of a ledger as they lie in a file that is not trusted; see storage.sqlite_evidence."""

    def structure(self) -> Iterator[tuple[str, str]]:
        """What is wrong with the file and its schema; read first."""
        ...

    def is_sound(self, table: str) -> bool:
        """Whether the table can be read as what it should be."""
        ...

    def entries(self) -> Iterator[Row]:
        """Place, hash, key, kind and leaf of every entry, by place."""
        ...

    def leaf(self, seq: int) -> bytes | None:
        """The leaf at *seq*."""
        ...

    def same_keys(self) -> Iterator[Row]:
        """Keys that stand at more than one entry."""
        ...

    def transfers(self) -> Iterator[Row]:
        """Place, number, debit and credit code, their units, amount, day, and both balances after, by place."""
        ...

    def accounts(self) -> Iterator[Row]:
        """Code, unit and balance."""
        ...

    def day_totals(self) -> Iterator[Row]:
        """Code, unit, day (yyyymmdd) and amount."""
        ...

    def rows(self, table: str, columns: tuple[str, ...]) -> Iterator[Row]:
        """Columns of any other table."""
        ...


def verify(evidence: Evidence, tables: Sequence[Table[Any]], *, checkpoints: Sequence[str] = ()) -> Verification:
    """Check *evidence*; *tables* are the programme's, *checkpoints* are notes that were kept outside the file."""
    findings = Findings()
    for code, detail in evidence.structure():
        findings.add(code, detail=detail)
    walk = _Walk(evidence, findings, checkpoints)
    walk.entries()
    walk.balances()
    walk.other_projections()
    walk.records(tables)
    walk.notes()
    return Verification(walk.tree.size, walk.tree.root(), findings.all())


class _Walk:
    """One pass over the journal, and then over each projection."""

    def __init__(self, evidence: Evidence, findings: Findings, checkpoints: Sequence[str]) -> None:
        self._evidence = evidence
        self._findings = findings
        self.tree = RunningTree()
        self._ledger = LedgerReplay(findings, self._members)
        self._programme = ProgrammeReplay(findings)
        self._stored_runs = {
            (level, position): run
            for level, position, run in evidence.rows("subtree", ("level", "position", "hash"))
        }
        stored = [(note, f"checkpoint {size}") for size, note in evidence.rows("checkpoint", ("size", "note"))]
        given = [(note, f"#{number}") for number, note in enumerate(checkpoints, start=1)]
        self._notes = [*stored, *given]
        self._sizes = {size for note, source in self._notes if (size := _size(note)) is not None}
        self._roots: dict[int, bytes] = {0: self.tree.root()}

    def _members(self, seq: int) -> Members | None:
        leaf = self._evidence.leaf(seq)
        try:
            return None if leaf is None else members_of(seq, leaf)
        except InvalidInput:
            return None

    def entries(self) -> None:
        """Every leaf, its place, its hash, its rules and its transfers."""
        stored = iter(self._evidence.transfers())
        held = next(stored, None)
        check_transfers = self._evidence.is_sound("transfer") and self._evidence.is_sound("account")
        for seq, stored_hash, key, kind, leaf in self._evidence.entries():
            if seq != self.tree.size:
                self._findings.add("sequence-gap", seq, expected=self.tree.size, found=seq)
            expected = self._entry(seq, stored_hash, (key, kind), leaf)
            if self.tree.size % TILE_WIDTH == 0:
                self._ledger.close_run()
            if check_transfers:
                mine = []
                while held is not None and held[0] <= seq:
                    mine.append(held)
                    held = next(stored, None)
                if mine != expected:
                    self._compare_transfers(seq, mine, expected)
        while held is not None:
            self._findings.add("transfer-extra", held[0], pos=held[1])
            held = next(stored, None)
        for (key,) in self._evidence.same_keys():
            self._findings.add("key-twice", key=key)

    def _entry(self, seq: int, stored_hash: object, columns: object, leaf: object) -> list[Row]:
        data = leaf if isinstance(leaf, bytes) else b""
        actual = leaf_hash(data)
        if actual != stored_hash:
            self._findings.add("leaf-edited", seq)
        for level, position, run in self.tree.append(actual):
            if self._stored_runs.pop((level, position), None) != run:
                self._findings.add("subtree-differs", level=level, position=position)
        if self.tree.size in self._sizes:
            self._roots[self.tree.size] = self.tree.root()
        try:
            members = members_of(seq, data)
        except InvalidInput as error:
            self._findings.add("leaf-bad", seq, reason=str(error))
            return []
        if (members.get("key"), members["kind"]) != columns:
            self._findings.add("column-differs", seq)
        rows = self._ledger.entry(seq, members)
        self._programme.entry(seq, members)
        return rows

    def _compare_transfers(self, seq: int, stored: list[Row], expected: list[Row]) -> None:
        mine = {(row[0], row[1]): row for row in stored}
        wanted = {(row[0], row[1]): row for row in expected}
        for place in sorted(mine.keys() | wanted.keys()):
            if place not in wanted:
                self._findings.add("transfer-extra", place[0], pos=place[1])
            elif place not in mine:
                self._findings.add("transfer-missing", seq, pos=place[1])
            elif mine[place] != wanted[place]:
                self._findings.add("transfer-differs", seq, pos=place[1])

    def balances(self) -> None:
        """Stored balances and day totals against the replay; every unit's zero."""
        sums: dict[str, int] = {}
        for (account, unit), amount in self._ledger.balances.items():
            sums[unit] = sums.get(unit, 0) + (amount if account[0] in "AX" else -amount)
        for unit, total in sums.items():
            if total:
                self._findings.add("unit-unbalanced", unit=unit, sum=total)
        if self._evidence.is_sound("account"):
            stored = {(code, unit): balance for code, unit, balance in self._evidence.accounts()}
            for place in sorted(stored.keys() | self._ledger.balances.keys(), key=str):
                kept, replayed = stored.get(place), self._ledger.balances.get(place)
                if kept != replayed:
                    account, unit = place
                    self._findings.add(
                        "balance-differs", account=account, unit=unit, stored=kept, replayed=replayed
                    )
        if self._evidence.is_sound("account") and self._evidence.is_sound("day_total"):
            self._day_totals()

    def _day_totals(self) -> None:
        left = dict(self._ledger.day_sums)
        for code, unit, day, amount in self._evidence.day_totals():
            text = f"{day // 10_000:04}-{day // 100 % 100:02}-{day % 100:02}"
            left[code, unit] = left.get((code, unit), 0) - amount * self._ledger.weight(text)
        for (account, unit), difference in left.items():
            if difference:
                self._findings.add("day-total-differs", account=account, unit=unit)

    def other_projections(self) -> None:
        """Tallies, resolutions and the inner hashes of the tree."""
        if self._evidence.is_sound("tally"):
            stored = dict(self._evidence.rows("tally", ("kind", "entries")))
            for kind in sorted(stored.keys() | self._ledger.tallies.keys(), key=str):
                kept, replayed = stored.get(kind, 0), self._ledger.tallies.get(kind, 0)
                if kept != replayed:
                    self._findings.add("tally-differs", kind=kind, stored=kept, replayed=replayed)
        if self._evidence.is_sound("resolution"):
            kept_ones = set(self._evidence.rows("resolution", ("seq", "resolver")))
            for ref, resolver in sorted(kept_ones ^ set(self._ledger.resolvers.items())):
                self._findings.add("resolution-differs", resolver, ref=ref)
        for level, position in sorted(self._stored_runs):
            self._findings.add("subtree-differs", level=level, position=position)

    def records(self, tables: Iterable[Table[Any]]) -> None:
        """The programme's tables against the replay."""
        for table in tables:
            if not self._evidence.is_sound(table.name):
                continue
            places = [table.columns.index(name) for name in table.key]
            stored = {
                tuple(row[place] for place in places): row
                for row in self._evidence.rows(table.name, table.columns)
            }
            wanted = self._programme.tables[table.name]
            for key in sorted(stored.keys() | wanted.keys(), key=str):
                if stored.get(key) != wanted.get(key):
                    self._findings.add("record-differs", table=table.name, key=" ".join(map(str, key)))

    def notes(self) -> None:
        """Every checkpoint, stored and given: origin, signature, size and root."""
        try:
            verifier = None if self._ledger.vkey is None else parse_verifier(str(self._ledger.vkey))
        except (BadCode, BadNote):
            verifier = None
            self._findings.add("genesis-wrong", 0, reason="vkey")
        for note, source in self._notes:
            try:
                checkpoint = read_unverified(str(note))
            except BadNote as error:
                self._findings.add("note-bad", source=source, reason=error.reason)
                continue
            self._checkpoint(checkpoint, source)
            self._signature(str(note), source, verifier)

    def _checkpoint(self, checkpoint: Checkpoint, source: str) -> None:
        if checkpoint.origin != self._ledger.origin:
            self._findings.add("origin-differs", origin=checkpoint.origin, source=source)
        if checkpoint.size > self.tree.size:
            self._findings.add("journal-short", size=checkpoint.size, entries=self.tree.size, source=source)
        elif self._roots.get(checkpoint.size) != checkpoint.root:
            self._findings.add("root-differs", size=checkpoint.size, source=source)

    def _signature(self, note: str, source: str, verifier: Verifier | None) -> None:
        if verifier is None:
            return
        try:
            open_checkpoint(note, verifier)
        except SignatureWrong:
            self._findings.add("signature-wrong", source=source)
        except ExtraMissing:
            return  # Sizes and roots are compared all the same.


def _size(note: object) -> int | None:
    try:
        return read_unverified(str(note)).size
    except BadNote:
        return None
