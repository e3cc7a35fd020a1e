/// A place in a file: a line and characters of it, both counted from 1, `columns` past its end exclusive.
package struct Citation: Hashable, Sendable, CustomStringConvertible {
    package struct Piece: Hashable, Sendable {
        package var line: Int
        package var columns: Range<Int>
        package init(line: Int, columns: Range<Int>) { (self.line, self.columns) = (line, columns) }
    }
    package var line: Int
    package var columns: Range<Int>
    /// Where it goes on, in its order, when the file cuts it at the end of a line.
    package var further: [Piece]
    package init(line: Int, columns: Range<Int>, further: [Piece] = []) {
        (self.line, self.columns, self.further) = (line, columns, further)
    }

    /// `12:5-13`; cut, `12:80-84+13:4-9`.
    package var description: String {
        ([Piece(line: line, columns: columns)] + further).map { "\($0.line):\($0.columns.lowerBound)-\($0.columns.upperBound)" }
            .joined(separator: "+")
    }
}

/// A value and the place where its file says it.
package struct Cited<Value: Equatable & Sendable>: Equatable, Sendable {
    package var value: Value
    package var at: Citation
    package init(_ value: Value, _ at: Citation) { (self.value, self.at) = (value, at) }
}

/// What a payer says a payment is for, whatever the format: every field with the place where it stands.
package struct RemittanceAdvice: Equatable, Sendable {
    package enum DocumentKind: String, CaseIterable, Sendable {
        case invoice, creditNote = "credit_note", debitNote = "debit_note", order, other
    }

    package struct Deduction: Equatable, Sendable {
        /// What the payer keeps: above zero lowers the payment.
        package var amount: Cited<Money>
        /// The payer's own code or words.
        package var reason: Cited<String>?
        package init(amount: Cited<Money>, reason: Cited<String>? = nil) { (self.amount, self.reason) = (amount, reason) }
    }

    package struct Line: Equatable, Sendable {
        package var document: Cited<String>
        package var kind: DocumentKind
        package var issuedOn: Cited<Day>?
        package var gross: Cited<Money>?
        package var discount: Cited<Money>?
        package var deductions: [Deduction] = []
        /// Negative where a credit note is taken.
        package var paid: Cited<Money>?
        /// Other numbers of the same document: purchase order, delivery, contract.
        package var alsoKnownAs: [Cited<String>] = []
        package init(_ document: Cited<String>, kind: DocumentKind = .invoice) { (self.document, self.kind) = (document, kind) }
    }

    /// `X12 820 004010`, `EDIFACT REMADV D.96A`, `CSV`, `mail`, `PDF`.
    package var format: String
    package var payerName: Cited<String>?
    /// Account, tax and customer numbers, bank codes, as the payer states them.
    package var payerIdentifiers: [Cited<String>] = []
    /// Trace, check or transfer number: what the bank's entry may name too.
    package var paymentReference: Cited<String>?
    package var paidOn: Cited<Day>?
    package var currency: Currency
    package var total: Cited<Money>?
    package var lines: [Line] = []
    package var findings: [Finding] = []
    package init(format: String, currency: Currency) { (self.format, self.currency) = (format, currency) }

    /// The sum of what the lines pay; nil when one does not say or the sum is out of bounds.
    package var paidByLines: Money? {
        var sum: Int128 = 0
        for line in lines {
            guard let paid = line.paid?.value, paid.currency == currency else { return nil }
            sum += Int128(paid.minor)
        }
        guard let minor = Int64(exactly: sum), minor.magnitude <= Money.bound.magnitude else { return nil }
        return Money(minor: minor, currency)
    }
}
