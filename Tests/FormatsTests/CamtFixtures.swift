import Domain
import Formats

/// What one file says, statement by statement.
struct ReadStatement: Equatable {
    var header: StatementHeader
    var entries: [BankEntry] = []
    var opening: Money?
    var closing: Money?
    var findings: [Finding] = []
}

/// Reads a camt file.
func statements(at path: String) throws -> [ReadStatement] { try collected { try readCamt(path, $0) } }

func statements(of document: String) throws -> [ReadStatement] { try withFile(document, statements(at:)) }

/// Reads a file of any format.
func bankStatements(at path: String) throws -> [ReadStatement] { try collected { try readStatements(path, $0) } }

func bankStatements(of text: String) throws -> [ReadStatement] { try withFile(text, bankStatements(at:)) }

private func collected(_ read: ((StatementEvent) throws -> Void) throws -> Void) throws -> [ReadStatement] {
    var statements: [ReadStatement] = []
    try read { event in
        switch event {
        case .began(let header): statements.append(ReadStatement(header: header))
        case .entry(let entry): statements[statements.count - 1].entries.append(entry)
        case .ended(let opening, let closing, let findings):
            statements[statements.count - 1].opening = opening
            statements[statements.count - 1].closing = closing
            statements[statements.count - 1].findings = findings
        }
    }
    return statements
}

/// A camt.053 document of one EUR statement; one line per part.
func document(version: String = "08", createdOn: String? = "2026-01-31", _ parts: String...) -> String {
    """
    <?xml version="1.0" encoding="UTF-8"?>
    <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.\(version)"><BkToCstmrStmt>\
    <GrpHdr><MsgId>M</MsgId></GrpHdr><Stmt>
    <Id>S-1</Id>\(createdOn.map { "<CreDtTm>\($0)T08:00:00</CreDtTm>" } ?? "")
    <Acct><Id><IBAN>DE02 3006 0601 0002 4746 89</IBAN></Id><Ccy>EUR</Ccy></Acct>
    \(parts.joined(separator: "\n"))
    </Stmt></BkToCstmrStmt></Document>
    """
}

func balance(_ code: String, _ amount: String, _ sign: String = "CRDT") -> String {
    "<Bal><Tp><CdOrPrtry><Cd>\(code)</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">\(amount)</Amt><CdtDbtInd>\(sign)</CdtDbtInd></Bal>"
}

func entry(
    _ amount: String = "10.00", _ sign: String = "CRDT", status: String = "<Cd>BOOK</Cd>",
    dates: String = "<BookgDt><Dt>2026-01-30</Dt></BookgDt>", rest: String = ""
) -> String {
    "<Ntry><Amt Ccy=\"EUR\">\(amount)</Amt><CdtDbtInd>\(sign)</CdtDbtInd><Sts>\(status)</Sts>\(dates)\(rest)</Ntry>"
}

func details(_ transactions: String...) -> String {
    "<NtryDtls>" + transactions.map { "<TxDtls>\($0)</TxDtls>" }.joined() + "</NtryDtls>"
}
