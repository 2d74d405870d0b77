"""What looks for leads: it is shown entries, keeps a little of each member, operator or day, and reports."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from timebank.audit.reperform.lead import Lead
    from timebank.audit.replay import Members


class Looking(Protocol):
    """Looks for one kind of thing."""

    @property
    def folds(self) -> Mapping[str, Callable[[int, Members], None]]:
        """What is done with an entry, by its kind; under the empty text, with every entry."""
        ...

    def leads(self) -> Iterator[Lead]:
        """What was seen, once the journal is read."""
        ...


def seconds_between(earlier: Members, later: Members) -> float:
    """How long after *earlier* an entry was recorded."""
    first, last = (datetime.fromisoformat(each["at"]) for each in (earlier, later))
    return (last - first).total_seconds()
