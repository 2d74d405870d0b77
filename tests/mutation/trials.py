"""Try the mutants of a tree: in forks, and those for which a fork is too late in a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from math import inf
from typing import TYPE_CHECKING, Final

from tests.mutation.outcomes import Mutant, Outcome, Tried, add_tried, read_tried
from tests.mutation.patience import TIMED_OUT
from tests.mutation.tree import TREE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.mutation.targets import Target

_KILLED: Final = {1, 2, 3, 4}  # pytest's: a test failed, or nothing could be imported


def try_mutants(work: Path, target: Target, mutants: Sequence[Mutant], most: float = inf) -> list[Tried]:
    """What became of *mutants*; those that were noticed in an earlier call in *work* are not tried again.

    Where each meets tests of *most* seconds only, none gets a second look.
    """
    outcomes = work / "outcomes.jsonl"
    known = read_tried(outcomes)
    waiting = [mutant for mutant in mutants if mutant not in known or known[mutant].lives]
    if waiting:
        _try_in_forks(work, target, waiting, most)
        known = read_tried(outcomes)
        late = [known[mutant] for mutant in waiting if known[mutant].needs_a_second_look and most == inf]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for tried in pool.map(lambda each: _look_again(work, target, each), late):
                print(f"{tried.outcome.value:12} {tried.mutant.name} on a second look", flush=True)
                add_tried(outcomes, tried)
                known[tried.mutant] = tried
    return [known[mutant] for mutant in mutants]


def _try_in_forks(work: Path, target: Target, mutants: Sequence[Mutant], most: float) -> None:
    trials = work / "trials.json"
    trials.write_text(json.dumps([(mutant.name, mutant.hash) for mutant in mutants]), encoding="utf-8")
    files = str(trials), str(work / "outcomes.jsonl")
    command = [sys.executable, "-m", "tests.mutation.forks", *files, str(most)]
    subprocess.run(
        [*command, *target.selection()],
        check=True,
        cwd=work / TREE,
        env=_environment(work),
        stdin=subprocess.DEVNULL,
    )


def _look_again(work: Path, target: Target, tried: Tried) -> Tried:
    """*tried* after the tests in a process in which it lives from the first import on."""
    own = f"test_{tried.mutant.path.rpartition('/')[2]}"
    first = [f"{place}/{own}" for place in target.tests if (work / TREE / place / own).exists()]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "--tb=native",
        "--rootdir=.",
        "-p",
        "tests.mutation.patience",
    ]
    code = subprocess.run(
        [*command, *dict.fromkeys([*first, *target.selection()])],
        cwd=work / TREE,
        env=_environment(work) | {"MUTANT_UNDER_TEST": tried.mutant.name},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    ).returncode
    if code in _KILLED:
        return tried.once_more(Outcome.KILLED)
    return tried.once_more(Outcome.TIMED_OUT if code == TIMED_OUT else tried.outcome)


def _environment(work: Path) -> dict[str, str]:
    return os.environ | {"HYPOTHESIS_PROFILE": "mutation", "PYTHONPATH": str(work / TREE)}
