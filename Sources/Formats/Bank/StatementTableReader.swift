import Domain

/// Reads a bank's CSV file by a mapping, in the memory of one row: one statement of one account.
///
/// - Errors: `FileFault` for a day or an amount that cannot be read, for rows of several accounts, for a broken quote.
final class StatementTableReader: StatementSource {
    private let path: String
    private let table: StatementTable
    private let fallback: Currency?
    private var scanner: CSVScanner
    private var record = CSVRecord(line: 0, fields: [])
    private var places: [StatementTable.Field: [Int]] = [:]
    private var statement: RunningStatement?
    private var ready: [StatementEvent] = []
    private var isEnded = false
    /// The balance behind the first row and behind the last, each with the row's own amount; nil where one is not told.
    private var first: (balance: Money, amount: Money, line: Int)?
    private var last: (balance: Money, amount: Money, line: Int)?
    private var isBalanced: Bool
    private var net: Int128 = 0

    init(path: String, table: StatementTable, separator: UInt8, fallback: Currency?) throws(FileFault) {
        (self.path, self.table, self.fallback) = (path, table, fallback)
        isBalanced = table.columns[.balance] != nil
        scanner = CSVScanner(try TextInput(path: path))
        try scanner.start(separator: separator)
        while try scanner.next(&record), record.line <= StatementTable.headBound {
            guard let found = table.places(in: record.fields) else { continue }
            places = found
            return
        }
        throw FileFault(path: path, line: 1, "no line has all columns of the mapping")
    }

    func next() throws -> StatementEvent? {
        while ready.isEmpty, !isEnded {
            if try scanner.next(&record) { try row() } else { try end() }
        }
        return ready.isEmpty ? nil : ready.removeFirst()
    }

    private func cell(_ field: StatementTable.Field) -> String? {
        let words = (places[field] ?? []).compactMap { $0 < record.fields.count ? singleSpaced(record.fields[$0]) : nil }
        let text = words.filter { !$0.isEmpty }.joined(separator: " ")
        return text.isEmpty ? nil : text
    }

    private func fault(_ message: String) -> FileFault { FileFault(path: path, line: record.line, message) }

    private func row() throws(FileFault) {
        guard let text = cell(.bookedOn) else {
            if record.fields.contains(where: { $0.contains(where: \.isNumber) }) { try find("a row without a day is left out") }
            return
        }
        guard let bookedOn = table.day(text) else {
            // A sum or a remark below the rows; a day of another shape is a wrong mapping.
            guard !text.contains(where: \.isNumber) else {
                throw fault("\(text) is no day written as \(table.dates.rawValue): see dates in the mapping")
            }
            return try find("a row without a day is left out")
        }
        try begin()
        guard var open = statement, let currency = try currency(open) else { return }
        guard let amount = try amount(&open, currency) else {
            statement = open
            return
        }
        let entry = try entry(amount, bookedOn)
        try take(balanceOf: entry, &open)
        if entry.status == .booked { net += Int128(amount.minor) }
        ready.append(open.add(entry))
        statement = open
    }

    private func find(_ message: String) throws(FileFault) {
        try begin()
        statement?.find(record.line, message)
    }

    /// The account of the rows is that of the first; rows of another are a file of another order.
    private func begin() throws(FileFault) {
        let told = (cell(.account) ?? table.account ?? "").withoutBlanks, account = isIBAN(told.uppercased()) ? told.uppercased() : told
        guard let open = statement else {
            var open = RunningStatement(
                path: path,
                header: StatementHeader(
                    format: StatementHeader.tableFormat, id: "CSV", account: account, currency: try namedCurrency ?? table.currency))
            ready.append(try open.begin(line: record.line, fallback: fallback))
            statement = open
            return
        }
        guard account == open.header.account || cell(.account) == nil else {
            throw fault("rows of \(open.header.account) and of \(account) in one file: one file an account is wanted")
        }
    }

    private var namedCurrency: Currency? {
        get throws(FileFault) {
            guard let code = cell(.currency) else { return nil }
            guard let known = Currency(code.uppercased()) else { throw fault("currency \(code) is not in ISO 4217") }
            return known
        }
    }

    private func currency(_ open: RunningStatement) throws(FileFault) -> Currency? { try namedCurrency ?? open.header.currency }

