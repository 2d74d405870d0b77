"""The people file: persons, their consents, their memos, in a SQLite file of its own beside the ledger.

Nothing in the ledger depends on it. What is deleted is overwritten (secure_delete), and after an erasure the whole
file is written anew (VACUUM); no index of words and no log is kept that could hold what a row held.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from contextlib import closing, contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from attrs import asdict, astuple, fields

from timebank.errors import (
    CannotOpen,
    FileDamaged,
    FileTooNew,
    NotAPeopleFile,
    PeopleMissing,
    SamePerson,
    UnknownMemo,
    UnknownPerson,
)
from timebank.people.identity import memo_hash, plain
from timebank.people.pepper import PRIVATE, make_pepper
from timebank.people.records import Consent, Memo, Person
from timebank.storage import sqlite_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

APPLICATION_ID: Final = 0x544D4250
"""`TMBP`, in the header of every people file."""
VERSION: Final = 1
_BUSY_SECONDS: Final = 5.0
_SALT_BYTES: Final = 16


_PERSON: Final = ", ".join(field.name for field in fields(Person))
_PUT: Final = f"""
INSERT INTO person ({_PERSON}) VALUES (:member, :name, :phone, :id_mark, :id_end, :day, :by, :known_at)
ON CONFLICT (member) DO UPDATE SET name = :name, phone = :phone, id_mark = :id_mark, id_end = :id_end,
day = :day, by = :by, known_at = :known_at
"""  # noqa: S608 - names of ours
_SCHEMA: Final = "SELECT type, name, tbl_name, sql FROM sqlite_master"
_LAST_CONSENTS: Final = """
SELECT person.member, person.name FROM person JOIN consent ON consent.member = person.member
WHERE consent.number = (SELECT max(number) FROM consent AS later
    WHERE later.member = person.member AND later.purpose = :purpose)
