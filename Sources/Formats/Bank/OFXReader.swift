import Domain

/// Reads the bank and card statements of one OFX or QFX file, version 1 (SGML, end tags left out) or 2 (XML), in the memory of one entry.
///
/// - Errors: `FileFault` for a bank's error answer, saying what the bank said, and for a file without statement.
/// - Source: Open Financial Exchange 1.6 and 2.3, chapter 11.
final class OFXReader: StatementSource {
    private let path: String
    private let tokens: OFXTokens
    private let fallback: Currency?
    private var statement: RunningStatement?
    /// Of `STMTTRNRS/TRNUID`, the range's last day, the currency: told before the statement's account.
    private var id = "", lastDay: Day?
    private var values: [String: OFXTokens.Token]?
    private var balance: (kind: String, amount: OFXTokens.Token?, day: Day?)?
    private var isOtherAccount = false, isStatus = false, isInvestment = false, isClosed = false
    private var status: (code: String, message: String) = ("0", "")
    private var answer: String?
    private var statementCount = 0
    private var ready: [StatementEvent] = []
    /// By FITID, of the statement.
    private var told: [String: BankEntry] = [:]

    init(path: String, fallback: Currency?) throws(FileFault) {
        (self.path, self.fallback, tokens) = (path, fallback, try OFXTokens(path: path))
    }

    func next() throws(FileFault) -> StatementEvent? {
        while ready.isEmpty {
            guard let token = try tokens.next() else {
                if !isClosed { statement?.find(tokens.line, "the end of the file (</OFX>) is missing: the file may be cut off") }
                try finish()
                if statementCount == 0 {
                    let none = "holds no \(isInvestment ? "bank or card " : "")statement (no STMTRS or CCSTMTRS)"
                    throw FileFault(
                        path: path,
                        answer.map { "the bank answered with an error: \($0)" }
                            ?? none + (isInvestment ? ", only an investment statement (INVSTMTRS)" : ""))
                }
                return ready.isEmpty ? nil : ready.removeFirst()
            }
            if token.isEnd { try close(token) } else { try open(token) }
        }
        return ready.removeFirst()
    }

    private func open(_ token: OFXTokens.Token) throws(FileFault) {
        switch token.name {
        case "STMTRS", "CCSTMTRS":
            try finish()
            statementCount += 1
            statement = RunningStatement(path: path, header: StatementHeader(format: "OFX", id: id, account: ""))
        case "STMTTRN":
            try tellEntry()
            values = ["": token]
        case "LEDGERBAL", "AVAILBAL":
            try tellEntry()
            balance = (token.name, nil, nil)
        case "STATUS": (isStatus, status) = (true, ("0", ""))
        case "BANKACCTTO", "CCACCTTO": isOtherAccount = true
        case "CURRENCY": values?["CURRENCY"] = token
        case "INVSTMTRS": isInvestment = true
        default: try take(token)
        }
    }

    private func close(_ token: OFXTokens.Token) throws(FileFault) {
        switch token.name {
        case "STMTTRN", "BANKTRANLIST": try tellEntry()
        case "LEDGERBAL", "AVAILBAL": try tellBalance()
        case "BANKACCTTO", "CCACCTTO": isOtherAccount = false
        case "STATUS": closeStatus()
        case "OFX": isClosed = true
        case "STMTRS", "CCSTMTRS", "STMTTRNRS", "CCSTMTTRNRS": try finish()
        default: break
        }
    }

    private func closeStatus() {
        isStatus = false
        if status.code != "0", !status.code.isEmpty { answer = answer ?? "\(status.code) \(status.message)".trimmed }
    }

    private func take(_ token: OFXTokens.Token) throws(FileFault) {
        guard !token.text.isEmpty else { return }
        if isStatus {
            if token.name == "CODE" { status.code = token.text }
            if token.name == "MESSAGE" || token.name == "SEVERITY" && status.message.isEmpty { status.message = token.text }
        } else if values != nil {
            let name = isOtherAccount ? "TO." + token.name : token.name
            if values?[name] == nil { values?[name] = token }
        } else if balance != nil {
            if token.name == "BALAMT" { balance?.amount = token }
            if token.name == "DTASOF" { balance?.day = ofxDay(token.text) }
        } else {
            switch token.name {
            case "TRNUID": id = token.text
            case "CURDEF": statement?.header.currency = Currency(token.text.uppercased())
            case "ACCTID": if statement?.header.account.isEmpty == true { statement?.header.account = token.text }
            case "DTEND": lastDay = ofxDay(token.text)
            default: break
            }
        }
    }

    private func tellBalance() throws(FileFault) {
        guard let told = balance else { return }
        balance = nil
        guard told.kind == "LEDGERBAL", var open = statement else { return }
        guard let amount = told.amount, let currency = open.header.currency ?? fallback else { return }
        if !open.hasBegun { open.header.createdOn = told.day ?? lastDay }
        open.closing = RunningStatement.Balance(
            amount: try open.money(amount.text, currency, line: amount.line, upTo: Money.bound), line: amount.line)
        if told.day == nil { open.find(amount.line, "the balance has no date") }
        statement = open
    }

    private func begin(_ open: inout RunningStatement, line: Int) throws(FileFault) {
        guard !open.hasBegun else { return }
        open.header.createdOn = open.header.createdOn ?? lastDay
        ready.append(try open.begin(line: line, fallback: fallback))
    }

