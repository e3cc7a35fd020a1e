import Domain

/// The remittance advices of one file, and what read them.
package struct RemittanceFile: Equatable, Sendable {
    /// `x12`, `edifact`, `camt`, `nacha`, `table`, `text`, `pdf`.
    package var reader: String
    /// Grows with every change of what a reader finds, so that a file may be read again by a better one.
    package var version: Int
    package var advices: [RemittanceAdvice]
}

private let version = 8

/// Reads a remittance advice of any format, told by what stands in the file: X12 820 and 823, EDIFACT REMADV, NACHA with X12 addenda,
/// and text of tables or prose such as mail.
///
/// - Parameters:
///   - currency: Taken where the file names none.
///   - table: How to read a CSV file; nil for any other.
/// - Errors: `FileFault` saying what the file is when it is no advice.
package func readRemittance(_ path: String, currency: Currency? = nil, table: RemittanceTable? = nil) throws(FileFault) -> RemittanceFile {
    if let table { return RemittanceFile(reader: "table", version: version, advices: try table.read(path, fallback: currency)) }
    let head = try FileHead(path: path)
    if ["ISA", "UNA", "UNB"].contains(where: head.text.hasPrefix) { return try readEDI(path, currency) }
    if head.text.hasPrefix("101"), head.text.utf8.prefix(10).allSatisfy({ $0.isDigit || $0 == 32 }) {
        guard let carried = try carriedAdvices(path) else {
            throw FileFault(path: path, "holds no addenda with remittance: import it as a bank statement")
        }
        return carried
    }
    if head.isXML, let advices = try carriedAdvices(path) { return advices }
    guard !head.isEmpty, !head.isXML, !["%PDF", "PK\u{3}\u{4}", "{"].contains(where: head.text.hasPrefix),
        !head.bytes.prefix(512).contains(0)
    else {
        throw FileFault(
            path: path,
            head.refusal(
                wanted:
                    "a remittance advice (X12 820 or 823, EDIFACT REMADV, camt with amounts for each document, NACHA, CSV with a mapping, text)"
            ))
    }
    do throws(FileFault) {
        return RemittanceFile(reader: "text", version: version, advices: try readRemittanceText(path, format: "text", fallback: currency))
    } catch {
        guard let table = try RemittanceTable(headingsOf: path) else { throw error }
        return RemittanceFile(reader: "table", version: version, advices: try table.read(path, fallback: currency))
    }
}

/// The advices that a bank's file carries beside its receipts: camt with amounts for each document, NACHA addenda with X12 segments.
///
/// - Returns: nil for a file that carries none.
package func carriedAdvices(_ path: String, tables: [StatementTable] = []) throws(FileFault) -> RemittanceFile? {
    switch try StatementKind(path: path, tables: tables) {
    case .camt:
        let advices = try camtAdvices(path)
        return advices.isEmpty ? nil : RemittanceFile(reader: "camt", version: version, advices: advices)
    case .nacha:
        let advices = try addendaAdvices(path)
        return advices.isEmpty ? nil : RemittanceFile(reader: "nacha", version: version, advices: advices)
    case .mt940, .bai2, .ofx, .table: return nil
    }
}

/// Reads the text that was taken out of a PDF.
package func readPDFRemittance(text path: String, currency: Currency?) throws(FileFault) -> RemittanceFile {
    RemittanceFile(reader: "pdf", version: version, advices: try readRemittanceText(path, format: "PDF", fallback: currency))
}

private func readEDI(_ path: String, _ currency: Currency?) throws(FileFault) -> RemittanceFile {
    let messages = try ediMessages(path: path)
    guard let wanted = messages.first(where: { ["820", "823", "REMADV"].contains($0.type) }) else {
        let found = messages[0], name = EDIMessage.names[found.type].map { " (\($0))" } ?? ""
        throw FileFault(
            path: path, line: found.segments.first?.at.line, "is a message \(found.type)\(name): an 820, 823 or REMADV is wanted")
    }
    var advices: [RemittanceAdvice] = []
    for message in messages where ["820", "823", "REMADV"].contains(message.type) {
        var drafts: [RemittanceDraft]
        if message.type == "REMADV" {
            var reader = try EdifactRemittance(message, path: path, fallback: currency)
            drafts = [try reader.read()]
        } else {
            var reader = X12Remittance(path: path, format: "X12 \(message.type) \(message.version)", currency: currency ?? .usd)
            drafts = try reader.read(message.segments)
        }
        for at in drafts.indices {
            for finding in message.findings { drafts[at].find(finding.line, finding.message) }
            advices.append(drafts[at].finished())
        }
    }
    return RemittanceFile(reader: wanted.type == "REMADV" ? "edifact" : "x12", version: version, advices: advices)
}

