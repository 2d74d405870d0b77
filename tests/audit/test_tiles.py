"""The journal as tiles, read back by a reader of its own."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.audit.tile_reader import Reader, tree_hash
from timebank.audit.tiles import Tiles, tile_path, write_tiles
from timebank.errors import FileDamaged
from timebank.tlog import merkle
from timebank.tlog.checkpoint import Checkpoint, Note, Signature

EDGES = (1, 2, 3, 255, 256, 257, 511, 512, 513, 768, 1000)


def tiled(leaves: list[bytes]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}

    def put(name: str, data: bytes) -> None:
        assert name not in files, name
        files[name] = data

    tiles = Tiles(put)
    for leaf in leaves:
        tiles.add(leaf)
    tiles.finish()
    return files


def leaves_of(size: int) -> list[bytes]:
    return [f"entry {number}".encode() * (number % 3 + 1) for number in range(size)]


def check(leaves: list[bytes]) -> None:
    size, files = len(leaves), tiled(leaves)
    reader = Reader(files, size)
    wanted = reader.wanted()
    assert {name for name in files if "/entries/" not in name} == set(wanted)
    assert {name for name in files if "/entries/" in name} == {
        name.replace("tile/0/", "tile/entries/") for name in wanted if name.startswith("tile/0/")
    }
    assert all(len(files[name]) == width * 32 for name, (_, _, width) in wanted.items())
    assert reader.entries() == leaves
    hashed = [sha256(b"\x00" + leaf).digest() for leaf in leaves]
    assert reader.hashes(0, 0, size) == hashed
    for level, number, width in wanted.values():
        for inside in range(width if level else 0):
            first = (number * 256 + inside) * 256**level
            assert reader.hashes(level, number * 256 + inside, 1) == [
                tree_hash(hashed[first : first + 256**level])
            ]
    root = tree_hash(hashed)
    assert merkle.root(reader, size) == root


@pytest.mark.parametrize("size", [0, *EDGES])
def test_the_tiles_are_those_of_the_specification_and_lead_to_the_root(size: int) -> None:
    check(leaves_of(size))


@given(st.integers(0, 1000))
def test_the_tiles_of_any_size_lead_to_the_root(size: int) -> None:
    check(leaves_of(size))


@given(st.data(), st.integers(1, 1000))
def test_each_entry_is_proven_through_the_tiles(data: st.DataObject, size: int) -> None:
    leaves = leaves_of(size)
    reader = Reader(tiled(leaves), size)
    root = tree_hash([sha256(b"\x00" + leaf).digest() for leaf in reader.entries()])
    for index in data.draw(st.lists(st.integers(0, size - 1), min_size=1, max_size=5)):
        proof = merkle.inclusion_proof(reader, index, size)
        merkle.check_inclusion(sha256(b"\x00" + leaves[index]).digest(), index, size, proof, root)


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 70_000])
def test_the_tiles_of_a_large_log_are_those_of_the_specification(size: int) -> None:
    hashed = [sha256(number.to_bytes(4, "big")).digest() for number in range(size)]
    files: dict[str, bytes] = {}
    tiles = Tiles(files.__setitem__)
    for each in hashed:
        tiles.add_hash(each)
    tiles.finish()
    reader = Reader(files, size)
    assert set(files) == set(reader.wanted())
    assert merkle.root(reader, size) == tree_hash(hashed)
    if size == 70_000:  # the specification's own example
        partial = {name for name in files if ".p/" in name}
        assert partial == {"tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"}
        assert sum(name.startswith("tile/0/") for name in files) == 274


@given(st.integers(0, 10**12), st.integers(1, 256))
@example(1_234_067, 256)
@example(999, 1)
@example(1000, 255)
def test_a_tile_lies_where_the_specification_says(number: int, width: int) -> None:
    path = tile_path(0, number, width)
    assert path == Reader({}, 0).name(0, number, width)
    bare = path.partition(".p/")[0].removeprefix("tile/0/")
    assert re.fullmatch(r"(x\d{3}/)*\d{3}", bare)
    assert int(bare.replace("x", "").replace("/", "")) == number
    assert tile_path(0, 1_234_067) == "tile/0/x001/x234/067"


@given(st.lists(st.binary(min_size=0, max_size=20), max_size=300))
def test_entries_come_back_whatever_is_in_them(leaves: list[bytes]) -> None:
    assert Reader(tiled(leaves), len(leaves)).entries() == leaves


def test_the_longest_entry_fits_its_length() -> None:
    leaves = [b"x" * 65_535, b"", b"y"]
    assert Reader(tiled(leaves), 3).entries() == leaves


class Books:
    """The leaves of a journal, and nothing else."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.kept = leaves

    def leaves(self, first: int, end: int) -> list[tuple[int, bytes]]:
        return list(enumerate(self.kept))[first:end]


def note_of(leaves: list[bytes]) -> str:
    root = tree_hash([sha256(b"\x00" + leaf).digest() for leaf in leaves])
    text = Checkpoint("test.example/log", len(leaves), root).text()
    return Note(text, (Signature("test.example/log", bytes(4), bytes(64)),)).render()


@pytest.mark.parametrize("size", [1, 255, 256, 300])
def test_the_directory_holds_the_entries_of_its_checkpoint_and_no_more(size: int, tmp_path: Path) -> None:
    leaves = leaves_of(size + 3)
    write_tiles(Books(leaves), note_of(leaves[:size]), tmp_path, path="a")  # type: ignore[arg-type]
    files = {
        file.relative_to(tmp_path).as_posix(): file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()
    }
    note = files.pop("checkpoint").decode()
    assert note == note_of(leaves[:size])
    assert files == tiled(leaves[:size])


@given(st.integers(1, 300), st.data())
def test_a_checkpoint_of_other_entries_is_refused(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    other = data.draw(st.integers(0, size - 1))
    changed = [*leaves[:other], leaves[other] + b"!", *leaves[other + 1 :]]
    for wrong in (changed, leaves[:-1]):
        with TemporaryDirectory() as place, pytest.raises(FileDamaged):
            write_tiles(Books(wrong), note_of(leaves), Path(place), path="a")  # type: ignore[arg-type]
