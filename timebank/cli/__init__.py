"""The command line: parse, call, print. `timebank --help` lists what there is."""

from __future__ import annotations

from importlib.metadata import version

import click

from timebank.cli import books, counter, evidence, founding, members, shops
from timebank.cli.commands import Option, Root
from timebank.cli.demo import demo

main = Root("timebank", context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
click.version_option(version("timebank"), message="timebank %(version)s", cls=Option, help="version")(main)

for _command in (
    founding.init,
    founding.organisation,
    founding.operator,
    founding.rulebook,
    members.enrol,
    members.card,
    members.record,
    shops.shop,
    shops.good,
    shops.price,
    shops.prices,
    shops.receive,
    shops.stock,
    counter.redeem,
    counter.reverse,
    members.balance,
    books.statement,
    books.trial_balance,
    books.report,
    books.journal,
    books.entry,
    evidence.verify,
    evidence.checkpoint,
    evidence.receipt,
    evidence.rebuild,
    demo,
):
    main.add_command(_command)

__all__ = ["main"]
