import Domain
import Operations
import Store

extension DeskAct {
    static let slices: [DeskAct] = [
        DeskAct("/invoices/{number}/slices", .collect, openSlice), DeskAct("/invoices/{number}/plan", .collect, agreePlan),
        DeskAct("/slices/{id}/release", .collect, releaseSlice),
        DeskAct("/invoices/{number}/write-off", .collect, writeOff).withSecond(writeOffAboveLimit),
        DeskAct("/invoices/{number}/write-off/reverse", .collect, reverseWriteOff), DeskAct("/collections/codes", .collect, mapCode),
    ]
}

/// The amount of a form in the document's currency; nil where it is left out.
private func documentAmount(_ asked: DeskQuestion, _ books: DeskBooks) async throws -> Money? {
    guard let text = asked["amount"] else { return nil }
    let number = asked["number"] ?? "", today = asked.reader.today
    let found = try await books.database.read {
        try ReadDocument(asked.entity, number: number, on: today).run(in: $0)?.document.open.currency
    }
    guard let currency = found else { throw SliceRefusal.unknownDocument(number) }
    guard let money = amount(text, currency) else { throw FormRefusal.notAnAmount(text) }
    return money
}

private let openSlice: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    let number = asked["number"] ?? "", reader = asked.reader
    guard let kind = asked["kind"].flatMap({ Slice.Kind(rawValue: $0) }), kind != .instalment else {
        throw FormRefusal.unpicked("Disputed, Deducted or Promised")
    }
    let operation = OpenSlice(
        asked.entity, document: number, kind, try await documentAmount(asked, books), dueOn: asked["due_on"].flatMap { Day($0) },
        code: asked["code"].flatMap { ReasonCode(rawValue: $0) }, customerCode: asked["customer_code"], reason: asked["reason"] ?? "",
        role: "\(reader.role) \(reader.userName)", on: reader.today)
    try await books.write { _ = try operation.run(in: $0, at: $1) }
    return .done("A part of \(number) is \(kind.standing): reminders leave it out.", then: documentPath(number))
}

private let agreePlan: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    let number = asked["number"] ?? "", reader = asked.reader
    guard let count = asked["count"].flatMap({ Int($0) }), (1...AgreePlan.instalmentLimit).contains(count) else {
        throw FormRefusal.missing("1 to \(AgreePlan.instalmentLimit) instalments")
    }
    guard let first = asked["due_on"].flatMap({ Day($0) }), AgreePlan.isDay(first, from: reader.today) else {
        throw SliceRefusal.dayMissing
    }
    guard let amount = try await documentAmount(asked, books), amount.minor > 0 else { throw SliceRefusal.notAnAmount }
    let operation = AgreePlan(
        asked.entity, document: number, AgreePlan.monthly(count, of: amount, from: first), reason: asked["reason"] ?? "",
        role: "\(reader.role) \(reader.userName)", on: reader.today)
    try await books.write { try operation.run(in: $0, at: $1) }
    return .done("\(amount.readable) of \(number) comes in \(counted(count, "instalment")).", then: documentPath(number))
}

private let releaseSlice: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    guard let id: ID<Slice> = asked.id() else { throw SliceRefusal.unknown }
    let reader = asked.reader
    let operation = ReleaseSlice(
        asked.entity, id, reason: asked["reason"] ?? "", role: "\(reader.role) \(reader.userName)", on: reader.today)
    let document = try await books.write { try operation.run(in: $0, at: $1) }
    return .done("That part of \(document) is collected again.", then: documentPath(document))
}

private func writeOffAsked(_ asked: DeskQuestion, _ books: DeskBooks) async throws -> WriteOff {
    guard let code = asked["code"].flatMap({ ReasonCode(rawValue: $0) }) else { throw SliceRefusal.unknownCode("") }
    let actor = asked.actor
    return WriteOff(
        asked.entity, document: asked["number"] ?? "", slice: asked.id("slice"), try await documentAmount(asked, books), code: code,
        reason: asked["reason"] ?? "", books.terms.writeOff, by: .init(actor.role, second: asked.approver, name: actor.name),
        on: asked.reader.today)
}

/// What one person may not give up alone takes two.
private let writeOffAboveLimit: @Sendable (DeskQuestion, DeskBooks) async throws -> String? = { asked, books in
    let operation = try await writeOffAsked(asked, books)
    guard asked["reason"] != nil else { throw SliceRefusal.noReason }
    let wanted = try await books.database.read { try operation.wanted(in: $0) }
    guard !books.terms.writeOff.isAlone(wanted.counted, by: asked.actor.role) else { return nil }
    let what = "Write-off of \(wanted.amount.readable) of \(asked["number"] ?? ""), \(words(asked["code"] ?? ""))"
    return what + (wanted.sumText.map { ", \($0)" } ?? "")
}

private let writeOff: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    let number = asked["number"] ?? "", operation = try await writeOffAsked(asked, books)
    try await books.write { try operation.run(in: $0, at: $1) }
    return .done("A part of \(number) is written off.", then: documentPath(number))
}

private let reverseWriteOff: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    let number = asked["number"] ?? ""
    guard let reason = asked["reason"] else { throw SliceRefusal.noReason }
    let operation = ReverseWriteOff(asked.entity, document: number, reason: "\(reason), \(asked.reader.userName)", on: asked.reader.today)
    try await books.write { try operation.run(in: $0, at: $1) }
    return .done("The write-off of \(number) was taken back: it is open again.", then: documentPath(number))
}

private let mapCode: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    guard let customer = asked["customer"], let theirs = asked["customer_code"] else {
        throw FormRefusal.missing("Customer and their code")
    }
    guard let code = asked["code"].flatMap({ ReasonCode(rawValue: $0) }) else { throw SliceRefusal.unknownCode("") }
    let operation = MapDeductionCode(asked.entity, customer: customer, theirs, means: code)
    _ = try await books.write(telling: { $0.map { "before=\($0.rawValue)" } ?? "" }) { try operation.run(in: $0, at: $1) }
    return .done("\(theirs) of \(customer) means \(words(code.rawValue)).", then: "/collections/slices")
}
