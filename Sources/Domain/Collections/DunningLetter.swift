/// The text of a notice, as a person reads it.
package struct DunningLetter: Equatable, Sendable {
    package let subject: String
    package let body: String
    /// `24 Nov 2026`.
    private static let dayWidth = 11

    /// - Parameters:
    ///   - seller: Signs, and is paid to its account where that is known.
    ///   - customer: The name.
    ///   - known: What was known when it was decided, in a sentence for the customer.
    package init(_ notice: DunningNotice, ladder: DunningLadder, seller: Party, customer: String, on day: Day, known: String) {
        let level = ladder.levels[max(1, notice.level) - 1]
        let items = notice.lines.map(\.item) + notice.credits, width = items.map(\.number.count).max() ?? 0
        let amountWidth = max(items.map(\.open.readable.count).max() ?? 0, notice.total.readable.count)
        func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }
        func dated(_ day: Day) -> String { String(repeating: " ", count: max(0, Self.dayWidth - day.words.count)) + day.words }
        func aligned(_ text: String) -> String { String(repeating: " ", count: max(0, amountWidth - text.count)) + text }
        let overdue = notice.lines.map { line in
            "  \(padded(line.item.number, width))  due \(dated(line.item.dueOn))  \(aligned(line.item.open.readable))"
                + "  \(counted(line.overdueDays, "day")) overdue"
                + (line.leftAlone.minor > 0 ? ", \(line.leftAlone.readable) in dispute or agreed for later is not asked for here" : "")
        }
        let credits = notice.credits.map { credit in
            "  \(padded(credit.number, width))  of  \(dated(credit.effectiveOn))  \(aligned(credit.open.readable))  credit, set off"
        }
        let isOne = notice.lines.count == 1
        subject = "\(level.title): \(notice.total.readable) overdue on \(day.words)"
        body = """
            Dear \(customer),

            by our books \(isOne ? "this item is past its" : "these items are past their") due day:

            \((overdue + credits).joined(separator: "\n"))
              \(padded("Total", width + 6 + Self.dayWidth))  \(aligned(notice.total.readable))

            Please pay the total and name the invoice \(isOne ? "number" : "numbers"). If you have paid already, or something is wrong
            with an item, answer this message and we will look into it at once.
            \(seller.account.map { "\n\($0.request(to: seller.name))\n" } ?? "")
            \(seller.signature)

            \(known)
            """
    }
}
