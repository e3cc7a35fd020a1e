import Domain

/// Finds the lines of an advice in text: rows of a table below its headings, labels of one document each, or sentences that name a
/// document and an amount.
struct RemittanceText {
    var draft: RemittanceDraft
    /// What labels say on lines of their own: `Invoices: INV-1`, `Deduction: $5.00 damaged`.
    var labelled: [RemittanceAdvice.Line] = []
    var kept: [RemittanceAdvice.Deduction] = []
    /// The document that labels speak of, one below the other.
    var block: RemittanceAdvice.Line?
    var headings: [Heading] = []
    /// Whether a heading says that amounts stand before what is kept.
    var isGrossHeaded = false
    /// A row's document whose amounts stand on the next line.
    var held: (words: [RemittanceWord], line: Int)?
    /// What the text says is sent as a whole, and the totals with the count of lines before each.
    var lump: Cited<Money>?
    var totals: [(lineCount: Int, total: Cited<Money>)] = []
    /// Lines whose amount bears a mark or stands in a column of a ledger: whether it is a credit.
    var sides: [Int: Bool] = [:]
    /// Lines that say `less`: what is taken off, and whether the amount before may be what is paid all the same.
    var lessened: [(line: Int, isDiscount: Bool)] = []
    /// Lines that say what is kept, and in no column what is paid.
    var unsaid: [Int] = []
    /// Amounts on lines that name no document.
    var unnamed: [(line: Int, amounts: [Money], text: String)] = []
    /// The day of the mail, which stands for that of the payment where the text names none.
    var sentOn: Cited<Day>?
    private var isUnpaidList = false
    private var isPayerSender = false
    private let days: RemittanceWord.DayOrder
    private let mail: MailText?

    /// The longest line that is read, in bytes.
    static let lineBound = 4_096

    struct Heading {
        var kind: RemittanceHeading
        var columns: Range<Int>
        var cell: Int
        /// Whether it addresses us: the column of our own numbers.
        var isOurs = false
    }

    /// - Parameter sender: Of the mail, unless a label says who pays.
    init(_ draft: RemittanceDraft, _ mail: MailText?, days: RemittanceWord.DayOrder, sender: Cited<String>?) {
        (self.draft, self.mail, self.days) = (draft, mail, days)
        self.draft.advice.payerName = sender
        isPayerSender = sender != nil
    }

    /// Where the file says what stands at these characters of the text.
    func place(_ line: Int, _ columns: Range<Int>) -> Citation {
        mail?.citation(line, columns) ?? Citation(line: line, columns: columns)
    }

    mutating func find(_ line: Int, _ message: String) { draft.find(mail?.sourceLine(line) ?? line, message) }

    mutating func money(_ word: RemittanceWord, _ line: Int) throws(FileFault) -> Cited<Money> {
        try draft.money(Cited(word.amount ?? "", place(line, word.columns)), decimal: ".")
    }

    mutating func take(_ text: String, line: Int) throws(FileFault) {
        let words = RemittanceWord.words(of: text, days: days), lower = text.lowercased()
        guard !words.isEmpty else {
            (isUnpaidList, held) = (false, nil)
            return
        }
        let amounts = words.filter { $0.amount != nil }
        takeHead(words, text, lower, line)
        let currencies = RemittanceWord.currencies(words, likely: draft.advice.currency)
        if !amounts.isEmpty, !currencies.isEmpty, !currencies.contains(draft.advice.currency.code) {
            return find(line, "is in \(currencies.sorted().joined(separator: ", ")) and not in \(draft.advice.currency.code): left out")
        }
        if isListedUnpaid(words, amounts, lower) {
            if !amounts.isEmpty { find(line, "stands in a list of what is not paid: left out") }
            return
        }
        // What a page carries over is said by the lines; a line that names a document is one of them.
        if !amounts.isEmpty, RemittanceHeading.carriedWords.contains(where: lower.contains),
            documents(words).isEmpty || RemittanceHeading.carriedWords.contains(where: lower.trimmed.hasPrefix)
        {
            return
        }
        if try takeBlock(words, text, line) { return }
        try takeLabel(words, amounts, lower, line)
        if amounts.isEmpty, let found = headings(of: text, words) {
            closeBlock()
            (headings, held) = (found, nil)
        } else if !amounts.isEmpty, RemittanceHeading.totalWords.contains(where: lower.contains), documents(words).isEmpty {
            try takeTotal(amounts, line)
        } else if amounts.isEmpty {
            held = headings.isEmpty ? nil : (words, line)
        } else {
            let unpaid = headings.isEmpty ? RemittanceClause.unpaid(words) : []
            let paid = amounts.filter { amount in !unpaid.contains { $0.contains(amount.columns.lowerBound) } }
            if paid.count < amounts.count { find(line, "says what is not paid: left out") }
            if !paid.isEmpty { try takeLine(words, paid, line) }
        }
    }

