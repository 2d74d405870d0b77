"""What other tools print, read and held against ours; and what is said of a text that is none of theirs."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timebank.audit.compare import TOOLS, Difference, compare, read_balances
from timebank.errors import BalancesUnreadable, CannotOpen, FileMissing
from timebank.ledger.store import AccountBalance

WANTED = {("L:M:A", "PTS"): -12, ("L:M:A", "MIN"): -30, ("A:S:SHOP", "RICE-5KG"): 3}
HLEDGER = '"account","balance"\n"liabilities:M:A","-12 PTS, -30 MIN"\n"assets:S:SHOP","3 ""RICE-5KG"""\n'
BARE = (
    '"account","commodity","balance"\n"liabilities:M:A","PTS","-12"\n"liabilities:M:A","MIN","-30"\n'
    '"assets:S:SHOP","RICE-5KG","3"\n"equity:opening","","0"\n"total","","0"\n'
)
LEDGER = 'liabilities:M:A\t-12 PTS\\n-30 MIN\nassets:S:SHOP\t3 "RICE-5KG"\nequity:opening\t0\n\n'
BEANCOUNT = (
    "account,currency,sum(number)\nLiabilities:M:A,PTS,  -12\nLiabilities:M:A,MIN,-30\nAssets:S:SHOP,RICE-5KG,3\n"
)


def amount(unit: Any, mantissa: Any, places: Any = 0) -> Any:
    return {"acommodity": unit, "aquantity": {"decimalMantissa": mantissa, "decimalPlaces": places}}


def rows(*pairs: tuple[Any, Any]) -> str:
    return json.dumps([[[account, account, 0, amounts] for account, amounts in pairs], []])


JSON = rows(
    ("liabilities:M:A", [amount("PTS", -12), amount("MIN", -30)]),
    ("assets:S:SHOP", [amount("RICE-5KG", 3), amount("", 0)]),
)


def read(text: str | bytes, tool: str) -> dict[tuple[str, str], int]:
    with TemporaryDirectory() as place:
        path = Path(place) / "out"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_balances(path, tool)


def problem(text: str | bytes, tool: str) -> tuple[int, str]:
    with pytest.raises(BalancesUnreadable) as caught:
        read(text, tool)
    return caught.value.line, caught.value.problem


PRINTED = [
    (HLEDGER, "hledger"),
    (BARE, "hledger"),
    (JSON, "hledger"),
    (LEDGER, "ledger"),
    (BEANCOUNT, "beancount"),
]


@pytest.mark.parametrize(("text", "tool"), PRINTED)
def test_what_each_tool_prints_is_read(text: str, tool: str) -> None:
    assert read(text, tool) == WANTED
    assert read(text.replace("\n", "\r\n"), tool) == WANTED
    assert read("\ufeff" + text, tool) == WANTED
    assert read(text.encode("utf-16"), tool) == WANTED


def test_a_currency_that_beancount_needs_another_name_for_is_known_again() -> None:
    assert read("account,currency,n\nAssets:S:SHOP,TRUE'0,3\n", "beancount") == {("A:S:SHOP", "TRUE"): 3}


