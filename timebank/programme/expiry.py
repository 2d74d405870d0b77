"""Points that lapse (过期清零): the entries that take them off, and what lapses next.

Whether and when points lapse is the rulebook's to say; lots.py works out how many. A pool's points do not lapse.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from attrs import frozen

from timebank.ledger.codes import POINTS, check_amount
from timebank.ledger.entries import Draft, kept_entry
from timebank.ledger.journal import Posted
from timebank.ledger.transfers import Transfer
from timebank.programme import lots
from timebank.programme.accounts import expired_account, member_account
from timebank.programme.closing import closed_through, month_of
from timebank.programme.flows import flows_of
from timebank.programme.members import MEMBERS
from timebank.programme.placements import organisation_on
from timebank.programme.roles import check_allowed, check_operators
from timebank.programme.rulebook import RULEBOOKS, rulebook_of, rulebook_on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from timebank.ledger.journal import Journal, Request, Write
    from timebank.ledger.store import Reader
    from timebank.programme.lots import Expires, Flows, Lapse

KIND: Final = "expiry"
MOST_DAYS: Final = 3_660


@frozen
class Lapsing:
    """*points* of *member* that lapse after *day* if nothing is spent before."""

    member: str
    day: date
    points: int


@frozen
class Age:
    """*points* that members hold and that came in in *year*; *fen* is what they cost."""

    year: int
    points: int
    fen: int


def lapse(write: Write, member: str, by: str) -> None:
    """Post what has lapsed of the points of the member with this id, inside the caller's transaction.

    That is one entry, or mostly none. Whoever spends a member's points calls it after the last check and before
    the own entry, for a command that is refused after it wrote takes others' commands back with it. What the
    member can spend is known before: `spendable`.
    """
    for each in due(write.books, member, write.today()):
        post_lapse(write, member, each, by)


def spendable(books: Reader, member: str, today: date) -> int:
    """The points that the member can spend: what is there, less what has lapsed and is still there."""
    held = books.balance(member_account(member), POINTS)
    return held - sum(lapse.points for lapse in due(books, member, today))


def due(books: Reader, member: str, today: date) -> tuple[Lapse, ...]:
    """What has lapsed of the member's points before *today* and is not posted yet: one lapse, mostly none."""
    if not can_have_lapsed(books, today) or not books.balance(member_account(member), POINTS):
        return ()
    return lots.due(flows_of(books, member), expiry_of(books), before=today)


def can_have_lapsed(books: Reader, today: date) -> bool:
    """Whether any points at all can have lapsed before *today*: quick to know, and mostly not so.

    What is earned later never lapses earlier. So nothing lapses before the last day of what was earned on the
    first day of the first rulebook, and nothing at all if that does not.
    """
    record = next(books.rows(RULEBOOKS), None)
    if record is None:
        return False
    last = rulebook_of(books, record).rules.expires(date.fromisoformat(record.from_day))
    return last is not None and last < today


def expiry_of(books: Reader) -> Expires:
    """What tells the last day of what comes in on a day, by the rulebook in force on that day.

    What came in before the first rulebook (an opening balance) lapses as if it had come in with it.
    """
    records = list(books.rows(RULEBOOKS))
    starts = [date.fromisoformat(record.from_day) for record in records]
    rules = [rulebook_of(books, record).rules for record in records]

    def expires(day: date) -> date | None:
        place = bisect_right(starts, day) - 1
        if place < 0:
            return rules[0].expires(starts[0]) if rules else None
        return rules[place].expires(day)

    return expires


def post_lapse(
    write: Write, member: str, lapse: Lapse, by: str, *, key: str | None = None, request: Request = ()
) -> Posted:
    """Post *lapse* on its last day; where that is closed, on the first open day."""
    org = organisation_on(write.books, "member", member, lapse.until)
    draft = Draft(
        kind=KIND,
        day=_open_day(write.books, lapse.until),
        by=by,
        body={"member": member, "until": lapse.until.isoformat()},
        moves=(Transfer(member_account(member), expired_account(org), POINTS, lapse.points),),
    )
    return write.append(draft, key=key, request=request)


