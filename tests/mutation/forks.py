"""Try mutants in forks of one process, in which the tests are collected once.

    python -m tests.mutation.forks TRIALS OUTCOMES MOST TEST...      (`python -m tests.mutation` says it)

A first fork runs every test without a mutant, and says which functions each test runs and how long it takes.
Then every mutant gets a fork of its own, in which it meets the tests that run its function until one fails, or
until they have taken MOST seconds: first those that noticed the last mutants of the same function; then those that
run it more often than all do, as when a village is made; of these first the file that has noticed most in the
module, and of a file the quickest. The collecting process itself runs no test: nothing that a test leaves in a
cache hides a mutant.
"""

from __future__ import annotations

import gc
import json
import os
import pickle
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from itertools import accumulate
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from attrs import define, field, frozen

from tests.mutation import patience
from tests.mutation.outcomes import Mutant, Outcome, Tried, add_tried

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_LONGEST_SECONDS: Final = 300
"""A fork that waits for something that does not come is ended after so long, on the wall."""


@frozen
class Course:
    """A test without a mutant: how long it computed, and how often it ran functions of mutated modules."""

    seconds: float
    calls: Counter[str]
    file: Path


@define
class Forks:
    """A pytest plugin: in place of running the tests, it tries *mutants* and tells *heard* what became of each.

    *awaken* makes a mutant, by its name, the one that runs; as long as none is awake, *seen* counts how often
    each function ran since it was emptied. A mutant meets tests that take *most* seconds without it.
    """

    mutants: list[Mutant]
    awaken: Callable[[str], None]
    seen: Counter[str]
    heard: Callable[[Tried], None]
    most: float = inf
    _courses: dict[str, Course] = field(init=False, factory=dict)
    _noticed: dict[str, list[str]] = field(init=False, factory=lambda: defaultdict(list))
    _files: dict[str, Counter[Path]] = field(init=False, factory=lambda: defaultdict(Counter))

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Take the place of pytest's own loop."""
        early = frozenset(self.seen)
        gc.collect()
        gc.freeze()
        self._courses = self._clean_run(session)
        print(f"{len(session.items):,} tests pass; {len(self.mutants):,} mutants to try", flush=True)
        running: dict[int, _Running] = {}
        for mutant in self.mutants:
            items = self._order(session.items, mutant)
            if not items:
                self.heard(Tried(mutant, Outcome.NOT_REACHED, early=mutant.mangled in early))
                continue
            child = self._start(session, mutant, items)
            running[child.pid] = child
            if len(running) == (os.cpu_count() or 1):
                self._end(running, early)
        while running:
            self._end(running, early)
        return True

    def _clean_run(self, session: pytest.Session) -> dict[str, Course]:
        """How each test runs without a mutant, tried in a fork. Raise RuntimeError when one fails there."""
        hear, tell = os.pipe()
        pid = os.fork()
        if not pid:
            os.close(hear)
            with os.fdopen(tell, "wb") as told:
                pickle.dump(list(self._run_clean(session)), told)
            os._exit(0)
        os.close(tell)
        with os.fdopen(hear, "rb") as heard:
            said = heard.read()
        os.waitpid(pid, 0)
        courses = pickle.loads(said) if said else []
        failed = [name for name, course in courses if course is None]
        if failed or len(courses) < len(session.items):
            raise RuntimeError(f"the tests fail without a mutant: {failed or 'their process ended'}")
        return dict(courses)

    def _run_clean(self, session: pytest.Session) -> Iterator[tuple[str, Course | None]]:
        self.seen.clear()
        before, start = 0, time.process_time()
        for item in _run(session, session.items):
            passed = session.testsfailed == before
            seconds, seen = time.process_time() - start, self.seen.copy()
            yield item.nodeid, Course(seconds, seen, item.path) if passed else None
            self.seen.clear()
            before, start = session.testsfailed, time.process_time()

    def _start(self, session: pytest.Session, mutant: Mutant, items: list[pytest.Item]) -> _Running:
        room = tempfile.mkdtemp(prefix="mutant-")
        hear, tell = os.pipe()
        pid = os.fork()
        if pid:
            os.close(tell)
            return _Running(pid, mutant, hear, room)
        os.environ["PYTEST_DEBUG_TEMPROOT"] = room
        signal.alarm(_LONGEST_SECONDS)
        self.awaken(mutant.name)
        for item in _run(session, items):
            if session.testsfailed:
                os.write(tell, item.nodeid.encode())
                break
        os._exit(0)

    def _order(self, items: Iterable[pytest.Item], mutant: Mutant) -> list[pytest.Item]:
        noticed = {name: place for place, name in enumerate(reversed(self._noticed[mutant.mangled]))}
        files, last = self._files[mutant.path], len(noticed)
        calls = {item.nodeid: self._courses[item.nodeid].calls[mutant.mangled] for item in items}
        reached = [item for item in items if calls[item.nodeid]]
        usual = min((calls[item.nodeid] for item in reached), default=0)

        def place(item: pytest.Item) -> tuple[int, bool, int, float, str]:
            name = item.nodeid
            is_usual = calls[name] == usual
            return noticed.get(name, last), is_usual, -files[item.path], self._courses[name].seconds, name

        reached.sort(key=place)
        ends = accumulate(self._courses[item.nodeid].seconds for item in reached)
        return [item for item, end in zip(reached, ends, strict=True) if end <= self.most]

    def _end(self, running: dict[int, _Running], early: frozenset[str]) -> None:
        pid, status = os.wait()
        child = running.pop(pid)
        with os.fdopen(child.hear, "rb") as heard:
            test = heard.read().decode()
        shutil.rmtree(child.room, ignore_errors=True)
        if test:
            names = self._noticed[child.mutant.mangled]
            if test in names:
                names.remove(test)
            names.append(test)
            self._files[child.mutant.path][self._courses[test].file] += 1
        outcome = Outcome.KILLED if test else _outcome(status)
        self.heard(Tried(child.mutant, outcome, test, early=child.mutant.mangled in early))


