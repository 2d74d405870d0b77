"""The whole programme against the naive model: commands right and wrong, in every order Hypothesis thinks of."""

from __future__ import annotations

import pytest

from tests.conftest import fewer
from tests.machine.programme import Programme, ProgrammeOnFile

TestProgrammeInMemory = pytest.mark.slow(Programme.TestCase)
TestProgrammeInMemory.settings = fewer(2, steps=40)
TestProgrammeOnFile = pytest.mark.slow(ProgrammeOnFile.TestCase)
TestProgrammeOnFile.settings = fewer(8, steps=30)
