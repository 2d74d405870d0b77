"""Tests of the log: canonical bytes, Merkle tree, checkpoints, receipts, and published vectors."""
