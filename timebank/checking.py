"""Files that are not trusted, checked: where the auditor meets the store's evidence and the programme's tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from timebank.audit.reperform import USUAL, Audit, Thresholds, audit
from timebank.audit.since import verify_since
from timebank.audit.verify import Verification, verify
from timebank.programme.kinds import TABLES
from timebank.storage.keys import witnessed_notes
from timebank.storage.sqlite_evidence import examined
from timebank.tlog.cosignature import parse_cosigner

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def verify_file(
    path: str | Path,
    *,
    checkpoints: Sequence[str] = (),
    receipts: Sequence[str] = (),
    witnesses: Sequence[str] = (),
    since: str | None = None,
) -> Verification:
    """Check a file that is not trusted, reading only; *checkpoints* and *receipts* were kept outside it.

    Of a receipt its entry is compared with the journal's, and its note counts as a checkpoint. *witnesses* are
    the public keys of those who are trusted to have seen the book: the notes beside the file in FILE.witnessed
    count as kept outside with them, and each of them must have cosigned a note. With *since*, the note of a state
    that was verified in full before, only what came after it is checked, and not the programme's rules.

    Raises BadCode for a key that is none, BadNote for a *since* that is none, FileMissing, NotALedger, CannotOpen,
    DiskFailed where the disk does not give what lies there, and FileDamaged where not even the schema can be read;
    everything else is a finding, another note that is none among them.
    """
    cosigners = [parse_cosigner(vkey) for vkey in witnesses]
    witnessed = witnessed_notes(Path(path)) if cosigners else ()
    outside: dict[str, Any] = {
        "checkpoints": checkpoints,
        "receipts": receipts,
        "witnessed": witnessed,
        "witnesses": cosigners,
    }
    if since is not None:
        return examined(Path(path), lambda evidence: verify_since(evidence, since, **outside))
    return examined(Path(path), lambda evidence: verify(evidence, TABLES, **outside))


def audit_file(
    path: str | Path,
    *,
    checkpoints: Sequence[str] = (),
    links: Iterable[tuple[str, str]] | None = None,
    thresholds: Thresholds = USUAL,
) -> Audit:
    """Verify a file that is not trusted, perform its figures again, and look for leads; reading only.

    *links* are pairs of an operator and the member (or the card) that this person has, as the auditor knows them.
    Raises what `verify_file` raises, and UnknownOperator or UnknownMember for a link that nobody is.
    """
    known = tuple(links or ())
    return examined(
        Path(path),
        lambda evidence: audit(evidence, TABLES, checkpoints=checkpoints, links=known, thresholds=thresholds),
    )
