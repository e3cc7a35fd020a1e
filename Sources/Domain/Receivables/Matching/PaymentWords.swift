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
    /// Tax is kept back.
    package static let withheld = PaymentWords(rawValue: 16)
    /// An account is settled, as a statement of it has it, and not one document.
    package static let settlesAccount = PaymentWords(rawValue: 32)
}

extension PaymentWords {
    /// Letters with marks are read as they are, as `UE`, and as a bank writes them that drops the marks or the letters.
    init(_ text: String, _ read: ReferenceText) {
        self = read.paymentWords
        guard text.utf8.contains(where: { $0 >= 0x80 }) else { return }
        for spelling in [NameSpelling.plain, .long] { formUnion(ReferenceText(latin(text, spelling)).paymentWords) }
    }
}

extension ReferenceText {
    fileprivate var paymentWords: PaymentWords {
        var said = PaymentWords()
        for run in 0..<(runs.count - 1) {
            var hash = KeyHash(0)
            hash.add(bytes[runs[run]..<runs[run + 1]])
            // `SEPA-Gutschrift` is the bank's word for any credit transfer.
            let isBanks = run > 0 && bytes[runs[run - 1]..<runs[run]].elementsEqual("SEPA".utf8)
            if !isBanks { said.formUnion(spoken[hash.key] ?? []) }
            if runs[run + 1] - runs[run] > 10, purposes.contains(where: { bytes[..<runs[run + 1]].suffix($0.count).elementsEqual($0) }) {
                said.insert(.otherPurpose)
            }
            // Two words written apart: `a conto`, `our ref`.
            guard run + 2 < runs.count else { continue }
            hash.add(bytes[runs[run + 1]..<runs[run + 2]])
            said.formUnion(spoken[hash.key] ?? [])
        }
        return said
    }
}

/// What German words end in that are put together: `Stromkostenerstattung`.
private let purposes = ["ERSTATTUNG", "VERGUETUNG", "VERGUTUNG", "ZUSCHUSS", "PROVISION", "KAUTION", "BONUS"].map { Array($0.utf8) }

private let spoken: [UInt64: PaymentWords] = {
    let words: [(PaymentWords, [String])] = [
        (
            .onAccount,
            [
                "ANZAHLUNG", "VORAUSZAHLUNG", "VORAUSKASSE", "VORKASSE", "AKONTO", "ACONTO", "AKONTOZAHLUNG", "ABSCHLAG",
                "ABSCHLAGSZAHLUNG", "TEILZAHLUNG", "TEILBETRAG", "RATE", "RATENZAHLUNG", "ADVANCE", "PREPAYMENT", "DEPOSIT", "ONACCOUNT",
                "DOWNPAYMENT", "PARTPAYMENT", "INSTALMENT", "INSTALLMENT", "ACOMPTE", "ARRHES", "ANTICIPO", "ACCONTO", "VOORUITBETALING",
                "AANBETALING", "FORSKUD", "FORSKOTT", "ENNAKKO", "ENNAKKOMAKSU", "ARRAS", "PREDPLATNE", "OFFERTE", "OFFERTA", "VORSCHUSS",
                "ZALICZKA", "ZALOHA", "ZLOHA", "ACUENTA", "CAPARRA", "DEPOSITO",
                "DEPSITO", "PROFORMA", "ZADATEK", "SENAL",
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
                "CREDITNOTE", "RUCKERSTATTUNG", "RUCKZAHLUNG", "CKVERGTUNG", "BONUS", "WKZ", "PROVISIONSABRECHNUNG", "KAUTIONSRUECKGABE",
                "KAUTIONSRUCKGABE", "REBATE", "OVERPAYMENT", "RISTOURNE", "RFA", "AVOIR", "CAUTION", "RAPPEL", "FIANZA", "PREMIO",
                "PROVVIGIONI", "PREMIA", "PROWIZJA", "KAUCJA", "KAUCJI", "KAUCE", "PROVIZE", "BORG", "CONTRIBUTION", "PARTICIPATION",
                "CONTRIBUTO",
                "CONTRIBUCION", "BIJDRAGE", "SPONSORING", "SPONSORSHIP", "KICKBACK", "CASHBACK", "BONUSGUTSCHRIFT", "BONUSZAHLUNG",
                "BONUSABRECHNUNG", "WERBEKOSTEN", "SUBVENTION", "SUBSIDY", "ROYALTIES", "LEIHGELD", "EIGENANTEIL", "UMBUCHUNG",
                "MESSEBETEILIGUNG", "GUTGESCHRIEBEN", "DEPOTDE",
                "BORGSOM", "VAKUUS", "LAINA", "POZYCZKA", "PUJCKA",
            ]
        ),
        (
            .keptBack,
            [
                "LESS", "MINUS", "ABZGL", "ABZUEGLICH", "ABZUG", "KUERZUNG", "GEKUERZT", "MANGEL", "CLAIM", "DEDUCTION", "DEDUCTED",
                "WITHHELD",
                "WITHHOLDING", "RETENTION", "EINBEHALT", "MOINS", "RETENUE", "DETRATTO", "RITENUTA", "KURZUNG", "KRZUNG", "GEKURZT",
                "GEKRZT",
                "ABZUGLICH", "REKLAMIERT", "REKLAMATION", "PREISDIFFERENZ", "FEHLMENGE", "NICHTGELIEFERT", "RETOUREN", "SHORT", "DAMAGED",
                "KLACHT", "INGEHOUDEN", "SAUF", "CONTESTE", "LITIGE", "MENO", "RESO", "TRATTENUTA", "CONTESTAZIONE", "MENOS", "ROTURA",
                "DESCONTADA", "REKLAMACJA", "POTRACENIE", "SRAZKA",
            ]
        ),
        ([.keptBack, .withheld], taxWords),
        (
            .settlesAccount,
            [
                "STATEMENT", "KONTOAUSGLEICH", "KONTENAUSGLEICH", "SALDENAUSGLEICH", "SALDOAUSGLEICH", "KONTOAUSZUG", "OPLISTE",
                "OPOSLISTE", "SOLDE", "SALDO", "RELEVE", "RELEVECOMPTE", "ESTRATTOCONTO", "EXTRACTO", "REKENINGOVERZICHT", "KONTOUDTOG",
                "KONTOUTDRAG", "KONTOUTSKRIFT", "TILIOTE",
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

/// Words and pairs of words for a tax that the payer keeps back.
private let taxWords = [
    "WITHHELD", "WITHHOLDING", "WITHHOLDINGTAX", "TAXWITHHELD", "TAXDEDUCTED", "WHT", "TDS", "RITENUTA", "RITENUTE", "RETENCION",
    "RETENCIN", "RETENCIONES", "RETENCAO", "RETENO", "QUELLENSTEUER", "QUELLENSTEUERABZUG", "BAUABZUGSTEUER", "BAUABZUGSSTEUER",
    "ABZUGSTEUER", "STEUERABZUG", "RETENUEA", "BRONBELASTING", "KILDESKATT", "KALLSKATT", "LAHDEVERO", "STOPAJ", "TEVKIFAT",
]
