"""Who is behind the members: where the people file and the ledger meet."""
