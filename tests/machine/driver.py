"""Sending a command to the library and to the model, and what the commands of all areas are made of."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter
from random import Random
from typing import Any, ClassVar, NamedTuple

from hypothesis import event, note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from tests.naive import Again, Done, Naive, No
from tests.strategies import made_cards
from timebank.bank import Bank
from timebank.errors import TimebankError

START = datetime(2026, 3, 1, 15, 59, 58, tzinfo=UTC)  # two seconds before midnight in Shanghai
FIRST_DAY = date(2026, 1, 1)
Fresh = dict[str, str]


class Command(NamedTuple):
    """A command by its desk and name; *named* are its keyword arguments."""

    name: str
    first: tuple[Any, ...]
    named: dict[str, Any]

    def __str__(self) -> str:
        first = ", ".join(f"{value!r:.60}" for value in self.first)
        return f"{self.name}({first}, {', '.join(f'{name}={value!r}' for name, value in self.named.items())})"


def mostly(right: list[Any], *wrong: Any) -> st.SearchStrategy[Any]:
    """One of the *right* values, and about one time in thirty a *wrong* one."""
    times = 29 * len(wrong) // len(right) + 1 if right else 0
    return st.sampled_from([*right * times, *wrong])


def usually(usual: st.SearchStrategy[Any], wild: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Something *usual*, and one time in thirty something *wild*."""
    return st.integers(0, 29).flatmap(lambda number: wild if number == 29 else usual)