@pytest.mark.parametrize(
    ("text", "tool", "found"),
    [
        ("", "hledger", (1, "no-columns")),
        ("account;balance\n", "hledger", (1, "no-columns")),
        (HLEDGER + '"x"\n', "hledger", (4, "no-columns")),
        (HLEDGER + '"x","1","2"\n', "hledger", (4, "no-columns")),
        (HLEDGER + '"","1 PTS"\n', "hledger", (4, "no-account")),
        (HLEDGER + '"a","1.5 PTS"\n', "hledger", (4, "no-balance")),
        (HLEDGER + '"a","1,000 PTS"\n', "hledger", (4, "no-balance")),
        (HLEDGER + '"a","１ PTS"\n', "hledger", (4, "no-balance")),
        (HLEDGER + '"a","7"\n', "hledger", (4, "no-balance")),
        (HLEDGER + '"a","' + "9" * 5000 + ' PTS"\n', "hledger", (4, "no-balance")),
        (HLEDGER + '"liabilities:M:A","1 PTS"\n', "hledger", (4, "twice")),
        (HLEDGER + '"a\n', "hledger", (4, "no-columns")),
        (HLEDGER + '"a" b,"1 PTS"\n', "hledger", (4, "no-columns")),
        (BARE + '"a","PTS","x"\n', "hledger", (7, "no-balance")),
        (LEDGER + "a 7 PTS\n", "ledger", (5, "no-columns")),
        (LEDGER + "\t7 PTS\n", "ledger", (5, "no-account")),
        (LEDGER + "a\t7 PTS\\n\n", "ledger", (5, "no-balance")),
        (BEANCOUNT + "a,PTS,1.5\n", "beancount", (5, "no-balance")),
        (BEANCOUNT + "Assets:S:SHOP,RICE-5KG,3\n", "beancount", (5, "twice")),
        ("[\n[", "hledger", (2, "not-json")),
        ("[" * 100_000, "hledger", (1, "not-json")),
        ("[]", "hledger", (1, "not-json")),
        ("[" + "9" * 5000 + "]", "hledger", (1, "not-json")),
        ("[[7]]", "hledger", (1, "no-account")),
        (rows(("a", [amount("PTS", 1)]), (7, [])), "hledger", (2, "no-account")),
        (rows(("a", 7)), "hledger", (1, "no-balance")),
        (rows(("a", [7])), "hledger", (1, "no-balance")),
        (rows(("a", [amount("PTS", True)])), "hledger", (1, "no-balance")),
        (rows(("a", [amount("PTS", 15, 1)])), "hledger", (1, "no-balance")),
        (rows(("a", [amount(7, 15)])), "hledger", (1, "no-balance")),
        (LEDGER.encode() + b"\xff", "ledger", (5, "no-text")),
        (b"\xff\xfe\x00", "ledger", (1, "no-text")),
    ],
)
def test_a_line_that_is_no_balance_is_named(text: str | bytes, tool: str, found: tuple[int, str]) -> None:
    assert problem(text, tool) == found


@given(
    st.binary(max_size=60) | st.sampled_from([text.encode() for text, _ in PRINTED]),
    st.binary(max_size=20) | st.text(max_size=20).map(lambda text: text.encode("utf-8", "replace")),
    st.sampled_from(TOOLS),
)
def test_whatever_is_given_is_read_or_refused(start: bytes, end: bytes, tool: str) -> None:
    found = None
    try:
        read(start + end, tool)
    except BalancesUnreadable as error:
        found = error
    assert found is None or (found.line >= 1 and found.message("en") and found.message("zh_CN"))


def test_a_file_that_is_not_there_or_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileMissing):
        read_balances(tmp_path / "none", "ledger")
    with pytest.raises(CannotOpen):
        read_balances(tmp_path, "ledger")
    with pytest.raises(CannotOpen):
        read_balances("a\0b", "ledger")


def test_balances_that_differ_lack_or_are_too_many_are_told_apart_and_a_zero_is_no_balance() -> None:
    ours = [
        *(
            AccountBalance("L:M:A", "PTS", 12),
            AccountBalance("L:M:A", "MIN", 30),
            AccountBalance("L:M:B", "PTS", 0),
        ),
        *(
            AccountBalance("L:M:C", "PTS", 5),
            AccountBalance("A:S:SHOP", "SOAP", 4),
            AccountBalance("X:0", "PTS", 0),
        ),
    ]
    theirs = {
        ("L:M:A", "PTS"): -12,
        ("L:M:A", "MIN"): 30,
        ("L:M:B", "PTS"): 0,
        ("A:S:SHOP", "SOAP"): 4,
        ("equity:opening", "PTS"): 0,
        ("cash", "EUR"): 7,
        ("X:0", "PTS"): 1,
    }
    found = compare(ours, theirs)
    assert found.differences == (
        Difference("L:M:A", "MIN", -30, 30),
        Difference("L:M:C", "PTS", -5, None),
        Difference("X:0", "PTS", 0, 1),
        Difference("cash", "EUR", None, 7),
    )
    assert [each.what for each in found.differences] == ["differs", "missing", "differs", "extra"]
    assert found.compared == 6


balances = st.dictionaries(
    st.tuples(st.sampled_from(["L:M:A", "A:S:B", "X:0", "cash"]), st.sampled_from(["PTS", "MIN"])),
    st.integers(-3, 3),
)


@given(balances, balances)
def test_nothing_differs_exactly_where_both_books_hold_the_same(
    one: dict[tuple[str, str], int], other: dict[tuple[str, str], int]
) -> None:
    ours = [
        AccountBalance(account, unit, held if account[0] in "AX" else -held)
        for (account, unit), held in one.items()
    ]
    found = {(each.account, each.unit) for each in compare(ours, other).differences}
    assert found == {place for place in one.keys() | other.keys() if one.get(place, 0) != other.get(place, 0)}
