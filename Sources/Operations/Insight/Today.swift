import Domain
import Store

/// What a finance person wants to know first: the cash, what needs a person, what ran.
package struct Today: Sendable {
    package struct Position: Sendable {
        package let bank: Money
        package let unapplied: Money
        package let receivables: AgingRow
    }
    package struct Feed: Sendable {
        package let account: String
        package let through: Day
    }
    package struct Job: Sendable {
        package let name: String
        package let on: Day
        package let state: String
        package let report: String?
        /// Who started it; nil for the scheduler.
        package var startedBy: String?
    }
    package struct Mail: Sendable {
        package let waiting: Int
        package let dead: Int
        /// Of the latest message that could not be sent.
        package let lastError: String?
    }
    /// An address that is told nothing any more: it failed too often, and a person replays.
    package struct RestingWebhook: Sendable {
        package let id: ID<Webhook>
        /// Without its query.
        package let url: String
        package let lastError: String?
    }
    package let on: Day
    /// One a currency.
    package let positions: [Position]
    /// The largest receipts that wait.
    package let receipts: [CashQueue.Line]
    package let receiptCount: Int
    /// How many wait for a customer's answer besides.
    package var askedCount = 0
    /// Read where the books hold more than one currency.
    package var receiptCounts: [Currency: CashQueue.Count] = [:]
    /// The largest held orders.
    package let orders: [OrderList.Line]
    package let orderCount: Int
    /// The largest overdue customers.
    package let overdue: [CollectionsWorklist.Line]
    package let feeds: [Feed]
    package let jobs: [Job]
    package let mail: Mail
    package var restingWebhooks: [RestingWebhook] = []
    package static let limit = 6

    package func waiting(in currency: Currency) -> CashQueue.Count {
        guard positions.count > 1 else { return CashQueue.Count(waiting: receiptCount, asked: askedCount) }
        return receiptCounts[currency] ?? CashQueue.Count(waiting: 0, asked: 0)
    }
}

package struct ReadToday: Sendable {
    private let entity: ID<Entity>
    private let on: Day
    package init(_ entity: ID<Entity>, on day: Day) { (self.entity, on) = (entity, day) }

    /// - Parameter ranks: Of the worklist, which a caller may keep; nil reads them.
    package func run(in tx: any Transaction, ranks: [CollectionsWorklist.Rank]? = nil) throws -> Today {
        let worklist = CollectionsWorklist(entity, on: on), attention = try Attention.read(entity, in: tx)
        let held = try tx.first("SELECT count(*) FROM sales_order WHERE entity_id = \(entity) AND state = 'held'") { $0.integer(0) } ?? 0
        let positions = try TodayFigures.positions(ReportMoment(entity, asOf: on), in: tx)
        let queue = CashQueue(entity, on: on, limit: Today.limit)
        return Today(
            on: on, positions: positions, receipts: try queue.page(in: tx).rows, receiptCount: try queue.count(in: tx),
            askedCount: try CashQueue(entity, on: on, .asked).count(in: tx),
            receiptCounts: try positions.count > 1 ? queue.counts(in: tx) : [:],
            orders: try OrderList(entity, .held, limit: Today.limit).page(in: tx).rows,
            orderCount: Int(held),
            overdue: try worklist.lines(of: (ranks ?? worklist.ranks(limit: Today.limit, in: tx)).prefix(Today.limit), in: tx),
            feeds: attention.feeds, jobs: try ReadJobs(entity).run(in: tx), mail: attention.mail,
            restingWebhooks: attention.restingWebhooks)
    }
}

/// What the machinery tells of itself, as it is now: bank feeds, mail and addresses that are told what happens.
package struct Attention: Sendable {
    package let feeds: [Today.Feed]
    package let mail: Today.Mail
    package let restingWebhooks: [Today.RestingWebhook]

    package static func read(_ entity: ID<Entity>, in tx: any Transaction) throws -> Attention {
        Attention(
            feeds: try tx.rows("SELECT account_iban, through_on FROM bank_feed WHERE entity_id = \(entity) ORDER BY account_iban") {
                Today.Feed(account: $0.text(0), through: $0.day(1))
            }, mail: try mail(entity, in: tx),
            restingWebhooks: try tx.rows(
                "SELECT id, url, last_error FROM webhook WHERE entity_id = \(entity) AND state = 'paused' ORDER BY id LIMIT \(Today.limit)"
            ) { Today.RestingWebhook(id: $0.id(0), url: WebhookTarget.shown($0.text(1)), lastError: $0.optionalText(2)) })
    }

    private static func mail(_ entity: ID<Entity>, in tx: any Transaction) throws -> Today.Mail {
        let waiting =
            try tx.first("SELECT count(*) FROM outbox WHERE entity_id = \(entity) AND state = 'waiting'") { Int($0.integer(0)) } ?? 0
        let dead = try tx.first("SELECT count(*) FROM outbox WHERE entity_id = \(entity) AND state = 'dead'") { Int($0.integer(0)) } ?? 0
        let last = try tx.first(
            "SELECT last_error FROM outbox WHERE entity_id = \(entity) AND state = 'dead' ORDER BY id DESC LIMIT 1"
        ) { $0.optionalText(0) }
        return Today.Mail(waiting: waiting, dead: dead, lastError: last ?? nil)
    }
}

/// The latest runs, the newest business day first; on a day those that a person started, the latest first, then the scheduler's.
package struct ReadJobs: Sendable {
    package static let limit = 12
    private let entity: ID<Entity>
    package init(_ entity: ID<Entity>) { self.entity = entity }

    package func run(in tx: any Transaction) throws -> [Today.Job] {
        let limit = Self.limit
        let scheduled = try tx.rows(
            "SELECT name, business_on, state, report FROM job WHERE entity_id = \(entity) ORDER BY business_on DESC, name LIMIT \(limit)"
        ) {
            Today.Job(name: $0.text(0), on: $0.day(1), state: $0.text(2), report: $0.optionalText(3))
        }
        let byHand = try tx.rows(
            """
            SELECT name, business_on, state, report, started_by FROM hand_run
             WHERE entity_id = \(entity) ORDER BY id DESC LIMIT \(limit)
            """
        ) {
            Today.Job(name: $0.text(0), on: $0.day(1), state: $0.text(2), report: $0.optionalText(3), startedBy: $0.text(4))
        }
        let all = (byHand + scheduled).enumerated().sorted { ($1.element.on, $0.offset) < ($0.element.on, $1.offset) }
        return all.prefix(limit).map(\.element)
    }
}
