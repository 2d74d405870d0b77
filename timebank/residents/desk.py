"""The desk for persons: the people file and the ledger beside it, seen together.

`timebank.People.open(bank)` answers one. Nothing that it keeps enters the journal but that somebody was erased.
"""

from __future__ import annotations

import json
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from attrs import frozen

from timebank.errors import BadCode, BadText, FileMissing
from timebank.ledger.entries import check_slug
from timebank.people import identity
from timebank.people.file import PeopleFile, people_path
from timebank.people.pepper import pepper_path, read_pepper
from timebank.people.records import PURPOSES, Consent, Memo, Person
from timebank.programme.erasures import ASKED_FOR
from timebank.programme.members import CARDS, Member, id_of
from timebank.programme.roles import MAY_DO, check_role
from timebank.programme.text import check_name
from timebank.residents.bulletin import Bulletin, bulletin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from timebank.bank import Bank
    from timebank.ledger.journal import Posted

_KEEPERS: Final = MAY_DO["enrol"]
_MOST_TEXT: Final = 2_000


@frozen
class Found:
    """Somebody who was searched for: the person, and the active cards."""

    person: Person
    cards: tuple[str, ...]


class People:
    """The persons behind the members of *bank*. Close it, or use it in a `with`; see `open`."""

    def __init__(self, bank: Bank, ledger: Path, file: PeopleFile) -> None:
        self._bank = bank
        self._ledger = ledger
        self._file = file

    @classmethod
    def create(cls, bank: Bank) -> Self:
        """Make the people file and its pepper beside the ledger of *bank*, and open it.

        Raises FileMissing for a bank in memory, FileExists, CannotOpen, DiskFull.
        """
        PeopleFile.create(_ledger_of(bank), bank.origin)
        return cls.open(bank)

    @classmethod
    def open(cls, bank: Bank) -> Self:
        """The people file beside the ledger of *bank*; whom the journal says was erased is taken out first.

        Raises FileMissing, PeopleMissing, NotAPeopleFile, FileTooNew, CannotOpen, CannotWrite, FileDamaged,
        FileLocked.
        """
        ledger = _ledger_of(bank)
        file = PeopleFile.open(ledger, bank.origin)
        try:
            with bank.journal.reading() as books:
                size = books.size()
                erasures = [(each.member, each.seq) for each in bank.erasures.all()]
            file.settle(erasures, size)
        except BaseException:
            file.close()
            raise
        return cls(bank, ledger, file)

    @contextmanager
    def batch(self) -> Iterator[None]:
        """What is kept of persons inside is kept, or nothing of it. Erasures do not belong into one."""
        with self._file.writing():
            yield

    def set(
        self,
        member: Member | str,
        *,
        name: str | None = None,
        phone: str | None = None,
        id_number: str | None = None,
        by: str,
    ) -> Person:
        """Keep the *name* (needed the first time), *phone* and document of the person behind *member*.

        What is None stays as it was; an empty *phone* or *id_number* is forgotten. Of the document's number only a
        keyed hash and the last four characters are kept.

        Raises UnknownMember, BadText, BadCode, BadIdNumber, PepperMissing, and SamePerson if another member has
        the document.
        """
        owner = self._bank.members.get(id_of(member)).id
        self._check_keeper(by)
        with self._file.writing():
            before = self._file.find(owner)
            said = identity.person_name(name) if isinstance(name, str) else name
            called = check_name("name", said if said is not None or before is None else before.name)
            kept_phone = None if before is None else before.phone
            if phone is not None:
                kept_phone = identity.phone_number(phone) if phone else None
            mark, end = (None, None) if before is None else (before.id_mark, before.id_end)
            if id_number is not None:
                mark, end = self._mark(id_number) if id_number else (None, None)
            person = Person(owner, called, kept_phone, mark, end, self._day(), by, self._size())
            self._file.put(person)
        return person

    def get(self, member: Member | str) -> Person:
        """What is kept of the person behind *member*. Raises UnknownMember, UnknownPerson."""
        return self._file.get(self._bank.members.get(id_of(member)).id)

    def keeps(self, member: Member | str) -> bool:
        """Whether anything is kept of the person behind *member*."""
        return self._file.find(id_of(member)) is not None

    def with_document(self, id_number: str) -> tuple[Found, ...]:
        """Who has this document: one, or nobody. Raises BadIdNumber, PepperMissing."""
        person = self._file.by_mark(self._mark(id_number)[0])
        return () if person is None else (Found(person, self._cards().get(person.member, ())),)

    def search(self, text: str) -> tuple[Found, ...]:
        """Who has *text* in the name, or three digits or more of it in the phone number."""
        cards = self._cards()
        return tuple(Found(person, cards.get(person.member, ())) for person in self._file.search(text))

    def consent(self, member: Member | str, purpose: str, *, is_given: bool = True, by: str) -> Consent:
        """Take down that the person consents to a *purpose* (bulletin, stars, contact), or withdraws it.

        Raises UnknownMember, UnknownPerson, BadCode.
        """
        owner = self._bank.members.get(id_of(member)).id
        if purpose not in PURPOSES:
            raise BadCode("purpose", str(purpose)[:40], "|".join(PURPOSES))
        self._check_keeper(by)
        consent = Consent(owner, purpose, is_given, self._day(), by)
        self._file.agree(consent)
        return consent

    def purposes(self, member: Member | str) -> tuple[str, ...]:
        """What the person behind *member* consents to now."""
        last = {each.purpose: each.is_given for each in self._file.consents(id_of(member))}
        return tuple(purpose for purpose in PURPOSES if last.get(purpose))

    def names(self, purpose: str) -> dict[str, str]:
        """The names of all who consent to *purpose*, by member: not yet masked."""
        return self._file.names(purpose)

    def add_memo(self, member: Member | str, text: str, *, by: str) -> Memo:
        """Keep a *text* (up to 2,000 characters) about *member*; its hash may be given as evidence of a claim.

        Raises UnknownMember, UnknownPerson, BadText.
        """
        owner = self._bank.members.get(id_of(member)).id
        self._check_keeper(by)
        if not isinstance(text, str) or not 1 <= len(text.strip()) <= len(text) <= _MOST_TEXT or _unwritable(text):
            raise BadText("text", str(text)[:80].encode(errors="replace").decode(), _MOST_TEXT)
        return self._file.add_memo(owner, text, day=self._day(), by=by)

    def memo(self, memo_hash: str) -> Memo:
        """The memo with this hash. Raises UnknownMemo, and FileDamaged if its text was changed."""
        return self._file.memo(memo_hash)

    def everything(self, member: Member | str) -> dict[str, Any]:
        """All that is kept about one member, for the member: the person, and every entry that names the member.

        Plain values, ready for JSON. Raises UnknownMember.
        """
        known = self._bank.members.get(id_of(member))
        person = self._file.find(known.id)
        balance = self._bank.members.balance(known)
        with self._bank.journal.reading() as books:
            entries = [
                {"seq": seq, **json.loads(leaf)} for seq, leaf in books.leaves() if known.id.encode() in leaf
            ]
            size = books.size()
        return {
            "book": self._bank.origin,
            "written": self._day(),
            "entries_in_book": size,
            "member": {
                "id": known.id,
                "kind": known.kind,
                "org": self._bank.members.organisation(known),
                "cards": list(self._cards().get(known.id, ())),
                "points": balance.points,
                "minutes": balance.minutes,
            },
            "person": None if person is None else _plain(person),
            "consents": [
                {"purpose": each.purpose, "given": each.is_given, "day": each.day, "by": each.by}
                for each in self._file.consents(known.id)
            ],
            "memos": [
                {"hash": each.hash, "day": each.day, "by": each.by, "salt": each.salt.hex(), "text": each.text}
                for each in self._file.memos(known.id)
            ],
            "entries": entries,
        }

    def erase(
        self, member: Member | str, *, reason: str = ASKED_FOR, by: str, approved_by: str, key: str | None = None
    ) -> Posted:
        """Put the erasure down in the journal, and take the person, consents and memos out of the people file.

        If it breaks off in between, the next opening of the file finishes it. The member's points, cards and
        entries stay, without a name. Raises what `Erasures.record` raises, FileLocked and BatchOpen.
        """
        self._bank.journal.check_no_batch("erase-person")
        with self._file.writing():  # nobody else writes the person again before the entry has its place
            posted = self._bank.erasures.record(member, reason=reason, by=by, approved_by=approved_by, key=key)
        self._file.erase([(posted.entry.body["member"], posted.seq)], later_too=not posted.repeated)
        return posted

    def bulletin(self, first: date, last: date, org: str | None = None) -> Bulletin:
        """The awards of the days from *first* to *last* as they may hang in public; see `bulletin`."""
        return bulletin(self._bank, self._file.names("bulletin"), first, last, org)

    @property
    def open_to_others(self) -> tuple[str, ...]:
        """Which of the two files somebody else on this machine may read."""
        paths = (people_path(self._ledger), pepper_path(self._ledger))
        return tuple(
            str(path) for path in paths if path.exists() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        )

    def close(self) -> None:
        """Let go of the people file; the bank stays open."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _mark(self, id_number: str) -> tuple[bytes, str]:
        number = identity.document_number(id_number)
        return identity.mark(read_pepper(self._ledger), number), number[-identity.SHOWN_OF_NUMBER :]

    def _cards(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        with self._bank.journal.reading() as books:
            for card in books.rows(CARDS):
                if card.state == "active":
                    found[card.member] = (*found.get(card.member, ()), card.number)
        return found

    def _check_keeper(self, by: str) -> None:
        """Raise unless *by* may write down who people are: whoever may enrol them."""
        check_slug("by", by)
        with self._bank.journal.reading() as books:
            check_role(books, by, _KEEPERS, "enrol")

    def _day(self) -> str:
        return self._bank.today().isoformat()

    def _size(self) -> int:
        with self._bank.journal.reading() as books:
            return books.size()


def _ledger_of(bank: Bank) -> Path:
    path = Path(bank.journal.store.path)
    if not path.exists():
        raise FileMissing(str(path))
    return path


def _plain(person: Person) -> dict[str, Any]:
    return {
        "name": person.name,
        "phone": person.phone,
        "id_number_ends": person.id_end,
        "day": person.day,
        "by": person.by,
    }


def _unwritable(text: str) -> bool:
    """Whether *text* has half a character, which no file in UTF-8 can hold, or a NUL."""
    return "\0" in text or any("\ud800" <= character <= "\udfff" for character in text)
