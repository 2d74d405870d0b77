"""Double entry: units, accounts, transfers, entries, balances, posting, reversal, holds. Knows no volunteers."""
