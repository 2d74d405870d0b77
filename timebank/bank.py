"""The bank: where store, clock, signer and desks meet. `timebank.open(...)` answers one of these."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from timebank.audit.report import Report, report
from timebank.errors import BadCode, FileMissing
from timebank.ledger.clock import check_zone
from timebank.ledger.codes import MINUTES, POINTS
from timebank.ledger.entries import Draft, check_slug
from timebank.ledger.journal import Journal, Posted
from timebank.ledger.store import AccountBalance, SignedNote, Store
from timebank.programme.branches import Branches
from timebank.programme.budgets import Budgets
from timebank.programme.cards import Cards
from timebank.programme.claims import Claims
from timebank.programme.corrections import Corrections
from timebank.programme.deductions import Deductions
from timebank.programme.erasures import Erasures
from timebank.programme.expiry import Points
from timebank.programme.gifts import Gifts
from timebank.programme.goods import Goods
from timebank.programme.keys import Keys, is_lost, key_in_force
from timebank.programme.kinds import PLAIN, PROJECTORS
from timebank.programme.members import Members
from timebank.programme.openings import Openings
from timebank.programme.orders import Orders
from timebank.programme.organisations import Organisations
from timebank.programme.periods import Periods
from timebank.programme.pools import Pools
from timebank.programme.ratings import Ratings
from timebank.programme.reservations import Reservations
from timebank.programme.rulebook import Rulebooks
from timebank.programme.services import Services
from timebank.programme.settlements import Settlements
from timebank.programme.shop_desk import Shops
from timebank.programme.stars import Stars
from timebank.programme.teams import Teams
from timebank.programme.venues import Venues
from timebank.storage.keys import KeyFile, new_key
from timebank.storage.memory import MemoryStore
from timebank.storage.sqlite import SqliteStore
from timebank.storage.sqlite_file import new_file
from timebank.tlog import merkle
from timebank.tlog.checkpoint import Checkpoint, generate_key, read_unverified
from timebank.tlog.receipt import Receipt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from timebank.audit.verify import Verification

DEFAULT_ZONE: Final = "Asia/Shanghai"
_ORIGIN: Final = re.compile(r"[a-z0-9][a-z0-9.-]*(/[a-z0-9][a-z0-9._-]*)*")
_MOST_ORIGIN: Final = 100
_BUILT_IN_UNITS: Final = ((POINTS, "积分", "points"), (MINUTES, "服务时长（分钟）", "minutes of service"))


def utc_now() -> datetime:
    """This machine's clock."""
    return datetime.now(UTC)


