"""How much of what is capped was used: services by members and days, and at what times of the day."""

from __future__ import annotations

from sys import intern
from typing import TYPE_CHECKING, Any, Final

from timebank.audit.programme.books import days_after, is_whole
from timebank.audit.programme.kept import Kept
from timebank.audit.programme.terms import minute_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from timebank.audit.programme.books import Books
    from timebank.audit.programme.terms import Cap, Terms
    from timebank.audit.replay import Members

Item = tuple[str, dict[str, Any]]
"""A member, and how much of the service they did."""

_DAY_MINUTES: Final = 24 * 60
_WHOLE_DAY: Final = (1 << _DAY_MINUTES) - 1
_OF: Final = ("minutes", "points", "occasions")


_ALL_LETTERS: Final = (4, 7, 10)
_MOST_SERVICES_KNOWN: Final = 10_000
_MOST_LOOK_BACKS: Final = 8
"""A journal that makes the auditor look back more often than that has everything kept from then on."""
_OPEN_AGAIN_MONTHS: Final = 3
"""How far back months are opened again without looking back at the whole journal."""

Measured = tuple[str, str, int]
"""What a cap counts, of which service (empty: of any), and how many letters of a day name its period."""


class Usage(Kept):
    """What awards that stand have used, as far as caps and refused overlaps of any rulebook so far ask for it.

    What lies in months that were closed a while ago is let go of: no award belongs to them any more.
    """

    def __init__(self, books: Books) -> None:
        super().__init__(books)
        self._sums: dict[Measured, dict[str, dict[str, int]]] = {}
        """For all that is measured: by period, by member."""
        self._measured: dict[str, tuple[Measured, ...]] = {}
        """By service, what of that its awards count for."""
        self._times: dict[str, dict[str, int]] = {}
        """By day and member, one bit for every minute of service whose time is known."""
        self._has_times = self._has_all = False
        self._look_backs = 0
        self._dropped_through = ""

    def adopt(self, seq: int, terms: Terms) -> None:
        """The rulebook at *seq* asks for what its caps name, and for times if it refuses overlaps."""
        wanted = {(cap.of, cap.service, cap.letters) for cap in terms.caps} - self._sums.keys()
        has_times = self._has_times or terms.overlap == "refused"
        if self._has_all or (not wanted and has_times is self._has_times):
            return
        self._sums |= {measured: {} for measured in wanted}
        self._measured.clear()
        self._has_times = has_times
        self._look_back(seq)

    def close(self, seq: int) -> None:
        """The entry at *seq* closed a month, or opened one again."""
        through = self._books.closed_through
        if not self.is_kept:
            return
        if through < self._dropped_through:
            self._dropped_through = ""
            self._look_back(seq)
        if through and not self._has_all:
            months = int(through[:4]) * 12 + int(through[5:]) - 1 - _OPEN_AGAIN_MONTHS
            self._dropped_through = max(self._dropped_through, f"{months // 12:04}-{months % 12 + 1:02}")
            for by_period in (self._times, *self._sums.values()):
                for period in [one for one in by_period if self._is_dropped(one)]:
                    del by_period[period]

    def _is_dropped(self, period: str) -> bool:
        """Whether all of a day, month or year lies in months that are let go of."""
        return (f"{period}-12" if len(period) == 4 else period[:7]) <= self._dropped_through

    def _look_back(self, seq: int) -> None:
        """Count everything before *seq* anew."""
        self._look_backs += 1
        if self._look_backs > _MOST_LOOK_BACKS:
            self._has_all = self._has_times = True
            self._dropped_through = ""
        for by_period in (self._times, *self._sums.values()):
            by_period.clear()
        self.is_kept = False
        self.begin(seq)

    def counts(self, kind: str) -> bool:
        """Awards count, and what takes them back."""
        return kind in ("award", "reversal")

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
        if not self._has_times:
            return
        body = award["body"]
        for member, measure in items_of(award):
            start = measure.get("start", body.get("start"))
            if start is not None:
                self._mark(member, award["day"], start, measure["minutes"], weight)

    def _mark(self, member: str, day: str, start: str, minutes: int, weight: int) -> None:
        for place, bits in _times(day, start, minutes):
            if not self._is_dropped(place):
                marked = self._times.setdefault(place, {})
                was = marked.get(member, 0)
                marked[intern(member)] = was | bits if weight > 0 else was & ~bits

    def overlaps(self, member: str, day: str, start: str, minutes: int) -> bool:
        """Whether the member did another service at this time; known once a rulebook has refused that."""
        return any(self._times.get(place, {}).get(member, 0) & bits for place, bits in _times(day, start, minutes))

    def _add_sums(self, award: Members, weight: int) -> None:
        service, day = award["body"]["service"], award["day"]
        measures = self._measured_of(service)
        if not measures:
            return
        points = points_of(award)
        for measured in measures:
            of, _, letters = measured
            period = day[:letters]
            if self._is_dropped(period):
                continue
            sums = self._sums.setdefault(measured, {}).setdefault(period, {})
            for member, measure in items_of(award):
                used = _used_of(measure, points.get(member, 0), of)
                if used:
                    sums[intern(member)] = sums.get(member, 0) + weight * used

    def _measured_of(self, service: str) -> Sequence[Measured]:
        """What an award of *service* counts for."""
        if self._has_all:
            return [(of, name, letters) for of in _OF for name in ("", service) for letters in _ALL_LETTERS]
        found = self._measured.get(service)
        if found is None:
            found = tuple(measured for measured in self._sums if measured[1] in ("", service))
            if len(self._measured) < _MOST_SERVICES_KNOWN:
                self._measured[service] = found
        return found

    def passed(self, terms: Terms, award: Members) -> Iterator[str]:
        """The caps that an award of a service that *terms* have, which is not taken in yet, passes."""
        day, points = award["day"], points_of(award)
        for cap in terms.services[award["body"]["service"]].caps:
            wanted: dict[str, int] = {}
            for member, measure in items_of(award):
                holder = self._holder(cap, member, day)
                value = _used_of(measure, points.get(member, 0), cap.of)
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
        sums = self._sums.get((cap.of, cap.service, cap.letters), {}).get(day[: cap.letters], {})
        return sum(sums.get(one, 0) for one in holders)


def _used_of(measure: dict[str, Any], points: int, of: str) -> int:
    """How many minutes, points or occasions a member used."""
    if of == "points":
        return points
    if of == "minutes":
        return int(measure.get("minutes", 0))
    return 1 if "grade" in measure else int(measure.get("occasions", 0))


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
