import Domain
import Operations
import Store

/// What stands on an invoice or a credit note, and what became of it.
extension Endpoint {
    private static let number: ClosedRange<Int64> = -(1 << 53)...1 << 53
    private static let line = Schema.object([
        .init("line", .integer(0...Int64.max / 2)), .init("order", .optional(.text())), .init("sku", .prose(max: 1000)),
        .init("description", .prose(max: 10_000)), .init("quantity_milli", .integer(number)), .init("price_micro", .integer(number)),
        .init("net", .money), .init("tax_basis_points", .integer(0...10_000)),
    ])
    private static let party = Schema.object([
        .init("name", .name), .init("country", .text()), .init("vat_number", .optional(.text())),
        .init("address", .optional(address)), .init("registration", .optional(.text())), .init("iban", .optional(.text())),
        .init("bic", .optional(.text())),
    ])
    private static let discount = Schema.optional(.object([.init("amount", .money), .init("until", .day)]))
    /// EN 16931-1 BG-23.
    private static let tax = Schema.object([
        .init("category", .choice(VATTreatment.Category.allCases.map(\.rawValue))), .init("tax_basis_points", .integer(0...10_000)),
        .init("taxable_amount", .money), .init("tax_amount", .money), .init("exemption_reason", .optional(.text(max: 1000))),
    ])
    private static let heading = Schema.object([
        .init("id", .text()), .init("number", .text()), .init("net", .money), .init("tax", .money), .init("gross", .money),
        .init("customer_number", .text()), .init("seller", party), .init("buyer", party),
        .init("vat_breakdown", .array(tax, max: 100)), .init("delivered_on", .optional(.day)),
        .init("invoicing_period", .optional(.object([.init("start_on", .day), .init("end_on", .day)]))),
        .init("cash_discount", discount), .init("cash_discount_left", discount),
        .init("order_number", .optional(.text(max: 1000))),
        .init("orders", .array(.object([.init("id", .text()), .init("number", .text())]), max: DocumentView.orderLimit)),
        .init("preceding", .optional(.text())),
    ])
    private static let settlement = Schema.object([
        .init("id", .text()), .init("on", .day), .init("amount", .money), .init("rule", .text()), .init("item", .text()),
        .init("kind", .text()), .init("number", .text(max: 1000)), .init("receipt", .optional(.text())),
        .init("reverses", .optional(.text())), .init("is_reversed", .flag),
    ])
    private static let item = Schema.object([
        .init("id", .text()), .init("kind", .text()), .init("on", .day), .init("due_on", .day), .init("amount", .money),
        .init("open", .money), .init("disputed", .money), .init("promised", .money),
    ])
    private static let notice = Schema.object([.init("id", .text()), .init("on", .day), .init("level", .integer(0...1_000))])

    static let documentFacts: [Endpoint] = [
        Endpoint(
            get: "/v1/invoices/{number}/heading", "What a document says above its lines: the parties, the sums, what it refers to",
            at: .told(
                "a document known then: what was issued never changes, the names of its parties neither; `cash_discount_left` as it is now"
            ), answer: heading
        ) { asked, tx in
            guard try known(asked, tx) != nil else { return nil }
            return try ReadDocument(asked.entity, number: asked.path["number"] ?? "", on: asked.today).run(in: tx).map(json)
        },
        Endpoint(
            get: "/v1/invoices/{number}/lines", "The lines of a document; one taken over from a former system has none",
            query: [.after, .limit], at: .told("a document known then: its lines never change"), answer: .page(line)
        ) { asked, tx in
            guard let id = try known(asked, tx) else { return nil }
            return try DocumentLines(asked.entity, id, after: asked.after, limit: asked.limit).page(in: tx).json(json)
        },
        Endpoint(
            get: "/v1/invoices/{number}/settlements", "What settled a document, in the order of recording", query: [.after, .limit],
            at: .told("allocations of that day or before that were recorded by then"), answer: .page(settlement)
        ) { asked, tx in
            guard let id = try known(asked, tx) else { return nil }
            return try DocumentSettlements(asked.entity, id, after: asked.after, limit: asked.limit, at: asked.askedMoment).page(in: tx)
                .json(json)
        },
        Endpoint(
            get: "/v1/invoices/{number}/open-items", "The items by which a document stands in the receivables, open or settled",
            at: .told("what was open of it then, and what of that stood apart"), answer: .object([.init("rows", .array(item, max: 1_000))])
        ) { asked, tx in
            guard let id = try known(asked, tx) else { return nil }
            let item = try DocumentStanding.read(asked.moment, id, isNow: asked.askedMoment == nil, in: tx)
            return ["rows": .array((item.map { [$0] } ?? []).map(json))]
        },
        Endpoint(
            get: "/v1/invoices/{number}/notices", "Dunning notices in which a document stood", query: [.after, .limit],
            at: .told("notices of that day or before that were recorded by then"), answer: .page(notice)
        ) { asked, tx in
            guard let id = try known(asked, tx) else { return nil }
            return try DocumentNotices(asked.entity, id, after: asked.after, limit: asked.limit, at: asked.askedMoment).page(in: tx).json {
                ["id": .text(PrefixedID.text("msg", $0.id)), "on": JSON($0.on), "level": .integer(Int64($0.level))]
            }
        },
    ]

