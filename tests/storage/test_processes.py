"""Clerks in parallel: two processes at one till, a plug that is pulled, threads that read while others write."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sqlite3
import threading
from contextlib import closing, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

import timebank
from tests.storage import worker
from tests.storage.books import DAY, NOW, ORIGIN, dump, posted, read
from timebank.errors import (
    DiskFull,
    FileDamaged,
    FileLocked,
    NotEnoughPoints,
    OutOfMemory,
    TakenBack,
    TimebankError,
)
from timebank.ledger.transfers import Transfer
from timebank.storage import sqlite_turns
from timebank.storage.sqlite import SqliteStore
from timebank.storage.sqlite_writer import SqliteWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from timebank.bank import Bank

LONG = 60.0
"""Seconds after which a test that waits for an event has failed."""

forks = multiprocessing.get_context("forkserver")
forks.set_forkserver_preload(["tests.storage.worker"])


def village(path: Path, **options: Any) -> Bank:
    """A shop with 400 books at 50 points, and a member with a card and no points."""
    bank = timebank.create(path, origin=ORIGIN, clock=lambda: NOW, **options)
    bank.organisations.add("yungu", name="云谷", level="community", by="admin")
    bank.organisations.appoint("clerk-3", org="yungu", role="clerk", by="admin")
    bank.rulebooks.adopt(timebank.shipped_rulebook(), from_day=DAY, by="admin")
    bank.members.enrol(org="yungu", card="0001", by="admin")
    bank.goods.add("book", name="书", name_en="Book", by="admin")
    bank.shops.open("yungu-shop", org="yungu", name="云谷店", by="admin")
    bank.shops.set_price("yungu-shop", "book", points=50, from_day=DAY, by="admin")
    bank.shops.receive("yungu-shop", {"book": 400}, donor="huicai", by="clerk-3", approved_by="admin")
    return bank


def honour(bank: Bank) -> None:
    """Fifty points for the member."""
    wang = bank.members.by_card("0001")
    bank.services.record(wang, "honour", occasions=1, day=DAY, by="clerk-3", approved_by="admin")


@contextmanager
def working(act: Callable[..., None], *arguments: object) -> Iterator[Any]:
    """A process that does *act* with a pipe to us; gone when this ends."""
    here, there = forks.Pipe()
    process = forks.Process(target=act, args=(arguments[0], there, *arguments[1:]))
    process.start()
    there.close()
    try:
        yield here, process
    finally:
        here.close()
        process.join(LONG)
        assert not process.is_alive()
        process.close()


# --- Processes ---------------------------------------------------------------------------------------------


def test_of_two_processes_that_redeem_the_last_fifty_points_exactly_one_wins(tmp_path: Path) -> None:
    path = tmp_path / "a.timebank"
    with (
        village(path, busy_seconds=LONG) as bank,
        working(worker.redeem, path) as one,
        working(worker.redeem, path) as two,
    ):
        pipes = [one[0], two[0]]
        assert [pipe.recv() for pipe in pipes] == ["ready", "ready"]
        winners = set()
        for _ in range(200):
            honour(bank)
            for pipe in pipes:
                pipe.send("0001")
            said = [pipe.recv() for pipe in pipes]
            assert sorted(map(type, said), key=str) == [int, str]
            assert "not-enough-points" in said
            seq = min(said, key=lambda answer: isinstance(answer, str))
            assert bank.journal.entry(seq).kind == "redemption"
            assert bank.members.balance(bank.members.by_card("0001")).points == 0
            winners.add(said.index(seq))
        for pipe in pipes:
            pipe.send("")
        assert winners <= {0, 1}
        assert bank.shops.takings("yungu-shop") == 200 * 50
        assert bank.shops.stock("yungu-shop") == {"book": 200}
        assert bank.verify().is_clean


@pytest.mark.parametrize("in_batch", [0, 5], ids=["single", "batches"])
def test_a_process_killed_while_it_writes_leaves_what_it_acknowledged_and_no_other_trace(
    tmp_path: Path, in_batch: int
) -> None:
    path = tmp_path / "a.timebank"
    timebank.create(path, origin=ORIGIN, clock=lambda: NOW).close()
    founded = size = 4
    chance = random.Random(in_batch)
    for _ in range(25):
        acknowledged = []
        with working(worker.post_for_ever, path, in_batch) as (pipe, process):
            acknowledged += [pipe.recv() for _ in range(chance.randrange(1, 6))]
            os.kill(process.pid, signal.SIGKILL)
            try:
                while True:
                    acknowledged.append(pipe.recv())
            except (EOFError, OSError):
                pass  # the pipe ended, perhaps in the middle of a message
        with timebank.open(path, clock=lambda: NOW) as bank:
            with bank.journal.reading() as books:
                assert [books.leaf(seq) for seq, _ in acknowledged] == [leaf for _, leaf in acknowledged]
                after = books.size()
            step = in_batch or 1
            assert 0 <= after - (acknowledged[-1][0] + 1) <= step
            assert (after - founded) % step == 0
            assert len(bank.organisations.all()) == after - founded
        verification = timebank.verify_file(path)
        assert (verification.entries, verification.findings) == (after, ())
        assert after > size
        size = after


# --- Threads -----------------------------------------------------------------------------------------------


class Crew:
    """Threads whose errors are not lost."""

    def __init__(self) -> None:
        self.errors: list[BaseException] = []
        self.threads: list[threading.Thread] = []

    def start(self, act: Callable[[], object]) -> None:
        def run() -> None:
            try:
                act()
            except BaseException as error:
                self.errors.append(error)

        self.threads.append(threading.Thread(target=run))
        self.threads[-1].start()

    def join(self) -> None:
        for thread in self.threads:
            thread.join(LONG)
            assert not thread.is_alive()


@pytest.fixture
def crew() -> Iterator[Crew]:
    made = Crew()
    yield made
    made.join()
    assert made.errors == []


def test_readers_do_not_wait_for_a_writer(tmp_path: Path, crew: Crew) -> None:
    """The batch does not end before every reader has read: were they to wait for it, nobody would go on."""
    with village(tmp_path / "a.timebank") as bank:
        wang = bank.members.by_card("0001")
        before = bank.report()
        done = [threading.Event() for _ in range(6)]

        def look(event: threading.Event) -> None:
            assert bank.members.balance(wang).points == 0
            assert bank.report() == before
            assert bank.verify().is_clean
            event.set()

        with bank.batch():
            honour(bank)
            assert bank.members.balance(wang).points == 50
            for event in done:
                crew.start(lambda event=event: look(event))  # type: ignore[misc]
            assert all(event.wait(LONG) for event in done)
        crew.join()
        assert bank.members.balance(wang).points == 50


def test_a_reader_that_stays_does_not_hold_a_writer_up(tmp_path: Path) -> None:
    with village(tmp_path / "a.timebank", busy_seconds=LONG) as bank, bank.journal.reading() as books:
        size = books.size()
        done = threading.Thread(target=lambda: [honour(bank) for _ in range(5)])
        done.start()
        done.join(LONG)
        assert not done.is_alive()
        assert books.size() == size
    assert timebank.verify_file(tmp_path / "a.timebank").entries == size + 5


def test_many_threads_spend_what_there_is_and_not_a_point_more(tmp_path: Path, crew: Crew) -> None:
    path = tmp_path / "a.timebank"
    with village(path, busy_seconds=LONG) as bank:
        with bank.batch():
            for _ in range(20):
                honour(bank)
        wang, won, lost = bank.members.by_card("0001"), [], []

        def spend() -> None:
            for _ in range(5):
                try:
                    won.append(bank.shops.redeem("yungu-shop", card="0001", goods={"book": 1}, by="clerk-3").seq)
                except NotEnoughPoints as error:
                    lost.append(error.available_points)
                held = bank.members.balance(wang).points
                assert held >= 0 == held % 50

        for _ in range(8):
            crew.start(spend)
        crew.join()
        assert (len(won), len(set(won)), lost) == (20, 20, [0] * 20)
        assert bank.members.balance(wang).points == 0
        assert bank.shops.takings("yungu-shop") == 1000
        assert bank.verify().is_clean


def test_a_batch_holds_others_off_until_it_ends(tmp_path: Path, crew: Crew) -> None:
    with village(tmp_path / "a.timebank", busy_seconds=0.05) as bank:
        before = dump(tmp_path / "a.timebank")
        refused = threading.Event()

        def wait() -> None:
            with pytest.raises(FileLocked) as caught:
                honour(bank)
            assert caught.value.waited_seconds == 0.05
            refused.set()

        with bank.batch():
            honour(bank)
            crew.start(wait)
            assert refused.wait(LONG)
            assert dump(tmp_path / "a.timebank") == before
        crew.join()
        honour(bank)
        assert bank.members.balance(bank.members.by_card("0001")).points == 100


# --- One commit for many -----------------------------------------------------------------------------------

GIFT = Transfer("X:A", "L:M", "PTS", 1)


class Group:
    """A store on which one thread holds the turn until others stand behind it, so that they share a commit."""

    def __init__(self, path: Path, crew: Crew) -> None:
        self.store = SqliteStore.create(path, busy_seconds=LONG)
        self.turns: Any = self.store._turns
        self.crew = crew
        self.told: list[object] = []

    def write(
        self, act: Callable[[Any], object] = lambda books: posted(books, GIFT), *, alone: bool = False
    ) -> None:
        try:
            with self.store.writing(alone=alone) as books:
                said = act(books)
        except (TimebankError, ZeroDivisionError) as error:
            said = type(error)
        self.told.append(said)

    def behind(self, *acts: Callable[[], object]) -> None:
        """Start *acts* one after the other, each when the last one waits for its turn."""
        waiting = len(self.turns._waiting)
        for act in acts:
            waiting += 1
            self.crew.start(act)
            until(lambda wanted=waiting: len(self.turns._waiting) >= wanted)  # type: ignore[misc]


def until(true: Callable[[], bool]) -> None:
    """Look until *true*; a moment of another thread's time each."""
    lock = threading.Event()
    for _ in range(int(LONG * 1000)):
        if true():
            return
        lock.wait(0.001)
    raise AssertionError


