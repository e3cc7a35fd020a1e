import Domain
import Store

/// The orders of one request with its idempotency key, taken together with those of other requests that wait at the same time: one lock, one
/// seal, one commit. Each request is answered as if it had come alone. One object, since it is handed through every step of its commit.
package final class OrderRequest: Sendable {
    /// What became of one order.
    package struct Outcome: Equatable, Sendable {
        package enum State: String, Sendable { case placed, held, known, refused }
        package let order: OrderIntake
        package let state: State
        /// nil for one that is refused.
        package let id: Int64?
        /// Why it is held or refused, or that it differs from what is known; else nil.
        package let reason: String?
    }

    package static let together = Batch<OrderRequest, IdempotencyKey.Answer> { tx, entity, requests in
        try run(requests, entity, in: tx)
    }

    private let key: IdempotencyKey
    private let orders: [OrderIntake]
    private let actor: Actor
    private let act, detail: String
    private let now: Instant
    private let overdueHold: OverdueHold?
    private let answer: @Sendable ([Outcome]) -> String

    /// - Parameters:
    ///   - act, detail: For the audit log.
    ///   - overdueHold: As of `PlaceOrders`; of all that are taken together that of the first.
    ///   - answer: The body that is answered, and kept for repeats.
    package init(
        _ key: IdempotencyKey, _ orders: [OrderIntake], by actor: Actor, act: String, detail: String, at now: Instant,
        overdueHold: OverdueHold? = nil,
        answer: @escaping @Sendable ([Outcome]) -> String
    ) {
        (self.key, self.orders, self.actor, self.act, self.detail) = (key, orders, actor, act, detail)
        (self.now, self.overdueHold, self.answer) = (now, overdueHold, answer)
    }

    private static func run(_ requests: [OrderRequest], _ entity: ID<Entity>, in tx: any Transaction) throws -> [IdempotencyKey.Answer] {
        // Lock.
        let now = requests.map(\.now).max() ?? Instant(microseconds: 0)
        let keys = requests.map(\.key), hold = requests.first?.overdueHold
        let all = PlaceOrders(entity, requests.flatMap(\.orders), overdueHold: hold)
        var books = try Books(lock: entity, at: now, in: tx) {
            tx.expectsNew ? [all.terms] : all.questions + [IdempotencyKey.question(keys, entity)]
        }
        // Read.
        var answers = tx.expectsNew ? [:] : try IdempotencyKey.answers(to: keys, entity, in: tx, at: now)
        var seen = Set<IdempotencyKey>(minimumCapacity: requests.count), fresh: [OrderRequest] = []
        seen.formUnion(answers.keys)
        for request in requests where seen.insert(request.key).inserted { fresh.append(request) }
        let areAllFresh = fresh.count == requests.count
        let orders = areAllFresh ? all : PlaceOrders(entity, fresh.flatMap(\.orders), overdueHold: hold)
        let standing = tx.expectsNew ? [:] : try orders.standing(in: tx)
        var report = PlaceOrders.Report()
        // Decide.
        let placed = try orders.place(&books, tx, &report, standing: standing)
        // What is refused is not inserted, so no index tells whether its number is there.
        if tx.expectsNew, !report.refused.isEmpty { throw MayBeKnown() }
        var decided: [OrderKey: Outcome] = [:]
        decided.reserveCapacity(placed.count)
        for order in placed {
            decided[OrderKey(order.intake)] = Outcome(
                order: order.intake, state: order.hold == nil ? .placed : .held, id: order.id.value, reason: order.hold)
        }
        let differing = Set(report.differing), seller = books.country
        // Write.
        for order in placed { books.append(order) }
        var taken = standing.mapValues(\.id), told: [IdempotencyKey.Answer] = []
        taken.reserveCapacity(taken.count + placed.count)
        told.reserveCapacity(fresh.count)
        for request in fresh {
            let outcomes = request.orders.map { order -> Outcome in
                let key = OrderKey(order), known = taken[key], first = decided[key], isOther = first.map { $0.order != order } ?? false
                if known == nil, isOther || first == nil, let fault = PlacedOrder.fault(in: order, seller: seller) {
                    return Outcome(order: order, state: .refused, id: nil, reason: fault)
                }
                // Said twice in one request, an order has one outcome; another of its number is not taken.
                if let id = known ?? (isOther ? first?.id : nil) {
                    let differs = isOther || (differing.contains(key) && standing[key]?.isSame(as: order, seller: seller) == false)
                    let reason = differs ? "differs from what is in the books: nothing was changed" : nil
                    return Outcome(order: order, state: .known, id: id, reason: reason)
                }
                guard let first else { preconditionFailure("an order is placed, known or impossible") }
                return first
            }
            for outcome in outcomes where outcome.id != nil { taken[OrderKey(outcome.order)] = outcome.id }
            told.append(IdempotencyKey.Answer(status: 200, body: request.answer(outcomes)))
            request.note(in: &books)
        }
        try IdempotencyKey.keep(zip(fresh, told).map { ($0.key, $1) }, entity, in: tx, at: now)
        try books.close(in: tx)
        if areAllFresh { return told }
        for (request, answer) in zip(fresh, told) { answers[request.key] = answer }
        return requests.map { answers[$0.key] ?? IdempotencyKey.Answer(status: 200, body: "") }
    }

    private func note(in books: inout Books) { books.note(actor, act, detail: detail, outcome: "done", at: now) }
}
