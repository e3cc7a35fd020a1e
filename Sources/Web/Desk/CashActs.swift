import Domain
import Operations
import Store

extension DeskAct {
    static let cash: [DeskAct] = [
        DeskAct("/cash/{id}/answer", .work, answer), DeskAct("/receipts/{id}/apply-from-account", .work, applyFromAccount),
    ]
}

/// One answer to one receipt: what it settles, whose account it stays on, what was deducted, whom to ask, or that it is not ours.
private let answer: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    guard let id: ID<Receipt> = asked.id() else { throw FormRefusal.unknown("this receipt") }
    let filter = asked["state"].flatMap { CashQueue.Filter(rawValue: $0) } ?? .waiting,
        queue = CashQueue(asked.entity, on: asked.reader.today, filter)
    let (found, place) = try await books.database.read { (try ReadReceipt(asked.entity, id).run(in: $0), try queue.place(of: id, in: $0)) }
    guard let receipt = found else { throw FormRefusal.unknown("receipt \(id.value)") }
    let word =
        switch asked["answer"] {
        case "not_ours": try await setAside(receipt, asked, books)
        case "ask": try await ask(receipt, asked, books)
        default: try await settle(receipt, asked, books)
        }
    let next = try await books.database.read { tx in try place.flatMap { try queue.neighbour(of: $0, in: tx) } }
    let state = filter == .waiting ? nil : filter.rawValue, after = next == nil ? nil : asked["after"]
    return .done(
        word, then: Link("/cash", ["state": state, "receipt": next.map { String($0.value) }, "after": after]).text,
        link: (asked["answer"] == "ask" ? "The receipt" : "Take back", "/receipts/\(id.value)"))
}

/// What stands on a customer's account settles a document.
private let applyFromAccount: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    guard let id: ID<Receipt> = asked.id() else { throw FormRefusal.unknown("this receipt") }
    guard let receipt = try await books.database.read({ try ReadReceipt(asked.entity, id).run(in: $0) }) else {
        throw FormRefusal.unknown("receipt \(id.value)")
    }
    var form = FormCheck()
    _ = form.need("document", "Document", asked["document"], or: FormRefusal.missing("Document"))
    let lines = settledLines(asked, receipt.amount.currency, &form), settled = lines.map(\.amount).total(in: receipt.amount.currency)
    if lines.isEmpty, form.isSound { form.tell("amount", "Amount", SliceRefusal.notAnAmount) }
    guard let reason = form.need("reason", "Reason", asked["reason"], or: FormRefusal.missing("Reason")), form.isSound else {
        throw form.refusal
    }
    let operation = ApplyFromAccount(asked.entity, id, lines, reason: "\(reason), \(asked.reader.userName)", on: asked.reader.today)
    try await books.write { try operation.run(in: $0, at: $1) }
    return .done("\(settled.readable) applied to \(lines.map(\.document).joined(separator: ", ")).", then: "/receipts/\(id.value)")
}

private func settle(_ receipt: ReceiptView, _ asked: DeskQuestion, _ books: DeskBooks) async throws -> String {
    var form = FormCheck()
    let number = form.need("customer", "Customer's number", asked["customer"], or: FormRefusal.missing("Customer's number"))
    let lines = asked["answer"] == "on_account" ? [] : settledLines(asked, receipt.amount.currency, &form)
    guard let customer = number, form.isSound else { throw form.refusal }
    if lines.isEmpty, asked["answer"] ?? "apply" == "apply" { throw FormRefusal.missing("an amount to settle, or put it on account") }
    let reader = asked.reader, reason = "\(asked["reason"] ?? "decided by hand"), \(reader.userName)"
    let application = ApplyByHand(
        asked.entity, method: receipt.method, externalID: receipt.externalID, customer: customer, lines, reason: reason, on: reader.today)
    let settled = lines.map(\.amount).total(in: receipt.amount.currency)
    let deductions = asked["answer"] == "deduct" ? try await shortDocuments(lines, asked, books) : []
    let operation = ApplyShort(
        asked.entity, application, deductions, reason: reason, books.terms.writeOff,
        by: .init(asked.actor.role, name: asked.actor.name, id: asked.actor.id), on: reader.today)
    let withheld = try await books.write { try operation.run(in: $0, at: $1) }
    guard !lines.isEmpty else { return "\(receipt.unapplied.readable) put on account of \(customer)." }
    let deducted = deductions.map(\.document).filter { !withheld.contains($0) }
    return "\(settled.readable) applied to \(lines.map(\.document).joined(separator: ", "))"
        + (deducted.isEmpty ? "" : "; the rest of \(deducted.joined(separator: ", ")) is deducted")
        + (withheld.isEmpty ? "." : "; the rest of \(withheld.joined(separator: ", ")) is withholding tax, which the state owes.")
}

