"""Many clients on one book, faults meanwhile, and the history of it all judged by a checker of its own."""
