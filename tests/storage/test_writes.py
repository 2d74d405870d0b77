"""What a writer counts, what it says of others, and how a record is put, in words of SQL."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from attrs import frozen

from tests.storage.books import add, posted
from timebank.errors import BatchBroken
from timebank.ledger.store import SignedNote, Table
from timebank.ledger.transfers import Transfer
from timebank.programme.goods import UNITS, Unit
from timebank.storage import sqlite_writer
from timebank.storage.sqlite import SqliteStore
from timebank.storage.sqlite_writer import SqliteWriter, _put
from timebank.tlog.merkle import leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GIFT = Transfer("X:A", "L:M", "PTS", 1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore.create(tmp_path / "a.timebank")) as made:
        yield made


def test_each_write_is_counted_once(store: SqliteStore) -> None:
    """What a command has written is taken back with it: none may go uncounted, and no two weigh each other up."""
    writes: list[Any] = [
        lambda books: books.add_leaf(0, b"{}", leaf_hash(b"{}"), kind="award", key=None),
        lambda books: books.project(0, date(2026, 3, 1), (GIFT,), None),
        lambda books: books.put(UNITS, Unit("PTS", "分", "points", 0)),
        lambda books: books.add_note(SignedNote(1, "a note")),
        lambda books: books.drop_projections(),
    ]
    with store.writing(alone=True) as books:
        assert books.changes == 0
        for count, write in enumerate(writes, 1):
            write(books)
            assert books.changes == count
        books.add_note(SignedNote(1, "no more than is covered"))
        assert (books.size(), books.balance("L:M:LI", "PTS"), books.changes) == (1, 0, len(writes))


def test_others_wrote_meanwhile_if_somebody_did_since_what_is_known_was_read(
    store: SqliteStore, tmp_path: Path
) -> None:
    with closing(SqliteStore(store.path)) as other:
        connection: Any = store._writing
        writer = SqliteWriter(connection, store.path)

        def begin() -> bool:
            connection.execute("BEGIN IMMEDIATE")
            said = writer.begin()
            connection.execute("COMMIT")
            return said

        assert [begin(), begin()] == [False, False]
        with other.writing() as books:
            add(books, 1)
        assert [begin(), begin()] == [True, False]
        writer.forget()
        assert [begin(), begin()] == [False, False]


def test_what_follows_a_transaction_that_is_gone_names_the_file(store: SqliteStore) -> None:
    with pytest.raises(BatchBroken) as caught, store.writing() as books:
        posted(books, GIFT)
        books.connection.rollback()
        books.flush()
    assert caught.value.facts() == {"path": store.path}


@frozen
class Shelf:
    """A record."""

    shop: str
    good: str
    count: int


@frozen
class Named:
    """A record that is a key and nothing else."""

    shop: str
    good: str


def test_a_record_takes_the_place_of_the_one_with_its_key_unless_there_is_nothing_else_to_it() -> None:
    assert _put(Table("shelf", Shelf, key=("good", "shop"))) == (
        "INSERT INTO shelf (shop, good, count) VALUES (?, ?, ?)"
        " ON CONFLICT (good, shop) DO UPDATE SET count = excluded.count"
    )
    assert _put(Table("named", Named, key=("shop", "good"))) == (
        "INSERT INTO named (shop, good) VALUES (?, ?) ON CONFLICT (shop, good) DO NOTHING"
    )


def test_a_key_and_a_resolution_are_found_before_and_after_they_are_written(store: SqliteStore) -> None:
    """What is gathered is known without a question; what was written once is asked of the file."""
    asked: list[str] = []
    connection: Any = store._writing
    with store.writing() as books:
        posted(books, GIFT)
        add(books, 1, key="till-1/1")
        posted(books, GIFT, resolves=0)
        connection.set_trace_callback(asked.append)
        assert (books.seq_of_key("till-1/1"), books.resolver_of(0)) == (1, 2)
        assert asked == []
        books.flush()
        assert (books.seq_of_key("till-1/1"), books.resolver_of(0)) == (1, 2)
    with store.writing() as books:
        assert (books.seq_of_key("till-1/1"), books.seq_of_key("till-1/2")) == (1, None)
        assert (books.resolver_of(0), books.resolver_of(1)) == (2, None)


@pytest.mark.parametrize(("strangers", "are_kept"), [(2, True), (3, False)])
def test_accounts_that_are_not_open_are_known_as_well_up_to_as_many_as_may_be_known(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch, strangers: int, are_kept: bool
) -> None:
    monkeypatch.setattr(sqlite_writer, "_MOST_ACCOUNTS", 4)
    writer = store._turns._writer  # type: ignore[union-attr]
    with store.writing() as books:
        posted(books, GIFT)
        for number in range(strangers):
            assert books.balance(f"L:M:{number}", "PTS") == 0
    assert (len(writer._accounts), len(writer._unopened)) == ((2, strangers) if are_kept else (0, 0))


def test_when_all_is_made_again_the_totals_of_the_first_run_are_gathered_too(store: SqliteStore) -> None:
    with store.writing(alone=True) as books:
        for _ in range(256):
            posted(books, GIFT)
        books.drop_projections()
        for seq in range(256):
            books.project(seq, date(2026, 3, 1), (GIFT,), None)
        assert books.connection.execute("SELECT count(*) FROM day_total").fetchone() == (0,)
    with store.reading() as seen:
        assert seen.connection.execute("SELECT account, day, amount FROM day_total").fetchall() == [
            (1, 20260301, 256),
            (2, 20260301, 256),
        ]
