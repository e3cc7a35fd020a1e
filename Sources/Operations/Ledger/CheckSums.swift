import Domain
import Store

extension CheckBooks {
    /// Each gives a row only where something differs: its name, the kept figure, the figure recounted.
    var sumQueries: [(String, SQL)] {
        [
            (
                "debits and credits of entry",
                """
                SELECT CAST(x.entry_id AS TEXT) || ' (' || COALESCE(e.kind || ' ' || e.memo, 'no such entry') || ')', CAST(0 AS BIGINT),
                  x.amount_minor
                  FROM (SELECT entry_id, currency, CAST(SUM(amount_minor) AS BIGINT) AS amount_minor FROM posting
                    WHERE entity_id = \(entity)
                         GROUP BY entry_id, currency HAVING SUM(amount_minor) <> 0) x
                  LEFT JOIN journal_entry e ON e.entity_id = \(entity) AND e.id = x.entry_id
                """
            ),
            (
                "open amount of item",
                """
                SELECT i.number || ' (id ' || CAST(i.id AS TEXT) || ')', i.open_minor,
                  CAST(i.amount_minor - COALESCE(d.settled, 0) + COALESCE(c.settled, 0) AS BIGINT)
                  FROM open_item i
                  LEFT JOIN (SELECT debit_item_id AS id, SUM(amount_minor) AS settled FROM allocation WHERE entity_id = \(entity)
                    GROUP BY debit_item_id) d
                    ON d.id = i.id
                  LEFT JOIN (SELECT credit_item_id AS id, SUM(amount_minor) AS settled FROM allocation WHERE entity_id = \(entity)
                    GROUP BY credit_item_id) c
                    ON c.id = i.id
                 WHERE i.entity_id = \(entity) AND i.open_minor <> i.amount_minor - COALESCE(d.settled, 0) + COALESCE(c.settled, 0)
                """
            ),
            (
                "control accounts against open items in",
                """
                SELECT o.currency, o.open_minor, COALESCE(p.balance_minor, 0)
                  FROM (SELECT currency, CAST(SUM(open_minor) AS BIGINT) AS open_minor FROM open_item WHERE entity_id = \(entity)
                    GROUP BY currency) o
                  LEFT JOIN (SELECT x.currency, CAST(SUM(x.amount_minor) AS BIGINT) AS balance_minor FROM posting x
                               JOIN account a ON a.entity_id = x.entity_id AND a.code = x.account AND a.control = 1
                              WHERE x.entity_id = \(entity) GROUP BY x.currency) p ON p.currency = o.currency
                 WHERE o.open_minor <> COALESCE(p.balance_minor, 0)
                """
            ),
        ] + keptQueries(entity) + sliceQueries(entity) + bookQueries(entity)
    }
}

