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

/// What became of a file of customers.
struct SavedCustomers {
    var report = SaveCustomers.Report()
    /// Numbers of rows that say something else than an earlier row of the same number; the earlier one stands.
    var contradicting: [String] = []
}

func saveCustomers(_ profiles: [CustomerProfile], _ open: OpenBooks) async throws -> SavedCustomers {
    var saved = SavedCustomers(), told: [String: CustomerProfile] = [:], distinct: [CustomerProfile] = []
    for profile in profiles {
        if let earlier = told[profile.number] {
            if earlier != profile { saved.contradicting.append(profile.number) }
        } else {
            told[profile.number] = profile
            distinct.append(profile)
        }
    }
    try await inBatches(distinct, of: 1_000, title: "customers") { batch in
        let operation = SaveCustomers(open.entity, batch)
        let report = try await open.write { try operation.run(in: $0, at: $1) }
        saved.report.created += report.created
        saved.report.changed += report.changed
    }
    return saved
}

extension SavedCustomers {
    /// A sentence for each row that was not taken.
    var findings: [String] {
        contradicting.map { "customer \($0) comes again with other values: the first row stands, this one was not taken" }
    }
}

extension ImportOpenItems.Report {
    /// A sentence for each item that was not taken, and one for the customers that were made for the others.
    var findings: [String] {
        let first = createdCustomers.prefix(10).joined(separator: ", "), more = createdCustomers.count - 10
        let created =
            "customers that were not known, created with no more than their number: \(first)\(more > 0 ? " and \(more) more" : "")"
        return differing.map {
            "open item \($0) is known with another amount, customer or day: nothing was changed, correct it in the books"
        }
            + (createdCustomers.isEmpty ? [] : [created])
    }
}

func takeOver(_ items: [OpeningItem], _ open: OpenBooks) async throws -> ImportOpenItems.Report {
    var total = ImportOpenItems.Report()
    try await inBatches(items, of: 1_000, title: "open items") { batch in
        let operation = ImportOpenItems(open.entity, batch)
        let report = try await open.write { try operation.run(in: $0, at: $1) }
        total.taken += report.taken
        total.known += report.known
        total.differing += report.differing
        total.customersCreated += report.customersCreated
        total.createdCustomers += report.createdCustomers
        total.totalMinor.merge(report.totalMinor, uniquingKeysWith: +)
    }
    return total
}
