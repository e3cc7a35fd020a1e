/// How letters beyond A to Z are written in Latin capitals.
enum NameSpelling {
    /// Without marks; Greek and Cyrillic as the European Payments Council's table for banks has them (EPC217-08).
    case plain
    /// With two letters where they are usual: German and Nordic letters, Greek by ELOT 743, Cyrillic by ICAO Doc 9303.
    case long
}

/// A name in Latin capitals; what has no letter here stays.
func latin(_ name: String, _ spelling: NameSpelling) -> String {
    let letters = spelling == .plain ? plainTable : longTable
    var latin: [UInt8] = []
    latin.reserveCapacity(name.utf8.count * 2)
    for scalar in name.unicodeScalars {
        let value = Int(scalar.value)
        switch value {
        case 97...122: latin.append(UInt8(value - 32))
        case 0..<0x80: latin.append(UInt8(value))
        case diaeresis where spelling == .long && [65, 79, 85].contains(latin.last): latin.append(69)
        case ring where spelling == .long && latin.last == 65: latin.append(65)
        case 0x300...0x36F: continue
        case 0..<letters.count where letters[value] != nil: latin += letters[value] ?? []
        case 0x1E9E: latin += "SS".utf8
        default: latin += String(scalar).uppercased().utf8
        }
    }
    return String(decoding: latin, as: UTF8.self)
}

private let diaeresis = 0x308, ring = 0x30A
private let plainTable = table(of: plainLetters), longTable = table(of: longLetters)

/// The letters by their scalar, small ones too.
private func table(of letters: [Character: String]) -> [[UInt8]?] {
    var table = [[UInt8]?](repeating: nil, count: 0x530)
    for (letter, latin) in letters {
        for form in [String(letter), String(letter).lowercased()] {
            let scalars = form.unicodeScalars
            if scalars.count == 1, let scalar = scalars.first, Int(scalar.value) < table.count {
                table[Int(scalar.value)] = Array(latin.utf8)
            }
        }
    }
    // The small sigma that ends a word has no capital of its own.
    table[0x3C2] = table[0x3A3]
    return table
}

private let plainLetters: [Character: String] = {
    var letters: [Character: String] = [
        "Æ": "AE", "Œ": "OE", "Þ": "TH", "Ð": "D", "Ł": "L", "Ø": "O", "Đ": "D", "ẞ": "SS", "ß": "SS", "İ": "I",
    ]
    for (plain, marked) in [
        ("A", "ÀÁÂÃÄÅĀĂĄ"), ("C", "ÇĆĈĊČ"), ("D", "Ď"), ("E", "ÈÉÊËĒĔĖĘĚ"), ("G", "ĜĞĠĢ"), ("H", "ĤĦ"), ("I", "ÌÍÎÏĨĪĬĮ"), ("J", "Ĵ"),
        ("K", "Ķ"), ("L", "ĹĻĽĿ"), ("N", "ÑŃŅŇ"), ("O", "ÒÓÔÕÖŌŎŐ"), ("R", "ŔŖŘ"), ("S", "ŚŜŞŠȘ"), ("T", "ŢŤŦȚ"), ("U", "ÙÚÛÜŨŪŬŮŰŲ"),
        ("W", "Ŵ"), ("Y", "ÝŶŸ"), ("Z", "ŹŻŽ"),
    ] {
        for character in marked { letters[character] = plain }
    }
    for table in [greek, cyrillic] { letters.merge(table) { _, new in new } }
    return letters
}()

private let longLetters: [Character: String] = {
    let long: [Character: String] = [
        "Ä": "AE", "Ö": "OE", "Ü": "UE", "Å": "AA", "Ø": "OE",
        "Υ": "U", "Ύ": "U", "Ϋ": "U",
        "Й": "I", "Х": "KH", "Щ": "SHCH", "Ъ": "IE", "Ь": "", "Ю": "IU", "Я": "IA",
    ]
    return plainLetters.merging(long) { _, new in new }
}()

private let greek: [Character: String] = [
    "Α": "A", "Ά": "A", "Β": "V", "Γ": "G", "Δ": "D", "Ε": "E", "Έ": "E", "Ζ": "Z", "Η": "I", "Ή": "I", "Θ": "TH", "Ι": "I", "Ί": "I",
    "Ϊ": "I", "Κ": "K", "Λ": "L", "Μ": "M", "Ν": "N", "Ξ": "X", "Ο": "O", "Ό": "O", "Π": "P", "Ρ": "R", "Σ": "S", "Τ": "T", "Υ": "Y",
    "Ύ": "Y", "Ϋ": "Y", "Φ": "F", "Χ": "CH", "Ψ": "PS", "Ω": "O", "Ώ": "O",
]

private let cyrillic: [Character: String] = [
    "А": "A", "Б": "B", "В": "V", "Г": "G", "Д": "D", "Е": "E", "Ж": "ZH", "З": "Z", "И": "I", "Й": "Y", "К": "K", "Л": "L", "М": "M",
    "Н": "N", "О": "O", "П": "P", "Р": "R", "С": "S", "Т": "T", "У": "U", "Ф": "F", "Х": "H", "Ц": "TS", "Ч": "CH", "Ш": "SH",
    "Щ": "SHT", "Ъ": "A", "Ь": "Y", "Ю": "YU", "Я": "YA",
    // Beyond Bulgarian.
    "Ё": "E", "Ы": "Y", "Э": "E", "Ґ": "G", "Є": "YE", "І": "I", "Ї": "YI", "Ў": "U", "Ђ": "DJ", "Ј": "J", "Љ": "LJ", "Њ": "NJ",
    "Ћ": "C", "Џ": "DZ", "Ѓ": "G", "Ќ": "K", "Ѕ": "DZ",
]
