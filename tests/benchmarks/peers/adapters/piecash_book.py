"""piecash: a GnuCash book in SQLite; a transfer is a transaction of two splits, `save` is the commit.

A transaction has one currency and its splits are valued in it, so a redemption is two transactions, saved at once.
Its documentation leaves SQLite's journal as it is; here it is WAL with synchronous=FULL, as for everybody.
"""

from datetime import date
from importlib.metadata import version
from pathlib import Path

import piecash
from sqlalchemy import event
from sqlalchemy.engine import Engine

_TYPES = {"A": "ASSET", "L": "LIABILITY", "E": "EQUITY", "I": "INCOME", "X": "EXPENSE"}


@event.listens_for(Engine, "connect")
def _durable(connection, record):
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


class Peer:
    """A book with an account for each account and unit."""

    def __init__(self, accounts, directory, place):
        self.book = piecash.create_book(str(Path(directory) / "book.gnucash"), currency="EUR")
        units = {}
        for _, unit in accounts:
            if unit not in units:
                units[unit] = piecash.Commodity(
                    namespace="CURRENCY", mnemonic=unit, fullname=unit, fraction=1, book=self.book
                )
        self.accounts = [
            piecash.Account(
                f"{code} {unit}".replace(":", "."),
                type=_TYPES[code[0]],
                parent=self.book.root_account,
                commodity=units[unit],
            )
            for code, unit in accounts
        ]
        self.book.save()

    def prepared(self, commands):
        def day(number):
            return date(number // 10_000, number // 100 % 100, number % 100)

        return [[(day(when), *others) for when, *others in moves] for moves in commands]

    def post(self, moves):
        self.bulk([moves])

    def bulk(self, commands):
        for moves in commands:
            for day, debit, credit, amount in moves:
                to, source = self.accounts[debit], self.accounts[credit]
                piecash.Transaction(
                    currency=to.commodity,
                    description="transfer",
                    post_date=day,
                    splits=[piecash.Split(account=to, value=amount), piecash.Split(account=source, value=-amount)],
                )
        self.book.save()

    def balance(self, account):
        return self.accounts[account].get_balance(recurse=False, natural_sign=False)


def versions():
    return f"piecash {version('piecash')}, SQLAlchemy {version('SQLAlchemy')}"