@pytest.fixture
def group(tmp_path: Path, crew: Crew, monkeypatch: pytest.MonkeyPatch) -> Iterator[Group]:
    """However slow the machine is: no group grows old, and nobody commits for another who is about to."""
    monkeypatch.setattr(sqlite_turns, "_LONGEST_GROUP_SECONDS", LONG)
    monkeypatch.setattr(sqlite_turns, "_LOOK_AGAIN_SECONDS", LONG)
    made = Group(tmp_path / "a.timebank", crew)
    yield made
    crew.join()
    made.store.close()


def commits(group: Group) -> list[str]:
    """What the writing connection is told, from here on."""
    told: list[str] = []
    group.store._writing.set_trace_callback(told.append)  # type: ignore[union-attr]
    return told


def test_commands_that_wait_share_one_commit(group: Group) -> None:
    told = commits(group)
    with group.store.writing() as books:
        posted(books, GIFT)
        group.behind(group.write, group.write, group.write)
    group.crew.join()
    assert told.count("COMMIT") == 1
    assert sorted(group.told, key=str) == [1, 2, 3]
    assert read(group.store)["size"] == 4


def test_nobody_is_answered_before_the_commit(group: Group) -> None:
    def look(books: Any) -> int:
        assert group.told == []
        return posted(books, GIFT)

    with group.store.writing() as books:
        posted(books, GIFT)
        group.behind(group.write, lambda: group.write(look))
    group.crew.join()
    assert sorted(group.told, key=str) == [1, 2]


