import Domain

/// What people call things on a remittance advice, in the languages of the payers.
enum RemittanceHeading: Sendable {
    case document, date, gross, discount, deduction, paid

    private static let vocabulary: [(heading: RemittanceHeading, words: [String])] = [
        (.date, ["date", "datum", "data ", "fecha", "fällig", "due"]),
        (.discount, ["discount", "disc", "skonto", "escompte", "korting", "sconto", "rabat", "descuento"]),
        (.deduction, ["deduct", "abzug", "abzüge", "withh", "retention", "kürzung", "adjust", "retenue", "inhouding"]),
        (.paid, ["paid", "payment", "net", "zahl", "payé", "betaald", "remit", "überw", "pagado", "zapłac"]),
        (.gross, ["gross", "amount", "betrag", "montant", "bedrag", "brutto", "importe", "kwota", "total", "importo", "balance"]),
        (.document, documentWords),
    ]
    static let documentWords = [
        "invoice", "inv", "rechnung", "facture", "factura", "fattura", "factuur", "faktura", "beleg", "document", "doc", "bill", "re-nr",
        "rg-nr", "re.-nr",
    ]
    static let totalWords = [
        "total", "summe", "gesamt", "somme", "totaal", "suma", "totale", "payment amount", "amount paid", "zahlbetrag", "zahlungsbetrag",
        "remitting", "amount remitted", "amount credited", "check amount",
    ]
    static let referenceWords = [
        "payment reference", "payment ref", "payment no", "payment number", "check no", "check number", "cheque", "trace",
        "zahlungsreferenz", "zahlungsnummer", "remittance no", "avis", "transaction", "eft",
    ]
    static let payerWords = ["payer", "from", "kunde", "customer", "auftraggeber", "company", "zahler", "payeur", "ordering party"]
    /// What stands between a document's number and its day.
    static let dateWords: Set<String> = ["vom", "von", "of", "dated", "from", "du", "van", "dd", "dd.", "del", "z", "dnia", "/"]
    static let creditWords = ["credit", "gutschrift", "avoir", "creditnota", "nota di credito"]

    /// Whether a heading speaks of the receiver's own number: `Ihr Beleg`, `Your invoice`.
    static func addressesUs(_ words: String) -> Bool {
        let first = words.lowercased().prefix { !$0.isWhitespace }
        return ["ihr", "ihre", "ihrer", "your", "supplier", "vendor", "votre", "vos", "uw", "vostro", "vostra", "lieferanten"].contains(
            first)
    }

    /// - Returns: nil for words that head no column; "invoice date" is a date, "invoice amount" an amount.
    init?(_ words: String) {
        let words = words.lowercased() + " "
        if let found = Self.vocabulary.first(where: { $0.words.contains(where: words.contains) }) {
            self = found.heading
        } else if Self.addressesUs(words), ["ref", "nr", "no", "number", "nummer", "réf"].contains(where: words.contains) {
            self = .document
        } else {
            return nil
        }
    }
}

/// One word of a line with its place; what it may be.
struct RemittanceWord {
    let text: String
    let columns: Range<Int>
    /// A sign or the code of a currency stands at the word or beside it.
    private(set) var isMoney = false

    /// The currencies that advices are written in.
    static let codes: Set<String> = [
        "EUR", "USD", "GBP", "CHF", "CAD", "AUD", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "JPY", "NZD", "SGD", "ZAR", "INR",
    ]
    /// - Parameter likely: Whose dollars `$` means.
    static func code(of sign: Character, likely: Currency?) -> String? {
        switch sign {
        case "€": "EUR"
        case "£": "GBP"
        case "$": likely.flatMap { ["CAD", "AUD", "NZD", "SGD"].contains($0.code) ? $0.code : nil } ?? "USD"
        default: nil
        }
    }

    /// The currencies that stand at these words, by code or sign.
    static func currencies(_ words: [RemittanceWord], likely: Currency) -> Set<String> {
        Set(words.map { $0.text.filter(\.isLetter) }).intersection(codes)
            .union(words.flatMap { $0.text.compactMap { code(of: $0, likely: likely) } })
    }

    /// Words between blanks, tabs and bars.
    static func words(of line: String) -> [RemittanceWord] {
        var words: [RemittanceWord] = [], text = "", start = 1
        for (at, character) in line.enumerated() {
            if character.isWhitespace || character == "|" || character == ";" {
                if !text.isEmpty { words.append(RemittanceWord(text: text, columns: start..<at + 1)) }
                text = ""
            } else {
                if text.isEmpty { start = at + 1 }
                text.append(character)
            }
        }
        if !text.isEmpty { words.append(RemittanceWord(text: text, columns: start..<start + text.count)) }
        joinThousands(&words, of: line)
        for at in words.indices { words[at].isMoney = isMoney(words, at) }
        return words
    }

