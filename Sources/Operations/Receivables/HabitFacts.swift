import Domain
import Store

/// What was known of habits when certificates were written, counted again from the facts.
struct HabitFacts {
    private var events: [Int64: [(id: Int64, habit: String, outcome: String)]] = [:]
    private var items: [Int64: (dueOn: String, effectiveOn: String)] = [:]

    init(_ entity: ID<Entity>, of certificates: [CertificateReader], in tx: any Transaction) throws {
        let resting = certificates.filter { $0.habit != nil }
        guard !resting.isEmpty else { return }
        try tx.forEach(
            """
            SELECT customer_id, id, habit, outcome FROM habit_event WHERE entity_id = \(entity) \
            AND customer_id IN \(ids: Set(resting.map(\.customer)))
            """
        ) { events[$0.integer(0), default: []].append(($0.integer(1), $0.text(2), $0.text(3))) }
        try tx.forEach(
            """
            SELECT id, due_on, effective_on FROM open_item WHERE entity_id = \(entity) AND id IN \(ids: Set(resting.flatMap(\.opens.keys)))
            """
        ) { items[$0.integer(0)] = ($0.text(1), $0.text(2)) }
    }

    /// Counts that differ, a habit that had been revoked, or a match that is not what the habit says.
    func faults(of certificate: CertificateReader, before application: Int64) -> [String] {
        guard let habit = certificate.habit else { return [] }
        let seen = (events[certificate.customer] ?? []).filter { $0.id < application && $0.habit == habit.name }
        func count(_ outcome: String) -> Int64 { Int64(seen.count { $0.outcome == outcome }) }
        var faults: [String] = []
        if count("confirmed") != habit.confirmations || count("contradicted") != habit.contradictions {
            faults.append("\(habit.name) was right \(count("confirmed")) and wrong \(count("contradicted")) times by then")
        }
        if count("revoked") > 0 { faults.append("\(habit.name) had been revoked") }
        if !isHabitual(certificate, habit.name) { faults.append("what is settled is not what \(habit.name) says") }
        return faults
    }

    private func isHabitual(_ certificate: CertificateReader, _ habit: String) -> Bool {
        let settled = Dictionary(certificate.lines.map { ($0.itemID, $0.minor) }, uniquingKeysWith: +)
        let debits = certificate.opens.filter { $0.value > 0 }.keys
        switch habit {
        case "oldest_first":
            // Whatever is settled, everything due before it is settled whole.
            let last = settled.keys.compactMap { id in items[id].map { ($0.dueOn, id) } }.max { $0 < $1 }
            guard let last else { return false }
            return debits.allSatisfy { id in
                guard let item = items[id], (item.dueOn, id) < last else { return true }
                return settled[id] == certificate.opens[id]
            }
        case "statement":
            let month = certificate.paidOn.prefix(8) + "01"
            return debits.allSatisfy { id in (settled[id] != nil) == (items[id].map { $0.effectiveOn < month } ?? false) }
        case "nets_credits":
            return certificate.opens.filter { $0.value < 0 }.allSatisfy { settled[$0.key] == $0.value }
                && settled.allSatisfy { certificate.opens[$0.key] == $0.value }
        case "rounds", "late_discount": return certificate.lines.count == 1
        default: return false
        }
    }
}
