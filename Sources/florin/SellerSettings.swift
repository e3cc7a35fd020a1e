import Domain

/// `[seller]`.
extension ConfigurationReader {
    /// The seller's own data; nil without a `[seller]`.
    func seller() throws -> Party? {
        guard try section("seller") != nil else { return nil }
        try allow("seller", ["street", "postal_code", "city", "vat_number", "registration", "iban", "bic"])
        func word(_ key: String, _ fault: (String) -> String?) throws -> String? {
            guard let text = try line(key)?.filter({ $0 != " " }) else { return nil }
            if let wrong = fault(text) { throw self.fault(key, wrong, of: "seller") }
            return text
        }
        func line(_ key: String) throws -> String? {
            guard let text = try text("seller", key) else { return nil }
            guard (1...PostalAddress.partLimit).contains(text.count), !text.contains(where: \.isNewline),
                text.contains(where: { !$0.isWhitespace })
            else { throw fault(key, "write one line of 1 to \(PostalAddress.partLimit) characters", of: "seller") }
            return text
        }
        let vatNumber = try word("vat_number") { text in
            let isNumber = (4...20).contains(text.utf8.count) && text.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
            return isNumber ? nil : "\(text) is no VAT number: write it with the letters of its state, such as GB123456789"
        }
        let iban = try word("iban", PaymentAccount.fault(iban:)), bic = try word("bic", PaymentAccount.fault(bic:))
        if bic != nil, iban == nil { throw fault("bic", "names the bank of an account: write iban too", of: "seller") }
        return Party(
            name: "", country: "", vatNumber: vatNumber,
            address: PostalAddress(street: try line("street"), postalCode: try line("postal_code"), city: try line("city")),
            registration: try line("registration"), account: iban.map { PaymentAccount(iban: $0, bic: bic) })
    }
}
