"""Profiles are taken, written as text, and put onto their page."""

from __future__ import annotations

import pytest

from tests.benchmarks.marks import marks
from tests.benchmarks.profiles import SCENARIOS, TOP, function, main
from tests.docs.page import DOCS, ROOT


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("award", "(record)"),
        ("redemption", "(redeem)"),
        ("append", "(append_all)"),
        ("programme", "(do_all)"),
        ("verify", "(verify_file)"),
    ],
)
def test_a_profile_is_whole_in_its_folder_and_its_top_on_the_page(tmp_path, capsys, name, called):
    folder, page = tmp_path / "profiles", tmp_path / "page.md"
    page.write_text("\n".join(marks(f"python -m tests.benchmarks profile {name}")), encoding="utf-8")
    words = [name, "--tiny", "--into", str(folder), "--directory", str(tmp_path), "--page", str(page)]
    assert main(words) == 0
    assert called in (folder / f"{name}.txt").read_text(encoding="utf-8")
    shown = page.read_text(encoding="utf-8")
    assert len([line for line in shown.splitlines() if "% | " in line]) == TOP
    assert str(ROOT) not in shown
    assert f"### {name}" in capsys.readouterr().out


def test_functions_are_named_without_paths_of_this_machine():
    assert function(str(ROOT / "timebank" / "bank.py"), 7, "verify") == "timebank/bank.py: verify"
    assert function(str(ROOT / ".venv/lib/python3.11/site-packages/attr/_make.py"), 7, "f") == "attr/_make.py: f"
    assert function("~", 0, "<method 'execute' of 'sqlite3.Connection' objects>") == "sqlite3.Connection.execute"
    assert function("~", 0, "<built-in method builtins.len>") == "builtins.len"


def test_the_reference_has_a_place_for_every_profile():
    page = (DOCS / "reference" / "profiles.md").read_text(encoding="utf-8")
    commands = [f"python -m tests.benchmarks profile {name}" for name in SCENARIOS]
    assert [page.count(mark) for command in commands for mark in marks(command)] == [1, 1] * len(SCENARIOS)


def test_a_scenario_that_is_not_there_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["speed"])
    assert "no scenario speed" in capsys.readouterr().err
