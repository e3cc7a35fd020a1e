import Domain
import Store

/// The number of the customer that may pay for another one; nil where there is none.
struct ReadParent: Sendable {
    private let entity: ID<Entity>
    private let customer: ID<Customer>
    private let moment: ReportMoment?

    /// - Parameter moment: As it stood then, as of `customersSource`; nil reads it as it is now.
    init(_ entity: ID<Entity>, of customer: ID<Customer>, at moment: ReportMoment? = nil) {
        (self.entity, self.customer, self.moment) = (entity, customer, moment)
    }

    func run(in tx: any Transaction) throws -> String? {
        let standing: SQL = "SELECT parent_id FROM customer WHERE entity_id = \(entity) AND id = \(customer)"
        let parent: Int64?
        if let moment, let version = try tx.rows(version(at: moment, in: tx), { $0.optionalInteger(0) }).first {
            parent = version
        } else {
            parent = try tx.first(standing) { $0.optionalInteger(0) } ?? nil
        }
        guard let parent else { return nil }
        return try tx.first("SELECT number FROM customer WHERE entity_id = \(entity) AND id = \(parent)") { $0.text(0) }
    }

    /// The first version that ended after the moment.
    private func version(at moment: ReportMoment, in tx: any Transaction) throws -> SQL {
        let horizon = try moment.horizon(in: tx)
        return """
            SELECT parent_id FROM customer_version
             WHERE entity_id = \(entity) AND customer_id = \(customer) AND (id > \(horizon) OR until_on > \(moment.asOf))
             ORDER BY id LIMIT 1
            """
    }
}

/// Which customers cannot have the parent that they name: none is its own, and each is there or comes along.
package struct CheckParents: Sendable {
    private let entity: ID<Entity>
    private let named: [String: String]
    private let coming, parentless: Set<String>

    /// - Parameters:
    ///   - named: The number of the parent by the number of the customer.
    ///   - coming: Numbers of those that are saved along.
    ///   - parentless: Numbers of those whose parent is taken away along.
    package init(_ entity: ID<Entity>, _ named: [String: String], coming: Set<String>, parentless: Set<String> = []) {
        (self.entity, self.named, self.coming, self.parentless) = (entity, named, coming, parentless)
    }

    /// - Returns: What is wrong, by the number of the customer.
    package func run(in tx: any Transaction) throws -> [String: String] {
        guard !named.isEmpty else { return [:] }
        let standing = try standing(in: tx)
        var faults: [String: String] = [:], isDone = false
        // One that is refused may have been the parent of another one that comes along.
        while !isDone {
            isDone = true
            for (number, parent) in named.sorted(by: { $0.key < $1.key }) where faults[number] == nil {
                let isThere = standing.keys.contains(parent) || coming.contains(parent) && faults[parent] == nil
                if !isThere {
                    faults[number] = "customer \(parent) does not exist: save it before, or along"
                } else if isOwnParent(number, standing, faults) {
                    faults[number] = "with \(parent) as its parent, customer \(number) would be above itself"
                } else {
                    continue
                }
                isDone = false
            }
        }
        return faults
    }

    private func isOwnParent(_ number: String, _ standing: [String: String?], _ faults: [String: String]) -> Bool {
        var at = number
        for _ in 0...named.count + MatchIndex.depthLimit {
            let wanted = faults[at] == nil ? named[at] : nil
            guard let parent = wanted ?? (parentless.contains(at) ? nil : standing[at].flatMap { $0 }) else { return false }
            guard parent != number else { return true }
            at = parent
        }
        return false
    }

    /// The parent of each that is there among those that are named, and of those above them.
    private func standing(in tx: any Transaction) throws -> [String: String?] {
        var standing: [String: String?] = [:], level = Set(named.values)
        for _ in 0...MatchIndex.depthLimit where !level.isEmpty {
            var above: Set<String> = []
            try tx.forEach(
                """
                SELECT c.number, q.number FROM customer c
                  LEFT JOIN customer q ON q.entity_id = c.entity_id AND q.id = c.parent_id
                 WHERE c.entity_id = \(entity) AND c.number IN \(texts: level)
                """
            ) { row in
                let parent = row.optionalText(1)
                standing.updateValue(parent, forKey: row.text(0))
                if let parent { above.insert(parent) }
            }
            level = above.filter { !standing.keys.contains($0) }
        }
        return standing
    }
}
