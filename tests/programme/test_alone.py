"""Commands that post for many, or write before they are sure, have a commit of their own; others share theirs."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from operator import attrgetter

import pytest

from tests.programme.commands import COMMANDS
from tests.programme.market import Market
from timebank.errors import TimebankError
from timebank.ledger.store import Writer
from timebank.storage.memory import MemoryStore

CASES = (
    *(case for case in COMMANDS if case[0] != "orders.claim"),  # looks its order up, and submits a claim
    ("services.record", {**dict(COMMANDS)["services.record"], "recipient": None}),
)
ALONE = ("claims.post", "points.expire", "reservations.release_overdue")
"""An award that another member pays for too: that member's points may lapse first."""


def is_alone(name: str, given: Mapping[str, object]) -> bool:
    return name in ALONE or (name == "services.record" and given.get("recipient") is not None)


@pytest.mark.parametrize(("name", "given"), CASES)
def test_these_commands_are_committed_alone_and_no_others(
    monkeypatch: pytest.MonkeyPatch, name: str, given: Mapping[str, object]
) -> None:
    market, asked = Market(), list[bool]()
    writing = MemoryStore.writing

    def seen(store: MemoryStore, *, alone: bool = False) -> AbstractContextManager[Writer]:
        asked.append(alone)
        return writing(store, alone=alone)

    monkeypatch.setattr(MemoryStore, "writing", seen)
    with suppress(TimebankError):
        attrgetter(name)(market.bank)(**given)
    assert set(asked) == {is_alone(name, given)}
