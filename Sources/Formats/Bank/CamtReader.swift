import Domain

/// Reads the statements, reports or notifications of one camt.052, camt.053 or camt.054 file in the memory of one entry.
///
/// Events come before the end of the file is known to be sound: read it once to its end before booking anything.
/// - Source: ISO 20022 BankToCustomer messages, versions 02 to 13; the message's own name says what it is, whatever the namespace and the
///   envelope.
package final class CamtReader {
    private let path: String
    private let walker: XMLWalker
    private var format = ""
    /// The depth of the element around the message, usually `Document`; nil outside a message.
    private var base: Int?
    private var namespace: String?
    private var isDocument = false
    /// The family that an envelope of the Italian CBI names, whose messages have names of their own.
    private var envelope: String?
    private var createdOn: Day?
    /// What the file is when it turns out to hold no statement.
    private var stranger: FileFault?
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
                    if let stranger { throw stranger }
                    throw FileFault(path: path, "holds no statement (no Stmt, Rpt or Ntfctn): ask the bank for the day's statement")
                }
                return nil
            }
            try take(step)
        }
        return ready.removeFirst()
    }

    private func take(_ step: XMLWalker.Step) throws {
        guard let base else {
            guard case .start(let depth, let element) = step else { return }
            open(element, depth)
            if let base, depth == base + 2 { try start(element) }
            return
        }
        switch step {
        case .start(base + 2, let part): try start(part)
        case .start(base + 3, _):
            let part = try walker.subtree()
            if part.isNamed("Ntry") {
                if let header = try statement?.begin(at: part) { ready.append(.began(header)) }
                if let entry = try statement?.entry(part) { ready.append(.entry(entry)) }
            } else {
                try statement?.take(part)
            }
        case .end(base + 2):
            if let header = try statement?.begin(at: nil) { ready.append(.began(header)) }
            if let ended = statement?.end() { ready.append(ended) }
            statement = nil
        case .end(base + 1): self.base = nil
        case .start, .end: break
        }
    }

    /// Looks for a message: the root is `Document`, an envelope around it, or the message itself.
    private func open(_ element: XMLElement, _ depth: Int) {
        if element.isNamed("Document") {
            (namespace, isDocument) = (element.namespace, true)
        } else if let family = families.first(where: { element.name.hasPrefix($0.key) })?.value {
            (format, base) = (messageFormat(namespace ?? element.namespace, family), depth - 1)
        } else if let envelope, depth > 1, ["GrpHdr", "Stmt", "Rpt", "Ntfctn"].contains(where: element.isNamed) {
            (format, base) = (envelope, depth - 2)
        } else if stranger == nil, depth == 0 || isDocument {
            envelope = families.first { element.name.contains($0.key) }?.value
            let version = namespace.flatMap { $0.split(separator: ":").last }.map(String.init)
            stranger = FileFault(path: path, line: element.line, "is \(version ?? "a " + element.name): \(wanted)")
        }
    }

    private func start(_ part: XMLElement) throws {
        if part.isNamed("GrpHdr") {
            createdOn = try walker.subtree().text("CreDtTm").flatMap { Day($0.prefix(10)) }
        } else if part.isNamed("Stmt") || part.isNamed("Rpt") || part.isNamed("Ntfctn") {
            guard !walker.isEmpty else { throw FileFault(path: path, line: part.line, "\(part.name) is empty") }
            statement = CamtStatement(path: path, format: format, line: part.line, createdOn: createdOn)
            statementCount += 1
            if walker.isMislabelled, statementCount == 1 {
                statement?.find(nil, "the file is not the UTF-8 it says it is: read as Windows-1252")
            }
        } else {
            walker.skip()
        }
    }
}

/// Hands every event of the file to `each`.
package func readCamt(_ path: String, _ each: (StatementEvent) throws -> Void) throws {
    let reader = try CamtReader(path: path)
    while let event = try reader.next() { try each(event) }
}

private let wanted = "a bank statement (camt.053), report (camt.052) or notification (camt.054) is wanted"

private let families = ["BkToCstmrStmt": "camt.053", "BkToCstmrAcctRpt": "camt.052", "BkToCstmrDbtCdtNtfctn": "camt.054"]

/// The version that the namespace tells, when it is one of the message's own; a bank may write any.
private func messageFormat(_ namespace: String?, _ family: String) -> String {
    namespace?.split { $0 == ":" || $0 == "/" }.last { $0.hasPrefix(family) }.map(String.init) ?? family
}
