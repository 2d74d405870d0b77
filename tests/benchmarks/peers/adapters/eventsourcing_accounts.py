"""eventsourcing: an account is an aggregate, a transfer is an event of each of its two accounts, saved together.

So its documentation's bank accounts do it. Aggregates are cached, and nobody else writes, so that none is read
again; the recorder is the library's own for SQLite (WAL, and SQLite's default of synchronous=FULL).
"""

from importlib.metadata import version
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event


def _id_of(code: str, unit: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"/accounts/{code}/{unit}")


class Account(Aggregate):
    """What one account holds of one unit: debits less credits."""

    def __init__(self, code: str, unit: str) -> None:
        self.code = code
        self.unit = unit
        self.amount = 0

    @staticmethod
    def create_id(code: str, unit: str) -> UUID:
        return _id_of(code, unit)

    @event("Posted")
    def post(self, day: int, amount: int) -> None:
        self.amount += amount


class Bank(Application[UUID]):
    """Commands on accounts; each is saved in one transaction."""

    def post(self, commands):
        touched = {}
        for moves in commands:
            for day, debit, credit, amount in moves:
                for account_id, signed in ((debit, amount), (credit, -amount)):
                    account = touched.get(account_id)
                    if account is None:
                        account = touched[account_id] = self.repository.get(account_id)
                    account.post(day, signed)
        self.save(*touched.values())


class Peer:
    """An application whose accounts are opened."""

    def __init__(self, accounts, directory, place):
        self.bank = Bank(
            {
                "PERSISTENCE_MODULE": "eventsourcing.sqlite",
                "SQLITE_DBNAME": str(Path(directory) / "events.db"),
                "AGGREGATE_CACHE_MAXSIZE": "10000",
                "AGGREGATE_CACHE_FASTFORWARD": "n",
                "DEEPCOPY_FROM_AGGREGATE_CACHE": "n",
            }
        )
        self.ids = [_id_of(code, unit) for code, unit in accounts]
        self.bank.save(*(Account(code, unit) for code, unit in accounts))

    def prepared(self, commands):
        ids = self.ids
        return [
            [(day, ids[debit], ids[credit], amount) for day, debit, credit, amount in each] for each in commands
        ]

    def post(self, moves):
        self.bank.post([moves])

    def bulk(self, commands):
        self.bank.post(commands)

    def balance(self, account):
        return self.bank.repository.get(self.ids[account]).amount


def versions():
    return f"eventsourcing {version('eventsourcing')}"