def test_a_refusal_in_a_group_harms_nobody(group: Group) -> None:
    def refuse(books: Any) -> None:
        assert books.balance("L:M", "PTS") >= 1
        raise NotEnoughPoints("m", 1, 2)

    with group.store.writing() as books:
        posted(books, GIFT)
        group.behind(lambda: group.write(refuse), group.write)
    group.crew.join()
    assert sorted(group.told, key=str) == [1, NotEnoughPoints]
    assert read(group.store)["size"] == 2


def test_nobody_is_refused_before_the_commit_of_what_refuses_them(group: Group) -> None:
    """A refusal tells of entries of its group: whoever is told of them may look at once, and finds them."""
    seen: list[int] = []

    def refuse(books: Any) -> None:
        group.behind(lambda: group.write(post_when_it_is_told_or_waits))
        raise NotEnoughPoints("m", books.size(), 2)

    def refused_then_look() -> None:
        group.write(refuse)
        seen.append(read(group.store)["size"])

    def post_when_it_is_told_or_waits(books: Any) -> int:
        done: Any = group.turns._group.done  # type: ignore[union-attr]
        until(lambda: seen or len(done._cond._waiters) == 2)
        assert seen == []
        return posted(books, GIFT)

    with group.store.writing() as books:
        posted(books, GIFT)
        group.behind(refused_then_look)
    group.crew.join()
    assert seen == [2]
    assert sorted(group.told, key=str) == [1, NotEnoughPoints]


