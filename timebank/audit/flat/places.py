"""Where an export comes to lie: a new file or a new directory, whole or not at all."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from timebank.errors import CannotWrite, DiskFull, FileExists

if TYPE_CHECKING:
    from collections.abc import Iterator

_FULL = frozenset((errno.ENOSPC, errno.EDQUOT))


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Where to build a new file, which comes to lie at *path* when the context ends well; else nothing is left.

    Raises FileExists, CannotWrite, DiskFull.
    """
    with _beside(path) as place:
        yield place
        with place.open("rb+") as file:
            os.fsync(file.fileno())
        # Whoever made a file of this name in the meantime keeps it.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        place.replace(path)


@contextmanager
def new_directory(path: Path) -> Iterator[Path]:
    """Where to fill a new directory, which comes to lie at *path* when the context ends well; see new_file."""
    with _beside(path) as place:
        place.mkdir()
        yield place
        if os.path.lexists(path):
            raise FileExists(str(path))
        place.rename(path)


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A place on the same disk as *path*, gone at the end with all that is still there."""
    if "\0" in str(path):  # No file has such a name. What Python says of it changes with its version.
        raise CannotWrite(str(path))
    try:
        if os.path.lexists(path):
            raise FileExists(str(path))
        with TemporaryDirectory(dir=path.absolute().parent, prefix=".timebank-") as room:
            yield Path(room) / "new"
    except FileExistsError as error:
        raise FileExists(str(path)) from error
    except OSError as error:
        raise DiskFull(str(path)) if error.errno in _FULL else CannotWrite(str(path)) from error
