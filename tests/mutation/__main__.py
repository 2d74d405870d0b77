"""Make the code wrong, a line at a time, and see whether a test fails.

    python -m tests.mutation tlog ledger          (five minutes; needs the extra `mutation`)
    python -m tests.mutation tlog --work DIR      (keeps the copy that is worked in, and goes on from there)
    python -m tests.mutation programme --work DIR --only .lots. --tests tests/programme/test_lots.py

Fails when a mutant survives that tests/mutation/explained.toml does not explain, or when what it explains is
noticed after all or is no longer there. The working tree is not touched.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections import Counter
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from tests.mutation.explained import Change, read_explained
from tests.mutation.outcomes import Outcome
from tests.mutation.targets import TARGETS
from tests.mutation.tree import change_of, lay_out
from tests.mutation.trials import try_mutants

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def score(work: Path, target: Target, only: Sequence[str] = ("",), most: float = inf) -> Score:
    """What became of the mutants of *target* in *work*, or of those with one of *only* in their name.

    None meets tests that take more than *most* seconds together.
    """
    mutants = [mutant for mutant in lay_out(work, target) if any(text in mutant.name for text in only)]
    tried = try_mutants(work, target, mutants, most)
    living = [change_of(work, each.mutant) for each in tried if each.lives]
    functions = {mutant.function for mutant in mutants}
    expected = {each.change for each in read_explained() if each.change.function in functions}
    counts = Counter((each.outcome, each.again) for each in tried)
    return Score(
        target=target.name,
        mutants=len(mutants),
        killed=counts[Outcome.KILLED, False],
        killed_again=counts[Outcome.KILLED, True],
        timed_out=counts[Outcome.TIMED_OUT, False] + counts[Outcome.TIMED_OUT, True],
        explained=tuple(change for change in living if change in expected),
        unexplained=tuple(change for change in living if change not in expected),
        not_there=tuple(expected - set(living)),
    )


def main() -> int:
    """Run the targets that are named, or all, and print the table and what is open."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("targets", nargs="*", choices=[[], *TARGETS], metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--work", type=Path, help="where the copies are kept; without it they are thrown away")
    parser.add_argument("--only", nargs="+", default=[""], metavar="TEXT", help="mutants with one in their name")
    parser.add_argument(
        "--most",
        type=float,
        default=inf,
        metavar="SECONDS",
        help="give a mutant up after tests of so many seconds, without a second look",
    )
    parser.add_argument("--tests", nargs="+", metavar="TEST", help="in place of the target's tests")
    chosen = parser.parse_args()
    os.nice(10)
    with tempfile.TemporaryDirectory() as thrown_away:
        work = chosen.work or Path(thrown_away)
        targets = [TARGETS[name] for name in chosen.targets or TARGETS]
        if chosen.tests:
            targets = [evolve(target, tests=tuple(chosen.tests)) for target in targets]
        scores = [score(work.absolute() / target.name, target, chosen.only, chosen.most) for target in targets]
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
