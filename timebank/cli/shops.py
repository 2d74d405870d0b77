"""Points supermarkets: shops, goods and prices, and goods that come in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timebank.cli import typed
from timebank.cli.commands import (
    APPROVED_BY,
    AS_JSON,
    BY,
    FILE,
    KEY,
    ON_DAY,
    Group,
    argument,
    command,
    option,
    reading,
    writing,
)
from timebank.cli.language import say
from timebank.cli.output import put, put_json, put_posted, put_table, wants_json
from timebank.cli.wording import Names, name_field
from timebank.programme.goods import MOST_PRICE

if TYPE_CHECKING:
    from datetime import date

shop = Group("shop")


@command("open", into=shop)
@FILE
@argument("shop")
@option("--org", required=True, metavar="ORG")
@option("--name", required=True, metavar="NAME")
@BY
@KEY
def shop_open(file: str, shop: str, org: str, name: str, by: str, key: str | None) -> None:
    """Open a shop."""
    with writing(file) as bank:
        opened = bank.shops.open(shop, org=org, name=name, by=by, key=key)
    put(say("cli", "shop-opened", shop=opened.id, name=opened.name))
    put(say("cli", "entry-number", seq=opened.seq))


good = Group("good")


@command("add", into=good)
@FILE
@argument("good")
@option("--name", required=True, metavar="NAME", help="name-zh")
@option("--name-en", required=True, metavar="NAME")
@BY
@KEY
def good_add(file: str, good: str, name: str, name_en: str, by: str, key: str | None) -> None:
    """Add a good."""
    with writing(file) as bank:
        posted = bank.goods.add(good, name=name, name_en=name_en, by=by, key=key)
    put(say("cli", "good-added", good=good, name=posted.entry.body[name_field()]))
    put_posted(posted)


@command("price")
@FILE
@argument("shop")
@argument("good")
@argument("points", type=typed.whole("points", MOST_PRICE))
@option("--from", "from_day", type=typed.day("from_day"), required=True, metavar="YYYY-MM-DD")
@BY
@KEY
def price(file: str, shop: str, good: str, points: int, from_day: date, by: str, key: str | None) -> None:
    """Let a good cost points from a day on."""
    with writing(file) as bank:
        name = Names.of(bank).good(good)
        posted = bank.shops.set_price(shop, good, points=points, from_day=from_day, by=by, key=key)
    put(say("cli", "priced", name=name, points=points, from_day=from_day))
    put_posted(posted)


@command("prices")
@FILE
@argument("shop")
@ON_DAY
@AS_JSON
def prices(file: str, shop: str, day: date | None) -> None:
    """Show a shop's price list."""
    with reading(file) as bank:
        when = day or bank.today()
        found = bank.shops.prices(shop, when)
        names = Names.of(bank)
    if wants_json():
        lines = [{"good": line.good, "points": line.points, "from": line.from_day} for line in found]
        put_json({"shop": shop, "day": when.isoformat(), "prices": lines})
        return
    put(say("cli", "prices-title", name=names.shops.get(shop, shop), on=when))
    heads = [say("head", "good"), ">" + say("head", "points"), say("head", "from"), say("head", "name")]
    put_table(heads, [(line.good, line.points, line.from_day, names.good(line.good)) for line in found])


@command("receive")
@FILE
@argument("shop")
@argument("goods", type=typed.good_pieces, nargs=-1, required=True, metavar="GOOD=PIECES...")
@option("--donor", metavar="NAME")
@option("--bought-by", metavar="ORG")
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
            shop, basket, donor=donor, bought_by=bought_by, day=day, by=by, approved_by=approved_by, key=key
        )
        stock = bank.shops.stock(shop)
    put(say("cli", "received", name=names.shops.get(shop, shop), source=donor or bought_by))
    heads = [say("head", "good"), ">" + say("head", "received"), ">" + say("head", "stock"), say("head", "name")]
    put_table(heads, [(each, basket[each], stock[each], names.good(each)) for each in sorted(basket)])
    put_posted(posted)


@command("stock")
@FILE
@argument("shop")
@ON_DAY
@AS_JSON
def stock(file: str, shop: str, day: date | None) -> None:
    """Show what is on a shop's shelves and what it has taken in."""
    with reading(file) as bank:
        goods = bank.shops.stock(shop, day=day)
        takings = bank.shops.takings(shop, day=day)
        names = Names.of(bank)
    if wants_json():
        when = None if day is None else day.isoformat()
        put_json({"shop": shop, "day": when, "goods": goods, "points_taken": takings})
        return
    title = say("cli", "stock-title", name=names.shops.get(shop, shop))
    put(title if day is None else say("cli", "at-end-of", title=title, on=day))
    heads = [say("head", "good"), ">" + say("head", "pieces"), say("head", "name")]
    put_table(heads, [(each, pieces, names.good(each)) for each, pieces in goods.items()])
    put(say("cli", "takings", points=takings))
