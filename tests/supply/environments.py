"""Environments of their own, outside the project: made, filled, and tests run in them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from attrs import frozen

from tests.supply.locked import LOCK, ROOT


@frozen
class Environment:
    """A virtual environment."""

    directory: Path

    @property
    def python(self) -> Path:
        return self.directory / "bin" / "python"

    @classmethod
    def made(cls, directory: Path, python: str | Path = sys.executable) -> Environment:
        """A new one in an empty *directory*, of the interpreter *python*."""
        uv("venv", "--quiet", "--python", str(python), str(directory))
        return cls(directory)

    def install(self, *words: str) -> None:
        """What `uv pip install` installs for these words."""
        uv("pip", "install", "--quiet", "--python", str(self.python), *words)

    def install_locked(self) -> None:
        """All that is locked for this interpreter, by its hashes, wheels alone."""
        self.install("--require-hashes", "--only-binary", ":all:", "--requirements", str(LOCK))

    def said(self, program: str, *words: str, cwd: Path) -> str:
        """What one of the environment's programs prints, its Python for one; that it fails is an error."""
        command = [str(self.directory / "bin" / program), *words]
        done = subprocess.run(command, check=True, cwd=cwd, env=surroundings(), stdout=subprocess.PIPE, text=True)
        return done.stdout.strip()

    def test(self, words: tuple[str, ...], *, cwd: Path = ROOT) -> int:
        """Run pytest there; the exit code. What it prints is shown."""
        command = [str(self.python), "-m", "pytest", "-q", *words]
        return subprocess.run(command, check=False, cwd=cwd, env=surroundings()).returncode


def uv(*words: str) -> None:
    """Run uv in the project's directory."""
    subprocess.run([sys.executable, "-m", "uv", *words], check=True, cwd=ROOT, env=surroundings())


def surroundings() -> dict[str, str]:
    """The process's environment without what would lead a Python to the project's own packages."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return {**kept, "UV_NO_PROGRESS": "1"}
