"""One durable command at a time, through the public API, against raw doing the same transfers.

The slower the disk answers an fsync, the nearer to 1 the ratio comes, whatever the library does. So each ratio
stands beside the rates that were seen, and beside the ratio of processor times, which no disk can flatter.
"""

from __future__ import annotations

import statistics
from itertools import islice
from time import process_time
from typing import TYPE_CHECKING, Any

from attrs import define, field
from pyperf import perf_counter

import timebank
from tests.benchmarks.ready import Ready, write_one
from tests.benchmarks.turns import PIECES, Row, at_least, at_most, in_turn, per_second, percentile, ratios

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.benchmarks.bench import Bench
    from tests.benchmarks.raw import Command, Raw
    from tests.benchmarks.work import Act, Town
    from timebank import Bank

    Do = Callable[[Town, Bank, Act], object]


@define
class Side:
    """One of two sides: does its commands piece by piece, and notes how long each waits for its commit."""

    do: Callable[[Any], object]
    commands: Iterator[Any]
    block: int
    waits: list[float] = field(factory=list)
    processor_seconds: list[float] = field(factory=list)

    def turn(self) -> float:
        """The seconds of the next piece."""
        do, waits, began = self.do, [], process_time()
        for command in list(islice(self.commands, self.block // PIECES)):
            start = perf_counter()
            do(command)
            waits.append(perf_counter() - start)
        self.processor_seconds.append(process_time() - began)
        self.waits += waits
        return sum(waits)

    @property
    def spreads(self) -> tuple[float, ...]:
        """Of each round that counts: the wait that 99 of 100 do not exceed, in medians."""
        places = range(self.block, len(self.waits), self.block)
        rounds = (self.waits[first : first + self.block] for first in places)
        return tuple(percentile(waits, 0.99) / statistics.median(waits) for waits in rounds)

    @property
    def processor(self) -> tuple[float, ...]:
        """Processor seconds of each round that counts."""
        places = range(PIECES, len(self.processor_seconds), PIECES)
        return tuple(sum(self.processor_seconds[first : first + PIECES]) for first in places)


def _race(bench: Bench, raw: Raw, commands: Sequence[Command], ours: Side) -> tuple[Side, Row]:
    """Raw, which does *commands* in turn with *ours*, and the row of their ratio."""
    scale, theirs = bench.scale, Side(raw.command, iter(commands), bench.scale.block)
    raw_seconds, our_seconds = in_turn(scale.rounds, theirs.turn, ours.turn, pieces=PIECES)
    note = f"raw {per_second(scale.block, raw_seconds)}, ours {per_second(scale.block, our_seconds)}"
    return theirs, Row("", ratios(raw_seconds, our_seconds), note=note)


def _against_raw(bench: Bench, do: Do, *, awards: float, by_the_hour: bool = False) -> tuple[Side, Side, Row, Row]:
    """Ours, raw, the row of their ratio, and the row of their processor times."""
    scale, town = bench.scale, bench.town()
    work = town.acts(scale.block * (scale.rounds + 1), awards=awards)
    commands = [town.raw_command(act, by_the_hour=by_the_hour) for act in work]
    with timebank.open(town.path) as bank, town.raw(bench.path()) as raw:
        ours = Side(lambda act: do(town, bank, act), iter(work), scale.block)
        theirs, row = _race(bench, raw, commands, ours)
    micros = [statistics.median(side.processor) / scale.block * 1e6 for side in (theirs, ours)]
    processor = Row(
        "", ratios(ours.processor, theirs.processor), note=f"raw {micros[0]:.0f} µs, ours {micros[1]:.0f} µs"
    )
    return ours, theirs, row, processor


def _row(what: str, row: Row, goal: float | None = None) -> Row:
    return Row(what, row.values, goal=None if goal is None else at_least(goal), note=row.note)


def _bound(bench: Bench, what: str, *, awards: float) -> Row:
    """What no code above the schema can pass: the rows of the same commands, ready-made, each durable."""
    scale, town, before = bench.scale, bench.town(), bench.town()
    work = town.acts(scale.block * (scale.rounds + 1), awards=awards)
    ready = Ready.made_by(lambda bank: town.do_all(bank, work), town)
    with ready.opened(before.path) as connection, town.raw(bench.path()) as raw:
        ours = Side(lambda command: write_one(connection, command), iter(ready.commands()), scale.block)
        _, row = _race(bench, raw, town.raw_commands(work), ours)
    return _row(f"rows of a durable {what}, ready-made, against raw", row)


def award(bench: Bench) -> list[Row]:
    """Durable awards: by occasions (one transfer), by the hour (two transfers), with a key."""
    _, _, plain, processor = _against_raw(bench, lambda town, bank, act: town.do(bank, act), awards=1)
    _, _, hours, _ = _against_raw(
        bench, lambda town, bank, act: town.do_by_the_hour(bank, act), awards=1, by_the_hour=True
    )
    numbers = iter(range(10**9))
    _, _, keyed, _ = _against_raw(
        bench, lambda town, bank, act: town.do(bank, act, f"till-1/{next(numbers)}"), awards=1
    )
    return [
        _row("durable award, against raw's one transfer", plain, 0.6),
        _row("durable award, processor time against raw's", processor),
        _row("durable award with minutes, against raw's two transfers", hours),
        _row("durable award with a key, against raw's one transfer", keyed),
        _bound(bench, "award", awards=1),
    ]


def redemption(bench: Bench) -> list[Row]:
    """Durable redemptions, points leg and goods leg, and how evenly they take their time."""
    ours, theirs, row, processor = _against_raw(bench, lambda town, bank, act: town.do(bank, act), awards=0)
    note = f"raw {statistics.median(theirs.spreads):.1f} ×"
    return [
        _row("durable redemption, against raw's two transfers", row, 0.5),
        _row("durable redemption, processor time against raw's", processor),
        Row("durable redemption, p99 against median", ours.spreads, goal=at_most(4), note=note),
        _bound(bench, "redemption", awards=0),
    ]


def hot(bench: Bench) -> list[Row]:
    """W(n), durable, all of it on one member and one shop, against the same spread over all."""
    scale = bench.scale
    sides = []
    banks = []
    for is_hot in (False, True):
        town = bench.town()
        bank = timebank.open(town.path)
        banks.append(bank)
        work = town.acts(scale.block * (scale.rounds + 1), hot=is_hot)
        sides.append(Side(lambda act, town=town, bank=bank: town.do(bank, act), iter(work), scale.block))
    spread_seconds, hot_seconds = in_turn(scale.rounds, *(side.turn for side in sides), pieces=PIECES)
    for bank in banks:
        bank.close()
    values = ratios(spread_seconds, hot_seconds)
    return [Row("all work on one hot account, against spread", values, goal=at_least(0.9))]
