import Domain
import Operations

/// `/cash`: the receipts that wait, and the one in hand with its candidates side by side.
struct CashPage: Sendable {
    let queue: ListPage<CashQueue.Line>
    let filter: CashQueue.Filter
    /// How many there are of each filter, in their order.
    let counts: [Int]
    /// In hand; one that was asked for and does not wait is only named.
    let receipt: ReceiptView?
    let after: String?
    let reader: DeskReader
    /// The rows for more documents than one; the first stands outside.
    static let furtherRows = 2...4

    var body: PageBody {
        guard let receipt else {
            let empty =
                filter == .asked
                ? Empty(
                    "Nobody is asked", "Receipts that wait for a customer's answer stand here until the day.", link: ("The queue", "/cash"))
                : Empty(
                    "The queue is clear", "Every receipt found its invoices. New ones appear after a bank statement is imported.",
                    link: reader.link("Import a statement", to: "/import", .work))
            return PageBody("Cash application", "\(states)\(empty.html)")
        }
        let isWaiting = receipt.queueReason != nil
        var body = PageBody(
            "Cash application",
            """
            \(states)<div class="queue">\(list)<div class="stack">\
            \(isWaiting ? "\(head(receipt))\(candidates(receipt))\(otherAnswers(receipt))" : answered(receipt))</div></div>
            """)
        body.aside = Badge(counted(counts[0], "receipt waits", "receipts wait"), .warn).html
        body.actions =
            "<span class=\"muted keys-told\"><kbd>j</kbd> <kbd>k</kbd> walk · \(isWaiting ? applyKeys(receipt) : "")<kbd>?</kbd> all keys</span>"
        return body
    }

    /// The keys of the candidates that propose something.
    private func applyKeys(_ receipt: ReceiptView) -> HTML {
        let count = receipt.candidates.count { $0.proposed != nil }
        guard reader.may(.work), count > 0 else { return "" }
        return count == 1 ? "<kbd>1</kbd> apply · " : "<kbd>1</kbd>–<kbd>\(count)</kbd> apply · "
    }

    private func answered(_ receipt: ReceiptView) -> HTML {
        let rule = receipt.applications.last?.rule, isOpen = rule == nil || rule == "unapplied"
        let link = (text: "The receipt", to: "/receipts/\(receipt.id.value)")
        let empty =
            receipt.isReturned
            ? Empty("The bank took this money back", "Nothing is left to apply.", link: link)
            : isOpen
                ? Empty("This receipt does not wait", "The next run of cash application decides it.", link: link)
                : Empty("This receipt is answered already", "Its page says how, and takes it back.", link: link)
        return panel(receipt.payerName ?? "Unknown payer", empty.html, aside: "<b>\(receipt.amount.html(withCurrency: true))</b>")
    }

    private var states: HTML {
        guard counts[1] > 0 || filter == .asked else { return "" }
        return tabs(
            "Receipts by what they wait for",
            [
                ("For a person, \(grouped(counts[0]))", "/cash", filter == .waiting),
                ("For a customer's answer, \(grouped(counts[1]))", "/cash?state=asked", filter == .asked),
            ])
    }

    private var list: HTML {
        let next: HTML =
            queue.next.map {
                "<p class=\"pager\"><a class=\"button\" rel=\"next\" href=\"\(Link("/cash", ["state": state, "after": $0.text]).text)\">Next page</a></p>"
            } ?? ""
        let currencies = Set(queue.rows.map(\.amount.currency)), lines = queue.rows.map { line($0, naming: currencies.areNamed) }
        return """
            <div><ol class="queue-list\(currencies.haveMixedFractions ? " mixed" : "")" aria-label="Receipts that wait, by money and age">\
            \(lines)</ol>\(next)</div>
            """
    }

    private var state: String? { filter == .waiting ? nil : filter.rawValue }

