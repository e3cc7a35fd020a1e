import Domain
import Store

/// Keeps what payers say their payments are for: each advice of a file once for each version of the reader that read it.
///
/// - Shape: `citations` holds `field line:from-to`, divided by `; `, for every field the file states; a value that the file cuts
///   has each of its pieces, `document 4:79-84+5:4-6`.
package struct ImportRemittance: Sendable {
    package struct Report: Equatable, Sendable {
        package var advices = 0
        package var known = 0
        package var lines = 0
        package init() {}
    }

    private let entity: ID<Entity>
    private let fileDigest: String
    private let reader: String
    private let version: Int
    private let advices: [RemittanceAdvice]
    /// - Parameters:
    ///   - fileDigest: SHA-256 of the file, hexadecimal.
    ///   - reader, version: What read it; a later version of the same reader reads the file anew.
    package init(_ entity: ID<Entity>, fileDigest: String, reader: String, version: Int, _ advices: [RemittanceAdvice]) {
        (self.entity, self.fileDigest, self.reader, self.version, self.advices) = (entity, fileDigest, reader, version, advices)
    }

    package func run(in tx: any Transaction, at now: Instant) throws -> Report {
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read.
        var report = Report()
        let known = Set(
            try tx.rows(
                """
                SELECT position FROM remittance_advice
                 WHERE entity_id = \(entity) AND file_digest = \(fileDigest) AND reader = \(reader) AND reader_version = \(Int64(version))
                """
            ) { $0.integer(0) })
        // Write.
        for (at, advice) in advices.enumerated() {
            guard !known.contains(Int64(at)) else {
                report.known += 1
                continue
            }
            report.advices += 1
            report.lines += advice.lines.count
            append(advice, at, &books)
        }
        try books.close(in: tx)
        return report
    }

    private func append(_ advice: RemittanceAdvice, _ position: Int, _ books: inout Books) {
        let id: ID<RemittanceAdvice> = books.newID()
        books.append(.remittanceAdvice) { batch in
            batch.append(id.value)
            batch.append(fileDigest)
            batch.append(Int64(position))
            batch.append(reader)
            batch.append(Int64(version))
            batch.append(advice.format)
            batch.append(advice.payerName?.value)
            batch.append(advice.payerIdentifiers.map(\.value).joined(separator: "\n"))
            batch.append(advice.paymentReference?.value)
            batch.append(advice.paidOn?.value.iso8601)
            batch.append(advice.currency.code)
            batch.append((advice.total?.value ?? advice.paidByLines)?.minor)
            batch.append(advice.citations)
            batch.append(
                advice.findings.map { finding in (finding.line.map { "line \($0): " } ?? "") + finding.message }.joined(separator: "\n"))
        }
        for (at, line) in advice.lines.enumerated() {
            books.append(.remittanceLine) { batch in
                batch.append(id.value)
                batch.append(Int64(at + 1))
                batch.append(line.document.value)
                batch.append(line.kind.rawValue)
                batch.append(line.issuedOn?.value.iso8601)
                batch.append(line.alsoKnownAs.map(\.value).joined(separator: "\n"))
                batch.append(advice.currency.code)
                batch.append(line.gross?.value.minor)
                batch.append(line.discount?.value.minor)
                batch.append(line.deductions.isEmpty ? nil : line.deductions.map(\.amount.value.minor).reduce(0, &+))
                batch.append(line.deductions.compactMap(\.reason?.value).joined(separator: "\n"))
                batch.append(line.paid?.value.minor)
                batch.append(line.citations)
            }
        }
    }
}

private func cited(_ places: [(String, Citation?)]) -> String {
    places.compactMap { name, place in place.map { "\(name) \($0)" } }.joined(separator: "; ")
}

extension RemittanceAdvice {
    fileprivate var citations: String {
        cited(
            [("payer_name", payerName?.at), ("payment_reference", paymentReference?.at), ("paid_on", paidOn?.at), ("total", total?.at)]
                + payerIdentifiers.map { ("payer_identifier", $0.at) })
    }
}

extension RemittanceAdvice.Line {
    fileprivate var citations: String {
        cited(
            [("document", document.at), ("issued_on", issuedOn?.at), ("gross", gross?.at), ("discount", discount?.at), ("paid", paid?.at)]
                + deductions.flatMap { [("deduction", $0.amount.at), ("deduction_reason", $0.reason?.at)] }
                + alsoKnownAs.map { ("also_known_as", $0.at) })
    }
}
