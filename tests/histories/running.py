"""One run: a book, its clients, and what goes wrong meanwhile; what is left is evidence for the checker."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Final

from attrs import frozen

from tests.histories import book, broken
from tests.histories.checker.evidence import Evidence, gathered
from tests.histories.crew import Crew
from tests.histories.nemesis import Nemesis
from tests.histories.written import Written

if TYPE_CHECKING:
    from pathlib import Path

FAULTS: Final = ("kill", "stop", "lock", "storm", "truncate", "copy")


@frozen
class Plan:
    """What a run is made of: *operations* of all clients together, a fault after about *every* answers."""

    clients: int = 3
    threads: int = 2
    operations: int = 300
    seed: int = 1
    every: int = 20
    members: int = 5
    stock: int = 60
    faults: tuple[str, ...] = FAULTS
    broken: str = ""


def run(plan: Plan, directory: Path, *, disk: Path | None = None) -> Evidence:
    """Do *plan*: histories and copies go to *directory*, the book to *disk* (None: there too)."""
    place = (disk or directory) / "book.timebank"
    meta = book.found(place, members=plan.members, stock=plan.stock)
    book.write_meta(directory / "meta.json", meta)
    if plan.broken == "forgets-keys":
        broken.unguard(place)
    crew = Crew([_config(plan, number, directory, place) for number in range(plan.clients)], directory)
    history = Written(directory / "nemesis.history")
    faults = (*plan.faults, "fill") if disk else plan.faults
    try:
        for each in crew.members:
            each.start()
        Nemesis(crew, place, directory, history, Random(plan.seed)).run(every=plan.every, kinds=faults)
    finally:
        crew.end()
    return gathered(directory, place)


def _config(plan: Plan, number: int, directory: Path, place: Path) -> dict[str, object]:
    return {
        "book": str(place),
        "meta": str(directory / "meta.json"),
        "history": str(directory / f"client-{number}.history"),
        "client": number,
        "threads": plan.threads,
        "operations": -(-plan.operations // (plan.clients * plan.threads)),
        "seed": plan.seed,
        "broken": plan.broken,
    }
