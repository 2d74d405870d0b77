"""Posting and reading: time that never goes back, keys that post once, batches that hold together."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import UTC, date, datetime, timedelta, timezone
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import strategies
from tests.ledger.journals import AWARDED, DAY, SHOP, START, Clock, award, balance, draft, founded, member, post
from tests.storage.books import read
from timebank.errors import (
    AlreadyExists,
    BadCode,
    BadDay,
    BatchBroken,
    BatchOpen,
    BelowZero,
    ClockWrong,
    DayInFuture,
    KeyConflict,
    NotCanonical,
    SelfApproval,
    UnknownEntry,
)
from timebank.ledger.clock import check_zone
from timebank.ledger.entries import Draft, Entry, moment_text
from timebank.ledger.journal import Journal, check_moves, request_digest
from timebank.ledger.store import AccountBalance, Posting, Writer
from timebank.ledger.transfers import Transfer
from timebank.storage.memory import MemoryStore
from timebank.tlog.merkle import leaf_hash

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from timebank.storage.memory import MemoryBooks

# --- What is posted ----------------------------------------------------------------------------------------


def test_the_journal_begins_with_its_genesis() -> None:
    journal = founded()
    genesis = journal.entry(0)
    assert (genesis.kind, genesis.by, genesis.at, genesis.day) == ("genesis", "admin", START, DAY)
    assert dict(genesis.body) == {
        "origin": "test.example/ledger",
        "tree": "rfc6962-sha256",
        "zone": "Asia/Shanghai",
    }


def test_the_genesis_names_the_key_that_signs() -> None:
    journal = Journal(MemoryStore(), Clock())
    posted = journal.found(origin="a.example", zone="UTC", by="admin", vkey="a.example+00+AA")
    assert posted.entry.body["vkey"] == "a.example+00+AA"


def test_a_journal_is_founded_once() -> None:
    journal = founded()
    with pytest.raises(AlreadyExists) as caught:
        journal.found(origin="b.example", zone="UTC", by="admin")
    assert caught.value.args == ("journal", "b.example")
    assert [entry.kind for entry in journal.entries()] == ["genesis"]


def test_what_is_posted_says_where_it_stands_and_what_was_hashed() -> None:
    journal = founded()
    posted = post(journal, draft(award(0, 5), ok="boss"))
    assert (posted.seq, posted.repeated, posted.clock_back_seconds) == (1, False, 0)
    assert posted.entry == journal.entry(1)
    assert posted.leaf_hash == leaf_hash(posted.leaf)
    with journal.reading() as books:
        assert books.leaf(1) == posted.leaf
        assert books.hashes(0, 1, 1) == [posted.leaf_hash]
        assert [books.tally(kind) for kind in ("genesis", "award", "gift")] == [1, 1, 0]


def test_each_entry_has_a_nonce_of_its_own() -> None:
    journal = founded()
    nonces = {post(journal, draft(award(0, 5))).entry.nonce for _ in range(20)}
    assert len(nonces) == 20


def test_randomness_can_be_given() -> None:
    journal = Journal(MemoryStore(), Clock(), entropy=bytes)
    assert journal.found(origin="a.example", zone="UTC", by="admin").entry.nonce == "A" * 22


@pytest.mark.parametrize(
    ("fact", "error"),
    [
        (draft(award(0, 5), ok="clerk"), SelfApproval),
        (draft(award(0, 5), body={"a": None}), NotCanonical),
        (draft(award(0, 5), by="Clerk"), BadCode),
        (draft(award(0, 5), kind="Award"), BadCode),
        (draft(Transfer(member(0), SHOP, "PTS", 1)), BelowZero),
        (draft(award(0, 5), kind="reversal", ref=9), UnknownEntry),
        (Draft(kind="award", day=START, by="clerk"), BadDay),
        (Draft(kind="award", day="2026-02-08", by="clerk"), BadDay),  # type: ignore[arg-type]
    ],
)
def test_a_refused_draft_leaves_nothing_and_breaks_nothing(fact: Draft, error: type[Exception]) -> None:
    journal = founded()
    with journal.batch():
        with pytest.raises(error):
            post(journal, fact)
        post(journal, draft(award(1, 1)))
    assert [entry.seq for entry in journal.entries()] == [0, 1]
    assert journal.trial_balance() == (AccountBalance(member(1), "PTS", 1), AccountBalance(AWARDED, "PTS", 1))


def test_transfers_are_checked_in_their_order() -> None:
    journal = founded()
    there, back = award(0, 5), Transfer(member(0), SHOP, "PTS", 5)
    with pytest.raises(BelowZero) as caught:
        post(journal, draft(back, there))
    assert (caught.value.account, caught.value.unit, caught.value.available, caught.value.needed) == (
        member(0),
        "PTS",
        0,
        5,
    )
    post(journal, draft(there, back))
    assert balance(journal, SHOP) == 5


def test_an_asset_is_credited_to_its_last_piece_and_no_further() -> None:
    journal = founded()
    post(journal, draft(Transfer("A:S", "I:DONATED", "RICE", 2)))
    with pytest.raises(BelowZero):
        post(journal, draft(Transfer("X:GIVEN", "A:S", "RICE", 3)))
    post(journal, draft(Transfer("X:GIVEN", "A:S", "RICE", 2)))
    assert balance(journal, "A:S", "RICE") == 0


@pytest.mark.parametrize("account", ["E:A", "I:A", "X:A"])
def test_equity_income_and_expense_go_below_zero_freely(account: str) -> None:
    journal = founded()
    post(journal, draft(Transfer(account, "I:OTHER", "PTS", 7), Transfer("X:OTHER", account, "PTS", 20)))
    sign = 1 if account[0] == "X" else -1
    assert balance(journal, account) == sign * (7 - 20)


@given(
    st.lists(
        strategies.transfers(of=st.sampled_from(["A:A", "L:L", "E:E", "I:I", "X:X"]), unit=st.just("P"), most=9),
        max_size=9,
    )
)
def test_moves_pass_exactly_when_no_asset_or_liability_is_ever_below_zero(moves: list[Transfer]) -> None:
    held, expected = {"A:A": 0, "L:L": 0}, True
    for move in moves:
        for account, change in ((move.debit, move.amount), (move.credit, -move.amount)):
            if account in held:
                held[account] += change if account == "A:A" else -change
                expected = expected and held[account] >= 0
    journal = founded()
    with journal.reading() as books:
        if expected:
            check_moves(moves, books)
        else:
            with pytest.raises(BelowZero):
                check_moves(moves, books)


# --- Time --------------------------------------------------------------------------------------------------


def test_time_never_goes_back_and_a_clock_set_back_is_reported() -> None:
    clock = Clock()
    journal = founded(clock=clock)
    clock.move(seconds=-90)
    posted = post(journal, draft(award(0, 5)))
    assert (posted.entry.at, posted.clock_back_seconds) == (START, 90)
    clock.move(seconds=91)
    assert post(journal, draft(award(0, 5))).clock_back_seconds == 0
    assert journal.entry(2).at == START + timedelta(seconds=1)


def test_a_clock_set_back_by_less_than_a_second_is_reported_as_one() -> None:
    clock = Clock()
    journal = founded(clock=clock)
    clock.move(microseconds=-1)
    assert post(journal, draft(award(0, 5))).clock_back_seconds == 1


def test_the_same_second_is_not_back() -> None:
    clock = Clock(START + timedelta(microseconds=900_000))
    journal = founded(clock=clock)
    clock.move(microseconds=-800_000)
    assert post(journal, draft(award(0, 5))).clock_back_seconds == 0


@pytest.mark.parametrize("start", [START, datetime(1969, 12, 31, 23, 59, 58, tzinfo=UTC)])
def test_the_second_that_is_recorded_is_the_one_that_the_clock_shows(start: datetime) -> None:
    clock = Clock(start)
    journal = founded(clock=clock)
    for _ in range(12):
        clock.move(milliseconds=300)
        fact = draft(award(0, 1), day=date(1969, 1, 1))
        assert post(journal, fact).entry.at == clock.now.replace(microsecond=0)


def test_a_journal_can_be_founded_in_the_last_second_before_1970() -> None:
    start = datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert founded(clock=Clock(start)).entry(0).at == start


def test_a_clock_in_another_zone_tells_the_same_time() -> None:
    clock = Clock(START)
    journal = founded(clock=clock)
    clock.now = check_local(START)
    assert journal.now() == START
    assert journal.now().tzinfo is UTC
    assert post(journal, draft(award(0, 5))).entry.at == START


def check_local(moment: datetime) -> datetime:
    return moment.astimezone(check_zone("Asia/Shanghai"))


@pytest.mark.parametrize(
    "moment",
    [
        datetime.min.replace(tzinfo=UTC),
        datetime(1, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=8))),
        datetime(9999, 1, 1, tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
    ],
)
def test_a_clock_at_an_end_of_the_calendar_is_refused_and_leaves_nothing(moment: datetime) -> None:
    """Somewhere it has no day there."""
    clock = Clock()
    journal = founded(clock=clock)
    clock.now = moment
    for act in (lambda: post(journal, draft(award(0, 5))), journal.today, journal.now):
        with pytest.raises(ClockWrong) as caught:
            act()
        assert caught.value.value == str(moment)
    with pytest.raises(ClockWrong):
        founded(clock=clock)
    clock.now = START
    assert post(journal, draft(award(0, 5))).seq == 1


@pytest.mark.parametrize("year", [2, 9998])
def test_a_clock_far_off_is_taken_at_its_word(year: int) -> None:
    clock = Clock(START.replace(year=year))
    journal = founded(clock=clock)
    assert journal.today().year == journal.entry(0).at.year == year


@given(st.lists(st.integers(-100, 100), max_size=12))
def test_recording_times_rise_whatever_the_clock_does(steps: list[int]) -> None:
    clock = Clock()
    journal = founded(clock=clock)
    for step in steps:
        clock.move(seconds=step)
        posted = post(journal, draft(award(0, 1), day=date(2026, 1, 1)))
        assert posted.entry.at == max(clock.now, journal.entry(posted.seq - 1).at)
        assert posted.clock_back_seconds == int((posted.entry.at - clock.now).total_seconds())
    times = [entry.at for entry in journal.entries()]
    assert times == sorted(times)


@pytest.mark.parametrize(
    ("zone", "moment", "today"),
    [
        ("Asia/Shanghai", datetime(2026, 2, 8, 15, 59, 59, tzinfo=UTC), date(2026, 2, 8)),
        ("Asia/Shanghai", datetime(2026, 2, 8, 16, 0, 0, tzinfo=UTC), date(2026, 2, 9)),
        ("America/New_York", datetime(2026, 2, 8, 4, 59, 59, tzinfo=UTC), date(2026, 2, 7)),
        ("UTC", datetime(2026, 2, 8, 0, 0, tzinfo=UTC), date(2026, 2, 8)),
    ],
)
def test_a_day_ends_where_the_programme_is(zone: str, moment: datetime, today: date) -> None:
    journal = founded(clock=Clock(moment), zone=zone)
    assert journal.today() == today
    with journal.writing() as write:
        assert write.today() == today
    assert post(journal, draft(award(0, 5), day=today)).entry.day == today
    with pytest.raises(DayInFuture) as caught:
        post(journal, draft(award(0, 5), day=today + timedelta(1)))
    assert (caught.value.day, caught.value.today) == ((today + timedelta(1)).isoformat(), today.isoformat())


def test_while_the_clock_is_back_today_is_the_day_of_the_last_entry() -> None:
    clock = Clock()
    journal = founded(clock=clock)
    clock.move(days=-3)
    assert post(journal, draft(award(0, 5), day=DAY)).entry.day == DAY


def test_the_zone_is_read_from_the_genesis() -> None:
    store = MemoryStore()
    founded(store, zone="Asia/Urumqi")
    assert str(Journal(store, Clock()).zone) == "Asia/Urumqi"


@pytest.mark.parametrize(
    "zone",
    ["", "Asia", "Mars/Olympus", "/etc/passwd", "../../x", "Asia/\x00", "UTC+8", None, 8, "\ud800", "Z" * 81],
    ids=repr,
)
def test_a_zone_must_be_known(zone: str) -> None:
    journal = Journal(MemoryStore(), Clock())
    with pytest.raises(BadCode) as caught:
        journal.found(origin="a.example", zone=zone, by="admin")
    assert caught.value.args == ("zone", str(zone)[:80], "IANA time zone")


@given(st.lists(st.sampled_from([0, 0, 1, 5]), max_size=12), st.integers(-3, 40))
def test_size_at_found_by_halving_is_what_counting_says(steps: list[int], offset: int) -> None:
    clock = Clock()
    journal = founded(clock=clock)
    for step in steps:
        clock.move(seconds=step)
        post(journal, draft(award(0, 1)))
    moment = START + timedelta(seconds=offset, microseconds=500_000)
    assert journal.size_at(moment) == sum(entry.at <= moment for entry in journal.entries())


@pytest.mark.parametrize("year", [1, 300, 9999])
def test_size_at_knows_the_years_at_both_ends(year: int) -> None:
    assert founded().size_at(datetime(year, 1, 1, tzinfo=UTC)) == (1 if year == 9999 else 0)


def test_nothing_was_recorded_in_an_empty_journal() -> None:
    assert Journal(MemoryStore(), Clock()).size_at(START) == 0


@given(st.lists(st.integers(0, 40), max_size=9), st.integers(-3, 9))
def test_size_before_a_day_is_what_was_recorded_on_earlier_days(hours: list[int], offset: int) -> None:
    clock = Clock()
    journal = founded(clock=clock)
    for step in hours:
        clock.move(hours=step)
        post(journal, draft(award(0, 1)))
    day = DAY + timedelta(offset)
    earlier = [entry for entry in journal.entries() if entry.at.astimezone(journal.zone).date() < day]
    assert journal.size_before(day) == len(earlier)


@pytest.mark.parametrize(("hour", "before"), [((15, 59, 59), 1), ((16, 0, 0), 0)])
def test_what_was_recorded_in_the_last_second_of_a_day_was_before_the_next(
    hour: tuple[int, int, int], before: int
) -> None:
    journal = founded(clock=Clock(datetime(2026, 2, 8, *hour, tzinfo=UTC)))
    assert journal.size_before(date(2026, 2, 9)) == before


def test_nothing_was_recorded_before_no_day_or_the_first_of_all() -> None:
    journal = founded()
    assert [journal.size_before(day) for day in (None, date.min, date(1, 12, 31), date(2, 1, 1))] == [0, 0, 0, 0]
    assert journal.size_before(date.max) == 1


@pytest.mark.parametrize("day", [START, "2026-02-08", 20260208])
def test_what_is_no_day_is_refused_by_the_name_under_which_it_was_given(day: date) -> None:
    journal = founded()
    with journal.writing() as write:
        asks: list[tuple[str, Callable[[], object]]] = [
            ("day", lambda: write.append(Draft(kind="award", day=day, by="clerk"))),
            ("day", lambda: write.check_day(day)),
            ("day", lambda: journal.trial_balance(day)),
            ("first", lambda: journal.size_before(day)),
        ]
        for name, ask in asks:
            with pytest.raises(BadDay) as caught:
                ask()
            assert caught.value.args == (name, str(day))


def test_a_day_can_be_checked_before_anything_is_posted() -> None:
    journal = founded()
    with journal.writing() as write:
        write.check_day(None)
        write.check_day(DAY)
        with pytest.raises(DayInFuture) as caught:
            write.check_day(DAY + timedelta(1))
    assert caught.value.args == ("2026-02-09", "2026-02-08")


# --- Keys --------------------------------------------------------------------------------------------------

REQUEST = ("award", "0000", 5, ("a", ("b", 1)), True)


def send(journal: Journal, key: str | None, request: tuple[object, ...] = REQUEST) -> tuple[int, bool]:
    with journal.writing() as write:
        done = write.already(key, request)
        posted = done or write.append(draft(award(0, 5)), key=key, request=request)
        return posted.seq, posted.repeated


def test_the_same_command_with_the_same_key_happens_once() -> None:
    journal = founded()
    assert [send(journal, "till-1/1") for _ in range(3)] == [(1, False), (1, True), (1, True)]
    assert balance(journal, member(0)) == 5
    with journal.reading() as books:
        assert books.seq_of_key("till-1/1") == 1


def test_the_same_command_with_the_same_key_happens_once_inside_a_batch() -> None:
    journal = founded()
    with journal.batch():
        assert [send(journal, "k") for _ in range(2)] == [(1, False), (1, True)]
    assert send(journal, "k") == (1, True)


def test_another_command_with_the_same_key_is_refused() -> None:
    journal = founded()
    send(journal, "k")
    with pytest.raises(KeyConflict) as caught:
        send(journal, "k", ("award", "0000", 6))
    assert (caught.value.key, caught.value.seq) == ("k", 1)
    assert balance(journal, member(0)) == 5


def test_without_a_key_every_command_counts() -> None:
    journal = founded()
    assert [send(journal, None) for _ in range(2)] == [(1, False), (2, False)]
    assert "request" not in journal.entry(1).body


@pytest.mark.parametrize("key", ["", "a b", "k" * 65, "键", "\ud800"], ids=repr)
def test_a_key_that_no_entry_can_hold_is_refused_before_anything(key: str) -> None:
    journal = founded()
    with pytest.raises(BadCode):
        send(journal, key)
    with pytest.raises(BadCode):
        post(journal, draft(award(0, 5)), key=key)
    assert len(list(journal.entries())) == 1


def test_a_key_is_free_again_when_its_entry_was_taken_back() -> None:
    journal = founded()
    with pytest.raises(ZeroDivisionError), journal.batch():
        send(journal, "k")
        raise ZeroDivisionError
    assert send(journal, "k", ("other",)) == (1, False)


def test_a_request_has_one_digest_and_another_request_another() -> None:
    digests = [
        request_digest(request)
        for request in (REQUEST, ("award",), ("award", ""), ("award", 0), ("award", False), ())
    ]
    assert len(set(digests)) == len(digests)
    assert all(len(digest) == 22 for digest in digests)
    written = b'{"request":["award","0000",5,["a",["b",1]],true]}'
    assert urlsafe_b64encode(sha256(written).digest()[:16]).decode() == f"{digests[0]}=="


# --- Batches -----------------------------------------------------------------------------------------------


def test_a_batch_is_kept_whole_or_not_at_all() -> None:
    journal = founded()
    with journal.batch():
        for number in range(3):
            post(journal, draft(award(number, 5)))
    with pytest.raises(ZeroDivisionError), journal.batch():
        post(journal, draft(award(0, 5)))
        raise ZeroDivisionError
    assert len(list(journal.entries())) == 4
    assert balance(journal, member(0)) == 5


def test_a_batch_sees_what_it_has_posted() -> None:
    journal = founded()
    with journal.batch():
        post(journal, draft(award(0, 5)))
        assert balance(journal, member(0)) == 5
        assert [entry.kind for entry in journal.entries()] == ["genesis", "award"]
        assert journal.size_at(START) == 2
        with pytest.raises(BelowZero):
            post(journal, draft(Transfer(member(0), SHOP, "PTS", 6)))
        post(journal, draft(Transfer(member(0), SHOP, "PTS", 5)))
    assert balance(journal, SHOP) == 5


def test_inside_a_batch_all_is_read_from_its_own_books() -> None:
    """Of another view a file would say what was there before."""
    store = Noted()
    journal = founded(store)
    with journal.batch():
        before = store.views
        post(journal, draft(award(0, 5)))
        assert (balance(journal, member(0)), journal.entry(1).seq, journal.size_at(START)) == (5, 1, 2)
        assert store.views == before
    assert (journal.entry(1).seq, store.views) == (1, before + 1)


def test_a_batch_inside_a_batch_and_a_rebuild_inside_a_batch_are_refused() -> None:
    journal = founded()
    with journal.batch():
        with pytest.raises(BatchOpen) as caught, journal.batch():
            raise AssertionError
        assert caught.value.act == "batch"
        with pytest.raises(BatchOpen) as caught:
            journal.rebuild()
        assert caught.value.act == "rebuild"
        post(journal, draft(award(0, 5)))
    assert balance(journal, member(0)) == 5


def test_what_failed_half_way_breaks_its_batch_whoever_caught_it() -> None:
    def fail(_entry: Entry, _books: Writer) -> None:
        raise ZeroDivisionError

    store = MemoryStore()
    journal = founded(store)
    broken = Journal(store, Clock(), {"gift": fail})
    with pytest.raises(BatchBroken) as caught, broken.batch():
        post(broken, draft(award(0, 5)))
        with pytest.raises(ZeroDivisionError):
            post(broken, draft(award(0, 7), kind="gift"))
    assert caught.value.path == ":memory:"
    assert len(list(journal.entries())) == 1
    assert journal.trial_balance() == ()


class Noted(MemoryStore):
    """Notes which writers are to be alone, and how many views were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.alone: list[bool] = []
        self.views = 0

    def reading(self) -> AbstractContextManager[MemoryBooks]:
        self.views += 1
        return super().reading()

    def writing(self, *, alone: bool = False) -> AbstractContextManager[MemoryBooks]:
        self.alone.append(alone)
        return super().writing(alone=alone)


