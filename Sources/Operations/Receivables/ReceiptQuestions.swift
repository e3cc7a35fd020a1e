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

/// The receipts that waited at a moment as `(receipt_id, amount_minor, weight, reason, queued_on, asked_until)`; `$1` is the entity. A receipt
/// waits from the first question about it until something is applied.
///
/// Of books from before version 26 of the schema the queue as it stands tells what no question was kept of.
func waitingSource(_ moment: ReportMoment, _ values: inout [SQLValue], in tx: any Transaction) throws -> String {
    values += [.text(moment.asOf.iso8601), .integer(try moment.horizon(in: tx))]
    let day = "$\(values.count - 1)", known = "$\(values.count)"
    func fact(_ table: String, _ alias: String, _ on: String, of receipt: String) -> String {
        "FROM \(table) \(alias) WHERE \(alias).entity_id = $1 AND \(alias).receipt_id = \(receipt) AND \(alias).\(on) <= \(day) AND \(alias).id <= \(known)"
    }
    func since(_ receipt: String) -> String { "COALESCE((SELECT MAX(p.id) \(fact("application", "p", "applied_on", of: receipt))), 0)" }
    func asked(_ receipt: String) -> String {
        """
        (SELECT n.answer_by \(fact("receipt_inquiry", "n", "asked_on", of: receipt)) AND n.id > \(since(receipt))
          ORDER BY n.id DESC LIMIT 1)
        """
    }
    return """
        (SELECT t.receipt_id, k.amount_minor, t.weight, t.reason,
                (SELECT MIN(f.asked_on) \(fact("receipt_question", "f", "asked_on", of: "t.receipt_id")) AND f.id > \(since("t.receipt_id")))
                AS queued_on, \(asked("t.receipt_id")) AS asked_until
           FROM receipt_question t JOIN receipt k ON k.entity_id = t.entity_id AND k.id = t.receipt_id
          WHERE t.entity_id = $1 AND t.reason <> '' AND t.id > \(since("t.receipt_id"))
            AND t.id = (SELECT MAX(l.id) \(fact("receipt_question", "l", "asked_on", of: "t.receipt_id")))
         UNION ALL
         SELECT q.receipt_id, q.amount_minor, q.weight, q.reason, q.queued_on, \(asked("q.receipt_id"))
           FROM cash_queue q
          WHERE q.entity_id = $1 AND q.queued_on <= \(day) AND q.receipt_id <= \(known)
            AND NOT EXISTS (SELECT 1 FROM receipt_question u WHERE u.entity_id = q.entity_id AND u.receipt_id = q.receipt_id))
        """
}
