import Domain

/// How to read a CSV file of remittance lines: which column says what.
package struct RemittanceTable: Equatable, Sendable {
    package enum Field: String, CaseIterable, Sendable {
        case document, kind, order, gross, discount, deduction, reason, paid, payer, reference, currency
        case issuedOn = "issued_on", payerID = "payer_id", paidOn = "paid_on"
    }

    package enum DateShape: String, CaseIterable, Sendable {
        case iso = "YYYY-MM-DD", dotted = "DD.MM.YYYY", slashed = "DD/MM/YYYY", american = "MM/DD/YYYY", compact = "YYYYMMDD"

        func day(_ text: String) -> Day? {
            if text.contains(where: \.isLetter), let named = RemittanceWord.namedDay(text) { return named }
            let parts = text.split { !$0.isNumber }.map { Int($0) ?? 0 }
            switch self {
            case .iso: return Day(text)
            case .compact: return ofxDay(text)
            case .dotted, .slashed: return parts.count == 3 ? Day(year: century(parts[2]), month: parts[1], day: parts[0]) : nil
            case .american: return parts.count == 3 ? Day(year: century(parts[2]), month: parts[0], day: parts[1]) : nil
            }
        }

        private func century(_ year: Int) -> Int {
            year < 100 ? year + 2000 : year
        }
    }

    private static let rowBound = 64 * 1024

    package var delimiter: Character
    package var decimal: Character
    package var dates: DateShape
    package var currency: Currency?
    /// Header names; blanks around and upper or lower case do not matter.
    package var columns: [Field: String]
    package init(
        delimiter: Character = ",", decimal: Character = ".", dates: DateShape = .iso, currency: Currency? = nil, columns: [Field: String]
    ) {
        (self.delimiter, self.decimal, self.dates, self.currency, self.columns) = (delimiter, decimal, dates, currency, columns)
    }

    /// Reads all lines below the first line that has every mapped column.
    ///
    /// - Errors: `FileFault` where there is no such line, for an amount that is no number, for a quote that never closes.
    ///
    /// - Returns: One advice a payment reference and currency.
    func read(_ path: String, fallback: Currency?) throws(FileFault) -> [RemittanceAdvice] {
        let lines = try TextLines(path: path)
        var at: [Field: Int] = [:], file = DraftedFile(table: self, path: path, fallback: fallback), size = 0
        while let (text, line) = try row(lines, path, &size) {
            let cells = cells(of: text, line: line)
            if at.isEmpty {
                at = places(in: cells)
            } else {
                try file.take(line: line) { field in
                    at[field].flatMap { $0 < cells.count && !cells[$0].value.isEmpty ? cells[$0] : nil }
                }
            }
        }
        guard !at.isEmpty else {
            throw FileFault(path: path, line: 1, "no line has the columns \(columns.values.sorted().joined(separator: ", "))")
        }
        guard !file.drafts.isEmpty else { throw FileFault(path: path, "holds no remittance line below its header") }
        return file.drafts.indices.map { file.drafts[$0].finished() }
    }

    /// The next row with the number of its first line; a quoted cell may go on in the lines below.
    private func row(_ lines: TextLines, _ path: String, _ size: inout Int) throws(FileFault) -> (text: String, line: Int)? {
        guard var text = try lines.next() else { return nil }
        let line = lines.number
        size += text.utf8.count
        guard size <= PlacedText.byteBound else { throw FileFault(path: path, line: line, "is above 8 MiB: split it") }
        while let opensCell = openQuote(text) {
            guard opensCell, let more = try lines.next(), text.utf8.count + more.utf8.count <= Self.rowBound else {
                throw FileFault(path: path, line: line, "a quote opens here and never closes")
            }
            size += more.utf8.count
            text += " " + more
        }
        return (text, line)
    }

    private func places(in cells: [Cited<String>]) -> [Field: Int] {
        let names = cells.map { $0.value.lowercased() }
        let found = columns.compactMapValues { name in names.firstIndex(of: name.trimmed.lowercased()) }
        return found.count == columns.count ? found : [:]
    }

    /// Whether the quote that the text leaves open starts a cell, as `5"` does not; nil when none is open.
    private func openQuote(_ text: String) -> Bool? {
        var opened: Bool?, before: Character = delimiter
        for character in text {
            if character == "\"" { opened = opened == nil ? before == delimiter : nil }
            before = character
        }
        return opened
    }

    /// A cell below the first line of a row is cited as if the row were one line.
    private func cells(of text: String, line: Int) -> [Cited<String>] {
        var cells: [Cited<String>] = [], value = "", start = 1, column = 0, isQuoted = false
        let characters = Array(text)
        func close(_ end: Int) { cells.append(Cited(value.trimmed, Citation(line: line, columns: start..<max(start, end)))) }
        while column < characters.count {
            let character = characters[column]
            column += 1
            if character == "\"" {
                if isQuoted, column < characters.count, characters[column] == "\"" {
                    value.append("\"")
                    column += 1
                } else {
                    isQuoted.toggle()
                }
            } else if character == delimiter, !isQuoted {
                close(column)
                (value, start) = ("", column + 1)
            } else {
                value.append(character)
            }
        }
        close(column + 1)
        return cells
    }
}

