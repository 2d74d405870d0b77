"""Setting a programme up: the ledger file, its organisations and operators."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from timebank.bank import DEFAULT_ZONE, Bank
from timebank.cli.commands import BY, FILE, KEY, Group, argument, command, option, writing
from timebank.cli.language import say
from timebank.cli.output import put, put_posted

if TYPE_CHECKING:
    from timebank.programme.organisations import Level
    from timebank.programme.roles import Role


@command("init")
@FILE
@option("--origin", required=True, metavar="NAME")
@option("--zone", default=DEFAULT_ZONE, metavar="ZONE")
@option("--admin", default="admin", metavar="OPERATOR")
def init(file: str, origin: str, zone: str, admin: str) -> None:
    """Make a new ledger file."""
    with Bank.create(file, origin=origin, zone=zone, admin=admin) as bank:
        vkey = bank.journal.entry(0).body.get("vkey")
    put(say("cli", "made", path=file, origin=origin, admin=admin))
    put(say("cli", "made-key", path=f"{file}.key", vkey=vkey) if vkey else say("cli", "made-no-key"))


organisation = Group("organisation")


@command("add", into=organisation)
@FILE
@argument("org")
@option("--name", required=True, metavar="NAME")
@option("--level", required=True, metavar="district|street|community|grid|building")
@option("--parent", metavar="ORG")
@BY
@KEY
def organisation_add(
    file: str, org: str, name: str, level: str, parent: str | None, by: str, key: str | None
) -> None:
    """Add an organisation."""
    with writing(file) as bank:
        posted = bank.organisations.add(org, name=name, level=cast("Level", level), parent=parent, by=by, key=key)
    put(say("cli", "organisation-added", org=org, name=name))
    put_posted(posted)


operator = Group("operator")


@command("appoint", into=operator)
@FILE
@argument("operator")
@option("--org", required=True, metavar="ORG")
@option("--role", required=True, metavar="clerk|supervisor|registrar|auditor|admin")
@BY
@KEY
def operator_appoint(file: str, operator: str, org: str, role: str, by: str, key: str | None) -> None:
    """Let an operator act for an organisation."""
    with writing(file) as bank:
        posted = bank.organisations.appoint(operator, org=org, role=cast("Role", role), by=by, key=key)
    put(say("cli", "operator-appointed", operator=operator, org=org, role=role))
    put_posted(posted)
