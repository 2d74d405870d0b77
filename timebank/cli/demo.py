"""`timebank demo jianyang` and `timebank demo panji`: a year of made-up records, and what they come to."""

from __future__ import annotations

import shlex
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from timebank.bank import Bank, open_bank
from timebank.cli import typed
from timebank.cli.commands import EXIT_CODES, argument, command, option
from timebank.cli.demo_district import Chance, district_named
from timebank.cli.demo_opening import YearClock
from timebank.cli.demo_pages import heading, put_report, put_stars, put_statement, put_trial_balance, typical_card
from timebank.cli.demo_records import record_year
from timebank.cli.language import LANGUAGE, finding_message, say
from timebank.cli.output import put, put_exactly
from timebank.errors import Damaged, ExtraMissing, FileExists, KeyMissing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from timebank.cli.demo_district import District
    from timebank.cli.demo_records import Told

_BEFORE_EVERYTHING: Final = datetime(1970, 1, 1, tzinfo=UTC)
_OPENING_HOUR: Final = 8
_MOST_SEED: Final = 10**9
_NEXT: Final = ("report {file}", "statement {file} --card {card}", "verify {file}")


@command("demo")
@argument("district")
@option("--file", "path", metavar="PATH", help="demo-file")
@option("--seed", type=typed.whole("seed", _MOST_SEED), metavar="NUMBER")
def demo(district: str, path: str | None, seed: int | None) -> None:
    """Make a file with a year of a district's records, show what is in it, verify it, and sign it."""
    plan = district_named(district)
    file = f"{district}.timebank" if path is None else path
    drawn_from = plan.seed if seed is None else seed
    make_year(plan, file, drawn_from, title=say("demo", f"title-{district}"))
    with open_bank(file) as bank:
        put_report(bank, district, plan, drawn_from)
        put_stars(bank)
        card = typical_card(bank, plan)
        put_statement(bank, card)
        put_trial_balance(bank)
        is_clean = _put_verification(bank)
    _put_next(file, card)
    if not is_clean:
        click.get_current_context().exit(EXIT_CODES[Damaged])


def make_year(plan: District, file: str, seed: int, *, title: str) -> None:
    """Make *file* with the year of *plan*, drawn from *seed*; raises FileExists, and leaves no half-made file."""
    chance = Chance(seed)
    clock = YearClock(_BEFORE_EVERYTHING)
    clock.set(plan.first_day, _OPENING_HOUR)
    try:
        with Bank.building(file, origin=plan.origin, clock=clock, entropy=chance.entropy) as bank:
            put(heading(title))
            with _progress() as told:
                record_year(bank, clock, plan, chance, told)
    except FileExists:
        click.echo(say("demo", "remove-or-name", path=file), err=True)
        raise


def _put_verification(bank: Bank) -> bool:
    """Sign the journal, verify the file with that checkpoint, and show both; whether nothing was found."""
    try:
        note = bank.checkpoint()
    except (ExtraMissing, KeyMissing):
        note = ""
    found = bank.verify()
    put()
    put(heading(say("demo", "verify-title")))
    clean = say("demo", "verified", entries=f"{found.entries:,}")
    put(clean if found.is_clean else say("cli", "findings", findings=len(found.findings)))
    for finding in found.findings:
        put(finding_message(finding))
    put()
    put(heading(say("demo", "checkpoint-title")))
    if note:
        put_exactly(note)
    else:
        put(say("demo", "no-checkpoint"))
    return found.is_clean


def _put_next(file: str, card: str) -> None:
    """Where the file is, and what to try."""
    put()
    put(heading(say("demo", "next-title")))
    put(say("demo", "made", path=Path(file).resolve()))
    chosen = click.get_current_context().meta.get(LANGUAGE)
    spoken = f" --lang {chosen.partition('_')[0]}" if chosen else ""
    for line in _NEXT:
        put("  timebank " + line.format(file=shlex.quote(file), card=card) + spoken)


@contextmanager
def _progress() -> Iterator[Told]:
    """What shows how far the work is, on stderr: a bar on a terminal, else a line a month."""
    try:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    except ImportError:
        yield _month_lines()
        return
    console = Console(stderr=True)
    if not console.is_interactive:
        yield _month_lines()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(say("demo", "recording"), total=None)

        def told(day: date, done: int, acts: int) -> None:
            bar.update(task, description=f"{say('demo', 'recording')} {day:%Y-%m}", completed=done, total=acts)

        yield told


def _month_lines() -> Told:
    last: tuple[str, int] = ("", 0)

    def told(day: date, done: int, acts: int) -> None:
        nonlocal last
        month = f"{day:%Y-%m}"
        if last[0] not in ("", month):
            put_month(*last, acts)
        last = month, done
        if done == acts:
            put_month(month, done, acts)

    def put_month(month: str, done: int, acts: int) -> None:
        click.echo(say("demo", "recorded", month=month, done=f"{done:,}", acts=f"{acts:,}"), err=True)

    return told
