"""`.ci/requirements.lock`: every package of every extra in one version, each of its files by its hash."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any, Final

from attrs import frozen
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).parents[2]
LOCK: Final = ROOT / ".ci" / "requirements.lock"
PYTHONS: Final = ("3.11", "3.12", "3.13", "3.14")
MACHINES: Final = ("x86_64", "aarch64")
RENEW: Final = "python -m tests.supply lock"
_HASH: Final = re.compile(r" --hash=(\S+)")


@frozen
class Pin:
    """One package in one version, for the interpreters that its marker names."""

    requirement: Requirement
    hashes: tuple[str, ...]

    @property
    def name(self) -> str:
        return canonicalize_name(self.requirement.name)

    @property
    def version(self) -> str:
        """The version; empty where the line does not pin one."""
        pinned = re.fullmatch(r"==([^*,]+)", str(self.requirement.specifier))
        return pinned[1] if pinned else ""

    def is_for(self, python: str, machine: str) -> bool:
        """Whether the line is for CPython of that version on Linux on that kind of machine."""
        environment = {
            "implementation_name": "cpython",
            "os_name": "posix",
            "platform_machine": machine,
            "platform_python_implementation": "CPython",
            "platform_system": "Linux",
            "python_full_version": f"{python}.0",
            "python_version": python,
            "sys_platform": "linux",
        }
        marker = self.requirement.marker
        return marker is None or marker.evaluate(environment)

    def is_for_linux(self) -> bool:
        """Whether the line is for any of PYTHONS on any of MACHINES."""
        return any(self.is_for(python, machine) for python in PYTHONS for machine in MACHINES)


def pins(text: str) -> tuple[Pin, ...]:
    """The lines of a lock, in their order; comments say where a line comes from and are passed over."""
    lines = re.sub(r"\\\n\s*", "", re.sub(r"(?m)^\s*#.*\n", "", text)).splitlines()
    return tuple(
        Pin(Requirement(_HASH.sub("", line)), tuple(_HASH.findall(line))) for line in lines if line.strip()
    )


def project() -> dict[str, Any]:
    """What pyproject.toml says."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def named() -> dict[str, tuple[Requirement, ...]]:
    """What pyproject.toml asks for, other packages alone, by extra; "" is the core."""
    said = project()
    asked = {
        "build-system": said["build-system"]["requires"],
        "": said["project"]["dependencies"],
        **said["project"]["optional-dependencies"],
    }
    return {
        extra: tuple(each for each in map(Requirement, wanted) if each.name != said["project"]["name"])
        for extra, wanted in asked.items()
    }


def renew(*, upgrade: bool) -> None:
    """Write the lock again with uv: versions that still fit are kept, or with *upgrade* the newest are taken.

    Then see that every line has a wheel for each of PYTHONS on each of MACHINES: a package without one would
    run code of its own while it is installed.
    """
    command = ["compile", "--all-extras", "--universal", "--python-version", PYTHONS[0], "--generate-hashes"]
    command += ["--no-emit-index-url", "--no-emit-find-links", "--custom-compile-command", RENEW]
    command += ["--output-file", str(LOCK.relative_to(ROOT)), *(["--upgrade"] if upgrade else [])]
    _uv_pip(*command, "pyproject.toml")
    with tempfile.TemporaryDirectory() as empty:
        for python in PYTHONS:
            for machine in MACHINES:
                _uv_pip(
                    *("install", "--dry-run", "--only-binary", ":all:", "--require-hashes", "--target", empty),
                    *("--python-version", python, "--python-platform", f"{machine}-unknown-linux-gnu"),
                    *("--requirements", str(LOCK.relative_to(ROOT))),
                )


def _uv_pip(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "uv", "pip", "--quiet", *words], check=True, cwd=ROOT)
