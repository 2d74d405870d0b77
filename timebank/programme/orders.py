"""Orders: residents order (点单), the community dispatches (派单), one accepts (接单), residents rate (评单)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from timebank.errors import BadCode, DispatchUnclear, DueTooEarly
from timebank.ledger.codes import check_amount
from timebank.ledger.entries import Draft, check_day, check_key, check_slug
from timebank.programme.claim_records import check_claimable
from timebank.programme.claims import Claims
from timebank.programme.members import Member, id_of, member_of
from timebank.programme.order_rates import Rate, rate_of, rates_by_kind, rates_rolled_up
from timebank.programme.order_steps import (
    ORDERS,
    STATES,
    Order,
    check_step,
    check_volunteer,
    order_id,
    order_of,
)
from timebank.programme.organisations import organisation
from timebank.programme.placements import organisation_on, organisations_below, tree_on
from timebank.programme.roles import check_allowed, check_operators
from timebank.programme.rulebook import rulebook_on

if TYPE_CHECKING:
    from collections.abc import Iterable

    from timebank.ledger.journal import Journal, Posted
    from timebank.ledger.store import Reader

MOST_STARS: Final = 5


@frozen
class Orders:
    """The desk for orders."""

    _journal: Journal

    def open(
        self,
        kind: str,
        *,
        member: Member | str,
        org: str | None = None,
        due: date | None = None,
        day: date | None = None,
        by: str,
        key: str | None = None,
    ) -> Posted:
        """Take an order in: *member* asks for something of a *kind*; the entry's place is the order's number.

        *org* serves it (None: the member's own on that day). It is *due* on a day (None: so many days later as the
        rulebook in force says, if it says any). Raises UnknownOrderKind, DueTooEarly.
        """
        check_slug("order", kind)
        asks = id_of(member)
        if org is not None:
            check_slug("org", org)
        until = None if due is None else check_day("due", due)
        when = None if day is None else check_day("day", day)
        check_operators(by)
        request = ("order-open", kind, asks, org or "", str(until or ""), str(when or ""), by)
        with self._journal.writing() as write:
            write.check_day(when)
            if done := write.already(key, request):
                return done
            day = when or write.today()
            if until is not None and until < day:
                raise DueTooEarly(until.isoformat(), day.isoformat())
            member_of(write.books, asks)
            serves = org or organisation_on(write.books, "member", asks, day)
            organisation(write.books, serves)
            days = rulebook_on(write.books, day)[1].order_kind(kind, day).days
            check_allowed(write.books, "serve-order", by, day=day)
            body = {"do": "open", "org": serves, "order": kind, "member": asks}
            if until is None and days is not None:
                until = day + timedelta(days)
            if until is not None:
                body["due"] = until.isoformat()
            return write.append(Draft(kind="order", day=day, by=by, body=body), key=key, request=request)

    def dispatch(
        self,
        order: Order | int,
        *,
        to: str | None = None,
        volunteer: Member | str | None = None,
        day: date | None = None,
        by: str,
        key: str | None = None,
    ) -> Posted:
        """Send an open *order* *to* a unit (a short public name), or to a *volunteer*: a person or a team.

        Not to the resident who asked for it (OwnOrder).
        """
        number = order_id(order)
        if (to is None) == (volunteer is None):
            raise DispatchUnclear(number)
        step = {"volunteer": id_of(volunteer)} if volunteer is not None else {"to": check_slug("unit", to)}
        return self._step(number, "dispatch", step, day=day, by=by, key=key)

    def accept(
        self,
        order: Order | int,
        volunteer: Member | str,
        *,
        day: date | None = None,
        by: str,
        key: str | None = None,
    ) -> Posted:
        """Let *volunteer* take an *order* that was dispatched, or one that is open (抢单).

        Not the resident who asked for it (OwnOrder).
        """
        return self._step(order_id(order), "accept", {"volunteer": id_of(volunteer)}, day=day, by=by, key=key)

    def decline(
        self, order: Order | int, *, reason: str, day: date | None = None, by: str, key: str | None = None
    ) -> Posted:
        """Give a dispatched *order* back, for a *reason* (a short code such as `no-time`): it is open again."""
        step = {"reason": check_slug("reason", reason)}
        return self._step(order_id(order), "decline", step, day=day, by=by, key=key)

    def finish(self, order: Order | int, *, day: date | None = None, by: str, key: str | None = None) -> Posted:
        """Say that an accepted *order* was carried out on *day* (None: today)."""
        return self._step(order_id(order), "finish", {}, day=day, by=by, key=key)

    def rate(
        self,
        order: Order | int,
        *,
        stars: int,
        done: bool,
        day: date | None = None,
        by: str,
        key: str | None = None,
    ) -> Posted:
        """Keep what the resident says of a finished *order*: 1 to 5 *stars*, and whether it is *done*."""
        check_amount("stars", stars, most=MOST_STARS)
        if type(done) is not bool:
            raise BadCode("done", str(done)[:80], "true|false")
        return self._step(order_id(order), "rate", {"stars": stars, "done": done}, day=day, by=by, key=key)

    def cancel(
        self, order: Order | int, *, reason: str, day: date | None = None, by: str, key: str | None = None
    ) -> Posted:
        """End an *order* that was not finished, for a *reason* (a short code such as `no-longer-needed`)."""
        step = {"reason": check_slug("reason", reason)}
        return self._step(order_id(order), "cancel", step, day=day, by=by, key=key)

    def _step(
        self, order: int, do: str, step: dict[str, Any], *, day: date | None, by: str, key: str | None
    ) -> Posted:
        """Post the next step of *order*.

        Raises UnknownOrder, UnknownMember, OwnOrder, WrongState, StepTooEarly.
        """
        check_operators(by)
        when = None if day is None else check_day("day", day)
        request = (f"order-{do}", order, *sorted(step.items()), str(when or ""), by)
        with self._journal.writing() as write:
            write.check_day(when)
            if done := write.already(key, request):
                return done
            known = order_of(write.books, order)
            if "volunteer" in step:
                member_of(write.books, step["volunteer"])
            day = when or write.today()
            check_allowed(write.books, "serve-order", by, day=day)
            if "volunteer" in step:
                check_volunteer(known, step["volunteer"])
            check_step(known, do, day)
            draft = Draft(kind="order", day=day, by=by, ref=order, body={"do": do, **step})
            return write.append(draft, key=key, request=request)

    def claim(
        self,
        order: Order | int,
        service: str,
        *,
        minutes: int | None = None,
        occasions: int | None = None,
        grade: str | None = None,
        start: str | None = None,
        org: str | None = None,
        evidence: str | None = None,
        by: str,
        key: str | None = None,
    ) -> Posted:
        """Claim the points of an *order* that is done for its volunteer: a claim as any other.

        Where the recipient pays for the *service*, the resident who ordered it does. Raises WrongState unless the
        order was rated as done and every earlier claim of it was rejected or withdrawn, and what `Claims.submit`
        raises.
        """
        check_slug("service", service)
        check_operators(by)
        number = order_id(order)
        with self._journal.reading() as books:
            known = order_of(books, number)
            recipient = _payer(books, known, service)
            check_allowed(books, "submit-claim", by)
            if key is None or books.seq_of_key(check_key(key)) is None or known.finished is None:
                check_claimable(books, known)
        return Claims(self._journal).submit(
            service,
            [str(known.volunteer)],
            day=date.fromisoformat(str(known.finished)),
            minutes=minutes,
            occasions=occasions,
            grade=grade,
            start=start,
            org=org,
            evidence=evidence,
            recipient=recipient,
            order=number,
            by=by,
            key=key,
        )

    def get(self, order: int) -> Order:
        """The order that the entry *order* opened; raises UnknownOrder."""
        with self._journal.reading() as books:
            return order_of(books, order_id(order))

    def all(self, *, state: str | None = None, org: str | None = None) -> tuple[Order, ...]:
        """All orders in the order of their opening; those in this *state*, of this *org*, if named."""
        if state is not None and state not in STATES:
            raise BadCode("state", str(state)[:80], "|".join(STATES))
        with self._journal.reading() as books:
            if org is not None:
                organisation(books, check_slug("org", org))
            return tuple(
                order for order in books.rows(ORDERS) if state in (None, order.state) and org in (None, order.org)
            )

    def overdue(self, *, day: date | None = None) -> tuple[Order, ...]:
        """The orders still to be done now whose due day has passed on *day* (None: today)."""
        today = self._journal.today() if day is None else check_day("day", day)
        return tuple(order for order in self.all() if order.is_overdue(today))

    def rates(self, *, first: date | None = None, last: date | None = None) -> tuple[Rate, ...]:
        """How the orders that were opened from *first* to *last* were served, by organisation and kind."""
        with self._journal.reading() as books:
            return rates_by_kind(_opened(books, first, last), self._journal.today())

    def rolled_up(
        self, *, first: date | None = None, last: date | None = None, day: date | None = None
    ) -> tuple[Rate, ...]:
        """The same for each organisation with all that stood below it on *day* (None: today), kinds together."""
        today = self._journal.today()
        with self._journal.reading() as books:
            tree = tree_on(books, today if day is None else check_day("day", day))
            return rates_rolled_up(_opened(books, first, last), today, tree)

    def total(
        self,
        org: str | None = None,
        *,
        kind: str | None = None,
        first: date | None = None,
        last: date | None = None,
        day: date | None = None,
    ) -> Rate:
        """The same in one sum: of *org* and all below it on *day* (None: today), of this *kind*; None: of all."""
        today = self._journal.today()
        with self._journal.reading() as books:
            orders = _opened(books, first, last)
            if org is not None:
                organisation(books, check_slug("org", org))
                tree = tree_on(books, today if day is None else check_day("day", day))
                below = organisations_below(tree, org)
                orders = (order for order in orders if order.org in below)
            if kind is not None:
                check_slug("kind", kind)
                orders = (order for order in orders if order.kind == kind)
            return rate_of(orders, today, org=org or "", kind=kind or "")


def _opened(books: Reader, first: date | None, last: date | None) -> Iterable[Order]:
    start = (date.min if first is None else check_day("first", first)).isoformat()
    end = (date.max if last is None else check_day("last", last)).isoformat()
    return (order for order in books.rows(ORDERS) if start <= order.opened <= end)


def _payer(books: Reader, order: Order, service: str) -> str | None:
    """Who pays for *service* beside the programme and its pools: the resident, where the recipient does."""
    if order.finished is None:
        return None
    day = date.fromisoformat(order.finished)
    row = rulebook_on(books, day)[1].service(service, day)
    return order.member if row.payer == "recipient" else None
