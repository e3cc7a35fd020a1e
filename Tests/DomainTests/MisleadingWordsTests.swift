import Domain
import Testing

/// Words that hold digits which are no document's, documents that cannot be meant, and payers who are not who they seem.
@Suite struct MisleadingWordsTests {
    private static let anna = ID<Customer>(1), other = ID<Customer>(2), parent = ID<Customer>(3)
    private static let iban = "DE02120300000000202051"
    private static let day = Day("2024-02-01")!

    private struct Invoice {
        let number: String
        var minor: Int64 = 622_20
        var issued = "2024-01-05"
        var customer = anna
        var isSettled = false
        var order: String?
    }

    /// Anna Busch, known by account unless a name says otherwise, owes what is listed.
    private static func index(_ invoices: [Invoice], name: String = "Anna Busch", iban: String? = iban) -> MatchIndex {
        var index = MatchIndex(holdsAll: true)
        for (customer, name) in [(anna, name), (other, "Peter Lang"), (parent, "Busch Holding AG")] {
            index.add(customer, name: name)
            for spelling in nameSpellings(name) { index.add(.name, spelling, customer) }
        }
        if let iban { index.add(.iban, iban, anna) }
        for (at, invoice) in invoices.enumerated() {
            let amount = Money(minor: invoice.minor, .eur), on = Day(invoice.issued)!
            let item = OpenItem(
                id: Int64(at + 1), number: invoice.number, effectiveOn: on, dueOn: on + 30,
                open: invoice.isSettled ? Money(minor: 0, .eur) : amount)
            index.add(MatchIndex.Item(item, customer: invoice.customer, amount: amount, orderNumber: invoice.order))
        }
        return index
    }

    /// - Returns: The numbers that strict posts, or "ask".
    private static func posted(
        _ words: String, _ index: MatchIndex, _ minor: Int64 = 622_20, name: String = "Anna Busch", iban: String? = iban,
        structured: String? = nil
    ) -> [String] {
        let reading = index.read(PayerWords(name: name, iban: iban, structuredReference: structured, remittance: words))
        var receipt = index.matchCase(reading, cash: Money(minor: minor, .eur), paidOn: day)
        receipt.policy = .strict
        guard case .apply(let match) = decide(receipt) else { return ["ask"] }
        return match.lines.map { index[item: $0.itemID]!.item.number }
    }

    /// Of two equal items the digits of a day, a time, an amount or somebody's own number name none; a document's number names it all the same.
    @Test(arguments: [
        ("Datum 2024-01-15", "INV-2024-01515", ["ask"]), ("vom 22.12.2023", "INV-2024-02212", ["ask"]),
        ("Zahlung 13.07.2024", "1307", ["ask"]), ("Zahlung 13.07.", "1307", ["ask"]), ("um 14:30 Uhr", "1430", ["ask"]),
        ("EUR 1.190,00", "119000", ["ask"]), ("1190,00 EUR", "1190", ["ask"]), ("€ 1190", "1190", ["ask"]), ("1190€", "1190", ["ask"]),
        ("Kd.Nr. 10901", "10901", ["ask"]), ("KD10901", "10901", ["ask"]), ("Tel. 0711 123456", "123456", ["ask"]),
        ("Miete Mai 2024", "2024", ["ask"]), ("Zahlung fuer 09/2024", "92024", ["ask"]), ("Order 09/2024", "92024", ["ask"]),
        ("1307 vom 13.07.2024", "1307", ["1307"]), ("Rechnung 1430 um 14:30", "1430", ["1430"]), ("Rechnung 2024", "2024", ["2024"]),
        ("Kd 4711 Rechnung 10901", "10901", ["10901"]), ("FV 12/2024", "FV12/2024", ["FV12/2024"]),
        ("15/03/2024", "15/03/2024", ["15/03/2024"]), ("2024/000123 vom 1.2.2024", "2024/000123", ["2024/000123"]),
        ("EUR 622,20 INV-2024-00101 02.01.2024", "INV-2024-00101", ["INV-2024-00101"]),
    ])
    func digitsThatAreNoNumber(words: String, number: String, posts: [String]) {
        let index = Self.index([Invoice(number: number), Invoice(number: "INV-2024-07777")])
        #expect(Self.posted(words, index) == posts)
    }

    /// Paid once more, with a part of its number or a slip in it: not the next item of that amount.
    @Test(arguments: ["Rechnung 0101", "INV-2024-0010I", "INV-2024-00110", "Rechnung 00101"])
    func aPaidInvoiceIsHintedAtAgain(words: String) {
        let paid = Invoice(number: "INV-2024-00101", isSettled: true), next = Invoice(number: "INV-2024-00577")
        #expect(Self.posted(words, Self.index([paid, next])) == ["ask"])
        #expect(Self.posted("Rechnung 00577", Self.index([paid, next])) == ["INV-2024-00577"])
    }

