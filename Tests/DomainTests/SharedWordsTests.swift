import Domain
import Testing

/// Numbers that documents of many customers bear, names that many customers share, and words that say more than a number alone.
@Suite struct SharedWordsTests {
    private static let anna = ID<Customer>(1), peter = ID<Customer>(2)
    private static let iban = "DE02120300000000202051"
    private static let day = Day("2024-02-01")!

    private struct Invoice {
        let number: String
        var minor: Int64 = 622_20
        var customer = anna
        var issued = "2024-01-05"
        var isZero = false
        var order: String?
    }

    /// Anna Busch, known by account, and Peter Lang, known by name, owe what is listed.
    private static func index(_ invoices: [Invoice]) -> MatchIndex {
        var index = MatchIndex(holdsAll: true)
        for (customer, name) in [(anna, "Anna Busch"), (peter, "Peter Lang")] {
            index.add(customer, name: name, number: "K\(customer.value)0901")
            index.add(.name, foldedName(name), customer)
        }
        index.add(.iban, iban, anna)
        for (at, invoice) in invoices.enumerated() {
            let amount = Money(minor: invoice.isZero ? 0 : invoice.minor, .eur), on = Day(invoice.issued)!
            let item = OpenItem(id: Int64(at + 1), number: invoice.number, effectiveOn: on, dueOn: on + 30, open: amount)
            index.add(MatchIndex.Item(item, customer: invoice.customer, amount: amount, orderNumber: invoice.order))
        }
        return index
    }

    private static func receipt(
        _ words: String, _ index: MatchIndex, _ minor: Int64 = 622_20, name: String = "Anna Busch", iban: String? = iban
    ) -> MatchCase {
        let reading = index.read(PayerWords(name: name, iban: iban, remittance: words))
        var receipt = index.matchCase(reading, cash: Money(minor: minor, .eur), paidOn: day)
        receipt.policy = .strict
        return receipt
    }

    /// - Returns: The numbers that strict posts, or "ask".
    private static func posted(
        _ words: String, _ index: MatchIndex, _ minor: Int64 = 622_20, name: String = "Anna Busch", iban: String? = iban
    ) -> [String] {
        guard case .apply(let match) = decide(receipt(words, index, minor, name: name, iban: iban)) else { return ["ask"] }
        return match.lines.map { index[item: $0.itemID]!.item.number }
    }

    /// Each customer's numbers begin anew: the payer's own is meant, however many others have the number and the amount too.
    @Test(arguments: [1, 5, 40]) func aNumberThatOthersHaveToo(others: Int) {
        let strangers = (0..<others).flatMap { at in
            ["2024-001", "2024-002"].map { Invoice(number: $0, customer: ID(Int64(10 + at))) }
        }
        let index = Self.index(strangers + [Invoice(number: "2024-001"), Invoice(number: "2024-003", minor: 80_00)])
        #expect(Self.posted("Rechnung 2024-001", index) == ["2024-001"])
        #expect(Self.posted("Rechnung 2024-001, 2024-003", index, 702_20) == ["2024-001", "2024-003"])
        #expect(Self.posted("Rechnung 2024-002", index) == ["ask"])
        #expect(Self.posted("Rechnung 2024-001", index, name: "Carla Stein", iban: nil) == ["ask"])
        #expect(Self.receipt("Rechnung 2024-001", index).named.count == 1)
    }

    /// What stands on two sides of a list's comma is not read as one number: `5, 1/1` and `10, 1` name nothing here.
    @Test(arguments: [0, 40]) func aListOfShortNumbers(others: Int) {
        let own = [("1/01", 119_00), ("1/04", 1_400_54), ("1/05", 119_00), ("1/10", 119_00)].map { Invoice(number: $0.0, minor: $0.1) }
        let strangers = (0..<others).flatMap { at in
            ["1/04", "1/05", "1/10", "11/01"].map { Invoice(number: $0, customer: ID(Int64(10 + at))) }
        }
        let index = Self.index(strangers + own)
        #expect(Self.posted("Rechnungen 1/05, 1/10, 1/04", index, 1_638_54).sorted() == ["1/04", "1/05", "1/10"])
        #expect(Self.posted("Rechnungen 1/10, 1/04", index, 1_519_54).sorted() == ["1/04", "1/10"])
    }

    /// An order's number that many orders of one customer bear names them all, as before.
    @Test func aNumberOfManyDocumentsOfThePayer() {
        let index = Self.index((1...20).map { Invoice(number: "R-10\($0 + 10)", minor: 10_01, order: "45000117") })
        #expect(Self.posted("PO 45000117", index, 200_20).count == 20)
        #expect(Self.posted("PO 45000117", index, 100_10) == ["ask"])
    }

