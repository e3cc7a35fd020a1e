/// What the text of a detail says behind the labels that banks of the United States use: `ORIG CO NAME:ALPHA CORP ORIG ID:4711 …`, or with
/// equals signs, as wires have them: `ORG=/123456 ALPHA CORP; OGB=…`.
struct BAI2Words {
    private let lead: String
    private var values: [String: String] = [:]

    private static let labels = [
        "ORIG CO NAME", "CO ENTRY DESCR", "DESC DATE", "ORIG ID", "IND NAME", "IND ID", "TRACE#", "SEND PT", "SND BK", "PMT DET",
        "PMT INFO",
        "CO ID", "INDN", "DES", "ORIG", "ORG", "OGB", "BBK", "BBI", "OBI", "BNF", "B/O", "SEC", "EED", "ID", "TRN", "SEQ", "DATE", "TIME",
        "DBNM", "CRNM",
        "EREF",
        "CREF", "REMI", "DACT", "CACT", "DABA", "CABA", "DBIC", "CBIC", "IDNM", "CHKN",
        "REF", "VIA", "IMAD", "OMAD", "RFB",
    ].sorted { $0.count > $1.count }

    init(_ text: String) {
        var places: [(label: String, range: Range<String.Index>)] = [], at = text.startIndex
        while let mark = text[at...].firstIndex(where: { $0 == ":" || $0 == "=" }) {
            let before = text[at..<mark]
            if let label = Self.labels.first(where: before.hasSuffix) {
                let start = text.index(mark, offsetBy: -label.count)
                if start == text.startIndex || (text[mark] == "=" ? " ,;/" : " ,;").contains(text[text.index(before: start)]) {
                    // The sign itself tells how the value is written.
                    places.append((label, start..<(text[mark] == "=" ? mark : text.index(after: mark))))
                }
            }
            at = text.index(after: mark)
        }
        lead = places.first.map { String(text[..<$0.range.lowerBound]).trimmed } ?? text
        for (order, place) in places.enumerated() {
            let end = order + 1 < places.count ? places[order + 1].range.lowerBound : text.endIndex
            let value = Self.value(text[place.range.upperBound..<end])
            if values[place.label] == nil, !value.isEmpty { values[place.label] = value }
        }
    }

    /// `=ALPHA CORP ;`: some banks write an equals sign, alone or behind the colon, and end a value with a semicolon.
    private static func value(_ text: Substring) -> String {
        guard text.first == "=" else { return String(text).trimmed }
        return String(text.dropFirst().prefix { $0 != ";" }).trimmed
    }

    subscript(label: String) -> String? { values[label] }

    /// The other side: who sent what came in, who got what went out. A name before `DES:` has no label.
    func name(isCredit: Bool) -> String? {
        let labels = isCredit ? ["ORIG CO NAME", "DBNM", "ORIG", "ORG", "B/O"] : ["ORIG CO NAME", "CRNM", "BNF"]
        let named = labels.lazy.compactMap { values[$0] }.first.map { value in
            // A wire may give the account before the name.
            value.hasPrefix("/") ? String(value.drop { $0 != " " }).trimmed : value
        }
        return named.flatMap { $0.isEmpty ? nil : $0 } ?? (values["DES"] == nil || lead.isEmpty ? nil : lead)
    }
}
