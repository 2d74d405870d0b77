"""A pytest plugin that ends the process when one test has computed for too long: a mutant made a loop endless.

Computing time is counted, not time on the wall: a busy machine must not pass for an endless loop.
"""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

MOST_SECONDS: Final = 10
TIMED_OUT: Final = 36
"""The exit code that mutmut calls a timeout."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Generator[None, bool, bool]:
    """Give a test, with its fixtures, `MOST_SECONDS` of computing."""
    signal.signal(signal.SIGPROF, lambda *_: os._exit(TIMED_OUT))
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
