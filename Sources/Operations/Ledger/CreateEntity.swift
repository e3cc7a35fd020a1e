import Domain
import Store

/// Opens the books of a legal entity: its row, its empty chain and its chart of accounts.
package struct CreateEntity: Sendable {
    package enum Refused: Refusal {
        case exists(ID<Entity>)
        package var category: RefusalCategory { .conflict }
        package var code: String { "entity_exists" }
        package var message: String {
            switch self {
            case .exists(let entity): "legal entity \(entity.value) exists already; nothing was changed"
            }
        }
    }

    let entity: ID<Entity>
    let name: String
    let country: String
    let currency: Currency

    package init(_ entity: ID<Entity>, name: String, country: String, currency: Currency) {
        (self.entity, self.name, self.country, self.currency) = (entity, name, country, currency)
    }

    package func run(in tx: any Transaction, at now: Instant) throws {
        // Lock. The primary key lets one of two creators through.
        let inserted = try tx.changes(
            """
            INSERT INTO entity (entity_id, name, country, currency, created_at) VALUES (\(entity), \(name), \(country), \(currency), \(now))
            ON CONFLICT (entity_id) DO NOTHING
            """)
        guard inserted == 1 else { throw Refused.exists(entity) }
        // Write.
        try tx.run(
            """
            INSERT INTO book (entity_id, last_id, seal_count, sealed_at, head) \
            VALUES (\(entity), 0, 0, 0, \([UInt8](repeating: 0, count: 32)))
            """
        )
        try tx.repeated(
            "INSERT INTO account (entity_id, code, name, kind, control) VALUES ($1, $2, $3, $4, $5)", 5,
            Account.allCases.flatMap {
                [.integer(entity.value), .text($0.rawValue), .text($0.name), .text($0.kind.rawValue), .integer($0.isControl ? 1 : 0)]
                    as [SQLValue]
            })
    }
}
