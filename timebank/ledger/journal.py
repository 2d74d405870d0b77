"""Posting: the one way an entry gets into the journal, and the reads that every room needs.

draft → checks of double entry → leaf (canonical bytes, hash) → store: leaf and projections → commit
"""

from __future__ import annotations

import base64
import os
import threading
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from attrs import define, field, frozen

from timebank.errors import (
    AlreadyExists,
    BatchBroken,
    BatchOpen,
    BelowZero,
    DayInFuture,
    KeyConflict,
)
from timebank.ledger.clock import FIRST_YEAR, Clock, check_zone, local_day
from timebank.ledger.codes import NEVER_NEGATIVE, debit_sign
from timebank.ledger.entries import Draft, Entry, at_of, check_day, check_key, kept_entry, leaf_of, moment_text
from timebank.ledger.resolution import check_unresolved, resolved_by
from timebank.tlog import canonical
from timebank.tlog.merkle import leaf_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from timebank.ledger.store import AccountBalance, Reader, Store, Writer
    from timebank.ledger.transfers import Transfer

    Projector = Callable[[Entry, Writer], None]

Request = tuple[Any, ...]
"""What a caller asked for, as plain values; its digest tells whether a key comes back with the same command."""

_NONCE_BYTES: Final = 16
_PAGE: Final = 500


@frozen
class Posted:
    """An entry that is in the journal for good: its place and its bytes.

    *repeated* says that the same command with the same key had been posted before; nothing was written again.
    *clock_back_seconds* is how far this machine's clock was behind the journal's last entry (0: it was not).
    """

    seq: int
    leaf: bytes
    repeated: bool = False
    clock_back_seconds: int = 0

    @property
    def entry(self) -> Entry:
        """The entry, decoded."""
        return kept_entry(self.seq, self.leaf)

    @property
    def leaf_hash(self) -> bytes:
        """SHA-256 of the leaf in the tree's way: 32 bytes."""
        return leaf_hash(self.leaf)


def request_digest(request: Request) -> str:
    """128 bits of SHA-256 over *request*, as 22 characters of base64url."""
    digest = sha256(canonical.encode({"request": request})).digest()[:_NONCE_BYTES]
    return base64.urlsafe_b64encode(digest)[:22].decode()


@define
class Write:
    """One write transaction: `books` reads and writes the store, `append` posts."""

    books: Writer
    _journal: Journal
    _size: int
    _last_at: str
    broken: bool = False
    """An append failed half-way: what it wrote may not be committed, whoever caught the error."""

    def already(self, key: str | None, request: Request) -> Posted | None:
        """What *key* posted before, if it was this same *request*.

        Raises BadCode if it can be no key, KeyConflict if it was another request's.
        """
        seq = None if key is None else self.books.seq_of_key(check_key(key))
        if key is None or seq is None:
            return None
        posted = Posted(seq, self.books.leaf(seq), repeated=True)
        if posted.entry.body.get("request") != request_digest(request):
            raise KeyConflict(key, seq)
        return posted

    def append(self, draft: Draft, *, key: str | None = None, request: Request = ()) -> Posted:
        """Post *draft*: one entry, with all its transfers and projections, or an error and nothing.

        Raises DayInFuture, SelfApproval, BelowZero, AlreadyResolved, or InvalidInput for values no entry holds.
        """
        at, behind = self._moment()
        self._check_day_at(draft.day, at)
        check_unresolved(draft, self.books)
        check_moves(draft.moves, self.books)
        digest = None if key is None else request_digest(request)
        leaf = leaf_of(draft, at=at, nonce=self._journal.nonce(), key=key, request=digest)
        seq = self._size
        self.broken = True
        self.books.add_leaf(seq, leaf, leaf_hash(leaf), kind=draft.kind, key=key)
        self._journal.project(seq, draft, leaf, self.books)
        self.broken = False
        self._size, self._last_at = seq + 1, at
        return Posted(seq, leaf, clock_back_seconds=behind)

    def check_day(self, day: date | None) -> None:
        """Raise BadDay or DayInFuture unless *day* (None: it is left open) can be an entry's."""
        if day is not None:
            self._check_day_at(day, self._moment()[0])

    def _check_day_at(self, day: date, at: str) -> None:
        today = self._journal.local_day(at)
        if check_day("day", day) > today:
            raise DayInFuture(day.isoformat(), today.isoformat())

    def today(self) -> date:
        """The day on which an entry posted now is recorded, in the programme's time zone."""
        return self._journal.local_day(self._moment()[0])

    def _moment(self) -> tuple[str, int]:
        now = self._journal.clock.text()
        if now >= self._last_at:
            return now, 0
        behind = datetime.fromisoformat(self._last_at) - datetime.fromisoformat(now)
        return self._last_at, int(behind.total_seconds())


def check_moves(moves: Sequence[Transfer], books: Reader) -> None:
    """Raise BelowZero if one of *moves*, taken in order, takes an asset or liability account below zero."""
    now: dict[tuple[str, str], int] = {}
    for move in moves:
        for account, change in ((move.debit, move.amount), (move.credit, -move.amount)):
            if account[0] in NEVER_NEGATIVE:
                place = (account, move.unit)
                held = now[place] if place in now else books.balance(account, move.unit)
                now[place] = held + debit_sign(account) * change
                if now[place] < 0:
                    raise BelowZero(account, move.unit, available=held, needed=move.amount)


