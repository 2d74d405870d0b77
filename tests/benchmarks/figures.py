"""Figures that are kept: what was measured at each size as JSON, and a small drawing of each made from it.

The JSON and the drawings lie in docs/reference/figures; the pages of the reference are written from the JSON, and
a test draws it again and compares. The same numbers give the same bytes.
"""

from __future__ import annotations

import statistics
from io import StringIO
from math import ceil, floor, log10
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
import msgspec
from attrs import frozen
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import NullLocator

from tests.benchmarks import table

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

FOLDER: Final = Path(__file__).parents[2] / "docs" / "reference" / "figures"
_INCHES: Final = (3.75, 2.5)
"""360 by 240 pixels: an inch of SVG has 96."""

_STYLES: Final[tuple[dict[str, Any], ...]] = (
    {"color": "#0072B2", "marker": "o"},
    {"color": "#B35900", "marker": "s", "linestyle": "--"},
)
"""Two colours of Okabe and Ito's palette (the second darker), and two patterns: readable in black and white."""

_SETTINGS: Final[Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "timebank",
    "text.parse_math": False,
    "font.family": ["DejaVu Sans"],
    "font.size": 8,
    "axes.titlesize": 8.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": False,
}


@frozen
class Line:
    """What one side gave: for each place of the figure the values of its rounds."""

    name: str
    values: tuple[tuple[float, ...], ...]

    @property
    def medians(self) -> tuple[float, ...]:
        """One value for each place."""
        return tuple(statistics.median(each) for each in self.values)

    @property
    def worst(self) -> tuple[float, ...]:
        """The largest value of each place."""
        return tuple(max(each) for each in self.values)


@frozen
class Figure:
    """*lines* over *places*, whose axis says *along*; *unit* is that of the values.

    *is_worst*: the largest value of the rounds is drawn, not the median. *is_wide*: the values differ so much that
    their axis is logarithmic too.
    """

    slug: str
    title: str
    along: str
    places: tuple[int, ...]
    unit: str
    lines: tuple[Line, ...]
    is_worst: bool = False
    is_wide: bool = False


@frozen
class Kept:
    """What one scenario gave, where and by which command; *rows* are its table as it is printed."""

    machine: table.Machine
    command: str
    drawn_with: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    figures: tuple[Figure, ...]

    @classmethod
    def of(cls, machine: table.Machine, command: str, sheet: Sheet) -> Kept:
        """What *machine* has just measured."""
        return cls(machine, command, mpl.__version__, sheet.headings, sheet.rows, sheet.figures)


@frozen
class Sheet:
    """What a scenario leaves for the reference: a table, and drawings."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    figures: tuple[Figure, ...]


def keep(name: str, kept: Kept, folder: Path = FOLDER) -> None:
    """Write NAME.json and its drawings into *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    written = msgspec.json.format(msgspec.json.encode(kept), indent=1)
    (folder / f"{name}.json").write_bytes(written + b"\n")
    for figure in kept.figures:
        (folder / f"{figure.slug}.svg").write_text(drawn(figure), encoding="utf-8")


def kept_in(name: str, folder: Path = FOLDER) -> Kept:
    """What NAME.json says."""
    return msgspec.json.decode((folder / f"{name}.json").read_bytes(), type=Kept)


def as_page(kept: Kept) -> str:
    """The part of a reference page that says it: when, where and how, the table, the drawings."""
    images = (f"![{each.title}](figures/{each.slug}.svg)" for each in kept.figures)
    head = f"Measured by `{kept.command}`: {kept.machine}."
    return "\n".join([head, "", table.markdown_table(kept.headings, kept.rows), "", *images])


def drawn(figure: Figure) -> str:
    """The drawing as an SVG file, whose text stays text."""
    made = StringIO()
    with mpl.rc_context(_SETTINGS):
        canvas = Canvas(figsize=_INCHES)
        FigureCanvasSVG(canvas)
        # Fixed margins: what the labels measure, which differs between versions, moves nothing.
        _draw(canvas.add_axes((0.15, 0.2, 0.8, 0.66)), figure)
        canvas.savefig(made, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    return made.getvalue()


def _draw(axes: Axes, figure: Figure) -> None:
    for line, style in zip(figure.lines, _STYLES, strict=False):
        lows = [min(each) for each in line.values]
        middle = line.worst if figure.is_worst else line.medians
        axes.plot(figure.places, middle, label=line.name, markersize=3.5, linewidth=1.3, **style)
        if not figure.is_worst:
            axes.fill_between(figure.places, lows, line.worst, color=style["color"], alpha=0.18, linewidth=0)
    axes.set_xscale("log")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(figure.places, [_short(place) for place in figure.places])
    axes.set_xlabel(figure.along)
    if figure.is_wide:
        axes.set_yscale("log")
        axes.yaxis.set_minor_locator(NullLocator())
        axes.set_ylim(_decade(figure, floor, min), _decade(figure, ceil, max))
    else:
        axes.set_ylim(0, 1.15 * max(max(line.worst) for line in figure.lines))
    axes.yaxis.set_major_formatter("{x:,g}")
    axes.grid(axis="y", color="#ddd", linewidth=0.6)
    axes.set_title(f"{figure.title}, {figure.unit}", loc="left", x=-0.14)
    if len(figure.lines) > 1:
        axes.legend(frameon=False, loc="best", handlelength=2.2)


def _decade(figure: Figure, rounded: Callable[[float], int], of: Callable[..., float]) -> float:
    """The power of ten below or above everything that is drawn."""
    return 10.0 ** rounded(log10(of(of(line.worst) for line in figure.lines)))


def _short(count: int) -> str:
    """10 thousand as `10 k`: four of them have room below a drawing."""
    for size, name in ((1_000_000, " M"), (1_000, " k")):
        if count >= size and count % size == 0:
            return f"{count // size}{name}"
    return f"{count:,}"
