"""Working papers: they agree with the books of honest people, and show by how much a forged entry is wrong."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given

from tests.audit.forging import CLERK, DAY, Forger
from tests.audit.leaves_only import LeavesOnly, audited
from tests.audit.tamper import insert_leaf, raw
from tests.conftest import Village, fewer
from tests.test_programme_properties import acts, happen
from timebank.audit.reperform import Audit, Papers, audit
from timebank.audit.reperform.examples import whole
from timebank.bank import Bank, open_bank
from timebank.checking import audit_file, verify_file
from timebank.errors import FileMissing, NotALedger
from timebank.ledger.store import AccountBalance

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

KINDS = (
    *("award", "redemption", "stock", "gift", "period", "settlement", "price", "claim"),
    *("return", "post", "hold", "deduction", "member", "card", "shop", "operator", "rulebook"),
)
PAPERS = [field.name for field in attrs.fields(Papers) if field.name != "totals"]


def balances(rows: Iterable[AccountBalance], *families: str, unit: str | None = None) -> int:
    """What the trial balance says of all accounts of these families; of goods where no unit is named."""
    return sum(
        row.amount
        for row in rows
        if row.account.startswith(families) and (row.unit == unit if unit else row.unit not in ("PTS", "MIN"))
    )


def check_against(rows: Sequence[AccountBalance], papers: Papers) -> None:
    """The papers say what the trial balance says."""
    totals = {total.name: total for total in papers.totals}
    assert [total for total in papers.totals if total.difference] == []
    wanted = {
        "members-points": balances(rows, "L:M:", "L:H:", unit="PTS"),
        "members-minutes": balances(rows, "L:M:", "L:H:", unit="MIN"),
        "awarded": balances(rows, "X:AWARDED:", unit="PTS"),
        "opening": -balances(rows, "E:OPENING:", unit="PTS"),
        "deducted": balances(rows, "I:DEDUCTED:", unit="PTS"),
        "expired": balances(rows, "I:EXPIRED:", unit="PTS"),
        "unpaid": balances(rows, "L:S:", unit="PTS"),
        "settled": balances(rows, "E:SETTLED:", unit="PTS"),
        "in-stock": balances(rows, "A:S:", "A:H:"),
        "handed-out": balances(rows, "X:GIVEN:"),
    }
    assert {name: total.by_papers for name, total in totals.items()} == wanted
    for shop in papers.settlements.rows:
        assert shop.unpaid == balances(rows, f"L:S:{shop.shop.upper()}", unit="PTS")
    for good in papers.stock.rows:
        places = [f"A:{letter}:{good.shop.upper()}" for letter in ("S", "H")]
        assert good.closing == balances(rows, *places, unit=good.good.upper())
        assert good.difference == 0


# --- among honest people


@fewer(2)
@given(acts())
def test_the_totals_of_the_papers_are_those_of_the_trial_balance(events: list[tuple[str, Any]]) -> None:
    village = Village()
    happen(village, events)
    papers = audited(village.bank).papers
    check_against(village.bank.trial_balance(), papers)
    assert [getattr(papers, name).checked.wrong for name in PAPERS] == [0] * len(PAPERS)
    assert not any(row.difference for row in papers.awards.rows)
    assert not any(row.difference for row in papers.redemptions.rows)


def test_so_they_are_where_everything_happens(everything: tuple[Path, Any]) -> None:
    path, _ = everything
    found = audit_file(path)
    assert found.is_clean
    assert found.verification == verify_file(path)
    with open_bank(path, readonly=True) as bank:
        check_against(bank.trial_balance(), found.papers)
    assert [getattr(found.papers, name).checked.wrong for name in PAPERS] == [0] * len(PAPERS)


def test_what_the_papers_of_a_small_village_say() -> None:
    village = Village()
    village.record("patrol", minutes=90)
    wrong = village.record("patrol", minutes=60).seq
    village.reverse(wrong)
    village.redeem(soap=2, rice=1)
    village.bank.shops.count(village.shop, {"soap": 6}, by="clerk-1", approved_by="supervisor-1")
    village.bank.shops.write_off(
        village.shop, {"rice": 1}, reason="damp", by="clerk-1", approved_by="supervisor-1"
    )
    papers = audited(village.bank).papers
    assert [(row.service, row.awards, row.stated, row.recomputed) for row in papers.awards.rows] == [
        ("honour", 1, 50, 50),
        ("patrol", 2, 7, 7),
    ]
    assert [(row.shop, row.redemptions, row.taken, row.at_price) for row in papers.redemptions.rows] == [
        ("yungu-shop", 1, 16, 16)
    ]
    assert [
        (row.good, row.received, row.handed_out, row.written_off, row.counted, row.closing, row.balance)
        for row in papers.stock.rows
    ] == [("rice", 4, -1, -1, 0, 2, 2), ("soap", 9, -2, 0, -1, 6, 6)]
    assert {(row.act, row.entries, row.approved) for row in papers.control.rows} == {
        *(("count-stock", 1, 1), ("receive-goods", 1, 1), ("record-service", 3, 3)),
        *(("reverse", 1, 1), ("write-off", 1, 1)),
    }
    assert papers.settlements.rows[0].unpaid == 16
    flows = {(row.kind, row.unit): row.change for row in papers.flows.rows}
    assert flows["award", "PTS"] + flows["reversal", "PTS"] + flows["redemption", "PTS"] == village.points


def test_an_award_is_recomputed_by_what_was_adopted_before_it_also_when_it_is_taken_back() -> None:
    village = Village()
    early = village.record("patrol", minutes=120)
    text = "\n".join(village.bank.journal.entry(find(village, "rulebook")).body["text"])
    village.bank.rulebooks.adopt(text.replace("points = 3", "points = 9"), from_day=date(2026, 2, 1), by="admin")
    late = village.record("patrol", minutes=120)
    village.reverse(early.seq)
    papers = audited(village.bank).papers
    check_against(village.bank.trial_balance(), papers)
    assert [row.recomputed for row in papers.awards.rows if row.service == "patrol"] == [6 + 18]
    village.reverse(late.seq)
    check_against(village.bank.trial_balance(), audited(village.bank).papers)


def test_goods_that_were_reserved_cost_what_they_cost_then() -> None:
    village = Village()
    day = village.bank.today()
    held = village.bank.reservations.reserve(
        village.shop, card="0001", goods={"soap": 2}, until=day, by="clerk-1"
    ).seq
    village.price(soap=5, from_day=day)
    village.bank.reservations.collect(held, by="clerk-1")
    papers = audited(village.bank).papers
    check_against(village.bank.trial_balance(), papers)
    assert [(row.taken, row.at_price) for row in papers.redemptions.rows] == [(6, 6)]


def test_what_comes_late_and_what_is_taken_back_is_in_the_paper_of_settlements() -> None:
    village = Village()
    village.record("patrol", minutes=600, day=date(2026, 2, 1))
    settle = village.bank.settlements.settle
    village.redeem(soap=2, day=date(2026, 2, 10))
    settle(village.shop, last=date(2026, 2, 20), by="clerk-1", approved_by="supervisor-1")
    village.redeem(soap=1, day=date(2026, 2, 12))
    village.redeem(soap=3, day=date(2026, 2, 22))
    last = settle(village.shop, last=date(2026, 2, 25), by="clerk-1", approved_by="supervisor-1").seq
    (shop,) = audited(village.bank).papers.settlements.rows
    assert (shop.settlements, shop.taken, shop.stated, shop.paid, shop.unpaid) == (2, 18, 18, 18, 0)
    village.reverse(last)
    papers = audited(village.bank).papers
    check_against(village.bank.trial_balance(), papers)
    (shop,) = papers.settlements.rows
    assert (shop.settlements, shop.stated, shop.paid, shop.unpaid) == (1, 6, 6, 12)


def test_holds_of_the_ledger_itself_need_no_second_person(path: Path) -> None:
    found = audit_file(path)
    assert found.is_clean
    assert found.papers.control.checked.wrong == 0


def find(village: Village, kind: str) -> int:
    return next(entry.seq for entry in village.bank.journal.entries() if entry.kind == kind)


def test_a_month_that_was_closed_opened_and_closed_again() -> None:
    village = Village()
    close = village.bank.periods.close
    close("2026-02", by="supervisor-1")
    village.bank.periods.reopen("2026-02", by="supervisor-1", approved_by="admin")
    village.record("patrol", minutes=60)
    close("2026-02", by="supervisor-1")
    (month,) = audited(village.bank).papers.periods.rows
    assert (month.month, month.closed, month.reopened, month.late) == ("2026-02", 2, 1, 1)


# --- in a file that somebody forged


def differences(found: Audit) -> dict[str, int]:
    """The totals that do not agree."""
    return {total.name: total.difference for total in found.papers.totals if total.difference}


def test_an_award_of_too_much_is_in_the_paper_with_its_difference(forger: Forger) -> None:
    award = forger.last("award", service="honour")
    moves = forger.leaves[award]["move"]
    too_much = [[debit, credit, unit, amount + 7] for debit, credit, unit, amount in moves[:1]] + moves[1:]
    assert ("award-wrong", "") in forger.again(award, move=too_much)
    found = audit_file(forger.path)
    assert not found.is_clean
    paper = found.papers.awards
    assert (paper.checked.wrong, paper.checked.seqs) == (1, (len(forger.leaves),))
    assert {row.service: row.difference for row in paper.rows if row.difference} == {"honour": 7}
    assert differences(found) == {"awarded": 7}


def test_a_redemption_below_the_price_is_in_the_paper_with_its_difference(forger: Forger) -> None:
    seq = forger.last("redemption", shop="branch")
    moves = [list(move) for move in forger.leaves[seq]["move"]]
    moves[0][3] -= 3
    forger.again(seq, move=moves, day=DAY)
    found = audit_file(forger.path)
    assert found.papers.redemptions.checked.seqs == (len(forger.leaves),)
    assert {row.shop: row.difference for row in found.papers.redemptions.rows if row.difference} == {"branch": -3}
    assert differences(found) == {"unpaid": -3}


def test_goods_that_leave_the_shelf_without_an_entry_that_says_so(forger: Forger) -> None:
    seq = forger.last("redemption", shop="yungu-shop")
    moves = [list(move) for move in forger.leaves[seq]["move"]]
    moves[-1][3] += 5
    forger.again(seq, move=moves, day=DAY)
    found = audit_file(forger.path)
    assert sum(row.difference for row in found.papers.stock.rows) == -5
    assert differences(found) == {"in-stock": -5, "handed-out": 5}


def test_an_entry_without_its_second_person_is_in_the_paper(forger: Forger) -> None:
    forger.again(forger.last("stock", do="write-off"), ok=None, day=DAY)
    control = audit_file(forger.path).papers.control
    assert (control.checked.wrong, control.checked.seqs) == (1, (len(forger.leaves),))
    assert {row.act: row.difference for row in control.rows if row.difference} == {"write-off": 1}


def test_what_verify_finds_of_an_entry_is_in_the_paper_of_its_area(forger: Forger) -> None:
    forger.again(forger.last("redemption", shop="yungu-shop"), {"card": "C-TEAM"}, by="aud-1", ok=None, day=DAY)
    papers = audit_file(forger.path).papers
    seqs = (len(forger.leaves),)
    assert (papers.redemptions.checked.seqs, papers.control.checked.seqs) == (seqs, seqs)
    assert not any(row.difference for row in papers.redemptions.rows)
    assert papers.awards.checked.wrong == 0


def test_an_entry_in_a_closed_month_is_in_the_paper(forger: Forger) -> None:
    forger.forge(
        "gift",
        {"from": forger.people["li"], "to": forger.people["qian"], "relation": "child", "unit": "points"},
        day="2026-02-11",
        move=[[forger.account("li"), forger.account("qian"), "PTS", 1]],
    )
    found = audit_file(forger.path)
    assert found.papers.periods.checked.seqs == (len(forger.leaves),)
    assert {row.month: row.late for row in found.papers.periods.rows} == {"2026-02": 1, "2026-03": 0}
    assert [lead.code for lead in found.leads if lead.code == "into-closed-month"] == ["into-closed-month"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"service": 7, "minutes": "x"},
        {"service": ["a"], "items": 3},
        {"shop": 5, "goods": [["soap", 10**5, "aa"]], "card": "C-LI"},
        {"shop": "branch", "goods": [["soap", "a" * 100, 10**5]], "card": ["C-LI"]},
        {"shop": {"a": 1}, "do": "count", "counted": [[1, True, "x"], ["soap", -5, 2**53 - 1]]},
        {"from": [], "to": {}, "unit": 3},
        {"month": 3, "do": "close", "totals": []},
        {"shop": 1, "org": 2, "taken": "9", "returned": [], "paid": 2, "late": "x"},
        {"member": ["x"], "card": {"y": 1}, "do": "issue", "org": "yungu", "type": "person"},
        {"operator": {"a": 1}, "role": []},
        {"shop": "branch", "good": "soap", "points": "a" * 50, "from": "2026-01-01"},
        {"zone": "../../etc/passwd", "text": [1], "from": 5},
    ],
)
def test_entries_that_say_nonsense_stop_no_audit(forger: Forger, body: dict[str, Any]) -> None:
    values = {"at": "2027-06-02T04:00:00Z", "nonce": "A" * 22, "v": 1, "day": DAY, **CLERK, "body": body}
    move = [[forger.account("li"), "L:S:BRANCH", "PTS", 1]]
    bought = forger.last("redemption")
    for kind in KINDS:
        insert_leaf(forger.path, {**values, "kind": kind, "move": move})
        insert_leaf(forger.path, {**values, "kind": kind, "ref": bought})
    insert_leaf(forger.path, {**values, "kind": "reversal", "ref": len(forger.leaves), "move": move})
    found = audit_file(forger.path)
    assert not found.is_clean
    json.dumps(attrs.asdict(found.papers))
    assert all(lead.message() for lead in found.leads)


@pytest.mark.parametrize("value", ["aa", True, 1.5, None, [1]])
def test_a_text_is_never_multiplied(value: object) -> None:
    with pytest.raises(TypeError):
        whole(value)


def test_a_journal_that_cannot_be_read_gives_findings_and_papers_of_nothing(forger: Forger) -> None:
    with raw(forger.path) as connection:
        connection.execute("ALTER TABLE entry RENAME COLUMN leaf TO leave")
    found = audit_file(forger.path)
    assert not found.is_clean
    assert (found.papers.awards.rows, found.leads) == ((), ())


def test_leaves_that_are_none_are_left_out(forger: Forger) -> None:
    award = forger.last("award", service="honour")
    with raw(forger.path) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE entry SET leaf = x'7b7d' WHERE seq = ?", (award,))
    found = audit_file(forger.path)
    assert not found.is_clean
    assert found.papers.awards.checked.count > 0


# --- the call


def test_an_audit_changes_nothing_and_needs_no_writing(everything: tuple[Path, Any], tmp_path: Path) -> None:
    path, _ = everything
    before = path.read_bytes()
    audit_file(path)
    assert path.read_bytes() == before
    with pytest.raises(FileMissing):
        audit_file(tmp_path / "none.timebank")
    (tmp_path / "text.timebank").write_text("no ledger")
    with pytest.raises(NotALedger):
        audit_file(tmp_path / "text.timebank")


def test_checkpoints_kept_outside_are_looked_at(everything: tuple[Path, Any]) -> None:
    found = audit_file(everything[0], checkpoints=["no note"])
    assert [finding.code for finding in found.verification.findings] == ["note-bad"]


def test_local_time_follows_the_zone_of_the_book() -> None:
    now = datetime(2026, 3, 2, 23, 0, tzinfo=UTC)
    with Bank.in_memory(zone="America/New_York", clock=lambda: now) as bank:
        for name in "abc":
            bank.organisations.add(name, name=name, level="community", by="admin")
        assert audit(LeavesOnly(bank), ()).leads == ()
    with Bank.in_memory(zone="Europe/Berlin", clock=lambda: now) as bank:
        bank.organisations.add("a", name="a", level="community", by="admin")
        (lead,) = audit(LeavesOnly(bank), ()).leads
        assert (lead.code, lead.count) == ("night-entries", 5)
