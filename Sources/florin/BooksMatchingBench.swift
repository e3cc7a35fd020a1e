import Domain
import Foundation
import Operations
import Store

/// Runs a world's receipts through the books, as a bank's statements would come: recorded, applied, posted, certified; what waits is
/// answered by the truth between days. What was posted is read back from the certificates.
struct BooksMatchingBench {
    private static let entity = ID<Entity>(1)
    private let world: ReceiptWorld
    private let database: any Store.Database
    private let policy: MatchPolicy
    private(set) var judged: MatchingBench
    /// The world's item by the books' item.
    private var items: [Int64: Int64] = [:]

    init(_ world: ReceiptWorld, _ database: any Store.Database, _ policy: MatchPolicy) {
        (self.world, self.database, self.policy) = (world, database, policy)
        judged = MatchingBench(world, policy)
    }

    var system: String { "florin-\(database is PostgresDatabase ? "postgres" : "sqlite")" }

    mutating func run() async throws {
        try await prepare()
        var at = 0, progress = Progress("receipts", of: world.receipts.count)
        while at < world.receipts.count {
            let end = world.receipts[at...].firstIndex { $0.bookedOn != world.receipts[at].bookedOn } ?? world.receipts.count
            let start = seconds()
            try await book(at..<end)
            judged.engineSeconds += seconds() - start
            try await judge(at..<end)
            at = end
            progress.show(at)
        }
        progress.end()
    }

    private func write<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
        try await database.write(entity: Self.entity, body)
    }

    private func number(of customer: Int64) -> String { "C\(customer)" }

    private mutating func prepare() async throws {
        let currency = world.items.first?.amount.currency ?? .eur
        let creation = CreateEntity(Self.entity, name: "Yardstick", country: "DE", currency: currency)
        try await write { try creation.run(in: $0, at: .now) }
        let profiles = world.customers.enumerated().map { at, customer in
            CustomerProfile(
                number: number(of: Int64(at + 1)), name: customer.name, country: "DE", currency: currency, ibans: customer.ibans,
                parentNumber: customer.parent.map { number(of: Int64($0)) })
        }
        for batch in profiles.batches(of: 1_000) {
            let operation = SaveCustomers(Self.entity, batch)
            _ = try await write { try operation.run(in: $0, at: .now) }
        }
        let opening = world.items.filter { $0.item.open.minor != 0 }.map { item in
            OpeningItem(
                number: item.item.number, customerNumber: number(of: item.customer.value), issuedOn: item.item.effectiveOn,
                dueOn: item.item.dueOn,
                open: item.item.open, discount: item.item.discount,
                references: [item.orderNumber, item.purchaseOrder, item.endToEndID].compactMap { $0 })
        }
        for batch in opening.batches(of: 1_000) {
            let operation = ImportOpenItems(Self.entity, batch)
            _ = try await write { try operation.run(in: $0, at: .now) }
        }
        let numbers = Dictionary(world.items.map { ($0.item.number, $0.item.id) }, uniquingKeysWith: { first, _ in first })
        let rows = try await database.read {
            try $0.rows("SELECT id, number FROM open_item WHERE entity_id = \(Self.entity)") { ($0.integer(0), $0.text(1)) }
        }
        for (id, number) in rows { items[id] = numbers[number] }
    }

    /// A day's receipts, a thousand a transaction, and their application.
    private func book(_ day: Range<Int>) async throws {
        let on = world.receipts[day.lowerBound].bookedOn
        for start in stride(from: day.lowerBound, to: day.upperBound, by: 1_000) {
            let intakes = (start..<min(start + 1_000, day.upperBound)).filter { world.receipts[$0].amount.minor > 0 }.map { at in
                let receipt = world.receipts[at], words = receipt.words
                return ReceiptIntake(
                    method: "bank", externalID: String(at), bookedOn: receipt.bookedOn, amount: receipt.amount, payerName: words.name,
                    payerIBAN: words.iban,
                    endToEndID: words.endToEndID, structuredReference: words.structuredReference, remittance: words.remittance)
            }
            let operation = RecordReceipts(Self.entity, intakes, on: on)
            _ = try await write { try operation.run(in: $0, at: .now) }
        }
        _ = try await DayRun(database, Self.entity, on: on, .init(policy: policy), clock: { .now }).applyCash()
    }

    private mutating func judge(_ day: Range<Int>) async throws {
        let numbers = day.map(String.init)
        let certificates = try await database.read { tx in
            try tx.rows(
                """
                SELECT r.external_id, a.certificate FROM receipt r JOIN application a ON a.entity_id = r.entity_id AND a.receipt_id = r.id
                 WHERE r.entity_id = \(Self.entity) AND r.external_id IN \(texts: numbers) AND a.certificate IS NOT NULL
                """
            ) { ($0.text(0), $0.text(1)) }
        }
        let reasons = try await database.read { tx in
            try tx.rows(
                """
                SELECT r.external_id, q.reason FROM receipt r JOIN cash_queue q ON q.entity_id = r.entity_id AND q.receipt_id = r.id
                 WHERE r.entity_id = \(Self.entity) AND r.external_id IN \(texts: numbers)
                """
            ) { ($0.text(0), $0.text(1)) }
        }
        let posted = Dictionary(certificates, uniquingKeysWith: { first, _ in first }),
            waits = Dictionary(reasons, uniquingKeysWith: { first, _ in first })
        for at in day {
            guard world.receipts[at].amount.minor > 0 else {
                judged.judge(at, nil, reason: MatchingBench.notAboveZero)
                continue
            }
            if let text = posted[String(at)] {
                judged.judge(at, try match(CertificateReader(text), world.receipts[at].amount.currency))
            } else {
                judged.judge(at, nil, reason: waits[String(at)] ?? "")
                try await answer(at)
            }
        }
    }

    private func match(_ certificate: CertificateReader, _ currency: Currency) throws -> Match {
        let lines = try certificate.lines.map { line in
            guard let item = items[line.itemID] else {
                throw Failure("a certificate settles item \(line.itemID), which is not of this world")
            }
            return Match.Line(itemID: item, amount: Money(minor: line.minor, currency))
        }
        guard let rule = MatchRule(rawValue: certificate.rule) else { throw Failure("a certificate names the rule \(certificate.rule)") }
        return Match(
            customer: ID(certificate.customer), rule: rule, lines: lines, rest: Money(minor: certificate.restMinor, currency),
            explanation: "by certificate")
    }

    /// A clerk's answer, where cash alone settles what the payer meant.
    private func answer(_ at: Int) async throws {
        let receipt = world.receipts[at], meant = world.truths[receipt.truths].filter { ($0.item ?? 0) > 0 && $0.cashMinor > 0 }
        let customers = Set(meant.compactMap { $0.item.map { world.items[Int($0) - 1].customer.value } })
        guard customers.count == 1, let customer = customers.first else { return }
        let lines = meant.compactMap { truth in
            truth.item.map {
                ApplyByHand.Line(world.items[Int($0) - 1].item.number, Money(minor: truth.cashMinor, receipt.amount.currency))
            }
        }
        let operation = ApplyByHand(
            Self.entity, method: "bank", externalID: String(at), customer: number(of: customer), lines, reason: "the payer's word",
            on: receipt.bookedOn)
        do { try await write { try operation.run(in: $0, at: .now) } } catch is ReceiptRefusal {
            // What an earlier answer left open otherwise than the truth stays in the queue.
            return
        }
    }
}
