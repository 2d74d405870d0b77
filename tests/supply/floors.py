"""The tests on the lowest versions that pyproject.toml allows."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.supply.environments import Environment
from tests.supply.locked import PYTHONS, named, project
from tests.supply.pythons import pythons

_LISTED: Final = (
    "import json, importlib.metadata as m; "
    "print(json.dumps({each.name: each.version for each in m.distributions()}))"
)


def floor_of(wanted: Requirement) -> Version:
    """The lowest version that is allowed; a requirement without one is an error."""
    floors = [Version(each.version) for each in wanted.specifier if each.operator in (">=", "==")]
    if not floors:
        raise LookupError(f"{wanted} has no lowest version")
    return max(floors)


def above(wanted: Requirement, installed: dict[str, str]) -> str | None:
    """What is said where another version than the lowest one is installed; None where it is that one."""
    found = Version(installed[canonicalize_name(wanted.name)])
    return None if found == floor_of(wanted) else f"{wanted}: {found} is installed"


def with_the_tests() -> tuple[Requirement, ...]:
    """What the core asks for, and the extra `test` with the extras that it names in its turn."""
    said, asked = project()["project"], named()
    extras, todo = {""}, ["test"]
    while todo:
        extra = todo.pop()
        extras.add(extra)
        own = [
            each for each in map(Requirement, said["optional-dependencies"][extra]) if each.name == said["name"]
        ]
        todo += [each for one in own for each in one.extras]
    return tuple(wanted for extra in asked if extra in extras for wanted in asked[extra])


def run(words: tuple[str, ...]) -> int:
    """pytest's exit code with the oldest Python and the lowest version of all that the tests need."""
    python = next(path for version, path in pythons().items() if str(version).startswith(PYTHONS[0]))
    with tempfile.TemporaryDirectory() as directory:
        environment = Environment.made(Path(directory) / "venv", python)
        environment.install(
            *("--resolution", "lowest-direct", "--requirements", "pyproject.toml", "--extra", "test")
        )
        environment.install("--no-deps", ".")
        said = json.loads(environment.said("python", "-c", _LISTED, cwd=Path(directory)))
        installed = {canonicalize_name(name): version for name, version in said.items()}
        for wanted in with_the_tests():
            print(above(wanted, installed) or f"{wanted}: the lowest")
        return environment.test(words)