@frozen
class _Running:
    """A fork that tries a mutant, the pipe on which it names the test that noticed, and its folder."""

    pid: int
    mutant: Mutant
    hear: int
    room: str


def _outcome(status: int) -> Outcome:
    """What became of a mutant of which no test has said that it failed."""
    code = os.waitstatus_to_exitcode(status)
    if code in (patience.TIMED_OUT, -signal.SIGALRM):
        return Outcome.TIMED_OUT
    # A process that ended in another way than by a signal is to be looked at.
    return Outcome.KILLED if code < 0 else Outcome.SURVIVED


def _run(session: pytest.Session, items: list[pytest.Item]) -> Iterator[pytest.Item]:
    """Run *items* without a word, and say after each that it has run."""
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    for item, following in zip(items, [*items[1:], None], strict=True):
        session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        yield item


def main() -> int:
    """Try the mutants that the first file lists, and add what became of each to the second."""
    from mutmut.mutation import trampoline

    trials, outcomes, most, *tests = sys.argv[1:]
    seen: Counter[str] = Counter()
    # mutmut's own recorder asks for every caller.
    trampoline.record_trampoline_hit = lambda name, **_: seen.update((name,))  # type: ignore[attr-defined]
    trampoline.set_mutant_under_test("stats")
    del os.environ["MUTANT_UNDER_TEST"]  # the processes that a test starts have nobody to tell

    def heard(tried: Tried) -> None:
        add_tried(Path(outcomes), tried)
        if tried.lives:
            print(f"{tried.outcome.value:12} {tried.mutant.name}", flush=True)

    mutants = [Mutant(*each) for each in json.loads(Path(trials).read_text(encoding="utf-8"))]
    forks = Forks(mutants, trampoline.set_mutant_under_test, seen, heard, float(most))
    return int(pytest.main(["-q", "-s", "--tb=native", "--rootdir=.", *tests], plugins=[forks, patience]))


if __name__ == "__main__":
    sys.exit(main())
