"""Copies that are put back, and what witnesses have cosigned: a book kept safe from outside."""
