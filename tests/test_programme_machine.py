"""The whole programme against the naive model: commands right and wrong, in every order Hypothesis thinks of."""

from __future__ import annotations

import pickle
import tempfile
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.conftest import fewer
from tests.naive import Again, Done, Naive, No
from tests.strategies import made_cards
from timebank.bank import Bank, open_bank
from timebank.errors import Refused, TimebankError
from timebank.programme.kinds import TABLES
from timebank.programme.rulebook import shipped_rulebook

START = datetime(2026, 3, 1, 15, 59, 58, tzinfo=UTC)  # two seconds before midnight in Shanghai
FIRST_DAY = date(2026, 1, 1)
FEWER_POINTS = shipped_rulebook().replace("points = 3", "points = 1")
SERVICES = ("elder-visit", "patrol", "clean-up", "honour", "blood-donation", "village-meeting")
KINDS_OF_UNIT = {"points": "PTS", "minutes": "MIN"}


class Leave(Exception):  # noqa: N818 -- it is no error: it is how the test walks out of a batch
    """Somebody changes their mind in the middle of a batch."""


class Command(NamedTuple):
    """A command by its desk and name; *named* are its keyword arguments."""

    name: str
    first: tuple[Any, ...]
    named: dict[str, Any]

    def __str__(self) -> str:
        first = ", ".join(f"{value!r:.40}" for value in self.first)
        return f"{self.name}({first}, {', '.join(f'{name}={value!r}' for name, value in self.named.items())})"


def mostly(right: list[Any], *wrong: Any) -> st.SearchStrategy[Any]:
    """One of the *right* values, and about one time in sixteen a *wrong* one."""
    times = 15 * len(wrong) // len(right) + 1 if right else 0
    return st.sampled_from([*right * times, *wrong])


