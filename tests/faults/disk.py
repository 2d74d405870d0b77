"""What a disk may hold after the power went: all that was flushed, and any part of what was not.

Flushed is what a file's own fsync or fdatasync covered. Of what was asked for since, the disk may have done
nothing, all, the first part, any choice of it, and of each write any of its sectors of 512 bytes. A file that was
made or removed since the directory was flushed may be there or not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import define, field

from tests.faults.tape import Create, Event, Remove, Sync, Truncate, Write

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    Choose = Callable[["list[Write | Truncate]", Random], "list[Write | Truncate]"]

SECTOR: Final = 512


@define
class File:
    """What is flushed of a file, and what was asked for since, in its order."""

    flushed: bytearray
    asked: list[Write | Truncate] = field(factory=list)

    def flush(self) -> None:
        """All that was asked for is done."""
        apply(self.flushed, self.asked)
        self.asked.clear()


@define
class Disk:
    """The files of one directory; names that were made or removed since it was flushed are in *unsure*."""

    files: dict[str, File]
    removed: dict[str, File] = field(factory=dict)
    unsure: set[str] = field(factory=set)

    def take(self, event: Event) -> None:
        """What happens to the disk when *event* is asked for."""
        if isinstance(event, Write | Truncate):
            self.files[event.name].asked.append(event)
        elif isinstance(event, Create):
            self.files[event.name] = File(bytearray())
            self.unsure.add(event.name)
        elif isinstance(event, Remove):
            self.removed[event.name] = self.files.pop(event.name)
            self.unsure.add(event.name)
        elif isinstance(event, Sync) and event.name == ".":
            self.unsure.clear()
            self.removed.clear()
        elif isinstance(event, Sync):
            self.files[event.name].flush()

    def fail_to_flush(self, name: str, choose: Choose, chance: Random) -> None:
        """A flush of the file *name* failed: what *choose* says is done, and no later flush will do the rest.

        The system holds its pages for clean, so that whoever reads still sees them.
        """
        file = self.files[name]
        apply(file.flushed, choose(file.asked, chance))
        file.asked.clear()

    def after_a_cut(self, choose: Choose, chance: Random) -> dict[str, bytes]:
        """The files when the power is back; *choose* says what is left of each one's unflushed writes."""
        found = {}
        for name, file in (self.removed | self.files).items():
            if name in self.unsure and chance.random() < 0.5:
                continue
            if name in self.removed and name not in self.unsure:
                continue
            content = bytearray(file.flushed)
            apply(content, choose(file.asked, chance))
            found[name] = bytes(content)
        return found


def apply(content: bytearray, asked: list[Write | Truncate]) -> None:
    """Do to *content* what was asked for."""
    for each in asked:
        if isinstance(each, Truncate):
            del content[each.size :]
            content.extend(bytes(each.size - len(content)))
            continue
        if len(content) < each.offset:
            content.extend(bytes(each.offset - len(content)))
        content[each.offset : each.offset + len(each.data)] = each.data


def nothing(_: list[Write | Truncate], __: Random) -> list[Write | Truncate]:
    """Nothing that was not flushed."""
    return []


def everything(asked: list[Write | Truncate], _: Random) -> list[Write | Truncate]:
    """All of it: the cut came just before the flush would have answered."""
    return list(asked)


def the_first(asked: list[Write | Truncate], chance: Random) -> list[Write | Truncate]:
    """The first part, in order."""
    return asked[: chance.randint(0, len(asked))]


def all_but_one(asked: list[Write | Truncate], chance: Random) -> list[Write | Truncate]:
    """All but one."""
    gone = chance.randrange(len(asked)) if asked else 0
    return asked[:gone] + asked[gone + 1 :]


def some(asked: list[Write | Truncate], chance: Random) -> list[Write | Truncate]:
    """Any choice, in order."""
    return [each for each in asked if chance.random() < 0.5]


def torn(asked: list[Write | Truncate], chance: Random) -> list[Write | Truncate]:
    """Of each write any of its sectors."""
    return [part for each in asked for part in _sectors(each) if chance.random() < 0.7]


def the_last_torn(asked: list[Write | Truncate], chance: Random) -> list[Write | Truncate]:
    """All, and of the last write any of its sectors."""
    return asked[:-1] + torn(asked[-1:], chance)


CLASSES: Final[tuple[Choose, ...]] = (nothing, everything, the_first, all_but_one, some, torn, the_last_torn)
"""What may be left of the writes that were not flushed."""


def _sectors(each: Write | Truncate) -> list[Write | Truncate]:
    """A write, cut where the disk's sectors begin."""
    if isinstance(each, Truncate):
        return [each]
    first = each.offset - each.offset % SECTOR
    places = range(first, each.offset + len(each.data), SECTOR)
    parts = [(max(place, each.offset), min(place + SECTOR, each.offset + len(each.data))) for place in places]
    return [Write(each.name, begin, each.data[begin - each.offset : end - each.offset]) for begin, end in parts]
