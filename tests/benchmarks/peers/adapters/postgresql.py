"""PostgreSQL: one call of a function for each post, and set-based bulk; raw's table and balances.

A command goes as four arrays in one call, prepared by the server; the function posts all its transfers in the one
transaction of the call. In bulk the transfers are copied in, and balances are set from their sums, once for each
account. The server must say that fsync and synchronous_commit are on.
"""

from importlib.metadata import version

import psycopg

_SCHEMA = """
CREATE TABLE balance (account integer PRIMARY KEY, amount bigint NOT NULL);
CREATE TABLE transfer (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, day integer NOT NULL,
    debit integer NOT NULL, credit integer NOT NULL, amount bigint NOT NULL
);
CREATE INDEX ON transfer (debit);
CREATE INDEX ON transfer (credit);
CREATE FUNCTION post(days integer[], debits integer[], credits integer[], amounts bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    FOR place IN 1 .. array_length(days, 1) LOOP
        INSERT INTO transfer (day, debit, credit, amount)
            VALUES (days[place], debits[place], credits[place], amounts[place]);
        UPDATE balance SET amount = amount + amounts[place] WHERE account = debits[place];
        UPDATE balance SET amount = amount - amounts[place] WHERE account = credits[place];
    END LOOP;
END
$$;
"""
_SUMS = """
UPDATE balance SET amount = balance.amount + moved.amount FROM (
    SELECT account, sum(amount) AS amount FROM (
        SELECT debit AS account, amount FROM transfer WHERE id > %(last)s
        UNION ALL SELECT credit, -amount FROM transfer WHERE id > %(last)s
    ) AS side GROUP BY account
) AS moved WHERE moved.account = balance.account
"""
_server = []


class Peer:
    """A database with *accounts* balance rows, all zero."""

    def __init__(self, accounts, directory, place):
        self.connection = psycopg.connect(place, autocommit=True, prepare_threshold=0)
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            if self.connection.execute(f"SHOW {name}").fetchone()[0] != "on":
                raise RuntimeError(f"{name} is off: this would not be durable")
        self.connection.execute(_SCHEMA, prepare=False)
        rows = [(number,) for number in range(len(accounts))]
        self.connection.cursor().executemany("INSERT INTO balance VALUES (%s, 0)", rows)
        _server.append(self.connection.execute("SHOW server_version").fetchone()[0].split()[0])

    def prepared(self, commands):
        return [tuple(map(list, zip(*moves, strict=True))) for moves in commands]

    def post(self, arrays):
        self.connection.execute("SELECT post(%s::int[], %s::int[], %s::int[], %s::bigint[])", arrays)

    def bulk(self, commands):
        with self.connection.transaction():
            last = self.connection.execute("SELECT coalesce(max(id), 0) FROM transfer").fetchone()[0]
            with self.connection.cursor().copy("COPY transfer (day, debit, credit, amount) FROM STDIN") as copy:
                for arrays in commands:
                    for row in zip(*arrays, strict=True):
                        copy.write_row(row)
            self.connection.execute(_SUMS, {"last": last})

    def balance(self, account):
        return self.connection.execute("SELECT amount FROM balance WHERE account = %s", (account,)).fetchone()[0]


def versions():
    return f"PostgreSQL {_server[0]}, psycopg {version('psycopg')}"
