"""Names and phones out of a table: all rows or none, an error for each wrong one, the same twice."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import fewer
from tests.residents.yard import BY, ZHANG, ledger
from timebank.errors import ColumnsMissing, ColumnTwice, TableUnreadable, TimebankError
from timebank.importing.names import read_names
from timebank.residents.desk import People

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from timebank.bank import Bank

HEAD = "卡号,姓名,手机,身份证号,同意公示,亮星榜"


@pytest.fixture
def made(tmp_path: Path) -> Iterator[tuple[Bank, People, list[str], Path]]:
    bank, members = ledger(tmp_path / "a.timebank")
    with bank, People.create(bank) as people:
        yield bank, people, members, tmp_path / "names.csv"


def read(made: tuple[Bank, People, list[str], Path], text: str, *, encoding: str = "utf-8", **named: Any) -> Any:
    bank, people, _, path = made
    path.write_bytes(text.encode(encoding))
    return read_names(bank, people, path, **{**BY, **named})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_is_read_whatever_program_wrote_it(made: Any, encoding: str) -> None:
    _, people, (zhang, li, _), _ = made
    text = f"云谷社区居民名册\n{HEAD},备注\n0001,张小三,138 0000 1234,{ZHANG},是,否\n0002,李\u3000四,,,√,√\n"
    done = read(made, text, encoding=encoding)
    assert (done.rows, done.kept, done.errors, done.ignored_columns) == (2, True, (), ("备注",))
    assert (people.get(zhang).phone, people.get(zhang).id_end, people.get(li).phone) == (
        "13800001234",
        "002X",
        None,
    )
    assert people.names("bulletin") == {zhang: "张小三", li: "李四"}
    assert people.names("stars") == {li: "李四"}


def test_the_same_file_twice_changes_nothing_but_the_day(made: Any) -> None:
    _, people, (zhang, *_), _ = made
    text = f"{HEAD}\n0001,张小三,13800001234,{ZHANG},是,否\n"
    read(made, text)
    before = people.everything(zhang)
    assert read(made, text).kept
    assert people.everything(zhang) == before


def test_an_empty_cell_leaves_what_is_kept(made: Any) -> None:
    _, people, (zhang, *_), _ = made
    read(made, f"{HEAD}\n0001,张小三,13800001234,{ZHANG},是,\n")
    read(made, f"{HEAD}\n0001,张三,,,,\n")
    kept = people.get(zhang)
    assert (kept.name, kept.phone, kept.id_end) == ("张三", "13800001234", "002X")
    assert people.purposes(zhang) == ("bulletin",)


@pytest.mark.parametrize(
    ("row", "column", "value", "code"),
    [
        ("0009,王五,,,,", "卡号", "0009", "unknown-card"),
        (",王五,,,,", "卡号", "", "cell-wrong"),
        ("0002,,,,,", "姓名", "", "cell-wrong"),
        ("0002,王五,12,,,", "手机", "12", "bad-code"),
        ("0002,王五,,110105194912310021,,", "身份证号", "", "bad-id-number"),
        (f"0002,王五,,{ZHANG},,", "", "", "same-person"),
        ("0002,王五,,,也许,", "同意公示", "也许", "cell-wrong"),
    ],
)
def test_one_wrong_row_keeps_none_and_says_where(made: Any, row: str, column: str, value: str, code: str) -> None:
    _, people, (zhang, *_), _ = made
    done = read(made, f"{HEAD}\n0001,张小三,,{ZHANG},是,\n{row}\n")
    assert not done.kept
    assert [(each.row, each.column, each.value, each.error.code) for each in done.errors] == [
        (3, column, value, code)
    ]
    assert not people.keeps(zhang)


def test_an_error_does_not_repeat_a_number_of_a_document(made: Any) -> None:
    done = read(made, f"{HEAD}\n0002,王五,,110105194912310021,,\n")
    assert "110105194912310021" not in repr(done)


def test_a_trial_keeps_nothing_and_says_the_same(made: Any) -> None:
    _, people, (zhang, *_), _ = made
    done = read(made, f"{HEAD}\n0001,张小三,,,,\n", dry_run=True)
    assert (done.rows, done.kept, done.errors) == (1, False, ())
    assert not people.keeps(zhang)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", TableUnreadable),
        ("姓名,手机\n张三,1\n", ColumnsMissing),
        ("卡号,手机\n0001,1\n", ColumnsMissing),
        ("卡号,姓名,name\n0001,张三,张三\n", ColumnTwice),
    ],
)
def test_what_is_no_table_of_names_is_refused(made: Any, text: str, error: type[TimebankError]) -> None:
    with pytest.raises(error):
        read(made, text)


@fewer(2)
@given(data=st.data())
def test_any_bytes_are_read_or_refused_with_one_of_our_errors(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    rows = data.draw(st.lists(st.text(max_size=30), max_size=4))
    raw = data.draw(st.binary(max_size=60) | st.just("\n".join([HEAD, *rows]).encode("utf-8", "surrogatepass")))
    folder = tmp_path_factory.mktemp("bytes")
    (folder / "names.csv").write_bytes(raw)
    bank, _ = ledger(folder / "a.timebank", 1)
    with bank, People.create(bank) as people, suppress(TimebankError):
        assert read_names(bank, people, folder / "names.csv", **BY).rows >= 0
