"""Mutants, what became of them, and the file that remembers it."""

from __future__ import annotations

import enum
import json
from typing import TYPE_CHECKING

from attrs import evolve, frozen

if TYPE_CHECKING:
    from pathlib import Path


@frozen
class Mutant:
    """One mutant: mutmut's name for it, and the hash of the function that it is made of."""

    name: str
    hash: str

    @property
    def mangled(self) -> str:
        """`timebank.tlog.merkle.xǁ_Treeǁpeaks` of `timebank.tlog.merkle.xǁ_Treeǁpeaks__mutmut_3`."""
        return self.name.partition("__mutmut_")[0]

    @property
    def function(self) -> str:
        """`timebank.tlog.merkle._Tree.peaks` of `timebank.tlog.merkle.xǁ_Treeǁpeaks__mutmut_3`."""
        module, _, name = self.mangled.rpartition(".")
        return f"{module}.{name.removeprefix('xǁ').removeprefix('x_').replace('ǁ', '.')}"

    @property
    def path(self) -> str:
        """Where its module is: `timebank/tlog/merkle.py`."""
        return f"{self.mangled.rpartition('.')[0].replace('.', '/')}.py"


class Outcome(enum.Enum):
    """What became of a mutant."""

    KILLED = "killed"
    TIMED_OUT = "timed out"
    SURVIVED = "survived"
    NOT_REACHED = "not reached"


@frozen
class Tried:
    """A mutant, what became of it, the test that noticed it (or ""), and how it was tried.

    *early* says that its function had run before the first test, when modules were imported and tests collected;
    *again* that the mutant was tried once more, in a process in which it lives from the first import on.
    """

    mutant: Mutant
    outcome: Outcome
    test: str = ""
    early: bool = False
    again: bool = False

    @property
    def lives(self) -> bool:
        """Whether no test has noticed."""
        return self.outcome in (Outcome.SURVIVED, Outcome.NOT_REACHED)

    @property
    def needs_a_second_look(self) -> bool:
        """Whether a test may notice it only in a process in which it lives from the first import on."""
        return self.lives and not self.again and (self.early or self.outcome is Outcome.NOT_REACHED)

    def once_more(self, outcome: Outcome) -> Tried:
        """The same mutant after its second look."""
        return evolve(self, outcome=outcome, again=True)


def add_tried(file: Path, tried: Tried) -> None:
    """Add a line to *file*."""
    line = {
        "mutant": tried.mutant.name,
        "hash": tried.mutant.hash,
        "outcome": tried.outcome.value,
        "test": tried.test,
        "early": tried.early,
        "again": tried.again,
    }
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(line, ensure_ascii=False) + "\n")


def read_tried(file: Path) -> dict[Mutant, Tried]:
    """What became of each mutant the last time it was tried."""
    if not file.exists():
        return {}
    found = {}
    for line in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
        mutant = Mutant(line.pop("mutant"), line.pop("hash"))
        found[mutant] = Tried(mutant, Outcome(line.pop("outcome")), **line)
    return found
