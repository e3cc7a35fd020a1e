import Domain
import Operations

/// `/collections`: who is late, the largest first, and what was last said to them.
struct CollectionsPage: Sendable {
    let lines: [CollectionsWorklist.Line]
    let place: ListLink
    let on: Day
    let reader: DeskReader

    var body: PageBody {
        var table = DataTable(
            "Customers past due",
            [
                .text("Customer"), .number("Past due"), .number("Items"), .text("Oldest"), .text("Last notice", minor: true),
                .text("On hold"),
            ]
        )
        table.rows = lines.map { line in
            [
                .lines(line.name, line.number, to: customerPath(line.number)), .money(line.overdue), .number(line.itemCount),
                .overdueDays(on - line.oldestDueOn),
                line.lastNotice.map { .text("level \($0.level), \($0.on.words)") } ?? .text("none yet"), hold(line),
            ]
        }
        table.empty = Empty("Nobody is late", "No item is past its due day on \(on.words).")
        table.place = place
        let currencies = Set(lines.map(\.overdue.currency)).sorted { $0.code < $1.code }
        table.totals = currencies.map { currency in
            [
                .text("Shown, \(currency.code)"),
                .money(lines.filter { $0.overdue.currency == currency }.map(\.overdue).total(in: currency)), .none, .none, .none, .none,
            ]
        }
        var body = PageBody("Collections", "<div class=\"list-frame\">\(table.html)</div>")
        body.aside = "<span class=\"muted\">\(on.html)</span>"
        body.actions = reader.canAct ? Form("/runs/dunning", reader, button("Send notices", class: "main")).html : ""
        body.table = table
        return body
    }

    private func hold(_ line: CollectionsWorklist.Line) -> DataTable.Cell {
        if line.disputedCount > 0 { return .badge(Badge("\(counted(line.disputedCount, "item")) disputed", .warn)) }
        return line.promisedCount > 0 ? .badge(Badge("\(counted(line.promisedCount, "item")) promised", .info)) : .none
    }
}