def usually(usual: st.SearchStrategy[Any], wild: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Something *usual*, and one time in sixteen something *wild*."""
    return st.integers(0, 15).flatmap(lambda number: wild if number == 15 else usual)


class Programme(RuleBasedStateMachine):
    """One programme, twice: the library in memory, and the model."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.bank = self.make()
        self.model = Naive(self.now)
        self.seen: list[bytes] = []
        self.sent: list[Command] = []
        self.steps = 0
        self.in_batch = False

    def clock(self) -> datetime:
        return self.now

    def make(self) -> Bank:
        return Bank.in_memory(clock=self.clock)

    # --- sending one command to both ---

    def send(self, command: Command, *, catch: bool = True) -> None:
        """Do *command* here and there, and compare what came out; *catch* False lets a refusal go on up."""
        before = self.trace()
        fresh: dict[str, str] = {}
        result = error = None
        try:
            result = attrgetter(command.name)(self.bank)(*command.first, **command.named)
        except TimebankError as caught:
            error = caught
        if command.name == "members.enrol" and result is not None:
            fresh["fresh"] = result.id
        elif command.name in ("cards.issue", "cards.replace"):
            fresh["fresh"] = "?" if result is None else result.number
        expected = getattr(self.model, command.name.replace(".", "_"))(*command.first, **command.named, **fresh)
        note(f"{command} -> {result if error is None else error!r:.80}, expected {expected}")
        if error is not None:
            assert isinstance(expected, No), f"{command}: refused with {error!r}, expected {expected}"
            assert error.code in expected.codes, f"{command}: {error!r}, {expected}"
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

    def check_result(self, command: Command, result: Any, expected: Done | Again) -> None:
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
        return self.bank.report(), self.bank.trial_balance()

    # --- what commands are made of ---

    def by(self, data: st.DataObject, *roles: str) -> str:
        """Somebody who has one of *roles* now, or the administrator."""
        right = [name for name, role in self.model.operators().items() if role in roles or name == "admin"]
        return data.draw(mostly(right, "auditor-1", "clerk-1", "registrar-1", "nobody", "No Slug"), "by")

    def key(self, data: st.DataObject) -> str | None:
        return data.draw(mostly([None] * 12 + [f"till-1/{number}" for number in range(12)], "ä"), "key")

    def org(self, data: st.DataObject) -> str:
        return data.draw(mostly(list(self.model.organisations()), "nowhere", ""), "org")

    def member(self, data: st.DataObject) -> str:
        return data.draw(mostly(list(self.model.members()), "0000000000", "wang"), "member")

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
        printed = st.sampled_from(["0001", "0002", "yg-3", "00 04"])
        right = st.one_of(st.none(), printed, made_cards())
        return data.draw(usually(right, st.sampled_from(["00000000001", "-"])), "new")

    def shop(self, data: st.DataObject) -> str:
        return data.draw(mostly(["yungu-shop", "yungu-shop", *self.model.shops()], "no-shop", "no shop"), "shop")

    def good(self, data: st.DataObject) -> str:
        return data.draw(mostly(self.model.goods(), "caviar", "pts", "rice-"), "good")

    def basket(self, data: st.DataObject, goods: list[str], *, most: int) -> dict[Any, Any]:
        pieces = usually(st.integers(1, most), st.sampled_from([0, 1_000_001, True, 1.0]))
        goods = mostly(goods, "caviar", "-")
        return data.draw(usually(st.dictionaries(goods, pieces, min_size=1, max_size=2), st.just({})), "goods")

    def day(self, data: st.DataObject, *, past: int = 64, ahead: int = 1) -> Any:
        """A day around today, sometimes before the first rulebook or in the future; seldom a moment."""
        today = self.model.today()
        days = st.integers(-ahead, past).map(lambda back: today - timedelta(days=back))
        return data.draw(usually(days, st.sampled_from([START, "2026-02-08"])), "day")

    def day_or_none(self, data: st.DataObject) -> Any:
        """Today, left open, two times in three."""
        return self.day(data, past=20) if data.draw(st.sampled_from([False, False, True]), "dated") else None

    # --- the commands ---

    def add_organisation(self, data: st.DataObject) -> Command:
        parents = mostly([None, *self.model.organisations()], "nowhere", "No")
        named = {
            "name": data.draw(mostly(["云谷", "Grid 7"], "", " x", "a\nb", "\u202eevil"), "name"),
            "level": data.draw(mostly(["grid", "building", "community", "street"], "planet"), "level"),
            "parent": data.draw(parents, "parent"),
            "by": self.by(data),
            "key": self.key(data),
        }
        return Command(
            "organisations.add", (data.draw(mostly(["g-1", "g-2", "g-3"], "yungu", "G"), "org"),), named
        )

    def appoint(self, data: st.DataObject) -> Command:
        """The administrator stays one, so that the programme goes on."""
        operator = data.draw(mostly(["clerk-2", "clerk-3", "clerk-1", "committee-1"], "Clerk"), "operator")
        role = data.draw(mostly(["clerk", "supervisor", "registrar", "auditor", "admin"], "king"), "role")
        named = {"org": self.org(data), "role": role, "by": self.by(data), "key": self.key(data)}
        return Command("organisations.appoint", (operator,), named)

    def enrol(self, data: st.DataObject) -> Command:
        named = {
            "org": self.org(data),
            "kind": data.draw(mostly(["person", "household", "team"], "dog"), "kind"),
            "card": self.new_card(data),
            "by": self.by(data, "registrar", "supervisor"),
            "key": self.key(data),
        }
        return Command("members.enrol", (), named)

    def issue_card(self, data: st.DataObject) -> Command:
        named = {
            "card": self.new_card(data),
            "by": self.by(data, "registrar", "supervisor"),
            "key": self.key(data),
        }
        return Command("cards.issue", (self.member(data),), named)

    def block_card(self, data: st.DataObject) -> Command:
        return Command(
            "cards.block", (self.card(data),), {"by": self.by(data, "clerk", "registrar"), "key": self.key(data)}
        )

    def replace_card(self, data: st.DataObject) -> Command:
        named = {"new": self.new_card(data), "by": self.by(data, "registrar", "supervisor"), "key": self.key(data)}
        return Command("cards.replace", (self.card(data),), named)

    def adopt_rulebook(self, data: st.DataObject) -> Command:
        named = {"from_day": self.day(data, past=70, ahead=40), "by": self.by(data), "key": self.key(data)}
        text = data.draw(st.sampled_from([FEWER_POINTS, shipped_rulebook()]), "rulebook")
        return Command("rulebooks.adopt", (text,), named)

    def record_service(self, data: st.DataObject) -> Command:
        service = data.draw(mostly(list(SERVICES), "no-such", "No"), "service")
        by_hour = service in SERVICES[:3]
        minutes = st.one_of(st.integers(1, 1440), st.sampled_from([19, 20, 60, 1440]))
        wild = st.sampled_from([None, 0, -1, 1441, True, 1.5, "3"])
        if data.draw(mostly([True], False), "as it should be"):
            minutes = minutes if by_hour else st.one_of(st.none(), minutes)
            occasions = st.none() if by_hour else st.integers(1, 100)
        else:
            minutes, occasions = st.one_of(minutes, wild), st.one_of(st.integers(1, 100), wild)
        named = {
            "day": self.day(data),
            "minutes": data.draw(minutes, "minutes"),
            "occasions": data.draw(occasions, "occasions"),
            "org": data.draw(mostly([None, *self.model.organisations()], "nowhere"), "org"),
            "by": self.by(data, "clerk", "registrar"),
            "approved_by": self.by(data, "supervisor"),
            "key": self.key(data),
        }
        return Command("services.record", (self.member(data), service), named)

    def add_good(self, data: st.DataObject) -> Command:
        good = data.draw(mostly(["oil", "salt", "towel"], "rice", "pts", "min", "9-lives", "x" * 24), "good")
        named = {"name": "盐", "name_en": "salt", "by": self.by(data), "key": self.key(data)}
        return Command("goods.add", (good,), named)

    def open_shop(self, data: st.DataObject) -> Command:
        shop = data.draw(mostly(["shop-2", "shop-3"], "yungu-shop", "Shop"), "shop")
        named = {"org": self.org(data), "name": "二店", "by": self.by(data), "key": self.key(data)}
        return Command("shops.open", (shop,), named)

    def set_price(self, data: st.DataObject) -> Command:
        named = {
            "points": data.draw(mostly([1, 2, 5, 20], 0, -1, 1_000_001, True, "3"), "points"),
            "from_day": self.day(data, past=30, ahead=30),
            "by": self.by(data, "supervisor"),
            "key": self.key(data),
        }
        return Command("shops.set_price", (self.shop(data), self.good(data)), named)

    def receive_goods(self, data: st.DataObject) -> Command:
        sources = mostly(
            [("huicai", None), (None, "yungu")], (None, None), ("a", "yungu"), (None, "no"), ("赵", None)
        )
        donor, buyer = data.draw(sources, "source")
        named = {
            "donor": donor,
            "bought_by": buyer,
            "day": self.day_or_none(data),
            "by": self.by(data, "clerk", "registrar"),
            "approved_by": self.by(data, "supervisor"),
            "key": self.key(data),
        }
        return Command("shops.receive", (self.shop(data), self.basket(data, self.model.goods(), most=40)), named)

    def redeem_goods(self, data: st.DataObject) -> Command:
        shop = self.shop(data)
        shelves = [good for good, pieces in self.model.stock(shop).items() if pieces]
        prices = self.model.prices(shop, self.model.today())
        sensible = [good for good in shelves if good in prices]
        named = {
            "card": self.card(data),
            "goods": self.basket(data, sensible * 9 + self.model.goods(), most=2),
            "day": self.day_or_none(data),
            "by": self.by(data, "clerk", "supervisor"),
            "key": self.key(data),
        }
        return Command("shops.redeem", (shop,), named)

    def take_back(self, data: st.DataObject) -> Command:
        moved = self.model.of("award", "redemption", "stock")
        movable = [seq for seq, _ in moved if self.model.reversed_by(seq) is None] * 4
        movable += [seq for seq, _ in self.model.of("award", "redemption", "stock", "reversal")]
        size = len(self.model.facts)
        named = {
            "reason": data.draw(mostly(["mistake", "returned"], "Some text."), "reason"),
            "day": self.day_or_none(data),
            "by": self.by(data, "clerk", "registrar"),
            "approved_by": self.by(data, "supervisor"),
            "key": self.key(data),
        }
        return Command("reverse", (data.draw(mostly(movable, 0, 4, size - 1, size, size + 1, -1), "seq"),), named)

    OFFICE = (add_organisation, appoint, adopt_rulebook, add_good, open_shop, set_price)
    PEOPLE = (enrol, issue_card, block_card, replace_card)
    VALUE = (record_service, receive_goods, redeem_goods, take_back)
    COMMANDS = (*OFFICE, *PEOPLE, *VALUE, *VALUE)

    # --- the rules ---

    @initialize()
    def found(self) -> None:
        """A street, a community, people of every role, two rulebooks, a shop with goods, a member with points."""
        setting_up = (
            Command("organisations.add", ("donghu",), {"name": "东湖街道", "level": "street"}),
            Command("organisations.add", ("yungu",), {"name": "云谷", "level": "community", "parent": "donghu"}),
            Command("organisations.appoint", ("clerk-1",), {"org": "yungu", "role": "clerk"}),
            Command("organisations.appoint", ("committee-1",), {"org": "yungu", "role": "supervisor"}),
            Command("organisations.appoint", ("registrar-1",), {"org": "yungu", "role": "registrar"}),
            Command("organisations.appoint", ("auditor-1",), {"org": "donghu", "role": "auditor"}),
            Command("rulebooks.adopt", (shipped_rulebook(),), {"from_day": FIRST_DAY}),
            Command("goods.add", ("rice",), {"name": "米", "name_en": "rice"}),
            Command("goods.add", ("soap",), {"name": "皂", "name_en": "soap"}),
            Command("shops.open", ("yungu-shop",), {"org": "yungu", "name": "云谷超市"}),
            Command("shops.set_price", ("yungu-shop", "rice"), {"points": 10, "from_day": FIRST_DAY}),
            Command("shops.set_price", ("yungu-shop", "soap"), {"points": 3, "from_day": date(2026, 2, 1)}),
            Command("shops.set_price", ("yungu-shop", "soap"), {"points": 2, "from_day": date(2026, 2, 20)}),
            Command("members.enrol", (), {"org": "yungu", "card": "0001"}),
        )
        for command in setting_up:
            self.send(command._replace(named={**command.named, "by": "admin"}))
        (wang,) = self.model.members()
        two = {"by": "clerk-1", "approved_by": "committee-1"}
        self.send(Command("services.record", (wang, "honour"), {"day": date(2026, 2, 8), "occasions": 1, **two}))
        self.send(Command("shops.receive", ("yungu-shop", {"rice": 4, "soap": 9}), {"donor": "huicai", **two}))

    @rule(data=st.data(), command=st.sampled_from(OFFICE))
    def office_works(self, data: st.DataObject, command: Any) -> None:
        self.send(command(self, data))

    @rule(data=st.data(), command=st.sampled_from(PEOPLE))
    def people_come(self, data: st.DataObject, command: Any) -> None:
        self.send(command(self, data))

    @rule(data=st.data())
    def service_is_recorded(self, data: st.DataObject) -> None:
        self.send(self.record_service(data))

    @rule(data=st.data())
    def goods_are_received(self, data: st.DataObject) -> None:
        self.send(self.receive_goods(data))

    @rule(data=st.data())
    def goods_are_redeemed(self, data: st.DataObject) -> None:
        self.send(self.redeem_goods(data))

    @rule(data=st.data())
    def entry_is_taken_back(self, data: st.DataObject) -> None:
        self.send(self.take_back(data))

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def command_is_sent_again(self, data: st.DataObject) -> None:
        """With its key: it happens once, whoever lost a role or a card since then."""
        self.send(data.draw(st.sampled_from(self.sent)))

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), command=st.sampled_from(COMMANDS))
    def key_is_used_for_another_command(self, data: st.DataObject, command: Any) -> None:
        other = command(self, data)
        key = data.draw(st.sampled_from(self.sent)).named["key"]
        self.send(other._replace(named={**other.named, "key": key}))

    @rule(
        data=st.data(),
        commands=st.lists(st.sampled_from(COMMANDS), min_size=1, max_size=4),
        end=st.sampled_from(["well", "changed mind", "refused"]),
    )
    def batch_is_sent(self, data: st.DataObject, commands: list[Any], end: str) -> None:
        """All of it or none; a refusal that the caller catches inside harms nothing."""
        before = self.model.copy()
        self.in_batch = True
        try:
            with self.bank.batch():
                for command in commands:
                    self.send(command(self, data))
                self.check_reads()
                if end == "changed mind":
                    raise Leave
                if end == "refused":
                    refused = {"card": "0001", "goods": {"rice": 1_000_000}, "by": "admin"}
                    self.send(Command("shops.redeem", ("yungu-shop",), refused), catch=False)
        except Leave:
            self.model = before
        except (Refused, TimebankError):
            assert end == "refused"
            self.model = before
        finally:
            self.in_batch = False

    @rule(seconds=st.sampled_from([1, 2, 59, 3_600, 86_400, 20 * 86_400]))
    def time_passes(self, seconds: int) -> None:
        self.now = self.model.now = self.now + timedelta(seconds=seconds)

    @rule(seconds=st.sampled_from([0.5, 1, 3_600, 3 * 86_400]))
    def clock_is_set_back(self, seconds: float) -> None:
        self.now = self.model.now = self.now - timedelta(seconds=seconds)

    @rule()
    def projections_are_rebuilt(self) -> None:
        before = self.projections()
        assert self.bank.rebuild() == len(self.model.facts)
        assert self.projections() == before

    @rule(data=st.data())
    def somebody_looks_back(self, data: st.DataObject) -> None:
        """As of any entry and any day, all members and shops; a statement of any days."""
        seq = data.draw(st.integers(0, len(self.model.facts) - 1), "seq")
        first, last = sorted((self.draw_plain_day(data), self.draw_plain_day(data)))
        self.check_as_of(seq, first)
        self.check_statements(first, last)

    def draw_plain_day(self, data: st.DataObject) -> date:
        return self.model.today() - timedelta(days=data.draw(st.integers(-2, 100), "days back"))

    # --- what holds after every step ---

    @invariant()
    def every_unit_sums_to_zero(self) -> None:
        sums: dict[str, int] = {}
        for line in self.bank.trial_balance():
            sign = 1 if line.account[0] in "AX" else -1
            sums[line.unit] = sums.get(line.unit, 0) + sign * line.amount
        assert not any(sums.values())

    @invariant()
    def assets_and_liabilities_are_never_negative(self) -> None:
        assert all(line.amount >= 0 for line in self.bank.trial_balance() if line.account[0] in "AL")

    @invariant()
    def history_only_grows(self) -> None:
        with self.bank.journal.reading() as books:
            now = [leaf for _, leaf in books.leaves()]
        assert now[: len(self.seen)] == self.seen
        self.seen = now

    @invariant()
    def entries_say_what_the_facts_say(self) -> None:
        entries = list(self.bank.journal.entries())
        assert [entry.seq for entry in entries] == list(range(len(self.model.facts)))
        for entry, fact in zip(entries, self.model.facts, strict=True):
            said = (entry.kind, entry.at, entry.day, entry.by, entry.ok, entry.key, entry.ref)
            names = ("kind", "at", "day", "by", "ok", "key", "ref")
            assert said == tuple(map(fact.get, names))
        moments = [entry.at for entry in entries]
        assert moments == sorted(moments)
        assert len({entry.nonce for entry in entries}) == len(entries)

    @invariant()
    def reads_equal_the_model(self) -> None:
        self.check_reads()

    @invariant()
    def looking_back_equals_the_model(self) -> None:
        """One entry and one day after each step, another each time; the last words are looked at in full."""
        self.steps += 1
        self.check_as_of(
            self.steps * 7 % len(self.model.facts), START.date() - timedelta(days=self.steps * 7 % 70)
        )

    def check_reads(self) -> None:
        bank, model = self.bank, self.model
        trial = {(line.account, line.unit): line.amount for line in bank.trial_balance()}
        assert trial == model.trial_balance()
        report = bank.report()
        assert {name: getattr(report, name) for name in model.report()} == model.report()
        assert {member.id: member.org for member in bank.members.all()} == model.members()
        assert {operator.id: operator.role for operator in bank.organisations.operators()} == model.operators()
        assert [org.id for org in bank.organisations.all()] == sorted(model.organisations())
        assert [good.id for good in bank.goods.all()] == model.goods()
        assert [shop.id for shop in bank.shops.all()] == model.shops()
        for number, card in model.cards().items():
            kept = bank.cards.get(number)
            assert (kept.member, kept.state) == (card["member"], card["state"])
        for member in model.members():
            held = bank.members.balance(member)
            assert {"points": held.points, "minutes": held.minutes} == model.balance(member)
        for shop in model.shops():
            assert bank.shops.stock(shop) == model.stock(shop)
            assert bank.shops.takings(shop) == model.takings(shop)
        self.check_statements(None, None)

    def check_as_of(self, seq: int, day: date) -> None:
        bank, model = self.bank, self.model
        for member in model.members():
            then = bank.members.balance(member, at_entry=seq)
            assert {"points": then.points, "minutes": then.minutes} == model.balance(member, at_entry=seq)
            then = bank.members.balance(member, day=day)
            assert {"points": then.points, "minutes": then.minutes} == model.balance(member, day=day)
        for shop in model.shops():
            assert bank.shops.takings(shop, day=day) == model.takings(shop, day=day)
            assert bank.shops.stock(shop, day=day) == model.stock(shop, day=day)
            assert {price.good: price.points for price in bank.shops.prices(shop, day)} == model.prices(shop, day)
        trial = {(line.account, line.unit): line.amount for line in bank.trial_balance(day)}
        assert trial == model.trial_balance(day)
        rows = model.rulebook(day)
        if rows is not None:
            told = {row.id: (row.per, row.points) for row in bank.rulebooks.on(day).services}
            assert told == {name: (row["per"], row["points"]) for name, row in rows.items()}

    def check_statements(self, first: date | None, last: date | None) -> None:
        days = {"first": first, "last": last}
        for member in self.model.members():
            for what, unit in KINDS_OF_UNIT.items():
                told = self.bank.members.statement(member, unit=unit, **days)
                check_statement(told, self.model.statement(member, what, **days))
        for shop in self.model.shops():
            told = self.bank.shops.statement(shop, **days)
            check_statement(told, self.model.statement(shop, "takings", **days))
            for good in self.model.goods():
                told = self.bank.shops.statement(shop, unit=good.upper(), **days)
                check_statement(told, self.model.statement(shop, good, **days))

    def projections(self) -> list[Any]:
        """Everything that is made from the leaves."""
        size = len(self.model.facts)
        with self.bank.journal.reading() as books:
            dump: list[Any] = [list(books.balances()), [books.resolver_of(seq) for seq in range(size)]]
            dump += [books.hashes(0, 0, size)]
            for line in list(books.balances()):
                dump.append(books.postings(line.account, line.unit, limit=size * 3))
            for table in TABLES:
                dump.append(list(books.rows(table)))
        return dump

    def teardown(self) -> None:
        """All of the past once, at the end."""
        for seq in range(0, len(self.model.facts), 5):
            self.check_as_of(seq, self.model.facts[seq]["day"])
        self.bank.close()


