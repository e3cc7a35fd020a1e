import Domain

/// One message or transaction set, from UNH or ST to its trailer.
struct EDIMessage {
    /// `820`, `REMADV`.
    var type: String
    /// `004010`, `D.96A`.
    var version: String
    var reference: String
    var segments: [EDISegment] = []
    var findings: [Finding] = []
    /// Marks where the decimals start.
    var decimal: Character?
}

extension EDIMessage {
    /// What one message names, for people.
    static let names = [
        "820": "payment order/remittance advice", "823": "lockbox", "810": "invoice", "850": "purchase order",
        "855": "order acknowledgment",
        "856": "ship notice", "997": "acknowledgment", "REMADV": "remittance advice", "INVOIC": "invoice", "ORDERS": "purchase order",
        "ORDRSP": "order response", "DESADV": "despatch advice", "QUOTES": "quote", "PAYMUL": "payment order",
        "CREMUL": "credit advice", "DEBMUL": "debit advice", "FINSTA": "account statement", "BANSTA": "bank's status",
        "DEBADV": "debit advice",
        "CREADV": "credit advice", "CREEXT": "credit advice", "835": "health care payment",
    ]
}

/// Groups an interchange into its messages; counts of the trailers that do not agree are findings of the message.
///
/// - Errors: `FileFault` for segments outside a message and for a message that starts within another.
func ediMessages(path: String) throws(FileFault) -> [EDIMessage] {
    var segments = try EDISegments(try PlacedText(path: path), path: path)
    var messages: [EDIMessage] = [], open: EDIMessage?, version = "", lastLine = 1
    while let segment = try segments.next() {
        lastLine = segment.at.line
        switch segment.tag {
        case "ISA", "UNB", "GE", "IEA", "UNZ", "UNG", "UNE", "TA1": break
        case "GS": version = segment.text(8)
        case "ST", "UNH":
            if let cut = open { throw FileFault(path: path, line: segment.at.line, "message \(cut.reference) ends without its trailer") }
            open =
                segments.kind == .x12
                ? EDIMessage(type: segment.text(1), version: version, reference: segment.text(2), decimal: ".")
                : EDIMessage(
                    type: segment.text(2, 1), version: "\(segment.text(2, 2)).\(segment.text(2, 3))", reference: segment.text(1),
                    decimal: segments.syntax.decimal)
        case "SE", "UNT":
            guard var told = open else {
                throw FileFault(path: path, line: segment.at.line, "a trailer (\(segment.tag)) without its message")
            }
            open = nil
            let count = told.segments.count + 2
            if let stated = Int(segment.text(1)), stated != count {
                told.findings.append(Finding(line: segment.at.line, "\(segment.tag): \(stated) segments stated, \(count) found"))
            }
            if segment.text(2) != told.reference {
                told.findings.append(
                    Finding(line: segment.at.line, "\(segment.tag): reference \(segment.text(2)) ends message \(told.reference)"))
            }
            messages.append(told)
        default:
            guard open != nil else { throw FileFault(path: path, line: segment.at.line, "segment \(segment.tag) outside a message") }
            open?.segments.append(segment)
        }
    }
    if var cut = open {
        cut.findings.append(Finding(line: lastLine, "the message ends without its trailer: the file may be cut off"))
        messages.append(cut)
    }
    guard !messages.isEmpty else { throw FileFault(path: path, line: 1, "holds no message") }
    return messages
}
