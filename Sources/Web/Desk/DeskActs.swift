import Domain
import Operations
import Store

/// What a form of the desk does. Adding one is adding an entry to `all`.
package struct DeskAct: Sendable {
    /// As in `DeskPage`.
    package let path: String
    /// Who may do it.
    package let right: Role.Right
    /// Throws a `Refusal` for a business "no", which the reader sees on the page the form stood on.
    package let run: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome
    /// Says what waits for a second person; nil lets the act go on.
    var second: (@Sendable (DeskQuestion, DeskBooks) async throws -> SecondPerson?)?
    /// Its form comes with a file; what other forms bring is dropped.
    package private(set) var takesFile = false
    /// Fields that are never written down, besides the form's token.
    package private(set) var secrets: Set<String> = []
    /// Whether it takes several transactions: its row of the audit log is then written behind them.
    package private(set) var isInSteps = false
    /// Draws the page of a refused form from what was sent, where no address shows that page; nil leaves it to the one that does.
    private(set) var again: (@Sendable (DeskQuestion, any Refusal, any Transaction) throws -> PageBody?)?

    init(_ path: String, _ right: Role.Right, _ run: @escaping @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome) {
        (self.path, self.right, self.run) = (path, right, run)
    }

    func withSecond(_ rule: @escaping @Sendable (DeskQuestion, DeskBooks) async throws -> SecondPerson?) -> DeskAct {
        var act = self
        act.second = rule
        return act
    }

    private func withFile() -> DeskAct {
        var act = self
        act.takesFile = true
        return act
    }

    func hiding(_ secrets: String...) -> DeskAct {
        var act = self
        act.secrets = Set(secrets)
        return act
    }

    func drawnAgain(_ again: @escaping @Sendable (DeskQuestion, any Refusal, any Transaction) throws -> PageBody?) -> DeskAct {
        var act = self
        act.again = again
        return act
    }

    func inSteps() -> DeskAct {
        var act = self
        act.isInSteps = true
        return act
    }

    package static let all: [DeskAct] =
        [
            DeskAct("/receipts/{id}/unapply", .work, unapply),
            DeskAct("/orders/decide", .approve, decideOrders).withSecond(ordersAboveLimit),
            DeskAct("/customers/{number}/statement/send", .collect, sendStatement), DeskAct("/mail/decide", .collect, decideMail),
            DeskAct("/customers/{number}/habits/revoke", .work, revokeHabit),
            DeskAct("/customers/{number}/identities", .work, giveIdentity),
            DeskAct("/customers/{number}/identities/revoke", .work, revokeIdentity),
            DeskAct("/ledger/proof", .control, prove), DeskAct("/ledger/periods", .control, closePeriod),
            DeskAct("/runs/{run}", .control, start).inSteps(), DeskAct("/import", .work, takeFile).withFile().inSteps(),
        ] + customerForms + cash + slices + house
}

/// What a form decides of which orders.
private func decision(_ asked: DeskQuestion) throws -> (ids: [ID<Order>], event: OrderState.Event, reason: String) {
    var seen: Set<Int64> = []
    let ids = asked.all("order").compactMap { Int64($0) }.filter { seen.insert($0).inserted }.map { ID<Order>($0) }
    var form = FormCheck()
    if ids.isEmpty { form.tell("order", "Orders", FormRefusal.unpicked("at least one order")) }
    guard let reason = form.need("reason", "Reason", asked["reason"], or: SliceRefusal.noReason), form.isSound else { throw form.refusal }
    guard let event = asked["event"].flatMap({ OrderState.Event(rawValue: $0) }), event == .release || event == .cancel else {
        throw FormRefusal.unpicked("Release or Cancel orders")
    }
    return (ids, event, reason)
}

/// As the event names who decides.
private func decider(_ asked: DeskQuestion) -> String {
    "\(asked.reader.role) \(asked.reader.userName)\(ReleasedAlone.ending(asked.approver))"
}

/// A release above the limit takes two people.
private let ordersAboveLimit: @Sendable (DeskQuestion, DeskBooks) async throws -> SecondPerson? = { asked, books in
    let (ids, event, _) = try decision(asked), now = books.clock()
    guard event == .release else { return nil }
    let alone = ReleasedAlone(asked.entity, by: decider(asked), asked.actor.id, limitMinor: books.terms.releaseAloneMinor)
    let large = try await books.database.read { tx in
        try alone.above(ids, in: tx, at: now).compactMap { try OrderView.read(asked.entity, $0.id, in: tx)?.order }
    }
    return large.isEmpty ? nil : SecondPerson("/orders/decide", asked, why: releaseWords(large))
}

