import Domain

/// Names, accounts and numbers of a made-up market.
struct ReceiptNames {
    private static let heads = [
        "Alder", "Brandt", "Castello", "Dubois", "Eklund", "Falk", "Grünwald", "Haas", "Iversen", "Jansen", "Köhler", "Lindqvist", "Moreau",
        "Novak", "Österberg",
        "Petit", "Quint", "Rossi", "Sørensen", "Thiel", "Urban", "Voss", "Weber", "Young", "Zeller", "Müller", "Schmidt", "Meier",
        "Bianchi", "García",
    ]
    private static let trades = [
        "Werkzeuge", "Logistics", "Foods", "Trading", "Papeterie", "Elektro", "Textiles", "Garden", "Pharma", "Metall", "Optik", "Print",
        "Möbel", "Marine", "Solar",
        "Kaffee", "Glass", "Tools", "Bau", "Media",
    ]
    private static let forms = ["GmbH", "Ltd", "AG", "SARL", "B.V.", "GmbH & Co. KG", "S.p.A.", "AB", "Inc.", ""]

    /// One customer in fifty has the name of another.
    static func customer(_ at: Int, _ random: inout SeededRandom) -> String {
        let own = random.chance(perMille: 20) ? random.below(max(1, at)) : at
        let place = own / (heads.count * trades.count), form = forms[own % forms.count]
        let words = [heads[own % heads.count], trades[own / heads.count % trades.count], place == 0 ? "" : town(place), form]
        return words.filter { !$0.isEmpty }.joined(separator: " ")
    }

    private static func town(_ at: Int) -> String {
        let heads = ["Nord", "Süd", "West", "Ost", "Neu", "Alt", "Ober", "Unter", "Klein", "Groß"],
            tails = ["stadt", "burg", "heim", "feld", "bach", "hafen", "tal", "au"]
        let word = heads[at % heads.count] + tails[at / heads.count % tails.count], more = at / (heads.count * tails.count)
        return more == 0 ? word : "\(word) \(more)"
    }

    /// How banks write a name: in capitals, cut, without its marks or without its legal form.
    static func written(_ name: String, _ random: inout SeededRandom) -> String {
        switch random.below(6) {
        case 0: name.uppercased()
        case 1: String(name.prefix(27))
        case 2:
            forms.filter { !$0.isEmpty && name.hasSuffix($0) }.max { $0.count < $1.count }.map { String(name.dropLast($0.count + 1)) }
                ?? name
        default: name
        }
    }

    /// The shape in which a world numbers its invoices.
    enum Shape: Int, CaseIterable {
        case dashed, slashed, digits, short
        func number(_ at: Int) -> String {
            switch self {
            case .dashed: "INV-2025-\(padded(at, 6))"
            case .slashed: "RE2025/\(padded(at, 7))"
            case .digits: "9\(padded(at, 8))"
            case .short: "R\(padded(at, 6))"
            }
        }
    }
}

/// Digits with leading zeros.
func padded(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}
