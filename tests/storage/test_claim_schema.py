"""The tables of claims, evidence and appeals, attacked with raw SQL and read back through another connection."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.programme.test_awards import HASH, HEAD, SERVICES
from tests.programme.test_deductions import RUBBISH
from timebank.bank import Bank, open_bank
from timebank.checking import verify_file

DAY = date(2024, 2, 5)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A claim in every state, evidence, and an appeal in every state."""
    path = tmp_path_factory.mktemp("claims") / "a.timebank"
    now = datetime(2024, 2, 6, 4, tzinfo=UTC)
    with Bank.create(path, origin="yard.example/timebank", clock=lambda: now) as bank:
        bank.organisations.add("yard", name="院子", level="community", by="admin")
        for operator, role in (("clerk-1", "clerk"), ("super-1", "supervisor"), ("super-2", "supervisor")):
            bank.organisations.appoint(operator, org="yard", role=role, by="admin")
        bank.rulebooks.adopt(HEAD + SERVICES + RUBBISH, from_day=date(2024, 1, 1), by="admin")
        li = bank.members.enrol(org="yard", card="0001", by="super-1").id
        claims, hashes = bank.claims, iter([HASH, *(f"{place:064x}" for place in range(9))])
        seqs = [
            claims.submit("help", [li], day=DAY, occasions=2, evidence=next(hashes), by="clerk-1").seq
            for _ in range(6)
        ]
        _, approved, objected, rejected, withdrawn, awarded = seqs
        for seq in (approved, objected, awarded):
            claims.approve(seq, by="super-1")
        claims.object(objected, reason="no", by="clerk-1")
        claims.reject(rejected, reason="no", by="super-1")
        claims.withdraw(withdrawn, by="clerk-1")
        claims.post(awarded, by="clerk-1")
        for decide in (None, bank.deductions.grant, bank.deductions.deny):
            seq = bank.deductions.record(li, "rubbish", day=DAY, by="clerk-1", approved_by="super-1").seq
            bank.deductions.lodge(seq, reason="no", by="clerk-1")
            if decide is not None:
                decide(seq, by="super-2", approved_by="admin")
    return path


@pytest.fixture
def path(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(template, tmp_path / "b.timebank"))


def everything(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return [
            row
            for table in ("claim", "evidence", "appeal")
            for row in connection.execute(f"SELECT * FROM {table} ORDER BY 1")
        ]


COPY = "INSERT INTO claim SELECT {seq}, org, service, day, {rest} FROM claim WHERE state = 'submitted'"


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM claim",
        "DELETE FROM evidence",
        "DELETE FROM appeal",
        "UPDATE claim SET state = 'approved' WHERE state = 'submitted'",
        "UPDATE claim SET state = 'awarded', award = 20 WHERE state = 'submitted'",
        "UPDATE claim SET state = 'submitted', reviewed_by = NULL WHERE state = 'approved'",
        "UPDATE claim SET state = 'approved' WHERE state = 'rejected'",
        "UPDATE claim SET award = NULL WHERE state = 'awarded'",
        "UPDATE claim SET award = award + 1 WHERE state = 'awarded'",
        "UPDATE claim SET notice_until = '2000-01-01' WHERE state = 'approved'",
        "UPDATE claim SET reviewed_by = submitted_by WHERE state = 'approved'",
        "UPDATE claim SET members = 'AAAAAAAAAA'",
        "UPDATE claim SET service = 'other'",
        "UPDATE claim SET seq = 0 WHERE state = 'submitted'",
        "UPDATE OR REPLACE claim SET seq = (SELECT max(seq) FROM claim) WHERE state = 'submitted'",
        "REPLACE INTO claim SELECT * FROM claim WHERE state = 'awarded'",
        COPY.format(seq=1, rest="'approved', members, submitted_by, 'super-1', '2024-03-01', NULL, NULL"),
        COPY.format(seq=9999, rest="'submitted', members, submitted_by, NULL, NULL, NULL, NULL"),
        COPY.format(seq=1, rest="'submitted', '', submitted_by, NULL, NULL, NULL, NULL"),
        "UPDATE evidence SET claim = 1",
        f"INSERT INTO evidence VALUES ('{HASH.upper()}', 1)",
        "INSERT INTO evidence VALUES ('abc', 1)",
        "REPLACE INTO evidence SELECT * FROM evidence",
        "INSERT INTO appeal SELECT 1, member, 'granted', 2 FROM appeal LIMIT 1",
        "UPDATE appeal SET state = 'denied' WHERE state = 'granted'",
        "UPDATE appeal SET state = 'lodged' WHERE state = 'denied'",
        "UPDATE appeal SET seq = deduction",
        "REPLACE INTO appeal SELECT * FROM appeal WHERE state = 'denied'",
    ],
)
def test_a_stranger_changes_nothing(path: Path, sql: str) -> None:
    before = everything(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA recursive_triggers = ON")
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(sql)
        connection.commit()
    assert everything(path) == before


def test_every_state_is_there_and_the_file_verifies(template: Path, path: Path) -> None:
    rows = everything(template)
    states = {str(value) for row in rows for value in row}
    assert {"submitted", "approved", "objected", "rejected", "withdrawn", "awarded"} <= states
    assert {"lodged", "granted", "denied"} <= states
    assert verify_file(template).findings == ()
    with open_bank(path) as bank:
        bank.rebuild()
    assert everything(path) == rows
