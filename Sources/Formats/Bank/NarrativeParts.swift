/// Sub-fields of two digits behind a mark: `166?00GUTSCHRIFT?20EREF+…`.
struct SubFields {
    /// The three digits, with a Polish bank four, with a Bulgarian one letters, before the first mark: the transaction code.
    let code: String?
    let mark: Character
    private var values: [(key: String, value: String)] = []

    private static let marks: [Character] = ["?", "~", "<", ">", "^", "|", "+"]
    private static let keys = Set([0...38, 60...79].flatMap { $0.map { $0 < 10 ? "0\($0)" : "\($0)" } })
    /// Of a Polish bank beside the others; behind `+` they would be numbers that are listed.
    private static let foreignKeys = Set((39...59).map(String.init))

    /// - Returns: nil unless a mark and a known key stand at the start, behind the code at most.
    init?(_ text: String) {
        let text = Array(text), lead = text.prefix { $0.isWhitespace }.count
        let numbers = text.dropFirst(lead).prefix { $0.isASCII && $0.isNumber }.count
        // Of a Bulgarian bank letters: `TBB+00…+21…`.
        let letters = text.dropFirst(lead).prefix { $0.isASCII && $0.isUppercase }.count
        let digits = letters == 3 && text.dropFirst(lead + 3).starts(with: "+00") ? letters : numbers
        let start = lead + digits + text.dropFirst(lead + digits).prefix { $0.isWhitespace }.count
        guard start + 2 < text.count, digits == 0 || digits == 3 || (digits == 4 && text[start] == "<"), Self.marks.contains(text[start]),
            Self.isKey(text, start + 1)
        else { return nil }
        code = digits > 0 ? String(text[lead..<lead + digits]) : nil
        mark = text[start]
        var at = start
        while at < text.count {
            let key = String(text[at + 1...at + 2])
            var end = at + 3
            while end < text.count, !(text[end] == mark && Self.isKey(text, end + 1)) { end += 1 }
            values.append((key, String(text[at + 3..<end])))
            at = end
        }
        // A mark with nothing behind it ends the text.
        if let last = values.last?.value, last.last == mark { values[values.count - 1].value = String(last.dropLast()) }
    }

    /// A line that starts with the text's own mark and a key starts a sub-field: the line end before it is no blank.
    static func seam(of text: String) -> (Substring, Substring) -> LineSeam? {
        let mark = text.first { !$0.isWhitespace && !$0.isNumber }
        return { _, line in
            guard line.first == mark, keys.contains(String(line.dropFirst().prefix(2))) else { return nil }
            return .nothing
        }
    }

    private static func isKey(_ text: [Character], _ at: Int) -> Bool {
        guard at + 1 < text.count else { return false }
        let key = String(text[at...at + 1])
        return keys.contains(key) || (text[at - 1] == "^" && foreignKeys.contains(key))
    }

    subscript(key: String) -> String? { values.first { $0.key == key }?.value.trimmed }

    /// The values of these keys in order. One that fills its width was cut, so the next continues its word.
    func joined(_ keys: [String], width: Int) -> String? {
        var text: String?, isFull = true
        for key in keys {
            for (found, value) in values where found == key {
                text = (text ?? "") + (isFull ? "" : " ") + value
                isFull = value.count >= width
            }
        }
        return text
    }
}

/// SEPA keys: `EREF+… MREF+… SVWZ+…`, with some banks `EREF: … SVWZ: …`, the value as far as the next key.
struct SEPAKeys {
    /// What stands before the first key.
    let lead: String
    private var values: [String: String] = [:]

    private static let keys = [
        "EREF", "KREF", "MREF", "CRED", "DEBT", "COAM", "OAMT", "SVWZ", "ABWA", "ABWE", "IBAN", "BIC", "PURP", "RTRN", "RREF", "ORCR",
        "DDAT", "MDAT",
    ]
    private static let colonKeys = ["EREF", "KREF", "MREF", "CRED", "SVWZ", "ABWA", "ABWE", "MTLG", "IBAN", "BIC"]
    /// Words that people write too: keys only beside others.
    private static let weakKeys = ["IBAN", "BIC", "MTLG"]

