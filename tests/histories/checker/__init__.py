"""The checker: reads histories and the leaves of a file, and says what cannot have happened on one honest book.

It shares no code with timebank: it imports the standard library and itself. What it knows of the format it knows
from docs/reference/format.md.
"""
