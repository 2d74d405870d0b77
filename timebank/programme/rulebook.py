"""The rulebook (积分细则): which services earn how many points, in TOML, adopted as an entry from a day.

    name = "village-points"
    title.zh = "积分细则"
    title.en = "Rules of points"

    [service.patrol]
    zh = "巡逻值守"
    en = "Patrol, flood or fire watch"
    per = "hour"            # or "occasion"
    points = 3

Points by the hour are minutes × points ÷ 60, rounded down to whole points; minutes are kept whole.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, Literal

from attrs import frozen

from timebank.errors import (
    BadCode,
    BadText,
    FileMissing,
    MeasureWrong,
    NoRulebook,
    NotCanonical,
    NotInOrder,
    RulebookInvalid,
    UnknownService,
)
from timebank.ledger.codes import check_amount
from timebank.ledger.entries import Draft, check_day, check_slug, kept_entry
from timebank.ledger.store import Table
from timebank.programme.roles import check_allowed, check_operators
from timebank.programme.text import check_name
from timebank.tlog import canonical

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from timebank.ledger.entries import Entry
    from timebank.ledger.journal import Journal, Posted
    from timebank.ledger.store import Reader, Writer

MOST_MINUTES: Final = 24 * 60
MOST_OCCASIONS: Final = 100
MOST_POINTS: Final = 10_000
_MINUTES_PER_HOUR: Final = 60


@frozen
class Service:
    """A row of the rulebook: *points* for each hour or each occasion."""

    id: str
    zh: str
    en: str
    per: Literal["hour", "occasion"]
    points: int

    def award(self, *, minutes: int | None, occasions: int | None) -> int:
        """The points for this much of the service. Raises MeasureWrong, BadAmount.

        By the hour *minutes* are needed (1 to 1,440) and *occasions* do not belong; by the occasion *occasions*
        are needed (1 to 100) and *minutes* may say how long it took.
        """
        if self.per == "hour":
            if minutes is None or occasions is not None:
                raise MeasureWrong(self.id, "minutes")
            return check_minutes(minutes) * self.points // _MINUTES_PER_HOUR
        if occasions is None:
            raise MeasureWrong(self.id, "occasions")
        return check_occasions(occasions) * self.points


def check_minutes(value: object) -> int:
    """Return *value* if it is 1 to 1,440 whole minutes."""
    return check_amount("minutes", value, most=MOST_MINUTES)


def check_occasions(value: object) -> int:
    """Return *value* if it is 1 to 100 occasions."""
    return check_amount("occasions", value, most=MOST_OCCASIONS)


@frozen
class Rulebook:
    """What a rulebook's text says."""

    name: str
    zh: str
    en: str
    services: tuple[Service, ...]

    def service(self, service: str, day: date) -> Service:
        """The row *service*; raises UnknownService, which lists the rows there are."""
        for row in self.services:
            if row.id == service:
                return row
        raise UnknownService(service, day.isoformat(), ", ".join(row.id for row in self.services))


@frozen
class RulebookRecord:
    """A rulebook adopted by entry *seq*, in force from *from_day* until a later one is."""

    from_day: str
    seq: int
    name: str


RULEBOOKS: Final = Table("rulebook", RulebookRecord, ("from_day", "seq"))


def shipped_rulebook(name: str = "village-points") -> str:
    """The text of a rulebook that comes with timebank; raises FileMissing."""
    check_slug("rulebook", name)
    file = files("timebank").joinpath("data", f"{name}.toml")
    if not file.is_file():
        raise FileMissing(f"{name}.toml")
    return file.read_text(encoding="utf-8")


def rulebook_lines(text: str) -> tuple[str, ...]:
    """The lines of a rulebook's *text*, as an entry can hold them. Raises RulebookInvalid."""
    if not isinstance(text, str):
        raise RulebookInvalid(0, "it is no text")
    lines = tuple(line.removesuffix("\r") for line in text.removesuffix("\n").split("\n"))
    for number, line in enumerate(lines, start=1):
        if "\t" in line:
            raise RulebookInvalid(number, "a tab: use spaces")
        try:
            canonical.check({"line": line})
        except NotCanonical as error:
            raise RulebookInvalid(number, error.reason) from error
    return lines


def parse_rulebook(text: str) -> Rulebook:
    """The rulebook in *text*. Raises RulebookInvalid with the line and the reason."""
    source = _Source(rulebook_lines(text))
    try:
        data = tomllib.loads("\n".join(source.lines) + "\n")
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise RulebookInvalid(int(line[1]) if line else 0, str(error)) from error
    source.check_names("the rulebook", data, {"name", "title", "service"}, "")
    source.check_names("title", data["title"], {"zh", "en"}, "")
    rows = data["service"]
    if not isinstance(rows, dict) or not rows:
        raise RulebookInvalid(0, "there is no [service.NAME]")
    return Rulebook(
        source.checked("", "name", lambda: check_slug("name", data["name"])),
        source.checked("", "title.zh", lambda: check_name("zh", data["title"]["zh"])),
        source.checked("", "title.en", lambda: check_name("en", data["title"]["en"])),
        tuple(_service(source, name, row) for name, row in rows.items()),
    )


