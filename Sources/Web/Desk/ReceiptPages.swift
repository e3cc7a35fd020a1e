import Domain
import Operations

/// `/receipts`: money that came in.
struct ReceiptsPage: Sendable {
    let page: ListPage<ReceiptList.Line>
    let filter: ReceiptList.Filter
    var narrowed = FilterForm(.receipts)
    let place: ListLink
    let reader: DeskReader
    /// Only programs ask for the other states: no index finds these among all receipts.
    private static let states: [ReceiptList.Filter] = [.all, .unapplied]

    var body: PageBody {
        var table = DataTable(
            "Receipts",
            [
                .exported("Receipt"), .text("Booked", sort: "date", falling: true), .text("Payer"),
                .exported("Remittance"), .text("Method"), .number("Amount", sort: "amount"),
                .text("Applied by"), .text("State"),
            ])
        table.rows = page.rows.map {
            [
                .text(String($0.id.value)), .day($0.bookedOn),
                .lines($0.payer.isEmpty ? "Unknown payer" : $0.payer, String($0.remittance.prefix(90)), to: "/receipts/\($0.id.value)"),
                .text($0.remittance), .text(words($0.method)), .money($0.amount),
                .text($0.rule.map(words) ?? ""),
                .badge(Badge(receiptRule: $0.rule, isWaiting: $0.isWaiting, isReturned: $0.isReturned)),
            ]
        }
        table.empty = empty
        table.place = place
        var body = PageBody(
            "Receipts",
            """
            \(tabs("Receipts by state", Self.states.map { (words($0.rawValue), link($0), $0 == filter) }))
            <div class="stack">\(narrowed.html(place))<div class="list-frame">\(table.html)</div></div>
            """)
        body.aside = narrowed.aside()
        body.table = table
        return body
    }

    private var empty: Empty {
        if narrowed.isNarrowed { return Empty("No receipts here", "None is as asked for.", link: ("All receipts", "/receipts")) }
        return filter == .unapplied
            ? Empty("Nothing waits", "Every receipt is applied.", link: ("All receipts", "/receipts"))
            : Empty("No receipts", "They come with bank statements.", link: reader.link("Import a statement", to: "/import", .work))
    }

    private func link(_ filter: ReceiptList.Filter) -> String {
        Link("/receipts", [(name: "state", value: filter == .all ? "" : filter.rawValue)] + narrowed.written).text
    }
}

extension Badge {
    init(receiptRule rule: String?, isWaiting: Bool, isReturned: Bool) {
        if isReturned {
            self.init("Returned", .bad)
        } else if isWaiting {
            self.init("Waits", .warn)
        } else if rule == "unapplied" {
            self.init("Taken back", .warn)
        } else if rule == "not_ours" {
            self.init("Not ours", .warn)
        } else if rule == "retold" {
            self.init("Told again", .calm)
        } else if rule != nil {
            self.init("Applied", .good)
        } else {
            self.init("New", .calm)
        }
    }
}

/// `/receipts/{id}`: one receipt and why it was applied as it was.
struct ReceiptPage: Sendable {
    let receipt: ReceiptView
    let reader: DeskReader

    var body: PageBody {
        var body = PageBody(
            receipt.payerName ?? "Receipt",
            """
            <div class="stack">\(panel("Receipt", head))\(panel("What it settled", settlements))\(panel("Why", explanations))\
            \(inquiries)\(onAccount)\(takeBack)</div>
            """
        )
        body.aside =
            "\(receipt.amount.html(withCurrency: true))\(badge.html)"
        body.crumbs = [("Receipts", "/receipts")]
        if receipt.queueReason != nil {
            body.actions = "<a class=\"button main\" href=\"/cash?receipt=\(receipt.id.value)\">Open in the queue</a>"
        }
        return body
    }

