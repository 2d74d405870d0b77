"""What answers an earlier entry once and for all: reversals, and holds that are posted or voided."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import strategies
from tests.ledger.journals import DAY, SHOP, award, balance, draft, founded, member
from tests.ledger.journals import post as append
from timebank.errors import AlreadyResolved, BadAmount, BadCode, BadMove, BelowZero, NotReversible, UnknownEntry
from timebank.ledger.entries import Draft, Entry
from timebank.ledger.resolution import hold, post, resolved_by, reversal, void
from timebank.ledger.transfers import Transfer

if TYPE_CHECKING:
    from timebank.ledger.journal import Journal

HELD, SHELF, RESERVED = "L:H:0000", "A:S:SHOP", "A:H:SHOP"


def entry(*moves: Transfer, kind: str = "award", seq: int = 1) -> Entry:
    return Entry(seq=seq, kind=kind, at=None, day=DAY, by="clerk", nonce="", moves=moves)  # type: ignore[arg-type]


def take_back(original: Entry, *, reason: str = "mistake") -> Draft:
    return reversal(original, day=DAY, by="clerk", ok="boss", reason=reason)


@given(st.lists(strategies.transfers(), min_size=1, max_size=5))
def test_a_reversal_mirrors_its_original_exactly(moves: list[Transfer]) -> None:
    answer = take_back(entry(*moves))
    assert (answer.kind, answer.ref, answer.body) == ("reversal", 1, {"of": "award", "reason": "mistake"})
    assert answer.moves == tuple(Transfer(m.credit, m.debit, m.unit, m.amount) for m in reversed(moves))
    sums: dict[tuple[str, str], int] = {}
    for move in (*moves, *answer.moves):
        sums[move.debit, move.unit] = sums.get((move.debit, move.unit), 0) + move.amount
        sums[move.credit, move.unit] = sums.get((move.credit, move.unit), 0) - move.amount
    assert not any(sums.values())


def test_a_reversal_gives_every_balance_back() -> None:
    journal = founded()
    append(journal, draft(award(0, 30), award(0, 7, "MIN"), award(1, 5)))
    before = journal.trial_balance()
    spent = append(journal, draft(Transfer(member(0), SHOP, "PTS", 10), Transfer("X:GIVEN", "I:STOCK", "RICE", 1)))
    append(journal, take_back(spent.entry))
    after = {(line.account, line.unit): line.amount for line in journal.trial_balance()}
    assert after == {(line.account, line.unit): line.amount for line in before} | {
        (SHOP, "PTS"): 0, ("X:GIVEN", "RICE"): 0, ("I:STOCK", "RICE"): 0,
    }  # fmt: skip


def test_an_entry_is_reversed_at_most_once() -> None:
    journal = founded()
    original = append(journal, draft(award(0, 5)))
    append(journal, draft(award(0, 5)))
    first = append(journal, take_back(original.entry))
    with pytest.raises(AlreadyResolved) as caught:
        append(journal, take_back(original.entry))
    assert (caught.value.seq, caught.value.resolved_by_seq) == (original.seq, first.seq)
    assert balance(journal, member(0)) == 5


def test_an_entry_is_reversed_at_most_once_inside_one_batch_too() -> None:
    journal = founded()
    with journal.batch():
        original = append(journal, draft(award(0, 5)))
        append(journal, draft(award(0, 5)))
        append(journal, take_back(original.entry))
        with pytest.raises(AlreadyResolved):
            append(journal, take_back(original.entry))
    assert balance(journal, member(0)) == 5


def test_what_is_lent_goes_before_the_mirror_and_the_answer_says_how_much() -> None:
    journal = founded()
    original = append(journal, draft(award(0, 5)))
    append(journal, draft(Transfer(member(0), SHOP, "PTS", 3)))
    loans = [Transfer("A:DEBT:ONE", member(0), "PTS", 1), Transfer("A:DEBT:ONE", member(0), "PTS", 2)]
    answer = reversal(original.entry, day=DAY, by="clerk", ok="boss", reason="mistake", loans=loans)
    assert answer.body == {"of": "award", "reason": "mistake", "debt": 3}
    assert answer.moves == (*loans, *take_back(original.entry).moves)
    append(journal, answer)
    assert (balance(journal, member(0)), balance(journal, "A:DEBT:ONE")) == (0, 3)


@pytest.mark.parametrize("kind", ["reversal", "hold", "post", "void"])
def test_what_answers_another_entry_is_not_reversed(kind: str) -> None:
    with pytest.raises(NotReversible) as caught:
        take_back(entry(award(0, 5), kind=kind))
    assert (caught.value.seq, caught.value.kind) == (1, kind)


def test_what_moved_nothing_is_not_reversed() -> None:
    with pytest.raises(NotReversible):
        take_back(entry(kind="price"))


def test_a_reason_is_a_short_code() -> None:
    with pytest.raises(BadCode) as caught:
        take_back(entry(award(0, 5)), reason="Because of Mrs Wang")
    assert caught.value.field == "reason"


def test_points_that_are_spent_cannot_be_taken_back() -> None:
    journal = founded()
    original = append(journal, draft(award(0, 5)))
    append(journal, draft(Transfer(member(0), SHOP, "PTS", 1)))
    with pytest.raises(BelowZero) as caught:
        append(journal, take_back(original.entry))
    assert (caught.value.account, caught.value.available, caught.value.needed) == (member(0), 4, 5)


@pytest.mark.parametrize("ref", [2, 10**30, -1, True, 1.0, "1"])
def test_a_draft_may_name_earlier_entries_only(ref: int) -> None:
    journal = founded()
    append(journal, draft(award(0, 5)))
    with pytest.raises(UnknownEntry) as caught:
        append(journal, draft(kind="claim", ref=ref))
    assert caught.value.facts() == {"name": str(ref)}
    assert append(journal, draft(kind="claim", ref=1)).entry.ref == 1


def test_an_answer_that_resolves_nothing_may_be_given_twice() -> None:
    journal = founded()
    assert [append(journal, draft(kind="rating", ref=0)).seq for _ in range(2)] == [1, 2]


def test_only_reversal_post_and_void_resolve() -> None:
    kinds = {kind: resolved_by(draft(kind=kind, ref=5)) for kind in ("award", "hold", "reversal", "post", "void")}
    assert kinds == {"award": None, "hold": None, "reversal": 5, "post": 5, "void": 5}


def test_entries_are_counted_by_kind_and_by_whether_they_were_resolved() -> None:
    journal = founded()
    for number in range(3):
        append(journal, draft(award(number, 5)))
    append(journal, take_back(journal.entry(2)))
    with journal.reading() as books:
        assert [books.tally(kind) for kind in ("award", "reversal", "genesis", "gift")] == [3, 1, 1, 0]
        assert [books.resolved(kind) for kind in ("award", "reversal", "gift")] == [1, 0, 0]


# --- Holds -------------------------------------------------------------------------------------------------


def reserved() -> tuple[Journal, Entry]:
    """A member with 30 points and a shop with 3 bags of rice; 20 points and 2 bags are held."""
    journal = founded()
    append(journal, draft(award(0, 30), Transfer(SHELF, "I:DONATED", "RICE", 3)))
    moves = (Transfer(member(0), HELD, "PTS", 20), Transfer(RESERVED, SHELF, "RICE", 2))
    return journal, append(journal, hold(moves, day=DAY, by="clerk")).entry


def where(journal: Journal) -> tuple[int, ...]:
    """Points of the member, held, of the shop; rice on the shelf, held, given away."""
    points = [balance(journal, account) for account in (member(0), HELD, SHOP)]
    return (*points, *(balance(journal, account, "RICE") for account in (SHELF, RESERVED, "X:GIVEN")))


def test_a_hold_counts_against_what_is_available_at_once() -> None:
    journal, _ = reserved()
    assert where(journal) == (10, 20, 0, 1, 2, 0)
    with pytest.raises(BelowZero):
        append(journal, draft(Transfer(member(0), SHOP, "PTS", 11)))
    with pytest.raises(BelowZero):
        append(journal, draft(Transfer("X:GIVEN", SHELF, "RICE", 2)))
    append(journal, draft(Transfer(member(0), SHOP, "PTS", 10), Transfer("X:GIVEN", SHELF, "RICE", 1)))
    assert where(journal) == (0, 20, 10, 0, 2, 1)


def test_each_answer_carries_its_day_who_acts_and_what_it_answers() -> None:
    held = entry(Transfer(member(0), HELD, "PTS", 5), kind="hold", seq=3)
    other = DAY + timedelta(9)
    asked = hold(held.moves, day=other, by="clerk-2")
    ends = (
        reversal(entry(award(0, 5), seq=3), day=other, by="clerk-2", ok="boss", reason="mistake"),
        post(held, to=(SHOP,), day=other, by="clerk-2"),
        void(held, day=other, by="clerk-2"),
    )
    assert (asked.kind, asked.day, asked.by, asked.ok, asked.ref) == ("hold", other, "clerk-2", None, None)
    assert [(end.kind, end.day, end.by, end.ok, end.ref) for end in ends] == [
        ("reversal", other, "clerk-2", "boss", 3),
        ("post", other, "clerk-2", None, 3),
        ("void", other, "clerk-2", None, 3),
    ]


def test_a_hold_is_posted_whole() -> None:
    journal, held = reserved()
    append(journal, post(held, to=(SHOP, "X:GIVEN"), day=DAY, by="clerk"))
    assert where(journal) == (10, 0, 20, 1, 0, 2)


def test_a_hold_is_posted_in_part_and_the_rest_goes_back() -> None:
    journal, held = reserved()
    answer = append(journal, post(held, to=(SHOP, "X:GIVEN"), amounts=(1, 2), day=DAY, by="clerk")).entry
    assert where(journal) == (29, 0, 1, 1, 0, 2)
    assert answer.moves == (
        Transfer(HELD, SHOP, "PTS", 1),
        Transfer(HELD, member(0), "PTS", 19),
        Transfer("X:GIVEN", RESERVED, "RICE", 2),
    )


def test_an_asset_is_posted_in_part_and_the_rest_goes_back_to_the_shelf() -> None:
    journal, held = reserved()
    append(journal, post(held, to=(SHOP, "X:GIVEN"), amounts=(20, 1), day=DAY, by="clerk"))
    assert where(journal) == (10, 0, 20, 2, 0, 1)


def test_a_hold_is_voided_and_all_goes_back() -> None:
    journal, held = reserved()
    append(journal, void(held, day=DAY, by="clerk"))
    assert where(journal) == (30, 0, 0, 3, 0, 0)


@pytest.mark.parametrize("first", ["post", "void"])
@pytest.mark.parametrize("second", ["post", "void"])
def test_a_hold_ends_once(first: str, second: str) -> None:
    journal, held = reserved()
    ends = {"post": post(held, to=(SHOP, "X:GIVEN"), day=DAY, by="clerk"), "void": void(held, day=DAY, by="clerk")}
    done = append(journal, ends[first])
    after = where(journal)
    with pytest.raises(AlreadyResolved) as caught:
        append(journal, ends[second])
    assert (caught.value.seq, caught.value.resolved_by_seq) == (held.seq, done.seq)
    assert where(journal) == after


@pytest.mark.parametrize("amounts", [(0, 2), (21, 2), (20, 3), (20, -1), (True, 2)])
def test_a_hold_is_not_posted_for_nothing_or_for_more_than_it_holds(amounts: tuple[int, int]) -> None:
    _, held = reserved()
    with pytest.raises(BadAmount) as caught:
        post(held, to=(SHOP, "X:GIVEN"), amounts=amounts, day=DAY, by="clerk")
    assert caught.value.field == "amount"


def test_a_hold_goes_on_to_another_account_than_its_own() -> None:
    _, held = reserved()
    with pytest.raises(BadMove):
        post(held, to=(HELD, "X:GIVEN"), day=DAY, by="clerk")


def test_each_transfer_of_a_hold_needs_an_account_to_go_on_to() -> None:
    _, held = reserved()
    with pytest.raises(ValueError, match="zip"):
        post(held, to=(SHOP,), day=DAY, by="clerk")


def test_only_a_hold_is_posted_or_voided() -> None:
    for end in (
        lambda: post(entry(award(0, 5), seq=4), to=(SHOP,), day=DAY, by="clerk"),
        lambda: void(entry(award(0, 5), seq=4), day=DAY, by="clerk"),
    ):
        with pytest.raises(UnknownEntry) as caught:
            end()
        assert caught.value.facts() == {"name": "4"}
