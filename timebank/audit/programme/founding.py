"""What a programme begins with: units, organisations, operators, and its rulebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from timebank.audit.programme.books import days_after, is_day
from timebank.audit.programme.terms import Terms
from timebank.programme.roles import ROLES

if TYPE_CHECKING:
    from collections.abc import Callable

    from timebank.audit.programme.acts import Acts
    from timebank.audit.programme.books import Books
    from timebank.audit.programme.lots import Lots
    from timebank.audit.programme.usage import Usage
    from timebank.audit.replay import Members

LEVELS: Final = ("district", "street", "community", "grid", "building")


class Founding:
    """Units, organisations, operators and rulebooks."""

    def __init__(self, books: Books, acts: Acts, usage: Usage, lots: Lots) -> None:
        self._books = books
        self._acts = acts
        self._usage = usage
        self._lots = lots
        self.folds: dict[str, Callable[[int, Members], None]] = {
            "unit": self._unit,
            "organisation": self._organisation,
            "operator": self._operator,
            "rulebook": self._rulebook,
        }

    def _unit(self, seq: int, members: Members) -> None:
        body = members["body"]
        self._books.add(seq, "unit", (body["unit"], body["zh"], body["en"], seq))

    def _organisation(self, seq: int, members: Members) -> None:
        body, books = members["body"], self._books
        parent = body.get("parent")
        above = None if parent is None else books.known(seq, "organisation", parent)
        if above is not None and LEVELS.index(body["level"]) <= LEVELS.index(above[2]):
            books.wrong(seq, "organisation: not below its parent")
        books.add(seq, "organisation", (body["org"], body["name"], body["level"], parent, seq))

    def _operator(self, seq: int, members: Members) -> None:
        body, books = members["body"], self._books
        org = body.get("org")
        if body["role"] not in ROLES:
            books.wrong(seq, "operator: no such role")
        if org is not None:
            books.known(seq, "organisation", org)
        elif books.tables["operator"]:
            books.findings.add("name-unknown", seq, what="organisation", name="-")
        books.tables["operator"][body["operator"],] = (body["operator"], org, body["role"], seq)
        self._acts.forget()

    def _rulebook(self, seq: int, members: Members) -> None:
        body, books = members["body"], self._books
        start = body["from"]
        terms = Terms("\n".join(body["text"]))
        for problem in terms.problems:
            books.wrong(seq, f"rulebook: {problem}")
        before = books.last_rulebook()
        if not is_day(start) or start <= before:
            books.wrong(seq, "rulebook: not after the one before")
        elif before:
            eve = days_after(start, -1)
            earlier = books.terms(eve)
            if earlier is not None and earlier.expires(eve) > terms.expires(start):
                books.broken(seq, "expiry-out-of-order")
        books.adopt(start, seq, terms)
        self._usage.adopt(seq, terms)
        if terms.expiry != "never":
            self._lots.begin(seq)
        books.add(seq, "rulebook", (start, seq, body["rulebook"]), key=2)
