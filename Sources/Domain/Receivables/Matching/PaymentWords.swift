/// What a payer's words say of the money beside what they name.
package struct PaymentWords: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    /// It is paid before or beside an invoice.
    package static let onAccount = PaymentWords(rawValue: 1)
    /// The number written is the payer's own.
    package static let ownNumber = PaymentWords(rawValue: 2)
    /// Something is kept back for a reason: less is paid than is owed, and the rest is not to come.
    package static let keptBack = PaymentWords(rawValue: 4)
    /// It is for something that is no sale: rent, a loan, a refund.
    package static let otherPurpose = PaymentWords(rawValue: 8)
}

extension ReferenceText {
    var paymentWords: PaymentWords {
        var said = PaymentWords()
        for run in 0..<(runs.count - 1) {
            var hash = KeyHash(0)
            hash.add(bytes[runs[run]..<runs[run + 1]])
            // `SEPA-Gutschrift` is the bank's word for any credit transfer.
            let isBanks = run > 0 && bytes[runs[run - 1]..<runs[run]].elementsEqual("SEPA".utf8)
            if !isBanks { said.formUnion(spoken[hash.key] ?? []) }
            // Two words written apart: `a conto`, `our ref`.
            guard run + 2 < runs.count else { continue }
            hash.add(bytes[runs[run + 1]..<runs[run + 2]])
            said.formUnion(spoken[hash.key] ?? [])
        }
        return said
    }
}

private let spoken: [UInt64: PaymentWords] = {
    let words: [(PaymentWords, [String])] = [
        (
            .onAccount,
            [
                "ANZAHLUNG", "VORAUSZAHLUNG", "VORAUSKASSE", "VORKASSE", "AKONTO", "ACONTO", "AKONTOZAHLUNG", "ABSCHLAG",
                "ABSCHLAGSZAHLUNG", "TEILZAHLUNG", "TEILBETRAG", "RATE", "RATENZAHLUNG", "ADVANCE", "PREPAYMENT", "DEPOSIT", "ONACCOUNT",
                "DOWNPAYMENT", "PARTPAYMENT", "INSTALMENT", "INSTALLMENT", "ACOMPTE", "ARRHES", "ANTICIPO", "ACCONTO", "VOORUITBETALING",
                "AANBETALING", "FORSKUD", "FORSKOTT", "VORSCHUSS", "ZALICZKA", "ZALOHA", "ZLOHA", "ACUENTA", "CAPARRA", "DEPOSITO",
                "DEPSITO", "PROFORMA",
                "AUFTRAGSBESTAETIGUNG", "AUFTRAGSBESTTIGUNG", "AUFTRAGSBEST", "ANGEBOT", "ORDERCONFIRMATION", "QUOTATION", "QUOTE",
            ]
        ),
        (
            .ownNumber,
            [
                "OURREF", "OURREFERENCE", "UNSERZEICHEN", "UNSERZEICH", "UNSEREREF", "UNSEREREFERENZ", "NOTREREF", "NOTREREFERENCE",
                "ONSKENMERK",
                "NOSTRORIF", "NUESTRAREF", "KASSENZEICHEN",
            ]
        ),
        (
            .otherPurpose,
            [
                "MIETE", "RENT", "KAUTION", "DARLEHEN", "LOAN", "TILGUNG", "ZINSEN", "INTEREST", "SPENDE", "DONATION", "GEHALT", "LOHN",
                "SALARY", "WAGES", "REFUND", "REIMBURSEMENT", "ERSTATTUNG", "RUECKERSTATTUNG", "CKERSTATTUNG", "RUECKZAHLUNG", "CKZAHLUNG",
                "REMBOURSEMENT", "RIMBORSO", "TERUGBETALING", "LOYER", "AFFITTO", "HUUR",
                "PROVISION", "COMMISSION", "NEBENKOSTEN", "VERSICHERUNG", "SCHADEN", "SCHADENSERSATZ", "GEWINNAUSSCHUETTUNG",
                "GEWINNAUSSCHTTUNG", "DIVIDENDE", "DIVIDEND", "INSURANCE", "RETOURE", "GUTHABEN", "GUTSCHRIFT",
                "CREDITNOTE",
            ]
        ),
        (
            .keptBack,
            [
                "LESS", "MINUS", "ABZGL", "ABZUEGLICH", "ABZUG", "KUERZUNG", "GEKUERZT", "MANGEL", "CLAIM", "DEDUCTION", "DEDUCTED",
                "WITHHELD",
                "WITHHOLDING", "RETENTION", "EINBEHALT", "MOINS", "RETENUE", "DETRATTO", "RITENUTA",
            ]
        ),
    ]
    var spoken: [UInt64: PaymentWords] = [:]
    for (meaning, words) in words {
        for word in words {
            var hash = KeyHash(0)
            hash.add(word.utf8)
            spoken[hash.key, default: []].formUnion(meaning)
        }
    }
    return spoken
}()
