import Domain
import Operations

/// `/invoices`: invoices and credit notes.
struct DocumentsPage: Sendable {
    let page: ListPage<DocumentList.Line>
    let filter: DocumentList.Filter
    let order: DocumentList.Order
    let late: DaysLate?
    var narrowed = FilterForm(.documents)
    let place: ListLink
    let on: Day
    /// nil when it tells of now.
    let past: ReportMoment?
    /// Only programs ask for what is settled: no index finds it among all documents.
    private static let states: [DocumentList.Filter] = [.all, .open, .overdue]

    var body: PageBody {
        let orders = DocumentList.orders(of: filter)
        func sort(_ order: DocumentList.Order) -> String? { orders.contains(order) ? order.rawValue : nil }
        var table = DataTable(
            "Invoices and credit notes",
            [
                .text("Number", sort: sort(.newest), falling: true), .text("Customer"), .exported("Customer number"),
                .text("Issued"),
                .text("Due", sort: sort(.due)),
                .text("Late"),
                .number("Gross", sort: sort(.largest)), .number("Open"), .text("State"),
            ])
        table.rows = page.rows.map { line in
            [
                .link(line.number, to: documentPath(line.number)),
                .link(line.customerName, to: customerPath(line.customerNumber, at: past)),
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
            \(tabs("Documents by state", Self.states.map { (words($0.rawValue), link($0), $0 == filter) }))
            \(byDaysLate)<div class="stack">\(narrowed.html(place))\(momentAsked)<div class="list-frame">\(table.html)</div></div>
            """)
        body.aside = narrowed.aside(page.rows.first?.customerName)
        body.table = table
        return body
    }

    private var empty: Empty {
        if late != nil || past != nil || narrowed.isNarrowed {
            return Empty("No documents", "None is as asked for.", link: ("All documents", "/invoices"))
        }
        switch filter {
        case .overdue: return Empty("Nothing is past due", "Every open invoice still has time.")
        case .open: return Empty("Nothing is open", "Every document is settled.", link: ("All documents", "/invoices"))
        case .settled: return Empty("Nothing is settled", "Every document is open.", link: ("All documents", "/invoices"))
        case .all: return Empty("No documents", "Billing issues them from confirmed orders.", link: ("Runs", "/runs"))
        }
    }

    /// The days of aging; narrows what is open.
    private var byDaysLate: HTML {
        guard filter == .open || filter == .overdue else { return "" }
        let buckets = AgingBuckets.standard, shown = filter == .overdue ? 1 : 0
        let links = (shown..<buckets.count).map { at -> (text: String, to: String, isHere: Bool) in
            let days = DaysLate(bucket: at, of: buckets)
            return (words(buckets.labels[at]), link(filter, days), days == late)
        }
        let any = "Any days past due" + (narrowed.filter.currency.map { ", \($0.code)" } ?? "")
        return tabs("Documents by days past due", [(any, link(filter), late == nil)] + links)
    }

    private var momentAsked: HTML {
        guard past != nil || isMomentUnreadable else { return printedMoment(asOf: on) }
        let kept = place.filters.filter { $0.name != "as_of" && $0.name != "known_at" }
        return moment("/invoices", asOf: on, knownAt: past?.knownAt, keeping: kept)
    }

    private func link(_ filter: DocumentList.Filter, _ late: DaysLate? = nil) -> String {
        documentsLink(filter, late: late, narrowed: narrowed.written, asOf: past?.asOf, knownAt: past?.knownAt)
    }
}

/// - Parameters: `asOf` and `knownAt` ask for a moment; nil is today and what is known now.
func documentsLink(
    _ filter: DocumentList.Filter, late: DaysLate? = nil, _ currency: Currency, asOf: Day?, knownAt: Instant?
) -> String {
    documentsLink(filter, late: late, narrowed: [(name: "currency", value: currency.code)], asOf: asOf, knownAt: knownAt)
}

/// - Parameter narrowed: As `FilterForm` reads it.
private func documentsLink(
    _ filter: DocumentList.Filter, late: DaysLate?, narrowed: [(name: String, value: String)], asOf: Day?, knownAt: Instant?
) -> String {
    let state = [(name: "state", value: filter == .all ? "" : filter.rawValue), (name: "late", value: late?.text ?? "")]
    let moment = [(name: "as_of", value: asOf?.iso8601 ?? ""), (name: "known_at", value: knownAt?.iso8601 ?? "")]
    return Link("/invoices", state + narrowed + moment).text
}
