"""Signed checkpoints: what the log's size and root were, in a note that anybody can keep and check.

C2SP signed-note (https://c2sp.org/signed-note), tlog-checkpoint (https://c2sp.org/tlog-checkpoint), Ed25519
(RFC 8032). A note is a text, an empty line, and signature lines; a checkpoint is a text of three lines.
Signing and verifying need the package cryptography, the extra `sign`.
"""

from __future__ import annotations

import base64
import os
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from timebank.errors import BadCode, BadNote, ExtraMissing, SignatureWrong

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

MAX_SIZE: Final = 2**63 - 1
MAX_NAME: Final = 200
MAX_SIGNATURES: Final = 16
MAX_SIGNATURE_BYTES: Final = 8192
MAX_NOTE: Final = 131_072
"""Characters in a note: sixteen of the longest signatures known today, and some text."""

_ED25519: Final = b"\x01"
_PRIVATE: Final = "PRIVATE+KEY+"
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_KEY_ID: Final = re.compile(r"[0-9a-f]{8}")
_SIGNATURE_LINE: Final = re.compile(r"— ([^ \n]+) ([A-Za-z0-9+/]+={0,2})")
_CONTROL: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def decode_base64(text: str) -> bytes:
    """The bytes that *text* spells in standard base64 (RFC 4648, section 4).

    Raises ValueError for any other spelling, stray bits in the last character included.
    """
    value = base64.b64decode(text, validate=True)
    if base64.b64encode(value).decode() != text:
        raise ValueError("another spelling of the same bytes")
    return value


def encode_base64(value: bytes) -> str:
    """*value* in standard base64, padded."""
    return base64.b64encode(value).decode()


def parse_number(text: str, most: int = MAX_SIZE) -> int:
    """A size or an index: ASCII digits without leading zeros. Raises ValueError for everything else."""
    if not _NUMBER.fullmatch(text) or int(text) > most:
        raise ValueError(f"no number from 0 to {most}")
    return int(text)


# --- The checkpoint ----------------------------------------------------------------------------------------


def _check_origin(_: object, attribute: Any, origin: str) -> None:
    if not 0 < len(origin) <= MAX_NAME or not origin.isprintable():
        raise BadNote(f"the origin is not one line of 1 to {MAX_NAME} printable characters")


def _check_tree_size(_: object, attribute: Any, size: int) -> None:
    if type(size) is not int or not 0 <= size <= MAX_SIZE:
        raise BadNote("the size is not a number of leaves")


def _check_root(_: object, attribute: Any, root: bytes) -> None:
    if type(root) is not bytes or len(root) != 32:
        raise BadNote("the root is not 32 bytes")


