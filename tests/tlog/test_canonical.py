"""Canonical bytes: equal to RFC 8785 where both exist, and the fast way never wider than the rule."""

from __future__ import annotations

import datetime
import decimal
import enum
import json
import unicodedata
import uuid
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import attrs
import msgspec
import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from timebank.errors import NotCanonical
from timebank.tlog import canonical
from timebank.tlog.canonical import (
    KEY_PATTERN,
    MAX_DEPTH,
    MAX_INTEGER,
    MAX_LEAF_BYTES,
    MAX_TEXT,
    check,
    decode,
    encode,
)

BIDI = "".join(map(chr, [0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]))
FORBIDDEN = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029])) + BIDI
NEIGHBOURS = " ~\xa0؛؝\u200d‐‧\u202f\u2065\u206a\ud7ff\ue000￿\U0010ffff"

keys = st.from_regex(rf"\A{KEY_PATTERN}\Z")
ascii_texts = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=20)
texts = ascii_texts | st.text(
    st.characters(exclude_characters=FORBIDDEN, exclude_categories=["Cs"]), max_size=MAX_TEXT
).map(lambda text: unicodedata.normalize("NFC", text)[:MAX_TEXT])
integers = st.integers(-MAX_INTEGER, MAX_INTEGER)


def nested(scalars: st.SearchStrategy[Any], names: st.SearchStrategy[Any], levels: int) -> Any:
    values = scalars
    for _ in range(levels):
        values = scalars | st.lists(values, max_size=4) | st.dictionaries(names, values, max_size=4)
    return values


entries = st.dictionaries(keys, nested(texts | integers | st.booleans(), keys, 4), max_size=8)


class Name(str):
    __slots__ = ()


class Number(int):
    pass