class Driver(RuleBasedStateMachine):
    """One programme, twice: the library in memory, and the model."""

    COMMANDS: ClassVar[tuple[Any, ...]] = ()
    """All commands of all areas, for batches and for keys that come back."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.entropy = Random(2026).randbytes
        self.bank = self.make()
        self.bank.journal.entropy = self.entropy
        self.model = Naive(self.now)
        self.seen: list[bytes] = []
        self.sent: list[Command] = []
        self.steps = 0

    def clock(self) -> datetime:
        return self.now

    def make(self) -> Bank:
        return Bank.in_memory(clock=self.clock)

    # --- sending one command to both ---

    def send(self, command: Command, *, catch: bool = True) -> None:
        """Do *command* here and there, and compare what came out; *catch* False lets a refusal go on up."""
        before = self.trace()
        result = error = None
        try:
            result = attrgetter(command.name)(self.bank)(*command.first, **command.named)
        except TimebankError as caught:
            error = caught
        fresh: Fresh = {}
        if command.name == "members.enrol" and result is not None:
            fresh["fresh"] = result.id
        elif command.name in ("cards.issue", "cards.replace"):
            fresh["fresh"] = "?" if result is None else result.number
        expected = getattr(self.model, command.name.replace(".", "_"))(*command.first, **command.named, **fresh)
        said = error if result is None else getattr(result, "seq", result)
        note(f"{command} -> {said!r:.200}, expected {expected}")
        event(f"{command.name}: {'done' if error is None else error.code}")
        if error is not None:
            assert isinstance(expected, No), f"{command}: refused with {error!r}, expected {expected}"
            codes = expected.codes
            if codes == {"key-conflict"} and command.named.get("approved_by", "") is None:
                codes = {*codes, "not-canonical"}  # a request with nobody in it has no digest to compare
            assert error.code in codes, f"{command}: {error!r}, {expected}"
            assert self.trace() == before, "a refused command left a trace"
            check_can_be_told(error)
        else:
            assert not isinstance(expected, No), f"{command}: {result}, expected {expected.codes}"
            self.check_result(command, result, expected)
            if isinstance(expected, Again):
                assert self.trace() == before, "a repeated command left a trace"
        if command.named.get("key"):
            self.sent.append(command)
        if error is not None and not catch:
            raise error

    def check_result(self, command: Command, result: Any, expected: Done | Again | list[int]) -> None:
        if isinstance(expected, list):
            assert [posted.seq for posted in result] == expected
            return
        fact = self.model.facts[expected.seq]
        if command.name == "members.enrol":
            assert (result.id, result.org, result.seq) == (fact["member"], fact["org"], expected.seq)
        elif command.name in ("cards.issue", "cards.replace"):
            assert (result.number, result.member) == (fact["card"], fact["member"])
        elif command.name == "shops.open":
            assert (result.id, result.seq) == (fact["shop"], expected.seq)
        else:
            assert result.seq == expected.seq
            assert result.repeated == isinstance(expected, Again)
            if isinstance(expected, Done):
                assert result.clock_back_seconds == self.model.behind_seconds()
            assert result.entry == self.bank.journal.entry(result.seq)

    def trace(self) -> tuple[Any, ...]:
        """What a command that did not happen must leave alone."""
        with self.bank.journal.reading() as books:
            size = books.size()
            last = books.leaf(size - 1)
        return self.bank.trial_balance(), size, last

    # --- what commands are made of ---

    def by(self, data: st.DataObject, *roles: str) -> str:
        """Somebody who has one of *roles* now, or the administrator."""
        right = [name for name, role in self.model.operators().items() if role in roles or name == "admin"]
        return data.draw(mostly(right, "auditor-1", "clerk-1", "registrar-1", "nobody", "No Slug"), "by")

    def two(self, data: st.DataObject) -> dict[str, Any]:
        """Who acts and who approves."""
        by = self.by(data, "clerk", "registrar")
        right = [name for name, role in self.model.operators().items() if role in ("supervisor", "admin")]
        right = [name for name in right if name != by] or right
        return {"by": by, "approved_by": data.draw(mostly(right, "auditor-1", by, None, "nobody", "No"), "ok")}

    def key(self, data: st.DataObject) -> str | None:
        return data.draw(mostly([None] * 24 + [f"till-1/{number}" for number in range(12)], "ä"), "key")

    def org(self, data: st.DataObject) -> str:
        return data.draw(mostly(list(self.model.organisations()), "nowhere", ""), "org")

    def org_or_none(self, data: st.DataObject) -> str | None:
        return data.draw(mostly([None, None, None, *self.model.organisations()], "nowhere"), "org")

    def member(self, data: st.DataObject, *kinds: str, label: str = "member") -> Any:
        """One of *kinds* (none given: any), those with points most often."""
        all_ = [one for one in self.model.members() if not kinds or self.model.member_kind(one) in kinds]
        rich = [one for one in all_ if self.model.balance(one)["points"]]
        return data.draw(mostly(rich + all_, "0000000000", "wang"), label)

    def card(self, data: st.DataObject) -> str:
        """An active card of somebody with points most often, also in small letters and with spaces."""
        known = self.model.cards()
        active = [number for number, card in known.items() if card["state"] == "active"]
        rich = [number for number in active if self.model.balance(known[number]["member"])["points"]]
        spelt = [" ".join(number.lower()) for number in active]
        return data.draw(
            mostly(rich * 8 + active * 2 + spelt + list(known), "9999", "00000000001", "", "卡"), "card"
        )

    def new_card(self, data: st.DataObject) -> str | None:
        printed = st.sampled_from(["0011", "0012", "yg-3", "00 04"])
        right = st.one_of(st.none(), printed, made_cards())
        return data.draw(usually(right, st.sampled_from(["00000000001", "-"])), "new")

    def shop(self, data: st.DataObject) -> str:
        return data.draw(mostly(["yungu-shop", "yungu-shop", *self.model.shops()], "no-shop", "no shop"), "shop")

    def good(self, data: st.DataObject) -> str:
        return data.draw(mostly(self.model.goods(), "caviar", "pts", "rice-"), "good")

    def basket(self, data: st.DataObject, goods: list[str], *, most: int) -> dict[Any, Any]:
        pieces = usually(st.integers(1, most), st.sampled_from([0, 1_000_001, True, 1.0]))
        named = mostly(goods or self.model.goods(), "caviar", "-")
        return data.draw(usually(st.dictionaries(named, pieces, min_size=1, max_size=2), st.just({})), "goods")

    def day(self, data: st.DataObject, *, past: int = 64, ahead: int = 0) -> Any:
        """A day around today, sometimes before the first rulebook or in the future; seldom a moment."""
        today = self.model.today()
        days = st.integers(-ahead, past).map(lambda back: today - timedelta(days=back))
        wild = st.sampled_from([START, "2026-02-08", today + timedelta(days=1)])
        return data.draw(usually(days, wild), "day")

    def day_or_none(self, data: st.DataObject, *, past: int = 20) -> Any:
        """Today, left open, two times in three."""
        return self.day(data, past=past) if data.draw(st.sampled_from([False, False, True]), "dated") else None

    def place(self, data: st.DataObject, right: list[int]) -> int:
        """One of these places in the journal; seldom another."""
        size = len(self.model.facts)
        return data.draw(mostly(right, 0, size - 1, size) if right else st.sampled_from([0, size - 1]), "seq")

    def idle(self, data: st.DataObject, things: Any) -> bool:
        """There is nothing to act on, and a command that is sure to be refused is not wanted this time."""
        return not things and not data.draw(mostly([False], True), "all the same")

    def reason(self, data: st.DataObject) -> str:
        return data.draw(mostly(["mistake", "wrong-member"], "Some text."), "reason")

    def draw_plain_day(self, data: st.DataObject) -> date:
        return self.model.today() - timedelta(days=data.draw(st.integers(-2, 100), "days back"))


def check_can_be_told(error: TimebankError) -> None:
    """An error reaches another process as it is, and says a sentence in both languages."""
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.facts(), str(again)) == (type(error), error.facts(), str(error))
    assert error.message("en") and error.message("zh_CN")
