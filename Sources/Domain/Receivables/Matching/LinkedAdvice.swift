/// A remittance advice that is linked to a receipt, as cash application reads it: amounts in minor units of `currency`.
package struct LinkedAdvice: Equatable, Sendable {
    package struct Line: Equatable, Sendable {
        /// Its place in the advice, from 1.
        package let number: Int64
        package let document: String
        package let alsoKnownAs: [String]
        /// What is paid for it: below zero where a credit is taken, nil when the advice does not say.
        package let paidMinor: Int64?
        /// What the payer keeps as cash discount, zero or above.
        package let discountMinor: Int64
        /// What the payer keeps for reasons of its own.
        package let deductionMinor: Int64
        package let deductionReasons: String
        /// Where the file says it: `document 11:3-9; paid 11:12-18`.
        package let citations: String

        /// - Parameters:
        ///   - isCredit: The document is a credit note; payers write what they take of it with either sign.
        ///   - grossMinor: Where `paidMinor` is nil, what is paid is this less discount and deduction.
        package init(
            number: Int64, document: String, alsoKnownAs: [String] = [], isCredit: Bool = false, grossMinor: Int64? = nil,
            paidMinor: Int64?, discountMinor: Int64 = 0, deductionMinor: Int64 = 0, deductionReasons: String = "", citations: String = ""
        ) {
            (self.number, self.document, self.alsoKnownAs, self.citations) = (number, document, alsoKnownAs, citations)
            (self.discountMinor, self.deductionMinor, self.deductionReasons) = (discountMinor, deductionMinor, deductionReasons)
            let paid = paidMinor ?? grossMinor.map { $0 - discountMinor - deductionMinor }
            self.paidMinor = isCredit ? paid.map { -Int64($0.magnitude) } : paid
        }
    }

    package let id: Int64
    package let currency: Currency
    /// By what it was linked to the receipt: `reference` or `payer`.
    package let rule: String
    package let lines: [Line]
    package init(id: Int64, currency: Currency, rule: String, lines: [Line]) {
        (self.id, self.currency, self.rule, self.lines) = (id, currency, rule, lines)
    }
}

/// An advice whose lines have been looked up among the open items.
package struct AdviceCase: Equatable, Sendable {
    package struct Entry: Equatable, Sendable {
        package let line: LinkedAdvice.Line
        package let item: NamedItem?
        /// Why the line names no one open document; empty when it does.
        package let trouble: String
    }
    package let id: Int64
    package let currency: Currency
    package let rule: String
    package let entries: [Entry]
    package var items: [NamedItem] { entries.compactMap(\.item) }
}

extension MatchIndex {
    /// Looks up what the lines of an advice name. Lines that pay nothing name nothing.
    ///
    /// - Parameter payers: Where a number is that of several documents, theirs comes first.
    func read(_ advice: LinkedAdvice, payers: Set<ID<Customer>>) -> AdviceCase {
        let entries = advice.lines.filter { $0.paidMinor != 0 }.map { line in
            let texts = [line.document] + line.alsoKnownAs, isCredit = (line.paidMinor ?? 0) < 0
            for text in texts {
                var found = documents(named: text).filter { items[Int($0.item)].amount.currency == advice.currency }
                found.removeAll { (items[Int($0.item)].amount.minor < 0) != isCredit }
                for keep in [{ self.items[Int($0)].item.open.minor != 0 }, { payers.contains(self.items[Int($0)].customer) }]
                    as [(Int32) -> Bool]
                {
                    let kept = found.filter { keep($0.item) }
                    if found.count > 1, !kept.isEmpty { found = kept }
                }
                guard let first = found.first else { continue }
                let item = items[Int(first.item)], name = item.item.number
                guard found.count == 1 else {
                    return AdviceCase.Entry(line: line, item: nil, trouble: "\(text) is the number of several documents")
                }
                let named = NamedItem(
                    customer: item.customer, item: item.item, amount: item.amount, reference: item.reference(first.field),
                    strength: .advised)
                return AdviceCase.Entry(line: line, item: named, trouble: item.item.open.minor == 0 ? "\(name) is settled already" : "")
            }
            return AdviceCase.Entry(line: line, item: nil, trouble: "\(line.document) is no open document of ours")
        }
        return AdviceCase(id: advice.id, currency: advice.currency, rule: advice.rule, entries: entries)
    }

    /// Documents whose own number, else whose order's, is the text; else what stands in it.
    private func documents(named text: String) -> [(item: Int32, field: Int32)] {
        var found: [(item: Int32, field: Int32)] = []
        let bytes = ReferenceText(text).bytes
        if !bytes.isEmpty { words.references.forEach(ReferenceKey.whole(bytes)) { found.append(($0 / 4, $0 % 4)) } }
        if found.isEmpty {
            let scan = ReferenceScan(words, structured: nil, ReferenceText(text), endToEndID: nil)
            found = scan.hits.filter { $0.strength >= .number }.map { ($0.item, $0.field) }
        }
        if found.contains(where: { $0.field == 0 }) { found.removeAll { $0.field != 0 } }
        var seen: Set<Int32> = []
        return found.filter { seen.insert($0.item).inserted }
    }
}
