import Domain
import Operations

/// What is agreed with a customer as the texts of a form, and back; checked by the API's own shapes.
struct CustomerForm: Sendable {
    /// Before the name of a field: its text when the form was drawn, which is the version that was read.
    static let readPrefix = "read_"
    /// In the order of the form.
    static let names = [
        "name", "email", "street", "postal_code", "city", "country", "vat_number", "currency", "credit_limit", "terms_days",
        "discount_percent", "discount_days", "billing", "cash_policy",
    ]
    private static let order = ["number"] + names + ["ibans", "mandates"]
    static let labels = [
        "number": "Number", "name": "Name", "email": "Mail", "street": "Street", "postal_code": "Postal code", "city": "City",
        "country": "Country", "vat_number": "VAT number", "terms_days": "Days to pay",
        "discount_percent": "Cash discount", "discount_days": "Discount days", "credit_limit": "Credit limit", "currency": "Currency",
        "billing": "Billed", "cash_policy": "Cash goes to", "ibans": "Accounts", "mandates": "Mandates",
    ]

    /// By name, blanks around them left out; what is missing is empty.
    let texts: [String: String]
    subscript(_ name: String) -> String { texts[name] ?? "" }

    init(_ profile: CustomerProfile) {
        texts = [
            "number": profile.number, "name": profile.name, "email": profile.email ?? "", "country": profile.country,
            "street": profile.address?.street ?? "", "postal_code": profile.address?.postalCode ?? "", "city": profile.address?.city ?? "",
            "vat_number": profile.vatNumber ?? "", "terms_days": String(profile.termsDays),
            "discount_percent": profile.discountTerms.map { decimalText($0.basisPoints, 2) } ?? "",
            "discount_days": profile.discountTerms.map { String($0.days) } ?? "", "credit_limit": profile.creditLimit?.decimal ?? "",
            "currency": profile.currency.code, "billing": profile.billing.rawValue, "cash_policy": profile.cashPolicy.rawValue,
        ]
    }

    /// - Parameter text: What was sent under a name.
    init(number: String, _ text: (String) -> String?) {
        let sent = (Self.names + ["ibans", "mandates"]).map {
            ($0, text($0)?.split(whereSeparator: \.isWhitespace).joined(separator: " ") ?? "")
        }
        texts = Dictionary(sent + [("number", number)], uniquingKeysWith: { first, _ in first })
    }

    /// As an item of the API, and the fields that cannot be one.
    func item() -> (json: JSON, faults: [FieldsRefusal.Fault]) {
        var faults: [FieldsRefusal.Fault] = []
        func number(_ name: String, _ units: (String) -> Int64?, _ advice: String) -> JSON {
            guard !self[name].isEmpty else { return .null }
            guard let value = units(self[name]) else {
                faults.append(.init(name, "\(self[name]): \(advice)"))
                return .null
            }
            return .integer(value)
        }
        func optional(_ name: String) -> JSON { self[name].isEmpty ? .null : .text(self[name]) }
        let days = number("terms_days", { Int64($0) }, "write a whole number")
        let percent = number("discount_percent", { DecimalNumber($0)?.units(atScale: 2) }, "write per cent, with at most 2 decimals")
        let within = number("discount_days", { Int64($0) }, "write a whole number")
        let currency = self["currency"].uppercased()
        var limit = JSON.null
        if !self["credit_limit"].isEmpty {
            // Whether it is an amount at all can be said before its currency is right.
            let money = amount(self["credit_limit"], Currency(currency) ?? .eur)
            if money == nil { faults.append(.init("credit_limit", "\(self["credit_limit"]): write an amount such as 1234.50")) }
            limit = JSON(money)
        }
        if days == .null, self["terms_days"].isEmpty { faults.append(.init("terms_days", "write a whole number")) }
        if (percent == .null) != (within == .null), !faults.contains(where: { $0.name.hasPrefix("discount") }) {
            faults.append(
                .init(percent == .null ? "discount_percent" : "discount_days", "a discount has per cent and days: write both or neither"))
        }
        let discount: JSON = percent == .null || within == .null ? .null : ["basis_points": percent, "days": within]
        let json: JSON = [
            "number": .text(self["number"]), "name": .text(self["name"]), "email": optional("email"),
            "country": .text(self["country"].uppercased()),
            "address": ["street": optional("street"), "postal_code": optional("postal_code"), "city": optional("city")],
            "vat_number": optional("vat_number"), "terms_days": days,
            "cash_discount": discount, "credit_limit": limit, "currency": .text(currency), "billing": .text(self["billing"]),
            "cash_policy": .text(self["cash_policy"]), "ibans": .array(IBAN.accounts(in: self["ibans"]).map(JSON.text)),
            "mandates": .array(self["mandates"].split(separator: " ").map { .text(String($0)) }),
        ]
        return (json, faults)
    }

    /// The fields that differ from what was read, with what was wrong of them; what nobody touched stands as it is.
    ///
    /// - Parameters:
    ///   - read: nil for a new customer.
    ///   - known: What the books say against it already.
    func checked(from read: CustomerForm?, _ known: [FieldsRefusal.Fault] = []) throws -> CustomerProfile {
        let (json, unreadable) = item()
        var faults = known + unreadable
        for (member, schema) in Endpoint.customerFields {
            guard read == nil || member != "number", let value = json[member] else { continue }
            for (name, part) in Self.parts(of: member, value) {
                let account = member == "ibans" ? part.array?.first?.text : nil
                guard let message = account.flatMap({ IBAN.fault(in: $0) }) ?? schema.fault(part)?.message else { continue }
                faults.append(.init(name, message))
            }
        }
        faults = Self.order.compactMap { name -> FieldsRefusal.Fault? in
            let own = faults.filter { $0.name == name }
            guard let first = own.first, read.map({ !Self.names.contains(name) || $0[name] != self[name] }) ?? true else { return nil }
            // Each account that is wrong is told; of other fields the first thing that is.
            guard ["ibans", "mandates"].contains(name) else { return first }
            return FieldsRefusal.Fault(name, Set(own.map(\.message)).sorted().joined(separator: ". "))
        }
        guard faults.isEmpty else { throw FieldsRefusal(faults) }
        guard let profile = Endpoint.customerProfile(json) else { throw FormRefusal.missing("Name, Country and Currency") }
        return profile
    }

    /// The fields that a member of the API's JSON comes from, each with a value of that member in which the other fields are right.
    private static func parts(of member: String, _ value: JSON) -> [(name: String, part: JSON)] {
        switch (member, value) {
        case ("address", .object(let parts)): return parts.map { (name: $0.name, part: JSON.object([$0])) }
        case ("cash_discount", .object):
            let percent: JSON = ["basis_points": value["basis_points"] ?? .null, "days": 0],
                days: JSON = ["basis_points": 1, "days": value["days"] ?? .null]
            return [("discount_percent", percent), ("discount_days", days)]
        case (_, .array(let values)) where (1...20).contains(values.count): return values.map { (name: member, part: JSON.array([$0])) }
        default: return [(member, value)]
        }
    }

    /// What differs, by label: from what was read to what stands.
    func changes(to standing: CustomerForm) -> [(name: String, was: String, now: String)] {
        Self.names.compactMap { self[$0] == standing[$0] ? nil : ($0, self[$0], standing[$0]) }
    }
}
