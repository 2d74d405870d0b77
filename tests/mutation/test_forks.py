"""Mutants tried in forks: what no test notices is said to survive, and nothing else is."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.mutation.outcomes import Mutant, Outcome, Tried, add_tried, read_tried
from tests.mutation.tree import PROJECT

if TYPE_CHECKING:
    from pathlib import Path

HOUSE = """
import os
from functools import cache

from collections import Counter

seen = Counter()


def living(name):
    seen.update((f"house.x_{name}",))
    alive = os.environ.get("ALIVE", "").removeprefix("house.x_")
    return alive if alive.startswith(name) else ""


@cache
def rooms():
    return 4 if living("rooms") else 3


def doors():
    while living("doors"):
        pass
    return 1


def colour():
    if living("colour"):
        raise ValueError
    return "red"


def street():
    return "low" if living("street") else "high"


def age():
    return 2 if living("age") == "age__mutmut_2" else 1
"""

TESTS = """
import house

AGE = house.age()


def test_the_rooms():
    assert house.rooms() == 3


def test_the_doors():
    assert house.doors() == 1 and house.colour()


def test_the_street_has_a_name():
    assert house.street()


def test_nothing_of_the_house():
    assert house.age() == 1
"""

RUN = """
import json, os, sys
sys.path.insert(0, {project!r})
import pytest
from tests.mutation import patience
from tests.mutation.forks import Forks
from tests.mutation.outcomes import Mutant
import house
patience.MOST_SECONDS = 0.2
said = []
mutants = [Mutant(name, "") for name in json.loads(sys.argv[1])]
forks = Forks(mutants, lambda name: os.environ.update(ALIVE=name), house.seen, said.append)
code = pytest.main(["-q", "-s", "-p", "no:cacheprovider", "test_house.py"], plugins=[forks, patience])
print("SAID", json.dumps([[each.mutant.name, each.outcome.name, each.test, each.early] for each in said]))
sys.exit(code)
"""


def tried(folder: Path, *mutants: str, tests: str = TESTS) -> subprocess.CompletedProcess[str]:
    (folder / "house.py").write_text(HOUSE)
    (folder / "test_house.py").write_text(tests)
    command = [
        sys.executable,
        "-c",
        RUN.format(project=str(PROJECT)),
        json.dumps([f"house.x_{m}" for m in mutants]),
    ]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_each_mutant_ends_as_it_should(tmp_path: Path) -> None:
    names = ["rooms__mutmut_1", "doors__mutmut_1", "colour__mutmut_1", "street__mutmut_1", "age__mutmut_1"]
    done = tried(tmp_path, *names, "age__mutmut_2", "cellar__mutmut_1")
    said = {name.removeprefix("house.x_"): rest for name, *rest in json.loads(done.stdout.partition("SAID ")[2])}
    assert said == {
        "rooms__mutmut_1": [
            "KILLED",
            "test_house.py::test_the_rooms",
            False,
        ],  # though a test has filled the cache
        "doors__mutmut_1": ["TIMED_OUT", "", False],
        "colour__mutmut_1": ["KILLED", "test_house.py::test_the_doors", False],
        "street__mutmut_1": ["SURVIVED", "", False],
        "age__mutmut_1": ["SURVIVED", "", True],
        "age__mutmut_2": ["KILLED", "test_house.py::test_nothing_of_the_house", True],
        "cellar__mutmut_1": ["NOT_REACHED", "", False],
    }
    assert "4 tests pass; 7 mutants to try" in done.stdout


def test_nothing_is_tried_with_tests_that_fail_anyway(tmp_path: Path) -> None:
    done = tried(tmp_path, "street__mutmut_1", tests=TESTS + "\n\ndef test_x():\n    assert not house.street()\n")
    assert done.returncode
    assert "the tests fail without a mutant: ['test_house.py::test_x']" in done.stdout + done.stderr
    assert "SAID []" in done.stdout


LIVES = Tried(Mutant("a.x_b__mutmut_1", "c0"), Outcome.SURVIVED)


def test_the_last_outcome_of_a_mutant_is_remembered(tmp_path: Path) -> None:
    file = tmp_path / "outcomes"
    assert read_tried(file) == {}
    other = Tried(Mutant("a.xǁBǁc__mutmut_1", "c1"), Outcome.KILLED, "test_a.py::test_b", early=True)
    for each in (LIVES, other, LIVES.once_more(Outcome.TIMED_OUT)):
        add_tried(file, each)
    assert read_tried(file) == {LIVES.mutant: LIVES.once_more(Outcome.TIMED_OUT), other.mutant: other}


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("early", [True, False])
@pytest.mark.parametrize("again", [True, False])
def test_a_second_look_is_for_those_for_which_a_fork_is_too_late(
    outcome: Outcome, early: bool, again: bool
) -> None:
    tried = Tried(LIVES.mutant, outcome, early=early, again=again)
    assert tried.lives == (outcome in (Outcome.SURVIVED, Outcome.NOT_REACHED))
    assert tried.needs_a_second_look == (
        not again and (outcome is Outcome.NOT_REACHED or (outcome is Outcome.SURVIVED and early))
    )
