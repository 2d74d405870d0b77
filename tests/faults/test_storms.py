"""A short storm of locks; `python -m tests.faults.storms` makes twenty long ones."""

from __future__ import annotations

from tests.faults.storms import storms


def test_in_a_storm_of_locks_every_command_is_answered_or_told_in_time_and_nothing_is_lost() -> None:
    (storm,) = storms(1, commands=30)
    assert storm.wrong == []
    assert storm.counts["answered"] + storm.counts["locked"] == 120
    assert storm.counts["answered"] > 0
    assert storm.counts["locked"] > 0
