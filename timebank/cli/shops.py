"""Points supermarkets and caring merchants: shops, goods, prices, and limits on goods."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import attrs
import click

from timebank.cli import typed
from timebank.cli.commands import (
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
from timebank.cli.language import say, word
from timebank.cli.output import put, put_posted
from timebank.cli.reports import AS_REPORT, Sheet, show
from timebank.cli.wording import Names, limit_words, name_field
from timebank.programme.goods import MOST_PRICE
from timebank.programme.limits import MOST_EARNED, Per, Period
from timebank.programme.shops import MOST_PIECES, SHOP_KINDS, ShopKind

if TYPE_CHECKING:
    from datetime import date

    from timebank.programme.limits import Limit

shop = Group("shop")


@command("open", into=shop)
@FILE
@argument("shop")
@option("--org", required=True, metavar="ORG")
@option("--name", required=True, metavar="NAME")
@option("--kind", type=click.Choice(SHOP_KINDS), default=SHOP_KINDS[0], metavar="KIND", help="shop-kind")
@option("--hours", metavar="TEXT")
@BY
@KEY
def shop_open(
    file: str, shop: str, org: str, name: str, kind: ShopKind, hours: str | None, by: str, key: str | None
) -> None:
    """Open a shop."""
    with writing(file) as bank:
        opened = bank.shops.open(shop, org=org, name=name, kind=kind, hours=hours, by=by, key=key)
        detail = bank.shops.detail(opened)
    sentence = "shop-opened" if detail.kind == SHOP_KINDS[0] else "merchant-opened"
    put(say("cli", sentence, shop=opened.id, name=opened.name))
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
@AS_REPORT
def prices(file: str, shop: str, day: date | None) -> None:
    """Show a shop's price list."""
    with reading(file) as bank:
        when = day or bank.today()
        found = bank.shops.prices(shop, when)
        names = Names.of(bank)
    title = say("cli", "prices-title", name=names.shops.get(shop, shop), on=when)
    rows = [(line.good, line.points, line.from_day, names.good(line.good)) for line in found]
    lines = [{"good": line.good, "points": line.points, "from": line.from_day} for line in found]
    sheet = Sheet("prices", title, ("good", ">points", "from", "name"), rows)
    show(sheet, json={"shop": shop, "day": when.isoformat(), "prices": lines})


@command("limit")
@FILE
@argument("good")
@option("--shop", metavar="SHOP", help="limit-shop")
@option("--most", type=typed.whole("most", MOST_PIECES), metavar="PIECES", help="limit-most")
@option("--per", type=click.Choice(get_args(Per)), default="member", metavar="WHO", help="limit-per")
@option("--in", "period", type=click.Choice(get_args(Period)), default="month", metavar="PERIOD", help="limit-in")
@option("--least-earned", type=typed.whole("least_earned", MOST_EARNED), metavar="POINTS", help="least-earned")
@option("--lift", is_flag=True, help="limit-lift")
@option("--from", "from_day", type=typed.day("from_day"), required=True, metavar="YYYY-MM-DD")
@BY
@KEY
def limit(
    file: str,
    good: str,
    shop: str | None,
    most: int | None,
    per: Per,
    period: Period,
    least_earned: int | None,
    lift: bool,
    from_day: date,
    by: str,
    key: str | None,
) -> None:
    """Limit a good from a day on, or lift its limit."""
    if lift == (most is not None or least_earned is not None):
        raise click.UsageError(say("usage", "limit-or-lift"), click.get_current_context())
    with writing(file) as bank:
        names = Names.of(bank)
        posted = bank.shops.limit(
            good,
            shop=shop,
            most=most,
            per=per,
            period=period,
            least_earned=least_earned,
            from_day=from_day,
            by=by,
            key=key,
        )
    put(say("cli", "limited", name=names.good(good), limit=limit_words(posted.entry.body), from_day=from_day))
    put_posted(posted)


@command("limits")
@FILE
@ON_DAY
@AS_REPORT
def limits(file: str, day: date | None) -> None:
    """Show which goods are limited."""
    with reading(file) as bank:
        when = day or bank.today()
        found = bank.shops.limits(when)
        names = Names.of(bank)
    rows = [
        (row.good, row.shop or None, *_most(row), row.least_earned, row.from_day, names.good(row.good))
        for row in found
    ]
    columns = ("good", "shop", ">most", "whom", "in", ">least-earned", "from", "name")
    sheet = Sheet("limits", say("cli", "limits-title", on=when), columns, rows)
    show(sheet, json={"report": sheet.name, "rows": [attrs.asdict(row) for row in found]})


def _most(row: Limit) -> tuple[int | None, str | None, str | None]:
    """How many pieces, for whom, and in which period; nothing of it where only points earned count."""
    if row.most is None:
        return None, None, None
    return row.most, word("whom", str(row.per)), word("in", str(row.period))
