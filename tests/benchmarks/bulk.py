"""Much work in one transaction: the ledger alone, the programme with every check, rebuild, and the file's size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import timebank
from tests.benchmarks.raw import Raw
from tests.benchmarks.ready import Ready
from tests.benchmarks.turns import Row, at_least, at_most, in_turn, per_second, ratios, seconds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.benchmarks.bench import Bench
    from tests.benchmarks.raw import Command
    from tests.benchmarks.turns import Turn
    from tests.benchmarks.work import Act, Town
    from timebank import Bank

    Do = Callable[[Town, Bank, Sequence[Act]], object]


def _ours(bench: Bench, do: Do) -> Turn:
    """A turn of W(bulk) into a fresh town."""

    def turn() -> float:
        town = bench.town()
        work = town.acts(bench.scale.bulk)
        with timebank.open(town.path) as bank:
            return seconds_of(lambda: do(town, bank, work))

    return turn


def _raw(bench: Bench, do: Callable[[Raw, Sequence[Command]], None]) -> Turn:
    """A turn of the same transfers into a fresh raw file."""

    def turn() -> float:
        town = bench.town()
        commands = town.raw_commands(town.acts(bench.scale.bulk))
        with town.raw(bench.path()) as raw:
            return seconds_of(lambda: do(raw, commands))

    return turn


def _against_raw(bench: Bench, what: str, do: Do, goal: float) -> list[Row]:
    plain, many, ours = in_turn(
        bench.scale.rounds, _raw(bench, Raw.bulk), _raw(bench, Raw.bulk_many), _ours(bench, do)
    )
    rates = [per_second(bench.scale.bulk, seconds) for seconds in (plain, many, ours)]
    return [
        Row(
            f"{what}, against raw bulk",
            ratios(plain, ours),
            goal=at_least(goal),
            note=f"raw {rates[0]}, ours {rates[2]}",
        ),
        Row(f"{what}, against raw's executemany", ratios(many, ours), note=f"raw {rates[1]}"),
    ]


def append(bench: Bench) -> list[Row]:
    """Entries made, hashed and posted in one transaction, without the programme's rules; and what bounds that."""
    rows = _against_raw(
        bench, "ledger bulk append", lambda town, bank, work: town.append_all(bank, work), goal=0.4
    )
    return [*rows, *_bounds(bench)]


def _bounds(bench: Bench) -> list[Row]:
    """What no code above the schema can pass: its rows given to SQLite ready-made, with guards and without."""
    town = bench.town()
    ready = Ready.made_by(lambda bank: town.append_all(bank, town.acts(bench.scale.bulk)), town)
    plain, guarded, bare = in_turn(
        bench.scale.rounds, _raw(bench, Raw.bulk), *(_written(bench, ready, guards=each) for each in (True, False))
    )
    count = bench.scale.bulk
    what = "rows of a bulk append, ready-made, against raw bulk"
    return [
        Row(f"{what}: with the schema's guards", ratios(plain, guarded), note=per_second(count, guarded)),
        Row(f"{what}: without triggers and foreign keys", ratios(plain, bare), note=per_second(count, bare)),
    ]


def _written(bench: Bench, ready: Ready, *, guards: bool) -> Turn:
    """A turn of ready-made rows into a fresh town."""

    def turn() -> float:
        with ready.opened(bench.town().path, guards=guards) as connection:
            return seconds_of(lambda: ready.write(connection))

    return turn


def programme(bench: Bench) -> list[Row]:
    """Bulk through the programme with every check, as an import does it."""
    return _against_raw(
        bench, "bulk through the programme", lambda town, bank, work: town.do_all(bank, work), goal=0.15
    )


def rebuild(bench: Bench) -> list[Row]:
    """Projections dropped and made again, against the bulk that made them."""

    def rebuild_turn() -> float:
        town = bench.town()
        with timebank.open(town.path) as bank:
            town.append_all(bank, town.acts(bench.scale.bulk))
            return seconds_of(bank.rebuild)

    checked, appended, rebuilt = in_turn(
        bench.scale.rounds,
        _ours(bench, lambda town, bank, work: town.do_all(bank, work)),
        _ours(bench, lambda town, bank, work: town.append_all(bank, work)),
        rebuild_turn,
    )
    return [
        Row("rebuild, time against bulk through the programme", ratios(rebuilt, checked), goal=at_most(2)),
        Row("rebuild, time against ledger bulk append", ratios(rebuilt, appended), goal=at_most(2)),
    ]


def size(bench: Bench) -> list[Row]:
    """Bytes that an award adds to the file, of everything that it adds; the same work always gives the same."""
    count = bench.scale.bulk
    rows = []
    for by_the_hour in (False, True):
        town = bench.town()
        work = town.acts(count, awards=1)
        commands = [town.raw_command(act, by_the_hour=by_the_hour) for act in work]
        with town.raw(bench.path()) as raw:
            before = raw.size_bytes()
            raw.bulk(commands)
            raw_bytes = (raw.size_bytes() - before) / count
        before = town.path.stat().st_size
        with timebank.open(town.path) as bank, bank.batch():
            for act in work:
                if by_the_hour:
                    town.do_by_the_hour(bank, act)
                else:
                    town.do(bank, act)
        ours = (town.path.stat().st_size - before) / count
        what = "file size of an award with minutes" if by_the_hour else "file size of an award"
        goal = None if by_the_hour else at_most(500)
        rows.append(Row(what, (ours,), unit="bytes", goal=goal, note=f"raw {raw_bytes:.0f} bytes"))
    return rows
