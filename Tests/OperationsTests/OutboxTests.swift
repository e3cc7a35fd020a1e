import Connectors
import Domain
import Foundation
import Operations
import Store
import TestSupport
import Testing

@Suite struct OutboxTests {
    /// `count` customers with a first reminder each, waiting to be sent.
    private func shop(_ engine: Engine, letters count: Int = 3) async throws -> Shop {
        let shop = try await Shop.open(engine)
        for number in 1...count {
            try await shop.customer("C\(number)", "Customer Nº \(number)", email: "c\(number)@customers.example")
            _ = try await shop.invoice("C\(number)", 100_00, on: "2026-01-05")
        }
        #expect(try await shop.dun(on: "2026-02-10").notices == count)
        return shop
    }

    private func folder() -> String {
        FileManager.default.temporaryDirectory.appending(path: "florin-mail-\(UInt64.random(in: 0...UInt64.max))").path
    }

    private func deliver(_ shop: Shop, to mailer: Mailer) async throws -> DeliverOutbox.Report {
        try await DeliverOutbox(shop.database, shop.entity, mailer, from: "accounts@example.com", clock: { shop.tick() }).run()
    }

    private func states(_ shop: Shop) async throws -> [String] {
        try await shop.texts("SELECT state || ' ' || CAST(attempts AS TEXT) FROM outbox WHERE entity_id = 1 ORDER BY id")
    }

    @Test(arguments: Engine.available) func aNoticeIsInTheOutboxExactlyOnce(engine: Engine) async throws {
        let shop = try await shop(engine)
        try await shop.dun(on: "2026-02-10")
        let keys = try await shop.texts("SELECT message_key FROM outbox WHERE entity_id = 1 ORDER BY id")
        let notices = try await shop.texts("SELECT 'dunning-' || CAST(id AS TEXT) FROM dunning_notice WHERE entity_id = 1 ORDER BY id")
        #expect(keys == notices && keys.count == 3)
        #expect(try await states(shop) == ["waiting 0", "waiting 0", "waiting 0"])
    }

