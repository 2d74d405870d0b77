"""Pages to print: statements, stock cards, the trial balance, and the report of a period."""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import attrs
import click

from timebank.audit.reporting.programme import programme_report
from timebank.audit.reporting.scope import Span
from timebank.audit.reporting.trial_balance import trial_balance_by_organisation
from timebank.audit.statements import check_days, member_statement, shop_statement, stock_cards
from timebank.cli import typed
from timebank.cli.commands import (
    CARD_OPTION,
    FILE,
    MEMBER_OPTION,
    ON_DAY,
    Group,
    argument,
    command,
    holder,
    one_of,
    option,
    reading,
)
from timebank.cli.language import say
from timebank.cli.output import put, put_json, wants_json, write_new
from timebank.cli.pages.accounts import member_page, shop_page, stock_page
from timebank.cli.pages.balances import trial_balance_page
from timebank.cli.pages.document import Page, page_html, stamp_of
from timebank.cli.pages.programme import programme_page
from timebank.cli.pages.workbook import figures_sheet, workbook_of
from timebank.cli.reports import AS_REPORT, FILES, csv_of
from timebank.cli.wording import Names
from timebank.errors import FileExists
from timebank.programme.goods import GOODS
from timebank.programme.members import CARDS
from timebank.programme.placements import organisation_on
from timebank.programme.shops import shop_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from timebank.bank import Bank
    from timebank.ledger.store import Reader

_MOST_DEPTH: Final = 100
_FIRST = option("--from", "first", type=typed.day("first"), metavar="YYYY-MM-DD", help="first")
_LAST = option("--to", "last", type=typed.day("last"), metavar="YYYY-MM-DD", help="page-last")
_OUT = argument("out")

page = Group("page")


@contextmanager
def _view(file: str) -> Iterator[tuple[Bank, Reader, Names]]:
    """The bank, one view of its books for all that a page says, and what things are called."""
    with reading(file) as bank:
        names = Names.of(bank)
        with bank.journal.reading() as books:
            yield bank, books, names


def _write(out: str, data: bytes) -> None:
    write_new(out, data)
    put(say("cli", "page-written", path=out))


@command("member", into=page)
@FILE
@CARD_OPTION
@MEMBER_OPTION
@_FIRST
@_LAST
@_OUT
def page_member(
    file: str, card: str | None, member: str | None, first: date | None, last: date | None, out: str
) -> None:
    """Write a member's statement."""
    one_of(card=card, member=member)
    with _view(file) as (bank, books, names):
        today = bank.today()
        end = last or today
        check_days(first, end)
        who = holder(bank, card=card, member=member).id
        since = bank.journal.size_before(first)
        found = member_statement(books, who, first=first, last=end, today=today, since=since)
        cards = [each.number for each in books.rows(CARDS) if each.member == who and each.state == "active"]
        made = member_page(found, names, cards=cards, first=first, last=end, today=today)
        data = page_html(made, stamp_of(books), today)
    _write(out, data)


@command("shop", into=page)
@FILE
@argument("shop")
@_FIRST
@_LAST
@_OUT
def page_shop(file: str, shop: str, first: date | None, last: date | None, out: str) -> None:
    """Write a shop's statement."""
    with _view(file) as (bank, books, names):
        end = last or bank.today()
        check_days(first, end)
        found = shop_statement(books, shop, first=first, last=end, since=bank.journal.size_before(first))
        data = page_html(shop_page(found, names, first=first, last=end), stamp_of(books), bank.today())
    _write(out, data)


@command("stock", into=page)
@FILE
@argument("shop")
@argument("goods", nargs=-1, metavar="[GOOD]...")
@option("--all", "every", is_flag=True, help="page-all")
@_FIRST
@_LAST
@_OUT
def page_stock(
    file: str, shop: str, goods: tuple[str, ...], every: bool, first: date | None, last: date | None, out: str
) -> None:
    """Write the cards of goods in a shop."""
    if bool(goods) is every:
        message = say("usage", "one-of", names="GOOD, --all")
        raise click.UsageError(message, click.get_current_context())
    with _view(file) as (bank, books, names):
        end = last or bank.today()
        check_days(first, end)
        wanted = [row.id for row in books.rows(GOODS)] if every else [typed.narrow(good) for good in goods]
        since = bank.journal.size_before(first)
        cards = stock_cards(books, shop, wanted, first=first, last=end, since=since)
        shown = [card for card in cards if card.opening or card.lines or not every]
        org = organisation_on(books, "shop", shop_of(books, shop).id, end)
        made = stock_page(shown, shop, org, names, first=first, last=end)
        data = page_html(made, stamp_of(books), bank.today())
    _write(out, data)


@command("trial-balance", into=page)
@FILE
@ON_DAY
@option("--depth", type=typed.whole("depth", _MOST_DEPTH), metavar="NUMBER", help="page-depth")
@_OUT
def page_trial_balance(file: str, day: date | None, depth: int | None, out: str) -> None:
    """Write the trial balance by organisation."""
    with _view(file) as (bank, books, names):
        on = day or bank.today()
        made = trial_balance_page(trial_balance_by_organisation(books, on), names, on, depth)
        data = page_html(made, stamp_of(books), bank.today())
    _write(out, data)


@command("programme", into=page)
@FILE
@option("--from", "first", type=typed.day("first"), required=True, metavar="YYYY-MM-DD", help="first")
@option("--to", "last", type=typed.day("last"), required=True, metavar="YYYY-MM-DD", help="last")
@option("--org", metavar="ORG", help="page-org")
@AS_REPORT
@_OUT
def page_programme(file: str, first: date, last: date, org: str | None, out: str) -> None:
    """Write the report of a period."""
    files: dict[str, str] = click.get_current_context().meta.get(FILES, {})
    for path in (out, *files.values()):
        if os.path.lexists(path):
            raise FileExists(path)
    check_days(first, last)
    with _view(file) as (bank, books, names):
        today = bank.today()
        size_before = bank.journal.size_before
        report = programme_report(books, Span(first, last), org=org, today=today, size_before=size_before)
        stamp = stamp_of(books)
    made, tables = programme_page(report, names)
    written = {out: page_html(made, stamp, today)}
    if "xlsx" in files:
        written[files["xlsx"]] = workbook_of(tables, _head(made, stamp.origin))
    if "csv" in files:
        written[files["csv"]] = csv_of(figures_sheet("programme", made.title, tables))
    for path, data in written.items():
        write_new(path, data)
    if wants_json():
        put_json({"report": "programme", **attrs.asdict(report, value_serializer=_plain)})
        return
    for path in written:
        put(say("cli", "page-written", path=path))


def _head(made: Page, origin: str) -> list[tuple[str, str]]:
    return [(made.title, ""), (say("page", "origin"), origin), *made.facts]


def _plain(_: Any, __: Any, value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
