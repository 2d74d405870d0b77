"""Reading the books: statements, the trial balance, the report, the journal and its entries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs
import click

from timebank.audit.report import unit_sums
from timebank.cli import typed
from timebank.cli.commands import (
    AS_JSON,
    CARD_OPTION,
    FILE,
    MEMBER_OPTION,
    ON_DAY,
    argument,
    command,
    holder,
    one_of,
    option,
    reading,
)
from timebank.cli.language import say, word
from timebank.cli.output import duration, put, put_facts, put_json, put_table, right, wants_json, width
from timebank.cli.reports import AS_REPORT, Row, Sheet, deliver, show
from timebank.cli.wording import Names, kind_in_full, kind_of, summary
from timebank.errors import BadAmount, UnknownEntry, UnknownGood
from timebank.ledger.codes import POINTS, debit_sign
from timebank.ledger.entries import moment_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from timebank.bank import Bank
    from timebank.ledger.entries import Entry
    from timebank.ledger.statements import Statement
    from timebank.ledger.store import AccountBalance

_MOST_SHOWN = 50
_MOST_LIMIT = 10**9


@command("statement")
@FILE
@CARD_OPTION
@MEMBER_OPTION
@option("--shop", metavar="SHOP")
@option("--unit", default=POINTS, metavar="PTS|MIN|GOOD")
@option("--from", "first", type=typed.day("first"), metavar="YYYY-MM-DD", help="first")
@option("--to", "last", type=typed.day("last"), metavar="YYYY-MM-DD", help="last")
@AS_REPORT
def statement(
    file: str,
    card: str | None,
    member: str | None,
    shop: str | None,
    unit: str,
    first: date | None,
    last: date | None,
) -> None:
    """Show what happened to a member's or a shop's account."""
    one_of(card=card, member=member, shop=shop)
    with reading(file) as bank:
        names = Names.of(bank)
        code = _unit(bank, unit)
        if shop is None:
            who = holder(bank, card=card, member=member)
            owner = say("cli", "member-called", member=who.id)
            found = bank.members.statement(who, unit=code, first=first, last=last)
        else:
            owner = names.shops.get(shop, shop)
            found = bank.shops.statement(shop, unit=code, first=first, last=last)
    title = say(
        "cli", "statement-title", owner=owner, called=names.good(code.lower()), account=found.account, unit=code
    )
    rows: list[Row] = [(None, None, None, found.opening, say("cli", "opening"))]
    rows += [
        (line.entry.day, line.entry.seq, line.delta, line.after, _what(line.entry, names)) for line in found.lines
    ]
    rows.append((None, None, None, found.closing, say("cli", "closing")))
    columns = ("day", "#seq", "+change", ">balance", "what")
    show(Sheet("statement", title, columns, rows), json=statement_json(found))


def _unit(bank: Bank, unit: str) -> str:
    code = unit.upper()
    if code not in {each.code for each in bank.goods.units()}:
        raise UnknownGood(unit)
    return code


def _what(entry: Entry, names: Names) -> str:
    return f"{kind_of(entry)} {summary(entry, names)}".rstrip()


def statement_json(found: Statement) -> dict[str, Any]:
    """A statement with stable names."""
    lines = [
        {
            "seq": line.entry.seq,
            "day": line.entry.day.isoformat(),
            "kind": line.entry.kind,
            "other": line.other,
            "delta": line.delta,
            "after": line.after,
        }
        for line in found.lines
    ]
    return {
        "account": found.account,
        "unit": found.unit,
        "opening": found.opening,
        "lines": lines,
        "closing": found.closing,
    }


@command("trial-balance")
@FILE
@ON_DAY
@AS_REPORT
def trial_balance(file: str, day: date | None) -> None:
    """Show every account, and that each unit sums to zero."""
    with reading(file) as bank:
        lines = bank.trial_balance(day)
    sums = dict(sorted(unit_sums(lines).items()))
    when = None if day is None else day.isoformat()
    title = say("cli", "trial-balance-title")
    title = title if day is None else say("cli", "at-end-of", title=title, on=day)
    rows: list[Row] = [(line.account, line.unit, *_sides(line)) for line in lines]
    sheet = Sheet("trial-balance", title, ("account", "unit", ">debit", ">credit"), rows)
    if deliver(sheet, json={"day": when, "accounts": [attrs.asdict(line) for line in lines], "sums": sums}):
        return
    show(sheet)
    put()
    heads = [say("head", "unit"), *(">" + say("head", name) for name in ("debit", "credit", "sum"))]
    put_table(heads, [(unit, *_totals(lines, unit), sums[unit]) for unit in sums])


def _sides(line: AccountBalance) -> tuple[int | None, int | None]:
    """The balance in the debit or in the credit column, as accountants write it."""
    sign = debit_sign(line.account)
    debit = sign * line.amount
    return (debit, None) if debit > 0 or (debit == 0 and sign > 0) else (None, -debit)


def _totals(lines: Iterable[AccountBalance], unit: str) -> tuple[str, str]:
    debits = [debit_sign(line.account) * line.amount for line in lines if line.unit == unit]
    return (
        f"{sum(debit for debit in debits if debit > 0):,}",
        f"{-sum(debit for debit in debits if debit < 0):,}",
    )


@command("report")
@FILE
@AS_REPORT
def report(file: str) -> None:
    """Show the programme in numbers."""
    with reading(file) as bank:
        numbers = attrs.asdict(bank.report())
        origin = bank.origin
    title = say("cli", "report-title", origin=origin)
    rows: list[Row] = [(word("report", name), number) for name, number in numbers.items()]
    if deliver(Sheet("report", title, ("what", ">amount"), rows), json=numbers):
        return
    put(title)
    shown = {name: f"{number:,}" for name, number in numbers.items()}
    shown["service_minutes"] = duration(numbers["service_minutes"])
    column = max(width(number) for number in shown.values())
    put_facts((word("report", name), right(number, column)) for name, number in shown.items())


@command("journal")
@FILE
@option("--from", "first", type=typed.place, default=0, metavar="SEQ", help="first-seq")
@option("--limit", type=typed.whole("limit", _MOST_LIMIT), default=_MOST_SHOWN, metavar="NUMBER")
@AS_REPORT
def journal(file: str, first: int, limit: int) -> None:
    """Show entries in the journal's order."""
    with reading(file) as bank:
        if first < 0:
            raise UnknownEntry(str(first))
        if limit < 1:
            raise BadAmount("limit", str(limit), 1, _MOST_LIMIT)
        entries = list(bank.journal.entries(first, first + limit))
        names = Names.of(bank)
        size = bank.report().entries
    rows: list[Row] = [
        (entry.seq, entry.day, kind_of(entry), entry.by, entry.ok, summary(entry, names)) for entry in entries
    ]
    sheet = Sheet("journal", "", ("#seq", "day", "kind", "by", "ok", "what"), rows)
    if deliver(sheet, json={"entries": [entry_json(entry) for entry in entries], "size": size}):
        return
    put_table(sheet.shown_heads, map(sheet.shown_row, rows))
    if entries and entries[-1].seq + 1 < size:
        click.echo(say("cli", "more-entries", size=size, next=entries[-1].seq + 1), err=True)


