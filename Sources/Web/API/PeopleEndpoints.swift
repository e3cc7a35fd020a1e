import Domain
import Operations
import Store

/// Who may come in, and the legal entity itself. Links and keys are made where people see them once: an answer is kept for repeats.
extension Endpoint {
    private static let role = Schema.choice(Role.allCases.map(\.rawValue))
    private static let person = Schema.object([
        .init("id", .text()), .init("name", .text(max: 1000)), .init("email", .text(max: 1000)), .init("role", role),
        .init("is_shut", .flag), .init("has_second_factor", .flag), .init("is_guest", .flag),
    ])
    private static let key = Schema.object([
        .init("id", .text()), .init("name", .text(max: 1000)), .init("role", role), .init("scopes", .array(.text(), max: 1_000)),
        .init("created_at", .instant), .init("made_by", .optional(.text(max: 1000))), .init("revoked_at", .optional(.instant)),
    ])
    private static let entity = Schema.object([
        .init("number", .integer(0...Int64.max / 2)), .init("name", .text(max: 1000)), .init("country", .text()),
        .init("currency", .currency), .init("vat_number", .optional(.text())), .init("address", .optional(address)),
        .init("registration", .optional(.text(max: 1000))), .init("iban", .optional(.text())), .init("bic", .optional(.text())),
        .init("closed_through", .optional(.day)),
    ])

    static let people: [Endpoint] = [
        Endpoint(
            get: "/v1/entity", "The legal entity of the key as documents name it, and through which day its books are closed",
            at: .told("what was closed and told of it by then; name, country and currency as they are now"), answer: entity
        ) { asked, tx in
            let facts = try EntityFacts.read(asked.moment, in: tx)
            return [
                "number": .integer(asked.entity.value), "name": .text(facts.name), "country": .text(facts.country),
                "currency": .text(facts.currency.code), "vat_number": JSON(facts.vatNumber), "address": JSON(facts.address),
                "registration": JSON(facts.registration), "iban": JSON(facts.account?.iban), "bic": JSON(facts.account?.bic),
                "closed_through": JSON(facts.closedThrough),
            ]
        },
        Endpoint(
            get: "/v1/users", "Everybody with an account, by name", .administer,
            query: [.only("role", Role.self), .state(ReadPeople.Account.self), .after, .limit],
            at: .told("who had an account by then; everybody as they are now"), answer: .page(person)
        ) { asked, tx in
            try ReadPeople(asked.entity).people(
                asked.word("role"), asked.word("state"), after: asked.after, limit: asked.limit, at: asked.askedMoment, in: tx
            ).json(json)
        },
        Endpoint(
            get: "/v1/users/{id}", "One of them", .administer, id: "usr",
            at: .told("somebody who had an account by then, as they are now"), answer: person
        ) { asked, tx in
            let id: ID<Actor> = try asked.id("usr")
            return try ReadPeople(asked.entity).people(after: nil, limit: 1, id: id.value, at: asked.askedMoment, in: tx).rows.first.map(
                json)
        },
        Endpoint(
            post: "/v1/users/{id}/role", "Gives a person another role; one whose account is shut comes in again", .administer, id: "usr",
            body: .object([.init("role", role)]), answer: person
        ) { asked, tx, now in
            guard let role = asked.body["role"]?.text.flatMap({ Role(rawValue: $0) }) else { throw PeopleRefusal.unknownRole("") }
            return try changed(asked, role, tx, now)
        }.noting(before: standing),
        Endpoint(
            post: "/v1/users/{id}/shut", "Shuts a person's account and ends its sessions and the keys it made", .administer, id: "usr",
            body: .object([]), answer: person
        ) { asked, tx, now in
            try changed(asked, nil, tx, now)
        }.noting(before: standing),
        Endpoint(
            get: "/v1/keys", "Keys of programs, the oldest first", .administer,
            query: [
                .state(ReadPeople.KeyState.self, "in force"), .only("role", Role.self),
                .init("scope", .text(min: 1, max: 40), "only those that are held to it, beside others or alone"), .after, .limit,
            ],
            at: .told("keys that were made by then, and whether they were in force"), answer: .page(key)
        ) { asked, tx in
            try ReadPeople(asked.entity).keys(
                asked.word("state") ?? .inForce, role: asked.word("role"), scope: asked.query["scope"], after: asked.after,
                limit: asked.limit, at: asked.askedMoment, in: tx
            ).json(json)
        },
        Endpoint(
            get: "/v1/keys/{id}", "One key, in force or revoked", .administer, id: "key",
            at: .told("a key that was made by then, and whether it was in force"), answer: key
        ) { asked, tx in
            let id: ID<Actor> = try asked.id("key")
            return try ReadPeople(asked.entity).keys(.all, limit: 1, id: id.value, at: asked.askedMoment, in: tx).rows.first.map(json)
        },
        Endpoint(
            post: "/v1/keys/{id}/revoke", "Takes a key away, but not itself: it opens nothing any more", .administer, id: "key",
            body: .object([]),
            answer: .object([.init("id", .text()), .init("revoked", .text(max: 10_000))])
        ) { asked, tx, now in
            let id: ID<Actor> = try asked.id("key")
            guard id.value != asked.actor.id else {
                throw APIRefusal.noEffect("a key does not take itself away: use another one, or the desk")
            }
            let before = try RevokeAPIKey(asked.entity, id.value).run(in: tx, at: now)
            return ["id": .text(PrefixedID.text("key", id.value)), "revoked": .text(before)]
        },
    ]

    private static let standing: @Sendable (APIQuestion, any Transaction) throws -> JSON? = { asked, tx in
        try one(asked, tx).map(json)
    }

    private static func one(_ asked: APIQuestion, _ tx: any Transaction) throws -> ReadPeople.Line? {
        let id: ID<Actor> = try asked.id("usr")
        return try ReadPeople(asked.entity).people(in: tx).first { $0.id == id.value }
    }

    private static func changed(_ asked: APIQuestion, _ role: Role?, _ tx: any Transaction, _ now: Instant) throws -> JSON {
        let id: ID<Actor> = try asked.id("usr")
        guard id.value != asked.actor.maker else { throw PeopleRefusal.ownMaker }
        _ = try ChangePerson(asked.entity, id.value, role: role, by: Home(asked.entity, asked.actor.id)).run(in: tx, at: now)
        guard let person = try one(asked, tx) else { throw PeopleRefusal.unknownPerson }
        return json(person)
    }

    private static func json(_ key: ReadPeople.Key) -> JSON {
        [
            "id": .text(PrefixedID.text("key", key.id)), "name": .text(key.name), "role": .text(key.role),
            "scopes": .array(key.scopes.split(separator: " ").map { .text(String($0)) }), "created_at": .text(key.createdAt.iso8601),
            "made_by": JSON(key.maker), "revoked_at": JSON(key.revokedAt?.iso8601),
        ]
    }

    private static func json(_ line: ReadPeople.Line) -> JSON {
        [
            "id": .text(PrefixedID.text("usr", line.id)), "name": .text(line.name), "email": .text(line.email),
            "role": .text(line.role.rawValue), "is_shut": .bool(line.isDisabled), "has_second_factor": .bool(line.hasSecondFactor),
            "is_guest": .bool(line.home != nil),
        ]
    }
}
