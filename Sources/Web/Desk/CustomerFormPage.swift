import Domain
import Operations
import Store

/// `/new-customer` and `/customers/{number}/terms`: all that is agreed with a customer, in one form.
struct CustomerFormPage: Sendable {
    /// What stands, or what a new customer begins with.
    let profile: CustomerProfile
    let isNew: Bool
    let reader: DeskReader
    private var path: String { isNew ? "/new-customer" : customerPath(profile.number) + "/terms" }

    var body: PageBody {
        let form = Form(path, reader, class: "form", fields)
        var body = PageBody(isNew ? "New customer" : "Edit \(profile.name)", "<div class=\"stack\">\(panel("Agreed", form.html))</div>")
        body.crumbs = [("Customers", "/customers")] + (isNew ? [] : [(profile.name, customerPath(profile.number))])
        body.aside = isNew ? "" : "<span class=\"muted\">\(profile.number)</span>"
        return body
    }

    private var fields: HTML {
        let standing = CustomerForm(profile), posted = PostedForm.drawn
        let read = posted.map { sent in CustomerForm(number: profile.number) { sent[CustomerForm.readPrefix + $0] } }
        let typed = posted.map { sent in CustomerForm(number: profile.number) { sent[$0] } }
        func field(_ name: String, _ kind: Field.Kind = .text, hint: String = "", isRequired: Bool = false) -> HTML {
            let label = CustomerForm.labels[name] ?? name, before = read?[name] ?? standing[name], now = standing[name]
            // What nobody touched here shows what somebody else made of it.
            let isTouched = typed.map { isNew || $0[name] != before } ?? false
            let change = posted != nil && !isNew && before != now ? "changed meanwhile from \(shown(before)) to \(shown(now))" : nil
            return Field(
                label, name, kind, value: isTouched ? typed?[name] ?? now : now, hint: hint, isRequired: isRequired, fault: change,
                keepsTyped: false
            ).html
        }
        func added(_ name: String, hint: String) -> HTML { Field(CustomerForm.labels[name] ?? name, name, hint: hint).html }
        let number: HTML =
            isNew ? Field("Number", "number", hint: "Letters, digits and . _ / -; it stays for ever.", isRequired: true).html : ""
        let version = isNew ? [] : CustomerForm.names.map { hidden(CustomerForm.readPrefix + $0, standing[$0]) }
        // A browser that hides where a form stood loses nothing either.
        let here: HTML = reader.posted == nil ? hidden(PostedForm.pageField, path) : ""
        let known = isNew ? "" : " Those that are known stay; they are taken away on the customer's page."
        return """
            \(here)\(version)\(number)\(field("name", isRequired: true))\(field("email", hint: "Empty: letters are printed."))\
            \(field("street"))\(field("postal_code"))\(field("city"))\
            \(field("country", hint: "Two letters, such as DE.", isRequired: true))\(field("vat_number"))\
            \(field("currency", hint: "Three letters, such as EUR.", isRequired: true))\
            \(field("credit_limit", .amount, hint: "In that currency; empty: no limit."))\
            \(field("terms_days", .amount, hint: "From the invoice's day to its due day.", isRequired: true))\
            \(field("discount_percent", .amount, hint: "Per cent of the gross; empty: none."))\(field("discount_days", .amount))\
            \(field("billing", .choice([("order", "by order"), ("weekly", "weekly"), ("monthly", "monthly")])))\
            \(field("cash_policy", .choice([("reference", "what is referred to"), ("oldest_first", "the oldest item")])))\
            \(added("ibans", hint: "IBANs it pays from, split by blanks.\(known)"))\
            \(added("mandates", hint: "Ids of its direct debit mandates, split by blanks."))\
            <div class="actions">\(button("Save", key: "s", class: "main"))<a class="button quiet" href="\(isNew ? "/customers" : customerPath(profile.number))">Cancel</a></div>
            """
    }

