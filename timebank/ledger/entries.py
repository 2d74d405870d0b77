"""An entry: one accepted fact, and the way between it and its leaf (ledger-format, "Entry")."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from timebank.errors import (
    BadCode,
    BadDay,
    BadEntry,
    BadMoment,
    FileDamaged,
    InvalidInput,
    NotCanonical,
    SelfApproval,
)
from timebank.ledger.transfers import Transfer, check_move
from timebank.tlog import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

VERSION: Final = 1
END_OF_DAYS: Final = date.max.isoformat()
"""The last day that can be written: whatever is in force from some day on is so until then."""

_SLUG: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_KIND: Final = re.compile(r"[a-z][a-z-]{0,31}")
_KEY: Final = re.compile(r"[A-Za-z0-9._:/-]{1,64}")
_NONCE: Final = re.compile(r"[A-Za-z0-9_-]{21}[AQgw]")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_REQUIRED: Final = frozenset(("at", "body", "by", "day", "kind", "nonce", "v"))
_OPTIONAL: Final = frozenset(("key", "move", "ok", "ref"))

_NO_MOVE: Final[list[list[object]]] = [[]]
_EMPTY: Final[Mapping[str, Any]] = MappingProxyType({})


def check_slug(name: str, value: object) -> str:
    """Return *value* if it is a short lower-case name (`yungu-shop`), as organisations and shops have."""
    if not isinstance(value, str) or not _SLUG.fullmatch(value):
        raise BadCode(name, str(value)[:80], _SLUG.pattern)
    return value


def check_key(value: object) -> str:
    """Return *value* if it can be an idempotency key: 1 to 64 of `A-Za-z0-9._:/-`."""
    if not isinstance(value, str) or not _KEY.fullmatch(value):
        raise BadCode("key", str(value)[:80], _KEY.pattern)
    return value


def check_day(name: str, value: object) -> date:
    """Return *value* if it is a plain `datetime.date`; a datetime is a moment and no day."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise BadDay(name, str(value)[:40])
    return value


@lru_cache(maxsize=4096)
def parse_day(name: str, text: str) -> date:
    """The day written as YYYY-MM-DD, and in no other of ISO 8601's ways."""
    try:
        day = date.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise BadDay(name, str(text)[:40]) from error
    if day.isoformat() != text:
        raise BadDay(name, text)
    return day


@lru_cache(maxsize=4096)
def parse_moment(text: str) -> datetime:
    """The UTC moment written as 2026-11-23T08:15:00Z."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise BadMoment(str(text)[:40]) from error
    if not _MOMENT.fullmatch(text) or moment_text(moment) != text:
        raise BadMoment(text[:40])
    return moment


def moment_text(moment: datetime) -> str:
    """*moment* in UTC, whole seconds, as entries write it."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


@frozen(kw_only=True)
class Draft:
    """A fact that a command proposes; the journal adds when it was recorded and a nonce.

    *day* is the day it belongs to, *by* who acts, *ok* who approved (never the same), *ref* the entry that it
    answers.
    """

    kind: str
    day: date
    by: str
    ok: str | None = None
    ref: int | None = None
    body: Mapping[str, Any] = _EMPTY
    moves: tuple[Transfer, ...] = ()


@frozen(kw_only=True)
class Entry:
    """One accepted fact with its place *seq* in the journal; *at* is when it was recorded, in UTC."""

    seq: int
    kind: str
    at: datetime
    day: date
    by: str
    nonce: str
    ok: str | None = None
    key: str | None = None
    ref: int | None = None
    body: Mapping[str, Any] = _EMPTY
    moves: tuple[Transfer, ...] = ()

    def __hash__(self) -> int:
        return hash((self.seq, self.nonce))


def at_of(leaf: bytes) -> str:
    """When *leaf* was recorded, as its UTC text: "at" is the first key of every canonical entry."""
    return leaf[len(b'{"at":"') : len(b'{"at":"2026-11-23T08:15:00Z')].decode("ascii")


