"""Hypothesis strategies: one plural per noun, valid by construction."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from timebank.ledger.entries import Draft
from timebank.ledger.transfers import Transfer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypothesis.strategies import SearchStrategy

LOWER = "abcdefghijklmnopqrstuvwxyz"
UPPER = LOWER.upper()
DIGITS = "0123456789"
BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MOST_AMOUNT = 10**12
_CHECKED = 37
_DATA_LENGTH = 10


def slugs(*, most: int = 32) -> SearchStrategy[str]:
    """Short lower-case names, as organisations, shops and operators have: `yungu-shop`."""
    tail = st.text(LOWER + DIGITS + "-", max_size=most - 1)
    return st.builds(str.__add__, st.sampled_from(LOWER + DIGITS), tail)


def goods() -> SearchStrategy[str]:
    """Ids of goods: slugs whose capitals are a unit, `rice-5kg`."""
    middle = st.text(LOWER + DIGITS + "-", max_size=21)
    return st.builds(lambda first, rest, last: first + rest + last, _one(LOWER), middle, _one(LOWER + DIGITS))


def names() -> SearchStrategy[str]:
    """What people read: one to eighty Chinese, Latin or digit characters, spaces inside only."""
    inner = "云谷村积分超市 é-" + LOWER + DIGITS
    return st.builds(
        lambda first, rest, last: first + rest + last,
        _one("云谷村" + UPPER),
        st.text(inner, max_size=78),
        _one("店米" + DIGITS),
    )


def _one(alphabet: str) -> SearchStrategy[str]:
    return st.sampled_from(alphabet)


def accounts(*, classes: str = "ALEIX") -> SearchStrategy[str]:
    """Account codes of these classes: `L:M:8KX2`."""
    part = st.builds(str.__add__, _one(UPPER + DIGITS), st.text(UPPER + DIGITS + "-", max_size=12))
    parts = st.lists(part, min_size=1, max_size=4)
    return st.builds(lambda letter, rest: ":".join([letter, *rest]), _one(classes), parts)


def units() -> SearchStrategy[str]:
    """Unit codes: `PTS`, `RICE-5KG`."""
    middle = st.text(UPPER + DIGITS + "._-", max_size=21)
    long = st.builds(lambda first, rest, last: first + rest + last, _one(UPPER), middle, _one(UPPER + DIGITS))
    return st.one_of(st.sampled_from(("PTS", "MIN")), _one(UPPER), long)


def amounts(*, most: int = MOST_AMOUNT) -> SearchStrategy[int]:
    """Amounts of a transfer: 1 to 10^12 of the unit's smallest step, small ones and the ends often."""
    return st.one_of(st.integers(1, min(most, 20)), st.just(most), st.integers(1, most))


def transfers(
    *, of: SearchStrategy[str] | None = None, unit: SearchStrategy[str] | None = None, most: int = MOST_AMOUNT
) -> SearchStrategy[Transfer]:
    """Transfers between two different accounts *of* a strategy."""
    sides = st.lists(accounts() if of is None else of, min_size=2, max_size=2, unique=True)
    return st.builds(
        lambda both, code, amount: Transfer(both[0], both[1], code, amount),
        sides,
        units() if unit is None else unit,
        amounts(most=most),
    )


def days(*, first: date = date(2025, 1, 1), last: date = date(2026, 12, 31)) -> SearchStrategy[date]:
    """Days of the programme, from *first* to *last*."""
    return st.dates(first, last)


def keys() -> SearchStrategy[str]:
    """Idempotency keys: `till-1/000123`."""
    return st.text(UPPER + LOWER + DIGITS + "._:/-", min_size=1, max_size=64)


def bodies() -> SearchStrategy[dict[str, Any]]:
    """What an entry's body can hold: names to whole numbers, texts, truth values and lists of them."""
    name = st.builds(str.__add__, _one(LOWER), st.text(LOWER + DIGITS + "_", max_size=15))
    whole = st.integers(-(2**53 - 1), 2**53 - 1)
    single = st.one_of(whole, names(), st.booleans())
    return st.dictionaries(name, st.one_of(single, st.lists(single, max_size=3)), max_size=4)


@st.composite
def entries(
    draw: st.DrawFn, *, kind: SearchStrategy[str] | None = None, moves: SearchStrategy[Transfer] | None = None
) -> Draft:
    """Drafts of entries; nobody approves their own."""
    by, ok = draw(st.lists(slugs(), min_size=2, max_size=2, unique=True))
    return Draft(
        kind=draw(kind if kind is not None else st.sampled_from(("award", "redemption", "stock", "card"))),
        day=draw(days()),
        by=by,
        ok=draw(st.sampled_from((ok, None))),
        body=draw(bodies()),
        moves=tuple(draw(st.lists(transfers() if moves is None else moves, max_size=4))),
    )


def made_cards() -> SearchStrategy[str]:
    """Card numbers as timebank makes them: ten characters and a check character that fits."""
    return st.builds(_made_card, st.integers(0, len(BASE32) ** _DATA_LENGTH - 1))


def _made_card(number: int) -> str:
    """The number, or one five less where its check would be none of the 32 characters."""
    if number % _CHECKED >= len(BASE32):
        number -= _CHECKED - len(BASE32)
    text = ""
    rest = number
    for _ in range(_DATA_LENGTH):
        text = BASE32[rest % len(BASE32)] + text
        rest //= len(BASE32)
    return text + BASE32[number % _CHECKED]


def printed_cards() -> SearchStrategy[str]:
    """Numbers of cards that a programme has printed already: `0001`, `YG-0042`."""
    return st.builds(str.__add__, _one(UPPER + DIGITS), st.text(UPPER + DIGITS + "-", max_size=8))


def cards() -> SearchStrategy[str]:
    """Card numbers, printed or made."""
    return st.one_of(printed_cards(), made_cards())


def baskets(of: Sequence[str] | SearchStrategy[str], *, most: int = 1_000_000) -> SearchStrategy[dict[str, int]]:
    """One to four goods *of* these, with pieces."""
    good = of if isinstance(of, st.SearchStrategy) else st.sampled_from(of)
    return st.dictionaries(good, amounts(most=most), min_size=1, max_size=4)
