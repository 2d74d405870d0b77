"""Many writers on one file, each waiting for its own durable answer: throughput, longest wait, fairness.

A crowd is so many processes of so many threads. All of a crowd begin at one moment and post awards for the same
time; each sends the next when the last is answered, so that a wait is also the gap between two answers. Beside
them raw with the same crowd: a connection for each thread, and SQLite's own busy handler.
"""

from __future__ import annotations

import multiprocessing
import random
import statistics
import threading
import time
from contextlib import contextmanager, nullcontext
from datetime import date, timedelta
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Final, Literal, Self

from attrs import evolve, frozen
from pyperf import perf_counter

import timebank
from tests.benchmarks.figures import Figure, Line, Sheet
from tests.benchmarks.raw import Raw
from tests.benchmarks.table import number
from tests.benchmarks.turns import Row, at_least, at_most, percentile, ratios
from tests.benchmarks.work import MOST_POINTS, Award

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from multiprocessing.connection import Connection
    from pathlib import Path

    from tests.benchmarks.bench import Bench
    from tests.benchmarks.turns import Goal
    from tests.benchmarks.work import Town

    Post = Callable[[Award], object]

Side = Literal["timebank", "raw"]
Crowd = tuple[int, int]
"""How many processes, and how many threads in each."""

SIDES: Final[tuple[Side, ...]] = ("timebank", "raw")
ONE: Final = (1, 1)
_BUSY_SECONDS: Final = 60.0
_AHEAD_SECONDS: Final = 0.1
"""How long before the common beginning everybody is told of it."""

_GOALS: Final[dict[Crowd, tuple[Goal, Goal]]] = {
    (1, 64): (at_least(2), at_most(250)),
    (8, 1): (at_least(0.9), at_most(1_000)),
}
"""Throughput against one writer, and the longest wait in milliseconds."""


@frozen
class Seen:
    """What one crowd did in one window: answers a second, waits in milliseconds, and how fair it was.

    *fairness* is Jain's index over the writers' answers: 1 if all had as many, 1/n if one had them all. *slowest*
    is the least of the writers' answers over the most.
    """

    rate: float
    longest_ms: float
    p99_ms: float
    fairness: float
    slowest: float


def seen_of(answers: Sequence[Sequence[float]], start: float, seconds: float) -> Seen:
    """What the moments of each writer's *answers* say of the window of *seconds* from *start* on.

    An answer after the end counts for nothing but how long it was waited for.
    """
    end = start + seconds
    counts = [sum(moment <= end for moment in own) for own in answers]
    waits = [after - before for own in answers for before, after in pairwise((start, *own))]
    squares = sum(count * count for count in counts)
    return Seen(
        rate=sum(counts) / seconds,
        longest_ms=max(waits) * 1e3,
        p99_ms=percentile(waits, 0.99) * 1e3,
        fairness=sum(counts) ** 2 / (len(counts) * squares) if squares else 1.0,
        slowest=min(counts) / max(counts) if squares else 1.0,
    )


def writers(bench: Bench) -> list[Row]:
    """Threads, processes, and threads of processes on one file; raw beside them."""
    scale, town, raw_path = bench.scale, bench.town(), bench.path()
    town.raw(raw_path).connection.close()
    found: dict[tuple[Side, Crowd], list[Seen]] = {(side, crowd): [] for crowd in scale.crowds for side in SIDES}
    with Workers(town, raw_path, max(processes for processes, _ in scale.crowds)) as workers:
        for turn in range(scale.rounds + 1):
            for (side, crowd), seen in found.items():
                one = workers.work(side, crowd, scale.window_seconds)
                seen += [one] if turn else []  # a first round is not counted
    bench.sheets["writers"] = _sheet(found, scale.crowds)
    return [row for crowd in scale.crowds for row in _rows(found, crowd)]


# --- those who write


@frozen
class Shift:
    """What a process is told: *threads* on one side, for *seconds*."""

    side: Side
    threads: int
    seconds: float


