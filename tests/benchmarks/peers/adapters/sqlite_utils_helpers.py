"""sqlite-utils by its helpers: `insert` a transfer, `upsert` its two balances, `atomic` around a command."""

from importlib.metadata import version
from pathlib import Path

import sqlite_utils


class Peer:
    """A file with raw's tables, made with the helpers."""

    def __init__(self, accounts, directory, place):
        self.db = sqlite_utils.Database(Path(directory) / "helpers.db")
        self.db.enable_wal()
        self.db.execute("PRAGMA synchronous = FULL")
        self.transfers = self.db.table("transfer", pk="id")
        columns = {"id": int, "day": int, "debit": int, "credit": int, "amount": int}
        self.transfers.create(columns, pk="id", not_null=set(columns) - {"id"})
        self.transfers.create_index(["debit"])
        self.transfers.create_index(["credit"])
        self.rows = self.db.table("balance", pk="account")
        self.rows.create({"account": int, "amount": int}, pk="account", not_null={"amount"})
        self.rows.insert_all({"account": number, "amount": 0} for number in range(len(accounts)))

    def prepared(self, commands):
        return commands

    def post(self, moves):
        with self.db.atomic():
            for day, debit, credit, amount in moves:
                self.transfers.insert({"day": day, "debit": debit, "credit": credit, "amount": amount})
                self.rows.upsert({"account": debit, "amount": self.balance(debit) + amount})
                self.rows.upsert({"account": credit, "amount": self.balance(credit) - amount})

    def bulk(self, commands):
        """The transfers by one `insert_all`, the balances that changed by one `upsert_all`."""
        changed = {}
        with self.db.atomic():
            for moves in commands:
                for _, debit, credit, amount in moves:
                    changed[debit] = changed.get(debit, 0) + amount
                    changed[credit] = changed.get(credit, 0) - amount
            self.transfers.insert_all(
                {"day": day, "debit": debit, "credit": credit, "amount": amount}
                for moves in commands
                for day, debit, credit, amount in moves
            )
            self.rows.upsert_all(
                {"account": number, "amount": self.balance(number) + amount} for number, amount in changed.items()
            )

    def balance(self, account):
        return self.rows.get(account)["amount"]


def versions():
    return f"sqlite-utils {version('sqlite-utils')}"
