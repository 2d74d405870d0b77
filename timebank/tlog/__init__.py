"""The log under the ledger: canonical bytes, their Merkle tree, signed checkpoints and receipts.

Pure functions and values: nothing here reads a file, a clock or a database.
"""