AND consent.is_given
"""


def people_path(ledger: str | Path) -> Path:
    """Where the people file of the ledger at *ledger* lies."""
    return Path(f"{ledger}.people")


class PeopleFile:
    """An open people file; see `create` and `open`. Use it in one thread at a time, and close it."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    @classmethod
    def create(cls, ledger: Path, origin: str) -> None:
        """Make the people file of the ledger *ledger* and its pepper, both for their owner only.

        A pepper that lies there is used on. Raises FileExists, CannotOpen, DiskFull.
        """
        with sqlite_file.new_file(people_path(ledger)) as unfinished:
            try:
                os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE))
            except OSError as error:
                raise CannotOpen(str(unfinished), error.strerror or str(error)) from error
            with sqlite_file.translated(str(unfinished)):
                connection = sqlite3.connect(unfinished, isolation_level=None)
                try:
                    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                    connection.execute(f"PRAGMA user_version = {VERSION}")
                    _make_tables(connection)
                    connection.execute("INSERT INTO book VALUES (1, ?)", (origin,))
                finally:
                    connection.close()
            make_pepper(ledger)

    @classmethod
    def open(cls, ledger: Path, origin: str) -> Self:
        """The people file of *ledger*, whose log is *origin*.

        Raises PeopleMissing, NotAPeopleFile (also for one of another ledger), FileTooNew, CannotOpen, FileDamaged.
        """
        path = people_path(ledger)
        if not path.exists():
            raise PeopleMissing(str(path))
        if not path.is_file():  # nobody may ever write to a pipe
            raise NotAPeopleFile(str(path), "-")
        with sqlite_file.translated(str(path), _BUSY_SECONDS):
            connection = _connected(path, origin)
        return cls(path, connection)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """All inside is kept, or nothing. A writing inside a writing is a part of it. Raises FileLocked."""
        with sqlite_file.translated(str(self.path), _BUSY_SECONDS):
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.rollback()
                raise
            self._connection.execute("COMMIT")

    def put(self, person: Person) -> None:
        """Keep *person*, in the place of what was kept of the member. Raises SamePerson."""
        with self.writing():
            if person.id_mark is not None:
                for other in self._persons("WHERE id_mark = ? AND member <> ?", person.id_mark, person.member):
                    raise SamePerson(person.member, other.member)
            self._connection.execute(_PUT, asdict(person))

    def find(self, member: str) -> Person | None:
        """What is kept of *member*; None if nothing is."""
        return next(iter(self._persons("WHERE member = ?", member)), None)

    def get(self, member: str) -> Person:
        """What is kept of *member*. Raises UnknownPerson."""
        person = self.find(member)
        if person is None:
            raise UnknownPerson(member)
        return person

    def by_mark(self, mark: bytes) -> Person | None:
        """Whose document has this mark."""
        return next(iter(self._persons("WHERE id_mark = ?", mark)), None)

    def search(self, text: str) -> tuple[Person, ...]:
        """Who has *text* in the name, or at least three digits of it in the phone number; by name, then member."""
        wanted = plain(text)
        digits = wanted if wanted.isascii() and wanted.isdigit() and len(wanted) >= 3 else None
        return tuple(
            person
            for person in self._persons("ORDER BY name, member")
            if (wanted and wanted in plain(person.name)) or (digits and digits in (person.phone or ""))
        )

    def agree(self, consent: Consent) -> None:
        """Take down a consent, or that it is withdrawn. Raises UnknownPerson."""
        with self.writing():
            self.get(consent.member)
            self._connection.execute(
                "INSERT INTO consent (member, purpose, is_given, day, by) VALUES (?, ?, ?, ?, ?)", astuple(consent)
            )

    def consents(self, member: str) -> tuple[Consent, ...]:
        """All consents of *member* and what was withdrawn, the oldest first."""
        query = "SELECT member, purpose, is_given, day, by FROM consent WHERE member = ? ORDER BY number"
        return tuple(Consent(row[0], row[1], bool(row[2]), *row[3:]) for row in self._read(query, member))

    def names(self, purpose: str) -> dict[str, str]:
        """The names of all who consent to *purpose*, by member."""
        return dict(self._read(_LAST_CONSENTS, {"purpose": purpose}))

    def add_memo(self, member: str, text: str, *, day: str, by: str) -> Memo:
        """Keep a *text* about *member* with a salt of its own. Raises UnknownPerson."""
        salt = secrets.token_bytes(_SALT_BYTES)
        memo = Memo(memo_hash(salt, text), member, day, by, salt, text)
        with self.writing():
            self.get(member)
            self._connection.execute("INSERT INTO memo VALUES (?, ?, ?, ?, ?, ?)", astuple(memo))
        return memo

    def memo(self, wanted: str) -> Memo:
        """The memo with this hash. Raises UnknownMemo, and FileDamaged if its text is another one."""
        for row in self._read("SELECT * FROM memo WHERE hash = ?", wanted):
            memo = Memo(*row)
            if memo_hash(memo.salt, memo.text) != wanted:
                raise FileDamaged(str(self.path), f"the text of the memo {wanted} was changed")
            return memo
        raise UnknownMemo(wanted[:64])

    def memos(self, member: str) -> tuple[Memo, ...]:
        """All memos about *member*."""
        query = "SELECT * FROM memo WHERE member = ? ORDER BY day, hash"
        return tuple(Memo(*row) for row in self._read(query, member))

    def erase(self, erasures: Iterable[tuple[str, int]], *, later_too: bool = False) -> tuple[str, ...]:
        """Take out the members of *erasures* (member, place of the entry), and what the file may keep of them.

        Somebody whose data was written again after the entry stays, unless *later_too*. Answers who was taken out.
        """
        gone = []
        with self.writing():
            for member, seq in erasures:
                query = "DELETE FROM person WHERE member = :member AND (known_at <= :seq OR :later)"
                facts = {"member": member, "seq": seq, "later": later_too}
                if self._connection.execute(query, facts).rowcount:
                    self._connection.execute("INSERT INTO sweep VALUES (?) ON CONFLICT DO NOTHING", (seq,))
                    gone.append(member)
        self._sweep()
        return tuple(gone)

    def settle(self, erasures: Iterable[tuple[str, int]], size: int) -> tuple[str, ...]:
        """Take out whom the journal of *size* entries says is erased: this may be an older copy of the file.

        What was written in entries that a journal has lost since counts as written now.
        """
        if any(self._read("SELECT 1 FROM person WHERE known_at > ? LIMIT 1", size)):
            with self.writing():
                self._connection.execute("UPDATE person SET known_at = ? WHERE known_at > ?", (size, size))
        due = [(member, seq) for member, seq in erasures if self._is_due(member, seq)]
        if due or any(self._read("SELECT 1 FROM sweep LIMIT 1")):
            return self.erase(due)
        return ()

    def _is_due(self, member: str, seq: int) -> bool:
        person = self.find(member)
        return person is not None and person.known_at <= seq

    def _sweep(self) -> None:
        """Write the file anew, without the pages that rows were deleted from; a crash leaves it to next time."""
        with sqlite_file.translated(str(self.path), _BUSY_SECONDS):
            if any(self._read("SELECT 1 FROM sweep LIMIT 1")):
                self._connection.execute("VACUUM")
                self._connection.execute("DELETE FROM sweep")

    def _persons(self, where: str, *values: object) -> Iterator[Person]:
        query = f"SELECT {_PERSON} FROM person {where}"  # noqa: S608 - texts of ours
        return (Person(*row) for row in self._read(query, *values))

    def _read(self, query: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """The rows of *query*, all of them at once."""
        bound = values[0] if values and isinstance(values[0], dict) else values
        with sqlite_file.translated(str(self.path), _BUSY_SECONDS):
            return iter(self._connection.execute(query, bound).fetchall())


def _make_tables(connection: sqlite3.Connection) -> None:
    script = files("timebank.people").joinpath("sql/0001_people.sql").read_text(encoding="utf-8")
    for statement in sqlite_file.statements(script):
        connection.execute(statement)


@cache
def _our_schema() -> frozenset[tuple[Any, ...]]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        _make_tables(connection)
        return frozenset(connection.execute(_SCHEMA))


def _connected(path: Path, origin: str) -> sqlite3.Connection:
    """A connection to the people file of the ledger *origin*; raises NotAPeopleFile for anything else."""
    try:
        connection = sqlite_file.connect(path, readonly=False, busy_seconds=_BUSY_SECONDS)
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorname", "") == "SQLITE_NOTADB":
            raise NotAPeopleFile(str(path), "-") from error
        raise
    try:
        connection.execute("PRAGMA temp_store = MEMORY")  # no name in a file of SQLite's own making
        _check(connection, path, origin)
    except BaseException:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection, path: Path, origin: str) -> None:
    """Raise NotAPeopleFile or FileTooNew unless this is our file, of the ledger *origin*."""
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise NotAPeopleFile(str(path), "-")
    version = sqlite_file.version_of(connection)
    if version > VERSION:
        raise FileTooNew(str(path), version, VERSION)
    if set(connection.execute(_SCHEMA)) != _our_schema():  # another's trigger could keep what is to be erased
        raise FileDamaged(str(path), "its tables are not those of a people file")
    whose = connection.execute("SELECT origin FROM book").fetchone()
    if whose is None or whose[0] != origin:
        raise NotAPeopleFile(str(path), "-" if whose is None else whose[0])
