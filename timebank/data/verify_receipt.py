"""Check a receipt of a timebank, with nothing but Python. 验证时间银行的回执，只需要 Python。

    python3 -I -S verify_receipt.py RECEIPT KEY

RECEIPT (回执文件) is the file that a member was given. KEY (公钥) is the public key, `name+8 hex digits+base64`,
as it was published when the book was founded, or a file that holds it. Never take it from whoever handed you the
receipt. 公钥要用建账时公布的那一份，不要向给您回执的人要。

What is proved: the book of that name, as its keeper signed it, holds the entry, unchanged, at its place.
What is not: that the entry is true, nor when it was written.
Exit code 退出码: 0 proved 已证明, 1 not proved 未能证明, 2 cannot be read 无法读取.

This program imports nothing of timebank: read it, it is short. Its sources: C2SP signed-note, tlog-checkpoint and
tlog-proof; RFC 6962 2.1 (hashes of leaves and nodes); RFC 9162 2.1.3.2 (inclusion); RFC 8032 5.1.7 (Ed25519). Of
the two equations that RFC 8032 allows it takes the one without the cofactor, S B = R + h A, compared as bytes, as
OpenSSL does. It is stricter than OpenSSL about keys: a key that is not spelt in its one way, or whose point is of
small order (such a key "signs" everything), is refused.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys

MOST_BYTES = 1_000_000
MOST_ENTRY, MOST_NOTE = 65_535, 131_072
MOST_HASHES, MOST_SIGNATURES, MOST_NAME = 63, 16, 200


class Wrong(Exception):  # noqa: N818 - read aloud where it is raised
    """The receipt can be read, and does not prove what it should."""


class Unreadable(Exception):  # noqa: N818
    """The receipt or the key is none."""


# --- Ed25519: the curve -x² + y² = 1 + D x² y² over the whole numbers modulo P; L points are multiples of BASE --

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]  # X, Y, Z, T with x = X/Z, y = Y/Z and x y = T/Z


def add(one: Point, other: Point) -> Point:
    """The sum of two points (RFC 8032, 5.1.4)."""
    (x1, y1, z1, t1), (x2, y2, z2, t2) = one, other
    a, b = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number: int, point: Point) -> Point:
    """*number* times *point*, by doubling."""
    total = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = add(total, point)
        point = add(point, point)
        number >>= 1
    return total


def bytes_of_point(point: Point) -> bytes:
    """The 32 bytes that spell *point*: y, and the lowest bit of x on top (RFC 8032, 5.1.2)."""
    x, y, z, _ = point
    inverse = pow(z, P - 2, P)
    return ((y * inverse % P) | (x * inverse % P & 1) << 255).to_bytes(32, "little")


def point_of(spelt: bytes) -> Point:
    """The point that 32 bytes spell (RFC 8032, 5.1.3). Raises Wrong for a spelling that is not the one."""
    y = int.from_bytes(spelt, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if (v * x * x - u) % P:
        x = x * ROOT_OF_MINUS_1 % P
    if y >= P or (v * x * x - u) % P or (x == 0 and sign):
        raise Wrong("the key is no point of the curve, or is not spelt as it should be")
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def check_signature(key: bytes, message: bytes, signature: bytes) -> None:
    """Raise Wrong unless *signature* is that of *message* by the public *key* of 32 bytes."""
    if len(signature) != 64:
        raise Wrong("the signature has not 64 bytes")
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    public = point_of(key)
    if bytes_of_point(times(8, public)) == (1).to_bytes(32, "little"):
        raise Wrong("the key is of small order: it would sign everything")
    if s >= L:
        raise Wrong("the signature is not spelt as it should be")
    h = int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % L
    x, y, z, t = public
    if bytes_of_point(add(times(s, BASE), times(h, (-x, y, z, -t)))) != r:
        raise Wrong("the signature is not one by this key over this text")


# --- Texts: each has one spelling, and every other one is refused -----------------------------------------------


def read(name: str) -> str:
    """The text of a file, its line ends as they are."""
    with open(name, "rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Unreadable("the file is too large for a receipt")
    return data.decode("utf-8")


def number_of(text: str, what: str) -> int:
    """A whole number below 2^63: ASCII digits without leading zeros."""
    if not (text.isascii() and text.isdigit()) or (text[0] == "0" and text != "0"):
        raise Unreadable(what + " is not a number")
    if len(text) > 19 or int(text) >= 2**63:
        raise Unreadable(what + " is too large")
    return int(text)


def bytes_of(text: str, what: str) -> bytes:
    """The bytes that standard base64 spells, with its padding and without stray bits."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        raise Unreadable(what + " is not base64") from None
    if base64.b64encode(data).decode() != text:
        raise Unreadable(what + " is not base64 in its one spelling")
    return data


def hash_of(text: str, what: str) -> bytes:
    """The 32 bytes that base64 spells."""
    data = bytes_of(text, what)
    if len(data) != 32:
        raise Unreadable(what + " has not 32 bytes")
    return data


def check_name(name: str, more_refused: str, what: str) -> None:
    """Raise Unreadable for a name that no book and no key has."""
    if not 0 < len(name) <= MOST_NAME or not name.isprintable() or set(name) & set(more_refused):
        raise Unreadable(what + " is no name")


def key_of(text: str) -> tuple[str, bytes, bytes]:
    """Name, key id and the 32 bytes of a public key."""
    name, _, rest = text.partition("+")
    key_id, _, spelt = rest.partition("+")
    check_name(name, " +", "the key's name")
    data = bytes_of(spelt, "the key")
    if len(data) != 33 or data[0] != 1:
        raise Unreadable("the key is not name+8 hex digits+base64 of an Ed25519 key")
    wanted = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
    if key_id != wanted.hex():
        raise Unreadable("the key's check digits do not fit it: it was mistyped")
    return name, wanted, data[1:]