def _open_day(books: Reader, day: date) -> date:
    """*day*, or the first day after the last closed month."""
    through = closed_through(books)
    if month_of(day) > through:
        return day
    year, month = map(int, through.split("-"))
    return date(year + month // 12, month % 12 + 1, 1)


@frozen
class Points:
    """The desk for points as a whole: what lapses, and what is outstanding."""

    _journal: Journal

    def expire(self, *, by: str, key: str | None = None) -> tuple[Posted, ...]:
        """Take off what has lapsed, of all members, in one transaction; answers the entries, one for a member.

        There is none for a member of whose points nothing has lapsed.
        """
        check_operators(by)
        request = ("expire", by)
        with self._journal.writing(alone=True) as write:
            if done := write.already(key, request):
                return _repeated(write.books, done)
            check_allowed(write.books, "expire", by)
            posted: list[Posted] = []
            for member, lapse in _all_due(write.books, write.today()):
                posted.append(post_lapse(write, member, lapse, by, key=None if posted else key, request=request))
            return tuple(posted)

    def lapsed(self) -> tuple[Lapsing, ...]:
        """What has lapsed before today and is not taken off yet, by day and member."""
        with self._journal.reading() as books:
            return _by_day(_all_due(books, self._journal.today()))

    def lapsing(self, days: int = 90) -> tuple[Lapsing, ...]:
        """What will lapse today or on the *days* days after it if nothing is spent, by day and member."""
        check_amount("days", days, most=MOST_DAYS)
        today = self._journal.today()
        end = today + timedelta(days=days + 1)
        with self._journal.reading() as books:
            found = [
                (member, lapse)
                for member, flows, expires in _all_flows(books, end)
                for lapse in lots.upcoming(flows, expires, first=today, before=end)
            ]
        return _by_day(found)

    def ages(self) -> tuple[Age, ...]:
        """What members hold, by the year in which it came in, and what it costs by the rulebook of today.

        What came in first is spent first. Left out is what has lapsed; what is reserved or in a pool is not
        a member's to spend and is not in it either.
        """
        today = self._journal.today()
        years: Counter[int] = Counter()
        with self._journal.reading() as books:
            expires = expiry_of(books)
            for member in books.rows(MEMBERS):
                flows = flows_of(books, member.id)
                gone = sum(lapse.points for lapse in lots.due(flows, expires, before=today))
                years += lots.by_year(flows, flows.balance - gone)
            if not years:
                return ()
            fen = rulebook_on(books, today)[1].rules.point_value_fen
        return tuple(Age(year, points, points * fen) for year, points in sorted(years.items()))


def _all_due(books: Reader, before: date) -> list[tuple[str, Lapse]]:
    """What has lapsed before the day *before* and is not posted yet, by member."""
    return [
        (member, lapse)
        for member, flows, expires in _all_flows(books, before)
        for lapse in lots.due(flows, expires, before=before)
    ]


def _all_flows(books: Reader, before: date) -> Iterator[tuple[str, Flows, Expires]]:
    """Every member of whose points some can lapse before the day *before*."""
    if can_have_lapsed(books, before):
        expires = expiry_of(books)
        for member in books.rows(MEMBERS):
            if books.balance(member_account(member.id), POINTS):
                yield member.id, flows_of(books, member.id), expires


def _by_day(found: list[tuple[str, Lapse]]) -> tuple[Lapsing, ...]:
    return tuple(
        Lapsing(member, lapse.until, lapse.points)
        for member, lapse in sorted(found, key=lambda each: (each[1].until, each[0]))
    )


def _repeated(books: Reader, first: Posted) -> tuple[Posted, ...]:
    """The entries of the sweep that *first* began: they follow it without a gap, recorded at the same moment."""
    found = [first]
    for seq, leaf in books.leaves(first.seq + 1):
        entry = kept_entry(seq, leaf)
        if entry.kind != KIND or entry.at != first.entry.at or entry.key is not None:
            break
        found.append(Posted(seq, leaf, repeated=True))
    return tuple(found)
