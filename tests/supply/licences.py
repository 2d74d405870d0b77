"""The table of licences in docs/reference/dependencies.md, from the metadata of what is installed as locked."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, distribution
from typing import TYPE_CHECKING, Final

from attrs import frozen
from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.docs.page import DOCS
from tests.docs.written import with_part
from tests.supply.locked import LOCK, Pin, named, pins

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from email.message import Message

PAGE: Final = DOCS / "reference" / "dependencies.md"
RENEW: Final = "python -m tests.supply licences"
RUNNING: Final = ("core", "sign", "counter", "excel", "qr", "report")
"""What a programme may run; the other extras are for who works on timebank."""

COPYLEFT: Final = re.compile(r"GPL|General Public License|MPL|Mozilla|EUPL|CDDL|EPL|OSL|SSPL")
PURPOSES: Final = {
    "attrs": "values and their checks",
    "beancount": "reads exports in the tests",
    "beanquery": "reads exports in the tests",
    "build": "builds wheel and sdist",
    "coverage": "branches that tests reach",
    "cryptography": "Ed25519 signatures",
    "flit-core": "makes the wheel; needs no other package",
    "hypothesis": "tests of properties",
    "import-linter": "imports go down only",
    "matplotlib": "drawings in reports",
    "msgspec": "JSON in and out",
    "mutmut": "makes the code wrong, a line at a time",
    "mypy": "types",
    "openpyxl": "`.xlsx` in and out",
    "packaging": "reads the lock in the tests",
    "pyperf": "keeps the rounds of benchmarks",
    "pytest": "runs the tests",
    "pytest-xdist": "runs the tests on all cores",
    "rfc8785": "a second opinion on canonical JSON",
    "rich": "tables and progress at the counter",
    "ruff": "format and lints",
    "segno": "QR codes",
    "sqlite-utils": "opens the file, migrates it, writes the auditor's copy",
    "time-machine": "sets the clock in the tests",
    "twine": "checks wheel and sdist",
    "types-openpyxl": "types of openpyxl",
    "tzdata": "time zones where the system has none",
    "uv": "writes the lock, makes environments",
    "zxing-cpp": "reads QR codes in the tests",
}


ELSEWHERE: Final = {"pyyaml-ft": ("`MIT`", "mutation", "libcst")}
"""What one version of Python alone installs, so that others cannot read its metadata: licence, extra, who asks."""


@frozen
class Package:
    """A row of the table."""

    name: str
    versions: str
    licence: str
    extras: tuple[str, ...]
    purpose: str

    def row(self) -> str:
        cells = (self.name, self.versions, self.licence, ", ".join(self.extras), self.purpose)
        return f"| {' | '.join(cells)} |"


def licence_of(metadata: Message) -> str:
    """The licence as an SPDX expression where the package gives one, else in the package's words, in quotes."""
    field = (metadata.get("License") or "").strip()
    for given in (metadata.get("License-Expression"), field):
        try:
            return f"`{canonicalize_license_expression(given or '')}`"
        except InvalidLicenseExpression:
            continue
    classifiers = [
        each.split(" :: ")[-1] for each in metadata.get_all("Classifier") or () if each.startswith("License ::")
    ]
    words = "; ".join(classifiers) or field.split("\n")[0]
    if not words:
        raise LookupError(f"{metadata['Name']} does not state a licence")
    return f"“{words}”"


def needs(wanted: Requirement) -> Iterator[Requirement]:
    """What a requirement needs in its turn, on this interpreter, as its installed package says."""
    for line in distribution(wanted.name).requires or ():
        need = Requirement(line)
        if need.marker is None or any(need.marker.evaluate({"extra": each}) for each in ("", *wanted.extras)):
            yield need


def reached(wanted: Iterable[Requirement]) -> dict[str, set[str]]:
    """Every package that *wanted* brings, with those that ask for it; none ask for what is wanted itself."""
    asking: dict[str, set[str]] = {canonicalize_name(each.name): set() for each in wanted}
    todo = list(wanted)
    seen = set()
    while todo:
        one = todo.pop()
        if str(one) in seen:
            continue
        seen.add(str(one))
        for need in needs(one):
            asking.setdefault(canonicalize_name(need.name), set()).add(canonicalize_name(one.name))
            todo.append(need)
    return asking


def _versions(lines: Iterable[Pin]) -> str:
    """The version that is locked; where there are several, each with the interpreters that it is for."""
    held = tuple(lines)
    if len(held) == 1:
        return held[0].version
    return "; ".join(f"{pin.version} (`{pin.requirement.marker}`)" for pin in held)


def packages() -> tuple[Package, ...]:
    """All that is locked for Linux; what is locked and not installed here is an error."""
    lines: dict[str, list[Pin]] = {}
    for pin in pins(LOCK.read_text(encoding="utf-8")):
        if pin.is_for_linux():
            lines.setdefault(pin.name, []).append(pin)
    absent = [name for name in lines if name not in ELSEWHERE and not _installed(name)]
    if absent:
        raise LookupError(f"locked and not installed, install what is locked: {', '.join(absent)}")
    brought = {extra or "core": reached(wanted) for extra, wanted in named().items()}
    return tuple(_package(name, held, brought) for name, held in sorted(lines.items()))


def _installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def _package(name: str, lines: list[Pin], brought: dict[str, dict[str, set[str]]]) -> Package:
    if name in ELSEWHERE:
        licence, extra, asking_for = ELSEWHERE[name]
        return Package(name, _versions(lines), licence, (extra,), f"for {asking_for}")
    extras = tuple(extra for extra, asking in brought.items() if name in asking)
    extras = ("core",) if "core" in extras else extras
    asking = set().union(*(brought[extra][name] for extra in extras))
    purposes = [PURPOSES[name]] if name in PURPOSES else []
    purposes += [f"for {', '.join(sorted(asking))}"] if asking else []
    return Package(
        name=name,
        versions=_versions(lines),
        licence=licence_of(distribution(name).metadata),
        extras=extras,
        purpose="; ".join(purposes),
    )


def table(found: Iterable[Package]) -> str:
    """The rows as Markdown, and what is copyleft."""
    held = tuple(found)
    copyleft = [each for each in held if COPYLEFT.search(each.licence)]
    return "\n".join(
        (
            "| package | version | licence | extra | what for |",
            "| --- | --- | --- | --- | --- |",
            *(each.row() for each in held),
            "",
            f"Copyleft, weak or strong, of these {len(held)}:",
            "",
            *(f"- {each.name}, {each.licence}: {', '.join(each.extras)}" for each in copyleft),
        )
    )


def page(text: str) -> str:
    """The page with its table written again."""
    return with_part(text, table(packages()))
