import Domain
import Store

/// What is agreed about the books themselves.
package struct ReadSettings: Sendable {
    private let entity: ID<Entity>
    package init(_ entity: ID<Entity>) { self.entity = entity }

    package func run(in tx: any Transaction) throws -> [(name: String, value: String)] {
        let found = try tx.first("SELECT name, country, currency, vat_number, iban FROM entity WHERE entity_id = \(entity)") {
            [
                ("Legal entity", $0.text(0)), ("Country", $0.text(1)), ("Currency", $0.text(2)), ("VAT number", $0.optionalText(3) ?? "–"),
                ("Bank account", $0.optionalText(4) ?? "–"),
            ]
        }
        guard let facts = found else { throw LedgerRefusal.unknownEntity(entity) }
        let closed = try tx.first("SELECT closed_through FROM book WHERE entity_id = \(entity)") { $0.optionalText(0) } ?? nil
        return facts.map { (name: $0.0, value: $0.1) } + [(name: "Closed through", value: closed ?? "no period yet")]
    }
}