    /// A run that fails after its notices leaves neither notice nor letter.
    @Test(arguments: Engine.available) func aFailedRunWritesNoLetter(engine: Engine) async throws {
        struct PowerCut: Error {}
        let shop = try await Shop.open(engine)
        _ = try await shop.invoice("C1", 100_00, on: "2026-01-05")
        try await shop.addresses()
        await #expect(throws: PowerCut.self) {
            try await shop.run { tx, now in
                let report = try RunDunning(shop.entity, on: "2026-02-10", .withoutFeed).run(in: tx, at: now)
                #expect(report.notices == 1)
                throw PowerCut()
            }
        }
        #expect(try await shop.number("SELECT count(*) FROM outbox WHERE entity_id = 1") == 0)
        #expect(try await shop.dun(on: "2026-02-10").notices == 1)
    }

    @Test(arguments: Engine.available) func aFolderGetsOneFileANoticeAndOnlyOnce(engine: Engine) async throws {
        let shop = try await shop(engine), path = folder()
        let report = try await deliver(shop, to: .folder(path))
        #expect(report.sent == 3 && report.failed == 0 && report.firstError == nil)
        let files = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        let keys = try await shop.texts("SELECT message_key FROM outbox WHERE entity_id = 1 ORDER BY message_key")
        #expect(files == keys.map { "\($0).eml" })
        for file in files { try FileManager.default.removeItem(atPath: "\(path)/\(file)") }
        #expect(try await deliver(shop, to: .folder(path)).sent == 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: path) == [])
        #expect(try await states(shop) == ["sent 1", "sent 1", "sent 1"])
    }

    @Test(arguments: Engine.available) func theLetterSaysWhatIsOwed(engine: Engine) async throws {
        let shop = try await shop(engine, letters: 1), path = folder()
        _ = try await deliver(shop, to: .folder(path))
        let file = try #require(try FileManager.default.contentsOfDirectory(atPath: path).first)
        let text = try String(contentsOfFile: "\(path)/\(file)", encoding: .utf8)
        let lines = text.components(separatedBy: "\r\n")
        #expect(!text.replacing("\r\n", with: "").contains("\n"))
        #expect(lines.contains("To: c1@customers.example") && lines.contains("From: accounts@example.com"))
        #expect(lines.contains("Subject: Payment reminder: 100.00 GBP overdue on 10 Feb 2026"))
        #expect(lines.contains { $0.hasPrefix("Message-ID: <dunning-") && $0.hasSuffix("@example.com>") })
        let item = "  INV-2026-000001  due  4 Feb 2026  100.00 GBP  6 days overdue"
        #expect(lines.contains("Dear Customer Nº 1,") && lines.contains(item) && lines.contains("Example Trading Ltd"))
    }

    /// Ids begin anew with each second in each legal entity: two that write first in one second write under one key.
    @Test(arguments: Engine.available) func lettersOfTwoLegalEntitiesUnderOneKeyAreTwo(engine: Engine) async throws {
        let shop = try await Shop.open(engine), other = ID<Entity>(2), day: Day = "2026-02-10", path = folder()
        try await shop.run { try CreateEntity(other, name: "Other Ltd", country: "GB", currency: .gbp).run(in: $0, at: $1) }
        for entity in [shop.entity, other] {
            let now = shop.tick(), email = "c\(entity.value)@customers.example"
            let profile = CustomerProfile(number: "C1", name: "Customer", email: email, country: "GB", currency: .gbp)
            try await shop.database.write(entity: entity) { _ = try SaveCustomers(entity, [profile]).run(in: $0, at: now) }
        }
        let second = shop.tick()
        for entity in [shop.entity, other] {
            let statement = SendStatement(ReportMoment(entity, asOf: day), customerNumber: "C1", on: day)
            try await shop.database.write(entity: entity) { _ = try statement.run(in: $0, at: second) }
        }
        let keys = Set(try await shop.texts("SELECT message_key FROM outbox WHERE entity_id IN (1, 2)"))
        let key = try #require(keys.count == 1 ? keys.first : nil)
        for entity in [shop.entity, other] {
            let outbox = DeliverOutbox(shop.database, entity, .folder(path), from: "accounts@example.com", clock: { shop.tick() })
            #expect(try await outbox.run().sent == 1)
        }
        for (name, recipient) in [(key, "c1@customers.example"), ("\(key)-2", "c2@customers.example")] {
            let lines = try String(contentsOfFile: "\(path)/\(name).eml", encoding: .utf8).components(separatedBy: "\r\n")
            #expect(lines.contains("To: \(recipient)") && lines.contains("Message-ID: <\(name)@example.com>"))
        }
    }

    /// Headers come from data: a line break in a name or address must not start another header.
    @Test func noHeaderCanBeInjected() async throws {
        let shop = try await Shop.open(.sqlite), path = folder()
        try await shop.customer("C1", "Evil\r\nBcc: all@customers.example", email: "c1@customers.example\r\nBcc: all@customers.example")
        _ = try await shop.invoice("C1", 100_00, on: "2026-01-05")
        try await shop.dun(on: "2026-02-10")
        _ = try await deliver(shop, to: .folder(path))
        let file = try #require(try FileManager.default.contentsOfDirectory(atPath: path).first)
        let text = try String(contentsOfFile: "\(path)/\(file)", encoding: .utf8)
        let head = try #require(text.components(separatedBy: "\r\n\r\n").first)
        #expect(!head.components(separatedBy: "\r\n").contains { $0.hasPrefix("Bcc") })
    }

    /// 1, 2, 4 … 64 minutes apart, and after the eighth failure nobody tries any more.
    @Test(arguments: Engine.available) func aFailingMailerIsTriedEightTimesFurtherAndFurtherApart(engine: Engine) async throws {
        let shop = try await shop(engine, letters: 1), broken = Mailer.folder("/dev/null/mail")
        for attempt in 1...8 {
            let report = try await deliver(shop, to: broken)
            #expect(
                report.failed == 1 && report.sent == 0 && report.firstError?.hasPrefix("/dev/null/mail: ") == true, "attempt \(attempt)")
            #expect(try await states(shop) == [attempt < 8 ? "waiting \(attempt)" : "dead 8"])
            guard attempt < 8 else { break }
            _ = shop.tick(seconds: 60 << (Int64(attempt) - 1) - 10)
            #expect(try await deliver(shop, to: broken).failed == 0, "before \(60 << (attempt - 1)) seconds have passed")
            _ = shop.tick(seconds: 20)
        }
        _ = shop.tick(seconds: 10_000_000)
        let late = try await deliver(shop, to: .folder(folder()))
        #expect(late.sent == 0 && late.failed == 0)
        #expect(try await shop.texts("SELECT last_error FROM outbox WHERE entity_id = 1").first?.isEmpty == false)
    }

    /// The mail says what the page shows: from the same day, in columns, a receipt by its payer's reference.
    @Test(arguments: Engine.available) func aStatementIsSentAsAskedAndStandsWithTheNotices(engine: Engine) async throws {
        let shop = try await shop(engine, letters: 1), moment = ReportMoment(shop.entity, asOf: "2026-02-12")
        try await shop.pays(100_00, "INV-2026-000001", from: "Customer", e2e: "PAY-7", on: "2026-02-11")
        let today = moment.asOf
        for (code, asOf, from) in [("statement_day_ahead", today + 1, today), ("statement_backwards", today, today + 1)] {
            await refuses(code) {
                try await shop.run {
                    _ = try SendStatement(moment.on(asOf), customerNumber: "C1", from: from, on: today).run(in: $0, at: $1)
                }
            }
        }
        try await shop.run { _ = try SendStatement(moment, customerNumber: "C1", from: "2026-02-01", on: today).run(in: $0, at: $1) }
        await refuses("statement_sent") {
            try await shop.run { _ = try SendStatement(moment, customerNumber: "C1", on: today).run(in: $0, at: $1) }
        }
        let found = try await shop.database.read { try ReadCustomer(moment, number: "C1").run(in: $0) }
        let customer = try #require(found), messages = customer.messages
        #expect(messages.map(\.kind) == [.statement, .notice(level: 1)] && messages.allSatisfy { $0.state == "waiting" })
        let statement = try #require(messages.first)
        #expect(statement.subject == "Statement of account as of 12 Feb 2026")
        #expect(
            statement.body.split(separator: "\n").map(String.init).dropFirst(2).dropLast() == [
                "date         kind             number  due  currency   amount  balance",
                "1 Feb 2026   opening balance               GBP                 100.00",
                "11 Feb 2026  receipt          PAY-7        GBP       −100.00     0.00",
                "balance                                    GBP                   0.00",
            ])
        #expect(statement.body.contains("from 1 Feb 2026 to 12 Feb 2026"))
        let (sent, other) = try await shop.database.read { tx in
            (
                try SendStatement.sentAt(moment, customer.id, in: tx),
                try SendStatement.sentAt(moment.on("2026-02-11"), customer.id, in: tx)
            )
        }
        #expect(sent != nil && other == nil)
    }

    @Test(arguments: Engine.available) func aMailerThatRecoversSends(engine: Engine) async throws {
        let shop = try await shop(engine, letters: 2)
        #expect(try await deliver(shop, to: .folder("/dev/null/mail")).failed == 2)
        _ = shop.tick(seconds: 120)
        #expect(try await deliver(shop, to: .folder(folder())).sent == 2)
        let errors = try await shop.number("SELECT count(*) FROM outbox WHERE entity_id = 1 AND last_error IS NOT NULL")
        #expect(errors == 0)
    }

    /// A worker dies between sending and saying so: the lease ends, and the message goes out under the same key.
    @Test(arguments: Engine.available) func aDeadWorkersMessagesAreTakenAfterItsLease(engine: Engine) async throws {
        let shop = try await shop(engine)
        let leased = try await shop.run { try LeaseOutbox(shop.entity, limit: 100).run(in: $0, at: $1) }
        #expect(leased.messages.count == 3)
        #expect(try await deliver(shop, to: .folder(folder())).sent == 0)
        _ = shop.tick(seconds: 121)
        #expect(try await deliver(shop, to: .folder(folder())).sent == 3)
        #expect(try await states(shop) == ["sent 1", "sent 1", "sent 1"])
    }

    /// What waits behind a slow message stays with the worker that says that it lives; one that is too late changes nothing.
    @Test(arguments: Engine.available) func aSlowWorkerKeepsWhatItHoldsAndALateOneChangesNothing(engine: Engine) async throws {
        let shop = try await shop(engine), entity = shop.entity
        func lease() async throws -> OutboxLease { try await shop.run { try LeaseOutbox(entity, limit: 100).run(in: $0, at: $1) } }
        func conclude(_ lease: OutboxLease, sent: [OutboxMessage] = [], failed: [OutboxMessage] = []) async throws -> OutboxLease {
            let conclusion = ConcludeOutbox(entity, lease, sent: sent, failed: failed.map { ($0, "shut") }, .held)
            return try await shop.run { try conclusion.run(in: $0, at: $1) }
        }
        var slow = try await lease()
        let first = slow.messages.removeFirst()
        _ = shop.tick(seconds: 100)
        slow = try await conclude(slow, sent: [first])
        _ = shop.tick(seconds: 100)
        #expect(try await lease().messages.isEmpty && slow.messages.count == 2)
        _ = shop.tick(seconds: 21)
        var other = try await lease()
        #expect(other.messages == slow.messages && other.messages.allSatisfy { $0.attempts == 1 })
        let taken = other.messages
        other.messages = []
        _ = try await conclude(other, sent: taken)
        let failed = slow.messages.removeFirst()
        #expect(try await conclude(slow, failed: [failed]).messages.isEmpty, "the other one sent it")
        #expect(try await states(shop) == ["sent 1", "sent 1", "sent 1"])
        #expect(try await shop.number("SELECT count(*) FROM outbox WHERE entity_id = 1 AND last_error IS NOT NULL") == 0)
    }

    /// Told to stop, a worker says what it sent and gives the rest back at once, untried.
    @Test(arguments: Engine.available) func aStoppedRoundGivesBackWhatItDidNotTry(engine: Engine) async throws {
        let shop = try await shop(engine), path = folder(), start = shop.now.microseconds
        let stopped = Task {
            try await DeliverOutbox(
                shop.database, shop.entity, .folder(path), from: "accounts@example.com",
                clock: {
                    let now = shop.tick()
                    // Leased, held, and the first message begins.
                    if now.microseconds - start == 3_000_000 { withUnsafeCurrentTask { $0?.cancel() } }
                    return now
                }
            ).run()
        }
        await #expect(throws: CancellationError.self) { _ = try await stopped.value }
        #expect(try await states(shop) == ["sent 1", "waiting 0", "waiting 0"])
        #expect(try await deliver(shop, to: .folder(path)).sent == 2)
        #expect(try await states(shop) == ["sent 1", "sent 1", "sent 1"])
    }

    /// Four workers on two sets of connections: no message is sent twice.
    @Test(arguments: Engine.available) func workersAtOnceShareTheWork(engine: Engine) async throws {
        let doors = try await engine.makePair()
        let first = try await Shop.opened(in: doors.0)
        for number in 0..<40 { _ = try await first.invoice("C\(number)", 10_00, on: "2026-01-05") }
        try await first.addresses()
        try await first.dun(on: "2026-02-10")
        let second = Shop(doors.1, .gbp, from: first.now.microseconds), path = folder()
        let sent = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<4 {
                let shop = number % 2 == 0 ? first : second
                group.addTask { try await deliver(shop, to: .folder(path)).sent }
            }
            return try await group.reduce(0, +)
        }
        #expect(sent == 40)
        #expect(try await first.number("SELECT CAST(SUM(attempts) AS BIGINT) FROM outbox WHERE entity_id = 1") == 40)
    }
}