def test_a_command_may_share_its_commit_and_what_writes_more_is_alone() -> None:
    store = Noted()
    journal = founded(store)
    post(journal, draft(award(0, 5)))
    assert store.alone == [False, False]
    with journal.writing(alone=True) as write:
        write.append(draft(award(0, 5)))
        assert write.broken is False
    with journal.batch():
        post(journal, draft(award(0, 5)))
    journal.rebuild()
    assert store.alone[2:] == [True, True, True]


# --- Reading and rebuilding --------------------------------------------------------------------------------


def test_entries_are_read_from_any_place_to_any_place() -> None:
    journal = founded()
    for _ in range(4):
        post(journal, draft(award(0, 5)))
    assert [entry.seq for entry in journal.entries()] == [0, 1, 2, 3, 4]
    assert [entry.seq for entry in journal.entries(2)] == [2, 3, 4]
    assert [entry.seq for entry in journal.entries(1, 3)] == [1, 2]
    with pytest.raises(UnknownEntry):
        journal.entry(5)


def test_the_trial_balance_is_by_account_and_unit_now_and_at_the_end_of_a_day() -> None:
    journal = founded()
    post(journal, draft(award(1, 5), award(0, 3, "MIN"), day=date(2026, 2, 1)))
    post(journal, draft(award(1, 2)))
    assert [(line.account, line.unit, line.amount) for line in journal.trial_balance()] == [
        (member(0), "MIN", 3), (member(1), "PTS", 7), (AWARDED, "MIN", 3), (AWARDED, "PTS", 7),
    ]  # fmt: skip
    assert [line.amount for line in journal.trial_balance(date(2026, 2, 1))] == [3, 5, 3, 5]
    assert [line.amount for line in journal.trial_balance(date(2026, 1, 31))] == [0, 0, 0, 0]


