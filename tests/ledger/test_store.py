"""What a table of records is to a store: columns, and a key."""

from __future__ import annotations

from attrs import frozen

from timebank.ledger.store import Table


@frozen
class Shelf:
    """A record."""

    shop: str
    good: str
    count: int


def test_a_table_has_the_fields_of_its_record_for_columns_and_finds_a_record_by_its_key() -> None:
    shelves = Table("shelf", Shelf, key=("good", "shop"))
    assert shelves.columns == ("shop", "good", "count")
    assert shelves.key_of(Shelf("yungu", "rice", 3)) == ("rice", "yungu")