    private var head: HTML {
        let customer: HTML =
            receipt.customerNumber.map { "<a href=\"\(customerPath($0))\">\(receipt.customerName ?? $0)</a>" } ?? "not known"
        let statement: HTML =
            receipt.statement.map { "<a href=\"/statements/\($0.id)\">\($0.number.isEmpty ? "Statement" : $0.number)</a>" } ?? "–"
        return """
            <p class="remittance">\(receipt.remittance.isEmpty ? "No remittance information" : receipt.remittance)</p>\(facts([
                ("Customer", customer), ("Booked", receipt.bookedOn.html), ("Method", "\(words(receipt.method))"), ("Bank statement", statement),
                ("Payer's account", "\(receipt.payerIBAN.map(grouped) ?? "not told")"),
                ("Reference", "\(receipt.structuredReference ?? "–")"), ("End-to-end id", "\(receipt.endToEndID ?? "–")"), ("Mandate", "\(receipt.mandateID ?? "–")"), number,
                ("Not applied", receipt.unapplied.html(withCurrency: true)),
            ]))
            """
    }

    /// The number of a bank's receipt is a digest of ours, which says nothing to anybody.
    private var number: (String, HTML) {
        receipt.method == "bank" ? ("Bank's reference", "\(receipt.bankReference ?? "–")") : ("Number", "\(receipt.externalID)")
    }

    private var settlements: HTML {
        var table = DataTable("What it settled", [.text("Day"), .text("Document"), .text("Rule"), .number("Amount")])
        table.rows = receipt.settlements.map { one in
            let document =
                documentPath(kind: one.kind, one.document).map { DataTable.Cell.link(one.document, to: $0) }
                ?? .text("\(words(one.kind)) \(one.document)")
            return [.day(one.on), document, .text(words(one.rule)), .money(one.amount)]
        }
        table.empty = Empty("Nothing yet", receipt.queueReason ?? "It was not applied to any document.")
        return table.html
    }

    private var explanations: HTML {
        guard !receipt.applications.isEmpty else { return "<p class=\"muted\">\(receipt.queueReason ?? "Not decided yet.")</p>" }
        return "<div class=\"prose\">\(receipt.applications.map(explanation))</div>"
    }

    private func explanation(_ one: ReceiptView.Application) -> HTML {
        let certificate: HTML =
            one.certificate.map { "<details><summary>Certificate</summary><pre class=\"remittance\">\($0)</pre></details>" } ?? ""
        return "<p>\(Badge(words(one.rule), one.isReversal ? .warn : .good).html) \(one.on.html): \(one.explanation)</p>\(certificate)"
    }

    private var inquiries: HTML {
        guard !receipt.inquiries.isEmpty else { return "" }
        let asked = receipt.inquiries.map { one -> HTML in
            "<p>\(one.askedOn.html): \(one.customer) was asked “\(one.question)”, to answer by \(one.answerBy.html).</p>"
        }
        return panel("Asked", "<div class=\"prose\">\(asked)</div>")
    }

    /// What stands on the customer's account settles a document later.
    private var onAccount: HTML {
        guard reader.may(.work), receipt.queueReason == nil, receipt.unapplied.minor > 0, receipt.customerNumber != nil else { return "" }
        return panel(
            "On account",
            Form(
                "/receipts/\(receipt.id.value)/apply-from-account", reader,
                """
                <div class="inline">\
                \(Field("Document", "document", isRequired: true).html)\
                \(Field("Amount", "amount", .amount, value: receipt.unapplied.decimal, isRequired: true).html)\
                \(Field("Reason", "reason", isRequired: true).html)\(button("Apply"))</div>
                """
            ).html)
    }

    private var badge: Badge {
        Badge(receiptRule: receipt.applications.last?.rule, isWaiting: receipt.queueReason != nil, isReturned: receipt.isReturned)
    }

