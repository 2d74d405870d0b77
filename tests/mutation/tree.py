"""A copy of the project in which modules hold all their mutants.

mutmut makes them: each function is there once for every mutant of it, and a variable of the environment says which
one runs. It leaves functions with a decorator alone. In the copy a decorator is applied one line later, so that
properties and context managers are mutated like everything else.
"""

from __future__ import annotations

import ast
import contextlib
import json
import os
import shutil
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.mutation.explained import Change
from tests.mutation.outcomes import Mutant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.mutation.targets import Target

PROJECT: Final = Path(__file__).parents[2]
TREE: Final = "mutants"
"""Where mutmut writes, in the folder in which it works."""
_COPIED: Final = ("timebank", "tests", "docs", "README.md", "LICENSE", "pyproject.toml", ".ci")
_UNDERSTOOD: Final = {"staticmethod", "classmethod"}


def lay_out(work: Path, target: Target) -> list[Mutant]:
    """Make in *work* a tree of the project with the mutants of *target*, and say which there are.

    What an earlier call has made there is used again where the source is as it was.
    """
    tree = work / TREE
    tree.mkdir(parents=True, exist_ok=True)
    paths = sorted(str(path.relative_to(PROJECT)) for each in target.modules for path in PROJECT.glob(each))
    for name in _COPIED:
        _copy(PROJECT / name, tree / name, leaving_out={PROJECT / path for path in paths})
    shared = PROJECT.parent / "shared"
    if shared.is_dir() and not (work / "shared").exists():
        (work / "shared").symlink_to(shared)  # beside the tree of mutants, as it is beside the project
    (work / "pyproject.toml").write_text('[tool.mutmut]\nsource_paths = ["timebank"]\n', encoding="utf-8")
    for path in paths:
        _write(work / path, undecorated((PROJECT / path).read_text(encoding="utf-8")))
    with get_context("spawn").Pool(initializer=os.chdir, initargs=(work,)) as pool:
        return [mutant for made in pool.imap(_mutate, paths, chunksize=1) for mutant in made]


def _copy(source: Path, to: Path, leaving_out: set[Path]) -> None:
    if source.is_file():
        shutil.copy2(source, to)
        return
    names = shutil.ignore_patterns("__pycache__")
    out = {str(path) for path in leaving_out}

    def ignored(folder: str, content: list[str]) -> set[str]:
        return names(folder, content) | {name for name in content if f"{folder}/{name}" in out}

    shutil.copytree(source, to, dirs_exist_ok=True, ignore=ignored)


def _write(path: Path, text: str) -> None:
    """Write *text*, unless it is there: mutmut goes by the time of a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _mutate(path: str) -> list[Mutant]:
    """Write the mutants of a module into the tree. The folder in which mutmut works is the current one."""
    from mutmut.__main__ import create_mutants_for_file

    made = create_mutants_for_file(Path(path), Path(TREE) / path)
    if made.error:
        raise made.error
    meta = json.loads(Path(TREE, f"{path}.meta").read_text(encoding="utf-8"))
    hashes = meta["hash_by_function_name"]
    names = list(meta["exit_code_by_key"])
    return [Mutant(name, hashes[name.rpartition(".")[2].partition("__mutmut_")[0]]) for name in names]


def change_of(work: Path, mutant: Mutant) -> Change:
    """What *mutant* changes."""
    from mutmut.mutation.diff_apply import get_diff_for_mutant

    with contextlib.chdir(work):
        lines = get_diff_for_mutant(mutant.name, path=mutant.path).splitlines()[2:]
    was = "\n".join(line[1:].strip() for line in lines if line.startswith("-"))
    now = "\n".join(line[1:].strip() for line in lines if line.startswith("+"))
    return Change(mutant.function, was, now)


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
