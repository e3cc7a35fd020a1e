import Domain

/// Rows of a table below its headings.
extension RemittanceText {
    /// The longest text that heads a column.
    private static let headingBound = 40

    /// A line without amounts whose words head a document column and an amount column. A sentence has such words among others.
    mutating func headings(of text: String, _ words: [RemittanceWord]) -> [Heading]? {
        var cells: [(text: String, columns: Range<Int>, cell: Int)] = []
        let characters = Array(text)
        let isWide = text.contains("  ") || text.contains("\t") || text.contains("|")
        for word in words {
            // Between single blanks a word that addresses us belongs to the next: `Beleg Ihr Beleg Betrag`.
            if let last = cells.last, isWide || RemittanceHeading.addressesUs(last.text) && !last.text.contains(" "),
                word.columns.lowerBound == last.columns.upperBound + 1, characters[last.columns.upperBound - 1] == " "
            {
                cells[cells.count - 1] = (last.text + " " + word.text, last.columns.lowerBound..<word.columns.upperBound, last.cell)
            } else {
                cells.append((word.text, word.columns, word.cell))
            }
        }
        let sides = cells.map { RemittanceHeading.side(of: $0.text) }
        let isLedger = sides.contains(.debit) && sides.contains(.credit)
        var found: [Heading] = []
        for (cell, side) in zip(cells, sides) where cell.text.count <= Self.headingBound {
            var named = RemittanceHeading(cell.text)
            // `Payment reference` heads no amount.
            if named == .paid, RemittanceHeading.referenceWords.contains(where: cell.text.lowercased().hasPrefix) { named = nil }
            guard let kind = isLedger ? side ?? (named == .gross ? .balance : named) : named else { continue }
            found.append(.init(kind: kind, columns: cell.columns, cell: cell.cell, isOurs: RemittanceHeading.addressesUs(cell.text)))
        }
        guard isWide || found.count * 2 >= cells.count && !cells.dropLast().contains(where: { $0.text.hasSuffix(":") }) else { return nil }
        let hasAmount = found.contains { [.gross, .paid, .debit, .credit].contains($0.kind) }
        guard found.count >= 2, hasAmount, found.contains(where: { $0.kind == .document }) else { return nil }
        isGrossHeaded = zip(cells, cells.map { RemittanceHeading($0.text) }).contains { cell, kind in
            kind == .gross && ["gross", "brut", "lordo"].contains(where: cell.text.lowercased().contains)
        }
        // Beside the payer's own numbers, which `Document` heads, a plain reference is ours.
        let isInvoice = cells.contains { cell in
            ["inv", "rechnung", "fa", "bill", "lasku"].contains(where: cell.text.lowercased().hasPrefix)
        }
        if !isInvoice, !found.contains(where: { $0.kind == .document && $0.isOurs }),
            let reference = cells.first(where: { RemittanceHeading.isReference($0.text) })
        {
            found.append(.init(kind: .document, columns: reference.columns, cell: reference.cell, isOurs: true))
            found.sort { $0.columns.lowerBound < $1.columns.lowerBound }
        }
        return found
    }

    /// The column of our numbers: the one headed as ours, `Ihr Beleg`, where there are several.
    private var documentHeading: Heading? {
        let heads = headings.filter { $0.kind == .document }
        return heads.first(where: \.isOurs) ?? heads.first
    }

    private var amountHeadings: [Heading] { headings.filter { $0.kind != .document && $0.kind != .date } }

    /// Whether cells of rows are told by tabs or bars, so that an empty one is seen.
    private var areCelled: Bool { headings.contains { $0.cell > 0 } }

