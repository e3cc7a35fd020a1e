import Domain
import Operations
import Store

/// What somebody owes or is owed, as the events name it.
extension Endpoint {
    private static let item = Schema.object([
        .init("id", .text()), .init("kind", .choice(OpenItem.Kind.allCases.map(\.rawValue))), .init("number", .prose(max: 1000)),
        .init("customer_number", .optional(.text())), .init("customer_name", .optional(.name)), .init("on", .day), .init("due_on", .day),
        .init("amount", .money), .init("open", .money), .init("disputed", .money), .init("promised", .money),
        .init("receipt", .optional(.text())),
    ])
    private static let then =
        Moment.told("items of that day or before that were recorded by then, what was open of them and stood apart, with the names of then")

    static let openItems: [Endpoint] = [
        Endpoint(
            get: "/v1/open-items", "Items of the receivables: documents, receipts and what was booked with them, the latest first",
            query: [.state(OpenItemList.Filter.self, "open"), .only("kind", OpenItem.Kind.self), .customer] + .days("day of the item")
                + .amounts("an amount, a credit's below zero,") + [.after, .limit],
            at: then, answer: .page(item)
        ) { asked, tx in
            try OpenItemList(
                asked.entity, on: asked.today, asked.word("state") ?? .open, asked.word("kind"), where: asked.filter, after: asked.after,
                limit: asked.limit, at: asked.askedMoment
            ).page(in: tx).json(json)
        },
        Endpoint(get: "/v1/open-items/{id}", "One item, open or settled", id: "itm", at: then, answer: item) { asked, tx in
            let id: ID<OpenItem> = try asked.id("itm")
            return try OpenItemList(asked.entity, on: asked.today, .all, limit: 1, id: id.value, at: asked.askedMoment).page(in: tx)
                .rows.first.map(json)
        },
    ]

    private static func json(_ line: OpenItemList.Line) -> JSON {
        let isKnown = !line.customerNumber.isEmpty
        return [
            "id": .text(PrefixedID.text("itm", line.id)), "kind": .text(line.kind.rawValue), "number": .text(line.number),
            "customer_number": JSON(isKnown ? line.customerNumber : nil), "customer_name": JSON(isKnown ? line.customerName : nil),
            "on": JSON(line.on), "due_on": JSON(line.dueOn), "amount": JSON(line.amount), "open": JSON(line.open),
            "disputed": JSON(line.standing.disputed), "promised": JSON(line.standing.promised),
            "receipt": JSON(line.receipt.map { PrefixedID.text("rcp", $0.value) }),
        ]
    }
}
