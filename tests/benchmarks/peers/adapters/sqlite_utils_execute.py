"""sqlite-utils by its `execute`: raw's statements through the library's connection, `atomic` around a command."""

from importlib.metadata import version
from pathlib import Path

import sqlite_utils

_INSERT = "INSERT INTO transfer (day, debit, credit, amount) VALUES (?, ?, ?, ?)"
_DEBIT = "UPDATE balance SET amount = amount + ? WHERE account = ?"
_CREDIT = "UPDATE balance SET amount = amount - ? WHERE account = ?"


class Peer:
    """A file with raw's tables."""

    def __init__(self, accounts, directory, place):
        self.db = sqlite_utils.Database(Path(directory) / "execute.db")
        self.db.enable_wal()
        self.db.execute("PRAGMA synchronous = FULL")
        columns = {"id": int, "day": int, "debit": int, "credit": int, "amount": int}
        transfers = self.db.table("transfer")
        transfers.create(columns, pk="id", not_null=set(columns) - {"id"})
        transfers.create_index(["debit"])
        transfers.create_index(["credit"])
        rows = self.db.table("balance")
        rows.create({"account": int, "amount": int}, pk="account", not_null={"amount"})
        rows.insert_all({"account": number, "amount": 0} for number in range(len(accounts)))

    def prepared(self, commands):
        return commands

    def post(self, moves):
        with self.db.atomic():
            self._moves(moves)

    def bulk(self, commands):
        with self.db.atomic():
            for moves in commands:
                self._moves(moves)

    def _moves(self, moves):
        execute = self.db.execute
        for move in moves:
            _, debit, credit, amount = move
            execute(_INSERT, move)
            execute(_DEBIT, (amount, debit))
            execute(_CREDIT, (amount, credit))

    def balance(self, account):
        return self.db.execute("SELECT amount FROM balance WHERE account = ?", (account,)).fetchone()[0]


def versions():
    return f"sqlite-utils {version('sqlite-utils')}"
