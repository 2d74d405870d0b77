"""The reference is complete: what is in the code is in it, and what is in it is in the code."""

from __future__ import annotations

import inspect
import json
import re
from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING, Any

import click
import pytest

import timebank
from tests.audit.everything import build_everything
from tests.docs.page import DOCS, PACKAGE, ROOT, Page, page, pages
from tests.docs.shell import commands, error_classes
from tests.docs.written import PARTS, with_part
from timebank.cli import main
from timebank.locale import sentences
from timebank.storage.sqlite_file import schema_files
from timebank.tlog.checkpoint import Verifier

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

with timebank.Bank.in_memory() as _bank:
    DESKS = [name for name, each in vars(_bank).items() if type(each).__module__.startswith("timebank.programme.")]


def rows(text: str) -> Iterator[list[str]]:
    """The cells of every line of every table, heads and rules left out."""
    for line in text.splitlines():
        if line.startswith("| ") and not line.startswith("|---"):
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


# --- links


@pytest.mark.parametrize("wanted", pages(), ids=lambda each: each.name)
def test_every_link_leads_somewhere(wanted: Page) -> None:
    for link in wanted.links():
        if re.match(r"[a-z]+://", link):
            continue
        name, _, anchor = link.partition("#")
        target = (wanted.path.parent / name).resolve() if name else wanted.path
        assert target.is_file(), link
        if anchor and target.suffix == ".md" and target.is_relative_to(DOCS):
            assert anchor in Page(target, target.read_text(encoding="utf-8")).anchors(), link


@pytest.mark.parametrize("wanted", pages(), ids=lambda each: each.name)
def test_every_file_of_the_project_that_is_named_is_there(wanted: Page) -> None:
    for name in re.findall(r"`((?:timebank|tests|docs)/[\w./]*)`", wanted.prose()):
        place = PACKAGE.parent if name.startswith("timebank/") else ROOT
        assert (place / name).exists(), name


def test_every_page_is_on_the_map() -> None:
    index = page("index.md")
    linked = {(index.path.parent / link).resolve() for link in index.links()}
    assert {each.path for each in pages() if each.path.is_relative_to(DOCS)} - linked == {index.path}


# --- errors and findings


@pytest.mark.parametrize("name", PARTS)
def test_what_is_written_from_the_code_is_up_to_date(name: str) -> None:
    text = page(name).text
    assert text == with_part(text, PARTS[name]()), "run: python -m tests.docs.written"


def test_every_error_has_its_section() -> None:
    sections = page("reference/errors.md").sections()
    assert {kind.code for kind in error_classes()} <= sections.keys()
    assert sentences("en")["error"].keys() - {"timebank-error"} == {kind.code for kind in error_classes()}


def test_every_finding_has_its_row_with_both_sentences() -> None:
    found = {row[0].strip("`"): row for row in rows(page("reference/findings.md").text) if row[0] != "code"}
    assert found.keys() == sentences("en")["finding"].keys()
    for code, (_, english, chinese, means) in found.items():
        assert (english, chinese) == tuple(sentences(each)["finding"][code] for each in ("en", "zh_CN"))
        assert means.endswith("."), code


def test_findings_made_by_the_verifier_are_those_that_are_listed() -> None:
    made = set()
    for path in PACKAGE.rglob("*.py"):
        if path.parent.name in ("audit", "storage"):
            made |= set(re.findall(r'(?:\.add\(|yield )\s*"([a-z-]+)"', path.read_text(encoding="utf-8")))
    assert made - sentences("en")["finding"].keys() == set()


# --- the command line


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for name, each in command.commands.items():
            yield from leaves(each, (*path, name))
    else:
        yield " ".join(path), command


def test_every_command_has_a_section_that_names_its_options_and_shows_it_at_work() -> None:
    text = page("reference/cli.md")
    sections = {name: part for name, part in text.sections().items() if f"`timebank {name} " in part}
    known = dict(leaves(main))
    assert sections.keys() == known.keys()
    for name, command in known.items():
        usage = re.search(r"^`(timebank [^`]+)`$", sections[name], re.MULTILINE)
        assert usage, name
        for param in command.params:
            word = (
                param.opts[0]
                if isinstance(param, click.Option)
                else str(param.make_metavar(click.Context(command)))
            )
            if word != "--lang":
                assert re.search(rf"{re.escape(word)}\b" if word[-1].isalnum() else re.escape(word), usage[1]), (
                    name,
                    word,
                )
        shown = re.search(r"^```console\n(.*?)^```", sections[name], re.MULTILINE | re.DOTALL)
        assert shown, name
        typed = [line for line, _ in commands(shown[1])]
        assert any(line.startswith(f"timebank {name} ") for line in typed), name