@define(eq=False)
class Journal:
    """The append-only list of entries on a store.

    *clock* gives the UTC time, *zone* is the programme's time zone, *projectors* make the records of the rooms
    above from an entry, by its kind; *plain* tells, by kind, which drafts are known to make none, so that their
    leaves need not be read again. *entropy* gives random bytes.
    """

    store: Store
    clock: Clock = field(converter=Clock)
    projectors: Mapping[str, Projector] = field(factory=dict)
    entropy: Callable[[int], bytes] = os.urandom
    plain: Mapping[str, Callable[[Draft], bool]] = field(factory=dict)
    _zone: ZoneInfo | None = None
    _open: threading.local = field(factory=threading.local)

    def found(self, *, origin: str, zone: str, by: str, vkey: str | None = None) -> Posted:
        """Post the genesis entry, which names the log, its time zone and the key that signs its checkpoints."""
        self._zone = check_zone(zone)
        body = {"origin": origin, "tree": "rfc6962-sha256", "zone": zone}
        with self.writing() as write:
            if write.books.size():
                raise AlreadyExists("journal", origin)
            day = write.today()
            return write.append(
                Draft(kind="genesis", day=day, by=by, body=body if vkey is None else {**body, "vkey": vkey})
            )

    @contextmanager
    def writing(self, *, alone: bool = False) -> Iterator[Write]:
        """One command's transaction, from its first read to the durable commit; inside a batch, a part of it."""
        write: Write | None = getattr(self._open, "write", None)
        if write is not None:
            yield write
            return
        with self.store.writing(alone=alone) as books:
            size = books.size()
            last_at = at_of(books.leaf(size - 1)) if size else ""
            opened = Write(books, self, size, last_at)
            yield opened
            if opened.broken:
                raise BatchBroken(self.store.path)

    @contextmanager
    def batch(self) -> Iterator[None]:
        """All commands of this thread inside the context in one transaction: all of them, or none.

        A refused command raises as always; if the caller catches it, the others stay and the batch goes on.
        """
        self.check_no_batch("batch")
        with self.writing(alone=True) as write:
            self._open.write = write
            try:
                yield
            finally:
                self._open.write = None

    def check_no_batch(self, act: str) -> None:
        """Raise BatchOpen if this thread has a batch open, for *act* needs the file to itself."""
        if getattr(self._open, "write", None) is not None:
            raise BatchOpen(act)

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """A consistent view; inside a batch it sees what the batch has posted."""
        write: Write | None = getattr(self._open, "write", None)
        if write is not None:
            yield write.books
            return
        with self.store.reading() as books:
            yield books

    def entry(self, seq: int) -> Entry:
        """The entry at *seq*; raises UnknownEntry."""
        with self.reading() as books:
            return kept_entry(seq, books.leaf(seq))

    def entries(self, first: int = 0, end: int | None = None) -> Iterator[Entry]:
        """Entries from *first* up to, but without, *end*, in the journal's order."""
        with self.reading() as books:
            last = books.size() if end is None else min(end, books.size())
        for start in range(first, last, _PAGE):
            with self.reading() as books:
                page = [kept_entry(seq, leaf) for seq, leaf in books.leaves(start, min(start + _PAGE, last))]
            yield from page

    def size_at(self, moment: datetime) -> int:
        """How many entries were recorded at *moment* or before; found by halving, since time never goes back."""
        limit = moment_text(moment)
        with self.reading() as books:
            low, high = 0, books.size()
            while low < high:
                middle = (low + high) // 2
                if at_of(books.leaf(middle)) <= limit:
                    low = middle + 1
                else:
                    high = middle
            return low

    def size_before(self, day: date | None) -> int:
        """How many entries were recorded before *day* began in the programme's time zone (None: 0)."""
        if day is None or check_day("first", day).year <= FIRST_YEAR:
            return 0
        return self.size_at(datetime.combine(day, time(), self.zone) - timedelta(seconds=1))

    def trial_balance(self, day: date | None = None) -> tuple[AccountBalance, ...]:
        """Every account that ever moved, by account and unit; now, or at the end of *day*."""
        if day is not None:
            check_day("day", day)
        with self.reading() as books:
            return tuple(books.balances(day))

    def rebuild(self) -> int:
        """Drop all projections and make them again from the leaves; answers how many entries were read."""
        self.check_no_batch("rebuild")
        with self.store.writing(alone=True) as books:
            books.drop_projections()
            for seq, leaf in books.leaves():
                entry = kept_entry(seq, leaf)
                books.project(seq, entry.day, entry.moves, resolved_by(entry))
                self._project_records(entry, books)
            return books.size()

    def project(self, seq: int, draft: Draft, leaf: bytes, books: Writer) -> None:
        """Bring the store's projections up to the entry *seq* just written."""
        books.project(seq, draft.day, draft.moves, resolved_by(draft))
        is_plain = self.plain.get(draft.kind)
        if draft.kind in self.projectors and not (is_plain and is_plain(draft)):
            self._project_records(kept_entry(seq, leaf), books)

    def _project_records(self, entry: Entry, books: Writer) -> None:
        projector = self.projectors.get(entry.kind)
        if projector is not None:
            projector(entry, books)

    def now(self) -> datetime:
        """The clock's time, in UTC. Raises ClockWrong."""
        return self.clock.now()

    def today(self) -> date:
        """The day that the clock says it is, in the programme's time zone."""
        return self.now().astimezone(self.zone).date()

    def nonce(self) -> str:
        """128 random bits, as 22 characters of base64url."""
        return base64.urlsafe_b64encode(self.entropy(_NONCE_BYTES))[:22].decode()

    @property
    def zone(self) -> ZoneInfo:
        """The programme's time zone, as the genesis entry says."""
        if self._zone is None:
            self._zone = ZoneInfo(self.entry(0).body["zone"])
        return self._zone

    def local_day(self, at: str) -> date:
        """The day in the programme's time zone of a UTC moment written as text."""
        return local_day(at, self.zone)
