"""The second path shares no code with the first: what the replay imports, read from its source."""

from __future__ import annotations

import ast
from importlib.util import find_spec
from pathlib import Path

import pytest

ALLOWED = {
    "timebank.audit.replay": {"timebank.audit.findings"},
    "timebank.audit.projections": {
        "timebank.audit.evidence",
        "timebank.audit.findings",
        "timebank.audit.programme.replay",
        "timebank.audit.replay",
        "timebank.ledger.store.Table",
    },
    "timebank.audit.tree": {"timebank.tlog.merkle"},
}
FROM_THE_PROGRAMME = {f"timebank.programme.roles.{name}" for name in ("MAY_DO", "NEEDS_APPROVAL", "ROLES")}


def folder(package: str) -> Path:
    spec = find_spec(package)
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent


AREAS = sorted(file.stem for file in folder("timebank.audit.programme").glob("*.py"))


def imports(module: str) -> set[str]:
    """The project's names that *module* imports, function-local and type-only imports included."""
    spec = find_spec(module)
    assert spec is not None and spec.origin is not None
    found = set()
    for node in ast.walk(ast.parse(Path(spec.origin).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.startswith("timebank")}


@pytest.mark.parametrize("module", sorted(ALLOWED))
def test_the_replay_shares_no_code_with_what_it_checks(module: str) -> None:
    allowed = ALLOWED[module]
    assert {
        name for name in imports(module) if name not in allowed and name.rpartition(".")[0] not in allowed
    } == set()


@pytest.mark.parametrize("area", AREAS)
def test_no_area_of_the_programme_s_replay_shares_code_with_the_programme(area: str) -> None:
    names = imports(f"timebank.audit.programme.{area}") if area != "__init__" else set()
    own = {
        "timebank.audit.findings.Findings",
        "timebank.audit.replay.LedgerReplay",
        "timebank.audit.replay.Members",
    }
    allowed = own | FROM_THE_PROGRAMME
    assert [name for name in names - allowed if not name.startswith("timebank.audit.programme.")] == []


def test_nothing_in_the_audit_imports_a_store_or_what_posts() -> None:
    for file in folder("timebank.audit").rglob("*.py"):
        package = ".".join(("timebank.audit", *file.relative_to(folder("timebank.audit")).parent.parts))
        names = imports(f"{package}.{file.stem}") if file.stem != "__init__" else set()
        assert not [name for name in names if name.startswith(("timebank.storage", "timebank.ledger.journal"))], (
            file
        )
