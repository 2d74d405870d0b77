"""Registers and lists that a programme has kept in spreadsheets, read into the ledger row by row."""
