"""The rulebook (积分细则): adopted as an entry from a day, and the one in force on a day.

What a text says is in `rulebook_terms`, how it is read in `rulebook_text`.
"""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from attrs import frozen

from timebank.errors import ExpiryOutOfOrder, FileMissing, NoRulebook, NotInOrder
from timebank.ledger.entries import END_OF_DAYS, Draft, check_day, check_slug, kept_entry
from timebank.ledger.store import Table
from timebank.programme.roles import check_allowed, check_operators
from timebank.programme.rulebook_source import rulebook_lines
from timebank.programme.rulebook_terms import (
    MOST_MINUTES,
    MOST_OCCASIONS,
    Rulebook,
    Service,
)
from timebank.programme.rulebook_text import parse_rulebook

if TYPE_CHECKING:
    from datetime import date

    from timebank.ledger.entries import Entry
    from timebank.ledger.journal import Journal, Posted
    from timebank.ledger.store import Reader, Writer

__all__ = [
    "MOST_MINUTES",
    "MOST_OCCASIONS",
    "RULEBOOKS",
    "Rulebook",
    "RulebookRecord",
    "Rulebooks",
    "Service",
    "parse_rulebook",
    "project_rulebook",
    "rulebook_of",
    "rulebook_on",
    "shipped_rulebook",
]

_A_DAY: Final = timedelta(days=1)


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
    return file.read_bytes().decode()


@lru_cache(maxsize=64)
def _parsed(seq: int, leaf: bytes) -> Rulebook:
    """The rulebook that entry *seq* adopted; a leaf never changes, so its meaning is kept."""
    return parse_rulebook("\n".join(kept_entry(seq, leaf).body["text"]))


def rulebook_on(books: Reader, day: date) -> tuple[int, Rulebook]:
    """The rulebook in force on *day* and the entry that adopted it; raises NoRulebook."""
    record = books.latest(RULEBOOKS, upto=day.isoformat())
    if record is None:
        first = next(books.rows(RULEBOOKS), None)
        raise NoRulebook(day.isoformat(), "-" if first is None else first.from_day)
    return record.seq, rulebook_of(books, record)


def rulebook_of(books: Reader, record: RulebookRecord) -> Rulebook:
    """The rulebook that *record* says was adopted."""
    return _parsed(record.seq, books.leaf(record.seq))


def _check_expiry(before: Rulebook, book: Rulebook, from_day: date) -> None:
    """Raise ExpiryOutOfOrder if points earned under *book* would lapse before some earned under the one *before*.

    Points earned later never lapse first: what has lapsed is then known from totals alone, without lots. Within a
    rulebook it is so; between two, the days on both sides of *from_day* decide.
    """
    expires, earlier = book.rules.expires(from_day), before.rules.expires(from_day - _A_DAY)
    if expires is not None and (earlier is None or expires < earlier):
        never_or_day = "never" if earlier is None else earlier.isoformat()
        raise ExpiryOutOfOrder(from_day.isoformat(), expires.isoformat(), never_or_day)


@frozen
class Rulebooks:
    """The desk for rulebooks."""

    _journal: Journal

    def adopt(self, text: str, *, from_day: date, by: str, key: str | None = None) -> Posted:
        """Put the rulebook *text* (TOML) in force from *from_day*, until a later one is.

        What was awarded before stays as it was. Raises RulebookInvalid, or NotInOrder if a rulebook adopted
        before comes into force on the same day or later, or ExpiryOutOfOrder if points earned from then on would
        lapse before those earned the day before.
        """
        book, lines = parse_rulebook(text), rulebook_lines(text)
        check_day("from_day", from_day)
        check_operators(by)
        request = ("rulebook", lines, from_day.isoformat(), by)
        with self._journal.writing() as write:
            if done := write.already(key, request):
                return done
            check_allowed(write.books, "organise", by)
            latest = write.books.latest(RULEBOOKS, upto=END_OF_DAYS)
            if latest is not None and latest.from_day >= from_day.isoformat():
                raise NotInOrder("rulebook", from_day.isoformat(), latest.from_day)
            if latest is not None:
                _check_expiry(rulebook_of(write.books, latest), book, from_day)
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