    private var takeBack: HTML {
        guard reader.may(.work), !receipt.isReturned, let last = receipt.applications.last, last.rule != "unapplied", last.rule != "retold"
        else { return "" }
        let isAside = last.rule == "not_ours"
        let hint = isAside ? "It waits in the queue again." : "Its invoices are open again; both histories stay."
        let title = isAside ? "It is ours after all" : "Take the application back"
        return panel(
            "Take back",
            Form(
                "/receipts/\(receipt.id.value)/unapply", reader,
                """
                <div class="inline">\
                \(Field("Reason", "reason", hint: hint, isRequired: true).html)\(button(title))</div>
                """
            ).html)
    }
}

/// `/statements`: what the bank sent.
struct StatementsPage: Sendable {
    let page: ListPage<StatementList.Line>
    var narrowed = FilterForm(.statements)
    let place: ListLink
    let reader: DeskReader

    var body: PageBody {
        var table = DataTable(
            "Bank statements",
            [
                .text("Statement"), .exported("Made on"), .text("Account"), .text("Format"), .number("Opening"),
                .number("Closing"),
                .text("State"),
            ])
        table.rows = page.rows.map { line in
            [
                .lines(line.number.isEmpty ? "Statement" : line.number, line.createdOn?.words ?? "", to: "/statements/\(line.id)"),
                line.createdOn.map { .day($0) } ?? .none, .account(line.account), .text(line.format),
                line.opening.map { .money($0) } ?? .none, line.closing.map { .money($0) } ?? .none,
                .badge(line.findings.isEmpty ? Badge("Adds up", .good) : Badge("Findings", .warn)),
            ]
        }
        let importing = reader.link("Import", to: "/import", .work)
        table.empty =
            narrowed.isNarrowed
            ? Empty("No statements here", "None is as asked for.", link: ("All statements", "/statements"))
            : Empty("No statements", "Import what your bank sends: camt.053, camt.054, camt.052.", link: importing)
        table.place = place
        var body = PageBody(
            "Bank statements", "<div class=\"stack\">\(narrowed.html(place))<div class=\"list-frame\">\(table.html)</div></div>")
        body.table = table
        return body
    }
}

/// `/statements/{id}`: one statement, entry by entry.
struct StatementPage: Sendable {
    let view: StatementView
    let place: ListLink

    var body: PageBody {
        let statement = view.statement
        var table = DataTable(
            "Entries",
            [
                .text("Booked"), .text("Entry"), .exported("Remittance"), .text("Reference"), .number("Amount"),
                .text("State"),
            ])
        table.rows = view.entries.map { entry in
            [
                .day(entry.bookedOn),
                .lines(
                    entry.payer ?? (entry.amount.minor < 0 ? "Money out" : "Movement"), String((entry.remittance ?? "").prefix(90)),
                    to: entry.receipt.map { "/receipts/\($0.value)" }),
                .text(entry.remittance ?? ""), .text(entry.reference ?? ""), .money(entry.amount),
                .badge(
                    entry.returnReason.map { Badge("Return \($0)", .bad) }
                        ?? (entry.receipt == nil
                            ? Badge("Bank clearing", .calm)
                            : Badge(receiptRule: entry.rule, isWaiting: entry.isWaiting, isReturned: entry.isReturned))),
            ]
        }
        table.place = place
        let findings: HTML =
            statement.findings.isEmpty
            ? "" : "<div class=\"notice bad\">\(statement.findings.split(separator: "\n").map { "<p>\(String($0))</p>" as HTML })</div>"
        var body = PageBody(
            statement.number.isEmpty ? "Statement" : statement.number,
            """
            <div class="stack">\(findings)\(panel("Statement", facts([
                ("Account", "\(grouped(statement.account))"), ("Format", "\(statement.format)"), ("Made on", statement.createdOn.map(\.html) ?? "–"),
                ("Opening balance", statement.opening?.html(withCurrency: true) ?? "–"), ("Closing balance", statement.closing?.html(withCurrency: true) ?? "–"),
            ])))<div class="list-frame">\(table.html)</div></div>
            """)
        body.crumbs = [("Bank statements", "/statements")]
        body.aside = (statement.findings.isEmpty ? Badge("Adds up", .good) : Badge("Findings", .warn)).html
        body.table = table
        return body
    }
}
