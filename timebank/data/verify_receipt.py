"""Check a receipt of a timebank, with nothing but Python.

    python3 -I -S verify_receipt.py RECEIPT KEY
    例：python3 -I -S verify_receipt.py 回执文件 公钥

RECEIPT is a file that a member was given; KEY is the book's public key, `name+8 hex digits+base64`, as it was
published when the book was founded, or a file that holds it. Do not take it from whoever gave you the receipt.

It proves that the book of that name, as its keeper signed it, holds the entry, unchanged, at its place.
It does not prove that the entry is true, nor when it was written.

This program imports nothing of timebank: read it, it is short. Sources: C2SP signed-note, tlog-checkpoint and
tlog-proof; RFC 6962 (leaf and node hashes), RFC 9162 2.1.3.2 (inclusion), RFC 8032 5.1.7 (Ed25519, the equation
without the cofactor; keys and points in other than their one encoding, and keys of small order, are refused).
Exit code: 0 proved, 1 not proved, 2 cannot be read.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys

MOST_BYTES = 1_000_000
MOST_HASHES = 63
MOST_SIGNATURES = 16
CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

# --- Ed25519: points are (x, y) of the curve -x² + y² = 1 + d x² y² over the field of P elements ---------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]


class Wrong(Exception):  # noqa: N818 - read aloud where it is raised
    """The receipt is readable, and does not prove what it should."""


class Unreadable(Exception):  # noqa: N818
    """The receipt or the key is not one."""


def add(one: Point, other: Point) -> Point:
    """The sum of two points, each as (X, Y, Z, T) with x = X/Z, y = Y/Z, x y = T/Z."""
    x1, y1, z1, t1 = one
    x2, y2, z2, t2 = other
    a, b = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number: int, point: Point) -> Point:
    """*number* times *point*."""
    result = (0, 1, 1, 0)
    while number:
        if number & 1:
            result = add(result, point)
        point = add(point, point)
        number >>= 1
    return result


def same(one: Point, other: Point) -> bool:
    """Whether two points are the same."""
    return (one[0] * other[2] - other[0] * one[2]) % P == 0 and (one[1] * other[2] - other[1] * one[2]) % P == 0


def point_of(data: bytes) -> Point:
    """The point that 32 bytes encode; raises Wrong for an encoding that is not the one."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        raise Wrong("a point is not encoded as it should be")
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if (v * x * x - u) % P:
        x = x * SQRT_OF_MINUS_1 % P
    if (v * x * x - u) % P or (x == 0 and sign):
        raise Wrong("a point is not on the curve")
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def check_signature(key: bytes, message: bytes, signature: bytes) -> None:
    """Raise Wrong unless *signature* (64 bytes) is that of *message* under the public *key* (32 bytes)."""
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    public = point_of(key)
    if s >= L or same(times(8, public), (0, 1, 1, 0)):
        raise Wrong("the signature or the key is of a kind that is not accepted")
    h = int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % L
    if not same(times(s, BASE), add(point_of(r), times(h, public))):
        raise Wrong("the signature is not one by this key")


# --- Texts ---------------------------------------------------------------------------------------------------


def number_of(text: str, what: str) -> int:
    """A number of ASCII digits without leading zeros, below 2^63."""
    if not text.isascii() or not text.isdigit() or (text[0] == "0" and text != "0") or int(text) >= 2**63:
        raise Unreadable(what + " is not a number")
    return int(text)


