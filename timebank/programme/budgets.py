"""Budgets: how many points an organisation's programme may award from a first to a last day.

What is used of a budget is what was awarded on its days, less what was taken back on them. An award that passes
it needs a third person.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from attrs import frozen

from timebank.errors import (
    BadDay,
    BudgetOverlaps,
    BudgetPassed,
    SelfApproval,
)
from timebank.ledger.codes import POINTS, check_amount
from timebank.ledger.entries import Draft, check_day, check_slug
from timebank.ledger.store import Table
from timebank.programme.accounts import awarded_account
from timebank.programme.organisations import organisation
from timebank.programme.roles import SECOND, check_allowed, check_operators, check_role

if TYPE_CHECKING:
    from timebank.ledger.entries import Entry
    from timebank.ledger.journal import Journal, Posted
    from timebank.ledger.store import Reader, Writer


@frozen
class Budget:
    """*points* that *org* may award on the days from *first* to *last*, both included."""

    org: str
    first: str
    last: str
    points: int
    seq: int


@frozen
class BudgetUse:
    """A budget, and how much of it is awarded; less than nothing is left where a third person let it pass."""

    budget: Budget
    used_points: int

    @property
    def left_points(self) -> int:
        """What can still be awarded."""
        return self.budget.points - self.used_points


BUDGETS: Final = Table("budget", Budget, ("org", "first"))


def budget_on(books: Reader, org: str, day: date) -> Budget | None:
    """The budget of *org* for *day*, if there is one."""
    found = books.latest(BUDGETS, org, upto=day.isoformat())
    return found if found is not None and day.isoformat() <= found.last else None


def used_points(books: Reader, budget: Budget) -> int:
    """Points awarded on the days of *budget*, less those taken back on them."""
    account = awarded_account(budget.org)
    first, last = date.fromisoformat(budget.first), date.fromisoformat(budget.last)
    before = 0 if first == date.min else books.balance_on(account, POINTS, first - timedelta(days=1))
    return books.balance_on(account, POINTS, last) - before


def check_budget(
    books: Reader, org: str, day: date, points: int, *, by: str, ok: str | None, also: str | None
) -> bool:
    """Whether awarding *points* of *org* on *day* passes its budget, and *also* has approved that.

    Only points that the programme gives count; what a pool or a recipient pays does not. *also* is a third
    person, a supervisor or an admin, neither *by* nor *ok*. Where this answers True the entry says who it was.
    Raises BudgetPassed where nobody did; UnknownOperator, RoleNotAllowed, SelfApproval.
    """
    if also is not None:
        _check_third_person(books, by, ok, also)
    budget = budget_on(books, org, day) if points else None
    if budget is None:
        return False
    used = used_points(books, budget)
    if used + points <= budget.points:
        return False
    if also is None:
        raise BudgetPassed(org, budget.first, budget.last, budget.points, used, points)
    return True


def _check_third_person(books: Reader, by: str, ok: str | None, also: str) -> None:
    check_role(books, also, SECOND, "pass-budget")
    if also in (by, ok):
        raise SelfApproval(also)


def check_apart(books: Reader, org: str, first: str, last: str) -> None:
    """Raise BudgetOverlaps if a budget of *org* from another first day has a day from *first* to *last*."""
    for other in books.rows(BUDGETS, org):
        if other.first != first and other.first <= last and first <= other.last:
            raise BudgetOverlaps(org, first, last, other.first, other.last)


@frozen
class Budgets:
    """The desk for budgets."""

    _journal: Journal

    def set(
        self,
        org: str,
        *,
        first: date,
        last: date,
        points: int,
        by: str,
        approved_by: str,
        key: str | None = None,
    ) -> Posted:
        """Let *org* award *points* on the days from *first* to *last*.

        That takes the place of its budget from the same first day, if there is one. Raises BadDay if *last*
        comes before *first*, BudgetOverlaps if another budget has one of the days.
        """
        check_slug("org", org)
        if check_day("last", last) < check_day("first", first):
            raise BadDay("last", last.isoformat())
        check_amount("points", points)
        check_operators(by, approved_by)
        start, end = first.isoformat(), last.isoformat()
        request = ("budget", org, start, end, points, by, approved_by)
        with self._journal.writing() as write:
            if done := write.already(key, request):
                return done
            organisation(write.books, org)
            check_allowed(write.books, "set-budget", by, approved_by)
            check_apart(write.books, org, start, end)
            body = {"org": org, "first": start, "last": end, "points": points}
            draft = Draft(kind="budget", day=write.today(), by=by, ok=approved_by, body=body)
            return write.append(draft, key=key, request=request)

    def all(self, org: str | None = None) -> tuple[BudgetUse, ...]:
        """All budgets (or those of *org*), by organisation and first day, with what is used of them."""
        prefix = () if org is None else (check_slug("org", org),)
        with self._journal.reading() as books:
            if org is not None:
                organisation(books, org)
            return tuple(BudgetUse(budget, used_points(books, budget)) for budget in books.rows(BUDGETS, *prefix))


def project_budget(entry: Entry, books: Writer) -> None:
    """Keep the budget."""
    body = entry.body
    books.put(BUDGETS, Budget(body["org"], body["first"], body["last"], body["points"], entry.seq))
