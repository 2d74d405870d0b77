"""Rows of the tables in docs/reference/faults.md."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.faults.judging import Case


def row(*cells: object) -> str:
    """One row of a Markdown table; numbers as people read them."""
    return "| " + " | ".join(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in cells) + " |"


def print_cases(fault: str, made: Iterable[Case]) -> None:
    """For each errand: how often the fault was made, what its caller was told, and how many books were wrong."""
    by_errand: dict[str, list[Case]] = {}
    for case in made:
        by_errand.setdefault(case.errand, []).append(case)
        if case.wrong:
            print(case)
    print(row("errand", fault, "answered entries", "errors told", "books with anything wrong"))
    print(row(*["---"] * 5))
    for name, of in by_errand.items():
        print(row(name, *_counts(of)))
    print(row("**all**", *_counts([case for of in by_errand.values() for case in of])))


def _counts(of: list[Case]) -> tuple[object, ...]:
    told = Counter(code for case in of for code in case.told.errors)
    errors = ", ".join(f"`{code}` {count:,}" for code, count in sorted(told.items())) or "none"
    return len(of), sum(len(case.told.answered) for case in of), errors, sum(bool(case.wrong) for case in of)
