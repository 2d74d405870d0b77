"""Wheel and sdist: what is in them, whether they can be built again, and the tests on what they install."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Final

from attrs import frozen

from tests.supply.environments import Environment, surroundings
from tests.supply.locked import ROOT, project

SOURCE_DATE_EPOCH: Final = "1767225600"
"""Midnight of 1 January 2026: the time of every file in both, so that two builds are alike to the byte."""

SHIPPED: Final = (".ci", "LICENSE", "README.md", "docs", "pyproject.toml", "tests", "timebank")
_LEFT_OVER: Final = frozenset(("__pycache__", ".hypothesis"))


@frozen
class Archives:
    """A wheel and the sdist that it was built from."""

    wheel: Path
    sdist: Path


def build(source: Path, into: Path) -> Archives:
    """Build the sdist of *source*, and the wheel of that sdist, with the locked backend."""
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(into), str(source)]
    environment = {**surroundings(), "SOURCE_DATE_EPOCH": SOURCE_DATE_EPOCH}
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    return Archives(*into.glob("*.whl"), *into.glob("*.tar.gz"))


def files_of(source: Path, *names: str) -> set[str]:
    """The files under *names* in a tree of the project, what a run leaves behind left out."""
    found: set[str] = set()
    for name in names:
        place = source / name
        for path in [place] if place.is_file() else place.rglob("*"):
            if path.is_file() and not _LEFT_OVER & set(path.parts):
                found.add(path.relative_to(source).as_posix())
    return found


def differing(found: set[str], wanted: set[str]) -> list[str]:
    """What is too little and what is too much, in words."""
    return [f"{name} is missing" for name in sorted(wanted - found)] + [
        f"{name} does not belong there" for name in sorted(found - wanted)
    ]


def wheel_faults(wheel: Path, source: Path) -> list[str]:
    """What a wheel holds beside the package and its metadata, or lacks."""
    info = "timebank-{version}.dist-info".format(**project()["project"])
    written = ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    return differing(held, files_of(source, "timebank") | {f"{info}/{name}" for name in written})


def sdist_faults(sdist: Path, source: Path) -> list[str]:
    """What an sdist holds beside the project's files and its metadata, or lacks."""
    with tarfile.open(sdist) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    return differing(held, files_of(source, *SHIPPED) | {"PKG-INFO"})


def alike(one: Archives, other: Archives) -> list[str]:
    """Which of two builds' files differ."""
    pairs = ((one.wheel, other.wheel), (one.sdist, other.sdist))
    return [
        f"{first.name}: two builds differ" for first, second in pairs if first.read_bytes() != second.read_bytes()
    ]


def unpacked(sdist: Path, into: Path) -> Path:
    """The folder that an sdist unpacks to."""
    with tarfile.open(sdist) as archive:
        archive.extractall(into, filter="data")
    return into / sdist.name.removesuffix(".tar.gz")


def installed_faults(environment: Environment, tree: Path) -> list[str]:
    """Whether the installed package is what is imported, says its version and runs, from a *tree* without it."""
    version = project()["project"]["version"]
    place = environment.said("python", "-c", "import timebank; print(timebank.__file__)", cwd=tree)
    told = environment.said("timebank", "--version", cwd=tree)
    kept = environment.said(
        "python", "-c", "from importlib.metadata import version as v; print(v('timebank'))", cwd=tree
    )
    faults = [] if Path(place).is_relative_to(environment.directory) else [f"timebank is imported from {place}"]
    faults += [] if told == f"timebank {version}" else [f"timebank --version says {told}, not {version}"]
    return faults + ([] if kept == version else [f"the metadata say {kept}, not {version}"])


def run(words: tuple[str, ...]) -> list[str]:
    """What is wrong with wheel and sdist, tests that fail on what they install with it."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        archives = build(ROOT, directory / "dist")
        tree = unpacked(archives.sdist, directory)
        faults = wheel_faults(archives.wheel, ROOT) + sdist_faults(archives.sdist, ROOT)
        faults += alike(archives, build(tree, directory / "again"))
        twine = [sys.executable, "-m", "twine", "check", "--strict", str(archives.wheel), str(archives.sdist)]
        faults += ["twine check"] if subprocess.run(twine, check=False).returncode else []
        return faults or _tested(archives.wheel, tree, words)


def _tested(wheel: Path, tree: Path, words: tuple[str, ...]) -> list[str]:
    """Install the wheel alone; a demo, and the tests of the unpacked *tree*, whose package is put out of reach."""
    (tree / "timebank").rename(tree / "not-this")
    environment = Environment.made(tree.parent / "venv")
    environment.install_locked()
    environment.install("--no-deps", str(wheel))
    faults = installed_faults(environment, tree)
    book = str(tree.parent / "demo.timebank")
    environment.said("timebank", "demo", "panji", "--file", book, cwd=tree)
    environment.said("timebank", "verify", book, cwd=tree)
    return faults or (["tests on what was installed"] if environment.test(words, cwd=tree) else [])
