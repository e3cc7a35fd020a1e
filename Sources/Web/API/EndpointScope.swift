import Operations

extension Endpoint {
    /// What a key that is held to scopes must be held to: `orders:write`, the noun of the path and what is done with it. A file's noun is
    /// what it brings.
    package var scope: String {
        let parts = path.split(separator: "/").map(String.init), noun = parts.dropFirst(parts[1] == "imports" ? 2 : 1).first ?? ""
        return (Self.nouns[noun] ?? noun) + (method == "GET" || right == .read ? ":read" : ":write")
    }
    private static let nouns = [
        "statements": "receipts", "remittances": "receipts", "cash-queue": "receipts",
        "open-items": "invoices", "slices": "invoices", "deduction-codes": "invoices",
        "collections": "customers", "messages": "customers",
        "journal": "reports", "checks": "reports", "proof": "reports", "periods": "reports", "today": "reports", "figures": "reports",
        "seals": "reports",
        "users": "people", "keys": "people",
    ]
    /// Every scope there is, in order.
    package static let scopes = Set(all.map(\.scope)).sorted()

    /// - Errors: `PeopleRefusal.unknownScope`.
    package static func scopes(named names: [String]) throws -> [String] {
        if let stranger = names.first(where: { !scopes.contains($0) }) { throw PeopleRefusal.unknownScope(stranger, known: scopes) }
        return Set(names).sorted()
    }
}
