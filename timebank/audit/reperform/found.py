"""What verify found, by area: whose entries are wrong as entries, whose second person, whose day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from timebank.audit.reperform.examples import Examples

if TYPE_CHECKING:
    from collections.abc import Iterable

    from timebank.audit.findings import Finding

_CONTROL: Final = frozenset(("not-allowed", "approval-wrong", "budget-passed"))
_PERIODS: Final = frozenset(("period-closed", "day-after-recording"))
_OF_THE_FILE: Final = frozenset(
    ("transfer-differs", "transfer-missing", "transfer-extra", "column-differs", "resolution-differs")
)
"""These name an entry, but are about what was made from it."""


@frozen
class Checked:
    """How many entries were looked at, how many of them are wrong, and the first 20 of these."""

    count: int
    wrong: int
    seqs: tuple[int, ...]


class Found:
    """The entries that verify found something wrong with."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.rules: set[int] = set()
        self.control: set[int] = set()
        self.periods: set[int] = set()
        for finding in findings:
            if finding.seq is None or finding.code in _OF_THE_FILE:
                continue
            if finding.code in _CONTROL:
                self.control.add(finding.seq)
            elif finding.code in _PERIODS:
                self.periods.add(finding.seq)
            else:
                self.rules.add(finding.seq)


class Tally:
    """Counts what was looked at, and keeps what is wrong."""

    def __init__(self) -> None:
        self._count = 0
        self._wrong = Examples()

    def add(self, seq: int, *, is_wrong: bool) -> None:
        """One more entry was looked at."""
        self._count += 1
        if is_wrong:
            self._wrong.add(seq)

    def checked(self) -> Checked:
        """What was seen."""
        return Checked(self._count, self._wrong.count, self._wrong.seqs)
