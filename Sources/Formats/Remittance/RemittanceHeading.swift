/// What people call things on a remittance advice, in the languages of the payers.
enum RemittanceHeading: Sendable {
    case document, date, gross, discount, deduction, paid
    /// Columns of a ledger: what stands in the one lowers what stands in the other.
    case debit, credit
    /// A running balance beside them, no part of the payment.
    case balance

    private static let vocabulary: [(heading: RemittanceHeading, words: [String])] = [
        (.gross, ["amount due", "amt due", "balance due", "total due", "fälliger betrag"]),
        (
            .date,
            [
                "date", "datum", "data ", "data:", "dato ", "dato:", "fecha", "fällig", "due", "förfall", "forfald", "forfall", "päivä",
                "pvm",
                "termin", "splatnost", "tarih", "vade ", "vencim", "scadenza", "échéance",
            ]
        ),
        (
            .discount,
            [
                "discount", "disc", "skonto", "escompte", "korting", "sconto", "rabat", "descuento", "desconto", "alennus", "upust",
                "sleva",
                "iskonto", "indirim",
            ]
        ),
        (
            .deduction,
            [
                "deduct", "abzug", "abzüge", "withh", "retention", "kürzung", "adjust", "retenue", "inhouding", "avdrag", "fradrag",
                "vähenny", "potrąc", "srážk", "kesinti", "deducc", "deduç", "retenci", "retenç", "ritenut", "trattenut", "déduction",
            ]
        ),
        (
            .paid,
            [
                "paid", "payment", "net", "zahl", "payé", "betaald", "remit", "überw", "pagado", "zapłac", "zapłat", "à payer", "réglé",
                "te betalen", "betalt", "betalat", "betaln", "betaling", "maksettu", "maksu", "zaplacen", "uhrazen", "úhrad", "ödenen",
                "ödeme", "pagato", "pagamento", "pago ", "pago:", "pagar",
            ]
        ),
        (
            .gross,
            [
                "gross", "amount", "amt", "betrag", "montant", "bedrag", "brutto", "importe", "kwota", "total", "importo", "balance",
                "belopp",
                "beløb", "beløp", "summa", "määrä", "wartość", "částk", "tutar", "valor", "monto",
            ]
        ),
        (.document, documentWords),
    ]
    static let documentWords = [
        "invoice", "inv", "rechnung", "facture", "factura", "fattura", "fatture", "factuur", "facturen", "faktur", "beleg", "document",
        "doc",
        "bill", "re-nr", "rg-nr", "re.-nr", "rg.-nr", "fatt.", "fatura", "lasku", "számla", "dokument", "doklad", "bilag", "tosite",
        "belge",
    ]
    /// Abbreviations, which are words of other meaning when more letters follow.
    private static let documentAbbreviations: Set<String> = ["ft.", "ft", "fra.", "fras.", "fact.", "fac.", "fc.", "fatt", "fv", "rg."]
    /// Numbers of something else, of which a word before may speak as if they were the document's.
    private static let otherWords = [
        "request", "claim", "case", "order", "po", "auftrag", "bestell", "commande", "pedido", "ordine", "account", "acct", "konto",
        "check",
        "cheque", "trace", "tel", "phone", "vendor", "customer", "kunde", "client", "page", "seite",
    ]
    static let totalWords = [
        "total", "summe", "gesamt", "somme", "totaal", "suma", "totale", "payment amount", "amount paid", "zahlbetrag", "zahlungsbetrag",
        "remitting", "amount remitted", "amount credited", "check amount", "summa", "yhteensä", "razem", "celkem", "toplam", "i alt",
        "betalningsbelopp", "att betala", "à payer", "a pagar", "te betalen", "do zapłaty", "k úhradě",
    ]
    /// Sums of a page, which the last page says again.
    static let carriedWords = [
        "subtotal", "sub-total", "sub total", "carried forward", "brought forward", "page total", "übertrag", "zwischensumme",
        "seitensumme", "sous-total", "à reporter", "subtotaal", "subtotale", "riporto", "suma y sigue", "delsumma", "delsum",
        "przeniesieni", "mezisoučet", "ara toplam", "välisumma",
    ]
    static let referenceWords = [
        "payment reference", "payment ref", "payment no", "payment number", "payment document", "check no", "check number", "check #",
        "cheque", "trace", "zahlungsreferenz", "zahlungsnummer", "remittance no", "avis", "transaction", "eft", "cro", "payment id",
        "betalningsreferens", "betalingsreference", "betalingsreferanse", "betalingskenmerk", "betaalreferentie", "betalingsnummer",
        "maksuviite", "numer płatności", "nr przelewu", "číslo platby", "ödeme no", "referência do pagamento", "referencia de pago",
        "número de pago", "riferimento pagamento", "numero pagamento", "référence du virement", "référence de paiement", "n° de virement",
    ]
    /// Those that count the payments of one payer, so that another number tells of another payment.
    static let paymentNumberWords = referenceWords.filter { !["trace", "avis", "transaction", "cro"].contains($0) }
    static let payerWords =
        ["payer", "from", "kunde", "customer", "auftraggeber", "company", "zahler", "payeur", "ordering party"] + payers
    /// Whose word goes before the sender of a mail.
    static let payers = [
        "payer", "payor", "auftraggeber", "zahler", "payeur", "ordering party", "ordenante", "ordinante", "avsändare", "betalare",
        "betaler",
        "maksaja", "zleceniodawca", "płatnik", "plátce", "gönderen", "pagador", "opdrachtgever",
    ]
    /// Of a day: that of the payment, and that until which something is to be paid.
    static let paymentDayWords = [
        "payment", "paid", "check", "cheque", "zahl", "valut", "value", "transfer", "paiement", "virement", "pago", "pagam", "betaal",
        "betal", "maksu", "płat", "plat", "ödeme",
    ]
    static let dueWords = [
        "due", "fällig", "échéance", "vencim", "scadenza", "verval", "förfall", "forfald", "forfall", "eräp", "termin", "splatnost", "vade",
    ]
    /// What stands between a document's number and its day.
    static let dateWords: Set<String> = [
        "vom", "von", "of", "dated", "from", "du", "van", "dd", "dd.", "del", "z", "dnia", "/", "fecha", "data", "date", "datum", "av",
        "af",
        "ze", "dne", "de",
    ]
    static let creditWords = [
        "credit", "gutschrift", "avoir", "crédito", "n.c.", "abono", "kreditnot", "kreditfaktura", "hyvitys", "korekt", "korygując",
        "dobropis", "opravný", "iade ", "creditfactuur",
    ]
    /// What takes the next amount off the one before: `less`, `abzüglich`.
    static let lessWords: Set<String> = [
        "less", "minus", "abzüglich", "abzgl", "abz", "moins", "meno", "menos", "sauf", "dedotto", "descontando", "minskat", "fratrukket",
        "pomniejszone", "miinus", "snížené", "eksi",
    ]
    private static let debitWords: Set<String> = ["debit", "soll", "debe", "débit", "debet", "dare", "borç", "winien", "wn", "dr"]
    private static let sideWords: Set<String> = ["credit", "haben", "haber", "crédit", "kredit", "avere", "alacak", "ma", "dal", "cr"]
    private static let ourReferences: Set<String> = [
        "reference", "referenz", "référence", "referencia", "riferimento", "referentie", "referens", "viite", "xblnr", "ref",
    ]

