"""Which points lapse when, and how old those are that are left: worked out from what came in and went out.

Pure: days and amounts in, days and amounts out. Points are spent earliest-expiring first. No lots are kept:
where what is earned later never lapses earlier, sums are enough. With the last days e1 < e2 < ...,

    L(e) = max(L(the last day before e), E(e) - S(e))

E(e) are the points that came in with a last day up to e, S(e) those that went out on days up to e, and L(e) is all
that has lapsed once e is over. For if anything is left at the end of e of what came in with a last day up to e,
then nothing that lapses later has been touched, so that all of S(e) was taken from E(e), and what was left
lapses: E(e) - S(e) in all. If nothing is left, nothing lapses, and E(e) - S(e) is at most what lapsed before.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from attrs import Factory, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    Expires = Callable[[date], date | None]


@frozen
class Flows:
    """A member's points by day, less what was taken back: that counts on the day of what it takes back.

    *came*: what came in, by the day on which it did; *went*: what went out, but for what lapsed; *lapsed*: what
    was taken off because it had lapsed, less what of that was given back; *lent*: what the member owes.

    Debts are left out of what came and went. Whoever owes for an award that was taken back has spent what comes
    in next: so much more went out than came in.
    """

    came: Counter[date] = Factory(Counter)
    went: Counter[date] = Factory(Counter)
    lapsed: int = 0
    lent: int = 0

    @property
    def balance(self) -> int:
        """The points that are there."""
        return self.came.total() - self.went.total() - self.lapsed + self.lent


@frozen
class Lapse:
    """*points* that could be spent through the day *until*, and no longer."""

    until: date
    points: int


def lapses(flows: Flows, expires: Expires) -> Iterator[Lapse]:
    """All that ever lapses if nothing more goes out, by its last day, whatever of it is taken off already.

    *expires* tells the last day of what comes in on a day (None: it does not lapse). A last day on which nothing
    was left has its place, with 0 points.
    """
    going = sorted(flows.went.items())
    so_far = came = went = place = 0
    for last, points in sorted(_ending(flows, expires).items()):
        came += points
        while place < len(going) and going[place][0] <= last:
            went += going[place][1]
            place += 1
        lapsed = max(so_far, came - went)
        yield Lapse(last, lapsed - so_far)
        so_far = lapsed


def _ending(flows: Flows, expires: Expires) -> Counter[date]:
    """What came in, by its last day."""
    ending: Counter[date] = Counter()
    for day, points in flows.came.items():
        last = expires(day) if points else None
        if last is not None:
            ending[last] += points
    return ending


def due(flows: Flows, expires: Expires, *, before: date) -> tuple[Lapse, ...]:
    """What has lapsed before the day *before* and has not been taken off: at most what is there.

    That is one lapse or none; its day is the last one that is over.
    """
    over = [lapse for lapse in lapses(flows, expires) if lapse.until < before]
    points = min(sum(lapse.points for lapse in over) - flows.lapsed, flows.balance)
    return (Lapse(over[-1].until, points),) if points > 0 else ()


def upcoming(flows: Flows, expires: Expires, *, first: date, before: date) -> tuple[Lapse, ...]:
    """What lapses from the day *first* on, before the day *before*, if nothing more goes out: by its last day."""
    gone = sum(lapse.points for lapse in due(flows, expires, before=first))
    taken, left, so_far = flows.lapsed + gone, flows.balance - gone, 0
    found = []
    for lapse in lapses(flows, expires):
        so_far += lapse.points
        points = min(so_far - taken, left)
        if first <= lapse.until < before and points > 0:
            found.append(Lapse(lapse.until, points))
            taken, left = taken + points, left - points
    return tuple(found)


def by_year(flows: Flows, points: int) -> Counter[int]:
    """The years in which the *points* that are left came in: what came in first went out first.

    What is there only because it is owed counts with the first of all years.
    """
    found: Counter[int] = Counter()
    for day, came in sorted(flows.came.items(), reverse=True):
        taken = min(came, points)
        found[day.year] += taken
        points -= taken
    if points:
        found[min([*flows.came, *flows.went]).year] += points
    return +found
