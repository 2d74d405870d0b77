"""What is known of orders: one, those in a state, those overdue, and how well they are served."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from attrs import asdict

from timebank.cli import typed
from timebank.cli.commands import AS_JSON, FILE, command, option, reading
from timebank.cli.language import say
from timebank.cli.orders import ORDER, order
from timebank.cli.output import decimal, put_facts, put_json, wants_json
from timebank.cli.reports import AS_REPORT, Sheet, show
from timebank.cli.wording import Names

if TYPE_CHECKING:
    from timebank.programme.order_rates import Rate
    from timebank.programme.order_steps import Order

__all__ = ["order"]


@command("list", into=order)
@FILE
@option("--state", metavar="STATE", help="order-state")
@option("--org", metavar="ORG", help="order-only-org")
@AS_REPORT
def order_list(file: str, state: str | None, org: str | None) -> None:
    """Show the orders."""
    with reading(file) as bank:
        found = bank.orders.all(state=state, org=org)
    _show_orders("orders", say("cli", "orders-title"), found)


@command("overdue", into=order)
@FILE
@option("--day", type=typed.day("day"), metavar="YYYY-MM-DD", help="overdue-day")
@AS_REPORT
def order_overdue(file: str, day: date | None) -> None:
    """Show the orders that are overdue."""
    with reading(file) as bank:
        when = day or bank.today()
        found = bank.orders.overdue(day=when)
    _show_orders("orders-overdue", say("cli", "orders-overdue-title", on=when), found)


def _show_orders(report: str, title: str, orders: tuple[Order, ...]) -> None:
    columns = (">order", "opened", "due", "state", "order-org", "kind", "asked-by", "order-unit", "accepted-by")
    rows = [
        (
            *(
                each.seq,
                date.fromisoformat(each.opened),
                None if each.due is None else date.fromisoformat(each.due),
            ),
            *(say("cli", "state", state=each.state), each.org, each.kind, each.member, each.unit, each.volunteer),
        )
        for each in orders
    ]
    plain = {"report": report, "rows": [asdict(each) for each in orders]}
    show(Sheet(report, title, columns, rows, (say("cli", "orders-count", count=len(rows)),)), json=plain)


@command("show", into=order)
@FILE
@ORDER
@AS_JSON
def order_show(file: str, order: int) -> None:
    """Show one order whole."""
    with reading(file) as bank:
        found = bank.orders.get(order)
        names = Names.of(bank)
    if wants_json():
        put_json(asdict(found))
        return
    facts = [
        ("order", found.seq),
        ("kind", names.orders.get(found.kind, found.kind)),
        ("order-org", names.organisations.get(found.org, found.org)),
        ("asked-by", found.member),
        ("opened", found.opened),
        ("due", found.due),
        ("state", say("cli", "state", state=found.state)),
        ("order-unit", found.unit),
        ("accepted-by", found.volunteer),
        ("finished", found.finished),
        ("rated", found.rated),
        ("stars", found.stars),
        ("done", None if found.done is None else say("cli", "order-done" if found.done else "order-not-done")),
        ("claim", found.claim),
    ]
    put_facts((say("head", name), value) for name, value in facts if value is not None)


@command("rates", into=order)
@FILE
@option("--first", type=typed.day("first"), metavar="YYYY-MM-DD", help="opened-first")
@option("--last", type=typed.day("last"), metavar="YYYY-MM-DD", help="opened-last")
@option("--rolled-up", is_flag=True)
@AS_REPORT
def order_rates(file: str, first: date | None, last: date | None, rolled_up: bool) -> None:
    """Show how well orders are served."""
    with reading(file) as bank:
        rates = (bank.orders.rolled_up if rolled_up else bank.orders.rates)(first=first, last=last)
        total = bank.orders.total(first=first, last=last)
        names = Names.of(bank)
    organisations, kinds = names.organisations, names.orders
    of = ("order-org", "name") if rolled_up else ("order-org", "kind", "name")
    figures = (">received-orders", ">done", ">done-percent", ">cancelled", ">overdue")
    times = (">days-mean", ">days-median", ">stars-mean")
    rows = [
        (
            *((rate.org, organisations[rate.org]) if rolled_up else (rate.org, rate.kind, kinds[rate.kind])),
            *(rate.received, rate.done, decimal(rate.permille_done, 1), rate.cancelled, rate.overdue),
            *(decimal(rate.days_mean_x10, 1), rate.days_median, decimal(rate.stars_mean_x100, 2)),
        )
        for rate in rates
    ]
    title = say("cli", "orders-rolled-up-title" if rolled_up else "orders-rates-title")
    sheet = Sheet("order-rates", title, (*of, *figures, *times), rows, _in_all(total))
    plain = {"report": "order-rates", "rows": [asdict(rate) for rate in rates], "total": asdict(total)}
    show(sheet, json=plain)


def _in_all(total: Rate) -> tuple[str, ...]:
    percent = "-" if total.permille_done is None else f"{decimal(total.permille_done, 1)} %"
    facts = {"received": f"{total.received:,}", "done": f"{total.done:,}", "overdue": total.overdue}
    return (say("cli", "orders-rates-total", percent=percent, **facts),)
