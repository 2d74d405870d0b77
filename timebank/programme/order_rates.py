"""How well orders are served: how many came in, how many were done, how long it took, how they were rated."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING

from attrs import frozen

from timebank.programme.placements import path_on
from timebank.programme.rulebook_terms import rounded

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from timebank.programme.order_steps import Order


@frozen
class Rate:
    """The orders of one kind (empty: of all kinds) at one organisation (empty: at all).

    *done* are those that their residents rated as done; *finished* also those not rated, or rated as not done.
    *overdue* are past their due day and still to be done. *permille_done* is of those received: 969 is 96.9 %.
    Days are from opening to finishing, the mean in tenths of a day; stars in hundredths. Each is None where there
    is nothing to take it of; halves are rounded up.
    """

    org: str
    kind: str
    received: int
    finished: int
    done: int
    cancelled: int
    overdue: int
    permille_done: int | None
    days_mean_x10: int | None
    days_median: int | None
    stars_mean_x100: int | None


def rate_of(orders: Iterable[Order], today: date, *, org: str = "", kind: str = "") -> Rate:
    """The figures of *orders*, by what is overdue on *today*."""
    found = tuple(orders)
    days = sorted(_days_of(order) for order in found if order.finished is not None)
    stars = [order.stars for order in found if order.stars is not None]
    done = sum(bool(order.done) for order in found)
    return Rate(
        org,
        kind,
        received=len(found),
        finished=len(days),
        done=done,
        cancelled=sum(order.state == "cancelled" for order in found),
        overdue=sum(order.is_overdue(today) for order in found),
        permille_done=_share(1000 * done, len(found)),
        days_mean_x10=_share(10 * sum(days), len(days)),
        days_median=_median(days),
        stars_mean_x100=_share(100 * sum(stars), len(stars)),
    )


def rates_by_kind(orders: Iterable[Order], today: date) -> tuple[Rate, ...]:
    """The figures of each kind at each organisation that has any, by organisation and kind."""
    groups: dict[tuple[str, str], list[Order]] = defaultdict(list)
    for order in orders:
        groups[order.org, order.kind].append(order)
    return tuple(rate_of(groups[place], today, org=place[0], kind=place[1]) for place in sorted(groups))


def rates_rolled_up(orders: Iterable[Order], today: date, tree: dict[str, str | None]) -> tuple[Rate, ...]:
    """The figures of each organisation with all below it in *tree*, all kinds together; those with any orders."""
    groups: dict[str, list[Order]] = defaultdict(list)
    for order in orders:
        for org in path_on(tree, order.org):
            groups[org].append(order)
    return tuple(rate_of(groups[org], today, org=org) for org in sorted(groups))


def _days_of(order: Order) -> int:
    return (date.fromisoformat(str(order.finished)) - date.fromisoformat(order.opened)).days


def _share(part: int, whole: int) -> int | None:
    return rounded(part, whole, "half-up") if whole else None


def _median(days: Sequence[int]) -> int | None:
    """The middle one of *days*, which are sorted; of two middle ones their mean."""
    if not days:
        return None
    return rounded(days[(len(days) - 1) // 2] + days[len(days) // 2], 2, "half-up")
