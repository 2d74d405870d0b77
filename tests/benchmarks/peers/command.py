"""`python -m tests.benchmarks peers`: environments, matches, tables."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import evolve

from tests.benchmarks.bench import FULL, Bench
from tests.benchmarks.marks import check_marks, write_between
from tests.benchmarks.peers import books, cluster
from tests.benchmarks.peers.environments import NotMeasured, interpreter, need_program
from tests.benchmarks.peers.match import play
from tests.benchmarks.peers.page import Outcome, all_rows, as_markdown
from tests.benchmarks.peers.remote import Remote
from tests.benchmarks.peers.roster import BOOKS, PEERS
from tests.benchmarks.table import Machine, Measured, as_json
from tests.benchmarks.turns import FEWEST_ROUNDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.benchmarks.peers.match import Figures
    from tests.benchmarks.peers.roster import Peer

_COMMAND: Final = "python -m tests.benchmarks peers"


class _Field:
    """Where matches are played: benches by the number of members, and one PostgreSQL for all that need it."""

    def __init__(self, directory: Path, rounds: int, stack: ExitStack) -> None:
        self._directory, self._rounds, self._stack = directory, rounds, stack
        self._benches: dict[int, Bench] = {}
        self._cluster: cluster.Cluster | None = None

    def bench(self, members: int) -> Bench:
        """A bench whose towns have *members*."""
        if members not in self._benches:
            directory = self._directory / str(members)
            directory.mkdir()
            self._benches[members] = Bench(evolve(FULL, rounds=self._rounds, members=members), directory)
        return self._benches[members]

    def database(self) -> str:
        """A fresh database of the one server."""
        if self._cluster is None:
            need_program("postgresql", is_there=cluster.newest() is not None)
            self._cluster = self._stack.enter_context(cluster.Cluster(self._directory))
        return self._cluster.database()

    def play(self, peer: Peer) -> Figures:
        """One match; NotMeasured where it cannot be."""
        if peer.absent:
            raise NotMeasured(peer.absent)
        python = interpreter(peer.name, peer.requirements, alone=peer.alone)
        place = [self.database()] if peer.debian else []
        directory = self._directory / peer.name
        directory.mkdir()
        return play(
            peer, self.bench(peer.members), lambda plan: Remote(python, peer.adapter, plan, directory, *place)
        )


def _run(names: Sequence[str], rounds: int, directory: Path, stack: ExitStack) -> Outcome:
    field = _Field(directory, rounds, stack)
    outcome = Outcome(played={}, checked={}, missing={})
    for name in names:
        sys.stderr.write(f"{name} ...\n")
        try:
            if name in BOOKS:
                outcome.checked[BOOKS[name]] = books.check(BOOKS[name], field.bench(FULL.members))
            else:
                outcome.played[PEERS[name]] = field.play(PEERS[name])
        except NotMeasured as why:
            sys.stderr.write(f"  not measured: {why}\n")
            outcome.missing[(BOOKS | PEERS)[name]] = str(why)
    return outcome


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=_COMMAND,
        description="Raw, timebank and each peer in turn on the same acts. Names: " + ", ".join(PEERS | BOOKS),
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="these peers alone")
    parser.add_argument("--rounds", type=int, default=FEWEST_ROUNDS, help=f"at least {FEWEST_ROUNDS}")
    parser.add_argument("--directory", type=Path, help="on the disk to be measured; not a disk in memory")
    parser.add_argument(
        "--page", type=Path, metavar="FILE", help="write the tables into this page, between its marks"
    )
    parser.add_argument("--json", action="store_true", help="every round's value, for a program")
    return parser


def main(arguments: Sequence[str]) -> int:
    """Play the matches that are asked for; what is running is said on stderr, the tables on stdout."""
    parser = _parser()
    options = parser.parse_args(arguments)
    known = PEERS | BOOKS
    if unknown := set(options.names) - known.keys():
        parser.error(f"no peer {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    if options.rounds < FEWEST_ROUNDS:
        parser.error(f"--rounds: at least {FEWEST_ROUNDS}")
    if options.page is not None:
        if options.names:
            parser.error("--page: the page has the tables of all peers, so none may be named")
        check_marks(options.page, _COMMAND)
    machine = Machine.this()
    command = " ".join([_COMMAND, *options.names, f"--rounds {options.rounds}"])
    with (
        tempfile.TemporaryDirectory(prefix="timebank-peers-", dir=options.directory) as directory,
        ExitStack() as stack,
    ):
        # What is open is closed when this is told to end.
        stack.callback(signal.signal, signal.SIGTERM, signal.signal(signal.SIGTERM, lambda *_: sys.exit(1)))
        outcome = _run(options.names or list(known), options.rounds, Path(directory), stack)
    text = as_markdown(machine, command, outcome)
    sys.stdout.write(
        (as_json(machine, [Measured(row, command) for row in all_rows(outcome)]) if options.json else text) + "\n"
    )
    if options.page is not None:
        write_between(options.page, _COMMAND, text)
    return 0
