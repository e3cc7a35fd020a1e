import Domain

/// How to read the CSV file of one bank as a statement: which column says what.
package struct StatementTable: Equatable, Sendable {
    package enum Field: String, CaseIterable, Sendable {
        case amount, credit, debit, sign, currency, balance, account, name, iban, text, reference, status
        case bookedOn = "booked_on", valueOn = "value_on", endToEndID = "end_to_end_id", mandateID = "mandate_id"
        case structuredReference = "structured_reference"
    }

    package var decimal: Character
    package var dates: RemittanceTable.DateShape
    /// Of all rows; nil where a column names them.
    package var account: String?
    package var currency: Currency?
    /// What a status says, in any letters, of an entry that is not booked yet.
    package var pending: String?
    /// Header names, several of a text that is told in parts; blanks around and upper or lower case do not matter.
    package var columns: [Field: [String]]
    package init(
        decimal: Character = ".", dates: RemittanceTable.DateShape = .iso, account: String? = nil, currency: Currency? = nil,
        pending: String? = nil, columns: [Field: [String]]
    ) {
        (self.decimal, self.dates, self.account, self.currency) = (decimal, dates, account, currency)
        (self.pending, self.columns) = (pending, columns)
    }

    /// What is missing or contradicts itself; nil for a mapping that can be read by.
    package var fault: String? {
        if columns[.bookedOn] == nil { return "names no column booked_on" }
        if (columns[.amount] == nil) == (columns[.credit] == nil && columns[.debit] == nil) {
            return "names amount, or credit and debit, not both"
        }
        if columns[.sign] != nil, columns[.amount] == nil { return "names a sign, but no amount" }
        if account == nil, columns[.account] == nil { return "names no account, neither as a setting nor as a column" }
        return pending != nil && columns[.status] == nil ? "says what is pending, but names no column status" : nil
    }

    /// Where the fields stand below a line that has every column; nil for any other line.
    func places(in cells: [String]) -> [Field: [Int]]? {
        let names = cells.map { $0.trimmed.lowercased() }
        var found: [Field: [Int]] = [:]
        for (field, wanted) in columns {
            let at = wanted.compactMap { name in names.firstIndex(of: name.trimmed.lowercased()) }
            guard at.count == wanted.count else { return nil }
            found[field] = at
        }
        return found
    }

    /// How far down the line of headings is looked for.
    static let headBound = 40

    /// - Returns: What divides the file's columns; nil for a file without these columns.
    func separator(in head: FileHead) -> UInt8? {
        for line in head.lines.prefix(Self.headBound) {
            for mark in [";", ",", "\t", "|"] as [Character] {
                let cells = line.split(separator: mark, omittingEmptySubsequences: false).map { $0.filter { $0 != "\"" } }
                if cells.count > 1, places(in: cells) != nil { return mark.asciiValue }
            }
        }
        return nil
    }

    /// A day in the mapping's order, whatever divides its parts, or with its month in letters; a time behind it does not count.
    func day(_ text: String) -> Day? {
        if text.contains(where: \.isLetter), let named = RemittanceWord.namedDay(text) { return named }
        let word = String(text.prefix { $0 != " " && $0 != "T" })
        guard dates == .iso else { return dates.day(word) }
        return dates.day(String(word.map { $0 == "/" || $0 == "." ? "-" : $0 }))
    }

    /// Digits and the decimal mark of an amount, behind a minus where it is below zero.
    ///
    /// - Returns: nil where the decimals stand behind the other mark.
    func number(_ text: String) -> String? {
        let other: Character = decimal == "." ? "," : "."
        if let mark = text.lastIndex(of: other), !text[mark...].contains(decimal) {
            let decimals = text[text.index(after: mark)...].prefix(while: \.isNumber).count
            guard decimals == 3 else { return nil }
        }
        let digits = text.filter { ($0.isASCII && $0.isNumber) || $0 == decimal }.map { $0 == decimal ? "." : $0 }
        return (text.contains { "-\u{2212}(".contains($0) } ? "-" : "") + String(digits)
    }

    private static let debitWords: Set = ["S", "D", "DR", "DB", "DBIT", "DEBIT", "SOLL", "AF", "DEBET", "DARE", "CARGO", "-"]
    private static let creditWords: Set = ["H", "C", "CR", "CRDT", "CREDIT", "HABEN", "BIJ", "KREDIT", "AVERE", "ABONO", "+"]

    /// Whether a sign says that money left; nil for a word that is not known.
    static func isDebit(_ sign: String) -> Bool? {
        let word = sign.uppercased()
        return debitWords.contains(word) ? true : creditWords.contains(word) ? false : nil
    }
}
