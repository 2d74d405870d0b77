"""What came to members and went from them, kind by kind: awards, deductions, expiry, gifts and the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from timebank.audit.reperform.found import Checked, Found, Tally

if TYPE_CHECKING:
    from timebank.audit.reperform.setting import Setting
    from timebank.audit.replay import Members

_MEMBERS: Final = ("L:M:", "L:H:")
_UNITS: Final = ("PTS", "MIN")
_OF_THE_TILL: Final = frozenset(("redemption", "return", "post", "hold", "void", "award"))
"""Looked at in papers of their own, or moving nothing between members and others."""


@frozen
class Flow:
    """What entries of one *kind* brought to members and took from them, in whole points or minutes.

    What was taken back is in the kind `reversal`. Between a member's points and those that are held for a
    reservation both sides count.
    """

    kind: str
    unit: str
    entries: int
    to_members: int
    from_members: int

    @property
    def change(self) -> int:
        """What members have more."""
        return self.to_members - self.from_members


@frozen
class FlowsPaper:
    """Openings, deductions, gifts, grants, expiry and reversals looked at; and all that members got and gave."""

    checked: Checked
    rows: tuple[Flow, ...]


class Flows:
    """Adds up what members got and gave."""

    def __init__(self, setting: Setting, found: Found) -> None:
        self._setting = setting
        self._found = found.rules
        self._tally = Tally()
        self._flows: dict[tuple[str, str], list[int]] = {}
        self._nets: dict[tuple[str, str], int] = {}
        """By kind, with what was taken back under the kind that it was."""

    def take(self, seq: int, members: Members) -> None:
        """The next entry."""
        kind = members["kind"]
        sums: dict[str, list[int]] = {}
        for debit, credit, unit, amount in members.get("move", ()):
            if unit in _UNITS:
                for side, account in enumerate((credit, debit)):
                    if account.startswith(_MEMBERS):
                        sums.setdefault(unit, [0, 0])[side] += amount
        if not sums:
            return
        if kind not in _OF_THE_TILL:
            self._tally.add(seq, is_wrong=seq in self._found)
        original = self._setting.original(members) if kind == "reversal" else None
        for unit, (into, out) in sums.items():
            flow = self._flows.setdefault((unit, kind), [0, 0, 0])
            for place, amount in enumerate((1, into, out)):
                flow[place] += amount
            of = (kind if original is None else original["kind"], unit)
            self._nets[of] = self._nets.get(of, 0) + into - out

    def held(self, unit: str) -> int:
        """What all members should hold."""
        return sum(flow.change for flow in self.paper().rows if flow.unit == unit)

    def net(self, kind: str, unit: str = "PTS") -> int:
        """What entries of *kind* brought to members, less what was taken back."""
        return self._nets.get((kind, unit), 0)

    def paper(self) -> FlowsPaper:
        """What was seen."""
        rows = (Flow(kind, unit, *sums) for (unit, kind), sums in sorted(self._flows.items(), reverse=True))
        return FlowsPaper(self._tally.checked(), tuple(rows))
