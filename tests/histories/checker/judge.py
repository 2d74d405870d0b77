"""The whole judgement: counts, and everything that is wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.histories.checker.books import Books
from tests.histories.checker.evidence import Evidence, Violation, attempts_of
from tests.histories.checker.journal import check_journal
from tests.histories.checker.observed import Observer
from tests.histories.checker.reads import Windows, check_reads, check_sizes
from tests.histories.checker.tree import roots
from tests.histories.checker.writes import Writes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.histories.checker.evidence import Attempt

FAMILIES = ("Refused", "Busy", "InvalidInput")
TRIAL_SIGNS = {"A": 1, "X": 1, "L": -1, "E": -1, "I": -1}


@dataclass(frozen=True)
class Judgement:
    """What became of a run: *counts* by name, and what was *wrong*, which should be nothing."""

    counts: Counter[str]
    wrong: tuple[Violation, ...]

    @property
    def names(self) -> set[str]:
        """The names of what was wrong."""
        return {each.name for each in self.wrong}


def judge(evidence: Evidence) -> Judgement:
    """Hold what clients were told against the journal that is left."""
    books, attempts = Books(evidence.leaves), attempts_of(evidence.records)
    writes = Writes(evidence, books, attempts)
    wrong = [*check_journal(evidence, books), *writes.check(), *_unheard_of(evidence, attempts)]
    windows = Windows(writes.asked, writes.answered)
    observer = Observer(evidence.meta, books, roots(evidence.leaves))
    looks = list(check_reads(attempts, observer, books, windows))
    wrong += [each for each in looks if each is not None]
    wrong += [*check_sizes(attempts), *_check_sums(attempts), *_check_copies(evidence, windows)]
    counts = _counted(evidence, attempts)
    counts["looks"] = len(looks)
    return Judgement(counts, tuple(wrong))


def _unheard_of(evidence: Evidence, attempts: Sequence[Attempt]) -> Iterator[Violation]:
    """Errors that no fault here should make: a client is told of damage, or falls over."""
    for each in attempts:
        if each.code and each.family not in FAMILIES:
            yield Violation("false-alarm", f"{each.op} was told {each.code}")
    for record in evidence.records:
        if record["e"] == "crash":
            yield Violation("client-fell-over", record["error"])


def _check_sums(attempts: Sequence[Attempt]) -> Iterator[Violation]:
    for each in attempts:
        if each.outcome == "ok" and "accounts" in each.answer:
            sums: Counter[str] = Counter()
            for account, unit, amount in each.answer["accounts"]:
                sums[unit] += TRIAL_SIGNS[account[0]] * amount
            for unit, amount in sums.items():
                if amount:
                    yield Violation("unbalanced", f"{each.op} saw {unit} sum to {amount}")


def _check_copies(evidence: Evidence, windows: Windows) -> Iterator[Violation]:
    for each in evidence.copies:
        size = len(each.leaves)
        if each.leaves != evidence.leaves[:size]:
            yield Violation("copy-of-another-history", f"a copy of {size} entries is no beginning of the journal")
        elif not windows.low(each.begun) <= size <= windows.high(each.ended):
            yield Violation("stale-copy", f"a copy has {size} entries")


def _counted(evidence: Evidence, attempts: Sequence[Attempt]) -> Counter[str]:
    counts = Counter(each["e"] for each in evidence.records if each["e"] not in ("invoke", "ok", "fail", "info"))
    counts["operations"] = len({each.operation for each in attempts})
    counts["attempts"] = len(attempts)
    for each in attempts:
        outcome = each.outcome if each.outcome != "fail" else "busy" if each.family == "Busy" else "refused"
        counts[outcome] += 1
        told = each.answer.get("parts", [each.answer]) if each.outcome == "ok" else []
        counts["found by key"] += sum(bool(part.get("repeated")) for part in told)
    counts["entries"] = len(evidence.leaves)
    return counts