class Bank:
    """A time bank's books: desks that act, and what everybody may read.

    Safe to share between threads; several processes may open the same file. Close it, or use it in a `with`.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Callable[[], datetime] = utc_now,
        entropy: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.journal = Journal(store, clock, PROJECTORS, entropy, PLAIN)
        self.organisations = Organisations(self.journal)
        self.members = Members(self.journal)
        self.cards = Cards(self.journal)
        self.rulebooks = Rulebooks(self.journal)
        self.services = Services(self.journal)
        self.claims = Claims(self.journal)
        self.deductions = Deductions(self.journal)
        self.goods = Goods(self.journal)
        self.shops = Shops(self.journal)
        self.reservations = Reservations(self.journal)
        self.settlements = Settlements(self.journal)
        self.corrections = Corrections(self.journal)
        self.gifts = Gifts(self.journal)
        self.pools = Pools(self.journal)
        self.points = Points(self.journal)
        self.budgets = Budgets(self.journal)
        self.teams = Teams(self.journal)
        self.orders = Orders(self.journal)
        self.venues = Venues(self.journal)
        self.ratings = Ratings(self.journal)
        self.stars = Stars(self.journal)
        self.periods = Periods(self.journal)
        self.branches = Branches(self.journal)
        self.openings = Openings(self.journal)
        self.keys = Keys(self.journal)
        self.erasures = Erasures(self.journal)

    @classmethod
    def create(
        cls,
        path: str | Path,
        *,
        origin: str,
        zone: str = DEFAULT_ZONE,
        admin: str = "admin",
        clock: Callable[[], datetime] = utc_now,
        busy_seconds: float = 5.0,
    ) -> Bank:
        """Make a new ledger file, with a signing key beside it where `timebank[sign]` is installed.

        *origin* names the log for ever, like `yungu.example/timebank`; *zone* says where a day begins and
        ends; *admin* is the operator who may appoint others. Raises FileExists, CannotOpen, InvalidInput.
        """
        with cls.building(path, origin=origin, zone=zone, admin=admin, clock=clock):
            pass
        return cls(SqliteStore(path, busy_seconds=busy_seconds), clock=clock)

    @classmethod
    @contextmanager
    def building(
        cls,
        path: str | Path,
        *,
        origin: str,
        zone: str = DEFAULT_ZONE,
        admin: str = "admin",
        clock: Callable[[], datetime] = utc_now,
        entropy: Callable[[int], bytes] = os.urandom,
    ) -> Iterator[Bank]:
        """A new bank whose file comes to lie at *path*, whole, when the context ends well; else nothing is left.

        *entropy* makes ids, nonces and the signing key; it is given only where a journal must come out the
        same twice, and whoever knows it knows the key. Raises what `create` raises.
        """
        check_founding(origin, zone, admin)
        target = Path(path)
        with (
            new_file(target) as unfinished,
            new_key(target, origin, entropy) as signer,
            cls(SqliteStore.create(unfinished), clock=clock, entropy=entropy) as bank,
        ):
            bank.found(origin=origin, zone=zone, admin=admin, vkey=None if signer is None else signer.vkey)
            yield bank

    @classmethod
    def in_memory(
        cls,
        *,
        origin: str = "example.org/memory",
        zone: str = DEFAULT_ZONE,
        admin: str = "admin",
        clock: Callable[[], datetime] = utc_now,
    ) -> Bank:
        """A ledger that is gone when the process ends: for tests and for trying things out."""
        check_founding(origin, zone, admin)
        bank = cls(MemoryStore(), clock=clock)
        bank.found(origin=origin, zone=zone, admin=admin)
        return bank

    def found(self, *, origin: str, zone: str, admin: str, vkey: str | None = None) -> None:
        """Post the first entries of an empty journal: genesis, the two units, the administrator."""
        with self.batch():
            self.journal.found(origin=origin, zone=zone, by=admin, vkey=vkey)
            with self.journal.writing() as write:
                day = write.today()
                for code, zh, en in _BUILT_IN_UNITS:
                    body = {"unit": code, "zh": zh, "en": en}
                    write.append(Draft(kind="unit", day=day, by=admin, body=body))
                body = {"operator": admin, "role": "admin"}
                write.append(Draft(kind="operator", day=day, by=admin, body=body))

    @contextmanager
    def batch(self) -> Iterator[None]:
        """All commands inside in one transaction: all of them are kept, or none."""
        with self.journal.batch():
            yield

    def reverse(
        self,
        seq: int,
        *,
        reason: str = "mistake",
        debt: bool = False,
        day: date | None = None,
        by: str,
        approved_by: str,
        key: str | None = None,
    ) -> Posted:
        """Take an entry back; see Corrections.reverse."""
        return self.corrections.reverse(
            seq, reason=reason, debt=debt, day=day, by=by, approved_by=approved_by, key=key
        )

    def report(self) -> Report:
        """The programme in numbers."""
        with self.journal.reading() as books:
            return report(books)

    def trial_balance(self, day: date | None = None) -> tuple[AccountBalance, ...]:
        """Every account that ever moved; now, or at the end of *day*."""
        return self.journal.trial_balance(day)

    def today(self) -> date:
        """The day that it is now in the programme's time zone, by this bank's clock."""
        return self.journal.today()

    @property
    def origin(self) -> str:
        """The log's name."""
        return str(self.journal.entry(0).body["origin"])

    def checkpoint(self) -> str:
        """Sign the journal as it is: the note, which is also kept in the file.

        One signer at a time, and only what is committed. Raises KeyMissing, KeyNotInForce, LogDiverged, BatchOpen.
        """
        self.journal.check_no_batch("checkpoint")
        with self.journal.store.writing(alone=True) as books:
            size, last = books.size(), books.last_note()
            if last is not None and last.size == size:
                return last.note
            checkpoint = Checkpoint(self.origin, size, merkle.root(books, size))
            key = key_in_force(books, size)
            note = KeyFile(Path(self.journal.store.path)).sign(
                checkpoint, books, vkey="" if key is None else key.vkey, is_lost=lambda each: is_lost(books, each)
            )
            books.add_note(SignedNote(size, note))
        return note

    def rotate_key(self, *, by: str, approved_by: str, destroy: bool = False) -> Posted:
        """Make a new signing key, and let it sign from this entry on; see Keys.replace.

        The key before is kept beside the book as FILE.key.ID.old, or with *destroy* overwritten. A crash at any
        moment leaves a book that names its key, and that key beside it: the next checkpoint finishes the change.
        Raises FileMissing for a book in memory, ExtraMissing, BatchOpen, CannotOpen, and what Keys.replace raises.
        """
        self.journal.check_no_batch("rotate-key")
        path = Path(self.journal.store.path)
        if not path.exists():
            raise FileMissing(str(path))
        file = KeyFile(path)
        with self.batch():
            before = self.keys.in_force()
            if before is not None:
                file.settle(before.vkey)
            signer = generate_key(self.origin, self.journal.entropy)
            with file.next_key(signer):
                posted = self.keys.replace(signer.vkey, by=by, approved_by=approved_by)
        with self.journal.store.writing(alone=True) as books:  # nobody else changes the key meanwhile
            key = key_in_force(books, books.size())
            file.settle("" if key is None else key.vkey, destroy=destroy)
        return posted

    def receipt(self, seq: int) -> str:
        """A receipt for the entry *seq*: its leaf, its inclusion proof, and a signed checkpoint.

        The checkpoint is the last one kept if it covers the entry, else a new one. Raises UnknownEntry.
        """
        with self.journal.reading() as books:
            leaf, last = books.leaf(seq), books.last_note()
        note = self.checkpoint() if last is None or last.size <= seq else last.note
        with self.journal.reading() as books:
            proof = merkle.inclusion_proof(books, seq, read_unverified(note).size)
        return Receipt(leaf, seq, proof, note).render()

    def verify(
        self,
        *,
        checkpoints: Sequence[str] = (),
        receipts: Sequence[str] = (),
        witnesses: Sequence[str] = (),
        since: str | None = None,
    ) -> Verification:
        """Check the file as an auditor would, all of it or what came after a checkpoint; see verify_file."""
        from timebank.checking import verify_file  # what an auditor needs is loaded for an auditor

        path = self.journal.store.path
        return verify_file(path, checkpoints=checkpoints, receipts=receipts, witnesses=witnesses, since=since)

    def rebuild(self) -> int:
        """Make all projections again from the journal; answers how many entries there are."""
        return self.journal.rebuild()

    def close(self) -> None:
        """Let go of the file."""
        self.journal.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_bank(
    path: str | Path,
    *,
    readonly: bool = False,
    busy_seconds: float = 5.0,
    clock: Callable[[], datetime] = utc_now,
) -> Bank:
    """Open an existing ledger file; *busy_seconds* is how long a command waits for other writers.

    A file of an older timebank is brought up to date first, its projections made again from the journal.
    Raises FileMissing, NotALedger, FileTooNew, FileTooOld, CannotOpen, CannotWrite, FileDamaged.
    """
    store = SqliteStore(path, readonly=readonly, busy_seconds=busy_seconds)
    bank = Bank(store, clock=clock)
    if store.needs_rebuild:
        try:
            bank.rebuild()
        except BaseException:
            bank.close()
            raise
    return bank


def check_founding(origin: str, zone: str, admin: str) -> None:
    """Raise BadCode unless a ledger can be founded so."""
    if not isinstance(origin, str) or len(origin) > _MOST_ORIGIN or not _ORIGIN.fullmatch(origin):
        raise BadCode("origin", str(origin)[:80], _ORIGIN.pattern)
    check_zone(zone)
    check_slug("admin", admin)
