import Domain
import Operations
import Store

/// `/mail`: messages that could not be sent, the latest first; they are sent again or settled here, many at once.
struct MailPage: Sendable {
    let page: ListPage<OutboxList.Line>
    /// Why a message says what holds no more.
    let outdated: [Int64: String]
    let place: ListLink
    let reader: DeskReader

    var body: PageBody {
        let decides = reader.may(.collect) && !page.rows.isEmpty
        var table = DataTable(
            "Mail that was not delivered",
            (decides ? [.text("Pick")] : []) + [
                .text("Recipient", second: "When sent again"), .text("Customer", second: "Customer number"), .text("Subject"),
                .number("Tried"), .text("Last tried"), .text("Why it failed"),
            ])
        table.rows = page.rows.map { decides ? [box($0)] + cells($0) : cells($0) }
        table.empty = Empty("No mail waits for a person", "Every message was sent, is on its way, or is settled.", link: ("Today", "/"))
        table.place = place
        var body = PageBody("Mail that was not delivered", decides ? form(around: table) : list(table))
        body.crumbs = [("Today", "/")]
        body.table = table
        return body
    }

    private func box(_ line: OutboxList.Line) -> DataTable.Cell {
        .pick(name: "message", value: String(line.id.value), label: "“\(line.subject)” to \(line.recipient)")
    }

    private func cells(_ line: OutboxList.Line) -> [DataTable.Cell] {
        let customer: DataTable.Cell = line.customer.map { .lines($0.name, $0.number, to: customerPath($0.number)) } ?? .none
        let lastTried: DataTable.Cell = line.lastTriedAt.map { .instant($0) } ?? .none
        return [
            recipient(line), customer, .text(line.subject), .number(line.attempts), lastTried, .quiet(line.lastError ?? ""),
        ]
    }

    /// With the customer's address of now where it is another one, or why it goes nowhere.
    private func recipient(_ line: OutboxList.Line) -> DataTable.Cell {
        if let why = outdated[line.id.value] { return .lines(line.recipient, "not sent again: it \(why)", to: nil) }
        guard let address = line.address else { return .lines(line.recipient, "sent again nowhere: the customer has no address", to: nil) }
        return address == line.recipient ? .text(address) : .lines(line.recipient, "sent again to \(address)", to: nil)
    }

    private func list(_ table: DataTable) -> HTML { "<div class=\"list-frame\">\(table.html)</div>" }

    /// Enter in the field settles, which is what the field is of.
    private func form(around table: DataTable) -> HTML {
        Form(
            "/mail/decide", reader, class: "stack",
            """
            \(list(table))\(FaultMarks("message").words)<div class="inline">\
            \(Field("How it was dealt with", "reason", hint: "Of what is settled; the conversation says it.").html)\
            \(button("Settle", name: "event", value: OutboxEvent.Kind.settled.rawValue))\
            \(button("Send again", name: "event", value: OutboxEvent.Kind.sentAgain.rawValue, class: "main"))</div>
            """
        ).html
    }
}

extension OutboxEvent {
    /// As the conversation tells it.
    var said: String {
        let who = "on \(on.words) by \(role)"
        switch kind {
        case .sentAgain:
            let to = sentTo.flatMap { $0 == recipient ? nil : " to \($0)" } ?? ""
            return "Could not be sent to \(recipient): sent again\(to) \(who)."
        case .settled: return "Could not be sent to \(recipient): settled \(who): \(reason ?? "")"
        }
    }
}

/// Puts messages that could not be sent back on their way, or says how they were dealt with otherwise.
let decideMail: @Sendable (DeskQuestion, DeskBooks) async throws -> DeskOutcome = { asked, books in
    var seen: Set<Int64> = [], form = FormCheck()
    let messages = asked.all("message").compactMap { Int64($0) }.filter { seen.insert($0).inserted }.map { ID<OutboxMessage>($0) }
    if messages.isEmpty { form.tell("message", "Messages", FormRefusal.unpicked("at least one message")) }
    let role = "\(asked.reader.role) \(asked.reader.userName)", today = asked.reader.today
    switch asked["event"].flatMap({ OutboxEvent.Kind(rawValue: $0) }) {
    case .sentAgain:
        if asked["reason"] != nil { form.tell("reason", "How it was dealt with", FormRefusal.ofSettled) }
        guard form.isSound else { throw form.refusal }
        let operation = SendAgain(asked.entity, messages, role: role, on: today)
        let sent = try await books.write(telling: noted) { try operation.run(in: $0, at: $1) }
        return .done(sentWords(sent), then: "/mail")
    case .settled:
        guard let reason = form.need("reason", "How it was dealt with", asked["reason"], or: SliceRefusal.noReason), form.isSound else {
            throw form.refusal
        }
        let operation = SettleMessages(asked.entity, messages, reason: reason, role: role, on: today)
        let recipients = try await books.write(telling: notedRecipients) { try operation.run(in: $0, at: $1) }
        return .done("\(counted(recipients.count, "message")) settled.", then: "/mail")
    case nil: throw FormRefusal.unpicked("Send again or Settle")
    }
}

/// To whom, and to whom it was to go before.
@Sendable private func noted(_ sent: [SendAgain.Sent]) -> String {
    let told = sent.map { one in
        "to=\(escapedValue(one.recipient))" + (one.before.map { " instead_of=\(escapedValue($0))" } ?? "")
    }
    return told.joined(separator: " ")
}

@Sendable private func notedRecipients(_ recipients: [String]) -> String {
    recipients.map { "to=\(escapedValue($0))" }.joined(separator: " ")
}

/// One by its address, and whatever goes to another one than before.
private func sentWords(_ sent: [SendAgain.Sent]) -> String {
    let moved = sent.compactMap { one in one.before.map { "\(one.recipient) instead of \($0)" } }
    guard sent.count != 1 else { return "The message goes to \(moved.first ?? sent[0].recipient)." }
    return "\(counted(sent.count, "message")) sent again" + (moved.isEmpty ? "." : ": \(moved.joined(separator: ", ")).")
}
