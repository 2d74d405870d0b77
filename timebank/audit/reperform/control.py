"""Dual control: every entry that needs a second person, and whether it had one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from timebank.audit.programme.acts import act_of
from timebank.audit.reperform.examples import by_name
from timebank.audit.reperform.found import Checked, Found, Tally
from timebank.programme.roles import NEEDS_APPROVAL

if TYPE_CHECKING:
    from timebank.audit.replay import Members

_OF_THE_LEDGER: Final = ("hold", "post", "void")


@frozen
class Act:
    """One act that needs a second person: how many entries there are, and how many of them had one."""

    act: str
    entries: int
    approved: int

    @property
    def difference(self) -> int:
        """Entries without a second person."""
        return self.entries - self.approved


@frozen
class ControlPaper:
    """Every entry: those of acts that need a second person by act, and all whose people verify found wrong."""

    checked: Checked
    rows: tuple[Act, ...]


class Control:
    """Looks for second persons. A claim has its second person in its review, which verify looks at."""

    def __init__(self, found: Found) -> None:
        self._found = found.control
        self._tally = Tally()
        self._acts: dict[str, list[int]] = {}

    def take(self, seq: int, members: Members) -> None:
        """The next entry."""
        kind = members["kind"]
        act = None if kind in _OF_THE_LEDGER else act_of(kind, members)
        has_second = members.get("ok") not in (None, members["by"])
        is_alone = False
        if act in NEEDS_APPROVAL and act is not None:
            sums = self._acts.setdefault(act, [0, 0])
            sums[0] += 1
            sums[1] += has_second
            is_alone = not has_second
        self._tally.add(seq, is_wrong=is_alone or seq in self._found)

    def paper(self) -> ControlPaper:
        """What was seen."""
        rows = (Act(act, *sums) for act, sums in by_name(self._acts))
        return ControlPaper(self._tally.checked(), tuple(rows))
