"""Growth and writers: kept books stay as they are, figures say what was seen, the reference shows what is kept."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import matplotlib as mpl
import pytest
from attrs import evolve

import timebank
from tests.benchmarks import __main__, figures, growth, years
from tests.benchmarks.bench import TINY, Bench
from tests.benchmarks.figures import FOLDER, Figure, Kept, Line, Sheet, drawn, keep, kept_in
from tests.benchmarks.table import Machine
from tests.benchmarks.work import Award, Town
from tests.benchmarks.writers import seen_of
from tests.benchmarks.years import AFTER, FIRST, acts_of, kept_book
from timebank.programme.members import Members
from timebank.programme.periods import Periods

if TYPE_CHECKING:
    from pathlib import Path


def content(folder: Path) -> dict[str, str]:
    """The files below *folder*, and what is in them; what SQLite lays beside an open file is left out."""
    return {
        str(each.relative_to(folder)): sha256(each.read_bytes()).hexdigest()
        for each in folder.rglob("*")
        if each.is_file() and not each.name.endswith(("-shm", "-wal"))
    }


def test_growth_is_measured_from_books_that_stay_as_they_are(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(__main__, "FULL", TINY)
    for size in (300, 900):
        kept_book(size, members=size // 20, shops=TINY.shops, cache=years.cache_folder())
    before = content(tmp_path / "cache")
    command = ["growth", "--sizes", "900,300", "--rounds", "5", "--directory", str(tmp_path)]
    assert __main__.main([*command, "--figures", str(tmp_path / "figures")]) == 0
    said = capsys.readouterr()
    assert "durable award, " in said.out
    assert "building" not in said.err.partition("growth ...")[2]
    assert content(tmp_path / "cache") == before
    kept = kept_in("growth", tmp_path / "figures")
    assert kept.command == "python -m tests.benchmarks growth --sizes 300,900 --rounds 5 --figures"
    assert {each.places for each in kept.figures} == {(300, 900)}
    first, last = (int(cell.replace(",", "")) for cell in kept.rows[0][1:3])
    assert last - first == 900 - 300 + 2 * (45 - 15)
    assert all(min(values) > 0 for each in kept.figures for line in each.lines for values in line.values)
    shown = {f"{each.slug}.svg": drawn(each) for each in kept.figures}
    assert len(shown) == len(kept.figures) == len(kept.rows) - 3
    for name, text in shown.items():
        assert (tmp_path / "figures" / name).read_text() == text


@pytest.mark.parametrize(("most", "whole"), [(300, 1), (299, 0)])
def test_books_that_are_too_large_are_asked_and_not_read_whole(tmp_path, monkeypatch, most, whole):
    monkeypatch.setattr(growth, "_MEASURES", growth._MEASURES[1:2])
    monkeypatch.setattr(growth, "_whole", lambda what, path: (2.0, 8.0))
    bench = Bench(evolve(TINY, most_whole=most), tmp_path, tmp_path / "cache")
    rows = growth.growth(bench)
    sheet = bench.sheets["growth"]
    assert [row[1:3] for row in sheet.rows[4:]] == [("2.00 s", ""), ("8.00 MiB", "")] * 2 * whole
    assert [figure.places for figure in sheet.figures] == [(300, 900)] + [(300,)] * 4 * whole
    assert [row.figure for row in rows[1:]] == [1.0] * 4 * whole


def test_a_kept_book_is_the_work_on_its_days(tmp_path):
    town = kept_book(300, members=15, shops=2, cache=tmp_path)
    work = list(acts_of(300, members=15, shops=2))
    with timebank.open(town.path, readonly=True) as bank:
        after = [entry for entry in bank.journal.entries() if entry.at.date() >= FIRST]
        entries = [entry for entry in after if entry.kind != "period"]
        assert bank.periods.closed_through() == "2025-11"
        assert len(bank.periods.all()) == len(after) - len(entries) == 23
        assert bank.verify().is_clean
        assert [bank.members.by_card(card).id for card in town.cards] == list(town.members)
    assert [(entry.at.date(), entry.day) for entry in entries] == [(at, act.day) for at, act in work]
    late = [at - act.day for at, act in work if at != act.day]
    assert set(late) == {timedelta(2)}
    assert 10 < len(late) < 30
    assert {at.month for at, _ in work} == set(range(1, 13))
    assert max(at for at, _ in work) < AFTER
    assert sum(isinstance(act, Award) for _, act in work) > 150


@pytest.mark.parametrize("change", ["WORK", "schema"])
def test_a_book_of_other_work_or_another_schema_is_not_taken(tmp_path, monkeypatch, change):
    first = kept_book(20, members=4, shops=2, cache=tmp_path).path
    assert kept_book(20, members=4, shops=2, cache=tmp_path).path == first
    if change == "WORK":
        monkeypatch.setattr(years, "WORK", years.WORK + 1)
    else:
        monkeypatch.setattr(years, "schema_files", lambda: [(99, "later", "")])
    assert kept_book(20, members=4, shops=2, cache=tmp_path).path.parent != first.parent


def interrupted(monkeypatch, owner: type, name: str, after: int, cache: Path) -> None:
    """Begin the book of 300; what *owner* calls *name* fails when it was done *after* times."""
    done, act = [], getattr(owner, name)

    def failing(*args: object, **values: object) -> object:
        done.append(1)
        return act(*args, **values) if len(done) <= after else 1 / 0

    with monkeypatch.context() as patched:
        patched.setattr(owner, name, failing)
        with pytest.raises(ZeroDivisionError):
            kept_book(300, members=15, shops=2, cache=cache)
    assert [each.name.partition("-")[0] for each in cache.iterdir()] == ["unfinished"]


def told(path: Path) -> list[tuple[object, ...]]:
    """All that a book's entries say, but for what is drawn by chance."""
    with timebank.open(path, readonly=True) as bank:
        return [(each.kind, each.at, each.day, each.body, each.moves) for each in bank.journal.entries()][1:]


