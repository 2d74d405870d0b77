"""What is made from the journal and kept beside it, held against the replay: nothing more, nothing less."""

from __future__ import annotations

from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from timebank.audit.evidence import Evidence
    from timebank.audit.findings import Findings
    from timebank.audit.programme.replay import ProgrammeReplay
    from timebank.audit.replay import LedgerReplay, Place
    from timebank.ledger.store import Table

_ACCOUNT: Final = ("id", "code", "unit", "sign", "balance")


class Projections:
    """The tables of a file that is not trusted: their values may be of any type, whatever the schema says."""

    def __init__(
        self, evidence: Evidence, findings: Findings, ledger: LedgerReplay, programme: ProgrammeReplay
    ) -> None:
        self._evidence = evidence
        self._findings = findings
        self._ledger = ledger
        self._programme = programme
        self._accounts: dict[int, Place] = {}
        self._balances: dict[Place, Any] = {}
        self._runs: dict[tuple[Any, Any], Any] = {}

    def read_accounts(self) -> dict[Place, int]:
        """What the file calls every account: its number, by its code and unit."""
        for number, code, unit, sign, balance in self._evidence.rows("account", _ACCOUNT):
            self._accounts[number] = (code, unit)
            self._balances[code, unit] = balance
            if sign != (1 if str(code)[:1] in "AX" else -1):
                self._findings.add("record-differs", table="account", key=f"{code} {unit}")
        return {place: number for number, place in self._accounts.items()}

    def read_runs(self) -> None:
        """The stored roots of complete runs of 256**level entries."""
        for level, position, run in self._evidence.rows("subtree", ("level", "position", "hash")):
            self._runs[level, position] = run

    def compare_run(self, level: int, position: int, run: bytes) -> None:
        """The root of a complete run against the one that is stored."""
        if self._runs.pop((level, position), None) != run and self._evidence.is_sound("subtree"):
            self._findings.add("subtree-differs", level=level, position=position)

    def comparisons(self, tables: Sequence[Table[Any]]) -> Iterator[Callable[[], None]]:
        """What there is to compare once the journal is read, table by table; *tables* are the programme's."""
        yield self._surplus_runs
        if self._evidence.is_sound("account"):
            yield self._compare_balances
            if self._evidence.is_sound("day_total"):
                yield self._compare_day_totals
        if self._evidence.is_sound("tally"):
            yield self._compare_tallies
        if self._evidence.is_sound("resolution"):
            yield self._compare_resolutions
        for table in tables:
            if self._evidence.is_sound(table.name):
                yield partial(self._compare_records, table)

    def _surplus_runs(self) -> None:
        for level, position in sorted(self._runs, key=str):
            self._findings.add("subtree-differs", level=level, position=position)

    def _compare_balances(self) -> None:
        """Each balance against the replay; and the zero of each unit, as any bookkeeper would strike it."""
        sums: dict[str, int] = {}
        replayed = self._ledger.balances()
        differing = [place for place in replayed if place not in self._balances]
        for place, kept in self._balances.items():
            account, unit = place
            if kept != replayed.get(place):
                differing.append(place)
            if isinstance(kept, int):
                sums[unit] = sums.get(unit, 0) + (kept if str(account)[:1] in "AX" else -kept)
        for place in sorted(differing, key=str):
            account, unit = place
            kept, wanted = self._balances.get(place), replayed.get(place)
            self._findings.add("balance-differs", account=account, unit=unit, stored=kept, replayed=wanted)
        for unit in sorted(sums, key=str):
            if sums[unit]:
                self._findings.add("unit-unbalanced", unit=unit, sum=sums[unit])

    def _compare_day_totals(self) -> None:
        left: dict[Any, int] = dict(self._ledger.day_sums())
        stored: dict[Any, int] = {}
        weights = self._ledger.weights
        for number, day, amount in self._evidence.rows("day_total", ("account", "day", "amount")):
            weight = weights.get(day) or self._ledger.weight(day)
            stored[number] = stored.get(number, 0) + (amount * weight if type(amount) is int else weight)
        for number, total in stored.items():
            place = self._accounts.get(number, (None, None))
            left[place] = left.get(place, 0) - total
        for (account, unit), difference in left.items():
            if difference:
                self._findings.add("day-total-differs", account=account, unit=unit)

    def _compare_tallies(self) -> None:
        stored: dict[Any, Any] = dict(self._evidence.rows("tally", ("kind", "entries")))
        for kind in sorted(stored.keys() | self._ledger.tallies.keys(), key=str):
            kept, replayed = stored.get(kind, 0), self._ledger.tallies.get(kind, 0)
            if kept != replayed:
                self._findings.add("tally-differs", kind=kind, stored=kept, replayed=replayed)

    def _compare_resolutions(self) -> None:
        stored = set(self._evidence.rows("resolution", ("seq", "resolver")))
        for ref, resolver in sorted(stored ^ set(self._ledger.resolvers.items()), key=str):
            self._findings.add("resolution-differs", resolver if isinstance(resolver, int) else None, ref=ref)

    def _compare_records(self, table: Table[Any]) -> None:
        key_of = itemgetter(*(table.columns.index(name) for name in table.key))
        is_one = len(table.key) == 1
        missing = dict(self._programme.tables.get(table.name, {}))
        differing = set()
        for row in self._evidence.rows(table.name, table.columns):
            key = (key_of(row),) if is_one else key_of(row)
            if missing.pop(key, None) != row:
                differing.add(key)
        for key in sorted(differing | missing.keys(), key=str):
            self._findings.add("record-differs", table=table.name, key=" ".join(map(str, key)))
