"""Orders of residents, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from timebank.audit.programme.books import days_after, is_day, is_whole

if TYPE_CHECKING:
    from collections.abc import Callable

    from timebank.audit.programme.books import Books
    from timebank.audit.replay import Members

_STEPS: Final = {
    "dispatch": (("open",), "dispatched"),
    "accept": (("open", "dispatched"), "accepted"),
    "decline": (("dispatched",), "open"),
    "finish": (("accepted",), "finished"),
    "rate": (("finished",), "rated"),
    "cancel": (("open", "dispatched", "accepted"), "cancelled"),
}
_COLUMNS: Final = (
    *("seq", "org", "kind", "member", "opened", "due", "state", "unit", "volunteer"),
    *("finished", "rated", "stars", "done", "claim"),
)
_MOST_STARS: Final = 5


class Orders:
    """Orders, by the entry that opened them."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self.folds: dict[str, Callable[[int, Members], None]] = {"order": self._order}

    def _order(self, seq: int, members: Members) -> None:
        body = members["body"]
        if body["do"] == "open":
            self._open(seq, members)
            return
        states, state = _STEPS[body["do"]]
        row = self._books.known(seq, "request", members["ref"])
        if row is None or not self._books.check_state(seq, "order", members["ref"], row[6], states):
            return
        changes = self._changes(seq, members)
        if "volunteer" in body and body["volunteer"] == row[3]:
            self._books.broken(seq, f"own-order {members['ref']}")
        if body["do"] == "dispatch" and ("to" in body) == ("volunteer" in body):
            self._books.wrong(seq, "order: dispatched to nobody, or to two")
        self._put(row, state=state, **changes)

    def _changes(self, seq: int, members: Members) -> dict[str, Any]:
        body, day = members["body"], members["day"]
        if body["do"] in ("dispatch", "accept"):
            if body["do"] == "accept" or "volunteer" in body:
                self._books.known(seq, "member", body["volunteer"])
            changes = {"volunteer": body.get("volunteer")}
            return {**changes, "unit": body.get("to")} if body["do"] == "dispatch" else changes
        if body["do"] == "decline":
            return {"unit": None, "volunteer": None}
        if body["do"] == "finish":
            return {"finished": day}
        if body["do"] == "rate":
            if not is_whole(body["stars"], _MOST_STARS) or type(body["done"]) is not bool:
                self._books.wrong(seq, "order: rated in another way")
            return {"rated": day, "stars": body["stars"], "done": int(body["done"])}
        return {}

    def _put(self, row: tuple[Any, ...], **changes: Any) -> None:
        values = {**dict(zip(_COLUMNS, row, strict=True)), **changes}
        self._books.tables["request"][row[0],] = tuple(values.values())

    def _open(self, seq: int, members: Members) -> None:
        body, books, day = members["body"], self._books, members["day"]
        books.known(seq, "organisation", body["org"])
        books.known(seq, "member", body["member"])
        terms = books.terms(day)
        kind = None if terms is None else terms.orders.get(body["order"])
        if kind is None:
            books.findings.add("name-unknown", seq, what="order", name=str(body["order"]))
        due = body.get("due")
        if due is not None and not (is_day(due) and due >= day):
            books.wrong(seq, "order: due before it was opened")
        if due is None and kind is not None and "days" in kind:
            books.wrong(seq, f"order: due {days_after(day, kind['days'])}")
        nothing = (None,) * 6
        books.add(
            seq, "request", (seq, body["org"], body["order"], body["member"], day, due, "open", None, *nothing)
        )

    def claim(self, seq: int, order: int, names: list[str], day: str) -> None:
        """A claim says that it is for an order: one that was rated as done, by its volunteer, and once."""
        books = self._books
        row = books.known(seq, "request", order)
        if row is None:
            return
        values = dict(zip(_COLUMNS, row, strict=True))
        state = values["state"] if values["claim"] is None or self._is_gone(values["claim"]) else "claimed"
        if state == "rated" and not values["done"]:
            state = "not-done"
        books.check_state(seq, "order", order, state, ("rated",))
        if names != [values["volunteer"]] or day != values["finished"]:
            books.wrong(seq, "claim: not by the order's volunteer, or of another day")
        self._put(row, claim=seq)

    def _is_gone(self, claim: int) -> bool:
        """Whether a claim was rejected or withdrawn, so that the order may be claimed anew."""
        row = self._books.tables["claim"].get((claim,))
        return row is not None and row[4] in ("rejected", "withdrawn")
