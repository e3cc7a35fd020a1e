import Domain

/// Finds the lines of an advice in text: rows of a table below its headings, or sentences that name a document and an amount.
///
/// - Errors: `FileFault` for a file above 8 MiB, without a currency, or without any line that names a document and an amount.
func readRemittanceText(_ path: String, format: String, fallback: Currency?) throws(FileFault) -> RemittanceAdvice {
    let lines = try TextLines(path: path)
    var texts: [String] = [], size = 0
    while let text = try lines.next() {
        size += text.utf8.count + 1
        guard size <= PlacedText.byteBound else { throw FileFault(path: path, line: lines.number, "is above 8 MiB: is it the right file?") }
        texts.append(text)
    }
    // Some mails say in plain text no more than that they are to be read as HTML.
    let mail = MailText(texts), html = mail == nil ? nil : MailText(texts, wanted: "text/html")
    guard let html, let mail, html.lines != mail.lines else { return try advice(path, format, texts, mail, fallback) }
    do throws(FileFault) { return try advice(path, format, texts, mail, fallback) } catch {
        guard let read = try? advice(path, format, texts, html, fallback) else { throw error }
        return read
    }
}

private func advice(
    _ path: String, _ format: String, _ raw: [String], _ mail: MailText?, _ fallback: Currency?
) throws(FileFault) -> RemittanceAdvice {
    let encoded =
        mail != nil ? nil : mailEncoding(raw).map { FileFault(path: path, "is a mail whose text is encoded (\($0)): save it as text") }
    let texts = mail?.lines ?? raw
    guard let currency = statedCurrency(texts, fallback) ?? fallback else {
        throw encoded ?? FileFault(path: path, "names no currency: say it with --currency")
    }
    var reader = RemittanceText(RemittanceDraft(path: path, format: format, currency: currency, isWritten: true), mail)
    for (at, text) in texts.enumerated() where text.utf8.count <= 4_096 { try reader.take(text, line: at + 1) }
    reader.takeLabels()
    guard !reader.draft.advice.lines.isEmpty else {
        throw encoded ?? FileFault(path: path, "no line names a document and an amount: it is no remittance advice")
    }
    return reader.draft.finished()
}

/// The currency named most often, by code or sign.
private func statedCurrency(_ lines: [String], _ likely: Currency?) -> Currency? {
    var counts: [Currency: Int] = [:]
    for line in lines {
        for word in line.split(whereSeparator: { !$0.isLetter }) where word.utf8.count == 3 {
            if let currency = Currency(word) { counts[currency, default: 0] += 1 }
        }
        for sign in line {
            if let currency = RemittanceWord.code(of: sign, likely: likely).flatMap({ Currency($0) }) { counts[currency, default: 0] += 1 }
        }
    }
    return counts.filter { RemittanceWord.codes.contains($0.key.code) }.max { ($0.value, $1.key.code) < ($1.value, $0.key.code) }?.key
}

/// How a mail that is not plain text is encoded; nil for any other text.
private func mailEncoding(_ lines: [String]) -> String? {
    let name = "content-transfer-encoding:"
    let found = lines.prefix(200).first { $0.lowercased().hasPrefix(name) }.map { String($0.lowercased().dropFirst(name.count)).trimmed }
    return found == "base64" || found == "quoted-printable" ? found : nil
}

private struct RemittanceText {
    var draft: RemittanceDraft
    /// What labels say on lines of their own: `Invoices: INV-1`, `Deduction: $5.00 damaged`.
    private var labelled: [RemittanceAdvice.Line] = []
    private var kept: [RemittanceAdvice.Deduction] = []
    private var headings: [(kind: RemittanceHeading, columns: Range<Int>)] = []
    /// Where columns begin whose heading addresses us.
    private var ownColumns: Set<Int> = []
    /// The day of the mail, which stands for that of the payment where the text names none.
    private var sentOn: Cited<Day>?

    /// The longest text that heads a column.
    private static let headingBound = 40

    private let mail: MailText?

    init(_ draft: RemittanceDraft, _ mail: MailText?) { (self.draft, self.mail) = (draft, mail) }

    /// Where the file says what stands at these characters of the text.
    private func place(_ line: Int, _ columns: Range<Int>) -> Citation {
        mail?.citation(line, columns) ?? Citation(line: line, columns: columns)
    }

    private mutating func find(_ line: Int, _ message: String) { draft.find(mail?.sourceLine(line) ?? line, message) }