/// The documents that the lines leave something open of: that is what the customer deducted.
private func shortDocuments(
    _ lines: [ApplyByHand.Line], _ asked: DeskQuestion, _ books: DeskBooks
) async throws -> [ApplyShort.Deduction] {
    let today = asked.reader.today, code = asked["code"].flatMap { ReasonCode(rawValue: $0) }
    let short = try await books.database.read { tx in
        try Set(lines.map(\.document)).sorted().filter { number in
            guard let open = try ReadDocument(asked.entity, number: number, on: today).run(in: tx)?.document.open else { return false }
            return open.minor > lines.filter { $0.document == number }.reduce(0) { $0 + $1.amount.minor }
        }
    }
    guard !short.isEmpty else { throw FormRefusal.missing("an amount below what is open: there is nothing to deduct") }
    return short.map { ApplyShort.Deduction($0, code: code, customerCode: asked["customer_code"]) }
}

private func ask(_ receipt: ReceiptView, _ asked: DeskQuestion, _ books: DeskBooks) async throws -> String {
    let reader = asked.reader, last = reader.today + AskCustomer.dayLimit
    let until = asked["answer_by"].flatMap { Day($0) }.flatMap { (reader.today...last).contains($0) ? $0 : nil }
    var form = FormCheck()
    let number = form.need("customer", "Customer's number", asked["customer"], or: FormRefusal.missing("Customer's number"))
    let words = form.need("question", "Question", asked["question"], or: FormRefusal.missing("Question"))
    let answerBy = form.need("answer_by", "Answer by", until, or: ReceiptRefusal.answerDay)
    guard let customer = number, let question = words, let day = answerBy else { throw form.refusal }
    let operation = AskCustomer(
        asked.entity, receipt.id, customer: customer, question: question, answerBy: day,
        role: "\(reader.role) \(reader.userName)", on: reader.today)
    let address = try await books.write { try operation.run(in: $0, at: $1) }
    return "\(address) is asked about \(receipt.amount.readable); it waits for the answer until \(day.words)."
}

private func setAside(_ receipt: ReceiptView, _ asked: DeskQuestion, _ books: DeskBooks) async throws -> String {
    var form = FormCheck()
    guard let reason = form.need("reason", "Why it is not ours", asked["reason"], or: FormRefusal.missing("Why it is not ours")) else {
        throw form.refusal
    }
    let operation = SetReceiptAside(
        asked.entity, method: receipt.method, externalID: receipt.externalID, reason: "\(reason), \(asked.reader.userName)",
        on: asked.reader.today)
    try await books.write { try operation.run(in: $0, at: $1) }
    return "\(receipt.amount.readable) is not ours: it waits to be returned."
}

/// What a form settles; the form is told of each amount that is none, and of each document and amount that stands alone.
private func settledLines(_ asked: DeskQuestion, _ currency: Currency, _ form: inout FormCheck) -> [ApplyByHand.Line] {
    var lines: [ApplyByHand.Line] = []
    func take(_ text: String?, _ field: String, of document: String, _ owner: String? = nil) {
        let refusal: FormRefusal = text.map { FormRefusal.notAnAmount($0, currency) } ?? .missing("Amount of \(document)")
        guard let money = form.need(field, "Amount of \(document)", text.flatMap { amount($0, currency) }, or: refusal) else { return }
        if money.minor > 0 { lines.append(ApplyByHand.Line(document, money, of: owner)) }
    }
    for (document, text) in asked.all(beginning: "amount.") { take(text, "amount.\(document)", of: document) }
    if let document = asked["document"] { take(asked["amount"], "amount", of: document) }
    for row in CashPage.furtherRows {
        let document = asked["document.\(row)"], text = asked["settles.\(row)"]
        if let document {
            take(text, "settles.\(row)", of: document, asked["owner.\(row)"])
        } else if text != nil {
            form.tell("document.\(row)", "Document", FormRefusal.missing("Document"))
        }
    }
    return lines
}