    /// A name that a hundred customers share tells nobody, and a case does not carry them all; the number, or the account, still tells the one.
    @Test func aNameOfHundreds() {
        var index = Self.index([Invoice(number: "INV-2024-00101", customer: ID(107)), Invoice(number: "INV-2024-00577", minor: 70_00)])
        for at in 100..<200 {
            index.add(ID(Int64(at)), name: "Anna Busch")
            index.add(.name, foldedName("Anna Busch"), ID(Int64(at)))
        }
        let unknown = Self.receipt("Zahlung", index, iban: nil)
        #expect((2...40).contains(unknown.payers.count))
        #expect(Self.posted("Zahlung", index, 70_00, iban: nil) == ["ask"])
        #expect(Self.posted("INV-2024-00101", index, iban: nil) == ["INV-2024-00101"])
        #expect(Self.posted("Zahlung", index, 70_00) == ["INV-2024-00577"])
    }

    /// A document that had nothing open from the start is settled: another of that amount is not meant by it.
    @Test func whatWasSettledBefore() {
        let index = Self.index([Invoice(number: "INV-2024-00101", isZero: true), Invoice(number: "INV-2024-00577")])
        #expect(Self.posted("Rechnung INV-2024-00101", index) == ["ask"])
        #expect(Self.posted("INV-2024-00101, INV-2024-00577", index) == ["INV-2024-00577"])
        #expect(Self.posted("Rechnung", index) == ["INV-2024-00577"])
    }

    /// Payers write a creditor reference among other words, in fours too. Its check digits tell of a slip.
    @Test(arguments: [
        ("Zahlung RF05INV202400101", ["INV-2024-00101"]), ("Ref RF24 2503 0223 66", ["2503022366"]),
        ("RF242503022366 danke", ["2503022366"]),
        ("RF1525030223667", ["2503022366"]), ("RF25INV202400101", ["ask"]),
    ])
    func aCreditorReferenceAmongWords(words: String, posts: [String]) {
        #expect(Self.posted(words, Self.index([Invoice(number: "INV-2024-00101"), Invoice(number: "2503022366")])) == posts)
    }

    /// The number of a check is the payer's, whoever's document has it.
    @Test(arguments: ["CHECK 51234", "CHK#51234", "CK NO 51234", "CHEQUE 51234"]) func aCheckNumber(words: String) {
        let index = Self.index([Invoice(number: "700001"), Invoice(number: "51234", minor: 10_00, customer: Self.peter)])
        #expect(Self.posted("\(words) INV 700001", index, name: "Carla Stein", iban: nil) == ["700001"])
        #expect(Self.posted(words, index) == ["700001"])
        #expect(Self.posted("INV 51234", index) == ["ask"])
    }

    /// Whoever pays another's document and names the customer beside its number means it; a number alone may be his own.
    @Test(arguments: [
        ("INV-2024-00101", ["ask"]), ("INV-2024-00101 Anna Busch", ["INV-2024-00101"]), ("i.A. BUSCH, ANNA INV-2024-00101", ["ask"]),
        ("INV-2024-00101 Kd.Nr. K10901", ["INV-2024-00101"]), ("INV-2024-00101 Kd.Nr. K20901", ["ask"]), ("Anna Busch", ["ask"]),
    ])
    func anothersDocumentAndName(words: String, posts: [String]) {
        #expect(Self.posted(words, Self.index([Invoice(number: "INV-2024-00101")]), name: "Peter Lang", iban: nil) == posts)
    }

    /// Digits of a price that many owe, from a stranger: the name of the customer beside them decides.
    @Test func aCommonAmountAndAName() {
        let index = Self.index(
            [Invoice(number: "700001")] + (0..<6).map { Invoice(number: "71\($0)\($0)39", customer: ID(Int64(10 + $0))) })
        #expect(Self.posted("700001", index, name: "Carla Stein", iban: nil) == ["ask"])
        #expect(Self.posted("700001 Anna Busch", index, name: "Carla Stein", iban: nil) == ["700001"])
        #expect(Self.posted("700001 Peter Lang", index, name: "Carla Stein", iban: nil) == ["ask"])
    }

    /// A stub with the last digits of the payer's document is no other's short number.
    @Test func lastDigitsThatAreAnothersNumber() {
        let index = Self.index([
            Invoice(number: "8101234"), Invoice(number: "8101277", minor: 100_00),
            Invoice(number: "1234", minor: 10_00, customer: Self.peter),
        ])
        #expect(Self.posted("STUB 1234", index) == ["8101234"])
        #expect(Self.posted("STUB 1234 1277", index, 722_20) == ["8101234", "8101277"])
        #expect(Self.posted("STUB 1234", index, 10_00) == ["ask"])
    }

