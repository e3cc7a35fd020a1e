/// A payer's or customer's name as names are compared: Latin capitals without marks, punctuation, blanks and legal form.
package func foldedName(_ name: String) -> String { joinedWithoutForm(foldedWords(name, .plain)) }

/// The ways in which a bank may write a name: as `foldedName` gives it, then with two letters for one where they are usual, as `MUELLER` for
/// `Müller`. One for a name in plain letters.
package func nameSpellings(_ name: String) -> [String] {
    let plain = foldedName(name)
    if name.utf8.allSatisfy({ $0 < 0x80 }) { return [plain] }
    let long = joinedWithoutForm(foldedWords(name, .long))
    return long == plain ? [plain] : [plain, long]
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
package func nameWords(_ name: String) -> [String] { foldedWords(name, .plain).filter { $0.utf8.count >= 3 && !legalForms.contains($0) } }

private func joinedWithoutForm(_ words: [String]) -> String {
    let kept = words.filter { !legalForms.contains($0) }
    return (kept.isEmpty ? words : kept).joined()
}

private func foldedWords(_ name: String, _ spelling: NameSpelling) -> [String] {
    joiningInitials(alphanumericRuns(name.utf8.allSatisfy { $0 < 0x80 } ? name : latin(name, spelling)))
}

/// `S. A.` is `SA`, `Z O O` is `ZOO`: letters that stand alone make one word.
private func joiningInitials(_ words: [String]) -> [String] {
    func isInitial(_ word: String) -> Bool { word.utf8.count == 1 && word.utf8.first! >= 65 }
    guard words.contains(where: isInitial) else { return words }
    var joined: [String] = [], isOpen = false
    for word in words {
        if isInitial(word), isOpen { joined[joined.count - 1] += word } else { joined.append(word) }
        isOpen = isInitial(word)
    }
    return joined
}

private let legalForms: Set<String> = [
    "LTD", "LIMITED", "PLC", "LLC", "LLP", "INC", "INCORPORATED", "CORP", "CORPORATION", "COMPANY", "GMBH", "AG", "KG", "OHG", "UG", "EK",
    "EV", "SE", "MBH",
    "KGAA", "CO", "SA", "SARL", "SAS", "SASU", "BV", "NV", "VOF", "SPA", "SRL", "SL", "SLU", "LDA", "AB", "AS", "ASA", "OY", "OYJ", "APS",
    "SP", "ZOO",
    "SRO", "DOO", "KFT", "PTY",
    // Bulgarian, Russian, Ukrainian and Greek forms as they are written in Latin letters.
    "AD", "EAD", "OOD", "EOOD", "OOO", "AO", "OAO", "ZAO", "PAO", "TOV", "AE", "EPE", "IKE",
]