    mutating func take(_ text: String, line: Int) throws(FileFault) {
        let words = RemittanceWord.words(of: text), lower = text.lowercased()
        guard !words.isEmpty else { return }
        let amounts = words.filter { $0.amount != nil }
        takeHead(words, text, lower, line)
        let currencies = RemittanceWord.currencies(words, likely: draft.advice.currency)
        if !amounts.isEmpty, !currencies.isEmpty, !currencies.contains(draft.advice.currency.code) {
            return find(line, "is in \(currencies.sorted().joined(separator: ", ")) and not in \(draft.advice.currency.code): left out")
        }
        try takeLabel(words, amounts, lower, line)
        if amounts.isEmpty, let found = headings(of: text, words) {
            headings = found
        } else if let amount = amounts.last, RemittanceHeading.totalWords.contains(where: lower.contains), documents(words, lower).isEmpty {
            draft.advice.total = try money(headed(amounts, as: .paid) ?? amount, line)
        } else if !amounts.isEmpty {
            let unpaid = headings.isEmpty ? RemittanceClause.unpaid(words) : []
            let paid = amounts.filter { amount in !unpaid.contains { $0.contains(amount.columns.lowerBound) } }
            if paid.count < amounts.count { find(line, "says what is not paid: left out") }
            if !paid.isEmpty { try takeLine(words, paid, lower, line) }
        }
    }

    /// A line without amounts whose words head a document column and an amount column. A sentence has such words among others.
    private mutating func headings(of text: String, _ words: [RemittanceWord]) -> [(kind: RemittanceHeading, columns: Range<Int>)]? {
        var cells: [(text: String, columns: Range<Int>)] = []
        let characters = Array(text)
        let isWide = text.contains("  ") || text.contains("\t") || text.contains("|")
        for word in words {
            // Between single blanks a word that addresses us belongs to the next: `Beleg Ihr Beleg Betrag`.
            if let last = cells.last, isWide || RemittanceHeading.addressesUs(last.text) && !last.text.contains(" "),
                word.columns.lowerBound == last.columns.upperBound + 1, characters[last.columns.upperBound - 1] == " "
            {
                cells[cells.count - 1] = (last.text + " " + word.text, last.columns.lowerBound..<word.columns.upperBound)
            } else {
                cells.append((word.text, word.columns))
            }
        }
        let own = cells.filter { RemittanceHeading.addressesUs($0.text) }.map(\.columns.lowerBound)
        let found = cells.compactMap { cell in
            cell.text.count > Self.headingBound ? nil : RemittanceHeading(cell.text).map { (kind: $0, columns: cell.columns) }
        }
        guard isWide || found.count * 2 >= cells.count && !cells.dropLast().contains(where: { $0.text.hasSuffix(":") }) else { return nil }
        let hasAmount = found.contains { [.gross, .paid].contains($0.kind) }
        guard found.count >= 2, hasAmount, found.contains(where: { $0.kind == .document }) else { return nil }
        ownColumns = Set(own)
        return found
    }

    /// The column of our numbers: the one headed as ours, `Ihr Beleg`, where there are several.
    private var documentHeading: (kind: RemittanceHeading, columns: Range<Int>)? {
        let heads = headings.filter { $0.kind == .document }
        return heads.first { ownColumns.contains($0.columns.lowerBound) } ?? heads.first
    }

    private var amountHeadings: [(kind: RemittanceHeading, columns: Range<Int>)] {
        headings.filter { $0.kind != .document && $0.kind != .date }
    }

    /// Which heading an amount stands under: in order when there are as many, else the nearest right edge. Where amounts outnumber the
    /// headings each heading has the one nearest to it, and the others stand under none that is known.
    private func kinds(of amounts: [RemittanceWord]) -> [RemittanceHeading?] {
        let heads = amountHeadings
        if heads.count == amounts.count { return heads.map(\.kind) }
        func gap(_ head: Int, _ amount: Int) -> Int { abs(heads[head].columns.upperBound - amounts[amount].columns.upperBound) }
        return amounts.indices.map { amount in
            guard let head = heads.indices.min(by: { gap($0, amount) < gap($1, amount) }) else { return .paid }
            let isNearest = amounts.indices.allSatisfy { gap(head, amount) <= gap(head, $0) }
            return amounts.count < heads.count || isNearest ? heads[head].kind : nil
        }
    }

    private func headed(_ amounts: [RemittanceWord], as kind: RemittanceHeading) -> RemittanceWord? {
        headings.isEmpty ? nil : zip(amounts, kinds(of: amounts)).first { $0.1 == kind }?.0
    }

