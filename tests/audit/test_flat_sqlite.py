"""The flat SQLite file, read back with SQL: it says what the ledger says, and cannot be taken for one."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import timebank
from tests.audit.everything import build_everything
from tests.audit.flat_books import hostile_drafts, journal_of, leaves_again, source
from tests.conftest import fewer
from timebank.audit.flat.database import TABLES, write_sqlite
from timebank.audit.flat.search import words_of
from timebank.audit.flat.source import source_of
from timebank.audit.flat.views import VIEWS
from timebank.errors import CannotWrite, FileDamaged, NotALedger
from timebank.ledger.codes import debit_sign
from timebank.ledger.statements import statement
from timebank.ledger.store import AccountBalance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from timebank import Bank
    from timebank.ledger.entries import Draft


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with every kind of entry."""
    path = tmp_path_factory.mktemp("flat") / "a.timebank"
    build_everything(path).bank.close()
    return path


@pytest.fixture(scope="module")
def bank(ledger: Path) -> Iterator[Bank]:
    with timebank.open(ledger, readonly=True) as bank:
        yield bank


@pytest.fixture(scope="module")
def flat(bank: Bank, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("flat") / "flat.db"
    with bank.journal.reading() as books:
        write_sqlite(source_of(books, "a.timebank"), path, "en")
    with closing(read(path)) as connection:
        yield connection


def read(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    return connection


def rows(connection: sqlite3.Connection, query: str, *values: object) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(query, values)]


def journal_rows(connection: sqlite3.Connection) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    return (
        rows(connection, "SELECT * FROM entries ORDER BY seq"),
        rows(connection, "SELECT * FROM transfers ORDER BY seq, line"),
    )


@fewer(3)
@given(st.lists(hostile_drafts(), max_size=4))
def test_the_file_holds_every_leaf_exactly_and_its_sums_are_the_ledger_s(drafts: list[Draft]) -> None:
    journal = journal_of(drafts)
    with TemporaryDirectory() as place, source(journal) as books:
        write_sqlite(books, Path(place) / "a.db", "en")
        with closing(read(Path(place) / "a.db")) as connection:
            leaves = [leaf for _, leaf in books.books.leaves()]
            assert leaves_again(*journal_rows(connection)) == leaves
            found = connection.execute("SELECT account, unit, balance FROM balances ORDER BY account, unit")
            assert [AccountBalance(*row) for row in found] == list(journal.trial_balance())
            assert all(each["sum"] == 0 for each in rows(connection, SUMS))


SUMS = "SELECT unit, sum(debit_balance) AS sum FROM balances GROUP BY unit"


def test_the_sums_are_those_of_the_trial_balance(flat: sqlite3.Connection, bank: Bank) -> None:
    found = rows(flat, "SELECT account, class, unit, balance, debit_balance FROM balances ORDER BY account, unit")
    wanted = bank.trial_balance()
    assert [(row["account"], row["unit"], row["balance"]) for row in found] == [
        (line.account, line.unit, line.amount) for line in wanted
    ]
    assert all(row["debit_balance"] == debit_sign(row["account"]) * row["balance"] for row in found)
    assert {each["sum"] for each in rows(flat, SUMS)} == {0}


def test_every_row_of_every_table_is_there(flat: sqlite3.Connection, bank: Bank) -> None:
    with bank.journal.reading() as books:
        of = source_of(books, "a")
        for table in TABLES:
            found = flat.execute(f"SELECT {', '.join(map(quoted, table.heads))} FROM {table.name}").fetchall()
            assert sorted(map(repr, map(tuple, found))) == sorted(map(repr, table.rows(of))), table.name
        assert leaves_again(*journal_rows(flat)) == [leaf for _, leaf in books.leaves()]


def quoted(name: str) -> str:
    return f'"{name}"'


def test_every_key_leads_somewhere_and_the_file_is_whole(flat: sqlite3.Connection) -> None:
    assert rows(flat, "PRAGMA foreign_key_check") == []
    assert [tuple(row) for row in flat.execute("PRAGMA integrity_check")] == [("ok",)]
    for table in TABLES:
        refers = {column.name: column.refers for column in table.columns if column.refers}
        found = {row["from"]: row["table"] for row in rows(flat, f"PRAGMA foreign_key_list({table.name})")}
        assert found == refers, table.name
        keys = sorted(
            (row["pk"], row["name"]) for row in rows(flat, f"PRAGMA table_info({table.name})") if row["pk"]
        )
        assert tuple(name for _, name in keys) == table.key


def test_nothing_in_the_file_acts_by_itself_and_no_command_takes_it_for_a_ledger(
    bank: Bank, tmp_path: Path
) -> None:
    with bank.journal.reading() as books:
        write_sqlite(source_of(books, "a"), tmp_path / "a.db", "en")
    assert [file.name for file in tmp_path.iterdir()] == ["a.db"]
    with closing(read(tmp_path / "a.db")) as connection:
        assert rows(connection, "SELECT name FROM sqlite_master WHERE type = 'trigger'") == []
    for act in (timebank.open, timebank.verify_file):
        with pytest.raises(NotALedger):
            act(tmp_path / "a.db")


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_file_says_what_it_is_of_and_what_is_in_it(bank: Bank, tmp_path: Path, language: str) -> None:
    with bank.journal.reading() as books:
        of = source_of(books, "a")
        write_sqlite(of, tmp_path / "a.db", language)
    with closing(read(tmp_path / "a.db")) as connection:
        about = {(row["what"], row["name"]): row["value"] for row in rows(connection, "SELECT * FROM about")}
        assert {name: about.pop(("file", name)) for name, _ in of.facts()} == dict(of.facts())
        named = {(what, name) for what, name in about}
        assert named == {("table", each.name) for each in TABLES} | {("view", name) for name in VIEWS}
        assert all(about.values())


def test_the_same_books_make_the_same_file(bank: Bank, tmp_path: Path) -> None:
    for name in ("a.db", "b.db"):
        with bank.journal.reading() as books:
            write_sqlite(source_of(books, "a"), tmp_path / name, "en")
    assert (tmp_path / "a.db").read_bytes() == (tmp_path / "b.db").read_bytes()


# --- the views, against the ledger's own reads


def test_a_member_s_statement_is_the_ledger_s(flat: sqlite3.Connection, bank: Bank) -> None:
    members = [row["member"] for row in rows(flat, "SELECT member FROM members")]
    seen = 0
    for member in members:
        for unit in ("PTS", "MIN"):
            with bank.journal.reading() as books:
                wanted = statement(books, f"L:M:{member}", unit)
            found = rows(
                flat,
                "SELECT * FROM member_statement WHERE member = ? AND unit = ? ORDER BY day, seq, line",
                member,
                unit,
            )
            assert [(row["seq"], row["change"], row["balance"], row["other"]) for row in found] == [
                (line.entry.seq, line.delta, line.after, line.other) for line in wanted.lines
            ]
            seen += len(found)
    assert seen > 50


def test_what_a_shop_has_is_what_the_ledger_says(flat: sqlite3.Connection, bank: Bank) -> None:
    wanted = {
        (line.account.split(":")[2].lower(), line.unit, line.account[:3]): line.amount
        for line in bank.trial_balance()
        if line.account.startswith(("A:S:", "A:H:"))
    }
    found = rows(flat, "SELECT * FROM shop_stock")
    for row in found:
        assert row["on_shelf"] == wanted.pop((row["shop"], row["unit"], "A:S"), 0)
        assert row["set_aside"] == wanted.pop((row["shop"], row["unit"], "A:H"), 0)
        assert row["shop_name"]
        assert row["good"] == row["unit"].lower()
        assert row["name"]
        assert row["name_en"]
    assert not wanted
    assert found


def test_awards_and_redemptions_less_what_was_reversed_are_those_of_the_report(
    flat: sqlite3.Connection, bank: Bank
) -> None:
    report = bank.report()
    (count,) = flat.execute(
        "SELECT count(DISTINCT seq) FROM redemptions WHERE reversed_by IS NULL AND kind = 'redemption'"
    ).fetchone()
    assert count == report.redemptions
    awarded = 0
    for entry in bank.journal.entries():
        if entry.kind == "award":
            found = rows(flat, "SELECT * FROM awards WHERE seq = ?", entry.seq)
            credited = [move for move in entry.moves if move.credit.startswith("L:M:")]
            for unit, name in (("PTS", "points"), ("MIN", "minutes")):
                assert sum(row[name] for row in found) == sum(
                    move.amount for move in credited if move.unit == unit
                )
            assert {row["service"] for row in found} <= {entry.body["service"]}
            awarded += len(found)
        if entry.kind == "reversal" and entry.body["of"] == "award":
            assert {row["reversed_by"] for row in rows(flat, "SELECT * FROM awards WHERE seq = ?", entry.ref)} == {
                entry.seq
            }
    assert awarded == flat.execute("SELECT count(*) FROM awards").fetchone()[0] > 10


@pytest.mark.parametrize("view", ["awards", "redemptions", "redeemed_goods"])
def test_only_a_reversal_takes_back_what_others_answer_too(
    flat: sqlite3.Connection, bank: Bank, view: str
) -> None:
    reversals = {entry.ref: entry.seq for entry in bank.journal.entries() if entry.kind == "reversal"}
    found = rows(flat, f"SELECT seq, reversed_by FROM {view}")
    assert {row["seq"]: row["reversed_by"] for row in found} == {
        row["seq"]: reversals.get(row["seq"]) for row in found
    }
    answered = {entry.ref for entry in bank.journal.entries() if entry.kind in ("return", "claim")}
    assert view == "awards" or answered & {row["seq"] for row in found}


def test_goods_redeemed_are_what_the_entries_say(flat: sqlite3.Connection, bank: Bank) -> None:
    found = 0
    for entry in bank.journal.entries():
        if entry.kind in ("redemption", "post"):
            goods = {good: pieces for good, pieces, _ in entry.body["goods"]}
            lines = rows(flat, "SELECT * FROM redeemed_goods WHERE seq = ?", entry.seq)
            assert {row["good"]: row["pieces"] for row in lines} == goods
            paid = rows(flat, "SELECT * FROM redemptions WHERE seq = ?", entry.seq)
            assert sum(row["points"] for row in paid) == sum(n * p for _, n, p in entry.body["goods"])
            assert {row["shop"] for row in (*lines, *paid)} == {entry.body["shop"]}
            found += 1
    assert found > 3


def test_the_totals_of_the_months_are_those_of_the_transfers(flat: sqlite3.Connection) -> None:
    (amount,) = flat.execute("SELECT sum(amount) FROM transfers").fetchone()
    totals = flat.execute("SELECT sum(debits), sum(credits) FROM month_totals").fetchone()
    assert tuple(totals) == (amount, amount)
    by_month = rows(
        flat, "SELECT month, unit, sum(debits) AS d, sum(credits) AS c FROM month_totals GROUP BY 1, 2"
    )
    assert all(row["d"] == row["c"] for row in by_month)


# --- search


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("超市", {"shop"}),
        ("积分超市", {"shop"}),
        ('"yungu-shop"', {"shop", "redemption"}),
        ("mediation", {"award", "claim"}),
        ('"rice-5kg"', {"goods", "redemption"}),
        ("大米", {"goods", "redemption"}),
    ],
)
def test_entries_are_found_by_their_words(flat: sqlite3.Connection, query: str, kinds: set[str]) -> None:
    found = rows(
        flat,
        "SELECT entries.kind FROM entries_fts JOIN entries ON entries.seq = entries_fts.rowid"
        " WHERE entries_fts MATCH ?",
        query,
    )
    assert kinds <= {row["kind"] for row in found}


