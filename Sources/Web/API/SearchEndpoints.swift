import Domain
import Operations
import Store

/// A number, a name or an amount, found at once.
extension Endpoint {
    private static let hit = Schema.object([
        .init("noun", .choice(Search.Hit.Noun.allCases.map(\.rawValue))), .init("id", .text()), .init("number", .text(max: 1000)),
        .init("name", .name), .init("amount", .optional(.money)), .init("on", .optional(.day)), .init("is_exact", .flag),
    ])

    static let search: [Endpoint] = [
        Endpoint(
            get: "/v1/search",
            "Customers, orders, documents, receipts and statements by number, name, amount or what a bank tells; \(Search.limit) of a kind",
            query: [.init("q", .text(min: 1, max: 80), "what is looked for")],
            at: .told("what is of that day or before and was recorded by then, by the names it has now; receipts that waited then"),
            answer: .object([
                .init("hits", .array(hit, max: 1_000)),
                // More of a kind than are told.
                .init("has_more", .flag),
            ])
        ) { asked, tx in
            let names = try asked.memory.customerNames(of: asked.entity, in: tx)
            let found = try Search(asked.entity, asked.query["q"] ?? "", among: names, at: asked.askedMoment).run(in: tx)
            return ["hits": .array(found.hits.map(json)), "has_more": .bool(found.isCut)]
        }
    ]

    private static func json(_ hit: Search.Hit) -> JSON {
        [
            "noun": .text(hit.noun.rawValue), "id": .text(PrefixedID.text(hit.noun.prefix, hit.id)), "number": .text(hit.number),
            "name": .text(hit.name), "amount": hit.amount.map { JSON($0) } ?? .null, "on": JSON(hit.on), "is_exact": .bool(hit.isExact),
        ]
    }
}

extension Search.Hit.Noun {
    /// Of its id.
    fileprivate var prefix: String {
        switch self {
        case .customer: "cus"
        case .order: "ord"
        case .invoice, .creditNote: "inv"
        case .receipt: "rcp"
        case .statement: "stm"
        }
    }
}
