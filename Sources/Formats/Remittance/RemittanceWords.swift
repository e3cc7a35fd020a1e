import Domain

/// One word of a line with its place; what it may be.
struct RemittanceWord {
    private(set) var text: String
    let columns: Range<Int>
    /// How many tabs, bars and semicolons stand before it.
    private(set) var cell = 0
    /// A sign or the code of a currency stands at the word or beside it.
    private(set) var isMoney = false
    /// The mark behind an amount, `150.00 CR`: whether it is a credit.
    private(set) var isCredit: Bool?
    /// Which of two numbers between strokes is the day, where the whole text tells.
    private(set) var days = DayOrder.unknown

    /// `DD/MM/YYYY` or `MM/DD/YYYY`.
    enum DayOrder: Sendable { case unknown, dayFirst, monthFirst }

    /// The currencies that advices are written in.
    static let codes: Set<String> = [
        "EUR", "USD", "GBP", "CHF", "CAD", "AUD", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "JPY", "NZD", "SGD", "ZAR", "INR", "TRY",
        "BGN",
    ]
    /// - Parameter likely: Whose dollars `$` means.
    static func code(of sign: Character, likely: Currency?) -> String? {
        switch sign {
        case "€": "EUR"
        case "£": "GBP"
        case "₺": "TRY"
        case "$": likely.flatMap { ["CAD", "AUD", "NZD", "SGD"].contains($0.code) ? $0.code : nil } ?? "USD"
        default: nil
        }
    }

    /// The code that a word says: `EUR`, `Euro`, `zł`.
    static func code(named word: String) -> String? {
        let letters = word.filter(\.isLetter)
        if codes.contains(letters) { return letters }
        switch letters.lowercased() {
        case "euro", "euros": return "EUR"
        case "zł": return "PLN"
        case "kč": return "CZK"
        case "tl": return letters == "TL" ? "TRY" : nil
        default: return nil
        }
    }

    /// The order of days and months that some date of a text leaves no doubt about; unknown where two dates disagree.
    static func dayOrder(in lines: [String]) -> DayOrder {
        var found: Set<DayOrder> = []
        for line in lines where line.contains("/") && line.utf8.count <= 4_096 {
            for word in line.split(whereSeparator: { !$0.isNumber && $0 != "/" }) {
                let texts = word.split(separator: "/", omittingEmptySubsequences: false), parts = texts.map { Int($0) ?? 0 }
                guard parts.count == 3, (1...31).contains(parts[0]), (1...31).contains(parts[1]), [2, 4].contains(texts[2].count) else {
                    continue
                }
                if parts[0] > 12, parts[1] <= 12 { found.insert(.dayFirst) }
                if parts[1] > 12, parts[0] <= 12 { found.insert(.monthFirst) }
            }
        }
        return found.count == 1 ? found.first ?? .unknown : .unknown
    }

    /// The currencies that stand at these words, by code or sign.
    static func currencies(_ words: [RemittanceWord], likely: Currency) -> Set<String> {
        Set(words.compactMap { code(named: $0.text) })
            .union(words.flatMap { $0.text.compactMap { code(of: $0, likely: likely) } })
    }

    /// Words between blanks, tabs and bars.
    static func words(of line: String, days: DayOrder = .unknown) -> [RemittanceWord] {
        var words: [RemittanceWord] = [], text = "", start = 1, cell = 0
        for (at, character) in line.enumerated() {
            if character.isWhitespace || character == "|" || character == ";" {
                if !text.isEmpty { words.append(RemittanceWord(text: text, columns: start..<at + 1, cell: cell)) }
                text = ""
                if character == "\t" || !character.isWhitespace { cell += 1 }
            } else {
                if text.isEmpty { start = at + 1 }
                text.append(character)
            }
        }
        if !text.isEmpty { words.append(RemittanceWord(text: text, columns: start..<start + text.count, cell: cell)) }
        joinThousands(&words, of: line)
        for at in words.indices { (words[at].isMoney, words[at].days) = (isMoney(words, at), days) }
        takeMarks(&words)
        return words
    }

    /// `150.00 CR` and `150.00CR`.
    private static func takeMarks(_ words: inout [RemittanceWord]) {
        func isCredit(_ text: some StringProtocol) -> Bool? { ["CR": true, "DR": false][text.uppercased().filter { $0 != "." }] }
        for at in words.indices {
            if words.indices.contains(at + 1), let mark = isCredit(words[at + 1].text), words[at].amount != nil {
                words[at].isCredit = mark
            } else if words[at].text.count > 4, let mark = isCredit(words[at].text.suffix(2)) {
                var number = words[at]
                (number.text, number.isCredit) = (String(number.text.dropLast(2)), mark)
                if number.amount != nil { words[at] = number }
            }
        }
    }

