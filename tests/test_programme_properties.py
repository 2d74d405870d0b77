"""Properties of one command: what it changes, what it leaves alone, and how it is read back."""

from __future__ import annotations

import inspect
import pickle
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import strategies
from tests.conftest import Village, fewer
from timebank import errors
from timebank.errors import Refused, TimebankError
from timebank.ledger.entries import Draft, entry_of, leaf_of
from timebank.ledger.transfers import Transfer

FIRST, LAST = Village.RULES_FROM, Village.TODAY
DAYS = strategies.days(first=FIRST, last=LAST)
DAY = timedelta(days=1)


@st.composite
def acts(draw: st.DrawFn) -> list[tuple[str, Any]]:
    """What happens in a village, in the order of being recorded: awards, goods in and out, things taken back."""
    one = st.one_of(
        st.tuples(st.just("patrol"), st.tuples(st.integers(1, 1440), DAYS)),
        st.tuples(st.just("redeem"), st.tuples(strategies.baskets(["rice", "soap"], most=3), DAYS)),
        st.tuples(st.just("receive"), st.tuples(strategies.baskets(["rice", "soap"], most=20), DAYS)),
        st.tuples(st.just("reverse"), st.tuples(st.integers(0, 9), DAYS)),
    )
    return draw(st.lists(one, max_size=12))


def happen(village: Village, events: list[tuple[str, Any]]) -> list[int]:
    """Let them happen, where the rules allow it; answers the places of what did."""
    places = [village.honour]
    for name, (what, day) in events:
        try:
            if name == "patrol":
                places.append(village.record("patrol", minutes=what, day=day).seq)
            elif name == "redeem":
                places.append(village.redeem(**what, day=day).seq)
            elif name == "receive":
                places.append(village.receive(**what, day=day).seq)
            else:
                places.append(village.reverse(places[what % len(places)], day=day).seq)
        except Refused:
            continue
    return places


def folded(village: Village, account: str, unit: str, *, upto: date | None = None, end: int | None = None) -> int:
    """The balance by adding up the transfers of the entries, in the account's own sign."""
    total = 0
    for entry in village.bank.journal.entries(0, end):
        for move in entry.moves:
            if move.unit == unit and (upto is None or entry.day <= upto):
                total += move.amount * ((move.debit == account) - (move.credit == account))
    return total if account[0] in "AX" else -total


@fewer(4)
@given(acts(), DAYS)
def test_a_balance_on_a_day_is_the_sum_of_the_entries_of_that_day_and_before(
    events: list[tuple[str, Any]], day: date
) -> None:
    """Those that were recorded late as well."""
    village = Village()
    happen(village, events)
    account = f"L:M:{village.wang.id}"
    held = village.bank.members.balance(village.wang, day=day)
    assert held.points == folded(village, account, "PTS", upto=day)
    assert held.minutes == folded(village, account, "MIN", upto=day)
    assert village.bank.shops.takings(village.shop, day=day) == folded(village, "L:S:YUNGU-SHOP", "PTS", upto=day)
    for good, pieces in village.bank.shops.stock(village.shop, day=day).items():
        assert pieces == folded(village, "A:S:YUNGU-SHOP", good.upper(), upto=day)
    for line in village.bank.trial_balance(day):
        assert line.amount == folded(village, line.account, line.unit, upto=day)


@fewer(4)
@given(acts())
def test_a_balance_at_an_entry_is_the_sum_of_the_entries_up_to_it(events: list[tuple[str, Any]]) -> None:
    village = Village()
    happen(village, events)
    account = f"L:M:{village.wang.id}"
    for seq in range(village.bank.report().entries):
        held = village.bank.members.balance(village.wang, at_entry=seq)
        assert held.points == folded(village, account, "PTS", end=seq + 1)
        assert held.minutes == folded(village, account, "MIN", end=seq + 1)


