import Domain
import Store

/// Takes orders that are billed on the day they are placed, and the receipts that come with them, in one transaction: what a till, a
/// marketplace feed or a former system's history sends.
package struct ProcessSales: Sendable {
    package struct Sale: Sendable {
        package let order: OrderIntake
        /// Names its customer; applied after the order is billed.
        package let receipt: ReceiptIntake?
        package init(_ order: OrderIntake, receipt: ReceiptIntake? = nil) { (self.order, self.receipt) = (order, receipt) }
    }

    package struct Report: Equatable, Sendable {
        package var orders = PlaceOrders.Report()
        package var invoices = 0
        package var receipts = RecordReceipts.Report()
    }

    private let entity: ID<Entity>
    private let sales: [Sale]

    /// - Parameter sales: In the order of their days.
    package init(_ entity: ID<Entity>, _ sales: [Sale]) { (self.entity, self.sales) = (entity, sales) }

    package func run(in tx: any Transaction, at now: Instant) throws -> Report {
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read and decide.
        var report = Report()
        var placed = try PlaceOrders(entity, sales.map(\.order)).place(&books, tx, &report.orders)
        var candidates = Candidates(entity, toleranceMinor: 0)
        // Write.
        try bill(&placed, &books, &candidates, tx, &report)
        for order in placed { books.append(order) }
        let receipts = sales.compactMap(\.receipt)
        if let last = receipts.map(\.bookedOn).max() {
            report.receipts = try RecordReceipts(entity, receipts, on: last).record(&books, &candidates, tx)
        }
        try books.close(in: tx)
        return report
    }

    private func bill(
        _ placed: inout [PlacedOrder], _ books: inout Books, _ candidates: inout Candidates, _ tx: any Transaction, _ report: inout Report
    ) throws {
        let billable = placed.indices.filter { placed[$0].hold == nil && placed[$0].totals.gross.minor > 0 }
        var start = 0
        while start < billable.count {
            // One draw a year: a series counts within its year.
            let year = placed[billable[start]].intake.orderedOn.parts.year
            let end = billable[start...].firstIndex { placed[$0].intake.orderedOn.parts.year != year } ?? billable.count
            let days = billable[start..<end].map { placed[$0].intake.orderedOn }
            var sequence = try DocumentSeries.invoice.draw(end - start, entity, from: days[0], through: days[days.count - 1], in: tx)
            for at in billable[start..<end] {
                let order = placed[at], day = order.intake.orderedOn
                let draft = DocumentDraft(
                    customer: order.customer, termsDays: order.termsDays, currency: order.intake.currency,
                    orderNumber: order.intake.externalID,
                    preceding: nil, orders: [order.id], lines: order.lines.map { .init(order: order.id, line: $0) })
                let item = try books.issue(draft, order.totals, number: DocumentSeries.invoice.number(sequence, on: day), on: day)
                placed[at].document = item.id
                candidates.add(item, customer: order.customer, orderNumber: order.intake.externalID)
                sequence += 1
            }
            report.invoices += end - start
            start = end
        }
    }
}