def test_every_entry_is_found_by_its_kind_and_by_who_acted(flat: sqlite3.Connection, bank: Bank) -> None:
    for entry in bank.journal.entries():
        found = flat.execute(
            "SELECT 1 FROM entries_fts WHERE entries_fts MATCH ? AND rowid = ?",
            (f'"{entry.kind}" AND "{entry.by}"', entry.seq),
        ).fetchone()
        assert found, entry.seq


def test_the_words_are_the_texts_and_the_parts_of_chinese_ones() -> None:
    members = {
        "kind": "x",
        "day": "2026-02-08",
        "by": "li",
        "body": {"a": ["云谷社区", {"b": "c"}], "request": "secret", "n": 3},
        "move": [["A:S:SHOP", "E:BOUGHT:O", "SOAP", 1]],
    }
    words = words_of(members, {"shop": "Shop of all", "soap": "香皂"}).split(" ")
    assert "secret" not in words
    wanted = {"x", "2026-02-08", "li", "云谷社区", "c", "shop", "o", "soap", "Shop", "of", "all", "香皂"}
    assert set(words) == wanted | {"云谷", "谷社", "社区", "云谷社", "谷社区"}


# --- what is wrong is refused


def test_a_ledger_whose_balances_are_not_its_transfers_sums_is_refused(bank: Bank, tmp_path: Path) -> None:
    class Wrong:
        def __init__(self, books: Any, change: Any) -> None:
            self.books, self.change = books, change

        def __getattr__(self, name: str) -> Any:
            return getattr(self.books, name)

        def balances(self, *day: Any) -> Iterator[AccountBalance]:
            return iter(self.change(list(self.books.balances(*day))))

    changes = (
        lambda lines: [*lines[:3], attrs.evolve(lines[3], amount=lines[3].amount + 1), *lines[4:]],
        lambda lines: lines[:-1] if lines[-1].account != lines[-2].account else lines[:-2],
        lambda lines: [*lines, AccountBalance("X:Z", "PTS", 0)],
    )
    for number, change in enumerate(changes):
        with bank.journal.reading() as books, pytest.raises(FileDamaged):
            of = attrs.evolve(source_of(books, "a"), books=Wrong(books, change))
            write_sqlite(of, tmp_path / f"{number}.db", "en")


def test_a_file_that_cannot_be_written_is_refused(bank: Bank, tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"not a database, but long enough to be looked at as one" * 20)
    with bank.journal.reading() as books, pytest.raises(CannotWrite):
        write_sqlite(source_of(books, "a"), tmp_path / "a.db", "en")


def test_bodies_are_json_for_sql(flat: sqlite3.Connection) -> None:
    for row in rows(flat, "SELECT body, json_extract(body, '$.shop') AS shop FROM entries"):
        assert json.loads(row["body"]).get("shop") == row["shop"]
