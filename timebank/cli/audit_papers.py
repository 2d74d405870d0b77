"""Working papers as tables, and with stable names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from timebank.cli.language import say, word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from timebank.audit.reperform import Papers
    from timebank.audit.reperform.found import Checked

_NAMES: Final = {"kind": "kind", "act": "act", "name": "audit-total"}
"""Texts that people have words for, and the section of these."""
_NUMBERED: Final = ("last_count",)
_PLAIN: Final = ("shop", "good", "service", "unit", "month", *_NAMES)
_COLUMNS: Final = {
    "awards": ("service", "awards", "stated", "recomputed", "difference"),
    "redemptions": ("shop", "redemptions", "taken", "at_price", "difference"),
    "stock": (
        *("shop", "good", "received", "moved", "handed_out", "returned", "written_off", "counted", "closing"),
        *("balance", "difference", "held", "last_count"),
    ),
    "settlements": (
        *("shop", "settlements", "taken", "returned", "settled", "paid", "unpaid", "balance", "difference"),
    ),
    "flows": ("unit", "kind", "entries", "to_members", "from_members", "change"),
    "control": ("act", "entries", "approved", "alone"),
    "periods": ("month", "closed", "reopened", "late"),
    "totals": ("name", "unit", "by_papers", "by_accounts", "difference"),
}
_OWN_NAMES: Final = {"settled": "stated", "alone": "difference"}
"""Columns whose head says more than the name of what stands under it."""

Sheet = tuple[str, "Checked | None", list[str], list[list[str]]]


def paper_sheets(papers: Papers) -> Iterator[Sheet]:
    """For each paper its title, what was looked at, heads and rows; the proof of totals last."""
    for name, columns in _COLUMNS.items():
        paper = getattr(papers, name)
        heads = [("" if column in _PLAIN else ">") + say("audit-head", column) for column in columns]
        if name == "totals":
            yield say("cli", "audit-totals"), None, heads, _rows(paper, columns)
            continue
        checked: Checked = paper.checked
        said = say("cli", "audit-paper", title=say("audit-paper", name), count=checked.count, wrong=checked.wrong)
        yield said, checked, heads, _rows(paper.rows, columns)


def _rows(rows: Sequence[Any], columns: Sequence[str]) -> list[list[str]]:
    return [[_cell(row, column) for column in columns] for row in rows]


def _cell(row: Any, column: str) -> str:
    value = getattr(row, _OWN_NAMES.get(column, column))
    if isinstance(value, int) and column not in _NUMBERED:
        return f"{value:,}"
    if column in _NAMES:
        return word(_NAMES[column], value)
    return "" if value is None else printable(str(value))


def printable(text: str) -> str:
    """*text* without what a terminal would obey: it may come from a file that somebody prepared."""
    return text if text.isprintable() else text.encode("unicode_escape").decode()


def seqs_in_words(count: int, seqs: Sequence[int]) -> str:
    """The numbers of entries, and how many more there are."""
    shown = say("cli", "comma").join(map(str, seqs))
    more = count - len(seqs)
    return say("cli", "audit-seqs-more", seqs=shown, more=more) if more else say("cli", "audit-seqs", seqs=shown)


def papers_json(papers: Papers) -> dict[str, Any]:
    """The papers: for each what was checked, and its rows; the proof of totals as rows alone."""
    made: dict[str, Any] = {}
    for name in _COLUMNS:
        paper = getattr(papers, name)
        if name == "totals":
            made[name] = [_row_json(row) for row in paper]
            continue
        checked: Checked = paper.checked
        made[name] = {
            "checked": checked.count,
            "wrong": checked.wrong,
            "seqs": list(checked.seqs),
            "rows": [_row_json(row) for row in paper.rows],
        }
    return made


def _row_json(row: Any) -> dict[str, Any]:
    """A row's fields, and what follows from them."""
    follows = [name for name, value in vars(type(row)).items() if isinstance(value, property)]
    return {**attrs.asdict(row), **{name: getattr(row, name) for name in follows}}
