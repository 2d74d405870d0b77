"""Where everything was on a day: which organisation a member, a shop or an organisation was under."""

from __future__ import annotations

from typing import TYPE_CHECKING

from timebank.programme.members import member_of
from timebank.programme.moves import moved_to
from timebank.programme.organisations import parent_on, tree_on
from timebank.programme.shops import shop_of

if TYPE_CHECKING:
    from datetime import date

    from timebank.ledger.store import Reader
    from timebank.programme.moves import Moved

__all__ = ["organisation_on", "organisations_below", "parent_on", "path_on", "tree_on"]


def organisation_on(books: Reader, what: Moved, name: str, day: date) -> str:
    """The organisation that the member, shop or organisation *name* was under at the end of *day*.

    That is what it moved to last, else what it was taken in with; for an organisation its parent, and the empty
    text if it had none (see `parent_on`). Raises UnknownMember, UnknownShop or UnknownOrganisation.
    """
    if what == "organisation":
        return parent_on(books, name, day) or ""
    founded = member_of(books, name).org if what == "member" else shop_of(books, name).org
    return moved_to(books, what, name, day) or founded


def path_on(tree: dict[str, str | None], org: str) -> tuple[str, ...]:
    """*org* and the organisations above it in *tree*, from itself up to the top."""
    path = [org]
    while (above := tree[path[-1]]) is not None:
        path.append(above)
    return tuple(path)


def organisations_below(tree: dict[str, str | None], org: str) -> frozenset[str]:
    """*org* and every organisation below it in *tree*."""
    return frozenset(each for each in tree if org in path_on(tree, each))
