"""A long run: `python -m tests.histories --clients 8 --threads 4 --operations 20000 --seed 1` prints a row."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.histories.checker.judge import judge
from tests.histories.running import Plan, run, small_disk
from tests.histories.sensitivity import found_when_changed

if TYPE_CHECKING:
    from tests.histories.checker.judge import Judgement

COLUMNS = (
    "operations", "attempts", "ok", "refused", "busy", "info", "found by key", "kill", "stop", "lock", "storm",
    "truncated", "copy", "clock", "fill", "entries", "looks",
)  # fmt: skip
TITLES = {
    "info": "unknown", "kill": "kills", "stop": "stops", "lock": "locks held", "storm": "storms",
    "truncated": "log truncated", "copy": "copies", "clock": "clock set", "fill": "disk full",
}  # fmt: skip


def row(plan: Plan, judgement: Judgement) -> str:
    """A table of one row."""
    titles = ["clients × threads", "seed", *(TITLES.get(each, each) for each in COLUMNS), "violations"]
    values = [
        f"{plan.clients} × {plan.threads}",
        str(plan.seed),
        *(f"{judgement.counts[each]:,}" for each in COLUMNS),
        f"**{len(judgement.wrong)}**",
    ]
    lines = (titles, ["---"] * len(titles), values)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


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
    with tempfile.TemporaryDirectory() as name:
        directory = chosen.keep or Path(name)
        directory.mkdir(exist_ok=True)
        with small_disk(directory / "disk", 40 + chosen.operations // 200) as disk:
            evidence = run(plan, directory, disk=disk)
    judgement = judge(evidence)
    print(row(plan, judgement))
    found, made = found_when_changed(evidence)
    print(f"of {made:,} balances that were read, each made one point more, {found:,} would have been found")
    for each in judgement.wrong[:20]:
        print(f"{each.name}: {each.detail}")
    raise SystemExit(bool(judgement.wrong))


if __name__ == "__main__":
    main()
