"""What is mutated, and which tests are to notice."""

from __future__ import annotations

from fnmatch import fnmatch
from typing import Final

from attrs import frozen


@frozen
class Target:
    """Some modules, the tests that run for each mutant of them, and the tests that its survivors must pass too.

    *slow* are tests among the first that are left out: they take long for what they find, or start processes.
    """

    name: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]
    slow: tuple[str, ...] = ()
    wider: tuple[str, ...] = ()

    def owns(self, module: str) -> bool:
        """Whether the module of this name, `timebank.tlog.merkle`, is mutated here."""
        path = f"{module.replace('.', '/')}.py"
        return any(fnmatch(path, pattern) for pattern in self.modules)

    def selection(self) -> tuple[str, ...]:
        """The first tests, as pytest is told."""
        return (*self.tests, *(f"--deselect={each}" for each in self.slow))


def _modules(room: str, *names: str) -> tuple[str, ...]:
    return tuple(f"timebank/{room}/{name}.py" for name in names)


def _tests(*names: str) -> tuple[str, ...]:
    return tuple(f"tests/programme/test_{name}.py" for name in names)


_COMMANDS: Final = (
    *_tests("inputs", "requests"),
    "tests/programme/test_periods.py::test_no_command_posts_on_a_day_of_a_closed_month",
)
"""Tests that go through many commands, each quickly."""

_MERKLE: Final = "tests/tlog/test_merkle.py"
_CONTRACT: Final = "tests/storage/test_contract.py"
_LARGE: Final = tuple(
    f"{_CONTRACT}::{test}"
    for test in (
        "test_nothing_follows_once_sqlite_has_taken_a_transaction_back",
        "test_roots_and_proofs_at_the_edges_are_those_of_the_plain_list",
        "test_the_hashes_of_complete_runs_are_kept",
    )
)

TARGETS: Final = {
    target.name: target
    for target in (
        Target(
            "tlog",
            modules=_modules("tlog", "canonical", "checkpoint", "cosignature", "merkle", "receipt"),
            tests=("tests/tlog",),
            slow=(
                "tests/tlog/test_standalone.py",
                f"{_MERKLE}::test_every_two_trees_have_the_textbook_proof_and_it_checks",
                f"{_MERKLE}::test_every_leaf_of_every_tree_has_the_textbook_proof_and_it_checks",
            ),
        ),
        Target(
            "ledger",
            modules=_modules(
                "ledger", "clock", "codes", "entries", "journal", "resolution", "statements", "store", "transfers"
            ),
            tests=("tests/ledger",),
            slow=(
                "tests/ledger/test_statements.py::test_the_longest_entry_that_a_leaf_can_hold_stands_on_a_statement_whole",
            ),
            wider=(_CONTRACT,),
        ),
        Target(
            "storage-memory",
            modules=_modules("storage", "memory", "sqlite_known"),
            tests=(_CONTRACT, "tests/storage/test_known.py"),
            slow=_LARGE,
        ),
        Target(
            "storage-read",
            modules=_modules("storage", "sqlite_reader", "sqlite_totals"),
            tests=(_CONTRACT, "tests/storage/test_known.py"),
            slow=_LARGE,
        ),
        Target(
            "storage-keys",
            modules=_modules("storage", "keys", "system_files"),
            tests=("tests/storage/test_keys.py",),
        ),
        Target(
            "lots",
            modules=_modules("programme", "awards", "corrections", "debts", "lots"),
            tests=(*_tests("awards", "debts", "lots", "damage"), *_COMMANDS),
            wider=(*_tests("claims", "deductions"), "tests/test_programme_rules.py"),
        ),
        Target(
            "expiry",
            modules=_modules("programme", "expiry", "flows"),
            tests=(*_tests("expiry", "damage"), *_COMMANDS),
            slow=(
                "tests/programme/test_expiry.py::test_what_is_due_is_what_the_lots_say_after_every_history",
                "tests/programme/test_expiry.py::test_after_a_sweep_nothing_is_due_and_the_ages_are_those_of_the_lots",
            ),
            wider=(*_tests("awards", "counter", "settlements"), "tests/test_programme_rules.py"),
        ),
        Target(
            "limits",
            modules=_modules("programme", "caps", "handed", "limits"),
            tests=(*_tests("caps", "limits"), *_COMMANDS),
            slow=(
                "tests/programme/test_caps.py::test_caps_agree_with_a_naive_model_on_random_histories",
                "tests/programme/test_caps.py::test_times_agree_with_a_set_of_minutes",
            ),
            wider=_tests("counter", "reservations"),
        ),
        Target(
            "moves",
            modules=_modules("programme", "moves", "placements"),
            tests=(*_tests("organisations", "members", "shops"), *_COMMANDS),
            wider=(*_tests("awards", "teams"), "tests/test_programme_rules.py"),
        ),
    )
}
