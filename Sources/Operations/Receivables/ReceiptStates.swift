import Domain
import Store

/// What became of every receipt, kept between readings and carried on by what was recorded since: no index has it, and to ask for each
/// takes a second for 100,000.
///
/// - Shape: 9 bytes a receipt.
package struct ReceiptStates: Sendable {
    /// The lowest first.
    private let ids: [Int64]
    /// As they would be if none waited.
    private let states: [ReceiptList.State]
    private let waiting: Set<Int64>

    /// - Parameter kept: An earlier state and the last id of the books that counts in it; nil reads every receipt.
    package init(_ entity: ID<Entity>, since kept: (value: ReceiptStates, lastID: Int64)? = nil, in tx: any Transaction) throws {
        var ids = kept?.value.ids ?? [], states = kept?.value.states ?? []
        let last = kept?.lastID ?? 0
        try tx.forEach("SELECT id FROM receipt WHERE entity_id = \(entity) AND id > \(last) ORDER BY id") { ids.append($0.integer(0)) }
        states += repeatElement(.new, count: ids.count - states.count)
        func set(_ id: Int64, _ state: ReceiptList.State) {
            var low = 0, high = ids.count
            while low < high {
                let middle = (low + high) / 2
                if ids[middle] < id { low = middle + 1 } else { high = middle }
            }
            // The bank's word is the last.
            if low < ids.count, ids[low] == id, states[low] != .returned { states[low] = state }
        }
        try tx.forEach(
            "SELECT receipt_id, rule, reverses_id FROM application WHERE entity_id = \(entity) AND id > \(last) ORDER BY id"
        ) { row in
            let rule = row.text(1)
            let decided: ReceiptList.State = rule == "not_ours" ? .notOurs : rule == "retold" ? .retold : .applied
            set(row.integer(0), row.optionalInteger(2) != nil ? .unapplied : decided)
        }
        let returned = try tx.rows(
            """
            SELECT a.credit_item_id FROM allocation a
              JOIN open_item x ON x.entity_id = a.entity_id AND x.id = a.debit_item_id AND x.kind = 'return'
             WHERE a.entity_id = \(entity) AND a.id > \(last)
            """
        ) { $0.integer(0) }
        for id in returned { set(id, .returned) }
        // Cash that was moved to its customer's account came by the leg before it.
        try tx.forEach(
            """
            SELECT credit_item_id FROM allocation
             WHERE entity_id = \(entity) AND rule = 'identification' AND debit_item_id IN \(ids: returned.map { $0 - 1 })
            """
        ) { set($0.integer(0), .returned) }
        waiting = Set(try tx.rows("SELECT receipt_id FROM cash_queue WHERE entity_id = \(entity)") { $0.integer(0) })
        (self.ids, self.states) = (ids, states)
    }

    /// Those in a state that do not wait, the lowest first.
    package func ids(of state: ReceiptList.State) -> [Int64] {
        ids.indices.lazy.filter { states[$0] == state && !waiting.contains(ids[$0]) }.map { ids[$0] }
    }
}
