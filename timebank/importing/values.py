"""What stands in a cell, read as people write it: 2026年3月1日, ２小时, 1,200, 个人."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Final

from timebank.errors import CellWrong

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from timebank.importing.tables import Cell

    Parse = Callable[["Cell"], str | int | date]

_DAY: Final = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(\s+0{1,2}:00(:00)?)?", re.ASCII
)
_DAY_OF_DIGITS: Final = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_WHOLE: Final = re.compile(r"(\d{1,3}(,\d{3})+|\d{1,15})(\.0+)?", re.ASCII)
_HOURS: Final = re.compile(r"(\d{1,4})(?:\.(\d{1,4}))?", re.ASCII)
_TIME: Final = re.compile(r"(\d{1,2})[:：时点](\d{2})分?(:00)?", re.ASCII)
_MINUTES_PER_HOUR: Final = 60
_COUNTED: Final = ("积分", "分", "点", "次", "件", "个")
_MINUTES: Final = ("分钟", "分")
_HOUR: Final = ("小时",)

AMBIGUOUS: Final = ""
"""Stands for a name that more than one thing has."""


def text_of(cell: Cell) -> str:
    """A cell's text in half-width characters; a whole number as its digits, a day as YYYY-MM-DD."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    return unicodedata.normalize("NFKC", str(cell)).strip()


def day(cell: Cell) -> date:
    """A day: 2026-03-01, 2026/3/1, 2026.3.1, 2026年3月1日, 20260301, or a spreadsheet's date. Raises CellWrong."""
    if isinstance(cell, datetime):
        cell = cell.date() if cell.time() == time() else None
    if isinstance(cell, date):
        return cell
    typed = text_of(cell)
    found = _DAY.fullmatch(typed) or _DAY_OF_DIGITS.fullmatch(typed)
    try:
        if found is not None:
            return date(*(int(part) for part in found.groups()[:3]))
    except ValueError:
        pass
    raise CellWrong(typed[:80], "day")


def whole(cell: Cell) -> int:
    """A whole number of points, times or pieces: 30, 1,200, 30.0, ３０, 30分, 30件. Raises CellWrong."""
    return _whole(cell, _COUNTED)


def minutes(cell: Cell) -> int:
    """A whole number of minutes: 90, 90分钟, 90分. Raises CellWrong, where another unit is named too."""
    return _whole(cell, _MINUTES)


def hours(cell: Cell) -> int:
    """Hours as whole minutes: 2, 1.5, 2小时. Raises CellWrong for what is no whole number of minutes."""
    typed = _without_unit(text_of(cell), _HOUR)
    found = _HOURS.fullmatch(typed)
    if found is None:
        raise CellWrong(text_of(cell)[:80], "hours")
    fraction = found[2] or "0"
    parts, rest = divmod(int(fraction) * _MINUTES_PER_HOUR, 10 ** len(fraction))
    if rest:
        raise CellWrong(text_of(cell)[:80], "hours")
    return int(found[1]) * _MINUTES_PER_HOUR + int(parts)


def duration(cell: Cell) -> int:
    """A length of time that names its unit: 90分钟, 1.5小时, 2小时30分. Raises CellWrong where it names none."""
    typed = text_of(cell)
    head, unit, tail = typed.partition("小时")
    if unit:
        return hours(head) + (minutes(tail) if tail else 0)
    if typed.endswith(_MINUTES):
        return minutes(typed)
    raise CellWrong(typed[:80], "duration")


def clock(cell: Cell) -> str:
    """A time of day as HH:MM: 9:05, 14时30分, or a spreadsheet's time. Raises CellWrong."""
    if isinstance(cell, time):
        return cell.strftime("%H:%M")
    found = _TIME.fullmatch(text_of(cell))
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise CellWrong(text_of(cell)[:80], "clock")
    return f"{int(found[1]):02}:{found[2]}"


def code(cell: Cell) -> str:
    """An id, a card number or a name: the cell's text. Raises CellWrong where there is none."""
    typed = text_of(cell)
    if not typed:
        raise CellWrong("", "text")
    return typed


def one_of(names: Mapping[str, str], what: str) -> Parse:
    """What reads an id, or the name that people call it by; a name of two things has to be told apart by id."""

    def read(cell: Cell) -> str:
        typed = code(cell)
        found = names.get(typed, typed)
        if found == AMBIGUOUS:
            raise CellWrong(typed[:80], what)
        return found

    return read


def by_name(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """From (id, name) pairs: what finds an id by itself or by its name."""
    names: dict[str, str] = {}
    for each, name in pairs:
        names[name] = AMBIGUOUS if names.get(name, each) != each else each
    return names | {each: each for each, _ in pairs}


def _whole(cell: Cell, units: tuple[str, ...]) -> int:
    found = _WHOLE.fullmatch(_without_unit(text_of(cell), units))
    if found is None:
        raise CellWrong(text_of(cell)[:80], "whole")
    return int(found[1].replace(",", ""))


def _without_unit(typed: str, units: tuple[str, ...]) -> str:
    unit = next((unit for unit in units if typed.endswith(unit)), "")
    return typed.removesuffix(unit).strip()