    /// Below headings the number under the document's, elsewhere the numbers behind a word for a document.
    private func documents(_ words: [RemittanceWord], _ lower: String) -> [RemittanceWord] {
        if let head = documentHeading {
            let found = words.filter { $0.document != nil }, heads = headings.filter { $0.kind == .document }
            if heads.count == found.count, let at = heads.firstIndex(where: { $0.columns == head.columns }) { return [found[at]] }
            return found.min { abs($0.columns.lowerBound - head.columns.lowerBound) < abs($1.columns.lowerBound - head.columns.lowerBound) }
                .map { [$0] } ?? []
        }
        var found: [RemittanceWord] = [], isNamed = false
        for word in words {
            let name = word.text.lowercased()
            if RemittanceHeading.documentWords.contains(where: name.hasPrefix)
                || RemittanceHeading.creditWords.contains(where: name.hasPrefix)
            {
                isNamed = true
            }
            if isNamed, word.document != nil { found.append(word) }
        }
        return found
    }

    private mutating func takeLine(_ words: [RemittanceWord], _ amounts: [RemittanceWord], _ lower: String, _ line: Int) throws(FileFault) {
        let found = documents(words, lower)
        guard let first = found.first else { return }
        guard found.count == 1 || found.count == amounts.count else {
            return find(line, "\(found.count) documents and \(amounts.count) amounts on one line: a person must tell which is which")
        }
        if found.count > 1 {
            for (word, amount) in zip(found, amounts) {
                var read = advised(word, isCredit(word, words), line)
                read.paid = try money(amount, line)
                draft.advice.lines.append(read)
            }
            return
        }
        var read = advised(first, RemittanceHeading.creditWords.contains(where: lower.contains), line)
        read.issuedOn = words.first { isDay($0, of: first, words) }.flatMap { word in word.day.map { Cited($0, place(line, word.columns)) }
        }
        let kinds = headings.isEmpty ? prose(amounts, words) : kinds(of: amounts)
        var unheaded: [Cited<Money>] = []
        for (amount, kind) in zip(amounts, kinds) {
            let money = try money(amount, line)
            switch kind {
            case .gross: read.gross = read.gross ?? money
            case .discount: read.discount = Cited(abs(money.value), money.at)
            case .deduction:
                if money.value.minor != 0 { read.deductions.append(.init(amount: Cited(abs(money.value), money.at))) }
            case .paid, .document, .date: read.paid = read.paid ?? money
            case nil: unheaded.append(Cited(abs(money.value), money.at))
            }
        }
        takeUnheaded(unheaded, of: &read, line)
        if read.paid == nil, read.discount == nil, read.deductions.isEmpty { read.paid = read.gross }
        draft.advice.lines.append(read)
    }

    /// What stands under an unknown heading was kept when it is what gross and paid differ by.
    private mutating func takeUnheaded(_ amounts: [Cited<Money>], of read: inout RemittanceAdvice.Line, _ line: Int) {
        guard !amounts.isEmpty else { return }
        let known = (read.discount?.value.minor ?? 0) + read.deductions.reduce(0) { $0 + $1.amount.value.minor }
        if let gross = read.gross, let paid = read.paid,
            gross.value.minor - paid.value.minor - known == amounts.reduce(0, { $0 + $1.value.minor })
        {
            read.deductions += amounts.filter { $0.value.minor != 0 }.map { .init(amount: $0) }
        } else {
            find(line, "\(amounts.map(\.value.readable).joined(separator: ", ")) under no heading that is known: left out")
        }
    }

    private func advised(_ word: RemittanceWord, _ isCredit: Bool, _ line: Int) -> RemittanceAdvice.Line {
        RemittanceAdvice.Line(Cited(word.document ?? word.text, place(line, word.columns)), kind: isCredit ? .creditNote : .invoice)
    }

    /// Of several documents each is what the last word for a document before it says.
    private func isCredit(_ document: RemittanceWord, _ words: [RemittanceWord]) -> Bool {
        func begins(_ word: RemittanceWord, _ names: [String]) -> Bool { names.contains(where: word.text.lowercased().hasPrefix) }
        let named = words.last { word in
            word.columns.lowerBound < document.columns.lowerBound && word.document == nil
                && (begins(word, RemittanceHeading.creditWords) || begins(word, RemittanceHeading.documentWords))
        }
        return named.map { begins($0, RemittanceHeading.creditWords) } ?? false
    }

    /// Whether a day stands right behind a document's number, as that of its issue: `4711 vom 03.11.2026`.
    private func isDay(_ word: RemittanceWord, of document: RemittanceWord, _ words: [RemittanceWord]) -> Bool {
        guard word.day != nil, let at = words.firstIndex(where: { $0.columns == word.columns }),
            let number = words.firstIndex(where: { $0.columns == document.columns }), number < at
        else { return false }
        let between = words[(number + 1)..<at].map { $0.text.lowercased() }
        return between.count <= 1 && between.allSatisfy(RemittanceHeading.dateWords.contains)
    }

