import Domain
import Operations
import Store
import TestSupport
import Testing

/// What a payer does that its words do not say: counted from a person's answers, shown, revocable, and posted only above its own precision.
@Suite struct HabitTests {
    private static let iban = "DE02120300000000202051"

    private func shop(
        _ engine: Engine, _ items: [(number: String, due: Day, open: Int64)], discount: CashDiscount? = nil
    ) async throws -> Shop {
        let shop = try await Shop.open(engine)
        try await shop.customer("C1", "Meyer Werkzeuge GmbH", ibans: [Self.iban])
        try await add(items, to: shop, discount: discount)
        return shop
    }

    private func add(_ items: [(number: String, due: Day, open: Int64)], to shop: Shop, discount: CashDiscount? = nil) async throws {
        let opening = items.map {
            OpeningItem(
                number: $0.number, customerNumber: "C1", issuedOn: $0.due + -30, dueOn: $0.due, open: Money(minor: $0.open, .gbp),
                discount: $0.open > 0 ? discount : nil)
        }
        try await shop.run { [entity = shop.entity] tx, now in _ = try ImportOpenItems(entity, opening).run(in: tx, at: now) }
    }

    private func habits(_ shop: Shop) async throws -> [String] {
        try await shop.database.read { tx in
            try CustomerHabits(shop.entity, customer: "C1").run(in: tx).map {
                "\($0.habit.rawValue) \($0.strength.confirmations) \($0.strength.contradictions) \($0.strength.lowerBound)"
                    + ($0.posts ? " posts" : "") + ($0.revokedOn.map { " revoked \($0.iso8601)" } ?? "")
            }
        }
    }

    private func revoke(_ habit: CashHabit, _ shop: Shop) async throws {
        try await shop.run { [entity = shop.entity] tx, now in
            try RevokeHabit(entity, habit, of: "C1", role: "controller", reason: "new owner", on: "2026-03-01").run(in: tx, at: now)
        }
    }

    /// A payment without a word, answered by a person; what it left is settled so that the next begins like it.
    private func answered(_ minor: Int64, _ lines: [(String, Int64)], on day: Day, _ shop: Shop) async throws {
        try await shop.pays(minor, iban: Self.iban, on: day)
        let receipt = try #require(try await shop.receipts().last)
        try await shop.byHand(receipt, of: "C1", lines, on: day)
    }

    /// Two items, and a payment of less than either: to the one due first, again and again.
    private func paysOldestFirst(_ times: Int, _ shop: Shop, from start: Int = 0) async throws {
        for at in start..<(start + times) {
            try await answered(1_00 + Int64(at), [("A-100001", 1_00 + Int64(at))], on: "2026-01-20", shop)
        }
    }

