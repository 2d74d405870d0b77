"""The report and the zero, against figures counted by hand."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

import timebank
from tests.audit.books import Ledger
from timebank.audit.report import Report, report, unit_sums
from timebank.ledger.store import AccountBalance
from timebank.storage.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def moves(ledger: Ledger) -> Iterator[tuple[dict[str, Any], list[Any]]]:
    for seq, _ in enumerate(ledger.leaves):
        members = ledger.members(seq)
        for move in members.get("move", []):
            yield members, move


def test_every_unit_sums_to_zero(ledger: Ledger) -> None:
    with timebank.open(ledger.path, readonly=True) as bank:
        sums = unit_sums(bank.trial_balance())
    assert sums == dict.fromkeys(("PTS", "MIN", "RICE-5KG", "OIL-1L", "SOAP"), 0)


def test_every_unit_sums_to_zero_at_the_end_of_every_day(ledger: Ledger) -> None:
    days = sorted({ledger.members(seq)["day"] for seq, _ in enumerate(ledger.leaves)})
    with timebank.open(ledger.path, readonly=True) as bank:
        for day in days:
            assert set(unit_sums(bank.trial_balance(date.fromisoformat(day))).values()) <= {0}


def test_a_book_that_does_not_balance_does_not_sum_to_zero() -> None:
    lines = [AccountBalance("X:AWARDED:A", "PTS", 10), AccountBalance("L:M:B", "PTS", 9)]
    assert unit_sums(lines) == {"PTS": 1}
    assert unit_sums([]) == {}


@given(amounts=st.lists(st.tuples(st.sampled_from("AXLEI"), st.sampled_from("AXLEI"), st.integers(1, 10**12))))
def test_any_book_of_transfers_sums_to_zero(amounts: list[tuple[str, str, int]]) -> None:
    lines = []
    for debit, credit, amount in amounts:
        lines.append(AccountBalance(f"{debit}:1", "PTS", amount if debit in "AX" else -amount))
        lines.append(AccountBalance(f"{credit}:2", "PTS", -amount if credit in "AX" else amount))
    assert set(unit_sums(lines).values()) <= {0}


def test_the_report_is_what_the_leaves_say(ledger: Ledger) -> None:
    totals: dict[str, int] = {}
    for _, (debit, credit, unit, amount) in moves(ledger):
        for account, change in ((debit, amount), (credit, -amount)):
            name = f"{':'.join(account.split(':')[:2])}:{unit}"
            totals[name] = totals.get(name, 0) + change
    kinds = [ledger.members(seq)["kind"] for seq, _ in enumerate(ledger.leaves)]
    taken_back = sum(
        ledger.members(seq)["body"]["of"] == "redemption" for seq, kind in enumerate(kinds) if kind == "reversal"
    )
    with closing(SqliteStore(ledger.path, readonly=True)) as store, store.reading() as books:
        told = report(books)
    assert taken_back == 1
    assert told == Report(
        organisations=3,
        members=24,
        cards_issued=26,
        shops=2,
        service_minutes=totals["X:SERVICE:MIN"],
        points_awarded=totals["X:AWARDED:PTS"],
        redemptions=kinds.count("redemption") - taken_back,
        points_redeemed=-totals["L:S:PTS"],
        points_settled=0,
        points_deducted=0,
        points_expired=0,
        points_outstanding=-totals["L:M:PTS"] - totals.get("L:H:PTS", 0),
        entries=len(kinds),
    )


def test_an_empty_programme_reports_zeros(tmp_path: Path) -> None:
    with timebank.Bank.create(tmp_path / "new.timebank", origin="a.example/b") as bank:
        told = bank.report()
        assert bank.verify().findings == ()
    assert (told.members, told.points_awarded, told.redemptions, told.entries) == (0, 0, 0, 4)
