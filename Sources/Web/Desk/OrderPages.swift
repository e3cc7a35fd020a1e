import Domain
import Operations

/// `/orders`: every order; the held ones are released or cancelled here, many at once.
struct OrdersPage: Sendable {
    let page: ListPage<OrderList.Line>
    let filter: OrderList.Filter
    var narrowed = FilterForm(.orders)
    let place: ListLink
    let reader: DeskReader
    /// Only programs ask for the other states: no index finds these among all orders.
    private static let states: [OrderList.Filter] = [.all, .held, .confirmed]

    var body: PageBody {
        let decides = filter == .held && reader.may(.approve) && !page.rows.isEmpty
        var table = DataTable(
            "Orders",
            (decides ? [.text("Pick")] : []) + [
                .text("Order"), .text("Customer", second: "Customer number"), .text("Date", sort: "date", falling: true),
                .text("Channel"),
                .text(filter == .held ? "Why it is held" : "Invoice"), .number("Gross", sort: "amount"),
                .text("State"),
            ])
        table.rows = page.rows.map { line in
            let invoice: DataTable.Cell = line.documentNumber.map { .link($0, to: documentPath($0)) } ?? .none
            return (decides ? [.pick(name: "order", value: String(line.id.value), label: "Order \(line.number)")] : []) + [
                .link(line.number, to: "/orders/\(line.id.value)"),
                .lines(line.customerName, line.customerNumber, to: customerPath(line.customerNumber)), .day(line.orderedOn),
                .text(line.channel),
                filter == .held ? .quiet(line.reason ?? "") : invoice,
                .money(line.gross), .badge(Badge(order: line.state)),
            ]
        }
        table.empty = empty
        table.place = place
        func list() -> HTML { "<div class=\"list-frame\">\(table.html)</div>" }
        let content: HTML =
            decides
            ? Form(
                "/orders/decide", reader, class: "stack",
                """
                \(list())\(FaultMarks("order").words)<div class="inline">\(Field("Reason", "reason", hint: "Recorded with the decision.", isRequired: true).html)\
                \(button("Release", name: "event", value: "released", class: "main"))\
                \(button("Cancel orders", name: "event", value: "cancelled"))</div>
                """
            ).html
            : list()
        var body = PageBody(
            "Orders",
            """
            \(tabs("Orders by state", Self.states.map { (words($0.rawValue), link($0), $0 == filter) }))
            <div class="stack">\(narrowed.html(place))\(content)</div>
            """)
        body.aside = narrowed.aside(page.rows.first?.customerName)
        body.table = table
        return body
    }

    private var empty: Empty {
        if let customer = narrowed.filter.customer {
            return Empty("No orders here", "This customer has none that are asked for.", link: ("The customer", customerPath(customer)))
        }
        if narrowed.isNarrowed { return Empty("No orders here", "None is as asked for.", link: ("All orders", "/orders")) }
        return switch filter {
        case .held: Empty("No order is held", "Every order is within its customer's credit limit.")
        case .confirmed: Empty("Nothing waits for billing", "What was confirmed is billed.", link: ("All orders", "/orders"))
        case .billed, .cancelled, .noCharge:
            Empty("No orders here", "None is \(words(filter.rawValue).lowercased()).", link: ("All orders", "/orders"))
        case .all:
            Empty("No orders here", "They come from channels or as a file.", link: reader.link("Import orders", to: "/import", .work))
        }
    }

    private func link(_ filter: OrderList.Filter) -> String {
        Link("/orders", [(name: "state", value: filter == .all ? "" : filter.rawValue)] + narrowed.written).text
    }
}

/// `/orders/{id}`: one order, its lines, what was decided.
struct OrderPage: Sendable {
    let view: OrderView
    let reader: DeskReader
    var releasesAsked: [ApprovalRequest] = []

    var body: PageBody {
        let order = view.order
        var table = DataTable("Lines of order \(order.number)", lineColumns)
        table.rows = view.lines.map(lineCells)
        var body = PageBody(
            "Order \(order.number)",
            """
            <div class="stack">\(panel("Order", facts([
                ("Customer", "<a href=\"\(customerPath(order.customerNumber))\">\(order.customerName)</a>"), ("Date", order.orderedOn.html), ("Channel", "\(order.channel)"),
                ("Kind", "\(words(order.kind))"), ("Invoice", order.documentNumber.map { "<a href=\"\(documentPath($0))\">\($0)</a>" } ?? "not billed"),
                ("Net", view.net.html()), ("Tax", view.tax.html()), ("Gross", order.gross.html(withCurrency: true)),
            ])))\(decision)\(panel("Lines", table.html))\(panel("History", history))</div>
            """)
        body.aside = Badge(order: order.state).html + waitingMark("Release waits for approval", releasesAsked)
        body.crumbs = [("Orders", "/orders")]
        return body
    }

    private var decision: HTML {
        let state = view.order.state
        guard reader.may(.approve), state == "held" || state == "confirmed" else { return "" }
        let release: HTML = state == "held" ? button("Release", name: "event", value: "released", key: "r", class: "main") : ""
        return panel(
            state == "held" ? "Decide" : "Cancel",
            Form(
                "/orders/decide", reader,
                """
                <input type="hidden" name="order" value="\(view.order.id.value)"><div class="inline">\
                \(Field("Reason", "reason", value: "agreed with the customer", isRequired: true).html)\(release)\
                \(button("Cancel order", name: "event", value: "cancelled"))</div>
                """
            ).html)
    }

    private var history: HTML {
        guard !view.events.isEmpty else { return "<p class=\"muted\">Confirmed when it was placed.</p>" }
        var table = DataTable("History", [.text("Day"), .text("What"), .text("By"), .text("Reason")])
        table.rows = view.events.map { [.day($0.on), .text(words($0.event)), .text($0.role), .text($0.reason)] }
        return table.html
    }
}

let lineColumns: [DataTable.Column] = [
    .text("Article"), .number("Quantity"), .number("Price"), .number("VAT"), .number("Net"),
]

/// A line of an order or a document.
func lineCells(_ line: GoodsLine) -> [DataTable.Cell] {
    let quantity = line.quantityMilli, price = line.priceMicro, tax = line.taxBasisPoints
    let isWhole = quantity % 1000 == 0, isRound = price % 10_000 == 0
    return [
        .lines(line.description, line.sku, to: nil), .decimal(isWhole ? quantity / 1000 : quantity, decimals: isWhole ? 0 : 3),
        .decimal(isRound ? price / 10_000 : price, decimals: isRound ? 2 : 6),
        .text("\(decimalText(Int64(tax), 2, shown: tax % 100 == 0 ? 0 : 2)) %"), .money(line.net),
    ]
}
