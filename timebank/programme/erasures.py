"""Erasures: a member's personal data is taken out of the people file, and the journal says that it was.

The entry names the member's code and nothing of the person. What is kept beside the book (names, phones, memos)
goes with it; the entries stay, and every receipt with them. A people file that is put back from an older copy
finds the entry and takes the data out again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from timebank.ledger.entries import Draft, check_slug
from timebank.ledger.store import Table
from timebank.programme.members import Member, id_of, member_of
from timebank.programme.roles import check_allowed, check_operators

if TYPE_CHECKING:
    from timebank.ledger.entries import Entry
    from timebank.ledger.journal import Journal, Posted
    from timebank.ledger.store import Writer

ASKED_FOR: Final = "asked-for"
"""The usual reason: the member, or who may speak for the member, has asked."""


@frozen
class Erasure:
    """With entry *seq* all that was kept of the person behind *member* is erased; *reason* is a short code."""

    seq: int
    member: str
    reason: str


ERASURES: Final = Table("erasure", Erasure, ("seq",))


@frozen
class Erasures:
    """The desk for erasures; `People.erase` takes the person out of the people file as well."""

    _journal: Journal

    def record(
        self, member: Member | str, *, reason: str = ASKED_FOR, by: str, approved_by: str, key: str | None = None
    ) -> Posted:
        """Put down that what was kept of the person behind *member* is erased.

        The member's points, cards and entries stay as they are. Raises UnknownMember, RoleNotAllowed.
        """
        owner = id_of(member)
        check_slug("reason", reason)
        check_operators(by, approved_by)
        request = ("erasure", owner, reason, by, approved_by)
        with self._journal.writing() as write:
            if done := write.already(key, request):
                return done
            known = member_of(write.books, owner)
            check_allowed(write.books, "erase-person", by, approved_by)
            body = {"member": known.id, "reason": reason}
            draft = Draft(kind="erasure", day=write.today(), by=by, ok=approved_by, body=body)
            return write.append(draft, key=key, request=request)

    def all(self) -> tuple[Erasure, ...]:
        """Every erasure, the first one first."""
        with self._journal.reading() as books:
            return tuple(books.rows(ERASURES))


def project_erasure(entry: Entry, books: Writer) -> None:
    """Keep that the person was erased."""
    books.put(ERASURES, Erasure(entry.seq, entry.body["member"], entry.body["reason"]))
