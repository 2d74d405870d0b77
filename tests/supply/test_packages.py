"""What is wrong with a wheel or an sdist is found. Both are made by hand; `packages` looks at the real ones."""

from __future__ import annotations

import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.supply.locked import project
from tests.supply.packages import SHIPPED, Archives, alike, files_of, sdist_faults, unpacked, wheel_faults

if TYPE_CHECKING:
    from pathlib import Path

NAME = "timebank-{version}".format(**project()["project"])
INFO = [f"{NAME}.dist-info/{name}" for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt")]
INFO.append(f"{NAME}.dist-info/licenses/LICENSE")
SQL = "timebank/storage/0001.sql"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A small project, with what a run leaves behind."""
    tree = tmp_path / "source"
    for name in (".ci/run", "LICENSE", "README.md", "docs/index.md", "pyproject.toml", "tests/test_a.py"):
        put(tree / name)
    for name in ("timebank/__init__.py", "timebank/py.typed", SQL, "timebank/__pycache__/a.pyc", "notes.txt"):
        put(tree / name)
    return tree


def put(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x", encoding="utf-8")


def wheel_of(names: list[str], directory: Path) -> Path:
    path = directory / f"{NAME}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return path


def sdist_of(source: Path, names: list[str]) -> Path:
    path = source.parent / f"{NAME}.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name in names:
            archive.add(source / name, f"{NAME}/{name}", recursive=False)
    return path


def test_a_wheel_holds_the_package_with_its_data_and_nothing_else(source: Path, tmp_path: Path) -> None:
    names = [*files_of(source, "timebank"), *INFO]
    assert wheel_faults(wheel_of(names, tmp_path), source) == []
    assert wheel_faults(wheel_of([name for name in names if name != SQL], tmp_path), source) == [
        f"{SQL} is missing"
    ]
    assert wheel_faults(wheel_of([*names, "tests/test_a.py"], tmp_path), source) == [
        "tests/test_a.py does not belong there"
    ]


def test_an_sdist_holds_the_project_with_tests_and_docs_and_nothing_else(source: Path) -> None:
    put(source / "PKG-INFO")
    names = [*sorted(files_of(source, *SHIPPED)), "PKG-INFO"]
    assert sdist_faults(sdist_of(source, names), source) == []
    assert sdist_faults(sdist_of(source, [*names, "notes.txt"]), source) == ["notes.txt does not belong there"]
    names.remove("tests/test_a.py")
    assert sdist_faults(sdist_of(source, names), source) == ["tests/test_a.py is missing"]


def test_an_sdist_unpacks_to_a_folder_of_its_name(source: Path, tmp_path: Path) -> None:
    tree = unpacked(sdist_of(source, ["README.md"]), tmp_path / "unpacked")
    assert (tree / "README.md").read_text(encoding="utf-8") == "x"


def test_builds_that_differ_in_a_byte_are_found(source: Path, tmp_path: Path) -> None:
    archives = Archives(wheel_of(INFO, tmp_path), sdist_of(source, ["README.md"]))
    other = tmp_path / "other.whl"
    other.write_bytes(archives.wheel.read_bytes())
    assert alike(archives, Archives(other, archives.sdist)) == []
    other.write_bytes(archives.wheel.read_bytes() + b"\0")
    assert alike(archives, Archives(other, archives.sdist)) == [f"{archives.wheel.name}: two builds differ"]
