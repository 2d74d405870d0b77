"""Personal data: it lives outside the ledger, and is masked where it is shown."""
