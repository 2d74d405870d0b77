"""An audit: verify, then every figure performed again, then leads. One more pass over the leaves, reading only."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from timebank.audit.leaves import Leaves
from timebank.audit.programme.books import UNREADABLE
from timebank.audit.reperform.accounts import Accounts
from timebank.audit.reperform.found import Found
from timebank.audit.reperform.leads import all_looking
from timebank.audit.reperform.leads.links import Links
from timebank.audit.reperform.papers import Desk, Papers
from timebank.audit.reperform.setting import Setting
from timebank.audit.reperform.thresholds import Thresholds
from timebank.audit.verify import verify
from timebank.errors import FileDamaged, InvalidInput, UnknownMember, UnknownOperator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from timebank.audit.evidence import Evidence
    from timebank.audit.findings import Verification
    from timebank.audit.reperform.lead import Lead
    from timebank.audit.replay import Members
    from timebank.ledger.store import Table

Look = tuple["Callable[[int, Members], None]", ...]

USUAL: Final = Thresholds()


@frozen
class Audit:
    """What verify found, the working papers, and leads, which say where to ask. Only findings are errors."""

    verification: Verification
    papers: Papers
    leads: tuple[Lead, ...]

    @property
    def is_clean(self) -> bool:
        """Whether verify found nothing. Leads do not count."""
        return self.verification.is_clean


def audit(
    evidence: Evidence,
    tables: Sequence[Table[Any]],
    *,
    checkpoints: Sequence[str] = (),
    links: Iterable[tuple[str, str]] = (),
    thresholds: Thresholds = USUAL,
) -> Audit:
    """Verify *evidence*, perform its figures again, and look for leads.

    *links* are pairs of an operator and a member, or the member's card, as the auditor knows them. Raises what
    verify raises, and UnknownOperator or UnknownMember for a link that the journal does not know.
    """
    verification = verify(evidence, tables, checkpoints=checkpoints)
    reading = _Pass(evidence, verification, links, thresholds)
    with suppress(FileDamaged):  # verify has said so; what was read up to there is shown
        reading.read()
    return reading.audit()


class _Pass:
    """One pass over the leaves."""

    def __init__(
        self,
        evidence: Evidence,
        verification: Verification,
        links: Iterable[tuple[str, str]],
        thresholds: Thresholds,
    ) -> None:
        self._evidence = evidence
        self._verification = verification
        self._accounts = Accounts()
        self._leaves = Leaves(self._accounts.is_known)
        self._setting = Setting(self._members)
        self._desk = Desk(self._setting, self._accounts, Found(verification.findings))
        self._links = Links(self._setting, links)
        self._looking = all_looking(self._setting, thresholds, self._links)
        self._looks: dict[str, Look] = {}

    def read(self) -> None:
        """Show every entry to all who look at its kind."""
        for seq, _, _, _, leaf in self._evidence.entries():
            if type(seq) is int and isinstance(leaf, bytes):
                try:
                    members = self._leaves.read(seq, leaf)
                except InvalidInput:
                    continue  # verify has said so
                self._entry(seq, members)

    def _entry(self, seq: int, members: Members) -> None:
        self._accounts.take(members)
        self._setting.take(seq, members)
        for look in self._looks.get(members["kind"]) or self._looks_at(members["kind"]):
            try:
                look(seq, members)
            except UNREADABLE:  # verify has said so
                continue

    def _looks_at(self, kind: str) -> Look:
        folds = [*self._desk.by_kind(), *(each.folds for each in self._looking)]
        looks = [fold for each in folds for name, fold in each.items() if name in ("", kind)]
        return self._looks.setdefault(kind, (*self._desk.of_all(), *looks))

    def _members(self, seq: int) -> Members | None:
        """The entry at *seq*, which another one answers."""
        return self._leaves.kept(seq, self._evidence.leaf(seq))

    def audit(self) -> Audit:
        """What was seen."""
        for what, name in self._links.unknown():
            raise UnknownOperator(name) if what == "operator" else UnknownMember(name)
        leads = tuple(lead for looking in self._looking for lead in looking.leads())
        return Audit(self._verification, self._desk.papers(), leads)