/// The payments whose addenda carry X12 segments: CTX, or CCD and PPD with one addendum.
private func addendaAdvices(_ path: String) throws(FileFault) -> [RemittanceAdvice] {
    let records = try NACHARecords(path: path)
    var advices: [RemittanceAdvice] = [], batch: NACHABatch?, entry: NACHAEntry?, fileDay: Day?
    func tell() throws(FileFault) {
        guard let told = entry, let first = told.payments.first, let mark = elementMark(first.text) else { return }
        advices += try addendaAdvices(told, batch, path, mark)
    }
    while let record = try records.next() {
        if record.type != 7 {
            try tell()
            entry = nil
        }
        switch record.type {
        case 1: fileDay = ShortDate(record.raw(24, 29))?.day
        case 5: batch = NACHABatch(record, fileDay: fileDay)
        case 6: if let batch { entry = try NACHAEntry(record, batch, path: path) }
        case 7: entry?.add(record)
        default: break
        }
    }
    try tell()
    return advices
}

/// The element mark of X12 segments: a star behind any segment's name, a bar or a caret behind those that advices have.
///
/// - Returns: nil for plain words, in which a star may stand, too.
private func elementMark(_ text: String) -> Character? {
    let name = text.prefix { $0.isASCII && ($0.isUppercase || $0.isNumber) }
    if text.hasPrefix("ISA") { return "*" }
    guard (2...3).contains(name.count), let mark = text.dropFirst(name.count).first else { return nil }
    let isKnown = ["ST", "BPR", "TRN", "CUR", "REF", "DTM", "N1", "ENT", "RMR", "ADX"].contains(String(name))
    return mark == "*" || isKnown && "|^".contains(mark) ? mark : nil
}

/// - Parameter mark: Between elements, where no envelope says it.
private func addendaAdvices(
    _ entry: NACHAEntry, _ batch: NACHABatch?, _ path: String, _ mark: Character
) throws(FileFault) -> [RemittanceAdvice] {
    var text = PlacedText()
    for payment in entry.payments { text.append(payment.text, line: payment.line, column: 4) }
    let isEnvelope = text.characters.starts(with: "ISA")
    var segments =
        isEnvelope
        ? try EDISegments(text, path: path)
        : EDISegments(text, path: path, syntax: EDISyntax(element: mark, component: ">", terminators: ["~", "\\"], release: nil))
    var found: [EDISegment] = []
    while let segment = try segments.next() { found.append(segment) }
    var reader = X12Remittance(path: path, format: "NACHA \(batch?.entryClass ?? "") with X12", currency: .usd)
    var drafts = try reader.read(found)
    let place = { (columns: Range<Int>) in Citation(line: entry.line, columns: columns) }
    for at in drafts.indices {
        if drafts[at].advice.total == nil { drafts[at].advice.total = Cited(Money(minor: entry.amountCents, .usd), place(30..<40)) }
        drafts[at].advice.paymentReference = Cited(entry.trace, place(80..<95))
        if drafts[at].advice.paidOn == nil, let batch, let day = batch.settledOn {
            drafts[at].advice.paidOn = Cited(day, Citation(line: batch.line, columns: 70..<76))
        }
        if drafts[at].advice.payerName == nil, let batch, !batch.company.isEmpty {
            drafts[at].advice.payerName = Cited(batch.company, Citation(line: batch.line, columns: 5..<21))
        }
    }
    return drafts.map { draft in
        var draft = draft
        return draft.finished()
    }
}
