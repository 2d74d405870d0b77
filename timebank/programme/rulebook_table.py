"""One table of a rulebook's TOML: each key read as what it has to be; if it is not, that is noted."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from timebank.errors import BadCode, BadText
from timebank.ledger.entries import check_slug
from timebank.programme.text import MOST_NAME, check_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from timebank.programme.rulebook_source import Path, Source

_NEEDED: Final[Any] = object()
_A_LONG_VALUE: Final = 40
_PAIR: Final = 2


@frozen
class Reading:
    """A table at *path*. What a read answers has no meaning where it leaves a problem in *source*."""

    source: Source
    path: Path
    data: dict[str, Any]
    is_table: bool = True
    known: set[str] = field(factory=set)

    @classmethod
    def of(cls, source: Source, path: Path, data: object) -> Reading:
        """The table *data*; an empty one, with a problem, if it is none."""
        table = data if isinstance(data, dict) else {}
        if table is not data:
            source.wrong(path, "no-table")
        return cls(source, path, table, is_table=table is data)

    def wrong(self, name: str, problem: str, **facts: object) -> None:
        """Note a problem with the key *name*."""
        self.source.wrong(self.path, problem, name, name=name, **facts)

    def find(self, name: str) -> Any:
        """What stands under *name*; None if it is not there."""
        self.known.add(name)
        return self.data.get(name)

    def get(self, name: str, default: Any = _NEEDED) -> Any:
        """What stands under *name*; None if it is not there, which is a problem unless it has a *default*."""
        if name not in self.data and default is _NEEDED and self.is_table:
            self.source.wrong(self.path, "missing", name=name)
        return self.find(name)

    def whole(self, name: str, least: int, most: int, default: Any = _NEEDED) -> Any:
        """A whole number from *least* to *most*."""
        value = self.get(name, default)
        if value is None:
            return default
        return self._number(name, value, least, most)

    def choice(self, name: str, known: tuple[str, ...], default: Any = _NEEDED) -> Any:
        """One of the words *known*."""
        value = self.get(name, default)
        if value is None:
            return default
        if value not in known:
            self.wrong(name, "no-choice", value=_shown(value), known=", ".join(known))
        return value

    def choices(self, name: str, known: tuple[str, ...], default: Any = _NEEDED) -> Any:
        """A list of one or more of the words *known*, each once; of any ids where there are no *known*."""
        value = self.get(name, default)
        if value is None:
            return default
        fits = known.__contains__ if known else _is_slug
        if not isinstance(value, list) or not value or not all(map(fits, value)):
            self.wrong(name, "no-choices" if known else "no-ids", known=", ".join(known))
            return default
        if len(set(value)) < len(value):
            self.wrong(name, "named-twice")
        return tuple(value)

    def flag(self, name: str) -> bool:
        """True or false; false where it is not said."""
        value = self.find(name)
        if value is not None and type(value) is not bool:
            self.wrong(name, "no-flag", value=_shown(value))
        return value is True

    def day(self, name: str) -> date:
        """A day, written without quotation marks."""
        value = self.get(name)
        if type(value) is date:
            return value
        if value is not None:
            self.wrong(name, "no-day", value=_shown(value))
        return date.min

    def name(self, name: str) -> str:
        """A public name."""
        value = self.get(name)
        if value is not None:
            try:
                check_name(name, value)
            except BadText:
                self.wrong(name, "no-name", value=_shown(value), most=MOST_NAME)
        return str(value)

    def slug(self, name: str) -> str:
        """An id."""
        value = self.get(name)
        if value is not None and not _is_slug(value):
            self.wrong(name, "no-id", value=_shown(value))
        return str(value)

    def numbers(self, name: str, count: int, most: int, default: tuple[int, ...]) -> tuple[int, ...]:
        """Exactly *count* whole numbers from 1 to *most*."""
        value = self.find(name)
        if value is None:
            return default
        if not isinstance(value, list) or len(value) != count:
            self.wrong(name, "no-numbers", count=count)
            return default
        return tuple(self._number(name, each, 1, most) for each in value)

    def pairs(self, name: str, most: int, default: Any = _NEEDED) -> Any:
        """A list of one or more pairs: an id, each once, and a whole number from 1 to *most*."""
        value = self.get(name, default)
        if value is None:
            return default
        if not isinstance(value, list) or not value or not all(map(_is_pair, value)):
            self.wrong(name, "no-pairs")
            return default
        ids = [each for each, _ in value]
        if len(set(ids)) < len(ids):
            self.wrong(name, "named-twice")
        return tuple((each, self._number(name, number, 1, most)) for each, number in value)

    def rows(self, name: str) -> Iterator[tuple[str, Reading]]:
        """The tables [*name*.ID], each with its id."""
        table = self.find(name)
        for row, data in Reading.of(self.source, (name,), {} if table is None else table).data.items():
            reading = Reading.of(self.source, (name, row), data)
            if not _is_slug(row):
                self.source.wrong(reading.path, "no-id", name=name, value=_shown(row))
            yield row, reading
            reading.end()

    def tables(self, name: str) -> Iterator[Reading]:
        """The tables [[*name*]] in their order."""
        listed = self.find(name)
        if isinstance(listed, list):
            for place, data in enumerate(listed):
                reading = Reading.of(self.source, (name, place), data)
                yield reading
                reading.end()
        elif listed is not None:
            self.wrong(name, "no-tables")

    def end(self) -> None:
        """Note every key that was not asked for: a slip of the finger is no rule that nobody wrote."""
        for name in self.data:
            if name not in self.known:
                self.wrong(name, "unknown-key")

    def _number(self, name: str, value: object, least: int, most: int) -> int:
        if type(value) is int and least <= value <= most:
            return value
        self.wrong(name, "no-number", value=_shown(value), least=least, most=most)
        return least


def _is_slug(value: object) -> bool:
    try:
        check_slug("id", value)
    except BadCode:
        return False
    return True


def _is_pair(value: object) -> bool:
    return isinstance(value, list) and len(value) == _PAIR and _is_slug(value[0])


def _shown(value: object) -> str:
    """*value*, shortened, as a reader would find it in the text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        return "{...}" if isinstance(value, dict) else "[...]"
    text = str(value)
    return text if len(text) <= _A_LONG_VALUE else text[: _A_LONG_VALUE - 3] + "..."
