"""How rows are printed: for a terminal, as JSON, and as Markdown for docs/reference/performance.md."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
from datetime import date
from typing import TYPE_CHECKING

import pyperf
from attrs import asdict, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.benchmarks.turns import Row

_HEADINGS = ("what", "goal", "figure", "range", "reached", "seen", "command")


@frozen
class Machine:
    """What the figures were taken on."""

    day: str
    cores: int
    processor: str
    system: str
    python: str
    sqlite: str
    load: float
    """The mean number of processes that wanted to run in the minute before: a shared machine says more here."""

    @classmethod
    def this(cls) -> Machine:
        """The machine that this runs on."""
        return cls(
            date.today().isoformat(),  # noqa: DTZ011 - the day on the wall
            os.cpu_count() or 0,
            _processor(),
            f"{platform.system()} {platform.machine()}",
            platform.python_version(),
            sqlite3.sqlite_version,
            round(os.getloadavg()[0], 1),
        )

    def __str__(self) -> str:
        return (
            f"{self.day} · {self.cores} cores of {self.processor} · {self.system} · Python {self.python}"
            f" · SQLite {self.sqlite} · load before {self.load}"
        )


def _processor() -> str:
    metadata = pyperf.Run([1.0]).get_metadata()
    return str(metadata.get("cpu_model_name") or platform.processor() or "unknown kind")


@frozen
class Measured:
    """A row and the command that gives it alone."""

    row: Row
    command: str


def number(value: float, unit: str) -> str:
    """*value* with two or three figures that mean something."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    text = f"{value:,.{digits}f}" if abs(value) >= 0.1 else f"{value:.3f}"
    return f"{text} {unit}"


def cells(measured: Measured) -> tuple[str, ...]:
    """The row as it is printed."""
    row = measured.row
    goal = "" if row.goal is None else f"{row.goal} {row.unit}"
    low, high = min(row.values), max(row.values)
    span = "" if len(row.values) == 1 else f"{number(low, '').strip()} – {number(high, '').strip()}"
    figure = number(row.figure, row.unit)
    return row.what, goal, figure, span, row.verdict, row.note, measured.command


def as_text(machine: Machine, rows: Sequence[Measured]) -> str:
    """Columns for a terminal."""
    lines = [_HEADINGS, *map(cells, rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(_HEADINGS))]
    padded = ("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) for line in lines)
    return "\n".join([str(machine), "", *(line.rstrip() for line in padded)])


def as_markdown(machine: Machine, rows: Sequence[Measured]) -> str:
    """A table for the reference."""
    body = ((*cells(each)[:-1], f"`{each.command}`") for each in rows)
    return f"{machine}\n\n{markdown_table(_HEADINGS, body)}"


def markdown_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of Markdown."""
    return "\n".join(map(_markdown_line, (headings, ["---"] * len(headings), *rows)))


def _markdown_line(texts: Iterable[str]) -> str:
    return f"| {' | '.join(text.replace('|', chr(92) + '|') for text in texts)} |"


def as_json(machine: Machine, rows: Sequence[Measured]) -> str:
    """Everything, every round's value included, for a program."""
    listed = [
        {
            "what": each.row.what,
            "goal": None if each.row.goal is None else str(each.row.goal),
            "figure": each.row.figure,
            "unit": each.row.unit,
            "values": each.row.values,
            "reached": each.row.verdict,
            "seen": each.row.note,
            "command": each.command,
        }
        for each in rows
    ]
    return json.dumps({"machine": asdict(machine), "rows": listed}, ensure_ascii=False, indent=2)


def as_suite(rows: Sequence[Measured]) -> pyperf.BenchmarkSuite:
    """The rows for pyperf's own commands (`pyperf stats`, `pyperf compare_to`)."""
    return pyperf.BenchmarkSuite([each.row.benchmark() for each in rows])
