"""At the counter: goods for points, with a slip; goods that come back, reservations; and taking an entry back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click
from attrs import asdict

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
from timebank.cli.language import say, word
from timebank.cli.output import put, put_posted, right, warn_of_clock, width
from timebank.cli.reports import AS_REPORT, Sheet, show
from timebank.cli.wording import Names, kind_of, summary
from timebank.programme.corrections import MISTAKE
from timebank.programme.debts import lent
from timebank.programme.reserved import STATES

if TYPE_CHECKING:
    from datetime import date

    from timebank.bank import Bank
    from timebank.ledger.entries import Entry
    from timebank.ledger.journal import Posted

SLIP_WIDTH: Final = 32
"""Columns of the common 58 mm paper: 32 Latin characters, or 16 Chinese ones."""

_GOODS = argument("goods", type=typed.good_pieces, nargs=-1, required=True, metavar="GOOD=PIECES...")


@command("redeem")
@FILE
@argument("shop")
@_GOODS
@option("--card", type=typed.narrow, required=True, metavar="CARD")
@ON_DAY
@BY
@KEY
def redeem(
    file: str,
    shop: str,
    goods: tuple[tuple[str, int], ...],
    card: str,
    day: date | None,
    by: str,
    key: str | None,
) -> None:
    """Hand goods over for points and print a slip."""
    with writing(file) as bank:
        names = Names.of(bank)
        posted = bank.shops.redeem(shop, card=card, goods=typed.basket_of(goods), day=day, by=by, key=key)
        member = bank.cards.get(card).member
        left_points = bank.members.balance(member, at_entry=posted.seq).points
    if posted.repeated:
        put(say("slip", "repeated"))
    for line in slip(posted.entry, names, left_points):
        put(line)
    warn_of_clock(posted)


def slip(entry: Entry, names: Names, left_points: int) -> list[str]:
    """The paper that a member takes home from the redemption *entry*."""
    body = entry.body
    shop = names.shops.get(body["shop"], body["shop"])
    rule = "-" * SLIP_WIDTH
    lines = [" " * ((SLIP_WIDTH - width(shop)) // 2) + shop, rule]
    for good, pieces, points in body["goods"]:
        lines += spread(names.good(good), say("slip", "line", pieces=pieces, points=points, sum=pieces * points))
    total = sum(pieces * points for _, pieces, points in body["goods"])
    lines += [rule, *spread(say("slip", "total"), say("slip", "points", points=total))]
    lines += spread(say("slip", "left"), say("slip", "points", points=left_points))
    lines += [rule, *spread(say("slip", "card"), body["card"])]
    lines += spread(say("slip", "day"), entry.day.isoformat())
    return [*lines, *spread(say("slip", "entry"), str(entry.seq)), *spread(say("slip", "by"), entry.by)]


def spread(name: str, value: str) -> list[str]:
    """*name* at the left edge and *value* at the right one; in two lines if one is too short."""
    if width(name) + 1 + width(value) > SLIP_WIDTH:
        return [name, right(value, SLIP_WIDTH)]
    return [name + right(value, SLIP_WIDTH - width(name))]


@command("reverse")
@FILE
@argument("seq", type=typed.place)
@option("--reason", default=MISTAKE, metavar="CODE")
@option("--debt", is_flag=True)
@ON_DAY
@BY
@APPROVED_BY
@KEY
def reverse(
    file: str, seq: int, reason: str, debt: bool, day: date | None, by: str, approved_by: str, key: str | None
) -> None:
    """Take an entry back."""
    with writing(file) as bank:
        names = Names.of(bank)
        posted = bank.reverse(seq, reason=reason, debt=debt, day=day, by=by, approved_by=approved_by, key=key)
        original = bank.journal.entry(seq)
        said = summary(original, names)
    put(say("cli", "reversed", seq=seq, kind=original.kind))
    put(f"  {kind_of(original)} {said}".rstrip())
    for member, points in lent(posted.entry):
        put(say("cli", "lent", member=member, points=points))
    put_posted(posted)


@command("return")
@FILE
@argument("seq", type=typed.place)
@_GOODS
@ON_DAY
@BY
@APPROVED_BY
@KEY
def return_goods(
    file: str,
    seq: int,
    goods: tuple[tuple[str, int], ...],
    day: date | None,
    by: str,
    approved_by: str,
    key: str | None,
) -> None:
    """Take some of the goods of a redemption back."""
    with writing(file) as bank:
        names = Names.of(bank)
        posted = bank.shops.return_goods(
            seq, typed.basket_of(goods), day=day, by=by, approved_by=approved_by, key=key
        )
    points = sum(pieces * price for _, pieces, price in posted.entry.body["goods"])
    put(say("cli", "goods-returned", seq=seq, basket=_basket(posted.entry, names), points=points))
    put_posted(posted)


@command("reserve")
@FILE
@argument("shop")
@_GOODS
@option("--card", type=typed.narrow, required=True, metavar="CARD")
@option("--until", type=typed.day("until"), required=True, metavar="YYYY-MM-DD", help="reserve-until")
@BY
@KEY
def reserve(
    file: str,
    shop: str,
    goods: tuple[tuple[str, int], ...],
    card: str,
    until: date,
    by: str,
    key: str | None,
) -> None:
    """Set goods and their points aside."""
    with writing(file) as bank:
        names = Names.of(bank)
        posted = bank.reservations.reserve(
            shop, card=card, goods=typed.basket_of(goods), until=until, by=by, key=key
        )
        points = posted.entry.moves[0].amount
    put(
        say(
            "cli",
            "goods-reserved",
            seq=posted.seq,
            basket=_basket(posted.entry, names),
            points=points,
            until=until,
        )
    )
    put_posted(posted)


@command("collect")
@FILE
@argument("seq", type=typed.place)
@BY
@KEY
def collect(file: str, seq: int, by: str, key: str | None) -> None:
    """Hand out what was reserved."""
    with writing(file) as bank:
        _put_ended(bank, seq, bank.reservations.collect(seq, by=by, key=key), "goods-collected")


@command("release")
@FILE
@argument("seq", type=typed.place)
@BY
@KEY
def release(file: str, seq: int, by: str, key: str | None) -> None:
    """Give back what was reserved."""
    with writing(file) as bank:
        _put_ended(bank, seq, bank.reservations.release(seq, by=by, key=key), "goods-released")


def _put_ended(bank: Bank, seq: int, posted: Posted, sentence: str) -> None:
    held = bank.journal.entry(seq)
    put(say("cli", sentence, seq=seq, basket=_basket(held, Names.of(bank)), card=held.body["card"]))
    put_posted(posted)


@command("release-overdue")
@FILE
@BY
def release_overdue(file: str, by: str) -> None:
    """Give back what was reserved and not collected in time."""
    with writing(file) as bank:
        posted = bank.reservations.release_overdue(by=by)
    for each in posted:
        put(say("cli", "released-overdue", ref=each.entry.ref, seq=each.seq))
    put(say("cli", "released-in-all", count=len(posted)))


@command("reservations")
@FILE
@option("--shop", metavar="SHOP")
@option("--state", type=click.Choice(STATES), metavar="STATE", help="reservation-state")
@AS_REPORT
def reservations(file: str, shop: str | None, state: str | None) -> None:
    """Show what is reserved, and what became of it."""
    with reading(file) as bank:
        found = bank.reservations.all(shop, state=state)
        names = Names.of(bank)
        holds = {row.seq: bank.journal.entry(row.seq) for row in found}
    rows = [
        (
            row.seq,
            row.shop,
            row.card,
            row.member,
            row.until,
            word("state", row.state),
            _basket(holds[row.seq], names),
        )
        for row in found
    ]
    goods = {seq: {good: pieces for good, pieces, _ in hold.body["goods"]} for seq, hold in holds.items()}
    columns = ("#seq", "shop", "card", "member", "collect-until", "state", "goods")
    sheet = Sheet("reservations", say("cli", "reservations-title"), columns, rows)
    show(sheet, json={"report": sheet.name, "rows": [{**asdict(row), "goods": goods[row.seq]} for row in found]})


def _basket(entry: Entry, names: Names) -> str:
    return names.basket([(good, pieces) for good, pieces, _ in entry.body["goods"]])
