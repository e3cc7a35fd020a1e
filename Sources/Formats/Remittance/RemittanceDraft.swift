import Domain

/// An advice while a reader reads it.
struct RemittanceDraft {
    let path: String
    var advice: RemittanceAdvice
    private var findings = FindingList()

    init(path: String, format: String, currency: Currency) {
        (self.path, advice) = (path, RemittanceAdvice(format: format, currency: currency))
    }

    mutating func find(_ line: Int?, _ message: String) { findings.add(line, message) }

    /// - Parameter mark: The decimal mark; nil takes comma or point, whichever comes last.
    /// - Errors: `FileFault` for what is no number or above the largest amount that may be entered.
    mutating func money(_ text: Cited<String>, decimal mark: Character? = nil) throws(FileFault) -> Cited<Money> {
        let number = mark.map { DecimalNumber(text.value.replacing(String($0), with: ".")) } ?? decimalNumber(text.value)
        guard let number else { throw FileFault(path: path, line: text.at.line, "amount \(text.value) is not a number") }
        guard let (minor, isExact) = minorUnits(number, in: advice.currency, upTo: Money.entryBound) else {
            throw FileFault(path: path, line: text.at.line, "amount \(text.value) is above the largest that may be entered")
        }
        if !isExact { find(text.at.line, "amount \(text.value) has more decimals than \(advice.currency.code): rounded") }
        return Cited(Money(minor: minor, advice.currency), text.at)
    }

    /// The advice with what does not add up in it: a line's own parts, and the lines against the total.
    mutating func finished() -> RemittanceAdvice {
        for line in advice.lines {
            guard let gross = line.gross, let paid = line.paid else { continue }
            let less = line.deductions.reduce(Int128(line.discount?.value.minor ?? 0)) { $0 + Int128($1.amount.value.minor) }
            guard line.discount != nil || !line.deductions.isEmpty, Int128(gross.value.minor) - less != Int128(paid.value.minor) else {
                continue
            }
            let told = less.magnitude <= Money.bound ? Money(minor: Int64(less), advice.currency).readable : "more than any amount"
            find(paid.at.line, "\(line.document.value): \(gross.value.readable) less \(told) is not \(paid.value.readable)")
        }
        if let total = advice.total, !advice.lines.isEmpty, let paid = advice.paidByLines, paid != total.value {
            find(total.at.line, "the lines pay \(paid.readable), the total is \(total.value.readable)")
        }
        advice.findings = findings.told
        return advice
    }
}

/// `20260105` or `260105`.
func compactDay(_ text: Cited<String>?) -> Cited<Day>? {
    guard let text else { return nil }
    let digits = text.value.prefix(8)
    if digits.utf8.count == 8, let day = ofxDay(String(digits)) { return Cited(day, text.at) }
    return ShortDate(text.value.prefix(6)).flatMap { text.value.utf8.count == 6 ? Cited($0.day, text.at) : nil }
}
