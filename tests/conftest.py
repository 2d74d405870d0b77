"""How hard Hypothesis tries (HYPOTHESIS_PROFILE: dev, the default; ci; night; mutation), and a village to use."""

from __future__ import annotations

import os
import re
import types
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.told import look_at_errors
from timebank.bank import Bank
from timebank.programme.rulebook import shipped_rulebook

if TYPE_CHECKING:
    from collections.abc import Generator

    from timebank.errors import TimebankError
    from timebank.ledger.journal import Posted

# Making a ledger file is slow in Hypothesis's eyes; that is no fault of the data.
_SLOW = [HealthCheck.too_slow]

settings.register_profile("dev", max_examples=50, deadline=None, suppress_health_check=_SLOW)
settings.register_profile(
    "ci", max_examples=500, deadline=None, derandomize=True, print_blob=True, suppress_health_check=_SLOW
)
settings.register_profile(
    "night", max_examples=20_000, deadline=None, print_blob=True, suppress_health_check=_SLOW
)
# A mutant is to be noticed, not to be understood: nothing is made smaller or explained.
settings.register_profile(
    "mutation",
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=_SLOW,
)
look_at_errors()
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first, so that none of several workers ends long after the others."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where TIMEBANK_ALLOW_SKIPS is set, a skip whose reason does not match it is a failure."""
    report = yield
    allowed = os.environ.get("TIMEBANK_ALLOW_SKIPS")
    if report.skipped and allowed is not None and not re.search(allowed, str(report.longrepr)):
        report.outcome = "failed"
    return report


def fewer(divisor: int, *, steps: int = 50) -> settings:
    """The profile's examples divided by *divisor* (but five at least), for what takes long: a state machine."""
    examples = max(5, settings.default.max_examples // divisor)
    return settings(max_examples=examples, stateful_step_count=steps)


class Village:
    """A community with somebody of every role, a shop with goods, and Wang, who has 50 points.

    The rulebook is the shipped one. It is noon of 1 March 2026 in Shanghai; `now` can be set.
    """

    RULES_FROM = date(2026, 1, 1)
    TODAY = date(2026, 3, 1)
    PEOPLE = types.MappingProxyType(
        {role: f"{role}-1" for role in ("clerk", "supervisor", "registrar", "auditor", "admin")}
    )

    def __init__(self, **founding: str) -> None:
        self.now = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
        self.bank = bank = Bank.in_memory(clock=lambda: self.now, **founding)
        by = founding.get("admin", "admin")
        bank.organisations.add("yungu", name="云谷社区", level="community", by=by)
        for role, operator in self.PEOPLE.items():
            bank.organisations.appoint(operator, org="yungu", role=role, by=by)
        bank.rulebooks.adopt(shipped_rulebook(), from_day=self.RULES_FROM, by=by)
        for good in ("rice", "soap"):
            bank.goods.add(good, name="货", name_en=good, by=by)
        self.shop = bank.shops.open("yungu-shop", org="yungu", name="云谷超市", by=by)
        self.price(rice=10, soap=3)
        self.receive(rice=4, soap=9)
        self.wang = bank.members.enrol(org="yungu", card="0001", by=by)
        self.honour = self.record("honour", occasions=1).seq

    def price(self, *, from_day: date = RULES_FROM, **points: int) -> None:
        for good, cost in points.items():
            self.bank.shops.set_price(self.shop, good, points=cost, from_day=from_day, by="admin-1")

    def receive(self, *, day: date | None = None, **goods: int) -> Posted:
        return self.bank.shops.receive(
            self.shop, goods, donor="huicai", day=day, by="clerk-1", approved_by="supervisor-1"
        )

    def record(self, service: str, *, day: date = date(2026, 2, 8), **measure: Any) -> Posted:
        people = {"by": "clerk-1", "approved_by": "supervisor-1"} | {
            name: measure.pop(name) for name in ("by", "approved_by") if name in measure
        }
        return self.bank.services.record(measure.pop("member", self.wang), service, day=day, **people, **measure)

    def redeem(
        self, *, card: str = "0001", day: date | None = None, key: str | None = None, **goods: Any
    ) -> Posted:
        return self.bank.shops.redeem(self.shop, card=card, goods=goods, day=day, by="clerk-1", key=key)

    def reverse(self, seq: int, **named: Any) -> Posted:
        return self.bank.reverse(seq, by="clerk-1", approved_by="supervisor-1", **named)

    @property
    def points(self) -> int:
        return self.bank.members.balance(self.wang).points

    def trace(self) -> tuple[Any, ...]:
        """What a command that did not happen must leave alone."""
        return self.bank.report(), self.bank.trial_balance()


def refused(place: Any, error: type[TimebankError], command: Any, *first: Any, **named: Any) -> Any:
    """The error of a *command* that leaves no trace in *place*: a village, or another that has a `trace`."""
    before = place.trace()
    with pytest.raises(error) as caught:
        command(*first, **named)
    assert place.trace() == before
    return caught.value


@pytest.fixture
def village() -> Village:
    return Village()
