import Domain
import Operations
import Store

extension Endpoint {
    private static let sliceFields: [Schema.Field] = [
        .init("id", .text()), .init("document", .text()), .init("kind", .choice(Slice.Kind.allCases.map(\.rawValue))),
        .init("amount", .money), .init("open", .money), .init("opened_on", .day), .init("due_on", .optional(.day)),
        .init("reason_code", .optional(.text())), .init("customer_code", .optional(.text())), .init("reason", .text(max: 1000)),
        .init("role", .text(max: 1000)),
    ]
    private static let slice = Schema.object(sliceFields)
    private static let listed = Schema.object(sliceFields + [.init("customer_number", .text())])
    private static let event = Schema.object([
        .init("event", .choice(Slice.Event.allCases.map(\.rawValue))), .init("amount", .money), .init("on", .day),
        .init("reason", .text(max: 1000)), .init("role", .text(max: 1000)),
    ])
    private static let history = Schema.object([
        .init("slice", slice), .init("state", .text()), .init("events", .array(event, max: 10_000)),
    ])
    private static let histories = Schema.object([.init("slices", .array(history, max: 10_000))])
    private static let reasonCode = Schema.choice(ReasonCode.allCases.map(\.rawValue))
    private static let reason = Schema.Field("reason", .text(min: 1, max: 500))
    private static let mapped = Schema.object([
        .init("customer_number", .number), .init("customer_code", .text(min: 1, max: 60)), .init("reason_code", reasonCode),
    ])

    static let slices: [Endpoint] =
        [
            Endpoint(
                get: "/v1/slices", "Parts of items that stand apart, or did, the oldest first",
                query: [
                    .only("kind", Slice.Kind.self), .state(SliceList.Filter.self, "standing, as those are that something is left of"),
                    .customer,
                ]
                    + .days("day of setting apart") + .amounts("an amount set apart") + [.after, .limit],
                at: .told("what stood apart then and what was left of it"), answer: .page(listed)
            ) { asked, tx in
                try SliceList(
                    asked.entity, on: asked.today, asked.word("kind"), asked.word("state") ?? .standing, where: asked.filter,
                    after: asked.after, limit: asked.limit, at: asked.askedMoment
                ).page(in: tx).json(json)
            },
            Endpoint(
                get: "/v1/slices/{id}", "One part, standing or ended", id: "slc",
                at: .told("a part that had been set apart by then and what was left of it"), answer: listed
            ) { asked, tx in
                try SliceList(asked.entity, on: asked.today, nil, .all, limit: 1, id: try asked.id("slc"), at: asked.askedMoment).page(
                    in: tx
                )
                .rows.first.map(json)
            },
            Endpoint(
                get: "/v1/invoices/{number}/slices", "Everything that was ever set apart of a document",
                at: .told("what had been set apart by then and what had happened to it"), answer: histories
            ) { asked, tx in
                let number = asked.path["number"] ?? ""
                guard let moment = asked.askedMoment else {
                    return try ReadDocument(asked.entity, number: number, on: asked.today).run(in: tx).map {
                        json($0.slices, of: number, on: asked.today)
                    }
                }
                let document = try DocumentList(asked.entity, on: moment.asOf, limit: 1, number: number, at: moment).page(in: tx).rows.first
                return try document.map {
                    let slices = try ReadSlices(asked.entity, item: $0.id.value, on: moment.asOf, at: moment).run(in: tx)
                    return json(slices, of: number, on: moment.asOf)
                }
            },
            Endpoint(
                post: "/v1/invoices/{number}/slices",
                "Sets a part apart: disputed, deducted or promised; without an amount all that is free", .collect,
                body: .object([
                    .init("kind", .choice(["dispute", "deduction", "promise"])), .init("amount", .amount, required: false),
                    .init("due_on", .day, required: false), .init("reason_code", reasonCode, required: false),
                    .init("customer_code", .text(min: 1, max: 60), required: false), reason,
                ]), answer: histories
            ) { asked, tx, now in
                guard let kind = asked.body["kind"]?.text.flatMap({ Slice.Kind(rawValue: $0) }) else { throw SliceRefusal.unknown }
                try OpenSlice(
                    asked.entity, document: asked.path["number"] ?? "", kind, asked.money(asked.body["amount"]),
                    dueOn: asked.body["due_on"]?.text.flatMap { Day($0) }, code: code(asked),
                    customerCode: asked.body["customer_code"]?.text,
                    reason: asked.body["reason"]?.text ?? "", role: role(asked), on: asked.today
                ).run(in: tx, at: now)
                return try document(asked, tx)
            },
            Endpoint(
                post: "/v1/invoices/{number}/plan", "Splits what is free into instalments", .collect,
                body: .object([
                    .init(
                        "instalments",
                        .array(.object([.init("amount", .amount), .init("due_on", .day)]), min: 1, max: AgreePlan.instalmentLimit)), reason,
                ]), answer: histories
            ) { asked, tx, now in
                let instalments = (asked.body["instalments"]?.array ?? []).compactMap { one -> AgreePlan.Instalment? in
                    guard let amount = asked.money(one["amount"]), let day = one["due_on"]?.text.flatMap({ Day($0) }) else { return nil }
                    return AgreePlan.Instalment(amount, dueOn: day)
                }
                try AgreePlan(
                    asked.entity, document: asked.path["number"] ?? "", instalments, reason: asked.body["reason"]?.text ?? "",
                    role: role(asked),
                    on: asked.today
                ).run(in: tx, at: now)
                return try document(asked, tx)
            },
            Endpoint(
                post: "/v1/slices/{id}/release", "Ends a part that stood apart: it is collected again", .collect, id: "slc",
                body: .object([reason]), answer: .object([.init("document", .text())])
            ) { asked, tx, now in
                let operation = ReleaseSlice(
                    asked.entity, try asked.id("slc"), reason: asked.body["reason"]?.text ?? "", role: role(asked), on: asked.today)
                return ["document": .text(try operation.run(in: tx, at: now))]
            },
        ] + writeOffs

