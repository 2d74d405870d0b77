"""Make the code wrong, a line at a time, and see whether a test fails.

    python -m tests.mutation tlog ledger          (an hour; needs the extra `mutation`)
    python -m tests.mutation tlog --work DIR      (keeps the copy that is worked in, and goes on from there)

Fails when a mutant survives that tests/mutation/explained.toml does not explain, or when what it explains is
noticed after all or is no longer there. The working tree is not touched.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from tests.mutation.explained import Change, read_explained
from tests.mutation.mutants import Outcome, change_of, check_clean, look_again, read_mutants, run_mutmut
from tests.mutation.targets import TARGETS
from tests.mutation.tree import lay_out

if TYPE_CHECKING:
    from tests.mutation.mutants import Mutant
    from tests.mutation.targets import Target


@frozen
class Score:
    """What became of the mutants of one target."""

    target: str
    mutants: int
    killed: int
    killed_again: int
    timed_out: int
    explained: tuple[Change, ...]
    unexplained: tuple[Change, ...]
    not_there: tuple[Change, ...]

    def row(self) -> str:
        """The line of the table in docs/reference/mutation.md."""
        cells = (self.target, self.mutants, self.killed, self.killed_again, self.timed_out, len(self.explained))
        return " | ".join(["", *map(_cell, (*cells, len(self.unexplained))), ""]).strip()


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def score(work: Path, target: Target) -> Score:
    """Mutate the modules of *target* in *work*, and say what became of it."""
    lay_out(work, target)
    run_mutmut(work)
    mutants = list(read_mutants(work))
    living = [(mutant, change_of(work, mutant)) for mutant in mutants if mutant.lives]
    expected = {each.change for each in read_explained() if target.owns(each.change.module)}
    explained = tuple(change for _, change in living if change in expected)
    open_cases = [(mutant, change) for mutant, change in living if change not in expected]
    if open_cases:
        check_clean(work, target)
    seen = [(_looked_at(work, target, mutant), change) for mutant, change in open_cases]
    counts = Counter(mutant.outcome for mutant in mutants)
    again = Counter(mutant.outcome for mutant, _ in seen)
    return Score(
        target=target.name,
        mutants=len(mutants),
        killed=counts[Outcome.KILLED],
        killed_again=again[Outcome.KILLED],
        timed_out=counts[Outcome.TIMED_OUT] + again[Outcome.TIMED_OUT],
        explained=explained,
        unexplained=tuple(change for mutant, change in seen if mutant.lives),
        not_there=tuple(expected - set(explained)),
    )


def _looked_at(work: Path, target: Target, mutant: Mutant) -> Mutant:
    """*mutant* after the second look; one that was killed in an earlier run in *work* is not looked at again."""
    memory = work / "killed-again.json"
    known = json.loads(memory.read_text()) if memory.exists() else {}
    if mutant.name in known:
        return mutant.ended(Outcome(known[mutant.name]))
    mutant = look_again(work, target, mutant)
    print(f"{mutant.outcome.value:12} {mutant.name}", flush=True)
    if not mutant.lives:
        memory.write_text(json.dumps(known | {mutant.name: mutant.outcome.value}))
    return mutant


def main() -> int:
    """Run the targets that are named, or all, and print the table and what is open."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("targets", nargs="*", choices=[[], *TARGETS], metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--work", type=Path, help="where the copies are kept; without it they are thrown away")
    chosen = parser.parse_args()
    os.nice(10)
    with tempfile.TemporaryDirectory() as thrown_away:
        work = chosen.work or Path(thrown_away)
        scores = [score(work.absolute() / name, TARGETS[name]) for name in chosen.targets or TARGETS]
    print("| target | mutants | killed | killed on a second look | timed out | explained | open |")
    for each in scores:
        print(each.row())
    for title, changes in (
        ("survives", [change for each in scores for change in each.unexplained]),
        ("explained, but noticed by a test or gone", [change for each in scores for change in each.not_there]),
    ):
        for change in changes:
            print(f"\n{title}: {change.function}\n- {change.was}\n+ {change.now}")
    return int(any(each.unexplained or each.not_there for each in scores))


if __name__ == "__main__":
    sys.exit(main())
