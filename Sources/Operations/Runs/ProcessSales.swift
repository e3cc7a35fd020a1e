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

    /// So many orders are billed before the database begins to write them.
    private static let share = 200
    private static let billed: [FactTable] = [.salesOrder, .salesOrderLine, .invoice, .invoiceLine, .journalEntry, .posting]

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
        // Read and decide: what waits for an answer comes before the first row is written.
        var report = PlaceOrders.Report()
        var placed = try orders.place(&books, tx, &report, standing: orders.standing(in: tx))
        let numbers = try documentNumbers(of: placed, tx), known = try cash?.look(&candidates, tx)
        // Write: the database takes these while the next are decided; a few are decided sooner than it has taken them.
        for start in stride(from: 0, to: placed.count, by: Self.share) {
            for at in start..<min(start + Self.share, placed.count) {
                if let number = numbers[at] { placed[at].document = try bill(placed[at], number, &books, &candidates) }
                books.append(placed[at])
            }
            if placed.count > Self.share { try books.send(Self.billed, in: tx) }
        }
        let read = try known.flatMap { try cash?.receive($0, &books, &candidates, tx) }
        try books.send(Self.billed, in: tx)
        let receipts = try read.flatMap { try cash?.record($0, &books, &candidates, tx) }
        try books.close(in: tx)
        return outcomes(placed, numbers, report.refused, receipts?.isKnown ?? [])
    }

    private func outcomes(
        _ placed: [PlacedOrder], _ numbers: [Int: String], _ refused: [PlaceOrders.RefusedOrder], _ knownReceipts: [Bool]
    ) -> [Outcome] {
        var first: [String: Outcome.Order] = [:]
        func key(_ order: OrderIntake) -> String { "\(order.channel)\n\(order.externalID)" }
        // One that cannot be placed leaves its number to the next.
        var impossible = Dictionary(grouping: refused) { "\($0.channel)\n\($0.externalID)" }.mapValues { $0[...] }
        for (at, order) in placed.enumerated() {
            first[key(order.intake)] = order.hold.map { .held(because: $0) } ?? .placed(invoice: numbers[at])
        }
        var receipt = 0
        return sales.map { sale in
            let key = key(sale.order), refusal = impossible[key]?.popFirst()
            var outcome = Outcome(order: refusal.map { .refused(because: $0.reason) } ?? first.removeValue(forKey: key) ?? .known)
            if sale.receipt != nil {
                outcome.recordedReceipt = !knownReceipts[receipt]
                receipt += 1
            }
            return outcome
        }
    }

    /// The numbers of the documents that bill what is placed, by the place of the order.
    private func documentNumbers(of placed: [PlacedOrder], _ tx: any Transaction) throws -> [Int: String] {
        let billable = placed.indices.filter { placed[$0].hold == nil && placed[$0].totals.gross.minor > 0 }
        var numbers: [Int: String] = [:], start = 0
        numbers.reserveCapacity(billable.count)
        while start < billable.count {
            // One draw a year: a series counts within its year.
            let year = placed[billable[start]].intake.orderedOn.parts.year
            let end = billable[start...].firstIndex { placed[$0].intake.orderedOn.parts.year != year } ?? billable.count
            let days = billable[start..<end].map { placed[$0].intake.orderedOn }
            let first = try DocumentSeries.invoice.draw(end - start, entity, from: days[0], through: days[days.count - 1], in: tx)
            for (at, day) in zip(billable[start..<end], days) {
                numbers[at] = DocumentSeries.invoice.number(first + Int64(numbers.count - start), on: day)
            }
            start = end
        }
        return numbers
    }

    private func bill(
        _ order: PlacedOrder, _ number: String, _ books: inout Books, _ candidates: inout Candidates
    ) throws -> Int64 {
        let draft = DocumentDraft(
            customer: order.customer, termsDays: order.termsDays, discount: order.discount, currency: order.intake.currency,
            orderNumber: order.intake.externalID, preceding: nil, orders: [order.id],
            lines: order.lines.map { .init(order: order.id, line: $0) })
        let item = try books.issue(draft, order.totals, number: number, on: order.intake.orderedOn)
        candidates.add(item, customer: order.customer, orderNumber: order.intake.externalID)
        return item.id
    }
}
