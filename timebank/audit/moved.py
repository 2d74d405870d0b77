"""The accounts that entries after a checkpoint move: what each is called in the file, what it held and holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from timebank.audit.evidence import GrownEvidence
    from timebank.audit.findings import Findings
    from timebank.audit.replay import Place


class Moved(Mapping["Place", int]):
    """The file's number of each account, by its code and unit, as far as entries from *first* on move it.

    They are asked for at once, by the transfers of these entries. All rows are read only for an account that no
    transfer names, or of which there are two: then the file is damaged.
    """

    def __init__(self, evidence: GrownEvidence, findings: Findings, first: int) -> None:
        self._evidence = evidence
        self._findings = findings
        self._first = first
        self._numbers: dict[Place, int] = {}
        self._before: dict[Place, Any] = {}
        self._now: dict[Place, Any] = {}
        self._is_whole = False
        for number, code, unit, now, before in evidence.moved_from(first):
            place = (code, unit)
            self._numbers[place], self._before[place], self._now[place] = number, before, now

    def __getitem__(self, place: Place) -> int:
        """The file's number of an account."""
        self._look_for(place)
        return self._numbers[place]

    def __iter__(self) -> Iterator[Place]:
        """The accounts that were read."""
        return iter(self._numbers)

    def __len__(self) -> int:
        """How many were read."""
        return len(self._numbers)

    def before(self, place: Place) -> int:
        """What an account held at the checkpoint, as its last transfer before it says; 0 if there is none."""
        number = self.get(place)
        if number is not None and place not in self._before:
            self._before[place] = self._evidence.balance_before(number, self._first)
        held = self._before.get(place)
        return held if type(held) is int else 0

    def now(self, place: Place) -> Any:
        """What the file says that an account holds now, once its number was asked for; None if there is none."""
        return self._now.get(place)

    def _look_for(self, place: Place) -> None:
        if place in self._numbers or self._is_whole:
            return
        self._is_whole = True
        numbers: dict[Place, int] = {}
        balances: dict[Place, Any] = {}
        for number, code, unit, now in self._evidence.rows("account", ("id", "code", "unit", "balance")):
            if (code, unit) in numbers:
                self._findings.add("record-differs", table="account", key=f"{code} {unit}")
            numbers[code, unit], balances[code, unit] = number, now
        self._numbers, self._now = numbers | self._numbers, balances | self._now