    /// nil, and a finding, for a row that moves no money.
    private func amount(_ open: inout RunningStatement, _ currency: Currency) throws(FileFault) -> Money? {
        func money(_ field: StatementTable.Field) throws(FileFault) -> Money? {
            guard let text = cell(field), text.contains(where: \.isNumber) else { return nil }
            return try self.money(text, currency, &open)
        }
        var amount: Money?
        if table.columns[.amount] != nil {
            amount = try money(.amount)
            if let sign = cell(.sign), let stated = amount {
                guard let isDebit = StatementTable.isDebit(sign) else { throw fault("\(sign) says neither credit nor debit") }
                if isDebit, stated.minor > 0 { amount = -stated }
            }
        } else {
            let credit = try money(.credit), debit = try money(.debit)
            if let credit, let debit, credit.minor != 0, debit.minor != 0 { throw fault("a row of both a credit and a debit") }
            amount = debit.flatMap { $0.minor == 0 ? nil : Money(minor: -abs($0.minor), currency) } ?? credit ?? debit
        }
        guard let amount, amount.minor != 0 else {
            open.find(record.line, "a row without an amount is left out")
            return nil
        }
        return amount
    }

    private func money(_ text: String, _ currency: Currency, _ open: inout RunningStatement) throws(FileFault) -> Money {
        guard let number = table.number(text) else {
            throw fault("amount \(text) has its decimals behind another mark: the mapping says decimal = \"\(table.decimal)\"")
        }
        // `1,234` with decimal = "," may be a thousand whose mark was mistaken: nothing is rounded here.
        let decimals = number.split(separator: ".", omittingEmptySubsequences: false).dropFirst().last?.count ?? 0
        guard decimals <= currency.exponent else {
            throw fault("amount \(text) has more decimals than \(currency.code): the mapping says decimal = \"\(table.decimal)\"")
        }
        return try open.money(number, currency, line: record.line)
    }

    private func entry(_ amount: Money, _ bookedOn: Day) throws(FileFault) -> BankEntry {
        let words = cell(.text) ?? "", keys = SEPAKeys(words)
        let said = [cell(.endToEndID), keys?["EREF"]].compactMap { $0 }.first { $0.uppercased() != "NOTPROVIDED" }
        let other = cell(.iban)?.withoutBlanks.uppercased()
        var transaction = BankEntry.Transaction(
            amount: amount, endToEndID: said, mandateID: cell(.mandateID) ?? keys?["MREF"], counterpartyName: cell(.name),
            counterpartyIBAN: other.flatMap { isIBAN($0) ? $0 : nil }, structuredReference: cell(.structuredReference),
            remittance: keys?["SVWZ"] ?? words, counterpartyAccount: other.flatMap { isIBAN($0) ? nil : $0 })
        transaction.takeLabels(of: words, isIdentified: said != nil)
        var status = BankEntry.Status.booked
        if let pending = table.pending, cell(.status)?.lowercased().contains(pending.lowercased()) == true { status = .pending }
        let valueOn = try cell(.valueOn).map { text throws(FileFault) in
            guard let day = table.day(text) else { throw fault("\(text) is no day written as \(table.dates.rawValue)") }
            return day
        }
        return BankEntry(
            amount: amount, status: status, bookedOn: bookedOn, valueOn: valueOn ?? bookedOn, reference: cell(.reference),
            transactions: [transaction], citation: Citation(line: record.line, columns: 1..<1))
    }

    /// Balances prove the statement where each booked row tells its own.
    private func take(balanceOf entry: BankEntry, _ open: inout RunningStatement) throws(FileFault) {
        guard isBalanced, entry.status == .booked else { return }
        guard entry.amount.currency == open.header.currency, let text = cell(.balance), let number = table.number(text),
            let value = decimalNumber(number), let (minor, _) = minorUnits(value, in: entry.amount.currency, upTo: Money.bound)
        else {
            isBalanced = false
            return
        }
        let row = (balance: Money(minor: minor, entry.amount.currency), amount: entry.amount, line: record.line)
        first = first ?? row
        last = row
    }

    private func end() throws(FileFault) {
        isEnded = true
        guard var open = statement else { throw FileFault(path: path, "holds no entry below its header") }
        if isBalanced, let first, let last {
            // Rows stand in the order of booking, or the newest first.
            let isDescending =
                Int128(first.balance.minor - first.amount.minor) + net != Int128(last.balance.minor)
                && Int128(last.balance.minor - last.amount.minor) + net == Int128(first.balance.minor)
            let (oldest, newest) = isDescending ? (last, first) : (first, last)
            open.opening = RunningStatement.Balance(amount: oldest.balance - oldest.amount, line: oldest.line)
            open.closing = RunningStatement.Balance(amount: newest.balance, line: newest.line)
        }
        ready.append(open.end())
    }
}
