"""What is wrong with receipts, and with checkpoints as they are handed out."""

from __future__ import annotations

from timebank.errors.families import InvalidInput, error


@error
class QrTooLarge(InvalidInput):
    """A note has more bytes than a QR code holds that every telephone can read (version 10, error level L)."""

    code = "qr-too-large"
    bytes_needed: int
    bytes_most: int
