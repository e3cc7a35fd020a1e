import Connectors
import Domain
import Foundation
import Store
import TestSupport
import Testing

@testable import Operations

/// What becomes of mail that could not be sent: it names its customer, and a person sends it again or settles it.
@Suite struct UndeliveredMailTests {
    private static let day: Day = "2026-02-11"

    /// `count` customers with a first reminder each, waiting to be sent.
    private func shop(_ engine: Engine, letters count: Int) async throws -> Shop {
        let shop = try await Shop.open(engine)
        for number in 1...count {
            try await shop.customer("C\(number)", "Customer Nº \(number)", email: "c\(number)@customers.example")
            _ = try await shop.invoice("C\(number)", 100_00, on: "2026-01-05")
        }
        #expect(try await shop.dun(on: "2026-02-10").notices == count)
        return shop
    }

    /// The same, where the mail server refused each of them for good.
    private func refused(_ engine: Engine, letters count: Int) async throws -> Shop {
        let shop = try await shop(engine, letters: count)
        try await shop.sql("UPDATE outbox SET state = 'dead', attempts = 8, last_error = 'no route' WHERE entity_id = 1")
        return shop
    }

    private func deliver(_ shop: Shop, to mailer: Mailer) async throws -> DeliverOutbox.Report {
        try await DeliverOutbox(shop.database, shop.entity, mailer, from: "accounts@example.com", clock: { shop.tick() }).run()
    }

    private func dead(_ shop: Shop, after: ListPlace? = nil, limit: Int = 50) async throws -> ListPage<OutboxList.Line> {
        try await shop.database.read { try OutboxList(shop.entity, .dead, after: after, limit: limit).page(in: $0) }
    }

    @discardableResult
    private func sendAgain(_ shop: Shop, _ messages: [ID<OutboxMessage>]) async throws -> [SendAgain.Sent] {
        try await shop.run { try SendAgain(shop.entity, messages, role: "collector kim", on: Self.day).run(in: $0, at: $1) }
    }

    private func settle(_ shop: Shop, _ messages: [ID<OutboxMessage>], _ reason: String = "phoned") async throws {
        try await shop.run {
            try SettleMessages(shop.entity, messages, reason: reason, role: "collector kim", on: Self.day).run(in: $0, at: $1)
        }
    }

    private func states(_ shop: Shop) async throws -> [String] {
        try await shop.texts(
            "SELECT recipient || ' ' || state || ' ' || CAST(attempts AS TEXT) FROM outbox WHERE entity_id = 1 ORDER BY id")
    }

    private func mail(_ shop: Shop) async throws -> Today.Mail {
        try await shop.database.read { try Attention.read(shop.entity, in: $0).mail }
    }

    private func conversation(_ shop: Shop, _ number: String) async throws -> CustomerView.Message {
        let moment = ReportMoment(shop.entity, asOf: Self.day)
        let customer = try await shop.database.read { try ReadCustomer(moment, number: number).run(in: $0) }
        return try #require(customer?.messages.first)
    }

