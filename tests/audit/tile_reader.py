"""A small reader of https://c2sp.org/tlog-tiles, which knows the specification and nothing of timebank."""

from __future__ import annotations

from hashlib import sha256


class Reader:
    """Reads a directory of tiles as https://c2sp.org/tlog-tiles says."""

    def __init__(self, files: dict[str, bytes], size: int) -> None:
        self.files = files
        self.size = size

    def name(self, level: int | str, number: int, width: int) -> str:
        digits = str(number)
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[first : first + 3] for first in range(0, len(digits), 3)]
        path = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        return f"tile/{level}/{path}" if width == 256 else f"tile/{level}/{path}.p/{width}"

    def wanted(self) -> dict[str, tuple[int, int, int]]:
        """Every tile that a log of this size has: level, number, width."""
        found, level = {}, 0
        while (count := self.size // 256**level) > 0:
            for number in range(-(-count // 256)):
                width = min(256, count - number * 256)
                found[self.name(level, number, width)] = (level, number, width)
            level += 1
        return found

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        """As many hashes of a level, through the tiles in which they lie."""
        found = []
        for place in range(first, first + count):
            number, inside = divmod(place, 256)
            width = min(256, self.size // 256**level - number * 256)
            found.append(self.files[self.name(level, number, width)][inside * 32 : inside * 32 + 32])
        return found

    def entries(self) -> list[bytes]:
        found = []
        for number in range(-(-self.size // 256)):
            width = min(256, self.size - number * 256)
            data, one = self.files[self.name("entries", number, width)], []
            while data:
                length = int.from_bytes(data[:2], "big")
                one.append(data[2 : 2 + length])
                assert len(one[-1]) == length
                data = data[2 + length :]
            assert len(one) == width
            found += one
        return found


def tree_hash(hashes: list[bytes]) -> bytes:
    """RFC 6962, 2.1, as it is written there, over the hashes of leaves."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    half = 1
    while half * 2 < len(hashes):
        half *= 2
    return sha256(b"\x01" + tree_hash(hashes[:half]) + tree_hash(hashes[half:])).digest()
