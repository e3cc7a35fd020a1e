import Domain
import Store

/// How often each habit of customers foretold a person's answer.
struct HabitCounts {
    /// Habits that nobody revoked.
    private(set) var standing: [ID<Customer>: [CashHabit: HabitStrength]] = [:]

    init(_ entity: ID<Entity>, of customers: Set<ID<Customer>>, in tx: any Transaction) throws {
        guard !customers.isEmpty else { return }
        var revoked: [(ID<Customer>, CashHabit)] = []
        try tx.forEach(
            """
            SELECT customer_id, habit, outcome, COUNT(*) FROM habit_event
             WHERE entity_id = \(entity) AND customer_id IN \(ids: customers.map(\.value)) GROUP BY customer_id, habit, outcome
            """
        ) { row in
            let habit: CashHabit = row.word(1)
            let customer: ID<Customer> = row.id(0), count = row.integer(3)
            switch row.text(2) {
            case "confirmed": standing[customer, default: [:]][habit, default: HabitStrength()].confirmations += count
            case "contradicted": standing[customer, default: [:]][habit, default: HabitStrength()].contradictions += count
            default: revoked.append((customer, habit))
            }
        }
        for (customer, habit) in revoked { standing[customer]?[habit] = nil }
    }
}

/// Notes for each habit of the customer whether it would have foretold a person's answer; where it had nothing to say, nothing.
func learnHabits(
    of customer: ID<Customer>, from answer: Match, _ known: MatchCase, _ receipt: Int64, on day: Day, _ books: inout Books
) {
    guard !answer.lines.isEmpty else { return }
    for habit in CashHabit.allCases {
        guard let forecast = known.forecast(habit, of: customer) else { continue }
        books.append(habit, of: customer, forecast.agrees(with: answer.lines) ? "confirmed" : "contradicted", receipt: receipt, on: day)
    }
}

/// A posting by habit that a person took back speaks against the habit.
func contradictHabit(_ certificate: String, receipt: Int64, on day: Day, _ books: inout Books) {
    guard let read = try? CertificateReader(certificate), let habit = read.habit.flatMap({ CashHabit(rawValue: $0.name) }) else { return }
    books.append(habit, of: ID(read.customer), "contradicted", receipt: receipt, on: day)
}

extension Books {
    fileprivate mutating func append(
        _ habit: CashHabit, of customer: ID<Customer>, _ outcome: String, receipt: Int64? = nil, on day: Day, role: String? = nil,
        reason: String? = nil
    ) {
        let id: ID<HabitEvent> = newID()
        append(.habitEvent) { batch in
            batch.append(id.value)
            batch.append(customer.value)
            batch.append(habit.rawValue)
            batch.append(outcome)
            batch.append(receipt)
            batch.append(day.iso8601)
            batch.append(role)
            batch.append(reason)
        }
    }
}

private enum HabitEvent {}

/// The habits of one customer as facts: what was seen, how surely, and whether cash is posted by it.
package struct CustomerHabits: Sendable {
    package struct Line: Equatable, Sendable {
        package let habit: CashHabit
        package let strength: HabitStrength
        package let firstOn: Day
        package let lastOn: Day
        /// The receipt it was last seen at, as its channel names it.
        package let lastReceipt: String?
        package let revokedOn: Day?
        /// Whether cash is posted by it under the policy.
        package let posts: Bool
    }

    private let entity: ID<Entity>
    private let number: String
    private let policy: MatchPolicy
    private let moment: ReportMoment?

    /// - Parameter moment: What was seen through that day and recorded by then; nil tells of now.
    package init(_ entity: ID<Entity>, customer number: String, policy: MatchPolicy = .standard, at moment: ReportMoment? = nil) {
        (self.entity, self.number, self.policy, self.moment) = (entity, number, policy, moment)
    }

    /// - Returns: The surest first, revoked ones last.
    package func run(in tx: any Transaction) throws -> [Line] {
        guard let customer = try customerIDs(entity, numbers: [number], in: tx)[number] else {
            throw ReceiptRefusal.unknownCustomer(number)
        }
        let through = moment?.asOf ?? .latest, horizon = try moment?.horizon(in: tx) ?? .max
        let lines = try tx.rows(
            """
            SELECT x.habit, x.confirmed, x.contradicted, x.first_on, x.last_on, r.external_id, x.revoked_on
              FROM (SELECT habit, CAST(SUM(CASE WHEN outcome = 'confirmed' THEN 1 ELSE 0 END) AS BIGINT) AS confirmed,
                           CAST(SUM(CASE WHEN outcome = 'contradicted' THEN 1 ELSE 0 END) AS BIGINT) AS contradicted,
                           MIN(happened_on) AS first_on, MAX(happened_on) AS last_on, MAX(receipt_id) AS last_receipt,
                           MAX(CASE WHEN outcome = 'revoked' THEN happened_on END) AS revoked_on
                      FROM habit_event
                     WHERE entity_id = \(entity) AND customer_id = \(customer) AND happened_on <= \(through) AND id <= \(horizon)
                     GROUP BY habit) x
              LEFT JOIN receipt r ON r.entity_id = \(entity) AND r.id = x.last_receipt
            """
        ) { row in
            let habit: CashHabit = row.word(0)
            let strength = HabitStrength(confirmations: row.integer(1), contradictions: row.integer(2)), revokedOn = row.optionalDay(6)
            return Line(
                habit: habit, strength: strength, firstOn: row.day(3), lastOn: row.day(4), lastReceipt: row.optionalText(5),
                revokedOn: revokedOn, posts: revokedOn == nil && strength.lowerBound >= policy.habitFloor)
        }
        func rank(_ line: Line) -> (Int, Int64, String) {
            (line.revokedOn == nil ? 0 : 1, -line.strength.lowerBound, line.habit.rawValue)
        }
        return lines.sorted { rank($0) < rank($1) }
    }
}

/// Takes a habit away from a customer: it is not used and not learned again.
package struct RevokeHabit: Sendable {
    package enum Refused: Refusal {
        case unknown(CashHabit)
        package var category: RefusalCategory { .missing }
        package var code: String { "habit_not_found" }
        package var message: String {
            switch self {
            case .unknown(let habit): "\(habit.rawValue) is no habit of that customer"
            }
        }
    }

    private let entity: ID<Entity>
    private let habit: CashHabit
    private let customerNumber, role, reason: String
    private let on: Day
    package init(_ entity: ID<Entity>, _ habit: CashHabit, of customer: String, role: String, reason: String, on day: Day) {
        (self.entity, self.habit, customerNumber, self.role, self.reason, on) = (entity, habit, customer, role, reason, day)
    }

    package func run(in tx: any Transaction, at now: Instant) throws {
        // Lock.
        var books = try Books(lock: entity, at: now, in: tx)
        // Read.
        guard let customer = try customerIDs(entity, numbers: [customerNumber], in: tx)[customerNumber] else {
            throw ReceiptRefusal.unknownCustomer(customerNumber)
        }
        guard try HabitCounts(entity, of: [customer], in: tx).standing[customer]?[habit] != nil else { throw Refused.unknown(habit) }
        // Write.
        books.append(habit, of: customer, "revoked", on: on, role: role, reason: reason)
        try books.close(in: tx)
    }
}
