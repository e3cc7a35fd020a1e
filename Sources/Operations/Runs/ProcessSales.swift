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

    /// What became of one sale.
    package struct Outcome: Equatable, Sendable {
        package enum Order: Equatable, Sendable {
            /// Placed, and billed by the document of that number; nil where there was nothing to bill.
            case placed(invoice: String?)
            /// Placed, and waiting for a person.
            case held(because: String)
            /// Recorded before: nothing changed.
            case known
            case refused(because: String)
        }
        package var order: Order
        /// Whether its receipt was recorded; false where it came without one, or with one that is known.
        package var recordedReceipt = false
        package init(order: Order, recordedReceipt: Bool = false) { (self.order, self.recordedReceipt) = (order, recordedReceipt) }
    }

    /// A sale that may be processed together with others that wait at the same time.
    package struct Request: Sendable {
        fileprivate let sale: Sale
        fileprivate let at: Instant
        package init(_ sale: Sale, at now: Instant) { (self.sale, at) = (sale, now) }
    }

    package static let together = Batch<Request, Outcome> { tx, entity, requests in
        try ProcessSales(entity, requests.map(\.sale)).run(in: tx, at: requests.map(\.at).max() ?? Instant(microseconds: 0))
    }

    /// More sales hardly notice a round trip.
    private static let questionLimit = 16

    private let entity: ID<Entity>
    private let sales: [Sale]

    /// - Parameter sales: In the order of their days.
    package init(_ entity: ID<Entity>, _ sales: [Sale]) { (self.entity, self.sales) = (entity, sales) }

    /// - Returns: An outcome for each sale.
    package func run(in tx: any Transaction, at now: Instant) throws -> [Outcome] {
        let orders = PlaceOrders(entity, sales.map(\.order)), intakes = sales.compactMap(\.receipt)
        let cash = intakes.map(\.bookedOn).max().map { RecordReceipts(entity, intakes, on: $0) }
        var candidates = Candidates(entity, toleranceMinor: 0)
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx) {
            guard let first = sales.first, sales.count <= Self.questionLimit else { return [] }
            let drawn = DocumentSeries.invoice.drawn(entity, in: first.order.orderedOn.parts.year)
            return orders.questions + [drawn] + (cash?.questions(candidates) ?? [])
        }
        // Read and decide.
        var report = PlaceOrders.Report()
        var placed = try orders.place(&books, tx, &report, standing: orders.standing(in: tx))
        // Write.
        var numbers: [Int: String] = [:]
        try bill(&placed, &books, &candidates, tx, &numbers)
        let read = try cash?.read(&books, &candidates, tx)
        for order in placed { books.append(order) }
        // The database writes these while the cash is decided.
        try books.send(.salesOrder, .salesOrderLine, .invoice, .invoiceLine, .journalEntry, .posting, in: tx)
        let receipts = try read.flatMap { try cash?.record($0, &books, &candidates, tx) }
        try books.close(in: tx)
        return outcomes(placed, numbers, report.refused, receipts?.isKnown ?? [])
    }

    private func outcomes(
        _ placed: [PlacedOrder], _ numbers: [Int: String], _ refused: [PlaceOrders.RefusedOrder], _ knownReceipts: [Bool]
    ) -> [Outcome] {
        var first: [String: Outcome.Order] = [:]
        func key(_ order: OrderIntake) -> String { "\(order.channel)\n\(order.externalID)" }
        for order in refused { first["\(order.channel)\n\(order.externalID)"] = .refused(because: order.reason) }
        for (at, order) in placed.enumerated() {
            first[key(order.intake)] = order.hold.map { .held(because: $0) } ?? .placed(invoice: numbers[at])
        }
        var receipt = 0
        return sales.map { sale in
            var outcome = Outcome(order: first.removeValue(forKey: key(sale.order)) ?? .known)
            if sale.receipt != nil {
                outcome.recordedReceipt = !knownReceipts[receipt]
                receipt += 1
            }
            return outcome
        }
    }

    private func bill(
        _ placed: inout [PlacedOrder], _ books: inout Books, _ candidates: inout Candidates, _ tx: any Transaction,
        _ numbers: inout [Int: String]
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
                    customer: order.customer, termsDays: order.termsDays, discount: order.discount, currency: order.intake.currency,
                    orderNumber: order.intake.externalID,
                    preceding: nil, orders: [order.id], lines: order.lines.map { .init(order: order.id, line: $0) })
                let number = DocumentSeries.invoice.number(sequence, on: day)
                let item = try books.issue(draft, order.totals, number: number, on: day)
                numbers[at] = number
                placed[at].document = item.id
                candidates.add(item, customer: order.customer, orderNumber: order.intake.externalID)
                sequence += 1
            }
            start = end
        }
    }
}
