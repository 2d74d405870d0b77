"""Vectors that others published: RFC 6962 proofs, and a whole log written by Tessera."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from timebank.errors import ProofWrong
from timebank.tlog.checkpoint import Checkpoint, open_checkpoint, parse_verifier, read_unverified
from timebank.tlog.merkle import (
    EMPTY_ROOT,
    Frontier,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root,
    root_of,
)

VECTORS = Path(__file__).parents[2].parent / "shared" / "vectors"
PROOFS = VECTORS / "rfc6962"
LOG = VECTORS / "tessera-log"
# Published with the log (transparency-dev/tessera, testdata/build_log.sh); it is not beside the files.
LOG_KEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
# The published verdict is that this one is right; its roots have 12 bytes, which no SHA-256 root has.
SHORT_ROOTS = "consistency/additional/sizes-are-equal-one-and-proof-is-empty.json"

needs_proofs = pytest.mark.skipif(not PROOFS.is_dir(), reason="no ../shared/vectors/rfc6962 beside the project")
needs_log = pytest.mark.skipif(not LOG.is_dir(), reason="no ../shared/vectors/tessera-log beside the project")


def files(kind: str) -> list[str]:
    return sorted(str(path.relative_to(PROOFS)) for path in (PROOFS / kind).rglob("*.json"))


def check(vector: dict[str, Any]) -> None:
    proof = [base64.b64decode(each) for each in vector["proof"] or ()]
    if "leafIdx" in vector:
        leaf, top = (base64.b64decode(vector[key] or "") for key in ("leafHash", "root"))
        check_inclusion(leaf, vector["leafIdx"], vector["treeSize"], proof, top)
    else:
        old, new = (base64.b64decode(vector[key] or "") for key in ("root1", "root2"))
        check_consistency(vector["size1"], vector["size2"], old, new, proof)


@needs_proofs
@pytest.mark.parametrize("name", [*files("inclusion"), *files("consistency")])
def test_a_published_proof_has_its_published_verdict(name: str) -> None:
    vector = json.loads((PROOFS / name).read_text(encoding="utf-8"))
    if vector["wantErr"] or name == SHORT_ROOTS:
        with pytest.raises(ProofWrong):
            check(vector)
    else:
        check(vector)


@needs_proofs
def test_all_published_proofs_were_found() -> None:
    assert len(files("inclusion")) > 90
    assert len(files("consistency")) > 90
    assert SHORT_ROOTS in files("consistency")


def bundle(width: int) -> list[bytes]:
    """The first *width* entries: each with its length before it, two bytes, big-endian (C2SP tlog-tiles)."""
    rest = (LOG / f"tile/entries/000.p/{width}").read_bytes()
    entries = []
    while rest:
        size = int.from_bytes(rest[:2])
        entries.append(rest[2 : 2 + size])
        rest = rest[2 + size :]
    return entries


def tile(width: int) -> list[bytes]:
    data = (LOG / f"tile/0/000.p/{width}").read_bytes()
    assert len(data) == 32 * width
    return [data[start : start + 32] for start in range(0, len(data), 32)]


class Tiles:
    """The log's own tile as the place where hashes are read."""

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        assert level == 0
        return tile(15)[first : first + count]


def point(size: int) -> Checkpoint:
    return read_unverified((LOG / f"checkpoint.{size}").read_text(encoding="utf-8"))


@needs_log
@pytest.mark.parametrize("size", range(1, 16))
def test_every_size_of_the_tessera_log_has_the_root_it_signed(size: int) -> None:
    leaves = [leaf_hash(entry) for entry in bundle(size)]
    growing = Frontier()
    for leaf in leaves:
        growing.append(leaf)
    assert leaves == tile(size) == tile(15)[:size]
    assert point(size) == Checkpoint("example.com/log/testdata", size, root_of(leaves))
    assert point(size).root == growing.root() == root(Tiles(), size)


@needs_log
def test_the_empty_tessera_log_has_the_empty_root() -> None:
    assert point(0) == Checkpoint("example.com/log/testdata", 0, EMPTY_ROOT)


@needs_log
def test_proofs_between_all_sizes_of_the_tessera_log_check() -> None:
    for size in range(1, 16):
        for index, entry in enumerate(bundle(size)):
            proof = inclusion_proof(Tiles(), index, size)
            check_inclusion(leaf_hash(entry), index, size, proof, point(size).root)
        for old in range(1, size + 1):
            proof = consistency_proof(Tiles(), old, size)
            check_consistency(old, size, point(old).root, point(size).root, proof)


@needs_log
@pytest.mark.parametrize("name", ["checkpoint", *(f"checkpoint.{size}" for size in range(16))])
def test_every_checkpoint_of_the_tessera_log_opens_under_its_key(name: str) -> None:
    note = (LOG / name).read_text(encoding="utf-8")
    assert open_checkpoint(note, parse_verifier(LOG_KEY)) == read_unverified(note)
