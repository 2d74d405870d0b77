"""A client's history file: what it asked before it asked, and what it was answered, each a line of JSON.

A line is one write(2), so what a killed client had written is there; its last line may be torn, and counts as not
written.
"""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any

from tests.histories.checker.evidence import records_in

if TYPE_CHECKING:
    from pathlib import Path


class Written:
    """The history file at *path*, to be written on."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o644)
        if path.stat().st_size:
            os.write(self._file, b"\n")  # Ends a line that was torn.

    def line(self, event: str, **values: Any) -> None:
        """Write down that *event* happened now."""
        text = json.dumps({"t": time.monotonic_ns(), "e": event, **values}, separators=(",", ":"), default=str)
        os.write(self._file, text.encode() + b"\n")


def lines(path: Path) -> list[dict[str, Any]]:
    """What stands in the history file at *path*, if there is one."""
    return records_in(path) if path.exists() else []
