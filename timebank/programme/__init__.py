"""The time bank on the ledger: organisations, members and cards, rulebook, services, shops and goods."""
