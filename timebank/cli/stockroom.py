"""The stockroom: goods that come in, move, are counted and written off, and what is on the shelves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timebank.cli import typed
from timebank.cli.commands import (
    APPROVED_BY,
    BY,
    FILE,
    KEY,
    ON_DAY,
    argument,
    command,
    option,
    reading,
    writing,
)
from timebank.cli.language import say
from timebank.cli.output import put, put_posted, put_table
from timebank.cli.reports import AS_REPORT, Sheet, show
from timebank.cli.wording import Names

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

_GOODS = argument("goods", type=typed.good_pieces, nargs=-1, required=True, metavar="GOOD=PIECES...")


@command("receive")
@FILE
@argument("shop")
@_GOODS
@option("--donor", metavar="NAME")
@option("--bought-by", metavar="ORG")
@option("--best-before", type=typed.good_day, multiple=True, metavar="GOOD=YYYY-MM-DD")
@ON_DAY
@BY
@APPROVED_BY
@KEY
def receive(
    file: str,
    shop: str,
    goods: tuple[tuple[str, int], ...],
    donor: str | None,
    bought_by: str | None,
    best_before: tuple[tuple[str, date], ...],
    day: date | None,
    by: str,
    approved_by: str,
    key: str | None,
) -> None:
    """Take goods into stock."""
    basket = typed.basket_of(goods)
    with writing(file) as bank:
        names = Names.of(bank)
        posted = bank.shops.receive(
            shop,
            basket,
            donor=donor,
            bought_by=bought_by,
            best_before=dict(best_before),
            day=day,
            by=by,
            approved_by=approved_by,
            key=key,
        )
        stock = bank.shops.stock(shop)
    put(say("cli", "received", name=names.shops.get(shop, shop), source=donor or bought_by))
    heads = ["good", ">received", ">stock", "name"]
    _put_goods(heads, [(each, basket[each], stock[each], names.good(each)) for each in sorted(basket)])
    put_posted(posted)


@command("stock")
@FILE
@argument("shop")
@ON_DAY
@AS_REPORT
def stock(file: str, shop: str, day: date | None) -> None:
    """Show what is on a shop's shelves and what it has taken in."""
    with reading(file) as bank:
        goods = bank.shops.stock(shop, day=day)
        takings = bank.shops.takings(shop, day=day)
        names = Names.of(bank)
    title = say("cli", "stock-title", name=names.shops.get(shop, shop))
    title = title if day is None else say("cli", "at-end-of", title=title, on=day)
    rows = [(each, pieces, names.good(each)) for each, pieces in goods.items()]
    notes = (say("cli", "takings", points=takings),)
    when = None if day is None else day.isoformat()
    sheet = Sheet("stock", title, ("good", ">pieces", "name"), rows, notes)
    show(sheet, json={"shop": shop, "day": when, "goods": goods, "points_taken": takings})


@command("move-goods")
@FILE
@argument("shop")
@argument("to")
@_GOODS
@ON_DAY
@BY
@APPROVED_BY
@KEY
def move_goods(
    file: str,
    shop: str,
    to: str,
    goods: tuple[tuple[str, int], ...],
    day: date | None,
    by: str,
    approved_by: str,
    key: str | None,
) -> None:
    """Move goods to another shop."""
    basket = typed.basket_of(goods)
    with writing(file) as bank:
        names = Names.of(bank)
        posted = bank.shops.move(shop, to, basket, day=day, by=by, approved_by=approved_by, key=key)
        here, there = bank.shops.stock(shop), bank.shops.stock(to)
    put(say("cli", "goods-moved", name=names.shops.get(shop, shop), to_name=names.shops.get(to, to)))
    heads = ["good", ">moved", ">left", ">stock-there", "name"]
    _put_goods(heads, [(each, basket[each], here[each], there[each], names.good(each)) for each in sorted(basket)])
    put_posted(posted)


@command("write-off")
@FILE
@argument("shop")
@_GOODS
@option("--reason", required=True, metavar="CODE", help="write-off-reason")
@ON_DAY
@BY
@APPROVED_BY
@KEY
def write_off(
    file: str,
    shop: str,
    goods: tuple[tuple[str, int], ...],
    reason: str,
    day: date | None,
    by: str,
    approved_by: str,
    key: str | None,
) -> None:
    """Take goods off the shelves that nobody can use."""
    basket = typed.basket_of(goods)
    with writing(file) as bank:
        names = Names.of(bank)
        posted = bank.shops.write_off(
            shop, basket, reason=reason, day=day, by=by, approved_by=approved_by, key=key
        )
        stock = bank.shops.stock(shop)
    put(say("cli", "written-off", name=names.shops.get(shop, shop), reason=reason))
    heads = ["good", ">lost", ">stock", "name"]
    _put_goods(heads, [(each, basket[each], stock[each], names.good(each)) for each in sorted(basket)])
    put_posted(posted)


@command("count")
@FILE
@argument("shop")
@argument("goods", type=typed.good_counted, nargs=-1, required=True, metavar="GOOD=PIECES...")
@option("--day", type=typed.day("day"), metavar="YYYY-MM-DD", help="count-day")
@BY
@APPROVED_BY
@KEY
def count(
    file: str,
    shop: str,
    goods: tuple[tuple[str, int], ...],
    day: date | None,
    by: str,
    approved_by: str,
    key: str | None,
) -> None:
    """Write down what was counted on the shelves."""
    with writing(file) as bank:
        names = Names.of(bank)
        posted = bank.shops.count(shop, typed.basket_of(goods), day=day, by=by, approved_by=approved_by, key=key)
    lines = posted.entry.body["counted"]
    put(say("cli", "counted", name=names.shops.get(shop, shop)))
    rows = [(good, booked, pieces, f"{pieces - booked:+}", names.good(good)) for good, pieces, booked in lines]
    _put_goods(["good", ">booked", ">counted", ">change", "name"], rows)
    if not posted.entry.moves:
        put(say("cli", "counted-equal"))
    put_posted(posted)


def _put_goods(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    marks = (">" if head.startswith(">") else "" for head in heads)
    put_table([mark + say("head", head.lstrip(">")) for mark, head in zip(marks, heads, strict=True)], rows)


@command("best-before")
@FILE
@argument("shop")
@option("--until", type=typed.day("until"), metavar="YYYY-MM-DD", help="best-before-until")
@AS_REPORT
def best_before(file: str, shop: str, until: date | None) -> None:
    """Show which goods are to be used soon."""
    with reading(file) as bank:
        found = bank.shops.best_before(shop, until)
        stock = bank.shops.stock(shop)
        names = Names.of(bank)
    title = say("cli", "best-before-title", name=names.shops.get(shop, shop))
    rows = [(row.day, row.good, row.pieces, stock[row.good], row.seq, names.good(row.good)) for row in found]
    columns = ("best-before", "good", ">received", ">stock", "#seq", "name")
    show(Sheet("best-before", title, columns, rows, notes=[say("cli", "best-before-note")] if rows else []))
