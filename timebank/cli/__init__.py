"""The command line: parse, call, print. `timebank --help` lists what there is."""

from __future__ import annotations

from importlib.metadata import version

import click

from timebank.cli import (
    books,
    claims,
    counter,
    deductions,
    evidence,
    founding,
    importing,
    members,
    order_reports,
    organising,
    points,
    ratings,
    receipts,
    reporting,
    rulebooks,
    settlements,
    shops,
    stars,
    stockroom,
    venues,
)
from timebank.cli.commands import Option, Root
from timebank.cli.demo import demo

main = Root("timebank", context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
click.version_option(version("timebank"), message="timebank %(version)s", cls=Option, help="version")(main)

for _command in (
    founding.init,
    founding.organisation,
    founding.operator,
    rulebooks.rulebook,
    members.enrol,
    members.card,
    members.record,
    shops.shop,
    shops.good,
    shops.price,
    shops.prices,
    shops.limit,
    shops.limits,
    stockroom.receive,
    stockroom.stock,
    stockroom.move_goods,
    stockroom.count,
    stockroom.write_off,
    stockroom.best_before,
    counter.redeem,
    counter.return_goods,
    counter.reverse,
    counter.reserve,
    counter.collect,
    counter.release,
    counter.release_overdue,
    counter.reservations,
    settlements.settle,
    settlements.settlement,
    settlements.settlements,
    settlements.settlements_due,
    members.balance,
    books.statement,
    books.trial_balance,
    books.report,
    books.journal,
    books.entry,
    claims.claim,
    deductions.deduct,
    deductions.appeal,
    points.gift,
    points.pool,
    points.expire,
    points.lapsing,
    points.ages,
    points.budget,
    order_reports.order,
    venues.venue,
    ratings.rating,
    importing.import_,
    importing.opening,
    organising.move,
    organising.household,
    organising.team,
    stars.stars,
    stars.star,
    organising.tree,
    organising.period,
    reporting.page,
    evidence.verify,
    evidence.checkpoint,
    receipts.receipt,
    evidence.rebuild,
    demo,
):
    main.add_command(_command)

__all__ = ["main"]
