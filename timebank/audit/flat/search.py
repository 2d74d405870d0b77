"""The words by which an entry of a flat SQLite file is found."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from timebank.programme.goods import UNITS
from timebank.programme.organisations import ORGANISATIONS
from timebank.programme.shops import SHOPS
from timebank.programme.venues import VENUES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from timebank.audit.flat.source import Source
    from timebank.ledger.store import Table

_CHINESE: Final = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]{2,}")
_PARTS: Final = (2, 3, 4)
"""Lengths of the parts of Chinese text that are words of their own: it has no spaces to tell them apart."""
_UNSAID: Final = frozenset(("request",))


def names_of(source: Source) -> dict[str, str]:
    """What people call organisations, shops, venues and goods, by id."""
    called: dict[str, str] = {}
    tables: tuple[Table[Any], ...] = (ORGANISATIONS, VENUES, SHOPS)
    for table in tables:
        called |= {each.id: each.name for each in source.books.rows(table)}
    return called | {unit.code.lower(): f"{unit.zh} {unit.en}" for unit in source.books.rows(UNITS)}


def words_of(members: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """The words of an entry: its kind, ids, texts, and the names of what its ids stand for; each once."""
    said = [members[name] for name in ("kind", "day", "by", "ok", "key") if name in members]
    body = {name: value for name, value in members["body"].items() if name not in _UNSAID}
    said += _texts(body)
    for debit, credit, unit, _ in members.get("move", ()):
        said += (debit.rpartition(":")[2].lower(), credit.rpartition(":")[2].lower(), unit.lower())
    said += [names[word] for word in dict.fromkeys(said) if word in names]
    said += [part for text in said for run in _CHINESE.findall(text) for part in _parts(run)]
    return " ".join(dict.fromkeys(said))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _parts(run: str) -> Iterator[str]:
    for length in _PARTS:
        for first in range(len(run) - length + 1):
            yield run[first : first + length]