/// Kept figures against the facts, both ways round: a row that is missing on either side shows.
private func keptQueries(_ entity: ID<Entity>) -> [(String, SQL)] {
    [
        (
            "kept balance of account",
            """
            SELECT x.account || ' ' || x.currency || ' ' || x.effective_on, CAST(SUM(x.kept) AS BIGINT), CAST(SUM(x.counted) AS BIGINT)
              FROM (SELECT account, currency, effective_on, 0 AS side, debit_minor AS kept, 0 AS counted FROM account_day
                WHERE entity_id = \(entity)
                    UNION ALL
                    SELECT account, currency, effective_on, 1, credit_minor, 0 FROM account_day WHERE entity_id = \(entity)
                    UNION ALL
                    SELECT p.account, p.currency, e.effective_on, CASE WHEN p.amount_minor > 0 THEN 0 ELSE 1 END, 0,
                           CASE WHEN p.amount_minor > 0 THEN p.amount_minor ELSE -p.amount_minor END
                      FROM posting p JOIN journal_entry e ON e.entity_id = p.entity_id AND e.id = p.entry_id
                        WHERE p.entity_id = \(entity)) x
             GROUP BY x.account, x.currency, x.effective_on, x.side HAVING SUM(x.kept) <> SUM(x.counted)
            """
        ),
        (
            "kept open amount due on",
            """
            SELECT x.due_on || ' ' || x.currency, CAST(SUM(x.kept) AS BIGINT), CAST(SUM(x.counted) AS BIGINT)
              FROM (SELECT currency, due_on, 0 AS side, debit_minor AS kept, 0 AS counted FROM due_day WHERE entity_id = \(entity)
                    UNION ALL SELECT currency, due_on, 1, credit_minor, 0 FROM due_day WHERE entity_id = \(entity)
                    UNION ALL SELECT currency, due_on, 2, debit_count, 0 FROM due_day WHERE entity_id = \(entity)
                    UNION ALL SELECT currency, due_on, 3, credit_count, 0 FROM due_day WHERE entity_id = \(entity)
                    UNION ALL SELECT currency, due_on, CASE WHEN open_minor > 0 THEN 0 ELSE 1 END, 0, open_minor
                                FROM open_item WHERE entity_id = \(entity) AND open_minor <> 0
                    UNION ALL SELECT currency, due_on, CASE WHEN open_minor > 0 THEN 2 ELSE 3 END, 0, 1
                                FROM open_item WHERE entity_id = \(entity) AND open_minor <> 0) x
             GROUP BY x.currency, x.due_on, x.side HAVING SUM(x.kept) <> SUM(x.counted)
            """
        ),
        (
            "proof of",
            """
            SELECT x.currency || ' ' || x.side, CAST(SUM(x.kept) AS BIGINT), CAST(SUM(x.counted) AS BIGINT)
              FROM (SELECT currency, 'debits' AS side, debit_minor AS kept, 0 AS counted FROM proof WHERE entity_id = \(entity)
                    UNION ALL SELECT currency, 'credits', credit_minor, 0 FROM proof WHERE entity_id = \(entity)
                    UNION ALL SELECT currency, 'control accounts', control_minor, 0 FROM proof WHERE entity_id = \(entity)
                    UNION ALL SELECT currency, 'open items', open_minor, 0 FROM proof WHERE entity_id = \(entity)
                    UNION ALL SELECT currency, CASE WHEN amount_minor > 0 THEN 'debits' ELSE 'credits' END, 0,
                                     CASE WHEN amount_minor > 0 THEN amount_minor ELSE -amount_minor END
                                FROM posting WHERE entity_id = \(entity)
                    UNION ALL SELECT currency, 'control accounts', 0, amount_minor FROM posting
                               WHERE entity_id = \(entity) AND account IN ('1200', '1290')
                    UNION ALL SELECT currency, 'open items', 0, open_minor FROM open_item WHERE entity_id = \(entity)) x
             GROUP BY x.currency, x.side HAVING SUM(x.kept) <> SUM(x.counted) ORDER BY x.currency, x.side
            """
        ),
    ] + orderQueries(entity)
}

