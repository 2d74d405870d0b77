"""`python -m tests.supply`: renew what is locked and listed, and try what is handed out."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tests.supply import floors, licences, locked, packages, pythons, sizes

if TYPE_CHECKING:
    from collections.abc import Sequence


def _lock(options: argparse.Namespace) -> list[str]:
    locked.renew(upgrade=options.upgrade)
    return []


def _licences(options: argparse.Namespace) -> list[str]:
    text = licences.PAGE.read_text(encoding="utf-8")
    now = licences.page(text)
    if options.check:
        return [] if now == text else [f"{licences.PAGE.name} is not up to date, run: {licences.RENEW}"]
    licences.PAGE.write_text(now, encoding="utf-8")
    return []


def _sizes(_options: argparse.Namespace) -> list[str]:
    print(sizes.measured())
    return []


def _packages(options: argparse.Namespace) -> list[str]:
    return packages.run(tuple(options.words))


def _pythons(options: argparse.Namespace) -> list[str]:
    codes = pythons.run(tuple(options.words), newer=options.newer)
    return [f"Python {version}: tests fail" for version, code in codes.items() if code]


def _floors(options: argparse.Namespace) -> list[str]:
    return ["tests fail"] if floors.run(tuple(options.words)) else []


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.supply", description=__doc__)
    commands = parser.add_subparsers(required=True)

    def command(name: str, run: object, told: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=told, description=told)
        added.set_defaults(run=run, words=())
        return added

    lock = command("lock", _lock, "write .ci/requirements.lock again")
    lock.add_argument("--upgrade", action="store_true", help="to the newest versions; else only what must change")
    listed = command("licences", _licences, "write the table of docs/reference/dependencies.md again")
    listed.add_argument("--check", action="store_true", help="write nothing, fail where it would change")
    command("sizes", _sizes, "print how much each extra installs")
    command("packages", _packages, "build wheel and sdist, look into them, test what they install")
    each = command("pythons", _pythons, "test with every Python that this machine has")
    each.add_argument("--newer", action="store_true", help="with the newest alone, if it is newer than this one")
    command("floors", _floors, "test on the lowest versions that pyproject.toml allows")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what is asked; whatever is not known here is pytest's. What is wrong is printed, and the answer is 1."""
    options, words = _parser().parse_known_args(arguments)
    options.words = words
    faults = options.run(options)
    print(*faults, sep="\n", end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
