"""Files as the operating system has them: what its errors mean for the person who must act, names made durable."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from timebank.errors import CannotOpen, DiskFailed, DiskFull, TimebankError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_AT_ONCE: Final = 1 << 20
_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


def error_of_system(error: OSError | UnicodeDecodeError, path: Path) -> TimebankError:
    """What *error* about the file at *path* is: DiskFull, DiskFailed, or CannotOpen with the reason."""
    if isinstance(error, UnicodeDecodeError):
        return CannotOpen(str(path), str(error))
    reason = error.strerror or str(error)
    if error.errno in _FULL:
        return DiskFull(str(path))
    if error.errno == errno.EIO:
        return DiskFailed(str(path), reason)
    return CannotOpen(str(path), reason)


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Turn the system's errors inside the context into ours: DiskFull, DiskFailed or CannotOpen of *path*."""
    try:
        yield
    except OSError as error:
        raise error_of_system(error, path) from error


def can_be_read(path: Path) -> bool:
    """Whether the disk gives the file at *path*, from its beginning to its end; True also if there is none."""
    try:
        with path.open("rb") as file:
            while file.read(_AT_ONCE):
                pass
    except OSError as error:
        return error.errno != errno.EIO
    return True


def sync_directory(directory: Path) -> None:
    """Make the new names in *directory* durable, where the system lets a directory be flushed."""
    try:
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno == errno.EIO or error.errno in _FULL:
            raise
