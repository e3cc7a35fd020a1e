import Domain
import Testing

/// What the strict policy leaves to a person because the receipt does not tell it alone. The standard policy posts what a clerk would.
@Suite struct StrictPolicyTests {
    private static let meyer = ID<Customer>(1), smith = ID<Customer>(2), daughter = ID<Customer>(3)
    private static let paidOn = Day(number: 20_500)

    private static func item(_ id: Int64, _ open: Int64, of amount: Int64? = nil, issued: Int = -20) -> OpenItem {
        OpenItem(
            id: id, number: "INV-\(id)", effectiveOn: paidOn + issued, dueOn: paidOn + issued + 30, open: Money(minor: open, .eur))
    }

    private static func named(_ item: OpenItem, _ customer: ID<Customer>, as reference: String? = nil) -> NamedItem {
        NamedItem(
            customer: customer, item: item, amount: item.open, reference: reference ?? item.number,
            strength: reference == nil ? .whole : .number)
    }

    /// Meyer, known by account, owes what is listed.
    private static func receipt(_ cash: Int64, owes items: [OpenItem], by evidence: PayerEvidence = .iban) -> MatchCase {
        var receipt = MatchCase(cash: Money(minor: cash, .eur))
        receipt.policy = .strict
        receipt.paidOn = paidOn
        receipt.payers = [(meyer, evidence)]
        receipt.items = [meyer: items]
        return receipt
    }

    private func expect(_ receipt: MatchCase, asks reason: String?, _ rule: MatchRule? = nil, location: SourceLocation = #_sourceLocation) {
        switch decide(receipt) {
        case .apply(let match): #expect(reason == nil && match.rule == rule, "\(match.explanation)", sourceLocation: location)
        case .ask(let text, _): #expect(text == reason, sourceLocation: location)
        }
    }

    /// 100.01 names one of them, and more arrived or less: nothing that is not named is settled, whether item or credit.
    @Test(arguments: 1...200) func nothingUnnamedJoinsANamedSettlement(cash: Int64) {
        let first = Self.item(1, 100), second = Self.item(2, 60), third = Self.item(3, 7)
        var receipt = Self.receipt(cash, owes: [first, second, third])
        receipt.named = [Self.named(first, Self.meyer)]
        receipt.openCredits = [Self.meyer: [Self.item(8, -30), Self.item(9, -12)]]
        guard case .apply(let match) = decide(receipt) else { return }
        #expect(match.lines.map(\.itemID) == [1])
    }

    @Test func aCreditThatNobodyNamed() {
        var receipt = Self.receipt(70, owes: [Self.item(1, 100)])
        receipt.named = [Self.named(Self.item(1, 100), Self.meyer)]
        receipt.openCredits = [Self.meyer: [Self.item(8, -30)]]
        expect(receipt, asks: "0.30 EUR less than INV-1 has open")
        receipt.policy = .standard
        expect(receipt, asks: nil, .referenceCredit)
    }

    /// A price that many pay may be a part of another item; of a payer who owes only this it is not.
    @Test func aCommonAmountOfOneOfSeveral() {
        var receipt = Self.receipt(49_00, owes: [Self.item(1, 49_00), Self.item(2, 99_00)])
        expect(receipt, asks: nil, .payerAmount)
        receipt.isCommonAmount = true
        expect(receipt, asks: "no reference, and 49.00 EUR is an amount of many items: it may be part of another")
        receipt.items = [Self.meyer: [Self.item(1, 49_00)]]
        expect(receipt, asks: nil, .payerAmount)
        receipt.payers = [(Self.meyer, .name)]
        expect(receipt, asks: "no reference, and 49.00 EUR is an amount of many items: it may be part of another")
        receipt.policy = .standard
        expect(receipt, asks: nil, .payerAmount)
    }

    @Test func nothingIsPaidBeforeItIsIssued() {
        var receipt = Self.receipt(49_01, owes: [Self.item(1, 49_01, issued: 3)])
        expect(receipt, asks: "no reference, and no item of 49.01 EUR")
        receipt.policy = .standard
        expect(receipt, asks: nil, .payerAmount)
    }

    @Test func wordsThatSpeakOfAnAdvance() {
        var receipt = Self.receipt(49_01, owes: [Self.item(1, 49_01)])
        receipt.saysOnAccount = true
        expect(receipt, asks: "no reference, and the words speak of money paid before or beside an invoice")
    }

    @Test func aDaughterOwesTheSame() {
        var receipt = Self.receipt(49_01, owes: [Self.item(1, 49_01)])
        receipt.family = [Self.daughter]
        receipt.items[Self.daughter] = [Self.item(2, 49_01)]
        expect(receipt, asks: "no reference, and a parent or child of the payer has exactly 49.01 EUR open too")
    }

    /// A document in another currency is named: the item of that amount in this one is not what is meant.
    @Test func aDocumentInAnotherCurrency() {
        var receipt = Self.receipt(49_01, owes: [Self.item(1, 49_01)])
        receipt.otherCurrency = ["INV-7"]
        expect(receipt, asks: "INV-7 in the text is in another currency")
    }

