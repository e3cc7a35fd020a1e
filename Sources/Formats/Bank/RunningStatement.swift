import Domain

/// The first hundred findings, and how many more there were.
struct FindingList {
    private var kept: [Finding] = []
    private var leftOut = 0

    private static let bound = 100

    mutating func add(_ line: Int?, _ message: String) {
        if kept.count < Self.bound { kept.append(Finding(line: line, message)) } else { leftOut += 1 }
    }

    var told: [Finding] { leftOut == 0 ? kept : kept + [Finding("\(leftOut) more findings left out")] }
}

/// - Returns: what to say when opening balance and entries do not make the closing balance.
func balanceGap(_ opening: Money, _ net: Int128, _ closing: Money, _ currency: Currency) -> String? {
    let (first, last) = (Int128(opening.minor), Int128(closing.minor))
    let difference = last - first - net
    guard difference != 0 else { return nil }
    func text(_ minor: Int128) -> String { readableText(minor, currency) }
    let entries = "\(net < 0 ? "\u{2212}" : "+") entries \(text(Int128(net.magnitude)))"
    return "\(Finding.balanceGap): opening \(text(first)) \(entries) = \(text(first + net)), "
        + "closing \(text(last)) \(closing.currency.code), difference \(text(difference))"
}

/// One statement of a text format while it is read.
struct RunningStatement {
    struct Balance {
        var amount: Money
        var line: Int
    }

    let path: String
    var header: StatementHeader
    var opening: Balance?
    var closing: Balance?
    private var findings = FindingList()
    private(set) var all = CamtTally()
    private var booked: Int128 = 0
    private(set) var hasBegun = false

    init(path: String, header: StatementHeader) { (self.path, self.header) = (path, header) }

    mutating func find(_ line: Int?, _ message: String) { findings.add(line, message) }

    /// - Parameter fallback: The currency to take when the file names none.
    mutating func begin(line: Int, fallback: Currency?) throws(FileFault) -> StatementEvent {
        header.currency = header.currency ?? fallback
        guard !header.account.isEmpty else { throw FileFault(path: path, line: line, "the statement names no account before its entries") }
        guard header.currency != nil else {
            throw FileFault(path: path, line: line, "the statement names no currency: say it with --currency")
        }
        hasBegun = true
        return .began(header)
    }

    /// An entry in another currency than the account's is in no sum.
    mutating func add(_ entry: BankEntry) -> StatementEvent {
        guard entry.amount.currency == header.currency else { return .entry(entry) }
        all.add(entry.amount)
        if entry.status == .booked { booked += Int128(entry.amount.minor) }
        return .entry(entry)
    }

    mutating func end() -> StatementEvent {
        if let opening, let closing {
            if opening.amount.currency != closing.amount.currency {
                find(closing.line, "opening balance in \(opening.amount.currency.code), closing balance in \(closing.amount.currency.code)")
            } else if let message = balanceGap(opening.amount, booked, closing.amount, closing.amount.currency) {
                find(closing.line, message)
            }
        }
        return .ended(opening: opening?.amount, closing: closing?.amount, findings: findings.told)
    }

    /// An amount in `currency`; more decimals than it has are rounded, with a finding.
    mutating func money(
        _ text: some StringProtocol, _ currency: Currency, line: Int, upTo bound: Int64 = Money.entryBound
    ) throws(FileFault) -> Money {
        guard let number = decimalNumber(text) else { throw FileFault(path: path, line: line, "amount \(text) is not a number") }
        guard let (minor, isExact) = minorUnits(number, in: currency, upTo: bound) else {
            throw FileFault(path: path, line: line, "amount \(text) \(currency.code) is above the largest that may be entered")
        }
        let amount = Money(minor: minor, currency)
        if !isExact { find(line, "amount \(text) \(currency.code) has more decimals than the currency: taken as \(amount.decimal)") }
        return amount
    }
}

/// Of six digits YYMMDD. Years 70 to 99 are of the last century; a day after its month's end, which 30-day calendars know, is
/// the month's last.
struct ShortDate {
    let day: Day
    let isMoved: Bool

    init?(_ digits: some StringProtocol) {
        let bytes = Array(digits.utf8)
        guard bytes.count == 6, bytes.allSatisfy(\.isDigit) else { return nil }
        func pair(_ at: Int) -> Int { Int(bytes[at] - 48) * 10 + Int(bytes[at + 1] - 48) }
        self.init(year: pair(0) + (pair(0) >= 70 ? 1900 : 2000), month: pair(2), day: pair(4))
    }

    init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
        let last = Day.length(ofMonth: month, year: year)
        guard let found = Day(year: year, month: month, day: min(day, last)) else { return nil }
        (self.day, isMoved) = (found, day > last)
    }
}
