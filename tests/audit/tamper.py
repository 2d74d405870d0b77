"""How a file is damaged: raw SQL with the triggers gone, and put back letter by letter."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from timebank.audit.tree import RunningTree
from timebank.checking import verify_file
from timebank.ledger.journal import Journal
from timebank.programme.kinds import PROJECTORS
from timebank.storage.sqlite import SqliteStore
from timebank.tlog import canonical
from timebank.tlog.merkle import leaf_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from timebank.ledger.entries import Draft

Found = set[tuple[str, int | None]]


def found(path: Path, *notes: str) -> Found:
    """What verify finds: codes and entries."""
    return {(finding.code, finding.seq) for finding in verify_file(path, checkpoints=notes).findings}


def facts(path: Path, *notes: str) -> list[tuple[str, dict[str, Any]]]:
    """What verify finds: codes and facts, in order."""
    return [(finding.code, dict(finding.facts)) for finding in verify_file(path, checkpoints=notes).findings]


@contextmanager
def raw(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that checks nothing."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA ignore_check_constraints = ON")
        yield connection


@contextmanager
def tampering(path: Path) -> Iterator[sqlite3.Connection]:
    """As `raw`, with all triggers dropped inside the context; what is left behind differs in its data only."""
    with raw(path) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        yield connection
        for _, sql in triggers:
            connection.execute(sql)


@contextmanager
def loosened(path: Path, table: str) -> Iterator[sqlite3.Connection]:
    """As `tampering`, with a table that takes values of any type, NULL among them, while the context lasts."""
    with tampering(path) as connection:
        query = "SELECT sql FROM sqlite_master WHERE name = ?"
        strict = connection.execute(query, (table,)).fetchone()[0]
        loose = strict.replace(" STRICT,", "").replace(" STRICT", "").replace("NOT NULL", "")
        _declare(connection, table, loose)
        yield connection
        _declare(connection, table, strict)


def _declare(connection: sqlite3.Connection, table: str, sql: str) -> None:
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (sql, table))
    connection.execute("PRAGMA writable_schema = RESET")


def run(path: Path, *statements: str) -> None:
    """Damage the file by *statements*; each one has to change something."""
    with tampering(path) as connection:
        for statement in statements:
            assert connection.execute(statement).rowcount, statement


@contextmanager
def writable_schema(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that may write the schema's own table."""
    with raw(path) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        yield connection
        version = connection.execute("PRAGMA schema_version").fetchone()[0]
        connection.execute(f"PRAGMA schema_version = {version + 1}")


def write_leaf(path: Path, seq: int, leaf: bytes, *, rehash: bool) -> None:
    """Put other bytes in place of a leaf; with *rehash* also their hash."""
    with tampering(path) as connection:
        connection.execute("UPDATE entry SET leaf = ? WHERE seq = ?", (leaf, seq))
        if rehash:
            connection.execute("UPDATE entry SET hash = ? WHERE seq = ?", (leaf_hash(leaf), seq))


def edit_leaf(path: Path, seq: int, change: Callable[[dict[str, Any]], object], *, rehash: bool = True) -> None:
    """Change what an entry says, in canonical bytes."""
    with raw(path) as connection:
        members = json.loads(connection.execute("SELECT leaf FROM entry WHERE seq = ?", (seq,)).fetchone()[0])
    change(members)
    write_leaf(path, seq, canonical.encode(members), rehash=rehash)


def rehash_tree(path: Path, size: int) -> None:
    """Make the stored roots of complete runs fit the leaves, as a thorough forger would."""
    tree = RunningTree()
    with tampering(path) as connection:
        for (leaf,) in connection.execute("SELECT leaf FROM entry ORDER BY seq").fetchall():
            for level, position, run_root in tree.append(leaf_hash(leaf)):
                connection.execute(
                    "UPDATE subtree SET hash = ? WHERE (level, position) = (?, ?)", (run_root, level, position)
                )
    assert tree.size == size


def rebuild(path: Path) -> None:
    """Make all projections again, with the library's own code."""
    with closing(SqliteStore(path)) as store:
        _journal(store, None).rebuild()


def append(path: Path, *drafts: Draft, at: datetime, key: str | None = None) -> int:
    """Post *drafts* with the library's own journal, past all rules of the programme; the first one's place."""
    with closing(SqliteStore(path)) as store:
        journal = _journal(store, at)
        with journal.writing() as write:
            return min([write.append(draft, key=key).seq for draft in drafts])


def _journal(store: SqliteStore, at: datetime | None) -> Journal:
    return Journal(store, lambda: at, PROJECTORS)  # type: ignore[arg-type, return-value]


def cut(path: Path, size: int) -> None:
    """Take the journal's tail away from entry *size* on, and everything that would tell."""
    with tampering(path) as connection:
        connection.execute("DELETE FROM entry WHERE seq >= ?", (size,))
        connection.execute("DELETE FROM checkpoint WHERE size > ?", (size,))
        connection.execute("DELETE FROM subtree WHERE (position + 1) << (8 * level) > ?", (size,))
    rebuild(path)


def insert_leaf(path: Path, members: dict[str, Any]) -> int:
    """Put an entry at the journal's end, by raw SQL, with nothing made from it; its place."""
    leaf = canonical.encode(members)
    with raw(path) as connection:
        seq: int = connection.execute("SELECT max(seq) + 1 FROM entry").fetchone()[0]
        row = (seq, leaf_hash(leaf), members.get("key"), members["kind"], leaf)
        connection.execute("INSERT INTO entry (seq, hash, key, kind, leaf) VALUES (?, ?, ?, ?, ?)", row)
    return seq
