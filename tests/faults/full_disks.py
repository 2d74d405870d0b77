"""A full disk at every write: where the store asks for room there is none, from then on, until room is made.

Once as the system says it (strace answers ENOSPC), at every call that could ask for room; and once on a small file
system (tmpfs: memory), on which more and more pages are left. Every other time the process goes on after room was
made, else it is switched off and another does the errand again.

    python -m tests.faults.full_disks            (answers, at every call)
    python -m tests.faults.full_disks --disk     (a small file system, with 0, 1, 2... pages left; as root)
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.faults.errands import ERRANDS
from tests.faults.injection import run
from tests.faults.judging import Case, Plain, judged, plain, sampled
from tests.faults.table import commanded, print_cases
from tests.small_disks import NO_DISK, small_disk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CALLS: Final = "pwrite64,write,fsync,fdatasync,ftruncate,rename"
PAGE: Final = 4096
DISK_BYTES: Final = 4 << 20
_MOST_PAGES: Final = 400


def refused(count: int, names: Iterable[str] = ERRANDS) -> Iterator[Case]:
    """ENOSPC from about *count* places of each errand on; 0 is every one."""
    return sampled("error=ENOSPC", CALLS, count, onward=True, names=names)


def filled(errand: Plain, disk: Path, *, every: int = 1) -> Iterator[Case]:
    """The errand on *disk* with 0, *every*, 2 x *every*... pages left, up to where there is room for all of it."""
    for number, pages in enumerate(range(0, _MOST_PAGES, every)):
        path = errand.lay_out(disk / "room")
        film = disk / "film"
        with film.open("wb") as file:
            file.write(bytes(max(0, shutil.disk_usage(disk).free - pages * PAGE)))
        again = number % 2 == 0
        told = run(errand.name, path, again=again, relieve=film.unlink)
        film.unlink(missing_ok=True)
        yield judged(errand, f"{pages} pages left", path, told, killed=not again and told.errors != ())
        if told.finished and not told.errors:
            return


def main() -> None:
    """Fill the disk, and print what came of it."""
    parser = commanded(__doc__)
    parser.add_argument("--disk", action="store_true")
    chosen = parser.parse_args()
    if not chosen.disk:
        print_cases("no room from a call on", refused(chosen.count, chosen.errands))
        return
    if chosen.count:
        parser.error("--disk leaves every number of pages, and takes no --count")
    with tempfile.TemporaryDirectory() as name, small_disk(Path(name) / "disk", DISK_BYTES) as disk:
        if disk is None:
            parser.error(NO_DISK)
        made = (case for name in chosen.errands for case in filled(plain(name), disk))
        print_cases("pages left on a small file system", made)


if __name__ == "__main__":
    main()
