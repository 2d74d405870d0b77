"""Who may do what: the act that each entry is, by whom, and with which second person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from timebank.audit.programme.books import SECOND
from timebank.programme.roles import MAY_DO, NEEDS_APPROVAL

if TYPE_CHECKING:
    from timebank.audit.programme.books import Books
    from timebank.audit.replay import Members

_ACTS: Final = {
    **dict.fromkeys(("unit", "organisation", "operator", "shop", "goods", "rulebook", "venue"), "organise"),
    **dict.fromkeys(("member", "household", "team"), "enrol"),
    "price": "set-price",
    "limit": "set-limit",
    "redemption": "redeem",
    "return": "return-goods",
    "settlement": "settle",
    "deduction": "deduct",
    "opening": "record-opening",
    "gift": "give",
    "grant": "grant",
    "expiry": "expire",
    "budget": "set-budget",
    "key": "replace-key",
    "epoch": "open-epoch",
    "erasure": "erase-person",
    "order": "serve-order",
    "rating": "rate-project",
    "visit": "log-visit",
}
_ACTS_BY_DEED: Final = {
    "card": {"block": "block-card", "": "enrol"},
    "claim": {
        "submit": "submit-claim",
        "approve": "review-claim",
        "reject": "review-claim",
        "object": "object-claim",
        "dismiss": "decide-objection",
        "uphold": "decide-objection",
        "withdraw": "submit-claim",
    },
    "appeal": {"lodge": "lodge-appeal", "": "decide-appeal"},
    "stock": {"receive": "receive-goods", "move": "move-goods", "count": "count-stock", "": "write-off"},
    "period": {"close": "close-period", "": "reopen-period"},
}
_OF_THE_LEDGER: Final = ("hold", "post", "void")
"""The ledger's own kinds; without a shop they are nobody's command, and whoever may post at all may post them."""
_MOST_KNOWN: Final = 10_000


def act_of(kind: str, members: Members) -> str | None:
    """The act that an entry is; None for a kind that nobody knows."""
    body: dict[str, Any] = members["body"]
    if kind == "award":
        return "post-claim" if "ref" in members else "record-service"
    if kind in _ACTS:
        return _ACTS[kind]
    if kind in _OF_THE_LEDGER:
        return "redeem" if "shop" in body else "reverse"
    if kind == "reversal":
        return "decide-appeal" if body.get("reason") == "appeal-granted" else "reverse"
    if kind == "move":
        return "enrol" if body.get("what") == "member" else "organise"
    deeds = _ACTS_BY_DEED.get(kind)
    if deeds is None:
        return None
    return deeds.get(str(body.get("do")), deeds.get("", "submit-claim"))


class Acts:
    """Checks by whom entries are; what was found to be in order once is known until somebody's role changes."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._allowed: set[tuple[str, str, str | None]] = set()

    def forget(self) -> None:
        """Somebody's role has changed."""
        self._allowed.clear()

    def check(self, seq: int, kind: str, members: Members) -> None:
        """A finding unless the entry is by somebody who may do this, with a second person where it needs one."""
        act, by, ok = act_of(kind, members), members["by"], members.get("ok")
        if act is None:
            self._books.wrong(seq, f"{kind}: no kind of entry that is known")
            return
        if (act, by, ok) in self._allowed:
            return
        found = list(self._refused(kind, act, by, ok))
        for operator in found:
            self._books.findings.add("not-allowed", seq, operator=operator, act=act)
        if not found and self._books.tables["operator"] and len(self._allowed) < _MOST_KNOWN:
            self._allowed.add((act, by, ok))

    def _refused(self, kind: str, act: str, by: str, ok: str | None) -> list[str]:
        """Who was not allowed to act, or to approve."""
        if not self._books.tables["operator"]:
            return [] if kind in ("unit", "operator") else [by]
        refused = [] if self._books.role(by) in MAY_DO[act] else [by]
        if ok is None:
            needs_another = act in NEEDS_APPROVAL and kind not in _OF_THE_LEDGER
        elif act in ("record-service", "post-claim"):
            needs_another = False  # whom the rulebook names: looked at with the award
        else:
            needs_another = self._books.role(ok) not in SECOND
        return [*refused, str(ok)] if needs_another else refused