extension RemittanceTable {
    /// How far down the line of headings is looked for.
    private static let headBound = 20

    /// The mapping of a file without one, where its headings name a document and an amount in words that are known.
    ///
    /// - Returns: nil for any other file. Between commas amounts have a decimal point; one whose decimals stand behind a comma is refused
    ///   when it is read.
    init?(headingsOf path: String) throws(FileFault) {
        self.init(columns: [:])
        let lines = try TextLines(path: path)
        while lines.number < Self.headBound, let text = try lines.next() {
            for mark in [",", ";", "\t"] as [Character] {
                delimiter = mark
                let heading = cells(of: text, line: lines.number)
                columns = Self.columns(heading.map(\.value))
                guard !columns.isEmpty else { continue }
                try learn(from: lines, places(in: heading))
                return
            }
        }
        return nil
    }

    /// `Payer`, `Payer name`, `Auftraggeber IBAN`; nil for what else begins so, as `Zahlerreferenz`.
    private static func payerField(_ heading: String) -> Field? {
        guard let word = RemittanceHeading.payers.filter({ heading.trimmed.hasPrefix($0) }).max(by: { $0.count < $1.count }) else {
            return nil
        }
        let rest = String(heading.trimmed.dropFirst(word.count).filter { $0.isLetter })
        if ["", "name", "nom", "nombre", "nome", "naam", "navn", "namn", "nazwa"].contains(rest) { return .payer }
        return ["iban", "account", "accountnumber", "konto", "kontonummer", "compte", "cuenta", "conto", "rekening"].contains(rest)
            ? .payerID : nil
    }

    private static let sampleBound = 100

    /// How the file writes decimals and days, as its first lines show.
    private mutating func learn(from lines: TextLines, _ places: [Field: Int]) throws(FileFault) {
        var amounts: [String] = [], days: [String] = []
        for _ in 0..<Self.sampleBound {
            guard let text = try lines.next() else { break }
            let cells = cells(of: text, line: lines.number).map(\.value)
            for (field, at) in places where at < cells.count {
                switch field {
                case .gross, .discount, .deduction, .paid: amounts.append(cells[at])
                case .issuedOn, .paidOn: days.append(cells[at])
                default: break
                }
            }
        }
        func ends(behind mark: Character) -> Bool {
            amounts.contains { amount in
                let number = amount.filter { $0.isNumber || $0 == mark }
                return number.lastIndex(of: mark).map { number.distance(from: $0, to: number.endIndex) == 3 } ?? false
            }
        }
        if delimiter != ",", ends(behind: ","), !ends(behind: ".") { decimal = "," }
        if days.contains(where: { $0.contains(".") }) { dates = .dotted }
        switch RemittanceWord.dayOrder(in: days) {
        case .dayFirst: dates = .slashed
        case .monthFirst: dates = .american
        case .unknown: break
        }
    }

    private static func columns(_ names: [String]) -> [Field: String] {
        var found: [Field: String] = [:]
        guard names.count >= 2, !names.contains(where: { $0.count > 40 }) else { return [:] }
        for name in names {
            let words = name.lowercased()
            let field: Field? =
                if RemittanceHeading.referenceWords.contains(where: words.hasPrefix) {
                    .reference
                } else if ["currency", "ccy", "curr", "währung", "devise", "moneda", "valuta", "waluta"].contains(where: words.hasPrefix) {
                    .currency
                } else if let payer = payerField(words) {
                    payer
                } else {
                    switch RemittanceHeading(name) {
                    case .document: .document
                    case .date: RemittanceHeading.paymentDayWords.contains(where: words.contains) ? .paidOn : .issuedOn
                    case .gross: .gross
                    case .discount: .discount
                    case .deduction: .deduction
                    case .paid: .paid
                    case .debit, .credit, .balance, nil: nil
                    }
                }
            guard let field else { continue }
            // Of two columns of numbers that is ours which addresses us.
            if found[field] == nil || field == .document && RemittanceHeading.addressesUs(name) { found[field] = name }
        }
        if found[.paid] == nil, found[.discount] == nil, found[.deduction] == nil { (found[.paid], found[.gross]) = (found[.gross], nil) }
        return found[.document] == nil || found[.paid] == nil ? [:] : found
    }
}

extension String {
    /// `Total:`, `Summe EUR`: what stands where a document is named below the last one.
    fileprivate var isTotalWord: Bool {
        let word = lowercased()
        return !contains(where: \.isNumber) && RemittanceHeading.totalWords.contains { word.hasPrefix($0) }
    }

    /// `Übertrag`, `Subtotal`: what a later line says again.
    fileprivate var isCarriedWord: Bool {
        let word = lowercased() + " "
        return !contains(where: \.isNumber) && RemittanceHeading.carriedWords.contains { word.hasPrefix($0) }
    }
}

