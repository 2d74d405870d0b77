"""Awards recomputed: the points that each gives against those that the rulebook in force makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from timebank.audit.programme.usage import items_of, points_of
from timebank.audit.reperform.examples import by_name
from timebank.audit.reperform.found import Checked, Found, Tally

if TYPE_CHECKING:
    from timebank.audit.reperform.setting import Setting
    from timebank.audit.replay import Members


@frozen
class AwardsOfService:
    """The awards of one service, those that were taken back included; whole points."""

    service: str
    awards: int
    stated: int
    recomputed: int

    @property
    def difference(self) -> int:
        """What was given too much, or with a minus too little."""
        return self.stated - self.recomputed


@frozen
class AwardsPaper:
    """Every award recomputed, service by service."""

    checked: Checked
    rows: tuple[AwardsOfService, ...]


class Awards:
    """Recomputes awards."""

    def __init__(self, setting: Setting, found: Found) -> None:
        self._setting = setting
        self._found = found.rules
        self._tally = Tally()
        self._services: dict[str, list[int]] = {}
        self.of_programme = 0
        """Points that the programme itself should have given: recomputed, and less what was taken back."""
        self.folds = {"award": self._award, "reversal": self._reversal}

    def _award(self, seq: int, members: Members) -> None:
        stated, recomputed = sum(points_of(members).values()), self._points(seq, members)
        self._tally.add(seq, is_wrong=stated != recomputed or seq in self._found)
        sums = self._services.setdefault(str(members["body"]["service"]), [0, 0, 0])
        for place, amount in enumerate((1, stated, recomputed)):
            sums[place] += amount
        self.of_programme += self._programmes(seq, members, recomputed)

    def _reversal(self, _: int, members: Members) -> None:
        original = self._setting.original(members)
        if original is not None and original["kind"] == "award":
            ref = members["ref"]
            self.of_programme -= self._programmes(ref, original, self._points(ref, original))

    def _points(self, seq: int, award: Members) -> int:
        """What the rulebook makes of an award; nothing where it gives nothing for such a service."""
        terms, service, day = self._setting.terms(award["day"], seq), award["body"]["service"], award["day"]
        if terms is None:
            return 0
        items = items_of(award)
        people = len(items) if "items" in award["body"] else 1
        return sum(max(0, terms.points(service, measure, day, people)) for _, measure in items)

    def _programmes(self, seq: int, award: Members, points: int) -> int:
        terms = self._setting.terms(award["day"], seq)
        service = None if terms is None else terms.services.get(award["body"]["service"])
        is_others = service is not None and service.payer != "programme" and service.pays == "points"
        return 0 if is_others else points

    def paper(self) -> AwardsPaper:
        """What was seen."""
        rows = (AwardsOfService(service, *sums) for service, sums in by_name(self._services))
        return AwardsPaper(self._tally.checked(), tuple(rows))
