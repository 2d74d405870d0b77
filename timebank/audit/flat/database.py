"""The flat tables as a SQLite file, for Datasette, spreadsheets and whoever speaks SQL. Not a ledger."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from itertools import chain, groupby, islice
from typing import TYPE_CHECKING, Any, Final

from timebank.audit.flat.journal import ENTRIES, TRANSFERS, entry_row
from timebank.audit.flat.records import RECORDS
from timebank.audit.flat.search import names_of, words_of
from timebank.audit.flat.table import FlatTable, columns
from timebank.audit.flat.views import VIEWS
from timebank.audit.flat.words import about_table
from timebank.errors import CannotWrite, DiskFull, FileDamaged
from timebank.programme import accounts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlite_utils import Database

    from timebank.audit.flat.source import Source
    from timebank.audit.flat.table import Row

APPLICATION_ID: Final = 0x54424654
"""`TBFT` in the file's header: a flat copy. No command takes it for a ledger."""

_ROWS_AT_ONCE: Final = 2000
_INDEXES: Final = (
    ("entries", ("kind", "day")),
    ("entries", ("ref",)),
    ("transfers", ("debit", "unit")),
    ("transfers", ("credit", "unit")),
    ("accounts", ("member",)),
    ("accounts", ("shop",)),
    ("goods", ("unit",)),
)
_OF_MEMBERS: Final = tuple(kind[:-1] for kind in (accounts.MEMBERS, accounts.HELD, accounts.DEBTS))
_OF_SHOPS: Final = ("L:S", "A:S", "A:H", "X:GIVEN", "X:LOST", "I:FOUND", "I:OFFERED")
_OF_ORGANISATIONS: Final = (
    *("L:POOL", "X:AWARDED", "X:SERVICE", "I:DEDUCTED", "I:EXPIRED"),
    *("E:OPENING", "E:SETTLED", "E:BOUGHT"),
)


def _accounts(source: Source) -> Iterator[Row]:
    """Each account once, and whose it is; *name* is what people call it."""
    names = names_of(source)
    for account, _ in groupby(source.books.balances(), key=lambda line: line.account):
        kind, _, holder = account.rpartition(":")
        member = holder if kind in _OF_MEMBERS else None
        shop = holder.lower() if kind in _OF_SHOPS else None
        org = holder.lower() if kind in _OF_ORGANISATIONS else None
        own = holder if member else holder.lower()
        yield account, names.get(own, own), account[0], kind, member, shop, org


def _entries(source: Source) -> Iterator[Row]:
    names = names_of(source)
    for seq, hashed, members in source.entries():
        yield (*entry_row(seq, hashed, members), words_of(members, names))


TABLES: Final = (
    FlatTable(ENTRIES.name, (*ENTRIES.columns, *columns("words")), ENTRIES.key, _entries),
    TRANSFERS,
    FlatTable(
        "accounts",
        columns("account name class type member>members shop>shops org>organisations"),
        ("account",),
        _accounts,
    ),
    *RECORDS,
)


def write_sqlite(source: Source, path: Path, language: str) -> None:
    """A SQLite file with the tables, views, indexes and words to search by; nothing in it acts by itself.

    Raises FileDamaged where the sums of its transfers are not the ledger's balances; DiskFull, CannotWrite.
    """
    from sqlite_utils import Database

    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        database = Database(connection, execute_plugins=False)
        with _written_to(path):
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            # A file that fails is thrown away: it needs no journal of its own.
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("PRAGMA foreign_keys = OFF")
            connection.execute("BEGIN")
            for table in TABLES:
                _create(database, table)
            database.add_foreign_keys(_foreign_keys())
            _about(database, source, language)
        for table in TABLES:
            _fill(database, table, source, path)
        with _written_to(path):
            for name, of in _INDEXES:
                database.table(name).create_index(of)
            database.table("entries").enable_fts(["words"])
            for name, query in VIEWS.items():
                database.create_view(name, query.strip())
        _check_balances(connection, source)
        with _written_to(path):
            connection.execute("COMMIT")


def _create(database: Database, table: FlatTable) -> None:
    key = table.key[0] if len(table.key) == 1 else table.key
    types = {column.name: int if column.is_whole else str for column in table.columns}
    database.table(table.name).create(types, pk=key, strict=True)


def _foreign_keys() -> list[tuple[str, str, str, str]]:
    """Table and column, and what the column refers to: added when all tables are there, for some are in a ring."""
    keys = {each.name: each.key[0] for each in TABLES}
    return [
        (table.name, column.name, column.refers, keys[column.refers])
        for table in TABLES
        for column in table.columns
        if column.refers
    ]


def _about(database: Database, source: Source, language: str) -> None:
    """The table that says what the file is of, and what each table and view is."""
    rows = [("file", name, value) for name, value in source.facts()]
    rows += [("table", table.name, about_table(table.name, language)) for table in TABLES]
    rows += [("view", name, about_table(name, language)) for name in VIEWS]
    about = database.table("about").create(
        {"what": str, "name": str, "value": str}, pk=("what", "name"), strict=True
    )
    about.insert_all([("what", "name", "value"), *rows])


def _fill(database: Database, table: FlatTable, source: Source, path: Path) -> None:
    rows = table.rows(source)
    while batch := list(islice(rows, _ROWS_AT_ONCE)):
        # What is read of the ledger is read outside: its errors are not those of the new file.
        with _written_to(path):
            database.table(table.name).insert_all(chain((table.heads,), batch))


def _check_balances(connection: sqlite3.Connection, source: Source) -> None:
    found: Iterator[Any] = connection.execute("SELECT account, unit, balance FROM balances ORDER BY account, unit")
    for line in source.books.balances():
        if next(found, None) != (line.account, line.unit, line.amount):
            raise FileDamaged(
                source.path, f"the balance of {line.account} in {line.unit} is not its transfers' sum"
            )
    if next(found, None) is not None:
        raise FileDamaged(source.path, "transfers of an account without a balance")


@contextmanager
def _written_to(path: Path) -> Iterator[None]:
    """Turn SQLite's errors about the new file into ours."""
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorname", "") == "SQLITE_FULL":
            raise DiskFull(str(path)) from error
        raise CannotWrite(str(path)) from error
