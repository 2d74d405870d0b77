"""SQLAlchemy's ORM on SQLite: raw's tables as mapped classes, a session with one commit for each command."""

from importlib.metadata import version
from pathlib import Path

from sqlalchemy import create_engine, event, insert, select, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    """The tables."""


class Balance(Base):
    """What one account holds: debits less credits."""

    __tablename__ = "balance"
    account: Mapped[int] = mapped_column(primary_key=True)
    amount: Mapped[int]


class Transfer(Base):
    """One transfer."""

    __tablename__ = "transfer"
    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[int]
    debit: Mapped[int] = mapped_column(index=True)
    credit: Mapped[int] = mapped_column(index=True)
    amount: Mapped[int]


class Peer:
    """A file with *accounts* balance rows, all zero."""

    def __init__(self, accounts, directory, place):
        self.engine = create_engine(f"sqlite:///{Path(directory) / 'orm.db'}")

        @event.listens_for(self.engine, "connect")
        def durable(connection, record):
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")

        Base.metadata.create_all(self.engine)
        with Session(self.engine) as session, session.begin():
            session.add_all(Balance(account=number, amount=0) for number in range(len(accounts)))

    def prepared(self, commands):
        return commands

    def post(self, moves):
        with Session(self.engine) as session, session.begin():
            for _, debit, credit, amount in moves:
                to, source = session.get_one(Balance, debit), session.get_one(Balance, credit)
                to.amount += amount
                source.amount -= amount
            session.add_all(
                Transfer(day=day, debit=debit, credit=credit, amount=amount)
                for day, debit, credit, amount in moves
            )

    def bulk(self, commands):
        """The library's bulk INSERT, and its bulk UPDATE by primary key of the balances that changed."""
        changed = {}
        rows = []
        for moves in commands:
            for day, debit, credit, amount in moves:
                rows.append({"day": day, "debit": debit, "credit": credit, "amount": amount})
                changed[debit] = changed.get(debit, 0) + amount
                changed[credit] = changed.get(credit, 0) - amount
        with Session(self.engine) as session, session.begin():
            held = dict(session.execute(select(Balance.account, Balance.amount)).tuples().all())
            session.execute(insert(Transfer), rows)
            totals = [{"account": number, "amount": held[number] + more} for number, more in changed.items()]
            session.execute(update(Balance), totals)

    def balance(self, account):
        with Session(self.engine) as session:
            return session.get_one(Balance, account).amount


def versions():
    return f"SQLAlchemy {version('SQLAlchemy')}"
