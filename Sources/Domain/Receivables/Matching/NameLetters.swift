/// How letters beyond A to Z are written in Latin capitals.
enum NameSpelling {
    /// Without marks; Greek and Cyrillic as the European Payments Council's table for banks has them (EPC217-08).
    case plain
    /// With two letters where they are usual: German and Nordic letters, Greek by ELOT 743, Cyrillic by ICAO Doc 9303.
    case long
}

/// A name in Latin capitals; what has no letter here stays.
func latin(_ name: String, _ spelling: NameSpelling) -> String {
    let letters = spelling == .plain ? plainLetters : longLetters
    var latin = ""
    // By character, since a letter and its mark may be two scalars.
    for character in name.uppercased() {
        if let known = letters[character] {
            latin += known
        } else {
            for scalar in character.unicodeScalars where !(0x300...0x36F).contains(scalar.value) {
                if let known = letters[Character(scalar)] { latin += known } else { latin.unicodeScalars.append(scalar) }
            }
        }
    }
    return latin
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
