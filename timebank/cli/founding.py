"""Setting a programme up: the ledger file, its organisations and operators, its rulebook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from timebank.bank import DEFAULT_ZONE, Bank
from timebank.cli import typed
from timebank.cli.commands import (
    AS_JSON,
    BY,
    FILE,
    KEY,
    ON_DAY,
    Group,
    argument,
    command,
    option,
    reading,
    writing,
)
from timebank.cli.language import say, word
from timebank.cli.output import put, put_json, put_posted, put_table, wants_json
from timebank.cli.wording import name_field
from timebank.errors import CannotOpen, FileMissing, RulebookInvalid
from timebank.programme.rulebook import shipped_rulebook

if TYPE_CHECKING:
    from datetime import date

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


rulebook = Group("rulebook")


@command("adopt", into=rulebook)
@FILE
@argument("rulebook")
@option("--from", "from_day", type=typed.day("from_day"), required=True, metavar="YYYY-MM-DD")
@BY
@KEY
def rulebook_adopt(file: str, rulebook: str, from_day: date, by: str, key: str | None) -> None:
    """Put a rulebook in force."""
    with writing(file) as bank:
        posted = bank.rulebooks.adopt(rulebook_text(rulebook), from_day=from_day, by=by, key=key)
    put(say("cli", "rulebook-adopted", name=posted.entry.body["rulebook"], from_day=from_day))
    put_posted(posted)


def rulebook_text(name: str) -> str:
    """The text of the file *name* (`.toml`), or of the rulebook of that name that comes with timebank."""
    path = Path(name)
    if path.suffix != ".toml" and not path.exists():
        return shipped_rulebook(name)
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise FileMissing(name) from error
    except OSError as error:
        raise CannotOpen(name, error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise RulebookInvalid(0, say("cli", "not-utf8")) from error


@command("show", into=rulebook)
@FILE
@ON_DAY
@AS_JSON
def rulebook_show(file: str, day: date | None) -> None:
    """Show the rulebook in force on a day."""
    with reading(file) as bank:
        when = day or bank.today()
        book = bank.rulebooks.on(when)
        from_days = [each.from_day for each in bank.rulebooks.all() if each.from_day <= when.isoformat()]
    if wants_json():
        services = [
            {"id": row.id, "zh": row.zh, "en": row.en, "per": row.per, "points": row.points}
            for row in book.services
        ]
        put_json(
            {"rulebook": book.name, "zh": book.zh, "en": book.en, "from": from_days[-1], "services": services}
        )
        return
    field = name_field()
    put(say("cli", "rulebook-title", title=getattr(book, field), from_day=from_days[-1]))
    heads = [say("head", "service"), say("head", "per"), ">" + say("head", "points"), say("head", "name")]
    put_table(
        heads,
        [(row.id, word("per", row.per), row.points, getattr(row, field)) for row in book.services],
    )
