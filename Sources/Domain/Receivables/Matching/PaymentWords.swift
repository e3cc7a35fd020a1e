extension ReferenceText {
    /// Whether a word says that the money is paid before or beside an invoice.
    var saysOnAccount: Bool {
        (0..<(runs.count - 1)).contains { run in
            var hash = KeyHash(0)
            hash.add(bytes[runs[run]..<runs[run + 1]])
            if onAccountWords.contains(hash.key) { return true }
            // Two words written apart: `a conto`, `on account`.
            guard run + 2 < runs.count else { return false }
            hash.add(bytes[runs[run + 1]..<runs[run + 2]])
            return onAccountWords.contains(hash.key)
        }
    }
}

private let onAccountWords: Set<UInt64> = {
    let words = [
        "ANZAHLUNG", "VORAUSZAHLUNG", "VORAUSKASSE", "VORKASSE", "AKONTO", "ACONTO", "AKONTOZAHLUNG", "ABSCHLAG", "ABSCHLAGSZAHLUNG",
        "TEILZAHLUNG", "TEILBETRAG", "RATE", "RATENZAHLUNG", "ADVANCE", "PREPAYMENT", "DEPOSIT", "ONACCOUNT", "DOWNPAYMENT", "PARTPAYMENT",
        "INSTALMENT", "INSTALLMENT", "ACOMPTE", "ARRHES", "ANTICIPO", "ACCONTO", "VOORUITBETALING", "AANBETALING", "FORSKUD", "FORSKOTT",
    ]
    return Set(
        words.map { word in
            var hash = KeyHash(0)
            hash.add(word.utf8)
            return hash.key
        })
}()
