"""A market where every command comes with a key: what the entry keeps of the request is looked at."""

from __future__ import annotations

from datetime import date
from operator import attrgetter
from typing import Any

from tests.programme.market import DAY, TODAY, TWO, Market
from timebank.ledger.journal import Posted, request_digest
from timebank.programme.rulebook import shipped_rulebook

LATE = TODAY - DAY
SAID = "2026-02-28"
ONE = {"by": "clerk-1"}
ADMIN = {"by": "admin"}
BOTH = tuple(TWO.values())
RULES = f"""{shipped_rulebook()}
[service.check]
zh = "评比"
en = "Check"
per = "grade"
grades = [["best", 5], ["good", 3]]
[service.errand]
zh = "代办"
en = "Errand"
per = "hour"
points = 2
payer = "recipient"
"""


class AskedMarket(Market):
    """The market with a rulebook in which a service has grades, and one is paid for by who receives it."""

    def __init__(self) -> None:
        super().__init__()
        self.bank.rulebooks.adopt(RULES, from_day=date(2026, 2, 9), by="admin")

    def asked(self, name: str, /, *first: Any, words: tuple[Any, ...], **named: Any) -> Any:
        """Send the command *name*: what its entry keeps of the request must be the digest of *words*.

        It also says who did it, who approved it, and the day that was said. This answers what the command answers
        when it is sent first; sent again it answers the same, and nothing is written.
        """
        command, digest = attrgetter(name)(self.bank), request_digest(words)
        key = f"k/{digest}"
        answer = command(*first, **named, key=key)
        entry = self.bank.journal.entry(answer.seq)
        assert (entry.key, entry.body["request"]) == (key, digest), words
        assert (entry.by, entry.ok) == (named["by"], named.get("approved_by", entry.ok))
        assert entry.day == (named.get("day") or entry.day)
        before = self.trace()
        again = command(*first, **named, key=key)
        assert (again.seq, self.trace()) == (answer.seq, before)
        assert not isinstance(answer, Posted) or (answer.repeated, again.repeated) == (False, True)
        return answer