    private static func known(_ asked: APIQuestion, _ tx: any Transaction) throws -> ID<Invoice>? {
        try DocumentKey(asked.entity, number: asked.path["number"] ?? "", at: asked.askedMoment).run(in: tx)
    }

    private static func json(_ row: DocumentLines.Row) -> JSON {
        let order = JSON(row.order.map { PrefixedID.text("ord", $0.value) })
        return .object([.init("line", .integer(row.line)), .init("order", order)] + row.goods.members)
    }

    private static func json(_ row: DocumentSettlements.Row) -> JSON {
        [
            "id": .text(PrefixedID.text("alc", row.id)), "on": JSON(row.on), "amount": JSON(row.amount), "rule": .text(row.rule),
            "item": .text(PrefixedID.text("itm", row.item)), "kind": .text(row.kind), "number": .text(row.number),
            "receipt": JSON(row.receipt.map { PrefixedID.text("rcp", $0.value) }),
            "reverses": JSON(row.reverses.map { PrefixedID.text("alc", $0) }), "is_reversed": .bool(row.isReversed),
        ]
    }

    private static func json(_ item: DocumentStanding) -> JSON {
        [
            "id": .text(PrefixedID.text("itm", item.id)), "kind": .text(item.kind), "on": JSON(item.on), "due_on": JSON(item.dueOn),
            "amount": JSON(item.amount), "open": JSON(item.open), "disputed": JSON(item.standing.disputed),
            "promised": JSON(item.standing.promised),
        ]
    }

    private static func json(_ party: Party) -> JSON {
        [
            "name": .text(party.name), "country": .text(party.country), "vat_number": JSON(party.vatNumber),
            "address": JSON(party.address), "registration": JSON(party.registration), "iban": JSON(party.account?.iban),
            "bic": JSON(party.account?.bic),
        ]
    }

    private static func json(_ discount: CashDiscount?, _ currency: Currency) -> JSON {
        discount.map { ["amount": JSON(Money(minor: $0.minor, currency)), "until": JSON($0.until)] } ?? .null
    }

    private static func json(_ tax: DocumentTotals.Breakdown, of view: DocumentView) -> JSON {
        let on = view.suppliedOn?.lowerBound ?? view.document.issuedOn
        return [
            "category": .text(tax.treatment.category.rawValue), "tax_basis_points": .integer(tax.treatment.basisPoints),
            "taxable_amount": JSON(tax.taxable), "tax_amount": JSON(tax.tax),
            "exemption_reason": JSON(tax.treatment.reason(seller: view.seller.country, on: on)),
        ]
    }

    private static func json(_ view: DocumentView) -> JSON {
        [
            "id": .text(PrefixedID.text("inv", view.document.id.value)), "number": .text(view.document.number), "net": JSON(view.net),
            "tax": JSON(view.tax), "gross": JSON(view.document.gross), "customer_number": .text(view.document.customerNumber),
            "seller": json(view.seller), "buyer": json(view.buyer),
            "vat_breakdown": .array(view.taxes.map { json($0, of: view) }),
            "delivered_on": JSON(view.suppliedOn.flatMap { $0.lowerBound == $0.upperBound ? $0.lowerBound : nil }),
            "invoicing_period": view.suppliedOn.flatMap { days in
                days.lowerBound == days.upperBound ? nil : ["start_on": JSON(days.lowerBound), "end_on": JSON(days.upperBound)]
            } ?? .null,
            "cash_discount": json(view.discount?.discount, view.net.currency),
            "cash_discount_left": json(view.discountLeft, view.net.currency),
            "order_number": JSON(view.orderNumber),
            "orders": .array(view.orders.map { ["id": .text(PrefixedID.text("ord", $0.id.value)), "number": .text($0.number)] }),
            "preceding": JSON(view.preceding),
        ]
    }
}