class Workers:
    """*count* processes that have the town's file open and wait for work; nobody works who was not asked."""

    def __init__(self, town: Town, raw_path: Path, count: int) -> None:
        spawn = multiprocessing.get_context("spawn")
        pipes = [spawn.Pipe() for _ in range(count)]
        self._pipes = [ours for ours, _ in pipes]
        self._processes = [
            spawn.Process(target=_work, args=(town, raw_path, each, theirs), daemon=True)
            for each, (_, theirs) in enumerate(pipes)
        ]
        for process in self._processes:
            process.start()
        for _, theirs in pipes:
            theirs.close()

    def work(self, side: Side, crowd: Crowd, seconds: float) -> Seen:
        """Let *crowd* write for *seconds*, all from one moment on."""
        processes, threads = crowd
        busy = self._pipes[:processes]
        for pipe in busy:
            pipe.send(Shift(side, threads, seconds))
        for pipe in busy:
            pipe.recv()
        start = perf_counter() + _AHEAD_SECONDS  # the clock of the machine, which all its processes share
        for pipe in busy:
            pipe.send(start)
        answers = list(chain.from_iterable(pipe.recv() for pipe in busy))
        if len(answers) != processes * threads:
            raise RuntimeError("a writer did not end its work")
        return seen_of(answers, start, seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for pipe in self._pipes:
            pipe.send(None)
            pipe.close()
        for process in self._processes:
            process.join()
            process.close()


def _work(town: Town, raw_path: Path, process: int, pipe: Connection) -> None:
    with timebank.open(town.path, busy_seconds=_BUSY_SECONDS) as bank:

        def poster(side: Side) -> AbstractContextManager[Post]:
            if side == "raw":
                return _raw_poster(town, raw_path)
            return nullcontext(lambda award: town.do(bank, award))

        turn = 0
        while (shift := pipe.recv()) is not None:
            turn += 1
            pipe.send(_answers(shift, poster, pipe, len(town.members), f"{process} {turn}"))


@contextmanager
def _raw_poster(town: Town, path: Path) -> Iterator[Post]:
    with Raw.joined(path, _BUSY_SECONDS) as raw:
        yield lambda award: raw.command(town.raw_command(award))


def _answers(
    shift: Shift, poster: Callable[[Side], AbstractContextManager[Post]], pipe: Connection, members: int, seed: str
) -> list[list[float]]:
    """The moments at which each thread of one process was answered."""
    found: list[list[float]] = []
    begins: list[float] = []
    ready, told = threading.Barrier(shift.threads + 1), threading.Event()

    def write(thread: int) -> None:
        with _or_nobody(ready), poster(shift.side) as post:
            ready.wait()
            told.wait()
            found.append(_post_until(post, _awards(members, f"{seed} {thread}"), begins[0], shift.seconds))

    everybody = [threading.Thread(target=write, args=(each,)) for each in range(shift.threads)]
    for thread in everybody:
        thread.start()
    ready.wait()
    pipe.send("ready")
    begins.append(pipe.recv())
    told.set()
    for thread in everybody:
        thread.join()
    return found


@contextmanager
def _or_nobody(ready: threading.Barrier) -> Iterator[None]:
    """If one of them cannot begin, nobody waits for it."""
    try:
        yield
    except BaseException:
        ready.abort()
        raise


def _post_until(post: Post, awards: Iterator[Award], start: float, seconds: float) -> list[float]:
    answered: list[float] = []
    time.sleep(max(0.0, start - perf_counter()))
    while perf_counter() < start + seconds:
        post(next(awards))
        answered.append(perf_counter())
    return answered


def _awards(members: int, seed: str) -> Iterator[Award]:
    rng = random.Random(seed)
    day = date.today() - timedelta(1)  # noqa: DTZ011 - a day that is over everywhere
    while True:
        yield Award(rng.randrange(members), rng.randint(1, MOST_POINTS), day)


# --- what is said of them


def name_of(crowd: Crowd) -> str:
    """The crowd in words."""
    processes, threads = crowd
    if crowd == ONE:
        return "one writer"
    if processes == 1:
        return f"{threads} threads"
    return f"{processes} processes" + (f" of {threads} threads" if threads > 1 else "")


def _rates(seen: Sequence[Seen]) -> tuple[float, ...]:
    return tuple(each.rate for each in seen)


def _rows(found: dict[tuple[Side, Crowd], list[Seen]], crowd: Crowd) -> list[Row]:
    ours, raw = found["timebank", crowd], found["raw", crowd]
    longest = tuple(each.longest_ms for each in ours)
    wait = Row(f"{name_of(crowd)}, longest wait", longest, unit="ms", is_worst=True, note=_note(ours, raw))
    if crowd == ONE:
        return [wait]
    shares = [ratios(_rates(found[side, crowd]), _rates(found[side, ONE])) for side in SIDES]
    note = f"{statistics.median(_rates(ours)):,.0f}/s; raw {statistics.median(shares[1]):.2f} ×"
    rate = Row(f"{name_of(crowd)}, throughput against one", shares[0], note=note)
    rate_goal, wait_goal = _GOALS.get(crowd, (None, None))
    return [evolve(rate, goal=rate_goal), evolve(wait, goal=wait_goal)]


def _note(ours: Sequence[Seen], raw: Sequence[Seen]) -> str:
    p99 = statistics.median(each.p99_ms for each in ours)
    fairness = min(each.fairness for each in ours)
    return f"p99 {p99:.2f} ms, fairness {fairness:.2f}; raw longest {max(each.longest_ms for each in raw):,.0f} ms"


_HEADINGS: Final = (
    "writers", "side", "answers a second", "against one", "goal", "longest wait", "goal", "p99 of waits",
    "Jain's index, least", "slowest against fastest, least", "reached",
)  # fmt: skip


def _sheet(found: dict[tuple[Side, Crowd], list[Seen]], crowds: Sequence[Crowd]) -> Sheet:
    rows = [_cells(found, side, crowd) for crowd in crowds for side in SIDES]
    threads = {crowd[1]: crowd for crowd in crowds if crowd[0] == 1}
    processes = {crowd[0]: crowd for crowd in crowds if crowd[1] == 1}
    figures = [*_figures("threads", threads, found), *_figures("processes", processes, found)]
    return Sheet(_HEADINGS, tuple(rows), tuple(figures))


def _figures(
    along: str, some: dict[int, Crowd], found: dict[tuple[Side, Crowd], list[Seen]]
) -> tuple[Figure, Figure]:
    """Throughput and longest wait of *some* crowds, by how many they are."""
    shares, waits = [], []
    for side in SIDES:
        of_side = [found[side, crowd] for crowd in some.values()]
        shares.append(Line(side, tuple(ratios(_rates(each), _rates(found[side, ONE])) for each in of_side)))
        waits.append(Line(side, tuple(tuple(one.longest_ms for one in each) for each in of_side)))
    title, places = f"throughput of {along}, against one", tuple(some)
    rate = Figure(f"{along}-throughput", title, along, places, "×", tuple(shares))
    wait = Figure(f"{along}-wait", f"longest wait of {along}", along, places, "ms", tuple(waits))
    return rate, evolve(wait, is_worst=True, is_wide=True)


def _cells(found: dict[tuple[Side, Crowd], list[Seen]], side: Side, crowd: Crowd) -> tuple[str, ...]:
    seen = found[side, crowd]
    share = Row("", ratios(_rates(seen), _rates(found[side, ONE])))
    wait = Row("", tuple(each.longest_ms for each in seen), is_worst=True)
    goals = _GOALS.get(crowd) if side == "timebank" else None
    rows = [share, wait] if goals is None else [evolve(share, goal=goals[0]), evolve(wait, goal=goals[1])]
    return (
        name_of(crowd),
        side,
        f"{statistics.median(_rates(seen)):,.0f}",
        number(share.figure, "×"),
        "" if goals is None else f"{goals[0]} ×",
        number(wait.figure, "ms"),
        "" if goals is None else f"{goals[1]} ms",
        number(statistics.median(each.p99_ms for each in seen), "ms"),
        f"{min(each.fairness for each in seen):.2f}",
        f"{min(each.slowest for each in seen):.2f}",
        ", ".join(row.verdict for row in rows if row.verdict),
    )
