import Domain

/// One statement while it is read.
struct CamtStatement {
    let path: String
    let line: Int
    var header: StatementHeader
    private var hasBegun = false
    private var opening: Balance?
    private var closing: Balance?
    private var summary = CamtSummary()
    var booked = CamtTally()
    var all = CamtTally()
    var hasForeignEntries = false
    /// Of the period that the statement tells of.
    private(set) var lastDay: Day?
    private var findings = FindingList()

    private struct Balance {
        let amount: Money
        let line: Int
        /// Smaller is better: OPBD before PRCD.
        let rank: Int
        /// As written, `2026-01-31`; empty where it names none.
        let day: Substring
    }

    /// - Parameter createdOn: Of the message; the statement's own goes before it.
    init(path: String, format: String, line: Int, createdOn: Day?) {
        (self.path, self.line) = (path, line)
        header = StatementHeader(format: format, id: "", account: "", createdOn: createdOn)
    }

    func fault(_ element: XMLElement, _ message: String) -> FileFault { FileFault(path: path, line: element.line, message) }

    mutating func find(_ line: Int?, _ message: String) { findings.add(line, message) }

    /// Takes anything but an entry.
    mutating func take(_ part: XMLElement) throws(FileFault) {
        if part.isNamed("Id") {
            header.id = part.content
        } else if part.isNamed("CreDtTm") {
            header.createdOn = Day(part.content.prefix(10)) ?? header.createdOn
        } else if part.isNamed("FrToDt") {
            lastDay = Self.lastDay(part)
        } else if part.isNamed("Acct") {
            let number =
                part.text("Id", "IBAN") ?? part.text("Id", "Othr", "Id") ?? part.text("Id", "BBAN") ?? part.text("Id", "UPIC")
                ?? part.text("Id", "PrtryAcct", "Id")
            let account = (number ?? "").withoutBlanks
            header.account = isIBAN(account.uppercased()) ? account.uppercased() : account
            header.currency = part.text("Ccy").flatMap { Currency($0) } ?? header.currency
        } else if part.isNamed("Bal") {
            try takeBalance(part)
        } else if part.isNamed("StmtPgntn") || part.isNamed("RptPgntn") {
            header.isContinuation = (part.text("PgNb").flatMap { Int($0) } ?? 1) > 1
        } else if part.isNamed("TxsSummry") {
            summary = CamtSummary(part)
        }
    }

    /// A period that ends at midnight ends with the day before.
    private static func lastDay(_ period: XMLElement) -> Day? {
        guard let text = period.text("ToDtTm") ?? period.text("ToDt"), let day = Day(text.prefix(10)) else { return nil }
        let first = (period.text("FrDtTm") ?? period.text("FrDt")).flatMap { Day($0.prefix(10)) } ?? day
        return text.dropFirst(10).hasPrefix("T00:00:00") && first < day ? Day(number: day.number - 1) : day
    }

    /// Banks of the United States name balances by their BAI2 types.
    private static let baiBalances = ["010": "OPBD", "015": "CLBD"]

    /// Of several the opening of the earliest day and the closing of the latest count.
    private mutating func takeBalance(_ part: XMLElement) throws(FileFault) {
        guard var code = part.text("Tp", "CdOrPrtry", "Cd") ?? part.text("Tp", "CdOrPrtry", "Prtry") else { return }
        code = Self.baiBalances[code] ?? code
        guard ["OPBD", "PRCD", "CLBD"].contains(code) else { return }
        let isSided = part.child("CdtDbtInd") != nil, amount = try isSided ? signedAmount(part, upTo: Money.bound) : sidelessAmount(part)
        if !isSided, amount.minor != 0 { find(part.line, "balance \(code) says neither CRDT nor DBIT: taken as a credit") }
        let balance = Balance(
            amount: amount, line: part.line,
            rank: code == "PRCD" ? 1 : 0,
            day: dayText(part.child("Dt")) ?? "")
        if code == "CLBD" {
            if closing.map({ $0.day < balance.day }) ?? true { closing = balance }
        } else if opening.map({ (balance.rank, balance.day) < ($0.rank, $0.day) }) ?? true {
            opening = balance
        }
    }

    private mutating func sidelessAmount(_ part: XMLElement) throws(FileFault) -> Money {
        guard let element = part.child("Amt") else { throw fault(part, "\(part.name) has no Amt") }
        return try amount(element, upTo: Money.bound)
    }

    /// - Parameter entry: The first entry, or nil at the statement's end.
    /// - Returns: the header the first time, then nil.
    mutating func begin(at entry: XMLElement?) throws(FileFault) -> StatementHeader? {
        guard !hasBegun else { return nil }
        guard !header.account.isEmpty else {
            throw FileFault(path: path, line: line, "the statement names no account (Acct/Id) before its entries")
        }
        hasBegun = true
        header.currency = header.currency ?? entry?.child("Amt")?.attribute("Ccy").flatMap { Currency($0) }
        return header
    }

    mutating func end() -> StatementEvent {
        if let opening, let closing { checkBalances(opening, closing) }
        if let currency = header.currency, !hasForeignEntries {
            for (line, message) in summary.disagreements(all: all, booked: booked, currency) { find(line, message) }
        }
        return .ended(opening: opening?.amount, closing: closing?.amount, findings: findings.told)
    }

    private mutating func checkBalances(_ opening: Balance, _ closing: Balance) {
        guard let currency = header.currency else { return }
        for balance in [opening, closing] where balance.amount.currency != currency {
            let stated = balance.amount.currency.code
            find(balance.line, "balance in \(stated) on an account in \(currency.code): compared by its figures only")
            guard balance.amount.currency.exponent == currency.exponent else { return }
        }
        if let message = balanceGap(opening.amount, booked.net, closing.amount, currency) { find(closing.line, message) }
    }
}

extension CamtStatement {
    /// `Amt` with the sign of `CdtDbtInd`: credit positive.
    mutating func signedAmount(_ part: XMLElement, upTo bound: Int64 = Money.entryBound) throws(FileFault) -> Money {
        guard let element = part.child("Amt") else { throw fault(part, "\(part.name) has no Amt") }
        let amount = try amount(element, upTo: bound)
        switch part.text("CdtDbtInd") {
        case "CRDT": return amount
        case "DBIT": return -amount
        case nil where amount.minor == 0: return amount
        case let other: throw fault(part, "\(part.name)/CdtDbtInd is \(other ?? "missing"): CRDT or DBIT is wanted")
        }
    }

    /// An amount without sign, in whole minor units; more decimals are rounded half away from zero, with a finding.
    mutating func amount(_ element: XMLElement, upTo bound: Int64 = Money.entryBound) throws(FileFault) -> Money {
        let text = element.content, code = element.attribute("Ccy") ?? ""
        guard let currency = Currency(code) else { throw fault(element, "currency \(code) of an amount is not in ISO 4217") }
        guard let number = DecimalNumber(text), number.units >= 0 else {
            throw fault(element, "amount \(text) is not a number of at most 9 decimals and no sign")
        }
        guard let (minor, isExact) = minorUnits(number, in: currency, upTo: bound) else {
            throw fault(element, "amount \(text) \(code) is above the largest that may be entered")
        }
        if !isExact {
            let taken = decimalText(Int128(minor), currency)
            find(element.line, "amount \(text) \(code) has more decimals than the currency: taken as \(taken)")
        }
        header.currency = header.currency ?? currency
        return Money(minor: minor, currency)
    }
}