class Mask(str):
    """Passes for the known key "v" in a set or a dict, and is written as something else."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash("v")


class Colour(enum.Enum):
    RED = "red"


class Text(enum.StrEnum):
    V = "v"


class Level(enum.IntEnum):
    ONE = 1


class Struct(msgspec.Struct):
    v: int = 1


@dataclass
class Data:
    v: int = 1


@attrs.define
class Attrs:
    v: int = 1


class Dict(dict[str, Any]):
    pass


class List(list[Any]):
    pass


STRANGE: list[Any] = [
    None,
    0.0,
    -0.0,
    1.0,
    1.5,
    1e22,
    float("nan"),
    float("inf"),
    1j,
    b"bytes",
    bytearray(b"bytes"),
    memoryview(b"bytes"),
    datetime.datetime(2026, 11, 23, tzinfo=datetime.UTC),
    datetime.date(2026, 11, 23),
    datetime.time(8, 15),
    datetime.timedelta(days=1),
    decimal.Decimal(1),
    uuid.UUID(int=1),
    {1, 2},
    frozenset({"a"}),
    Colour.RED,
    Text.V,
    Level.ONE,
    Name("name"),
    Number(1),
    Struct(),
    Data(),
    Attrs(),
    Dict(v=1),
    List([1]),
    MappingProxyType({"v": 1}),
    msgspec.Raw(b'"raw"'),
    msgspec.UNSET,
    object(),
    int,
]
strange = st.sampled_from(STRANGE)
odd_texts = st.sampled_from(
    [
        "x" * MAX_TEXT,
        "x" * (MAX_TEXT + 1),
        "é",
        "e\u0301",
        "\ud800",
        '"',
        "\\",
        "null",
        "1e5",
        '{"',
        '{"v":1}',
        "}",
        '":',
        "/",
        "<",
        "云谷",
        "\U0001f600",
        *FORBIDDEN,
        *NEIGHBOURS,
    ]
)
odd_integers = st.sampled_from(
    [MAX_INTEGER, MAX_INTEGER + 1, -MAX_INTEGER, -MAX_INTEGER - 1, 2**63, 2**64, 10**400, 10**15, 0]
)
odd_keys = st.sampled_from(
    [
        "v",
        "a" * 16,
        "a" * 17,
        "",
        "A",
        "_a",
        "1a",
        "a-b",
        "é",
        "a\n",
        "a b",
        '"',
        "\ud800",
        1,
        None,
        True,
        1.5,
    ]
) | st.sampled_from([("a",), Name("v"), Text.V, Mask("other"), Mask("Bad Key"), b"v", uuid.UUID(int=1)])
anything = nested(
    texts | odd_texts | integers | odd_integers | st.booleans() | strange,
    keys | odd_keys,
    4,
)
suspects = st.dictionaries(keys | odd_keys, anything | st.tuples(anything, anything), max_size=5) | anything


def refusal(function: Any, value: Any) -> str | None:
    try:
        function(value)
    except NotCanonical as error:
        return error.reason
    return None


def accepts(function: Any, value: Any) -> bool:
    return refusal(function, value) is None


def deep(levels: int, *kinds: type) -> dict[str, Any]:
    """An entry of *levels* containers, one in another, of these kinds in turn."""
    value: Any = 1
    for level in range(levels - 1):
        value = [value] if kinds[level % len(kinds)] is list else {"v": value}
    return {"v": value}


def of_size(size: int) -> dict[str, Any]:
    """An entry whose leaf has *size* bytes."""
    full, rest = divmod(size - len('{"v":[]}'), MAX_TEXT + 3)
    if rest < 3:
        full, rest = full - 1, rest + MAX_TEXT + 3
    first, last = divmod(rest - 2, 2)
    halves = ["x" * (first - 2), "x" * (first + last - 1)]
    return {"v": [*["x" * MAX_TEXT] * full, *halves]}


# --- Properties --------------------------------------------------------------------------------------------


@given(entries)
def test_the_bytes_are_those_of_rfc_8785_and_of_sorted_compact_json(entry: dict[str, Any]) -> None:
    leaf = encode(entry)
    assert leaf == rfc8785.dumps(entry)
    compact = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    assert leaf == compact.encode()


@given(entries)
def test_what_was_encoded_is_read_back(entry: dict[str, Any]) -> None:
    canonical._known_keys.clear()
    for _ in range(2):  # with keys new to the fast way, then with known ones
        assert decode(encode(entry)) == entry
    assert json.dumps(decode(encode(entry)), sort_keys=True) == json.dumps(entry, sort_keys=True)


@given(suspects)
@example({"v": Text.V})
@example({Text.V: 1})
@example({Mask("Bad Key"): 1})
@example({"v": Level.ONE})
@example({"v": msgspec.Raw(b'"v"')})
@example({"v": (1, {"v": (1.0,)})})
def test_encoding_accepts_exactly_what_the_rule_accepts(value: Any) -> None:
    canonical._known_keys.clear()
    encode({"v": 1})
    for _ in range(2):
        assert accepts(encode, value) == accepts(check, value)


@given(suspects)
@example({"v": "{"})
@example({"v": "\x7f"})
@example({"v": '"'})
def test_the_fast_way_gives_the_bytes_of_the_slow_way_or_none(value: Any) -> None:
    canonical._known_keys.clear()
    accepts(check, value)
    leaf = canonical._encode_plain(value)
    if leaf is not None:
        check(value)
        assert leaf == rfc8785.dumps(value)


def pairs_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice")
    return found


def refuse(text: str) -> Any:
    raise ValueError(text)


def decodes_by_the_book(leaf: bytes) -> bool:
    """What `decode` is, said with the standard library and the rule alone."""
    try:
        value = json.loads(leaf.decode(), object_pairs_hook=pairs_once, parse_float=refuse, parse_constant=refuse)
        check(value)
    except (ValueError, RecursionError, NotCanonical):
        return False
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return len(leaf) <= MAX_LEAF_BYTES and text.encode() == leaf


SPELLINGS = (
    b'{} [] "" , : null true 1.0 1e5 -0 -1 0 00 1 9007199254740992 \\u0041 \\ud800 \\" \\\\ \\/ \\n NaN { }'
)
CHARACTERS = b'\x7f \xff \xef\xbb\xbf \xc2\x80 \xe2\x80\xae "v":1 {"v":1} ,"A":1 e\xcc\x81 \xc3\xa9 [ ] \t \n \x00'
FRAGMENTS = (*SPELLINGS.split(b" "), *CHARACTERS.split(b" "), b" ")


@st.composite
def bent_leaves(draw: st.DrawFn) -> bytes:
    leaf = encode(draw(entries))
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(leaf)))
        end = draw(st.integers(start, min(start + 3, len(leaf))))
        leaf = leaf[:start] + draw(st.sampled_from(FRAGMENTS) | st.binary(max_size=2)) + leaf[end:]
    return leaf


loose_leaves = nested(
    texts | odd_texts | integers | odd_integers | st.booleans() | st.none() | st.floats(),
    keys | ascii_texts,
    4,
).map(lambda value: json.dumps({"v": value}, ensure_ascii=False, separators=(",", ":")))


@given(bent_leaves() | loose_leaves.map(lambda text: text.encode(errors="surrogatepass")) | st.binary())
def test_decoding_accepts_exactly_what_the_book_accepts(leaf: bytes) -> None:
    canonical._known_keys.clear()
    for _ in range(2):
        assert accepts(decode, leaf) == decodes_by_the_book(leaf)


# --- Edges: the last allowed, the first refused -------------------------------------------------------------


def test_a_leaf_reads_as_the_format_says() -> None:
    entry = {"v": 1, "kind": "award", "move": (("X:AWARDED:YUNGU", "L:M:WANG", "PTS", 20),), "ok": True}
    leaf = b'{"kind":"award","move":[["X:AWARDED:YUNGU","L:M:WANG","PTS",20]],"ok":true,"v":1}'
    assert encode(entry) == leaf
    assert decode(leaf) == entry | {"move": [["X:AWARDED:YUNGU", "L:M:WANG", "PTS", 20]]}


def test_the_empty_object_is_the_shortest_leaf() -> None:
    assert encode({}) == b"{}"
    assert decode(b"{}") == {}


@pytest.mark.parametrize(
    ("allowed", "refused"),
    [
        ({"v": "x" * MAX_TEXT}, {"v": "x" * (MAX_TEXT + 1)}),
        ({"v": "云" * MAX_TEXT}, {"v": "云" * (MAX_TEXT + 1)}),
        ({"v": "\U0001f600" * MAX_TEXT}, {"v": "\U0001f600" * (MAX_TEXT + 1)}),
        ({"v": MAX_INTEGER}, {"v": MAX_INTEGER + 1}),
        ({"v": -MAX_INTEGER}, {"v": -MAX_INTEGER - 1}),
        ({"v": [MAX_INTEGER]}, {"v": [10**400]}),
        ({"a" * 16: 1}, {"a" * 17: 1}),
        ({"a": 1}, {"": 1}),
        ({"a_9": 1}, {"a-9": 1}),
        ({"z": 1}, {"Z": 1}),
        ({"v": "\u00e9"}, {"v": "e\u0301"}),
        (deep(MAX_DEPTH, dict, list), deep(MAX_DEPTH + 1, dict, list)),
        (deep(MAX_DEPTH, dict), deep(MAX_DEPTH + 1, dict)),
        (deep(MAX_DEPTH, list), deep(MAX_DEPTH + 1, list)),
        (of_size(MAX_LEAF_BYTES), of_size(MAX_LEAF_BYTES + 1)),
    ],
)
def test_the_last_allowed_passes_and_the_first_refused_does_not(
    allowed: dict[str, Any], refused: dict[str, Any]
) -> None:
    for _ in range(2):
        assert decode(encode(allowed)) == allowed
        with pytest.raises(NotCanonical):
            encode(refused)
        with pytest.raises(NotCanonical):
            decode(json.dumps(refused, separators=(",", ":"), ensure_ascii=False).encode())


def test_a_leaf_of_65_535_bytes_is_the_longest() -> None:
    assert len(encode(of_size(MAX_LEAF_BYTES))) == MAX_LEAF_BYTES
    check(of_size(MAX_LEAF_BYTES + 1))
    with pytest.raises(NotCanonical) as caught:
        encode(of_size(MAX_LEAF_BYTES + 1))
    assert caught.value.reason == "65536 bytes; at most 65535"


@pytest.mark.parametrize("character", [*FORBIDDEN, *map(chr, (0xD800, 0xDBFF, 0xDC00, 0xDFFF))], ids=ascii)
def test_a_character_that_deceives_is_refused_by_its_number(character: str) -> None:
    for value in ({"v": character}, {"v": [f"a{character}b"]}):
        with pytest.raises(NotCanonical) as caught:
            encode(value)
        assert caught.value.reason == f"a text holds the character U+{ord(character):04X}"


@pytest.mark.parametrize("character", NEIGHBOURS, ids=ascii)
def test_the_neighbours_of_forbidden_characters_pass(character: str) -> None:
    assert decode(encode({"v": character})) == {"v": character}


@pytest.mark.parametrize("value", STRANGE, ids=lambda value: type(value).__name__)
def test_no_other_type_is_written_as_if_it_were_one_of_ours(value: Any) -> None:
    for entry in (value, {"v": value}, {"v": [1, (value,)]}, {"v": {"v": value}}):
        for function in (encode, check):
            with pytest.raises(NotCanonical):
                function(entry)


@pytest.mark.parametrize("value", [[], [1], (), "v", 1, True, None])
def test_an_entry_is_an_object(value: Any) -> None:
    for function in (encode, check):
        with pytest.raises(NotCanonical):
            function(value)


def test_a_value_that_holds_itself_is_refused() -> None:
    ring: dict[str, Any] = {}
    ring["v"] = ring
    with pytest.raises(NotCanonical):
        encode(ring)


@pytest.mark.parametrize(
    "leaf",
    [
        b"",
        b"null",
        b"[]",
        b'"v"',
        b"1",
        b"{",
        b"{}{}",
        b"{} ",
        b" {}",
        b"{}\n",
        b"\xef\xbb\xbf{}",
        b'{"v": 1}',
        b'{"v":1,}',
        b'{"v":1,"v":1}',
        b'{"w":1,"v":1}',
        b'{"v":null}',
        b'{"v":1.0}',
        b'{"v":1e5}',
        b'{"v":1E5}',
        b'{"v":1e500}',
        b'{"v":-0}',
        b'{"v":-0.0}',
        b'{"v":01}',
        b'{"v":+1}',
        b'{"v":NaN}',
        b'{"v":9007199254740992}',
        b'{"v":99999999999999999999999999}',
        b'{"v":"\\u0041"}',
        b'{"v":"\\/"}',
        b'{"v":"\\n"}',
        b'{"v":"\n"}',
        b'{"v":"\\u007f"}',
        b'{"v":"\x7f"}',
        b'{"v":"\\ud800"}',
        b'{"v":"\xed\xa0\x80"}',
        b'{"v":"\xff"}',
        b'{"v":"\xc0\xaf"}',
        b'{"v":"e\xcc\x81"}',
        b'{"V":1}',
        b'{"v":[{"V":1}]}',
        b'{"v":{"V":1}}',
        b'{"\\u0076":1}',
        b"[" * 10_000,
        b'{"v":' * 10_000,
        b'{"v":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        b'{"v":"' + b"x" * 70_000 + b'"}',
    ],
    ids=lambda leaf: ascii(leaf[:24]),
)
def test_any_other_spelling_is_refused(leaf: bytes) -> None:
    with pytest.raises(NotCanonical):
        decode(leaf)


@pytest.mark.parametrize("leaf", ["{}", bytearray(b"{}"), memoryview(b"{}"), None])
def test_a_leaf_is_bytes(leaf: Any) -> None:
    with pytest.raises(NotCanonical):
        decode(leaf)


@pytest.mark.parametrize("text", ["{", '{"a":1}', '"', "\\", '","v":1', "null", "1e5", "true"])
def test_a_text_that_looks_like_json_is_a_text(text: str) -> None:
    entry = {"v": text, "w": [{"v": text}]}
    assert decode(encode(entry)) == entry


def test_known_keys_are_bounded_and_reading_goes_on_without_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canonical, "_known_keys", set())
    monkeypatch.setattr(canonical, "_MAX_KNOWN_KEYS", 1)
    for key in ("a", "b", "c"):
        assert decode(encode({key: 1})) == {key: 1}
    assert canonical._known_keys == {"a"}


# --- What is said of a refusal -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ([1], "an entry is an object, not list"),
        ({"v": 1.5}, "float has no canonical form"),
        (deep(MAX_DEPTH + 1, list), "nested deeper than 8"),
        ({"Bad": 1}, "the key 'Bad' does not match [a-z][a-z0-9_]{0,15}"),
        ({"x" * 50: 1}, f"the key '{'x' * 39} does not match [a-z][a-z0-9_]{{0,15}}"),
        ({"v": "x" * 201}, "a text of 201 characters; at most 200"),
        ({"v": "e\u0301"}, "a text is not in Unicode form NFC"),
        ({"v": -(2**53)}, "an integer of 54 bits; at most 53"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_what_no_entry_can_hold_is_named(value: Any, reason: str) -> None:
    assert refusal(encode, value) == refusal(check, value) == reason


@pytest.mark.parametrize(
    ("leaf", "reason"),
    [
        ("{}", "a leaf is bytes, not str"),
        (b'{"v": 1}', "the same value has another, canonical spelling"),
        (b'{"v":"\\u0041"}', "the same value has another, canonical spelling"),
        (b'{"V":1}', "the key 'V' does not match [a-z][a-z0-9_]{0,15}"),
        (b'{"v":"' + b"x" * 65_528 + b'"}', "65536 bytes; at most 65535"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_what_is_wrong_with_a_leaf_is_said(leaf: Any, reason: str) -> None:
    assert refusal(decode, leaf) == reason


@pytest.mark.parametrize("leaf", [b"{", b'{"v":1.5}', b'{"v":"\xff"}', b'{"v":9007199254740992}'])
def test_of_bytes_that_cannot_be_read_the_reader_says_what_is_wrong(leaf: bytes) -> None:
    with pytest.raises(NotCanonical) as caught:
        decode(leaf)
    assert caught.value.reason == str(caught.value.__cause__) != ""


# --- The usual entry takes the fast way ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"v": "x" * MAX_TEXT},
        {"v": MAX_INTEGER, "w": -MAX_INTEGER},
        {"v": True, "w": False},
        {"v": {}, "w": {"v": {"w": 1}}, "x": {"v": 1}},
        {"v": [1, "x", [True]], "w": []},
        {"v": (("x", 1), ()), "w": [()]},
        {"v": [{"w": 1}]},
        deep(MAX_DEPTH, dict),
        deep(MAX_DEPTH, list),
        deep(MAX_DEPTH, dict, list),
    ],
    ids=lambda entry: str(entry)[:24],
)
def test_the_rule_is_not_asked_about_a_usual_entry_whose_keys_are_known(
    monkeypatch: pytest.MonkeyPatch, entry: dict[str, Any]
) -> None:
    check({"v": 1, "w": 1, "x": 1})
    asked: list[Any] = []
    monkeypatch.setattr(canonical, "check", asked.append)
    leaf = encode(entry)
    assert (leaf, asked) == (rfc8785.dumps(entry), [])
    decode(leaf)
    has_an_object_in_an_array = b"[{" in leaf
    assert bool(asked) == has_an_object_in_an_array


def test_the_rule_is_asked_about_each_entry_with_a_key_that_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canonical, "_known_keys", {"v"})
    asked: list[Any] = []
    monkeypatch.setattr(canonical, "check", asked.append)
    for entry in ({"w": 1}, {"v": {"w": 1}}, {"v": 1, "w": 1}):
        decode(encode(entry))
        assert asked == [entry, entry]
        asked.clear()