    private static let writeOffs: [Endpoint] = [
        Endpoint(
            post: "/v1/invoices/{number}/write-off",
            "Gives up a dispute, a deduction or what is free; above a role's limit it is refused or, with `ask`, waits for a second person",
            .collect,
            body: .object([
                .init("slice_id", .text(), required: false), .init("amount", .amount, required: false), .init("reason_code", reasonCode),
                reason, SecondPerson.ask,
            ]), answer: histories
        ) { asked, tx, now in
            try writeOff(asked).run(in: tx, at: now)
            return try document(asked, tx)
        }.withSecond(writeOffAboveLimit),
        Endpoint(
            post: "/v1/invoices/{number}/write-off/reverse", "Takes the last write-off back: the document is open again", .collect,
            body: .object([reason]), answer: histories
        ) { asked, tx, now in
            try ReverseWriteOff(
                asked.entity, document: asked.path["number"] ?? "", reason: "\(asked.body["reason"]?.text ?? ""), \(asked.actor.name)",
                on: asked.today
            ).run(in: tx, at: now)
            return try document(asked, tx)
        },
        Endpoint(
            get: "/v1/deduction-codes", "What customers' deduction codes mean, by code", query: [.customer, .after, .limit],
            at: .told("what they meant by then"), answer: .page(mapped)
        ) { asked, tx in
            try DeductionCodeList(
                asked.entity, customer: asked.query["customer_number"], after: asked.after, limit: asked.limit, at: asked.askedMoment
            ).page(in: tx).json(json)
        },
        Endpoint(post: "/v1/deduction-codes", "Says which of our reasons a customer's code means", .collect, body: mapped, answer: mapped) {
            asked, tx, now in
            guard let code = code(asked) else { throw SliceRefusal.unknownCode("") }
            try MapDeductionCode(
                asked.entity, customer: asked.body["customer_number"]?.text ?? "", asked.body["customer_code"]?.text ?? "", means: code
            ).run(in: tx, at: now)
            return asked.body
        }.noting { asked, tx in
            let number = asked.body["customer_number"]?.text, code = asked.body["customer_code"]?.text
            return try DeductionCodeList(asked.entity, customer: number, code, limit: 1).page(in: tx).rows.first.map(json)
        },
    ]

