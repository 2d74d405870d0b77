"""A whole book checked by the tools of plain-text accounting, against `timebank verify` of the same file.

Timebank's own exports give them the book, with the balance of every member and shelf asserted at the end of each
month. Every program is started as a person starts it, so that its start counts, for timebank too; beancount's
cache is off.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import frozen

import timebank
from tests.benchmarks.peers.environments import NotMeasured, interpreter, last_line, need_program
from tests.benchmarks.turns import Row, in_turn, ratios, seconds_of
from timebank.audit.export.beancount import BeancountText
from timebank.audit.export.journal_text import JournalText
from timebank.audit.export.writing import write_book

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.benchmarks.bench import Bench
    from tests.benchmarks.peers.roster import Peer
    from tests.benchmarks.turns import Turn

ENTRIES: Final = 20_000
_ROOT: Final = Path(__file__).parents[3]
_VERIFY: Final = "import sys; from timebank.cli import main; sys.exit(main())"


@frozen
class Checked:
    """How long one tool took for the book, in times of `timebank verify`."""

    versions: str
    row: Row


def tool_command(peer: Peer) -> tuple[list[str], str]:
    """The words before the book's path that have *peer* check it, and its version; installed if need be."""
    if peer.name == "beancount":
        programs = interpreter(peer.name, peer.requirements).parent
        command = [str(programs / "bean-check"), "--no-cache"]
        version = [command[0], "--version"]
    else:
        need_program(peer.debian, is_there=shutil.which(peer.name) is not None)
        checks = ["check", "-s", "ordereddates"], ["--pedantic", "--explicit", "balance"]
        command = [peer.name, *(checks[0] if peer.name == "hledger" else ["--args-only", *checks[1]]), "-f"]
        version = [peer.name, "--version"]
    said = subprocess.run(version, capture_output=True, text=True, check=False).stdout
    return command, said.splitlines()[0].split(",")[0] if said else peer.title


def export(path: Path, name: str) -> Path:
    """The book of the ledger file *path*, written beside it as tool *name* reads it."""
    form = BeancountText() if name == "beancount" else JournalText()
    book = path.with_suffix(".beancount" if name == "beancount" else ".journal")
    if not book.exists():
        with (
            timebank.open(path) as bank,
            bank.journal.reading() as books,
            book.open("w", encoding="utf-8") as text,
        ):
            write_book(books, text, form)
    return book


def check(peer: Peer, bench: Bench, entries: int = ENTRIES) -> Checked:
    """*peer* and `timebank verify` in turn on a book of *entries* commands."""
    command, versions = tool_command(peer)
    path = bench.filled(entries).path
    verifying = _starting([sys.executable, "-c", _VERIFY, "verify", str(path)])
    ours, theirs = in_turn(bench.scale.rounds, verifying, _starting([*command, str(export(path, peer.name))]))
    middle = [sorted(seconds)[len(seconds) // 2] for seconds in (ours, theirs)]
    note = f"{peer.title} {middle[1]:.1f} s, timebank verify {middle[0]:.1f} s"
    return Checked(
        versions, Row(f"{peer.title}, a book of {entries:,} commands checked", ratios(theirs, ours), note=note)
    )


def _starting(command: Sequence[str]) -> Turn:
    def run() -> None:
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=_ROOT)
        if done.returncode:
            raise NotMeasured(f"{Path(command[0]).name}: {last_line(done.stderr or done.stdout)}")

    return lambda: seconds_of(run)
