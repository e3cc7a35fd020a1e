/// The text of a notice, as a person reads it.
package struct DunningLetter: Equatable, Sendable {
    package let subject: String
    package let body: String

    /// - Parameters:
    ///   - seller, customer: Names.
    ///   - evidence: What was known when it was decided.
    package init(_ notice: DunningNotice, ladder: DunningLadder, seller: String, customer: String, on day: Day, evidence: String) {
        let level = ladder.levels[max(1, notice.level) - 1]
        let items = notice.lines.map(\.item) + notice.credits, width = items.map(\.number.count).max() ?? 0
        let amountWidth = max(items.map(\.open.readable.count).max() ?? 0, notice.total.readable.count)
        func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }
        func aligned(_ text: String) -> String { String(repeating: " ", count: max(0, amountWidth - text.count)) + text }
        let overdue = notice.lines.map { line in
            "  \(padded(line.item.number, width))  due \(line.item.dueOn.iso8601)  \(aligned(line.item.open.readable))"
                + "  \(line.overdueDays) \(line.overdueDays == 1 ? "day" : "days") overdue"
                + (line.leftAlone.minor > 0 ? ", \(line.leftAlone.readable) in dispute or agreed for later is not asked for here" : "")
        }
        let credits = notice.credits.map { credit in
            "  \(padded(credit.number, width))  of  \(credit.effectiveOn.iso8601)  \(aligned(credit.open.readable))  credit, set off"
        }
        subject = "\(level.title): \(notice.total.readable) overdue on \(day.iso8601)"
        body = """
            Dear \(customer),

            by our books these items are past their due day:

            \((overdue + credits).joined(separator: "\n"))
              \(padded("Total", width + 16))  \(aligned(notice.total.readable))

            Please pay the total and name the invoice numbers. If you have paid already, or something is wrong with an item,
            answer this message and we will look into it at once.

            \(seller)

            \(evidence)
            """
    }
}