    /// Whether the line stands below one that says of what follows that it is not paid.
    private mutating func isListedUnpaid(_ words: [RemittanceWord], _ amounts: [RemittanceWord], _ lower: String) -> Bool {
        if amounts.isEmpty, RemittanceClause.opensUnpaid(words) {
            isUnpaidList = true
            return true
        }
        if amounts.isEmpty && words.last?.text.hasSuffix(":") == true
            || documents(words).isEmpty && RemittanceHeading.totalWords.contains(where: lower.contains)
        {
            isUnpaidList = false
        }
        return isUnpaidList
    }

    private mutating func takeTotal(_ amounts: [RemittanceWord], _ line: Int) throws(FileFault) {
        closeBlock()
        var total = try money(headed(amounts, as: .paid) ?? amounts[amounts.count - 1], line)
        if !headings.isEmpty, amounts.count > 1 {
            var sums: [RemittanceHeading: Int64] = [:]
            for (amount, kind) in zip(amounts, kinds(of: amounts)) {
                guard let kind else { continue }
                sums[kind, default: 0] += try money(amount, line).value.minor
            }
            let less = (sums[.discount] ?? 0) + (sums[.deduction] ?? 0)
            if let credit = sums[.credit], let debit = sums[.debit] {
                total.value = Money(minor: abs(credit - debit), draft.advice.currency)
            } else if sums[.paid] == nil, isGrossHeaded, let gross = sums[.gross] {
                total.value = Money(minor: gross < 0 ? gross + abs(less) : gross - abs(less), draft.advice.currency)
            }
        }
        draft.advice.total = total
        totals.append((draft.advice.lines.count, total))
    }

    /// The first number behind the word for a reference of the payment.
    private func reference(_ words: [RemittanceWord], _ lower: String) -> RemittanceWord? {
        let ends = RemittanceHeading.referenceWords.compactMap { name -> Int? in
            guard let range = lower.firstRange(of: name) else { return nil }
            let isWhole = range.lowerBound == lower.startIndex || !lower[lower.index(before: range.lowerBound)].isLetter
            return isWhole || name.count > 3 ? lower.distance(from: lower.startIndex, to: range.upperBound) : nil
        }
        guard let end = ends.min() else { return nil }
        return words.first { $0.document != nil && $0.columns.lowerBound > end } ?? words.last { $0.document != nil }
    }

    /// Payer, reference and day, told by the label before them.
    private mutating func takeHead(_ words: [RemittanceWord], _ text: String, _ lower: String, _ line: Int) {
        takePayer(text, line)
        guard headings.isEmpty else { return }
        if draft.advice.paymentReference == nil, let word = reference(words, lower) {
            draft.advice.paymentReference = Cited(word.document ?? word.text, place(line, word.columns))
        }
        if let name = label(of: text)?.name, isOtherDay(name) { return }
        let named = documents(words)
        func isIssue(_ word: RemittanceWord) -> Bool { named.contains { isDay(word, of: $0, words) } }
        if draft.advice.paidOn == nil, let word = words.first(where: { $0.day != nil && !isIssue($0) }), let day = word.day {
            draft.advice.paidOn = Cited(day, place(line, word.columns))
        }
        if let written = RemittanceWord.writtenDay(in: words) {
            let day = Cited(written.day, place(line, written.columns))
            if ["date:", "sent:", "datum:", "gesendet:", "envoyé", "enviado", "inviato", "verzonden", "skickat", "sendt", "wysłano"]
                .contains(
                    where: lower.trimmed.hasPrefix)
            {
                sentOn = sentOn ?? day
            } else {
                draft.advice.paidOn = draft.advice.paidOn ?? day
            }
        }
    }

    /// Whether a label names a day that is not that of the payment: of a document, or until which it is due.
    private func isOtherDay(_ name: String) -> Bool {
        guard RemittanceHeading(name) == .date, !RemittanceHeading.paymentDayWords.contains(where: name.contains) else { return false }
        return block != nil || (RemittanceHeading.documentWords + RemittanceHeading.dueWords).contains(where: name.contains)
    }

    private mutating func takePayer(_ text: String, _ line: Int) {
        guard let colon = text.firstIndex(of: ":") else { return }
        let word = text[..<colon].lowercased().trimmed
        guard RemittanceHeading.payerWords.contains(word) else { return }
        guard draft.advice.payerName == nil || isPayerSender && RemittanceHeading.payers.contains(word) else { return }
        let rest = text[text.index(after: colon)...], lead = rest.prefix { $0.isWhitespace || $0 == "\"" }
        let name = String(rest.dropFirst(lead.count).prefix { $0 != "<" && $0 != "[" && $0 != "\"" }).trimmed
        guard !name.isEmpty else { return }
        let start = text.distance(from: text.startIndex, to: colon) + 2 + lead.count
        draft.advice.payerName = Cited(name, place(line, start..<start + name.count))
        isPayerSender = word == "from"
    }
}
