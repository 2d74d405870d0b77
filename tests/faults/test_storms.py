"""A short storm of locks; `python -m tests.faults.storms` makes twenty long ones."""

from __future__ import annotations

import multiprocessing
import time

import pytest

from tests.faults.injection import forks, nobody_left
from tests.faults.storms import storms


def test_in_a_storm_of_locks_every_command_is_answered_or_told_in_time_and_nothing_is_lost() -> None:
    (storm,) = storms(1, commands=30)
    assert storm.wrong == []
    assert storm.counts["answered"] + storm.counts["locked"] == 120
    assert storm.counts["answered"] > 0
    assert storm.counts["locked"] > 0


def test_nobody_is_left_behind_when_a_storm_breaks_off() -> None:
    stranger, never_begun = (forks.Process(target=time.sleep, args=(600,), daemon=True) for _ in range(2))
    with pytest.raises(LookupError), nobody_left([stranger, never_begun]):
        stranger.start()
        raise LookupError
    assert multiprocessing.active_children() == []
