"""Mutants, and what became of them: mutmut's run, and a second look at what survived it."""

from __future__ import annotations

import contextlib
import enum
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Final

from attrs import evolve, frozen

from tests.mutation.explained import Change
from tests.mutation.patience import TIMED_OUT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.mutation.targets import Target


class Outcome(enum.Enum):
    """What became of a mutant."""

    KILLED = "killed"
    TIMED_OUT = "timed out"
    SURVIVED = "survived"
    NOT_REACHED = "not reached"


_BY_EXIT_CODE: Final = {
    0: Outcome.SURVIVED,
    5: Outcome.NOT_REACHED,
    33: Outcome.NOT_REACHED,
    TIMED_OUT: Outcome.TIMED_OUT,
}
_KILLED: Final = {1, 2, 3, 4}  # pytest's: a test failed, or nothing could be imported


@frozen
class Mutant:
    """One mutant: mutmut's name for it, and what became of it."""

    name: str
    path: str
    outcome: Outcome

    @property
    def lives(self) -> bool:
        """Whether no test has noticed."""
        return self.outcome in (Outcome.SURVIVED, Outcome.NOT_REACHED)

    def ended(self, outcome: Outcome) -> Mutant:
        """The same mutant with another outcome."""
        return evolve(self, outcome=outcome)


def run_mutmut(work: Path) -> None:
    """Make the mutants in *work* and run the first tests for each that is new there or was not killed before."""
    for meta in work.glob("mutants/**/*.meta"):
        kept = json.loads(meta.read_text())
        codes = kept["exit_code_by_key"]
        kept["exit_code_by_key"] = {name: code if code in _KILLED else None for name, code in codes.items()}
        meta.write_text(json.dumps(kept))
    mutmut = [sys.executable, "-c", "from mutmut.__main__ import cli; cli()"]
    subprocess.run([*mutmut, "run", "--max-children", "1"], check=True, cwd=work, env=_environment())


def read_mutants(work: Path) -> Iterator[Mutant]:
    """Every mutant of the last run in *work*."""
    for meta in sorted(work.glob("mutants/**/*.meta")):
        path = str(meta.relative_to(work / "mutants")).removesuffix(".meta")
        for name, code in json.loads(meta.read_text())["exit_code_by_key"].items():
            yield Mutant(name, path, _outcome(name, code))


def _outcome(name: str, code: int | None) -> Outcome:
    if code is None:
        raise RuntimeError(f"{name} was not tried")
    return Outcome.KILLED if code in _KILLED else _BY_EXIT_CODE[code]


def change_of(work: Path, mutant: Mutant) -> Change:
    """What *mutant* changes."""
    from mutmut.mutation.diff_apply import get_diff_for_mutant

    with contextlib.chdir(work):
        lines = get_diff_for_mutant(mutant.name, path=mutant.path).splitlines()[2:]
    was = "\n".join(line[1:].strip() for line in lines if line.startswith("-"))
    now = "\n".join(line[1:].strip() for line in lines if line.startswith("+"))
    return Change(function_of(mutant.name), was, now)


def function_of(name: str) -> str:
    """`timebank.tlog.merkle._Tree.peaks` for mutmut's `timebank.tlog.merkle.xǁ_Treeǁpeaks__mutmut_3`."""
    module, _, mangled = name.partition("__mutmut_")[0].rpartition(".")
    return f"{module}.{mangled.removeprefix('xǁ').removeprefix('x_').replace('ǁ', '.')}"


def look_again(work: Path, target: Target, mutant: Mutant) -> Mutant:
    """*mutant* after the tests of *target* in a process of its own, in which it lives from the first import on."""
    own = f"test_{mutant.path.rpartition('/')[2]}"
    first = [f"{place}/{own}" for place in target.tests if (work / "mutants" / place / own).exists()]
    return mutant.ended(
        _outcome(mutant.name, _pytest(work, mutant.name, [*first, *target.selection(), *target.wider]))
    )


def check_clean(work: Path, target: Target) -> None:
    """Raise RuntimeError unless the tests of *target* pass when no mutant is active."""
    if _pytest(work, "", [*target.selection(), *target.wider]):
        raise RuntimeError("the tests fail without a mutant")


def _pytest(work: Path, mutant: str, tests: list[str]) -> int:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=native", "--rootdir=.", *dict.fromkeys(tests)]
    tree = work / "mutants"
    return subprocess.run(
        command,
        cwd=tree,
        env=_environment() | {"MUTANT_UNDER_TEST": mutant, "PYTHONPATH": str(tree)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    ).returncode


def _environment() -> dict[str, str]:
    return os.environ | {"HYPOTHESIS_PROFILE": "mutation", "PYTEST_PLUGINS": "tests.mutation.patience"}
