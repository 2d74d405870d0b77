"""One ledger file for the session; each test gets its own copy."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.audit.books import Ledger, build
from tests.audit.forging import everything, forger

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["everything", "forger", "ledger", "path"]


@pytest.fixture(scope="session")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """The original; nobody changes it."""
    return build(tmp_path_factory.mktemp("original"))


@pytest.fixture
def path(ledger: Ledger, tmp_path: Path) -> Path:
    """A copy of the original's file, to be damaged."""
    copy = tmp_path / "copy.timebank"
    shutil.copy(ledger.path, copy)
    return copy
