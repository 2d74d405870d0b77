"""Operators who approve each other in a ring: second persons who are none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timebank.audit.reperform.examples import Examples
from timebank.audit.reperform.lead import lead_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from timebank.audit.reperform.lead import Lead
    from timebank.audit.reperform.setting import Setting
    from timebank.audit.reperform.thresholds import Thresholds
    from timebank.audit.replay import Members


class Rings:
    """`approval-ring`: a few operators among whom nearly all that they propose and approve stays."""

    def __init__(self, setting: Setting, thresholds: Thresholds) -> None:
        self._setting = setting
        self._thresholds = thresholds
        self._pairs: dict[tuple[str, str], Examples] = {}
        self.folds = {"": self._any}

    def _any(self, seq: int, members: Members) -> None:
        kind, by, ok = members["kind"], members["by"], members.get("ok")
        if kind == "claim":
            if members["body"]["do"] != "approve":
                return
            claim = self._setting.original(members)
            by, ok = None if claim is None else claim["by"], by
        elif kind == "award" and "ref" in members:
            return  # its claim was counted
        if by is not None and ok is not None:
            self._pairs.setdefault((by, ok), Examples()).add(seq)

    def leads(self) -> Iterator[Lead]:
        """A ring each."""
        limits = self._thresholds
        links = [pair for pair, examples in self._pairs.items() if examples.count >= limits.ring_each_way]
        for ring in _rings(links):
            if not 1 < len(ring) <= limits.ring_most_operators:
                continue
            inside, touched = Examples(), 0
            for (by, ok), examples in self._pairs.items():
                if by in ring and ok in ring:
                    inside.extend(examples)
                if by in ring or ok in ring:
                    touched += examples.count
            if inside.count >= limits.ring_entries and inside.count >= limits.ring_inside * touched:
                yield lead_of("approval-ring", inside, operators=", ".join(sorted(ring)), touched=touched)


def _rings(links: Iterable[tuple[str, str]]) -> list[set[str]]:
    """The strongly connected components of a graph (Kosaraju), each with all operators who reach each other."""
    forth: dict[str, list[str]] = {}
    back: dict[str, list[str]] = {}
    for one, other in links:
        for graph, start, end in ((forth, one, other), (back, other, one)):
            graph.setdefault(start, []).append(end)
            graph.setdefault(end, [])
    order: list[str] = []
    seen: set[str] = set()
    for start in forth:
        _walk(forth, start, seen, order)
    rings, seen = [], set()
    for start in reversed(order):
        ring: list[str] = []
        _walk(back, start, seen, ring)
        rings.append(set(ring))
    return rings


def _walk(graph: Mapping[str, list[str]], start: str, seen: set[str], left: list[str]) -> None:
    """All that is reached from *start* and not *seen* yet, in the order in which a walk leaves it for good."""
    if start in seen:
        return
    seen.add(start)
    path = [(start, iter(graph[start]))]
    while path:
        place, ways = path[-1]
        onward = next((way for way in ways if way not in seen), None)
        if onward is None:
            left.append(place)
            path.pop()
        else:
            seen.add(onward)
            path.append((onward, iter(graph[onward])))