@pytest.mark.parametrize(
    ("owner", "name", "after", "left"),
    [
        (Members, "enrol", 7, 300),
        (Town, "do", 0, 300),
        (Town, "do", 99, 220),
        (Town, "do", 299, 20),
        (Periods, "close", 5, 260),
    ],
)
def test_a_book_that_was_not_finished_is_gone_on_with(tmp_path, monkeypatch, owner, name, after, left):
    monkeypatch.setattr(years, "_BATCH", 40)
    whole = kept_book(300, members=15, shops=2, cache=tmp_path / "whole")
    interrupted(monkeypatch, owner, name, after, tmp_path / "again")
    done, act = [], Town.do
    monkeypatch.setattr(Town, "do", lambda *args: done.append(args) or act(*args))
    town = kept_book(300, members=15, shops=2, cache=tmp_path / "again")
    assert len(done) == left
    assert told(town.path) == told(whole.path)
    assert [each.name for each in (tmp_path / "again").iterdir()] == [town.path.parent.name]


def test_a_book_is_built_by_one_process_while_another_waits(tmp_path, monkeypatch):
    first, seen = kept_book(20, members=4, shops=2, cache=tmp_path), []
    first.path.parent.rename(tmp_path / "built")
    lock = years.fcntl.flock

    def waited(handle: int, how: int) -> None:
        seen.append(how)
        (tmp_path / "built").rename(first.path.parent)  # the other is done
        lock(handle, how)

    monkeypatch.setattr(years.fcntl, "flock", waited)
    monkeypatch.setattr(years, "_build", lambda *_: 1 / 0)
    assert kept_book(20, members=4, shops=2, cache=tmp_path) == first
    assert seen == [years.fcntl.LOCK_EX]


# --- writers


def test_a_window_counts_what_was_answered_in_it_and_every_wait():
    answers = [[10.1, 10.2, 10.3, 10.4], [10.1, 12.5]]
    seen = seen_of(answers, start=10.0, seconds=1.0)
    assert seen.rate == 5
    assert seen.longest_ms == pytest.approx(2_400)
    assert seen.slowest == 0.25
    assert seen.fairness == pytest.approx(25 / (2 * 17))
    assert seen.p99_ms == seen.longest_ms


def test_fairness_is_one_where_all_have_as_many_and_a_share_where_one_has_all():
    assert seen_of([[1.0], [1.5]], start=0.0, seconds=2.0).fairness == 1
    alone = seen_of([[1.0], [3.0], [3.0], [3.0]], start=0.0, seconds=2.0)
    assert (alone.fairness, alone.slowest) == (0.25, 0)
    nobody = seen_of([[3.0], [3.0]], start=0.0, seconds=2.0)
    assert (nobody.rate, nobody.longest_ms, nobody.fairness) == (0, 3_000, 1)


# --- what is kept


FIGURE = Figure("a", "b <& c", "entries", (10, 1_000), "ms", (Line("x", ((1.0, 3.0, 2.0), (4.0, 5.0, 6.0))),))


def test_what_is_kept_is_read_again_as_it_was(tmp_path):
    kept = Kept.of(
        Machine.this(), "command", Sheet(("what", "goal"), (("a", ""),), (FIGURE, evolve(FIGURE, slug="d")))
    )
    keep("name", kept, tmp_path)
    assert kept_in("name", tmp_path) == kept
    assert figures.as_page(kept).count("](figures/") == 2


@pytest.mark.parametrize("wide", [False, True])
def test_a_drawing_is_the_same_each_time_and_says_what_it_shows(wide):
    figure = evolve(FIGURE, is_wide=wide, is_worst=wide)
    svg = drawn(figure)
    assert svg == drawn(figure)
    assert "b &lt;&amp; c, ms" in svg
    assert ">1 k<" in svg
    assert svg != drawn(evolve(figure, lines=(Line("x", ((1.0, 3.0, 2.0), (4.0, 5.0, 7.0))),)))


@pytest.mark.parametrize("name", ["growth", "writers"])
def test_the_drawings_of_the_reference_are_made_from_what_is_kept(name):
    kept = kept_in(name)
    for figure in kept.figures:
        shown = (FOLDER / f"{figure.slug}.svg").read_text(encoding="utf-8")
        if kept.drawn_with == mpl.__version__:
            assert shown == drawn(figure)
        else:  # Another version may draw a line's ends differently; what it writes stays.
            assert texts(shown) == texts(drawn(figure))


def texts(svg: str) -> list[str]:
    return sorted(part.partition("<")[0] for part in svg.split(">") if part.partition("<")[0].strip())


def test_every_drawing_of_the_reference_is_one_of_what_is_kept():
    kept = [each.slug for path in FOLDER.glob("*.json") for each in kept_in(path.stem).figures]
    assert sorted(kept) == sorted(path.stem for path in FOLDER.glob("*.svg"))
