"""What a demo prints, all of it read from the file: the report, one statement, the trial balance."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Final

import click

from timebank.audit.report import unit_sums
from timebank.cli.demo_rounds import QUARTERS
from timebank.cli.language import say, word
from timebank.cli.output import decimal, duration, put, put_table, right, width
from timebank.cli.wording import Names
from timebank.ledger.codes import MINUTES, POINTS, debit_sign

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from timebank.bank import Bank
    from timebank.cli.demo_district import District
    from timebank.ledger.entries import Entry
    from timebank.ledger.store import AccountBalance

_LEVELS: Final = ("street", "community", "grid", "building")
_TYPICAL_LINES: Final = range(6, 9)
_MOST_WIDTH: Final = 46
_MINUTES_PER_HOUR: Final = 60
_GOODS: Final = "GOODS"
_STARS: Final = (5, 4, 3, 2, 1)


def heading(text: str) -> str:
    """*text* in bold, on a terminal that may show it."""
    return text if os.environ.get("NO_COLOR") else click.style(text, bold=True)


# --- the report


def put_report(bank: Bank, name: str, district: District, seed: int) -> None:
    """The programme in numbers; a star stands by those that the district itself reported."""
    shown = []
    for figure, label, number in figures(bank, name):
        as_reported = district.reported.get(figure) == number
        text = _SHOWN.get(figure, "{:,}".format)(number)
        shown.append((label, text, "*" if as_reported else ""))
    put()
    put(heading(say("demo", "report-title")))
    labels, numbers = max(width(row[0]) for row in shown), max(len(row[1]) for row in shown)
    for label, text, star in shown:
        put(f"  {label}{' ' * (labels - width(label))}  {right(text, numbers)} {star}".rstrip())
    for line in say("demo", "as-reported", seed=seed).splitlines():
        put(line)


def figures(bank: Bank, name: str) -> Iterator[tuple[str, str, int]]:
    """Figures of the report: their names in the district's file, what people call them, and the numbers."""
    report = bank.report()
    levels = Counter(org.level for org in bank.organisations.all())
    for level in _LEVELS:
        figure = "villages" if (name, level) == ("panji", "community") else level
        yield figure, word("demo", f"{name}-{level}"), levels[level]
    yield "members", word("report", "members"), report.members
    yield "cards_issued", word("report", "cards_issued"), report.cards_issued
    yield "service_minutes", word("demo", "hours"), report.service_minutes
    yield "points_awarded", word("report", "points_awarded"), report.points_awarded
    merchants = sum(bank.shops.detail(shop.id).kind == "merchant" for shop in bank.shops.all())
    yield "shops", word("report", "shops"), report.shops - merchants
    if merchants:
        yield "merchants", say("demo", "merchants"), merchants
    yield "redemptions", word("report", "redemptions"), report.redemptions
    yield "points_redeemed", word("report", "points_redeemed"), report.points_redeemed
    yield "points_outstanding", word("report", "points_outstanding"), report.points_outstanding
    yield "settlements", say("demo", "settlements"), len(bank.settlements.all())
    yield "points_settled", word("report", "points_settled"), report.points_settled
    yield "teams", say("demo", "teams"), sum(member.kind == "team" for member in bank.members.all())
    rates = bank.orders.total()
    if rates.received:
        yield "orders", say("demo", "orders"), rates.received
        yield "orders_done", say("demo", "orders-done"), rates.done
        yield "orders_permille", say("demo", "orders-permille"), rates.permille_done or 0
    yield "entries", word("report", "entries"), report.entries


def _hours(minutes: int) -> str:
    return f"{minutes / _MINUTES_PER_HOUR:,.2f}".rstrip("0").rstrip(".")


def _percent(permille: int) -> str:
    return f"{decimal(permille, 1)} %"


_SHOWN: Final = {"service_minutes": _hours, "orders_permille": _percent}


# --- stars


def put_stars(bank: Bank) -> None:
    """How many volunteers have how many stars, and the stars of each quarter's projects and companies."""
    stars = Counter(star.stars for star in bank.stars.board())
    put()
    put(heading(say("demo", "stars-title")))
    put_table([say("head", "stars"), ">" + say("demo", "volunteers")], [(_drawn(n), stars[n]) for n in _STARS])
    quarters = [(quarter, bank.ratings.quarter(quarter)) for quarter in QUARTERS]
    rows = {(each.subject, each.id) for _, results in quarters for each in results}
    if not rows:
        return
    given = {(quarter, each.subject, each.id): each.stars for quarter, results in quarters for each in results}
    put()
    put(heading(say("demo", "quarters-title")))
    table = [
        (name, *(_drawn(given[quarter, subject, name] or 0) for quarter in QUARTERS))
        for subject, name in sorted(rows)
    ]
    put_table([say("demo", "rated"), *QUARTERS], table)


