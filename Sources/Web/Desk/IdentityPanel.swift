import Domain
import Operations
import Store

/// By what a customer is known when it pays, what taught each, and ways to give and to take away.
struct IdentityPanel: Sendable {
    let customer: String
    let identities: [CustomerIdentities.Line]
    let reader: DeskReader

    var html: HTML {
        var table = DataTable(
            "Identities that this customer pays by",
            [.text("Known by"), .text("Value"), .text("From"), .text("Also of"), .text("State")])
        table.rows = identities.map { line in
            [
                .text(line.evidence.words), .text(line.evidence == .iban ? grouped(line.value) : line.value), .text(line.origin),
                .text(line.others.joined(separator: ", ")), .badge(state(line)),
            ]
        }
        table.empty = Empty("Nothing known", "Payments of this customer are found by what they refer to.")
        let standing = identities.filter { $0.revokedOn == nil }
        return panel(
            "Identities",
            "\(table.html)\(reader.may(.work) ? giving : "")\(reader.may(.work) && !standing.isEmpty ? revocation(standing) : "")")
    }

    private func state(_ line: CustomerIdentities.Line) -> Badge {
        if line.revokedOn != nil { return Badge("Taken away", .calm) }
        return line.others.isEmpty ? Badge("Used", .good) : Badge("Of several", .warn)
    }

    private var giving: HTML {
        Form(
            "\(customerPath(customer))/identities", reader,
            """
            <div class="inline">\(Field("Known by", "kind", .choice(PayerEvidence.storedKinds.map { ($0.rawValue, $0.words) })).html)\
            \(Field("Value", "value", hint: "As the bank writes it.", isRequired: true).html)\(button("Add"))</div>
            """
        ).html
    }

    private func revocation(_ standing: [CustomerIdentities.Line]) -> HTML {
        let choices = standing.map { (value: "\($0.evidence.rawValue) \($0.value)", text: "\($0.evidence.words) \($0.value)") }
        return Form(
            "\(customerPath(customer))/identities/revoke", reader,
            """
            <div class="inline">\(Field("Identity", "identity", .choice(choices)).html)\
            \(Field("Reason", "reason", hint: "It is not used and not learned again.", isRequired: true).html)\
            \(button("Take away"))</div>
            """
        ).html
    }
}

extension CustomerIdentities.Line {
    fileprivate var origin: String {
        switch source {
        case "master": "customer data"
        case "receipt": receipt.map { "receipt \($0)" } ?? "a receipt"
        default: "a person"
        }
    }
}

extension PayerEvidence {
    fileprivate var words: String {
        switch self {
        case .iban: "account"
        case .mandate: "mandate"
        case .name: "name"
        case .account: "channel"
        }
    }
}

/// Tells by what a customer pays.
let giveIdentity: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    let number = asked["number"] ?? ""
    guard let kind = asked["kind"].flatMap({ PayerEvidence(rawValue: $0) }), PayerEvidence.storedKinds.contains(kind) else {
        throw FormRefusal.unpicked("what it is known by")
    }
    var form = FormCheck()
    guard let value = form.need("value", "Value", asked["value"], or: FormRefusal.missing("Value")) else { throw form.refusal }
    let operation = GiveIdentity(asked.entity, kind, value, of: number)
    try await books.write { try operation.run(in: $0, at: $1) }
    return .done("This customer is known by \(value) from now on.", then: customerPath(number))
}

/// Takes an identity away from a customer.
let revokeIdentity: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    let number = asked["number"] ?? "", parts = (asked["identity"] ?? "").split(separator: " ", maxSplits: 1).map(String.init)
    guard parts.count == 2, let kind = PayerEvidence(rawValue: parts[0]) else { throw FormRefusal.unpicked("an identity") }
    let reason = try asked.reason()
    let operation = RevokeIdentity(
        asked.entity, kind, parts[1], of: number, role: "\(asked.reader.role) \(asked.reader.userName)", reason: reason,
        on: asked.reader.today)
    try await books.write { try operation.run(in: $0, at: $1) }
    return .done("\(parts[1]) is no longer taken for this customer.", then: customerPath(number))
}
