"""The tests with every Python that is found on this machine and may be used."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from tests.supply.environments import Environment
from tests.supply.locked import project

if TYPE_CHECKING:
    from collections.abc import Iterable


def _places() -> Iterable[Path]:
    """Where interpreters may lie: on PATH, and where pyenv keeps them."""
    yield from map(Path, os.environ["PATH"].split(os.pathsep))
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    yield from sorted(kept.glob("*/bin"))


def _version(python: Path) -> Version | None:
    """The version that an interpreter says; None where it does not run, as pyenv's stand-ins do not."""
    words = [str(python), "-c", "import platform; print(platform.python_version())"]
    said = subprocess.run(words, check=False, capture_output=True, text=True)
    return Version(said.stdout.strip()) if said.returncode == 0 else None


def newest_of_each(found: Iterable[tuple[Version, Path]], allowed: SpecifierSet) -> dict[Version, Path]:
    """Of each minor version that is allowed the newest, oldest minor version first."""
    newest: dict[tuple[int, ...], tuple[Version, Path]] = {}
    for version, path in found:
        minor = version.release[:2]
        if allowed.contains(version) and (minor not in newest or newest[minor][0] < version):
            newest[minor] = version, path
    return dict(newest[minor] for minor in sorted(newest))


def pythons() -> dict[Version, Path]:
    """The interpreters of this machine that may run timebank, one of each minor version."""
    allowed = SpecifierSet(project()["project"]["requires-python"])
    paths = [
        path
        for place in _places()
        for path in sorted(place.glob("python3.*"))
        if re.fullmatch(r"python3\.\d+", path.name) and allowed.contains(path.name.removeprefix("python"))
    ]
    return newest_of_each(((version, path) for path in paths if (version := _version(path))), allowed)


def run(words: tuple[str, ...], *, newer: bool) -> dict[Version, int]:
    """pytest's exit code with each interpreter, on what is locked.

    With *newer* it is the newest interpreter alone, and none where that is no newer than the one that runs this.
    """
    chosen = pythons()
    if newer:
        newest = max(chosen)
        chosen = {newest: chosen[newest]} if newest.release[:2] > sys.version_info[:2] else {}
    print(f"Python {', '.join(map(str, chosen)) or '(no newer one here)'}", flush=True)
    return {version: _tested(version, python, words) for version, python in chosen.items()}


def _tested(version: Version, python: Path, words: tuple[str, ...]) -> int:
    print(f"-- Python {version}", flush=True)
    with tempfile.TemporaryDirectory() as directory:
        environment = Environment.made(Path(directory) / "venv", python)
        environment.install_locked()
        environment.install("--no-deps", "--no-build-isolation", ".")
        return environment.test(words)
