import Domain

/// Reads the accounts of one BAI2 file as statements, in the memory of one record.
///
/// - Units: amounts in minor units of the account's, else the group's currency, else the fallback, else USD.
/// - Errors: `FileFault` for an amount that is no whole number and for details outside an account. Totals and counts that do not
///   agree, and a missing trailer, are findings.
/// - Source: BAI Cash Management Balance Reporting Specifications, version 2; ASC X9.121.
final class BAI2Reader: StatementSource {
    private let path: String
    private let records: BAI2Records
    private let fallback: Currency?
    private var statement: RunningStatement?
    private var group = Group()
    private var fileID = ""
    private var accountTotals = Totals(), groupTotals = Totals(), fileTotals = Totals()
    private var isDetailed = false, isClosed = false
    private var statementCount = 0
    private var ready: [StatementEvent] = []

    private struct Group {
        var day: Day?
        var currency: Currency?
        var isOpen = false
        /// What is said of a group that books nothing.
        var unbooked: String?
    }

    /// What a trailer states: the sum of all amounts below it, how many parts, how many records.
    private struct Totals {
        var sum: Int128 = 0
        var parts = 0
        var records = 0
    }

    init(path: String, fallback: Currency?) throws(FileFault) {
        (self.path, self.fallback, records) = (path, fallback, try BAI2Records(path: path))
    }

    func next() throws(FileFault) -> StatementEvent? {
        while ready.isEmpty {
            guard let record = try records.next() else {
                if !isClosed { statement?.find(records.line, "the file trailer (99) is missing: the file may be cut off") }
                try finish()
                guard statementCount > 0 else {
                    throw FileFault(path: path, "holds no account (no 03 record): a BAI2 statement has at least one")
                }
                return ready.isEmpty ? nil : ready.removeFirst()
            }
            try take(record)
        }
        return ready.removeFirst()
    }

    /// By a group's status; 1 updates and 3 corrects.
    private static let unbooked = [
        "2": "the group is a deletion (status 2): nothing of it is booked, what it deletes must be taken back by hand",
        "4": "the group is a test (status 4): nothing of it is booked",
    ]

    private func take(_ record: BAI2Record) throws(FileFault) {
        let fields = record.fields
        func field(_ at: Int) -> String { at < fields.count ? fields[at] : "" }
        switch record.code {
        case "01":
            fileID = "\(field(2))-\(field(4))"
            fileTotals = Totals(records: record.count)
        case "02":
            try finish()
            let currency = Currency(field(5))
            group = Group(day: ShortDate(field(3))?.day, currency: currency, isOpen: true, unbooked: Self.unbooked[field(2)])
            groupTotals = Totals(records: record.count)
        case "03": try startAccount(record)
        case "16": try takeDetail(record)
        case "49":
            accountTotals.records += record.count
            check(record, "account trailer (49)", accountTotals, parts: nil)
            groupTotals.sum += accountTotals.sum
            groupTotals.parts += 1
            groupTotals.records += accountTotals.records
        case "98":
            groupTotals.records += record.count
            check(record, "group trailer (98)", groupTotals, parts: "accounts")
            fileTotals.sum += groupTotals.sum
            fileTotals.parts += 1
            fileTotals.records += groupTotals.records
        case "99":
            fileTotals.records += record.count
            check(record, "file trailer (99)", fileTotals, parts: "groups")
            isClosed = true
        default: statement?.find(record.line, "a continuation (88) that continues nothing")
        }
    }

    /// - Parameter parts: What the level is made of, and how many were found; accounts have none.
    private func check(_ record: BAI2Record, _ name: String, _ totals: Totals, parts: String?) {
        var stated = [("total", totals.sum)]
        if let parts { stated.append((parts, Int128(totals.parts))) }
        stated.append(("records", Int128(totals.records)))
        for ((what, found), text) in zip(stated, record.fields) where Int128(text) != nil && Int128(text) != found {
            statement?.find(record.line, "\(name): \(what) \(text) stated, \(found) found")
        }
    }

