"""What is explained is in the code, and the copy that mutmut works in says the same as the code."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.docs.page import PACKAGE
from tests.mutation.explained import Explained, read_explained, rows
from tests.mutation.outcomes import Mutant
from tests.mutation.patience import TIMED_OUT
from tests.mutation.targets import TARGETS, Target
from tests.mutation.tree import PROJECT, undecorated

if TYPE_CHECKING:
    from pathlib import Path

EXPLAINED = read_explained()
CODE = PACKAGE.parent


def source_of(function: str) -> list[str]:
    """The lines of a function, named as in `timebank.tlog.merkle._Tree.peaks`, without indentation."""
    path = CODE / f"{'/'.join(function.split('.')[:3])}.py"
    text = path.read_text()
    body: list[ast.stmt] = ast.parse(text).body
    for name in function.split(".")[3:]:
        found = next(
            each for each in body if isinstance(each, ast.FunctionDef | ast.ClassDef) and each.name == name
        )
        body = found.body
    return [line.strip() for line in text.splitlines()[found.lineno - 1 : found.end_lineno]]


@pytest.mark.parametrize("explained", EXPLAINED, ids=lambda each: each.change.function)
def test_what_is_explained_is_a_change_of_a_line_that_is_there(explained: Explained) -> None:
    lines = source_of(explained.change.function)
    for line in explained.change.was.split("\n"):
        assert line in lines
    assert explained.change.now != explained.change.was
    assert explained.reason.endswith(".")
    assert any(target.owns(explained.change.module) for target in TARGETS.values())


def test_the_page_shows_what_is_explained_and_nothing_else() -> None:
    page = (PROJECT / "docs" / "reference" / "mutation.md").read_text(encoding="utf-8")
    section = page.partition("## Survivors that are explained")[2].partition("\n## ")[0]
    assert [line for line in section.splitlines() if line.startswith("| ")][2:] == list(rows(EXPLAINED))


def test_nothing_is_explained_twice() -> None:
    assert not [change for change, times in Counter(each.change for each in EXPLAINED).items() if times > 1]


@pytest.mark.parametrize("target", TARGETS.values(), ids=lambda each: each.name)
def test_the_modules_and_the_tests_of_a_target_are_there(target: Target) -> None:
    assert all(list(CODE.glob(pattern)) for pattern in target.modules)
    assert all((PROJECT / each.split("::")[0]).exists() for each in (*target.tests, *target.without))


def test_a_mutant_s_function_is_called_as_in_the_code() -> None:
    assert Mutant("timebank.tlog.merkle.x_root_of__mutmut_3", "").function == "timebank.tlog.merkle.root_of"
    assert (
        Mutant("timebank.tlog.merkle.xǁ_Treeǁpeaks__mutmut_12", "").function == "timebank.tlog.merkle._Tree.peaks"
    )


DECORATED = '''
from contextlib import contextmanager
from functools import lru_cache


def in_capitals(function):
    return lambda: function().upper()


def with_ending(function):
    return lambda: function() + "ing"


@with_ending
@in_capitals
def word():
    """A word."""
    return "end"


@lru_cache(
    maxsize=2,
)
def twice(number):
    return 2 * number


class House:
    @property
    def rooms(self):
        return 3

    @contextmanager
    def lit(self):
        yield "light"

    @staticmethod
    def street():
        return "high street"


def last():
    return "end"
'''


def test_decorators_are_applied_a_line_later_and_mean_the_same() -> None:
    plain = undecorated(DECORATED)
    assert [line.strip() for line in plain.splitlines() if line.strip().startswith("@")] == ["@staticmethod"]
    for text in (DECORATED, plain):
        names: dict[str, object] = {}
        exec(text, names)
        house = names["House"]()  # type: ignore[operator]
        with house.lit() as light:
            told = house.rooms, house.street(), light, names["word"](), names["last"]()  # type: ignore[operator]
        assert told == (3, "high street", "light", "ENDing", "end")
        assert names["twice"].cache_parameters()["maxsize"] == 2  # type: ignore[attr-defined]


@pytest.mark.parametrize("target", TARGETS.values(), ids=lambda each: each.name)
def test_the_copy_has_the_functions_of_the_code(target: Target) -> None:
    paths = [path for pattern in target.modules for path in CODE.glob(pattern)]
    assert paths
    for path in paths:
        text = path.read_text()
        assert _functions(undecorated(text)) == _functions(text)


def _functions(text: str) -> list[str]:
    return [each.name for each in ast.walk(ast.parse(text)) if isinstance(each, ast.FunctionDef)]


ENDLESS = "def test_a():\n    try:\n        while True: pass\n    finally:\n        while True: pass\n"
PATIENT = "import pytest, sys; from tests.mutation import patience; patience.MOST_SECONDS = 0.2; "


@pytest.mark.parametrize(("text", "code"), [(ENDLESS, TIMED_OUT), ("def test_a(): assert False", 1)])
def test_an_endless_loop_ends_the_process_as_a_timeout(tmp_path: Path, text: str, code: int) -> None:
    (tmp_path / "test_it.py").write_text(text)
    run = f"{PATIENT}sys.exit(pytest.main(['-q', {str(tmp_path)!r}], plugins=[patience]))"
    done = subprocess.run([sys.executable, "-c", run], cwd=PROJECT, capture_output=True, check=False)
    assert done.returncode == code
