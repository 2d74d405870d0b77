"""An order (点单) and the steps it can take: what leads from which state to which.

- open, dispatch: dispatched; accept: accepted; finish: finished; rate: rated.
- A dispatched order can be declined and is open again; an open one can be accepted at once.
- What is open, dispatched or accepted can be cancelled. Rated and cancelled orders stay as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from timebank.errors import OwnOrder, StepTooEarly, UnknownOrder, WrongState
from timebank.ledger.store import Table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from timebank.ledger.entries import Entry
    from timebank.ledger.store import Reader, Writer

STATES: Final = ("open", "dispatched", "accepted", "finished", "rated", "cancelled")
WAITING: Final = ("open", "dispatched", "accepted")
"""The states in which an order is still to be done: it can be cancelled, and it can be overdue."""


@frozen
class Order:
    """What the resident *member* asked of *org*, and how far it is; *seq* is the entry that opened it.

    Days are texts. *unit* is what it was dispatched to where that is no member; *volunteer* the member who was
    sent or who accepted. *stars* (1 to 5) and *done* (1 or 0) are the resident's rating; *claim* is the last entry
    that claimed the volunteer's points.
    """

    seq: int
    org: str
    kind: str
    member: str
    opened: str
    due: str | None
    state: str
    unit: str | None = None
    volunteer: str | None = None
    finished: str | None = None
    rated: str | None = None
    stars: int | None = None
    done: int | None = None
    claim: int | None = None

    @property
    def last_day(self) -> str:
        """The day of the last step whose day is kept: no later step comes before it."""
        return self.finished or self.opened

    def is_overdue(self, day: date) -> bool:
        """Whether its due day has passed on *day*, and it is still to be done."""
        return self.state in WAITING and self.due is not None and self.due < day.isoformat()


ORDERS: Final = Table("request", Order, ("seq",))
"""In SQL `order` would be a word of the language."""


@frozen
class Step:
    """What leads from one of the states *of* to the state *to*."""

    of: tuple[str, ...]
    to: str


STEPS: Final[dict[str, Step]] = {
    "dispatch": Step(("open",), "dispatched"),
    "accept": Step(("open", "dispatched"), "accepted"),
    "decline": Step(("dispatched",), "open"),
    "finish": Step(("accepted",), "finished"),
    "rate": Step(("finished",), "rated"),
    "cancel": Step(WAITING, "cancelled"),
}


def order_id(order: Order | int) -> int:
    """The number of *order*, given as itself or by the entry that opened it; raises UnknownOrder for no number."""
    seq = order.seq if isinstance(order, Order) else order
    if type(seq) is not int:
        raise UnknownOrder(str(seq)[:40])
    return seq


def order_of(books: Reader, seq: int) -> Order:
    """The order that the entry *seq* opened; raises UnknownOrder."""
    order = books.get(ORDERS, seq)
    if order is None:
        raise UnknownOrder(str(seq))
    return order


def check_step(order: Order, do: str, day: date) -> None:
    """Raise WrongState unless *order* can take the step *do*, StepTooEarly if *day* is before its last one."""
    step = STEPS[do]
    if order.state not in step.of:
        raise WrongState(order.seq, order.state, ", ".join(step.of))
    if day.isoformat() < order.last_day:
        raise StepTooEarly(order.seq, day.isoformat(), order.last_day)


def check_volunteer(order: Order, volunteer: str) -> None:
    """Raise OwnOrder if *volunteer* is the resident who opened *order*: nobody is paid for serving themselves."""
    if volunteer == order.member:
        raise OwnOrder(order.seq, volunteer)


def project_order(entry: Entry, books: Writer) -> None:
    """Keep how far the order is."""
    body, day = entry.body, entry.day.isoformat()
    if entry.ref is None:
        opened = Order(entry.seq, body["org"], body["order"], body["member"], day, body.get("due"), "open")
        books.put(ORDERS, opened)
        return
    order = order_of(books, entry.ref)
    books.put(ORDERS, evolve(order, state=STEPS[body["do"]].to, **_kept(body, day)))


def _kept(body: Mapping[str, Any], day: str) -> dict[str, Any]:
    """What a step says beside the state that it leads to."""
    if body["do"] == "dispatch":
        return {"unit": body.get("to"), "volunteer": body.get("volunteer")}
    if body["do"] == "accept":
        return {"volunteer": body["volunteer"]}
    if body["do"] == "decline":
        return {"unit": None, "volunteer": None}
    if body["do"] == "finish":
        return {"finished": day}
    if body["do"] == "rate":
        return {"rated": day, "stars": body["stars"], "done": int(body["done"])}
    return {}


def project_claim_of_order(entry: Entry, books: Writer) -> None:
    """Keep in the order which entry claims its points; for a claim that names none, nothing."""
    if entry.body["do"] == "submit" and "order" in entry.body:
        books.put(ORDERS, evolve(order_of(books, entry.body["order"]), claim=entry.seq))
