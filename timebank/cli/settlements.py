"""What shops are paid: settling, the sheet that both sides sign, and what is due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from timebank.cli import typed
from timebank.cli.commands import APPROVED_BY, AS_JSON, BY, FILE, KEY, argument, command, option, reading, writing
from timebank.cli.language import say
from timebank.cli.output import left, put, put_facts, put_json, put_posted, put_table, wants_json, width
from timebank.cli.points import yuan
from timebank.cli.reports import AS_REPORT, Sheet, show
from timebank.cli.wording import Names

if TYPE_CHECKING:
    from datetime import date

    from timebank.programme.settlements import SettlementSheet

SHEET_WIDTH: Final = 64
_SIGNATURE: Final = 40
_LAST = option("--last", type=typed.day("last"), required=True, metavar="YYYY-MM-DD", help="settle-last")


@command("settle")
@FILE
@argument("shop")
@_LAST
@BY
@APPROVED_BY
@KEY
def settle(file: str, shop: str, last: date, by: str, approved_by: str, key: str | None) -> None:
    """Pay a shop for what it took in."""
    with writing(file) as bank:
        names = Names.of(bank)
        posted = bank.settlements.settle(shop, last=last, by=by, approved_by=approved_by, key=key)
        sheet = bank.settlements.sheet(posted.seq)
    name = names.shops.get(shop, shop)
    put(say("cli", "settled", name=name, points=sheet.paid, yuan=yuan(sheet.fen), last=last))
    put(say("cli", "settled-print", seq=posted.seq))
    put_posted(posted)


@command("settlement")
@FILE
@argument("seq", type=typed.place)
@AS_JSON
def settlement(file: str, seq: int) -> None:
    """Print the sheet of a settlement for both sides to sign."""
    with reading(file) as bank:
        sheet = bank.settlements.sheet(seq)
        names = Names.of(bank)
    if wants_json():
        put_json(sheet_json(sheet))
        return
    for line in sheet_head(sheet):
        put(line)
    put_facts(sheet_facts(sheet, names))
    put()
    put(say("cli", "sheet-goods"))
    heads = [say("head", "good"), ">" + say("head", "pieces"), say("head", "name")]
    put_table(heads, [(good, f"{pieces:,}", names.good(good)) for good, pieces in sheet.goods])
    put()
    for line in signatures(sheet, names):
        put(line)


def sheet_head(sheet: SettlementSheet) -> list[str]:
    """The sheet's title, and a warning if the settlement was taken back."""
    title = say("cli", "sheet-title")
    lines = [" " * ((SHEET_WIDTH - width(title)) // 2) + title, "-" * SHEET_WIDTH]
    if sheet.taken_back_by is not None:
        lines.append(say("cli", "sheet-taken-back", seq=sheet.taken_back_by))
    return lines


def sheet_facts(sheet: SettlementSheet, names: Names) -> list[tuple[str, object]]:
    """What the sheet says, but for goods and signatures."""
    points = {name: f"{getattr(sheet, name):,}" for name in ("taken", "returned", "late", "paid")}
    return [
        (say("head", "shop"), f"{sheet.shop_name} ({sheet.shop})"),
        (say("head", "organisation"), f"{names.organisations.get(sheet.org, sheet.org)} ({sheet.org})"),
        (say("head", "days"), say("cli", "sheet-days", first=sheet.first, last=sheet.last)),
        (say("head", "entry"), sheet.seq),
        (say("head", "taken"), say("slip", "points", points=points["taken"])),
        (say("head", "returned"), say("slip", "points", points=points["returned"])),
        (say("head", "late"), say("slip", "points", points=points["late"])),
        (say("head", "to-pay"), say("slip", "points", points=points["paid"])),
        (say("head", "point-value"), say("cli", "sheet-yuan", yuan=yuan(sheet.fen_per_point))),
        (say("head", "yuan-to-pay"), say("cli", "sheet-yuan", yuan=yuan(sheet.fen))),
        (say("head", "by"), sheet.by),
        (say("head", "ok"), sheet.approved_by),
    ]


def signatures(sheet: SettlementSheet, names: Names) -> list[str]:
    """Two lines to sign on."""
    lines = [
        (say("cli", "sheet-for", name=sheet.shop_name), say("cli", "sheet-date")),
        (say("cli", "sheet-for", name=names.organisations.get(sheet.org, sheet.org)), say("cli", "sheet-date")),
    ]
    column = max(width(name) for name, _ in lines)
    rule = "_" * (_SIGNATURE // 2)
    return [f"{left(name, column)} {rule}  {day} {'_' * (_SIGNATURE // 4)}" for name, day in lines]


def sheet_json(sheet: SettlementSheet) -> dict[str, object]:
    """The sheet with stable names; points, and money in fen."""
    return {
        "seq": sheet.seq,
        "shop": sheet.shop,
        "shop_name": sheet.shop_name,
        "org": sheet.org,
        "first": sheet.first.isoformat(),
        "last": sheet.last.isoformat(),
        "taken": sheet.taken,
        "returned": sheet.returned,
        "late": sheet.late,
        "paid": sheet.paid,
        "fen_per_point": sheet.fen_per_point,
        "fen": sheet.fen,
        "goods": dict(sheet.goods),
        "by": sheet.by,
        "ok": sheet.approved_by,
        "taken_back_by": sheet.taken_back_by,
    }


@command("settlements")
@FILE
@option("--shop", metavar="SHOP")
@AS_REPORT
def settlements(file: str, shop: str | None) -> None:
    """Show what shops were paid."""
    with reading(file) as bank:
        found = bank.settlements.all(shop)
        names = Names.of(bank)
    rows = [
        (
            row.shop,
            row.first,
            row.last,
            row.taken,
            row.returned,
            row.late,
            row.paid,
            row.seq,
            names.shops[row.shop],
        )
        for row in found
    ]
    columns = ("shop", "first", "last", ">taken", ">returned", "+late", ">paid", "#seq", "name")
    notes = [say("cli", "settlements-sum", points=sum(row.paid for row in found))]
    show(Sheet("settlements", say("cli", "settlements-title"), columns, rows, notes=notes))


@command("settlements-due")
@FILE
@_LAST
@AS_REPORT
def settlements_due(file: str, last: date) -> None:
    """Show what shops are to be paid."""
    with reading(file) as bank:
        found = bank.settlements.due(last)
        names = Names.of(bank)
    rows = [
        (
            *(due.shop, due.org, due.first, due.last),
            *(due.taken, due.returned, due.late, due.points, yuan(due.fen)),
            names.shops[due.shop],
        )
        for due in found
    ]
    columns = (
        "shop", "organisation", "first", "last", ">taken", ">returned", "+late", ">to-pay", ">yuan", "name"
    )  # fmt: skip
    notes = [
        say("cli", "due-sum", points=sum(due.points for due in found), yuan=yuan(sum(due.fen for due in found)))
    ]
    show(Sheet("settlements-due", say("cli", "due-title", last=last), columns, rows, notes=notes))
