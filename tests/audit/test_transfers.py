"""Stored transfers beside those that leaves say: whatever differs is found, once, wherever it lies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timebank.audit.findings import Findings
from timebank.audit.transfers import Transfers

Row = tuple[Any, ...]
Found = list[tuple[str, int | None, Any]]


class Sound:
    def is_sound(self, _table: str) -> bool:
        return True


def rows_of(counts: list[int]) -> list[Row]:
    return [(seq, pos, 1, 2, 10, 20_260_208) for seq, count in enumerate(counts) for pos in range(count)]


def found(counts: list[int], stored: list[Row]) -> Found:
    findings = Findings()
    transfers = Transfers(Sound(), findings, iter(stored))  # type: ignore[arg-type]
    for seq, count in enumerate(counts):
        transfers.compare(seq, [row for row in rows_of(counts) if row[0] == seq][:count])
    transfers.finish()
    return [(each.code, each.seq, each.facts["pos"]) for each in findings.all()]


def differences(wanted: list[Row], stored: list[Row]) -> Iterator[tuple[str, int | None, Any]]:
    """What is to be found, told from both lists at once."""
    mine = {row[:2]: row for row in stored if type(row[0]) is int and type(row[1]) is int}
    theirs = {row[:2]: row for row in wanted}
    for place in mine.keys() | theirs.keys():
        if place not in theirs:
            yield "transfer-extra", *place
        elif place not in mine:
            yield "transfer-missing", *place
        elif mine[place] != theirs[place]:
            yield "transfer-differs", *place
    yield from (
        ("transfer-extra", None, row[1]) for row in stored if type(row[0]) is float or type(row[1]) is float
    )


@given(counts=st.lists(st.integers(0, 3), max_size=8), data=st.data())
def test_each_difference_is_found_once(counts: list[int], data: st.DataObject) -> None:
    stored = {row[:2]: row for row in rows_of(counts)}
    for _ in range(data.draw(st.integers(0, 4))):
        place = data.draw(st.tuples(st.integers(0, 9), st.integers(0, 3)))
        if data.draw(st.booleans()):
            stored.pop(place, None)
        else:
            stored[place] = (*place, 1, 2, data.draw(st.integers(10, 11)), 20_260_208)
    lying = [stored[place] for place in sorted(stored)]
    assert sorted(found(counts, lying)) == sorted(differences(rows_of(counts), lying))


@pytest.mark.parametrize("place", [(1.0, 0), (1, 0.0)])
def test_a_place_that_only_equals_a_whole_number_is_none(place: tuple[Any, Any]) -> None:
    stored = rows_of([1, 1, 2])
    stored[1] = (*place, *stored[1][2:])
    seen = [(code, seq) for code, seq, _ in found([1, 1, 2], stored)]
    assert seen == [("transfer-extra", None), ("transfer-missing", 1)]
