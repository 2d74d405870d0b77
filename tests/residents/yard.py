"""A ledger file with a few members, some points, and a people file beside it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import timebank
from timebank.programme.rulebook import shipped_rulebook
from timebank.residents.desk import People

if TYPE_CHECKING:
    from pathlib import Path

    from timebank.bank import Bank

TWO: Any = {"by": "reg", "approved_by": "sup"}
BY: Any = {"by": "reg"}
ZHANG = "11010519491231002X"
LI = "440524188001010014"
DAY = date(2026, 3, 1)


def ledger(path: Path, members: int = 3) -> tuple[Bank, list[str]]:
    """A bank at *path* whose members each have one award, and their ids."""
    bank = timebank.create(
        path, origin="yungu.example/timebank", clock=lambda: datetime(2026, 3, 1, 4, tzinfo=UTC)
    )
    bank.organisations.add("yungu", name="云谷社区", level="community", by="admin")
    bank.organisations.add("grid-7", name="七网格", level="grid", parent="yungu", by="admin")
    for operator, role in (("reg", "registrar"), ("sup", "supervisor"), ("clerk", "clerk"), ("aud", "auditor")):
        bank.organisations.appoint(operator, org="yungu", role=role, by="admin")  # type: ignore[arg-type]
    bank.rulebooks.adopt(shipped_rulebook(), from_day=date(2026, 1, 1), by="admin")
    made = [
        bank.members.enrol(org="yungu" if number else "grid-7", card=f"{number + 1:04}", by="reg").id
        for number in range(members)
    ]
    for member in made:
        bank.services.record(member, "elder-visit", minutes=60, day=date(2026, 2, 8), **TWO)
    return bank, made


def bytes_beside(path: Path) -> bytes:
    """All that lies on the disk under the ledger's name."""
    return b"".join(each.read_bytes() for each in sorted(path.parent.iterdir()) if each.is_file())


__all__ = ["BY", "DAY", "LI", "TWO", "ZHANG", "People", "bytes_beside", "ledger"]