def test_a_refusal_by_what_was_taken_back_is_none(group: Group) -> None:
    """What left too few points did not happen: try again."""

    def refuse(books: Any) -> None:
        group.behind(lambda: group.write(fail))
        raise NotEnoughPoints("m", books.size(), 2)

    def fail(books: Any) -> None:
        posted(books, GIFT)
        raise ZeroDivisionError

    with pytest.raises(TakenBack), group.store.writing() as books:
        posted(books, GIFT)
        group.behind(lambda: group.write(refuse))
    group.crew.join()
    assert sorted(group.told, key=str) == sorted((TakenBack, ZeroDivisionError), key=str)
    assert read(group.store)["size"] == 0


def test_a_command_that_fails_half_way_takes_its_group_back_and_all_are_told(group: Group) -> None:
    def fail(books: Any) -> None:
        posted(books, GIFT)
        raise ZeroDivisionError

    with pytest.raises(TakenBack) as caught, group.store.writing() as books:
        posted(books, GIFT)
        group.behind(lambda: group.write(fail), group.write)
    group.crew.join()
    assert caught.value.path == group.store.path
    # Which of the two went first is Python's choice; one that came after the failure is in the next group.
    left = {frozenset((ZeroDivisionError, TakenBack)): 0, frozenset((ZeroDivisionError, 0)): 1}
    assert read(group.store)["size"] == left[frozenset(group.told)]


def test_a_group_that_does_not_fit_on_the_disk_is_taken_back_and_all_are_told(group: Group) -> None:
    group.write()
    connection: Any = group.store._writing
    connection.execute(f"PRAGMA max_page_count = {connection.execute('PRAGMA page_count').fetchone()[0]}")

    def much(books: Any) -> None:
        for _ in range(250):
            posted(books, GIFT)

    before = read(group.store)
    with pytest.raises(DiskFull), group.store.writing() as books:
        posted(books, GIFT)
        group.behind(lambda: group.write(much))
    group.crew.join()
    assert group.told == [0, DiskFull]
    assert read(group.store) == before


def test_a_group_that_the_schema_refuses_is_taken_back_as_damage(group: Group) -> None:
    def overdraw(books: Any) -> None:
        posted(books, Transfer("L:M", "L:S", "PTS", 99))

    with pytest.raises(FileDamaged), group.store.writing() as books:
        posted(books, GIFT)
        group.behind(lambda: group.write(overdraw))
    group.crew.join()
    assert group.told == [FileDamaged]
    assert read(group.store)["size"] == 0