    /// Which heading an amount stands under: in order when there are as many, else the cell's or the nearest right edge. Where amounts
    /// outnumber the headings each heading has the one nearest to it, and the others stand under none that is known.
    func kinds(of amounts: [RemittanceWord]) -> [RemittanceHeading?] {
        let heads = amountHeadings
        if heads.count == amounts.count { return heads.map(\.kind) }
        if areCelled, amounts.contains(where: { $0.cell > 0 }) {
            let cells = amounts.map { amount in heads.first { $0.cell == amount.cell }?.kind }
            if amounts.count > heads.count || !cells.contains(nil) { return cells }
        }
        func gap(_ head: Int, _ amount: Int) -> Int { abs(heads[head].columns.upperBound - amounts[amount].columns.upperBound) }
        return amounts.indices.map { amount in
            guard let head = heads.indices.min(by: { gap($0, amount) < gap($1, amount) }) else { return .paid }
            let isNearest = amounts.indices.allSatisfy { gap(head, amount) <= gap(head, $0) }
            return amounts.count < heads.count || isNearest ? heads[head].kind : nil
        }
    }

    func headed(_ amounts: [RemittanceWord], as kind: RemittanceHeading) -> RemittanceWord? {
        headings.isEmpty ? nil : zip(amounts, kinds(of: amounts)).first { $0.1 == kind }?.0
    }

    /// Below headings the number under the document's, elsewhere the numbers behind a word for a document.
    func documents(_ words: [RemittanceWord]) -> [RemittanceWord] {
        if let head = documentHeading {
            let found = words.filter { $0.document != nil }, heads = headings.filter { $0.kind == .document }
            if areCelled, words.contains(where: { $0.cell > 0 }), let word = found.first(where: { $0.cell == head.cell }) { return [word] }
            if heads.count == found.count, let at = heads.firstIndex(where: { $0.columns == head.columns }) { return [found[at]] }
            return found.min { abs($0.columns.lowerBound - head.columns.lowerBound) < abs($1.columns.lowerBound - head.columns.lowerBound) }
                .map { [$0] } ?? []
        }
        var found: [RemittanceWord] = [], isNamed = false
        for word in words {
            if RemittanceHeading.namesDocument(word.text) {
                isNamed = true
            } else if RemittanceHeading.namesOther(word.text) {
                isNamed = false
            }
            if isNamed, word.document != nil { found.append(word) }
        }
        return found
    }

    mutating func takeLine(_ words: [RemittanceWord], _ amounts: [RemittanceWord], _ line: Int) throws(FileFault) {
        closeBlock()
        let found = documents(words)
        guard let first = found.first else { return try takeUnnamed(words, amounts, line) }
        guard !headings.isEmpty else { return try takeSentence(words, amounts, found, line) }
        held = nil
        try takeRow(first, words, amounts, line, documentLine: line)
    }

    /// Amounts alone below a row that names its document and no amount are that row's; others are told.
    private mutating func takeUnnamed(_ words: [RemittanceWord], _ amounts: [RemittanceWord], _ line: Int) throws(FileFault) {
        defer { held = nil }
        if let held, amounts.count == amountHeadings.count,
            words.allSatisfy({ $0.amount != nil || RemittanceWord.code(named: $0.text) != nil }),
            let document = documents(held.words).first
        {
            return try takeRow(document, held.words, amounts, line, documentLine: held.line)
        }
        if headings.isEmpty, amounts.count == 1, saysPayment(words) {
            let sum = try money(amounts[0], line)
            if let known = lump, known.value != sum.value { find(line, "a second payment of \(sum.value.readable): left out") }
            lump = lump ?? sum
            return
        }
        guard !headings.isEmpty || RemittanceHeading(words.first?.text ?? "") != .deduction else { return }
        var sums: [Money] = []
        for amount in amounts { sums.append(try money(amount, line).value) }
        unnamed.append((line, sums, words.map(\.text).joined(separator: " ")))
    }

    private mutating func takeRow(
        _ document: RemittanceWord, _ words: [RemittanceWord], _ amounts: [RemittanceWord], _ line: Int, documentLine: Int
    ) throws(FileFault) {
        var read = advised(document, words.contains { RemittanceHeading.namesCredit($0.text) }, documentLine)
        takeDay(words, of: document, into: &read, documentLine)
        let rest = try fill(&read, amounts, kinds(of: amounts), line)
        takeUnheaded(rest, of: &read, line)
        if let amount = amounts.first(where: { $0.isCredit != nil }), let isCredit = amount.isCredit, read.paid ?? read.gross != nil {
            sides[draft.advice.lines.count] = isCredit
        }
        append(read)
    }

