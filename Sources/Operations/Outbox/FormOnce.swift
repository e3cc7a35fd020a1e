import Domain
import Store

/// One sending of a form: a page's forms carry a token of that page's own, so that the same fields and file with the same token have one
/// effect, however often a hand or a browser sends them.
package struct FormOnce: Sendable {
    package enum Refused: Refusal {
        case sentBefore
        package var category: RefusalCategory { .conflict }
        package var code: String { "form_sent_before" }
        package var message: String { "it was sent twice, and done once" }
    }

    /// The digest names the form, and is all that is kept of it.
    private let key: IdempotencyKey

    /// - Parameter digest: SHA-256 of token, fields and the digest of the file that came with them, hexadecimal.
    package init(_ entity: ID<Entity>, route: String, digest: String) {
        key = IdempotencyKey(entity, route: route, key: digest, bodyDigest: digest)
    }

    /// Takes the form for the transaction that does what it asks for.
    ///
    /// - Errors: `Refused` when it was done before.
    package func take(in tx: any Transaction, at now: Instant) throws {
        guard try key.take(status: 303, in: tx, at: now) else { throw Refused.sentBefore }
    }

    /// Gives a form back whose work of several transactions did not come to its end: it may be sent again.
    package func giveBack(in tx: any Transaction) throws { try key.forget(in: tx) }
}
