"""SQLite against memory: the same commands through the journal, and after every step every read is equal."""

from __future__ import annotations

import random
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests import strategies
from tests.conftest import fewer
from tests.ledger.journals import DAY, Clock
from tests.storage.books import everything, read
from timebank.errors import TimebankError
from timebank.ledger import resolution
from timebank.ledger.entries import Draft, Entry
from timebank.ledger.journal import Journal
from timebank.ledger.store import SignedNote, Writer
from timebank.programme.goods import UNITS, Unit
from timebank.programme.roles import OPERATORS, Operator
from timebank.storage.memory import MemoryStore
from timebank.storage.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hypothesis.strategies import SearchStrategy

    from timebank.ledger.transfers import Transfer

ACCOUNTS = ("L:M:1", "L:M:2", "L:S:1", "L:H:1", "A:S:1", "A:S:2", "X:A", "I:D", "E:S")
ROLES = ("clerk", "supervisor", "registrar", "auditor", "admin")


def project_operator(entry: Entry, books: Writer) -> None:
    books.put(OPERATORS, Operator(entry.body["operator"], None, entry.body["role"], entry.seq))


def project_unit(entry: Entry, books: Writer) -> None:
    books.put(UNITS, Unit(f"U{entry.seq}", "新", "new", entry.seq))


def project_gift(entry: Entry, books: Writer) -> None:
    """Fails half-way when the entry says so: after a record was written."""
    project_unit(entry, books)
    if entry.body.get("fail"):
        raise ZeroDivisionError


PROJECTORS = {"operator": project_operator, "price": project_unit, "gift": project_gift}


def moves() -> SearchStrategy[list[Transfer]]:
    unit = st.sampled_from(("PTS", "MIN", "RICE"))
    return st.lists(strategies.transfers(of=st.sampled_from(ACCOUNTS), unit=unit, most=20), max_size=4)


def drafts() -> SearchStrategy[Draft]:
    return st.builds(
        lambda made, kind, back: Draft(kind=kind, day=DAY - timedelta(back), by="clerk", moves=tuple(made)),
        moves(),
        st.sampled_from(("award", "hold", "price")),
        st.integers(-1, 4),
    )


places = st.integers(0, 40)
keys = st.none() | st.sampled_from(("k", "l", "till/1"))


