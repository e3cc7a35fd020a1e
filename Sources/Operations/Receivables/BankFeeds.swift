import Domain
import Store

/// A bank account and the day through which its statements are known.
package struct BankFeed: Equatable, Sendable {
    package let account: String
    package let through: Day
}

/// The bank accounts of a legal entity, by account.
///
/// - Parameter limit: No account is known beyond it. One that books of an earlier release hold as known beyond, by an entry alone that no
///   statement of such a day tells, is known through the last day up to it that its statements tell; through 1970-01-01 where they tell
///   none.
func bankFeeds(_ entity: ID<Entity>, through limit: Day, in tx: any Transaction) throws -> [BankFeed] {
    try tx.rows("SELECT account_iban, through_on FROM bank_feed WHERE entity_id = \(entity) ORDER BY account_iban") {
        BankFeed(account: $0.text(0), through: $0.day(1))
    }.map { feed in
        guard feed.through > limit else { return feed }
        let stated = try tx.rows(
            """
            SELECT MAX(created_on), MAX(CASE WHEN created_on <= \(limit) THEN created_on END) FROM statement
             WHERE entity_id = \(entity) AND account_iban = \(feed.account)
            """
        ) { (last: $0.optionalDay(0), within: $0.optionalDay(1)) }.first
        if let last = stated?.last, last >= feed.through { return BankFeed(account: feed.account, through: limit) }
        let booked =
            try tx.first(
                """
                SELECT MAX(e.booked_on) FROM statement s JOIN statement_entry e ON e.entity_id = s.entity_id AND e.statement_id = s.id
                 WHERE s.entity_id = \(entity) AND s.account_iban = \(feed.account) AND e.booked_on <= \(limit)
                """
            ) { $0.optionalDay(0) } ?? nil
        return BankFeed(account: feed.account, through: [booked, stated?.within].compactMap { $0 }.max() ?? Day(number: 0))
    }
}
