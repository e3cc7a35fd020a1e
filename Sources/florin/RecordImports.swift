import Domain
import Formats
import Operations
import Store

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
    /// Rows that say something else than an earlier row of the same number, by line and number; the earlier one stands.
    var contradicting: [(line: Int, number: String)] = []
    /// Accounts of a row that are no IBAN; the rest of the row stands.
    var refusedAccounts: [FieldFault] = []
    /// Rows that were not taken for their credit limit.
    var refusedLimits: [(line: Int, refusal: LimitNeedsApprover)] = []
    var shared: [SharedAccounts.Line] = []
}

func saveCustomers(
    _ profiles: [CustomerProfile], keepingAddressOf kept: Set<String> = [], _ open: OpenBooks, by role: Role? = nil
) async throws -> SaveCustomers.Report {
    var total = SaveCustomers.Report()
    try await inBatches(profiles, of: 1_000, title: "customers") { batch in
        let unsaid = batch.filter { kept.contains($0.number) }.map { ($0.number, Set([SaveCustomers.Term.address])) }
        let operation = SaveCustomers(open.entity, batch, unsaid: Dictionary(unsaid, uniquingKeysWith: { first, _ in first }), by: role)
        let report = try await open.write { try operation.run(in: $0, at: $1) }
        total.created += report.created
        total.changed += report.changed
        total.refused += report.refused
    }
    return total
}

/// - Parameter role: Of who sends them; nil on the command line.
func saveCustomers(_ rows: [CustomerRow], _ open: OpenBooks, by role: Role? = nil) async throws -> SavedCustomers {
    var saved = SavedCustomers(), told: [String: CustomerProfile] = [:], distinct: [CustomerProfile] = []
    for row in rows {
        let profile = row.profile
        saved.refusedAccounts += row.refusedAccounts
        if let earlier = told[profile.number] {
            if earlier != profile { saved.contradicting.append((row.line, profile.number)) }
        } else {
            told[profile.number] = profile
            distinct.append(profile)
        }
    }
    saved.report = try await saveCustomers(
        distinct, keepingAddressOf: Set(rows.filter { !$0.tellsAddress }.map(\.profile.number)), open, by: role)
    saved.refusedLimits = saved.report.refused.compactMap { refused in
        rows.first { $0.profile.number == refused.number }.map { (line: $0.line, refusal: refused) }
    }
    let shared = SharedAccounts(open.entity, distinct.flatMap(\.ibans))
    saved.shared = try await open.database.read { try shared.run(in: $0) }
    return saved
}

extension SavedCustomers {
    /// Whether each row was taken with all that it says.
    var isWhole: Bool { contradicting.isEmpty && refusedAccounts.isEmpty }

    /// A sentence for each row or account that was not taken, and for each account of several customers.
    var findings: [String] {
        let refused = refusedAccounts.map { (line: $0.line, text: "\($0.column): \($0.message); the account was not taken") }
        let again = contradicting.map {
            (line: $0.line, text: "customer \($0.number) comes again with other values: the first row stands, this one was not taken")
        }
        let limits = refusedLimits.map { (line: $0.line, text: "\($0.refusal.message); the row was not taken") }
        return (refused + again + limits).sorted { $0.line < $1.line }.map { "line \($0.line): \($0.text)" } + shared.map(\.message)
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
