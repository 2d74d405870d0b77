"""What clients were answered for commands, against the journal: nothing lost, twice, half or out of order."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.histories.checker.evidence import NEVER, Attempt, Violation
from tests.histories.checker.expected import answers
from tests.histories.checker.tree import leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.histories.checker.books import Books
    from tests.histories.checker.evidence import Evidence


@dataclass(frozen=True)
class Asked:
    """One command that was asked for with a key, alone or in a batch; *answer* is None unless it is ok."""

    attempt: Attempt
    key: str
    request: dict[str, Any]
    answer: dict[str, Any] | None


def asked_in(attempts: list[Attempt]) -> dict[str, list[Asked]]:
    """All commands of *attempts* by their key, parts of batches too."""
    found: defaultdict[str, list[Asked]] = defaultdict(list)
    for attempt in attempts:
        if attempt.key is None:
            continue
        is_ok = attempt.outcome == "ok"
        if attempt.request["do"] != "batch":
            asked = Asked(attempt, attempt.key, attempt.request, attempt.answer if is_ok else None)
            found[asked.key].append(asked)
            continue
        told = attempt.answer["parts"] if is_ok else [None] * len(attempt.request["parts"])
        for part, answer in zip(attempt.request["parts"], told, strict=True):
            found[part["key"]].append(Asked(attempt, part["key"], part["request"], answer))
    return found


class Writes:
    """Who asked for which entry, and when: `asked` is the earliest that an entry can have come in, `answered` the
    moment from which it surely was there (NEVER: nobody was told)."""

    def __init__(self, evidence: Evidence, books: Books, attempts: list[Attempt]) -> None:
        self._meta, self._leaves, self._books = evidence.meta, evidence.leaves, books
        self._attempts = attempts
        self._by_key = asked_in(attempts)
        founded = evidence.meta["founded"]
        self.asked = [-1] * founded + [NEVER] * (books.size - founded)
        self.answered = [-1] * founded + [NEVER] * (books.size - founded)

    def check(self) -> Iterator[Violation]:
        """All that is wrong with what was answered for commands."""
        for group in self._by_key.values():
            yield from self._check_answers(group)
        for seq in range(self._meta["founded"], self._books.size):
            yield from self._check_entry(seq)
        for attempt in self._attempts:
            if attempt.request["do"] == "batch":
                yield from self._check_batch(attempt)
        yield from self._check_order()

    def _check_answers(self, group: list[Asked]) -> Iterator[Violation]:
        first = [each for each in group if each.answer is not None and not each.answer["repeated"]]
        if len(first) > 1:
            yield Violation("key-twice", f"{group[0].key} was answered as new {len(first)} times")
        for each in group:
            if each.answer is None:
                continue
            seq = each.answer["seq"]
            if seq >= self._books.size or self._books.entries[seq].get("key") != each.key:
                yield Violation(
                    "acknowledged-lost", f"{each.attempt.op} was answered entry {seq}, which is none of it"
                )
                continue
            self.answered[seq] = min(self.answered[seq], each.attempt.ended)
            if leaf_hash(self._leaves[seq]).hex() != each.answer["hash"]:
                yield Violation("acknowledged-changed", f"entry {seq} is not what {each.attempt.op} was shown")
            if not self._fits(seq, each):
                yield Violation("other-content", f"entry {seq} is not what {each.attempt.op} asked for")

    def _fits(self, seq: int, asked: Asked) -> bool:
        return answers(self._books.entries[seq], asked.request, self._meta, self._books.entries[:seq])

    def _check_entry(self, seq: int) -> Iterator[Violation]:
        """An entry was made by an attempt that was answered as new, or by one that nobody knows the end of."""
        key = self._books.entries[seq].get("key")
        group = self._by_key.get(key or "", [])
        if not group:
            yield Violation("nobody-asked", f"entry {seq} has the key {key}")
            return
        new = [each for each in group if each.answer is not None and not each.answer["repeated"]]
        unknown = [each for each in group if each.attempt.outcome == "info" and self._fits(seq, each)]
        made = [each.attempt.invoked for each in new or unknown]
        self.asked[seq] = min(made, default=min(each.attempt.invoked for each in group))
        if not made:
            yield Violation(
                "refused-but-there", f"{key} is entry {seq}; whoever sent it first was told that it is not"
            )

    def _check_batch(self, attempt: Attempt) -> Iterator[Violation]:
        places = [self._books.seq_of_key.get(part["key"]) for part in attempt.request["parts"]]
        there = [seq for seq in places if seq is not None]
        if there and there != list(range(there[0], there[0] + len(places))):
            yield Violation("batch-torn", f"of {attempt.op} there are the entries {there} of {len(places)}")

    def _check_order(self) -> Iterator[Violation]:
        """What was answered before something else was asked for stands before it."""
        earliest, at = NEVER, -1
        for seq in range(self._books.size - 1, self._meta["founded"] - 1, -1):
            if earliest < self.asked[seq] < NEVER:
                yield Violation("order-broken", f"entry {at} was answered before entry {seq} was asked for")
            if self.answered[seq] < earliest:
                earliest, at = self.answered[seq], seq
