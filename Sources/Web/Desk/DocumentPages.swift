import Domain
import Operations

/// `/invoices`: invoices and credit notes.
struct DocumentsPage: Sendable {
    let page: ListPage<DocumentList.Line>
    let filter: DocumentList.Filter
    let order: DocumentList.Order
    let late: DaysLate?
    let currency: Currency?
    let place: ListLink
    let on: Day
    /// nil when it tells of now.
    let past: ReportMoment?

    var body: PageBody {
        let orders = DocumentList.orders(of: filter)
        func sort(_ order: DocumentList.Order) -> String? { orders.contains(order) ? order.rawValue : nil }
        var table = DataTable(
            "Invoices and credit notes",
            [
                .text("Number", sort: sort(.newest), falling: true), .text("Customer"), .exported("Customer number"),
                .text("Issued", minor: true),
                .text("Due", sort: sort(.due), minor: true),
                .text("Late", minor: true),
                .number("Gross", sort: sort(.largest), minor: true), .number("Open"), .text("State"),
            ])
        table.rows = page.rows.map { line in
            [
                .link(line.number, to: documentPath(line.number)), .link(line.customerName, to: customerPath(line.customerNumber)),
                .text(line.customerNumber), .day(line.issuedOn), .day(line.dueOn),
                .overdueDays(line.open.minor > 0 ? on - line.dueOn : 0), .money(line.gross),
                line.open.minor == 0 ? .none : .money(line.open),
                .badge(Badge(open: line.open, of: line.gross, dueOn: line.dueOn, asOf: on, slices: line.slices)),
            ]
        }
        table.empty = empty
        table.place = place
        var body = PageBody(
            "Invoices and credit notes",
            """
            \(tabs("Documents by state", DocumentList.Filter.allCases.map { (words($0.rawValue), link($0), $0 == filter) }))
            \(byDaysLate)\(momentAsked)<div class="list-frame">\(table.html)</div>
            """)
        body.table = table
        return body
    }

    private var empty: Empty {
        if late != nil || past != nil { return Empty("No documents", "None is as asked for.") }
        return filter == .overdue
            ? Empty("Nothing is past due", "Every open invoice still has time.")
            : Empty("No documents", "Billing issues them from confirmed orders.", link: ("Runs", "/runs"))
    }

    /// The days of aging; narrows what is open.
    private var byDaysLate: HTML {
        guard filter != .all else { return "" }
        let buckets = AgingBuckets.standard, shown = filter == .overdue ? 1 : 0
        let links = (shown..<buckets.count).map { at -> (text: String, to: String, isHere: Bool) in
            let days = DaysLate(bucket: at, of: buckets)
            return (words(buckets.labels[at]), link(filter, days, currency), days == late)
        }
        let any = "Any days past due" + (currency.map { ", \($0.code)" } ?? "")
        return tabs("Documents by days past due", [(any, link(filter, nil, currency), late == nil)] + links)
    }

    private var momentAsked: HTML {
        guard let past else { return "" }
        let kept = place.filters.filter { $0.name != "as_of" && $0.name != "known_at" }
        return moment("/invoices", asOf: past.asOf, knownAt: past.knownAt, keeping: kept)
    }

    private func link(_ filter: DocumentList.Filter, _ late: DaysLate? = nil, _ currency: Currency? = nil) -> String {
        documentsLink(filter, late: late, currency, asOf: past?.asOf, knownAt: past?.knownAt)
    }
}

/// - Parameters: `asOf` and `knownAt` ask for a moment; nil is today and what is known now.
func documentsLink(
    _ filter: DocumentList.Filter, late: DaysLate? = nil, _ currency: Currency? = nil, asOf: Day?, knownAt: Instant?
) -> String {
    Link(
        "/invoices",
        [
            "state": filter == .all ? nil : filter.rawValue, "late": late?.text, "currency": currency?.code, "as_of": asOf?.iso8601,
            "known_at": knownAt?.iso8601,
        ]
    ).text
}

/// `/invoices/{number}`: the document as it was issued, and what became of it.
struct DocumentPage: Sendable {
    let view: DocumentView
    let on: Day
    let reader: DeskReader
    var writeOffsAsked: [ApprovalRequest] = []

