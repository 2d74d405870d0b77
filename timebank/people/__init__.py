"""Personal data: it lives outside the ledger, is masked where it is shown, and can be erased."""