    /// - Returns: nil when no key stands in the text.
    init?(_ text: String) {
        let places = Self.places(in: text)
        guard let first = places.first else { return nil }
        lead = String(text[..<first.range.lowerBound]).trimmed
        for (at, place) in places.enumerated() {
            let end = at + 1 < places.count ? places[at + 1].range.lowerBound : text.endIndex
            let value = singleSpaced(String(text[place.range.upperBound..<end]))
            let isText = ["SVWZ", "MTLG"].contains(place.key)
            values[place.key] = values[place.key].map { isText ? "\($0) \(value)" : $0 } ?? value
        }
    }

    subscript(key: String) -> String? { values[key].flatMap { $0.isEmpty ? nil : $0 } }

    private static func places(in text: String) -> [(key: String, range: Range<String.Index>)] {
        var found: [(key: String, range: Range<String.Index>)] = [], at = text.startIndex, isSure = false
        while let mark = text[at...].firstIndex(where: { $0 == "+" || $0 == ":" }) {
            let isColon = text[mark] == ":", word = text[at..<mark].suffix(4)
            if let key = (isColon ? colonKeys : keys).first(where: { word.hasSuffix($0) }) {
                let start = text.index(mark, offsetBy: -key.count)
                if !isColon || start == text.startIndex || text[text.index(before: start)].isWhitespace || key == "MTLG" {
                    found.append((key, start..<text.index(after: mark)))
                    isSure = isSure || !isColon || !weakKeys.contains(key)
                }
            }
            at = text.index(after: mark)
        }
        return isSure ? found : []
    }
}

/// Code words between strokes: `/EREF/…/BENM//NAME/…/REMI/…`.
struct CodeWords {
    let lead: String
    private var values: [String: String] = [:]

    private static let words: Set<String> = [
        "EREF", "PREF", "MARF", "CSID", "CNTP", "REMI", "PURP", "ULTD", "ULTC", "ULTB", "ORDP", "BENM", "NAME", "IBAN", "BIC", "TRTP",
        "SVCL", "RTRN",
        "ISDT", "TRCD", "ADDR", "KREF", "INST", "CITY", "CTRY", "OCMT", "CHGS", "CHGC", "EXCH", "BUSP", "RREF", "ACCT", "BBAN", "TRID",
        "SWIFTBIC", "ACNO", "CRNM", "DBNM", "CACT", "DACT", "CBIC", "DBIC", "OPRP", "OAMT", "OGB", "OSDR",
        "DCID", "VA",
    ]
    /// Of narratives that start with `/PT/`, the kind of payment, or `/CTC/`, the bank's code: details, further words, references, sender,
    /// beneficiary and their banks.
    private static let american = Set(
        ["PT", "PY", "EI", "CTC", "ROC", "RFB"]
            + ["BO", "BN", "OB", "BI", "BB"].flatMap { word in [word] + (1...4).map { "\(word)\($0)" } })

    /// - Returns: nil unless two code words stand in the text, or one at its start.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let known = ["/PT/", "/CTC/"].contains(where: text.hasPrefix) ? Self.words.union(Self.american) : Self.words
        var lead = "", key: String?, count = 0
        for (at, part) in parts.enumerated() {
            let word = String(part).trimmed
            if at > 0, at < parts.count - 1, known.contains(word) {
                (key, count) = (word, count + 1)
            } else if let open = key {
                values[open] = values[open].map { "\($0)/\(part)" } ?? String(part)
            } else {
                lead += (at == 0 ? "" : "/") + part
            }
        }
        self.lead = lead.trimmed
        guard count >= 2 || count == 1 && self.lead.isEmpty else { return nil }
    }

    /// A word that the line end cuts, `//RE` and `MI/`, is one word.
    static func seam(_ before: Substring, _ line: Substring) -> LineSeam? {
        guard let stroke = before.lastIndex(of: "/"), let next = line.firstIndex(of: "/") else { return nil }
        return words.contains(String(before[before.index(after: stroke)...] + line[..<next])) ? .nothing : nil
    }

    /// A stroke at either end belongs to no value.
    subscript(key: String) -> String? {
        guard let value = values[key] else { return nil }
        let text = String(value.trimmedStrokes).trimmed
        return text.isEmpty ? nil : text
    }
}

