"""A disk that is soon full: a small file system in memory (tmpfs), for tests that fill it."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NO_DISK: Final = "no disk can be mounted here"
"""Why a test skips that was given None."""


@contextmanager
def small_disk(directory: Path, size_bytes: int) -> Iterator[Path | None]:
    """A disk of *size_bytes* at the new *directory*; None where none can be mounted, as only root may."""
    directory.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size_bytes}", "tmpfs", str(directory)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        yield None
        return
    try:
        yield directory
    finally:
        subprocess.run(["umount", str(directory)], check=True)
