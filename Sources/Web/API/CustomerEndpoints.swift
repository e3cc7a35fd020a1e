import Domain
import Operations
import Store

extension Endpoint {
    private static let mandate = Schema.word(max: 35)
    private static let discount = Schema.object([.init("basis_points", .integer(1...9_999)), .init("days", .integer(0...365))])
    static let address = Schema.object(
        ["street", "postal_code", "city"].map { .init($0, .optional(.text(min: 1, max: PostalAddress.partLimit)), required: false) })
    private static let profileFields: [Schema.Field] = [
        .init("number", .number), .init("name", .text(min: 1, max: CustomerProfile.nameLimit)),
        .init("email", .optional(.email), required: false),
        .init("country", .country),
        .init("vat_number", .optional(.word(max: 20)), required: false), .init("address", .optional(address), required: false),
        .init("terms_days", .integer(0...3_650), required: false),
        .init("cash_discount", .optional(discount), required: false),
        .init("credit_limit", .optional(.limit), required: false), .init("currency", .currency),
        .init("billing", .choice(CustomerProfile.Billing.allCases.map(\.rawValue)), required: false),
        .init("cash_policy", .choice(CustomerProfile.CashPolicy.allCases.map(\.rawValue)), required: false),
        .init("ibans", .array(.iban, max: 20), required: false), .init("mandates", .array(mandate, max: 20), required: false),
        .init("parent_number", .optional(.number), required: false),
    ]
    private static let profile = Schema.object(profileFields)
    /// One that is there: a file of a former release may have brought a longer name, or one of several lines.
    private static let agreed = Schema.object(profileFields.map { $0.name == "name" ? .init("name", .name) : $0 })
    /// What a customer's members look like, by name.
    static let customerFields = profileFields.map { ($0.name, $0.schema) }
    private static let balance = Schema.object([
        .init("owed", .money), .init("overdue", .money), .init("credits", .money), .init("oldest_due_on", .optional(.day)),
    ])
    private static let line = Schema.object([
        .init("id", .text()), .init("number", .text()), .init("name", .name), .init("country", .text()),
        .init("credit_limit", .optional(.money)), .init("parent_number", .optional(.text())),
        .init("balances", .array(balance, max: 200)),
    ])

    static let customers: [Endpoint] = [
        Endpoint(
            get: "/v1/customers", "Customers by name, with what they owe today",
            query: [.init("begins", .text(max: 100), "the beginning of the name"), .customer]
                + .amounts("something owed, in the currency that is owed most,") + [.after, .limit],
            at: .told("customers known then, with the name and limit they had and what they owed"), answer: .page(line)
        ) { asked, tx in
            try CustomerList(
                asked.entity, on: asked.today, prefix: asked.query["begins"] ?? "", where: asked.filter, after: asked.after,
                limit: asked.limit, at: asked.askedMoment
            )
            .page(in: tx).json(json)
        },
        Endpoint(
            get: "/v1/customers/{number}", "One customer by number",
            at: .told("the name and limit they had then and what they owed"), answer: line
        ) { asked, tx in
            let number = asked.path["number"] ?? ""
            let page = try CustomerList(asked.entity, on: asked.today, .number, prefix: number, limit: 1, at: asked.askedMoment).page(
                in: tx)
            return page.rows.first { $0.number == number }.map(json)
        },
        Endpoint(
            post: "/v1/customers",
            "Creates customers or changes what is given of them: what is left out stays, null clears; the number identifies",
            .work,
            body: .object([.init("customers", .array(profile, min: 1, max: 200))]),
            answer: .object([.init("customers", .array(outcome, max: Bulk.rowLimit))]), save
        ).noting(before: standing).taking(
            Bulk(
                member: "customers", item: profile, identity: ["number"], comesOnce: true, csv: Bulk.customerRows,
                columns: "Columns as of `florin import customers`; one that is not there is left out, an empty cell clears.")
        ),
        Endpoint(
            get: "/v1/customers/{number}/terms", "What is agreed with a customer; its ETag goes into If-Match",
            at: .told("what was agreed by the end of that day and recorded by then; as first recorded before that"), answer: agreed
        ) { asked, tx in
            try ReadCustomer(asked.moment, number: asked.path["number"] ?? "", isPast: asked.askedMoment != nil).run(in: tx).map {
                customerJSON($0.profile)
            }
        },
        Endpoint(
            put: "/v1/customers/{number}/terms",
            "Puts all that is agreed in place of what was, unless somebody changed it since; accounts and mandates left out are taken away",
            .work,
            body: profile, answer: agreed
        ) { asked, tx, now in
            if let fault = customerFault(of: asked.body) { throw APIRefusal.customer(field: fault.field, fault.message) }
            guard let profile = customerProfile(asked.body), profile.number == asked.path["number"] else {
                throw APIRefusal.customer(field: "number", "a customer keeps its number")
            }
            let numbers: Set = [profile.number], parent = profile.parentNumber
            let parents = CheckParents(asked.entity, parent.map { [profile.number: $0] } ?? [:], coming: numbers)
            if let fault = try parents.run(in: tx)[profile.number] { throw APIRefusal.customer(field: "parent_number", fault) }
            try putIdentities(asked, tx, now)
            let report = try SaveCustomers(
                asked.entity, [profile], parentless: parent == nil ? numbers : [], by: asked.actor.role
            ).run(in: tx, at: now)
            if let refused = report.refused.first { throw refused }
            return asked.body
        },
        Endpoint(
            get: "/v1/customers/{number}/habits", "How a customer has been seen to pay, each habit with what proves it",
            at: .told("what was seen through that day and recorded by then; `posts` by the rules in force now"),
            answer: .object([.init("habits", .array(habit, max: 10))])
        ) { asked, tx in
            guard let number = asked.path["number"], try isKnown(number, asked, tx) else { return nil }
            let habits = CustomerHabits(asked.entity, customer: number, policy: asked.terms.policy, at: asked.askedMoment)
            return ["habits": .array(try habits.run(in: tx).map(json))]
        },
        Endpoint(
            post: "/v1/customers/{number}/habits/revoke", "Takes a habit away: it is not used and not learned again", .work,
            body: .object([.init("habit", .choice(CashHabit.allCases.map(\.rawValue))), .init("reason", .text(min: 1))]),
            answer: .object([.init("habits", .array(habit, max: 10))])
        ) { asked, tx, now in
            let number = asked.path["number"] ?? ""
            guard let habit = asked.body["habit"]?.text.flatMap({ CashHabit(rawValue: $0) }) else {
                throw APIRefusal.noEffect("name a habit")
            }
            try RevokeHabit(
                asked.entity, habit, of: number, role: "\(asked.actor.role.rawValue) \(asked.actor.name)",
                reason: asked.body["reason"]?.text ?? "", on: asked.today
            ).run(in: tx, at: now)
            return ["habits": .array(try CustomerHabits(asked.entity, customer: number, policy: asked.terms.policy).run(in: tx).map(json))]
        },
    ]