    var body: PageBody {
        let document = view.document, noun = document.isCreditNote ? "Credit note" : "Invoice"
        var table = DataTable("Lines of \(document.number)", lineColumns)
        table.rows = view.lines.map { lineCells($0.sku, $0.description, $0.quantityMilli, $0.priceMicro, $0.taxBasisPoints, $0.net) }
        var body = PageBody(
            "\(noun) \(document.number)",
            """
            <div class="stack"><article class="panel"><div class="document"><div class="columns"><div><p class="muted">From</p><p>\
            <b>\(view.sellerName)</b></p>\
            <p>\(view.sellerVAT ?? "")</p></div><div><p class="muted">To</p><p><b>\
            <a href="\(customerPath(document.customerNumber))">\(document.customerName)</a></b></p>\
            <p>\(document.customerNumber), \(view.customerCountry)</p><p>\(view.customerVAT ?? "")</p></div><div class="stack">\(facts(heads))\
            <div class="internal">\(facts([("Still open", document.open.html(withCurrency: true))]))</div></div></div>\
            \(table.html)\(totals)</div></article>
            <div class="stack internal"><div class="columns">\(panel("Settled by", settlements))\(panel("Reminders", notices))</div>\(SlicePanel(view: view, on: on, reader: reader).html)</div></div>
            """)
        let badge = Badge(open: document.open, of: document.gross, dueOn: document.dueOn, asOf: on, slices: document.slices)
        body.aside = "<span class=\"internal\">\(badge.html)\(waitingMark("Write-off waits for approval", writeOffsAsked))</span>"
        body.crumbs = [("Invoices", "/invoices")]
        body.actions = "<button type=\"button\" class=\"button\" data-print>Print</button>"
        return body
    }

    private var heads: [(name: String, value: HTML)] {
        let document = view.document
        var heads: [(name: String, value: HTML)] = [("Issued", document.issuedOn.html), ("Due", document.dueOn.html)]
        if let discount = view.discount {
            let kept = Money(minor: discount.minor, document.gross.currency).html(withCurrency: true)
            heads.append(("Cash discount", "\(kept) if paid by \(discount.until.html)"))
        }
        if !view.orders.isEmpty {
            let links = view.orders.map { "<a href=\"/orders/\($0.id.value)\">\($0.number)</a> " as HTML }
            heads.append((links.count == 1 ? "Order" : "Orders", "\(links)"))
        } else if let order = view.orderNumber {
            heads.append(("Order", "\(order)"))
        }
        if let preceding = view.preceding { heads.append(("Corrects", "<a href=\"\(documentPath(preceding))\">\(preceding)</a>")) }
        return heads
    }

    private var totals: HTML {
        """
        <table class="totals"><caption class="quiet-caption">Totals</caption><tbody><tr><th scope="row">Net</th><td class="n">\
        \(view.net.html())</td></tr>\
        <tr><th scope="row">VAT</th><td class="n">\(view.tax.html())</td></tr></tbody>\
        <tfoot><tr><td>Total \(view.document.gross.currency.code)</td><td class="n">\(view.document.gross.html())</td></tr></tfoot></table>
        """
    }

    private var settlements: HTML {
        var table = DataTable("What settled it", [.text("Day"), .text("By"), .text("Rule", minor: true), .number("Amount")])
        table.rows = view.settlements.map { one in
            let to =
                one.receipt.map { "/receipts/\($0.value)" }
                ?? (["invoice", "credit_note"].contains(one.kind) ? documentPath(one.number) : nil)
            return [.day(one.on), .lines(words(one.kind), one.number, to: to), .text(words(one.rule)), .money(one.amount)]
        }
        table.empty = Empty("Nothing yet", "No receipt and no credit note was applied.")
        return table.html
    }

    private var notices: HTML {
        var table = DataTable("Reminders", [.text("Sent"), .number("Level")])
        table.rows = view.notices.map { [.day($0.on), .number($0.level)] }
        table.empty = Empty("No reminder", "This document was in no notice.")
        return table.html
    }
}
