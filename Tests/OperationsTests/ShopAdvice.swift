import Domain
import Operations
import Store
import TestSupport

/// A line of an advice as tests write it; amounts in minor units of the shop's currency.
struct Told {
    let document: String
    var paid: Int64?
    var gross: Int64?
    var discount: Int64?
    var deduction: (minor: Int64, reason: String)?
    var kind = RemittanceAdvice.DocumentKind.invoice
    init(
        _ document: String, _ paid: Int64? = nil, gross: Int64? = nil, discount: Int64? = nil, less deduction: (Int64, String)? = nil,
        kind: RemittanceAdvice.DocumentKind = .invoice
    ) {
        (self.document, self.paid, self.gross, self.discount, self.kind) = (document, paid, gross, discount, kind)
        self.deduction = deduction.map { (minor: $0.0, reason: $0.1) }
    }
}

extension Shop {
    /// An advice whose fields stand on lines of their own in its file.
    func advice(_ reference: String, of total: Int64, _ lines: [Told], currency: Currency? = nil) -> RemittanceAdvice {
        let currency = currency ?? self.currency
        func cited(_ minor: Int64?, _ line: Int, _ column: Int) -> Cited<Money>? {
            minor.map { Cited(Money(minor: $0, currency), Citation(line: line, columns: column..<(column + 8))) }
        }
        var advice = RemittanceAdvice(format: "CSV", currency: currency)
        advice.total = cited(total, 1, 1)
        advice.paymentReference = Cited(reference, Citation(line: 1, columns: 20..<30))
        advice.lines = lines.enumerated().map { at, told in
            var line = RemittanceAdvice.Line(Cited(told.document, Citation(line: 10 + at, columns: 1..<16)), kind: told.kind)
            (line.paid, line.gross, line.discount) = (
                cited(told.paid, 10 + at, 20), cited(told.gross, 10 + at, 30), cited(told.discount, 10 + at, 40)
            )
            if let (minor, reason) = told.deduction, let amount = cited(minor, 10 + at, 50) {
                line.deductions = [.init(amount: amount, reason: Cited(reason, Citation(line: 10 + at, columns: 60..<70)))]
            }
            return line
        }
        return advice
    }

    /// Takes an advice in as the import does: kept, linked, and the receipts it explains decided anew.
    @discardableResult
    func advises(_ advice: RemittanceAdvice, file: String = "f1", version: Int = 1, on day: Day) async throws -> ApplyReceipts.Report {
        try await run { [entity] tx, now in
            _ = try ImportRemittance(entity, fileDigest: file, reader: "csv", version: version, [advice]).run(in: tx, at: now)
        }
        let linked = try await run { [entity] tx, now in try LinkRemittances(entity).run(in: tx, at: now) }
        return try await dayRun(day).applyCash(only: linked)
    }

    func verification() async throws -> VerifyMatches.Report {
        try await database.read { [entity] in try VerifyMatches(entity).run(in: $0) }
    }

    /// The last certificate's lines that begin with a word.
    func certified(_ word: String) async throws -> [String] {
        let query: SQL =
            "SELECT certificate FROM application WHERE entity_id = \(entity) AND certificate IS NOT NULL ORDER BY id DESC LIMIT 1"
        return try await texts(query).first?.split(separator: "\n").map(String.init).filter { $0.hasPrefix(word + " ") } ?? []
    }
}
