"""What each peer needs, made once and kept: a virtual environment for each, and Debian's packages.

Environments lie in `$XDG_CACHE_HOME/timebank-bench` (else `~/.cache/timebank-bench`), each under a name that
holds its requirements and this Python, so that a change in `peers.toml` makes a new one.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.benchmarks.years import cache_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

_DONE: Final = "requirements.txt"
_INSTALL_SECONDS: Final = 600


class NotMeasured(Exception):  # noqa: N818 - it is an outcome, not an error
    """A peer that cannot be measured here, and why."""


def interpreter(name: str, requirements: Sequence[str], *, alone: Sequence[str] = ()) -> Path:
    """The Python of *name*'s environment; *alone* are installed without what they ask for."""
    lines = [f"python=={platform.python_version()}", *requirements, *(f"{each} (alone)" for each in alone)]
    text = "\n".join(lines)
    place = cache_folder() / f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    python = place / "bin" / "python"
    if not (place / _DONE).exists():
        shutil.rmtree(place, ignore_errors=True)
        sys.stderr.write(f"  an environment for {name} ...\n")
        _run([sys.executable, "-m", "venv", str(place)])
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        if requirements:
            _run([*install, *requirements])
        if alone:
            _run([*install, "--no-deps", *alone])
        (place / _DONE).write_text(text + "\n", encoding="utf-8")
    return python


def need_program(package: str, *, is_there: bool) -> None:
    """Install Debian's *package* unless *is_there*; NotMeasured where that cannot be."""
    if is_there:
        return
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise NotMeasured(f"needs Debian's {package}")
    sys.stderr.write(f"  Debian's {package} ...\n")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    _run(["apt-get", "update", "-qq"], environment)
    _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", package], environment)


def _run(command: Sequence[str], environment: dict[str, str] | None = None) -> None:
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=_INSTALL_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise NotMeasured(f"{Path(command[0]).name}: not done within {_INSTALL_SECONDS} s") from None
    if done.returncode:
        raise NotMeasured(f"cannot be installed: {last_line(done.stderr)}")


def last_line(text: str) -> str:
    """What a program said last, for one cell of a table."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:160] if lines else "it said nothing"
