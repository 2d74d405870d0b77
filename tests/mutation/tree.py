"""A copy of the project in which mutmut can work: it changes what it is given, and it takes one configuration.

mutmut leaves functions with a decorator alone. In the copy a decorator is applied one line later, so that
properties and context managers are mutated like everything else.
"""

from __future__ import annotations

import ast
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.mutation.targets import Target

PROJECT: Final = Path(__file__).parents[2]
_COPIED: Final = ("timebank", "tests", "docs", "README.md", "LICENSE", "pyproject.toml", ".ci")
_UNDERSTOOD: Final = {"staticmethod", "classmethod"}


def lay_out(work: Path, target: Target) -> None:
    """Copy the project into *work*, ready for mutmut to mutate the modules of *target*."""
    work.mkdir(parents=True, exist_ok=True)
    for name in _COPIED:
        _copy(PROJECT / name, work / name)
    for pattern in target.modules:
        for path in work.glob(pattern):
            _undecorate(path)
    shared = PROJECT.parent / "shared"
    if shared.is_dir() and not (work / "shared").exists():
        (work / "shared").symlink_to(shared)  # beside the tree of mutants, as it is beside the project
    (work / "pyproject.toml").write_text((PROJECT / "pyproject.toml").read_text() + _configuration(target))


def _copy(source: Path, to: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, to, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy2(source, to)


def _configuration(target: Target) -> str:
    return f"""
[tool.mutmut]
source_paths = ["timebank"]
only_mutate = {list(target.modules)}
also_copy = ["docs", "README.md", "LICENSE", ".ci"]
pytest_add_cli_args = ["--tb=native"]
pytest_add_cli_args_test_selection = {list(target.selection())}
timeout_constant = 60
timeout_multiplier = 10
use_git_change_detection = false
track_dependencies = false
"""


def _undecorate(path: Path) -> None:
    stat = path.stat()
    path.write_text(undecorated(path.read_text()))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # mutmut goes by the time of a file


def undecorated(source: str) -> str:
    """*source* with `function = name(function)` under a function in place of `@name` over it."""
    lines = source.splitlines()
    for function in sorted(_decorated(ast.parse(source)), key=lambda each: -each.lineno):
        wrapped = function.name
        for decorator in reversed(function.decorator_list):
            wrapped = f"{ast.unparse(decorator)}({wrapped})"
        last, first = function.end_lineno or function.lineno, function.decorator_list[0].lineno - 1
        lines[last:last] = ["", f"{' ' * function.col_offset}{function.name} = {wrapped}"]
        del lines[first : function.lineno - 1]
    return "\n".join(lines) + "\n"


def _decorated(module: ast.Module) -> Iterator[ast.FunctionDef]:
    places = [module.body, *(each.body for each in module.body if isinstance(each, ast.ClassDef))]
    for statement in (each for place in places for each in place):
        if isinstance(statement, ast.FunctionDef):
            names = {ast.unparse(each) for each in statement.decorator_list}
            if names and not names & _UNDERSTOOD:
                yield statement
