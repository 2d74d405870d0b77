"""Every example of docs/ and README.md runs, and prints what is shown. How they are written: see page.py."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import pytest
import time_machine

from tests.docs.page import Page, page, pages
from tests.docs.shell import Shell, check_output, commands, exit_code_of, programs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FIRST_DAY = datetime(2026, 11, 20, 1, tzinfo=UTC)
LANGUAGES = {"bash", "console", "python", "sh", "text", "toml", "json", "sql"}
WITH_EXAMPLES = [each for each in pages() if {"console", "python", "sh"} & {b.language for b in each.blocks()}]


def type_all(wanted: Page, directory: Path) -> None:
    """Type every example of a page in *directory*, on the days on which the page says that it happens."""
    shell = Shell(wanted, directory)
    start = FIRST_DAY
    before = wanted.goes_on_from
    while before is not None:
        start += timedelta(hours=1)
        before = page(before).goes_on_from
    with time_machine.travel(start) as clock:
        for block in wanted.blocks():
            clock.move_to(max(datetime.now(UTC), start + timedelta(days=block.days)))
            shell.run(block)


@pytest.fixture(scope="session")
def left_by(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The directory with the files that a page leaves for those which go on from it."""

    @cache
    def left(name: str) -> Path:
        directory = tmp_path_factory.mktemp("left")
        type_all(page(name), directory)
        return directory

    return left


@pytest.mark.parametrize("wanted", WITH_EXAMPLES, ids=lambda each: each.name)
def test_every_example_runs_and_prints_what_is_shown(
    wanted: Page, left_by: Callable[[str], Path], tmp_path: Path
) -> None:
    for program in wanted.needs:
        if shutil.which(program, path=programs()) is None:
            pytest.skip(f"{program} not installed")
    if wanted.goes_on_from is not None:
        shutil.copytree(left_by(wanted.goes_on_from), tmp_path, dirs_exist_ok=True)
    type_all(wanted, tmp_path)


@pytest.mark.parametrize("wanted", pages(), ids=lambda each: each.name)
def test_every_fence_says_what_it_holds(wanted: Page) -> None:
    assert [f"{each.line}: {each.language}" for each in wanted.blocks() if each.language not in LANGUAGES] == []
    assert wanted.text.count("```") == 2 * len(wanted.blocks())


def test_output_that_differs_is_seen() -> None:
    check_output("a ... c\n...\nend\n", "a b c\nmore\nlines\nend\n", "here")
    check_output("...\nend\n", "end\n", "here")
    for shown in ("a b\n", "a ... d\n...\n", "a b c\nend\n", "...\nEnd\n"):
        with pytest.raises(AssertionError):
            check_output(shown, "a b c\nmore\nend\n", "here")


def test_exit_codes_are_read_from_what_is_shown() -> None:
    assert exit_code_of("Recorded as entry 3, day 2026-02-08.\n") == 0
    assert exit_code_of("Error: no. [not-enough-points]\n") == 3
    assert exit_code_of("错误：不行。[bad-day]\n") == 2
    assert exit_code_of("Findings: 2. Stop\n") == 4


def test_a_command_may_go_on_after_a_backslash() -> None:
    assert commands("$ a \\\n    b\nout\n$ c\n") == [("a b", "out\n"), ("c", "")]
