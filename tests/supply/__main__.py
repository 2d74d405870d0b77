"""`python -m tests.supply`: renew what is locked, and try what is handed out."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from tests.supply import locked

if TYPE_CHECKING:
    from collections.abc import Sequence


def _lock(options: argparse.Namespace) -> None:
    locked.renew(upgrade=options.upgrade)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.supply", description=__doc__)
    commands = parser.add_subparsers(required=True)
    lock = commands.add_parser("lock", help="write .ci/requirements.lock again (network)")
    lock.add_argument("--upgrade", action="store_true", help="to the newest versions; else only what must change")
    lock.set_defaults(run=_lock)
    return parser


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what is asked; a command that finds something wrong exits with 1 and says it."""
    options = _parser().parse_args(arguments)
    options.run(options)


if __name__ == "__main__":
    main()
