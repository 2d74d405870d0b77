"""Registers read in: whole or not at all, once however often, every wrong row named."""

from __future__ import annotations

import csv
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import Village, fewer
from timebank import errors
from timebank.importing.load import MOST_WRONG, Imported, import_file
from timebank.importing.registers import REGISTERS

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADS = ["序号", "卡号", "姓名", "服务项目", "服务日期", "服务时长(小时)"]
ROWS = [
    ["1", "0001", "王芳", "探访关爱", "2026-02-08", "2"],
    ["2", "0001", "王芳", "patrol", "2026/2/9", "1.5"],
    ["3", "0001", "王芳", "巡逻值守", "2026年2月9日", "1.5"],
]


def write(path: Path, rows: Sequence[Sequence[Any]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def load(village: Village, path: Path, register: str, **how: Any) -> Imported:
    return import_file(village.bank, path, register, by="admin", approved_by="supervisor-1", **how)


def leaves(village: Village) -> list[bytes]:
    with village.bank.journal.reading() as books:
        return [leaf for _, leaf in books.leaves()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_service_register_is_read_in_every_encoding_that_such_files_have(
    village: Village, tmp_path: Path, encoding: str
) -> None:
    done = load(village, write(tmp_path / "a.csv", [HEADS, *ROWS], encoding), "services")
    assert (done.rows, done.posted, done.repeated, done.errors, done.kept) == (3, 3, 0, (), True)
    assert done.ignored_columns == ("序号", "姓名")
    held = village.bank.members.balance(village.wang)
    assert (held.points - 50, held.minutes) == (6 + 4 + 4, 300)


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_other_delimiters_are_seen(village: Village, tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text("\n".join(delimiter.join(row) for row in [HEADS, *ROWS]), encoding="utf-8")
    assert load(village, path, "services").posted == 3


def test_a_workbook_with_a_title_above_its_heads_is_read(village: Village, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    page = book.active
    page.append(["云谷社区志愿服务登记表"])
    page.append([])
    page.append(HEADS)
    midnight = datetime(2026, 2, 8)  # noqa: DTZ001 - spreadsheets know no zones
    page.append([1, "0001", "王芳", "探访关爱", midnight, 2])
    page.append([2, "0001", "王芳", "巡逻值守", date(2026, 2, 9), 1.5])
    book.save(tmp_path / "a.xlsx")
    done = load(village, tmp_path / "a.xlsx", "services")
    assert (done.posted, done.errors) == (2, ())


def test_the_same_file_twice_changes_nothing(village: Village, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [HEADS, *ROWS])
    load(village, path, "services")
    before = leaves(village)
    done = load(village, path, "services")
    assert (done.posted, done.repeated) == (0, 3)
    assert leaves(village) == before


def test_two_equal_rows_are_two_services_and_a_longer_file_adds_only_what_is_new(
    village: Village, tmp_path: Path
) -> None:
    twice = [["9", *ROWS[0][1:]], ["10", *ROWS[0][1:]]]
    assert load(village, write(tmp_path / "a.csv", [HEADS, *twice]), "services").posted == 2
    done = load(village, write(tmp_path / "b.csv", [HEADS, ROWS[1], *twice]), "services")
    assert (done.posted, done.repeated) == (1, 2)


def test_another_operator_who_reads_the_same_file_posts_nothing_twice(village: Village, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [HEADS, *ROWS])
    load(village, path, "services")
    done = import_file(village.bank, path, "services", by="clerk-1", approved_by="admin")
    assert (done.posted, done.repeated, done.errors) == (0, 3, ())


WRONG = [
    (["9", "0009", "", "patrol", "2026-02-08", "1"], "卡号", "0009", "unknown-card"),
    (["9", "0001", "", "patrol", "2026-02-30", "1"], "服务日期", "2026-02-30", "cell-wrong"),
    (["9", "0001", "", "patrol", "2026-02-08", "1.234"], "服务时长(小时)", "1.234", "cell-wrong"),
    (["9", "0001", "", "patrol", "2026-03-02", "1"], "服务日期", "2026-03-02", "day-in-future"),
    (["9", "0001", "", "flying", "2026-02-08", "1"], "服务项目", "flying", "unknown-service"),
    (["9", "0001", "", "patrol", "", "1"], "服务日期", "", "cell-wrong"),
    (["9", "", "", "patrol", "2026-02-08", "1"], "卡号", "", "cell-wrong"),
    (["9", "0001", "", "honour", "2026-02-08", "1"], "服务项目", "honour", "measure-wrong"),
]


@pytest.mark.parametrize(("row", "column", "value", "code"), WRONG, ids=[code for *_, code in WRONG])
def test_a_wrong_row_is_named_and_nothing_is_kept(
    village: Village, tmp_path: Path, row: list[str], column: str, value: str, code: str
) -> None:
    before = leaves(village)
    done = load(village, write(tmp_path / "a.csv", [HEADS, ROWS[0], row, ROWS[1]]), "services")
    assert [(e.row, e.column, e.value, e.error.code) for e in done.errors] == [(3, column, value, code)]
    assert not done.kept
    assert leaves(village) == before


def test_wrong_rows_can_be_left_out(village: Village, tmp_path: Path) -> None:
    rows = [HEADS, ROWS[0], WRONG[0][0], ROWS[1]]
    done = load(village, write(tmp_path / "a.csv", rows), "services", keep_good_rows=True)
    assert (done.posted, len(done.errors), done.kept) == (2, 1, True)
    assert village.bank.members.balance(village.wang).minutes == 210


def test_a_trial_checks_everything_and_keeps_nothing(village: Village, tmp_path: Path) -> None:
    before = leaves(village)
    done = load(village, write(tmp_path / "a.csv", [HEADS, *ROWS]), "services", dry_run=True)
    assert (done.posted, done.kept) == (3, False)
    assert leaves(village) == before


@given(st.lists(st.sampled_from([*ROWS, *(row for row, *_ in WRONG)]), max_size=6))
@fewer(4)
def test_all_rows_are_kept_or_none(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    village = Village()
    before = leaves(village)
    path = write(tmp_path_factory.mktemp("in") / "a.csv", [HEADS, *rows])
    done = load(village, path, "services")
    good = sum(row in ROWS for row in rows)
    assert len({error.row for error in done.errors}) == len(rows) - good
    assert done.kept == (good == len(rows))
    assert len(leaves(village)) - len(before) == (good if done.kept else 0)
    again = load(village, path, "services", keep_good_rows=True)
    assert again.posted + again.repeated == good


def test_a_whole_programme_is_taken_over(village: Village, tmp_path: Path) -> None:
    """Members with cards, what they held on paper, goods, stock, prices, a lost card replaced."""
    tables: dict[str, list[list[str]]] = {
        "members": [
            ["姓名", "类型", "所属组织", "卡号"],
            ["李雷", "个人", "云谷社区", "2001"],
            ["李家", "户", "yungu", "2002"],
        ],
        "cards": [["新卡号", "原卡号"], ["2003", "2001"]],
        "balances": [["卡号", "积分余额", "服务时长(分钟)"], ["2003", "1,120", "90"], ["2002", "30", ""]],
        "goods": [["商品编号", "商品名称"], ["towel", "毛巾"]],
        "stock": [
            ["超市", "品名", "数量", "捐赠单位", "采购单位"],
            ["云谷超市", "毛巾", "20", "huicai", ""],
            ["yungu-shop", "towel", "5", "", "云谷社区"],
        ],
        "prices": [["超市", "商品", "兑换价", "生效日期"], ["云谷超市", "towel", "4", "2026-03-01"]],
    }  # fmt: skip
    for register, rows in tables.items():
        done = load(village, write(tmp_path / f"{register}.csv", rows), register)
        assert (done.posted, done.errors) == (len(rows) - 1, ()), register
    lilei = village.bank.members.by_card("2003")
    assert village.bank.members.balance(lilei).points == 1120
    assert village.bank.shops.stock("yungu-shop")["towel"] == 25
    village.bank.shops.redeem("yungu-shop", card="2003", goods={"towel": 2}, by="clerk-1")
    assert village.bank.members.balance(lilei).points == 1112
    for register in tables:
        done = load(village, tmp_path / f"{register}.csv", register)
        assert (done.posted, done.errors) == (0, ()), register


def test_every_register_says_what_it_lacks(village: Village, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [["颜色", "味道"], ["红", "甜"]])
    for register in REGISTERS:
        with pytest.raises(errors.ColumnsMissing) as caught:
            load(village, path, register)
        assert caught.value.missing
        assert caught.value.found == "颜色, 味道"


def test_two_columns_that_say_the_same_are_refused(village: Village, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [["卡号", "积分卡号", "服务项目", "日期"], *ROWS])
    with pytest.raises(errors.ColumnTwice):
        load(village, path, "services")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"\xff\xff\xff\x00", "no-text"),
        (b"a\x00b,c\n", "no-text"),
        (b"PK\x03\x04nothing", "no-workbook"),
        ('卡号,服务项目,日期\n"0001,a\n'.encode(), "not-csv"),
    ],
)
def test_what_is_no_table_is_refused(village: Village, tmp_path: Path, data: bytes, problem: str) -> None:
    (tmp_path / "a").write_bytes(data)
    with pytest.raises(errors.TableUnreadable) as caught:
        load(village, tmp_path / "a", "services")
    assert caught.value.problem == problem


@given(data=st.binary(max_size=300), is_workbook=st.booleans())
def test_no_bytes_at_all_make_anything_but_an_error_of_ours(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, is_workbook: bool
) -> None:
    path = tmp_path_factory.mktemp("in") / "a"
    path.write_bytes(b"PK\x03\x04" * is_workbook + data)
    village = _SHARED
    before = leaves(village)
    with pytest.raises(errors.InvalidInput):
        load(village, path, "services")
    assert leaves(village) == before


_SHARED = Village()


def test_an_unknown_register_and_a_missing_file_are_named(village: Village, tmp_path: Path) -> None:
    with pytest.raises(errors.UnknownRegister):
        load(village, tmp_path / "a.csv", "colours")
    with pytest.raises(errors.FileMissing):
        load(village, tmp_path / "a.csv", "services")
    with pytest.raises(errors.CannotOpen):
        load(village, tmp_path, "services")


def test_every_good_row_is_kept_however_many_are_wrong(village: Village, tmp_path: Path) -> None:
    wrong = ["1", "0999", "", "patrol", "2026-02-08", "1"]
    path = write(tmp_path / "a.csv", [HEADS, *[wrong] * (MOST_WRONG + 1), ROWS[0]])
    done = load(village, path, "services", keep_good_rows=True)
    assert (done.rows, done.posted, len(done.errors)) == (MOST_WRONG + 2, 1, MOST_WRONG + 1)
    assert load(village, path, "services").rows == MOST_WRONG, "where none is kept the rest is not looked at"


def test_what_a_file_lacks_is_said_from_the_row_that_fits_best(village: Village, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [["云谷社区志愿服务登记表"], ["卡号", "服务项目"], ["0001", "patrol"]])
    with pytest.raises(errors.ColumnsMissing) as caught:
        load(village, path, "services")
    assert (caught.value.missing, caught.value.found) == ("日期", "卡号, 服务项目")
