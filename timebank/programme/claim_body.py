"""What a claim says: from what somebody claims to the entry's body, and back to what is to be awarded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from timebank.errors import BadCode, MeasuresTwice
from timebank.ledger.codes import check_amount
from timebank.ledger.entries import kept_entry
from timebank.programme.awards import check_measure, items_body, items_of
from timebank.programme.members import Member, id_of
from timebank.programme.rulebook_terms import MOST_PEOPLE, Measure
from timebank.programme.services import Deed

if TYPE_CHECKING:
    from timebank.ledger.store import Reader
    from timebank.programme.claim_records import Claim

Members = Sequence[Member | str] | Mapping[Member, Measure] | Mapping[str, Measure]
"""Who served: all by the same measure, or each by their own."""

Done = tuple[tuple[str, Measure], ...]


def done_by(service: str, members: Members, each: Measure) -> Done:
    """Members with what each did: *each* for all of them, or their own measures.

    1 to 200 members, each once. Raises BadAmount, BadCode, and MeasuresTwice if both are given.
    """
    if isinstance(members, Mapping):
        if each != Measure():
            raise MeasuresTwice(service)
        done = tuple((id_of(member), check_measure(measure)) for member, measure in members.items())
    else:
        check_measure(each)
        done = tuple((id_of(member), each) for member in members)
    check_amount("members", len(done), most=MOST_PEOPLE)
    seen: set[str] = set()
    for member, _ in done:
        if member in seen:
            raise BadCode("members", member, "each member once")
        seen.add(member)
    return done


def submission(deed: Deed, order: int | None) -> dict[str, Any]:
    """The body of the entry that submits a claim to *deed*."""
    body: dict[str, Any] = {
        "do": "submit",
        "service": deed.service,
        "org": deed.org,
        "items": items_body(deed.done),
    }
    optional = {"evidence": deed.evidence, "recipient": deed.recipient, "order": order}
    return body | {name: value for name, value in optional.items() if value is not None}


def deed_of(books: Reader, claim: Claim) -> Deed:
    """What *claim* asks to be awarded, as its entry says."""
    entry = kept_entry(claim.seq, books.leaf(claim.seq))
    body = entry.body
    return Deed(
        claim.service,
        items_of(body),
        entry.day,
        claim.org,
        body.get("recipient"),
        body.get("evidence"),
        claim.seq,
    )