    private mutating func takeLabel(
        _ words: [RemittanceWord], _ amounts: [RemittanceWord], _ lower: String, _ line: Int
    ) throws(FileFault) {
        guard headings.isEmpty, let label = words.first?.text.lowercased(), label.hasSuffix(":") else { return }
        if amounts.isEmpty, RemittanceHeading.documentWords.contains(where: label.hasPrefix) {
            for word in words.dropFirst() where word.document != nil {
                labelled.append(advised(word, RemittanceHeading.creditWords.contains(where: lower.contains), line))
            }
        } else if let amount = amounts.first, amounts.count == 1, RemittanceHeading(label) == .deduction, documents(words, lower).isEmpty {
            kept.append(.init(amount: try money(amount, line)))
        }
    }

    /// The one document that labels name takes the whole payment; what is kept of a document belongs to the line that pays it.
    mutating func takeLabels() {
        draft.advice.paidOn = draft.advice.paidOn ?? sentOn
        if draft.advice.lines.isEmpty, labelled.count == 1, let total = draft.advice.total {
            labelled[0].paid = total
            labelled[0].deductions = kept
            draft.advice.lines = labelled
        }
        for line in draft.advice.lines where line.paid == nil && !line.deductions.isEmpty {
            let named = draft.advice.lines.indices.filter { draft.advice.lines[$0].document.value == line.document.value }
            guard named.count == 2, let paid = named.first(where: { draft.advice.lines[$0].paid != nil }),
                let open = named.first(where: { draft.advice.lines[$0].paid == nil })
            else { continue }
            draft.advice.lines[paid].deductions += line.deductions
            draft.advice.lines.remove(at: open)
        }
    }

    /// In a sentence the word before an amount says what it is; nothing said, it is what is paid.
    private func prose(_ amounts: [RemittanceWord], _ words: [RemittanceWord]) -> [RemittanceHeading] {
        amounts.map { amount in
            let before = words.filter { $0.columns.upperBound <= amount.columns.lowerBound }.suffix(2).map(\.text).joined(separator: " ")
            let kind = RemittanceHeading(before)
            return kind == .discount || kind == .deduction || kind == .gross && amounts.count > 1 ? kind ?? .paid : .paid
        }
    }

    private mutating func money(_ word: RemittanceWord, _ line: Int) throws(FileFault) -> Cited<Money> {
        try draft.money(Cited(word.amount ?? "", place(line, word.columns)), decimal: ".")
    }

    /// The first number behind the word for a reference of the payment.
    private func reference(_ words: [RemittanceWord], _ lower: String) -> RemittanceWord? {
        let ends = RemittanceHeading.referenceWords.compactMap { name in
            lower.firstRange(of: name).map { lower.distance(from: lower.startIndex, to: $0.upperBound) }
        }
        guard let end = ends.min() else { return nil }
        return words.first { $0.document != nil && $0.columns.lowerBound > end } ?? words.last { $0.document != nil }
    }

    /// Payer, reference and day, told by the label before them.
    private mutating func takeHead(_ words: [RemittanceWord], _ text: String, _ lower: String, _ line: Int) {
        if draft.advice.paymentReference == nil, headings.isEmpty, let word = reference(words, lower) {
            draft.advice.paymentReference = Cited(word.document ?? word.text, place(line, word.columns))
        }
        let named = headings.isEmpty ? documents(words, lower) : []
        func isIssue(_ word: RemittanceWord) -> Bool { named.contains { isDay(word, of: $0, words) } }
        if draft.advice.paidOn == nil, headings.isEmpty, let word = words.first(where: { $0.day != nil && !isIssue($0) }),
            let day = word.day
        {
            draft.advice.paidOn = Cited(day, place(line, word.columns))
        }
        if headings.isEmpty, let written = RemittanceWord.writtenDay(in: words) {
            let day = Cited(written.day, place(line, written.columns))
            if ["date:", "sent:", "datum:", "gesendet:", "envoyé"].contains(where: lower.hasPrefix) {
                sentOn = sentOn ?? day
            } else {
                draft.advice.paidOn = draft.advice.paidOn ?? day
            }
        }
        if draft.advice.payerName == nil, let colon = text.firstIndex(of: ":"),
            RemittanceHeading.payerWords.contains(text[..<colon].lowercased().trimmed)
        {
            let name = String(text[text.index(after: colon)...].prefix { $0 != "<" }).trimmed
            guard !name.isEmpty else { return }
            let start = text.distance(from: text.startIndex, to: colon) + 2
            draft.advice.payerName = Cited(name, place(line, start..<start + name.count + 1))
        }
    }
}

private func abs(_ money: Money) -> Money { money.minor < 0 ? -money : money }
