"""What is asked of an untrusted file about many accounts at once: in SQL, and not one by one."""

from __future__ import annotations

from typing import Final

_BY_CODE: Final = "sqlite_autoindex_account_1"
_BY_PLACE: Final = "sqlite_autoindex_transfer_1"
MOVED_NEEDS: Final = frozenset(("account", "transfer", "transfer_debit", "transfer_credit", _BY_CODE))
"""The tables and indexes that MOVED relies on."""


def _same_code(condition: str) -> str:
    return f"""
    (SELECT 1 FROM account AS same INDEXED BY {_BY_CODE}
    WHERE same.code = account.code AND same.unit = account.unit AND same.id {condition} account.id)
"""  # noqa: S608 - names are ours, here and below


def _last(side: str) -> str:
    return f"""
    SELECT * FROM (
        SELECT seq, pos FROM transfer INDEXED BY transfer_{side} WHERE {side} = moved.id AND seq < :first
        ORDER BY seq DESC, pos DESC LIMIT 1
    )
"""  # noqa: S608


# The account's row is the table's own, and the index has to lead to it and to no other.
MOVED: Final = f"""
WITH moved (id) AS (
    SELECT debit FROM transfer INDEXED BY {_BY_PLACE} WHERE seq >= :first
    UNION
    SELECT credit FROM transfer INDEXED BY {_BY_PLACE} WHERE seq >= :first
)
SELECT account.id, code, unit, balance,
    CASE account.id WHEN last.debit THEN last.debit_after WHEN last.credit THEN last.credit_after ELSE 0 END
FROM moved CROSS JOIN account NOT INDEXED ON account.id = moved.id
LEFT JOIN transfer AS last INDEXED BY {_BY_PLACE} ON (last.seq, last.pos) = (
    SELECT seq, pos FROM ({_last("debit")} UNION ALL {_last("credit")}) ORDER BY seq DESC, pos DESC LIMIT 1
)
WHERE EXISTS {_same_code("=")} AND NOT EXISTS {_same_code("<>")}
"""  # noqa: S608
_SMALL: Final = f"typeof(balance) = 'integer' AND balance BETWEEN {-(2**31)} AND {2**31 - 1}"
_IS_DEBIT: Final = "(code >= 'A' AND code < 'B' OR code >= 'X' AND code < 'Y')"
# Of small balances no sum can be too large for SQLite; the others come one by one.
UNIT_SUMS: Final = f"""
SELECT unit, 1, sum(CASE WHEN {_IS_DEBIT} THEN balance ELSE -balance END)
FROM account NOT INDEXED WHERE {_SMALL} GROUP BY unit
UNION ALL
SELECT unit, CASE WHEN {_IS_DEBIT} THEN 1 ELSE -1 END, balance
FROM account NOT INDEXED WHERE typeof(balance) = 'integer' AND NOT ({_SMALL})
"""  # noqa: S608