    private static let habit = Schema.object([
        .init("habit", .choice(CashHabit.allCases.map(\.rawValue))), .init("confirmations", .integer(0...1_000_000_000)),
        .init("contradictions", .integer(0...1_000_000_000)), .init("proven_per_mille", .integer(0...1_000)), .init("posts", .flag),
        .init("first_on", .day), .init("last_on", .day), .init("last_receipt", .optional(.text(max: 1000))),
        .init("revoked_on", .optional(.day)),
    ])

    private static func json(_ line: CustomerHabits.Line) -> JSON {
        [
            "habit": .text(line.habit.rawValue), "confirmations": .integer(line.strength.confirmations),
            "contradictions": .integer(line.strength.contradictions), "proven_per_mille": .integer(line.strength.lowerBound),
            "posts": .bool(line.posts), "first_on": JSON(line.firstOn), "last_on": JSON(line.lastOn),
            "last_receipt": JSON(line.lastReceipt), "revoked_on": JSON(line.revokedOn),
        ]
    }

    /// Of the customers that are given, what they change, as it stands.
    private static let standing: @Sendable (APIQuestion, any Transaction) throws -> JSON? = { asked, tx in
        let given = saidOnce(asked.body["customers"]?.array ?? []).compactMap(\.self),
            known = try customerProfiles(asked.entity, given.compactMap { $0["number"]?.text }, in: tx)
        let differing = given.compactMap { customer -> JSON? in
            guard let number = customer["number"]?.text, let profile = known[number], case .object(let members) = customerJSON(profile)
            else {
                return nil
            }
            // Accounts and mandates are added, never changed.
            let changed = members.filter { member in
                !["number", "ibans", "mandates"].contains(member.name) && customer[member.name] != nil
                    && (customerProfile(customer).map(customerJSON)?[member.name] ?? .null) != member.value
            }
            return changed.isEmpty ? nil : .object([.init("number", .text(number))] + changed)
        }
        return differing.isEmpty ? nil : .array(differing)
    }

    private static let outcome = Schema.object(
        [
            .init("number", .text()), .init("outcome", .choice(["created", "changed", "refused"])), .init("id", .optional(.text())),
            .init("reason", .optional(.text(max: 2000))), .init("findings", .array(.text(max: 2000), max: 20), required: false),
            .init("code", .text(), required: false),
        ] + Bulk.fields)

