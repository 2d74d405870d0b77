"""Operators and the members that they are, as the auditor says: who served or approved for themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from timebank.audit.programme.usage import items_of
from timebank.audit.reperform.examples import Examples, by_name
from timebank.audit.reperform.lead import lead_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from timebank.audit.reperform.lead import Lead
    from timebank.audit.reperform.setting import Setting
    from timebank.audit.replay import Members

_CODES: Final = {"till": "linked-redemption", "award": "linked-service"}


class Links:
    """`linked-redemption` and `linked-service`, for pairs of an operator and a member (or the member's card)."""

    def __init__(self, setting: Setting, links: Iterable[tuple[str, str]]) -> None:
        self._setting = setting
        self._links = frozenset(links)
        self._seen: dict[tuple[str, str, str], Examples] = {}
        looking = {"redemption": self._till, "hold": self._till, "award": self._award, "claim": self._claim}
        self.folds = looking if self._links else {}

    def unknown(self) -> Iterator[tuple[str, str]]:
        """What of the links the journal does not know: "operator" or "member", and its name."""
        known = self._setting.members | self._setting.member_of_card.keys()
        for operator, member in sorted(self._links):
            if operator not in self._setting.operators:
                yield "operator", operator
            if member not in known:
                yield "member", member

    def _note(self, what: str, seq: int, member: str, people: Iterable[str | None], card: str = "") -> None:
        for operator in people:
            if operator is not None and self._are_linked(operator, member, card):
                self._seen.setdefault((what, operator, member), Examples()).add(seq)

    def _are_linked(self, operator: str, member: str, card: str) -> bool:
        return (operator, member) in self._links or (
            any(
                self._setting.member_of_card.get(name) == member
                for one, name in self._links
                if one == operator and name not in self._setting.members
            )
            or (operator, card) in self._links
        )

    def _till(self, seq: int, members: Members) -> None:
        member = self._setting.holder(members)
        if member is not None:
            self._note("till", seq, member, [members["by"]], members["body"]["card"])

    def _award(self, seq: int, members: Members) -> None:
        if "ref" in members:
            return  # its claim and the review were looked at
        for member, _ in items_of(members):
            self._note("award", seq, member, [members["by"], members.get("ok")])

    def _claim(self, seq: int, members: Members) -> None:
        do = members["body"]["do"]
        claim = members if do == "submit" else self._setting.original(members) if do == "approve" else None
        for member, _ in () if claim is None else claim["body"]["items"]:
            self._note("award", seq, member, [members["by"]])

    def leads(self) -> Iterator[Lead]:
        """A pair each."""
        for (what, operator, member), examples in by_name(self._seen):
            yield lead_of(_CODES[what], examples, operator=operator, member=member)
