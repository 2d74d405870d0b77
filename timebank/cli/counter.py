"""At the counter: goods for points, with a slip; and taking an entry back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

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
    writing,
)
from timebank.cli.language import say
from timebank.cli.output import put, put_posted, right, warn_of_clock, width
from timebank.cli.wording import Names, kind_of, summary
from timebank.programme.corrections import MISTAKE

if TYPE_CHECKING:
    from datetime import date

    from timebank.ledger.entries import Entry

SLIP_WIDTH: Final = 32
"""Columns of the common 58 mm paper: 32 Latin characters, or 16 Chinese ones."""


@command("redeem")
@FILE
@argument("shop")
@argument("goods", type=typed.good_pieces, nargs=-1, required=True, metavar="GOOD=PIECES...")
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
        lines += _spread(names.good(good), say("slip", "line", pieces=pieces, points=points, sum=pieces * points))
    total = sum(pieces * points for _, pieces, points in body["goods"])
    lines += [rule, *_spread(say("slip", "total"), say("slip", "points", points=total))]
    lines += _spread(say("slip", "left"), say("slip", "points", points=left_points))
    lines += [rule, *_spread(say("slip", "card"), body["card"])]
    lines += _spread(say("slip", "day"), entry.day.isoformat())
    return [*lines, *_spread(say("slip", "entry"), str(entry.seq)), *_spread(say("slip", "by"), entry.by)]


def _spread(name: str, value: str) -> list[str]:
    """*name* at the left edge and *value* at the right one; in two lines if one is too short."""
    if width(name) + 1 + width(value) > SLIP_WIDTH:
        return [name, right(value, SLIP_WIDTH)]
    return [name + right(value, SLIP_WIDTH - width(name))]


@command("reverse")
@FILE
@argument("seq", type=typed.place)
@option("--reason", default=MISTAKE, metavar="CODE")
@ON_DAY
@BY
@APPROVED_BY
@KEY
def reverse(
    file: str, seq: int, reason: str, day: date | None, by: str, approved_by: str, key: str | None
) -> None:
    """Take an entry back."""
    with writing(file) as bank:
        names = Names.of(bank)
        posted = bank.reverse(seq, reason=reason, day=day, by=by, approved_by=approved_by, key=key)
        original = bank.journal.entry(seq)
        said = summary(original, names)
    put(say("cli", "reversed", seq=seq, kind=original.kind))
    put(f"  {kind_of(original)} {said}".rstrip())
    put_posted(posted)