    @Test(arguments: Engine.available) func confirmationsRankFirstAndPostOnceProven(engine: Engine) async throws {
        let shop = try await shop(engine, [("A-100001", "2026-01-10", 900_000), ("A-100002", "2026-01-11", 77_700)])
        try await paysOldestFirst(1, shop)
        #expect(try await habits(shop) == ["oldest_first 1 0 206"])
        // It is proposed first, before the item nearest to the amount.
        try await shop.pays(777_01, iban: Self.iban, on: "2026-01-21")
        #expect(try await shop.candidates().first == "C1 A-100001 77701: pays the oldest first: 1 of 1 times")
        #expect(try await shop.queue() == ["no reference, and no item of 777.01 GBP"])
        try await shop.byHand(try #require(try await shop.receipts().last), of: "C1", [("A-100001", 777_01)], on: "2026-01-21")
        try await paysOldestFirst(32, shop, from: 1)
        #expect(try await habits(shop) == ["oldest_first 34 0 898"])
        try await shop.pays(50_50, iban: Self.iban, on: "2026-01-22")
        #expect(try await shop.queue().count == 1)
        try await shop.byHand(try #require(try await shop.receipts().last), of: "C1", [("A-100001", 50_50)], on: "2026-01-22")
        #expect(try await habits(shop) == ["oldest_first 35 0 901 posts"])
        try await shop.pays(60_60, iban: Self.iban, on: "2026-01-23")
        #expect(try await shop.rules().last == "payer_habit")
        #expect(try await shop.certified("habit") == ["habit oldest_first 35 0 900"])
        // What it posts itself proves nothing more.
        #expect(try await habits(shop) == ["oldest_first 35 0 901 posts"])
        #expect(try await shop.verification() == VerifyMatches.Report(verified: 1, manual: 35))
        try await shop.proves()
    }

    /// Taken back, it speaks against the habit, which posts no more.
    @Test(arguments: Engine.available) func aPostingTakenBackContradicts(engine: Engine) async throws {
        let shop = try await shop(engine, [("A-100001", "2026-01-10", 900_000), ("A-100002", "2026-01-11", 77_700)])
        try await paysOldestFirst(35, shop)
        try await shop.pays(60_60, iban: Self.iban, on: "2026-01-23")
        #expect(try await shop.rules().last == "payer_habit")
        try await shop.unapply(try #require(try await shop.receipts().last), on: "2026-01-24")
        #expect(try await habits(shop) == ["oldest_first 35 1 858"])
        try await shop.pays(70_70, iban: Self.iban, on: "2026-01-25")
        #expect(try await shop.queue().last == "no reference, and no item of 70.70 GBP")
        #expect(try await shop.verification().faults == [])
        try await shop.proves()
    }

    /// Another answer than the habit's is a contradiction; a strict policy posts by none.
    @Test(arguments: Engine.available) func contradictionsWeigh(engine: Engine) async throws {
        let shop = try await shop(engine, [("A-100001", "2026-01-10", 900_000), ("A-100002", "2026-01-11", 77_700)])
        try await paysOldestFirst(3, shop)
        try await answered(2_22, [("A-100002", 2_22)], on: "2026-01-20", shop)
        #expect(try await habits(shop) == ["oldest_first 3 1 300"])
        try await paysOldestFirst(49, shop, from: 3)
        #expect(try await habits(shop) == ["oldest_first 52 1 900 posts"])
        try await shop.statement("S9", [.credit(61_61, iban: Self.iban, on: "2026-01-23")])
        let strict = ApplyReceipts(shop.entity, on: "2026-01-23", toleranceMinor: 0, policy: .strict)
        #expect(try await shop.run { try strict.run(in: $0, at: $1) }.queued == 1)
        #expect(try await shop.applyCash(on: "2026-01-23").rules == ["payer_habit": 1])
    }

    /// What a person revoked is not used, and is not learned again.
    @Test(arguments: Engine.available) func aRevokedHabitStaysRevoked(engine: Engine) async throws {
        let shop = try await shop(engine, [("A-100001", "2026-01-10", 900_000), ("A-100002", "2026-01-11", 77_700)])
        try await paysOldestFirst(35, shop)
        try await revoke(.oldestFirst, shop)
        #expect(try await habits(shop) == ["oldest_first 35 0 901 revoked 2026-03-01"])
        try await paysOldestFirst(2, shop, from: 35)
        #expect(try await habits(shop).first?.hasSuffix("revoked 2026-03-01") == true)
        try await shop.pays(60_60, iban: Self.iban, on: "2026-01-23")
        #expect(try await shop.rules().last == "manual")
        #expect(try await shop.candidates().first == "C1 A-100002 6060: payer known by iban")
        await #expect(throws: RevokeHabit.Refused.self) { try await revoke(.oldestFirst, shop) }
        await #expect(throws: RevokeHabit.Refused.self) { try await revoke(.rounds, shop) }
        try await shop.proves()
    }

    /// The other habits, each seen once and proposed the next time.
    @Test(arguments: Engine.available) func aPayerWhoPaysByStatement(engine: Engine) async throws {
        let items: [(number: String, due: Day, open: Int64)] = [
            ("A-100001", "2026-01-20", 33_10), ("A-100002", "2026-01-22", 44_20), ("A-100003", "2026-02-10", 77_30),
            ("A-100004", "2026-02-10", 77_30),
        ]
        let shop = try await shop(engine, items)
        // Two ways to pay 77.30 without a reference: a person is asked.
        try await answered(77_30, [("A-100001", 33_10), ("A-100002", 44_20)], on: "2026-01-05", shop)
        #expect(try await habits(shop) == ["oldest_first 1 0 206", "statement 1 0 206"])
        try await add([("A-100005", "2026-03-12", 154_60), ("A-100006", "2026-03-12", 154_60)], to: shop)
        try await shop.pays(154_60, iban: Self.iban, on: "2026-02-05")
        #expect(
            try await shop.candidates().prefix(2) == [
                "C1 A-100003 7730: pays by statement: 1 of 1 times", "C1 A-100004 7730: pays by statement: 1 of 1 times",
            ])
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func aPayerWhoNetsCredits(engine: Engine) async throws {
        let items: [(number: String, due: Day, open: Int64)] = [
            ("A-100001", "2026-01-20", 130_11), ("A-100002", "2026-01-22", 240_22), ("A-100003", "2026-01-23", 350_33),
            ("CR-5501", "2026-01-10", -30_00),
        ]
        let shop = try await shop(engine, items)
        try await answered(100_11, [("A-100001", 100_11)], on: "2026-01-20", shop)
        #expect(try await habits(shop) == ["nets_credits 1 0 206", "oldest_first 1 0 206"])
        try await shop.pays(210_22, iban: Self.iban, on: "2026-01-21")
        let netting = try await shop.candidates().filter { $0.contains("takes off open credits") }
        #expect(netting == ["C1 A-100002 21022: takes off open credits: 1 of 1 times"])
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func aPayerWhoRounds(engine: Engine) async throws {
        let shop = try await shop(
            engine, [("A-100001", "2026-01-20", 130_37), ("A-100002", "2026-01-22", 240_22), ("A-100003", "2026-01-24", 351_55)])
        try await answered(240_00, [("A-100002", 240_00)], on: "2026-01-20", shop)
        #expect(try await habits(shop) == ["rounds 1 0 206", "oldest_first 0 1 0"])
        try await shop.pays(352_00, iban: Self.iban, on: "2026-01-21")
        #expect(try await shop.candidates().first == "C1 A-100003 35155: rounds: 1 of 1 times")
        try await shop.proves()
    }

    /// Proven, what a rounding payer leaves is booked as rounding, within its limit; a unit and more is not.
    @Test(arguments: Engine.available) func aProvenRounderIsPostedWithinTheLimit(engine: Engine) async throws {
        let shop = try await shop(engine, [("A-100001", "2026-01-20", 130_37)])
        for at in 0..<35 {
            let number = "B-\(200_001 + at)"
            try await add([(number, "2026-01-22", 240_22)], to: shop)
            try await answered(240_00, [(number, 240_00)], on: "2026-01-20", shop)
            try await shop.pays(22, number, iban: Self.iban, on: "2026-01-20")
        }
        #expect(try await habits(shop).first == "rounds 35 0 901 posts")
        try await shop.pays(130_00, iban: Self.iban, on: "2026-01-21")
        #expect(try await shop.rules().last == "payer_habit")
        #expect(try await shop.open("A-100001") == 0)
        #expect(try await shop.balance(.roundingDifferences) == 37)
        try await add([("A-100009", "2026-01-23", 131_00)], to: shop)
        try await shop.pays(130_00, iban: Self.iban, on: "2026-01-21")
        #expect(try await shop.queue().count == 1)
        #expect(try await shop.verification().faults == [])
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func aPayerWhoTakesTheDiscountLate(engine: Engine) async throws {
        let items: [(number: String, due: Day, open: Int64)] = [
            ("A-100001", "2026-01-20", 130_40), ("A-100002", "2026-01-22", 240_20), ("A-100003", "2026-01-23", 350_30),
        ]
        let shop = try await shop(engine, items, discount: CashDiscount(minor: 5_00, until: "2026-01-05"))
        try await answered(235_20, [("A-100002", 235_20)], on: "2026-01-20", shop)
        #expect(try await habits(shop) == ["late_discount 1 0 206", "oldest_first 0 1 0"])
        try await shop.pays(345_30, iban: Self.iban, on: "2026-01-21")
        #expect(try await shop.candidates().first == "C1 A-100003 34530: takes the discount late: 1 of 1 times")
        try await shop.proves()
    }

    /// The posting of a proven habit: seen, certified, and ended by revoking it.
    private func postsUntilRevoked(
        _ habit: CashHabit, _ minor: Int64, on day: Day, _ shop: Shop
    ) async throws {
        try await shop.pays(minor, iban: Self.iban, on: day)
        #expect(try await shop.rules().last == "payer_habit")
        #expect(try await shop.certified("habit").last?.hasPrefix("habit \(habit.rawValue) 35 0 900") == true)
        #expect(try await shop.verification().faults == [])
        try await shop.unapply(try #require(try await shop.receipts().last), on: day)
        try await shop.byHand(try #require(try await shop.receipts().last), of: "C1", [], on: day)
        try await revoke(habit, shop)
        try await shop.pays(minor, iban: Self.iban, on: day)
        let certificates = try await shop.texts("SELECT certificate FROM application WHERE entity_id = 1 AND rule = 'payer_habit'")
        #expect(certificates.filter { $0.contains("habit \(habit.rawValue) ") }.count == 1)
        try await shop.proves()
    }

    @Test(arguments: Engine.available) func aProvenPayerByStatementIsPosted(engine: Engine) async throws {
        let shop = try await shop(engine, [])
        for at in 0..<35 {
            let item = Int64(10_00 + at), two = [("S-\(100_000 + at)", item), ("S-\(200_000 + at)", item + 1)]
            let later = ("S-\(300_000 + at)", 2 * item + 1)
            try await add([(two[0].0, "2026-01-20", two[0].1), (two[1].0, "2026-01-22", two[1].1)], to: shop)
            try await add([(later.0, "2026-02-10", later.1)], to: shop)
            try await answered(2 * item + 1, two, on: "2026-01-05", shop)
            try await shop.pays(later.1, later.0, iban: Self.iban, on: "2026-01-15")
        }
        #expect(try await habits(shop).contains("statement 35 0 901 posts"))
        try await add([("S-1", "2026-01-20", 33_10), ("S-2", "2026-01-22", 44_20), ("S-3", "2026-02-10", 77_30)], to: shop)
        try await postsUntilRevoked(.statement, 77_30, on: "2026-01-06", shop)
    }

    @Test(arguments: Engine.available) func aProvenNetterIsPosted(engine: Engine) async throws {
        let shop = try await shop(engine, [("A-100001", "2026-01-20", 9_130_11), ("CR-1", "2026-01-10", -30_00)])
        for at in 0..<35 {
            let number = "N-\(100_000 + at)", open = 240_22 + Int64(at) * 7
            try await add([(number, "2026-01-22", open)], to: shop)
            try await answered(open - 30_00, [(number, open - 30_00)], on: "2026-01-20", shop)
            try await shop.pays(30_00, number, iban: Self.iban, on: "2026-01-20")
        }
        #expect(try await habits(shop).contains("nets_credits 35 0 901 posts"))
        try await add([("N-9", "2026-01-23", 777_77)], to: shop)
        try await postsUntilRevoked(.netsCredits, 747_77, on: "2026-01-25", shop)
    }

    @Test(arguments: Engine.available) func aProvenTakerOfLateDiscountsIsPosted(engine: Engine) async throws {
        let discount = CashDiscount(minor: 5_00, until: "2026-01-05"), shop = try await shop(engine, [])
        for at in 0..<35 {
            let number = "L-\(100_000 + at)", open = 240_20 + Int64(at) * 7
            try await add([(number, "2026-01-22", open)], to: shop, discount: discount)
            try await answered(open - 5_00, [(number, open - 5_00)], on: "2026-01-20", shop)
            try await shop.pays(5_00, number, iban: Self.iban, on: "2026-01-20")
        }
        #expect(try await habits(shop).contains("late_discount 35 0 901 posts"))
        try await add([("L-9", "2026-01-23", 777_77)], to: shop, discount: discount)
        try await postsUntilRevoked(.lateDiscount, 772_77, on: "2026-01-25", shop)
    }

    @Test(arguments: [
        (
            "UPDATE application SET certificate = replace(certificate, 'habit oldest_first 35', 'habit oldest_first 36') WHERE certificate IS NOT NULL",
            "was right 35 and wrong 0 times"
        ),
        (
            "UPDATE application SET certificate = replace(certificate, ' 900', ' 950') WHERE certificate IS NOT NULL",
            "do not prove 950 per mille"
        ),
        (
            "UPDATE application SET certificate = replace(certificate, 'habit oldest_first', 'habit statement') WHERE certificate IS NOT NULL",
            "statement was right 0"
        ),
        (
            "DELETE FROM habit_event WHERE outcome = 'confirmed' AND id = (SELECT MIN(id) FROM habit_event)",
            "was right 34 and wrong 0 times"
        ),
        (
            "INSERT INTO habit_event SELECT entity_id, 1, customer_id, habit, 'revoked', NULL, happened_on, 'x', 'y' FROM habit_event LIMIT 1",
            "had been revoked"
        ),
        ("UPDATE open_item SET due_on = '2026-01-01' WHERE number = 'A-100002'", "is not what oldest_first says"),
    ])
    func tamperingIsFound(statement: String, fault: String) async throws {
        let shop = try await shop(.sqlite, [("A-100001", "2026-01-10", 900_000), ("A-100002", "2026-01-11", 77_700)])
        try await paysOldestFirst(35, shop)
        try await shop.pays(60_60, iban: Self.iban, on: "2026-01-23")
        #expect(try await shop.verification().faults == [])
        for trigger in try await shop.texts("SELECT name FROM sqlite_master WHERE type = 'trigger'") {
            try await shop.sql(SQL(text: "DROP TRIGGER \(trigger)", values: []))
        }
        try await shop.sql(SQL(text: statement, values: []))
        let faults = try await shop.verification().faults
        #expect(faults.contains { $0.contains(fault) }, "\(faults)")
    }
}