    /// A word before the digits is taken for a series of ours; the document whose digits they are is meant, and not its neighbour.
    @Test func whatIsWrittenDigitByDigitIsNoSlip() {
        let index = Self.index([Invoice(number: "SI/25/01272"), Invoice(number: "SN/25/01262"), Invoice(number: "INV048674", minor: 10_00)])
        #expect(Self.posted("INV 25/01262 GBP 622.20", index) == ["SN/25/01262"])
        #expect(Self.posted("SI/25/01271", index) == ["SI/25/01272"])
    }

    /// Of two equal items the one whose number stands in a longer reference, when its check digits hold.
    @Test(arguments: [
        ("000223660000000000004834914", ["483491"]), ("000223660000000000004834915", ["ask"]), ("99994834911", ["483491"]),
        ("99994834915", ["ask"]), ("99994834912", ["483491"]), ("48349187", ["483491"]), ("48349179", ["ask"]),
        ("8000000000483491", ["483491"]), ("7000000000483491", ["ask"]), ("970483491", ["483491"]), ("960483491", ["ask"]),
        ("+++000/0483/49143+++", ["483491"]), ("+++000/0483/49144+++", ["ask"]), ("HR01 20244834911", ["483491"]),
        ("HR01 20244834918", ["ask"]), ("SI12 0000004834917", ["483491"]), ("SI12 0000004834918", ["ask"]),
    ])
    func aNumberBeforeACheckDigit(reference: String, posts: [String]) {
        let index = Self.index([Invoice(number: "483491"), Invoice(number: "INV-2024-07777")])
        #expect(Self.posted(reference, index) == posts)
    }

    /// The check digit ten is a hyphen, which only the structured reference keeps.
    @Test(arguments: [("21483491-", ["483491"]), ("2148 3491-", ["483491"]), ("21483491", ["ask"]), ("22483491-", ["ask"])])
    func aCheckDigitThatIsAHyphen(reference: String, posts: [String]) {
        let index = Self.index([Invoice(number: "483491"), Invoice(number: "INV-2024-07777")])
        #expect(Self.posted("", index, structured: reference) == posts)
    }

    /// A customer's own number is no strange one, and no document's.
    @Test(arguments: [("Lieferung KW 35 KDNR. D23255", ["700001"]), ("Lieferung KW 35 Nr. D23255", ["ask"])])
    func aCustomersOwnNumber(words: String, posts: [String]) {
        #expect(Self.posted(words, Self.index([Invoice(number: "700001")])) == posts)
    }

    @Test func nobodyNamesWhatIsNotIssued() {
        let later = Invoice(number: "INV-2024-20947", issued: "2024-03-01", order: "PO-77812")
        #expect(Self.posted("INV-2024-20947", Self.index([later])) == ["ask"])
        #expect(Self.posted("INV-2024-20974", Self.index([later])) == ["ask"])
        #expect(Self.posted("PO-77812", Self.index([later])) == ["INV-2024-20947"])
    }

    /// What is not issued yet does not rival what is.
    @Test func laterItemsOfThatAmountAreNoRivals() {
        let index = Self.index([Invoice(number: "INV-2024-00101"), Invoice(number: "INV-2024-00577", issued: "2024-02-20")])
        #expect(Self.posted("Rechnung", index) == ["INV-2024-00101"])
    }

    /// A number like ours that is no document of ours, whatever ours look like.
    @Test(arguments: [
        ("20248411", "Rechnung 20243116"), ("2024/008411", "Rechnung 2024/003116"), ("2024-8411-B", "Rechnung 2024-3116-B"),
        ("R24A08411", "Rechnung R24A03116"), ("INV-2024-08411", "Rechnung 2024-03116"), ("INV-2024-08411", "INV-2024-03116"),
    ])
    func aNumberOfOurShape(number: String, words: String) {
        let index = Self.index([Invoice(number: number), Invoice(number: number.replacing("1", with: "2"), customer: Self.other)])
        #expect(Self.posted(words, index) == ["ask"])
        #expect(Self.posted("Rechnung", index) == [number])
    }