def entry_json(entry: Entry) -> dict[str, Any]:
    """An entry with stable names; null where it has none."""
    return {
        "seq": entry.seq,
        "kind": entry.kind,
        "at": moment_text(entry.at),
        "day": entry.day.isoformat(),
        "by": entry.by,
        "ok": entry.ok,
        "key": entry.key,
        "ref": entry.ref,
        "nonce": entry.nonce,
        "body": _plain(entry.body),
        "move": [attrs.asdict(move) for move in entry.moves],
    }


def _plain(value: Any) -> Any:
    """*value* of an entry's body in dicts and lists."""
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


@command("entry")
@FILE
@argument("seq", type=typed.place)
@AS_JSON
def entry(file: str, seq: int) -> None:
    """Show one entry whole."""
    with reading(file) as bank:
        found = bank.journal.entry(seq)
        names = Names.of(bank)
        at = found.at.astimezone(bank.journal.zone)
    if wants_json():
        put_json(entry_json(found))
        return
    facts: list[tuple[str, object]] = [
        ("entry", found.seq),
        ("kind", kind_in_full(found)),
        ("day", found.day),
        ("at", at.strftime("%Y-%m-%d %H:%M:%S %z")),
        ("by", found.by),
        ("ok", found.ok),
        ("ref", found.ref),
        ("key", found.key),
        ("what", summary(found, names)),
    ]
    put_facts((say("head", name), value) for name, value in facts if value not in (None, ""))
    if found.moves:
        put()
        heads = [say("head", "debit"), say("head", "credit"), ">" + say("head", "amount"), say("head", "unit")]
        put_table(heads, [(move.debit, move.credit, move.amount, move.unit) for move in found.moves])