def leaf_of(draft: Draft, *, at: str, nonce: str, key: str | None = None, request: str | None = None) -> bytes:
    """The canonical bytes of *draft* recorded at *at* (already written as UTC text).

    *request* is the digest of what was asked for under *key*; the body says it.

    Raises SelfApproval, or NotCanonical and BadCode for values that no entry can hold.
    """
    if not _KIND.fullmatch(draft.kind):
        raise BadCode("kind", draft.kind[:80], _KIND.pattern)
    # The members stand in the order of their names. What is around the body holds no character that JSON would
    # spell in another way: slugs, days, codes and numbers, each checked here or when its transfer was made.
    parts = [
        f'{{"at":"{at}",',
        _body_text(draft.body, request),
        f',"by":"{check_slug("by", draft.by)}","day":"{draft.day.isoformat()}"',
        "" if key is None else f',"key":"{check_key(key)}"',
        f',"kind":"{draft.kind}"',
        _move_text(draft.moves),
        f',"nonce":"{nonce}"',
    ]
    if draft.ok is not None:
        if draft.ok == draft.by:
            raise SelfApproval(draft.by)
        parts.append(f',"ok":"{check_slug("ok", draft.ok)}"')
    if draft.ref is not None:
        if type(draft.ref) is not int:
            raise NotCanonical("ref is no whole number")
        parts.append(f',"ref":{draft.ref}')
    parts.append(f',"v":{VERSION}}}')
    leaf = "".join(parts).encode()
    if len(leaf) > canonical.MAX_LEAF_BYTES:
        raise NotCanonical(f"{len(leaf)} bytes; at most {canonical.MAX_LEAF_BYTES} are allowed")
    return leaf


def _body_text(body: Mapping[str, Any], request: str | None) -> str:
    """The member "body", at the depth at which it stands in the entry."""
    whole = dict(body) if request is None else {**body, "request": request}
    return canonical.encode({"body": whole})[1:-1].decode()


def _move_text(moves: Sequence[Transfer]) -> str:
    if not moves:
        return ""
    written = ",".join(f'["{move.debit}","{move.credit}","{move.unit}",{move.amount}]' for move in moves)
    return f',"move":[{written}]'


def members_of(seq: int, leaf: bytes) -> dict[str, Any]:
    """The members of the entry that *leaf* holds at *seq*, each of the form that its name asks for.

    Raises NotCanonical or BadEntry; nothing else, whatever the bytes are.
    """
    members = canonical.decode(leaf)
    _check_names(members)
    try:
        _check_texts(members)
        for move in members.get("move", ()):
            check_move(*move)
    except BadEntry:
        raise
    except (InvalidInput, TypeError) as error:
        raise BadEntry(str(error)) from error
    ref = members.get("ref")
    if ref is not None and (type(ref) is not int or not 0 <= ref < seq):
        raise BadEntry(f"ref {ref} names no earlier entry")
    return members


def entry_of(seq: int, leaf: bytes) -> Entry:
    """The entry that *leaf* holds. Raises NotCanonical or BadEntry; nothing else, whatever the bytes are."""
    members = members_of(seq, leaf)
    return Entry(
        seq=seq,
        kind=members["kind"],
        at=parse_moment(members["at"]),
        day=parse_day("day", members["day"]),
        by=members["by"],
        ok=members.get("ok"),
        key=members.get("key"),
        nonce=members["nonce"],
        ref=members.get("ref"),
        body=_frozen(members["body"]),
        moves=tuple(Transfer(*move) for move in members.get("move", ())),
    )


def kept_entry(seq: int, leaf: bytes) -> Entry:
    """The entry that a store keeps at *seq*; raises FileDamaged if it is none, for a store keeps nothing else."""
    try:
        return entry_of(seq, leaf)
    except InvalidInput as error:
        raise FileDamaged(f"entry {seq}", str(error)) from error


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return MappingProxyType({name: _frozen(item) for name, item in value.items()})
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    return value


def _check_names(members: Mapping[str, Any]) -> None:
    names = members.keys()
    if missing := _REQUIRED - names:
        raise BadEntry(f"without {', '.join(sorted(missing))}")
    if surplus := names - _REQUIRED - _OPTIONAL:
        raise BadEntry(f"with {', '.join(sorted(surplus))}")
    if members["v"] is not VERSION:
        raise BadEntry(f"version {members['v']}")
    if not isinstance(members["body"], dict):
        raise BadEntry("body is no object")
    move = members.get("move", _NO_MOVE)
    if not isinstance(move, list) or not move or not all(isinstance(item, list) for item in move):
        raise BadEntry("move is no list of transfers")


def _check_texts(members: Mapping[str, Any]) -> None:
    parse_moment(members["at"])
    parse_day("day", members["day"])
    check_slug("by", members["by"])
    for name, pattern in (("kind", _KIND), ("nonce", _NONCE)):
        value = members[name]
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise BadEntry(f"{name} is not {pattern.pattern}")
    if "ok" in members and check_slug("ok", members["ok"]) == members["by"]:
        raise BadEntry("approved by who did it")
    if "key" in members:
        check_key(members["key"])