@frozen
class Checkpoint:
    """How many entries the log of *origin* had, and the root of the tree over them."""

    origin: str = field(validator=_check_origin)
    size: int = field(validator=_check_tree_size)
    root: bytes = field(validator=_check_root)

    def text(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{encode_base64(self.root)}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint that *text* is. Raises BadNote for any other text, extension lines included."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3]:
        raise BadNote("a checkpoint has three lines, and no extension lines")
    try:
        return Checkpoint(lines[0], parse_number(lines[1]), decode_base64(lines[2]))
    except ValueError as error:
        raise BadNote(f"the size or the root is ill-formed: {error}") from error


# --- The note ----------------------------------------------------------------------------------------------


def _check_name(_: object, attribute: Any, name: str) -> None:
    if not 0 < len(name) <= MAX_NAME or not name.isprintable() or "+" in name or " " in name:
        raise BadNote("a key name is empty, too long, or holds spaces, plus signs or controls")


def _check_key_id(_: object, attribute: Any, key_id: bytes) -> None:
    if len(key_id) != 4:
        raise BadNote("a key id is not 4 bytes")


def _check_signature(_: object, attribute: Any, signature: bytes) -> None:
    if not 0 < len(signature) <= MAX_SIGNATURE_BYTES:
        raise BadNote(f"a signature is not 1 to {MAX_SIGNATURE_BYTES} bytes")


def _check_note_text(_: object, attribute: Any, text: str) -> None:
    if not text.endswith("\n") or len(text) > MAX_NOTE:
        raise BadNote(f"the text does not end with a newline, or is longer than {MAX_NOTE} characters")
    if _CONTROL.search(text):
        raise BadNote("the text holds control characters or surrogates")


def _check_signatures(_: object, attribute: Any, signatures: tuple[Signature, ...]) -> None:
    if not 0 < len(signatures) <= MAX_SIGNATURES:
        raise BadNote(f"a note has 1 to {MAX_SIGNATURES} signatures, not {len(signatures)}")


@frozen
class Signature:
    """One signature line: whose it says it is, and the signature, not verified."""

    name: str = field(validator=_check_name)
    key_id: bytes = field(validator=_check_key_id)
    signature: bytes = field(validator=_check_signature)

    def line(self) -> str:
        """The line as it stands in a note."""
        return f"— {self.name} {encode_base64(self.key_id + self.signature)}\n"


@frozen
class Note:
    """A text and the signatures under it, not verified."""

    text: str = field(validator=_check_note_text)
    signatures: tuple[Signature, ...] = field(validator=_check_signatures)

    def render(self) -> str:
        """The note as it is stored and handed out."""
        return f"{self.text}\n{''.join(signature.line() for signature in self.signatures)}"


def parse_note(text: str) -> Note:
    """The note that *text* is, its signatures not verified. Raises BadNote for any other text."""
    if len(text) > MAX_NOTE:
        raise BadNote(f"longer than {MAX_NOTE} characters")
    signed, blank, lines = text.rpartition("\n\n")
    if not blank or not lines.endswith("\n"):
        raise BadNote("a note is a text, an empty line, and lines of signatures")
    return Note(signed + "\n", tuple(map(_parse_signature, lines[:-1].split("\n"))))


def _parse_signature(line: str) -> Signature:
    found = _SIGNATURE_LINE.fullmatch(line)
    if not found:
        raise BadNote("a line under the text is no signature")
    try:
        value = decode_base64(found[2])
    except ValueError as error:
        raise BadNote(f"a signature is ill-formed: {error}") from error
    return Signature(found[1], value[:4], value[4:])


# --- Keys --------------------------------------------------------------------------------------------------


def _check_32_bytes(_: object, attribute: Any, value: bytes) -> None:
    if type(value) is not bytes or len(value) != 32:
        raise BadNote("a key is not 32 bytes")


@frozen
class Verifier:
    """Who is expected to sign: a name and the public key."""

    name: str = field(validator=_check_name)
    public_key: bytes = field(validator=_check_32_bytes)

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys of one name apart; they prove nothing."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public_key).digest()[:4]

    @property
    def vkey(self) -> str:
        """The public key as text, made to be published."""
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(_ED25519 + self.public_key)}"

    def verify(self, text: str, signature: bytes) -> None:
        """Raise SignatureWrong unless *signature* is this key's over *text*."""
        ed25519 = _ed25519()
        from cryptography.exceptions import InvalidSignature

        try:
            ed25519.Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, text.encode())
        except InvalidSignature as error:
            raise SignatureWrong(self.name) from error


@frozen
class Signer:
    """Who signs: the public half and the secret seed, put together by `generate_key` or `parse_signer`."""

    verifier: Verifier
    seed: bytes = field(validator=_check_32_bytes, repr=False)

    @property
    def name(self) -> str:
        """The key's name, as in its signature lines."""
        return self.verifier.name

    @property
    def vkey(self) -> str:
        """The public key as text, made to be published."""
        return self.verifier.vkey

    @property
    def private_text(self) -> str:
        """The private key as text: whoever reads it can sign."""
        return f"{_PRIVATE}{self.name}+{self.verifier.key_id.hex()}+{encode_base64(_ED25519 + self.seed)}"

    def sign(self, text: str) -> Signature:
        """This key's signature over *text*."""
        key = _ed25519().Ed25519PrivateKey.from_private_bytes(self.seed)
        return Signature(self.name, self.verifier.key_id, key.sign(text.encode()))


