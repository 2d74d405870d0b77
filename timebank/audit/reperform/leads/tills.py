"""Members whom one operator serves: at the till always the same one, who perhaps recorded their services too."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from timebank.audit.programme.usage import items_of
from timebank.audit.reperform.examples import Examples, by_name
from timebank.audit.reperform.lead import lead_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from timebank.audit.reperform.lead import Lead
    from timebank.audit.reperform.setting import Setting
    from timebank.audit.reperform.thresholds import Thresholds
    from timebank.audit.replay import Members

_Till = tuple[str, str]
"""A shop, and the operator who serves there."""


class Tills:
    """`own-till`: one operator hands out to a member what the same operator recorded or approved.

    `one-till`: a member who always meets the same operator, in a shop where others serve as well. Both are held
    against chance: how often that operator serves everybody else.
    """

    def __init__(self, setting: Setting, thresholds: Thresholds) -> None:
        self._setting = setting
        self._thresholds = thresholds
        self._visits: dict[str, dict[_Till, Examples]] = {}
        self._all_visits: Counter[_Till] = Counter()
        self._awards: dict[str, Counter[str]] = {}
        self._all_awards: Counter[str] = Counter()
        self._award_count: Counter[str] = Counter()
        self.folds = {"redemption": self._visit, "post": self._visit, "award": self._award}

    def _visit(self, seq: int, members: Members) -> None:
        body = members["body"]
        if members["kind"] == "post":
            held = self._setting.original(members)
            member = None if held is None or "shop" not in body else self._setting.holder(held)
        else:
            member = self._setting.holder(members)
        if member is not None:
            till = (body["shop"], members["by"])
            self._visits.setdefault(member, {}).setdefault(till, Examples()).add(seq)
            self._all_visits[till] += 1

    def _award(self, _: int, members: Members) -> None:
        people = {members["by"], members.get("ok")} - {None}
        for member, _measure in items_of(members):
            self._awards.setdefault(member, Counter()).update(people)
            self._award_count[member] += 1
            self._all_awards.update(people)

    def leads(self) -> Iterator[Lead]:
        """A member each."""
        shops = Counter[str]()
        for (shop, _), visits in self._all_visits.items():
            shops[shop] += visits
        every_award = self._award_count.total()
        for member, tills in by_name(self._visits):
            (shop, operator), most = max(tills.items(), key=lambda each: each[1].count)
            visits = sum(examples.count for examples in tills.values())
            if most.count < self._thresholds.nearly_all * visits:
                continue
            here = sum(examples.count for (place, _), examples in tills.items() if place == shop)
            others = shops[shop] - here
            by_operator = self._all_visits[shop, operator] - most.count
            served = by_operator / others if others >= self._thresholds.one_till_others else 1.0
            if self._is_own(member, operator, most.count, served, every_award):
                awards = self._awards[member][operator]
                yield lead_of("own-till", most, member=member, operator=operator, shop=shop, awards=awards)
            elif len(tills) == 1 and self._is_habit(visits, served):
                yield lead_of("one-till", most, member=member, operator=operator, shop=shop)

    def _is_habit(self, visits: int, served: float) -> bool:
        return visits >= self._thresholds.one_till_redemptions and served**visits <= self._thresholds.chance

    def _is_own(self, member: str, operator: str, visits: int, served: float, every_award: int) -> bool:
        limits = self._thresholds
        awards, touched = self._award_count[member], self._awards.get(member, Counter())[operator]
        others = every_award - awards
        if visits < limits.own_till_redemptions or awards < limits.own_till_awards or not others:
            return False
        handled = (self._all_awards[operator] - touched) / others
        is_all = touched >= limits.nearly_all * awards
        return is_all and handled < 1 and served < 1 and served**visits * handled**touched <= limits.chance
