import Domain
import Operations
import Store

extension Endpoint {
    private static let profile = Schema.object([
        .init("number", .text(min: 1, max: 50)), .init("name", .text(min: 1)), .init("email", .optional(.text(max: 200)), required: false), .init("country", .country),
        .init("vat_number", .optional(.text(max: 30)), required: false), .init("terms_days", .integer(0...3650), required: false),
        .init("credit_limit_minor", .optional(.integer(0...Money.entryBound)), required: false), .init("currency", .currency),
        .init("billing", .choice(CustomerProfile.Billing.allCases.map(\.rawValue)), required: false),
        .init("cash_policy", .choice(CustomerProfile.CashPolicy.allCases.map(\.rawValue)), required: false),
        .init("ibans", .array(.text(min: 5, max: 34), max: 20), required: false),
    ])
    private static let balance = Schema.object([
        .init("owed", .money), .init("overdue", .money), .init("credits", .money), .init("oldest_due_on", .optional(.day)),
    ])
    private static let line = Schema.object([
        .init("id", .text()), .init("number", .text()), .init("name", .text(max: 1000)), .init("country", .text()), .init("credit_limit", .optional(.money)),
        .init("balances", .array(balance, max: 200)),
    ])

    static let customers: [Endpoint] = [
        Endpoint(
            get: "/v1/customers", "Customers by name, with what they owe today",
            query: [.init("begins", .text(max: 100), "the beginning of the name"), .after, .limit], answer: .page(line)
        ) { asked, tx in
            try CustomerList(asked.entity, on: asked.today, prefix: asked.query["begins"] ?? "", after: asked.after, limit: asked.limit).page(in: tx).json(json)
        },
        Endpoint(get: "/v1/customers/{number}", "One customer by number", answer: line) { asked, tx in
            let number = asked.path["number"] ?? ""
            let page = try CustomerList(asked.entity, on: asked.today, .number, prefix: number, limit: 1).page(in: tx)
            return page.rows.first { $0.number == number }.map(json)
        },
        Endpoint(
            post: "/v1/customers", "Creates customers or brings them to what is given; the number identifies them", .work,
            body: .object([.init("customers", .array(profile, max: 200))]),
            answer: .object([.init("created", .integer(0...200)), .init("changed", .integer(0...200))])
        ) { asked, tx, now in
            let profiles = (asked.body["customers"]?.array ?? []).compactMap(read)
            let report = try SaveCustomers(asked.entity, profiles).run(in: tx, at: now)
            return ["created": .integer(Int64(report.created)), "changed": .integer(Int64(report.changed))]
        },
    ]

    private static func json(_ line: CustomerList.Line) -> JSON {
        let balances = line.balances.map { balance -> JSON in
            ["owed": JSON(balance.owed), "overdue": JSON(balance.overdue), "credits": JSON(balance.credits), "oldest_due_on": JSON(balance.oldestDueOn)]
        }
        return [
            "id": .text(PrefixedID.text("cus", line.id.value)), "number": .text(line.number), "name": .text(line.name), "country": .text(line.country),
            "credit_limit": line.creditLimit.map { JSON($0) } ?? .null, "balances": .array(balances),
        ]
    }

    private static func read(_ value: JSON) -> CustomerProfile? {
        guard let number = value["number"]?.text, let name = value["name"]?.text, let country = value["country"]?.text,
            let currency = value["currency"]?.text.flatMap({ Currency($0) })
        else { return nil }
        return CustomerProfile(
            number: number, name: name, email: value["email"]?.text, country: country, vatNumber: value["vat_number"]?.text,
            termsDays: value["terms_days"]?.integer.map(Int.init) ?? 30, creditLimitMinor: value["credit_limit_minor"]?.integer, currency: currency,
            billing: value["billing"]?.text.flatMap { CustomerProfile.Billing(rawValue: $0) } ?? .order,
            cashPolicy: value["cash_policy"]?.text.flatMap { CustomerProfile.CashPolicy(rawValue: $0) } ?? .reference,
            ibans: (value["ibans"]?.array ?? []).compactMap { $0.text?.filter { $0 != " " } })
    }
}