    /// `12 345,60` is one amount: groups of three behind one blank, the last with decimals. An ordinary blank joins only beside a currency or
    /// where wider gaps part the columns, and neither behind a line's first number, which may count the lines, nor behind one that a word for a document stands before.
    private static func joinThousands(_ words: inout [RemittanceWord], of line: String) {
        guard words.count > 1, line.contains(where: \.isNumber) else { return }
        let characters = Array(line)
        func isCode(_ at: Int) -> Bool {
            words.indices.contains(at) && (codes.contains(words[at].text) || ["€", "$", "£"].contains(words[at].text))
        }
        func isGroup(_ text: String, isLast: Bool) -> Bool {
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
            guard (1...3).contains(words[at].text.count), words[at].text.allSatisfy({ $0.isASCII && $0.isNumber }) else { continue }
            var last = at + 1
            while last + 1 < words.count, isGroup(words[last].text, isLast: false), separator(before: last + 1) == separator(before: at + 1)
            {
                last += 1
            }
            guard isGroup(words[last].text, isLast: true), let mark = separator(before: at + 1),
                (at + 1...last).allSatisfy({ separator(before: $0) == mark && ($0 == last || isGroup(words[$0].text, isLast: false)) }),
                mark == "\u{A0}" || mark == "\u{202F}"
                    || (mark == " " && at > 0 && !namesDocument(at - 1) && (isCode(at - 1) || isCode(last + 1) || beginsColumn(at)))
            else { continue }
            let joined = RemittanceWord(
                text: words[at...last].map(\.text).joined(), columns: words[at].columns.lowerBound..<words[last].columns.upperBound)
            words.replaceSubrange(at...last, with: [joined])
        }
    }

    /// A code before a number is that number's; behind it only where no other number follows: `Invoice 4711 EUR 500`.
    private static func isMoney(_ words: [RemittanceWord], _ at: Int) -> Bool {
        func isCode(_ at: Int) -> Bool { words.indices.contains(at) && codes.contains(words[at].text.filter { $0.isLetter }) }
        func isNumber(_ at: Int) -> Bool { words.indices.contains(at) && words[at].text.first?.isNumber == true }
        let text = words[at].text
        return text.contains { "€$£".contains($0) } || codes.contains { text.hasPrefix($0) || text.hasSuffix($0) } || isCode(at - 1)
            || isCode(at + 1) && !isNumber(at + 2)
    }

    /// The digits of an amount: a decimal part of two digits is wanted unless a currency stands beside it; `(1.00)` and `1.00-` are
    /// below zero.
    var amount: String? {
        var digits = text.filter { !"€$£".contains($0) }
        for code in Self.codes where digits.hasSuffix(code) || digits.hasPrefix(code) {
            digits = digits.replacing(code, with: "")
        }
        while let last = digits.last, ",.:".contains(last) { digits.removeLast() }
        let isNegative = digits.hasPrefix("(") && digits.hasSuffix(")") || digits.hasSuffix("-") || digits.hasPrefix("-")
        digits = digits.filter { !"()-+".contains($0) }
        let parts = digits.split(omittingEmptySubsequences: false) { $0 == "." || $0 == "," || $0 == "'" }
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
        let digits = text.filter { !",;".contains($0) }
        if let day = Day(digits) { return day }
        let parts = digits.split { $0 == "." || $0 == "/" || $0 == "-" }.compactMap { Int($0) }
        guard parts.count == 3, parts[2] > 1900 || digits.contains("."), digits.allSatisfy({ $0.isNumber || "./-".contains($0) }) else {
            return nil
        }
        let year = parts[2] < 100 ? parts[2] + 2000 : parts[2]
        if digits.contains(".") || parts[0] > 12 { return Day(year: year, month: parts[1], day: parts[0]) }
        return parts[1] > 12 || parts[0] == parts[1] ? Day(year: year, month: parts[0], day: parts[1]) : nil
    }

    /// A day whose month is a word, `28 Nov 2026`, `March 12, 2026`, `5. Mai 2026`, among words that follow one another.
    static func writtenDay(in words: [RemittanceWord]) -> (day: Day, columns: Range<Int>)? {
        for at in words.indices.dropLast(2) {
            let parts = words[at...(at + 2)].map { $0.text.lowercased().filter { !",.:;".contains($0) } }
            guard let year = Int(parts[2]), (1_990...2_099).contains(year) else { continue }
            for (day, month) in [(parts[0], parts[1]), (parts[1], parts[0])] {
                guard let number = Int(day), month.count >= 3, month.allSatisfy(\.isLetter), let of = months[String(month.prefix(3))],
                    let found = Day(year: year, month: of, day: number)
                else { continue }
                return (found, words[at].columns.lowerBound..<words[at + 2].columns.upperBound)
            }
        }
        return nil
    }

    private static let months = [
        "jan": 1, "feb": 2, "fév": 2, "mar": 3, "mär": 3, "apr": 4, "avr": 4, "may": 5, "mai": 5, "jun": 6, "jul": 7, "aug": 8, "aoû": 8,
        "sep": 9,
        "oct": 10, "okt": 10, "nov": 11, "dec": 12, "dez": 12, "déc": 12,
    ]

    private var looksLikeDate: Bool {
        let parts = text.split { "./-,".contains($0) }
        return parts.count == 3 && parts.allSatisfy { $0.utf8.allSatisfy(\.isDigit) }
            && parts.map(\.count).sorted().last.map { $0 == 4 || $0 == 2 } == true
            && text.filter { $0.isNumber }.count <= 8
    }

    /// The number of a document: has a digit, at least three places, is neither amount nor date.
    var document: String? {
        var number = text[...]
        while let last = number.last, ",.:;)".contains(last) { number = number.dropLast() }
        while let first = number.first, "(#".contains(first) { number = number.dropFirst() }
        guard (3...35).contains(number.count), number.contains(where: \.isNumber), amount == nil, day == nil, !looksLikeDate,
            number.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-/._".contains($0)) })
        else { return nil }
        return String(number)
    }
}