    /// Words that say that an account is settled, and everything issued by a month's end, or all of it less credits, to the unit.
    @Test func anAccountIsSettled() {
        let index = Self.index([
            Invoice(number: "R-101", minor: 100_11, issued: "2023-12-05"), Invoice(number: "R-102", minor: 200_22, issued: "2023-12-07"),
            Invoice(number: "R-103", minor: 400_44, issued: "2024-01-09"), Invoice(number: "R-104", minor: 800_88, issued: "2024-01-10"),
            Invoice(number: "G-105", minor: -50_05, issued: "2024-01-11"),
        ])
        #expect(Self.posted("Kontoausgleich", index, 1_451_60) == ["R-101", "R-102", "R-103", "R-104", "G-105"])
        #expect(Self.posted("Zahlung", index, 1_451_60) == ["ask"])
        #expect(Self.posted("Kontoausgleich", index, 1_451_61) == ["ask"])
        #expect(Self.posted("Kontoausgleich 4711", index, 1_451_60) == ["ask"])
        #expect(Self.posted("statement of account", index, 1_451_60, iban: nil) == ["ask"])
    }

    /// Digits of a day near the payment, or of the payer's own account, name nothing.
    @Test(arguments: [
        ("ZAHLUNG 20240131", ["700001"]), ("ZAHLUNG 31012024", ["700001"]), ("ZAHLUNG 20220131", ["ask"]), ("ZAHLUNG 20243101", ["ask"]),
        ("Konto 00202051", ["700001"]), ("vom 120300000000", ["700001"]), ("vom 120300000001", ["ask"]), ("Beleg 02051", ["ask"]),
    ])
    func digitsOfADayOrAnAccount(words: String, posts: [String]) {
        #expect(Self.posted(words, Self.index([Invoice(number: "700001")])) == posts)
    }

    /// A head of many children: those that are named, and one who has the amount open, are what the case carries; what it decides is the same.
    @Test(arguments: [3, 300]) func aHeadOfMany(children: Int) {
        var index = Self.index([Invoice(number: "INV-2024-00577"), Invoice(number: "INV-2024-00588", minor: 80_00)])
        for at in 0..<children {
            let child = ID<Customer>(Int64(100 + at)), on = Day("2024-01-05")!
            index.add(child, name: "Filiale \(at) Nord")
            index.add(parent: Self.anna, of: child)
            let item = OpenItem(
                id: Int64(1_000 + at), number: "F-10\(at + 100)", effectiveOn: on, dueOn: on + 30,
                open: Money(minor: Int64(50_01 + at), .eur))
            index.add(MatchIndex.Item(item, customer: child, amount: item.open))
        }
        #expect(Self.posted("F-10102", index, 50_03) == ["F-10102"])
        #expect(Self.posted("F-10100 F-10102", index, 100_04) == ["F-10100", "F-10102"])
        #expect(Self.posted("Zahlung", index, 80_00) == ["INV-2024-00588"])
        #expect(Self.receipt("F-10102", index, 50_03).items.count <= 4)
        let item = OpenItem(id: 999, number: "F-9", effectiveOn: Day("2024-01-05")!, dueOn: Self.day, open: Money(minor: 80_00, .eur))
        index.add(MatchIndex.Item(item, customer: ID(102), amount: item.open))
        #expect(Self.posted("Zahlung", index, 80_00) == ["ask"])
    }

    /// What is paid beyond the payer's own document may be for the short number of another's, which is named beside it.
    @Test func anothersShortNumberBesideAnOwn() {
        let index = Self.index([Invoice(number: "10058", minor: 2_352_82), Invoice(number: "9879", minor: 1_167_46, customer: Self.peter)])
        #expect(Self.posted("10058 9879", index, 3_520_28) == ["ask"])
        #expect(Self.posted("10058 9879", index, 2_352_82) == ["10058"])
        #expect(Self.posted("10058 9879", index, 2_360_00) == ["10058"])
    }

    /// One number of two documents of the payer, and another's of the amount of one of them: which two were paid, the words do not tell.
    @Test func aTwinAndAnothersOfItsAmount() {
        let twins = [Invoice(number: "20290", minor: 199_00), Invoice(number: "20290", minor: 736_50, issued: "2023-01-05")]
        let index = Self.index(twins + [Invoice(number: "18765", minor: 199_00, customer: Self.peter)])
        #expect(Self.posted("20290 18765", index, 935_50) == ["ask"])
        #expect(Self.posted("20290", index, 935_50) == ["20290", "20290"])
    }

    /// More than is named, less something: what is named is not all that is meant, whatever the policy.
    @Test func moreThanIsNamedLessSomething() {
        let index = Self.index([Invoice(number: "INV-2024-00101", minor: 100_11), Invoice(number: "INV-2024-00577", minor: 999_99)])
        func decided(_ words: String) -> MatchDecision {
            var receipt = Self.receipt(words, index, 801_07)
            receipt.policy = .standard
            return decide(receipt)
        }
        switch decided("INV-2024-00101") {
        case .apply(let match): #expect(match.rest == Money(minor: 700_96, .eur))
        case .ask(let reason, _): Issue.record("\(reason)")
        }
        switch decided("INV-2024-00101 abzgl. Gebuehren") {
        case .apply(let match): Issue.record("\(match.explanation)")
        case .ask(let reason, _):
            #expect(reason == "700.96 EUR more than the documents named have open, and the words say that something is kept back")
        }
    }
}
