"""What has to wait: make room, or try again."""

from __future__ import annotations

from timebank.errors.families import Busy, error


@error
class FileLocked(Busy):
    """Another writer held the file for longer than this command was willing to wait."""

    code = "file-locked"
    path: str
    waited_seconds: float


@error
class BatchOpen(Busy):
    """This thread has a batch open, and the command needs the file to itself."""

    code = "batch-open"
    act: str


@error
class TakenBack(Busy):
    """The command shared a commit with another that failed half-way; both were taken back."""

    code = "taken-back"
    path: str


@error
class OutOfMemory(Busy):
    """There was no memory left for the command; it was taken back, with all that shared its commit."""

    code = "out-of-memory"
    path: str


@error
class DiskFull(Busy):
    """The disk, or the quota on it, is full."""

    code = "disk-full"
    path: str
