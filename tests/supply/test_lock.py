"""The lock covers what pyproject.toml asks for, and pins and hashes all of it."""

from __future__ import annotations

import re

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.supply.locked import LOCK, MACHINES, PYTHONS, RENEW, named, pins

TEXT = LOCK.read_text(encoding="utf-8")
ASKED = [
    pytest.param(wanted, id=f"{extra or 'core'}: {wanted}")
    for extra, requirements in named().items()
    for wanted in requirements
]


def lacking(wanted: Requirement, text: str) -> list[str]:
    """Where a lock does not hold exactly one version of *wanted*, or one that does not fit."""
    found = []
    for python in PYTHONS:
        for machine in MACHINES:
            held = [
                pin.version
                for pin in pins(text)
                if pin.name == canonicalize_name(wanted.name) and pin.is_for(python, machine)
            ]
            if len(held) != 1 or not wanted.specifier.contains(held[0]):
                found.append(f"Python {python}, {machine}: {held}")
    return found


def careless(text: str) -> list[str]:
    """The lines of a lock that name no single version, no hash, or a hash of another kind."""
    return [
        str(pin.requirement)
        for pin in pins(text)
        if not pin.version
        or not pin.hashes
        or not all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in pin.hashes)
    ]


@pytest.mark.parametrize("wanted", ASKED)
def test_what_the_project_asks_for_is_locked_on_every_python_and_machine(wanted: Requirement) -> None:
    assert lacking(wanted, TEXT) == [], f"run: {RENEW}"


def test_every_line_is_pinned_and_hashed() -> None:
    assert len(pins(TEXT)) > len(ASKED)
    assert careless(TEXT) == []


def test_the_lock_names_no_place_to_load_from_and_says_how_it_is_renewed() -> None:
    assert f"#    {RENEW}\n" in TEXT
    assert not re.search(r"://|^\s*-(?!-hash=)|@ ", TEXT, re.MULTILINE)


_TWO = (
    f"attrs==26.1.0 \\\n    --hash=sha256:{'0' * 64} \\\n    --hash=sha256:{'1' * 64}\n"
    "    # via\n    #   timebank\n"
    f"numpy==2.4.6 ; python_full_version < '3.12' \\\n    --hash=sha256:{'2' * 64}\n    # via contourpy\n"
)


def test_a_lock_is_read_with_its_markers_and_all_its_hashes() -> None:
    attrs, numpy = pins(_TWO)
    assert (attrs.name, attrs.version, len(attrs.hashes)) == ("attrs", "26.1.0", 2)
    assert (numpy.name, numpy.version, numpy.hashes) == ("numpy", "2.4.6", (f"sha256:{'2' * 64}",))
    assert [numpy.is_for(python, "x86_64") for python in ("3.11", "3.12")] == [True, False]


@pytest.mark.parametrize(
    ("wanted", "places"), [("attrs>=25", 0), ("attrs>=27", 8), ("msgspec", 8), ("numpy>=2", 6), ("Attrs", 0)]
)
def test_a_lock_that_lacks_something_is_found_out(wanted: str, places: int) -> None:
    assert len(lacking(Requirement(wanted), _TWO)) == places


@pytest.mark.parametrize(
    ("line", "put"),
    [
        ("attrs==26.1.0", "attrs>=26.1.0"),
        ("attrs==26.1.0", "attrs==26.*"),
        (f"sha256:{'1' * 64}", f"md5:{'1' * 32}"),
        (f" \\\n    --hash=sha256:{'2' * 64}", ""),
    ],
)
def test_a_line_without_one_version_or_its_hashes_is_found_out(line: str, put: str) -> None:
    assert len(careless(_TWO.replace(line, put))) == 1
