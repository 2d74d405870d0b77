"""A service register read in: every row parsed, checked and posted, against the same awards in one batch."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import timebank
from tests.benchmarks.turns import Row, at_most, in_turn, per_second, ratios, seconds_of
from tests.benchmarks.work import CLERK, LEAD, Award
from timebank.importing.load import import_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.benchmarks.bench import Bench
    from tests.benchmarks.work import Town


def register(bench: Bench) -> list[Row]:
    """A CSV register of services read in, against the same awards through the programme; and read in again."""
    count = bench.scale.bulk
    again: list[float] = []

    def imported() -> float:
        town = bench.town()
        path = _write(town, town.acts(count, awards=1), town.path.with_suffix(".csv"))
        with timebank.open(town.path) as bank:
            seconds = seconds_of(lambda: import_file(bank, path, "services", by=CLERK, approved_by=LEAD))
            again.append(seconds_of(lambda: import_file(bank, path, "services", by=CLERK, approved_by=LEAD)))
        return seconds

    def recorded() -> float:
        town = bench.town()
        work = town.acts(count, awards=1)
        with timebank.open(town.path) as bank:
            return seconds_of(lambda: town.do_all(bank, work))

    plain, read = in_turn(bench.scale.rounds, recorded, imported)
    per_100k = [seconds * 100_000 / count for seconds in read]
    note = f"recorded {per_second(count, plain)}, read in {per_second(count, read)}"
    return [
        Row("register read in, time against the same awards", ratios(read, plain), goal=at_most(2), note=note),
        Row("register of 100,000 rows read in", tuple(per_100k), unit="s", goal=at_most(60)),
        Row(
            "the same register again, time against the first", ratios(again[-len(read) :], read), goal=at_most(0.5)
        ),
    ]


def _write(town: Town, work: Sequence[Award], path: Path) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["卡号", "服务项目", "日期", "次数"])
        rows.writerows([town.cards[act.member], "household-fair", act.day, act.points] for act in work)
    return path
