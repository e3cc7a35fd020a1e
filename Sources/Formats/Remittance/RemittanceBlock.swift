import Domain

/// Labels with what they name behind them, `Invoice No: 4711`, several of them for one document.
extension RemittanceText {
    /// What stands before a colon, a tab or a wide gap, without digits and in small letters, and the last column of that.
    func label(of text: String) -> (name: String, end: Int)? {
        var name = "", end = 0, isBlank = false
        for (at, character) in text.enumerated() {
            if character == ":" || !name.isEmpty && (character == "\t" || isBlank && character.isWhitespace) {
                end = at + 1
                break
            }
            isBlank = character.isWhitespace
            if name.isEmpty, character.isWhitespace || "-*•·>".contains(character) { continue }
            guard !character.isNumber, name.count < 40 else { return nil }
            name.append(character)
        }
        while let last = name.last, last == "." || last.isWhitespace { name.removeLast() }
        guard end > 0, name.contains(where: \.isLetter), name.split(separator: " ").count <= 5 else { return nil }
        return (name.lowercased(), end)
    }

    /// Labels that name a document one after the other, and what follows of its own amounts and day.
    ///
    /// - Returns: Whether the line is such a label.
    mutating func takeBlock(_ words: [RemittanceWord], _ text: String, _ line: Int) throws(FileFault) -> Bool {
        guard headings.isEmpty, let label = label(of: text) else { return false }
        let values = words.filter { $0.columns.lowerBound > label.end }, amounts = values.filter { $0.amount != nil }
        let isCredit = label.name.split(separator: " ").contains { RemittanceHeading.namesCredit(String($0)) }
        let kind = RemittanceHeading(label.name + ":")
        if amounts.isEmpty, isCredit && kind != .date || kind == .document, !isReference(label.name) {
            let numbers = values.filter { $0.document != nil }
            guard numbers.count == 1 else { return false }
            closeBlock()
            var read = advised(numbers[0], isCredit, line)
            if let word = values.first(where: { $0.day != nil }), let day = word.day {
                read.issuedOn = Cited(day, place(line, word.columns))
            }
            block = read
            return true
        }
        guard var read = block, let kind else { return false }
        if kind == .date, let word = values.first(where: { $0.day != nil }), let day = word.day {
            let isOther = (RemittanceHeading.paymentDayWords + RemittanceHeading.dueWords).contains(where: label.name.contains)
            guard !isOther, read.issuedOn == nil else { return false }
            read.issuedOn = Cited(day, place(line, word.columns))
            block = read
            return true
        }
        guard amounts.count == 1, documents(words).isEmpty || RemittanceHeading.documentWords.contains(where: label.name.hasPrefix) else {
            return false
        }
        let isTotal =
            ["total", "summe", "gesamt", "somme", "totaal", "suma", "summa", "razem", "celkem", "toplam"].contains(
                where: label.name.hasPrefix)
            || ["grand total", "check amount"].contains(label.name)
        guard !isTotal, [.gross, .discount, .deduction, .paid].contains(kind), kind != .paid || read.paid == nil,
            kind != .gross || read.gross == nil
        else {
            closeBlock()
            return false
        }
        _ = try fill(&read, amounts, [kind], line)
        block = read
        return true
    }

    private func isReference(_ name: String) -> Bool { RemittanceHeading.referenceWords.contains(where: name.hasPrefix) }

    /// Keeps the document that labels spoke of; one without an amount waits for the total.
    mutating func closeBlock() {
        guard let read = block else { return }
        block = nil
        if read.paid ?? read.gross != nil { append(read) } else { labelled.append(read) }
    }

    mutating func takeLabel(
        _ words: [RemittanceWord], _ amounts: [RemittanceWord], _ lower: String, _ line: Int
    ) throws(FileFault) {
        guard headings.isEmpty, let label = words.first?.text.lowercased(), label.hasSuffix(":") else { return }
        if amounts.isEmpty, RemittanceHeading.documentWords.contains(where: label.hasPrefix) {
            closeBlock()
            let isCredit = words.contains { RemittanceHeading.namesCredit($0.text) }
            for word in words.dropFirst() where word.document != nil { labelled.append(advised(word, isCredit, line)) }
        } else if let amount = amounts.first, amounts.count == 1, RemittanceHeading(label) == .deduction, documents(words).isEmpty {
            kept.append(.init(amount: try money(amount, line)))
        }
    }

    /// The one document that labels name takes the whole payment; what is kept of a document belongs to the line that pays it.
    mutating func takeLabels() {
        if draft.advice.lines.isEmpty, labelled.count == 1, let total = draft.advice.total {
            labelled[0].paid = total
            labelled[0].deductions += kept
            draft.advice.lines = labelled
        } else if headings.isEmpty {
            for line in labelled where !draft.advice.lines.contains(where: { $0.document.value == line.document.value }) {
                draft.find(line.document.at.line, "\(line.document.value) without an amount: left out")
            }
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
}
