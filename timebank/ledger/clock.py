"""What time it is: this machine's clock, as entries write it, and the programme's days."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from attrs import define

from timebank.errors import BadCode, ClockWrong
from timebank.ledger.entries import moment_text

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST_YEAR: Final = 1
LAST_YEAR: Final = 9999


@define(eq=False)
class Clock:
    """The moments that *source* gives, in UTC. Both reads raise ClockWrong at either end of the calendar."""

    source: Callable[[], datetime]
    _last_second: tuple[int | None, str] = (None, "")

    def now(self) -> datetime:
        """The time, in UTC."""
        return _check(self.source()).astimezone(UTC)

    def text(self) -> str:
        """The time as entries write it; the text is made once a second."""
        moment = self.source()
        second = math.floor(moment.timestamp())
        known, text = self._last_second
        if known != second:
            text = moment_text(_check(moment))
            self._last_second = (second, text)
        return text


def _check(moment: datetime) -> datetime:
    """Return *moment*, or raise ClockWrong at either end of the calendar, where not every zone has a day."""
    if not FIRST_YEAR < moment.year < LAST_YEAR:
        raise ClockWrong(str(moment))
    return moment


def check_zone(name: str) -> ZoneInfo:
    """The time zone *name* of the IANA database (`Asia/Shanghai`), else BadCode."""
    try:
        return ZoneInfo(name)
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise BadCode("zone", str(name)[:80], "IANA time zone") from error


@lru_cache(maxsize=64)
def local_day(at: str, zone: ZoneInfo) -> date:
    """The day in *zone* of a UTC moment written as text."""
    return datetime.fromisoformat(at).astimezone(zone).date()
