"""The peers' acts, their check and their tables, with what is installed here: sqlite-utils in this interpreter."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from attrs import evolve

from tests.benchmarks.bench import TINY, Bench
from tests.benchmarks.marks import marks, write_between
from tests.benchmarks.peers import command, environments
from tests.benchmarks.peers.command import main
from tests.benchmarks.peers.environments import NotMeasured
from tests.benchmarks.peers.match import BULK, LEDGER_ALONE, WHATS, play
from tests.benchmarks.peers.page import Outcome, as_markdown, cell
from tests.benchmarks.peers.remote import Remote
from tests.benchmarks.peers.roster import BOOKS, PEERS
from tests.benchmarks.table import Machine
from tests.benchmarks.turns import Row
from tests.docs.page import DOCS

COMMAND = "python -m tests.benchmarks peers"
EXECUTE = evolve(PEERS["sqlite_utils_execute"], posts=4, bulk=6, reads=4)
HELPERS = evolve(PEERS["sqlite_utils_helpers"], posts=4, bulk=6, reads=4)
PLAYED = [peer for peer in PEERS.values() if not peer.absent]


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    return Bench(TINY, tmp_path_factory.mktemp("peers"))


def play_with(bench, peer, adapter, directory):
    return play(peer, bench, lambda plan: Remote(Path(sys.executable), adapter, plan, directory))


@pytest.mark.parametrize("peer", [EXECUTE, HELPERS], ids=lambda peer: peer.name)
def test_a_peer_does_the_acts_and_its_figures_stand_in_the_tables(bench, tmp_path, peer):
    figures = play_with(bench, peer, peer.adapter, tmp_path)
    assert figures.speed.keys() == set(WHATS)
    assert figures.ours_against.keys() == {*WHATS, LEDGER_ALONE}
    assert all(min(row.values) > 0 for row in figures.speed.values())
    ours, theirs = figures.ours[BULK].figure, figures.speed[BULK].figure
    assert figures.ours_against[BULK].figure == pytest.approx(ours / theirs)
    outcome = Outcome(played={peer: figures}, checked={}, missing={PEERS["tigerbeetle"]: "no server"})
    text = as_markdown(Machine.this(), "the command", outcome)
    assert f"| {peer.title} | sqlite-utils " in text
    assert "| TigerBeetle | not measured: no server | 0.53 ×" in text
    assert text.count("| **timebank** |") == 2


def test_a_peer_that_does_less_has_no_figures(bench, tmp_path):
    lazy = tmp_path / "lazy.py"
    honest = EXECUTE.adapter.read_text(encoding="utf-8")
    lazy.write_text(honest.replace("            execute(_CREDIT, (amount, credit))\n", ""), encoding="utf-8")
    with pytest.raises(NotMeasured, match="it did other work: L:M:"):
        play_with(bench, EXECUTE, lazy, tmp_path)


def test_a_peer_that_falls_says_why(bench, tmp_path):
    broken = tmp_path / "broken.py"
    broken.write_text("import a_peer_that_is_not_installed\n", encoding="utf-8")
    with pytest.raises(NotMeasured, match="No module named 'a_peer_that_is_not_installed'"):
        play_with(bench, EXECUTE, broken, tmp_path)


def test_a_program_that_cannot_be_had_is_a_reason(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    environments.need_program("hledger", is_there=True)
    with pytest.raises(NotMeasured, match="needs Debian's hledger"):
        environments.need_program("hledger", is_there=False)


def test_the_command_writes_between_the_marks_of_its_page_and_nowhere_else(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(command, "PEERS", {"tigerbeetle": PEERS["tigerbeetle"]})
    monkeypatch.setattr(command, "BOOKS", {})
    start, end = marks(COMMAND)
    page = tmp_path / "page.md"
    page.write_text(f"# Before\n\n{start}\nold\n{end}\n\nAfter.\n", encoding="utf-8")
    for _ in range(2):
        assert main(["--directory", str(tmp_path), "--page", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# Before\n\n{start}\n\n")
    assert text.endswith(f"\n\n{end}\n\nAfter.\n")
    assert "old" not in text
    assert text.count("| TigerBeetle | not measured: PyPI and npm have its client alone") == 1
    assert "no server" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == [page]


def test_a_ratio_is_never_shown_as_nothing():
    assert cell(Row("", (0.00012, 0.5, 0.2))) == "0.20 × (0.0001 – 0.50)"


def test_a_page_without_the_marks_is_left_as_it_is(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("Nothing is to be written here.\n", encoding="utf-8")
    with pytest.raises(ValueError, match="has no place for this"):
        write_between(page, COMMAND, "text")
    assert page.read_text(encoding="utf-8") == "Nothing is to be written here.\n"


def test_nothing_is_measured_for_a_page_that_has_no_place_for_it_or_would_lose_others(tmp_path, capsys):
    page = tmp_path / "page.md"
    page.write_text("\n".join(marks(COMMAND)), encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["tigerbeetle", "--page", str(page)])
    with pytest.raises(ValueError, match="has no place for this"):
        main(["--page", str(tmp_path / "mistyped.md")])
    assert "the tables of all peers" in capsys.readouterr().err


def test_a_peer_that_is_not_there_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["oracle"])
    assert "no peer oracle" in capsys.readouterr().err


@pytest.mark.parametrize("peer", PLAYED, ids=lambda peer: peer.name)
def test_every_peer_is_pinned_and_has_an_adapter(peer):
    compile(peer.adapter.read_text(encoding="utf-8"), str(peer.adapter), "exec")
    assert peer.requirements
    assert all("==" in each for each in (*peer.requirements, *peer.alone))
    assert all(peer.keeps)
    assert peer.posts % 4 == peer.reads % 4 == 0 < peer.bulk
    assert {each.stem for each in peer.adapter.parent.glob("*.py")} == {each.name for each in PLAYED}
    assert BOOKS.keys() == {"hledger", "ledger", "beancount"}


def test_the_reference_has_a_place_for_the_tables():
    page = (DOCS / "reference" / "performance.md").read_text(encoding="utf-8")
    assert [page.count(mark) for mark in marks(COMMAND)] == [1, 1]
