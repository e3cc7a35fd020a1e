import Domain
import Operations
import Store
import TestSupport
import Testing

/// The answers that a person gives to a receipt that waits.
@Suite struct QueueAnswerTests {
    /// Meyer owes 100.00; somebody paid 90.00 and said nothing.
    private func shop(_ engine: Engine) async throws -> (Shop, receipt: String) {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer", email: "ap@meyer.example")
        _ = try await shop.invoice("C1", 100_00, on: "2026-01-05")
        try await shop.pays(90_00, "see our letter", e2e: "E1", on: "2026-01-20")
        return (shop, try #require(try await shop.receipts().first))
    }

    private func id(_ shop: Shop) async throws -> ID<Receipt> {
        ID(try #require(try await shop.number("SELECT id FROM receipt WHERE entity_id = 1 ORDER BY id LIMIT 1")))
    }

    private func ask(_ shop: Shop, by answerBy: Day, of customer: String = "C1", on day: Day) async throws {
        let operation = AskCustomer(
            shop.entity, try await id(shop), customer: customer, question: "Which invoice is it for?", answerBy: answerBy,
            role: "clerk Kim",
            on: day)
        try await shop.run { _ = try operation.run(in: $0, at: $1) }
    }

    @Test(arguments: Engine.available) func aQuestionThatIsAnsweredIsNotSentAgain(engine: Engine) async throws {
        let (shop, receipt) = try await shop(engine), day: Day = "2026-01-21"
        try await ask(shop, by: "2026-01-28", on: day)
        try await shop.sql("UPDATE outbox SET state = 'dead', attempts = 8 WHERE entity_id = 1")
        let message = ID<OutboxMessage>(try #require(try await shop.number("SELECT id FROM outbox WHERE entity_id = 1")))
        let outdated = { try await shop.database.read { try outdatedMail(shop.entity, [message.value], on: day, in: $0) } }
        #expect(try await outdated().isEmpty)
        try await setAside(shop, receipt, on: day)
        #expect(try await outdated() == [message.value: "asks about a payment that needs no answer any more"])
        await #expect(throws: OutboxRefusal.self) {
            try await shop.run { _ = try SendAgain(shop.entity, [message], role: "clerk", on: day).run(in: $0, at: $1) }
        }
    }

    private func setAside(_ shop: Shop, _ receipt: String, on day: Day) async throws {
        let operation = SetReceiptAside(shop.entity, method: "bank", externalID: receipt, reason: "meant for our neighbour", on: day)
        try await shop.run { try operation.run(in: $0, at: $1) }
    }

    private func waiting(_ shop: Shop, _ filter: CashQueue.Filter = .waiting, on day: Day) async throws -> Int {
        try await shop.database.read { tx in
            let queue = CashQueue(shop.entity, on: day, filter)
            let count = try queue.count(in: tx)
            #expect(try queue.page(in: tx).rows.count == count)
            return count
        }
    }

    @Test(arguments: Engine.available) func whatIsMissingIsTheCustomersDeduction(engine: Engine) async throws {
        let (shop, receipt) = try await shop(engine), document = "INV-2026-000001"
        let application = ApplyByHand(
            shop.entity, method: "bank", externalID: receipt, customer: "C1", [.init(document, Money(minor: 90_00, .gbp))],
            reason: "kept 10 for freight", on: "2026-01-22")
        func short(_ deductions: [ApplyShort.Deduction]) async throws {
            let operation = ApplyShort(
                shop.entity, application, deductions, reason: "kept 10 for freight", WriteOffPolicy(), by: .init(.clerk, name: "Kim"),
                on: "2026-01-22")
            try await shop.run { try operation.run(in: $0, at: $1) }
        }
        // All or nothing: a deduction that cannot be leaves the receipt where it was.
        await refuses("reason_code_unknown") { try await short([.init(document, customerCode: "FR")]) }
        #expect(try await shop.open(document) == 100_00)
        #expect(try await shop.queue().count == 1)
        try await short([.init(document, code: .freight, customerCode: "FR")])
        #expect(try await shop.open(document) == 10_00)
        #expect(try await shop.slices() == ["deduction 1000"])
        #expect(try await shop.dun(on: "2026-03-10").notices == 0)
        #expect(
            try await shop.texts("SELECT customer_code || ' ' || reason_code FROM deduction_code WHERE entity_id = 1") == ["FR freight"])
        try await shop.proves()
    }

    /// Tax that the customer withheld is owed by its state: it goes to its own account at once within what the person's role may give up alone,
    /// and else stays a deduction until somebody who may gives it up.
    @Test(
        arguments: Engine.available,
        [(.approver, 10_00, 0), (.collector, 10_00, 0), (.clerk, 0, 10_00), (.viewer, 0, 10_00)] as [(Role, Int64, Int64)])
    func withheldTaxGoesToItsAccount(engine: Engine, answer: (role: Role, tax: Int64, open: Int64)) async throws {
        let (shop, receipt) = try await shop(engine), document = "INV-2026-000001"
        let application = ApplyByHand(
            shop.entity, method: "bank", externalID: receipt, customer: "C1", [.init(document, Money(minor: 90_00, .gbp))],
            reason: "10 % or 5 % on two", on: "2026-01-22")
        let operation = ApplyShort(
            shop.entity, application, [.init(document, code: .withholdingTax)], reason: "certificate of 12 January", WriteOffPolicy(),
            by: .init(answer.role, name: "Kim"), on: "2026-01-22")
        let withheld = try await shop.run { try operation.run(in: $0, at: $1) }
        #expect(withheld == (answer.tax > 0 ? [document] : []))
        #expect(try await shop.balance(.withholdingTax) == answer.tax)
        #expect(try await shop.open(document) == answer.open)
        #expect(try await shop.balance(.receivables) == answer.open)
        #expect(try await shop.balance(.outputVAT) == 0)
        try await shop.proves()
        guard answer.tax == 0 else { return }
        let slice = try #require(try await shop.number("SELECT id FROM slice WHERE entity_id = 1"))
        let later = WriteOff(
            shop.entity, document: document, slice: ID(slice), code: .withholdingTax, reason: "certificate of 12 January", WriteOffPolicy(),
            by: .init(.controller, name: "Ada"), on: "2026-01-23")
        try await shop.run { try later.run(in: $0, at: $1) }
        #expect(try await shop.balance(.withholdingTax) == 10_00)
        #expect(try await shop.open(document) == 0)
        try await shop.proves()
    }

    /// The state owes the tax though the invoice is long overdue: its VAT does not fall.
    @Test(arguments: Engine.available) func withheldTaxLeavesTheInvoicesTax(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer")
        try await shop.order("A", "C1", net: 100_00, on: "2026-01-05")
        try await shop.bill(on: "2026-01-05")
        var policy = WriteOffPolicy()
        policy.vatReliefDays = 30
        let operation = WriteOff(
            shop.entity, document: "INV-2026-000001", nil as Money?, code: .withholdingTax, reason: "certificate", policy,
            by: .init(.controller, name: "Ada"), on: "2026-08-01")
        try await shop.run { try operation.run(in: $0, at: $1) }
        #expect(try await shop.balance(.withholdingTax) == 120_00)
        #expect(try await shop.balance(.outputVAT) == -20_00)
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func aCustomerIsAskedAndTheReceiptWaitsForTheAnswer(engine: Engine) async throws {
        let (shop, receipt) = try await shop(engine)
        await refuses("answer_day") { try await ask(shop, by: "2026-01-20", on: "2026-01-21") }
        await refuses("customer_not_found") { try await ask(shop, by: "2026-01-28", of: "NOBODY", on: "2026-01-21") }
        try await shop.customer("C2")
        await refuses("address_missing") { try await ask(shop, by: "2026-01-28", of: "C2", on: "2026-01-21") }
        try await ask(shop, by: "2026-01-28", on: "2026-01-21")
        let mail = try await shop.texts("SELECT recipient || ' ' || payload FROM outbox WHERE entity_id = 1")
        #expect(mail.count == 1 && mail[0].hasPrefix("ap@meyer.example Your payment of 90.00 GBP on 20 Jan 2026"))
        #expect(mail[0].contains("see our letter") && mail[0].contains("INV-2026-000001") && !mail[0].contains(receipt))
        #expect(mail[0].contains("this item is open:") && mail[0].contains("due ") && mail[0].contains("by 28 Jan 2026."))
        let customer = try await shop.database.read {
            try ReadCustomer(ReportMoment(shop.entity, asOf: "2026-01-28"), number: "C1").run(in: $0)
        }
        let asked = try #require(customer?.messages.first)
        #expect(asked.kind == .question && asked.on == "2026-01-21" && asked.state == "waiting")
        #expect(asked.subject == "Your payment of 90.00 GBP on 20 Jan 2026" && asked.body.contains("Which invoice is it for?"))
        #expect(try await waiting(shop, on: "2026-01-28") == 0)
        #expect(try await waiting(shop, .asked, on: "2026-01-28") == 1)
        // A run does not forget that somebody was asked; when the day has passed it waits for a person again.
        try await shop.applyCash(on: "2026-01-23")
        #expect(try await waiting(shop, .asked, on: "2026-01-28") == 1)
        #expect(try await waiting(shop, on: "2026-01-29") == 1)
        try await shop.byHand(receipt, of: "C1", [("INV-2026-000001", 90_00)], on: "2026-01-27")
        await refuses("receipt_not_waiting") { try await ask(shop, by: "2026-02-28", on: "2026-01-28") }
        let view = try await shop.database.read { [id = try await id(shop)] in try ReadReceipt(shop.entity, id).run(in: $0) }
        #expect(view?.inquiries.map(\.question) == ["Which invoice is it for?"])
        try await shop.proves()
    }

    /// Not ours: it waits to be returned and no run matches it again, until somebody takes that back; both histories stay.
    @Test(arguments: Engine.available) func whatIsNotOursIsNeverMatchedAgain(engine: Engine) async throws {
        let (shop, receipt) = try await shop(engine)
        try await setAside(shop, receipt, on: "2026-01-21")
        #expect(try await shop.balance(.receiptsToReturn) == -90_00)
        #expect(try await shop.unapplied() == 0)
        #expect(try await shop.queue() == [])
        #expect(try await shop.applyCash(on: "2026-01-22") == ApplyReceipts.Report())
        await refuses("receipt_used_up") { try await shop.byHand(receipt, of: "C1", [], on: "2026-01-22") }
        await refuses("receipt_applied") { try await setAside(shop, receipt, on: "2026-01-22") }
        try await shop.proves()
        try await shop.unapply(receipt, reason: "it was ours", on: "2026-01-25")
        #expect(try await shop.balance(.receiptsToReturn) == 0)
        #expect(try await shop.unapplied() == 90_00)
        #expect(try await shop.queue() == ["taken back: it was ours"])
        try await shop.byHand(receipt, of: "C1", [("INV-2026-000001", 90_00)], on: "2026-01-26")
        #expect(try await shop.open("INV-2026-000001") == 10_00)
        #expect(try await shop.rules() == ["not_ours", "unapplied", "manual"])
        let events = try await shop.database.read { try EventFeed(shop.entity, after: 0, limit: 1_000).events(in: $0).map(\.type) }
        #expect(events.filter { $0.hasPrefix("receipt.") }.dropFirst() == ["receipt.set_aside", "receipt.unapplied", "receipt.applied"])
        let verified = try await shop.database.read { try VerifyMatches(shop.entity).run(in: $0) }
        #expect(verified.faults == [])
        try await shop.proves()
    }

    /// The bank takes the money back itself: nothing is left to return.
    @Test(arguments: Engine.available) func whatIsNotOursMayGoBackByItself(engine: Engine) async throws {
        let (shop, receipt) = try await shop(engine)
        try await setAside(shop, receipt, on: "2026-01-21")
        #expect(try await shop.statement("R", [.returned(90_00, e2e: "E1", on: "2026-01-23")]).returns == 1)
        #expect(try await shop.balance(.receiptsToReturn) == 0)
        #expect(try await shop.unapplied() == 0)
        #expect(try await shop.balance(.bank) == 0)
        try await shop.proves()
    }

    /// A channel's customer is known: what is not ours leaves that customer's account.
    @Test(arguments: Engine.available) func aKnownCustomersReceiptIsSetAsideFromTheAccount(engine: Engine) async throws {
        let (shop, _) = try await shop(engine)
        try await shop.receive("T1", 25_00, "wrong till", from: "C1", on: "2026-01-20")
        let operation = SetReceiptAside(shop.entity, method: "till", externalID: "T1", reason: "a typing error", on: "2026-01-21")
        try await shop.run { try operation.run(in: $0, at: $1) }
        #expect(try await shop.balance(.receivables) == 100_00)
        #expect(try await shop.balance(.receiptsToReturn) == -25_00)
        try await shop.unapply("T1", method: "till", on: "2026-01-22")
        #expect(try await shop.balance(.receivables) == 75_00)
        try await shop.proves()
    }

    /// A week of waiting weighs as much as twice the money.
    @Test(arguments: Engine.available) func theQueueIsOrderedByMoneyAndAge(engine: Engine) async throws {
        let shop = try await Shop.open(engine)
        for (minor, day) in [
            (100_00, "2026-02-20"), (60_00, "2026-02-13"), (51_00, "2026-02-13"), (90_00, "2026-02-20"), (14_00, "2026-01-30"),
        ] as [(Int64, Day)] {
            try await shop.pays(minor, "?", on: day)
        }
        let pages = try await shop.database.read { tx in
            let first = try CashQueue(shop.entity, on: "2026-02-20", limit: 2).page(in: tx)
            return (first.rows, try CashQueue(shop.entity, on: "2026-02-20", after: first.next, limit: 9).page(in: tx).rows)
        }
        #expect((pages.0 + pages.1).map(\.amount.minor) == [60_00, 14_00, 51_00, 100_00, 90_00])
    }
}