def signature_of(line: str) -> tuple[str, bytes, bytes]:
    """Name, key id and signature of a line `— name base64`."""
    mark, _, rest = line.partition(" ")
    name, _, spelt = rest.partition(" ")
    data = bytes_of(spelt, "a signature")
    check_name(name, " +", "who signed")
    if mark != "\u2014" or not 4 < len(data) <= 4 + 8192:
        raise Unreadable("a line under the checkpoint is no signature")
    return name, data[:4], data[4:]


def note_of(note: str) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """The text that was signed, and the signatures under it."""
    text, gap, under = note.rpartition("\n\n")
    *lines, end = under.split("\n")
    if not gap or end or not 1 <= len(lines) <= MOST_SIGNATURES or len(note) > MOST_NOTE:
        raise Unreadable("the checkpoint is not a text, an empty line, and signatures")
    return text + "\n", [signature_of(line) for line in lines]


def checkpoint_of(text: str) -> tuple[str, int, bytes]:
    """Book, number of entries and root of the three lines of a checkpoint."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3]:
        raise Unreadable("the checkpoint has not three lines")
    check_name(lines[0], "", "the name of the book")
    return lines[0], number_of(lines[1], "the number of entries"), hash_of(lines[2], "the root")


def receipt_of(text: str) -> tuple[bytes, int, list[bytes], str]:
    """The entry's bytes, its place, the hashes of the proof, and the note that a receipt holds."""
    top, _, note = text.partition("\n\n")
    lines = top.split("\n")
    if len(lines) < 3 or lines[0] != "c2sp.org/tlog-proof@v1" or len(lines) > 3 + MOST_HASHES:
        raise Unreadable("this is not a receipt: look at its first line")
    if not lines[1].startswith("extra ") or not lines[2].startswith("index "):
        raise Unreadable("this is not a receipt: look at its second and third line")
    entry = bytes_of(lines[1][len("extra ") :], "the entry")
    if not 0 < len(entry) <= MOST_ENTRY:
        raise Unreadable("the entry is too long, or is missing")
    index = number_of(lines[2][len("index ") :], "the entry's place")
    return entry, index, [hash_of(line, "a hash of the proof") for line in lines[3:]], note


# --- The proof --------------------------------------------------------------------------------------------------


def check_inclusion(entry: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> None:
    """Raise Wrong unless *entry* is number *index* of the *size* entries under *root*."""
    if index >= size:
        raise Wrong("the checkpoint is older than the entry")
    place, last = index, size - 1
    value = hashlib.sha256(b"\x00" + entry).digest()
    for other in proof:
        if last == 0:
            raise Wrong("the proof has more hashes than it needs")
        if place & 1 or place == last:
            value = hashlib.sha256(b"\x01" + other + value).digest()
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            value = hashlib.sha256(b"\x01" + value + other).digest()
        place, last = place >> 1, last >> 1
    if last or value != root:
        raise Wrong("the proof does not lead from the entry to the root that was signed")


def proved(receipt: str, key_text: str) -> tuple[str, int, bytes, int, bytes]:
    """Book, number of entries, root, the entry's place and its bytes, once all is checked. Else raises."""
    name, key_id, key = key_of(key_text.strip())
    entry, index, proof, note = receipt_of(receipt)
    text, signatures = note_of(note)
    origin, size, root = checkpoint_of(text)
    ours = [signature for who, whose, signature in signatures if (who, whose) == (name, key_id)]
    if not ours:
        raise Wrong("the checkpoint is not signed by this key")
    for signature in ours:
        check_signature(key, text.encode(), signature)
    if origin != name:
        raise Wrong("the checkpoint is of another book: " + origin)
    check_inclusion(entry, index, size, proof, root)
    return origin, size, root, index, entry


def lines_about(entry: bytes) -> list[str]:
    """What an entry says, for people; characters that do not show, or turn lines around, as their numbers."""
    try:
        value = json.loads(entry)
        again = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        value, again = None, b""
    if again != entry or not isinstance(value, dict):
        raise Unreadable("the book holds these bytes, but they are no entry of timebank: " + repr(entry[:80]))
    heads = {"kind": "kind 种类", "day": "day 日期", "by": "by 经办人", "ok": "approved by 审核人"}
    heads |= {"body": "body 内容", "move": "moves 转账 [debit 借, credit 贷, unit 单位, amount 数量]"}
    said = {head: json.dumps(value[key], ensure_ascii=False) for key, head in heads.items() if key in value}
    lines = [f"{head}: {words}" for head, words in said.items()]
    return ["".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in line) for line in lines]


def main(arguments: list[str]) -> int:
    """Read the two files, and say what is proved."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # whatever the terminal's own is
    if len(arguments) != 2:
        print(__doc__)
        return 2
    try:
        key_text = arguments[1] if "+" in arguments[1] else read(arguments[1])
        origin, size, root, index, entry = proved(read(arguments[0]), key_text)
        said = lines_about(entry)
    except Wrong as error:
        print("NOT PROVED 未能证明:", error)
        return 1
    except (Unreadable, OSError, ValueError) as error:
        print("CANNOT READ 无法读取:", error)
        return 2
    print("PROVED 已证明")
    print("book 账本:", origin)
    print("entry 分录:", index, "(the first is 0 首条为 0)")
    print("entries 分录总数:", size)
    print("root 根哈希:", base64.b64encode(root).decode())
    print("\n".join(said))
    print("Not proved: that it is true, and when it was written. 不能证明：内容属实，以及何时写下。")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
