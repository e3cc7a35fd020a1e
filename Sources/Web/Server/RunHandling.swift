import Domain
import Operations
import Store

extension FlorinResponder {
    /// Work of several transactions leaves a row in the audit log when it begins, should it be killed, and one with what became of it,
    /// which stands in the transaction of what it does where that is one. It holds its key while it lives.
    func ran(
        _ endpoint: Endpoint, _ run: @escaping @Sendable (APIQuestion, DeskBooks) async throws -> JSON, _ asked: APIQuestion,
        _ once: IdempotencyKey, _ now: Instant
    ) async throws -> IdempotencyKey.Answer {
        let act = "\(endpoint.method) \(endpoint.path)", detail = asked.place + asked.excerpt, books = books
        func note(_ outcome: String) -> Audit { Audit(asked.entity, asked.actor, act, detail: detail, outcome: outcome) }
        let begun = note("begun"), ended = ActNote(asked.actor, act, detail: detail)
        let known = try await books.write { tx, at in
            let known = try once.begin(in: tx, at: now)
            if known == nil {
                try begun.run(in: tx, at: at)
                try tx.requireKnownSchema()
            }
            return known
        }
        if let known { return known }
        do {
            let working = books.noting(ended).keeping { try once.finish(kept($0), since: now, in: $1, at: $2) }
            let json = try await holding(DeskBooks.pause) {
                try await books.database.writeStep(entity: books.entity) { try once.hold(since: now, in: $0, at: books.clock()) }
            } during: {
                try await run(asked, working)
            }
            return try await books.write { tx, at in
                if !ended.isWritten { try ended.write(asked.entity, in: tx, at: at) }
                return try once.finish(kept(json), since: now, in: tx, at: at)
            }
        } catch {
            let failed = note((error as? any Refusal)?.code ?? "fault"), isOutdated = (error as? DatabaseFault)?.isNewer == true
            try await books.write { tx, at in
                try once.abandon(since: now, in: tx)
                // No fact goes into books that a newer program has brought on; its key is free there.
                if !isOutdated { try failed.run(in: tx, at: at) }
            }
            throw error
        }
    }
}

private func kept(_ json: JSON) -> IdempotencyKey.Answer { .init(status: 200, body: String(decoding: json.bytes, as: UTF8.self)) }