    /// The same customers; nil in the place of one whose number came before.
    private static func saidOnce(_ given: [JSON]) -> [JSON?] {
        var named: Set<String> = []
        return given.map { named.insert($0["number"]?.text ?? "").inserted ? $0 : nil }
    }

    /// What one customer alone has wrong; the others go on.
    ///
    /// - Parameter standing: By number what is agreed, where the limit is left out.
    static func customerFault(of value: JSON, _ standing: [ExactText: CustomerProfile] = [:]) -> (field: String, message: String)? {
        let currency = value["currency"]?.text ?? "", number = value["number"]?.text ?? ""
        if number.first == " " || number.last == " " { return ("number", "leave out the blanks around it") }
        if value["credit_limit"] == nil, let limit = value["number"]?.text.flatMap({ standing[$0]?.creditLimit }),
            limit.currency.code != currency
        {
            return ("credit_limit", "the limit that stands is \(limit.readable): say what it is in \(currency), or null")
        }
        if let limit = value["credit_limit"]?["currency"]?.text, limit != currency {
            return ("credit_limit.currency", "a limit is in the customer's currency, \(currency)")
        }
        for (at, account) in (value["ibans"]?.array ?? []).enumerated() {
            if let fault = account.text.flatMap({ IBAN.fault(in: $0) }) { return ("ibans[\(at)]", fault) }
        }
        return nil
    }

    private static let save: @Sendable (APIQuestion, any Transaction, Instant) throws -> JSON = { asked, tx, now in
        let given = asked.body["customers"]?.array ?? [], once = saidOnce(given), first = once.compactMap(\.self)
        let standing = try customerProfiles(
            asked.entity, first.compactMap { $0["credit_limit"] == nil ? $0["number"]?.text : nil }, in: tx)
        let sound = first.filter { customerFault(of: $0, standing) == nil }
        let kept = Set(try saving(sound, asked).refusals(in: tx).map(\.number))
        let parents = try parentFaults(sound.filter { !kept.contains($0["number"]?.text ?? "") }, asked.entity, in: tx)
        func fault(of value: JSON) -> (field: String, message: String)? {
            customerFault(of: value, standing) ?? parents[value["number"]?.text ?? ""].map { (field: "parent_number", message: $0) }
        }
        let values = first.filter { fault(of: $0) == nil }
        let profiles = values.compactMap(customerProfile), numbers = profiles.map(\.number)
        let before = try customerIDs(numbers, asked.entity, in: tx)
        let report = try saving(values, asked).run(in: tx, at: now)
        let after = try customerIDs(numbers, asked.entity, in: tx)
        let shared = try SharedAccounts(asked.entity, profiles.flatMap(\.ibans)).run(in: tx)
        let told = zip(given, once).map { value, said -> JSON in
            let number = value["number"]?.text ?? "", ibans = (value["ibans"]?.array ?? []).compactMap(\.text)
            let again = (field: "number", message: "\(number) stands in the request already: write it once")
            if let fault = said == nil ? again : fault(of: value) {
                return [
                    "number": .text(number), "outcome": "refused", "id": .null, "reason": .text("\(fault.field): \(fault.message)"),
                    "field": .text(fault.field),
                ]
            }
            if let refused = report.refused.first(where: { $0.number == number }) {
                return [
                    "number": .text(number), "outcome": "refused", "id": .null, "reason": .text(refused.message),
                    "field": "credit_limit", "code": .text(refused.code),
                ]
            }
            return [
                "number": .text(number), "outcome": before[number] == nil ? "created" : "changed",
                "id": JSON(after[number].map { PrefixedID.text("cus", $0) }), "reason": .null,
                "findings": .array(shared.filter { ibans.contains($0.account) }.map { .text($0.message) }),
            ]
        }
        return ["customers": .array(told)]
    }

    private static func saving(_ values: [JSON], _ asked: APIQuestion) -> SaveCustomers {
        let kept = values.map { ($0["number"]?.text ?? "", unsaid($0)) }
        return SaveCustomers(
            asked.entity, values.compactMap(customerProfile), unsaid: Dictionary(kept, uniquingKeysWith: { first, _ in first }),
            parentless: parentless(values), by: asked.actor.role)
    }

    /// Why customers cannot have the parent that they name, by their number.
    private static func parentFaults(_ values: [JSON], _ entity: ID<Entity>, in tx: any Transaction) throws -> [String: String] {
        let numbers = values.compactMap { $0["number"]?.text }
        let named = values.compactMap { value -> (String, String)? in
            guard let number = value["number"]?.text, let parent = value["parent_number"]?.text else { return nil }
            return (number, parent)
        }
        return try CheckParents(
            entity, Dictionary(named, uniquingKeysWith: { first, _ in first }), coming: Set(numbers), parentless: parentless(values)
        ).run(in: tx)
    }

