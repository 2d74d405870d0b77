"""What is mutated, and which tests are to notice."""

from __future__ import annotations

from fnmatch import fnmatch
from typing import Final

from attrs import frozen


@frozen
class Target:
    """Some modules, and the tests that their mutants meet, *without* those that are slow or look at the code."""

    name: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]
    without: tuple[str, ...] = ()

    def owns(self, module: str) -> bool:
        """Whether the module of this name, `timebank.tlog.merkle`, is mutated here."""
        path = f"{module.replace('.', '/')}.py"
        return any(fnmatch(path, pattern) for pattern in self.modules)

    def selection(self) -> tuple[str, ...]:
        """The tests, as pytest is told."""
        return (*self.tests, *(f"--deselect={each}" for each in self.without))


_MERKLE: Final = "tests/tlog/test_merkle.py"
_STATEMENTS: Final = "tests/ledger/test_statements.py"

TARGETS: Final = {
    target.name: target
    for target in (
        Target(
            "tlog",
            modules=("timebank/tlog/*.py",),
            tests=("tests/tlog",),
            without=(
                "tests/tlog/test_standalone.py",
                f"{_MERKLE}::test_every_two_trees_have_the_textbook_proof_and_it_checks",
                f"{_MERKLE}::test_every_leaf_of_every_tree_has_the_textbook_proof_and_it_checks",
            ),
        ),
        Target(
            "ledger",
            modules=("timebank/ledger/*.py",),
            tests=("tests/ledger", "tests/storage/test_contract.py"),
            without=(f"{_STATEMENTS}::test_the_longest_entry_that_a_leaf_can_hold_stands_on_a_statement_whole",),
        ),
        Target("storage", modules=("timebank/storage/*.py",), tests=("tests/storage",)),
        Target(
            "programme",
            modules=("timebank/programme/*.py",),
            tests=("tests/programme", "tests/test_programme_rules.py"),
            without=(
                "tests/programme/test_inputs.py::test_everything_that_is_asked_of_a_bank_is_tried_here",
                "tests/programme/test_requests.py::test_every_request_that_is_remembered_is_written_out",
                "tests/programme/test_periods.py::test_every_command_that_takes_a_day_is_tried_here",
            ),
        ),
    )
}
