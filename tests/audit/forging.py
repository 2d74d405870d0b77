"""Forgers who know the journal and its hashes: entries as the library would write them, past all rules."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.audit.everything import build_everything
from tests.audit.tamper import insert_leaf, raw
from timebank.checking import verify_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.audit.everything import Village

NOW = datetime(2027, 6, 2, 4, 0, tzinfo=UTC)
DAY = "2027-06-02"
OF_PROJECTIONS = {
    *("transfer-missing", "balance-differs", "tally-differs", "day-total-differs", "record-differs"),
    *("resolution-differs", "unit-unbalanced"),
}
"""What is found of a forged entry because nothing was made from it; the rules are what is looked at here."""
FACTS = ("reason", "what", "state", "operator", "through", "good", "org", "ref")
CLERK = {"by": "clerk-1", "ok": "sup-1"}


class Forger:
    """A copy of a whole programme's file, and the entries in it."""

    def __init__(self, path: Path, village: Village) -> None:
        self.path = path
        self.seqs = village.seqs
        self.people = village.people
        with closing(village_rows(path)) as rows:
            self.leaves = list(rows)

    def account(self, name: str) -> str:
        """A member's account."""
        return f"L:M:{self.people[name]}"

    def last(self, kind: str, **body: Any) -> int:
        """The last entry of *kind* whose body has these values."""
        return next(
            seq
            for seq in reversed(range(len(self.leaves)))
            if self.leaves[seq]["kind"] == kind
            and all(self.leaves[seq]["body"].get(name) == value for name, value in body.items())
        )

    def forge(self, kind: str, body: dict[str, Any], **members: Any) -> list[tuple[str, str]]:
        """What is found of a new entry at the journal's end: codes, each with the fact that tells it apart."""
        moves = members.pop("move", None)
        values = {"at": NOW.strftime("%Y-%m-%dT%H:%M:%SZ"), "nonce": "A" * 22, "v": 1, "day": DAY, "by": "clerk-1"}
        values |= {"kind": kind, "body": body, **members} | ({"move": moves} if moves else {})
        seq = insert_leaf(self.path, {name: value for name, value in values.items() if value is not None})
        return self.found(seq)

    def again(self, seq: int, body: dict[str, Any] | None = None, **members: Any) -> list[tuple[str, str]]:
        """As `forge`, of an entry like the one at *seq*, with changes to its body and members."""
        original = {name: value for name, value in self.leaves[seq].items() if name not in ("at", "nonce", "key")}
        kept = {name: value for name, value in original["body"].items() if name != "request"}
        return self.forge(
            **{"day": DAY, **original, **members, "body": {**kept, **(body or {})}, "kind": original["kind"]}
        )

    def found(self, seq: int) -> list[tuple[str, str]]:
        """What verify finds of the entry at *seq*; of the others it must find nothing."""
        findings = [one for one in verify_file(self.path).findings if one.code not in OF_PROJECTIONS]
        assert {one.seq for one in findings} <= {seq}, findings
        return [
            (one.code, str(next((one.facts[name] for name in FACTS if name in one.facts), ""))) for one in findings
        ]


def village_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The members of all entries, by place."""
    with raw(path) as connection:
        for (leaf,) in connection.execute("SELECT leaf FROM entry ORDER BY seq").fetchall():
            yield json.loads(leaf)


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Village]:
    """The original; nobody changes it."""
    path = tmp_path_factory.mktemp("everything") / "all.timebank"
    return path, build_everything(path)


@pytest.fixture
def forger(everything: tuple[Path, Village], tmp_path: Path) -> Forger:
    """A copy to be forged."""
    copy = tmp_path / "forged.timebank"
    shutil.copy(everything[0], copy)
    return Forger(copy, everything[1])