private let unapply: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    guard let id: ID<Receipt> = asked.id() else { throw FormRefusal.unknown("this receipt") }
    let reason = try asked.reason()
    let found = try await books.database.read { try ReadReceipt(asked.entity, id).run(in: $0) }
    guard let receipt = found else { throw FormRefusal.unknown("receipt \(id.value)") }
    let operation = UnapplyReceipt(
        asked.entity, method: receipt.method, externalID: receipt.externalID, reason: "\(reason), \(asked.reader.userName)",
        on: asked.reader.today)
    try await books.write { try operation.run(in: $0, at: $1) }
    return .done("The application of \(receipt.amount.readable) was taken back; it waits in the queue.", then: "/receipts/\(id.value)")
}

private let decideOrders: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    let (ids, event, reason) = try decision(asked), role = decider(asked), today = asked.reader.today
    let aloneMinor = asked.approver == nil ? books.terms.releaseAloneMinor : nil
    let orders = try await books.database.read { tx in try ids.map { try OrderView.read(asked.entity, $0, in: tx)?.order } }
    try await books.write { tx, now in
        for order in orders {
            guard let order else { throw FormRefusal.unknown("an order of these") }
            try DecideHeldOrders(
                asked.entity, orders: [order.number], channel: order.channel, event, role: role, by: asked.actor.id, reason: reason,
                alone: aloneMinor, on: today
            ).run(in: tx, at: now)
        }
    }
    let said = event == .release ? "released for billing" : "cancelled"
    return .done("\(counted(ids.count, "order")) \(said).", then: ids.count == 1 ? "/orders/\(ids[0].value)" : "/orders?state=held")
}

private let sendStatement: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    let number = asked["number"] ?? "", from = asked["from"].flatMap { Day($0) }
    let faults = asked.reading(DeskPage.statementDays).unreadable
    if let first = faults.first { throw FieldsRefusal(faults, first.message) }
    let operation = SendStatement(asked.moment, customerNumber: number, from: from, on: asked.reader.today)
    let recipient = try await books.write { try operation.run(in: $0, at: $1) }
    return .done("The statement of account goes to \(recipient).", then: customerPath(number))
}

private let prove: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    let (proof, check) = try await books.database.read {
        (try ProofView.read(asked.entity, in: $0), try CheckBooks(asked.entity).run(in: $0))
    }
    return .page(ProofPage(proof: proof, check: check, reader: asked.reader).body)
}

private let closePeriod: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    let written = asked["ends_on"].flatMap { Day($0) }
    var form = FormCheck()
    let told = form.need("ends_on", "Close through", written, or: FormRefusal.missing("Close through, a day such as 2026-01-31"))
    guard let day = told else { throw form.refusal }
    let operation = ClosePeriod(asked.entity, through: day, today: asked.reader.today)
    try await books.write { try operation.run(in: $0, at: $1) }
    return .done("The books are closed through \(day.words).", then: "/ledger/periods")
}

private let start: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    guard let name = asked["run"].flatMap({ RunByHand.Name(rawValue: $0) }) else { throw FormRefusal.unknown("run \(asked["run"] ?? "")") }
    let on = try runDay(asked)
    let run = RunByHand(
        books.database, books.entity, name, on: on, today: asked.reader.today, by: asked.reader.userName, books.terms, clock: books.clock,
        pause: DeskBooks.pause)
    let report = try await run.run(), path = RunsPage.path(report.id.value)
    let word = "\(RunsPage.title(name.rawValue)) for \(on.words): \(report.said)."
    // What is run again was looked at by itself.
    guard asked["on"] == nil else { return .done(word, then: path) }
    return .done(word, then: name == .dunning ? "/collections" : "/runs", link: ("Its steps", path))
}

/// The day that a run is asked for; today where none is.
private func runDay(_ asked: DeskQuestion) throws -> Day {
    guard let written = asked["on"] else { return asked.reader.today }
    var form = FormCheck()
    let told = form.need("on", "Business day", Day(written), or: FormRefusal.missing("Business day, a day such as 2026-01-31"))
    guard let day = told else { throw form.refusal }
    // What a run of a day ahead issues and writes could not be taken back by waiting.
    guard day <= asked.reader.today else { throw APIRefusal.dayAhead(asked.reader.today) }
    return day
}

private let takeFile: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    var form = FormCheck()
    let picked = asked["kind"].flatMap { ImportKind(rawValue: $0) }.flatMap { asked.reader.may($0.right) ? $0 : nil }
    let told = form.need("kind", "What it is", picked, or: FormRefusal.unpicked("what it is"))
    let sent = form.need("file", "File", asked.file, or: FormRefusal.unpicked("a file"))
    guard let kind = told, let file = sent else { throw form.refusal }
    let outcome = try await books.importFile(kind, file, by: asked.actor.role)
    return .page(ImportPage(outcome: (file.name, outcome), reader: asked.reader).body)
}
