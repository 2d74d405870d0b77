"""The recipe for openssl and a shell, as the page gives it: it proves what the library does, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.docs.page import page
from tests.tlog.test_receipt import GOOD, NOTE, ORIGIN, SIGNER, TEXT, issue
from timebank.tlog.checkpoint import encode_base64, generate_key
from timebank.tlog.receipt import Receipt

(SCRIPT,) = [each.text for each in page("how-to/check-a-receipt.md").blocks() if each.language == "bash"]
VKEY = SIGNER.verifier.vkey
LINE = NOTE.split("\n\n")[1]

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None or shutil.which("bash") is None, reason="no openssl or no bash"
)


def run(directory: Path, text: str, vkey: str = VKEY) -> subprocess.CompletedProcess[bytes]:
    for name, content in (("check-receipt.sh", SCRIPT), ("receipt", text), ("key", vkey + "\n")):
        (directory / name).write_bytes(content.encode())
    words = ["bash", "check-receipt.sh", "receipt", "key"]
    return subprocess.run(words, cwd=directory, capture_output=True, check=False)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 11])
def test_it_proves_every_entry(size: int, tmp_path: Path) -> None:
    for index in range(size):
        done = run(tmp_path, issue(index, size).render())
        said = f"Proved: {ORIGIN} holds this entry as number {index} of {size}\n"
        assert (done.returncode, done.stdout.decode().splitlines(keepends=True)[-1]) == (0, said)


WRONG = {
    "another index": TEXT.replace("index 4", "index 5"),
    # The same steps as entry 10 of 11: a proof says nothing about places that the tree does not have.
    "an index past the end": issue(10, 11).render().replace("index 10", "index 14"),
    "a command for an index": TEXT.replace("index 4", "index BASH_VERSINFO[$(touch harmed)]"),
    "a leading zero": TEXT.replace("index 4", "index 04"),
    "a number too long for the shell": TEXT.replace("index 4", f"index {2**64 + 4}"),
    "another entry": Receipt(issue(5, 11).leaf, 4, GOOD.proof, NOTE).render(),
    "a hash too few": Receipt(GOOD.leaf, 4, GOOD.proof[:-1], NOTE).render(),
    "a hash too many": Receipt(GOOD.leaf, 4, (*GOOD.proof, GOOD.proof[0]), NOTE).render(),
    "a changed hash": Receipt(GOOD.leaf, 4, (bytes(32), *GOOD.proof[1:]), NOTE).render(),
    "another size": TEXT.replace("\n11\n", "\n12\n"),
    "a command for a size": TEXT.replace("\n11\n", "\nBASH_VERSINFO[$(touch harmed)]\n"),
    "another root": TEXT.replace(NOTE.split("\n")[2], encode_base64(bytes(32))),
    "no signature": TEXT.removesuffix(LINE),
    "a signature of another key": TEXT.replace(
        LINE, generate_key(ORIGIN).sign(NOTE.split("\n\n")[0] + "\n").line()
    ),
    "another book of the same key": issue(4, 11, "example.org/other").render(),
    "carriage returns": TEXT.replace("\n", "\r\n"),
    "no first line": TEXT.split("\n", 1)[1],
    "nothing": "",
}


@pytest.mark.parametrize("how", WRONG)
def test_it_does_not_prove(how: str, tmp_path: Path) -> None:
    done = run(tmp_path, WRONG[how])
    assert done.returncode == 1
    assert b"Not proved: " in done.stdout
    assert sorted(each.name for each in tmp_path.iterdir()) == ["check-receipt.sh", "key", "receipt"]


def test_a_key_that_was_mistyped_or_is_another_proves_nothing(tmp_path: Path) -> None:
    for vkey in (
        VKEY.replace("yungu", "yunga"),
        VKEY[:-3] + ("B" if VKEY[-3] == "A" else "A") + VKEY[-2:],
        generate_key(ORIGIN).verifier.vkey,
        "x",
    ):
        assert run(tmp_path, TEXT, vkey).returncode == 1