    /// `12 345,60` is one amount: groups of three behind one blank, the last with decimals. An ordinary blank joins only beside a currency or
    /// where wider gaps part the columns, and neither behind a line's first number, which may count the lines, nor behind one that a word for a document stands before.
    private static func joinThousands(_ words: inout [RemittanceWord], of line: String) {
        guard words.count > 1, line.contains(where: \.isNumber) else { return }
        let characters = Array(line)
        func isCode(_ at: Int) -> Bool {
            words.indices.contains(at) && (code(named: words[at].text) != nil || ["€", "$", "£"].contains(words[at].text))
        }
        func isGroup(_ text: String, isLast: Bool) -> Bool {
            var text = text[...]
            while isLast, text.count > 6, let last = text.last, "-)€".contains(last) { text = text.dropLast() }
            let digits = text.prefix { $0.isASCII && $0.isNumber }, rest = text.dropFirst(digits.count)
            return digits.count == 3
                && (isLast ? rest.count == 3 && ",.".contains(rest.first!) && rest.dropFirst().allSatisfy(\.isNumber) : rest.isEmpty)
        }
        func namesDocument(_ at: Int) -> Bool {
            let word = words[at].text.lowercased()
            guard !word.contains(where: \.isNumber) else { return false }
            return word.hasPrefix("n") && word.count < 4 || RemittanceHeading.documentWords.contains(where: word.hasPrefix)
        }
        func separator(before at: Int) -> Character? {
            words[at].columns.lowerBound == words[at - 1].columns.upperBound + 1 ? characters[words[at].columns.lowerBound - 2] : nil
        }
        func beginsColumn(_ at: Int) -> Bool {
            words[at].columns.lowerBound > words[at - 1].columns.upperBound + 1 || separator(before: at) != " "
        }
        var at = 0
        while at + 1 < words.count {
            defer { at += 1 }
            let lead = words[at].text.drop { "-(€$£\u{2212}".contains($0) }
            guard (1...3).contains(lead.count), lead.allSatisfy({ $0.isASCII && $0.isNumber }) else { continue }
            var last = at + 1
            while last + 1 < words.count, isGroup(words[last].text, isLast: false), separator(before: last + 1) == separator(before: at + 1)
            {
                last += 1
            }
            guard isGroup(words[last].text, isLast: true), let mark = separator(before: at + 1),
                (at + 1...last).allSatisfy({ separator(before: $0) == mark && ($0 == last || isGroup(words[$0].text, isLast: false)) }),
                mark == "\u{A0}" || mark == "\u{202F}"
                    || (mark == " " && at > 0 && !namesDocument(at - 1)
                        && (isCode(at - 1) || isCode(last + 1) || beginsColumn(at) || lead.count < words[at].text.count
                            || words[at - 1].text.hasSuffix(":")))
            else { continue }
            let joined = RemittanceWord(
                text: words[at...last].map(\.text).joined(), columns: words[at].columns.lowerBound..<words[last].columns.upperBound,
                cell: words[at].cell)
            words.replaceSubrange(at...last, with: [joined])
        }
    }

    /// A code before a number is that number's; behind it only where no other number follows: `Invoice 4711 EUR 500`.
    private static func isMoney(_ words: [RemittanceWord], _ at: Int) -> Bool {
        func isCode(_ at: Int) -> Bool {
            words.indices.contains(at)
                && (code(named: words[at].text) != nil || ["€", "$", "£", "₺"].contains(words[at].text.filter { !"(),.;:".contains($0) }))
        }
        func isNumber(_ at: Int) -> Bool { words.indices.contains(at) && words[at].text.first?.isNumber == true }
        let text = words[at].text
        return text.contains { "€$£".contains($0) } || codes.contains { text.hasPrefix($0) || text.hasSuffix($0) } || isCode(at - 1)
            || isCode(at + 1) && !isNumber(at + 2)
    }