def _drawn(stars: int) -> str:
    return "*" * stars or "-"


# --- one statement


def typical_card(bank: Bank, district: District) -> str:
    """The first card in use of a person whose statement is short and has a redemption; else the first card."""
    for number in range(1, bank.report().cards_issued + 1):
        card = bank.cards.get(district.card.format(number))
        if card.state == "active" and bank.members.get(card.member).kind == "person":
            lines = bank.members.statement(card.member).lines
            kinds = [line.entry.kind for line in lines]
            if len(lines) in _TYPICAL_LINES and "redemption" in kinds:
                return card.number
    return district.card.format(1)


def put_statement(bank: Bank, card: str) -> None:
    """What happened to the points of the member who shows *card*."""
    names = Names.of(bank)
    found = bank.members.statement(bank.members.by_card(card))
    put()
    put(heading(say("demo", "statement-title", card=card)))
    heads = [say("head", "day"), say("head", "what"), ">" + say("head", "change"), ">" + say("head", "balance")]
    put_table(
        heads,
        [
            (line.entry.day, _fitting(_happened(line.entry, names)), f"{line.delta:+}", line.after)
            for line in found.lines
        ],
    )


def _happened(entry: Entry, names: Names) -> str:
    body = entry.body
    if entry.kind == "award":
        service = names.services[body["service"]]
        return service + say("cli", "comma") + duration(body["minutes"]) if "minutes" in body else service
    if entry.kind == "redemption":
        return names.basket([(good, pieces) for good, pieces, _ in body["goods"]])
    return word("kind", entry.kind)


def _fitting(text: str) -> str:
    """*text*, cut where its column ends."""
    if width(text) <= _MOST_WIDTH:
        return text
    while width(text) > _MOST_WIDTH - 3:
        text = text[:-1]
    return text.rstrip() + "..."


# --- the trial balance


def put_trial_balance(bank: Bank) -> None:
    """All accounts by type, in the debit or the credit column, and each unit's zero."""
    lines = bank.trial_balance()
    sums = unit_sums(lines)
    put()
    put(heading(say("demo", "trial-balance-title")))
    heads = [say("head", "unit"), say("head", "account"), say("demo", "account-holds")]
    heads += [">" + say("head", "debit"), ">" + say("head", "credit")]
    rows: list[tuple[str, ...]] = []
    for unit in (POINTS, MINUTES, _GOODS):
        rows += _unit_rows(unit, [line for line in lines if _group(line.unit) == unit])
    put_table(heads, rows)
    goods = len(sums) - 2
    wrong = [f"{unit} {total:+}" for unit, total in sums.items() if total]
    if wrong:
        put(say("demo", "not-zero", wrong=say("cli", "comma").join(wrong)))
    else:
        put(say("demo", "zero", units=len(sums), goods=goods))


def _group(unit: str) -> str:
    return unit if unit in (POINTS, MINUTES) else _GOODS


def _unit_rows(unit: str, lines: Iterable[AccountBalance]) -> Iterator[tuple[str, ...]]:
    """A row for each type of account of *unit*, and their sums with the zero."""
    debits: dict[str, int] = {}
    for line in lines:
        account = ":".join(line.account.split(":")[:2])
        debits[account] = debits.get(account, 0) + debit_sign(line.account) * line.amount
    named = word("demo", f"unit-{unit}")
    for account, debit in sorted(debits.items(), key=lambda item: -item[1]):
        holds = word("demo", f"{account.lower().replace(':', '-')}-{unit}")
        sides = (f"{debit:,}", "") if debit > 0 else ("", f"{-debit:,}")
        yield named, account, holds, *sides
        named = ""
    debit_total = sum(debit for debit in debits.values() if debit > 0)
    credit_total = -sum(debit for debit in debits.values() if debit < 0)
    difference = say("demo", "difference", difference=f"{debit_total - credit_total:,}")
    yield "", "", difference, f"{debit_total:,}", f"{credit_total:,}"
