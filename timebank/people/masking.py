"""Names as they may be shown in public: 张三 becomes 张*, and 欧阳娜娜 becomes 欧**娜."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

HIDDEN: Final = "*"
DOT: Final = "·"
_DOTS: Final = "·•‧∙⋅・･．."
"""How the dot between the parts of a name (买买提·吐尔逊) is typed."""
_HAN: Final = "[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
PADDING: Final = re.compile(rf"(?<={_HAN})\s+(?={_HAN})")
"""Spaces inside a Chinese name (张　三) only make columns even; they part nothing."""
_SHOWN_OF_ID: Final = 4


def mask(name: str) -> str:
    """*name* with all hidden but what may be shown.

    Of a name in one part: the first character, and the last one where there are three or more. Of a name in
    several, with dots or spaces between (买买提·吐尔逊, John Smith): the first character of each, and not its
    length. A part of one character is hidden whole.
    """
    parts = _parts(unicodedata.normalize("NFC", name))
    if len(parts) > 1:
        return DOT.join(_first_of(part) for part in parts)
    return _masked(parts[0]) if parts else HIDDEN


def _parts(name: str) -> list[list[str]]:
    """The parts of *name*, each as a list of its letters."""
    name = PADDING.sub("", name)
    for dot in _DOTS:
        name = name.replace(dot, " ")
    return [_letters(part) for part in name.split()]


def _letters(part: str) -> list[str]:
    """The letters of *part*, each with the marks that belong to it."""
    letters: list[str] = []
    for character in part:
        if letters and unicodedata.category(character)[0] == "M":
            letters[-1] += character
        else:
            letters.append(character)
    return letters


def _first_of(part: list[str]) -> str:
    return part[0] + HIDDEN if len(part) > 1 else HIDDEN


def _masked(letters: list[str]) -> str:
    if len(letters) <= 2:
        return _first_of(letters)
    return letters[0] + HIDDEN * (len(letters) - 2) + letters[-1]


def labels(members: Iterable[str], names: Mapping[str, str], *, without: str) -> dict[str, str]:
    """What to call each of *members* (ids) in public: no two alike, and nothing that tells more than it may.

    Who is in *names* is called by the masked name, with the last four characters of the id where another is
    called the same; who is not is *without* (`成员`) and those four. Where four are not enough, the whole id.
    """
    ids = tuple(members)
    masked = {member: mask(names[member]) if member in names else without for member in ids}
    alike = Counter(masked.values())
    called = {
        member: text if member in names and alike[text] == 1 else f"{text} {member[-_SHOWN_OF_ID:]}"
        for member, text in masked.items()
    }
    still_alike = Counter(called.values())
    return {
        member: text if still_alike[text] == 1 else f"{masked[member]} {member}" for member, text in called.items()
    }