    /// Whether a heading speaks of the receiver's own number: `Ihr Beleg`, `Your invoice`.
    static func addressesUs(_ words: String) -> Bool {
        let first = words.lowercased().prefix { !$0.isWhitespace }
        return [
            "ihr", "ihre", "ihrer", "your", "supplier", "vendor", "votre", "vos", "uw", "vostro", "vostra", "lieferanten", "vs.", "su",
            "er",
            "ert", "deres", "jeres", "państwa", "vaše",
        ].contains(first)
    }

    /// Whether a column beside `Document`, the payer's own number, tells ours without addressing us: `Reference`.
    static func isReference(_ words: String) -> Bool {
        let words = words.lowercased().split { !$0.isLetter }.map(String.init)
        return !words.isEmpty && words.allSatisfy { ourReferences.contains($0) || ["no", "nr"].contains($0) }
    }

    /// The side of a ledger that a heading names.
    static func side(of words: String) -> RemittanceHeading? {
        let words = words.lowercased().split { !$0.isLetter }.map(String.init)
        guard words.count <= 2 else { return nil }
        return words.contains(where: debitWords.contains) ? .debit : words.contains(where: sideWords.contains) ? .credit : nil
    }

    /// Whether a word of a sentence names the document whose number follows.
    static func namesDocument(_ word: String) -> Bool {
        let word = word.lowercased()
        return documentWords.contains(where: word.hasPrefix) || documentAbbreviations.contains(word) || namesCredit(word)
            || isCreditNumber(word.uppercased())
    }

    static func namesCredit(_ word: String) -> Bool {
        let word = word.lowercased()
        return creditWords.contains { word.hasPrefix($0.trimmed) } || word == "kor." || word == "cm" || word == "cn"
    }

    /// A number that says itself that it is a credit memo's or credit note's: `CM-4410`, `CN00212`.
    static func isCreditNumber(_ number: String) -> Bool {
        let letters = number.prefix(while: \.isLetter)
        guard letters == "CM" || letters == "CN", let next = number.dropFirst(2).first else { return false }
        return next == "-" || next.isNumber
    }

    /// Whether a word names a number of something else.
    static func namesOther(_ word: String) -> Bool {
        let word = word.lowercased().filter { $0.isLetter }
        return otherWords.contains { $0.count < 4 ? word == $0 : word.hasPrefix($0) }
    }

    /// - Returns: nil for words that head no column; "invoice date" is a date, "invoice amount" an amount.
    init?(_ words: String) {
        let words = words.lowercased() + " "
        if let found = Self.vocabulary.first(where: { $0.words.contains(where: words.contains) }) {
            self = found.heading
        } else if Self.addressesUs(words), ["ref", "nr", "no", "number", "nummer", "réf"].contains(where: words.contains) {
            self = .document
        } else if words.split(separator: " ").contains(where: { Self.documentAbbreviations.contains(String($0)) }) {
            self = .document
        } else {
            return nil
        }
    }
}
