import Domain
import Operations
import Store
import TestSupport
import Testing

private let entity = ID<Entity>(1)
private let customer = ID<Customer>(7)
private func eur(_ minor: Int64) -> Money { Money(minor: minor, .eur) }
private func day(_ text: String) -> Day { Day(text)! }

/// Opens the books and records an invoice of EUR 120.00 and a receipt of EUR 50.00 that settles part of it.
private func booksWithAPartPayment(_ engine: Engine) async throws -> any Database {
    let database = try await engine.make()
    try await database.write(entity: entity) { tx in
        try CreateEntity(entity, name: "Example Ltd", country: "GB", currency: .eur).run(in: tx, at: Instant(microseconds: 1))
    }
    try await database.write(entity: entity) { tx in
        var books = try Books(lock: entity, at: Instant(microseconds: 10), in: tx)
        let invoice: ID<JournalEntry> = books.newID()
        try books.post(
            invoice, on: day("2026-01-05"), kind: "invoice", memo: "2026-000001",
            [
                Posting(.receivables, customer, debit: eur(120_00)), Posting(.revenue, customer, credit: eur(100_00)),
                Posting(.outputVAT, customer, credit: eur(20_00)),
            ])
        books.add(
            NewOpenItem(
                id: invoice.value, kind: .invoice, account: .receivables, customer: customer, number: "2026-000001",
                effectiveOn: day("2026-01-05"), dueOn: day("2026-02-04"), amount: eur(120_00)))
        try books.close(in: tx)
    }
    try await database.write(entity: entity) { tx in
        var books = try Books(lock: entity, at: Instant(microseconds: 20), in: tx)
        let receipt: ID<JournalEntry> = books.newID()
        try books.post(
            receipt, on: day("2026-01-20"), kind: "receipt", memo: "R1",
            [Posting(.bank, customer, debit: eur(50_00)), Posting(.receivables, customer, credit: eur(50_00))])
        books.add(
            NewOpenItem(
                id: receipt.value, kind: .receipt, account: .receivables, customer: customer, number: "R1",
                effectiveOn: day("2026-01-20"), dueOn: day("2026-01-20"), amount: eur(-50_00)))
        var debit = OpenItem(id: 1, number: "2026-000001", effectiveOn: day("2026-01-05"), dueOn: day("2026-02-04"), open: eur(120_00))
        var credit = OpenItem(id: receipt.value, number: "R1", effectiveOn: day("2026-01-20"), dueOn: day("2026-01-20"), open: eur(-50_00))
        books.allocate(&debit, with: &credit, eur(50_00), on: day("2026-01-20"), rule: "reference")
        try books.close(in: tx)
    }
    return database
}

@Suite(.serialized) struct BooksTests {
    @Test(arguments: Engine.available) func aPartPaymentLeavesTheRestOpen(engine: Engine) async throws {
        let database = try await booksWithAPartPayment(engine)
        let open = try await database.read { tx in
            try tx.rows("SELECT number, open_minor FROM open_item WHERE entity_id = \(entity) ORDER BY id") {
                "\($0.text(0)) \($0.integer(1))"
            }
        }
        #expect(open == ["2026-000001 7000", "R1 0"])
        let due = try await database.read { tx in
            try tx.rows(
                "SELECT due_on, debit_minor, debit_count, credit_minor, credit_count FROM due_day WHERE entity_id = \(entity) ORDER BY due_on"
            ) {
                "\($0.text(0)) \($0.integer(1))/\($0.integer(2)) \($0.integer(3))/\($0.integer(4))"
            }
        }
        #expect(due == ["2026-01-20 0/0 0/0", "2026-02-04 7000/1 0/0"])
        let balances = try await database.read { tx in
            try tx.rows(
                """
                SELECT account, CAST(SUM(debit_minor - credit_minor) AS BIGINT) FROM account_day WHERE entity_id = \(entity)
                 GROUP BY account ORDER BY account
                """
            ) { "\($0.text(0)) \($0.integer(1))" }
        }
        #expect(balances == ["1000 5000", "1200 7000", "2200 -2000", "4000 -10000"])
    }

    @Test(arguments: Engine.available) func theBooksProveThemselves(engine: Engine) async throws {
        let database = try await booksWithAPartPayment(engine)
        let report = try await database.read { try CheckBooks(entity).run(in: $0) }
        #expect(report.sealCount == 2)
        #expect(report.faults == [])
    }

