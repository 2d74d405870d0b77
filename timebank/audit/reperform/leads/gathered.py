"""Points that many earn and one spends: gifts from members who never redeem anything themselves."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from timebank.audit.programme.usage import points_of
from timebank.audit.reperform.examples import Examples, by_name
from timebank.audit.reperform.lead import lead_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from timebank.audit.reperform.lead import Lead
    from timebank.audit.reperform.setting import Setting
    from timebank.audit.reperform.thresholds import Thresholds
    from timebank.audit.replay import Members


class Gathered:
    """`gifts-gathered`, a receiver each. Gifts to a pool are none."""

    def __init__(self, setting: Setting, thresholds: Thresholds) -> None:
        self._setting = setting
        self._thresholds = thresholds
        self._awarded: Counter[str] = Counter()
        self._given: Counter[str] = Counter()
        self._spenders: set[str] = set()
        self._gifts: dict[str, dict[str, tuple[Examples, list[int]]]] = {}
        """For each receiver, by giver: the gifts and their points."""
        self.folds = {"award": self._award, "gift": self._gift, "redemption": self._spend, "hold": self._spend}

    def _award(self, _: int, members: Members) -> None:
        self._awarded.update(points_of(members))

    def _spend(self, _: int, members: Members) -> None:
        for debit, _credit, unit, _amount in members["move"]:
            if unit == "PTS" and debit.startswith("L:M:"):
                self._spenders.add(debit[4:])

    def _gift(self, seq: int, members: Members) -> None:
        body = members["body"]
        if "to" not in body:
            return
        points = sum(amount for _, _, unit, amount in members["move"] if unit == "PTS")
        if points:
            self._given[body["from"]] += points
            gifts = self._gifts.setdefault(body["to"], {}).setdefault(body["from"], (Examples(), [0]))
            gifts[0].add(seq)
            gifts[1][0] += points

    def leads(self) -> Iterator[Lead]:
        """A receiver each."""
        for receiver, givers in by_name(self._gifts):
            gifts, points, count = Examples(), 0, 0
            for giver, (examples, given) in givers.items():
                if self._passes_on(giver):
                    gifts.extend(examples)
                    points, count = points + given[0], count + 1
            if count >= self._thresholds.gathered_givers:
                yield lead_of("gifts-gathered", gifts, member=receiver, givers=count, points=points)

    def _passes_on(self, giver: str) -> bool:
        """Whether a member never redeemed anything and gave away nearly all that they were awarded."""
        awarded = self._awarded[giver]
        return (
            giver not in self._spenders
            and awarded > 0
            and self._given[giver] >= self._thresholds.given_away * awarded
        )
