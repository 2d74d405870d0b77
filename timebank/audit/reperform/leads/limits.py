"""Awards just under a limit: as if somebody had measured the rule, and not the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from timebank.audit.programme.usage import items_of, points_of
from timebank.audit.reperform.examples import Examples, by_name
from timebank.audit.reperform.lead import lead_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from timebank.audit.programme.terms import Terms
    from timebank.audit.reperform.lead import Lead
    from timebank.audit.reperform.setting import Setting
    from timebank.audit.reperform.thresholds import Thresholds
    from timebank.audit.replay import Members

_WHOLE_DAY: Final = 24 * 60


class _Person:
    """How many awards somebody had or approved, and which of them were just under a limit."""

    __slots__ = ("awards", "members", "near")

    def __init__(self) -> None:
        self.awards = 0
        self.near = Examples()
        self.members: set[str] = set()


class Limits:
    """`just-under-limit`, a member each, and `approves-just-under`, an approver each.

    Limits are the most minutes of a service and the caps of a member's day, in minutes or points. What is exactly
    at the limit counts as under it.
    """

    def __init__(self, setting: Setting, thresholds: Thresholds) -> None:
        self._setting = setting
        self._thresholds = thresholds
        self._members: dict[str, _Person] = {}
        self._approvers: dict[str, _Person] = {}
        self._awards = self._near = 0
        self.folds = {"award": self._award}

    def _award(self, seq: int, members: Members) -> None:
        terms, service = self._setting.terms(members["day"], seq), members["body"]["service"]
        if terms is None:
            return
        points, approver = points_of(members), members.get("ok")
        for member, measure in items_of(members):
            is_near = self._is_near(terms, service, measure.get("minutes"), points.get(member, 0))
            self._awards += 1
            self._near += is_near
            who = [self._members.setdefault(member, _Person())]
            if approver is not None:
                who.append(self._approvers.setdefault(approver, _Person()))
                if len(who[-1].members) < self._thresholds.limit_members:
                    who[-1].members.add(member)
            for person in who:
                person.awards += 1
                if is_near:
                    person.near.add(seq)

    def _is_near(self, terms: Terms, service: str, minutes: Any, points: int) -> bool:
        row = terms.services.get(service)
        limits = [] if row is None or row.most == _WHOLE_DAY else [(row.most, minutes or 0)]
        for cap in terms.caps:
            is_of_a_day = cap.period == "day" and cap.per == "member" and cap.of != "occasions"
            if is_of_a_day and cap.service in ("", service):
                limits.append((cap.most, (minutes or 0) if cap.of == "minutes" else points))
        return any(limit * (1 - self._thresholds.limit_share) <= used <= limit for limit, used in limits if used)

    def leads(self) -> Iterator[Lead]:
        """Members, then approvers."""
        for member, person in by_name(self._members):
            if self._stands_out(person):
                yield lead_of("just-under-limit", person.near, member=member, awards=person.awards)
        for operator, person in by_name(self._approvers):
            if self._stands_out(person) and len(person.members) >= self._thresholds.limit_members:
                yield lead_of("approves-just-under", person.near, operator=operator, awards=person.awards)

    def _stands_out(self, person: _Person) -> bool:
        limits = self._thresholds
        near, others = person.near.count, self._awards - person.awards
        if near < limits.limit_awards or near <= limits.limit_part * person.awards:
            return False
        return others > 0 and self._near - near <= limits.limit_others * others
