/// A part of a sentence, between commas, stops and the words that join.
enum RemittanceClause {
    private static let joints: Set<String> = ["and", "but", "while", "und", "aber", "et", "mais", "en", "maar"]
    private static let openWords: Set<String> = [
        "remaining", "remains", "remain", "unpaid", "outstanding", "disputed", "offen", "offene", "offener", "offenen", "restbetrag",
        "strittig",
        "openstaand", "openstaande", "impayé", "impayée", "pendiente", "sospeso", "geblokkeerd", "wstrzymane", "zurückgestellt", "gesperrt",
        "litige", "attente",
    ]
    private static let openPhrases = [
        "stays open", "still open", "left open", "open balance", "remains open", "on hold", "held back", "in dispute",
        "no incluid", "no pagad",
    ]
    /// What is said of them will be paid with another payment.
    private static let laterPhrases = ["next week", "next month", "next run", "next payment run", "nächste woche", "semaine prochaine"]
    /// Words for open invoices, which a payer may pay after all.
    private static let weakWords: Set<String> = [
        "remaining", "remains", "remain", "outstanding", "offen", "offene", "offener", "offenen", "openstaand", "openstaande", "pendiente",
        "attente",
    ]
    private static let negations: Set<String> = ["not", "nicht", "niet", "pas", "non", "inte", "ikke", "nie", "ej"]
    private static let paidWords: Set<String> = [
        "paid", "paying", "pay", "transferred", "settled", "bezahlt", "gezahlt", "zahlen", "überwiesen", "beglichen", "betaald", "payé",
        "payée",
    ]

    private static let includedWords: Set<String> = [
        "included", "include", "enthalten", "berücksichtigt", "inclus", "incluse", "incluses", "incluida", "incluidas", "incluido",
        "inclusa",
        "inbegrepen", "medräknad", "inkluderet", "inkludert",
    ]

    /// Whether the words say of what follows them that it is not paid: `On hold / not included:`.
    static func opensUnpaid(_ words: [RemittanceWord]) -> Bool {
        words.count <= 8 && words.last?.text.hasSuffix(":") == true
            && !unpaid(words.filter { !weakWords.contains($0.text.lowercased().filter(\.isLetter)) }).isEmpty
    }

    /// The columns of each clause that says something is not paid: open and disputed, without a word that it is paid after all.
    static func unpaid(_ words: [RemittanceWord]) -> [Range<Int>] {
        var found: [Range<Int>] = [], names: [String] = [], start = words.first?.columns.lowerBound ?? 1, end = start
        func close() {
            let isNegated = names.contains(where: negations.contains), isPaid = names.contains(where: paidWords.contains)
            let text = names.joined(separator: " ")
            let isOpen = names.contains(where: openWords.contains) || openPhrases.contains { text.contains($0) }
            let isLeftOut = isNegated && names.contains(where: includedWords.contains)
            let isLater = laterPhrases.contains { text.contains($0) }
            if isNegated && isPaid || isLeftOut || isLater || isOpen && !isPaid { found.append(start..<end) }
        }
        for word in words {
            let name = word.text.lowercased().filter { $0.isLetter }
            if joints.contains(name) {
                close()
                (names, start) = ([], word.columns.upperBound)
                continue
            }
            names.append(name)
            end = word.columns.upperBound
            if let last = word.text.last, ",;.".contains(last), word.text.count > 3 || word.amount != nil {
                close()
                (names, start) = ([], end)
            }
        }
        close()
        return found
    }
}
