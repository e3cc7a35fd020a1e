import Domain
import Formats
import Foundation
import Operations
import Simulation
import Store

/// Times one remittance of many documents from its file to the posted application, each round a payment of another customer, among open
/// items of others.
struct RemittanceBench {
    private static let entity = ID<Entity>(1), currency = Currency.eur, today = Day(number: 20_500)
    private static let strangers = 20_000
    private let database: any Store.Database
    private let lines: Int
    private let rounds: Int

    /// - Parameter database: New.
    init(_ database: any Store.Database, lines: Int, rounds: Int) { (self.database, self.lines, self.rounds) = (database, lines, rounds) }

    /// Seconds of each step.
    private struct Times {
        var read = 0.0, kept = 0.0, linked = 0.0, applied = 0.0
        var total: Double { read + kept + linked + applied }
    }

    /// - Returns: A line a round, the JSON line last.
    /// - Errors: `Failure` where a remittance did not settle its documents, or its certificate does not prove.
    func run() async throws -> String {
        let creation = CreateEntity(Self.entity, name: "Benchmark", country: "DE", currency: Self.currency)
        try await write { try creation.run(in: $0, at: .now) }
        try await owe((0..<Self.strangers).map { item("S\(300_000 + $0)", of: "S\($0 % 200)", 50_00 + Int64($0 % 900)) })
        var times: [Times] = [], text: [String] = []
        for round in 0..<rounds {
            let took = try await pay(round)
            times.append(took)
            text.append(
                "round \(round + 1): read \(milliseconds(took.read)), kept \(milliseconds(took.kept)), linked \(milliseconds(took.linked)), "
                    + "applied \(milliseconds(took.applied)), together \(milliseconds(took.total))")
        }
        let verified = try await database.read { try VerifyMatches(Self.entity).run(in: $0) }
        guard verified == VerifyMatches.Report(verified: rounds) else { throw Failure("the certificates do not prove: \(verified)") }
        let totals = times.map(\.total).sorted()
        let fields = [
            "\"system\":\"florin-\(database is PostgresDatabase ? "postgres" : "sqlite")\"", "\"lines\":\(lines)", "\"rounds\":\(rounds)",
            "\"median_s\":" + String(format: "%.3f", totals[rounds / 2]), "\"worst_s\":" + String(format: "%.3f", totals[rounds - 1]),
        ]
        return (text + ["{\(fields.joined(separator: ","))}"]).joined(separator: "\n")
    }

    private func milliseconds(_ seconds: Double) -> String { String(format: "%.0f ms", seconds * 1000) }

    private func write<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
        try await database.write(entity: Self.entity, body)
    }

    private func item(_ number: String, of customer: String, _ minor: Int64) -> OpeningItem {
        OpeningItem(
            number: number, customerNumber: customer, issuedOn: Self.today + -40, dueOn: Self.today + -10,
            open: Money(minor: minor, Self.currency))
    }

    private func owe(_ items: [OpeningItem]) async throws {
        for batch in items.batches(of: 1_000) {
            let operation = ImportOpenItems(Self.entity, batch)
            _ = try await write { try operation.run(in: $0, at: .now) }
        }
    }

    private func pay(_ round: Int) async throws -> Times {
        let customer = "C\(round)", reference = "TR-\(770_000 + round)", on = Self.today
        let items = (0..<lines).map { item("R\(1_000_000 + round * 100_000 + $0 * 7)", of: customer, 10_00 + Int64($0)) }
        try await owe(items)
        let documents = items.map { (number: $0.number, paid: $0.open) }, total = Money(minor: items.reduce(0) { $0 + $1.open.minor }, .eur)
        let intake = ReceiptIntake(
            method: "bank", externalID: reference, bookedOn: on, amount: total, payerName: "Payer \(round)", remittance: reference)
        let receipts = RecordReceipts(Self.entity, [intake], on: on)
        _ = try await write { try receipts.run(in: $0, at: .now) }
        let day = DayRun(database, Self.entity, on: on, .init(policy: .strict), clock: { .now })
        _ = try await day.applyCash()
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("florin-\(UUID().uuidString).820").path
        defer { unlink(file) }
        try remittanceOrder(reference, documents, on: on).write(toFile: file, atomically: true, encoding: .utf8)
        return try await advise(file, day)
    }

    /// As `florin import remittance` takes it.
    private func advise(_ path: String, _ day: DayRun) async throws -> Times {
        var times = Times(), start = seconds()
        func lap() -> Double {
            defer { start = seconds() }
            return seconds() - start
        }
        let file = try readRemittance(path), digest = try fileDigest(path)
        times.read = lap()
        let keeping = ImportRemittance(Self.entity, fileDigest: digest, reader: file.reader, version: file.version, file.advices)
        _ = try await write { try keeping.run(in: $0, at: .now) }
        times.kept = lap()
        let linked = try await write { try LinkRemittances(Self.entity).run(in: $0, at: .now) }
        times.linked = lap()
        let report = try await day.applyCash(only: linked)
        times.applied = lap()
        guard report.applied == 1 else { throw Failure("\(path): the remittance was not applied: \(report)") }
        return times
    }
}
