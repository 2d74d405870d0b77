"""Stars: the board that hangs on the wall, with masked names, and the stars of one member."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from timebank.cli import typed
from timebank.cli.commands import (
    AS_JSON,
    CARD_OPTION,
    FILE,
    MEMBER_OPTION,
    command,
    holder,
    one_of,
    option,
    reading,
)
from timebank.cli.language import say
from timebank.cli.output import duration, put_facts, put_json, wants_json
from timebank.cli.reports import AS_REPORT, Sheet, show
from timebank.errors import ColumnsMissing
from timebank.importing.tables import read_table
from timebank.people.file import people_path
from timebank.people.masking import labels
from timebank.residents.desk import People

if TYPE_CHECKING:
    from datetime import date

    from timebank.bank import Bank

_MINUTES_PER_HOUR: Final = 60
_HEADS: Final = (("member", ("member", "成员", "成员编号")), ("name", ("name", "姓名")))
"""The columns of a table of names, and how their heads may be written."""
_LINES_LOOKED_AT: Final = 20


@command("stars")
@FILE
@option("--org", metavar="ORG", help="board-org")
@option("--day", type=typed.day("day"), metavar="YYYY-MM-DD", help="board-day")
@option("--names", metavar="TABLE", help="names-file")
@AS_REPORT
def stars(file: str, org: str | None, day: date | None, names: str | None) -> None:
    """Show the star board, with masked names."""
    with reading(file) as bank:
        known = _consenting(bank, file) if names is None else names_in(names)
        board = bank.stars.board(org, day)
        steps = bank.rulebooks.on(day or bank.today()).rules.stars
        called = {each.id: each.name for each in bank.organisations.all()}
    who = labels([star.member for star in board], known, without=say("cli", "one-member"))
    title = say("cli", "star-title") if org is None else say("cli", "star-title-of", name=called[org])
    notes = [say("cli", "star-note", steps=say("cli", "comma").join(f"{hours:,}" for hours in steps))]
    rows = [(called[star.org], who[star.member], star.minutes // _MINUTES_PER_HOUR, star.stars) for star in board]
    if not rows:
        notes.insert(0, say("cli", "star-none"))
    show(Sheet("stars", title, ("organisation", "who", ">hours", ">stars"), rows, notes))


@command("star")
@FILE
@CARD_OPTION
@MEMBER_OPTION
@option("--day", type=typed.day("day"), metavar="YYYY-MM-DD", help="board-day")
@AS_JSON
def star(file: str, card: str | None, member: str | None, day: date | None) -> None:
    """Show the stars of one member."""
    one_of(card=card, member=member)
    with reading(file) as bank:
        found = bank.stars.of(holder(bank, card=card, member=member), day)
    if wants_json():
        put_json({"member": found.member, "org": found.org, "minutes": found.minutes, "stars": found.stars})
        return
    put_facts(
        [
            (say("head", "member"), found.member),
            (say("head", "organisation"), found.org),
            (say("head", "minutes"), duration(found.minutes)),
            (say("head", "stars"), found.stars),
        ]
    )


def _consenting(bank: Bank, file: str) -> dict[str, str]:
    """The names of those who consent to the star board, where there is a people file."""
    if not people_path(file).exists():
        return {}
    with People.open(bank) as people:
        return people.names("stars")


def names_in(path: str) -> dict[str, str]:
    """The names in the table *path*, by member id. Titles may stand above the heads.

    Raises ColumnsMissing, and what `read_table` raises.
    """
    lines = [[str(cell or "").strip() for cell in row.cells] for row in read_table(Path(path))]
    found = next(
        (places for line in lines[:_LINES_LOOKED_AT] if len(places := _places(line)) == len(_HEADS)), None
    )
    if found is None:
        heads = lines[0] if lines else []
        missing = (column for column, _ in _HEADS if column not in _places(heads))
        raise ColumnsMissing(path, "names", ", ".join(missing), ", ".join(heads))
    cells = ([line[place] if place < len(line) else "" for place in found.values()] for line in lines)
    return {member.upper(): name for member, name in cells if name}


def _places(heads: list[str]) -> dict[str, int]:
    """Where the columns of a table of names stand in *heads*."""
    lower = [head.lower() for head in heads]
    return {column: lower.index(head) for column, allowed in _HEADS for head in allowed if head in lower}
