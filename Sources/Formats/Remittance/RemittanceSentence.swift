import Domain

/// Sentences and lists that name documents and amounts.
extension RemittanceText {
    /// Words that speak of money that is sent, by how they begin.
    private static let payWords = [
        "pay", "paid", "ach", "wire", "transfer", "remit", "check", "cheque", "bacs", "sent", "eft", "zahl", "gezahlt", "bezahl", "überw",
        "virement", "viré", "réglé", "règlement", "paiement", "payé", "pago", "pagado", "transfer", "bonifico", "pagamento", "betaling",
        "betaald", "overboek", "overgemaakt", "betal", "inbetal", "maksu", "maksoi", "przelew", "zapła", "płatno", "platb", "úhrad",
        "ödeme",
        "havale",
    ]

    /// Whether a word of the line says that money is sent.
    func saysPayment(_ words: [RemittanceWord]) -> Bool {
        words.contains { word in
            let name = word.text.lowercased().drop { !$0.isLetter }
            return Self.payWords.contains(where: name.hasPrefix)
        }
    }

    private struct Part {
        var amount: RemittanceWord
        var kind: RemittanceHeading
    }

    mutating func takeSentence(
        _ words: [RemittanceWord], _ amounts: [RemittanceWord], _ found: [RemittanceWord], _ line: Int
    ) throws(FileFault) {
        var parts = zip(amounts, prose(amounts, words)).map { Part(amount: $0, kind: $1) }
        // What is sent as a whole beside what each document takes of it: `ACH of $1,800.00 covers INV-1 - $1,000.00, INV-2 - $800.00`.
        let start = found[0].columns.lowerBound
        if parts.count > found.count, let first = parts.first, first.kind == .paid, first.amount.columns.lowerBound < start,
            saysPayment(words.filter { $0.columns.lowerBound < start }),
            parts.contains(where: { $0.kind == .paid && $0.amount.columns.lowerBound > start })
        {
            if lump == nil { lump = try money(first.amount, line) }
            parts.removeFirst()
        }
        if found.count == 1 { return try takeSaid(found[0], words, parts, line) }
        if found.count == parts.count {
            for (word, part) in zip(found, parts) { try takeSaid(word, words, [Part(amount: part.amount, kind: .paid)], line) }
            return
        }
        // Each document with the amounts between it and the next one.
        let ends = found.dropFirst().map(\.columns.lowerBound) + [Int.max]
        let groups = zip(found, ends).map { word, end in
            parts.filter { $0.amount.columns.lowerBound >= word.columns.upperBound && $0.amount.columns.lowerBound < end }
        }
        let areTold = groups.allSatisfy { group in group.count { $0.kind == .paid } == 1 }
        guard areTold, groups.reduce(0, { $0 + $1.count }) == parts.count else {
            return find(line, "\(found.count) documents and \(parts.count) amounts on one line: a person must tell which is which")
        }
        for (word, group) in zip(found, groups) { try takeSaid(word, words, group, line) }
    }

    private mutating func takeSaid(
        _ document: RemittanceWord, _ words: [RemittanceWord], _ parts: [Part], _ line: Int
    ) throws(FileFault) {
        var read = advised(document, isCredit(document, words), line)
        takeDay(words, of: document, into: &read, line)
        _ = try fill(&read, parts.map(\.amount), parts.map(\.kind), line)
        if let paid = read.paid {
            if isLess(document, words) {
                read.kind = .creditNote
                if paid.value.minor > 0 { read.paid = Cited(-paid.value, paid.at) }
            } else if paid.value.minor < 0, read.kind == .invoice, isInBrackets(parts[0].amount, behind: document, words) {
                read.paid = unsigned(paid)
            }
        }
        let sums = parts.filter { $0.kind == .paid }
        let start = sums.first?.amount.columns.lowerBound ?? Int.max
        if let paid = read.paid, read.gross == nil, read.less > 0, words.contains(where: { $0.columns.lowerBound > start && isLess($0) }) {
            let rest = sums.count == 2 ? try money(sums[1].amount, line) : nil
            if let rest, paid.value.minor - read.less == rest.value.minor {
                (read.gross, read.paid) = (paid, rest)
            } else {
                lessened.append((draft.advice.lines.count, read.deductions.isEmpty))
            }
        }
        if let isCredit = sums.first?.amount.isCredit { sides[draft.advice.lines.count] = isCredit }
        append(read)
    }

    /// The word before an amount says what it is, or that it is taken off the one before; nothing said, it is what is paid.
    private func prose(_ amounts: [RemittanceWord], _ words: [RemittanceWord]) -> [RemittanceHeading] {
        amounts.enumerated().map { at, amount in
            let before = words.filter { $0.columns.upperBound <= amount.columns.lowerBound }
            let kind = RemittanceHeading(before.suffix(2).map(\.text).joined(separator: " "))
            if let kind, kind == .discount || kind == .deduction { return kind }
            let start = at > 0 ? amounts[at - 1].columns.upperBound : 0
            let since = before.filter { $0.columns.lowerBound >= start }
            if at > 0, since.contains(where: isLess), !since.contains(where: { $0.document != nil }) {
                return RemittanceHeading(since.map(\.text).joined(separator: " ")) == .discount ? .discount : .deduction
            }
            return kind == .gross && amounts.count > 1 ? .gross : .paid
        }
    }

    private func isLess(_ word: RemittanceWord) -> Bool {
        RemittanceHeading.lessWords.contains(word.text.lowercased().filter(\.isLetter))
    }

    /// Whether a document is taken off those before it: `less CM-4410`.
    private func isLess(_ document: RemittanceWord, _ words: [RemittanceWord]) -> Bool {
        let before = words.filter { $0.columns.upperBound <= document.columns.lowerBound }
        return before.reversed().prefix { $0.amount == nil && $0.document == nil }.contains(where: isLess)
    }

    /// `Invoice 4711 (500.00)`: brackets of a sentence, no sign.
    private func isInBrackets(_ amount: RemittanceWord, behind document: RemittanceWord, _ words: [RemittanceWord]) -> Bool {
        guard amount.text.hasPrefix("("), !RemittanceHeading.isCreditNumber(document.text),
            let at = words.firstIndex(where: { $0.columns == amount.columns }), at > 0
        else { return false }
        return words[at - 1].columns == document.columns
    }

    /// A document is what the last word for one before it says; where none stands before the only one, any word of the line.
    private func isCredit(_ document: RemittanceWord, _ words: [RemittanceWord]) -> Bool {
        let named = words.last { word in
            word.columns.lowerBound < document.columns.lowerBound && word.document == nil && RemittanceHeading.namesDocument(word.text)
        }
        if let named { return RemittanceHeading.namesCredit(named.text) }
        return words.count { $0.document != nil } == 1 && !words.contains(where: isLess)
            && words.contains { RemittanceHeading.namesCredit($0.text) }
    }
}
