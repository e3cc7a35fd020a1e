import Domain
import Store

/// Which messages say what holds no more, by message: each with a clause that goes behind "it".
///
/// A reminder holds while each item that it names is collected as it says, nothing paid waits for cash application and no later one
/// was written; a question while its receipt waits for the answer. Where nobody knows whose a message is, nobody knows its address either.
///
/// - Parameter day: As of which what is left alone of an item is judged.
package func outdatedMail(_ entity: ID<Entity>, _ messages: [Int64], on day: Day, in tx: any Transaction) throws -> [Int64: String] {
    guard !messages.isEmpty else { return [:] }
    var reasons = try outdatedReminders(entity, messages, on: day, in: tx)
    try tx.forEach(
        """
        SELECT q.id FROM receipt_inquiry q
         WHERE q.entity_id = \(entity) AND q.id IN \(ids: messages)
           AND NOT EXISTS (SELECT 1 FROM cash_queue c WHERE c.entity_id = q.entity_id AND c.receipt_id = q.receipt_id)
        """
    ) { reasons[$0.integer(0)] = "asks about a payment that needs no answer any more" }
    try tx.forEach(
        """
        SELECT o.id FROM outbox o
         WHERE o.entity_id = \(entity) AND o.id IN \(ids: messages)
           AND NOT EXISTS (SELECT 1 FROM dunning_notice n WHERE n.entity_id = o.entity_id AND n.id = o.id)
           AND NOT EXISTS (SELECT 1 FROM receipt_inquiry q WHERE q.entity_id = o.entity_id AND q.id = o.id)
           AND NOT EXISTS (SELECT 1 FROM statement_sent s WHERE s.entity_id = o.entity_id AND s.message_id = o.id)
        """
    ) { reasons[$0.integer(0)] = "is from before statements of account named their mail, so its customer is not known" }
    return reasons
}

private func outdatedReminders(_ entity: ID<Entity>, _ messages: [Int64], on day: Day, in tx: any Transaction) throws -> [Int64: String] {
    var reasons: [Int64: String] = [:], customers: [Int64: Int64] = [:]
    try tx.forEach(
        "SELECT id, customer_id FROM dunning_notice WHERE entity_id = \(entity) AND id IN \(ids: messages)"
    ) { customers[$0.integer(0)] = $0.integer(1) }
    guard !customers.isEmpty else { return [:] }
    let waiting = try customersWithUnappliedCash(entity, Array(Set(customers.values)), in: tx)
    for (notice, customer) in customers where waiting.contains(customer) {
        reasons[notice] = "reminds a customer of whom a payment waits to be applied"
    }
    let lines = try tx.rows(
        """
        SELECT l.notice_id, l.item_id, l.open_minor, i.number, i.open_minor, i.currency
          FROM dunning_notice_item l JOIN open_item i ON i.entity_id = l.entity_id AND i.id = l.item_id
         WHERE l.entity_id = \(entity) AND l.notice_id IN \(ids: Array(customers.keys)) ORDER BY l.notice_id, l.line
        """
    ) { row in
        let currency = row.currency(5)
        return (
            notice: row.integer(0), item: row.integer(1), asked: row.money(2, currency), number: row.text(3), open: row.money(4, currency)
        )
    }
    let leftAlone = try leftAlone(entity, lines.map(\.item), on: day, in: tx)
    for line in lines where reasons[line.notice] == nil {
        let collected = line.open - Money(minor: leftAlone[line.item] ?? 0, line.open.currency)
        guard collected != line.asked else { continue }
        reasons[line.notice] = "asks for \(line.asked.readable) of \(line.number), where \(collected.readable) is to be collected now"
    }
    try tx.forEach(
        """
        SELECT n.id FROM dunning_notice n
         WHERE n.entity_id = \(entity) AND n.id IN \(ids: Array(customers.keys))
           AND EXISTS (SELECT 1 FROM dunning_notice l WHERE l.entity_id = n.entity_id AND l.customer_id = n.customer_id
                          AND l.currency = n.currency AND l.id > n.id)
        """
    ) { reasons[$0.integer(0)] = "was followed by a later reminder" }
    return reasons
}