@fewer(4)
@given(acts(), strategies.days(first=FIRST - DAY, last=LAST + DAY), st.sampled_from(["PTS", "MIN"]))
def test_a_statement_over_a_split_of_days_is_its_parts_one_after_the_other(
    events: list[tuple[str, Any]], split: date, unit: str
) -> None:
    village = Village()
    happen(village, events)
    statement = village.bank.members.statement
    whole = statement(village.wang, unit=unit)
    before = statement(village.wang, unit=unit, last=split)
    after = statement(village.wang, unit=unit, first=split + DAY)
    assert before.lines + after.lines == whole.lines
    assert (before.opening, after.closing) == (whole.opening, whole.closing) == (0, whole.closing)
    assert before.closing == after.opening
    on_the_day = statement(village.wang, unit=unit, first=split, last=split)
    assert on_the_day.lines == tuple(line for line in whole.lines if line.entry.day == split)


@fewer(4)
@given(acts())
def test_the_lines_of_a_statement_go_by_day_and_place_and_add_up(events: list[tuple[str, Any]]) -> None:
    village = Village()
    happen(village, events)
    told = [village.bank.members.statement(village.wang)]
    told += [village.bank.shops.statement(village.shop, unit=unit) for unit in ("PTS", "RICE", "SOAP")]
    for statement in told:
        places = [(line.entry.day, line.entry.seq) for line in statement.lines]
        assert places == sorted(places)
        balance = statement.opening
        for line in statement.lines:
            balance += line.delta
            assert line.after == balance
            assert line.delta != 0
        assert statement.closing == balance


@fewer(4)
@given(acts(), st.integers(1, 1440), DAYS)
def test_what_is_recorded_and_taken_back_leaves_all_balances_and_both_entries(
    events: list[tuple[str, Any]], minutes: int, day: date
) -> None:
    village = Village()
    happen(village, events)
    before = {line for line in village.bank.trial_balance() if line.amount}
    made = village.record("patrol", minutes=minutes, day=day)
    back = village.reverse(made.seq)
    assert {line for line in village.bank.trial_balance() if line.amount} == before
    first, second = village.bank.journal.entry(made.seq), village.bank.journal.entry(back.seq)
    assert (first.kind, second.kind, second.ref) == ("award", "reversal", made.seq)
    assert sorted((m.credit, m.debit, m.unit, m.amount) for m in second.moves) == sorted(
        (m.debit, m.credit, m.unit, m.amount) for m in first.moves
    )


@fewer(4)
@given(acts(), strategies.baskets(["rice", "soap"], most=3))
def test_a_redemption_conserves_points_and_goods(events: list[tuple[str, Any]], basket: dict[str, int]) -> None:
    village = Village()
    happen(village, events)
    shops, shop = village.bank.shops, village.shop
    points, stock, takings = village.points, shops.stock(shop), shops.takings(shop)
    cost = 10 * basket.get("rice", 0) + 3 * basket.get("soap", 0)
    try:
        posted = village.redeem(**basket)
    except Refused:
        assert points < cost or any(stock[good] < pieces for good, pieces in basket.items())
        assert (village.points, shops.stock(shop), shops.takings(shop)) == (points, stock, takings)
        return
    assert village.points == points - cost
    assert shops.takings(shop) == takings + cost
    assert shops.stock(shop) == {good: pieces - basket.get(good, 0) for good, pieces in stock.items()}
    assert sum(move.amount for move in posted.entry.moves if move.unit == "PTS") == cost
    assert {move.unit.lower(): move.amount for move in posted.entry.moves if move.unit != "PTS"} == basket


@given(strategies.keys(), st.integers(2, 4))
def test_the_same_command_with_the_same_key_is_one_entry(key: str, times: int) -> None:
    village = Village()
    posted = [village.redeem(soap=1, key=key) for _ in range(times)]
    assert {(one.seq, one.leaf) for one in posted} == {(posted[0].seq, posted[0].leaf)}
    assert [one.repeated for one in posted] == [False] + [True] * (times - 1)
    assert village.points == 47
    assert village.bank.report().redemptions == 1