    private func tellEntry() throws(FileFault) {
        guard let parts = values else { return }
        (values, isOtherAccount) = (nil, false)
        guard var open = statement else { return }
        let line = parts[""]?.line ?? tokens.line
        open.header.currency = open.header.currency ?? fallback ?? parts["CURSYM"].flatMap { Currency($0.text.uppercased()) }
        try begin(&open, line: line)
        guard let entry = try OFXTransaction(parts).entry(&open, line: line, lastDay: lastDay) else {
            statement = open
            return
        }
        if isRepeated(entry) {
            open.find(line, "transaction \(entry.reference ?? "") comes again, equal in all it says: taken once")
        } else {
            ready.append(open.add(entry))
        }
        statement = open
    }

    /// A FITID is unique within its account; one of zeros names nothing.
    private func isRepeated(_ entry: BankEntry) -> Bool {
        guard let id = entry.reference, id.contains(where: { $0 != "0" }) else { return false }
        var said = entry
        said.citation = nil
        guard let first = told[id] else {
            told[id] = said
            return false
        }
        return first == said
    }

    private func finish() throws(FileFault) {
        try tellEntry()
        try tellBalance()
        guard var open = statement else { return }
        try begin(&open, line: tokens.line)
        ready.append(open.end())
        (statement, lastDay, told) = (nil, nil, [:])
    }
}

/// `20110331120000.000[-5:EST]`: the day as the bank writes it; nil for zeros and anything else that is no day.
func ofxDay(_ text: String) -> Day? {
    let digits = text.utf8.prefix(8)
    guard digits.count == 8, digits.allSatisfy(\.isDigit), let number = Int(text.prefix(8)) else { return nil }
    return Day(year: number / 10_000, month: number / 100 % 100, day: number % 100)
}

/// What one `STMTTRN` says.
private struct OFXTransaction {
    private let values: [String: OFXTokens.Token]

    init(_ values: [String: OFXTokens.Token]) { self.values = values }

    private func text(_ name: String) -> String? { values[name]?.text }

    /// Name and memo. Words with labels, `ORIG CO NAME:…`, that the bank cuts at the length of a name go on in the memo.
    private var said: (name: String?, memo: String?) {
        let name = text("EXTDNAME") ?? text("NAME"), memo = text("MEMO")
        guard let name, let memo, name.hasPrefix("ORIG CO NAME:"), !memo.hasPrefix(name) else { return (name, memo) }
        let whole = name + (name.count > 30 ? "" : " ") + memo
        return (BAI2Words(whole)["ORIG CO NAME"] ?? name, whole)
    }

    /// The currency in which the amount is stated, `CURRENCY/CURSYM` or the account's, with a finding where the two are not one; nil for
    /// one that is not in ISO 4217.
    private func currency(_ open: inout RunningStatement, line: Int) throws(FileFault) -> Currency? {
        guard let account = open.header.currency else { throw FileFault(path: open.path, line: line, "the statement names no currency") }
        guard values["CURRENCY"] != nil, let own = text("CURSYM")?.uppercased(), own != account.code else { return account }
        let known = Currency(own)
        open.find(
            line,
            "the amount is stated in \(own) (CURRENCY), the account is in \(account.code): "
                + (known == nil ? "left out, enter it by hand" : "compare it by hand"))
        return known
    }

    /// nil, and a finding, for an amount in a currency that is not known.
    func entry(_ open: inout RunningStatement, line: Int, lastDay: Day?) throws(FileFault) -> BankEntry? {
        guard let stated = values["TRNAMT"] else { throw FileFault(path: open.path, line: line, "a transaction without amount (TRNAMT)") }
        guard let currency = try currency(&open, line: line) else { return nil }
        let amount = try open.money(stated.text, currency, line: stated.line)
        let bookedOn = try day(&open, line: line, lastDay: lastDay)
        let (name, memo) = said
        // Many a bank begins the memo with the name, which it cuts at 32 characters.
        let isRepeated =
            memo?.hasPrefix("ORIG CO NAME:") == true || [name, text("NAME")].contains { $0.map { memo?.hasPrefix($0) == true } ?? true }
        let words = [isRepeated ? nil : name, memo].compactMap { $0 }
        if let change = text("CORRECTACTION") {
            open.find(line, "corrects an earlier transaction (\(change) \(text("CORRECTFITID") ?? "")): compare them by hand")
        }
        let account = [text("TO.BANKID"), text("TO.ACCTID")].compactMap { $0 }.joined(separator: "/")
        let transaction = BankEntry.Transaction(
            amount: amount, endToEndID: text("REFNUM"), counterpartyName: name, remittance: singleSpaced(words.joined(separator: " ")),
            counterpartyAccount: account.isEmpty ? nil : account, code: text("TRNTYPE"),
            checkNumber: text("CHECKNUM").flatMap { $0 == "0" ? nil : $0 })
        let valueOn = text("DTAVAIL").flatMap(ofxDay) ?? bookedOn
        var entry = BankEntry(
            amount: amount, bookedOn: bookedOn, valueOn: valueOn, reference: text("FITID"), transactions: [transaction],
            citation: Citation(line: stated.line, columns: stated.columns))
        if let account = open.header.currency, account != currency, account.exponent == currency.exponent {
            entry.wordedCurrency = account
        }
        return entry
    }

    private func day(_ open: inout RunningStatement, line: Int, lastDay: Day?) throws(FileFault) -> Day {
        if let day = text("DTPOSTED").flatMap(ofxDay) { return day }
        guard let day = text("DTUSER").flatMap(ofxDay) ?? text("DTAVAIL").flatMap(ofxDay) ?? lastDay ?? open.header.createdOn else {
            throw FileFault(path: open.path, line: line, "a transaction without a day (DTPOSTED \(text("DTPOSTED") ?? "missing"))")
        }
        open.find(line, "transaction posted on \(text("DTPOSTED") ?? "no day"): taken as \(day.iso8601)")
        return day
    }
}
