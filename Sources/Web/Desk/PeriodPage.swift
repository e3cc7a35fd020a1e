import Domain
import Operations

/// `/ledger/periods`: through which day the books are closed, and the form that closes more.
struct PeriodPage: Sendable {
    let periods: [PeriodList.Period]
    let asOf: Day
    let knownAt: Instant?
    let place: ListLink
    let reader: DeskReader

    var body: PageBody {
        var table = DataTable("Closed periods", [.text("Closed through"), .text("Closed at")])
        table.rows = periods.map { [.day($0.endsOn), .instant($0.closedAt)] }
        table.empty = Empty("No period is closed", "Every day can still be booked on.")
        table.place = place
        var body = PageBody(
            "Periods",
            """
            \(ledgerTabs("/ledger/periods"))<div class="stack">\(form)\(moment("/ledger/periods", asOf: asOf, knownAt: knownAt))\
            <div class="list-frame">\(table.html)</div></div>
            """)
        body.crumbs = [("Ledger", "/ledger")]
        body.table = table
        return body
    }

    private var form: HTML {
        guard reader.may(.control) else { return "" }
        func fields() -> HTML {
            """
            \(Field(
                "Close through", "ends_on", .date, value: monthBefore.iso8601, hint: "The last day of what is closed.", isRequired: true
            ).html)\
            \(button("Close the period", class: "main"))
            """
        }
        return panel(
            "Close a period",
            """
            <p class="muted">Nothing is booked on closed days any more. What comes late, such as a statement of the bank, is booked on \
            the day after them. A closed period stays closed.</p>\(Form("/ledger/periods", reader, class: "inline", fields()).html)
            """)
    }

    /// The end of the month before today's.
    private var monthBefore: Day { reader.today.adding(months: -1, anchor: 31) }
}
