import Crypto
import Domain
import Formats
import Operations

/// Reads a statement file once without booking anything, so that a broken file is refused before its first entry.
///
/// - Returns: One summary a statement, in file order.
func surveyStatements(_ path: String, currency: Currency? = nil) throws -> [ImportStatement.Summary] {
    let digest = try fileDigest(path)
    var summaries: [ImportStatement.Summary] = [], lastBooked: Day?
    let reader = try StatementReader(path: path, currency: currency)
    while let event = try reader.next() {
        switch event {
        case .began(let header):
            guard let currency = header.currency else {
                throw FileFault(path: path, "statement \(header.id) names no currency and has no entry")
            }
            lastBooked = nil
            summaries.append(
                ImportStatement.Summary(
                    header: header, fileDigest: digest, currency: currency, opening: nil, closing: nil, findings: [],
                    throughOn: header.createdOn ?? Day(number: 0)))
        case .entry(let entry):
            lastBooked = max(entry.bookedOn, lastBooked ?? entry.bookedOn)
        case .ended(let opening, let closing, let findings):
            let last = summaries.count - 1
            (summaries[last].opening, summaries[last].closing, summaries[last].findings) = (opening, closing, findings)
            if let lastBooked { summaries[last].throughOn = max(lastBooked, summaries[last].header.createdOn ?? lastBooked) }
        }
    }
    return summaries
}

/// Books what `surveyStatements` read, a thousand entries a transaction.
func importStatements(_ path: String, _ summaries: [ImportStatement.Summary], _ open: OpenBooks) async throws -> ImportStatement.Report {
    var total = ImportStatement.Report(), at = -1, keys = EntryKeys(account: ""), chunk: [KeyedEntry] = []
    let reader = try StatementReader(path: path, currency: summaries.first?.currency)
    func book() async throws {
        let operation = ImportStatement(open.entity, summaries[at], chunk)
        total.add(try await open.write { try operation.run(in: $0, at: $1) })
        chunk.removeAll(keepingCapacity: true)
    }
    while let event = try reader.next() {
        switch event {
        case .began(let header):
            at += 1
            if !header.isContinuation { keys = EntryKeys(account: header.account) }
        case .entry(let entry):
            chunk.append(keys.key(entry))
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

extension ImportStatement.Report {
    mutating func add(_ other: Self) {
        entries += other.entries
        known += other.known
        receipts += other.receipts
        returns += other.returns
        givenBack += other.givenBack
        debits += other.debits
        notBooked += other.notBooked
    }
}