@frozen
class _Source:
    """A rulebook's lines, to say where something is wrong."""

    lines: tuple[str, ...]

    def line_of(self, section: str, name: str = "") -> int:
        """The line of *name* in [*section*], or of the section; 0 where neither is written so."""
        header = 0
        for number, line in enumerate(self.lines, start=1):
            if line.lstrip().startswith("["):
                if header:
                    break
                header = number if re.match(rf"\s*\[\s*{re.escape(section)}\s*\]", line) else 0
            elif (header or not section) and name and re.match(rf"\s*{re.escape(name)}\b", line):
                return number
        return header

    def check_names(self, what: str, data: Any, names: set[str], section: str) -> None:
        """Raise RulebookInvalid unless *data* is a table with exactly these *names*."""
        if not isinstance(data, dict):
            raise RulebookInvalid(self.line_of(section, what), f"{what} is no table")
        for name in sorted(names - data.keys()):
            raise RulebookInvalid(self.line_of(section), f"{what} lacks {name}")
        for name in sorted(data.keys() - names):
            raise RulebookInvalid(
                self.line_of(section, name), f"{what} has {name}, which this version does not know"
            )

    def checked(self, section: str, name: str, check: Callable[[], str]) -> str:
        """What *check* answers; its error at the line of *name*."""
        try:
            return check()
        except (BadCode, BadText) as error:
            raise RulebookInvalid(self.line_of(section, name), str(error)) from error


def _service(source: _Source, name: str, row: Any) -> Service:
    section = f"service.{name}"
    source.check_names(f"service {name}", row, {"zh", "en", "per", "points"}, section)
    if row["per"] not in ("hour", "occasion"):
        raise RulebookInvalid(source.line_of(section, "per"), f"service {name}: per is neither hour nor occasion")
    if type(row["points"]) is not int or not 1 <= row["points"] <= MOST_POINTS:
        raise RulebookInvalid(
            source.line_of(section, "points"),
            f"service {name}: points are no whole number from 1 to {MOST_POINTS}",
        )
    return Service(
        source.checked(section, "", lambda: check_slug("service", name)),
        source.checked(section, "zh", lambda: check_name("zh", row["zh"])),
        source.checked(section, "en", lambda: check_name("en", row["en"])),
        row["per"],
        row["points"],
    )


@lru_cache(maxsize=64)
def _parsed(leaf: bytes) -> Rulebook:
    """The rulebook of an adopted entry; a leaf never changes, so its meaning is kept."""
    return parse_rulebook("\n".join(kept_entry(1 << 53, leaf).body["text"]))


def rulebook_on(books: Reader, day: date) -> tuple[int, Rulebook]:
    """The rulebook in force on *day* and the entry that adopted it; raises NoRulebook."""
    record = books.latest(RULEBOOKS, upto=day.isoformat())
    if record is None:
        first = next(books.rows(RULEBOOKS), None)
        raise NoRulebook(day.isoformat(), "-" if first is None else first.from_day)
    return record.seq, _parsed(books.leaf(record.seq))


@frozen
class Rulebooks:
    """The desk for rulebooks."""

    _journal: Journal

    def adopt(self, text: str, *, from_day: date, by: str, key: str | None = None) -> Posted:
        """Put the rulebook *text* (TOML) in force from *from_day*, until a later one is.

        What was awarded before stays as it was. Raises RulebookInvalid, or NotInOrder if a rulebook adopted
        before comes into force on the same day or later.
        """
        book, lines = parse_rulebook(text), rulebook_lines(text)
        check_day("from_day", from_day)
        check_operators(by)
        request = ("rulebook", lines, from_day.isoformat(), by)
        with self._journal.writing() as write:
            if done := write.already(key, request):
                return done
            check_allowed(write.books, "organise", by)
            latest = write.books.latest(RULEBOOKS, upto="9999-12-31")
            if latest is not None and latest.from_day >= from_day.isoformat():
                raise NotInOrder("rulebook", from_day.isoformat(), latest.from_day)
            body = {"rulebook": book.name, "from": from_day.isoformat(), "text": list(lines)}
            draft = Draft(kind="rulebook", day=write.today(), by=by, body=body)
            return write.append(draft, key=key, request=request)

    def on(self, day: date) -> Rulebook:
        """The rulebook in force on *day*; raises NoRulebook."""
        with self._journal.reading() as books:
            return rulebook_on(books, check_day("day", day))[1]

    def all(self) -> tuple[RulebookRecord, ...]:
        """All adopted rulebooks, by the day from which they are in force."""
        with self._journal.reading() as books:
            return tuple(books.rows(RULEBOOKS))


def project_rulebook(entry: Entry, books: Writer) -> None:
    """Keep from which day the rulebook is in force."""
    books.put(RULEBOOKS, RulebookRecord(entry.body["from"], entry.seq, entry.body["rulebook"]))
