"""The views of a flat SQLite file: what people ask for most, by name."""

from __future__ import annotations

from typing import Final

VIEWS: Final = {
    "postings": """
SELECT seq, line, debit AS account, credit AS other, unit, amount FROM transfers
UNION ALL
SELECT seq, line, credit, debit, unit, -amount FROM transfers
""",
    "balances": """
SELECT side.account, substr(side.account, 1, 1) AS class, side.unit,
    CASE WHEN substr(side.account, 1, 1) IN ('A', 'X') THEN 1 ELSE -1 END * sum(side.amount) AS balance,
    sum(side.amount) AS debit_balance, accounts.name, units.name AS unit_name, units.name_en AS unit_name_en
FROM postings AS side
LEFT JOIN accounts ON accounts.account = side.account
LEFT JOIN units ON units.unit = side.unit
GROUP BY side.account, side.unit
""",
    "member_statement": """
SELECT accounts.member, members.org, organisations.name AS org_name, entries.day, side.seq, side.line,
    entries.kind, entries."by", side.unit, -side.amount AS change,
    sum(-side.amount) OVER (
        PARTITION BY side.account, side.unit ORDER BY entries.day, side.seq, side.line
    ) AS balance,
    side.other
FROM postings AS side
JOIN accounts ON accounts.account = side.account AND accounts.type = 'L:M'
JOIN entries ON entries.seq = side.seq
LEFT JOIN members ON members.member = accounts.member
LEFT JOIN organisations ON organisations.org = members.org
""",
    "shop_stock": """
SELECT accounts.shop, shops.name AS shop_name, goods.good, side.unit, units.name, units.name_en,
    sum(CASE WHEN accounts.type = 'A:S' THEN side.amount ELSE 0 END) AS on_shelf,
    sum(CASE WHEN accounts.type = 'A:H' THEN side.amount ELSE 0 END) AS set_aside
FROM postings AS side
JOIN accounts ON accounts.account = side.account AND accounts.type IN ('A:S', 'A:H')
LEFT JOIN shops ON shops.shop = accounts.shop
LEFT JOIN units ON units.unit = side.unit
LEFT JOIN goods ON goods.unit = side.unit
GROUP BY accounts.shop, side.unit
""",
    "awards": """
SELECT entries.seq, entries.day, json_extract(entries.body, '$.service') AS service, accounts.member,
    sum(CASE WHEN transfers.unit = 'PTS' THEN transfers.amount ELSE 0 END) AS points,
    sum(CASE WHEN transfers.unit = 'MIN' THEN transfers.amount ELSE 0 END) AS minutes,
    entries."by", entries.ok, (
        SELECT min(reversals.seq) FROM entries AS reversals
        WHERE reversals.ref = entries.seq AND reversals.kind = 'reversal'
    ) AS reversed_by
FROM entries
JOIN transfers ON transfers.seq = entries.seq
JOIN accounts ON accounts.account = transfers.credit AND accounts.type = 'L:M'
WHERE entries.kind = 'award'
GROUP BY entries.seq, accounts.member
""",
    "redemptions": """
SELECT entries.seq, entries.day, entries.kind, shops.shop, shops.name AS shop_name, payer.member,
    sum(transfers.amount) AS points, entries."by", (
        SELECT min(reversals.seq) FROM entries AS reversals
        WHERE reversals.ref = entries.seq AND reversals.kind = 'reversal'
    ) AS reversed_by
FROM entries
JOIN transfers ON transfers.seq = entries.seq AND transfers.unit = 'PTS'
JOIN accounts AS payer ON payer.account = transfers.debit AND payer.type IN ('L:M', 'L:H')
JOIN accounts AS taker ON taker.account = transfers.credit AND taker.type = 'L:S'
LEFT JOIN shops ON shops.shop = taker.shop
WHERE entries.kind IN ('redemption', 'post')
GROUP BY entries.seq, payer.member
""",
    "redeemed_goods": """
SELECT entries.seq, entries.day, entries.kind, shops.shop, shops.name AS shop_name, goods.good, transfers.unit,
    units.name, units.name_en, transfers.amount AS pieces, (
        SELECT min(reversals.seq) FROM entries AS reversals
        WHERE reversals.ref = entries.seq AND reversals.kind = 'reversal'
    ) AS reversed_by
FROM entries
JOIN transfers ON transfers.seq = entries.seq
JOIN accounts ON accounts.account = transfers.debit AND accounts.type = 'X:GIVEN'
LEFT JOIN shops ON shops.shop = accounts.shop
LEFT JOIN units ON units.unit = transfers.unit
LEFT JOIN goods ON goods.unit = transfers.unit
WHERE entries.kind IN ('redemption', 'post')
""",
    "month_totals": """
SELECT substr(entries.day, 1, 7) AS month, accounts.type, accounts.class, side.unit,
    sum(max(side.amount, 0)) AS debits, sum(max(-side.amount, 0)) AS credits, count(*) AS transfers
FROM postings AS side
JOIN accounts ON accounts.account = side.account
JOIN entries ON entries.seq = side.seq
GROUP BY substr(entries.day, 1, 7), accounts.type, side.unit
""",
}
