import Domain
import Store

/// What is agreed about the books themselves.
package struct ReadSettings: Sendable {
    private let entity: ID<Entity>
    package init(_ entity: ID<Entity>) { self.entity = entity }

    package func run(in tx: any Transaction) throws -> [(name: String, value: String)] {
        guard let currency = try tx.first("SELECT currency FROM entity WHERE entity_id = \(entity)", { $0.text(0) }) else {
            throw LedgerRefusal.unknownEntity(entity)
        }
        let seller = try ReadParty(entity).run(in: tx)
        let facts = [
            ("Legal entity", seller.name), ("Address", seller.address?.lines.joined(separator: ", ") ?? "–"), ("Country", seller.country),
            ("Currency", currency), ("VAT number", seller.vatNumber ?? "–"), ("Registration", seller.registration ?? "–"),
            ("Bank account", seller.account.map { grouped($0.iban) } ?? "–"), ("BIC", seller.account?.bic ?? "–"),
        ]
        let closed = try tx.first("SELECT closed_through FROM book WHERE entity_id = \(entity)") { $0.optionalText(0) } ?? nil
        return facts.map { (name: $0.0, value: $0.1) } + [(name: "Closed through", value: closed ?? "no period yet")]
    }
}
