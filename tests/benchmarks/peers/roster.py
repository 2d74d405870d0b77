"""Who the peers are: `peers.toml` as values."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final

from attrs import frozen

_HERE: Final = Path(__file__).parent
_TIMEBANK: Final = "timebank"


@frozen(kw_only=True)
class Peer:
    """A peer as `peers.toml` describes it."""

    name: str
    title: str
    requirements: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    debian: str = ""
    posts: int = 0
    bulk: int = 0
    reads: int = 0
    members: int = 1_000
    durable: str = ""
    key: str = ""
    overdraft: str = ""
    tamper: str = ""
    rules: str = ""
    checks: str = ""
    absent: str = ""
    elsewhere: str = ""

    @property
    def adapter(self) -> Path:
        """The file that drives it."""
        return _HERE / "adapters" / f"{self.name}.py"

    @property
    def keeps(self) -> tuple[str, ...]:
        """What stands in the table of guarantees."""
        return self.durable, self.key, self.overdraft, self.tamper, self.rules


def _read() -> dict[str, Peer]:
    text = (_HERE / "peers.toml").read_text(encoding="utf-8")
    lists = ("requirements", "alone")
    found = {}
    for name, values in tomllib.loads(text).items():
        kept = {key: tuple(value) if key in lists else value for key, value in values.items()}
        found[name] = Peer(name=name, **kept)
    return found


_ALL: Final = _read()
TIMEBANK: Final = _ALL[_TIMEBANK]
BOOKS: Final = {name: peer for name, peer in _ALL.items() if peer.checks}
PEERS: Final = {name: peer for name, peer in _ALL.items() if name != _TIMEBANK and not peer.checks}
