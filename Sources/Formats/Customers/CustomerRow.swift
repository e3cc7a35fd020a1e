import Domain

/// A customer as a row of CSV tells it.
///
/// - Shape: columns `number, name, country, currency`, and optionally `email, vat_number, street, postal_code, city, terms_days,
///   discount_percent, discount_days, credit_limit, billing, cash_policy, ibans, mandates, parent`, in any order; accounts and mandates are
///   split by blanks.
package struct CustomerRow: Equatable, Sendable {
    package static let needed = ["number", "name", "country", "currency"]
    package let line: Int
    /// Without the accounts that are refused.
    package let profile: CustomerProfile
    /// Whether the file has an address's columns: without them what stands is kept.
    package let tellsAddress: Bool
    /// Accounts that are written as an IBAN and are none.
    package let refusedAccounts: [FieldFault]

    /// - Errors: The first field that cannot be taken.
    package init(_ fields: RecordFields) throws(FieldFault) {
        let currency = try fields.currency("currency"), days = fields.optional("terms_days") ?? "30"
        guard let terms = Int(days), (0...3650).contains(terms) else {
            throw fields.fault("terms_days", "\(days): write a number from 0 to 3650")
        }
        var limit: Money?
        if let text = fields.optional("credit_limit") { limit = try fields.money(text, "credit_limit", currency) }
        if let limit, limit.minor < 0 { throw fields.fault("credit_limit", "is below zero") }
        var ibans: [String] = [], refused: [FieldFault] = []
        for account in IBAN.accounts(in: fields.optional("ibans") ?? "") {
            if IBAN.isBegun(account), let fault = IBAN.fault(in: account) {
                refused.append(fields.fault("ibans", fault))
            } else {
                ibans.append(account)
            }
        }
        let parts = ["street", "postal_code", "city"], told = parts.filter(fields.has)
        guard told.isEmpty || told.count == parts.count else {
            throw fields.fault(told[0], "stands alone: an address is all of \(parts.joined(separator: ", "))")
        }
        (line, refusedAccounts, tellsAddress) = (fields.line, refused, !told.isEmpty)
        profile = CustomerProfile(
            number: try fields.text("number"), name: try fields.name(), email: fields.optional("email"),
            country: try fields.country("country"),
            vatNumber: fields.optional("vat_number"), termsDays: terms, creditLimitMinor: limit?.minor, currency: currency,
            billing: try fields.choice("billing", .order), cashPolicy: try fields.choice("cash_policy", .reference), ibans: ibans,
            mandates: (fields.optional("mandates") ?? "").split(whereSeparator: \.isWhitespace).map(String.init),
            parentNumber: fields.optional("parent"), discountTerms: try fields.discountTerms(),
            address: try fields.address())
    }
}

extension RecordFields {
    fileprivate func name() throws(FieldFault) -> String {
        guard let name = try optionalLine("name", upTo: CustomerProfile.nameLimit) else { throw fault("name", "is empty") }
        return name
    }
    /// `street`, `postal_code` and `city`; nil when all are empty.
    fileprivate func address() throws(FieldFault) -> PostalAddress? {
        var parts: [String?] = []
        for column in ["street", "postal_code", "city"] {
            parts.append(try optionalLine(column, upTo: PostalAddress.partLimit))
        }
        return PostalAddress(street: parts[0], postalCode: parts[1], city: parts[2])
    }
    /// `discount_percent`, up to two decimals, with `discount_days`; nil when both are empty.
    fileprivate func discountTerms() throws(FieldFault) -> DiscountTerms? {
        guard let percent = optional("discount_percent") else {
            if optional("discount_days") != nil { throw fault("discount_percent", "is empty, and discount_days is not") }
            return nil
        }
        let days = try text("discount_days")
        guard let basisPoints = DecimalNumber(percent)?.units(atScale: 2), (1...9_999).contains(basisPoints) else {
            throw fault("discount_percent", "\(percent): write per cent above 0 and below 100, with at most 2 decimals")
        }
        guard let count = Int64(days), let terms = DiscountTerms(basisPoints: basisPoints, days: count) else {
            throw fault("discount_days", "\(days): write a number from 0 to 365")
        }
        return terms
    }
}
