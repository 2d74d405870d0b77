"""Many at once: threads of one process, and processes on one file; each waits for its own durable answer."""

from __future__ import annotations

import multiprocessing
import threading
from typing import TYPE_CHECKING, Self

from pyperf import perf_counter

import timebank
from tests.benchmarks.turns import Row, at_least, at_most, in_turn, per_second, ratios

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.connection import Connection

    from tests.benchmarks.bench import Bench
    from tests.benchmarks.work import Act, Town
    from timebank import Bank

    Span = tuple[float, float, float]
    """When it began, when it ended, and the longest wait for one answer, in seconds."""


def _do_each(town: Town, bank: Bank, work: Sequence[Act]) -> Span:
    longest, start = 0.0, perf_counter()
    last = start
    for act in work:
        town.do(bank, act)
        now = perf_counter()
        longest, last = max(longest, now - last), now
    return start, last, longest


def _seconds(spans: Sequence[Span]) -> float:
    return max(end for _, end, _ in spans) - min(start for start, _, _ in spans)


def _rows(who: str, one: Sequence[float], all_: Sequence[float], waits: Sequence[float], count: int) -> list[Row]:
    note = f"one {per_second(count, one)}, all {per_second(count, all_)}"
    return [Row(f"{who}, all against one", ratios(one, all_), note=note), *_waits(who, waits)]


def _waits(who: str, waits: Sequence[float]) -> list[Row]:
    return [Row(f"{who}, longest wait", [wait * 1000 for wait in waits], unit="ms", is_worst=True)]


def _with_goals(rows: Sequence[Row], share: float, wait_ms: float) -> list[Row]:
    goals = (at_least(share), at_most(wait_ms))
    return [
        Row(row.what, row.values, row.unit, goal, row.note, row.is_worst)
        for row, goal in zip(rows, goals, strict=True)
    ]


def threads(bench: Bench) -> list[Row]:
    """The same awards from one thread, and from many."""
    scale, town = bench.scale, bench.town()
    count, waits = max(scale.block, scale.threads), []
    work = town.acts(count, awards=1)
    with timebank.open(town.path, busy_seconds=60) as bank:

        def one() -> float:
            return _seconds([_do_each(town, bank, work)])

        def many() -> float:
            spans = _in_threads(town, bank, work, scale.threads)
            waits.append(max(longest for _, _, longest in spans))
            return _seconds(spans)

        one_seconds, all_seconds = in_turn(scale.rounds, one, many)
    rows = _rows(f"{scale.threads} threads", one_seconds, all_seconds, waits[1:], count)
    return _with_goals(rows, 2, 250)


def _in_threads(town: Town, bank: Bank, work: Sequence[Act], count: int) -> list[Span]:
    spans: list[Span] = []
    ready = threading.Barrier(count)

    def act(share: Sequence[Act]) -> None:
        ready.wait()
        spans.append(_do_each(town, bank, share))

    everybody = [threading.Thread(target=act, args=(work[number::count],)) for number in range(count)]
    for thread in everybody:
        thread.start()
    for thread in everybody:
        thread.join()
    if len(spans) != count:
        raise RuntimeError("a thread did not end its work")
    return spans


def processes(bench: Bench) -> list[Row]:
    """The same awards from one process, and from many on the same file; none works beside the one."""
    scale, town = bench.scale, bench.town()
    count, waits = max(scale.block, scale.processes), []
    work = town.acts(count, awards=1)
    shares = [work[number :: scale.processes] for number in range(scale.processes)]
    with _Workers(town, scale.processes) as workers:

        def many() -> float:
            spans = workers.do(shares)
            waits.append(max(longest for _, _, longest in spans))
            return _seconds(spans)

        one_seconds, all_seconds = in_turn(scale.rounds, lambda: _seconds(workers.do([work])), many)
    rows = _rows(f"{scale.processes} processes on one file", one_seconds, all_seconds, waits[1:], count)
    return _with_goals(rows, 0.9, 1_000)


class _Workers:
    """Processes that have the town's file open and wait for work."""

    def __init__(self, town: Town, count: int) -> None:
        spawn = multiprocessing.get_context("spawn")
        pipes = [spawn.Pipe() for _ in range(count)]
        self._pipes = [ours for ours, _ in pipes]
        self._processes = [spawn.Process(target=_work, args=(town, theirs), daemon=True) for _, theirs in pipes]
        for process in self._processes:
            process.start()
        for _, theirs in pipes:
            theirs.close()

    def do(self, shares: Sequence[Sequence[Act]]) -> list[Span]:
        """Give one share to each of the first workers, and wait for all of them."""
        busy = self._pipes[: len(shares)]
        for pipe, share in zip(busy, shares, strict=True):
            pipe.send(share)
        for pipe in busy:
            pipe.recv()
        for pipe in busy:
            pipe.send("go")
        return [pipe.recv() for pipe in busy]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in self._pipes:
            pipe.send(None)
            pipe.close()
        for process in self._processes:
            process.join()
            process.close()


def _work(town: Town, pipe: Connection) -> None:
    with timebank.open(town.path, busy_seconds=60) as bank:
        for share in _shares(pipe):
            pipe.send("ready")
            pipe.recv()
            pipe.send(_do_each(town, bank, share))


def _shares(pipe: Connection) -> Iterator[Sequence[Act]]:
    while (share := pipe.recv()) is not None:
        yield share