def bytes_of(text: str, what: str) -> bytes:
    """The bytes that *text* spells in standard base64, in their one spelling."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        raise Unreadable(what + " is not base64") from None
    if base64.b64encode(data).decode() != text:
        raise Unreadable(what + " is not base64 as it should be written")
    return data


def key_of(text: str) -> tuple[str, bytes, bytes]:
    """Name, key id and the 32 bytes of a public key."""
    name, first, rest = text.partition("+")
    key_id, second, spelt = rest.partition("+")
    data = bytes_of(spelt, "the key")
    if not (name and first and second) or len(data) != 33 or data[0] != 1:
        raise Unreadable("the key is not name+8 hex digits+base64 of an Ed25519 key")
    wanted = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
    if key_id != wanted.hex():
        raise Unreadable("the key's own check digits do not fit it: it was mistyped")
    return name, wanted, data[1:]


def after(head: str, lines: list[str], what: str) -> str:
    """What comes after *head* in the first of *lines*, which is taken off them."""
    if not lines or not lines[0].startswith(head):
        raise Unreadable(what)
    return lines.pop(0)[len(head) :]


def receipt_of(text: str) -> tuple[bytes, int, list[bytes], str]:
    """The entry's bytes, its place, the proof's hashes and the note that a receipt holds."""
    top, gap, note = text.partition("\n\n")
    if not gap:
        raise Unreadable("this is not a receipt: it has no empty line after the proof")
    first, *lines = top.split("\n")
    if first != "c2sp.org/tlog-proof@v1":
        raise Unreadable("this is not a receipt: look at its first line")
    leaf = after("extra ", lines, "the receipt holds no entry")
    index = after("index ", lines, "the receipt names no place")
    if len(lines) > MOST_HASHES:
        raise Unreadable("the proof is too long")
    proof = [bytes_of(line, "a hash of the proof") for line in lines]
    if any(len(each) != 32 for each in proof):
        raise Unreadable("a hash of the proof has not 32 bytes")
    return bytes_of(leaf, "the entry"), number_of(index, "the place"), proof, note


def signatures_of(lines: list[str], name: str, key_id: bytes) -> list[bytes]:
    """The signatures among *lines* that are by the key *name*, *key_id*; all lines must be signatures."""
    found = []
    for line in lines:
        mark, _, rest = line.partition(" ")
        who, _, spelt = rest.partition(" ")
        data = bytes_of(spelt, "a signature")
        if mark != "\u2014" or not who or len(data) < 5:
            raise Unreadable("a line of signature is not one")
        if who == name and data[:4] == key_id:
            found.append(data[4:])
    return found


def checkpoint_of(note: str, name: str, key_id: bytes, key: bytes) -> tuple[int, bytes]:
    """Size and root of the checkpoint in *note*, once its signature by *key* is checked."""
    text, gap, signatures = note.rpartition("\n\n")
    *lines, end = signatures.split("\n")
    if not gap or end or not 1 <= len(lines) <= MOST_SIGNATURES:
        raise Unreadable("the checkpoint is not a signed note")
    if CONTROLS.search(note):
        raise Unreadable("the checkpoint holds control characters")
    found = signatures_of(lines, name, key_id)
    if not found or any(len(each) != 64 for each in found):
        raise Wrong("the checkpoint is not signed by this key")
    for signature in found:
        check_signature(key, (text + "\n").encode(), signature)
    return size_and_root(text, name)


def size_and_root(text: str, name: str) -> tuple[int, bytes]:
    """Size and root of the checkpoint *text* of the book *name*."""
    three = text.split("\n")
    if len(three) != 3:
        raise Unreadable("the checkpoint has not three lines")
    if three[0] != name:
        raise Wrong("the checkpoint is of the book " + three[0] + ", not of " + name)
    root = bytes_of(three[2], "the root")
    if len(root) != 32:
        raise Unreadable("the root has not 32 bytes")
    return number_of(three[1], "the size"), root


def check_inclusion(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> None:
    """Raise Wrong unless *leaf* is the entry *index* of the tree of *size* entries with this *root*."""
    if index >= size:
        raise Wrong("the entry came after the checkpoint")
    low, high = index, size - 1
    value = hashlib.sha256(b"\x00" + leaf).digest()
    for other in proof:
        if high == 0:
            raise Wrong("the proof has more hashes than it needs")
        if low & 1 or low == high:
            value = hashlib.sha256(b"\x01" + other + value).digest()
            while low and not low & 1:
                low, high = low >> 1, high >> 1
        else:
            value = hashlib.sha256(b"\x01" + value + other).digest()
        low, high = low >> 1, high >> 1
    if high or value != root:
        raise Wrong("the proof does not lead from the entry to the root")


def proved(receipt: str, key_text: str) -> tuple[str, int, bytes, int, bytes]:
    """What a receipt proves: the book, its size and root, the entry's place and text. Raises Wrong, Unreadable."""
    name, key_id, key = key_of(key_text.strip())
    leaf, index, proof, note = receipt_of(receipt)
    size, root = checkpoint_of(note, name, key_id, key)
    check_inclusion(leaf, index, size, proof, root)
    return name, size, root, index, leaf


def main(arguments: list[str]) -> int:
    """Read the two files, and say what is proved."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    if len(arguments) != 2:
        print(__doc__)
        return 2
    try:
        receipt = text_of(arguments[0])
        key_text = arguments[1] if "+" in arguments[1] else text_of(arguments[1])
        name, size, root, index, leaf = proved(receipt, key_text)
    except Wrong as error:
        print("NOT PROVED 未能证明:", error)
        return 1
    except (Unreadable, OSError, ValueError) as error:
        print("CANNOT READ 无法读取:", error)
        return 2
    print("PROVED 已证明")
    print("book 账本:    ", name)
    print("entry 分录:   ", index, "of 共", size)
    print("root 根哈希:  ", base64.b64encode(root).decode())
    print("the entry says 分录内容:")
    print(json.dumps(json.loads(leaf), ensure_ascii=True, indent=2))
    return 0


def text_of(name: str) -> str:
    """The text of a file; line ends as they are."""
    with open(name, "rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Unreadable("the file is too large for a receipt")
    return data.decode("utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
