import Domain
import Operations

/// `/figures/credits`: the open items behind the credits of aging.
struct CreditsPage: Sendable {
    let page: ListPage<CreditList.Line>
    let currency: Currency?
    let asOf: Day
    let knownAt: Instant?
    /// nil where it tells of now.
    let past: ReportMoment?
    let place: ListLink

    var body: PageBody {
        var table = DataTable(
            "Credits",
            [
                .text("Customer", second: "Customer number"), .text("Kind"), .text("Number"), .text("Day"), .number("Amount"),
                .number("Open"),
            ])
        table.rows = page.rows.map { line in
            [
                line.customerNumber.isEmpty
                    ? .lines(line.customerName, "", to: "/cash")
                    : .lines(line.customerName, line.customerNumber, to: customerPath(line.customerNumber, at: past)),
                .text(words(line.kind)), number(line), .day(line.on), .money(line.amount), .money(line.open),
            ]
        }
        table.empty = Empty("No credits", "Nothing stood open to a customer's credit on \(asOf.words).", link: ("Figures", "/figures"))
        table.place = place
        let kept = currency.map { [(name: "currency", value: $0.code)] } ?? []
        var body = PageBody(
            "Credits",
            """
            <div class="stack">\(moment("/figures/credits", asOf: asOf, knownAt: knownAt, keeping: kept))<div class="list-frame">\
            \(table.html)</div></div>
            """)
        body.crumbs = [("Figures", "/figures")]
        if let currency { body.aside = "<span class=\"muted\">in \(currency.code)</span>" }
        body.table = table
        return body
    }

    private func number(_ line: CreditList.Line) -> DataTable.Cell {
        if let receipt = line.receipt { return .link(line.number, to: "/receipts/\(receipt.value)") }
        return documentPath(kind: line.kind, line.number).map { .link(line.number, to: $0) } ?? .text(line.number)
    }
}
