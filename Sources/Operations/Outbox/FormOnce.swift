import Domain
import Store

/// One sending of a form: a page's forms carry a token of that page's own, so that the same fields with the same token have one effect,
/// however often a hand or a browser sends them.
package struct FormOnce: Sendable {
    package enum Refused: Refusal {
        case sentBefore
        package var category: RefusalCategory { .conflict }
        package var code: String { "form_sent_before" }
        package var message: String { "it was sent twice, and done once" }
    }

    private let entity: ID<Entity>
    private let route, digest: String

    /// - Parameter digest: SHA-256 of token and fields, hexadecimal.
    package init(_ entity: ID<Entity>, route: String, digest: String) {
        (self.entity, self.route, self.digest) = (entity, route, digest)
    }

    /// Takes the form for the transaction that does what it asks for.
    ///
    /// - Errors: `Refused` when it was done before.
    package func take(in tx: any Transaction, at now: Instant) throws {
        let taken = try tx.changes(
            """
            INSERT INTO idempotency (entity_id, route, request_key, body_digest, state, status, leased_until, created_at)
            VALUES (\(entity), \(route), \(digest), \(digest), 'done', 303, 0, \(now))
            ON CONFLICT (entity_id, route, request_key) DO NOTHING
            """)
        guard taken == 1 else { throw Refused.sentBefore }
    }

    /// Gives a form back whose work of several transactions did not come to its end: it may be sent again.
    package func giveBack(in tx: any Transaction) throws {
        try tx.run("DELETE FROM idempotency WHERE entity_id = \(entity) AND route = \(route) AND request_key = \(digest)")
    }
}
