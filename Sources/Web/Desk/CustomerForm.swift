import Domain
import Operations

/// What is agreed with a customer as the texts of a form, and back; checked by the API's own shapes.
struct CustomerForm: Sendable {
    /// Before the name of a field: its text when the form was drawn, which is the version that was read.
    static let readPrefix = "read_"
    static let names = [
        "name", "email", "street", "postal_code", "city", "country", "vat_number", "terms_days", "discount_percent",
        "discount_days", "credit_limit", "currency", "billing", "cash_policy",
    ]
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
        if !self["credit_limit"].isEmpty, let known = Currency(currency) {
            let money = amount(self["credit_limit"], known)
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
    /// - Parameter read: nil for a new customer.
    func checked(from read: CustomerForm?) throws -> CustomerProfile {
        var (json, faults) = item()
        for (member, schema) in Endpoint.customerFields {
            guard read == nil || member != "number", let value = json[member], let fault = schema.fault(value, at: member) else { continue }
            faults.append(.init(Self.field(fault.path), fault.message))
        }
        if let fault = Endpoint.customerFault(of: json) { faults.append(.init(Self.field(fault.field), fault.message)) }
        var told: Set<String> = []
        faults = faults.filter { fault in
            let isTouched = read.map { !Self.names.contains(fault.name) || $0[fault.name] != self[fault.name] } ?? true
            return isTouched && told.insert(fault.name).inserted
        }
        guard faults.isEmpty else { throw FieldsRefusal(faults) }
        guard let profile = Endpoint.customerProfile(json) else { throw FormRefusal.missing("Name, Country and Currency") }
        return profile
    }

    /// The field of a member of the API's JSON: `credit_limit` of `credit_limit.minor`, `city` of `address.city`, `ibans` of `ibans[0]`.
    private static func field(_ path: String) -> String {
        let member = String(path.prefix { $0 != "." && $0 != "[" })
        if member == "address" { return String(path.dropFirst("address.".count)) }
        return member != "cash_discount" ? member : path.hasSuffix("days") ? "discount_days" : "discount_percent"
    }

    /// What differs, by label: from what was read to what stands.
    func changes(to standing: CustomerForm) -> [(name: String, was: String, now: String)] {
        Self.names.compactMap { self[$0] == standing[$0] ? nil : ($0, self[$0], standing[$0]) }
    }
}

/// A "no" to fields of a form, each beside the field.
struct FieldsRefusal: Refusal {
    struct Fault: Sendable {
        let name: String
        let message: String
        init(_ name: String, _ message: String) { (self.name, self.message) = (name, message) }
    }

    let faults: [Fault]
    let code: String
    private let words: String?
    /// - Parameter message: Of the whole form; the fields at fault by their labels when left out.
    init(_ faults: [Fault], code: String = "field_invalid", _ message: String? = nil) {
        (self.faults, self.code, words) = (faults, code, message)
    }
    var category: RefusalCategory { .invalid }
    var message: String {
        words ?? "correct what is marked: \(faults.map { CustomerForm.labels[$0.name] ?? $0.name }.joined(separator: ", "))"
    }
}
