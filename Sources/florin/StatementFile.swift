import Crypto
import Domain
import Formats
import Operations
import Store

/// Reads a statement file once without booking anything, so that a broken file is refused before its first entry.
///
/// - Parameters:
///   - tables: The mappings of CSV files.
///   - today: Nothing is known beyond it, whatever the file says.
///   - each: Is told every entry.
/// - Returns: One summary a statement, in file order.
func surveyStatements(
    _ path: String, currency: Currency? = nil, tables: [StatementTable] = [], today: Day = .today,
    _ each: (BankEntry) -> Void = { _ in }
) throws -> [ImportStatement.Summary] {
    var summaries: [ImportStatement.Summary] = [], days = StatementDays(today: today)
    // What is no statement is refused by its first bytes, before all of it is unpacked.
    let reader = try StatementReader(path: path, currency: currency, tables: tables), digest = try fileDigest(path)
    while let event = try reader.next() {
        switch event {
        case .began(let header):
            guard let currency = header.currency else {
                throw FileFault(path: path, "statement \(header.id) names no currency and has no entry")
            }
            days = StatementDays(today: today)
            summaries.append(
                ImportStatement.Summary(
                    header: header, fileDigest: digest, currency: currency, opening: nil, closing: nil, findings: [],
                    throughOn: Day(number: 0)))
        case .entry(let entry):
            each(entry)
            days.add(entry)
        case .ended(let opening, let closing, let findings):
            let last = summaries.count - 1, createdOn = summaries[last].header.createdOn
            (summaries[last].opening, summaries[last].closing) = (opening, closing)
            summaries[last].findings = findings + days.findings(createdOn: createdOn)
            summaries[last].fromOn = days.fromOn
            if let through = days.throughOn(createdOn: createdOn) { summaries[last].throughOn = through }
        }
    }
    return summaries
}

/// What the booked entries of a file come to, by currency; those known before are among them.
struct EntrySums {
    private struct Sum {
        var creditCount = 0
        var creditMinor: Int128 = 0
        var debitCount = 0
        var debitMinor: Int128 = 0
    }

    private var sums: [Currency: Sum] = [:]

    mutating func add(_ entry: BankEntry) {
        guard entry.status == .booked else { return }
        var sum = sums[entry.amount.currency] ?? Sum()
        if entry.amount.minor < 0 {
            sum.debitCount += 1
            sum.debitMinor -= Int128(entry.amount.minor)
        } else {
            sum.creditCount += 1
            sum.creditMinor += Int128(entry.amount.minor)
        }
        sums[entry.amount.currency] = sum
    }

    /// `credits 3, 140.34 GBP; debits 0, 0.00 GBP`, one line a currency.
    var lines: [String] {
        func text(_ minor: Int128, _ currency: Currency) -> String {
            guard let minor = Int64(exactly: minor), minor <= Money.bound else { return "more than any amount in \(currency.code)" }
            return Money(minor: minor, currency).readable
        }
        return sums.sorted { $0.key.code < $1.key.code }.map { currency, sum in
            "credits \(sum.creditCount), \(text(sum.creditMinor, currency)); "
                + "debits \(sum.debitCount), \(text(sum.debitMinor, currency))"
        }
    }
}

extension ImportStatement.Summary {
    /// `statement 17/1: opening 0.00 GBP, closing 140.34 GBP`; nil where the bank tells no balance.
    var balances: String? {
        let told = [opening.map { "opening \($0.readable)" }, closing.map { "closing \($0.readable)" }].compactMap { $0 }
        return told.isEmpty ? nil : "statement \(header.id): \(told.joined(separator: ", "))"
    }
}

/// Books what `surveyStatements` read, a thousand entries a transaction.
func importStatements(_ path: String, _ summaries: [ImportStatement.Summary], _ open: OpenBooks) async throws -> ImportStatement.Report {
    var total = ImportStatement.Report(), at = -1, keys = EntryKeys(account: ""), chain: StatementChain?, chunk: [BankEntry] = []
    var followed: [ImportStatement.Summary] = []
    let reader = try StatementReader(
        path: path, currency: summaries.first?.currency, tables: open.configuration.statementTables)
    func book() async throws {
        var others: [String: Int] = [:]
        if let chain, !chain.isEmpty, !chunk.isEmpty {
            let digests = Set(chunk.map { keys.digest($0) })
            others = try await open.database.read { try chain.others(digests, in: $0) }
        }
        let operation = ImportStatement(open.entity, summaries[at], chunk.map { keys.key($0, others: others) })
        total.add(try await open.write { try operation.run(in: $0, at: $1) })
        chunk.removeAll(keepingCapacity: true)
    }
    while let event = try reader.next() {
        switch event {
        case .began(let header):
            at += 1
            let summary = summaries[at]
            if at > 0, summary.follows(summaries[at - 1]) {
                keys.follow(from: summary.fromOn)
                followed = (followed + [summaries[at - 1]]).suffix(StatementChain.bound)
            } else {
                (keys, followed) = (EntryKeys(account: header.account), [])
            }
            chain = try await open.database.read { [entity = open.entity, followed] in
                try StatementChain(entity, of: summary, after: followed, in: $0)
            }
        case .entry(let entry):
            chunk.append(entry)
            if chunk.count == 1_000 { try await book() }
        case .ended:
            try await book()
        }
    }
    return total
}

/// SHA-256 of the bytes, after unzipping.
func fileDigest(_ path: String) throws -> String {
    let file = try InputFile(path: path)
    var hash = SHA256(), buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
        guard count > 0 else { return hexadecimal(hash.finalize()) }
        hash.update(data: buffer[..<count])
    }
}
