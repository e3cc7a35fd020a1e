import Domain

/// Reads the statements of one SWIFT MT940 or MT942 file in the memory of one entry.
///
/// - Shape: one or many messages, with or without SWIFT blocks around them, the narrative (`:86:`) as any bank writes it. Entries
///   of an MT942 are pending: the statement of the day books them.
/// - Errors: `FileFault` for an entry line without date, mark or amount and for a statement without account or currency.
/// - Source: SWIFT Standards MT, category 9; German Banking Industry Committee, DFÜ agreement annex 3.
final class MT940Reader: StatementSource {
    private let path: String
    private let fields: MT940Fields
    private let fallback: Currency?
    private var statement: RunningStatement?
    private var entry: MT940Entry?
    private var isStatementText = false
    private var statementCount = 0
    private var isInterim = false
    private var ready: [StatementEvent] = []
    /// Account, number and page of the statement read before.
    private var lastPage: Page?
    private var page: Page?

    private struct Page: Equatable {
        var account: String
        var number: Substring
        var sequence: Int
    }

    init(path: String, fallback: Currency?) throws(FileFault) {
        (self.path, self.fallback, fields) = (path, fallback, try MT940Fields(path: path))
    }

    func next() throws(FileFault) -> StatementEvent? {
        while ready.isEmpty {
            guard let field = try fields.next() else {
                try finish()
                guard statementCount > 0 else { throw FileFault(path: path, "holds no statement (no :20: field)") }
                return ready.isEmpty ? nil : ready.removeFirst()
            }
            try take(field)
        }
        return ready.removeFirst()
    }

    private func take(_ field: MT940Field) throws(FileFault) {
        if field.tag != "86", field.tag != "NS" { try tellEntry() }
        switch field.tag {
        case "20": try start(field)
        case "25", "25P": takeAccount(field)
        case "28", "28C": takeNumber(field)
        case "34F", "13", "13D", "90C", "90D": try takeInterim(field)
        case "60F", "60M", "62F", "62M": try takeBalance(field)
        case "61":
            guard var open = statement else { throw FileFault(path: path, line: field.line, "an entry (:61:) before any statement (:20:)") }
            if !open.hasBegun { ready.append(try open.begin(line: field.line, fallback: fallback)) }
            entry = try MT940Entry(field, &open)
            statement = open
        case "86":
            if entry != nil { entry?.narrative.append(field) }
        case "NS": entry?.narrative.append(field)
        case "32A", "32B", "32C", "32D":
            let type = fields.messageType
            let what = type.isEmpty ? "a message about one payment, such as MT103, MT900 or MT910" : "MT\(type)"
            throw FileFault(
                path: path, line: field.line, "is \(what), no statement: ask the bank for MT940, MT942, camt.053 or camt.054")
        default: break
        }
    }

    private func start(_ field: MT940Field) throws(FileFault) {
        try finish()
        (lastPage, page) = (page, nil)
        isInterim = fields.isInterim
        statementCount += 1
        statement = RunningStatement(
            path: path, header: StatementHeader(format: isInterim ? "MT942" : "MT940", id: field.text, account: ""))
    }

    /// `5/2` behind `5/1` of the same account is its second page.
    private func takeNumber(_ field: MT940Field) {
        guard let account = statement?.header.account else { return }
        statement?.header.id += " " + field.text
        let parts = field.text.split(separator: "/")
        guard parts.count == 2, let sequence = Int(parts[1]) else { return }
        page = Page(account: account, number: parts[0], sequence: sequence)
        if sequence > 1, lastPage == Page(account: account, number: parts[0], sequence: sequence - 1) {
            statement?.header.isContinuation = true
        }
    }

    /// What only an interim report has; its floor limit names the currency.
    private func takeInterim(_ field: MT940Field) throws(FileFault) {
        guard let open = statement, !open.hasBegun else { return }
        isInterim = true
        statement?.header.format = "MT942"
        if field.tag == "34F" { statement?.header.currency = Currency(field.text.prefix(3)) ?? open.header.currency }
        if field.tag.hasPrefix("13") { statement?.header.createdOn = ShortDate(field.text.prefix(6))?.day }
    }

    private func takeBalance(_ field: MT940Field) throws(FileFault) {
        guard var open = statement else { return }
        let isOpening = field.tag.hasPrefix("60")
        let (balance, day) = try MT940Balance.read(field, &open)
        if isOpening {
            open.header.currency = open.header.currency ?? balance.amount.currency
            open.header.createdOn = open.header.createdOn ?? day
            open.header.isContinuation = open.header.isContinuation || field.tag == "60M"
            open.opening = open.opening ?? balance
        } else {
            open.header.currency = open.header.currency ?? balance.amount.currency
            if !open.hasBegun { open.header.createdOn = day ?? open.header.createdOn }
            open.closing = balance
        }
        statement = open
    }

    private func tellEntry() throws(FileFault) {
        guard let read = entry, var open = statement else { return }
        ready.append(open.add(read.entry(isInterim: isInterim)))
        (entry, statement) = (nil, open)
    }

    private func finish() throws(FileFault) {
        try tellEntry()
        guard var open = statement else { return }
        if !open.hasBegun { ready.append(try open.begin(line: fields.line, fallback: fallback)) }
        if open.opening != nil, open.closing == nil, !isInterim {
            open.find(fields.line, "the closing balance (:62F:) is missing: the file may be cut off")
        }
        ready.append(open.end())
        statement = nil
    }

    /// The number as other files name it: the IBAN where one stands in it, without the currency some banks set behind it.
    private func takeAccount(_ field: MT940Field) {
        var text = field.text.split(separator: "\n").first.map { String($0).withoutBlanks }?.drop { $0 == "/" } ?? ""
        if let currency = Currency(text.suffix(3)), let before = text.dropLast(3).last, before == "/" || before.isNumber {
            text = text.dropLast(before == "/" ? 4 : 3)
            statement?.header.currency = currency
        }
        let iban = text.split(separator: "/").first { $0.utf8.count >= 15 && isIBAN(String($0)) }
        statement?.header.account = String(iban ?? text)
    }
}

/// `:60F:C100318EUR380115,77`.
enum MT940Balance {
    static func read(
        _ field: MT940Field, _ open: inout RunningStatement
    ) throws(FileFault) -> (balance: RunningStatement.Balance, day: Day?) {
        var rest = Substring(field.text.withoutBlanks)
        func fault(_ what: String) -> FileFault {
            FileFault(path: open.path, line: field.line, "balance :\(field.tag): \(what): \(field.text)")
        }
        guard let mark = rest.popFirst(), mark == "C" || mark == "D" else { throw fault("starts neither with C nor with D") }
        let day = ShortDate(rest.prefix(6))?.day
        if day == nil { open.find(field.line, "balance :\(field.tag): has no date: \(field.text)") } else { rest = rest.dropFirst(6) }
        let currency: Currency
        if let named = Currency(rest.prefix(3)) {
            currency = named
            rest = rest.dropFirst(3)
        } else {
            guard let known = open.header.currency else { throw fault("names no currency") }
            open.find(field.line, "balance :\(field.tag): names no currency: taken as \(known.code)")
            currency = known
        }
        let amount = try open.money(rest, currency, line: field.line, upTo: Money.bound)
        guard amount.minor >= 0 else { throw fault("has a sign within its amount") }
        return (RunningStatement.Balance(amount: mark == "D" ? -amount : amount, line: field.line), day)
    }
}