    private static func writeOff(_ asked: APIQuestion) throws -> WriteOff {
        guard let code = code(asked) else { throw SliceRefusal.unknownCode("") }
        return WriteOff(
            asked.entity, document: asked.path["number"] ?? "", slice: try sliceID(asked), asked.money(asked.body["amount"]), code: code,
            reason: asked.body["reason"]?.text ?? "", asked.terms.writeOff,
            by: .init(asked.actor.role, name: asked.actor.name, id: asked.actor.id), on: asked.today)
    }

    private static func sliceID(_ asked: APIQuestion) throws -> ID<Slice>? {
        guard let text = asked.body["slice_id"]?.text else { return nil }
        guard let id = PrefixedID.id("slc", text) else { throw SliceRefusal.unknown }
        return ID(id)
    }

    private static let writeOffAboveLimit: @Sendable (APIQuestion, any Transaction, Instant) throws -> SecondPerson? = { asked, tx, _ in
        let wanted = try writeOff(asked).wanted(in: tx), number = asked.path["number"] ?? "", code = asked.body["reason_code"]?.text ?? ""
        guard !asked.terms.writeOff.isAlone(wanted.counted, by: asked.actor.role) else { return nil }
        let slice = try sliceID(asked).map { String($0.value) }
        let said: [(String, String?)] = [
            ("slice", slice), ("amount", wanted.amount.decimal), ("code", code), ("reason", asked.body["reason"]?.text), ("number", number),
        ]
        return SecondPerson(
            act: "/invoices/{number}/write-off", fields: said.compactMap { name, value in value.map { (name: name, value: $0) } },
            why: writeOffWords(wanted, of: number, for: code))
    }

    private static func code(_ asked: APIQuestion) -> ReasonCode? { asked.body["reason_code"]?.text.flatMap { ReasonCode(rawValue: $0) } }
    private static func role(_ asked: APIQuestion) -> String { "\(asked.actor.role.rawValue) \(asked.actor.name)" }

    private static func document(_ asked: APIQuestion, _ tx: any Transaction) throws -> JSON {
        guard let view = try ReadDocument(asked.entity, number: asked.path["number"] ?? "", on: asked.today).run(in: tx) else {
            throw SliceRefusal.unknownDocument(asked.path["number"] ?? "")
        }
        return json(view.slices, of: view.document.number, on: asked.today)
    }

    private static func json(_ line: DeductionCodeList.Line) -> JSON {
        [
            "customer_number": .text(line.customerNumber), "customer_code": .text(line.customerCode),
            "reason_code": .text(line.code.rawValue),
        ]
    }

    private static func json(_ histories: [SliceHistory], of document: String, on day: Day) -> JSON {
        let slices = histories.map { history -> JSON in
            let events = history.events.map { event -> JSON in
                [
                    "event": .text(event.event.rawValue), "amount": JSON(event.amount), "on": JSON(event.on), "reason": .text(event.reason),
                    "role": .text(event.role),
                ]
            }
            return [
                "slice": .object(members(history.slice, document)), "state": .text(history.state(on: day)), "events": .array(events),
            ]
        }
        return ["slices": .array(slices)]
    }

    private static func json(_ line: SliceList.Line) -> JSON {
        .object(members(line.slice, line.document) + [.init("customer_number", .text(line.customerNumber))])
    }

    private static func members(_ slice: StandingSlice, _ document: String) -> [JSON.Member] {
        [
            .init("id", .text(PrefixedID.text("slc", slice.slice.id))), .init("document", .text(document)),
            .init("kind", .text(slice.slice.kind.rawValue)), .init("amount", JSON(slice.amount)), .init("open", JSON(slice.open)),
            .init("opened_on", JSON(slice.openedOn)), .init("due_on", JSON(slice.slice.dueOn)),
            .init("reason_code", JSON(slice.code?.rawValue)), .init("customer_code", JSON(slice.customerCode)),
            .init("reason", .text(slice.reason)), .init("role", .text(slice.role)),
        ]
    }
}