def test_usage_names_no_option_that_is_gone() -> None:
    for name, command in leaves(main):
        usage = re.search(rf"^`timebank {name} [^`]+`$", page("reference/cli.md").text, re.MULTILINE)
        assert usage
        options = {option for param in command.params for option in param.opts}
        assert set(re.findall(r"--[a-z-]+", usage[0])) <= options, name


# --- the library


def test_every_public_name_has_a_line() -> None:
    named = {row[0] for row in rows(page("reference/python.md").text)}
    assert {f"`timebank.{name}`" for name in timebank.__all__} <= named
    for name in named:
        if found := re.fullmatch(r"`timebank\.(\w+)`", name):
            assert found[1] in timebank.__all__, name


def public(owner: Any) -> set[str]:
    return {name for name in dir(owner) if not name.startswith("_")}


def parameters(signature: str) -> list[str]:
    """Names and defaults in a signature as a page writes it, stars and annotations left out."""
    return [part for part in re.sub(r"\s", "", signature).split(",") if part not in ("", "*")]


def written_signature(method: Any) -> list[str]:
    found = []
    for name, parameter in inspect.signature(method).parameters.items():
        if name != "self":
            default = parameter.default
            shown = "" if default is parameter.empty else "=" + repr(default).replace("'", '"')
            found.append(name + shown)
    return found


@pytest.mark.parametrize("desk", DESKS)
def test_every_command_and_question_of_a_desk_is_listed_as_it_is_called(desk: str) -> None:
    with timebank.Bank.in_memory() as bank:
        owner = getattr(bank, desk)
    listed = dict(
        re.findall(
            r"`(\w+)\(([^`]*)\)`", "\n".join(r[0] for r in rows(page("reference/python.md").sections()[desk]))
        )
    )
    assert listed.keys() == public(owner)
    for name, signature in listed.items():
        assert parameters(signature) == written_signature(getattr(owner, name)), name


def test_every_attribute_of_a_bank_is_listed() -> None:
    listed = set(re.findall(r"`Bank\.(\w+)", page("reference/python.md").text))
    with timebank.Bank.in_memory() as bank:
        assert listed == public(bank)


# --- the format


def test_the_shipped_rulebook_is_the_one_shown() -> None:
    part = page("reference/rulebook.md").sections()["The shipped one: `village-points`"]
    shown = [(row[0].strip("`"), row[1], row[2], int(row[3])) for row in rows(part) if row[0] != "service"]
    book = timebank.parse_rulebook(timebank.shipped_rulebook())
    assert shown == [(row.id, row.zh, row.per, row.points) for row in book.services]


def small_programme(bank: timebank.Bank) -> None:
    """What the programme of `everything` has no entries of, and the least of what it has."""
    both = {"by": "clerk-3", "approved_by": "admin", "day": date(2026, 2, 8)}
    bank.organisations.add("yungu", name="云谷社区", level="community", by="admin")
    bank.organisations.add("east", name="云谷东区", level="grid", parent="yungu", by="admin")
    bank.organisations.appoint("clerk-3", org="yungu", role="clerk", by="admin")
    bank.organisations.appoint("committee-1", org="yungu", role="supervisor", by="admin")
    bank.keys.replace(Verifier(bank.origin, bytes(32)).vkey, by="admin", approved_by="committee-1")
    bank.rulebooks.adopt(timebank.shipped_rulebook(), from_day=date(2026, 1, 1), by="admin")
    wang = bank.members.enrol(org="yungu", card="0001", by="admin")
    bank.members.enrol(org="yungu", by="admin")
    bank.cards.issue(wang, card="0002", by="admin")
    bank.cards.block("0001", by="admin")
    bank.cards.replace("0001", new="0003", by="admin")
    award = bank.services.record(wang, "elder-visit", minutes=120, **both)
    bank.services.record(wang, "mediation", occasions=1, **both)
    bank.services.record(wang, "mediation", occasions=1, minutes=30, **both)
    shop = bank.shops.open("yungu-shop", org="yungu", name="云谷积分超市", by="admin")
    bank.goods.add("soap", name="肥皂", name_en="Soap", by="admin")
    bank.shops.set_price(shop, "soap", points=3, from_day=date(2026, 2, 1), by="admin")
    bank.shops.receive(shop, {"soap": 40}, donor="huicai", **both)
    bank.shops.receive(shop, {"soap": 40}, bought_by="yungu", **both)
    bank.shops.redeem(shop, card="0003", goods={"soap": 1}, day=date(2026, 2, 8), by="clerk-3", key="till-1")
    bank.reverse(award.seq, **both)
    bank.rulebooks.adopt(timebank.shipped_rulebook("community-time-bank"), from_day=date(2026, 3, 1), by="admin")
    zhao = bank.members.enrol(org="yungu", by="admin")
    day = date(2026, 3, 2)
    bank.claims.submit("housework", [wang], minutes=60, start="10:00", recipient=zhao, day=day, by="clerk-3")


