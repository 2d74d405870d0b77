"""What timebank is tried on: the interpreters that are found, the lowest versions, and what is said of both."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from tests.supply import __main__ as commands
from tests.supply.floors import above, floor_of, with_the_tests
from tests.supply.locked import named, project
from tests.supply.pythons import newest_of_each, pythons
from tests.supply.sizes import Size, size_of, table

FROM_311 = SpecifierSet(">=3.11")


def test_of_each_minor_version_the_newest_that_is_allowed_is_taken() -> None:
    found = [(Version(each), Path(each)) for each in ("3.12.1", "3.11.2", "3.9.18", "3.11.7", "3.11.4")]
    assert newest_of_each(found, FROM_311) == {
        Version("3.11.7"): Path("3.11.7"),
        Version("3.12.1"): Path("3.12.1"),
    }


def test_the_interpreter_of_the_tests_is_found_or_a_newer_one_of_its_kind() -> None:
    assert sys.version_info[:2] in {version.release[:2] for version in pythons()}


def test_each_requirement_has_a_lowest_version() -> None:
    for wanted in named().values():
        for each in wanted:
            assert each.specifier.contains(floor_of(each)), each
    with pytest.raises(LookupError, match="attrs has no lowest version"):
        floor_of(Requirement("attrs"))


def test_a_version_above_the_lowest_one_is_told() -> None:
    wanted = Requirement("attrs>=25.1")
    assert above(wanted, {"attrs": "25.1.0"}) is None
    assert above(wanted, {"attrs": "25.2.0"}) == "attrs>=25.1: 25.2.0 is installed"


def test_the_tests_ask_for_the_core_and_all_optional_parts_and_not_for_the_tools_beside_them() -> None:
    names = {each.name for each in with_the_tests()}
    assert {"attrs", "cryptography", "matplotlib", "pytest"} <= names
    assert names & {"flit_core", "mypy", "mutmut", "uv"} == set()


def test_classifiers_name_each_python_from_the_lowest_on() -> None:
    said = project()["project"]
    minors = [int(each.rpartition(".")[2]) for each in said["classifiers"] if ":: Python :: 3." in each]
    assert minors == list(range(11, 11 + len(minors)))
    assert SpecifierSet(said["requires-python"]) == FROM_311


def test_a_folders_size_is_the_sum_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "a-1.dist-info").mkdir()
    (tmp_path / "a-1.dist-info" / "METADATA").write_bytes(b"x" * 10)
    (tmp_path / "a.py").write_bytes(b"x" * 32)
    (tmp_path / "link").symlink_to(tmp_path / "a.py")
    assert size_of(tmp_path, "a") == Size("a", 1, 42)


def test_sizes_are_told_beside_the_core() -> None:
    rows = table([Size("a", 3, 2_000_000), Size("'a[b]'", 5, 3_500_000)], ()).splitlines()[2:]
    assert rows == ["| `pip install a` | 3 | 2.0 MB | – |", "| `pip install 'a[b]'` | 5 | 3.5 MB | 1.5 MB |"]


def test_what_is_wrong_is_printed_and_is_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given: list[tuple[str, ...]] = []

    def run(words: tuple[str, ...]) -> list[str]:
        given.append(words)
        return ["this", "that"] if "-x" in words else []

    monkeypatch.setattr(commands.packages, "run", run)
    assert commands.main(["packages", "-x", "tests/tlog"]) == 1
    assert capsys.readouterr().out == "this\nthat\n"
    assert commands.main(["packages", "tests/tlog"]) == 0
    assert capsys.readouterr().out == ""
    assert given == [("-x", "tests/tlog"), ("tests/tlog",)]
