"""docs/reference/dependencies.md lists what is locked, with the licences that the packages state."""

from __future__ import annotations

import re
from email.message import Message
from importlib.metadata import PackageNotFoundError, distribution

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.supply import licences
from tests.supply.licences import COPYLEFT, PAGE, PURPOSES, RENEW, RUNNING, licence_of, reached, table
from tests.supply.locked import LOCK, named, pins

LOCKED = tuple(pin for pin in pins(LOCK.read_text(encoding="utf-8")) if pin.is_for_linux())
LISTED = {
    cells[0]: licences.Package(cells[0], cells[1], cells[2], tuple(cells[3].split(", ")), cells[4])
    for line in PAGE.read_text(encoding="utf-8").partition("<!-- written")[2].splitlines()
    if line.startswith("| ") and "---" not in line
    for cells in [line.strip("| ").split(" | ")]
    if cells[0] != "package"
}


def test_every_package_that_is_locked_is_listed_in_its_version() -> None:
    locked = {pin.name: {other.version for other in LOCKED if other.name == pin.name} for pin in LOCKED}
    listed = {name: set(re.findall(r"(?:^|; )([\w.]+)", one.versions)) for name, one in LISTED.items()}
    assert listed == locked, f"run: {RENEW}"


def test_licences_are_those_that_the_installed_packages_state() -> None:
    """A package that is installed in another version than the locked one is passed over; .ci/run has them all."""
    looked_at = 0
    for name, one in LISTED.items():
        try:
            installed = distribution(name)
        except PackageNotFoundError:
            continue
        if installed.version == one.versions:
            assert one.licence == licence_of(installed.metadata), name
            looked_at += 1
    assert looked_at or distribution("attrs").version != LISTED["attrs"].versions


def test_nothing_that_a_programme_runs_states_a_copyleft_licence() -> None:
    copyleft = {name for name, one in LISTED.items() if COPYLEFT.search(one.licence)}
    running = {name for name, one in LISTED.items() if set(one.extras) & set(RUNNING)}
    assert {"beancount", "beanquery", "hypothesis"} <= copyleft
    assert {"attrs", "click", "cryptography", "numpy"} <= running
    assert copyleft & running == set()
    assert {LISTED[name].extras for name in ("beancount", "beanquery", "hypothesis")} == {("test",)}


def test_each_package_that_is_asked_for_says_what_for() -> None:
    asked = {canonicalize_name(each.name) for wanted in named().values() for each in wanted}
    assert asked == PURPOSES.keys()


def test_extras_are_those_of_the_project() -> None:
    extras = {extra or "core" for extra, wanted in named().items() if wanted}
    assert {extra for one in LISTED.values() for extra in one.extras} == extras
    for extra, wanted in named().items():
        for each in wanted:
            assert {extra or "core", "core"} & set(LISTED[canonicalize_name(each.name)].extras), each


def test_what_a_package_brings_is_followed_to_the_end() -> None:
    brought = reached([Requirement("pytest")])
    assert brought["pytest"] == set()
    assert "pytest" in brought["pluggy"]
    assert "attrs" not in brought


def stated(**fields: str) -> Message:
    message = Message()
    message["Name"] = "thing"
    for name, text in fields.items():
        message[name.replace("_", "-")] = text
    return message


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        ({"License_Expression": "mit or apache-2.0"}, "`MIT OR Apache-2.0`"),
        ({"License": "MPL-2.0", "Classifier": "License :: OSI Approved :: MIT License"}, "`MPL-2.0`"),
        (
            {"License": "Copyright\nall of it", "Classifier": "License :: OSI Approved :: BSD License"},
            "“BSD License”",
        ),
        ({"License": "Apache License, Version 2.0"}, "“Apache License, Version 2.0”"),
    ],
)
def test_a_licence_is_an_expression_or_the_packages_words(fields: dict[str, str], licence: str) -> None:
    assert licence_of(stated(**fields)) == licence


def test_a_package_without_a_licence_is_not_passed_over() -> None:
    with pytest.raises(LookupError, match="thing does not state a licence"):
        licence_of(stated())


def test_copyleft_is_told_in_the_table() -> None:
    free = licences.Package("a", "1", "`MIT`", ("core",), "x")
    bound = licences.Package("b", "2", "“GNU Lesser General Public License v3”", ("qr", "test"), "y")
    lines = table([free, bound]).splitlines()
    assert lines[2] == "| a | 1 | `MIT` | core | x |"
    assert lines[-1] == "- b, “GNU Lesser General Public License v3”: qr, test"