@given(st.lists(st.integers(1, 59), min_size=1, max_size=6))
def test_points_by_the_hour_never_exceed_the_rate_and_minutes_are_kept_whole(minutes: list[int]) -> None:
    village = Village()
    for some in minutes:
        village.record("patrol", minutes=some)
    held = village.bank.members.balance(village.wang)
    assert held.minutes == sum(minutes)
    assert held.points - 50 == sum(some // 20 for some in minutes) <= sum(minutes) * 3 // 60


@fewer(4)
@given(acts())
def test_rebuilding_changes_nothing_that_is_read(events: list[tuple[str, Any]]) -> None:
    village = Village()
    happen(village, events)
    before = (
        village.trace(),
        village.bank.members.statement(village.wang),
        village.bank.shops.stock(village.shop),
    )
    assert village.bank.rebuild() == village.bank.report().entries
    after = (village.trace(), village.bank.members.statement(village.wang), village.bank.shops.stock(village.shop))
    assert after == before


@fewer(4)
@given(acts())
def test_nobodys_name_or_number_is_in_the_journal(events: list[tuple[str, Any]]) -> None:
    """A leaf holds ids, codes, days and amounts; the only names are those of organisations, shops and goods."""
    village = Village()
    happen(village, events)
    for entry in village.bank.journal.entries():
        assert all(isinstance(move, Transfer) for move in entry.moves)
        if entry.kind in ("award", "redemption", "reversal", "stock", "card", "member"):
            assert entry.body.keys() <= {
                "service", "minutes", "occasions", "shop", "card", "goods", "reason", "do", "member", "org",
                "type", "replaces", "request", "of",
            }  # fmt: skip


@given(strategies.entries())
def test_a_draft_written_as_a_leaf_is_read_back_as_it_was(draft: Draft) -> None:
    leaf = leaf_of(draft, at="2026-12-31T16:00:00Z", nonce="A" * 22)
    entry = entry_of(7, leaf)
    for name in ("kind", "day", "by", "ok", "ref", "moves"):
        assert getattr(entry, name) == getattr(draft, name)
    assert leaf_of(draft, at="2026-12-31T16:00:00Z", nonce="A" * 22) == leaf
    assert leaf_of(draft, at="2026-12-31T16:00:01Z", nonce="A" * 22) != leaf


# --- errors ---

LEAVES = sorted(
    (error for error in vars(errors).values() if inspect.isclass(error) and issubclass(error, TimebankError)),
    key=lambda error: error.__name__,
)
VALUES = {"int": st.integers(), "float": st.floats(0, 60), "str": st.text(max_size=20)}


def facts_of(error: type[TimebankError]) -> dict[str, str]:
    """The fields of an error and their types, as they are written."""
    return {
        name: str(kind) for name, kind in inspect.signature(error).parameters.items() for kind in [kind.annotation]
    }


@pytest.mark.parametrize("error", LEAVES, ids=lambda error: error.__name__)
def test_every_error_reaches_another_process_as_it_is(error: type[TimebankError]) -> None:
    @fewer(5)
    @given(st.data())
    def travels(data: st.DataObject) -> None:
        facts = {}
        for name, kind in facts_of(error).items():
            facts[name] = data.draw(VALUES[kind.replace("<class '", "").replace("'>", "")], name)
        raised = error(**facts)
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
            again = pickle.loads(pickle.dumps(raised, protocol))
            assert type(again) is error
            assert again.facts() == raised.facts() == facts
            assert (again.code, again.args) == (raised.code, raised.args)
        for language in ("en", "zh_CN"):
            assert again.message(language) == raised.message(language) != ""

    travels()


def test_every_error_that_is_raised_has_a_code_of_its_own() -> None:
    leaves = [error for error in LEAVES if not error.__subclasses__()]
    codes = [error.code for error in leaves]
    assert len(set(codes)) == len(codes)
    assert all(code.isascii() and code == code.lower() for code in codes)
