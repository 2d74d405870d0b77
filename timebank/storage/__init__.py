"""What keeps a ledger: plain Python (memory) and SQLite; both pass the same contract."""
