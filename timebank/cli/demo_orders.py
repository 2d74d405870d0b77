"""The orders of a demo's year: what residents asked for, who did it, and what they thought of it."""

from __future__ import annotations

from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from attrs import define

from timebank.cli.demo_opening import registrar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from timebank.cli.demo_acts import Acts, Holder
    from timebank.cli.demo_district import OrderPlan

    Step = tuple[int, Callable[[], object]]

_FIRST_DAY: Final = 35
_LAST_DAY: Final = 350
_YEAR_END: Final = 364
_STRAIGHT: Final = 0.2
_DECLINED: Final = 0.05
_FIVE_STARS: Final = 0.62
_FOUR_STARS: Final = 0.93


@define
class Wanted:
    """One order on its way; *seq* is its first entry."""

    street: str
    kind: str
    seq: int = -1
    member: str = ""


@define
class Orders:
    """The orders of one district."""

    _do: Acts
    _plan: OrderPlan

    def steps(self) -> Iterator[Step]:
        """Every step of every order with the day of the year on which it is taken."""
        ends = [
            *[self._done] * self._plan.done,
            *[self._cancelled] * self._plan.cancelled,
            *[self._not_done] * self._plan.not_done,
            *[self._open] * self._plan.open,
        ]
        chance = self._do.chance
        streets = self._plan.streets
        kinds = list(accumulate(kind.weight for kind in self._plan.kinds))
        for end in chance.some(ends, len(ends)):
            kind = chance.weighed(self._plan.kinds, kinds)
            wanted = Wanted(f"street-{chance.whole(1, streets)}", kind.id)
            yield from end(wanted, chance.whole(_FIRST_DAY, _LAST_DAY), chance.whole(*kind.days))

    def _done(self, wanted: Wanted, day: int, takes: int) -> Iterator[Step]:
        finished = min(day + takes, _YEAR_END - 1)
        yield from self._taken_on(wanted, day)
        yield finished, partial(self._finish, wanted)
        yield finished + 1, partial(self._rate, wanted, is_done=True)

    def _not_done(self, wanted: Wanted, day: int, takes: int) -> Iterator[Step]:
        yield from self._taken_on(wanted, day)
        yield day + takes, partial(self._finish, wanted)
        yield day + takes + 1, partial(self._rate, wanted, is_done=False)

    def _cancelled(self, wanted: Wanted, day: int, takes: int) -> Iterator[Step]:
        yield day, partial(self._ask, wanted)
        yield day + takes, partial(self._cancel, wanted)

    def _open(self, wanted: Wanted, day: int, _: int) -> Iterator[Step]:
        yield day, partial(self._ask, wanted)
        yield day + 1, partial(self._dispatch, wanted)

    def _taken_on(self, wanted: Wanted, day: int) -> Iterator[Step]:
        """Asked for and taken on the same day; sometimes a volunteer is faster than the community."""
        yield day, partial(self._ask, wanted)
        if self._do.chance.share() >= _STRAIGHT:
            yield day, partial(self._dispatch, wanted)
            if self._do.chance.share() < _DECLINED:
                yield day, partial(self._decline, wanted)
        yield day, partial(self._accept, wanted)

    def _ask(self, wanted: Wanted) -> None:
        wanted.member = self._somebody(wanted, "person", "household").id
        by = registrar(wanted.street)
        wanted.seq = self._do.bank.orders.open(wanted.kind, member=wanted.member, by=by).seq

    def _dispatch(self, wanted: Wanted) -> None:
        self._do.bank.orders.dispatch(wanted.seq, to=wanted.street, by=registrar(wanted.street))

    def _decline(self, wanted: Wanted) -> None:
        self._do.bank.orders.decline(wanted.seq, reason="no-time", by=registrar(wanted.street))

    def _accept(self, wanted: Wanted) -> None:
        holder = self._somebody(wanted, "person", "team")
        self._do.bank.orders.accept(wanted.seq, holder.id, by=registrar(wanted.street))

    def _finish(self, wanted: Wanted) -> None:
        self._do.bank.orders.finish(wanted.seq, by=registrar(wanted.street))

    def _rate(self, wanted: Wanted, *, is_done: bool) -> None:
        share = self._do.chance.share()
        stars = 5 if share < _FIVE_STARS else 4 if share < _FOUR_STARS else 3
        by = registrar(wanted.street)
        self._do.bank.orders.rate(wanted.seq, stars=stars if is_done else 1, done=is_done, by=by)

    def _cancel(self, wanted: Wanted) -> None:
        self._do.bank.orders.cancel(wanted.seq, reason="no-longer-wanted", by=registrar(wanted.street))

    def _somebody(self, wanted: Wanted, *kinds: str) -> Holder:
        """One of the street who is of one of *kinds*, and not the one who asked."""
        there = self._do.holders[wanted.street]
        return self._do.chance.one([each for each in there if each.kind in kinds and each.id != wanted.member])