extension String {
    fileprivate var trimmedStrokes: Substring {
        var rest = self[...]
        while rest.first == "/" || rest.first == " " { rest = rest.dropFirst() }
        while rest.last == "/" || rest.last == " " { rest = rest.dropLast() }
        return rest
    }
}

/// Labels of Polish, Swiss and Dutch banks: `Z RACH.: …; OD: …; TYT.: …`, `AUFTRAGGEBER: … MITTEILUNGEN: …`, `REK: …/NAAM: …` and
/// `IBAN: … BIC: … NAAM: … OMSCHRIJVING: … KENMERK: …`.
struct Labels {
    private(set) var lead = ""
    private(set) var name: String?
    private(set) var account: String?
    private(set) var words = ""
    private(set) var reference = ""
    private(set) var endToEndID: String?
    private(set) var mandateID: String?
    private(set) var creditorID: String?
    private(set) var structuredReference: String?

    private enum Part { case name, account, words, reference, endToEnd, mandate, creditor, structured, bank }
    private static let labels: [(text: String, part: Part)] = [
        ("Z RACH.:", .account), ("NA RACH.:", .account), ("OD:", .name), ("DLA:", .name), ("TYT.:", .words), ("TNR:", .reference),
        ("AUFTRAGGEBER:", .name), ("ABSENDER:", .name), ("MITTEILUNGEN:", .words), ("REFERENZEN:", .reference),
        ("REK:", .account), ("NAAM:", .name), ("OMSCHRIJVING:", .words), ("MACHTIGING:", .mandate), ("INCASSANT:", .creditor),
        ("BETALINGSKENM.:", .structured),
    ]
    /// Words that people write too: labels only beside others.
    private static let weak: [(text: String, part: Part)] = [("IBAN:", .account), ("BIC:", .bank), ("KENMERK:", .endToEnd)]

    /// Whether a label stands at the start of the line.
    static func starts(_ line: Substring) -> Bool {
        let capitals = String(line.prefix(20)).asciiCapitals
        return (labels + weak).contains { capitals.hasPrefix($0.text) }
    }

    /// - Returns: nil when no label stands in the text.
    init?(_ text: String) {
        // Capitals stand where the letters stand: a place in the one is a place in the other.
        let whole = text.asciiCapitals[...]
        func found(_ labels: [(text: String, part: Part)]) -> [(range: Range<String.Index>, part: Part)] {
            labels.compactMap { label in
                guard let range = whole.range(of: label.text),
                    range.lowerBound == whole.startIndex || " ;/|".contains(whole[whole.index(before: range.lowerBound)])
                else { return nil }
                return (range, label.part)
            }
        }
        let sure = found(Self.labels)
        // One label in small letters is a word like others: `od: 1.1.2026`.
        if sure.count == 1, text[sure[0].range] != whole[sure[0].range] { return nil }
        let places = (sure.isEmpty ? [] : sure + found(Self.weak)).sorted { $0.range.lowerBound < $1.range.lowerBound }
        guard let first = places.first else { return nil }
        lead = Self.clean(text[..<first.range.lowerBound])
        for (at, place) in places.enumerated() {
            let raw = text[place.range.upperBound..<(at + 1 < places.count ? places[at + 1].range.lowerBound : text.endIndex)]
            let value = Self.clean(raw)
            switch place.part {
            case .name: name = raw.trimmedDoubleBlank
            case .account: account = value
            case .words: words = value
            case .reference: reference = value
            case .endToEnd: endToEndID = value
            case .mandate: mandateID = value
            case .creditor: creditorID = value
            case .structured: structuredReference = value
            case .bank: break
            }
        }
    }

    private static func clean(_ text: Substring) -> String {
        var value = singleSpaced(String(text))
        while let last = value.last, ";/|".contains(last) { value = String(value.dropLast()).trimmed }
        return value
    }
}

extension String {
    fileprivate var asciiCapitals: String { String(decoding: utf8.map { (97...122).contains($0) ? $0 - 32 : $0 }, as: UTF8.self) }
}

extension Substring {
    /// Up to two blanks in a row, which divide a name from its address.
    fileprivate var trimmedDoubleBlank: String {
        let text = String(self).trimmed
        let end = text[...].range(of: "  ")?.lowerBound ?? text.endIndex
        return text[..<end].split { $0 == ";" || $0 == "|" }.first.map { String($0).trimmed } ?? ""
    }
}