    /// A customer of ours writes a number of its own that happens to be another's of that amount.
    @Test func aKnownPayerNamesAnothersDocument() {
        var receipt = Self.receipt(88_00, owes: [Self.item(1, 49_01)])
        receipt.named = [Self.named(Self.item(4711, 88_00), Self.smith, as: "4711")]
        expect(receipt, asks: "the payer is known, and the reference names another customer's document")
        receipt.policy = .standard
        expect(receipt, asks: "the payer is known, and the reference names another customer's document")
        receipt.named = [Self.named(Self.item(4711, 88_00), Self.smith)]
        expect(receipt, asks: nil, .referenceExact)
        receipt.policy = .strict
        expect(receipt, asks: "the payer is known, and the reference names another customer's document")
    }

    /// Two customers share the payer's name, and neither is the one whose document is named.
    @Test func aSharedNameIsNoStranger() {
        var receipt = Self.receipt(88_00, owes: [])
        receipt.payers = [(Self.meyer, .name), (Self.daughter, .name)]
        receipt.named = [Self.named(Self.item(4711, 88_00), Self.smith)]
        expect(receipt, asks: "the payer is known, and the reference names another customer's document")
    }

    @Test func aStrangerPaysWhatManyOwe() {
        var receipt = Self.receipt(49_00, owes: [])
        receipt.payers = []
        receipt.named = [Self.named(Self.item(4711, 49_00), Self.smith)]
        expect(receipt, asks: nil, .referenceExact)
        receipt.isCommonAmount = true
        expect(receipt, asks: "many items have that amount, and the payer is not known")
        receipt.resembling = [Self.smith]
        expect(receipt, asks: nil, .referenceExact)
    }

    /// A cent less than what is named, and exactly what another item has open.
    @Test func roundingYieldsToAnItemThatFits() {
        var receipt = Self.receipt(99_99, owes: [Self.item(1, 100_00), Self.item(2, 99_99)])
        receipt.named = [Self.named(Self.item(1, 100_00), Self.meyer)]
        expect(receipt, asks: "it names INV-1 and pays exactly what another item has open")
        receipt.items = [Self.meyer: [Self.item(1, 100_00)]]
        expect(receipt, asks: nil, .referenceTolerance)
    }
}

/// The same through the index: words are read, amounts counted.
@Suite struct StrictLookupTests {
    private func index(_ amounts: [Int64], currency: Currency = .eur) -> MatchIndex {
        var index = MatchIndex(holdsAll: true)
        for (at, minor) in amounts.enumerated() {
            let id = Int64(at + 1), customer = ID<Customer>(id)
            index.add(customer, name: "Customer \(id)")
            index.add(.iban, "IBAN\(id)", customer)
            let item = OpenItem(
                id: id, number: "4\(padded(id))", effectiveOn: Day(number: 20_000), dueOn: Day(number: 20_030),
                open: Money(minor: minor, currency))
            index.add(MatchIndex.Item(item, customer: customer, amount: item.open))
        }
        return index
    }

    private func padded(_ id: Int64) -> String { String("00000\(id)".suffix(5)) }

    private func receipt(_ index: MatchIndex, _ minor: Int64, _ text: String, iban: String? = "IBAN1") -> MatchCase {
        index.matchCase(
            index.read(PayerWords(iban: iban, remittance: text)), cash: Money(minor: minor, .eur), paidOn: Day(number: 20_040))
    }

    @Test func anAmountThatManyItemsHaveIsCommon() {
        #expect(!receipt(index([49_00, 49_00, 49_00, 60_00]), 49_00, "").isCommonAmount)
        #expect(receipt(index([49_00, 49_00, 49_00, 49_00, 60_00]), 49_00, "").isCommonAmount)
        #expect(OpenAmounts.limit(of: 0) == 3 && OpenAmounts.limit(of: 20_000) == 20 && OpenAmounts.limit(of: 10_000_000) == 100)
    }

    @Test(arguments: [
        ("Vorauszahlung Mai", true), ("a conto", true), ("payment on account", true), ("ACOMPTE 3", true), ("Zahlung Mai", false),
        ("rated goods", false),
    ])
    func wordsOfAnAdvance(text: String, says: Bool) { #expect(receipt(index([49_00]), 49_00, text).saysOnAccount == says) }

    @Test func aNumberOfAnotherCurrencyIsSeen() {
        #expect(receipt(index([49_00], currency: .usd), 49_00, "Rg 400001").otherCurrency == ["400001"])
        #expect(receipt(index([49_00]), 49_00, "Rg 400001").otherCurrency == [])
    }

    /// Whether few or many items have the amount, the same slips are found.
    @Test(arguments: [1, 100]) func slipsOfANumber(others: Int) {
        var amounts = [Int64](repeating: 49_00, count: 3)
        amounts += [Int64](repeating: others == 1 ? 50_00 : 49_00, count: others)
        let found = receipt(index(amounts), 49_00, "400001", iban: nil).slips.map(\.reference)
        #expect(Set(found).isSuperset(of: ["400002", "400003"]))
        #expect(found.allSatisfy { zip($0, "400001").filter { $0 != $1 }.count <= 2 && $0 != "400001" })
        #expect(found.count == Set(found).count)
    }
}