    /// The digits of an amount: a decimal part of two digits is wanted unless a currency stands beside it; `(1.00)` and `1.00-` are
    /// below zero.
    var amount: String? {
        var digits = text.replacing("\u{2212}", with: "-").filter { !"€$£₺".contains($0) }
        for code in Self.codes where digits.hasSuffix(code) || digits.hasPrefix(code) {
            digits = digits.replacing(code, with: "")
        }
        while let last = digits.last, ",.:".contains(last) { digits.removeLast() }
        let isNegative = digits.hasPrefix("(") && digits.hasSuffix(")") || digits.hasSuffix("-") || digits.hasPrefix("-")
        digits = digits.filter { !"()-+".contains($0) }
        let parts = digits.split(omittingEmptySubsequences: false) { ".,'\u{2019}".contains($0) }
        if isMoney, digits.count <= 15, !parts.isEmpty, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(\.isDigit) }),
            parts.dropFirst().allSatisfy({ $0.count == 3 }), parts.count == 1 || parts[0].count <= 3
        {
            return (isNegative ? "-" : "") + parts.joined() + ".00"
        }
        guard parts.count >= 2, parts.last?.count == 2, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(\.isDigit) }),
            digits.count <= 20,
            parts.dropFirst().dropLast().allSatisfy({ $0.count == 3 }), parts.count == 2 || parts[0].count <= 3
        else { return nil }
        return (isNegative ? "-" : "") + parts.dropLast().joined() + "." + parts[parts.count - 1]
    }

    /// A day that can be read one way only.
    var day: Day? {
        var digits = text.filter { !",;".contains($0) }
        // The dot that ends a sentence divides no day from its month.
        while digits.last == ".", digits.contains("/") || digits.contains("-") { digits.removeLast() }
        if let day = Day(digits) ?? Self.namedDay(digits) { return day }
        let parts = digits.split { $0 == "." || $0 == "/" || $0 == "-" }.compactMap { Int($0) }
        let isStated = digits.contains("/") && days != .unknown
        guard parts.count == 3, parts[2] > 1900 || digits.contains(".") || isStated && digits.count >= 6,
            digits.allSatisfy({ $0.isNumber || "./-".contains($0) })
        else { return nil }
        let year = parts[2] < 100 ? parts[2] + 2000 : parts[2]
        if isStated, days == .monthFirst { return Day(year: year, month: parts[0], day: parts[1]) }
        if isStated || digits.contains(".") || parts[0] > 12 { return Day(year: year, month: parts[1], day: parts[0]) }
        return parts[1] > 12 || parts[0] == parts[1] ? Day(year: year, month: parts[0], day: parts[1]) : nil
    }

    /// `15-Jan-2026`, `15/JAN/26`, `15 Jan 2026`, `Jan 15, 2026`; what stands behind a blank does not count.
    static func namedDay(_ text: String) -> Day? {
        let parts = text.split { " -/.,".contains($0) }
        guard parts.count == 3 || parts.count > 3 && text.contains(" ") else { return nil }
        let isMonthFirst = text.contains(" ") && parts[0].allSatisfy(\.isLetter), name = parts[isMonthFirst ? 0 : 1].lowercased()
        guard name.allSatisfy(\.isLetter), name.count == 3 || ["sept", "june", "july", "juin", "juil", "mars"].contains(name),
            let month = month(name), let day = Int(parts[isMonthFirst ? 1 : 0]), let year = Int(parts[2]), [2, 4].contains(parts[2].count)
        else { return nil }
        return Day(year: year < 100 ? year + 2000 : year, month: month, day: day)
    }

    /// A day whose month is a word, `28 Nov 2026`, `March 12, 2026`, `5. Mai 2026`, among words that follow one another.
    static func writtenDay(in words: [RemittanceWord]) -> (day: Day, columns: Range<Int>)? {
        let words = words.filter { !["de", "of"].contains($0.text.lowercased()) }
        for at in words.indices.dropLast(2) {
            let parts = words[at...(at + 2)].map { $0.text.lowercased().filter { !",.:;".contains($0) } }
            guard let year = Int(parts[2]), (1_990...2_099).contains(year) else { continue }
            for (day, month) in [(parts[0], parts[1]), (parts[1], parts[0])] {
                guard let number = Int(day), month.count >= 3, month.allSatisfy(\.isLetter), let of = Self.month(month),
                    let found = Day(year: year, month: of, day: number)
                else { continue }
                return (found, words[at].columns.lowerBound..<words[at + 2].columns.upperBound)
            }
        }
        return nil
    }

    private static let months: [String: Int] = {
        let names = [
            "jan ene gen sty led oca", "feb fév feb fev lut úno şub", "mar mär maa mrt", "apr avr abr kwi dub nis",
            "may mai maj mag mei kvě",
            "jun giu cze čer haz", "jul lug lip tem", "aug aoû ago sie srp ağu", "sep set wrz zář eyl", "oct okt ott out paź říj eki",
            "nov lis kas", "dec dez déc dic des gru pro ara",
        ]
        var months: [String: Int] = [:]
        for (at, names) in names.enumerated() { for name in names.split(separator: " ") { months[String(name)] = at + 1 } }
        return months
    }()

    private static func month(_ name: String) -> Int? {
        ["juin": 6, "juil": 7, "červenc": 7].first { name.hasPrefix($0.key) }?.value ?? months[String(name.prefix(3))]
    }

    private var looksLikeDate: Bool {
        let parts = text.split { "./-,".contains($0) }
        return parts.count == 3 && parts.allSatisfy { $0.utf8.allSatisfy(\.isDigit) }
            && parts.map(\.count).sorted().last.map { $0 == 4 || $0 == 2 } == true
            && text.filter { $0.isNumber }.count <= 8
    }

    /// The number of a document: has a digit, at least three places, is neither amount nor date.
    var document: String? {
        var number = text[...]
        while let last = number.last, ",.:;)]>}".contains(last) { number = number.dropLast() }
        while let first = number.first, "(#[<{".contains(first) { number = number.dropFirst() }
        guard (3...35).contains(number.count), number.contains(where: \.isNumber), amount == nil, day == nil, !looksLikeDate,
            number.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-/._".contains($0)) })
        else { return nil }
        return String(number)
    }
}
