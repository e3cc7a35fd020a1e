import Domain

/// An advice while a reader reads it.
struct RemittanceDraft {
    let path: String
    var advice: RemittanceAdvice
    /// Whether people wrote it, who give a credit note no sign: its name is enough.
    private let isWritten: Bool
    private var findings = FindingList()

    init(path: String, format: String, currency: Currency, isWritten: Bool = false) {
        self.isWritten = isWritten
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
        takeCreditsOff()
        turnSigns()
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

extension RemittanceDraft {
    func sum(_ sum: Cited<Money>?, _ amount: Cited<Money>) throws(FileFault) -> Cited<Money> {
        guard let sum else { return amount }
        let (minor, isOver) = sum.value.minor.addingReportingOverflow(amount.value.minor)
        guard !isOver, minor.magnitude <= Money.entryBound.magnitude else {
            throw FileFault(path: path, line: amount.at.line, "the amounts of a document are above the largest that may be entered")
        }
        return Cited(Money(minor: minor, advice.currency), sum.at)
    }

    /// Some payers sign what they keep as what it does to the payment.
    private mutating func turnSigns() {
        for at in advice.lines.indices {
            let line = advice.lines[at]
            guard let gross = line.gross, let paid = line.paid else { continue }
            let less = line.deductions.reduce(Int128(line.discount?.value.minor ?? 0)) { $0 + Int128($1.amount.value.minor) }
            guard less != 0, Int128(gross.value.minor) + less == Int128(paid.value.minor) else { continue }
            advice.lines[at].discount = line.discount.map { Cited(-$0.value, $0.at) }
            advice.lines[at].deductions = line.deductions.map { .init(amount: Cited(-$0.amount.value, $0.amount.at), reason: $0.reason) }
        }
    }

    /// Credit notes that are stated above zero lower the payment: where the total says so, and where people wrote it and no total says
    /// otherwise.
    private mutating func takeCreditsOff() {
        var turned = advice
        for at in turned.lines.indices where turned.lines[at].kind == .creditNote {
            guard let paid = turned.lines[at].paid, paid.value.minor > 0 else { continue }
            turned.lines[at].paid = Cited(-paid.value, paid.at)
            turned.lines[at].gross = turned.lines[at].gross.map { $0.value.minor > 0 ? Cited(-$0.value, $0.at) : $0 }
            turned.lines[at].discount = turned.lines[at].discount.map { $0.value.minor > 0 ? Cited(-$0.value, $0.at) : $0 }
        }
        guard turned != advice else { return }
        let total = advice.total?.value
        let addsUp = total != nil && turned.paidByLines == total
        let hasInvoice = advice.lines.contains { $0.kind != .creditNote && ($0.paid?.value.minor ?? 0) > 0 }
        if addsUp || isWritten && hasInvoice && (total == nil || advice.paidByLines != total) { advice = turned }
    }
}

/// An account as banks' files have it: an IBAN, else its number behind the code of its bank with a slash between them; cited where the number
/// stands.
///
/// - Parameter bank: Empty where none is told.
func citedAccount(_ number: Cited<String>?, bank: String) -> Cited<String>? {
    guard let number else { return nil }
    let plain = number.value.withoutBlanks, code = bank.withoutBlanks
    return Cited(isIBAN(plain) || code.isEmpty ? plain : "\(code)/\(plain)", number.at)
}

/// `20260105` or `260105`.
func compactDay(_ text: Cited<String>?) -> Cited<Day>? {
    guard let text else { return nil }
    let digits = text.value.prefix(8)
    if digits.utf8.count == 8, let day = ofxDay(String(digits)) { return Cited(day, text.at) }
    return ShortDate(text.value.prefix(6)).flatMap { text.value.utf8.count == 6 ? Cited($0.day, text.at) : nil }
}
