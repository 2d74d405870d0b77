"""A book written out for another tool: the one order of its parts, whatever the tool's spelling is."""

from __future__ import annotations

import base64
from itertools import groupby
from typing import TYPE_CHECKING, Protocol

from timebank.audit.export.assertions import Balances
from timebank.audit.export.months import Month
from timebank.audit.export.names import percent_encoded
from timebank.audit.export.survey import survey_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from timebank.audit.export.survey import Place, Survey
    from timebank.ledger.entries import Entry
    from timebank.ledger.store import Reader


class Form(Protocol):
    """How one family of tools writes a book; each method answers lines."""

    def head(self, survey: Survey) -> Iterator[str]:
        """What stands above the entries: comments and declarations."""
        ...

    def opening(self, survey: Survey) -> Iterator[str]:
        """What the accounts held before the first entry."""
        ...

    def entry(self, entry: Entry, leaf_hash: bytes) -> Iterator[str]:
        """An entry."""
        ...

    def month_end(self, month: Month, lines: list[tuple[Place, int]], balances: Balances) -> Iterator[str]:
        """What the accounts on *lines* hold at the end of *month*, all entries counted so far."""
        ...


def write_book(books: Reader, out: TextIO, form: Form, *, month: Month | None = None) -> Survey:
    """Write the journal, or one *month* of it, to *out*, entry by entry; answers what was written.

    The memory that it takes grows with the accounts, and by 8 bytes for each entry. *books* must be one
    consistent view. Raises FileDamaged, DayNotExportable.
    """
    survey = survey_of(books, month)
    _put(out, form.head(survey))
    _put(out, form.opening(survey))
    balances = Balances(dict(survey.opening))
    ended = None
    for now, entries in groupby(survey.walk(books), key=lambda each: Month.of(each[0].day)):
        for entry, leaf_hash in entries:
            _put(out, form.entry(entry, leaf_hash))
            balances.add(entry.moves)
        _put(out, form.month_end(now, balances.close_month(), balances))
        ended = now
    if month is not None and ended is None:
        _put(out, form.month_end(month, balances.close_month(), balances))
    return survey


def _put(out: TextIO, lines: Iterator[str]) -> None:
    for line in lines:
        out.write(line)
        out.write("\n")


def evidence_lines(survey: Survey, *, members: str, check: str, tool: str, opening: str) -> Iterator[str]:
    """The comments at the top: of which journal this is, and how it can be checked."""
    span = "" if survey.month is None else f" of {survey.month}"
    yield f"The book of {percent_encoded(survey.origin)}{span}, written by timebank for {tool}."
    yield ""
    yield f"origin         {percent_encoded(survey.origin)}"
    yield f"size           {survey.size}"
    yield f"root           {base64.b64encode(survey.root).decode('ascii')}"
    yield f"root in hex    {survey.root.hex()}"
    yield f"time zone      {percent_encoded(survey.zone)}"
    yield f"written here   {survey.entries} entries{span}"
    yield ""
    yield "Size and root are those of the journal from which this was written: a checkpoint of that size that was"
    yield "kept outside the file must name the same root. Each entry stands under its day with its number and the"
    yield "hash of its leaf."
    yield "Debits are positive and credits negative, as these tools count. What members hold is owed to them:"
    yield f"the balance of {members} is below zero by the points and minutes that they have."
    if survey.opening:
        yield f"The first transaction holds what every account held at the end of the month before; {opening}"
        yield "stands in it with zero, because the book balances without it."
    yield f"Check it:      {check}"
    yield "Hold its balances against the ledger file: timebank audit compare --help"