def test_kinds_have_the_body_that_is_written_down(tmp_path: Path) -> None:
    bodies: dict[str, list[set[str]]] = defaultdict(list)
    beside: dict[str, set[str]] = defaultdict(set)
    members: set[str] = set()
    build_everything(tmp_path / "everything.timebank")
    with timebank.open(tmp_path / "everything.timebank") as everything, timebank.Bank.in_memory() as small:
        small_programme(small)
        for bank in (everything, small):
            for entry in bank.journal.entries():
                bodies[entry.kind].append(set(entry.body) - {"request"})
                with bank.journal.reading() as books:
                    found = json.loads(books.leaf(entry.seq)).keys()
                members |= found
                beside[entry.kind] |= found & {"ok", "ref"}
    written: dict[str, list[dict[str, str]]] = defaultdict(list)
    written_beside: dict[str, set[str]] = defaultdict(set)
    for row in rows(page("reference/format.md").sections()["Kinds"]):
        if row[0] != "kind":
            kind = row[0].strip("`")
            written[kind].append(dict(re.findall(r"`(\w+)`(\??)", row[1])))
            written_beside[kind] |= set(re.findall(r"`(ok|ref)`", " ".join(row[2:])))
    assert written.keys() == bodies.keys()
    assert written_beside == beside
    for kind, forms in written.items():
        needed = set.intersection(*({key for key, mark in form.items() if not mark} for form in forms))
        assert set().union(*forms) == set.union(*bodies[kind]), kind
        assert needed == set.intersection(*bodies[kind]), kind
        for body in bodies[kind]:
            assert any({k for k, mark in form.items() if not mark} <= body <= form.keys() for form in forms), (
                kind,
                body,
            )
    assert set(sentences("en")["kind"]) - {"person"} == written.keys()
    listed = {
        row[0].strip("`") for row in rows(page("reference/format.md").sections()["An entry"]) if row[0] != "key"
    }
    assert members == listed


def test_every_table_of_the_schema_is_listed_where_it_belongs() -> None:
    listed: dict[str, list[str]] = {"journal": [], "projections": []}
    part = ""
    for line in page("reference/format.md").sections()["The file"].splitlines():
        part = {"**The journal**": "journal", "**Projections**": "projections"}.get(line.split(":")[0], part)
        if found := re.match(r"\| `(\w+)` \|", line):
            listed[part].append(found[1])
    for part, tables in listed.items():
        made = [
            table
            for _, name, script in schema_files()
            if name.split("_")[0] == part
            for table in re.findall(r"^CREATE TABLE (\w+)", script, re.MULTILINE)
        ]
        assert sorted(tables) == sorted(made)


# --- the invariants


def test_every_invariant_names_tests_findings_triggers_and_codes_that_are_there() -> None:
    text = page("reference/invariants.md").text
    for name, case in re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", text):
        assert (ROOT / name).is_file(), name
        assert not case or f"def {case}(" in (ROOT / name).read_text(encoding="utf-8"), f"{name}::{case}"
    codes = sentences("en")["finding"].keys() | sentences("en")["error"].keys()
    assert set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", text)) <= codes
    schema = "\n".join(script for _, _, script in schema_files())
    for row in rows(text):
        if len(row) == 6 and row[0] != "invariant":
            for name in re.findall(r"`(\w+)`", row[3]):
                assert re.search(rf"\b{name}\b", schema), name
            assert re.search(r"`tests/", row[4]), row[0]


def test_every_threat_names_tests_that_are_there() -> None:
    section = page("explanation/what-is-promised-and-what-is-not.md").sections()
    table = [row for row in rows(section["Who could do what, and what finds it"]) if row[0] != "somebody …"]
    assert [row[0] for row in table if "`tests/" not in row[2]] == ["writes down a service that was not done"]
    for row in table:
        for name, case in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row[2]):
            assert f"def {case}(" in (ROOT / name).read_text(encoding="utf-8"), f"{name}::{case}"


def test_every_finding_about_rules_stands_beside_an_invariant() -> None:
    beside = set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", page("reference/invariants.md").text))
    rules = page("reference/findings.md").sections()["The rules, replayed"]
    assert {row[0].strip("`") for row in rows(rules) if row[0] != "code"} <= beside
