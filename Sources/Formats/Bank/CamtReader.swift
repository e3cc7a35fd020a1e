import Domain

/// Reads the statements, reports or notifications of one camt.052, camt.053 or camt.054 file in the memory of one entry.
///
/// Events come before the end of the file is known to be sound: read it once to its end before booking anything.
/// - Source: ISO 20022 BankToCustomer messages, versions 02 to 13; the version is the root element's namespace.
package final class CamtReader {
    private let path: String
    private let walker: XMLWalker
    private var format = ""
    private var statement: CamtStatement?
    private var statementCount = 0
    private var ready: [StatementEvent] = []

    package init(path: String) throws { (self.path, walker) = (path, try XMLWalker(path: path)) }

    /// The next event in file order; nil after the last.
    ///
    /// - Errors: `FileFault` for any other document, for what `XMLWalker` refuses, and for an entry without amount, sign or date.
    package func next() throws -> StatementEvent? {
        while ready.isEmpty {
            guard let step = try walker.step() else {
                guard statementCount > 0 else {
                    throw FileFault(path: path, "holds no statement (no Stmt, Rpt or Ntfctn): ask the bank for the day's statement")
                }
                return nil
            }
            try take(step)
        }
        return ready.removeFirst()
    }

    private func take(_ step: XMLWalker.Step) throws {
        switch step {
        case .start(0, let root): format = try documentFormat(root, path)
        case .start(1, let message): format = try messageFormat(message, format, path)
        case .start(2, let part):
            guard part.isNamed("Stmt") || part.isNamed("Rpt") || part.isNamed("Ntfctn") else { return walker.skip() }
            guard !walker.isEmpty else { throw FileFault(path: path, line: part.line, "\(part.name) is empty") }
            statement = CamtStatement(path: path, format: format, line: part.line)
            statementCount += 1
        case .start(3, _):
            let part = try walker.subtree()
            if part.isNamed("Ntry") {
                if let header = try statement?.begin(at: part) { ready.append(.began(header)) }
                if let entry = try statement?.entry(part) { ready.append(.entry(entry)) }
            } else {
                try statement?.take(part)
            }
        case .end(2):
            if let header = try statement?.begin(at: nil) { ready.append(.began(header)) }
            if let ended = statement?.end() { ready.append(ended) }
            statement = nil
        case .start, .end: break
        }
    }
}

/// Hands every event of the file to `each`.
package func readCamt(_ path: String, _ each: (StatementEvent) throws -> Void) throws {
    let reader = try CamtReader(path: path)
    while let event = try reader.next() { try each(event) }
}

private let wanted = "a bank statement (camt.053), report (camt.052) or notification (camt.054) is wanted"

private func documentFormat(_ root: XMLElement, _ path: String) throws(FileFault) -> String {
    guard root.isNamed("Document") else { throw FileFault(path: path, line: root.line, "is a \(root.name): \(wanted)") }
    guard let namespace = root.namespace else { return "" }
    let format = namespace.split(separator: ":").last.map(String.init) ?? namespace
    guard ["camt.052", "camt.053", "camt.054"].contains(where: format.hasPrefix) else {
        throw FileFault(path: path, line: root.line, "is \(format): \(wanted)")
    }
    return format
}

/// A document without a namespace is named after its message.
private func messageFormat(_ message: XMLElement, _ format: String, _ path: String) throws(FileFault) -> String {
    let formats = ["BkToCstmrStmt": "camt.053", "BkToCstmrAcctRpt": "camt.052", "BkToCstmrDbtCdtNtfctn": "camt.054"]
    guard let named = formats.first(where: { message.name.hasPrefix($0.key) })?.value else {
        throw FileFault(path: path, line: message.line, "is a \(message.name): \(wanted)")
    }
    return format.isEmpty ? named : format
}
