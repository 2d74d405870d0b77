"""django-hordak on PostgreSQL, where its triggers check that a transaction balances in each currency.

An award is `Account.transfer_to`; a redemption is a Transaction with four legs in one `atomic`, as its models'
documentation has it. In bulk, transactions and legs go by Django's `bulk_create`. In hordak `transfer_to` credits
the account that it is called on and debits the other.
"""

from datetime import date
from importlib.metadata import version

import django
import moneyed
from django.conf import settings
from django.core.management import call_command

_TYPES = {"A": "AS", "L": "LI", "E": "EQ", "I": "IN", "X": "EX"}
_BATCH = 5_000
_server = []


def _configure(place, units):
    parts = dict(word.split("=", 1) for word in place.split())
    settings.configure(
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "HOST": parts["host"],
                "NAME": parts["dbname"],
                "USER": parts["user"],
                "CONN_MAX_AGE": None,
            }
        },
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "mptt", "djmoney", "hordak"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        CURRENCIES=["EUR", *units],
        HORDAK_CURRENCIES=["EUR", *units],
        HORDAK_INTERNAL_CURRENCY="EUR",
        DEFAULT_CURRENCY="EUR",
        USE_TZ=True,
    )
    for unit in units:
        if unit not in moneyed.CURRENCIES:
            moneyed.add_currency(unit, "000", sub_unit=1, name=unit)
    django.setup()


class Peer:
    """A database with hordak's own tables and triggers, and the accounts."""

    def __init__(self, accounts, directory, place):
        self.codes = {}
        for _, unit in accounts:
            self.codes.setdefault(unit, f"U{chr(ord('A') + len(self.codes))}X")
        _configure(place, list(self.codes.values()))
        call_command("migrate", verbosity=0)
        from django.db import connection
        from hordak.models import Account

        self.units = [self.codes[unit] for _, unit in accounts]
        self.accounts = [
            Account.objects.create(name=f"{code} {unit}", type=_TYPES[code[0]], currencies=[self.codes[unit]])
            for code, unit in accounts
        ]
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            _server.append(cursor.fetchone()[0].split()[0])

    def prepared(self, commands):
        def day(number):
            return date(number // 10_000, number // 100 % 100, number % 100)

        return [[(day(when), *others) for when, *others in moves] for moves in commands]

    def post(self, moves):
        from django.db import transaction
        from hordak.models import Transaction

        if len(moves) == 1:
            day, debit, credit, amount = moves[0]
            money = moneyed.Money(amount, self.units[debit])
            self.accounts[credit].transfer_to(self.accounts[debit], money, date=day)
            return
        with transaction.atomic():
            whole = Transaction.objects.create(date=moves[0][0])
            for leg in self._legs(whole, moves):
                leg.save()

    def _legs(self, whole, moves):
        from hordak.models import Leg

        for _, debit, credit, amount in moves:
            money = moneyed.Money(amount, self.units[debit])
            yield Leg(transaction=whole, account=self.accounts[credit], credit=money)
            yield Leg(transaction=whole, account=self.accounts[debit], debit=money)

    def bulk(self, commands):
        from django.db import transaction
        from hordak.models import Leg, Transaction

        with transaction.atomic():
            wholes = Transaction.objects.bulk_create(Transaction(date=moves[0][0]) for moves in commands)
            legs = (leg for whole, moves in zip(wholes, commands, strict=True) for leg in self._legs(whole, moves))
            Leg.objects.bulk_create(legs, batch_size=_BATCH)

    def balance(self, account):
        from hordak.models import Account

        unit = self.units[account]
        found = Account.objects.with_balances().get(pk=self.accounts[account].pk)
        natural = int(found.balance[unit].amount)
        return -found.sign * natural


def versions():
    return f"django-hordak {version('django-hordak')}, Django {version('django')}, PostgreSQL {_server[0]}"
