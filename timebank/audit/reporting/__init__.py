"""What is reported of a programme: a period with the one before it, and the trial balance by organisation."""
