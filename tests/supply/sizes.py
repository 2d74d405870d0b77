"""What `pip install timebank` takes: packages and bytes, without extras and with each."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from tests.supply.environments import uv
from tests.supply.locked import ROOT, project
from tests.supply.packages import build

if TYPE_CHECKING:
    from collections.abc import Iterable


@frozen
class Size:
    """What an install put on the disk."""

    asked: str
    packages: int
    size_bytes: int

    def row(self, core: Size) -> str:
        more = f"{(self.size_bytes - core.size_bytes) / 1e6:,.1f} MB" if self is not core else "–"
        return f"| `pip install {self.asked}` | {self.packages} | {self.size_bytes / 1e6:,.1f} MB | {more} |"


def size_of(directory: Path, asked: str) -> Size:
    """The packages in a directory and the bytes of all files in it, those that Python compiled with them."""
    size = sum(path.stat().st_size for path in directory.rglob("*") if path.is_file() and not path.is_symlink())
    return Size(asked, len(list(directory.glob("*.dist-info"))), size)


def _installed(wheel: Path, extra: str, directory: Path) -> Size:
    name = f"timebank[{extra}]" if extra else "timebank"
    target = directory / (extra or "core")
    words = ["install", "--quiet", "--compile-bytecode", "--target", str(target), f"{name} @ {wheel.as_uri()}"]
    uv("pip", *words)
    return size_of(target, f"'{name}'" if extra else name)


def table(sizes: Iterable[Size], archives: Iterable[Path]) -> str:
    """The figures as Markdown, the first row what all others are compared with."""
    rows = list(sizes)
    return "\n".join(
        (
            "| what | packages | on disk | beyond the core |",
            "| --- | --- | --- | --- |",
            *(each.row(rows[0]) for each in rows),
            *(f"| `{each.name}` | – | {each.stat().st_size / 1e6:,.1f} MB | – |" for each in archives),
        )
    )


def measured() -> str:
    """Install into empty directories, one after the other, and count."""
    extras = ("", *project()["project"]["optional-dependencies"])
    with tempfile.TemporaryDirectory() as directory:
        archives = build(ROOT, Path(directory) / "dist")
        sizes = [_installed(archives.wheel, extra, Path(directory)) for extra in extras]
        return table(sizes, (archives.wheel, archives.sdist))