    /// An answer leads back to this part of the queue.
    private var here: HTML {
        let fields = [("state", state), ("after", after)].compactMap { name, value in value.map { (name, $0) } }
        return "\(fields.map { "<input type=\"hidden\" name=\"\($0.0)\" value=\"\(sent: $0.1)\">" as HTML })"
    }

    private func line(_ line: CashQueue.Line, naming isNamed: Bool) -> HTML {
        let here: HTML = line.receipt == receipt?.id ? " aria-current=\"true\"" : ""
        return """
            <li class="line"><a href="\(Link("/cash", ["state": state, "receipt": String(line.receipt.value), "after": after]).text)"\(here)>\
            <span class="payer">\(line.payer.isEmpty ? "Unknown payer" : line.payer)</span>\
            <span class="n">\(line.amount.html(withCurrency: isNamed))</span><span class="sub">\(line.reason)</span></a></li>
            """
    }

    private func head(_ receipt: ReceiptView) -> HTML {
        let asked: HTML = receipt.askedUntil.map { "<p><b>Asked</b>, to be answered by \($0.html).</p>" } ?? ""
        let why: HTML = receipt.queueReason.map { "<p><b>Why it waits:</b> \($0)</p>\(asked)" } ?? ""
        return panel(
            receipt.payerName ?? "Unknown payer",
            """
            <div class="prose"><p class="remittance">\
            \(receipt.remittance.isEmpty ? "No remittance information" : receipt.remittance)</p>\(why)</div>
            \(facts([
                ("Booked", receipt.bookedOn.html), ("Payer's account", "\(receipt.payerIBAN.map(grouped) ?? "not told")"), ("End-to-end id", "\(receipt.endToEndID ?? "–")"), ("Mandate", "\(receipt.mandateID ?? "–")"),
                ("Not applied", receipt.unapplied.html(withCurrency: true)),
            ]))
            """,
            aside: "<span><a href=\"/receipts/\(receipt.id.value)\">Receipt</a> <b>\(receipt.amount.html(withCurrency: true))</b></span>")
    }

    private func candidates(_ receipt: ReceiptView) -> HTML {
        guard !receipt.candidates.isEmpty else { return "" }
        return "<div class=\"candidates\">\(ranked(receipt).enumerated().map { candidate($1, at: $0, receipt) })</div>"
    }

    /// Those that settle the cash to the unit first, then those that settle anything; else as the engine found them.
    private func ranked(_ receipt: ReceiptView) -> [ReceiptView.Candidate] {
        func rank(_ one: ReceiptView.Candidate) -> Int { one.proposed.map { $0 == receipt.unapplied ? 0 : $0.minor > 0 ? 1 : 2 } ?? 3 }
        return receipt.candidates.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }.map(\.element)
    }

    private func candidate(_ one: ReceiptView.Candidate, at: Int, _ receipt: ReceiptView) -> HTML {
        let key = at < 9 ? String(at + 1) : ""
        // The first button is what Enter in an amount presses.
        let main = at == 0 && one.proposed != nil ? "main" : ""
        let acts: HTML =
            reader.may(.work)
            ? """
            \(button("Apply", name: "answer", value: "apply", key: key, class: main, disabled: one.proposed == nil))\
            \(button("Deduct the rest", name: "answer", value: "deduct", key: at == 0 ? "d" : "", class: "quiet", disabled: one.proposed == nil))\
            \(button("On account", name: "answer", value: "on_account", key: at == 0 ? "o" : "", class: "quiet"))
            """ : "<span></span>"
        func content() -> HTML {
            """
            <div class="candidate-head"><h3><a href="\(customerPath(one.number))">\(one.name)</a></h3>\(difference(one, receipt))\
            <span class="sub">\(one.why)</span></div>\(items(one, receipt))
            \(here)<input type="hidden" name="customer" value="\(sent: one.number)"><div class="candidate-foot">\(deductionField(one))\(acts)</div>
            """
        }
        let kind = at == 0 ? "candidate best" : "candidate"
        guard reader.may(.work) else { return "<div class=\"\(kind)\">\(content())</div>" }
        return Form(
            "/cash/\(receipt.id.value)/answer", reader, class: kind,
            sentWhen: { $0["customer"] == one.number && ["apply", "deduct", "on_account"].contains($0["answer"] ?? "apply") }, content()
        ).html
    }

    /// What the customer keeps when the rest of an item is deducted.
    private func deductionField(_ one: ReceiptView.Candidate) -> HTML {
        guard reader.may(.work), one.proposed != nil else { return "" }
        return Field("Deduction for", "code", .choice(reasonCodes), value: ReasonCode.price.rawValue).html
    }

    private func items(_ one: ReceiptView.Candidate, _ receipt: ReceiptView) -> HTML {
        guard !one.items.isEmpty else { return "<p class=\"empty\">No open item in \(receipt.amount.currency.code).</p>" }
        let rows = one.items.map { item -> HTML in
            let name = "amount.\(item.number)", value = typed(name, or: item.proposed.minor == 0 ? "" : item.proposed.decimal)
            let settles: HTML =
                reader.may(.work)
                ? """
                <input class="n" size="9" inputmode="decimal" name="\(sent: name)" value="\(sent: value)" aria-label="Settle of \(item.number)"\
                \(FaultMarks(name).attributes())>\(FaultMarks(name).words)
                """ : "\(value)"
            return """
                <tr><td><a href="\(documentPath(item.number))">\(item.number)</a><span class="sub">due \(item.dueOn.html)</span>\
                </td><td class="n">\(item.open.html())</td>\
                <td class="n">\(settles)</td></tr>
                """
        }
        return """
            <div class="scroll" tabindex="0" role="region" aria-label="Open items of \(one.name), \(one.number)">\
            <table><caption class="quiet-caption">Open items of \(one.name)</caption><thead><tr><th scope="col">Document</th>\
            <th scope="col" class="n">Open</th>\
            <th scope="col" class="n">Settle</th></tr></thead><tbody>\(rows)</tbody></table></div>
            """
    }

    /// How the proposal compares with the cash: the same, or by how much it differs.
    private func difference(_ one: ReceiptView.Candidate, _ receipt: ReceiptView) -> HTML {
        guard let proposed = one.proposed, proposed.minor > 0, proposed.currency == receipt.unapplied.currency else {
            return "<span></span>"
        }
        let rest = receipt.unapplied - proposed
        return rest.minor == 0
            ? "<span class=\"cmp-same\">✓ exact</span>" : "<span class=\"cmp-more\">\(rest.html()) left</span>"
    }

    private func furtherDocument(_ row: Int) -> HTML {
        """
        <div class="inline">\(Field("Document", "document.\(row)").html)\(Field("Amount", "settles.\(row)", .amount).html)\
        \(Field("Its customer's number", "owner.\(row)", hint: "empty: the same").html)</div>
        """
    }

    private func otherAnswers(_ receipt: ReceiptView) -> HTML {
        guard reader.may(.work) else { return "" }
        let first = ranked(receipt).first?.number ?? receipt.customerNumber ?? "", path = "/cash/\(receipt.id.value)/answer"
        func more() -> HTML {
            let posted = PostedForm.drawn
            return ["document.", "settles."].contains { posted?.isFilled(beginning: $0) == true } ? " open" : ""
        }
        let settle = Form(
            path, reader, sentWhen: { $0["answer"] == "by_hand" },
            """
            \(here)<h3>Settle by hand</h3><div class="inline">\(Field("Customer's number", "customer", isRequired: true).html)\
            \(Field("Document", "document", hint: "empty: on account").html)\
            \(Field("Amount", "amount", .amount, value: receipt.unapplied.decimal).html)\
            \(Field("Reason for settling", "reason", value: "decided by hand").html)\
            \(button("Settle", name: "answer", value: "by_hand"))</div>\
            <details\(more())><summary>More documents, of other customers too</summary>\(Self.furtherRows.map(furtherDocument))</details>
            """)
        let ask = Form(
            path, reader, sentWhen: { $0["answer"] == "ask" },
            """
            \(here)<h3>Ask the customer</h3><div class="inline">\
            \(Field("Customer's number", "customer", value: first, isRequired: true).html)\
            \(Field("Question", "question", value: "Which invoices is this payment for?", isRequired: true).html)\
            \(Field("Answer by", "answer_by", .date, value: (reader.today + 7).iso8601, isRequired: true).html)\
            \(button("Ask", name: "answer", value: "ask", key: "a"))</div>
            """)
        let aside = Form(
            path, reader, sentWhen: { $0["answer"] == "not_ours" },
            """
            \(here)<h3>Not ours</h3><div class="inline">\
            \(Field("Why it is not ours", "reason", value: "not meant for us", hint: "It waits to be returned.", isRequired: true).html)\
            \(button("Set aside", name: "answer", value: "not_ours", key: "n"))</div>
            """)
        return panel("Another answer", "\(settle.html)\(ask.html)\(aside.html)")
    }
}