    private func startAccount(_ record: BAI2Record) throws(FileFault) {
        try finish()
        let fields = record.fields
        let currency = (fields.count > 1 ? Currency(fields[1]) : nil) ?? group.currency ?? fallback ?? .usd
        statementCount += 1
        var open = RunningStatement(
            path: path,
            header: StatementHeader(
                format: "BAI2", id: "\(fileID)/\(statementCount)", account: fields.first ?? "", currency: currency, createdOn: group.day))
        if !group.isOpen { open.find(record.line, "an account (03) outside a group (02)") }
        if let unbooked = group.unbooked { open.find(record.line, unbooked) }
        accountTotals = Totals(records: record.count)
        var at = 2
        while at + 1 < fields.count {
            let type = fields[at], text = fields[at + 1]
            // Some banks end a record with a mark too many.
            guard !type.isEmpty else {
                at += 1
                continue
            }
            if !text.isEmpty {
                let amount = try wholeUnits(text, currency, record)
                accountTotals.sum += Int128(amount.minor)
                if type == "010" { open.opening = RunningStatement.Balance(amount: amount, line: record.line) }
                if type == "015" { open.closing = RunningStatement.Balance(amount: amount, line: record.line) }
            }
            at += 3 + fundsWidth(fields, at + 3)
        }
        (statement, isDetailed) = (open, false)
    }

    /// The fields of a funds type at `at`, itself included.
    private func fundsWidth(_ fields: [String], _ at: Int) -> Int {
        guard at < fields.count else { return 1 }
        switch fields[at].uppercased() {
        case "V": return 3
        case "S": return 4
        case "D": return 2 + 2 * min(at + 1 < fields.count ? Int(fields[at + 1]).map { max(0, min($0, 200)) } ?? 0 : 0, 200)
        default: return 1
        }
    }

    private func wholeUnits(_ text: String, _ currency: Currency, _ record: BAI2Record) throws(FileFault) -> Money {
        guard let number = DecimalNumber(text), number.scale == 0, number.units.magnitude <= Money.bound.magnitude else {
            throw FileFault(path: path, line: record.line, "amount \(text) is not a whole number of minor units within bounds")
        }
        return Money(minor: number.units, currency)
    }

    private func takeDetail(_ record: BAI2Record) throws(FileFault) {
        guard var open = statement, let currency = open.header.currency else {
            throw FileFault(path: path, line: record.line, "a detail (16) outside an account (03)")
        }
        if !open.hasBegun { ready.append(try open.begin(line: record.line, fallback: fallback)) }
        let detail = BAI2Detail(record)
        accountTotals.records += record.count
        let amount = detail.amountText.isEmpty ? Money.zero(currency) : try wholeUnits(detail.amountText, currency, record)
        accountTotals.sum += Int128(amount.minor)
        guard amount.minor.magnitude <= Money.entryBound.magnitude else {
            throw FileFault(path: path, line: record.line, "amount \(detail.amountText) is above the largest that may be entered")
        }
        guard let day = group.day ?? detail.valueOn else {
            throw FileFault(path: path, line: record.line, "the group (02) has no as-of date and the detail no value date")
        }
        if group.unbooked != nil {
            open.opening = nil
        } else if let entry = detail.entry(amount, bookedOn: day) {
            ready.append(open.add(entry))
            isDetailed = true
        } else if amount.minor != 0 {
            open.find(record.line, "type \(detail.type) is neither credit nor debit: not taken as an entry")
        }
        statement = open
    }

    /// Without details the balances prove nothing.
    private func finish() throws(FileFault) {
        guard var open = statement else { return }
        if !open.hasBegun { ready.append(try open.begin(line: records.line, fallback: fallback)) }
        if !isDetailed, let opening = open.opening, opening.amount != open.closing?.amount {
            open.find(opening.line, "summary only: the account has no details (16)")
            open.opening = nil
        }
        ready.append(open.end())
        statement = nil
    }
}