    private static func parentless(_ values: [JSON]) -> Set<String> {
        Set(values.filter { $0["parent_number"] == JSON.null }.compactMap { $0["number"]?.text })
    }

    /// Whether a customer was recorded by the moment that is asked for.
    static func isKnown(_ number: String, _ asked: APIQuestion, _ tx: any Transaction) throws -> Bool {
        guard let id = try customerIDs([number], asked.entity, in: tx)[number] else { return false }
        return id <= (try asked.askedMoment?.horizon(in: tx) ?? .max)
    }

    static func customerIDs(_ numbers: [String], _ entity: ID<Entity>, in tx: any Transaction) throws -> [String: Int64] {
        var ids: [String: Int64] = [:]
        try tx.forEach("SELECT number, id FROM customer WHERE entity_id = \(entity) AND number IN \(texts: numbers)") {
            ids[$0.text(0)] = $0.integer(1)
        }
        return ids
    }

    static func customerJSON(_ profile: CustomerProfile) -> JSON {
        // Accounts that are no IBAN, as banks tell some, are told with the identities alone.
        func told(_ values: [String], _ schema: Schema) -> JSON { .array(values.map(JSON.text).filter { schema.fault($0) == nil }) }
        return [
            "number": .text(profile.number), "name": .text(profile.name), "email": JSON(profile.email), "country": .text(profile.country),
            "vat_number": JSON(profile.vatNumber), "address": JSON(profile.address), "terms_days": .integer(Int64(profile.termsDays)),
            "cash_discount": JSON(profile.discountTerms), "credit_limit": JSON(profile.creditLimit),
            "currency": .text(profile.currency.code), "billing": .text(profile.billing.rawValue),
            "cash_policy": .text(profile.cashPolicy.rawValue),
            "ibans": told(profile.ibans, .iban), "mandates": told(profile.mandates, mandate),
            "parent_number": JSON(profile.parentNumber),
        ]
    }

    private static func json(_ line: CustomerList.Line) -> JSON {
        let balances = line.balances.map { balance -> JSON in
            [
                "owed": JSON(balance.owed), "overdue": JSON(balance.overdue), "credits": JSON(balance.credits),
                "oldest_due_on": JSON(balance.oldestDueOn),
            ]
        }
        return [
            "id": .text(PrefixedID.text("cus", line.id.value)), "number": .text(line.number), "name": .text(line.name),
            "country": .text(line.country),
            "credit_limit": JSON(line.creditLimit), "parent_number": JSON(line.parentNumber), "balances": .array(balances),
        ]
    }

    private static func unsaid(_ value: JSON) -> Set<SaveCustomers.Term> {
        Set(
            SaveCustomers.Term.allCases.filter { term in
                switch term {
                case .email: value["email"] == nil
                case .vatNumber: value["vat_number"] == nil
                case .address: value["address"] == nil
                case .termsDays: value["terms_days"] == nil
                case .creditLimit: value["credit_limit"] == nil
                case .billing: value["billing"] == nil
                case .cashPolicy: value["cash_policy"] == nil
                case .cashDiscount: value["cash_discount"] == nil
                }
            })
    }

    static func customerProfile(_ value: JSON) -> CustomerProfile? {
        guard let number = value["number"]?.text, let name = value["name"]?.text, let country = value["country"]?.text,
            let currency = value["currency"]?.text.flatMap({ Currency($0) })
        else { return nil }
        return CustomerProfile(
            number: number, name: name, email: value["email"]?.text, country: country, vatNumber: value["vat_number"]?.text,
            termsDays: value["terms_days"]?.integer.map(Int.init) ?? 30, creditLimitMinor: value["credit_limit"]?["minor"]?.integer,
            currency: currency,
            billing: value["billing"]?.text.flatMap { CustomerProfile.Billing(rawValue: $0) } ?? .order,
            cashPolicy: value["cash_policy"]?.text.flatMap { CustomerProfile.CashPolicy(rawValue: $0) } ?? .reference,
            ibans: (value["ibans"]?.array ?? []).compactMap { $0.text?.filter { $0 != " " } },
            mandates: (value["mandates"]?.array ?? []).compactMap(\.text), parentNumber: value["parent_number"]?.text,
            discountTerms: value["cash_discount"].flatMap { terms in
                guard let basisPoints = terms["basis_points"]?.integer, let days = terms["days"]?.integer else { return nil }
                return DiscountTerms(basisPoints: basisPoints, days: days)
            },
            address: value["address"].flatMap { told in
                PostalAddress(street: told["street"]?.text, postalCode: told["postal_code"]?.text, city: told["city"]?.text)
            })
    }
}
