/// A payer's or customer's name as names are compared: capitals without marks, punctuation, blanks and legal form.
package func foldedName(_ name: String) -> String {
    let words = foldedWords(name), kept = words.filter { !legalForms.contains($0) }
    return (kept.isEmpty ? words : kept).joined()
}

/// A name as far as it can be compared with one that a bank has cut or written without marks: `MUELLER` is `Müller`.
///
/// - Parameter folded: As `foldedName` gives it.
func comparableName(_ folded: String) -> String {
    let bytes = folded.utf8
    return String(unsafeUninitializedCapacity: bytes.count) { buffer in
        var count = 0, before: UInt8 = 0
        for byte in bytes {
            // An E behind A, O or U.
            let isMark = byte == 69 && (before == 65 || before == 79 || before == 85)
            before = byte
            if isMark { continue }
            buffer[count] = byte
            count += 1
        }
        return count
    }
}

/// The words of a name that tell it from others: three letters at least, no legal form.
package func nameWords(_ name: String) -> [String] { foldedWords(name).filter { $0.utf8.count >= 3 && !legalForms.contains($0) } }

private func foldedWords(_ name: String) -> [String] { alphanumericRuns(name.utf8.allSatisfy { $0 < 0x80 } ? name : unmarked(name)) }

/// Latin letters without their marks: `Müller` and `MULLER` are one name.
private func unmarked(_ name: String) -> String {
    var plain = ""
    for scalar in name.uppercased().unicodeScalars {
        guard let letters = plainLetters[scalar] else {
            plain.unicodeScalars.append(scalar)
            continue
        }
        plain += letters
    }
    return plain
}

private let plainLetters: [Unicode.Scalar: String] = {
    var letters: [Unicode.Scalar: String] = [
        "Æ": "AE", "Œ": "OE", "Þ": "TH", "Ð": "D", "Ł": "L", "Ø": "O", "Đ": "D", "ẞ": "SS", "ß": "SS", "İ": "I",
    ]
    for (plain, marked) in [
        ("A", "ÀÁÂÃÄÅĀĂĄ"), ("C", "ÇĆĈĊČ"), ("D", "Ď"), ("E", "ÈÉÊËĒĔĖĘĚ"), ("G", "ĜĞĠĢ"), ("H", "ĤĦ"), ("I", "ÌÍÎÏĨĪĬĮ"), ("J", "Ĵ"),
        ("K", "Ķ"), ("L", "ĹĻĽĿ"),
        ("N", "ÑŃŅŇ"), ("O", "ÒÓÔÕÖŌŎŐ"), ("R", "ŔŖŘ"), ("S", "ŚŜŞŠȘ"), ("T", "ŢŤŦȚ"), ("U", "ÙÚÛÜŨŪŬŮŰŲ"), ("W", "Ŵ"), ("Y", "ÝŶŸ"),
        ("Z", "ŹŻŽ"),
    ] {
        for scalar in marked.unicodeScalars { letters[scalar] = plain }
    }
    // A mark that stands as a scalar of its own.
    for mark in UInt32(0x300)...0x36F { if let scalar = Unicode.Scalar(mark) { letters[scalar] = "" } }
    return letters
}()

private let legalForms: Set<String> = [
    "LTD", "LIMITED", "PLC", "LLC", "LLP", "INC", "INCORPORATED", "CORP", "CORPORATION", "COMPANY", "GMBH", "AG", "KG", "OHG", "UG", "EK",
    "EV", "SE", "MBH",
    "KGAA", "CO", "SA", "SARL", "SAS", "SASU", "BV", "NV", "VOF", "SPA", "SRL", "SL", "SLU", "LDA", "AB", "AS", "ASA", "OY", "OYJ", "APS",
    "SP", "ZOO",
    "SRO", "DOO", "KFT", "PTY",
]
