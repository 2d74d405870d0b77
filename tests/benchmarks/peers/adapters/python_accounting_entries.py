"""python-accounting on SQLite: a transfer is a JournalEntry with one LineItem, posted to the ledger.

Posting commits by itself, so a redemption is two commits and nothing can be posted in bulk. A day stands in the
one reporting period of its year; days are folded into the current year, which the library opens by itself.
"""

from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from python_accounting.database.session import get_session
from python_accounting.models import Account, Base, Currency, Entity, LineItem
from python_accounting.transactions import JournalEntry
from sqlalchemy import create_engine, event

_TYPES = {
    "A": "INVENTORY",
    "L": "CURRENT_LIABILITY",
    "E": "EQUITY",
    "I": "NON_OPERATING_REVENUE",
    "X": "OVERHEAD_EXPENSE",
}
_NOON = 12


class Peer:
    """An entity with a currency for each unit and its accounts."""

    def __init__(self, accounts, directory, place):
        engine = create_engine(f"sqlite:///{Path(directory) / 'entries.db'}")

        @event.listens_for(engine, "connect")
        def durable(connection, record):
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")

        Base.metadata.create_all(engine)
        self.session = get_session(engine)
        entity = Entity(name="benchmark")
        self.session.add(entity)
        self.session.commit()
        self.entity = entity.id
        self.year = datetime.today().year  # noqa: DTZ002 - the library's days have no zone
        currencies = {}
        for _, unit in accounts:
            if unit not in currencies:
                currencies[unit] = Currency(name=unit, code=unit[:3], entity_id=self.entity)
                self.session.add(currencies[unit])
                self.session.commit()
        kept = []
        for code, unit in accounts:
            account = Account(
                name=f"{code} {unit}",
                account_type=Account.AccountType[_TYPES[code[0]]],
                currency_id=currencies[unit].id,
                entity_id=self.entity,
            )
            self.session.add(account)
            self.session.flush()
            kept.append(account)
        self.session.commit()
        self.accounts = [account.id for account in kept]

    def prepared(self, commands):
        def at(number):
            return datetime(self.year, number // 100 % 100, min(number % 100, 28), _NOON)  # noqa: DTZ001 - as above

        return [[(at(when), *others) for when, *others in moves] for moves in commands]

    def post(self, moves):
        for at, debit, credit, amount in moves:
            entry = JournalEntry(
                narration="transfer",
                transaction_date=at,
                account_id=self.accounts[debit],
                entity_id=self.entity,
                credited=False,
            )
            self.session.add(entry)
            self.session.flush()
            line = LineItem(
                narration="transfer", account_id=self.accounts[credit], amount=amount, entity_id=self.entity
            )
            self.session.add(line)
            self.session.flush()
            entry.line_items.add(line)
            self.session.add(entry)
            entry.post(self.session)

    def bulk(self, commands):
        for moves in commands:
            self.post(moves)

    def balance(self, account):
        end = datetime(self.year, 12, 31, 23, 59)  # noqa: DTZ001 - as above
        return self.session.get(Account, self.accounts[account]).closing_balance(self.session, end)


def versions():
    return f"python-accounting {version('python-accounting')}, SQLAlchemy {version('SQLAlchemy')}"
