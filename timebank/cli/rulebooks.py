"""Rulebooks: putting one in force, showing it, checking a text, printing it for the wall."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from timebank.cli import typed
from timebank.cli.commands import (
    AS_JSON,
    BY,
    EXIT_CODES,
    FILE,
    KEY,
    ON_DAY,
    Group,
    argument,
    command,
    one_of,
    option,
    reading,
    writing,
)
from timebank.cli.language import language, say, word
from timebank.cli.output import put, put_json, put_posted, put_problem, put_table, wants_json
from timebank.cli.reports import AS_REPORT, Sheet, show
from timebank.cli.wording import name_field
from timebank.errors import CannotOpen, FileMissing, InvalidInput, RulebookInvalid
from timebank.programme.rulebook import shipped_rulebook
from timebank.programme.rulebook_print import Wall, wall_form
from timebank.programme.rulebook_source import Problem
from timebank.programme.rulebook_text import parse_rulebook, rulebook_problems

if TYPE_CHECKING:
    from datetime import date

    from timebank.programme.rulebook_terms import Rulebook, Service

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
        raise Problem(0, "not-utf8").error() from error


@command("show", into=rulebook)
@FILE
@ON_DAY
@AS_REPORT
def rulebook_show(file: str, day: date | None) -> None:
    """Show the rulebook in force on a day."""
    book, from_day = _in_force(file, day)
    services = [_as_json(row) for row in book.services]
    field = name_field()
    title = say("cli", "rulebook-title", title=getattr(book, field), from_day=from_day)
    rows = [(row.id, word("per", row.per), _points(row), getattr(row, field)) for row in book.services]
    sheet = Sheet("rulebook", title, ("service", "per", ">points", "name"), rows)
    named = {"rulebook": book.name, "zh": book.zh, "en": book.en, "from": from_day}
    show(sheet, json={**named, "services": services})


def _in_force(file: str, day: date | None) -> tuple[Rulebook, str]:
    """The rulebook of the ledger *file* in force on *day* (None: today), and from which day it is."""
    with reading(file) as bank:
        when = day or bank.today()
        book = bank.rulebooks.on(when)
        return book, [each.from_day for each in bank.rulebooks.all() if each.from_day <= when.isoformat()][-1]


def _as_json(row: Service) -> dict[str, Any]:
    shown = {"id": row.id, "zh": row.zh, "en": row.en, "per": row.per}
    return {**shown, "grades": dict(row.grades)} if row.grades else {**shown, "points": row.points}


def _points(row: Service) -> str:
    return "/".join(str(points) for _, points in row.grades) if row.grades else str(row.points)


@command("check", into=rulebook)
@argument("rulebook")
@AS_JSON
def rulebook_check(rulebook: str) -> None:
    """Say whether a text is a sound rulebook, or what is wrong with it on which line."""
    text = rulebook_text(rulebook)
    try:
        problems = rulebook_problems(text)
    except RulebookInvalid as error:
        problems = (Problem(error.line, error.problem, json.loads(error.about)),)
    if wants_json():
        found = [{"line": each.line, "problem": each.id, "reason": each.reason(language())} for each in problems]
        put_json({"sound": not problems, "problems": found})
    elif problems:
        for each in problems:
            put(say("cli", "rulebook-problem", line=each.line, reason=each.reason(language())))
        message = say("cli", "rulebook-problems", problems=len(problems))
        put_problem(RulebookInvalid.code, message, {"problems": len(problems)})
    else:
        book = parse_rulebook(text)
        put(say("cli", "rulebook-sound", name=book.name, services=len(book.services)))
    if problems:
        click.get_current_context().exit(EXIT_CODES[InvalidInput])


@command("print", into=rulebook)
@click.argument("file", required=False, metavar="[FILE]")
@option("--shipped", metavar="NAME")
@ON_DAY
def rulebook_print(file: str | None, shipped: str | None, day: date | None) -> None:
    """Print a rulebook as a form for the wall."""
    one_of(file=file, shipped=shipped)
    from_day = None
    if shipped is not None:
        book = parse_rulebook(shipped_rulebook(shipped))
    elif Path(str(file)).suffix == ".toml":
        book = parse_rulebook(rulebook_text(str(file)))
    else:
        book, from_day = _in_force(str(file), day)
    _put_wall(wall_form(book, language(), from_day=from_day))


def _put_wall(wall: Wall) -> None:
    put(wall.title)
    put(wall.in_force)
    for part in wall.parts:
        put()
        put(part.title)
        put_table(part.heads, part.rows)
    put()
    put(wall.rules_title)
    for number, rule in enumerate(wall.rules, start=1):
        put(f"{number:>2}. {rule}")
