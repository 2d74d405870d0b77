"""The books written out for programs of other people, so that nobody has to believe ours."""
