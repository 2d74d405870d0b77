"""What a command gives out: lines, columns that stand straight with Chinese in them, JSON, or a new file."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from timebank.cli.language import error_message, say
from timebank.errors import CannotWrite, FileExists

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from timebank.errors import TimebankError
    from timebank.ledger.journal import Posted

JSON: Final = "timebank.json"
"""Where the click context keeps that `--json` was given."""

_MINUTES_PER_HOUR: Final = 60
_GAP: Final = "  "


def show_everything() -> None:
    """Let a terminal that lacks a character show its number instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def wants_json() -> bool:
    """Whether the running command was given `--json`."""
    context = click.get_current_context(silent=True)
    return bool(context and context.meta.get(JSON))


def put(text: str = "") -> None:
    """One line for the reader."""
    click.echo(text)


def put_json(value: Any, *, err: bool = False) -> None:
    """*value* as JSON in UTF-8, whatever the terminal's encoding is."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2).encode(errors="backslashreplace"), err=err)


def put_exactly(text: str) -> None:
    """A signed text, byte for byte in UTF-8."""
    click.echo(text.encode(), nl=False)


def write_new(path: str, data: bytes, *, mode: int = 0o666) -> None:
    """Write a file that was not there, whole or not at all. Raises FileExists or CannotWrite.

    *mode* says who may read it, as far as this process makes files so.
    """
    is_made = False
    try:
        with open(path, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            is_made = True
            file.write(data)
    except FileExistsError as error:
        raise FileExists(path) from error
    except OSError as error:
        if is_made:
            Path(path).unlink(missing_ok=True)
        raise CannotWrite(path) from error


def put_error(error: TimebankError) -> None:
    """What went wrong, on stderr: a sentence and its code, or JSON."""
    put_problem(error.code, error_message(error), error.facts())


def put_problem(code: str, message: str, facts: dict[str, Any]) -> None:
    """A problem on stderr: the sentence with its stable code, or JSON."""
    if wants_json():
        put_json({"error": code, "message": message, "facts": facts}, err=True)
    else:
        click.echo(say("cli", "error", message=message, error_code=code), err=True)


def put_posted(posted: Posted) -> None:
    """Where the command stands in the journal; a warning on stderr if the clock is behind."""
    put(say("cli", "repeated" if posted.repeated else "posted", seq=posted.seq, on=posted.entry.day))
    warn_of_clock(posted)


def warn_of_clock(posted: Posted) -> None:
    """A warning on stderr if this machine's clock is behind the journal."""
    if posted.clock_back_seconds > 0:
        click.echo(say("cli", "clock-back", seconds=posted.clock_back_seconds), err=True)


def duration(minutes: int) -> str:
    """Minutes of service as people say them: 21,000 h 30 min."""
    hours, rest = divmod(minutes, _MINUTES_PER_HOUR)
    if not minutes:
        return "0"
    if not rest:
        return say("cli", "duration-hours", hours=f"{hours:,}")
    if not hours:
        return say("cli", "duration-minutes", rest=rest)
    return say("cli", "duration", hours=f"{hours:,}", rest=rest)


def decimal(value: int | None, places: int) -> str | None:
    """*value*, a whole number of the last of so many decimal *places*, as people write it: 969 is 96.9."""
    if value is None:
        return None
    whole, rest = divmod(value, 10**places)
    return f"{whole}.{rest:0{places}}"


def width(text: str) -> int:
    """Columns that *text* takes on a terminal: two for a Chinese character."""
    return sum(_width(character) for character in text)


def _width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def left(text: str, columns: int) -> str:
    """*text* and spaces up to *columns*."""
    return text + " " * (columns - width(text))


def right(text: str, columns: int) -> str:
    """Spaces up to *columns*, and *text*."""
    return " " * (columns - width(text)) + text


def put_table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Rows in columns under *heads*; a head that begins with `>` is a column of numbers and stands right."""
    numeric = [head.startswith(">") for head in heads]
    lines = [[head.removeprefix(">") for head in heads], *([str(cell) for cell in row] for row in rows)]
    columns = [max(width(line[place]) for line in lines) for place in range(len(heads))]
    lines.insert(1, ["-" * column for column in columns])
    for line in lines:
        cells = zip(line, columns, numeric, strict=True)
        put(_GAP.join((right if to_right else left)(cell, column) for cell, column, to_right in cells).rstrip())


def put_facts(facts: Iterable[tuple[str, object]]) -> None:
    """Names and values, one pair a line, the values in one column."""
    pairs = [(name, str(value)) for name, value in facts]
    column = max((width(name) for name, _ in pairs), default=0)
    for name, value in pairs:
        put(f"{left(name, column)}{_GAP}{value}")
