import Domain
import Operations

extension Array {
    /// The elements in their order, at most `size` in each.
    func batches(of size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}

/// Hands values on batch by batch, each of which commits by itself.
private func inBatches<Value>(_ values: [Value], of size: Int, title: String, _ take: ([Value]) async throws -> Void) async throws {
    var progress = Progress(title, of: values.count), done = 0
    for batch in values.batches(of: size) {
        try await take(batch)
        done += batch.count
        progress.show(done)
    }
    progress.end()
}

func placeOrders(_ orders: [OrderIntake], _ open: OpenBooks, title: String) async throws -> PlaceOrders.Report {
    var total = PlaceOrders.Report()
    try await inBatches(orders, of: 500, title: title) { batch in
        let operation = PlaceOrders(open.entity, batch, overdueHold: open.configuration.terms.overdueHold)
        let report = try await open.write { try operation.run(in: $0, at: $1) }
        total.placed += report.placed
        total.known += report.known
        total.differing += report.differing
        total.held += report.held
        total.customersCreated += report.customersCreated
        total.refused += report.refused
    }
    return total
}

func saveCustomers(_ profiles: [CustomerProfile], _ open: OpenBooks) async throws -> SaveCustomers.Report {
    var total = SaveCustomers.Report()
    try await inBatches(profiles, of: 1_000, title: "customers") { batch in
        let operation = SaveCustomers(open.entity, batch)
        let report = try await open.write { try operation.run(in: $0, at: $1) }
        total.created += report.created
        total.changed += report.changed
    }
    return total
}

func takeOver(_ items: [OpeningItem], _ open: OpenBooks) async throws -> ImportOpenItems.Report {
    var total = ImportOpenItems.Report()
    try await inBatches(items, of: 1_000, title: "open items") { batch in
        let operation = ImportOpenItems(open.entity, batch)
        let report = try await open.write { try operation.run(in: $0, at: $1) }
        total.taken += report.taken
        total.known += report.known
        total.customersCreated += report.customersCreated
        total.totalMinor.merge(report.totalMinor, uniquingKeysWith: +)
    }
    return total
}