def test_a_group_for_which_memory_is_short_is_taken_back_and_all_are_told(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of its rows were written when it ended: neither may the next commit keep them, nor write them again."""

    def short(writer: Any) -> None:
        writer._flush_rows()
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(SqliteWriter, "flush", short)
        with pytest.raises(OutOfMemory) as caught, group.store.writing() as books:
            posted(books, GIFT)
            group.behind(group.write)
        group.crew.join()
    assert caught.value.path == group.store.path
    assert group.told == [OutOfMemory]
    assert read(group.store)["size"] == 0
    group.write()
    assert group.told == [OutOfMemory, 0]


@pytest.mark.parametrize("late", [False, True])
def test_a_commit_that_is_interrupted_is_kept_or_taken_back_and_others_are_told_which(
    group: Group, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    def interrupted(writer: Any) -> None:
        writer._flush_rows()
        if late:
            writer.connection.execute("COMMIT")
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(SqliteWriter, "flush", interrupted)
        with nullcontext() if late else pytest.raises(TakenBack), group.store.writing() as books:
            posted(books, GIFT)
            group.behind(group.write)
        group.crew.join()
    assert group.told == [ZeroDivisionError]
    assert read(group.store)["size"] == (2 if late else 0)
    group.write()
    assert group.told[1:] == [2 if late else 0]


def test_memory_that_is_short_in_a_command_is_an_error_of_ours(group: Group) -> None:
    with pytest.raises(OutOfMemory), group.store.writing() as books:
        posted(books, GIFT)
        raise MemoryError
    with pytest.raises(OutOfMemory), group.store.reading() as seen:
        assert seen.size() == 0
        raise MemoryError


class _Failing:
    """A connection on which one method fails."""

    def __init__(self, connection: Any, method: str, error: Exception) -> None:
        self._connection, self._method, self._error = connection, method, error

    def __getattr__(self, name: str) -> Any:
        return self._fail if name == self._method else getattr(self._connection, name)

    def _fail(self, *_: object) -> None:
        raise self._error


@pytest.mark.parametrize("step", ["begin", "command", "flush"])
def test_what_memory_is_too_short_to_take_back_is_taken_back_before_the_next_command(
    group: Group, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def short(writer: Any) -> None:
        writer._flush_rows()
        raise MemoryError

    turns = group.store._turns  # type: ignore[union-attr]
    with monkeypatch.context() as patched:
        patched.setattr(turns, "_connection", _Failing(turns._connection, "rollback", MemoryError()))
        if step != "command":
            patched.setattr(SqliteWriter, step, short)
        with pytest.raises(OutOfMemory), group.store.writing() as books:
            posted(books, GIFT)
            if step == "command":
                raise MemoryError
    assert read(group.store)["size"] == 0
    group.write()
    assert group.told == [0]
    assert read(group.store)["size"] == 1


def test_one_that_wants_to_be_alone_commits_the_others_first(group: Group) -> None:
    told = commits(group)

    def fail(books: Any) -> None:
        posted(books, GIFT)
        raise ZeroDivisionError

    with group.store.writing() as books:
        posted(books, GIFT)
        group.behind(lambda: group.write(fail, alone=True))
    group.crew.join()
    assert told.count("COMMIT") == 1
    assert group.told == [ZeroDivisionError]
    assert read(group.store)["size"] == 1


def test_a_full_group_is_committed_though_others_wait(group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_turns, "_MOST_IN_GROUP", 2)
    told = commits(group)
    with group.store.writing() as books:
        posted(books, GIFT)
        group.behind(*[group.write] * 5)
    group.crew.join()
    assert told.count("COMMIT") == 3


def test_an_old_group_is_committed_though_others_wait(group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_turns, "_LONGEST_GROUP_SECONDS", 0.0)
    told = commits(group)
    with group.store.writing() as books:
        posted(books, GIFT)
        group.behind(*[group.write] * 3)
    group.crew.join()
    assert told.count("COMMIT") == 4


def test_when_the_one_who_was_waited_for_goes_away_the_group_commits_itself(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody seemed to wait and was gone: his turn did not come in time."""
    monkeypatch.setattr(sqlite_turns, "_LOOK_AGAIN_SECONDS", 0.01)
    group.turns._waiting.append(None)
    group.crew.start(group.write)
    group.crew.join()
    group.turns._waiting.clear()
    assert group.told == [0]
    assert read(group.store)["size"] == 1


@pytest.mark.parametrize("busy", [False, True])
def test_a_group_that_another_committed_meanwhile_is_not_committed_again(group: Group, busy: bool) -> None:
    """Whoever looks again finds another group, or somebody at work."""

    class Done:
        answers: ClassVar[list[bool]] = [True, False]

        def wait(self, _seconds: float) -> bool:
            return self.answers.pop()

    class Past:
        done, error = Done(), None

    told = commits(group)
    if busy:
        with group.turns._turn:
            group.turns._await(Past)
    else:
        group.turns._await(Past)
    assert told == []
    group.write()
    assert group.told == [0]


def test_a_lock_held_by_another_is_no_damage_to_the_group(group: Group) -> None:
    group.turns._busy_seconds = 0.02
    with closing(sqlite3.connect(group.store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(FileLocked), group.store.writing():
            raise AssertionError
        other.execute("ROLLBACK")
    group.write()
    assert group.told == [0]


def test_a_file_that_cannot_be_begun_is_named(group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any error of SQLite's but BUSY goes out at once, translated."""
    error = sqlite3.OperationalError("database disk image is malformed")
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    with monkeypatch.context() as patched:
        patched.setattr(group.turns, "_connection", _Failing(group.turns._connection, "execute", error))
        with pytest.raises(FileDamaged), group.store.writing():
            raise AssertionError("nothing was begun")
    group.write()
    assert group.told == [0]
