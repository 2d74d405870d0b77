"""How much of what is capped was used: services by members and days, and at what times of the day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from timebank.audit.programme.books import days_after, is_whole
from timebank.audit.programme.kept import Kept
from timebank.audit.programme.terms import minute_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from timebank.audit.programme.books import Books
    from timebank.audit.programme.terms import Cap, Terms
    from timebank.audit.replay import Members

Item = tuple[str, dict[str, Any]]
"""A member, and how much of the service they did."""

_DAY_MINUTES: Final = 24 * 60
_WHOLE_DAY: Final = (1 << _DAY_MINUTES) - 1
_OF: Final = {"minutes": 0, "points": 1, "occasions": 2}


class Usage(Kept):
    """What awards that stand have used; kept from the first rulebook on with a cap, or that refuses overlaps."""

    def __init__(self, books: Books) -> None:
        super().__init__(books)
        self._sums: dict[tuple[str, str, str], list[int]] = {}
        self._times: dict[tuple[str, str], int] = {}
        """For a member and a day, one bit for every minute of service whose time is known."""

    def take_in(self, members: Members) -> None:
        """An award counts; one that is reversed no longer does."""
        if members["kind"] == "award":
            self._count(members, 1)
        elif members["kind"] == "reversal":
            original = self._books.leaf(members["ref"])
            if original is not None and original["kind"] == "award":
                self._count(original, -1)

    def _count(self, award: Members, weight: int) -> None:
        self._add_sums(award, weight)
        body = award["body"]
        for member, measure in items_of(award):
            start = measure.get("start", body.get("start"))
            if start is not None:
                self._mark(member, award["day"], start, measure["minutes"], weight)

    def _mark(self, member: str, day: str, start: str, minutes: int, weight: int) -> None:
        for place, bits in _times(day, start, minutes):
            marked = self._times.get((member, place), 0)
            self._times[member, place] = marked | bits if weight > 0 else marked & ~bits

    def overlaps(self, member: str, day: str, start: str, minutes: int) -> bool:
        """Whether the member did another service at this time."""
        return any(self._times.get((member, place), 0) & bits for place, bits in _times(day, start, minutes))

    def _add_sums(self, award: Members, weight: int) -> None:
        body, day = award["body"], award["day"]
        points = points_of(award)
        for member, measure in items_of(award):
            used = (
                weight * measure.get("minutes", 0),
                weight * points.get(member, 0),
                weight * (1 if "grade" in measure else measure.get("occasions", 0)),
            )
            for service in ("", body["service"]):
                for period in (day, day[:7], day[:4]):
                    sums = self._sums.setdefault((member, service, period), [0, 0, 0])
                    for place, amount in enumerate(used):
                        sums[place] += amount

    def passed(self, terms: Terms, award: Members) -> Iterator[str]:
        """The caps that an award, which is not taken in yet, passes."""
        body, day = award["body"], award["day"]
        points = points_of(award)
        for cap in terms.caps:
            if cap.service not in ("", body["service"]):
                continue
            wanted: dict[str, int] = {}
            for member, measure in items_of(award):
                holder = self._holder(cap, member, day)
                value = (
                    measure.get("minutes", 0),
                    points.get(member, 0),
                    1 if "grade" in measure else measure.get("occasions", 0),
                )[_OF[cap.of]]
                wanted[holder] = wanted.get(holder, 0) + value
            for holder, value in wanted.items():
                if value and self._used(cap, holder, day) + value > cap.most:
                    yield f"cap {cap.most} {cap.of} {cap.per} {cap.period}"

    def _holder(self, cap: Cap, member: str, day: str) -> str:
        return (self._books.household_of(member, day) or member) if cap.per == "household" else member

    def _used(self, cap: Cap, holder: str, day: str) -> int:
        holders = [holder]
        if cap.per == "household":
            holders += self._books.household(holder, day)
        period, place = cap.period_of(day), _OF[cap.of]
        return sum(
            sums[place] for one in holders if (sums := self._sums.get((one, cap.service, period))) is not None
        )


def items_of(award: Members) -> list[Item]:
    """Who did how much: the list of a group, or the one member whose account an award credits."""
    body = award["body"]
    if "items" in body:
        return [(member, measure) for member, measure in body["items"]]
    return [(award["move"][0][1][4:], body)]


def points_of(award: Members) -> dict[str, int]:
    """The points that an award gives to each member."""
    points: dict[str, int] = {}
    for debit, credit, unit, amount in award.get("move", ()):
        if unit == "PTS" and credit.startswith("L:M:") and debit[:1] in "XL":
            points[credit[4:]] = points.get(credit[4:], 0) + amount
    return points


def _times(day: str, start: str, minutes: int) -> list[tuple[str, int]]:
    """The minutes of the day, and of the day after, as bits."""
    if not is_whole(minutes, _DAY_MINUTES):
        raise ValueError("no minutes")
    bits = ((1 << minutes) - 1) << minute_of(start)
    times = [(day, bits & _WHOLE_DAY)]
    if bits >> _DAY_MINUTES:
        times.append((days_after(day, 1), bits >> _DAY_MINUTES))
    return times
