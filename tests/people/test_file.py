"""The people file itself: what it refuses to be, and what is left after somebody is taken out."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timebank.errors import (
    CannotOpen,
    FileDamaged,
    FileExists,
    FileLocked,
    FileTooNew,
    NotAPeopleFile,
    PeopleMissing,
    PepperMissing,
    SamePerson,
    TimebankError,
    UnknownPerson,
)
from timebank.people import file as people_file
from timebank.people.file import PeopleFile, people_path
from timebank.people.pepper import make_pepper, pepper_path, read_pepper
from timebank.people.records import Consent, Person

ORIGIN = "yungu.example/timebank"
KEEPING = "CREATE TRIGGER keeping BEFORE DELETE ON person BEGIN INSERT INTO kept VALUES (old.name); END"


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "a.timebank"
    PeopleFile.create(path, ORIGIN)
    return path


def person(member: str, name: str = "张小三", **facts: object) -> Person:
    usual = {"phone": None, "id_mark": None, "id_end": None, "day": "2026-03-01", "by": "reg", "known_at": 5}
    return Person(member, name, **{**usual, **facts})  # type: ignore[arg-type]


def test_both_files_are_for_their_owner_only_and_nothing_else_is_made(ledger: Path) -> None:
    made = sorted(each.name for each in ledger.parent.iterdir())
    assert made == ["a.timebank.people", "a.timebank.pepper"]
    for path in (people_path(ledger), pepper_path(ledger)):
        assert os.name != "posix" or stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_is_made_once_and_an_older_pepper_is_used_on(ledger: Path) -> None:
    before = read_pepper(ledger)
    with pytest.raises(FileExists):
        PeopleFile.create(ledger, ORIGIN)
    people_path(ledger).unlink()
    PeopleFile.create(ledger, ORIGIN)
    assert read_pepper(ledger) == before
    assert len(before) == 32


@pytest.mark.parametrize("text", ["", "zz", "00" * 31, "00" * 33, "密"])
def test_a_pepper_that_is_none_is_missing(ledger: Path, text: str) -> None:
    pepper_path(ledger).write_text(text, encoding="utf-8")
    with pytest.raises(PepperMissing):
        read_pepper(ledger)
    pepper_path(ledger).unlink()
    with pytest.raises(PepperMissing):
        read_pepper(ledger)
    make_pepper(ledger)
    assert len(read_pepper(ledger)) == 32


def edited(path: Path, *queries: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for query in queries:
            connection.execute(query)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda path: path.unlink(), PeopleMissing),
        (lambda path: (path.unlink(), path.mkdir()), NotAPeopleFile),
        (lambda path: path.write_bytes(b""), NotAPeopleFile),
        (lambda path: path.write_bytes(b"names and phones\n" * 100), NotAPeopleFile),
        (lambda path: edited(path, "PRAGMA application_id = 7"), NotAPeopleFile),
        (lambda path: edited(path, "UPDATE book SET origin = 'other.example/bank'"), NotAPeopleFile),
        (lambda path: edited(path, "DELETE FROM book"), NotAPeopleFile),
        (lambda path: edited(path, "PRAGMA user_version = 2"), FileTooNew),
        (lambda path: edited(path, "DROP TABLE book"), FileDamaged),
        (lambda path: edited(path, "CREATE TABLE kept (name)", KEEPING), FileDamaged),
        (lambda path: edited(path, "DROP TABLE memo", "CREATE VIEW memo AS SELECT 1 AS hash"), FileDamaged),
        (lambda path: path.write_bytes(path.read_bytes()[:5000]), FileDamaged),
    ],
)
def test_what_is_no_people_file_of_this_ledger_is_refused(ledger: Path, change: object, error: type) -> None:
    change(people_path(ledger))  # type: ignore[operator]
    with pytest.raises(error):
        PeopleFile.open(ledger, ORIGIN).search("张")


def test_a_place_that_cannot_be_written_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(CannotOpen):
        PeopleFile.create(tmp_path / "nowhere" / "a.timebank", ORIGIN)
    assert list(tmp_path.iterdir()) == []


def test_a_second_writer_is_told_that_the_file_is_busy(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people_file, "_BUSY_SECONDS", 0.0)
    with closing(PeopleFile.open(ledger, ORIGIN)) as one, closing(PeopleFile.open(ledger, ORIGIN)) as two:
        with one.writing(), pytest.raises(FileLocked):
            two.put(person("A"))
        two.put(person("A"))
        assert one.get("A").name == "张小三"


def test_what_breaks_off_keeps_nothing(ledger: Path) -> None:
    with closing(PeopleFile.open(ledger, ORIGIN)) as file:
        with pytest.raises(UnknownPerson), file.writing():
            file.put(person("A"))
            file.agree(Consent("B", "bulletin", True, "2026-03-01", "reg"))
        assert file.find("A") is None


def test_one_document_belongs_to_one_member(ledger: Path) -> None:
    facts = {"id_mark": b"m" * 32, "id_end": "002X"}
    with closing(PeopleFile.open(ledger, ORIGIN)) as file:
        file.put(person("A", **facts))
        file.put(person("A", "张三", **facts))  # the same member again
        with pytest.raises(SamePerson) as caught:
            file.put(person("B", **facts))
        assert (caught.value.member, caught.value.other) == ("B", "A")
        assert file.find("B") is None
        found = file.by_mark(b"m" * 32)
        assert found is not None
        assert found.member == "A"
        assert file.by_mark(b"n" * 32) is None


def test_the_schema_itself_refuses_a_second_owner_of_a_document(ledger: Path) -> None:
    with closing(PeopleFile.open(ledger, ORIGIN)) as file:
        file.put(person("A", id_mark=b"m" * 32, id_end="002X"))
    row = "'张', NULL, X'" + (b"m" * 32).hex() + "', '002X', '2026-03-01', 'reg', 1)"
    with pytest.raises(sqlite3.IntegrityError):
        edited(people_path(ledger), f"INSERT INTO person VALUES ('B', {row}")


TEXTS = st.text("张王李买提·abc 甲乙丙丁戊己", min_size=4, max_size=12)


@given(data=st.data())
def test_whoever_is_erased_is_in_no_byte_of_any_file(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    ledger = tmp_path_factory.mktemp("erased") / "a.timebank"
    PeopleFile.create(ledger, ORIGIN)
    count = data.draw(st.integers(2, 40))
    out = data.draw(st.sets(st.integers(0, count - 1), min_size=1, max_size=5))
    filling = data.draw(st.integers(1, 40))
    with closing(PeopleFile.open(ledger, ORIGIN)) as file:
        for number in range(count):
            file.put(person(f"M{number}", f"name-{number:03}#" * filling if filling < 8 else f"name-{number:03}#",
                            phone=f"139{number:08}"))  # fmt: skip
            file.agree(Consent(f"M{number}", "bulletin", True, "2026-03-01", "reg"))
            file.add_memo(f"M{number}", f"memo-{number:03}#" * filling, day="2026-03-01", by="reg")
        salts = {number: file.memos(f"M{number}")[0].salt for number in range(count)}
        file.erase([(f"M{number}", 9) for number in out])
        on_disk = b"".join(each.read_bytes() for each in ledger.parent.iterdir())
        for number in range(count):
            marks = [
                f"name-{number:03}#".encode(),
                f"memo-{number:03}#".encode(),
                f"139{number:08}".encode(),
                salts[number],
            ]
            for text in marks:
                assert (text in on_disk) is (number not in out), (number, text)
        assert {name.member for name in file.search("name")} == {f"M{number}" for number in range(count)} - {
            f"M{number}" for number in out
        }
        assert set(file.names("bulletin")) == {f"M{number}" for number in range(count) if number not in out}


def test_without_secure_deletion_and_the_sweep_the_bytes_stay(ledger: Path) -> None:
    """What the test above looks for is found where a row is deleted as SQLite does by itself."""
    with closing(PeopleFile.open(ledger, ORIGIN)) as file:
        file.put(person("A", "欧阳娜娜"))
    edited(people_path(ledger), "PRAGMA secure_delete = OFF", "DELETE FROM person")
    assert "欧阳娜娜".encode() in people_path(ledger).read_bytes()


def test_an_erasure_that_broke_off_before_the_sweep_is_finished_at_the_next_opening(
    ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(PeopleFile.open(ledger, ORIGIN)) as file:
        file.put(person("A", "欧阳娜娜"))
        monkeypatch.setattr(PeopleFile, "_sweep", lambda _: None)
        file.erase([("A", 5)])
        monkeypatch.undo()
    with closing(sqlite3.connect(people_path(ledger))) as connection:
        assert connection.execute("SELECT seq FROM sweep").fetchall() == [(5,)]
    with closing(PeopleFile.open(ledger, ORIGIN)) as file:
        assert file.settle([("A", 5)], 6) == ()
    with closing(sqlite3.connect(people_path(ledger))) as connection:
        assert connection.execute("SELECT count(*) FROM sweep").fetchone() == (0,)


@given(known_at=st.integers(0, 20), seq=st.integers(0, 20), size=st.integers(1, 21))
def test_who_was_written_again_after_the_erasure_stays(
    tmp_path_factory: pytest.TempPathFactory, known_at: int, seq: int, size: int
) -> None:
    ledger = tmp_path_factory.mktemp("again") / "a.timebank"
    PeopleFile.create(ledger, ORIGIN)
    with closing(PeopleFile.open(ledger, ORIGIN)) as file:
        file.put(person("A", known_at=known_at))
        file.settle([("A", seq)] if seq < size else [], size)
        due = seq < size and min(known_at, size) <= seq
        assert (file.find("A") is None) is due


@given(text=st.text(max_size=6), names=st.lists(TEXTS, max_size=5))
def test_a_search_finds_exactly_who_has_the_letters(
    tmp_path_factory: pytest.TempPathFactory, text: str, names: list[str]
) -> None:
    ledger = tmp_path_factory.mktemp("search") / "a.timebank"
    PeopleFile.create(ledger, ORIGIN)
    folded = "".join(each for each in text.casefold() if each in "张王李买提abc甲乙丙丁戊己")
    with closing(PeopleFile.open(ledger, ORIGIN)) as file:
        for number, name in enumerate(names):
            file.put(person(f"M{number}", name))
        found = {each.member for each in file.search(folded)}
        letters = ["".join(each for each in name if each not in "· ") for name in names]
        assert found == {f"M{n}" for n, name in enumerate(letters) if folded and folded in name}


def test_a_phone_is_found_by_three_digits_and_not_by_two(ledger: Path) -> None:
    with closing(PeopleFile.open(ledger, ORIGIN)) as file:
        file.put(person("A", phone="13800001234"))
        file.put(person("B", "李四"))
        assert [each.member for each in file.search("123")] == ["A"]
        assert file.search("12") == ()
        assert file.search("") == ()


def test_errors_of_the_disk_are_ours(ledger: Path) -> None:
    with closing(PeopleFile.open(ledger, ORIGIN)) as file:
        file.put(person("A"))
    data = bytearray(people_path(ledger).read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    people_path(ledger).write_bytes(data)
    with pytest.raises(TimebankError):
        PeopleFile.open(ledger, ORIGIN).search("张")
