import Domain
import Operations

/// `/`: the cash, what needs a person, what ran.
struct TodayPage: Sendable {
    let today: Today
    let reader: DeskReader
    /// What waits for a second person, the oldest first; empty for a reader who may not decide.
    var approvals: [ApprovalRequest] = []

    var body: PageBody {
        var body = PageBody(
            "Today",
            """
            <div class="stack">\(today.positions.map(position))\(today.positions.isEmpty ? empty : "")\(waiting)
            <div class="columns">\(receipts)\(orders)</div><div class="columns">\(overdue)\(machine)</div></div>
            """)
        body.aside = "<span class=\"muted\">\(today.on.html)</span>"
        return body
    }

    private var waiting: HTML {
        guard !approvals.isEmpty else { return "" }
        var table = DataTable("Requests that wait for a second person", [.text("What"), .text("Asked by"), .text("When")])
        table.rows = approvals.map {
            [.lines($0.why, $0.values("reason").first ?? "", to: "/approvals"), .text($0.askedName), .instant($0.askedAt)]
        }
        return panel("Waits for a second person", table.html, aside: more(reader.approvalCount ?? 0, "/approvals"))
    }

    private var empty: HTML {
        Empty(
            "The books are empty", "Import orders, open items or a bank statement to begin.",
            link: reader.link("Import", to: "/import", .work)
        ).html
    }

    private func position(_ position: Today.Position) -> HTML {
        let aging = position.receivables, overdueCount = aging.counts.dropFirst().reduce(0, +)
        let items = counted(aging.counts.reduce(aging.creditCount, +), "open item") + (aging.creditCount > 0 ? ", credits set off" : "")
        let late = documentsLink(.overdue, aging.currency, asOf: nil, knownAt: nil)
        return """
            <div class="cards">\(card("Bank", position.bank.html(withCurrency: true), note: "\(feedNote)", to: "/statements"))\
            \(card("Owed to us", aging.total.html(withCurrency: true), note: "\(items)", to: "/figures/aging"))\
            \(card("Past due", aging.overdue.html(withCurrency: true), note: "\(share(aging)) · \(counted(overdueCount, "item"))", to: late))\
            \(card("Cash not applied", position.unapplied.html(withCurrency: true), note: "\(waitingNote(position.unapplied.currency))", to: "/cash"))</div>
            """
    }

    /// All that the number beside it is of.
    private func waitingNote(_ currency: Currency) -> String {
        let count = today.waiting(in: currency)
        return counted(count.waiting, "receipt waits", "receipts wait") + (count.asked > 0 ? ", \(grouped(count.asked)) asked about" : "")
    }

    private var feedNote: String {
        guard let oldest = today.feeds.map(\.through).min() else { return "no statement yet" }
        return "statements through \(oldest.words)"
    }

    /// Of the number beside it: credits set off.
    private func share(_ aging: AgingRow) -> String {
        guard aging.total.minor > 0 else { return aging.overdue.minor > 0 ? "credits outweigh" : "nothing owed" }
        return "\(Int128(aging.overdue.minor) * 100 / Int128(aging.total.minor)) % of what is owed"
    }

    private var receipts: HTML {
        var table = DataTable("Receipts that wait for a person", [.text("Payer"), .text("Why"), .number("Amount")])
        table.rows = today.receipts.map {
            [
                .lines($0.payer.isEmpty ? "Unknown payer" : $0.payer, $0.remittance, to: "/cash?receipt=\($0.receipt.value)"),
                .quiet($0.reason), .money($0.amount),
            ]
        }
        table.empty = Empty("The queue is clear", "Every receipt found its invoices.")
        return panel("Cash to apply", table.html, aside: more(today.receiptCount, "/cash"))
    }

    private var orders: HTML {
        var table = DataTable("Orders on hold", [.text("Order"), .text("Why"), .number("Gross")])
        table.rows = today.orders.map {
            [.lines($0.number, $0.customerName, to: "/orders/\($0.id.value)"), .quiet($0.reason ?? ""), .money($0.gross)]
        }
        table.empty = Empty("No order is held", "Every order is within its customer's credit limit.")
        return panel("Orders on hold", table.html, aside: more(today.orderCount, "/orders?state=held"))
    }

    private var overdue: HTML {
        var table = DataTable("Customers past due", [.text("Customer"), .text("Oldest"), .number("Past due")])
        table.rows = today.overdue.map {
            [.lines($0.name, notice($0), to: customerPath($0.number)), .overdueDays(today.on - $0.oldestDueOn), .money($0.overdue)]
        }
        table.empty = Empty("Nobody is late", "No item is past its due day.")
        return panel("Largest past due", table.html, aside: "<a href=\"/collections\">Worklist</a>")
    }

    private func notice(_ line: CollectionsWorklist.Line) -> String {
        let text = line.lastNotice.map { "notice \($0.level) on \($0.on.words)" } ?? "no notice yet"
        return line.hasAddress ? text : "\(text), no address"
    }

    private var machine: HTML {
        var table = DataTable("What ran", [.text("Run"), .text("Day"), .text("State")])
        table.rows = today.jobs.map { [.text(RunsPage.title($0)), .day($0.on), .badge(Badge(job: $0.state))] }
        table.empty = Empty("Nothing ran yet", "The day's runs appear here.", link: ("Runs", "/runs"))
        let mail = today.mail,
            dead: HTML =
                mail.dead == 0
                ? ""
                : """
                <p><a href="/mail">\(Badge(counted(mail.dead, "message") + " could not be sent", .bad).html)</a> \
                \(mail.lastError ?? "")</p>
                """
        let waiting: HTML = mail.waiting == 0 ? "" : "<p class=\"muted\">\(counted(mail.waiting, "message")) on the way out.</p>"
        let resting = today.restingWebhooks.map {
            """
            <p>\(Badge("Webhook rests", .bad).html) \($0.url) is told nothing any more: \($0.lastError ?? "it failed too often"). \
            Replay \(PrefixedID.text("whk", $0.id.value)) once it answers.</p>
            """ as HTML
        }
        return panel("What ran and what failed", "\(resting)\(dead)\(waiting)\(table.html)", aside: "<a href=\"/runs\">Runs</a>")
    }

    private func more(_ count: Int, _ path: String) -> HTML {
        "<a href=\"\(path)\">\(count > Today.limit ? "All \(grouped(count))" : "Open")</a>"
    }
}

extension Badge {
    init(job state: String) {
        switch state {
        case "done": self.init("Done", .good)
        case "running": self.init("Running", .info)
        case "failed", "dead": self.init("Failed", .bad)
        default: self.init(words(state), .calm)
        }
    }
}

func customerPath(_ number: String) -> String { "/customers/\(Link.encoded(number))" }

/// A customer's page as of the same moment; nil is now.
func customerPath(_ number: String, at past: ReportMoment?) -> String {
    Link(customerPath(number), ["as_of": past?.asOf.iso8601, "known_at": past?.knownAt?.iso8601]).text
}
func documentPath(_ number: String) -> String { "/invoices/\(Link.encoded(number))" }

/// The page of a document among the items; nil for an item that is none.
func documentPath(kind: String, _ number: String) -> String? {
    ["invoice", "credit_note", "opening"].contains(kind) ? documentPath(number) : nil
}