extension RemittanceDraft {
    /// The amount below the lines, against which these are added up.
    fileprivate mutating func take(total: Cited<String>, decimal: Character) throws(FileFault) {
        if total.value.contains(where: \.isNumber) { advice.total = try money(try number(total, decimal), decimal: decimal) }
    }

    /// - Errors: `FileFault` for an amount whose decimals stand behind the other mark.
    private func number(_ text: Cited<String>, _ decimal: Character) throws(FileFault) -> Cited<String> {
        let other: Character = decimal == "." ? "," : "."
        if let mark = text.value.lastIndex(of: other), !text.value[mark...].contains(decimal) {
            let decimals = text.value[text.value.index(after: mark)...].prefix(while: \.isNumber).count
            guard decimals == 3 || decimals == 0 else {
                throw FileFault(
                    path: path, line: text.at.line,
                    "amount \(text.value) has its decimals behind \(other): the mapping says decimal = \"\(decimal)\"")
            }
        }
        let isNegative = text.value.contains { "-\u{2212}(".contains($0) }
        return Cited((isNegative ? "-" : "") + text.value.filter { $0.isNumber || $0 == decimal }, text.at)
    }

    fileprivate mutating func take(
        _ document: Cited<String>, _ cell: (RemittanceTable.Field) -> Cited<String>?, decimal: Character, dates: RemittanceTable.DateShape
    ) throws(FileFault) {
        func number(_ field: RemittanceTable.Field) throws(FileFault) -> Cited<String>? {
            guard let text = cell(field) else { return nil }
            return try self.number(text, decimal)
        }
        func day(_ field: RemittanceTable.Field) -> Cited<Day>? {
            cell(field).flatMap { text in dates.day(text.value).map { Cited($0, text.at) } }
        }
        let kind = cell(.kind)?.value.lowercased() ?? ""
        var line = RemittanceAdvice.Line(
            document,
            kind: RemittanceHeading.creditWords.contains { kind.contains($0.trimmed) } || ["cm", "381"].contains(where: kind.contains)
                ? .creditNote : .invoice)
        line.issuedOn = day(.issuedOn)
        if let text = try number(.gross) { line.gross = try money(text, decimal: decimal) }
        if let text = try number(.discount) { line.discount = try money(text, decimal: decimal) }
        if let text = try number(.paid) { line.paid = try money(text, decimal: decimal) }
        if let text = try number(.deduction) {
            let amount = try money(text, decimal: decimal)
            if amount.value.minor != 0 { line.deductions.append(.init(amount: amount, reason: cell(.reason))) }
        }
        if let order = cell(.order) { line.alsoKnownAs.append(order) }
        advice.lines.append(line)
        advice.payerName = advice.payerName ?? cell(.payer)
        if let id = cell(.payerID), !advice.payerIdentifiers.contains(where: { $0.value == id.value }) {
            advice.payerIdentifiers.append(id)
        }
        advice.paymentReference = advice.paymentReference ?? cell(.reference)
        advice.paidOn = advice.paidOn ?? day(.paidOn)
    }
}

/// The advices of one file while its rows are read.
private struct DraftedFile {
    let table: RemittanceTable
    let path: String
    let fallback: Currency?
    var drafts: [RemittanceDraft] = []
    /// Of the last row that named a document.
    private var open = 0

    init(table: RemittanceTable, path: String, fallback: Currency?) {
        (self.table, self.path, self.fallback) = (table, path, fallback)
    }

    mutating func take(line: Int, _ cell: (RemittanceTable.Field) -> Cited<String>?) throws(FileFault) {
        guard let document = cell(.document) else {
            if let paid = cell(.paid), paid.value.contains(where: \.isNumber), !drafts.isEmpty {
                drafts[open].find(paid.at.line, "a line names no document: its amount \(paid.value) is left out")
            }
            return
        }
        if document.value.isCarriedWord { return }
        if document.value.isTotalWord {
            if let paid = cell(.paid), !drafts.isEmpty { try drafts[open].take(total: paid, decimal: table.decimal) }
            return
        }
        guard let code = cell(.currency).flatMap({ Currency($0.value.uppercased()) }) ?? table.currency ?? fallback else {
            throw FileFault(path: path, line: line, "neither the file nor its mapping names a currency: say it with --currency")
        }
        open = draft(in: code, reference: cell(.reference)?.value)
        try drafts[open].take(document, cell, decimal: table.decimal, dates: table.dates)
    }

    /// Which advice a row belongs to: a new one for each currency and payment reference.
    private mutating func draft(in currency: Currency, reference: String?) -> Int {
        let known = drafts.lastIndex { draft in
            draft.advice.currency == currency && (reference == nil || (draft.advice.paymentReference?.value ?? reference) == reference)
        }
        if let known { return known }
        drafts.append(RemittanceDraft(path: path, format: "CSV", currency: currency, isWritten: true))
        return drafts.count - 1
    }
}