/// What people decided of an order, and that what was not charged was worth nothing.
private func orderQueries(_ entity: ID<Entity>) -> [(String, SQL)] {
    [
        (
            "state of order",
            """
            SELECT o.external_id, 'document ' || CAST(o.document_id AS TEXT), CAST(NULL AS TEXT) FROM sales_order o
             WHERE o.entity_id = \(entity) AND o.state = 'billed'
               AND NOT EXISTS (SELECT 1 FROM invoice_line l
                                WHERE l.entity_id = o.entity_id AND l.invoice_id = o.document_id AND l.order_id = o.id)
            UNION
            SELECT o.external_id, o.state, 'billed with ' || i.number
              FROM invoice_line l JOIN sales_order o ON o.entity_id = l.entity_id AND o.id = l.order_id
              JOIN invoice i ON i.entity_id = l.entity_id AND i.id = l.invoice_id
             WHERE l.entity_id = \(entity) AND o.state <> 'billed'
            """
        ),
        (
            "state of order",
            """
            SELECT o.external_id || ' (id ' || CAST(o.id AS TEXT) || ')', o.state, COALESCE(e.event, 'never held')
              FROM sales_order o
              LEFT JOIN order_event e ON e.entity_id = o.entity_id
               AND e.id = (SELECT MAX(x.id) FROM order_event x WHERE x.entity_id = o.entity_id AND x.order_id = o.id)
             WHERE o.entity_id = \(entity)
               AND COALESCE(e.event, 'released')
                   <> CASE o.state WHEN 'held' THEN 'held' WHEN 'cancelled' THEN 'cancelled' ELSE 'released' END
            """
        ),
        (
            // Rounded order by order, they may miss zero by a unit each.
            "what was not charged to customer",
            """
            SELECT COALESCE(c.number, '?') || ' ' || o.currency, CAST(SUM(o.gross_minor) AS BIGINT), 0
              FROM sales_order o LEFT JOIN customer c ON c.entity_id = o.entity_id AND c.id = o.customer_id
             WHERE o.entity_id = \(entity) AND o.state = 'no_charge'
             GROUP BY c.number, o.customer_id, o.currency HAVING SUM(o.gross_minor) > COUNT(*) OR SUM(o.gross_minor) < -COUNT(*)
            """
        ),
    ]
}

/// What is left of slices, and that no item has more of them than it has open.
private func sliceQueries(_ entity: ID<Entity>) -> [(String, SQL)] {
    [
        (
            "open amount of slice",
            """
            SELECT s.kind || ' of ' || COALESCE((SELECT i.number FROM open_item i WHERE i.entity_id = s.entity_id
              AND i.id = s.item_id), '?')
                   || ' (id ' || CAST(s.id AS TEXT) || ')', s.open_minor, CAST(s.amount_minor - COALESCE(e.gone, 0) AS BIGINT)
              FROM slice s
              LEFT JOIN (SELECT slice_id, SUM(CASE WHEN event = 'reopened' THEN -amount_minor ELSE amount_minor END) AS gone
                           FROM slice_event WHERE entity_id = \(entity) GROUP BY slice_id) e ON e.slice_id = s.id
             WHERE s.entity_id = \(entity) AND s.open_minor <> s.amount_minor - COALESCE(e.gone, 0)
            """
        ),
        (
            "slices of item",
            """
            SELECT i.number || ' (id ' || CAST(s.item_id AS TEXT) || ')', CAST(SUM(s.open_minor) AS BIGINT), MAX(i.open_minor)
              FROM slice s JOIN open_item i ON i.entity_id = s.entity_id AND i.id = s.item_id
             WHERE s.entity_id = \(entity) AND s.open_minor <> 0 GROUP BY i.number, s.item_id HAVING SUM(s.open_minor) > MAX(i.open_minor)
            """
        ),
    ]
}

/// What the book itself keeps: how many slices there are, and through which day it is closed.
private func bookQueries(_ entity: ID<Entity>) -> [(String, SQL)] {
    [
        (
            "count of slices, by",
            """
            SELECT CAST(b.entity_id AS TEXT), b.slice_count, (SELECT count(*) FROM slice WHERE entity_id = \(entity))
              FROM book b WHERE b.entity_id = \(entity) AND b.slice_count <> (SELECT count(*) FROM slice WHERE entity_id = \(entity))
            """
        ),
        (
            "closed days of entity",
            """
            SELECT CAST(b.entity_id AS TEXT), b.closed_through, (SELECT MAX(p.ends_on) FROM period p WHERE p.entity_id = \(entity))
              FROM book b WHERE b.entity_id = \(entity)
               AND COALESCE(b.closed_through, '') <> COALESCE((SELECT MAX(p.ends_on) FROM period p WHERE p.entity_id = \(entity)), '')
            """
        ),
    ]
}