    private func shown(_ text: String) -> String { text.isEmpty ? "nothing" : "“\(text)”" }
    private func hidden(_ name: String, _ value: String) -> HTML { "<input type=\"hidden\" name=\"\(name)\" value=\"\(sent: value)\">" }
}

extension DeskPage {
    static let customerForms: [DeskPage] = [
        DeskPage("/new-customer", .work) { asked, tx in
            let entity = try tx.first("SELECT country, currency FROM entity WHERE entity_id = \(asked.entity)") {
                (country: $0.text(0), currency: $0.currency(1))
            }
            guard let entity else { return nil }
            let blank = CustomerProfile(number: "", name: "", country: entity.country, currency: entity.currency)
            return CustomerFormPage(profile: blank, isNew: true, reader: asked.reader).body
        },
        DeskPage("/customers/{number}/terms", .work) { asked, tx in
            let number = asked["number"] ?? ""
            guard let profile = try customerProfiles(asked.entity, [number], in: tx)[number] else { return nil }
            return CustomerFormPage(profile: profile, isNew: false, reader: asked.reader).body
        },
    ]
}

extension DeskAct {
    static let customerForms = [
        DeskAct("/new-customer", .work) { asked, books in
            let number = (asked["number"] ?? "").filter { !$0.isWhitespace }, form = CustomerForm(number: number) { asked[$0] }
            let isKnown = try await books.database.read { try customerProfiles(asked.entity, [number], in: $0)[number] != nil }
            let profile = try form.checked(from: nil, isKnown ? [known(number)] : [])
            do { return try await save(profile, from: nil, asked, books) } catch AgreeTerms.Refused.known(let number) {
                throw FieldsRefusal([known(number)], code: "customer_known")
            }
        },
        DeskAct("/customers/{number}/terms", .work) { asked, books in
            let number = asked["number"] ?? "", form = CustomerForm(number: number) { asked[$0] }
            let read = CustomerForm(number: number) { asked[CustomerForm.readPrefix + $0] }
            let profile = try form.checked(from: read), before = Endpoint.customerProfile(read.item().json)
            guard let before else { throw FormRefusal.missing("Name, Country and Currency") }
            do { return try await save(profile, from: before, asked, books) } catch AgreeTerms.Refused.changed(let standing) {
                let changes = read.changes(to: CustomerForm(standing)).map { CustomerForm.labels[$0.name] ?? $0.name }
                throw FieldsRefusal(
                    [], code: "changed_meanwhile",
                    "somebody changed this customer since you opened the form: \(changes.joined(separator: ", ")). What you typed is still here: "
                        + "look at what is marked, and save again")
            }
        },
    ]

    private static func known(_ number: String) -> FieldsRefusal.Fault { .init("number", "customer \(number) is there already") }

    private static func save(
        _ profile: CustomerProfile, from read: CustomerProfile?, _ asked: DeskQuestion, _ books: DeskBooks
    ) async throws -> DeskOutcome {
        let operation = AgreeTerms(asked.entity, profile, from: read, by: asked.actor.role)
        let report = try await books.write(telling: { (report: AgreeTerms.Report) in noted(report.before, profile) }) {
            try operation.run(in: $0, at: $1)
        }
        let shared = report.shared.map { " \(sentence($0.message))." }.joined()
        return .done("Customer \(profile.number) is saved.\(shared)", then: customerPath(profile.number))
    }

    /// As the API's row of the audit log: what changed, before and after.
    private static func noted(_ before: CustomerProfile?, _ after: CustomerProfile) -> String {
        guard let before, case .object(let old) = Endpoint.customerJSON(before) else { return "" }
        let new = Endpoint.customerJSON(after)
        let changed = old.filter { !["ibans", "mandates"].contains($0.name) && new[$0.name] != $0.value }
        return "before \(JSON.object(changed).line) after \(JSON.object(changed.map { .init($0.name, new[$0.name] ?? .null) }).line)"
    }
}