def parse_verifier(vkey: str) -> Verifier:
    """The public key that a vkey spells. Raises BadCode, or BadNote for a name that no key can have."""
    name, key_id, public_key = _parse_key("vkey", vkey, shown=vkey)
    verifier = Verifier(name, public_key)
    if verifier.key_id != key_id:
        raise BadCode("vkey", vkey, "a key id that fits the key")
    return verifier


def parse_signer(private_text: str) -> Signer:
    """The private key that a text spells.

    Raises BadCode, which never shows the text, BadNote for a bad name, ExtraMissing without cryptography.
    """
    shown = f"{_PRIVATE}…"
    if not private_text.startswith(_PRIVATE):
        raise BadCode("private key", "…", f"{_PRIVATE}name+key id+base64")
    name, key_id, seed = _parse_key("private key", private_text.removeprefix(_PRIVATE), shown=shown)
    signer = _signer(name, seed)
    if signer.verifier.key_id != key_id:
        raise BadCode("private key", shown, "a key id that fits the key")
    return signer


def generate_key(name: str, entropy: Callable[[int], bytes] = os.urandom) -> Signer:
    """A new key from *entropy* (the operating system's). Raises BadNote for a bad name, and ExtraMissing."""
    return _signer(name, entropy(32))


def _signer(name: str, seed: bytes) -> Signer:
    private_key = _ed25519().Ed25519PrivateKey.from_private_bytes(seed)
    return Signer(Verifier(name, private_key.public_key().public_bytes_raw()), seed)


def _parse_key(kind: str, text: str, *, shown: str) -> tuple[str, bytes, bytes]:
    """Name, key id and key of `name+hex8+base64(0x01 ‖ key)`, the form that public and private keys share."""
    pattern = "name+key id as 8 hexadecimal digits+base64 of 0x01 and 32 bytes"
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    try:
        key = decode_base64(encoded)
    except ValueError:
        # Without its cause: a traceback must not show half of a private key.
        raise BadCode(kind, shown, pattern) from None
    if not _KEY_ID.fullmatch(key_id) or key[:1] != _ED25519 or len(key) != 33:
        raise BadCode(kind, shown, pattern)
    return name, bytes.fromhex(key_id), key[1:]


def _ed25519() -> ModuleType:
    try:
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError as error:
        raise ExtraMissing("sign", "cryptography") from error
    return ed25519


# --- Signed checkpoints ------------------------------------------------------------------------------------


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> str:
    """The note that *signer* puts its name to. Raises ExtraMissing without the package cryptography."""
    text = checkpoint.text()
    return Note(text, (signer.sign(text),)).render()


def open_checkpoint(note_text: str, verifier: Verifier) -> Checkpoint:
    """The checkpoint in a note that *verifier* has signed; signatures of other keys are ignored.

    Raises BadNote when the text is no checkpoint note, SignatureWrong when the verifier's signature is
    missing or any line under its name and key id is wrong, ExtraMissing without the package cryptography.
    """
    note = parse_note(note_text)
    key = verifier.name, verifier.key_id
    signatures = [each.signature for each in note.signatures if (each.name, each.key_id) == key]
    if not signatures:
        raise SignatureWrong(verifier.name)
    for signature in signatures:
        verifier.verify(note.text, signature)
    return parse_checkpoint(note.text)


def read_unverified(note_text: str) -> Checkpoint:
    """The checkpoint in a note, its signatures not looked at: for comparing size and root with a known log.

    Raises BadNote when the text is no checkpoint note.
    """
    return parse_checkpoint(parse_note(note_text).text)
