"""The tables of docs/reference/faults.md: their rows, and what the commands that print them take."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

from tests.faults.errands import ERRANDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.faults.judging import Case


def row(*cells: object) -> str:
    """One row of a Markdown table; numbers as people read them."""
    return "| " + " | ".join(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in cells) + " |"


def commanded(doc: str, *, count: int = 0, counted: str = "places, about; 0 is every one") -> ArgumentParser:
    """What a module that makes faults takes as a command; *doc* is its own, *counted* what --count is of."""
    parser = ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("--count", type=int, default=count, help=f"for each errand: so many {counted}")
    parser.add_argument("--errands", nargs="+", choices=list(ERRANDS), default=list(ERRANDS), metavar="ERRAND")
    return parser


def print_cases(fault: str, made: Iterable[Case]) -> None:
    """For each errand: how often the fault was made, what its caller was told, and how many books were wrong.

    The cases of an errand follow each other; its row is printed when they are done.
    """
    print(row("errand", fault, "answered entries", "errors told", "books with anything wrong"))
    print(row(*["---"] * 5), flush=True)
    everything: list[Case] = []
    wrong: list[Case] = []
    for name, cases in groupby(made, key=lambda case: case.errand):
        of = list(cases)
        print(row(name, *_counts(of)), flush=True)
        everything += of
        wrong += [case for case in of if case.wrong]
    print(row("**all**", *_counts(everything)))
    print(*wrong, sep="\n", end="\n" * bool(wrong))


def _counts(of: list[Case]) -> tuple[object, ...]:
    told = Counter(code for case in of for code in case.told.errors)
    errors = ", ".join(f"`{code}` {count:,}" for code, count in sorted(told.items())) or "none"
    return len(of), sum(len(case.told.answered) for case in of), errors, sum(bool(case.wrong) for case in of)