    @Test(arguments: Engine.available) func itNamesItsCustomerAndGoesToTheAddressOfNow(engine: Engine) async throws {
        let shop = try await shop(engine, letters: 1), folder = "florin-mail-\(UInt64.random(in: 0...UInt64.max))"
        let path = FileManager.default.temporaryDirectory.appending(path: folder).path
        for attempt in 1...8 {
            #expect(try await deliver(shop, to: .folder("/dev/null/mail")).failed == 1, "attempt \(attempt)")
            if attempt < 8 { _ = shop.tick(seconds: 60 << Int64(attempt - 1)) }
        }
        let ended = shop.now.microseconds
        _ = shop.tick(seconds: 86_400)
        let line = try #require(try await dead(shop).rows.first)
        #expect(line.customer?.number == "C1" && line.customer?.name == "Customer Nº 1" && line.recipient == "c1@customers.example")
        #expect(line.subject == "Payment reminder: 100.00 GBP overdue on 10 Feb 2026" && line.attempts == 8)
        #expect(line.lastError?.hasPrefix("/dev/null/mail: ") == true && line.settled == nil)
        let tried = try #require(line.lastTriedAt).microseconds
        #expect((ended - 5_000_000...ended).contains(tried), "the pause that would have followed is taken off")
        try await shop.customer("C1", "Customer Nº 1", email: "new@customers.example")
        #expect(try await dead(shop).rows.first?.address == "new@customers.example")
        #expect(
            try await sendAgain(shop, [line.id]) == [.init(recipient: "new@customers.example", before: "c1@customers.example")])
        #expect(try await states(shop) == ["new@customers.example waiting 0"])
        let left = try await mail(shop)
        #expect(left.dead == 0 && left.waiting == 1)
        #expect(try await dead(shop).rows.isEmpty)
        #expect(try await deliver(shop, to: .folder(path)).sent == 1)
        let file = try #require(try FileManager.default.contentsOfDirectory(atPath: path).first)
        let text = try String(contentsOfFile: "\(path)/\(file)", encoding: .utf8)
        #expect(text.contains("To: new@customers.example\r\n") && text.contains("Message-ID: <dunning-\(line.id.value)@example.com>"))
        let told = try await conversation(shop, "C1")
        #expect(told.state == "sent")
        #expect(
            told.events == [
                OutboxEvent(
                    kind: .sentAgain, on: Self.day, role: "collector kim", recipient: "c1@customers.example",
                    sentTo: "new@customers.example", reason: nil)
            ])
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func whatIsSettledLeavesTheListAndTheConversationSaysHow(engine: Engine) async throws {
        let shop = try await refused(engine, letters: 2), lines = try await dead(shop).rows
        let before = try await mail(shop)
        #expect(before.dead == 2 && before.lastError == "no route")
        let first = try #require(lines.last)
        await refuses("reason_missing") { try await settle(shop, [first.id], "") }
        try await settle(shop, [first.id])
        #expect(try await dead(shop).rows.map(\.id) == lines.dropLast().map(\.id))
        let after = try await mail(shop)
        #expect(after.dead == 1 && after.waiting == 0)
        let all = try await shop.database.read { try OutboxList(shop.entity, .settled).page(in: $0).rows }
        #expect(all.map(\.id) == [first.id] && all.first?.settled?.reason == "phoned" && all.first?.settled?.role == "collector kim")
        let told = try await conversation(shop, "C1")
        #expect(told.state == "settled" && told.events.map(\.kind) == [.settled] && told.events.first?.reason == "phoned")
        for again in [first.id, ID<OutboxMessage>(1)] {
            let code = again == first.id ? "message_state" : "message_not_found"
            await refuses(code) { try await settle(shop, [again]) }
            await refuses(code) { try await sendAgain(shop, [again]) }
        }
        #expect(try await deliver(shop, to: .folder("/dev/null/mail")).failed == 0, "nobody tries it any more")
        #expect(try await states(shop) == ["c1@customers.example settled 8", "c2@customers.example dead 8"])
        #expect(try await shop.number("SELECT count(*) FROM outbox_event WHERE entity_id = 1") == 1)
        try await shop.proves()
    }

    /// Several go together or not at all.
    @Test(arguments: Engine.available) func whoHasNoAddressAnyMoreHoldsAllOfThem(engine: Engine) async throws {
        let shop = try await refused(engine, letters: 2), ids = try await dead(shop).rows.map(\.id)
        try await shop.customer("C2", "Customer Nº 2")
        #expect(try await dead(shop).rows.map(\.address) == [nil, "c1@customers.example"])
        await refuses("address_missing") { try await sendAgain(shop, ids) }
        #expect(try await states(shop) == ["c1@customers.example dead 8", "c2@customers.example dead 8"])
        #expect(try await shop.number("SELECT count(*) FROM outbox_event WHERE entity_id = 1") == 0)
        #expect(try await sendAgain(shop, Array(ids.suffix(1))) == [.init(recipient: "c1@customers.example", before: nil)])
        #expect(try await states(shop) == ["c1@customers.example waiting 0", "c2@customers.example dead 8"])
        try await shop.proves()
    }

    /// A late worker says that it was sent after all, or its statement is from before statements named their mail.
    @Test(arguments: Engine.available) func whatWasSentIsLeftAndWhoseItIsMayBeUnknown(engine: Engine) async throws {
        let shop = try await refused(engine, letters: 1), moment = ReportMoment(shop.entity, asOf: Self.day)
        let notice = try #require(try await dead(shop).rows.first?.id)
        try await shop.sql("UPDATE outbox SET state = 'sent', last_error = NULL WHERE entity_id = 1")
        await refuses("message_state") { try await sendAgain(shop, [notice]) }
        await refuses("message_state") { try await settle(shop, [notice]) }
        try await shop.run { _ = try SendStatement(moment, customerNumber: "C1", on: moment.asOf).run(in: $0, at: $1) }
        try await shop.sql("UPDATE outbox SET state = 'dead', attempts = 8 WHERE entity_id = 1 AND state = 'waiting'")
        let known = try #require(try await dead(shop).rows.first)
        #expect(known.customer?.number == "C1" && known.subject == "Statement of account as of 11 Feb 2026")
        try await shop.sql("UPDATE statement_sent SET message_id = NULL WHERE entity_id = 1")
        try await shop.customer("C1", "Customer Nº 1", email: "new@customers.example")
        let unknown = try #require(try await dead(shop).rows.first)
        #expect(unknown.customer == nil && unknown.address == "c1@customers.example")
        await refuses("message_outdated") { try await sendAgain(shop, [unknown.id]) }
        try await settle(shop, [unknown.id])
    }

    private func outdated(_ shop: Shop, on day: Day = Self.day) async throws -> [String] {
        let ids = try await dead(shop).rows.map(\.id.value)
        return try await shop.database.read { tx in
            let reasons = try outdatedMail(shop.entity, ids, on: day, in: tx)
            return ids.map { reasons[$0] ?? "" }
        }
    }

    @Test(arguments: Engine.available) func aReminderOfWhatWasPaidSinceIsOnlySettled(engine: Engine) async throws {
        let shop = try await refused(engine, letters: 3), ids = try await dead(shop).rows.map(\.id)
        #expect(try await outdated(shop) == ["", "", ""])
        let numbers = try await shop.texts("SELECT number FROM open_item WHERE entity_id = 1 ORDER BY id")
        try await shop.pays(100_00, numbers[0], on: "2026-02-10")
        try await shop.receive("T2", 70_00, "thank you", from: "C2", on: "2026-02-10")
        let reasons = try await outdated(shop)
        #expect(reasons[0] == "", "who owes as before is reminded as before")
        #expect(reasons[1] == "reminds a customer of whom a payment waits to be applied")
        #expect(reasons[2] == "asks for 100.00 GBP of \(numbers[0]), where 0.00 GBP is to be collected now")
        await refuses("message_outdated") { try await sendAgain(shop, ids) }
        #expect(try await states(shop).allSatisfy { $0.hasSuffix("dead 8") }, "all or none")
        try await settle(shop, [ids[2]])
        #expect(try await sendAgain(shop, [ids[0]]).count == 1)
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func aReminderThatALaterOneFollowedIsOnlySettled(engine: Engine) async throws {
        let shop = try await refused(engine, letters: 1)
        #expect(try await shop.dun(on: "2026-03-10").notices == 1)
        try await shop.sql("UPDATE outbox SET state = 'dead', attempts = 8, last_error = 'no route' WHERE entity_id = 1")
        #expect(try await outdated(shop) == ["", "was followed by a later reminder"])
    }

    @Test(arguments: Engine.available) func aReminderOfWhatIsDisputedSinceIsOnlySettled(engine: Engine) async throws {
        let shop = try await refused(engine, letters: 1)
        let number = try #require(try await shop.texts("SELECT number FROM open_item WHERE entity_id = 1").first)
        try await shop.apart(number, .dispute, 40_00, on: "2026-02-10")
        #expect(try await outdated(shop) == ["asks for 100.00 GBP of \(number), where 60.00 GBP is to be collected now"])
    }

    @Test(arguments: Engine.available) func theLatestComeFirstPageByPage(engine: Engine) async throws {
        let shop = try await refused(engine, letters: 5)
        var found: [Int64] = [], place: ListPlace?
        repeat {
            let page = try await dead(shop, after: place, limit: 2)
            #expect(page.rows.count <= 2)
            found += page.rows.map(\.id.value)
            place = page.next
        } while place != nil && found.count < 10
        let ids = try await shop.texts("SELECT CAST(id AS TEXT) FROM outbox WHERE entity_id = 1 ORDER BY id DESC").compactMap { Int64($0) }
        #expect(found == ids && ids.count == 5)
        try await settle(shop, ids.map { ID($0) })
        #expect(try await dead(shop).rows.isEmpty)
    }

    /// A worker that was stuck longer than its lease tells what it did when a person has decided since.
    @Test(arguments: Engine.available) func aLateWorkerLeavesWhatAPersonDecided(engine: Engine) async throws {
        let shop = try await shop(engine, letters: 2), entity = shop.entity
        let lease = try await shop.run { try LeaseOutbox(entity, limit: 100).run(in: $0, at: $1) }
        try await shop.sql("UPDATE outbox SET state = 'dead', attempts = 8, last_error = 'no route' WHERE entity_id = 1")
        let messages = try await dead(shop).rows.map(\.id)
        try await settle(shop, [messages[0]])
        try await sendAgain(shop, [messages[1]])
        try await shop.sql("UPDATE outbox SET recipient = 'new@example.com' WHERE entity_id = 1 AND state = 'waiting'")
        var tried = lease
        tried.messages = []
        let conclusion = ConcludeOutbox(entity, tried, sent: lease.messages, failed: [], .givenBack)
        _ = try await shop.run { try conclusion.run(in: $0, at: $1) }
        let states = try await shop.texts("SELECT state FROM outbox WHERE entity_id = 1 ORDER BY state")
        #expect(states == ["settled", "waiting"], "the letter still goes to the new address")
    }
}
