"""The one way to write an entry as bytes: RFC 8785 (JCS), restricted to what cannot be ambiguous.

An entry is an object; keys match `KEY_PATTERN`; values are texts, whole numbers, true, false, arrays and
objects. `check` is the rule, value by value. `encode` and `decode` reach the same verdict faster for the
usual entry, which is plain ASCII with keys seen before, and ask `check` about everything else.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec

from timebank.errors import NotCanonical

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_LEAF_BYTES: Final = 65_535
MAX_INTEGER: Final = 2**53 - 1
MAX_TEXT: Final = 200
MAX_DEPTH: Final = 8
"""Objects and arrays inside one another, the entry itself counted."""
KEY_PATTERN: Final = r"[a-z][a-z0-9_]{0,15}"

_KEY: Final = re.compile(KEY_PATTERN)
# C0, DEL and C1, line and paragraph separator, bidirectional controls, surrogates.
_FORBIDDEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

# Keys that `check` has passed, so that the fast way need not match them again. Bounded: a file with endless
# different keys makes reading slower, never memory larger.
_MAX_KNOWN_KEYS: Final = 1024
_known_keys: set[str] = set()


def _decoder() -> msgspec.json.Decoder[dict[str, Any]]:
    """Reads what the restricted form allows by type, bounds and depth; keys and characters are left to us."""
    integer = Annotated[int, msgspec.Meta(ge=-MAX_INTEGER, le=MAX_INTEGER)]
    text = Annotated[str, msgspec.Meta(max_length=MAX_TEXT)]
    value: Any = text | integer | bool
    for _ in range(MAX_DEPTH - 1):
        value = text | integer | bool | list[value] | dict[str, value]
    return msgspec.json.Decoder(dict[str, value])


_write: Final = msgspec.json.Encoder(order="sorted").encode
_read: Final = _decoder().decode


def encode(value: Mapping[str, Any]) -> bytes:
    """The canonical bytes of *value*; tuples are written as arrays.

    Objects are dicts, and no subclass stands in for a type: a datetime, an enum or a Decimal is refused,
    never turned into text. Raises NotCanonical when the form cannot hold *value*.
    """
    leaf = _encode_plain(value)
    if leaf is None:
        check(value)
        leaf = _write(value)
    if len(leaf) > MAX_LEAF_BYTES:
        raise _too_long(leaf)
    return leaf


def decode(leaf: bytes) -> dict[str, Any]:
    """What *leaf* says, provided that `encode` would have written it so, byte for byte.

    Raises NotCanonical for everything else: other spellings of the same value, duplicate keys, bytes before
    or after, broken UTF-8, nesting deeper than `MAX_DEPTH`.
    """
    if type(leaf) is not bytes:
        raise NotCanonical(f"a leaf is bytes, not {type(leaf).__name__}")
    if len(leaf) > MAX_LEAF_BYTES:
        raise _too_long(leaf)
    try:
        value = _read(leaf)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotCanonical(str(error)) from error
    if not (_is_plain_ascii(leaf) and _count_known(value) == leaf.count(b"{")):
        check(value)
    if _write(value) != leaf:
        raise NotCanonical("the same value has another, canonical spelling")
    return value


def check(value: Mapping[str, Any]) -> None:
    """Raise NotCanonical unless the canonical form can hold *value*; the size in bytes is not looked at."""
    if type(value) is not dict:
        raise NotCanonical(f"an entry is an object, not {type(value).__name__}")
    _check_value(value, MAX_DEPTH)


# --- The rule ----------------------------------------------------------------------------------------------


def _check_value(value: object, depth: int) -> None:
    kind = type(value)
    if kind is str:
        _check_text(value)  # type: ignore[arg-type]  # the exact type was compared; mypy follows isinstance only
    elif kind is int:
        _check_integer(value)  # type: ignore[arg-type]  # as above
    elif kind is dict or kind is list or kind is tuple:
        _check_container(value, depth)
    elif kind is not bool:
        raise NotCanonical(f"{kind.__name__} has no canonical form")


def _check_container(value: Any, depth: int) -> None:
    if depth == 0:
        raise NotCanonical(f"nested deeper than {MAX_DEPTH}")
    if type(value) is dict:
        for key in value:
            _check_key(key)
        value = value.values()
    for item in value:
        _check_value(item, depth - 1)


def _check_key(key: object) -> None:
    if type(key) is not str or not _KEY.fullmatch(key):
        raise NotCanonical(f"the key {key!r:.40} does not match {KEY_PATTERN}")
    if len(_known_keys) < _MAX_KNOWN_KEYS:
        _known_keys.add(key)


def _check_text(text: str) -> None:
    if len(text) > MAX_TEXT:
        raise NotCanonical(f"a text of {len(text)} characters; at most {MAX_TEXT}")
    found = _FORBIDDEN.search(text)
    if found:
        raise NotCanonical(f"a text holds the character U+{ord(found[0]):04X}")
    if not unicodedata.is_normalized("NFC", text):
        raise NotCanonical("a text is not in Unicode form NFC")


def _check_integer(number: int) -> None:
    if not -MAX_INTEGER <= number <= MAX_INTEGER:
        raise NotCanonical(f"an integer of {number.bit_length()} bits; at most 53")


def _too_long(leaf: bytes) -> NotCanonical:
    return NotCanonical(f"{len(leaf)} bytes; at most {MAX_LEAF_BYTES}")


# --- The fast way: says yes only where the rule does, and may always say "ask the rule" --------------------


def _encode_plain(value: Mapping[str, Any]) -> bytes | None:
    """The bytes of a usual entry; None for one that `check` has to look at."""
    if type(value) is not dict or not _is_plain_container(value, MAX_DEPTH):
        return None
    try:
        leaf = _write(value)
    except UnicodeEncodeError:  # a surrogate: `check` names it
        return None
    return leaf if _is_plain_ascii(leaf) else None


def _is_plain_container(value: Any, depth: int) -> bool:
    """Whether types, keys, lengths, bounds and depth are surely right; what characters texts have is open."""
    if type(value) is dict:
        if not _has_known_keys(value):
            return False
        value = value.values()
    elif type(value) is not list and type(value) is not tuple:
        return False
    for item in value:
        kind = type(item)
        if kind is str:
            if len(item) > MAX_TEXT:
                return False
        elif kind is int:
            if not -MAX_INTEGER <= item <= MAX_INTEGER:
                return False
        elif kind is not bool and (depth == 1 or not _is_plain_container(item, depth - 1)):
            return False
    return True


def _has_known_keys(value: dict[Any, Any]) -> bool:
    # The exact type as well: a subclass may equal a known key and be written as another.
    for key in value:  # noqa: SIM110 -- measured: all() takes twice as long, and every entry passes here
        if key not in _known_keys or type(key) is not str:
            return False
    return True


def _is_plain_ascii(leaf: bytes) -> bool:
    """Whether each text in *leaf* is printable ASCII; our writer spells C0 controls with a backslash."""
    return leaf.isascii() and b"\\" not in leaf and b"\x7f" not in leaf


def _count_known(value: dict[str, Any]) -> int:
    """How many objects are reached from *value* through objects alone, all keys known.

    Fewer than there are opening braces when a key is unknown, an object is in an array, or a text has one.
    """
    if not _known_keys.issuperset(value):
        return 0
    count = 1
    for item in value.values():
        if type(item) is dict:
            count += _count_known(item)
    return count