def test_a_rebuild_projects_every_entry_again() -> None:
    seen: list[bytes] = []
    store = MemoryStore()
    journal = Journal(store, Clock(), {"gift": lambda entry, books: seen.append(books.leaf(entry.seq))})
    journal.found(origin="a.example", zone="UTC", by="admin")
    post(journal, draft(award(0, 5), day=date(2026, 2, 1)))
    gift = post(journal, draft(award(0, 7), kind="gift"))
    post(journal, draft(Transfer(member(0), AWARDED, "PTS", 5), kind="reversal", ref=1))
    before = read(store)
    assert before["postings"][0][-1] == Posting(1, 0, date(2026, 2, 1), 5, 5, AWARDED)
    assert before["resolvers"] == [None, 3, None, None]
    assert journal.rebuild() == 4
    assert read(store) == before
    assert seen == [gift.leaf, gift.leaf]
    assert moment_text(journal.entry(0).at) == "2026-02-08T04:00:00Z"


def test_an_entry_that_is_known_to_make_no_records_is_not_read_again() -> None:
    seen: list[tuple[str, int]] = []

    def note(entry: Entry, _books: Writer) -> None:
        seen.append((entry.kind, entry.seq))

    is_plain = {"gift": lambda fact: fact.by == "clerk", "award": lambda _: False}
    journal = Journal(MemoryStore(), Clock(), {"gift": note, "price": note}, plain=is_plain)
    journal.found(origin="a.example", zone="UTC", by="admin")
    for kind in ("gift", "price", "award"):
        for by in ("clerk", "boss"):
            post(journal, draft(award(0, 5), kind=kind, by=by))
    assert seen == [("gift", 2), ("price", 3), ("price", 4)]
