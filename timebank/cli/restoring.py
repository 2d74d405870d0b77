"""A copy put in place of a ledger that is lost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from timebank.cli.commands import (
    argument,
    command,
    option,
)
from timebank.cli.language import error_message, say
from timebank.cli.output import (
    put,
    put_exactly,
)
from timebank.cli.texts import text_in
from timebank.errors import BadNote
from timebank.safekeeping.restore import NewEpoch, restore
from timebank.tlog.checkpoint import read_unverified

if TYPE_CHECKING:
    from timebank.safekeeping.restore import Restored


@command("restore")
@argument("copy")
@argument("target")
@option("--checkpoint", "notes", multiple=True, metavar="NOTEFILE", help="known-checkpoint")
@option("--new-epoch", is_flag=True)
@option("--reason", metavar="CODE", help="lost-reason")
@option("--by", envvar="TIMEBANK_BY", metavar="OPERATOR")
@option("--approved-by", envvar="TIMEBANK_APPROVED_BY", metavar="OPERATOR")
@click.pass_context
def restore_command(
    context: click.Context,
    copy: str,
    target: str,
    notes: tuple[str, ...],
    new_epoch: bool,
    reason: str | None,
    by: str | None,
    approved_by: str | None,
) -> None:
    """Put a copy in place of a ledger that is lost."""
    epoch = None
    if new_epoch:
        for name, value in (("--reason", reason), ("--by", by), ("--approved-by", approved_by)):
            if value is None:
                raise click.UsageError(say("usage", "missing", name=name), context)
        epoch = NewEpoch(str(reason), str(by), str(approved_by))
    known = {name: text_in(name, BadNote) for name in notes}
    for text in known.values():
        read_unverified(text)  # said before anything is copied
    _put_restored(target, restore(Path(copy), Path(target), notes=known, epoch=epoch))


def _put_restored(target: str, restored: Restored) -> None:
    put(say("cli", "restored", path=target, entries=restored.entries))
    if restored.epoch is not None:
        body = restored.epoch.entry.body
        facts = {"number": body["epoch"], "seq": restored.epoch.seq, "last": int(body["note"][1]) - 1}
        put(say("cli", "restored-epoch", **facts))
    if restored.unsigned is not None:
        click.echo(say("cli", "restored-unsigned", reason=error_message(restored.unsigned)), err=True)
    if restored.note is not None:
        put()
        put_exactly(restored.note)
