import Domain
import Operations
import Store

/// By what a customer is known when it pays.
extension Endpoint {
    private static let kind = Schema.choice(PayerEvidence.storedKinds.map(\.rawValue))
    private static let identity = Schema.object([
        .init("kind", kind), .init("value", .text(max: 1000)), .init("source", .choice(["master", "person", "receipt"])),
        .init("receipt", .optional(.text(max: 1000))), .init("also_of", .array(.text(max: 1000), max: CustomerIdentities.limit)),
        .init("revoked_on", .optional(.day)),
    ])
    private static let identityList = Schema.object([.init("identities", .array(identity, max: CustomerIdentities.limit))])

    static let identities: [Endpoint] = [
        Endpoint(
            get: "/v1/customers/{number}/identities", "Accounts, mandates and names that a customer pays by, each with what taught it",
            at: .told("what was known through that day and recorded by then, and what had been taken away"), answer: identityList
        ) { asked, tx in
            try isKnown(asked.path["number"] ?? "", asked, tx) ? try list(asked, tx, at: asked.askedMoment) : nil
        },
        Endpoint(
            post: "/v1/customers/{number}/identities", "Tells by what a customer pays, even if it was taken away before", .work,
            body: .object([.init("kind", kind), .init("value", .text(min: 1, max: 140))]), answer: identityList
        ) { asked, tx, now in
            let (kind, value) = try read(asked)
            try GiveIdentity(asked.entity, kind, value, of: asked.path["number"] ?? "").run(in: tx, at: now)
            return try list(asked, tx)
        },
        Endpoint(
            post: "/v1/customers/{number}/identities/revoke", "Takes an identity away: it is not used and not learned again", .work,
            body: .object([.init("kind", kind), .init("value", .text(min: 1, max: 140)), .init("reason", .text(min: 1))]),
            answer: identityList
        ) { asked, tx, now in
            let (kind, value) = try read(asked)
            try RevokeIdentity(
                asked.entity, kind, value, of: asked.path["number"] ?? "", role: "\(asked.actor.role.rawValue) \(asked.actor.name)",
                reason: asked.body["reason"]?.text ?? "", on: asked.today
            ).run(in: tx, at: now)
            return try list(asked, tx)
        },
    ]

    /// Brings the accounts and mandates that a customer's terms tell to those that are put.
    static func putIdentities(_ asked: APIQuestion, _ tx: any Transaction, _ now: Instant) throws {
        let number = asked.path["number"] ?? "", role = "\(asked.actor.role.rawValue) \(asked.actor.name)"
        guard let customer = try ReadCustomer(asked.moment, number: number).run(in: tx) else { return }
        let told = customerJSON(customer.profile)
        func change(_ kind: PayerEvidence, _ member: String) -> PutIdentities.Change {
            func values(_ terms: JSON) -> [String] { (terms[member]?.array ?? []).compactMap(\.text) }
            return PutIdentities.Change(kind, told: values(told), put: values(asked.body))
        }
        try PutIdentities(
            asked.entity, [change(.iban, "ibans"), change(.mandate, "mandates")], of: number, role: role,
            reason: "left out of the terms that were put", on: asked.today
        ).run(in: tx, at: now)
    }

    private static func read(_ asked: APIQuestion) throws -> (PayerEvidence, String) {
        guard let kind = asked.body["kind"]?.text.flatMap({ PayerEvidence(rawValue: $0) }), let value = asked.body["value"]?.text else {
            throw IdentityRefusal.empty
        }
        return (kind, value)
    }

    private static func list(_ asked: APIQuestion, _ tx: any Transaction, at moment: ReportMoment? = nil) throws -> JSON {
        let lines = try CustomerIdentities(asked.entity, customer: asked.path["number"] ?? "", at: moment).run(in: tx)
        return [
            "identities": .array(
                lines.map { line in
                    [
                        "kind": .text(line.evidence.rawValue), "value": .text(line.value), "source": .text(line.source),
                        "receipt": JSON(line.receipt), "also_of": .array(line.others.map(JSON.text)), "revoked_on": JSON(line.revokedOn),
                    ]
                })
        ]
    }
}
