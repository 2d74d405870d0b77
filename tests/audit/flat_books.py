"""Books for the flat tables: hostile texts wherever the ledger lets them in, and the tables read back."""

from __future__ import annotations

import csv
import json
import re
from contextlib import contextmanager
from hashlib import sha256
from io import StringIO
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from tests.ledger.journals import draft, founded, post
from tests.strategies import days, transfers
from timebank.audit.flat.source import Source, source_of
from timebank.errors import NotCanonical
from timebank.storage.memory import MemoryStore
from timebank.tlog import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from timebank.ledger.entries import Draft
    from timebank.ledger.journal import Journal

STARTS = (
    "=",
    "+",
    "-",
    "@",
    "＝",
    "＋",
    "－",
    "＠",
    "'",
    "'=",
    "''",
    '"',
    "#N/A",
    "_x0041_",
    "_x005F_x",
    ",",
    ";",
    "",
)
"""How texts begin that a spreadsheet would run, take for something else, or cut in two."""
NUMBER = re.compile(r"-?\d+")
RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def hostile_texts(*, most: int = 30) -> st.SearchStrategy[str]:
    """Texts that an entry can hold and a spreadsheet would rather not."""
    safe = st.characters(exclude_categories=("Cs", "Cc", "Cn", "Zl", "Zp"), max_codepoint=0x2FFFF)
    tail = st.text(safe, max_size=most)
    return st.builds(str.__add__, st.sampled_from((*STARTS, "=1+1", '=cmd|"/c calc"!A1', "😀")), tail).filter(
        _fits
    )


def _fits(text: str) -> bool:
    try:
        canonical.encode({"t": text})
    except NotCanonical:
        return False
    return True


def hostile_bodies() -> st.SearchStrategy[dict[str, Any]]:
    name = st.from_regex(r"[a-z][a-z0-9_]{0,7}", fullmatch=True).filter(lambda text: text.isascii())
    one = st.one_of(hostile_texts(), st.integers(-(2**53 - 1), 2**53 - 1), st.booleans())
    return st.dictionaries(name, st.one_of(one, st.lists(hostile_texts(), max_size=3)), max_size=4)


@st.composite
def hostile_drafts(draw: st.DrawFn) -> Draft:
    free = transfers(of=st.sampled_from(("E:ONE", "X:TWO", "I:THREE", "E:FOUR-4:B")), most=10**12)
    return draft(
        *draw(st.lists(free, max_size=3)),
        kind=draw(st.sampled_from(("award", "x", "stock"))),
        day=draw(days(first=draft().day.replace(year=2025), last=draft().day)),
        body=draw(hostile_bodies()),
        ok=draw(st.sampled_from((None, "boss"))),
    )


def journal_of(drafts: list[Draft]) -> Journal:
    journal = founded(MemoryStore())
    for number, each in enumerate(drafts):
        post(journal, each, key=f"k/{number}" if number % 2 else None)
    return journal


@contextmanager
def source(journal: Journal) -> Iterator[Source]:
    with journal.reading() as books:
        yield source_of(books, "a.timebank")


# --- read back, without timebank


def unguarded(cell: str) -> str:
    """A cell of a CSV file as the text that it was: without the quote that the guard put before it."""
    assert NUMBER.fullmatch(cell) or not cell.startswith(RUN), cell
    return cell.removeprefix("'")


def rows_of(file: Path) -> list[dict[str, str]]:
    data = file.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    return [
        {name: unguarded(cell) for name, cell in zip(lines[0], line, strict=True)} for line in lines[1:] if line
    ]


def leaf_again(entry: dict[str, Any], moves: list[list[Any]]) -> bytes:
    """The leaf that a row of entries and its rows of transfers come from."""
    members = {
        "v": 1,
        **{name: entry[name] for name in ("kind", "at", "day", "by", "nonce")},
        **{name: entry[name] for name in ("ok", "key") if entry[name]},
        "body": json.loads(entry["body"]),
    }
    if entry["ref"] not in ("", None):
        members["ref"] = int(entry["ref"])
    if moves:
        members["move"] = moves
    return json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def leaves_again(entries: list[dict[str, Any]], lines: list[dict[str, Any]]) -> list[bytes]:
    moves: dict[int, list[list[Any]]] = {}
    for line in lines:
        move = [line["debit"], line["credit"], line["unit"], int(line["amount"])]
        moves.setdefault(int(line["seq"]), []).append(move)
        assert len(moves[int(line["seq"])]) == int(line["line"])
    leaves = [leaf_again(entry, moves.get(int(entry["seq"]), [])) for entry in entries]
    assert [int(entry["seq"]) for entry in entries] == list(range(len(entries)))
    assert [entry["leaf_hash"] for entry in entries] == [sha256(b"\x00" + leaf).hexdigest() for leaf in leaves]
    return leaves
