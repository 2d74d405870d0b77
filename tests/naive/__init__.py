"""The whole programme, done naively: a list of facts, and everything worked out from it each time.

No project import, no projections: what the design says, in plain dicts and lists. A command answers `Done` (what
happened), `Again` (the same command with the same key was here before) or `No` with the codes that the documented
order of refusals allows; several rules of the same rank may name any one of theirs.

The order: input is wrong, already posted, unknown (also: no rulebook or price on the day, a measure that the
service does not have, an entry of a kind that is never taken back), not allowed, period closed, not active (or
taken, out of order, taken back already), cap or limit or budget, not enough points, not enough stock.
"""

from __future__ import annotations

from tests.naive.facts import Again, Answer, Done, No
from tests.naive.months import Months


class Naive(Months):
    """A programme from its founding on, with every command."""


__all__ = ["Again", "Answer", "Done", "Naive", "No"]