    func advised(_ word: RemittanceWord, _ isCredit: Bool, _ line: Int) -> RemittanceAdvice.Line {
        RemittanceAdvice.Line(Cited(word.document ?? word.text, place(line, word.columns)), kind: isCredit ? .creditNote : .invoice)
    }

    /// - Returns: What stands under no heading that is known.
    mutating func fill(
        _ read: inout RemittanceAdvice.Line, _ amounts: [RemittanceWord], _ kinds: [RemittanceHeading?], _ line: Int
    ) throws(FileFault) -> [Cited<Money>] {
        var unheaded: [Cited<Money>] = []
        for (amount, kind) in zip(amounts, kinds) {
            let money = try money(amount, line)
            switch kind {
            case .gross: read.gross = read.gross ?? money
            case .discount: read.discount = unsigned(money)
            case .deduction: if money.value.minor != 0 { read.deductions.append(.init(amount: unsigned(money))) }
            case .debit, .credit:
                guard money.value.minor != 0 else { continue }
                read.gross = read.gross ?? money
                sides[draft.advice.lines.count] = kind == .credit
            case .balance: continue
            case .paid, .document, .date: read.paid = read.paid ?? money
            case nil: unheaded.append(unsigned(money))
            }
        }
        return unheaded
    }

    /// Keeps a line. Where no amount is told to be the one paid, it is what is left of the one before what is kept.
    mutating func append(_ read: RemittanceAdvice.Line) {
        var read = read
        if read.paid == nil, let gross = read.gross {
            let less = read.less
            if less == 0 { read.paid = gross } else { unsaid.append(draft.advice.lines.count) }
        }
        draft.advice.lines.append(read)
    }

    /// What stands under an unknown heading was kept when it is what gross and paid differ by.
    private mutating func takeUnheaded(_ amounts: [Cited<Money>], of read: inout RemittanceAdvice.Line, _ line: Int) {
        guard !amounts.isEmpty else { return }
        if let gross = read.gross, let paid = read.paid,
            gross.value.minor - paid.value.minor - read.less == amounts.reduce(0, { $0 + $1.value.minor })
        {
            read.deductions += amounts.filter { $0.value.minor != 0 }.map { .init(amount: $0) }
        } else {
            find(line, "\(amounts.map(\.value.readable).joined(separator: ", ")) under no heading that is known: left out")
        }
    }

    mutating func takeDay(
        _ words: [RemittanceWord], of document: RemittanceWord, into read: inout RemittanceAdvice.Line, _ line: Int
    ) {
        if let word = words.first(where: { isDay($0, of: document, words) }), let day = word.day {
            read.issuedOn = Cited(day, place(line, word.columns))
        }
    }

    /// Whether a day stands right behind a document's number, as that of its issue: `4711 vom 03.11.2026`.
    func isDay(_ word: RemittanceWord, of document: RemittanceWord, _ words: [RemittanceWord]) -> Bool {
        guard word.day != nil, let at = words.firstIndex(where: { $0.columns == word.columns }),
            let number = words.firstIndex(where: { $0.columns == document.columns }), number < at
        else { return false }
        let between = words[(number + 1)..<at].map { $0.text.lowercased() }
        return between.count <= 1 && between.allSatisfy(RemittanceHeading.dateWords.contains)
    }
}

extension RemittanceAdvice.Line {
    /// What is kept of the line, in minor units.
    var less: Int64 { (discount?.value.minor ?? 0) + deductions.reduce(0) { $0 + $1.amount.value.minor } }
}

/// The amount above zero, whatever its sign says.
func unsigned(_ money: Cited<Money>) -> Cited<Money> { money.value.minor < 0 ? Cited(-money.value, money.at) : money }
