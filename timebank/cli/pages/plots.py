"""Drawings of the programme report, made by matplotlib as SVG whose text stays text.

Axes begin at zero and say their unit. Two colours of Okabe and Ito's palette differ in lightness and in pattern,
so that the colour-blind and readers of a black-and-white print can tell them apart. The same numbers give the same
bytes.
"""

from __future__ import annotations

import re
import warnings
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from timebank.cli.output import width
from timebank.cli.pages.document import FONTS, Drawing
from timebank.cli.pages.tables import escaped, printable
from timebank.errors import ExtraMissing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes

_DARK: Final = "#0072B2"
_LIGHT: Final = "#E69F00"
_MEASURING: Final = "DejaVu Sans"
"""The font that comes with matplotlib, so that it measures the same everywhere; the page names its own."""

_SETTINGS: Final[Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "timebank",
    "text.parse_math": False,
    "font.family": [_MEASURING],
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": False,
    "hatch.linewidth": 0.8,
}
_WIDTH_INCHES: Final = 7.2
_INCHES_PER_COLUMN: Final = 0.085
"""About what half a Chinese character, or a Latin letter, takes at 10 points: the reader's font is not known."""

_MOST_LABELLED: Final = 14
_MOST_NUMBERED: Final = 16
MOST_KINDS: Final = 16
"""How many kinds a drawing shows; the table beside it shows them all."""

_LONGEST: Final = 28


@frozen
class Bars:
    """Numbers by *labels*, in one or two *series* with their names; *unit* is what the numbers are."""

    key: str
    title: str
    labels: Sequence[str]
    series: Sequence[tuple[str, Sequence[float]]]
    unit: str


def upright(bars: Bars) -> Drawing:
    """Bars side by side, as over months or years."""
    return Drawing(bars.title, _svg(bars, _WIDTH_INCHES / 2.3, lambda axes: _draw_upright(axes, bars)))


def lying(bars: Bars) -> Drawing:
    """Bars below one another, the first on top: for kinds with long names."""
    height = 0.9 + 0.3 * min(len(bars.labels), MOST_KINDS)
    return Drawing(bars.title, _svg(bars, height, lambda axes: _draw_lying(axes, bars)))


def _draw_upright(axes: Axes, bars: Bars) -> None:
    places = range(len(bars.labels))
    share = 0.8 / len(bars.series)
    styles: tuple[dict[str, Any], ...] = ({"color": _DARK}, {"color": _LIGHT, "hatch": "///", "edgecolor": "#000"})
    for number, ((name, values), style) in enumerate(zip(bars.series, styles, strict=False)):
        at = [place - 0.4 + share * (number + 0.5) for place in places]
        drawn = axes.bar(at, values, width=share * 0.92, label=printable(name), linewidth=0.8, **style)
        if len(bars.labels) * len(bars.series) <= _MOST_NUMBERED:
            axes.bar_label(drawn, [f"{value:,.0f}" for value in values], padding=2, fontsize=7.5)
    step = -(-len(bars.labels) // _MOST_LABELLED)
    slanted = len(bars.labels) > 6
    axes.set_xticks(
        list(places)[::step],
        [printable(label) for label in bars.labels][::step],
        rotation=40 if slanted else 0,
        ha="right" if slanted else "center",
        rotation_mode="anchor",
    )
    axes.set_ylim(0, _top(bars) * 1.12)
    axes.set_ylabel(printable(bars.unit))
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.grid(axis="y", color="#ccc", linewidth=0.6)
    top, bottom = 0.9 if len(bars.series) > 1 else 0.98, 0.2 if slanted else 0.1
    axes.figure.subplots_adjust(left=0.11, right=0.99, top=top, bottom=bottom)
    if len(bars.series) > 1:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, frameon=False, borderaxespad=0.2)


def _draw_lying(axes: Axes, bars: Bars) -> None:
    labels = [_short(printable(label)) for label in bars.labels][:MOST_KINDS]
    values = bars.series[0][1][:MOST_KINDS]
    drawn = axes.barh(range(len(labels)), values, height=0.7, color=_DARK)
    axes.bar_label(drawn, [f"{value:,.0f}" for value in values], padding=3, fontsize=8)
    axes.set_yticks(range(len(labels)), labels)
    axes.invert_yaxis()
    axes.set_xlim(0, _top(bars) * 1.1)
    axes.set_xlabel(printable(bars.unit))
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.grid(axis="x", color="#ccc", linewidth=0.6)
    left = 0.15 + _INCHES_PER_COLUMN * max(width(label) for label in labels)
    height = axes.figure.get_figheight()  # type: ignore[union-attr]
    axes.figure.subplots_adjust(left=left / _WIDTH_INCHES, right=0.98, top=1 - 0.05 / height, bottom=0.6 / height)


def _top(bars: Bars) -> float:
    return max([1.0, *(value for _, values in bars.series for value in values)])


def _short(label: str) -> str:
    if width(label) <= _LONGEST:
        return label
    while width(label) > _LONGEST - 1:
        label = label[:-1]
    return label + "…"


def _svg(bars: Bars, height_inches: float, draw: Callable[[Axes], None]) -> str:
    """The drawing's element. Raises ExtraMissing without `timebank[report]`."""
    try:
        import matplotlib as mpl
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ExtraMissing("report", "matplotlib") from error
    made = StringIO()
    # The font that it measures with has no Chinese, and says so; the margins above are made without it.
    with mpl.rc_context(_SETTINGS), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        figure = Figure(figsize=(_WIDTH_INCHES, height_inches))
        FigureCanvasSVG(figure)
        draw(figure.subplots())
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(made, format="svg", metadata=nothing)
    return _embedded(made.getvalue(), bars)


def _embedded(svg: str, bars: Bars) -> str:
    """*svg* as part of a page: no prologue, the page's fonts, ids that no other drawing on it has."""
    svg = svg[svg.index("<svg") :].rstrip()
    svg = re.sub(rf"'{_MEASURING}'[^;\"]*", FONTS, svg)
    svg = re.sub(r'\bid="', f'id="{bars.key}-', svg)
    svg = re.sub(r'(xlink:href="#|url\(#)', rf"\g<1>{bars.key}-", svg)
    svg = re.sub(r'<svg [^>]*?viewBox="([^"]*)"[^>]*>', r'<svg viewBox="\1" @>', svg, count=1)
    label = f'role="img" aria-label="{escaped(bars.title)}" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return svg.replace("@>", f"{label}>", 1)
