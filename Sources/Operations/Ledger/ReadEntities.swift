import Domain
import Store

/// Every legal entity of the database, by number.
package struct ReadEntities: Sendable {
    package struct Line: Equatable, Sendable {
        package let id: ID<Entity>
        package let name: String
    }
    package init() {}

    package func run(in tx: any Transaction) throws -> [Line] {
        try tx.rows("SELECT entity_id, name FROM entity ORDER BY entity_id") { Line(id: $0.id(0), name: $0.text(1)) }
    }
}
