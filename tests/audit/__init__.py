"""Attacks on a ledger file, and what verify says to each."""
