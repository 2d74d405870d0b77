"""The machine: the commands of all areas, batches, keys that come back, time, and a village to begin with."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from tests.machine.counter import Counter
from tests.machine.driver import FIRST_DAY, Command
from tests.machine.office import Office
from tests.machine.orders import Orders
from tests.machine.places import Places
from tests.machine.points import Points
from tests.machine.reads import Reads
from tests.machine.rulebooks import VILLAGE
from tests.machine.services import Services
from timebank.bank import Bank, open_bank
from timebank.errors import TimebankError
from timebank.programme.kinds import TABLES

TWO = {"by": "clerk-1", "approved_by": "committee-1"}
COMMANDS = (
    *(Office.OFFICE + Services.SERVICES + Points.POINTS + Orders.ORDERS),
    *(Counter.STOCKROOM + Counter.TILL + Places.PLACES),
)

OFTEN = (
    *(Services.SERVICES * 3 + Counter.TILL * 2 + Points.POINTS * 2),
    *(Orders.ORDERS + Counter.STOCKROOM + Places.PLACES + (Office.set_limit, Office.set_price)),
)


class Leave(Exception):  # noqa: N818 -- it is no error: it is how the test walks out of a batch
    """Somebody changes their mind in the middle of a batch."""


class Programme(Office, Services, Points, Orders, Counter, Places, Reads):
    """One programme, twice: the library in memory, and the model."""

    @initialize()
    def found(self) -> None:
        """A street, a community, people of every role, a family, a team, shops with goods, points to spend."""
        founding = (
            Command("organisations.add", ("donghu",), {"name": "东湖街道", "level": "street"}),
            Command("organisations.add", ("yungu",), {"name": "云谷", "level": "community", "parent": "donghu"}),
            Command("organisations.add", ("hill",), {"name": "山", "level": "community", "parent": "donghu"}),
            Command("organisations.appoint", ("clerk-1",), {"org": "yungu", "role": "clerk"}),
            Command("organisations.appoint", ("clerk-2",), {"org": "yungu", "role": "clerk"}),
            Command("organisations.appoint", ("committee-1",), {"org": "yungu", "role": "supervisor"}),
            Command("organisations.appoint", ("committee-2",), {"org": "hill", "role": "supervisor"}),
            Command("organisations.appoint", ("committee-3",), {"org": "hill", "role": "supervisor"}),
            Command("organisations.appoint", ("registrar-1",), {"org": "yungu", "role": "registrar"}),
            Command("organisations.appoint", ("auditor-1",), {"org": "donghu", "role": "auditor"}),
            Command("rulebooks.adopt", (VILLAGE,), {"from_day": FIRST_DAY}),
            Command("goods.add", ("rice",), {"name": "米", "name_en": "rice"}),
            Command("goods.add", ("soap",), {"name": "皂", "name_en": "soap"}),
            Command("shops.open", ("yungu-shop",), {"org": "yungu", "name": "云谷超市"}),
            Command(
                "shops.open", ("bakery",), {"org": "hill", "name": "面包店", "kind": "merchant", "hours": "9-11"}
            ),
            Command("shops.open", ("hill-shop",), {"org": "hill", "name": "山店"}),
            Command("shops.set_price", ("yungu-shop", "rice"), {"points": 10, "from_day": FIRST_DAY}),
            Command("shops.set_price", ("yungu-shop", "soap"), {"points": 3, "from_day": date(2026, 2, 1)}),
            Command("shops.set_price", ("yungu-shop", "soap"), {"points": 2, "from_day": date(2026, 2, 20)}),
            Command("shops.set_price", ("bakery", "soap"), {"points": 4, "from_day": FIRST_DAY}),
            Command("shops.limit", ("rice",), {"most": 3, "per": "household", "from_day": FIRST_DAY}),
            Command("shops.limit", ("soap",), {"shop": "bakery", "least_earned": 20, "from_day": FIRST_DAY}),
            Command("members.enrol", (), {"org": "yungu", "card": "0001"}),
            Command("members.enrol", (), {"org": "hill", "card": "0002"}),
            Command("members.enrol", (), {"org": "yungu", "kind": "household", "card": "0003"}),
            Command("members.enrol", (), {"org": "yungu", "kind": "team"}),
            Command("venues.add", ("hall",), {"org": "yungu", "name": "活动中心"}),
        )
        for command in founding:
            self.send(command._replace(named={**command.named, "by": "admin"}))
        self.earn_a_little()

    def earn_a_little(self) -> None:
        """Points, minutes and goods, for everything to begin with."""
        wang, li, house, team = self.model.members()
        early, late = date(2026, 1, 20), date(2026, 2, 8)
        record, hour = "services.record", {"minutes": 60}
        for command in (
            Command(record, (wang, "honour"), {"day": late, "occasions": 1, **TWO}),
            Command(record, (wang, "elder-visit"), {"day": early, "minutes": 300, "start": "08:00", **TWO}),
            Command(record, (li, "elder-visit"), {"day": late, "minutes": 200, "start": "08:00", **TWO}),
            Command(record, (house, "yard"), {"day": late, "grade": "best", **TWO}),
            Command("members.set_household", (house, [li]), {"from_day": early, "by": "registrar-1"}),
            Command("teams.join", (team, wang), {"day": early, "by": "registrar-1"}),
            Command("gifts.give", (wang,), {"pool": "yungu", "points": 9, "by": "clerk-1"}),
            Command("gifts.give", (wang,), {"pool": "yungu", "minutes": 100, "by": "clerk-1"}),
            Command("shops.receive", ("yungu-shop", {"rice": 4, "soap": 9}), {"donor": "huicai", **TWO}),
            Command("claims.submit", ("elder-visit", [li, wang]), {"day": late, **hour, "by": "clerk-1"}),
            Command(
                "budgets.set",
                ("yungu",),
                {"first": date(2026, 2, 1), "last": date(2026, 3, 31), "points": 80}
                | {"by": "admin", "approved_by": "committee-1"},
            ),
            Command("orders.open", ("repair",), {"member": house, "day": late, "by": "clerk-1"}),
            Command("orders.open", ("wish",), {"member": li, "by": "clerk-1"}),
            Command("deductions.record", (li, "rubbish"), {"day": date(2026, 2, 25), **TWO}),
            Command(
                "shops.redeem",
                ("yungu-shop",),
                {"card": "0001", "goods": {"soap": 2}, "day": date(2026, 2, 21), "by": "clerk-1"},
            ),
        ):
            self.send(command)
        self.send(Command("claims.approve", (next(iter(self.model.claims())),), {"by": "committee-1"}))

    # --- the same again, and many at once ---

    @rule(data=st.data(), commands=st.lists(st.sampled_from(OFTEN), min_size=3, max_size=8))
    def busy_morning(self, data: st.DataObject, commands: list[Any]) -> None:
        """What makes up a day's work, one after the other."""
        for command in commands:
            self.send(command(self, data))

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def command_is_sent_again(self, data: st.DataObject) -> None:
        """With its key: it happens once, whoever lost a role or a card since then."""
        self.send(data.draw(st.sampled_from(self.sent)))

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), command=st.sampled_from(COMMANDS))
    def key_is_used_for_another_command(self, data: st.DataObject, command: Any) -> None:
        other = command(self, data)
        if "key" in other.named:
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
        except TimebankError:
            assert end == "refused"
            self.model = before

    # --- time ---

    @rule(days=st.sampled_from([0, 0, 1, 1, 2, 5, 20, 40]), seconds=st.sampled_from([1, 2, 59, 3_600]))
    def time_passes(self, days: int, seconds: int) -> None:
        self.now = self.model.now = self.now + timedelta(days=days, seconds=seconds)

    @rule(seconds=st.sampled_from([0.5, 1, 3_600, 3 * 86_400]))
    def clock_is_set_back(self, seconds: float) -> None:
        self.now = self.model.now = self.now - timedelta(seconds=seconds)

    # --- looking ---

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
        self.bank.journal.entropy = self.entropy

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
