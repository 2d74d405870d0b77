"""A long run: `python -m tests.histories --clients 8 --threads 4 --operations 20000 --seed 1` prints a row."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults.table import row
from tests.histories.checker.judge import judge
from tests.histories.running import Plan, run
from tests.histories.sensitivity import found_when_changed
from tests.small_disks import small_disk

if TYPE_CHECKING:
    from tests.histories.checker.judge import Judgement

COLUMNS = (
    "operations", "attempts", "ok", "refused", "busy", "info", "found by key", "kill", "stop", "lock", "storm",
    "truncated", "copy", "clock", "fill", "entries", "looks",
)  # fmt: skip
TITLES = {
    "info": "unknown", "kill": "kills", "stop": "stops", "lock": "locks held", "storm": "storms",
    "truncated": "log cut", "copy": "copies", "clock": "clock set", "fill": "disk full",
    "looks": "reads held against it",
}  # fmt: skip


def table(plan: Plan, judgement: Judgement) -> str:
    """A table of one row, as docs/reference/faults.md has it."""
    titles = ["clients × threads", "seed", *(TITLES.get(each, each) for each in COLUMNS), "violations"]
    counts = [judgement.counts[each] for each in COLUMNS]
    values = row(f"{plan.clients} × {plan.threads}", plan.seed, *counts, f"**{len(judgement.wrong)}**")
    return "\n".join([row(*titles), row(*["---"] * len(titles)), values])


def main() -> None:
    """Run, judge, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--operations", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=int, default=60, help="answers between two faults")
    parser.add_argument("--keep", type=Path, help="a new directory for histories, copies and the book")
    chosen = parser.parse_args()
    plan = Plan(
        clients=chosen.clients,
        threads=chosen.threads,
        operations=chosen.operations,
        seed=chosen.seed,
        every=chosen.every,
        members=16,
        stock=chosen.operations // 12,
    )
    if chosen.keep is not None and chosen.keep.exists():
        parser.error(f"{chosen.keep} is there already")
    with tempfile.TemporaryDirectory() as name:
        directory = chosen.keep or Path(name) / "run"
        directory.mkdir()
        with small_disk(directory / "disk", (40 << 20) + chosen.operations * 5_000) as disk:
            evidence = run(plan, directory, disk=disk)
            for each in () if disk is None else disk.glob("book.timebank*"):
                shutil.copy(each, directory)
    judgement = judge(evidence)
    print(table(plan, judgement))
    found, made = found_when_changed(evidence)
    print(f"of {made:,} balances that were read, each made one point more, {found:,} would have been found")
    for each in judgement.wrong[:20]:
        print(f"{each.name}: {each.detail}")
    raise SystemExit(bool(judgement.wrong))


if __name__ == "__main__":
    main()
