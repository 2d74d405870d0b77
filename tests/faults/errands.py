"""Errands: short runs of real work on a ledger, done the same each time, in which faults are then made.

Whoever does an errand looks first whether a step was done already, as an app does that sends a command again with
its key. So an errand that broke off can be done again from its beginning, and what comes of it is always the same.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from typing import TYPE_CHECKING, Final

from attrs import frozen

import timebank
from tests.faults.acts import found, patrol
from timebank.storage import sqlite_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from timebank.bank import Bank
    from timebank.ledger.journal import Posted

    Say = Callable[[tuple[Posted, ...]], None]
    Step = Callable[[Bank, Say], None]

ORIGIN: Final = "cut.example/timebank"
_JOURNAL: Final = ("entry", "subtree", "checkpoint")
_THREADS: Final = 4
_OLD_SCHEMA: Final = 6


@frozen
class Errand:
    """What lies there *before*, how the ledger is *opened*, and the *steps*: each says what it posted.

    *is_upgrade*: what lies there before is of an older version. An upgrade is made in two commits, and is finished
    by whoever opens the file next; until the second the file is of the old version, and has findings.
    """

    before: Callable[[Path], None]
    opened: Callable[[Path], Bank]
    steps: tuple[Step, ...]
    is_upgrade: bool = False


def _founded(path: Path) -> None:
    found(path)
    with timebank.open(path) as bank:
        bank.organisations.appoint("admin-2", org="yungu", role="admin", by="admin")


def _opened(path: Path) -> Bank:
    return timebank.open(path)


def _created(path: Path) -> Bank:
    """Make the ledger if it is not there; a name that a crash left reserved, and the key beside it, go first."""
    if path.exists() and path.stat().st_size:
        return _opened(path)
    for each in path.parent.glob(f"{path.name}*"):
        each.unlink()
    return timebank.create(path, origin=ORIGIN)


def _old(path: Path) -> None:
    """A ledger as timebank 0.1 left it: its journal, without the tables that came later."""
    _founded(path)
    path.rename(f"{path}.now")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA application_id = {sqlite_file.APPLICATION_ID}")
        connection.execute("PRAGMA journal_mode = WAL")
        sqlite_file.migrate(connection, str(path), upto=_OLD_SCHEMA)
        connection.execute(f"ATTACH '{path}.now' AS now")
        for table in _JOURNAL:
            connection.execute(f"INSERT INTO main.{table} SELECT * FROM now.{table}")
        connection.execute("DETACH now")
    path.with_name(f"{path.name}.now").unlink()


def _nothing(_: Path) -> None:
    pass


def _award(bank: Bank, key: str) -> Posted:
    return patrol(bank, bank.members.by_card("0001"), key=key)


def _redemption(bank: Bank, key: str) -> Posted:
    return bank.shops.redeem("yungu-shop", card="0001", goods={"soap": 1}, by="clerk-3", key=key)


def award(number: int) -> Step:
    """A service with its points."""
    return lambda bank, say: say((_award(bank, f"award-{number}"),))


def redemption(number: int) -> Step:
    """Points for soap."""
    return lambda bank, say: say((_redemption(bank, f"till-{number}"),))


def batch(number: int) -> Step:
    """Three services and two redemptions in one transaction."""

    def act(bank: Bank, say: Say) -> None:
        with bank.batch():
            awards = [_award(bank, f"batch-{number}-{each}") for each in range(3)]
            spent = [_redemption(bank, f"batch-{number}-till-{each}") for each in range(2)]
        say((*awards, *spent))

    return act


def checkpoint(bank: Bank, say: Say) -> None:
    """Sign the journal."""
    bank.checkpoint()
    say(())


def rotation(bank: Bank, say: Say) -> None:
    """A new signing key, if the book has not named a second one yet."""
    if len(bank.keys.all()) < 2:
        say((bank.rotate_key(by="admin", approved_by="admin-2"),))


def rebuild(bank: Bank, say: Say) -> None:
    """Make all projections again."""
    bank.rebuild()
    say(())


def verification(bank: Bank, say: Say) -> None:
    """Check the file as an auditor would: a fault is an error, and never a finding."""
    found = bank.verify()
    assert found.is_clean, found.findings
    say(())


def group(bank: Bank, say: Say) -> None:
    """Four threads, each with three services; who waits shares a commit."""
    errors: list[BaseException] = []

    def act(clerk: int) -> None:
        try:
            for number in range(3):
                say((_award(bank, f"clerk-{clerk}-{number}"),))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=act, args=(clerk,)) for clerk in range(_THREADS)]
    started = []
    for each in threads:
        try:
            each.start()
        except RuntimeError as error:  # what Python says where there is no memory for a thread
            errors.append(MemoryError(str(error)))
        else:
            started.append(each)
    for each in started:
        each.join()
    if errors:
        raise errors[0]


ERRANDS: Final = {
    "award": Errand(_founded, _opened, (award(1), award(2))),
    "redemption": Errand(_founded, _opened, (award(1), redemption(1), redemption(2))),
    "batch": Errand(_founded, _opened, (batch(1), batch(2))),
    "checkpoint": Errand(_founded, _opened, (award(1), checkpoint, award(2), checkpoint)),
    "rotation": Errand(_founded, _opened, (rotation, award(1), checkpoint)),
    "group": Errand(_founded, _opened, (group,)),
    "create": Errand(_nothing, _created, (checkpoint,)),
    "migrate": Errand(_old, _opened, (award(1), checkpoint), is_upgrade=True),
    "rebuild": Errand(_founded, _opened, (award(1), rebuild, award(2))),
    "verify": Errand(_founded, _opened, (verification, award(1))),
}
"""What is done at a till, and what is done seldom: by name."""