class Stores(RuleBasedStateMachine):
    """Both stores get the same commands, the same clock and the same randomness."""

    @initialize()
    def found(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="timebank-machine-")
        self.path = Path(self.folder.name) / "a.timebank"
        self.clock = Clock()
        self.journals = [
            self.journal(MemoryStore()),
            self.journal(SqliteStore.create(self.path, busy_seconds=0.01)),
        ]
        self.seen: list[Any] = []
        self.another = self.journal(SqliteStore(self.path, busy_seconds=0.01))
        self.another.entropy = self.journals[1].entropy
        self.both(lambda journal: journal.found(origin="a.example", zone="Asia/Shanghai", by="admin"))

    def journal(self, store: MemoryStore | SqliteStore) -> Journal:
        return Journal(store, self.clock, PROJECTORS, random.Random(1).randbytes)

    def teardown(self) -> None:
        if hasattr(self, "journals"):
            self.journals[1].store.close()
            self.another.store.close()
            self.folder.cleanup()

    def both(self, act: Callable[[Journal], object]) -> object:
        """Do *act* on both; what comes of it must be equal, be it an answer or an error."""
        told = []
        for journal in self.journals:
            try:
                told.append(act(journal))
            except TimebankError as error:
                told.append(
                    (
                        error.code,
                        {name: fact for name, fact in error.facts().items() if name not in ("path", "detail")},
                    )
                )
            except ZeroDivisionError as error:
                told.append(type(error))
        assert told[0] == told[1]
        return told[0]

    def entry(self, place: int) -> Entry:
        return self.journals[0].entry(place % self.journals[0].size_at(self.clock.now + timedelta(9999)))

    # --- commands

    @rule(fact=drafts(), key=keys, request=st.sampled_from(((), ("a", 1))))
    def post(self, fact: Draft, key: str | None, request: tuple[Any, ...]) -> None:
        self.both(lambda journal: send(journal, fact, key, request))

    @rule(place=places, what=st.sampled_from(("reversal", "post", "void", "part")), to=st.sampled_from(ACCOUNTS))
    def answer(self, place: int, what: str, to: str) -> None:
        entry = self.entry(place)
        self.both(lambda journal: send(journal, answered(entry, what, to)))

    @rule(operator=st.sampled_from(("a", "b")), role=st.sampled_from(ROLES))
    def appoint(self, operator: str, role: str) -> None:
        fact = Draft(kind="operator", day=DAY, by="admin", body={"operator": operator, "role": role})
        self.both(lambda journal: send(journal, fact))

    @rule(ref=st.integers(-1, 60), kind=st.sampled_from(("claim", "reversal", "void")))
    def refer(self, ref: int, kind: str) -> None:
        self.both(
            lambda journal: send(journal, Draft(kind=kind, day=DAY, by="clerk", ref=ref, body={"of": "award"}))
        )

    @rule(made=moves())
    def fail_half_way(self, made: list[Transfer]) -> None:
        fact = Draft(kind="gift", day=DAY, by="clerk", body={"fail": True}, moves=tuple(made))
        self.both(lambda journal: send(journal, fact))

    @rule(
        facts=st.lists(st.tuples(drafts(), keys), max_size=5),
        ends=st.sampled_from(("well", "badly", "broken")),
        looks=st.booleans(),
    )
    def batch(self, facts: Sequence[tuple[Draft, str | None]], ends: str, looks: bool) -> None:
        def act(journal: Journal) -> list[object]:
            told: list[object] = []
            with journal.batch():
                for fact, key in facts:
                    try:
                        told.append(send(journal, fact, key))
                    except TimebankError as error:
                        told.append(error.code)
                    if looks:
                        told.append(journal.trial_balance())
                if ends == "badly":
                    raise ZeroDivisionError
                if ends == "broken":
                    try:
                        send(journal, Draft(kind="gift", day=DAY, by="clerk", body={"fail": True}))
                    except ZeroDivisionError:
                        told.append("caught")
            return told

        self.both(act)

    @precondition(lambda self: len(self.seen) < 600)
    @rule(count=st.sampled_from((100, 254, 256)))
    def many(self, count: int) -> None:
        def act(journal: Journal) -> None:
            with journal.batch():
                for number in range(count):
                    day = DAY - timedelta(number % 3)
                    send(
                        journal,
                        Draft(
                            kind="price",
                            day=day,
                            by="clerk",
                            moves=(strategies.Transfer("X:A", "L:M:1", "PTS", 1),),
                        ),
                    )

        self.both(act)

    @rule(short=st.booleans(), text=st.sampled_from(("a", "b")))
    def note(self, short: bool, text: str) -> None:
        def act(journal: Journal) -> None:
            with journal.store.writing() as books:
                books.add_note(SignedNote(books.size() - short, text))

        self.both(act)

    @rule(seconds=st.sampled_from((-3600, -1, 1, 60, 90_000)))
    def wait(self, seconds: int) -> None:
        self.clock.move(seconds=seconds)

    @rule()
    def rebuild(self) -> None:
        self.both(Journal.rebuild)

    @rule()
    def reopen(self) -> None:
        entropy = self.journals[1].entropy
        self.journals[1].store.close()
        self.journals[1] = self.journal(SqliteStore(self.path, busy_seconds=0.01))
        self.journals[1].entropy = entropy

    @rule()
    def another_process_goes_on(self) -> None:
        """With what its own connection knows of the file from before."""
        self.another, self.journals[1] = self.journals[1], self.another

    @rule()
    def look_as_the_writer(self) -> None:
        def act(journal: Journal) -> object:
            with journal.store.writing() as books:
                latest = [books.latest(table, upto="Z") for table in (OPERATORS, UNITS)]
                return everything(books), books.get(OPERATORS, "a"), latest

        self.both(act)

    # --- what must hold

    @invariant()
    def every_read_is_equal(self) -> None:
        if hasattr(self, "journals"):
            told = [read(journal.store) for journal in self.journals]
            for name in told[0]:
                assert told[0][name] == told[1][name], name

    @invariant()
    def history_only_grows(self) -> None:
        if hasattr(self, "journals"):
            now = list(self.journals[1].entries())
            assert now[: len(self.seen)] == self.seen
            self.seen = now

    @invariant()
    def every_unit_sums_to_zero_and_nothing_owed_or_owned_is_below_it(self) -> None:
        if hasattr(self, "journals"):
            sums: dict[str, int] = {}
            for line in self.journals[1].trial_balance():
                sums[line.unit] = sums.get(line.unit, 0) + (
                    line.amount if line.account[0] in "AX" else -line.amount
                )
                assert line.amount >= 0 or line.account[0] not in "AL"
            assert not any(sums.values())


def send(journal: Journal, fact: Draft, key: str | None = None, request: tuple[Any, ...] = ()) -> tuple[Any, ...]:
    with journal.writing() as write:
        posted = write.already(key, request) or write.append(fact, key=key, request=request)
    return posted.seq, posted.leaf, posted.repeated, posted.clock_back_seconds


def answered(entry: Entry, what: str, to: str) -> Draft:
    if what == "reversal":
        return resolution.reversal(entry, day=DAY, by="clerk", ok="boss", reason="mistake")
    if what == "void":
        return resolution.void(entry, day=DAY, by="clerk")
    amounts = None if what == "post" else [max(1, move.amount // 2) for move in entry.moves]
    return resolution.post(entry, to=[to] * len(entry.moves), amounts=amounts, day=DAY, by="clerk")


TestStores = pytest.mark.slow(Stores.TestCase)
TestStores.settings = fewer(5, steps=30)
