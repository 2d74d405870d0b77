"""The stored transfers, held against those that the leaves say."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from timebank.audit.evidence import Evidence, Row
    from timebank.audit.findings import Findings


class Transfers:
    """The stored transfers, read beside the entries that they belong to."""

    def __init__(self, evidence: Evidence, findings: Findings, stored: Iterator[Row]) -> None:
        self._findings = findings
        self._are_sound = evidence.is_sound("transfer") and evidence.is_sound("account")
        self._stored = self._placed(stored) if self._are_sound else iter(())
        self._next = next(self._stored, None)

    def _placed(self, rows: Iterator[Row]) -> Iterator[Row]:
        """The rows whose place is a place at all; in a damaged page it may be of any type."""
        for row in rows:
            if type(row[0]) is int and type(row[1]) is int:
                yield row
            else:
                self._findings.add("transfer-extra", pos=row[1])

    def compare(self, seq: int, expected: list[Row]) -> None:
        """Take the transfers up to entry *seq* and hold them against those that its leaf says."""
        if not self._are_sound:
            return
        row, stored = self._next, []
        while row is not None and row[0] <= seq:
            stored.append(row)
            row = next(self._stored, None)
        self._next = row
        if stored != expected:
            self._compare_each(seq, stored, expected)

    def _compare_each(self, seq: int, stored: list[Row], expected: list[Row]) -> None:
        mine = {row[:2]: row for row in stored}
        wanted = {row[:2]: row for row in expected}
        for place in sorted(mine.keys() | wanted.keys()):
            if place not in wanted:
                self._findings.add("transfer-extra", place[0], pos=place[1])
            elif place not in mine:
                self._findings.add("transfer-missing", seq, pos=place[1])
            elif mine[place] != wanted[place]:
                self._findings.add("transfer-differs", seq, pos=place[1])

    def finish(self) -> None:
        """What is left belongs to no entry."""
        while self._next is not None:
            self._findings.add("transfer-extra", self._next[0], pos=self._next[1])
            self._next = next(self._stored, None)