    /// An allocation of an item that has less left than the caller believed: the CHECK refuses, and nothing stays behind.
    @Test(arguments: Engine.available) func theDatabaseStopsAnOverAllocation(engine: Engine) async throws {
        let database = try await booksWithAPartPayment(engine)
        await #expect(throws: DatabaseFault.self) {
            try await database.write(entity: entity) { tx in
                var books = try Books(lock: entity, at: Instant(microseconds: 30), in: tx)
                let receipt: ID<JournalEntry> = books.newID()
                try books.post(
                    receipt, on: day("2026-01-21"), kind: "receipt", memo: "R2",
                    [Posting(.bank, customer, debit: eur(120_00)), Posting(.receivables, customer, credit: eur(120_00))])
                books.add(
                    NewOpenItem(
                        id: receipt.value, kind: .receipt, account: .receivables, customer: customer, number: "R2",
                        effectiveOn: day("2026-01-21"), dueOn: day("2026-01-21"), amount: eur(-120_00)))
                var stale = OpenItem(
                    id: 1, number: "2026-000001", effectiveOn: day("2026-01-05"), dueOn: day("2026-02-04"), open: eur(120_00))
                var credit = OpenItem(
                    id: receipt.value, number: "R2", effectiveOn: day("2026-01-21"), dueOn: day("2026-01-21"), open: eur(-120_00))
                books.allocate(&stale, with: &credit, eur(120_00), on: day("2026-01-21"), rule: "reference")
                try books.close(in: tx)
            }
        }
        let report = try await database.read { try CheckBooks(entity).run(in: $0) }
        #expect(report.sealCount == 2 && report.faults == [])
    }

    /// Postings without their open item: the control account would no longer be the sum of the open items.
    @Test(arguments: Engine.available) func aControlPostingWithoutItsItemIsRefused(engine: Engine) async throws {
        let database = try await booksWithAPartPayment(engine)
        await #expect(throws: DatabaseFault.self) {
            try await database.write(entity: entity) { tx in
                var books = try Books(lock: entity, at: Instant(microseconds: 30), in: tx)
                try books.post(
                    books.newID(), on: day("2026-01-21"), kind: "receipt", memo: "R2",
                    [Posting(.bank, customer, debit: eur(1)), Posting(.receivables, customer, credit: eur(1))])
                try books.close(in: tx)
            }
        }
    }

    @Test(arguments: Engine.available) func aClosedPeriodRefusesItsDays(engine: Engine) async throws {
        let database = try await booksWithAPartPayment(engine)
        try await database.write(entity: entity) { tx in
            try ClosePeriod(entity, through: day("2026-01-31"), today: day("2026-02-03")).run(in: tx, at: Instant(microseconds: 25))
        }
        await #expect(throws: LedgerRefusal.self) {
            try await database.write(entity: entity) { tx in
                var books = try Books(lock: entity, at: Instant(microseconds: 30), in: tx)
                try books.post(
                    books.newID(), on: day("2026-01-31"), kind: "fee", memo: "late",
                    [Posting(.bankFees, nil, debit: eur(1)), Posting(.bank, nil, credit: eur(1))])
            }
        }
    }

    /// Two thousand of the largest amount that may be entered stand in every report; what no report could add up is refused when it is booked.
    @Test(arguments: Engine.available) func sumsStandWhereTheyAreRecorded(engine: Engine) async throws {
        let database = try await booksWithAPartPayment(engine)
        func book(_ count: Int, _ amount: Money, at instant: Int64) async throws {
            try await database.write(entity: entity) { tx in
                var books = try Books(lock: entity, at: Instant(microseconds: instant), in: tx)
                for number in 0..<count {
                    let receipt: ID<JournalEntry> = books.newID()
                    try books.post(
                        receipt, on: day("2026-01-21"), kind: "receipt", memo: "L\(number)",
                        [Posting(.bank, customer, debit: amount), Posting(.receivables, customer, credit: amount)])
                    books.add(
                        NewOpenItem(
                            id: receipt.value, kind: .receipt, account: .receivables, customer: customer, number: "L\(number)",
                            effectiveOn: day("2026-01-21"), dueOn: day("2026-01-21"), amount: -amount))
                }
                try books.close(in: tx)
            }
        }
        try await book(2000, eur(Money.entryBound), at: 30)
        for (amount, isRefused) in [(Money.bound / 2, false), (Money.bound / 2, true), (1, false)] {
            do {
                try await book(1, eur(amount), at: 40)
                #expect(!isRefused)
            } catch let refusal as LedgerRefusal {
                #expect(isRefused && refusal.code == "amount_beyond_bounds" && refusal.message.contains("EUR"), "\(refusal)")
            }
        }
        let moment = ReportMoment(entity, asOf: day("2026-01-31"))
        let open = eur(70_00 - 2000 * Money.entryBound - Money.bound / 2 - 1)
        try await database.read { tx in
            #expect(try AgingReport(moment).totals(in: tx).map(\.total) == [open])
            #expect(try OpenItemsReport(moment).table(in: tx).rows.count == 2003)
            let receivables = try TrialBalanceReport(moment).lines(in: tx).filter { $0.account == "1200" }.map(\.balance)
            #expect(receivables == [open])
        }
        #expect(try await database.read { try CheckBooks(entity).run(in: $0) }.faults == [])
    }

    @Test(arguments: Engine.available) func anUnknownEntityIsNamed(engine: Engine) async throws {
        let database = try await engine.make()
        await #expect(throws: LedgerRefusal.self) {
            try await database.write(entity: entity) { _ = try Books(lock: entity, at: Instant(microseconds: 1), in: $0) }
        }
    }

    /// 64 operations at once on one entity: each gets its own ids and its own place in the chain.
    @Test(arguments: Engine.available) func operationsAtOnceKeepOneChain(engine: Engine) async throws {
        let database = try await booksWithAPartPayment(engine)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<64 {
                group.addTask {
                    try await database.write(entity: entity) { tx in
                        var books = try Books(lock: entity, at: Instant(microseconds: 30), in: tx)
                        try books.post(
                            books.newID(), on: day("2026-02-01"), kind: "fee", memo: "fee \(number)",
                            [Posting(.bankFees, nil, debit: eur(1)), Posting(.bank, nil, credit: eur(1))])
                        try books.close(in: tx)
                    }
                }
            }
            try await group.waitForAll()
        }
        let report = try await database.read { try CheckBooks(entity).run(in: $0) }
        #expect(report.sealCount == 66 && report.faults == [])
        let fees = try await database.read { tx in
            try tx.first("SELECT debit_minor FROM account_day WHERE entity_id = \(entity) AND account = '6000'") { $0.integer(0) }
        }
        #expect(fees == 64)
    }

    /// Whoever edits the file behind the program's back is found, and the damaged row is named.
    @Test(arguments: [
        ("UPDATE posting SET amount_minor = amount_minor + 1 WHERE account = '4000'", "posting: row 2 of the seal was changed"),
        ("UPDATE journal_entry SET memo = '2026-000002' WHERE memo = '2026-000001'", "journal_entry: row 1 of the seal was changed"),
        ("UPDATE open_item SET due_on = '2027-02-04' WHERE number = '2026-000001'", "open_item: row 1 of the seal was changed"),
        ("DELETE FROM allocation", "allocation: row 1 of the seal or a later one is missing"),
        ("UPDATE open_item SET open_minor = open_minor - 1 WHERE number = '2026-000001'", "open amount of item"),
        ("UPDATE account_day SET debit_minor = debit_minor + 1 WHERE account = '1200'", "kept balance of account"),
        ("UPDATE due_day SET debit_minor = debit_minor + 1 WHERE due_on = '2026-02-04'", "kept open amount due on"),
        ("UPDATE seal SET recorded_at = recorded_at + 1 WHERE recorded_at = 10", "its hash does not follow"),
        ("DELETE FROM seal WHERE recorded_at = 20", "book: 1 seals stand, 2 were made"),
        ("UPDATE seal SET row_checks = x'00' WHERE recorded_at = 10", "it is not what was sealed"),
        ("UPDATE book SET head = x'00'", "the last is not the head"),
    ])
    func tamperingIsFound(statement: String, fault: String) async throws {
        let database = try await booksWithAPartPayment(.sqlite)
        try await database.write(entity: entity) { tx in
            for trigger in try tx.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'", { $0.text(0) }) {
                try tx.run(SQL(text: "DROP TRIGGER \(trigger)", values: []))
            }
            try tx.run(SQL(text: statement, values: []))
        }
        let report = try await database.read { try CheckBooks(entity).run(in: $0) }
        #expect(report.faults.contains { $0.contains(fault) }, "\(report.faults)")
    }
}
