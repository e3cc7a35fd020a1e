import Domain
import Operations

/// `/collections`: who is late, the largest or the oldest first, and what was last said to them.
struct CollectionsPage: Sendable {
    let lines: [CollectionsWorklist.Line]
    let place: ListLink
    let on: Day
    let reader: DeskReader
    /// How many more are past due than the list ranks.
    var beyond = 0

    var body: PageBody {
        var table = DataTable(
            "Customers past due",
            [
                .text("Customer", second: "Customer number"), .number("Past due", sort: "overdue"), .number("Items"),
                .text("Oldest", sort: "days", falling: true), .text("Last notice", second: "Address"),
                .number("Disputed"), .number("Promised"),
            ]
        )
        table.rows = lines.map { line in
            [
                .lines(line.name, line.number, to: customerPath(line.number)), .money(line.overdue), .number(line.itemCount),
                .overdueDays(on - line.oldestDueOn),
                notice(line),
                apart(line.standing.disputed), apart(line.standing.promised),
            ]
        }
        table.empty = Empty("Nobody is late", "No item is past its due day on \(on.words).")
        table.place = place
        let currencies = Set(lines.map(\.overdue.currency)).sorted { $0.code < $1.code }
        table.totals = currencies.map { currency in
            [
                .text("Shown, \(currency.code)"),
                .money(lines.filter { $0.overdue.currency == currency }.map(\.overdue).total(in: currency)), .none, .none, .none, .none,
                .none,
            ]
        }
        let ranked = CollectionsWorklist.rankLimit
        let cut: HTML =
            beyond > 0 ? "<p class=\"muted\">The first \(grouped(ranked)) of \(grouped(ranked + beyond)); the export holds all.</p>" : ""
        var body = PageBody("Collections", "<div class=\"stack\">\(cut)<div class=\"list-frame\">\(table.html)</div></div>")
        body.aside = "<span class=\"muted\">\(on.html)</span>"
        let send: HTML = reader.may(.control) ? Form("/runs/dunning", reader, button("Send notices", class: "main")).html : ""
        body.actions = "<a class=\"button\" href=\"/collections/slices\">Disputes and promises</a>\(send)"
        body.table = table
        return body
    }

    private func notice(_ line: CollectionsWorklist.Line) -> DataTable.Cell {
        let text = line.lastNotice.map { "level \($0.level), \($0.on.words)" } ?? "none yet"
        return line.hasAddress ? .text(text) : .lines(text, "no address", to: nil)
    }

    private func apart(_ money: Money) -> DataTable.Cell { money.minor == 0 ? .none : .money(money) }
}
