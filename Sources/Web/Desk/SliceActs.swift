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

/// The amount of a form in the document's currency; nil where it is left out, or is none, which the form is told.
private func documentAmount(_ asked: DeskQuestion, _ books: DeskBooks, _ form: inout FormCheck) async throws -> Money? {
    guard let text = asked["amount"] else { return nil }
    let number = asked["number"] ?? "", today = asked.reader.today
    let found = try await books.database.read {
        try ReadDocument(asked.entity, number: number, on: today).run(in: $0)?.document.open.currency
    }
    guard let currency = found else { throw SliceRefusal.unknownDocument(number) }
    return form.need("amount", "Amount", amount(text, currency), or: FormRefusal.notAnAmount(text, currency))
}

private let openSlice: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    let number = asked["number"] ?? "", reader = asked.reader
    guard let kind = asked["kind"].flatMap({ Slice.Kind(rawValue: $0) }), kind != .instalment else {
        throw FormRefusal.unpicked("Disputed, Deducted or Promised")
    }
    let dueOn = asked["due_on"].flatMap { Day($0) }, code = asked["code"].flatMap { ReasonCode(rawValue: $0) }
    var form = FormCheck()
    let amount = try await documentAmount(asked, books, &form)
    if kind.hasDay, !(dueOn.map { AgreePlan.isDay($0, from: reader.today) } ?? false) {
        form.tell("due_on", "Day promised", SliceRefusal.dayMissing)
    }
    if kind == .deduction, code == nil, asked["customer_code"] == nil { form.tell("code", "Our reason", SliceRefusal.unknownCode("")) }
    guard let reason = form.need("reason", "Why", asked["reason"], or: SliceRefusal.noReason), form.isSound else { throw form.refusal }
    let operation = OpenSlice(
        asked.entity, document: number, kind, amount, dueOn: dueOn, code: code, customerCode: asked["customer_code"], reason: reason,
        role: "\(reader.role) \(reader.userName)", on: reader.today)
    try await books.write { _ = try operation.run(in: $0, at: $1) }
    return .done("A part of \(number) is \(kind.standing): reminders leave it out.", then: documentPath(number))
}

private let agreePlan: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    let number = asked["number"] ?? "", reader = asked.reader
    let written = asked["count"].flatMap { Int($0) }.flatMap { (1...AgreePlan.instalmentLimit).contains($0) ? $0 : nil }
    let day = asked["due_on"].flatMap { Day($0) }.flatMap { AgreePlan.isDay($0, from: reader.today) ? $0 : nil }
    var form = FormCheck()
    let count = form.need(
        "count", "Instalments", written, or: FormRefusal.missing("1 to \(AgreePlan.instalmentLimit) instalments"))
    let sum = try await documentAmount(asked, books, &form)
    if asked["amount"] == nil || sum?.minor == 0 { form.tell("amount", "Amount", SliceRefusal.notAnAmount) }
    let first = form.need("due_on", "First due", day, or: SliceRefusal.dayMissing)
    let reason = form.need("reason", "Why", asked["reason"], or: SliceRefusal.noReason)
    guard form.isSound, let count, let amount = sum, let first, let reason else { throw form.refusal }
    let operation = AgreePlan(
        asked.entity, document: number, AgreePlan.monthly(count, of: amount, from: first), reason: reason,
        role: "\(reader.role) \(reader.userName)", on: reader.today)
    try await books.write { try operation.run(in: $0, at: $1) }
    return .done("\(amount.readable) of \(number) comes in \(counted(count, "instalment")).", then: documentPath(number))
}

private let releaseSlice: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    guard let id: ID<Slice> = asked.id() else { throw SliceRefusal.unknown }
    let reader = asked.reader, reason = try asked.reason()
    let operation = ReleaseSlice(
        asked.entity, id, reason: reason, role: "\(reader.role) \(reader.userName)", on: reader.today)
    let document = try await books.write { try operation.run(in: $0, at: $1) }
    return .done("That part of \(document) is collected again.", then: documentPath(document))
}

private func writeOffAsked(_ asked: DeskQuestion, _ books: DeskBooks) async throws -> WriteOff {
    var form = FormCheck()
    let amount = try await documentAmount(asked, books, &form)
    let code = form.need("code", "For", asked["code"].flatMap { ReasonCode(rawValue: $0) }, or: SliceRefusal.unknownCode(""))
    let reason = form.need("reason", "Reason", asked["reason"], or: SliceRefusal.noReason)
    guard form.isSound, let code, let reason else { throw form.refusal }
    let actor = asked.actor
    return WriteOff(
        asked.entity, document: asked["number"] ?? "", slice: asked.id("slice"), amount, code: code, reason: reason, books.terms.writeOff,
        by: .init(actor.role, second: asked.approver, name: actor.name, id: actor.id), on: asked.reader.today)
}

/// What one person may not give up alone takes two.
private let writeOffAboveLimit: @Sendable (DeskQuestion, DeskBooks) async throws -> SecondPerson? = { asked, books in
    let operation = try await writeOffAsked(asked, books)
    let wanted = try await books.database.read { try operation.wanted(in: $0) }
    guard !books.terms.writeOff.isAlone(wanted.counted, by: asked.actor.role) else { return nil }
    let why = writeOffWords(wanted, of: asked["number"] ?? "", for: asked["code"] ?? "")
    // What is free may be more by then: the amount that was named is the one that is approved.
    return SecondPerson("/invoices/{number}/write-off", asked, naming: [(name: "amount", value: wanted.amount.decimal)], why: why)
}

private let writeOff: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    let number = asked["number"] ?? "", operation = try await writeOffAsked(asked, books)
    let amount = try await books.write { try operation.run(in: $0, at: $1) }
    return .done("\(amount.readable) of \(number) is written off.", then: documentPath(number))
}

private let reverseWriteOff: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    let number = asked["number"] ?? ""
    let reason = try asked.reason()
    let operation = ReverseWriteOff(asked.entity, document: number, reason: "\(reason), \(asked.reader.userName)", on: asked.reader.today)
    try await books.write { try operation.run(in: $0, at: $1) }
    return .done("The write-off of \(number) was taken back: it is open again.", then: documentPath(number))
}

private let mapCode: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    var form = FormCheck()
    let number = form.need("customer", "Customer's number", asked["customer"], or: FormRefusal.missing("Customer's number"))
    let written = form.need("customer_code", "Their code", asked["customer_code"], or: FormRefusal.missing("Their code"))
    let reason = form.need("code", "Our reason", asked["code"].flatMap { ReasonCode(rawValue: $0) }, or: SliceRefusal.unknownCode(""))
    guard let customer = number, let theirs = written, let code = reason else { throw form.refusal }
    let operation = MapDeductionCode(asked.entity, customer: customer, theirs, means: code)
    _ = try await books.write(telling: { $0.map { "before=\($0.rawValue)" } ?? "" }) { try operation.run(in: $0, at: $1) }
    return .done("\(theirs) of \(customer) means \(words(code.rawValue)).", then: "/collections/codes")
}