    /// A number that names nothing may name what is meant; what payers count their own payments by, the amount, or a day does not.
    @Test(arguments: [
        ("Rg. 540", ["ask"]), ("5765", ["ask"]), ("Beleg S378", ["ask"]), ("AB 429017", ["ask"]), ("INV-2024-041500", ["ask"]),
        ("LS 83342681", ["ask"]),
        ("BATCH 123456 RUN 7", ["INV-2024-07411"]), ("our ref 123456789", ["INV-2024-07411"]), ("EFT-9988123", ["INV-2024-07411"]),
        ("Kd.Nr. 10373", ["INV-2024-07411"]), ("622,20 EUR", ["INV-2024-07411"]), ("Betrag 622", ["INV-2024-07411"]),
        ("31.01.2024", ["INV-2024-07411"]),
        ("Miete 2024", ["ask"]), ("Januar 2024", ["INV-2024-07411"]), ("Rg. 7411", ["INV-2024-07411"]),
    ])
    func aNumberThatNamesNothing(words: String, posts: [String]) {
        #expect(Self.posted(words, Self.index([Invoice(number: "INV-2024-07411")])) == posts)
    }

    /// Words of any length and kind are read to their end.
    @Test func hostileWordsAreRead() {
        let index = Self.index([Invoice(number: "INV-2024-07411"), Invoice(number: String(repeating: "9", count: 400) + "A1")])
        let parts = ["9", "A9", "€", "1.", "EUR ", "Kd", "12:", "2024-", "/", ",00", "Rg. ", "\u{0}", "é", "S5O"]
        for (at, part) in parts.enumerated() {
            for count in [1, 2, 3, 40, 41, 255, 256, 300, 2_500] {
                let text = String(repeating: part, count: count) + parts[(at + count) % parts.count]
                #expect(Self.posted(text, index).count == 1)
            }
        }
    }

    /// Another customer's number of another amount is a slip of the payer's own only where one character makes it that.
    @Test(arguments: [("INV-2024-07412", ["INV-2024-07411"]), ("INV-2024-04181", ["ask"])])
    func anothersNumberOfAnotherAmount(words: String, posts: [String]) {
        let own = Invoice(number: "INV-2024-07411"), other = Invoice(number: words, minor: 55_10, customer: Self.other)
        #expect(Self.posted(words, Self.index([own, other])) == posts)
    }

    @Test func twoNumbersOfWhichEachIsWorthTheCash() {
        let index = Self.index([Invoice(number: "10652"), Invoice(number: "20240595", customer: Self.other)])
        #expect(Self.posted("Rechnung 20240595, 10652", index) == ["ask"])
    }

    /// A name with another legal form is another's; one without any may be anybody's of that name.
    @Test(arguments: [
        ("Scholz Druck OHG", "Scholz Druck GmbH", ["ask"]), ("Scholz Druck GmbH & Co. KG", "Scholz Druck GmbH", ["ask"]),
        ("Scholz Druck AG", "Scholz Druck", ["INV-2024-00101"]), ("Scholz Druck Ltd.", "SCHOLZ DRUCK LIMITED", ["INV-2024-00101"]),
        ("Scholz Druck Gmbh", "Scholz Druck mbH", ["INV-2024-00101"]), ("Scholz Druck", "Scholz Druck GmbH", ["INV-2024-00101"]),
    ])
    func anotherLegalForm(own: String, written: String, posts: [String]) {
        let index = Self.index([Invoice(number: "INV-2024-00101")], name: own, iban: nil)
        #expect(Self.posted("Rechnung", index, name: written, iban: "DE11500105170000000001") == posts)
    }

    @Test(arguments: [
        "Proforma", "Pro forma invoice", "Auftragsbestaetigung", "Auftragsbestätigung", "Angebot", "Order confirmation", "Provision Q1",
        "Gutschrift",
        "Credit note", "Retoure", "Guthaben", "Nebenkosten", "Versicherung Schaden", "Vorschuss", "Zaliczka", "Záloha", "A cuenta",
        "Caparra",
        "Depósito",
    ])
    func wordsThatSpeakOfSomethingElse(words: String) {
        let index = Self.index([Invoice(number: "INV-2024-00101")])
        #expect(Self.posted(words, index) == ["ask"])
        #expect(Self.posted("SEPA Gutschrift", index) == ["INV-2024-00101"])
    }

    /// A parent's account stays its own however often it pays for its child, and a provider's is nobody's.
    @Test(arguments: [("Busch Holding AG", true), ("PayPal Europe", false), ("Klarna Bank AB", false)])
    func anAccountThatPaysForOthers(name: String, isParent: Bool) {
        var index = Self.index([Invoice(number: "INV-2024-00101")]), learning = MatchLearning()
        index.add(parent: Self.parent, of: Self.anna)
        let reading = index.read(PayerWords(name: name, iban: "DE11500105170000000001", remittance: "INV-2024-00101"))
        #expect(index.paysForFamily(reading.words, reading.name, Self.anna) == isParent)
        for _ in 1...3 {
            let learned = learning.learn(
                reading, Self.anna, isOwnName: false, isFamilys: index.paysForFamily(reading.words, reading.name, Self.anna))
            #expect(learned.isEmpty)
        }
    }
}
