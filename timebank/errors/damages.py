"""What is not as it should be: stop, and call the auditor."""

from __future__ import annotations

from timebank.errors.families import Damaged, error


@error
class FileDamaged(Damaged):
    """The file cannot be read as the ledger it claims to be."""

    code = "file-damaged"
    path: str
    detail: str


@error
class DiskFailed(Damaged):
    """The disk, or the system under the file, could not read or write; what the file holds may be sound."""

    code = "disk-failed"
    path: str
    detail: str


@error
class BatchBroken(Damaged):
    """A write inside a batch failed below the rules; the whole batch was taken back."""

    code = "batch-broken"
    path: str


@error
class SignatureWrong(Damaged):
    """A checkpoint carries no valid signature of the key that is expected."""

    code = "signature-wrong"
    signer: str


@error
class ProofWrong(Damaged):
    """A proof does not lead to the root it should lead to."""

    code = "proof-wrong"
    reason: str


@error
class LogDiverged(Damaged):
    """The journal does not extend the checkpoint that was signed before."""

    code = "log-diverged"
    signed_size: int
    size: int
