"""Reading for those who check: verify, trial balance, reports. Nothing here writes."""
