import Domain
import Store

/// What an operator watches, of every legal entity of the database.
package struct WatchedFigures: Sendable {
    package struct Figures: Sendable {
        package let entity: ID<Entity>
        package let lettersWaiting, lettersDead, webhooksResting: Int
        /// The last business day whose job is done; until there is one, the day on which the books were opened.
        package let lastDayOn: Day
    }

    package init() {}

    package func run(in tx: any Transaction) throws -> [Figures] {
        try tx.rows(
            """
            SELECT e.entity_id,
                   (SELECT count(*) FROM outbox o WHERE o.entity_id = e.entity_id AND o.state = 'waiting'),
                   (SELECT count(*) FROM outbox o WHERE o.entity_id = e.entity_id AND o.state = 'dead'),
                   (SELECT count(*) FROM webhook w WHERE w.entity_id = e.entity_id AND w.state = 'paused'),
                   (SELECT MAX(j.business_on) FROM job j WHERE j.entity_id = e.entity_id AND j.name = 'day' AND j.state = 'done'),
                   e.created_at
              FROM entity e ORDER BY e.entity_id
            """
        ) {
            Figures(
                entity: $0.id(0), lettersWaiting: Int($0.integer(1)), lettersDead: Int($0.integer(2)),
                webhooksResting: Int($0.integer(3)),
                lastDayOn: $0.optionalDay(4) ?? Day(number: Int($0.integer(5) / 86_400_000_000)))
        }
    }
}