def check_statement(told: Any, expected: tuple[int, list[tuple[int, int, int]], int]) -> None:
    """The statement is the model's, and adds up by itself."""
    lines = [(line.entry.seq, line.delta, line.after) for line in told.lines]
    assert (told.opening, lines, told.closing) == expected
    assert told.opening + sum(line.delta for line in told.lines) == told.closing


def check_can_be_told(error: TimebankError) -> None:
    """An error reaches another process as it is, and says a sentence in both languages."""
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.facts(), str(again)) == (type(error), error.facts(), str(error))
    assert error.message("en") and error.message("zh_CN")


class ProgrammeOnFile(Programme):
    """The same on a SQLite file, which is closed and opened, signed and verified now and then."""

    def make(self) -> Bank:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "yungu.timebank"
        self.notes: list[str] = []
        return Bank.create(self.path, origin="yungu.example/timebank", clock=self.clock)

    @rule()
    def file_is_closed_and_opened(self) -> None:
        self.bank.close()
        self.bank = open_bank(self.path, clock=self.clock)

    @rule()
    def auditor_reads_through_another_connection(self) -> None:
        with open_bank(self.path, readonly=True, clock=self.clock) as other:
            assert other.report() == self.bank.report()
            assert other.trial_balance() == self.bank.trial_balance()

    @rule()
    def checkpoint_is_kept_outside(self) -> None:
        self.notes.append(self.bank.checkpoint())

    @rule()
    def file_is_verified(self) -> None:
        assert self.bank.verify(checkpoints=self.notes).findings == ()

    def teardown(self) -> None:
        try:
            self.file_is_verified()
            super().teardown()
        finally:
            self.bank.close()
            self.folder.cleanup()


TestProgrammeInMemory = Programme.TestCase
TestProgrammeInMemory.settings = fewer(2, steps=40)
TestProgrammeOnFile = ProgrammeOnFile.TestCase
TestProgrammeOnFile.settings = fewer(8, steps=30)
