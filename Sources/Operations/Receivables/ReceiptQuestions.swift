import Domain
import Store

private enum ReceiptQuestion {}

extension Books {
    /// Notes that a receipt waits for a person and why.
    ///
    /// - Parameter reason: Empty where it waits no more though nothing was applied.
    mutating func append(question reason: String, about receipt: Int64, weight: Int64, on day: Day) {
        let id: ID<ReceiptQuestion> = newID()
        append(.receiptQuestion) { batch in
            batch.append(id.value)
            batch.append(receipt)
            batch.append(day.iso8601)
            batch.append(weight)
            batch.append(reason)
        }
    }
}

/// The receipts that wait as `(receipt_id, amount_minor, weight, reason, queued_on, asked_until)`; `$1` is the entity. The one text behind
/// every list, count and sum of them.
///
/// - Parameter moment: nil is the queue as it is kept. At a moment the facts tell it: those wait that were booked by the day and of which a
///   question is the last that was decided by then, unless the bank had taken the money back. What is asked first is asked of the day of
///   booking, because the run that asks comes later.
///
/// Of books from before version 26 of the schema the queue as it stands tells what no question was kept of.
func waitingSource(_ moment: ReportMoment?, _ values: inout [SQLValue], in tx: any Transaction) throws -> String {
    guard let moment else {
        return "(SELECT receipt_id, amount_minor, weight, reason, queued_on, asked_until FROM cash_queue WHERE entity_id = $1)"
    }
    let facts = try ReceiptFactsThen(moment, &values, in: tx)
    func since(_ receipt: String) -> String { "COALESCE((SELECT MAX(p.id) \(facts.of("application p", "p.applied_on", receipt))), 0)" }
    func asked(_ receipt: String) -> String {
        """
        (SELECT n.answer_by \(facts.of("receipt_inquiry n", "n.asked_on", receipt)) AND n.id > \(since(receipt))
          ORDER BY n.id DESC LIMIT 1)
        """
    }
    func none(_ table: String, before question: String) -> String {
        "(SELECT MIN(b.id) FROM \(table) b WHERE b.entity_id = $1 AND b.receipt_id = \(question).receipt_id AND b.id < \(question).id) IS NULL"
    }
    return """
        (SELECT t.receipt_id, k.amount_minor, t.weight, t.reason,
                (SELECT MIN(f.asked_on) \(facts.known("receipt_question f", "t.receipt_id")) AND f.id > \(since("t.receipt_id"))) AS queued_on,
                \(asked("t.receipt_id")) AS asked_until
           FROM receipt_question t JOIN receipt k ON k.entity_id = t.entity_id AND k.id = t.receipt_id
          WHERE t.entity_id = $1 AND t.reason <> '' AND k.booked_on <= \(facts.day) AND t.id > \(since("t.receipt_id"))
            AND t.id = (SELECT MAX(l.id) \(facts.known("receipt_question l", "t.receipt_id"))
                           AND (l.asked_on <= \(facts.day) OR (\(none("receipt_question", before: "l")) AND \(none("application", before: "l")))))
            AND NOT \(facts.isTakenBack("t.receipt_id"))
         UNION ALL
         SELECT q.receipt_id, q.amount_minor, q.weight, q.reason, q.queued_on, \(asked("q.receipt_id"))
           FROM cash_queue q
          WHERE q.entity_id = $1 AND q.receipt_id <= \(facts.horizon)
            AND (SELECT k.booked_on FROM receipt k WHERE k.entity_id = q.entity_id AND k.id = q.receipt_id) <= \(facts.day)
            AND NOT EXISTS (SELECT 1 FROM receipt_question u WHERE u.entity_id = q.entity_id AND u.receipt_id = q.receipt_id)
            AND COALESCE((SELECT CASE WHEN p.reverses_id IS NULL THEN 1 ELSE 0 END \(facts.of("application p", "p.applied_on", "q.receipt_id"))
                           ORDER BY p.id DESC LIMIT 1), 0) = 0)
        """
}

/// Whether the receipt of a column waits at a moment, as a condition: for a person, or, where nothing was decided of it by that knowledge,
/// for the next run.
func isWaiting(_ receipt: String, _ moment: ReportMoment, _ values: inout [SQLValue], in tx: any Transaction) throws -> String {
    let source = try waitingSource(moment, &values, in: tx), facts = try ReceiptFactsThen(moment, &values, in: tx)
    return """
        (\(receipt) IN (SELECT w.receipt_id FROM \(source) w)
         OR ((SELECT MIN(p.id) \(facts.known("application p", receipt))) IS NULL
             AND (SELECT MIN(f.id) \(facts.known("receipt_question f", receipt))) IS NULL
             AND NOT \(facts.isTakenBack(receipt))))
        """
}

/// Whether the bank had taken the money of a receipt back, as a condition; nil tells of now.
func isTakenBack(_ receipt: String, _ moment: ReportMoment?, _ values: inout [SQLValue], in tx: any Transaction) throws -> String {
    try ReceiptFactsThen(moment, &values, in: tx).isTakenBack(receipt)
}

/// The facts about receipts that a moment knows, as parts of a query; `$1` is the entity.
private struct ReceiptFactsThen {
    /// The places of the values.
    let day, horizon: String

    init(_ moment: ReportMoment?, _ values: inout [SQLValue], in tx: any Transaction) throws {
        values += [.text((moment?.asOf ?? .latest).iso8601), .integer(try moment?.horizon(in: tx) ?? .max)]
        (day, horizon) = ("$\(values.count - 1)", "$\(values.count)")
    }

    /// Of any day.
    ///
    /// - Parameter table: With the one letter it is called by.
    func known(_ table: String, _ receipt: String) -> String {
        let alias = table.suffix(1)
        return "FROM \(table) WHERE \(alias).entity_id = $1 AND \(alias).receipt_id = \(receipt) AND \(alias).id <= \(horizon)"
    }

    func of(_ table: String, _ on: String, _ receipt: String) -> String { known(table, receipt) + " AND \(on) <= \(day)" }

    /// The debit of a return is settled with the cash where it stood: where it came in, or on the account of the customer it went to. Values
    /// are asked for rather than existence, and twice: PostgreSQL would read every return and every allocation once for a page of receipts.
    func isTakenBack(_ receipt: String) -> String {
        let item = """
            JOIN open_item x ON x.entity_id = a.entity_id AND x.id = a.debit_item_id AND x.kind = 'return' AND x.effective_on <= \(day)
                  AND x.id <= \(horizon)
            """
        return """
            ((SELECT MIN(x.id) FROM allocation a \(item) WHERE a.entity_id = $1 AND a.credit_item_id = \(receipt)) IS NOT NULL
             OR (SELECT MIN(x.id) FROM allocation m
                   JOIN allocation a ON a.entity_id = m.entity_id AND a.credit_item_id = m.debit_item_id + 1 \(item)
                  WHERE m.entity_id = $1 AND m.credit_item_id = \(receipt) AND m.rule = 'identification') IS NOT NULL)
            """
    }
}
