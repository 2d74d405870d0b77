"""Awards that show no evidence, where nearly all awards of the same service do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timebank.audit.reperform.examples import Examples, by_name
from timebank.audit.reperform.lead import lead_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from timebank.audit.reperform.lead import Lead
    from timebank.audit.reperform.setting import Setting
    from timebank.audit.reperform.thresholds import Thresholds
    from timebank.audit.replay import Members


class Evidences:
    """`no-evidence`, a service each."""

    def __init__(self, _: Setting, thresholds: Thresholds) -> None:
        self._thresholds = thresholds
        self._services: dict[str, tuple[Examples, Examples]] = {}
        """For each service the awards without evidence, and all."""
        self.folds = {"award": self._award}

    def _award(self, seq: int, members: Members) -> None:
        body = members["body"]
        without, every = self._services.setdefault(body["service"], (Examples(), Examples()))
        every.add(seq)
        if "evidence" not in body:
            without.add(seq)

    def leads(self) -> Iterator[Lead]:
        """A service each."""
        limits = self._thresholds
        for service, (without, every) in by_name(self._services):
            with_it = every.count - without.count
            if (
                without.count
                and every.count >= limits.evidence_awards
                and with_it >= limits.evidence_part * every.count
            ):
                yield lead_of("no-evidence", without, called=service, awards=every.count)
